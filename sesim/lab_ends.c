/*
 * Ends of links that are no routers: what a topology says of a node, as lab/
 * makes it. Which machine allows what is asked before anything starts.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "end_station.h"
#include "end_tap.h"
#include "host.h"
#include "host_if.h"
#include "lab_hosts.h"
#include "lab_keep.h"
#include "lot.h"

#define FLOW_PPS 100
#define FLOW_SIZE 100
#define FLOW_PORT_SRC 49152
#define FLOW_PORT_DST 7 /* echo, RFC 862 */

const char *
lab_end_lacks(const struct topology_node *node, char why[LAB_WHY_MAX])
{
	struct wire_end *end = NULL;
	struct cap_error said;
	int err;

	if (node->kind == TOPOLOGY_HOST || node->kind == TOPOLOGY_TAP)
		return host_lacks();
	if (node->kind != TOPOLOGY_INTERFACE)
		return NULL;
	err = wire_end_live(&end, node->set.at[TOPOLOGY_INTERFACE_DEVICE].text,
			    &said);
	wire_end_close(&end);
	if (err == -EPERM || err == -EACCES)
		return "needs CAP_NET_RAW";
	if (err != 0)
		(void)snprintf(why, LAB_WHY_MAX, "%s", said.text);
	return NULL;
}

bool
lab_ends_timed(const struct topology *t)
{
	bool timed = t->seeded;

	for (unsigned i = 0; i < t->nnodes; i++)
		timed &= t->node[i].kind != TOPOLOGY_HOST &&
			 t->node[i].kind != TOPOLOGY_TAP &&
			 t->node[i].kind != TOPOLOGY_INTERFACE;
	return timed;
}

/* ---- Captures and generators ---- */

static int
open_source(const struct lab *lab, const struct topology_node *node,
	    struct source **source, struct cap_error *why)
{
	const struct topology_value *file =
	    &node->set.at[TOPOLOGY_CAPTURE_SOURCE];
	const struct topology_value *pace =
	    &node->set.at[TOPOLOGY_CAPTURE_PACE];
	char path[PATH_MAX];

	if (file->text == NULL)
		return 0;
	if (topology_path(lab->topology, file, path, sizeof(path)) != 0)
		return -ENAMETOOLONG;
	if (pace->text == NULL)
		return source_capture(source, path, SOURCE_PACE_CAPTURE, 1000,
				      why);
	return source_capture(source, path,
			      pace->n == TOPOLOGY_PACE_PPS
				  ? SOURCE_PACE_PPS
				  : SOURCE_PACE_CAPTURE,
			      pace->max, why);
}

static void
put_mac(const struct topology_value *v, uint8_t mac[6])
{
	for (unsigned i = 0; i < 6 && v->text != NULL; i++)
		mac[i] = (uint8_t)(v->n >> (40 - 8 * i));
}

static void
put_range(const struct topology_value *v, unsigned otherwise, uint16_t *low,
	  uint16_t *high)
{
	*low = (uint16_t)(v->text != NULL ? v->n : otherwise);
	*high = (uint16_t)(v->text != NULL ? v->max : otherwise);
}

static int
make_flow(const struct topology_node *node, unsigned i, uint64_t seed,
	  struct flow *flow)
{
	const struct topology_value *v = node->flow[i].at;
	struct flow_conf c = {.src_mac = {2, 0, 0, 0, 0, 2},
			      .dst_mac = {2, 0, 0, 0, 0, 1},
			      .vlan = (uint16_t)v[TOPOLOGY_FLOW_VLAN].n,
			      .protocol =
				  v[TOPOLOGY_FLOW_PROTOCOL].text == NULL
				      ? 17
				      : (uint8_t)v[TOPOLOGY_FLOW_PROTOCOL].n,
			      .ttl = (uint8_t)v[TOPOLOGY_FLOW_TTL].n,
			      .dscp = (uint8_t)v[TOPOLOGY_FLOW_DSCP].n,
			      .rate_pps = v[TOPOLOGY_FLOW_PACE].text == NULL
					      ? FLOW_PPS
					      : v[TOPOLOGY_FLOW_PACE].max,
			      .count = v[TOPOLOGY_FLOW_COUNT].n,
			      .start_ns = v[TOPOLOGY_FLOW_START].n,
			      .seed = lot_draw(seed, i, 0)};

	(void)ip_addr_parse(v[TOPOLOGY_FLOW_SRC].text, &c.src);
	(void)ip_addr_parse(v[TOPOLOGY_FLOW_DST].text, &c.dst);
	put_mac(&node->set.at[TOPOLOGY_GENERATOR_MAC], c.src_mac);
	put_mac(&v[TOPOLOGY_FLOW_MAC], c.dst_mac);
	put_range(&v[TOPOLOGY_FLOW_SRC_PORT], FLOW_PORT_SRC, &c.src_port_low,
		  &c.src_port_high);
	put_range(&v[TOPOLOGY_FLOW_DST_PORT], FLOW_PORT_DST, &c.dst_port_low,
		  &c.dst_port_high);
	put_range(&v[TOPOLOGY_FLOW_SIZES], FLOW_SIZE, &c.size_low,
		  &c.size_high);
	if (c.rate_pps == 0) /* as fast as can be */
		c.rate_pps = 1000000;
	return flow_init(flow, &c);
}

int
lab_flows_open(const struct topology *t, const struct topology_node *node,
	       uint64_t lab_seed, struct source **source)
{
	const struct topology_value *own =
	    &node->set.at[TOPOLOGY_GENERATOR_SEED];
	uint64_t at = (uint64_t)(node - t->node);
	uint64_t seed = own->text != NULL ? own->n : lot_draw(lab_seed, at, 1);
	struct flow *flow = calloc(node->nflows + 1, sizeof(*flow));
	int err = flow == NULL ? -ENOMEM : 0;

	for (unsigned i = 0; i < node->nflows && err == 0; i++)
		err = make_flow(node, i, seed, &flow[i]);
	if (err == 0)
		err = source_flows(source, flow, node->nflows);
	free(flow);
	return err;
}

static int
open_station(const struct lab *lab, const struct topology_node *node,
	     struct wire_end **end, struct cap_error *why)
{
	bool capture = node->kind == TOPOLOGY_CAPTURE;
	const struct topology_value *sink =
	    &node->set
		 .at[capture ? TOPOLOGY_CAPTURE_SINK : TOPOLOGY_GENERATOR_SINK];
	struct end_station_conf conf = {.name = node->name, .to_port = true};
	char path[PATH_MAX];
	int err = capture ? open_source(lab, node, &conf.source, why)
			  : lab_flows_open(lab->topology, node,
					   lab->topology->seed, &conf.source);

	if (err == 0 && sink->text != NULL) {
		err = topology_path(lab->topology, sink, path, sizeof(path));
		conf.sink = path;
	}
	/* A flow that names a link address means it. */
	for (unsigned i = 0; i < node->nflows; i++)
		conf.to_port &=
		    node->flow[i].at[TOPOLOGY_FLOW_MAC].text == NULL;
	if (err == 0)
		err = end_station(end, &conf, why);
	if (err != 0)
		source_close(&conf.source);
	return err;
}

/* ---- Hosts and interfaces ---- */

/* "10.1.0.5/16"; nothing where it is not given. */
static void
read_net(const struct topology_value *v, struct ip_addr *addr, unsigned *length)
{
	char text[64];
	const char *slash = v->text != NULL ? strchr(v->text, '/') : NULL;

	if (slash == NULL || (size_t)(slash - v->text) >= sizeof(text))
		return;
	(void)snprintf(text, sizeof(text), "%.*s", (int)(slash - v->text),
		       v->text);
	if (ip_addr_parse(text, addr) == 0)
		*length = (unsigned)v->n;
}

/* What the topology says of addresses is of eth1; others have none. */
static int
open_host(const struct lab *lab, struct lab_node *node,
	  const struct topology_end *at, struct wire_end **end,
	  struct cap_error *why)
{
	const struct topology_value *v = node->node->set.at;
	char name[HOST_NETNS_MAX];
	char port_name[16];
	struct host_port port = {.name = port_name,
				 .mtu = (unsigned)v[TOPOLOGY_HOST_MTU].n};
	int fd = -1;
	int err = 0;

	lab_host_name(lab->topology->name, node->node->name, name);
	(void)snprintf(port_name, sizeof(port_name), "eth%u", at->port);
	if (!node->host) {
		err = lab_host_make(lab->run_dir, name, why);
		node->host = err == 0;
	}
	if (at->port == 1) {
		read_net(&v[TOPOLOGY_HOST_ADDRESS], &port.address,
			 &port.length);
		read_net(&v[TOPOLOGY_HOST_ADDRESS6], &port.address6,
			 &port.length6);
		if (v[TOPOLOGY_HOST_GATEWAY].text != NULL)
			(void)ip_addr_parse(v[TOPOLOGY_HOST_GATEWAY].text,
					    &port.gateway);
		if (v[TOPOLOGY_HOST_GATEWAY6].text != NULL)
			(void)ip_addr_parse(v[TOPOLOGY_HOST_GATEWAY6].text,
					    &port.gateway6);
	}
	if (err == 0)
		err = host_port(name, &port, &fd, why);
	if (err == 0)
		err = wire_end_tap(end, fd);
	if (err != 0 && fd >= 0)
		(void)close(fd);
	return err;
}

/* It is brought up: a TAP that is down takes nothing. */
static int
open_tap(const struct topology_node *node, struct wire_end **end,
	 struct cap_error *why)
{
	const char *device = node->set.at[TOPOLOGY_TAP_DEVICE].text;
	const char *name = device != NULL ? device : node->name;
	int fd = -1;
	int err = tap_open(name, &fd);

	if (err == 0)
		err = host_if_up(name);
	if (err == 0)
		err = wire_end_tap(end, fd);
	if (err == 0)
		return 0;
	if (fd >= 0)
		(void)close(fd);
	return cap_error_set(why, err, "%s: %s", name, strerror(-err));
}

int
lab_end_open(struct lab *lab, struct lab_node *node,
	     const struct topology_end *at, struct wire_end **end,
	     char why[LAB_WHY_MAX])
{
	struct cap_error said = {.text = ""};
	int err;

	switch (node->node->kind) {
	case TOPOLOGY_CAPTURE:
	case TOPOLOGY_GENERATOR:
		err = open_station(lab, node->node, end, &said);
		break;
	case TOPOLOGY_HOST:
		err = open_host(lab, node, at, end, &said);
		break;
	case TOPOLOGY_TAP:
		err = open_tap(node->node, end, &said);
		break;
	default:
		err = wire_end_live(
		    end, node->node->set.at[TOPOLOGY_INTERFACE_DEVICE].text,
		    &said);
	}
	if (err != 0 && said.text[0] != '\0')
		(void)snprintf(why, LAB_WHY_MAX, "node %s: %.400s",
			       node->node->name, said.text);
	return err;
}
