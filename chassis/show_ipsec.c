/*
 * What ASPs did for IPsec, as JSON, and clearing it. Sums are over the SAs that
 * are homed on an ASP now, since they were last cleared, whichever ASP counted.
 */
#include <stdio.h>
#include <string.h>

#include "running.h"
#include "show.h"
#include "tallies.h"

/* Of the SAs of one direction on one ASP. */
struct sums {
	unsigned sas;
	uint64_t count[SA_COUNTERS_MAX];
};

static void
sums_take(struct chs *chs, uint16_t stage, uint8_t direction, struct sums *sums)
{
	const struct tables *t = running_tables(chs->running);

	memset(sums, 0, sizeof(*sums));
	for (size_t i = 0; i < t->nsas; i++) {
		const struct running_sa *sa = &t->sas[i];

		if (sa->asp != stage || sa->row.direction != direction)
			continue;
		sums->sas++;
		for (unsigned k = 0; k < SA_COUNTERS_MAX; k++)
			sums->count[k] +=
			    tally_sa(chs, stage, be32_get(sa->row.id), k);
	}
}

static json_t *
direction_json(const struct sums *sums)
{
	static const char *const names[] = {
#define X(id, name, sentence) [SA_COUNTER_##id] = (name),
	    SA_COUNTERS(X)
#undef X
	};
	json_t *o = json_pack("{s:i}", "sas", (int)sums->sas);

	for (unsigned k = 0; k < SA_COUNTERS_MAX; k++) {
		if (!tally_sa_is_state(k))
			(void)json_object_set_new(
			    o, names[k],
			    json_integer((json_int_t)sums->count[k]));
	}
	return o;
}

static json_t *
asp_row(struct chs *chs, uint16_t stage)
{
	const struct tables *t = running_tables(chs->running);
	struct sums in;
	struct sums out;
	int tunnels = 0;
	char name[16];

	(void)snprintf(name, sizeof(name), "%u/%u", stage_slot(stage),
		       stage_role(stage) == STAGE_ASP1 ? 1 : 2);
	for (size_t i = 0; i < t->ntunnels; i++)
		tunnels += t->tunnels[i].asp == stage;
	sums_take(chs, stage, CTL_SA_IN, &in);
	sums_take(chs, stage, CTL_SA_OUT, &out);
	return json_pack("{s:s, s:i, s:o, s:o}", "asp", name, "tunnels",
			 tunnels, "in", direction_json(&in), "out",
			 direction_json(&out));
}

json_t *
show_ipsec_statistics(struct chs *chs, const json_t *args)
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

int
clear_ipsec_counters(struct chs *chs, const json_t *args)
{
	const char *only = json_string_value(json_object_get(args, "tunnel"));
	const struct tables *t = running_tables(chs->running);
	int err = 0;

	for (size_t i = 0; err == 0 && i < t->nsas; i++) {
		const struct running_sa *sa = &t->sas[i];

		if (only == NULL ||
		    strcmp(only, t->tunnels[sa->tunnel].name) == 0)
			err = tally_sa_clear(chs, be32_get(sa->row.id));
	}
	return err;
}
