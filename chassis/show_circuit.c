/*
 * Circuits as JSON: what they are bound to, what went through them, and what
 * their features did with it; and clearing that.
 */
#include <stdio.h>
#include <string.h>

#include "running.h"
#include "show.h"
#include "tallies.h"

static const char *
encapsulation(const struct ctl_circuit *c)
{
	return c->kind == CTL_CIRCUIT_TUNNEL ? "ipsec"
	       : c->kind == CTL_CIRCUIT_PVC  ? "dot1q"
					     : "ethernet";
}

/* The interface a circuit is bound to; NULL: to none. */
static const struct running_interface *
interface_of(const struct tables *t, uint32_t circuit)
{
	for (size_t i = 0; i < t->ninterfaces; i++) {
		if (t->interfaces[i].circuit == circuit)
			return &t->interfaces[i];
	}
	return NULL;
}

static json_t *
circuit_row(const struct tables *t, const struct ctl_circuit *c)
{
	const struct running_interface *i = interface_of(t, be32_get(c->id));
	uint64_t handle = be64_get(c->handle);
	char name[80];
	char internal[64];

	/* The form of logs: slot/port:channel:subchannel/unit-type/level/id. */
	(void)snprintf(internal, sizeof(internal), "%u/%u:1023:63/1/2/%u",
		       (unsigned)(handle >> 56), (unsigned)(handle >> 48 & 255),
		       be32_get(c->id));
	return json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "circuit",
	    running_circuit_text(t, be32_get(c->id), name, sizeof(name)),
	    "internal_id", internal, "encapsulation", encapsulation(c), "state",
	    (c->flags & CTL_CIRCUIT_UP) != 0 ? "Up" : "Down", "interface",
	    i != NULL ? i->name : "", "context", i != NULL ? i->context : "",
	    "mtu", (int)be16_get(c->mtu));
}

static json_t *
count(struct chs *chs, uint32_t circuit, unsigned tally)
{
	return json_integer(
	    (json_int_t)tally_circuit(chs, circuit, (enum tally)tally));
}

static json_t *
colours(struct chs *chs, uint32_t circuit, unsigned first)
{
	static const char *const names[] = {"conform", "exceed", "violate"};
	json_t *o = json_object();

	for (unsigned i = 0; i < 3; i++)
		(void)json_object_set_new(
		    o, names[i],
		    json_pack("{s:o, s:o}", "packets",
			      count(chs, circuit, first + 2 * i), "octets",
			      count(chs, circuit, first + 2 * i + 1)));
	return o;
}

static json_t *
queues(struct chs *chs, uint32_t circuit, unsigned first, bool towards_asp)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < STATS_QUEUES; i++) {
		json_t *one =
		    json_pack("{s:i, s:o, s:o}", "queue", (int)i, "packets",
			      count(chs, circuit, first + 4 * i), "octets",
			      count(chs, circuit, first + 4 * i + 1));

		if (!towards_asp) {
			(void)json_object_set_new(
			    one, "dropped",
			    count(chs, circuit, first + 4 * i + 2));
			(void)json_object_set_new(
			    one, "dropped_octets",
			    count(chs, circuit, first + 4 * i + 3));
			(void)json_object_set_new(
			    one, "depth",
			    json_integer(
				(json_int_t)tally_depth(chs, circuit, i)));
		}
		(void)json_array_append_new(list, one);
	}
	return list;
}

static const struct ctl_feature *
feature_of(const struct tables *t, uint32_t circuit)
{
	for (size_t i = 0; i < t->nfeatures; i++) {
		if (be32_get(t->features[i].circuit) == circuit)
			return &t->features[i];
	}
	return NULL;
}

static void
feature_counters(struct chs *chs, json_t *row, const struct ctl_feature *f)
{
	uint32_t circuit = be32_get(f->circuit);

	(void)json_object_set_new(
	    row, "access_groups",
	    json_pack("{s:o, s:o, s:o, s:o}", "in_permitted",
		      count(chs, circuit, TALLY_ACL_IN_PERMITTED), "in_denied",
		      count(chs, circuit, TALLY_ACL_IN_DENIED), "out_permitted",
		      count(chs, circuit, TALLY_ACL_OUT_PERMITTED),
		      "out_denied", count(chs, circuit, TALLY_ACL_OUT_DENIED)));
	if (be32_get(f->policing) != 0)
		(void)json_object_set_new(
		    row, "policing", colours(chs, circuit, TALLY_POLICING));
	if (be32_get(f->metering) != 0)
		(void)json_object_set_new(
		    row, "metering", colours(chs, circuit, TALLY_METERING));
	if (be32_get(f->queuing) != 0)
		(void)json_object_set_new(
		    row, "queuing", queues(chs, circuit, TALLY_QUEUE, false));
	if (be32_get(f->ipsec_queuing) != 0)
		(void)json_object_set_new(
		    row, "ipsec_queuing",
		    queues(chs, circuit, TALLY_ASP_QUEUE, true));
}

static json_t *
counters_row(struct chs *chs, const struct ctl_circuit *c)
{
	const struct tables *t = running_tables(chs->running);
	uint32_t id = be32_get(c->id);
	const struct ctl_feature *f = feature_of(t, id);
	char name[80];
	json_t *row =
	    json_pack("{s:s, s:o, s:o, s:o, s:o}", "circuit",
		      running_circuit_text(t, id, name, sizeof(name)),
		      "in_packets", count(chs, id, TALLY_IN_PACKETS),
		      "in_octets", count(chs, id, TALLY_IN_OCTETS),
		      "out_packets", count(chs, id, TALLY_OUT_PACKETS),
		      "out_octets", count(chs, id, TALLY_OUT_OCTETS));

	if (f != NULL)
		feature_counters(chs, row, f);
	return row;
}

/* Whether a circuit is the one asked for: "1/1", "1/1 vlan-id 5", a tunnel. */
static bool
asked(const struct tables *t, const struct ctl_circuit *c, const json_t *args)
{
	const char *port = json_string_value(json_object_get(args, "port"));
	const char *tunnel = json_string_value(json_object_get(args, "tunnel"));
	char name[80];
	char want[80];

	(void)running_circuit_text(t, be32_get(c->id), name, sizeof(name));
	if (port != NULL) {
		size_t n = strlen(port);

		return strncmp(name, "ethernet ", 9) == 0 &&
		       strncmp(name + 9, port, n) == 0 &&
		       (name[9 + n] == '\0' || name[9 + n] == ' ');
	}
	(void)snprintf(want, sizeof(want), "ipsec %s",
		       tunnel != NULL ? tunnel : "");
	return tunnel == NULL || strcmp(name, want) == 0;
}

json_t *
show_circuit(struct chs *chs, const json_t *args)
{
	const struct tables *t = running_tables(chs->running);
	json_t *list = json_array();

	for (size_t i = 0; i < t->ncircuits; i++) {
		if (asked(t, &t->circuits[i], args))
			(void)json_array_append_new(
			    list, circuit_row(t, &t->circuits[i]));
	}
	return json_pack("{s:o}", "circuits", list);
}

json_t *
show_circuit_counters(struct chs *chs, const json_t *args)
{
	const struct tables *t = running_tables(chs->running);
	json_t *list = json_array();

	for (size_t i = 0; i < t->ncircuits; i++) {
		if (asked(t, &t->circuits[i], args))
			(void)json_array_append_new(
			    list, counters_row(chs, &t->circuits[i]));
	}
	return json_pack("{s:o}", "circuits", list);
}

int
clear_circuit_counters(struct chs *chs, const json_t *args)
{
	const struct tables *t = running_tables(chs->running);
	int err = 0;

	for (size_t i = 0; i < t->ncircuits && err == 0; i++) {
		if (asked(t, &t->circuits[i], args))
			err = tally_circuit_clear(
			    chs, be32_get(t->circuits[i].id), 0, TALLIES - 1);
	}
	return err;
}
