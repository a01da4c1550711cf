/*
 * The wires of a lab: which ends the pump (lab/wire_pump.h) joins, and what is
 * asked of them. The keeper holds the routers' halves of their sockets too:
 * they are inherited by each next chassis, never seen to close, and what a dead
 * router left unread is taken out and counted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab_keep.h"
#include "log.h"
#include "lot.h"
#include "secret.h"

static void
pump_woken(struct lab *lab, struct lab_watch *watch)
{
	(void)watch;
	wire_pump_run(lab->pump);
}

/* ---- What lies unread ---- */

static unsigned
take_out(int fd)
{
	uint8_t octets[64]; /* the rest of a message is cut off */
	unsigned n = 0;

	while (recv(fd, octets, sizeof(octets), MSG_DONTWAIT) > 0)
		n++;
	return n;
}

void
lab_wires_node(struct lab *lab, const struct lab_node *node, bool up)
{
	for (unsigned i = 0; i < lab->topology->nlinks * 2; i++) {
		struct lab_wire *w = &lab->wire[i / 2];
		unsigned side = i % 2;

		if (w->end[side].node != node)
			continue;
		wire_pump_node(lab->pump, w->number, side, up);
		if (!up && w->end[side].far >= 0)
			w->end[side].unread += take_out(w->end[side].far);
	}
}

/* ---- Making them ---- */

void
lab_shape_conf(const struct topology_set *set, struct shape_conf *conf)
{
	const struct topology_value *v = set->at;

	*conf = (struct shape_conf){
	    .delay_ns = v[TOPOLOGY_LINK_DELAY].n,
	    .jitter_ns = v[TOPOLOGY_LINK_JITTER].n,
	    .rate_bps = v[TOPOLOGY_LINK_RATE].n,
	    .queue = (uint32_t)v[TOPOLOGY_LINK_QUEUE].n,
	    .loss = (uint32_t)v[TOPOLOGY_LINK_LOSS].n,
	    .duplication = (uint32_t)v[TOPOLOGY_LINK_DUPLICATION].n,
	    .reordering = (uint32_t)v[TOPOLOGY_LINK_REORDERING].n,
	    .corruption = (uint32_t)v[TOPOLOGY_LINK_CORRUPTION].n,
	    .mtu = (uint32_t)v[TOPOLOGY_LINK_MTU].n,
	    .up = v[TOPOLOGY_LINK_STATE].text == NULL ||
		  v[TOPOLOGY_LINK_STATE].n != 0};
}

uint64_t
lab_link_seed(const struct topology *t, uint64_t seed, unsigned link,
	      unsigned side)
{
	const struct topology_value *own =
	    &t->link[link].set[side].at[TOPOLOGY_LINK_SEED];

	return own->text != NULL ? lot_draw(own->n, 0, side)
				 : lot_draw(seed, link + 1, side);
}

static int
open_router(struct lab_end *end, struct wire_end **out)
{
	int pair[2];
	int err = wire_end_pair(pair);

	if (err != 0)
		return err;
	err = wire_end_socket(out, pair[0], WIRE_FORM_LAB);
	if (err != 0) {
		(void)close(pair[0]);
		(void)close(pair[1]);
		return err;
	}
	end->far = pair[1];
	return 0;
}

static int
open_end(struct lab *lab, struct lab_wire *w, unsigned side,
	 struct wire_end **out, char *why)
{
	struct lab_end *end = &w->end[side];
	int err;

	if (end->node->node->kind == TOPOLOGY_SMARTEDGE)
		err = open_router(end, out);
	else
		err =
		    lab_end_open(lab, end->node, &w->link->end[side], out, why);
	if (err != 0 && why[0] == '\0')
		(void)snprintf(why, LAB_WHY_MAX, "link end %s: %s",
			       w->link->end[side].text, strerror(-err));
	return err;
}

static int
open_wire(struct lab *lab, unsigned i, uint64_t seed, char *why)
{
	struct lab_wire *w = &lab->wire[i];
	struct wire_link link = {.end = {NULL, NULL}};
	int err = open_end(lab, w, 0, &link.end[0], why);

	if (err == 0)
		err = open_end(lab, w, 1, &link.end[1], why);
	if (err != 0) {
		wire_end_close(&link.end[0]);
		return err;
	}
	for (unsigned s = 0; s < 2; s++) {
		lab_shape_conf(&w->link->set[s], &link.conf[s]);
		link.seed[s] = lab_link_seed(lab->topology, seed, i, s);
	}
	err = wire_pump_link(lab->pump, &link, &w->number);
	/* Nobody takes frames before it is up. */
	for (unsigned s = 0; err == 0 && s < 2; s++)
		wire_pump_node(lab->pump, w->number, s,
			       w->end[s].node->state == LAB_NODE_UP);
	return err;
}

static void
prepare(struct lab *lab)
{
	for (unsigned i = 0; i < lab->topology->nlinks * 2; i++) {
		const struct topology_link *link = &lab->topology->link[i / 2];
		struct lab_wire *w = &lab->wire[i / 2];

		w->link = link;
		w->end[i % 2] = (struct lab_end){
		    .far = -1, .node = &lab->node[link->end[i % 2].node]};
	}
}

int
lab_wires_new(struct lab *lab, char why[LAB_WHY_MAX])
{
	unsigned n = lab->topology->nlinks;
	uint64_t seed = lab->topology->seed;
	int err = 0;

	lab->wire = calloc(n + 1, sizeof(*lab->wire));
	if (lab->wire == NULL)
		return -ENOMEM;
	prepare(lab);
	if (!lab->topology->seeded)
		err = secret_random(&seed, sizeof(seed));
	if (err == 0)
		err = wire_pump_new(
		    &lab->pump, &(struct wire_pump_conf){
				    .timed = lab_ends_timed(lab->topology)});
	for (unsigned i = 0; i < n && err == 0; i++)
		err = open_wire(lab, i, seed, why);
	if (err != 0)
		return err;
	lab->pumped.woken = pump_woken;
	lab->pumped.fd = dup(wire_pump_fd(lab->pump));
	return lab->pumped.fd < 0 ? -errno : lab_watch(lab, &lab->pumped);
}

void
lab_wires_free(struct lab *lab)
{
	unsigned n = lab->wire != NULL ? lab->topology->nlinks : 0;

	lab_unwatch(lab, &lab->pumped);
	if (lab->pump != NULL)
		(void)wire_pump_flush(lab->pump);
	wire_pump_free(&lab->pump);
	for (unsigned i = 0; i < n * 2; i++) {
		if (lab->wire[i / 2].end[i % 2].far >= 0)
			(void)close(lab->wire[i / 2].end[i % 2].far);
	}
	free(lab->wire);
	lab->wire = NULL;
}

unsigned
lab_wires_args(const struct lab *lab, const struct lab_node *node,
	       char (*text)[32], int *fds, unsigned max)
{
	unsigned n = 0;

	for (unsigned i = 0; i < lab->topology->nlinks * 2 && n < max; i++) {
		const struct lab_wire *w = &lab->wire[i / 2];
		const struct topology_end *at = &w->link->end[i % 2];

		if (w->end[i % 2].node != node)
			continue;
		(void)snprintf(text[n], sizeof(text[n]), "%u/%u=lab:%d",
			       at->slot, at->port, w->end[i % 2].far);
		fds[n++] = w->end[i % 2].far;
	}
	return n;
}

/* ---- In words ---- */

/* Whether a count is one of frames that did not arrive. */
static bool
is_loss(enum link_count count)
{
	return count >= LINK_LOST;
}

static json_t *
lost_json(const struct link_counts *c)
{
	json_t *lost = json_object();

	for (unsigned i = 0; i < LINK_COUNT_KINDS; i++) {
		if (is_loss((enum link_count)i) && c->n[i] > 0)
			(void)json_object_set_new(
			    lost, link_count_row[i].name,
			    json_integer((json_int_t)c->n[i]));
	}
	return lost;
}

static json_t *
shape_json(const struct shape_conf *c)
{
	return json_pack(
	    "{s:I, s:I, s:I, s:i, s:f, s:f, s:f, s:f, s:i, s:b}", "delay_ns",
	    (json_int_t)c->delay_ns, "jitter_ns", (json_int_t)c->jitter_ns,
	    "rate_bps", (json_int_t)c->rate_bps, "queue", (int)c->queue, "loss",
	    c->loss / 1e9, "duplication", c->duplication / 1e9, "reordering",
	    c->reordering / 1e9, "corruption", c->corruption / 1e9, "mtu",
	    (int)c->mtu, "up", (int)c->up);
}

static json_t *
direction_json(const struct lab *lab, const struct lab_wire *w, unsigned side)
{
	const struct link_counts *c =
	    wire_pump_counts(lab->pump, w->number, side);
	json_t *row = json_pack(
	    "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "from",
	    w->link->end[side].text, "to", w->link->end[1 - side].text, "taken",
	    (json_int_t)c->n[LINK_TAKEN], "taken_octets",
	    (json_int_t)c->n[LINK_TAKEN_OCTETS], "delivered",
	    (json_int_t)c->n[LINK_DELIVERED], "delivered_octets",
	    (json_int_t)c->n[LINK_DELIVERED_OCTETS], "unread",
	    (json_int_t)w->end[1 - side].unread, "lost", lost_json(c), "shape",
	    shape_json(wire_pump_shaped(lab->pump, w->number, side)));

	for (unsigned i = LINK_DUPLICATED; i < LINK_LOST; i++)
		(void)json_object_set_new(row, link_count_row[i].name,
					  json_integer((json_int_t)c->n[i]));
	return row;
}

json_t *
lab_wires_json(const struct lab *lab)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < lab->topology->nlinks; i++) {
		const struct lab_wire *w = &lab->wire[i];
		bool up = wire_pump_shaped(lab->pump, w->number, 0)->up &&
			  wire_pump_shaped(lab->pump, w->number, 1)->up;

		(void)json_array_append_new(
		    list, json_pack("{s:[s, s], s:s, s:[o, o]}", "endpoints",
				    w->link->end[0].text, w->link->end[1].text,
				    "state", up ? "up" : "down", "directions",
				    direction_json(lab, w, 0),
				    direction_json(lab, w, 1)));
	}
	return list;
}
