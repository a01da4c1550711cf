/*
 * Options of `sesim compare`.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_impl.h"

enum compare_option {
	OPT_CONFIG = 1,
	OPT_IN,
	OPT_JSON,
	OPT_SEED,
	OPT_TRANSPORT,
	OPT_ENGINE,
	OPT_SECRET_KEY,
	OPT_KEEP,
	OPT_HELP
};

static const struct option options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"in", required_argument, NULL, OPT_IN},
    {"json", required_argument, NULL, OPT_JSON},
    {"seed", required_argument, NULL, OPT_SEED},
    {"transport", required_argument, NULL, OPT_TRANSPORT},
    {"engine", required_argument, NULL, OPT_ENGINE},
    {"secret-key", required_argument, NULL, OPT_SECRET_KEY},
    {"keep", required_argument, NULL, OPT_KEEP},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0}};

static const char usage[] =
    "usage: sesim compare --config FILE --in SLOT/PORT=FILE [--in ...]\n"
    "    [--json FILE|-] [--keep DIR] [--seed N]\n"
    "    [--transport ipc|tcp|inproc] [--engine openssl|ipsec-mb|auto]\n"
    "    [--secret-key FILE]\n"
    "Seals captures with every tunnel circuit-based, then economical, opens\n"
    "them with a mirrored second router, and says what each mode cost.\n"
    "  --keep DIR  leaves the captures of all runs there\n"
    "Exit status: 0 what was opened is what went in, in both modes; 1 it is\n"
    "not; 2 wrong usage or configuration; 3 the machine failed.\n";

static int
wrong(const char *option, const char *value, const char *right)
{
	(void)fprintf(stderr, "sesim compare: %s %s: %s\n", option, value,
		      right);
	return -EINVAL;
}

static int
parse_option(struct compare_opts *c, int id, const char *text)
{
	char *end;

	switch (id) {
	case OPT_CONFIG:
		c->user.config = text;
		return 0;
	case OPT_IN:
		return replay_bind_add(&c->user, REPLAY_IN, text);
	case OPT_JSON:
		c->user.json = text;
		return 0;
	case OPT_SEED:
		c->user.seed = strtoull(text, &end, 0);
		c->user.seeded = true;
		if (end == text || *end != '\0' || text[0] == '-')
			return wrong("--seed", text, "expected a number");
		return 0;
	case OPT_TRANSPORT:
		if (bus_transport_parse(text, &c->user.transport) == 0)
			return 0;
		return wrong("--transport", text,
			     "expected ipc, tcp or inproc");
	case OPT_ENGINE:
		c->user.engine = text;
		if (strcmp(text, "auto") == 0 || strcmp(text, "openssl") == 0 ||
		    strcmp(text, "ipsec-mb") == 0)
			return 0;
		return wrong("--engine", text,
			     "expected openssl, ipsec-mb or auto");
	case OPT_SECRET_KEY:
		c->user.secret_key = text;
		return 0;
	case OPT_KEEP:
		c->keep = text;
		return 0;
	default:
		return -EINVAL;
	}
}

int
compare_parse(struct compare_opts *c, int argc, char **argv)
{
	int err = 0;
	int id;

	/* Runs that are compared start alike. */
	c->user = (struct replay_args){.command = "sesim compare",
				       .engine = "auto",
				       .transport = BUS_IPC,
				       .seeded = true,
				       .seed = 1};
	while (err == 0 &&
	       (id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (id == OPT_HELP) {
			(void)fputs(usage, stdout);
			return 1;
		}
		err = parse_option(c, id, optarg);
	}
	if (err == 0 && optind != argc)
		err = wrong("argument", argv[optind], "expected options only");
	if (err == 0 && c->user.config == NULL)
		err = wrong("--config", "FILE", "is missing");
	if (err == 0 && c->user.nbinds == 0)
		err = wrong("--in", "SLOT/PORT=FILE", "is missing");
	if (err != 0)
		(void)fputs("Try: sesim compare --help\n", stderr);
	return err;
}
