/*
 * What comes for the router itself and what it says, as JSON: punts by kind at
 * each iPPA, and the controller's ICMP.
 */
#include "answer.h"
#include "punt_kind.h"
#include "show.h"

static json_t *
punt_row(const struct stats *s, uint16_t stage, enum punt_kind kind)
{
	const struct punt_fact *fact = punt_fact(kind);
	char name[STAGE_NAME_MAX];

	return json_pack(
	    "{s:s, s:s, s:s, s:i, s:i, s:I, s:I}", "stage",
	    stage_name(stage, name), "kind", fact->name, "sentence",
	    fact->sentence, "per_second", (int)fact->per_second, "burst",
	    (int)fact->burst, "punted", (json_int_t)counter_get(&s->punt[kind]),
	    "refused", (json_int_t)counter_get(&s->punt_refused[kind]));
}

json_t *
show_punt(struct chs *chs, const json_t *args)
{
	json_t *list = json_array();
	uint64_t told = 0;
	uint64_t untold = 0;

	(void)args;
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		const struct stats *s = chs->proc[i].stats;

		if (s == NULL)
			continue;
		told += counter_get(&s->notices);
		untold += counter_get(&s->notices_refused);
		for (unsigned k = 0;
		     stage_role(i) == STAGE_IPPA && k < PUNT_KIND_MAX; k++)
			(void)json_array_append_new(
			    list, punt_row(s, i, (enum punt_kind)k));
	}
	return json_pack(
	    "{s:o, s:I, s:I, s:I, s:I}", "punts", list, "punted",
	    (json_int_t)counter_get(&chs->xcrp->punted), "originated",
	    (json_int_t)counter_get(&chs->xcrp->originated), "drops_told",
	    (json_int_t)told, "drops_untold", (json_int_t)untold);
}

json_t *
show_ip_icmp(struct chs *chs, const json_t *args)
{
	(void)args;
	return answer_show(chs);
}
