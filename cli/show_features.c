/*
 * Layouts of circuit features, ours in the SmartEdge's style. Called by
 * show_text.c for topics that it does not know itself.
 */
#include "show_text.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct out_column group_columns[] = {
    {"Circuit", "circuit", 24, NULL},
    {"Direction", "direction", 10, NULL},
    {"Access list", "list", 20, NULL},
    {"Permitted", "permitted", -12, NULL},
    {"Denied", "denied", -12, NULL}};

static void
text_access_group(struct out *o, const json_t *data)
{
	out_table(o, group_columns, COUNT(group_columns),
		  json_object_get(data, "groups"));
}

static void
text_access_list(struct out *o, const json_t *data)
{
	const json_t *list, *row;
	size_t i, k;

	json_array_foreach(json_object_get(data, "lists"), i, list) {
		out_line(o, "ip access-list %s, context %s%s",
			 out_string(list, "name"), out_string(list, "context"),
			 json_is_true(json_object_get(list, "applied"))
			     ? ""
			     : ", not applied");
		json_array_foreach(json_object_get(list, "rows"), k, row)
			out_line(o, "  %s (hits: %lld)",
				 out_string(row, "text"),
				 out_integer(row, "hits"));
	}
}

static const struct {
	const char *topic;
	void (*text)(struct out *o, const json_t *data);
} layouts[] = {
    {"access-group", text_access_group},
    {"ip-access-list", text_access_list},
};

bool
show_features(struct out *o, const char *topic, const json_t *data)
{
	for (size_t i = 0; i < COUNT(layouts); i++) {
		if (strcmp(layouts[i].topic, topic) != 0)
			continue;
		layouts[i].text(o, data);
		return true;
	}
	return false;
}
