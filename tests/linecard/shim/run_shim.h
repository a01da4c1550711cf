/*
 * A whole processor of a line card in a thread, around it the chassis and the
 * neighbours of fake_chassis.h. The ingress one is 2/ippa, whose own ePPA is
 * the neighbour 2/eppa; the egress one is 1/eppa, whose own iPPA is 1/ippa.
 *
 * Tables: circuits 1 and 2 are the ports 1 and 2, circuit 3 a circuit-based
 * tunnel; 10/8 leaves by port 2, everything else has no route.
 */
#ifndef RUN_SHIM_H
#define RUN_SHIM_H

#include "fake_chassis.h"

#ifdef __cplusplus
extern "C" {
#endif

struct run_shim;

struct run_shim_ahead {
	uint32_t packets;
	uint64_t next_ns;
	uint64_t limit_ns;
	int error;
	int ended;
	char sentence[FAKE_TAIL + 1];
};

/* NULL when it did not start or took no tables. */
struct run_shim *run_shim_new(int egress);
/* What the processor returned. */
int run_shim_end(struct run_shim **shim);
struct fake *run_shim_fake(struct run_shim *shim);

/* 0, or the -errno of OPENED; sentence (of FAKE_TAIL + 1 octets) or NULL. */
int run_shim_open(struct run_shim *shim, unsigned port, int transmit,
		  const char *path, char *sentence);
/* False: no answer, or for another round. */
int run_shim_admit(struct run_shim *shim, uint32_t round, uint32_t per_card,
		   uint64_t until_ns, struct run_shim_ahead *ahead);
int run_shim_flush(struct run_shim *shim, uint32_t round);
/* 0, or the -errno of CLOSED. */
int run_shim_close(struct run_shim *shim);

/* A capture of raw IP packets; times are given, octets are those of ip. */
int run_shim_capture(const char *path, const uint64_t *time_ns, unsigned n,
		     const uint8_t *ip, unsigned len);

uint64_t run_shim_received(struct run_shim *shim);
uint64_t run_shim_transmitted(struct run_shim *shim);
uint64_t run_shim_port_rx(struct run_shim *shim, unsigned port);
uint64_t run_shim_port_tx(struct run_shim *shim, unsigned port);
uint64_t run_shim_circuit_out(struct run_shim *shim, unsigned circuit);
uint64_t run_shim_no_route(struct run_shim *shim);
uint64_t run_shim_clear_leak(struct run_shim *shim);

#ifdef __cplusplus
}
#endif

#endif
