/*
 * `sesim lab status`: the whole lab at a glance. The keeper tells of nodes and
 * links, each router of its processes, cards and tunnels.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lab.h"
#include "lab_hand.h"
#include "replay_main.h"

static const char command[] = "sesim lab status";

/* Appends the rows of one answer to a list of all, each with its node. */
static void
gather(json_t *all, const char *node, const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		json_t *copy = json_pack("{s:s}", "node", node);

		(void)json_object_update(copy, row);
		(void)json_array_append_new(all, copy);
	}
}

static void
ask_node(json_t *words, json_t *node)
{
	const char *name = json_string_value(json_object_get(node, "name"));
	const char *dir = json_string_value(json_object_get(node, "run_dir"));
	const char *state = json_string_value(json_object_get(node, "state"));
	json_t *said;

	if (dir == NULL || strcmp(state, "up") != 0)
		return;
	said = lab_hand_status(dir);
	gather(json_object_get(words, "processes"), name,
	       json_object_get(said, "processes"));
	if (json_object_get(said, "generation") != NULL)
		(void)json_object_set(node, "generation",
				      json_object_get(said, "generation"));
	json_decref(said);
	said = lab_hand_show(dir, "card");
	gather(json_object_get(words, "cards"), name,
	       json_object_get(said, "cards"));
	json_decref(said);
	said = lab_hand_show(dir, "ipsec-tunnel");
	gather(json_object_get(words, "tunnels"), name,
	       json_object_get(said, "tunnels"));
	json_decref(said);
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "-";
}

static long long
number_of(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

/* "1 up, 2 up, 3 failed": what a list says of a node. */
static void
print_of(const json_t *words, const char *list, const char *node,
	 void (*print)(const json_t *row))
{
	const json_t *row;
	bool any = false;
	size_t i;

	json_array_foreach(json_object_get(words, list), i, row) {
		if (strcmp(text_of(row, "node"), node) != 0)
			continue;
		(void)fputs(any ? ", " : "", stdout);
		print(row);
		any = true;
	}
	if (!any)
		(void)putchar('-');
}

static void
print_card(const json_t *row)
{
	(void)printf("%lld %s %s", number_of(row, "slot"), text_of(row, "type"),
		     text_of(row, "state"));
}

static void
print_tunnel(const json_t *row)
{
	const char *cause = text_of(row, "cause");

	(void)printf("%s %s (%s", text_of(row, "name"), text_of(row, "state"),
		     text_of(row, "mode"));
	if (strcmp(text_of(row, "asp"), "-") != 0)
		(void)printf(", %s", text_of(row, "asp"));
	if (strcmp(cause, "-") != 0 && strcmp(text_of(row, "state"), "Up") != 0)
		(void)printf(", %s", cause);
	(void)putchar(')');
}

static long long
lost_of(const json_t *direction)
{
	long long n = number_of(direction, "unread");
	const char *key;
	json_t *value;

	json_object_foreach(json_object_get(direction, "lost"), key, value) {
		n += (long long)json_integer_value(value);
	}
	return n;
}

static void
print_link(const json_t *link)
{
	const json_t *ends = json_object_get(link, "endpoints");
	const json_t *both = json_object_get(link, "directions");
	const json_t *there = json_array_get(both, 0);
	const json_t *back = json_array_get(both, 1);
	char name[128];

	(void)snprintf(name, sizeof(name), "%s -- %s",
		       json_string_value(json_array_get(ends, 0)),
		       json_string_value(json_array_get(ends, 1)));
	(void)printf("%-32s %-6s %12lld %8lld %12lld %8lld\n", name,
		     text_of(link, "state"), number_of(there, "delivered"),
		     lost_of(there), number_of(back, "delivered"),
		     lost_of(back));
}

static void
print_status(const json_t *words)
{
	const json_t *row;
	size_t i;

	(void)printf("lab %s: %s, %lld s, keeper %lld\n",
		     text_of(words, "name"), text_of(words, "state"),
		     number_of(words, "uptime_s"), number_of(words, "keeper"));
	(void)printf("%-16s %-10s %-10s %s\n", "NODE", "KIND", "STATE",
		     "CARDS | TUNNELS");
	json_array_foreach(json_object_get(words, "nodes"), i, row) {
		const char *name = text_of(row, "name");

		(void)printf("%-16s %-10s %-10s ", name, text_of(row, "kind"),
			     text_of(row, "state"));
		print_of(words, "cards", name, print_card);
		(void)fputs(" | ", stdout);
		print_of(words, "tunnels", name, print_tunnel);
		(void)putchar('\n');
	}
	if (json_array_size(json_object_get(words, "links")) == 0)
		return;
	(void)printf("%-32s %-6s %12s %8s %12s %8s\n", "LINK", "STATE",
		     "FRAMES ->", "LOST", "FRAMES <-", "LOST");
	json_array_foreach(json_object_get(words, "links"), i, row) {
		print_link(row);
	}
}

int
lab_status_main(int argc, char **argv)
{
	static const struct lab_usage usage = {
	    "usage: sesim lab status TOPOLOGY [--json]\n"
	    "Nodes, cards, tunnels and links of a lab that is up.\n",
	    1, 1};
	struct lab_file file = {.topology = NULL};
	json_t *words = NULL;
	json_t *node;
	bool json = false;
	int status;
	size_t i;

	for (int k = 1; k < argc; k++) {
		if (strcmp(argv[k], "--json") != 0)
			continue;
		json = true;
		memmove(argv + k, argv + k + 1,
			(size_t)(argc - k) * sizeof(*argv));
		argc--;
	}
	status = lab_words(&usage, argc, argv);
	if (status != 0)
		return status == 1 ? 0 : status;
	status = lab_file_find(&file, command, argv[1]);
	if (status == 0)
		status = lab_hand_order(
		    &file, command, json_pack("{s:s}", "op", "status"), &words);
	if (status == 0) {
		(void)json_object_del(words, "ok");
		(void)json_object_set_new(words, "processes", json_array());
		(void)json_object_set_new(words, "cards", json_array());
		(void)json_object_set_new(words, "tunnels", json_array());
		json_array_foreach(json_object_get(words, "nodes"), i, node) {
			ask_node(words, node);
		}
		if (!json)
			print_status(words);
		else if (replay_write_json(words, "-", command) != 0)
			status = 3;
	}
	json_decref(words);
	lab_file_fini(&file);
	return status;
}
