/*
 * Keeps what waits, in which order it is taken, and the accounts of own
 * packets. Who answers what is in answer.c, where a packet goes in inject.c.
 * Called from punt.c (links), chs_ctl.c (notices) and rounds.c.
 */
#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "debug.h"
#include "inject.h"
#include "journey.h"
#include "log.h"
#include "path_mtu.h"
#include "punt_kind.h"
#include "rounds.h"

/* A packet for the controller, or the head of one that a card dropped. */
struct task {
	struct pkt pkt; /* of a notice: its place and circuits only */
	struct answer_drop drop;
	uint8_t *quote; /* NULL: the packet itself is here */
};

/* An own packet that waits for a round of its own. */
struct late {
	struct pkt pkt;
	uint16_t to;
};

struct own {
	struct task *tasks;
	size_t ntasks, task_room;
	struct late *late;
	size_t nlate, late_room;
	uint32_t late_after; /* own_late_after() */
	struct pkt_tally tally;
};

int
own_new(struct own **own)
{
	*own = calloc(1, sizeof(**own));
	return *own != NULL ? 0 : -ENOMEM;
}

void
own_free(struct own **at)
{
	struct own *own = *at;

	if (own == NULL)
		return;
	for (size_t i = 0; i < own->ntasks; i++)
		free(own->tasks[i].quote);
	free(own->tasks);
	free(own->late);
	free(own);
	*at = NULL;
}

/* Room for one more; the rows keep their place for the next round. */
static bool
grow(void *array_at, size_t *room, size_t n, size_t octets)
{
	void *array;

	if (n < *room)
		return true;
	memcpy((void *)&array, array_at, sizeof(array));
	array = realloc(array, (*room == 0 ? 64 : 2 * *room) * octets);
	if (array == NULL)
		return false;
	memcpy(array_at, (void *)&array, sizeof(array));
	*room = *room == 0 ? 64 : 2 * *room;
	return true;
}

/* --- accounts ------------------------------------------------------------- */

/* A packet ends here; what it was is counted by the caller. */
static void
end(struct chs *chs, const struct pkt *p)
{
	pkt_tally_add(&chs->own->tally, p->round);
	bp_end(chs->bp, p);
}

static void
drop(struct chs *chs, const struct pkt *p, enum pkt_fate fate)
{
	journey_say(chs, p, CTL_SAID_DROP, fate, "dropped, %s: %s",
		    pkt_fate_name(fate), pkt_fate_sentence(fate));
	counter_add(&chs->xcrp->dropped[fate], 1);
	end(chs, p);
}

void
own_flush(struct chs *chs)
{
	bp_flush(chs->bp); /* buffers are home before their fates are told */
	rounds_tally(chs, &chs->own->tally);
}

/* --- making and sending --------------------------------------------------- */

bool
own_make(struct chs *chs, const struct pkt *cause, struct pkt *p)
{
	*p = *cause;
	p->flags = 0;
	p->circuit_in = 0;
	p->l2 = 0;
	bp_collect(chs->bp);
	if (pkt_alloc(bp_pool(chs->bp), p))
		return true;
	counter_add(&chs->xcrp->notices_refused, 1);
	return false;
}

static enum pkt_fate
inject(struct chs *chs, const struct pkt *p, uint16_t to)
{
	enum pkt_fate fate = PKT_GO;

	counter_add(&chs->xcrp->originated, 1);
	rounds_originated(chs, p->round);
	if (bp_connected(chs->bp, to)) {
		punt_record(chs, p);
		bp_put(chs->bp, to, p);
		return fate;
	}
	fate =
	    stage_role(to) == STAGE_EPPA ? PKT_DROP_PORT_DOWN : PKT_DROP_NO_ASP;
	drop(chs, p, fate);
	return fate;
}

/*
 * Rounds up to late_after may have begun by now or not, which is chance: so
 * they all begin before what waits is sent.
 */
void
own_wait(struct chs *chs, uint32_t round)
{
	if (chs->own->late_after == 0)
		chs->own->late_after = round + chs->rounds_open - 1;
}

static void
send_later(struct chs *chs, const struct pkt *p, uint16_t to)
{
	struct own *own = chs->own;

	own_wait(chs, p->round);
	if (grow(&own->late, &own->late_room, own->nlate, sizeof(*own->late)))
		own->late[own->nlate++] = (struct late){.pkt = *p, .to = to};
	else
		bp_end(chs->bp, p); /* never counted as made */
}

static void take_local(struct chs *chs, const struct pkt *p, uint32_t context);

enum pkt_fate
own_send(struct chs *chs, const struct pkt *made, uint32_t context)
{
	struct pkt p = *made;
	uint16_t to = STAGE_NONE;
	enum pkt_fate fate = inject_route(chs, context, &p, &to);

	if (fate != PKT_GO) {
		counter_add(&chs->xcrp->originated, 1);
		rounds_originated(chs, p.round);
		drop(chs, &p, fate);
		return fate;
	}
	if (to != chs->proc[0].stage && (p.flags & PKT_F_PROTECT) != 0 &&
	    p.round != 0)
		send_later(chs, &p, to);
	else if (to != chs->proc[0].stage)
		return inject(chs, &p, to);
	else
		take_local(chs, &p, context);
	return PKT_GO;
}

uint32_t
own_late_after(const struct chs *chs)
{
	return chs->own->late_after;
}

void
own_send_late(struct chs *chs, uint32_t round)
{
	struct own *own = chs->own;

	own->late_after = 0;
	path_mtu_tell(chs);
	for (size_t i = 0; i < own->nlate; i++) {
		own->late[i].pkt.round = round;
		(void)inject(chs, &own->late[i].pkt, own->late[i].to);
	}
	own->nlate = 0;
	own_flush(chs);
}

/* --- what comes ----------------------------------------------------------- */

/*
 * A packet has come to its end at the controller, in a context (0: that of its
 * circuit). What it is answered with may be in its buffer.
 */
static void
take(struct chs *chs, struct pkt *p, uint32_t context)
{
	struct pkt answer = *p;
	const uint8_t *ip = pkt_data(bp_mem(chs->bp), p);

	if (debug_on(chs, DEBUG_IP_PACKET))
		debug_packet(chs, DEBUG_IP_PACKET,
			     punt_fact(punt_kind_of(ip, p->len))->name, p, ip,
			     p->len);
	if (context == 0)
		context = answer_context(chs, p);
	if (inject_unprotected(chs, context, p)) {
		drop(chs, p, PKT_DROP_UNPROTECTED);
		return;
	}
	counter_add(&chs->xcrp->punted, 1);
	pkt_tally_add(&chs->own->tally, p->round);
	if (answer_packet(chs, &answer, context))
		(void)own_send(chs, &answer, context);
	else
		bp_end(chs->bp, p);
}

/* From us to us: no stage sees it, but it was made and it has come. */
static void
take_local(struct chs *chs, const struct pkt *p, uint32_t context)
{
	struct pkt here = *p;

	counter_add(&chs->xcrp->originated, 1);
	rounds_originated(chs, p->round);
	punt_record(chs, &here);
	take(chs, &here, context);
}

static bool
hold(struct chs *chs, const struct task *task)
{
	struct own *own = chs->own;

	if (!grow(&own->tasks, &own->task_room, own->ntasks,
		  sizeof(*own->tasks)))
		return false;
	own->tasks[own->ntasks++] = *task;
	rounds_hold(chs, task->pkt.round, task->quote == NULL);
	return true;
}

void
own_vector(struct chs *chs, const struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		struct task task = {.pkt = v->pkt[i]};

		if (task.pkt.hop < UINT8_MAX)
			task.pkt.hop++;
		if (task.pkt.round == 0 || !hold(chs, &task))
			take(chs, &task.pkt, 0);
	}
	own_flush(chs);
}

static void
take_task(struct chs *chs, struct task *task)
{
	if (task->quote == NULL)
		take(chs, &task->pkt, 0);
	else
		answer_drop(chs, &task->pkt, &task->drop, task->quote);
	free(task->quote);
	task->quote = NULL;
}

/* In order of arrival; of one packet the drop comes before what it made. */
static int
task_compare(const void *a, const void *b)
{
	const struct task *x = a;
	const struct task *y = b;
	uint64_t i = pkt_order_tie(&x->pkt);
	uint64_t j = pkt_order_tie(&y->pkt);

	if (x->pkt.order_ns != y->pkt.order_ns)
		return x->pkt.order_ns < y->pkt.order_ns ? -1 : 1;
	if (i != j)
		return i < j ? -1 : 1;
	return (y->quote != NULL) - (x->quote != NULL);
}

/* The tasks of a round to the end of the array, in order; how many. */
static size_t
gather(struct own *own, uint32_t round)
{
	size_t kept = own->ntasks;

	for (size_t i = own->ntasks; i-- > 0;) {
		if (own->tasks[i].pkt.round == round) {
			struct task task = own->tasks[i];

			own->tasks[i] = own->tasks[--kept];
			own->tasks[kept] = task;
		}
	}
	if (own->ntasks - kept > 1)
		qsort(own->tasks + kept, own->ntasks - kept,
		      sizeof(*own->tasks), task_compare);
	return own->ntasks - kept;
}

void
own_release(struct chs *chs, uint32_t round)
{
	struct own *own = chs->own;
	size_t n = gather(own, round);
	size_t first = own->ntasks - n;

	for (size_t i = first; i < first + n; i++)
		take_task(chs, &own->tasks[i]);
	own->ntasks = first;
	own_flush(chs);
}

void
own_abandon(struct chs *chs)
{
	struct own *own = chs->own;

	for (size_t i = 0; i < own->ntasks; i++) {
		struct task *task = &own->tasks[i];

		if (task->quote == NULL) {
			counter_add(&chs->xcrp->punted, 1);
			end(chs, &task->pkt);
		}
		free(task->quote);
	}
	for (size_t i = 0; i < own->nlate; i++)
		bp_end(chs->bp, &own->late[i].pkt);
	own->ntasks = own->nlate = 0;
	own->late_after = 0;
	own_flush(chs);
}

/* --- notices -------------------------------------------------------------- */

static void
take_notice(struct chs *chs, const struct ctl_notice *n, const uint8_t *quote)
{
	struct task task = {
	    .pkt = {.time_ns = be64_get(n->time_ns),
		    .order_ns = be64_get(n->order_ns),
		    .index = be32_get(n->index),
		    .round = be32_get(n->round),
		    .circuit_in = be32_get(n->circuit_in),
		    .circuit_out = be32_get(n->circuit_out),
		    .flags = be16_get(n->flags),
		    .trace = be32_get(n->trace),
		    .in_stage = be16_get(n->in_stage),
		    .in_port = n->in_port,
		    .hop = (uint8_t)(n->hop + (n->hop < UINT8_MAX))},
	    .drop = {.fate = n->fate,
		     .mtu = be16_get(n->mtu),
		     .octets = be16_get(n->octets)}};

	if (task.pkt.in_stage >= STAGE_ID_MAX)
		return;
	task.quote = malloc(task.drop.octets);
	if (task.quote == NULL)
		return;
	memcpy(task.quote, quote, task.drop.octets);
	debug_packet(chs, DEBUG_IP_DROP, pkt_fate_name(n->fate), &task.pkt,
		     task.quote, task.drop.octets);
	if (task.pkt.round == 0 || !hold(chs, &task))
		take_task(chs, &task);
}

void
own_notices(struct chs *chs, const struct ctl_in *in)
{
	const uint8_t *at = in->tail;
	size_t left = in->tail_octets;

	while (left >= sizeof(struct ctl_notice)) {
		const struct ctl_notice *n = (const void *)at;
		size_t octets = be16_get(n->octets);

		at += sizeof(*n);
		left -= sizeof(*n);
		if (octets == 0 || octets > left)
			break;
		take_notice(chs, n, at);
		at += octets;
		left -= octets;
	}
	if (left != 0)
		log_warn("own: a notice of stage=%u is cut", in->from);
	own_flush(chs);
}
