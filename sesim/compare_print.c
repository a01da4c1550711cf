/*
 * The table of `sesim compare`, from the object that --json writes.
 */
#include <stdio.h>
#include <string.h>

#include "compare_impl.h"

static const char *const mode_name[2] = {"circuit-based", "economical"};
static const char *const sides[2] = {"sealing", "opening"};

static const json_t *
side_of(const json_t *found, unsigned mode, const char *side)
{
	return json_object_get(
	    json_object_get(json_object_get(found, "modes"), mode_name[mode]),
	    side);
}

static long long
number(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

static void
put_row(const char *name, const char *a, const char *b)
{
	(void)printf("%-38s %-24s %s\n", name, a, b);
}

/* "5 (2 sealing, 3 opening)" */
static void
put_hops(const json_t *found, const char *name, const char *key)
{
	char text[2][64];

	for (unsigned m = 0; m < 2; m++) {
		const json_t *s =
		    json_object_get(side_of(found, m, "sealing"), "per_packet");
		const json_t *o =
		    json_object_get(side_of(found, m, "opening"), "per_packet");

		if (json_is_null(s) || json_is_null(o))
			(void)snprintf(text[m], sizeof(text[m]), "-");
		else
			(void)snprintf(text[m], sizeof(text[m]),
				       "%lld (%lld + %lld)",
				       number(s, key) + number(o, key),
				       number(s, key), number(o, key));
	}
	put_row(name, text[0], text[1]);
}

/* Both routers' sums of the backplane. */
static void
put_backplane(const json_t *found, const char *name, const char *key)
{
	char text[2][64];

	for (unsigned m = 0; m < 2; m++) {
		long long n = 0;

		for (unsigned s = 0; s < 2; s++)
			n +=
			    number(json_object_get(
				       json_object_get(
					   side_of(found, m, sides[s]), "sums"),
				       "backplane"),
				   key);
		(void)snprintf(text[m], sizeof(text[m]), "%lld", n);
	}
	put_row(name, text[0], text[1]);
}

static double
real_of(const json_t *found, unsigned mode, const char *side, const char *key)
{
	return json_number_value(json_object_get(
	    json_object_get(side_of(found, mode, side), "sums"), key));
}

static void
put_speed(const json_t *found)
{
	char text[2][64];

	for (unsigned m = 0; m < 2; m++)
		(void)snprintf(text[m], sizeof(text[m]), "%.0f, %.0f",
			       real_of(found, m, "sealing", "packets_per_s"),
			       real_of(found, m, "opening", "packets_per_s"));
	put_row("packets per second, start included", text[0], text[1]);
	for (unsigned m = 0; m < 2; m++) {
		double us[2];

		for (unsigned s = 0; s < 2; s++) {
			double n = real_of(found, m, sides[s], "received");

			us[s] = n > 0 ? real_of(found, m, sides[s], "cpu_s") *
					    1e6 / n
				      : 0;
		}
		(void)snprintf(text[m], sizeof(text[m]), "%.1f, %.1f us", us[0],
			       us[1]);
	}
	put_row("CPU per packet, start included", text[0], text[1]);
}

static void
put_stages(const json_t *found)
{
	for (unsigned s = 0; s < 2; s++) {
		(void)printf("\nStages visited, %s\n", sides[s]);
		for (unsigned m = 0; m < 2; m++) {
			const json_t *stages = json_object_get(
			    json_object_get(side_of(found, m, sides[s]),
					    "per_packet"),
			    "stages");
			const json_t *stage;
			size_t i;

			(void)printf("  %-14s", mode_name[m]);
			json_array_foreach(stages, i, stage) {
				(void)printf("%s%s", i == 0 ? " " : " -> ",
					     json_string_value(stage));
			}
			(void)puts(stages == NULL ? " no packet went whole"
						  : "");
		}
	}
}

static void
put_features(void)
{
	(void)puts("\nCircuits and features used\n"
		   "  circuit-based  port circuits and the tunnel circuit:"
		   " egress features (MTU, counters)\n"
		   "                 at the ePPA before sealing, ingress"
		   " features at the iPPA after opening\n"
		   "  economical     port circuits; of the tunnel circuit MTU"
		   " and counters only, at iPPA and ASP");
}

static void
put_match(const char *what, const char *port, const json_t *m)
{
	(void)printf("  %-14s port %-6s %lld of %lld packets equal, octet by"
		     " octet",
		     what, port, number(m, "equal"), number(m, "second"));
	if (number(m, "strange") > 0)
		(void)printf("; %lld NOT as they went in",
			     number(m, "strange"));
	if (number(m, "moved") > 0)
		(void)printf("; %lld out of order", number(m, "moved"));
	if (number(m, "missing") > 0)
		(void)printf("; %lld did not come", number(m, "missing"));
	if (number(m, "no_ipv4") > 0)
		(void)printf("; %lld frames are no IPv4", number(m, "no_ipv4"));
	(void)putchar('\n');
}

/* Why packets did not come: what both routers did with them. */
static void
put_fates(const json_t *found, unsigned mode)
{
	for (unsigned s = 0; s < 2; s++) {
		json_t *sums =
		    json_object_get(side_of(found, mode, sides[s]), "sums");
		json_t *dropped = json_object_get(sums, "dropped");
		const char *reason;
		json_t *n;

		if (json_object_size(dropped) == 0 &&
		    number(sums, "punted") == 0)
			continue;
		(void)printf("  %-14s %s:", mode_name[mode], sides[s]);
		if (number(sums, "punted") > 0)
			(void)printf(" %lld for the router itself",
				     number(sums, "punted"));
		json_object_foreach(dropped, reason, n) {
			(void)printf(" %lld %s",
				     (long long)json_integer_value(n), reason);
		}
		(void)putchar('\n');
	}
}

static void
put_outputs(const json_t *found)
{
	json_t *ports;
	const char *port;
	json_t *m;

	(void)puts("\nOpened outputs against the inputs (TTL less 2, header"
		   " checksum and link header apart)");
	for (unsigned i = 0; i < 2; i++) {
		ports = json_object_get(
		    json_object_get(json_object_get(found, "modes"),
				    mode_name[i]),
		    "opened");
		json_object_foreach(ports, port, m) {
			put_match(mode_name[i], port, m);
		}
		put_fates(found, i);
	}
	(void)puts("\nOpened outputs of the two modes against each other");
	ports = json_object_get(found, "between_modes");
	json_object_foreach(ports, port, m) {
		put_match("both", port, m);
	}
}

static void
put_given_up(const json_t *found)
{
	const json_t *list = json_object_get(found, "given_up");
	const json_t *one;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	(void)puts("\nGiven up by the economical mode (packets whose fate"
		   " differs do so for that)");
	json_array_foreach(list, i, one) {
		(void)printf(
		    "  tunnel %s: %s\n",
		    json_string_value(json_object_get(one, "tunnel")),
		    json_string_value(json_object_get(one, "feature")));
	}
}

static void
put_differences(const json_t *found)
{
	const json_t *list = json_object_get(found, "differences");
	const json_t *d;
	size_t i;

	json_array_foreach(list, i, d) {
		(void)printf("  %s, %s: %lld circuit-based, %lld economical\n",
			     json_string_value(json_object_get(d, "router")),
			     json_string_value(json_object_get(d, "reason")),
			     number(d, mode_name[0]), number(d, mode_name[1]));
	}
	(void)printf("\n%s\n",
		     json_is_true(json_object_get(found, "equal"))
			 ? "Both modes open to what went in."
			 : "The modes DIFFER, or what was opened is not what"
			   " went in.");
}

void
compare_print(const json_t *found)
{
	(void)printf("*** seed %lld: sequence numbers and IVs repeat from run"
		     " to run ***\n\n",
		     number(found, "seed"));
	put_row("", mode_name[0], mode_name[1]);
	(void)puts("Per packet sealed and opened again (sealing + opening)");
	put_hops(found, "  backplane crossings", "crossings");
	put_hops(found, "  card-local hops", "card_local");
	(void)puts("In all, both routers");
	put_backplane(found, "  backplane crossings", "crossings");
	put_backplane(found, "  card-local hops", "card_local");
	put_backplane(found, "  octets on the backplane", "octets");
	(void)puts("Sealing, opening");
	put_speed(found);
	put_stages(found);
	put_features();
	put_outputs(found);
	put_given_up(found);
	put_differences(found);
}
