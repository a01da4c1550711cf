/*
 * A row for each tunnel circuit that an ASP spoke of. A row counts only for the
 * ASP that wrote it: a tunnel that moves to another one is down there until
 * that one says otherwise.
 */
#include "keying.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "events.h"
#include "log.h"
#include "push.h"
#include "running.h"
#include "stage.h"

/* Refused messages that become lines of the log, in a second. */
#define REJECTS_PER_SECOND 10

struct keying_row {
	uint16_t asp; /* who said it, 0: nobody */
	bool up;
	uint8_t cause;
	uint64_t since_ns;
	uint64_t outage_ns;
};

struct keying_held {
	struct ctl_ike_sa sa;
	uint16_t asp;
};

struct keying {
	struct keying_held *held;
	size_t nheld;
	size_t room;
	bool dirty; /* something was said that the tables do not say */
	uint64_t second_ns;
	unsigned told;   /* rejects of this second */
	unsigned untold; /* since the last line */
	struct keying_row row[STATS_CIRCUITS];
};

/* The MIB's, in the order of its numbers. */
static const char *const causes[] = {"general",          "noRoute",
				     "aspHomingFailure", "ppaHomingFailure",
				     "configuredDown",   "keepaliveFailure",
				     "downByPeer",       "rekeyFailure",
				     "aspSoftReset",     "indeterminate"};

void
keying_free(struct keying **keying)
{
	if (*keying != NULL)
		free((*keying)->held);
	free(*keying);
	*keying = NULL;
}

static void
tell_reject(struct chs *chs, const struct ctl_ike_event *body,
	    const struct ctl_in *in)
{
	struct keying *k = chs->keying;
	uint64_t now = clock_monotonic();
	char peer[IP_ADDR_TEXT_MAX];

	if (now - k->second_ns >= CLOCK_SECOND_NS) {
		k->second_ns = now;
		k->told = 0;
	}
	if (k->told == REJECTS_PER_SECOND) {
		k->untold++;
		return;
	}
	k->told++;
	event_add(chs, EVENT_WARNING, "IKE",
		  body->version == 1 ? "V1REJ" : "V2REJ", "from %s: %.*s",
		  ip_addr_text(&body->remote, peer), (int)in->tail_octets,
		  (const char *)in->tail);
	if (k->untold > 0)
		event_add(chs, EVENT_WARNING, "IKE", "REJECTS",
			  "%u more were refused and not logged", k->untold);
	k->untold = 0;
}

static void
tell_state(struct keying *k, const struct proc *proc,
	   const struct ctl_ike_event *body)
{
	struct keying_row *row = &k->row[be32_get(body->circuit)];

	*row = (struct keying_row){.asp = proc->stage,
				   .up = body->kind == CTL_IKE_UP,
				   .cause = body->cause,
				   .since_ns = clock_monotonic(),
				   .outage_ns = be64_get(body->outage_ns)};
	k->dirty = true;
}

static bool
need(struct chs *chs)
{
	if (chs->keying == NULL)
		chs->keying = calloc(1, sizeof(*chs->keying));
	if (chs->keying == NULL)
		log_error("keying: out of memory, what an ASP said is lost");
	return chs->keying != NULL;
}

/* Room grows and stays: SAs come and go all the time. */
static int
hold(struct keying *k, const struct keying_held *held)
{
	struct keying_held *more;

	if (k->nheld == k->room) {
		more = realloc(k->held, (2 * k->room + 16) * sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		k->held = more;
		k->room = 2 * k->room + 16;
	}
	k->held[k->nheld++] = *held;
	return 0;
}

void
keying_event(struct chs *chs, const struct proc *proc, const struct ctl_in *in)
{
	const struct ctl_ike_event *body = in->body;

	if (!need(chs))
		return;
	if (body->kind == CTL_IKE_REJECTED)
		tell_reject(chs, body, in);
	else if (be32_get(body->circuit) < STATS_CIRCUITS)
		tell_state(chs->keying, proc, body);
}

/* --- SAs ------------------------------------------------------------------ */

/* Forgets the SA of an ASP, or all of them: id 0. */
static void
forget_sas(struct keying *k, uint16_t asp, uint32_t id)
{
	size_t n = 0;

	for (size_t i = 0; i < k->nheld; i++) {
		if (k->held[i].asp != asp ||
		    (id != 0 && be32_get(k->held[i].sa.id) != id))
			k->held[n++] = k->held[i];
	}
	k->nheld = n;
}

void
keying_sa(struct chs *chs, const struct proc *proc, const struct ctl_in *in)
{
	const struct ctl_ike_sa *body = in->body;
	struct keying_held held = {*body, proc->stage};

	if (!need(chs))
		return;
	if (body->op == CTL_OP_DELETE)
		forget_sas(chs->keying, proc->stage, be32_get(body->id));
	else if (be32_get(body->id) >= KEYING_SA_FIRST &&
		 hold(chs->keying, &held) != 0)
		log_error("keying: out of memory, an SA is not shown");
}

const struct ctl_ike_sa *
keying_sa_at(const struct chs *chs, size_t i, uint16_t *asp)
{
	const struct keying *k = chs->keying;

	if (k == NULL || i >= k->nheld)
		return NULL;
	*asp = k->held[i].asp;
	return &k->held[i].sa;
}

void
keying_died(struct chs *chs, const struct proc *proc)
{
	struct keying *k = chs->keying;

	if (k == NULL)
		return;
	forget_sas(k, proc->stage, 0);
	for (uint32_t i = 1; i < STATS_CIRCUITS; i++) {
		if (k->row[i].asp != proc->stage)
			continue;
		k->dirty |= k->row[i].up;
		k->row[i].up = false;
		k->row[i].cause = 8; /* aspSoftReset */
	}
}

/* Whether the tables that run say of some tunnel what is not so any more. */
static bool
is_stale(const struct chs *chs)
{
	const struct tables *t = running_tables(chs->running);

	for (size_t i = 0; i < t->ntunnels; i++) {
		const struct running_tunnel *tunnel = &t->tunnels[i];
		const char *cause = "-";

		if (tunnel->automatic && tunnel->asp != STAGE_NONE &&
		    (keying_up(chs, tunnel->circuit, tunnel->asp, &cause) !=
			 tunnel->up ||
		     strcmp(cause, tunnel->cause) != 0))
			return true;
	}
	return false;
}

void
keying_step(struct chs *chs)
{
	char why[256] = "";
	int err;

	if (chs->keying == NULL || !chs->keying->dirty || chs->leaving ||
	    !chs->ready)
		return;
	chs->keying->dirty = false;
	if (!is_stale(chs))
		return;
	err = push_commit(chs, running_tree(chs->running), why, sizeof(why));
	if (err != 0)
		log_error("keying: tunnels stay as they are: %s",
			  why[0] != '\0' ? why : strerror(-err));
}

bool
keying_up(const struct chs *chs, uint32_t circuit, uint16_t asp,
	  const char **cause)
{
	const struct keying *k = chs->keying;
	const struct keying_row *row;

	*cause = causes[0];
	if (k == NULL || circuit >= STATS_CIRCUITS)
		return false;
	row = &k->row[circuit];
	if (row->asp != asp || row->asp == 0)
		return false;
	*cause = row->up ? "-"
		 : row->cause < sizeof(causes) / sizeof(causes[0])
		     ? causes[row->cause]
		     : causes[9];
	return row->up;
}
