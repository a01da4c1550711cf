/* Frames, links and pools for C++ tests: plain types and opaque pointers. */
#ifndef BP_SHIM_H
#define BP_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { BP_SHIM_IPC, BP_SHIM_TCP, BP_SHIM_INPROC };

enum {
	BP_SHIM_HDR_OCTETS = 16,
	BP_SHIM_DESC_OCTETS = 56,
	BP_SHIM_BUF_OCTETS = 9664
};

struct bus;
struct bp_shim;

struct bp_shim_pkt {
	uint64_t time_ns;
	uint64_t order_ns;
	uint32_t index;
	uint32_t circuit_in;
	uint32_t circuit_out;
	uint32_t handle;
	uint16_t flags;
	uint16_t off;
	uint16_t len;
	uint8_t hop;
};

/* A bus: with keys where the transport is tcp. sharing: NULL or a bus. */
struct bus *bp_shim_bus_new(int transport, const char *dir,
			    struct bus *sharing);
void bp_shim_bus_free(struct bus **bus);

/* NULL when it can not be had. */
struct bp_shim *bp_shim_new(struct bus *bus, unsigned stage, uint32_t epoch,
			    uint32_t buffers);
void bp_shim_free(struct bp_shim **shim);

int bp_shim_listen(struct bp_shim *shim, unsigned from, uint32_t epoch,
		   char endpoint[160]);
int bp_shim_connect(struct bp_shim *shim, unsigned to, const char *endpoint);
bool bp_shim_connected(const struct bp_shim *shim, unsigned to);
void bp_shim_close_in(struct bp_shim *shim, unsigned from);
/* Packets that came back; their buffers are freed. */
unsigned bp_shim_close_out(struct bp_shim *shim, unsigned to);
void bp_shim_set_generation(struct bp_shim *shim, uint32_t generation);

/* Makes a packet whose octets follow from its index; false: no buffer. */
bool bp_shim_put(struct bp_shim *shim, unsigned to,
		 const struct bp_shim_pkt *pkt);
void bp_shim_flush(struct bp_shim *shim);
/* Packets now held (to be forwarded or freed), 0, or a negative errno. */
int bp_shim_take(struct bp_shim *shim, unsigned from);
/* What is held; *intact: its octets are those that bp_shim_put() made. */
struct bp_shim_pkt bp_shim_held(const struct bp_shim *shim, unsigned i,
				bool *intact);
/* Each held packet must go one of these ways. */
void bp_shim_forward(struct bp_shim *shim, unsigned i, unsigned to);
void bp_shim_end(struct bp_shim *shim, unsigned i);
/* Sleeps for what bp_poll_items() says; false when the time was up. */
bool bp_shim_wait(struct bp_shim *shim, long timeout_ms);
bool bp_shim_waiting(const struct bp_shim *shim);

uint32_t bp_shim_buffers_free(struct bp_shim *shim);
uint64_t bp_shim_sent(const struct bp_shim *shim, unsigned to);
uint64_t bp_shim_sent_octets(const struct bp_shim *shim, unsigned to);
uint64_t bp_shim_sent_frames(const struct bp_shim *shim, unsigned to);
uint64_t bp_shim_received(const struct bp_shim *shim, unsigned from);
uint64_t bp_shim_received_octets(const struct bp_shim *shim, unsigned from);
uint64_t bp_shim_bad(const struct bp_shim *shim);

/* By reference: shared pools come over pools_fd, which stays the caller's. */
struct bp_shim *bp_shim_new_ref(struct bus *bus, unsigned stage, uint32_t epoch,
				int pools_fd);
/* The link to an ASP or a successor: epoch of the receiver. */
int bp_shim_connect_to(struct bp_shim *shim, unsigned to, uint32_t epoch,
		       const char *endpoint);
int bp_shim_pair(int *ours, int *theirs);
int bp_shim_offer(int fd, unsigned number, uint32_t buffers, int pool_fd);
void bp_shim_collect(struct bp_shim *shim);
uint32_t bp_shim_reclaim(struct bp_shim *shim, unsigned stage, uint32_t epoch);
/* Inverts the octets of a held packet where they lie. */
void bp_shim_invert(struct bp_shim *shim, unsigned i);

/* A frame of one descriptor without octets. */
size_t bp_shim_frame_ref(unsigned from, uint32_t epoch, unsigned pool,
			 uint32_t buf, uint16_t len, uint8_t *out,
			 size_t out_octets);

/* A shared pool alone: its memory, and one stage's view of it. */
struct bp_shim_view;
/* A descriptor, or a negative errno. */
int bp_shim_pool_make(uint32_t buffers);
/* NULL and *error: refused. */
struct bp_shim_view *bp_shim_pool_map(unsigned number, uint32_t buffers, int fd,
				      unsigned stage, int *error);
void bp_shim_pool_free(struct bp_shim_view **pool);
int64_t bp_shim_pool_alloc(struct bp_shim_view *pool); /* -1: none */
void bp_shim_pool_hold(struct bp_shim_view *pool, uint32_t buf, unsigned stage,
		       uint32_t epoch);
void bp_shim_pool_travel(struct bp_shim_view *pool, uint32_t buf, unsigned from,
			 uint32_t from_epoch, unsigned to, uint32_t to_epoch);
void bp_shim_pool_return(struct bp_shim_view *pool, uint32_t buf);
/* Claims to have returned more than it did. */
void bp_shim_pool_lie(struct bp_shim_view *pool, uint32_t more);
void bp_shim_pool_publish(struct bp_shim_view *pool);
uint32_t bp_shim_pool_collect(struct bp_shim_view *pool);
uint32_t bp_shim_pool_reclaim(struct bp_shim_view *pool, unsigned stage,
			      uint32_t epoch);
uint32_t bp_shim_pool_nfree(const struct bp_shim_view *pool);
uint32_t bp_shim_pool_away(const struct bp_shim_view *pool);

/* A socket that sends any octets to an endpoint. */
struct bus_sock;
struct bus_sock *bp_shim_raw_open(struct bus *bus, const char *endpoint);
int bp_shim_raw_send(struct bus_sock *raw, const void *octets, size_t n);
void bp_shim_raw_close(struct bus_sock **raw);

/* A frame of n packets of these lengths; octets written, 0: out is small. */
size_t bp_shim_frame(unsigned from, uint32_t epoch, const uint16_t *len,
		     unsigned n, uint8_t *out, size_t out_octets);
/* The same by reference, descriptors alone. */
size_t bp_shim_frame_columns(unsigned from, uint32_t epoch, const uint16_t *len,
			     unsigned n, uint8_t *out, size_t out_octets);
/* Fields, and pairs of them, that a frame in which they differ gives back
 * otherwise; ~0: no memory. */
unsigned bp_shim_columns_lost(void);
/* Packets, or a negative errno. The octets are at the end of their memory. */
int bp_shim_read(const uint8_t *octets, size_t n);
unsigned bp_shim_claims(const uint8_t *octets, size_t n);

/* Of the pool alone: what bp_pool_init() says. */
int bp_shim_pool(unsigned number, uint32_t buffers);

#ifdef __cplusplus
}
#endif

#endif
