/*
 * One Advanced Services Processor (ASP) of an ASE card. The only public header
 * of this program: for main.c and for the threads of an inproc run.
 */
#ifndef ASECARD_H
#define ASECARD_H

#include <stdint.h>

struct bus;
struct stats;

struct asecard_args {
	unsigned slot; /* 1 .. 14 */
	unsigned asp;  /* 1 or 2 */
	uint32_t epoch;
	uint32_t buffers;         /* of its packet pool, by value */
	int pools_fd;             /* as in bp_link.h; borrowed */
	const char *engine;       /* "openssl", "ipsec-mb" or "auto" */
	struct bus *bus;          /* borrowed */
	const char *endpoint;     /* of the chassis's control socket */
	struct stats *stats;      /* mapped; borrowed */
	const volatile int *quit; /* set by a signal, or NULL */
};

/* Until the chassis says so, quit is set or the chassis is gone. 0 or -errno.
 */
int asecard_run(const struct asecard_args *args);

#endif
