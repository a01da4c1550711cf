/* A C face of ipsec/ for C++ tests: one ASP's ESP, without the ASP. */
#ifndef ESP_SHIM_H
#define ESP_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct esp_shim;

struct esp_shim_sa {
	uint32_t id, context, spi, src, dst;
	int outbound;
	const char *enc, *auth;
	const uint8_t *enc_key, *auth_key;
	unsigned enc_key_octets, auth_key_octets;
	int esn;
	unsigned window;
	uint64_t first, granted;
	int seeded;
	uint64_t seed;
	int df; /* 0 copy, 1 set, 2 clear */
	uint8_t dscp, ttl, protocol;
	const char *src6, *dst6; /* instead of src and dst, or NULL */
	uint32_t bundle;         /* id of the SA beside it */
	int transport, udp, ecn_compat;
	uint16_t udp_local, udp_remote, tfc, mtu;
	uint32_t flow; /* 0: copied; else label + 1 */
	/* limits of its life, 0: none; its birth, 0: with the first packet */
	uint64_t soft_ns, hard_ns, soft_octets, hard_octets, born_ns, used;
};

struct esp_shim *esp_shim_new(void);
void esp_shim_free(struct esp_shim *s);

int esp_shim_install(struct esp_shim *s, const struct esp_shim_sa *sa);
int esp_shim_delete(struct esp_shim *s, uint32_t id);
int esp_shim_grant(struct esp_shim *s, uint32_t id, uint64_t until);
/* id of the next SA that wants numbers, -1: none */
int64_t esp_shim_want(struct esp_shim *s);
/* id of the next SA with events, and which; -1: none */
int64_t esp_shim_event(struct esp_shim *s, unsigned *events);
/* the machine's clock, for SAs with a time of birth */
void esp_shim_clock(struct esp_shim *s, uint64_t ns);
/* the clock that packets added from now on carry */
void esp_shim_time(struct esp_shim *s, uint64_t ns);
/* 1 when sad_find_in() gives that SA, 0 when another or none */
int esp_shim_finds(struct esp_shim *s, uint32_t context, uint32_t spi,
		   uint32_t dst, uint8_t protocol, uint32_t id);
unsigned esp_shim_count(const struct esp_shim *s);
/* by the counter's short name */
uint64_t esp_shim_counter(struct esp_shim *s, uint32_t id, const char *name);

/* The vector: cleared, filled, sealed or opened, looked at. */
void esp_shim_clear(struct esp_shim *s);
void esp_shim_add(struct esp_shim *s, uint32_t sa_or_context,
		  const uint8_t *octets, unsigned len);
/* The same, at an offset of the buffer. */
void esp_shim_add_at(struct esp_shim *s, uint32_t sa_or_context,
		     const uint8_t *octets, unsigned len, unsigned off);
/* Where the packet lies in its buffer, and how long it says it is. */
void esp_shim_lie(struct esp_shim *s, unsigned i, unsigned off, unsigned len);
void esp_shim_lie_buf(struct esp_shim *s, unsigned i, uint8_t pool,
		      uint32_t buf);
void esp_shim_set_fate(struct esp_shim *s, unsigned i, unsigned fate);
/* As an ASP does: ESP, then AH; and AH, then ESP. */
unsigned esp_shim_seal(struct esp_shim *s);
unsigned esp_shim_open(struct esp_shim *s);
/* "go", or the name of the drop */
const char *esp_shim_fate(const struct esp_shim *s, unsigned i);
const uint8_t *esp_shim_data(const struct esp_shim *s, unsigned i,
			     unsigned *len);
int64_t esp_shim_found(const struct esp_shim *s, unsigned i);
int esp_shim_sealed(const struct esp_shim *s, unsigned i);
int esp_shim_opened(const struct esp_shim *s, unsigned i);

/*
 * An ESP packet around any text, trailer included, sealed by an outbound SA
 * with a number of the caller's: what a peer, or an attacker with the key, may
 * send. Returns its octets.
 */
unsigned esp_shim_craft(struct esp_shim *s, uint32_t id, uint64_t seq,
			uint8_t tos, const uint8_t *text, unsigned len,
			uint8_t *packet);

unsigned esp_shim_buf_octets(void);

/* esp_size.h, for the SA of that id and its bundle. */
unsigned esp_shim_outer_octets(struct esp_shim *s, uint32_t id, unsigned inner);
unsigned esp_shim_inner_max(struct esp_shim *s, uint32_t id, unsigned outer);

#ifdef __cplusplus
}
#endif

#endif
