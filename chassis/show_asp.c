/*
 * ASPs, their pools and groups, as JSON: who has which seat, and why a tunnel
 * has no home.
 */
#include <stdio.h>
#include <string.h>

#include "alg_engine_id.h"
#include "clock.h"
#include "pkt_fate.h"
#include "running.h"
#include "seats.h"
#include "show.h"

#define ASP_NAME_MAX 16

const char *
show_state_name(const struct proc *proc)
{
	switch (proc->state) {
	case PROC_STARTING:
		return "booting";
	case PROC_UP:
		return "up";
	case PROC_DEAD:
		return proc->shut ? "shutdown" : "failed";
	default:
		return "none";
	}
}

static const char *
asp_state(const struct proc *proc)
{
	return proc->state == PROC_UP ? "ready" : show_state_name(proc);
}

static const char *
asp_name(uint16_t stage, char name[ASP_NAME_MAX])
{
	(void)snprintf(name, ASP_NAME_MAX, "%u/%u", stage_slot(stage),
		       stage_role(stage) == STAGE_ASP1 ? 1 : 2);
	return name;
}

static const char *
pool_of(const struct tables *t, uint16_t stage)
{
	unsigned unit = stage_role(stage) == STAGE_ASP1 ? 1 : 2;
	const struct cfg_obj *pool;
	struct cfg_iter it;

	for (pool = cfg_first(&it, cfg_root(t->tree), CFG_POOL); pool != NULL;
	     pool = cfg_next(&it)) {
		if (cfg_find_number(pool, CFG_ASP,
				    stage_slot(stage) << 8 | unit) != NULL)
			return cfg_str(pool, CFG_POOL_NAME);
	}
	return NULL;
}

/* The group that the ASP has a seat of, or NULL. */
static const char *
group_of(const struct tables *t, uint16_t stage)
{
	for (size_t i = 0; i < t->nseats; i++) {
		if (t->seats[i].asp == stage)
			return cfg_str(t->seats[i].group, CFG_GROUP_NAME);
	}
	return NULL;
}

static unsigned
tunnels_of(const struct tables *t, uint16_t stage)
{
	unsigned n = 0;

	for (size_t i = 0; i < t->ntunnels; i++)
		n += t->tunnels[i].asp == stage;
	return n;
}

static const char *
asp_role(const char *pool, const char *group, const struct proc *proc)
{
	if (pool == NULL)
		return "unassigned";
	if (group != NULL)
		return "active";
	return proc->shut ? "-" : "spare";
}

/* What its process is and did. */
static void
asp_detail_put(const struct proc *proc, json_t *row)
{
	const struct stats *s = proc->stats;
	uint64_t received = 0;
	uint64_t sent = 0;
	uint64_t dropped = 0;

	for (unsigned i = 0; s != NULL && i < STATS_STAGES; i++) {
		received += counter_get(&s->link_received[i].packets);
		sent += counter_get(&s->sent[i].packets);
	}
	for (unsigned i = PKT_DROP_FIRST; s != NULL && i < PKT_FATES; i++)
		dropped += counter_get(&s->dropped[i]);
	(void)json_object_update_new(
	    row,
	    json_pack("{s:i, s:i, s:s, s:i, s:I, s:I, s:I}", "pid",
		      (int)proc->pid, "epoch", (int)proc->epoch, "engine",
		      alg_engine_word(proc->engine), "generation",
		      (int)proc->generation, "packets_received",
		      (json_int_t)received, "packets_sent", (json_int_t)sent,
		      "packets_dropped", (json_int_t)dropped));
}

static json_t *
asp_row(struct chs *chs, uint16_t stage)
{
	const struct tables *t = running_tables(chs->running);
	const struct proc *proc = &chs->proc[stage];
	const char *pool = pool_of(t, stage);
	const char *group = group_of(t, stage);
	uint64_t up_ns =
	    chs_live(proc) ? clock_monotonic() - proc->started_ns : 0;
	char name[ASP_NAME_MAX];
	json_t *row;

	row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I}", "asp",
			asp_name(stage, name), "card", "ase", "service",
			"security", "pool", pool != NULL ? pool : "-", "group",
			group != NULL ? group : "-", "role",
			asp_role(pool, group, proc), "state", asp_state(proc),
			"tunnels", (int)tunnels_of(t, stage), "uptime_s",
			(json_int_t)(up_ns / CLOCK_SECOND_NS));
	asp_detail_put(proc, row);
	return row;
}

json_t *
show_asp(struct chs *chs, const json_t *args)
{
	json_t *list = json_array();

	(void)args;
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (chs_proc(chs, i) != NULL && (stage_role(i) == STAGE_ASP1 ||
						 stage_role(i) == STAGE_ASP2))
			(void)json_array_append_new(list, asp_row(chs, i));
	}
	return json_pack("{s:o}", "asps", list);
}

/* --- pools ---------------------------------------------------------------- */

static json_t *
pool_row(struct chs *chs, const struct cfg_obj *pool)
{
	const struct tables *t = running_tables(chs->running);
	const char *description = cfg_str(pool, CFG_POOL_DESCRIPTION);
	json_t *members = json_array();
	const struct cfg_obj *asp;
	int active = 0, spare = 0, down = 0;
	struct cfg_iter it;

	for (asp = cfg_first(&it, pool, CFG_ASP); asp != NULL;
	     asp = cfg_next(&it)) {
		uint16_t stage = seats_stage(asp);
		char name[ASP_NAME_MAX];

		(void)json_array_append_new(members,
					    json_string(asp_name(stage, name)));
		if (!chs_live(&chs->proc[stage]))
			down++;
		else if (group_of(t, stage) != NULL)
			active++;
		else
			spare++;
	}
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:o}", "pool",
			 cfg_str(pool, CFG_POOL_NAME), "service", "security",
			 "description", description != NULL ? description : "",
			 "active", active, "spare", spare, "down", down, "asps",
			 members);
}

json_t *
show_asp_pool(struct chs *chs, const json_t *args)
{
	const struct tables *t = running_tables(chs->running);
	json_t *list = json_array();
	const struct cfg_obj *pool;
	struct cfg_iter it;

	(void)args;
	for (pool = cfg_first(&it, cfg_root(t->tree), CFG_POOL); pool != NULL;
	     pool = cfg_next(&it))
		(void)json_array_append_new(list, pool_row(chs, pool));
	return json_pack("{s:o}", "pools", list);
}

/* --- groups --------------------------------------------------------------- */

static json_t *
seat_row(struct chs *chs, const struct running_seat *seat)
{
	const struct tables *t = running_tables(chs->running);
	bool held = seat->asp != STAGE_NONE;
	char name[ASP_NAME_MAX];

	return json_pack("{s:i, s:s, s:s, s:b, s:i}", "seat",
			 (int)seat->index + 1, "asp",
			 held ? asp_name(seat->asp, name) : "-", "state",
			 held ? asp_state(&chs->proc[seat->asp]) : "empty",
			 "shared", (int)seat->shared, "tunnels",
			 held ? (int)tunnels_of(t, seat->asp) : 0);
}

static unsigned
tunnels_of_group(const struct tables *t, const char *name)
{
	unsigned n = 0;

	for (size_t i = 0; i < t->ntunnels; i++) {
		const char *group =
		    cfg_str(t->tunnels[i].obj, CFG_TUNNEL_ASP_GROUP);

		n += group != NULL && strcmp(group, name) == 0;
	}
	return n;
}

static json_t *
group_row(struct chs *chs, const struct cfg_obj *group)
{
	const struct tables *t = running_tables(chs->running);
	const char *name = cfg_str(group, CFG_GROUP_NAME);
	const char *pool = cfg_str(group, CFG_GROUP_POOL);
	json_t *seats = json_array();
	int filled = 0;

	for (size_t i = 0; i < t->nseats; i++) {
		const struct running_seat *seat = &t->seats[i];

		if (strcmp(cfg_str(seat->group, CFG_GROUP_NAME), name) != 0)
			continue;
		filled +=
		    seat->asp != STAGE_NONE && chs_live(&chs->proc[seat->asp]);
		(void)json_array_append_new(seats, seat_row(chs, seat));
	}
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:o}", "group", name,
			 "pool", pool != NULL ? pool : "-", "state",
			 cfg_bool(group, CFG_GROUP_SHUTDOWN) ? "shutdown"
			 : filled > 0                        ? "up"
							     : "down",
			 "asp_count", (int)cfg_u32(group, CFG_GROUP_ASP_COUNT),
			 "active", filled, "tunnels",
			 (int)tunnels_of_group(t, name), "seats", seats);
}

json_t *
show_asp_group(struct chs *chs, const json_t *args)
{
	const struct tables *t = running_tables(chs->running);
	json_t *list = json_array();
	const struct cfg_obj *group;
	struct cfg_iter it;

	(void)args;
	for (group = cfg_first(&it, cfg_root(t->tree), CFG_GROUP);
	     group != NULL; group = cfg_next(&it))
		(void)json_array_append_new(list, group_row(chs, group));
	return json_pack("{s:o}", "groups", list);
}
