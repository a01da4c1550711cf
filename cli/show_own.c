/* Punts and ICMP in columns; the layouts are ours. */
#include "show_own.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct out_column punt_columns[] = {
    {"Stage", "stage", 8, NULL},        {"Kind", "kind", 10, NULL},
    {"Rate/s", "per_second", -7, NULL}, {"Burst", "burst", -6, NULL},
    {"Punted", "punted", -12, NULL},    {"Refused", "refused", -12, NULL}};

static void
print_count(struct out *o, const char *what, const json_t *object,
	    const char *key)
{
	out_line(o, "  %-40s: %" JSON_INTEGER_FORMAT, what,
		 out_integer(object, key));
}

void
text_punt(struct out *o, const json_t *data)
{
	out_table(o, punt_columns, COUNT(punt_columns),
		  json_object_get(data, "punts"));
	out_plain(o, "");
	print_count(o, "Taken by the controller", data, "punted");
	print_count(o, "Made by the controller", data, "originated");
	print_count(o, "Drops told to the controller", data, "drops_told");
	print_count(o, "Drops not told, to spare it", data, "drops_untold");
}

static void
print_counts(struct out *o, const char *head, const json_t *object)
{
	const char *key;
	json_t *value;

	out_line(o, "%s", head);
	json_object_foreach((json_t *)object, key, value)
		print_count(o, key, object, key);
}

void
text_icmp(struct out *o, const json_t *data)
{
	out_line(o, "Received:");
	print_count(o, "echo requests", data, "echo_requests");
	print_count(o, "errors", data, "errors_received");
	print_count(o, "malformed", data, "malformed");
	print_count(o, "for which nobody is here", data, "unclaimed");
	out_line(o, "Sent:");
	print_count(o, "echo replies", data, "echo_replies");
	print_counts(o, "Errors sent:", json_object_get(data, "errors_sent"));
	print_counts(o, "Not answered:", json_object_get(data, "suppressed"));
}
