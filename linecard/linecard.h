/*
 * One packet processor of a line card: the ingress (iPPA) or the egress one
 * (ePPA). The only public header of this program: for main.c and for the
 * threads of an inproc run.
 */
#ifndef LINECARD_H
#define LINECARD_H

#include <stdbool.h>
#include <stdint.h>

struct bus;
struct stats;

struct linecard_args {
	unsigned slot; /* 1 .. 14 */
	bool egress;   /* the ePPA */
	uint32_t epoch;
	uint32_t buffers;         /* of its packet pool, by value */
	int pools_fd;             /* as in bp_link.h; borrowed */
	struct bus *bus;          /* borrowed */
	const char *endpoint;     /* of the chassis's control socket */
	struct stats *stats;      /* mapped; borrowed */
	const volatile int *quit; /* set by a signal, or NULL */
};

/* Until the chassis says so, quit is set or the chassis is gone. 0 or -errno.
 */
int linecard_run(const struct linecard_args *args);

#endif
