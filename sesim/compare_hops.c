/*
 * What one packet visits, and what that costs in hops: told by the journeys of
 * packets that went the whole way, so that drops and packets for the router
 * itself do not blur it.
 */
#include <stdbool.h>
#include <string.h>

#include "compare_impl.h"

/* The stages of a journey, as JSON, one for each arrival; the caller's. */
static json_t *
stages_of(const json_t *journey)
{
	const json_t *stations = json_object_get(journey, "stations");
	json_t *stages = json_array();
	json_int_t last = -1;
	const json_t *s;
	size_t i;

	json_array_foreach(stations, i, s) {
		json_int_t hop = json_integer_value(json_object_get(s, "hop"));

		if (hop != last)
			(void)json_array_append(stages,
						json_object_get(s, "stage"));
		last = hop;
	}
	return stages;
}

/* Went through an ASP, and out: not dropped on its way. */
static bool
is_whole(const json_t *stages)
{
	size_t n = json_array_size(stages);
	const json_t *s;
	bool asp = false;
	size_t i;
	const char *last =
	    n > 0 ? json_string_value(json_array_get(stages, n - 1)) : NULL;

	json_array_foreach(stages, i, s) {
		asp |= strstr(json_string_value(s), "/asp") != NULL;
	}
	return asp && strstr(last, "/eppa") != NULL;
}

/* The way that most traced packets went; NULL: none did. The caller's. */
static json_t *
usual_stages(const json_t *journeys)
{
	json_t *best = NULL;
	unsigned most = 0;
	const json_t *j;
	size_t i;

	json_array_foreach(journeys, i, j) {
		json_t *stages = stages_of(j);
		unsigned n = 0;
		const json_t *k;
		size_t at;

		json_array_foreach(journeys, at, k) {
			json_t *other = stages_of(k);

			n += json_equal(stages, other) == 1;
			json_decref(other);
		}
		if (n > most && is_whole(stages)) {
			json_decref(best);
			best = json_incref(stages);
			most = n;
		}
		json_decref(stages);
	}
	return best;
}

/* Hops between two stages of one card are card-local. */
json_t *
compare_hops(const json_t *journeys)
{
	json_t *stages = usual_stages(journeys);
	int crossings = 0;
	int card_local = 0;

	if (stages == NULL)
		return json_null();
	for (size_t i = 1; i < json_array_size(stages); i++) {
		const char *a =
		    json_string_value(json_array_get(stages, i - 1));
		const char *b = json_string_value(json_array_get(stages, i));
		size_t len = strcspn(a, "/");

		if (a[len] == '/' && strncmp(a, b, len + 1) == 0)
			card_local++;
		else
			crossings++;
	}
	return json_pack("{s:i, s:i, s:o}", "crossings", crossings,
			 "card_local", card_local, "stages", stages);
}
