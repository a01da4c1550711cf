/*
 * Seats of ASP groups, and which ASP a tunnel is homed on. A group has
 * asp-count seats, filled from its pool in order; an ASP has one seat. Who has
 * a seat keeps it over commits and deaths, until it is shut down or is dead
 * while the pool has a spare: then the spare takes that very seat. A tunnel
 * keeps its home as long as that has a seat; a new one goes to the ASP of its
 * group with the fewest tunnels, ties to the first seat (reference: ASP pools
 * and groups; the choice, and that seats keep, is our reading).
 *
 * Called by derive.c, and by asps.c to see what would change. Decides from the
 * tree, the tables that run, and which processes live; changes nothing.
 */
#include "seats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum fit {
	FIT_NOT,   /* shut down, or its card is not there */
	FIT_DEAD,  /* will be started again */
	FIT_READY, /* runs, or is about to be started */
};

struct filling {
	struct chs *chs;
	struct tables *t;
	bool taken[STAGE_ID_MAX];
};

static enum fit
fit_of(const struct filling *f, uint16_t stage)
{
	const struct proc *proc = &f->chs->proc[stage];

	if (proc->shut || !derive_card_serves(f->t, stage_slot(stage)))
		return FIT_NOT;
	return proc->state == PROC_DEAD ? FIT_DEAD : FIT_READY;
}

const struct cfg_obj *
seats_pool(const struct tables *t, const struct cfg_obj *group)
{
	const char *name = cfg_bool(group, CFG_GROUP_SHUTDOWN)
			       ? NULL
			       : cfg_str(group, CFG_GROUP_POOL);

	return name == NULL ? NULL
			    : cfg_find(cfg_root(t->tree), CFG_POOL, name);
}

uint16_t
seats_stage(const struct cfg_obj *asp)
{
	struct cfg_slot_unit at = cfg_slot_unit(asp, CFG_ASP_NUMBER);

	return stage_id(at.slot, at.unit == 1 ? STAGE_ASP1 : STAGE_ASP2);
}

static const char *
group_name(const struct running_seat *seat)
{
	return cfg_str(seat->group, CFG_GROUP_NAME);
}

/* Who has this seat in the tables that run; STAGE_NONE: nobody. */
static uint16_t
holder_before(const struct filling *f, const struct running_seat *seat)
{
	const struct tables *was = running_tables(f->chs->running);

	for (size_t i = 0; was != NULL && i < was->nseats; i++) {
		const struct running_seat *old = &was->seats[i];

		if (old->index == seat->index && !old->shared &&
		    strcmp(group_name(old), group_name(seat)) == 0)
			return old->asp;
	}
	return STAGE_NONE;
}

static bool
in_pool(const struct filling *f, const struct running_seat *seat,
	uint16_t stage)
{
	unsigned unit = stage_role(stage) == STAGE_ASP1 ? 1 : 2;

	return cfg_find_number(seats_pool(f->t, seat->group), CFG_ASP,
			       stage_slot(stage) << 8 | unit) != NULL;
}

/* Those who had a seat and are fit for it as asked. */
static void
keep(struct filling *f, enum fit fit)
{
	for (size_t i = 0; i < f->t->nseats; i++) {
		struct running_seat *seat = &f->t->seats[i];
		uint16_t stage = holder_before(f, seat);

		if (seat->asp != STAGE_NONE || stage == STAGE_NONE ||
		    f->taken[stage] || !in_pool(f, seat, stage) ||
		    fit_of(f, stage) != fit)
			continue;
		seat->asp = stage;
		f->taken[stage] = true;
	}
}

/* The first of the pool, after skip of them, that is fit as asked, or more. */
static uint16_t
first_fit(const struct filling *f, const struct running_seat *seat,
	  enum fit fit, unsigned skip)
{
	const struct cfg_obj *asp;
	struct cfg_iter it;

	for (asp = cfg_first(&it, seats_pool(f->t, seat->group), CFG_ASP);
	     asp != NULL; asp = cfg_next(&it)) {
		uint16_t stage = seats_stage(asp);

		if ((f->taken[stage] && !seat->shared) ||
		    fit_of(f, stage) < fit || skip-- > 0)
			continue;
		return stage;
	}
	return STAGE_NONE;
}

static void
fill(struct filling *f, enum fit fit)
{
	for (size_t i = 0; i < f->t->nseats; i++) {
		struct running_seat *seat = &f->t->seats[i];

		if (seat->asp != STAGE_NONE)
			continue;
		seat->asp = first_fit(f, seat, fit, 0);
		if (seat->asp != STAGE_NONE)
			f->taken[seat->asp] = true;
	}
}

/*
 * A group that other groups of its pool left without any ASP shares theirs:
 * slower, but its tunnels are up.
 */
static void
share(struct filling *f)
{
	bool none = false;

	for (size_t i = 0; i < f->t->nseats; i++) {
		struct running_seat *seat = &f->t->seats[i];

		if (seat->index == 0)
			none = seat->asp == STAGE_NONE;
		if (!none)
			continue;
		seat->shared = true;
		seat->asp = first_fit(f, seat, FIT_READY, seat->index);
		if (seat->asp == STAGE_NONE)
			seat->asp = first_fit(f, seat, FIT_DEAD, seat->index);
	}
}

int
derive_seats(struct chs *chs, struct tables *t)
{
	struct filling f = {.chs = chs, .t = t};
	const struct cfg_obj *group;
	struct cfg_iter it;

	for (group = cfg_first(&it, cfg_root(t->tree), CFG_GROUP);
	     group != NULL; group = cfg_next(&it)) {
		unsigned n = seats_pool(t, group) == NULL
				 ? 0
				 : cfg_u32(group, CFG_GROUP_ASP_COUNT);

		for (unsigned i = 0; i < n; i++) {
			struct running_seat seat = {
			    .group = group, .index = i, .asp = STAGE_NONE};

			if (DERIVE_PUSH(t->seats, t->nseats, &seat) != 0)
				return -ENOMEM;
		}
	}
	keep(&f, FIT_READY);
	fill(&f, FIT_READY);
	keep(&f, FIT_DEAD);
	fill(&f, FIT_DEAD);
	share(&f);
	return 0;
}

/* --- tunnels -------------------------------------------------------------- */

static int
tunnel_compare(const void *key, const void *row)
{
	return strcmp(key, ((const struct running_tunnel *)row)->name);
}

static bool
has_seat(const struct tables *t, const char *group, uint16_t stage)
{
	for (size_t i = 0; i < t->nseats; i++) {
		if (t->seats[i].asp == stage &&
		    strcmp(group_name(&t->seats[i]), group) == 0)
			return true;
	}
	return false;
}

/* The home that a tunnel has and keeps; STAGE_NONE: it gets a new one. */
static uint16_t
home_before(struct chs *chs, const struct tables *t, const struct cfg_obj *obj)
{
	const struct tables *was = running_tables(chs->running);
	const char *group = cfg_str(obj, CFG_TUNNEL_ASP_GROUP);
	const struct running_tunnel *tunnel;

	if (was == NULL || was->ntunnels == 0 || group == NULL ||
	    cfg_bool(obj, CFG_TUNNEL_SHUTDOWN))
		return STAGE_NONE;
	tunnel = bsearch(cfg_str(obj, CFG_TUNNEL_NAME), was->tunnels,
			 was->ntunnels, sizeof(*was->tunnels), tunnel_compare);
	if (tunnel == NULL || tunnel->asp == STAGE_NONE ||
	    !has_seat(t, group, tunnel->asp))
		return STAGE_NONE;
	return tunnel->asp;
}

void
homing_begin(struct chs *chs, const struct tables *t, struct homing *h)
{
	const struct cfg_obj *obj;
	struct cfg_iter it;

	memset(h, 0, sizeof(*h));
	for (obj = cfg_first(&it, cfg_root(t->tree), CFG_TUNNEL); obj != NULL;
	     obj = cfg_next(&it)) {
		uint16_t stage = home_before(chs, t, obj);

		if (stage != STAGE_NONE)
			h->tunnels[stage]++;
	}
}

uint16_t
homing_choose(struct chs *chs, const struct tables *t,
	      const struct cfg_obj *tunnel, struct homing *h)
{
	const char *group = cfg_str(tunnel, CFG_TUNNEL_ASP_GROUP);
	uint16_t best = home_before(chs, t, tunnel);

	if (best != STAGE_NONE || group == NULL)
		return best;
	for (size_t i = 0; i < t->nseats; i++) {
		uint16_t stage = t->seats[i].asp;

		if (stage != STAGE_NONE &&
		    strcmp(group_name(&t->seats[i]), group) == 0 &&
		    (best == STAGE_NONE ||
		     h->tunnels[stage] < h->tunnels[best]))
			best = stage;
	}
	if (best != STAGE_NONE)
		h->tunnels[best]++;
	return best;
}
