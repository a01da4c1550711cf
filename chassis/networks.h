/*
 * The connected networks of a context, of both families: which interface a next
 * hop is on. For routes.c.
 */
#ifndef NETWORKS_H
#define NETWORKS_H

#include "running.h"

struct network {
	struct ip_addr first;
	unsigned len;
	size_t interface; /* index in struct tables */
};

struct networks {
	struct network *rows;
	size_t n;
};

/*
 * Those of the interfaces from index from on; free(nets->rows) afterwards,
 * whatever is returned. -ENOMEM.
 */
int networks_collect(const struct tables *t, size_t from,
		     struct networks *nets);

/* NULL: on none of them. */
const struct running_interface *networks_find(const struct tables *t,
					      const struct networks *nets,
					      const struct ip_addr *addr);

#endif
