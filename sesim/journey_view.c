/*
 * Prints journeys. What stations found and changed comes in words from the
 * chassis; here they only get their places.
 */
#include "journey_view.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

static const char *
word(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

int
journey_form(const char *text, enum journey_form *form)
{
	static const char *const words[JOURNEY_FORMS] = {
	    "brief", "text", "json", "mermaid", "svg"};

	for (unsigned i = 0; i < JOURNEY_FORMS; i++) {
		if (strcmp(words[i], text) == 0) {
			*form = (enum journey_form)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* --- text ----------------------------------------------------------------- */

static void
print_stations(FILE *out, const json_t *journey, bool detail, bool routers,
	       const char *indent)
{
	const json_t *s;
	const json_t *line;
	size_t i;
	size_t k;

	json_array_foreach(json_object_get(journey, "stations"), i, s) {
		if (routers)
			(void)fprintf(out, "%s  %-12s %-8s %s\n", indent,
				      word(s, "router"), word(s, "stage"),
				      word(s, "text"));
		else
			(void)fprintf(out, "%s  %-8s %s\n", indent,
				      word(s, "stage"), word(s, "text"));
		json_array_foreach(json_object_get(s, "lines"), k, line) {
			if (detail)
				(void)fprintf(out, "%s           %s%s\n",
					      indent, routers ? "  " : "",
					      json_string_value(line));
		}
	}
}

static bool
has_routers(const json_t *journey)
{
	const json_t *first =
	    json_array_get(json_object_get(journey, "stations"), 0);

	return json_object_get(first, "router") != NULL;
}

static void
print_journey(FILE *out, const json_t *journey, size_t number, bool detail)
{
	const json_t *piece;
	size_t i;

	(void)fprintf(out, "\nPacket %zu\n", number);
	print_stations(out, journey, detail, has_routers(journey), "");
	json_array_foreach(json_object_get(journey, "pieces"), i, piece) {
		(void)fprintf(out, "  Piece %zu\n", i + 1);
		print_stations(out, piece, detail, has_routers(journey), "  ");
	}
}

/* --- ladders -------------------------------------------------------------- */

static void
note_station(struct ladder *l, int at, const json_t *s)
{
	const char *kind = word(s, "kind");
	enum ladder_tone tone = strcmp(kind, "drop") == 0   ? LADDER_BAD
				: strcmp(kind, "sent") == 0 ? LADDER_GOOD
							    : LADDER_PLAIN;
	const json_t *line;
	size_t i;

	(void)ladder_note(l, at, tone, word(s, "text"));
	json_array_foreach(json_object_get(s, "lines"), i, line)
		(void)ladder_note(l, at, tone, json_string_value(line));
}

/* The router of a station, where several told; else of the journey. */
static const char *
router_of(const json_t *journey, const json_t *s)
{
	return json_object_get(s, "router") != NULL ? word(s, "router")
						    : word(journey, "router");
}

static int
climb(struct ladder *l, const json_t *journey)
{
	const json_t *s;
	const json_t *piece;
	const json_t *before = NULL;
	int last = -1;
	size_t i;

	json_array_foreach(json_object_get(journey, "stations"), i, s) {
		int at =
		    ladder_party(l, router_of(journey, s), word(s, "stage"));

		if (at < 0)
			return at;
		if (last >= 0 && at != last)
			(void)ladder_pass(l, last, at, word(before, "headers"));
		note_station(l, at, s);
		last = at;
		before = s;
	}
	json_array_foreach(json_object_get(journey, "pieces"), i, piece) {
		int rc = climb(l, piece);

		if (rc < 0)
			return rc;
	}
	return 0;
}

static int
ladder_view(FILE *out, enum journey_form form, const json_t *journeys)
{
	const json_t *first = json_array_get(journeys, 0);
	const json_t *s = json_array_get(json_object_get(first, "stations"), 0);
	struct ladder *l =
	    ladder_new(json_array_size(journeys) == 0 ? "No packet was traced"
						      : word(s, "headers"));
	const json_t *journey;
	size_t i;
	int rc = l == NULL ? -ENOMEM : 0;

	json_array_foreach(journeys, i, journey) {
		if (rc == 0)
			rc = climb(l, journey);
	}
	if (rc == 0)
		rc = form == JOURNEY_SVG ? ladder_svg(l, out)
					 : ladder_mermaid(l, out);
	ladder_free(&l);
	return rc;
}

int
journey_view(FILE *out, enum journey_form form, const json_t *journeys)
{
	const json_t *journey;
	size_t i;

	if (form == JOURNEY_MERMAID || form == JOURNEY_SVG)
		return ladder_view(out, form, journeys);
	if (form == JOURNEY_JSON) {
		if (json_dumpf(journeys, out, JSON_INDENT(2)) != 0)
			return -EIO;
		(void)fputc('\n', out);
		return ferror(out) ? -EIO : 0;
	}
	json_array_foreach(journeys, i, journey)
		print_journey(out, journey, i + 1, form == JOURNEY_TEXT);
	return ferror(out) ? -EIO : 0;
}

/* --- of several routers --------------------------------------------------- */

struct visit {
	json_int_t hop;
	size_t order;
	json_t *station;
};

static int
visit_compare(const void *a, const void *b)
{
	const struct visit *x = a;
	const struct visit *y = b;

	if (x->hop != y->hop)
		return x->hop < y->hop ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int
sort_stations(json_t *stations)
{
	size_t n = json_array_size(stations);
	struct visit *v = calloc(n + 1, sizeof(*v));
	json_t *s;
	size_t i;

	if (v == NULL)
		return -ENOMEM;
	json_array_foreach(stations, i, s)
		v[i] = (struct visit){
		    json_integer_value(json_object_get(s, "hop")), i,
		    json_incref(s)};
	qsort(v, n, sizeof(*v), visit_compare);
	(void)json_array_clear(stations);
	for (i = 0; i < n; i++)
		(void)json_array_append_new(stations, v[i].station);
	free(v);
	return 0;
}

/* Stations of one router's journey onto the whole one. */
static void
add_stations(json_t *whole, const json_t *journey)
{
	json_t *to = json_object_get(whole, "stations");
	const json_t *pieces = json_object_get(journey, "pieces");
	json_t *s;
	size_t i;

	json_array_foreach(json_object_get(journey, "stations"), i, s) {
		(void)json_object_set(s, "router",
				      json_object_get(journey, "router"));
		(void)json_array_append(to, s);
	}
	if (pieces == NULL)
		return;
	if (json_object_get(whole, "pieces") == NULL)
		(void)json_object_set_new(whole, "pieces", json_array());
	(void)json_array_extend(json_object_get(whole, "pieces"),
				(json_t *)(uintptr_t)pieces);
}

static json_t *
whole_of(json_t *list, const json_t *journey)
{
	const json_t *id = json_object_get(journey, "trace");
	json_t *whole;
	size_t i;

	json_array_foreach(list, i, whole) {
		if (json_equal(json_object_get(whole, "trace"), id))
			return whole;
	}
	whole = json_pack("{s:O, s:O, s:[]}", "trace", id, "router",
			  json_object_get(journey, "router"), "stations");
	(void)json_array_append_new(list, whole);
	return whole;
}

/* A station's router is that of who told it. */
static void
sign_stations(const json_t *journey)
{
	json_t *s;
	size_t i;

	json_array_foreach(json_object_get(journey, "stations"), i, s)
		(void)json_object_set(s, "router",
				      json_object_get(journey, "router"));
}

static void
join_pieces(json_t *list)
{
	json_t *whole;
	json_t *piece;
	size_t i;
	size_t k;

	json_array_foreach(list, i, whole) {
		json_array_foreach(json_object_get(whole, "pieces"), k, piece)
			sign_stations(piece);
	}
}

/* The place of another journey of this number, or the list's size. */
static size_t
other_of(const json_t *list, size_t but, const json_t *id)
{
	for (size_t n = 0; n < json_array_size(list); n++) {
		if (n != but &&
		    json_equal(
			json_object_get(json_array_get(list, n), "trace"), id))
			return n;
	}
	return json_array_size(list);
}

/* Where other routers tell of a piece: behind what its first router told. */
static void
adopt_one(json_t *list, size_t at, json_t *piece)
{
	json_t *stations = json_object_get(piece, "stations");
	size_t n = other_of(list, at, json_object_get(piece, "trace"));

	if (n == json_array_size(list))
		return;
	(void)json_array_extend(
	    stations, json_object_get(json_array_get(list, n), "stations"));
	(void)sort_stations(stations);
	/* Emptied here, taken out when all are done. */
	(void)json_object_set_new(json_array_get(list, n), "adopted",
				  json_true());
}

static void
adopt(json_t *list)
{
	json_t *whole;
	json_t *piece;
	size_t i;
	size_t k;

	json_array_foreach(list, i, whole) {
		json_array_foreach(json_object_get(whole, "pieces"), k, piece)
			adopt_one(list, i, piece);
	}
	for (i = json_array_size(list); i-- > 0;) {
		if (json_object_get(json_array_get(list, i), "adopted") != NULL)
			(void)json_array_remove(list, i);
	}
}

json_t *
journey_merge(const json_t *lists)
{
	json_t *all = json_array();
	const json_t *list;
	const json_t *journey;
	json_t *whole;
	size_t i;
	size_t k;

	json_array_foreach(lists, i, list) {
		json_array_foreach(list, k, journey)
			add_stations(whole_of(all, journey), journey);
	}
	join_pieces(all);
	adopt(all);
	json_array_foreach(all, i, whole)
		(void)sort_stations(json_object_get(whole, "stations"));
	return all;
}
