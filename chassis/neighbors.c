/*
 * Neighbors: our own addresses by circuit, that ePPAs answer for, and static
 * entries; and what ePPAs have learnt, asked of all of them at once.
 */
#include "neighbors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "running.h"
#include "stage.h"

static int
add(struct tables *t, const struct running_interface *i,
    enum ctl_neighbor_kind kind, struct ip_addr addr, const uint8_t *mac)
{
	struct ctl_neighbor row = {.circuit = be32_put(i->circuit),
				   .addr = addr,
				   .kind = (uint8_t)kind};

	if (mac != NULL)
		memcpy(row.mac, mac, sizeof(row.mac));
	return DERIVE_PUSH(t->neighbors, t->nneighbors, &row) == 0 ? 0
								   : -ENOMEM;
}

static int
add_link_local(struct tables *t, const struct running_interface *i)
{
	static const uint8_t none[8];
	const struct ctl_circuit *c = running_circuit(t, i->circuit);
	uint8_t addr[16] = {0xfe, 0x80};

	if (c == NULL || memcmp(c->link_local, none, sizeof(none)) == 0)
		return 0;
	memcpy(addr + 8, c->link_local, 8);
	return add(t, i, CTL_NEIGHBOR_OWN, ip_addr_v6(addr), NULL);
}

/* Children of an interface of one kind: own addresses, or static entries. */
static int
add_children(struct tables *t, const struct running_interface *i,
	     enum cfg_kind kind)
{
	const struct cfg_obj *obj;
	struct cfg_iter it;
	uint8_t mac[6];
	int err = 0;

	for (obj = cfg_first(&it, i->obj, kind); obj != NULL && err == 0;
	     obj = cfg_next(&it)) {
		switch (kind) {
		case CFG_SECONDARY:
			err =
			    add(t, i, CTL_NEIGHBOR_OWN,
				cfg_net(obj, CFG_SECONDARY_ADDRESS).addr, NULL);
			break;
		case CFG_ADDRESS6:
			err =
			    add(t, i, CTL_NEIGHBOR_OWN,
				cfg_net(obj, CFG_ADDRESS6_ADDRESS).addr, NULL);
			break;
		case CFG_ARP:
			cfg_mac(obj, CFG_ARP_MAC, mac);
			err = add(t, i, CTL_NEIGHBOR_STATIC,
				  cfg_ip(obj, CFG_ARP_ADDRESS), mac);
			break;
		default:
			cfg_mac(obj, CFG_NEIGHBOR6_MAC, mac);
			err = add(t, i, CTL_NEIGHBOR_STATIC,
				  cfg_ip(obj, CFG_NEIGHBOR6_ADDRESS), mac);
		}
	}
	return err;
}

static int
neighbor_compare(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct ctl_neighbor, reserved));
}

int
derive_neighbors(struct tables *t)
{
	static const enum cfg_kind kinds[] = {CFG_SECONDARY, CFG_ADDRESS6,
					      CFG_ARP, CFG_NEIGHBOR6};
	int err = 0;

	for (size_t n = 0; n < t->ninterfaces && err == 0; n++) {
		const struct running_interface *i = &t->interfaces[n];

		if (i->circuit == 0)
			continue;
		if (i->addr != 0)
			err = add(t, i, CTL_NEIGHBOR_OWN, ip_addr_v4(i->addr),
				  NULL);
		if (err == 0)
			err = add_link_local(t, i);
		for (unsigned k = 0;
		     k < sizeof(kinds) / sizeof(kinds[0]) && err == 0; k++)
			err = add_children(t, i, kinds[k]);
	}
	if (t->nneighbors > 1)
		qsort(t->neighbors, t->nneighbors, sizeof(*t->neighbors),
		      neighbor_compare);
	return err;
}

/* --- what was learnt ------------------------------------------------------ */

struct neighbors {
	uint32_t number; /* of the question */
	unsigned left;   /* answers */
	struct ctl_neighbor_entry *rows;
	size_t n;
};

void
neighbors_answer(struct chs *chs, const struct ctl_in *in)
{
	const struct ctl_neighbor_ask *body = in->body;
	struct neighbors *ask = chs->neighbors;

	if (ask == NULL || be32_get(body->number) != ask->number)
		return;
	for (size_t i = 0; i < in->tail_items; i++)
		(void)DERIVE_PUSH(
		    ask->rows, ask->n,
		    (const struct ctl_neighbor_entry *)(const void *)in->tail +
			i);
	if (ask->left > 0)
		ask->left--;
}

static bool
all_told(struct chs *chs, void *arg)
{
	(void)arg;
	return chs->neighbors->left == 0;
}

/* By circuit, then by address. */
static int
entry_compare(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct ctl_neighbor_entry, mac));
}

/* Every ePPA's; an ePPA that dies meanwhile is not waited for beyond the
 * chassis's patience. */
static int
ask_all(struct chs *chs, bool clear, struct neighbors *ask)
{
	struct ctl_neighbor_ask body = {.clear = clear ? 1 : 0};
	int err;

	if (chs->neighbors != NULL)
		return -EBUSY;
	*ask = (struct neighbors){.number = ++chs->neighbors_asked};
	body.number = be32_put(ask->number);
	chs->neighbors = ask;
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (stage_role(i) != STAGE_EPPA || !chs_live(&chs->proc[i]))
			continue;
		ask->left++;
		chs_tell(chs, &chs->proc[i], CTL_NEIGHBOR_ASK, &body, NULL, 0);
	}
	err = chs_wait(chs, all_told, NULL);
	chs->neighbors = NULL;
	if (ask->n > 1)
		qsort(ask->rows, ask->n, sizeof(*ask->rows), entry_compare);
	return err;
}

static const struct running_interface *
interface_of(const struct tables *t, uint32_t circuit)
{
	for (size_t i = 0; i < t->ninterfaces; i++) {
		if (t->interfaces[i].circuit == circuit)
			return &t->interfaces[i];
	}
	return NULL;
}

/* "1/9", "1/5 vlan-id 211": as the reference writes circuits. */
static void
circuit_text(const struct ctl_circuit *c, char *text, size_t octets)
{
	if (c == NULL)
		(void)snprintf(text, octets, "-");
	else if (c->kind == CTL_CIRCUIT_PVC)
		(void)snprintf(text, octets, "%u/%u vlan-id %u", c->slot,
			       c->port, be16_get(c->vlan));
	else
		(void)snprintf(text, octets, "%u/%u", c->slot, c->port);
}

static json_t *
entry_row(const struct tables *t, const struct ctl_neighbor_entry *e)
{
	static const char *const states[] = {"-", "incomplete", "resolved",
					     "probed", "static"};
	uint32_t left = be32_get(e->left_s);
	bool incomplete = e->state == 1;
	char addr[IP_ADDR_TEXT_MAX];
	char circuit[48];
	char mac[20] = "";

	circuit_text(running_circuit(t, be32_get(e->circuit)), circuit,
		     sizeof(circuit));
	if (!incomplete)
		(void)snprintf(mac, sizeof(mac),
			       "%02x:%02x:%02x:%02x:%02x:%02x", e->mac[0],
			       e->mac[1], e->mac[2], e->mac[3], e->mac[4],
			       e->mac[5]);
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s}", "host",
			 ip_addr_text(&e->addr, addr), "mac", mac, "ttl",
			 left == UINT32_MAX || incomplete
			     ? json_null()
			     : json_integer((json_int_t)left),
			 "type", "ARPA", "circuit", circuit, "state",
			 states[e->state < 5 ? e->state : 0]);
}

static json_t *
entries_of(const struct tables *t, const struct neighbors *ask, uint8_t family,
	   uint32_t context)
{
	json_t *list = json_array();
	unsigned incomplete = 0;

	for (size_t i = 0; i < ask->n; i++) {
		const struct ctl_neighbor_entry *e = &ask->rows[i];
		const struct running_interface *in =
		    interface_of(t, be32_get(e->circuit));

		if (e->addr.family != family || in == NULL ||
		    in->context_id != context)
			continue;
		incomplete += e->state == 1;
		(void)json_array_append_new(list, entry_row(t, e));
	}
	return json_pack("{s:i, s:i, s:i, s:o}", "total",
			 (int)json_array_size(list), "resolved",
			 (int)json_array_size(list) - (int)incomplete,
			 "incomplete", (int)incomplete, "entries", list);
}

static json_t *
show(struct chs *chs, const json_t *args, uint8_t family, bool clear)
{
	const char *name = json_string_value(json_object_get(args, "context"));
	const struct tables *t = running_tables(chs->running);
	const struct cfg_obj *root = cfg_root(running_tree(chs->running));
	struct neighbors ask;
	uint32_t context;
	json_t *data;
	char id[16];
	int err;

	name = name != NULL ? name : "local";
	if (cfg_find(root, CFG_CONTEXT, name) == NULL)
		return json_pack("{s:o}", "error",
				 json_sprintf("no context \"%s\"", name));
	context =
	    RUNNING_LOCAL - 1 + running_id(chs->running, ID_CONTEXT, name);
	err = ask_all(chs, clear, &ask);
	data = entries_of(t, &ask, family, context);
	free(ask.rows);
	if (err != 0) {
		json_decref(data);
		return json_pack("{s:s}", "error",
				 "a line card does not answer");
	}
	(void)snprintf(id, sizeof(id), "0x%08x", context);
	(void)json_object_set_new(data, "context", json_string(name));
	(void)json_object_set_new(data, "context_id", json_string(id));
	return data;
}

json_t *
show_arp_cache(struct chs *chs, const json_t *args)
{
	return show(chs, args, 4, false);
}

json_t *
show_ipv6_neighbor(struct chs *chs, const json_t *args)
{
	return show(chs, args, 6, false);
}

json_t *
clear_arp_cache(struct chs *chs, const json_t *args)
{
	return show(chs, args, 4, true);
}
