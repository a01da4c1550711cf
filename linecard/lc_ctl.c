/*
 * What the chassis says to a line card's processor: rows of tables, ports to
 * open, rounds to admit, flush and close. Every request is answered, also one
 * that can not be met; the answer bears the errno and a sentence.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lc.h"
#include "lc_depart.h"
#include "log.h"

#define LC_SENTENCES_MAX 2048
#define LC_AHEAD_MAX 65536

int
lc_ctl_rows(void *arg, enum ctl_type table, enum ctl_op op,
	    const uint8_t *items, size_t n)
{
	struct lc *lc = arg;

	if (table == CTL_NEIGHBORS)
		return lc_neighbor_rows(lc, op, items, n);
	return lc_table_rows(&lc->table, table, op, items, n);
}

/* Neighbors are a wish, not a promise: the table holds what it has room for. */
void *
lc_ctl_rehearse_begin(void *arg)
{
	const struct lc *lc = arg;
	struct lc_table *t = calloc(1, sizeof(*t));

	if (t != NULL && lc_table_init(t, lc->slot) != 0) {
		free(t);
		return NULL;
	}
	return t;
}

int
lc_ctl_rehearse(void *rehearsal, enum ctl_type table, const uint8_t *items,
		size_t n)
{
	return table == CTL_NEIGHBORS
		   ? 0
		   : lc_table_rows(rehearsal, table, CTL_OP_SET, items, n);
}

int
lc_ctl_rehearse_end(void *rehearsal)
{
	int err = lc_table_apply(rehearsal);

	lc_table_fini(rehearsal);
	free(rehearsal);
	return err;
}

int
lc_ctl_activate(void *arg)
{
	struct lc *lc = arg;

	return lc_table_apply(&lc->table);
}

/* --- ports ---------------------------------------------------------------- */

static void
lc_ctl_opened(struct lc *lc, unsigned port, int rc, const char *sentence)
{
	struct ctl_opened body = {
	    .what = be32_put(lc->slot << 8 | port),
	    .error = be32_put((uint32_t)-rc),
	};

	(void)card_tell(lc->card, CTL_OPENED, &body, sentence,
			rc == 0 ? 0 : strlen(sentence));
}

/* A far end that is live: a wire whose descriptor we inherited, or an
 * interface.
 */
static int
lc_ctl_open_live(struct lc *lc, const struct ctl_port *row, const char *path,
		 struct cap_error *err)
{
	struct port *port = &lc->port[row->port];
	struct port_far *far = NULL;
	int fd = -1;
	int rc;

	if (row->flags & CTL_PORT_INTERFACE)
		rc = port_live(&far, path, err);
	else if (sscanf(path, "fd:%d", &fd) == 1)
		rc = port_wire(&far, fd, PORT_WIRE_BARE, err);
	else if (sscanf(path, "lab:%d", &fd) == 1)
		rc = port_wire(&far, fd, PORT_WIRE_LAB, err);
	else
		rc = cap_error_set(err, -EINVAL, "%s: no wire", path);
	if (rc < 0)
		return rc;
	if (row->direction == CTL_PORT_RX)
		port_receive(port, far, card_stage(lc->card), row->port, true);
	else
		port_send(port, far);
	lc->wires += !port->wire;
	port->wire = true;
	(void)snprintf(port->path, sizeof(port->path), "%s", path);
	return 0;
}

static int
lc_ctl_open_in(struct lc *lc, const struct ctl_port *row, const char *path,
	       struct cap_error *err)
{
	struct port_far *far = NULL;
	int rc = port_file_in(&far, path, err);

	if (rc < 0)
		return rc;
	port_receive(&lc->port[row->port], far, card_stage(lc->card), row->port,
		     (row->flags & CTL_PORT_STRICT_MAC) != 0);
	ahead_add(&lc->ahead, &lc->port[row->port]);
	return 0;
}

static int
lc_ctl_open_out(struct lc *lc, const struct ctl_port *row, const char *path,
		struct cap_error *err)
{
	struct port *port = &lc->port[row->port];
	struct port_far *far = NULL;
	char name[16];
	int rc = 0;

	if ((row->flags & CTL_PORT_DISCARD) == 0) {
		(void)snprintf(name, sizeof(name), "%u/%u", lc->slot,
			       row->port);
		rc = port_file_out(&far, path,
				   row->flags & CTL_PORT_PCAPNG ? CAP_PCAPNG
								: CAP_PCAP,
				   name, err);
	}
	if (rc < 0)
		return rc;
	port_send(port, far);
	(void)snprintf(port->path, sizeof(port->path), "%s", path);
	return 0;
}

static void
lc_ctl_port_open(struct lc *lc, const struct ctl_in *in)
{
	const struct ctl_port *row = in->body;
	enum stage_role role = stage_role(card_stage(lc->card));
	struct cap_error err = {"the line card has no such port"};
	char path[CTL_PATH_MAX];
	int rc = -EINVAL;

	if (in->tail_octets < sizeof(path)) {
		memcpy(path, in->tail, in->tail_octets);
		path[in->tail_octets] = '\0';
		if (row->slot != lc->slot || row->port >= STATS_PORTS)
			rc = -ENODEV;
		else if (row->flags & (CTL_PORT_WIRE | CTL_PORT_INTERFACE))
			rc = lc_ctl_open_live(lc, row, path, &err);
		else if (row->direction == CTL_PORT_RX && role == STAGE_IPPA)
			rc = lc_ctl_open_in(lc, row, path, &err);
		else if (row->direction == CTL_PORT_TX && role == STAGE_EPPA)
			rc = lc_ctl_open_out(lc, row, path, &err);
	}
	lc_ctl_opened(lc, row->port, rc, err.text);
}

/* --- rounds --------------------------------------------------------------- */

static void
lc_ctl_fill(struct lc *lc, uint32_t per_card)
{
	if (per_card > LC_AHEAD_MAX)
		per_card = LC_AHEAD_MAX;
	bp_collect(card_bp(lc->card));
	if (ahead_fill(&lc->ahead, bp_pool(card_bp(lc->card)),
		       card_mem(lc->card), per_card) < 0)
		log_error("lc: no memory to read ahead slot=%u", lc->slot);
}

/* Damage that was not told yet, all sentences in one; the first errno. */
static int
lc_ctl_damage(struct lc *lc, char *text, size_t octets)
{
	size_t n = 0;
	int error = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < STATS_PORTS; i++) {
		struct port *port = &lc->port[i];
		int put;

		if (port->error == 0)
			continue;
		put = snprintf(text + n, octets - n, "%s%s",
			       error != 0 ? "; " : "", port->why.text);
		if (put > 0)
			n = n + (size_t)put < octets ? n + (size_t)put
						     : octets - 1;
		error = error != 0 ? error : -port->error;
		port->error = 0;
	}
	return error;
}

/* What lies ahead, over all ports. */
static void
lc_ctl_ahead(const struct lc *lc, struct ctl_admitted *body)
{
	uint64_t next_ns = PORT_NO_TIME;
	uint64_t limit_ns = PORT_NO_TIME;
	bool ended = true;

	for (unsigned i = 0; i < STATS_PORTS; i++) {
		const struct port *port = &lc->port[i];

		if (port_next_ns(port) < next_ns)
			next_ns = port_next_ns(port);
		if (port_limit_ns(port) < limit_ns)
			limit_ns = port_limit_ns(port);
		ended = ended && port_ended(port);
	}
	body->next_ns = be64_put(next_ns);
	body->limit_ns = be64_put(limit_ns);
	body->ended = be32_put(ended ? 1 : 0);
}

static void
lc_ctl_admit(struct lc *lc, const struct ctl_in *in)
{
	const struct ctl_admit *ask = in->body;
	uint32_t round = be32_get(ask->round);
	struct ctl_admitted body = {.round = ask->round};
	char text[LC_SENTENCES_MAX];

	if (round != 0)
		body.packets =
		    be32_put(lc_in_admit(lc, round, be64_get(ask->until_ns)));
	lc_ctl_fill(lc, be32_get(ask->per_card));
	body.error = be32_put((uint32_t)lc_ctl_damage(lc, text, sizeof(text)));
	lc_ctl_ahead(lc, &body);
	(void)card_tell(lc->card, CTL_ADMITTED, &body, text, strlen(text));
}

static void
lc_ctl_flush(struct lc *lc, const struct ctl_in *in)
{
	const struct ctl_round *body = in->body;

	lc_depart_flush(lc, be32_get(body->round));
	for (unsigned i = 0; i < STATS_PORTS; i++)
		(void)port_flush(&lc->port[i], be32_get(body->round));
}

/* The card library answers CLOSED, with the first error told here. */
static void
lc_ctl_close(struct lc *lc, const struct ctl_in *in)
{
	(void)in;
	lc_join_end(lc);
	lc_depart_close(lc);
	for (unsigned i = 0; i < STATS_PORTS; i++) {
		struct port *port = &lc->port[i];
		struct cap_error err;
		int rc = port_close_out(port);

		if (rc == 0)
			continue;
		(void)cap_error_set(&err, rc, "%s: %s", port->path,
				    strerror(-rc));
		card_close_error(lc->card, rc, err.text);
	}
}

void
lc_ctl_message(void *arg, const struct ctl_in *in)
{
	struct lc *lc = arg;

	switch (in->type) {
	case CTL_PORT_OPEN:
		lc_ctl_port_open(lc, in);
		break;
	case CTL_NEIGHBOR_ASK:
		if (lc->neighbors != NULL)
			lc_neighbor_ask(lc, in);
		break;
	case CTL_ADMIT:
		lc_ctl_admit(lc, in);
		break;
	case CTL_FLUSH:
		lc_ctl_flush(lc, in);
		break;
	case CTL_CLOSE:
		lc_ctl_close(lc, in);
		break;
	default:
		break;
	}
}
