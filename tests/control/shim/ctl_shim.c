/* The C side of the control tests; it alone includes the program's headers. */
#include "ctl_shim.h"

#include <stdlib.h>
#include <string.h>

#include "bp_wire.h"
#include "ctl_chan.h"

#define BODY_OCTETS_MAX 64
#define WAIT_MS 20000

static const struct ctl_shim_row rows[] = {
#define X(id, n, body, tail, f, t)                                             \
	{.type = (id),                                                         \
	 .name = #n,                                                           \
	 .body_name = #body,                                                   \
	 .body_octets = sizeof(body),                                          \
	 .item_name = #tail,                                                   \
	 .item_octets = (tail),                                                \
	 .from = CTL_##f,                                                      \
	 .to = CTL_##t},
    CTL_MSGS(X)
#undef X
};

static const struct ctl_shim_size sizes[] = {
    {"bp_frame_hdr", sizeof(struct bp_frame_hdr)},
    {"bp_desc", sizeof(struct bp_desc)},
    {"bp_columns", sizeof(struct bp_columns)},
    {"ctl_hdr", sizeof(struct ctl_hdr)},
    {"ctl_none", sizeof(struct ctl_none)},
    {"ctl_hello", sizeof(struct ctl_hello)},
    {"ctl_link", sizeof(struct ctl_link)},
    {"ctl_rows", sizeof(struct ctl_rows)},
    {"ctl_circuit", sizeof(struct ctl_circuit)},
    {"ctl_adj", sizeof(struct ctl_adj)},
    {"ctl_route", sizeof(struct ctl_route)},
    {"ctl_homing", sizeof(struct ctl_homing)},
    {"ctl_acl_row", sizeof(struct ctl_acl_row)},
    {"ctl_feature", sizeof(struct ctl_feature)},
    {"ctl_policer", sizeof(struct ctl_policer)},
    {"ctl_neighbor", sizeof(struct ctl_neighbor)},
    {"ctl_neighbor_ask", sizeof(struct ctl_neighbor_ask)},
    {"ctl_neighbor_entry", sizeof(struct ctl_neighbor_entry)},
    {"ctl_pq", sizeof(struct ctl_pq)},
    {"ctl_ipsec_queues", sizeof(struct ctl_ipsec_queues)},
    {"ctl_sa", sizeof(struct ctl_sa)},
    {"ctl_ike_id", sizeof(struct ctl_ike_id)},
    {"ctl_ike_proposal", sizeof(struct ctl_ike_proposal)},
    {"ctl_ike_policy", sizeof(struct ctl_ike_policy)},
    {"ctl_ike_child_proposal", sizeof(struct ctl_ike_child_proposal)},
    {"ctl_ike_child_policy", sizeof(struct ctl_ike_child_policy)},
    {"ctl_ike_tunnel", sizeof(struct ctl_ike_tunnel)},
    {"ctl_ike_event", sizeof(struct ctl_ike_event)},
    {"ctl_ike_sa", sizeof(struct ctl_ike_sa)},
    {"ctl_ike_ask", sizeof(struct ctl_ike_ask)},
    {"ctl_generation", sizeof(struct ctl_generation)},
    {"ctl_seq", sizeof(struct ctl_seq)},
    {"ctl_port", sizeof(struct ctl_port)},
    {"ctl_point", sizeof(struct ctl_point)},
    {"ctl_trace_set", sizeof(struct ctl_trace_set)},
    {"ctl_opened", sizeof(struct ctl_opened)},
    {"ctl_admit", sizeof(struct ctl_admit)},
    {"ctl_admitted", sizeof(struct ctl_admitted)},
    {"ctl_fates", sizeof(struct ctl_fates)},
    {"ctl_round", sizeof(struct ctl_round)},
    {"ctl_probe", sizeof(struct ctl_probe)},
    {"ctl_traced", sizeof(struct ctl_traced)},
    {"ctl_notice", sizeof(struct ctl_notice)},
    {"ctl_path_mtu", sizeof(struct ctl_path_mtu)},
    {"ctl_request", sizeof(struct ctl_request)},
};

struct ctl_shim {
	struct bus *bus;
	struct bus_sock *router;
	struct bus_sock *dealer;
	struct bus_peer peer;
};

const struct ctl_shim_row *
ctl_shim_row_at(size_t i)
{
	return i < sizeof(rows) / sizeof(rows[0]) ? &rows[i] : NULL;
}

const char *
ctl_shim_name(unsigned type)
{
	return ctl_name(type);
}

const struct ctl_shim_size *
ctl_shim_size_at(size_t i)
{
	return i < sizeof(sizes) / sizeof(sizes[0]) ? &sizes[i] : NULL;
}

static void
in_copy(const struct ctl_in *in, struct ctl_shim_in *out)
{
	*out = (struct ctl_shim_in){
	    .type = (unsigned)in->type,
	    .from = in->from,
	    .tail_octets = in->tail_octets,
	    .tail_items = in->tail_items,
	};
	memcpy(out->peer, in->peer.octets, in->peer.len);
	if (in->tail_octets > 0)
		out->first_tail_octet = in->tail[0];
}

int
ctl_shim_check(const uint8_t *octets, size_t n, int to, struct ctl_shim_in *in)
{
	uint8_t *exact = malloc(n > 0 ? n : 1);
	struct ctl_in got = {0};
	int error;

	if (exact == NULL)
		return -1;
	if (n > 0)
		memcpy(exact, octets, n);
	error = ctl_check(exact, n, (enum ctl_party)to, &got);
	if (error == 0)
		in_copy(&got, in);
	free(exact);
	return error;
}

struct ctl_shim *
ctl_shim_new(const char *identity)
{
	struct ctl_shim *s = calloc(1, sizeof(*s));
	char at[BUS_ENDPOINT_MAX];

	if (s != NULL && bus_new(&s->bus, BUS_INPROC, "", NULL) == 0 &&
	    bus_listen(s->bus, BUS_ROUTER, "ctl", &s->router, at) == 0 &&
	    bus_connect(s->bus, BUS_DEALER, at, identity, &s->dealer) == 0)
		return s;
	ctl_shim_free(&s);
	return NULL;
}

void
ctl_shim_free(struct ctl_shim **shim)
{
	if (*shim == NULL)
		return;
	bus_close(&(*shim)->router);
	bus_close(&(*shim)->dealer);
	bus_free(&(*shim)->bus);
	free(*shim);
	*shim = NULL;
}

int
ctl_shim_to_chassis(struct ctl_shim *shim, unsigned from, unsigned type,
		    const void *tail, size_t tail_octets)
{
	const uint8_t body[BODY_OCTETS_MAX] = {0};

	return ctl_send(shim->dealer, NULL, (uint16_t)from, (enum ctl_type)type,
			body, tail, tail_octets);
}

int
ctl_shim_from_chassis(struct ctl_shim *shim, unsigned type, const void *tail,
		      size_t tail_octets, bool gone)
{
	const struct bus_peer nobody = {.octets = "nobody", .len = 6};
	const uint8_t body[BODY_OCTETS_MAX] = {0};

	return ctl_send(shim->router, gone ? &nobody : &shim->peer, 0,
			(enum ctl_type)type, body, tail, tail_octets);
}

int
ctl_shim_raw_to_chassis(struct ctl_shim *shim, const void *octets, size_t n)
{
	struct bus_msg msg;
	int error = bus_msg_new(&msg, n, false);

	if (error != 0)
		return error;
	if (n > 0)
		memcpy(bus_msg_data(&msg), octets, n);
	error = bus_send(shim->dealer, &msg);
	bus_msg_done(&msg);
	return error;
}

static int
receive(struct ctl_shim *shim, struct bus_sock *sock, int party,
	struct ctl_shim_in *out)
{
	struct bus_poll item = {.sock = sock};
	struct ctl_in in;
	int got;

	if (bus_poll(&item, 1, WAIT_MS) <= 0)
		return 0;
	got = ctl_recv(sock, (enum ctl_party)party, &in);
	if (got != 1)
		return got;
	if (party == CTL_CHASSIS)
		shim->peer = in.peer;
	in_copy(&in, out);
	ctl_in_done(&in);
	return got;
}

int
ctl_shim_at_chassis(struct ctl_shim *shim, struct ctl_shim_in *in)
{
	return receive(shim, shim->router, CTL_CHASSIS, in);
}

int
ctl_shim_at_peer(struct ctl_shim *shim, int party, struct ctl_shim_in *in)
{
	return receive(shim, shim->dealer, party, in);
}
