/*
 * What came of a replay, for people. It prints the same object that --json
 * writes, so the two can not disagree.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt_fate.h"
#include "replay_main.h"

static long long
number(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

static const char *
sentence(const char *reason)
{
	for (unsigned i = PKT_DROP_FIRST; i < PKT_FATES; i++) {
		if (strcmp(pkt_fate_name(i), reason) == 0)
			return pkt_fate_sentence(i);
	}
	return "was there when the process died";
}

static void
print_totals(json_t *sums)
{
	static const char *const keys[] = {
	    "received",    "originated", "fragments_created",
	    "transmitted", "punted",     "fragments_absorbed",
	    "in_flight"};
	json_t *dropped = json_object_get(sums, "dropped");
	const char *reason;
	json_t *n;

	for (unsigned i = 0; i < 7; i++) {
		const json_t *value = json_object_get(sums, keys[i]);

		if (value != NULL && (json_integer_value(value) != 0 ||
				      strcmp(keys[i], "received") == 0 ||
				      strcmp(keys[i], "transmitted") == 0))
			(void)printf("  %-20s %12lld\n", keys[i],
				     number(sums, keys[i]));
	}
	json_object_foreach(dropped, reason, n) {
		(void)printf("  dropped %-12s %12lld  %s\n", reason,
			     (long long)json_integer_value(n),
			     sentence(reason));
	}
}

static void
print_ports(json_t *ports)
{
	const char *name;
	json_t *p;

	if (json_object_size(ports) == 0)
		return;
	(void)printf("\n%-10s %12s %14s %12s %14s\n", "Port", "rx packets",
		     "rx octets", "tx packets", "tx octets");
	json_object_foreach(ports, name, p) {
		(void)printf("%-10s %12lld %14lld %12lld %14lld\n", name,
			     number(p, "rx_packets"), number(p, "rx_octets"),
			     number(p, "tx_packets"), number(p, "tx_octets"));
	}
}

static void
print_tunnels(json_t *tunnels)
{
	const char *name;
	json_t *t;

	if (json_object_size(tunnels) == 0)
		return;
	(void)printf("\n%-16s %-14s %11s %13s %11s %13s\n", "Tunnel", "mode",
		     "in packets", "in octets", "out packets", "out octets");
	json_object_foreach(tunnels, name, t) {
		(void)printf("%-16s %-14s %11lld %13lld %11lld %13lld\n", name,
			     json_string_value(json_object_get(t, "mode")),
			     number(t, "in_packets"), number(t, "in_octets"),
			     number(t, "out_packets"), number(t, "out_octets"));
	}
}

static void
print_backplane(const json_t *backplane)
{
	const json_t *links = json_object_get(backplane, "links");
	const json_t *l;
	size_t i;

	if (backplane == NULL)
		return;
	(void)printf("\nBackplane: %lld crossings (%lld octets), %lld"
		     " card-local hops\n",
		     number(backplane, "crossings"),
		     number(backplane, "octets"),
		     number(backplane, "card_local"));
	json_array_foreach(links, i, l) {
		(void)printf("  %-8s -> %-8s %12lld packets\n",
			     json_string_value(json_object_get(l, "from")),
			     json_string_value(json_object_get(l, "to")),
			     number(l, "packets"));
	}
}

void
replay_print(const struct replay_result *result)
{
	json_t *sums = result->sums;

	(void)printf("Packets\n");
	print_totals(sums);
	print_ports(json_object_get(sums, "ports"));
	print_tunnels(json_object_get(sums, "tunnels"));
	print_backplane(json_object_get(sums, "backplane"));
	(void)printf("\n%.3f s, %.0f packets/s, %.3f s of CPU, transport %s,"
		     " engine %s\n",
		     json_number_value(json_object_get(sums, "elapsed_s")),
		     json_number_value(json_object_get(sums, "packets_per_s")),
		     json_number_value(json_object_get(sums, "cpu_s")),
		     json_string_value(json_object_get(sums, "transport")),
		     json_string_value(json_object_get(sums, "engine")));
}

int
replay_write_json(const json_t *words, const char *path, const char *command)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdout : fopen(path, "we");
	bool bad;

	if (file == NULL) {
		int error = -errno;

		(void)fprintf(stderr, "%s: %s: %s\n", command, path,
			      strerror(errno));
		return error;
	}
	bad = json_dumpf(words, file, JSON_INDENT(2)) != 0 ||
	      fputc('\n', file) == EOF || fflush(file) != 0;
	if (!standard)
		bad |= fclose(file) != 0;
	if (!bad)
		return 0;
	(void)fprintf(stderr, "%s: %s: can not be written\n", command, path);
	return -EIO;
}
