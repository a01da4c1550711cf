/*
 * ASPs at run time. The tables that run say who has which seat (seats.c); here
 * it is seen that somebody else should have it, because a process died, came
 * back, or was shut down or let go by an operator. Then the same configuration
 * is derived and pushed anew: the SAs of the tunnels go to their new ASP with
 * sequence numbers that no ASP had (seqlog.h), and in it count as seen all
 * numbers that the one before had accepted.
 *
 * An ASP that is shut down has no process, so what it had accepted is final
 * before another ASP opens the first packet.
 */
#include "asps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "events.h"
#include "log.h"
#include "path_mtu.h"
#include "push.h"
#include "sa_counter.h"
#include "seats.h"
#include "slot.h"

static void
note_sa(struct chs *chs, const struct running_sa *sa)
{
	const struct stats *s =
	    stage_valid(sa->asp) ? chs->proc[sa->asp].stats : NULL;
	const struct counter *c;

	if (s == NULL)
		return;
	c = s->sa[be32_get(sa->row.id)];
	seqlog_leave(chs->seqlog, sa->print,
		     sa->row.direction == CTL_SA_IN
			 ? counter_get(&c[SA_COUNTER_SEQUENCE])
			 : 0,
		     counter_get(&c[SA_COUNTER_LIFE_OCTETS]));
}

void
asps_note_sas(struct chs *chs, const struct proc *proc)
{
	const struct tables *t = running_tables(chs->running);

	for (size_t i = 0; i < t->nsas; i++) {
		if (t->sas[i].asp == proc->stage)
			note_sa(chs, &t->sas[i]);
	}
}

/* Both are in the order of their ids. */
void
asps_note_moves(struct chs *chs, const struct tables *now)
{
	const struct tables *was = running_tables(chs->running);
	size_t k = 0;

	for (size_t i = 0; i < was->nsas; i++) {
		const struct running_sa *sa = &was->sas[i];

		while (k < now->nsas &&
		       be32_get(now->sas[k].row.id) < be32_get(sa->row.id))
			k++;
		if (k < now->nsas && now->sas[k].asp != sa->asp &&
		    be32_get(now->sas[k].row.id) == be32_get(sa->row.id))
			note_sa(chs, sa);
	}
}

/* --- seats ---------------------------------------------------------------- */

static bool
same_seats(const struct tables *a, const struct tables *b)
{
	if (a->nseats != b->nseats)
		return false;
	for (size_t i = 0; i < a->nseats; i++) {
		if (a->seats[i].asp != b->seats[i].asp)
			return false;
	}
	return true;
}

static unsigned
tunnels_on(const struct tables *t, uint16_t stage)
{
	unsigned n = 0;

	for (size_t i = 0; i < t->ntunnels; i++)
		n += t->tunnels[i].asp == stage;
	return n;
}

static void
tell_seat(struct chs *chs, const struct running_seat *seat, uint16_t was)
{
	const char *group = cfg_str(seat->group, CFG_GROUP_NAME);
	char from[STAGE_NAME_MAX];
	char to[STAGE_NAME_MAX];

	if (seat->asp == was)
		return;
	if (seat->asp == STAGE_NONE)
		event_add(chs, EVENT_ERROR, "ASP", "NOSPARE",
			  "group %s: no spare for the seat of %s", group,
			  stage_name(was, from));
	else
		event_add(chs, EVENT_NOTICE, "ASP", "SEAT",
			  "group %s: %s has the seat of %s, tunnels: %u", group,
			  stage_name(seat->asp, to),
			  was == STAGE_NONE ? "nobody" : stage_name(was, from),
			  tunnels_on(running_tables(chs->running), seat->asp));
}

/* Who had the seats: the tables of then are gone once others run. */
static uint16_t *
holders(const struct tables *t)
{
	uint16_t *list = calloc(t->nseats, sizeof(*list));

	for (size_t i = 0; list != NULL && i < t->nseats; i++)
		list[i] = t->seats[i].asp;
	return list;
}

static void
settle(struct chs *chs)
{
	const struct tables *t = running_tables(chs->running);
	size_t n = t->nseats;
	uint16_t *was = holders(t);
	char why[256] = "out of memory";
	int err = was == NULL ? -ENOMEM : 0;

	if (err == 0)
		err = push_commit(chs, running_tree(chs->running), why,
				  sizeof(why));
	if (err != 0)
		log_error("asps: seats stay as they are: %s", why);
	else
		path_mtu_again(chs);
	t = running_tables(chs->running);
	for (size_t i = 0; err == 0 && i < n && i < t->nseats; i++)
		tell_seat(chs, &t->seats[i], was[i]);
	free(was);
}

void
asps_settle(struct chs *chs)
{
	struct tables to_be = {.tree = NULL};
	int err;

	if (chs->args->replay || chs->leaving || !chs->ready)
		return;
	to_be.tree = running_tables(chs->running)->tree;
	err = derive_seats(chs, &to_be);
	if (err == 0 && !same_seats(running_tables(chs->running), &to_be))
		settle(chs);
	free(to_be.seats);
}

/* --- orders --------------------------------------------------------------- */

/* The stage that a request names; else an answer that says why not. */
static json_t *
find_asp(struct chs *chs, const json_t *rq, uint16_t *stage)
{
	json_int_t slot = json_integer_value(json_object_get(rq, "slot"));
	json_int_t asp = json_integer_value(json_object_get(rq, "asp"));

	if (slot < 1 || slot > STAGE_SLOT_MAX || asp < 1 || asp > 2)
		return client_error("invalid", -1, "not the number of an ASP");
	*stage = stage_id((unsigned)slot, asp == 1 ? STAGE_ASP1 : STAGE_ASP2);
	if (chs_proc(chs, *stage) == NULL)
		return client_error("invalid", -1, "ASP %d/%d does not exist",
				    (int)slot, (int)asp);
	return NULL;
}

static json_t *
refuse(const struct chs *chs)
{
	if (chs->args->replay || chs->args->spawn != NULL)
		return client_error("invalid", -1,
				    "the cards of a replay can not be "
				    "reloaded or shut down");
	return NULL;
}

static json_t *
reload(struct chs *chs, unsigned slot, uint16_t only)
{
	int err = slot_reload(chs, slot, only);

	if (err != 0)
		return client_error("machine", -1, "not reloaded: %s",
				    strerror(-err));
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		const struct proc *proc = chs_proc(chs, i);

		if (stage_slot(i) == slot && proc != NULL &&
		    (only == STAGE_NONE || only == i) && !proc->shut &&
		    !chs_live(proc))
			return client_error("machine", -1,
					    "it did not come up again");
	}
	return client_ok(NULL);
}

json_t *
asps_reload(struct chs *chs, const json_t *rq)
{
	json_int_t slot = json_integer_value(json_object_get(rq, "slot"));
	uint16_t stage = STAGE_NONE;
	json_t *no = refuse(chs);

	if (no == NULL && json_object_get(rq, "asp") != NULL)
		no = find_asp(chs, rq, &stage);
	if (no != NULL)
		return no;
	if (stage != STAGE_NONE && chs->proc[stage].shut)
		return client_error("invalid", -1, "the ASP is shut down");
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (stage_slot(i) == slot && chs_proc(chs, i) != NULL)
			return reload(chs, (unsigned)slot, stage);
	}
	return client_error("invalid", -1, "no card in slot %d", (int)slot);
}

json_t *
asps_shutdown(struct chs *chs, const json_t *rq)
{
	bool shut = json_is_true(json_object_get(rq, "shutdown"));
	uint16_t stage;
	json_t *no = refuse(chs);

	if (no == NULL)
		no = find_asp(chs, rq, &stage);
	if (no != NULL)
		return no;
	if (chs->proc[stage].shut == shut)
		return client_ok(NULL);
	chs->proc[stage].shut = shut;
	no = reload(chs, stage_slot(stage), stage);
	/* One that was dead when it was shut down dies no second time. */
	asps_settle(chs);
	return no;
}
