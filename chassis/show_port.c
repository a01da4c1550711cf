/*
 * Ports as JSON: what they are, what went through them since that was last
 * cleared, and how fast.
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "rates.h"
#include "running.h"
#include "show.h"
#include "tallies.h"

#define PORT_NAME_MAX 16

static const struct ctl_circuit *
port_circuit(struct chs *chs, const struct running_port *p)
{
	const struct tables *t = running_tables(chs->running);

	for (size_t i = 0; i < t->ncircuits; i++) {
		const struct ctl_circuit *c = &t->circuits[i];

		if (c->kind == CTL_CIRCUIT_PORT && c->slot == p->slot &&
		    c->port == p->port)
			return c;
	}
	return NULL;
}

static json_t *
count(struct chs *chs, const struct running_port *p, enum port_tally tally)
{
	return json_integer(
	    (json_int_t)tally_port(chs, p->slot, p->port, tally));
}

static json_t *
rate(struct chs *chs, const struct running_port *p, enum port_tally tally,
     uint64_t times)
{
	return json_integer(
	    (json_int_t)(rates_port(chs, p->slot, p->port, tally) * times));
}

static json_t *
port_row(struct chs *chs, const struct running_port *p)
{
	const struct ctl_circuit *c = port_circuit(chs, p);
	bool shut = cfg_bool(p->obj, CFG_PORT_SHUTDOWN);
	bool dot1q =
	    cfg_u32(p->obj, CFG_PORT_ENCAPSULATION) == CFG_ENCAPSULATION_DOT1Q;
	const char *description = cfg_str(p->obj, CFG_PORT_DESCRIPTION);
	char name[16];
	char mac[18] = "";

	(void)snprintf(name, sizeof(name), "%u/%u", p->slot, p->port);
	if (c != NULL)
		(void)snprintf(mac, sizeof(mac),
			       "%02x:%02x:%02x:%02x:%02x:%02x", c->mac[0],
			       c->mac[1], c->mac[2], c->mac[3], c->mac[4],
			       c->mac[5]);
	return json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s,"
	    " s:o, s:o, s:o, s:o}",
	    "port", name, "type", "ethernet", "description",
	    description != NULL ? description : "", "state",
	    p->up ? "Up" : "Down", "admin", shut ? "Down" : "Up", "line",
	    p->up ? "Up" : "Down", "mtu", (int)cfg_u32(p->obj, CFG_PORT_MTU),
	    "mac", mac, "encapsulation", dot1q ? "802.1q" : "ethernet",
	    "far_end", chs->rounds != NULL ? "capture file" : "none",
	    "rx_packets", count(chs, p, PORT_RX_PACKETS), "rx_octets",
	    count(chs, p, PORT_RX_OCTETS), "tx_packets",
	    count(chs, p, PORT_TX_PACKETS), "tx_octets",
	    count(chs, p, PORT_TX_OCTETS));
}

static bool
asked(const struct running_port *p, const json_t *args)
{
	const char *only = json_string_value(json_object_get(args, "port"));
	char name[PORT_NAME_MAX];

	(void)snprintf(name, sizeof(name), "%u/%u", p->slot, p->port);
	return only == NULL || strcmp(only, name) == 0;
}

json_t *
show_port(struct chs *chs, const json_t *args)
{
	json_t *list = json_array();
	struct running_port p;

	for (size_t i = 0; running_port(chs->running, i, &p); i++) {
		if (asked(&p, args))
			(void)json_array_append_new(list, port_row(chs, &p));
	}
	return json_pack("{s:o}", "ports", list);
}

/* What a simulator has to invent; the laser's are those of its standard. */
static json_t *
transceiver_row(const struct running_port *p)
{
	char name[PORT_NAME_MAX];
	char serial[24];

	(void)snprintf(name, sizeof(name), "%u/%u", p->slot, p->port);
	(void)snprintf(serial, sizeof(serial), "SIM%03u%04u", p->slot, p->port);
	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:s, s:s, s:s, s:b}",
			 "port", name, "form", "SFP", "media", "1000Base-LX",
			 "approved", 1, "diagnostics", 0, "clei", "SIMULATED0",
			 "serial", serial, "wavelength", "1310.00 nm",
			 "simulated", 1);
}

json_t *
show_port_transceiver(struct chs *chs, const json_t *args)
{
	json_t *list = json_array();
	struct running_port p;

	for (size_t i = 0; running_port(chs->running, i, &p); i++) {
		if (asked(&p, args))
			(void)json_array_append_new(list, transceiver_row(&p));
	}
	return json_pack("{s:o}", "ports", list);
}

static json_t *
counters_row(struct chs *chs, const struct running_port *p)
{
	char name[PORT_NAME_MAX];

	(void)snprintf(name, sizeof(name), "%u/%u", p->slot, p->port);
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "port", name, "state", p->up ? "Up" : "Down",
			 "rx_packets", count(chs, p, PORT_RX_PACKETS),
			 "rx_octets", count(chs, p, PORT_RX_OCTETS),
			 "tx_packets", count(chs, p, PORT_TX_PACKETS),
			 "tx_octets", count(chs, p, PORT_TX_OCTETS),
			 "rx_packets_per_s", rate(chs, p, PORT_RX_PACKETS, 1),
			 "rx_bits_per_s", rate(chs, p, PORT_RX_OCTETS, 8),
			 "tx_packets_per_s", rate(chs, p, PORT_TX_PACKETS, 1),
			 "tx_bits_per_s", rate(chs, p, PORT_TX_OCTETS, 8));
}

json_t *
show_port_counters(struct chs *chs, const json_t *args)
{
	json_t *list = json_array();
	struct running_port p;

	for (size_t i = 0; running_port(chs->running, i, &p); i++) {
		if (asked(&p, args))
			(void)json_array_append_new(list,
						    counters_row(chs, &p));
	}
	return json_pack("{s:o, s:I}", "ports", list, "interval_ms",
			 (json_int_t)(rates_interval_ns(chs) / CLOCK_MS_NS));
}

int
clear_port_counters(struct chs *chs, const json_t *args)
{
	struct running_port p;
	int err = 0;

	for (size_t i = 0; err == 0 && running_port(chs->running, i, &p); i++) {
		if (asked(&p, args))
			err = tally_port_clear(chs, p.slot, p.port);
	}
	return err;
}
