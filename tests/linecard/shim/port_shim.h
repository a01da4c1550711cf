/*
 * A port with a small pool for C++ tests; its far ends are capture files, or a
 * list of frames in memory that may end in an error.
 */
#ifndef PORT_SHIM_H
#define PORT_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct port_shim;

#define PORT_SHIM_NO_TIME UINT64_MAX

struct port_shim_staged {
	uint64_t time_ns;
	uint64_t order_ns;
	uint32_t index;
	uint32_t len;
	uint32_t wire_len;
	int bare;
	const uint8_t *octets;
};

struct port_shim *port_shim_new(unsigned buffers);
void port_shim_free(struct port_shim *shim);

/*
 * Frames that the port receives, one call each, then how they end: 0, -errno.
 */
void port_shim_frame(struct port_shim *shim, uint64_t time_ns, uint32_t len);
void port_shim_receive(struct port_shim *shim, int end);
int port_shim_receive_file(struct port_shim *shim, const char *path);

int port_shim_fill(struct port_shim *shim, unsigned per_port);
/* 0: nothing is staged. */
int port_shim_first(struct port_shim *shim, struct port_shim_staged *staged);
/* The first frame leaves the stage; its buffer goes back to the pool. */
void port_shim_shift(struct port_shim *shim);
uint64_t port_shim_next_ns(const struct port_shim *shim);
uint64_t port_shim_limit_ns(const struct port_shim *shim);
int port_shim_ended(const struct port_shim *shim);
int port_shim_error(const struct port_shim *shim);
const char *port_shim_why(const struct port_shim *shim);

int port_shim_send_file(struct port_shim *shim, const char *path, int pcapng);
/*
 * A frame whose octets are all its index; its round, port clock, capture time.
 */
int port_shim_write(struct port_shim *shim, uint32_t round, uint64_t order_ns,
		    uint32_t index, uint64_t time_ns, unsigned len);
/* Both directions over a socket pair, whose other end is returned, the
 * caller's; headers: 1 as on a lab's wire. */
int port_shim_wire(struct port_shim *shim, int headers);
/* What the far end reads next: 1 and its frame, journey and time; or the rc. */
int port_shim_wire_read(struct port_shim *shim, uint64_t *trace,
			uint64_t *time_ns, const uint8_t **frame,
			unsigned *octets);
int port_shim_wire_write(struct port_shim *shim, uint64_t trace,
			 uint64_t time_ns, unsigned len);
int port_shim_flush(struct port_shim *shim, uint32_t round);
int port_shim_close(struct port_shim *shim);

#ifdef __cplusplus
}
#endif

#endif
