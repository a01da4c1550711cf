/*
 * The decisions of a line card on vectors, for C++ tests: tables filled by rows
 * as the controller sends them, packets pushed one by one, a step, results.
 */
#ifndef LC_SHIM_H
#define LC_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lc_shim_circuit_kind { LC_SHIM_PORT = 1, LC_SHIM_PVC, LC_SHIM_TUNNEL };
enum lc_shim_adj_kind {
	LC_SHIM_NULL = 1,
	LC_SHIM_LOCAL,
	LC_SHIM_FORWARD,
	LC_SHIM_ATTACHED,
	LC_SHIM_INTO_TUNNEL,
	LC_SHIM_DOWN
};
enum lc_shim_flag {
	LC_SHIM_PROTECT = 1,
	LC_SHIM_SEALED = 2,
	LC_SHIM_LOOPED = 4,
	LC_SHIM_OPENED = 8,
	LC_SHIM_ECONOMICAL = 16
};

#define LC_SHIM_NO_STAGE 0xffff

struct lc_shim_circuit {
	uint32_t id;
	int kind;
	int up;
	int bound;
	int economical;
	unsigned slot;
	unsigned port;
	unsigned vlan;
	unsigned mtu;
	unsigned asp;
	uint32_t context;
	uint8_t mac[6];
};

struct lc_shim_packet {
	uint32_t circuit_in;
	uint32_t circuit_out;
	uint32_t handle;
	unsigned flags;
};

struct lc_shim_result {
	const char *fate; /* "go", or the drop's name */
	unsigned to;      /* stage, ingress only */
	int loop;         /* egress only */
	struct lc_shim_packet packet;
	const uint8_t *octets;
	unsigned len;
};

struct lc_shim;

struct lc_shim *lc_shim_new(unsigned slot);
void lc_shim_free(struct lc_shim *shim);

int lc_shim_put_circuit(struct lc_shim *shim, const struct lc_shim_circuit *c);
int lc_shim_circuit_delete(struct lc_shim *shim, uint32_t id);
int lc_shim_adj(struct lc_shim *shim, uint32_t id, int kind, uint32_t circuit,
		uint32_t next_hop, unsigned stage);
int lc_shim_route(struct lc_shim *shim, uint32_t context, uint32_t prefix,
		  unsigned len, uint32_t adj);
int lc_shim_homing(struct lc_shim *shim, uint32_t context, uint32_t spi,
		   uint32_t dst, uint32_t circuit, unsigned asp);
/* A row of a table that line cards do not keep. */
int lc_shim_sa(struct lc_shim *shim);

/* Forgets the packets of before. */
void lc_shim_clear(struct lc_shim *shim);
void lc_shim_frame(struct lc_shim *shim, unsigned link, const uint8_t *octets,
		   unsigned caplen, unsigned len, int strict_mac);
void lc_shim_put_packet(struct lc_shim *shim, const uint8_t *octets,
			unsigned len, const struct lc_shim_packet *packet);
/* Puts the packet pushed last this near to the beginning of its buffer. */
void lc_shim_headroom(struct lc_shim *shim, unsigned octets);

void lc_shim_receive(struct lc_shim *shim);
void lc_shim_opened(struct lc_shim *shim);
void lc_shim_looped(struct lc_shim *shim);
void lc_shim_egress(struct lc_shim *shim);

void lc_shim_get_result(const struct lc_shim *shim, unsigned i,
			struct lc_shim_result *result);

unsigned lc_shim_stage(unsigned slot, const char *role);
uint16_t lc_shim_cksum(const uint8_t *octets, size_t n);
/* Does f for every record of a capture; -1 when it can not be opened. */
int lc_shim_capture(const char *path,
		    void (*f)(void *arg, unsigned link, const uint8_t *octets,
			      unsigned caplen, unsigned len),
		    void *arg);

#ifdef __cplusplus
}
#endif

#endif
