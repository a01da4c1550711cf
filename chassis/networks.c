/*
 * Networks sorted by address, so that one is found by halving. Those of two
 * interfaces do not overlap (a rule of the schema); one inside another of the
 * same interface tells nothing new and is left out.
 */
#include "networks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
network_compare(const void *a, const void *b)
{
	const struct network *x = a;
	const struct network *y = b;
	int c = memcmp(&x->first, &y->first, sizeof(x->first));

	return c != 0 ? c : (int)x->len - (int)y->len;
}

static int
network_add(struct networks *nets, struct ip_addr addr, unsigned len, size_t i)
{
	struct network row = {
	    .first = ip_addr_mask(&addr, len), .len = len, .interface = i};

	return DERIVE_PUSH(nets->rows, nets->n, &row) == 0 ? 0 : -ENOMEM;
}

/* Every address of an interface, of a kind of child. */
static int
networks_of(struct networks *nets, const struct cfg_obj *interface,
	    enum cfg_kind kind, enum cfg_field field, size_t i)
{
	const struct cfg_obj *obj;
	struct cfg_iter it;
	int err = 0;

	for (obj = cfg_first(&it, interface, kind); obj != NULL && err == 0;
	     obj = cfg_next(&it)) {
		struct cfg_net net = cfg_net(obj, field);

		err = network_add(nets, net.addr, net.len, i);
	}
	return err;
}

static void
networks_widest(struct networks *nets)
{
	size_t n = 0;

	for (size_t i = 0; i < nets->n; i++) {
		const struct network *wide = n == 0 ? NULL : &nets->rows[n - 1];

		if (wide == NULL || !ip_addr_in_prefix(&nets->rows[i].first,
						       &wide->first, wide->len))
			nets->rows[n++] = nets->rows[i];
	}
	nets->n = n;
}

int
networks_collect(const struct tables *t, size_t from, struct networks *nets)
{
	int err = 0;

	for (size_t i = from; i < t->ninterfaces && err == 0; i++) {
		const struct running_interface *row = &t->interfaces[i];

		if (row->addr != 0 || row->len != 0)
			err = network_add(nets, ip_addr_v4(row->addr), row->len,
					  i);
		if (err == 0)
			err = networks_of(nets, row->obj, CFG_SECONDARY,
					  CFG_SECONDARY_ADDRESS, i);
		if (err == 0)
			err = networks_of(nets, row->obj, CFG_ADDRESS6,
					  CFG_ADDRESS6_ADDRESS, i);
	}
	if (nets->n > 1)
		qsort(nets->rows, nets->n, sizeof(*nets->rows),
		      network_compare);
	networks_widest(nets);
	return err;
}

const struct running_interface *
networks_find(const struct tables *t, const struct networks *nets,
	      const struct ip_addr *addr)
{
	size_t low = 0;
	size_t high = nets->n;
	const struct network *row;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (memcmp(&nets->rows[mid].first, addr, sizeof(*addr)) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0)
		return NULL;
	row = &nets->rows[low - 1];
	return ip_addr_in_prefix(addr, &row->first, row->len)
		   ? &t->interfaces[row->interface]
		   : NULL;
}
