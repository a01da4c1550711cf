/*
 * Options of `sesim replay`. Each wrong one is answered with what would be
 * right; nothing is opened here.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cap_filter.h"
#include "replay_main.h"

enum replay_option {
	OPT_CONFIG = 1,
	OPT_IN,
	OPT_OUT,
	OPT_CAPTURE,
	OPT_JSON,
	OPT_SEED,
	OPT_TRANSPORT,
	OPT_PACE,
	OPT_KEYS_DIR,
	OPT_TRACE,
	OPT_TRACE_FORMAT,
	OPT_ENGINE,
	OPT_SILENT,
	OPT_STRICT_MAC,
	OPT_SECRET_KEY,
	OPT_ROUND_PACKETS,
	OPT_ROUNDS_OPEN,
	OPT_HELP
};

static const struct option options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"in", required_argument, NULL, OPT_IN},
    {"out", required_argument, NULL, OPT_OUT},
    {"capture", required_argument, NULL, OPT_CAPTURE},
    {"json", required_argument, NULL, OPT_JSON},
    {"seed", required_argument, NULL, OPT_SEED},
    {"transport", required_argument, NULL, OPT_TRANSPORT},
    {"pace", required_argument, NULL, OPT_PACE},
    {"keys-dir", required_argument, NULL, OPT_KEYS_DIR},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"trace-format", required_argument, NULL, OPT_TRACE_FORMAT},
    {"engine", required_argument, NULL, OPT_ENGINE},
    {"silent", no_argument, NULL, OPT_SILENT},
    {"strict-mac", no_argument, NULL, OPT_STRICT_MAC},
    {"secret-key", required_argument, NULL, OPT_SECRET_KEY},
    {"round-packets", required_argument, NULL, OPT_ROUND_PACKETS},
    {"rounds-open", required_argument, NULL, OPT_ROUNDS_OPEN},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0}};

static const char usage[] =
    "usage: sesim replay --config FILE --in SLOT/PORT=FILE [--in ...]\n"
    "    [--out SLOT/PORT=FILE ...] [--capture POINT=FILE ...]\n"
    "    [--json FILE|-] [--keys-dir DIR] [--trace N[:FILTER]]\n"
    "    [--trace-format brief|text|json|mermaid|svg[=FILE]]\n"
    "    [--transport ipc|tcp|inproc] [--pace max|capture|xN] [--seed N]\n"
    "    [--engine openssl|ipsec-mb|auto] [--silent] [--strict-mac]\n"
    "    [--secret-key FILE] [--round-packets N] [--rounds-open N]\n"
    "\n"
    "Sends captures through one router and writes what leaves its ports.\n"
    "  --config FILE         the router's configuration\n"
    "  --in SLOT/PORT=FILE   the port receives what the capture holds\n"
    "  --out SLOT/PORT=FILE  what the port sends; .pcapng by that name,\n"
    "                        nanosecond pcap by any other\n"
    "  --capture POINT=FILE  what passes a stage or link: 1/ippa:rx,\n"
    "                        1/eppa:tunnel, 1/ippa..3/asp1, 3/asp1:clear,\n"
    "                        3/asp1:sealed, 2/eppa:tx\n"
    "  --json FILE|-         the summary as JSON\n"
    "  --keys-dir DIR        keys for Wireshark: WIRESHARK_CONFIG_DIR=DIR\n"
    "  --trace N[:FILTER]    the journeys of the first N packets that match\n"
    "  --pace                as fast as can be (max), as the capture's times\n"
    "                        say, or N times as fast\n"
    "  --seed N              sequence numbers and IVs repeat from run to run\n"
    "  --silent              no echo replies and no ICMP errors of the"
    " router's own\n"
    "  --strict-mac          only frames for the port's own address\n"
    "Exit status: 0 done; 1 something was wrong with the traffic or the run;\n"
    "2 wrong usage or configuration; 3 the machine or a dependency failed.\n";

static int
wrong(const struct replay_args *args, const char *option, const char *value,
      const char *right)
{
	(void)fprintf(stderr, "%s: %s %s: %s\n", args->command, option, value,
		      right);
	return -EINVAL;
}

static int
parse_number(const struct replay_args *args, const char *option,
	     const char *text, uint64_t min, uint64_t max, uint64_t *n)
{
	char right[96];
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 0);
	if (errno == 0 && end != text && *end == '\0' && text[0] != '-' &&
	    *n >= min && *n <= max)
		return 0;
	(void)snprintf(right, sizeof(right),
		       "expected a number from %llu to %llu",
		       (unsigned long long)min, (unsigned long long)max);
	return wrong(args, option, text, right);
}

/* text up to the last '=' that has a file behind it is a port or a point. */
int
replay_bind_add(struct replay_args *args, enum replay_kind kind,
		const char *text)
{
	static const char *const option[] = {"--in", "--out", "--capture"};
	const char *equals = strchr(text, '=');
	struct replay_bind *b = &args->bind[args->nbinds];
	const char *why = NULL;
	const char *end;

	if (args->nbinds == REPLAY_BINDS_MAX)
		return wrong(args, option[kind], text, "too many files");
	if (equals == NULL || equals[1] == '\0' || equals == text ||
	    (size_t)(equals - text) >= sizeof(b->name))
		return wrong(args, option[kind], text,
			     kind == REPLAY_POINT
				 ? "expected POINT=FILE, such as"
				   " 3/asp1:clear=clear.pcap"
				 : "expected SLOT/PORT=FILE, such as"
				   " 1/1=lan.pcap");
	*b = (struct replay_bind){.kind = kind, .path = equals + 1};
	(void)memcpy(b->name, text, (size_t)(equals - text));
	if (kind == REPLAY_POINT) {
		if (point_parse(b->name, &b->point, &why) != 0)
			return wrong(args, option[kind], text, why);
		(void)point_format(&b->point, b->name);
	} else if (conf_port_parse(b->name, &b->slot, &b->port, &end) != 0 ||
		   *end != '\0') {
		return wrong(args, option[kind], text,
			     "expected a port as SLOT/PORT, such as 1/1");
	} else {
		(void)snprintf(b->name, sizeof(b->name), "%u/%u", b->slot,
			       b->port);
	}
	args->nbinds++;
	return 0;
}

static int
parse_pace(struct replay_args *args, const char *text)
{
	char *end;

	if (strcmp(text, "max") == 0) {
		args->pace = 0;
		return 0;
	}
	if (strcmp(text, "capture") == 0) {
		args->pace = 1;
		return 0;
	}
	if (text[0] == 'x' && text[1] >= '0' && text[1] <= '9') {
		args->pace = strtod(text + 1, &end);
		if (*end == '\0' && isfinite(args->pace) && args->pace > 0)
			return 0;
	}
	return wrong(args, "--pace", text,
		     "expected max, capture or xN, such as x10");
}

static int
parse_trace(struct replay_args *args, const char *text)
{
	struct cap_error error = {""};
	struct cap_filter *filter = NULL;
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || text[0] == '-' || n < 1 || n > 65535 ||
	    (*end != '\0' && *end != ':'))
		return wrong(args, "--trace", text,
			     "expected N or N:FILTER with N from 1 to 65535,"
			     " such as 5:icmp");
	args->trace = (uint32_t)n;
	args->trace_filter = *end == ':' && end[1] != '\0' ? end + 1 : NULL;
	if (args->trace_filter == NULL)
		return 0;
	if (cap_filter_new(&filter, args->trace_filter, &error) != 0)
		return wrong(args, "--trace", text, error.text);
	cap_filter_free(&filter);
	return 0;
}

static int
parse_trace_form(struct replay_args *args, const char *text)
{
	const char *path = strchr(text, '=');
	char word[16] = "";
	size_t n = path != NULL ? (size_t)(path - text) : strlen(text);

	if (n < sizeof(word))
		memcpy(word, text, n);
	args->trace_path = path != NULL ? path + 1 : NULL;
	if (journey_form(word, &args->trace_form) != 0 ||
	    (path != NULL && path[1] == '\0'))
		return wrong(args, "--trace-format", text,
			     "expected brief, text, json, mermaid or svg, and"
			     " =FILE behind it if not for standard output");
	return 0;
}

static int
parse_engine(struct replay_args *args, const char *text)
{
	static const char *const engines[] = {"auto", "openssl", "ipsec-mb"};

	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(text, engines[i]) == 0) {
			args->engine = engines[i];
			return 0;
		}
	}
	return wrong(args, "--engine", text,
		     "expected openssl, ipsec-mb or auto");
}

static int
parse_sizes(struct replay_args *args, int id, const char *text)
{
	uint64_t n = 0;
	int err;

	switch (id) {
	case OPT_SEED:
		args->seeded = true;
		return parse_number(args, "--seed", text, 0, UINT64_MAX,
				    &args->seed);
	case OPT_ROUND_PACKETS:
		err = parse_number(args, "--round-packets", text, 1, 65536, &n);
		args->round_packets = (uint32_t)n;
		return err;
	default:
		err = parse_number(args, "--rounds-open", text, 1, 15, &n);
		args->rounds_open = (uint32_t)n;
		return err;
	}
}

static int
parse_option(struct replay_args *args, int id, const char *text)
{
	switch (id) {
	case OPT_CONFIG:
		args->config = text;
		return 0;
	case OPT_IN:
		return replay_bind_add(args, REPLAY_IN, text);
	case OPT_OUT:
		return replay_bind_add(args, REPLAY_OUT, text);
	case OPT_CAPTURE:
		return replay_bind_add(args, REPLAY_POINT, text);
	case OPT_JSON:
		args->json = text;
		return 0;
	case OPT_TRANSPORT:
		if (bus_transport_parse(text, &args->transport) == 0)
			return 0;
		return wrong(args, "--transport", text,
			     "expected ipc, tcp or inproc");
	case OPT_PACE:
		return parse_pace(args, text);
	case OPT_KEYS_DIR:
		args->keys_dir = text;
		return 0;
	case OPT_TRACE:
		return parse_trace(args, text);
	case OPT_TRACE_FORMAT:
		return parse_trace_form(args, text);
	case OPT_ENGINE:
		return parse_engine(args, text);
	case OPT_SILENT:
		args->silent = true;
		return 0;
	case OPT_STRICT_MAC:
		args->strict_mac = true;
		return 0;
	case OPT_SECRET_KEY:
		args->secret_key = text;
		return 0;
	default:
		return parse_sizes(args, id, text);
	}
}

/* A port has one far end in each direction. */
static int
check_twice(const struct replay_args *args)
{
	for (unsigned i = 0; i < args->nbinds; i++) {
		const struct replay_bind *a = &args->bind[i];

		for (unsigned j = 0; j < i; j++) {
			const struct replay_bind *b = &args->bind[j];

			if (a->kind != b->kind || a->kind == REPLAY_POINT ||
			    a->slot != b->slot || a->port != b->port)
				continue;
			return wrong(args,
				     a->kind == REPLAY_IN ? "--in" : "--out",
				     a->name,
				     "given twice; a port has one file in each"
				     " direction");
		}
	}
	return 0;
}

int
replay_parse(struct replay_args *args, int argc, char **argv)
{
	bool has_in = false;
	int id;
	int err = 0;

	*args = (struct replay_args){
	    .command = "sesim replay", .engine = "auto", .transport = BUS_IPC};
	while (err == 0 &&
	       (id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (id == OPT_HELP) {
			(void)fputs(usage, stdout);
			return 1;
		}
		err = id == '?' ? -EINVAL : parse_option(args, id, optarg);
	}
	if (err == 0 && optind != argc)
		err = wrong(args, "argument", argv[optind],
			    "expected options only");
	if (err == 0 && args->config == NULL)
		err = wrong(args, "--config", "FILE", "is missing");
	for (unsigned i = 0; i < args->nbinds; i++)
		has_in |= args->bind[i].kind == REPLAY_IN;
	if (err == 0 && !has_in)
		err = wrong(args, "--in", "SLOT/PORT=FILE", "is missing");
	if (err == 0)
		err = check_twice(args);
	if (err != 0)
		(void)fputs("Try: sesim replay --help\n", stderr);
	return err;
}

int
replay_check_ports(const struct replay_args *args, const struct cfg_tree *tree)
{
	char ports[256];

	for (unsigned i = 0; i < args->nbinds; i++) {
		const struct replay_bind *b = &args->bind[i];

		if (b->kind == REPLAY_POINT ||
		    conf_port(tree, b->slot, b->port) != NULL)
			continue;
		conf_ports_text(tree, ports, sizeof(ports));
		(void)fprintf(stderr,
			      "%s: %s %s=%s: the configuration has no port"
			      " ethernet %s; it has %s\n",
			      args->command,
			      b->kind == REPLAY_IN ? "--in" : "--out", b->name,
			      b->path, b->name, ports);
		return -EINVAL;
	}
	return 0;
}
