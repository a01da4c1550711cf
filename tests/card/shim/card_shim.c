#include "card_shim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card.h"

const unsigned card_shim_stage = 3 * 8 + STAGE_ASP1;
const unsigned card_shim_ippa_stage = 1 * 8 + STAGE_IPPA;
const unsigned fate_no_asp = PKT_DROP_NO_ASP, fate_no_route = PKT_DROP_NO_ROUTE,
	       fate_port_down = PKT_DROP_PORT_DOWN;
const unsigned msg_heartbeat = CTL_HEARTBEAT, msg_alive = CTL_ALIVE,
	       msg_hello = CTL_HELLO, msg_close = CTL_CLOSE,
	       msg_closed = CTL_CLOSED, msg_drain = CTL_LINK_DRAIN,
	       msg_drained = CTL_LINK_DRAINED, msg_flush = CTL_FLUSH,
	       msg_prepare = CTL_PREPARE, msg_prepared = CTL_PREPARED,
	       msg_activate = CTL_ACTIVATE, msg_retire = CTL_RETIRE,
	       msg_discard = CTL_DISCARD, msg_circuits = CTL_CIRCUITS,
	       msg_routes = CTL_ROUTES, msg_sas = CTL_SAS,
	       msg_trace_set = CTL_TRACE_SET, msg_opened = CTL_OPENED,
	       msg_traced = CTL_TRACED;
const unsigned card_op_set = CTL_OP_SET, card_op_delete = CTL_OP_DELETE;
const unsigned card_tap_all_id = POINT_ALL, card_tap_link_id = POINT_LINK,
	       card_tap_rx_id = POINT_RX;
const unsigned card_no_stage = STAGE_NONE;

struct card_shim {
	struct fake *fake;
	struct card *card;
	int rows_error;
	int rehearse_error;
	const char *close_sentence;
	char log[256];
};

static void
role_deed(struct card_shim *c, struct pkt_vec *v, unsigned i)
{
	struct pkt *p = &v->pkt[i];

	switch (p->handle) {
	case CARD_DEED_SEND:
		card_send(c->card, v, i, stage_id(2, STAGE_EPPA));
		break;
	case CARD_DEED_DROP:
		v->fate[i] = PKT_DROP_NO_ROUTE;
		break;
	case CARD_DEED_NOWHERE:
		card_send(c->card, v, i, stage_id(5, STAGE_ASP1));
		break;
	case CARD_DEED_TRACE:
		p->trace = card_trace_pick(
		    c->card, 1, pkt_data(card_mem(c->card), p), p->len, false);
		if (p->trace != 0)
			card_trace(c->card, p, "picked, %u octets", p->len);
		v->fate[i] = PKT_TX;
		break;
	default:
		v->fate[i] = PKT_TX;
		break;
	}
}

static void
role_vector(void *arg, uint16_t from, struct pkt_vec *v)
{
	struct card_shim *c = arg;

	(void)from;
	for (unsigned i = 0; i < v->n; i++)
		role_deed(c, v, i);
	card_end(c->card, v);
}

static void
role_log(struct card_shim *c, const char *text)
{
	size_t at = strlen(c->log);

	(void)snprintf(c->log + at, sizeof c->log - at, "%s ", text);
}

static int
role_rows(void *arg, enum ctl_type table, enum ctl_op op, const uint8_t *items,
	  size_t n)
{
	struct card_shim *c = arg;
	char text[32];

	(void)items;
	(void)snprintf(text, sizeof text, "%c%d:%zu",
		       op == CTL_OP_SET ? 'S' : 'D', (int)table, n);
	role_log(c, text);
	return c->rows_error;
}

static void *
role_rehearse_begin(void *arg)
{
	return arg;
}

static int
role_rehearse(void *rehearsal, enum ctl_type table, const uint8_t *items,
	      size_t n)
{
	const struct card_shim *c = rehearsal;

	(void)table;
	(void)items;
	(void)n;
	return c->rehearse_error;
}

static int
role_rehearse_end(void *rehearsal)
{
	(void)rehearsal;
	return 0;
}

static int
role_activate(void *arg)
{
	role_log(arg, "A");
	return 0;
}

static void
role_message(void *arg, const struct ctl_in *in)
{
	struct card_shim *c = arg;

	if (in->type == CTL_CLOSE && c->close_sentence != NULL)
		card_close_error(c->card, -ENOSPC, c->close_sentence);
}

static const struct card_ops role_ops = {
    .vector = role_vector,
    .rows = role_rows,
    .rehearse_begin = role_rehearse_begin,
    .rehearse = role_rehearse,
    .rehearse_end = role_rehearse_end,
    .activate = role_activate,
    .message = role_message,
};

static int
role_run(void *arg, struct bus *bus, const char *endpoint, struct stats *stats)
{
	struct card_shim *c = arg;
	struct card_args args = {
	    .stage = (uint16_t)card_shim_stage,
	    .epoch = 3,
	    .buffers = 1024,
	    .bus = bus,
	    .endpoint = endpoint,
	    .stats = stats,
	};
	int err = card_new(&c->card, &args, &role_ops, c);

	if (err == 0)
		err = card_run(c->card);
	card_free(&c->card);
	return err;
}

struct card_shim *
card_shim_new(enum fake_transport transport)
{
	struct card_shim *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->fake = fake_new(transport, card_shim_stage, role_run, c);
	if (c->fake == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

int
card_shim_end(struct card_shim **c)
{
	int result = fake_end(&(*c)->fake);

	free(*c);
	*c = NULL;
	return result;
}

struct fake *
card_shim_fake(struct card_shim *c)
{
	return c->fake;
}

const char *
card_shim_log(const struct card_shim *c)
{
	return c->log;
}

void
card_shim_rows_fail(struct card_shim *c, int err)
{
	c->rows_error = err;
}

void
card_shim_rehearse_fails(struct card_shim *c, int err)
{
	c->rehearse_error = err;
}

void
card_shim_close_fails(struct card_shim *c, const char *sentence)
{
	c->close_sentence = sentence;
}

int
card_shim_circuit(struct card_shim *c, uint32_t generation, uint32_t id,
		  uint32_t context, uint64_t handle)
{
	struct ctl_circuit row = {
	    .id = be32_put(id),
	    .context = be32_put(context),
	    .handle = be64_put(handle),
	    .kind = CTL_CIRCUIT_PORT,
	};
	int err = fake_rows(c->fake, CTL_CIRCUITS, generation, CTL_OP_SET, &row,
			    sizeof row);

	return err != 0 ? err : fake_activate(c->fake, generation);
}

int
card_shim_flush(struct card_shim *c, uint32_t round)
{
	return fake_send(c->fake, CTL_FLUSH,
			 &(struct ctl_round){.round = be32_put(round)}, NULL,
			 0);
}

int
card_shim_drain(struct card_shim *c, unsigned peer, uint64_t *packets)
{
	struct ctl_link body = {.peer = be16_put((uint16_t)peer),
				.epoch = be32_put(7)};
	struct fake_msg msg;

	if (fake_send(c->fake, CTL_LINK_DRAIN, &body, NULL, 0) != 0 ||
	    !fake_expect(c->fake, CTL_LINK_DRAINED, &msg))
		return -ETIMEDOUT;
	memcpy(&body, msg.body, sizeof body);
	*packets = be64_get(body.packets);
	return be16_get(body.peer) == peer ? 0 : -EBADMSG;
}

int
card_shim_trace(struct card_shim *c, uint32_t count, const char *filter)
{
	struct fake_msg msg;

	if (fake_send(c->fake, CTL_TRACE_SET,
		      &(struct ctl_trace_set){.count = be32_put(count)}, filter,
		      strlen(filter)) != 0 ||
	    !fake_expect(c->fake, CTL_OPENED, &msg))
		return -ETIMEDOUT;
	return -(int)card_shim_error_of(&msg);
}

unsigned
card_shim_error_of(const struct fake_msg *msg)
{
	struct ctl_opened body;

	memcpy(&body, msg->body, sizeof body);
	return be32_get(body.error);
}

void
card_shim_traced(struct fake_msg *msg, unsigned *trace, unsigned *hop)
{
	struct ctl_traced body;

	memcpy(&body, msg->body, sizeof body);
	*trace = be32_get(body.trace);
	*hop = be32_get(body.hop);
	msg->tail[msg->tail_octets - be16_get(body.head)] = 0;
}

int
card_shim_point(const char *text, unsigned *stage, unsigned *tap, unsigned *to,
		char name[64], const char **why)
{
	struct point point;
	char formatted[POINT_NAME_MAX];
	int err = point_parse(text, &point, why);

	if (err != 0)
		return err;
	*stage = point.stage;
	*tap = point.tap;
	*to = point.to;
	(void)snprintf(name, 64, "%s", point_format(&point, formatted));
	return 0;
}
