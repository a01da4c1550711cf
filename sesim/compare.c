/*
 * `sesim compare`: for each mode, FILE's router seals the captures and the
 * router at the other end (mirror.c) opens what left it; the opened outputs are
 * compared with the inputs and with those of the other mode. Four replays, the
 * same input and seed; everything that is printed is in one JSON object first.
 */
#include "compare.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "compare_match.h"
#include "conf.h"
#include "mirror.h"
#include "replay.h"
#include "rundir.h"

#define TRACED 64
#define PATH_OCTETS 512
#define MODES 2
#define STAGES_MAX 16

static const char *const mode_name[MODES] = {"circuit-based", "economical"};

struct compare {
	struct replay_args user; /* --in, and what all runs share */
	const char *keep;        /* directory for the captures, or NULL */
	char dir[PATH_OCTETS - 64];
	bool temporary;
	struct conf conf;
	json_t *found;
	unsigned npaths;
	char (*path)[PATH_OCTETS]; /* texts that binds point at */
	int status;
};

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
parse_option(struct compare *c, int id, const char *text)
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

/* 0; 1: help was asked for; -EINVAL, told. */
static int
parse(struct compare *c, int argc, char **argv)
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

/* ---- One replay ---- */

/* A capture of a run: DIR/MODE.WHAT.SLOT-PORT.pcap. Borrowed. */
static const char *
capture_path(struct compare *c, unsigned mode, const char *what, unsigned slot,
	     unsigned port)
{
	char *path = c->path[c->npaths++];

	(void)snprintf(path, PATH_OCTETS, "%s/%s.%s.%u-%u.pcap", c->dir,
		       mode_name[mode], what, slot, port);
	return path;
}

static void
bind_port(struct replay_args *args, enum replay_kind kind, unsigned slot,
	  unsigned port, const char *path)
{
	struct replay_bind *b = &args->bind[args->nbinds];

	if (args->nbinds == REPLAY_BINDS_MAX)
		return;
	*b = (struct replay_bind){
	    .kind = kind, .slot = slot, .port = port, .path = path};
	(void)snprintf(b->name, sizeof(b->name), "%u/%u", slot, port);
	args->nbinds++;
}

static bool
is_input(const struct compare *c, unsigned slot, unsigned port)
{
	for (unsigned i = 0; i < c->user.nbinds; i++) {
		if (c->user.bind[i].slot == slot &&
		    c->user.bind[i].port == port)
			return true;
	}
	return false;
}

/* Replays a tree; *result is to be given back whatever happens. */
static int
run(struct compare *c, const struct cfg_tree *tree, struct replay_args *args,
    struct replay_result *result)
{
	char config[40];
	char key[40];
	int fd[2];
	const json_t *sentence;
	size_t i;
	int err = mirror_file(tree, &fd[0], &fd[1]);

	if (err != 0) {
		*result = (struct replay_result){.status = 3};
		(void)fprintf(stderr, "sesim compare: %s\n", strerror(-err));
		return -EIO;
	}
	(void)snprintf(config, sizeof(config), "/proc/self/fd/%d", fd[0]);
	(void)snprintf(key, sizeof(key), "/proc/self/fd/%d", fd[1]);
	args->config = config;
	args->secret_key = key;
	args->hold[0] = fd[0];
	args->hold[1] = fd[1];
	args->nhold = 2;
	args->begin_ns = clock_monotonic();
	args->begin_cpu_ns = replay_cpu_ns();
	replay_run(args, result);
	(void)close(fd[0]);
	(void)close(fd[1]);
	json_array_foreach(result->problems, i, sentence)
	{
		(void)fprintf(stderr, "sesim compare: %s\n",
			      json_string_value(sentence));
	}
	if (result->status > c->status)
		c->status = result->status;
	return result->sums != NULL && result->status <= 1 ? 0 : -EIO;
}

/* ---- What one packet visits ---- */

/* The stages of a journey, as JSON, one for each arrival; the caller's. */
static json_t *
stages_of(const json_t *journey)
{
	const json_t *stations = json_object_get(journey, "stations");
	json_t *stages = json_array();
	json_int_t last = -1;
	const json_t *s;
	size_t i;

	json_array_foreach(stations, i, s)
	{
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

	json_array_foreach(stages, i, s)
	{
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

	json_array_foreach(journeys, i, j)
	{
		json_t *stages = stages_of(j);
		unsigned n = 0;
		const json_t *k;
		size_t at;

		json_array_foreach(journeys, at, k)
		{
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

/* Hops between two stages: of one card they are card-local. */
static json_t *
per_packet(const json_t *journeys)
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

static json_t *
side(const struct replay_result *result)
{
	json_t *sums = json_deep_copy(result->sums);

	(void)json_object_del(sums, "journeys");
	return json_pack("{s:o, s:o}", "sums", sums, "per_packet",
			 per_packet(result->journeys));
}

/* ---- The runs ---- */

static void
begin_args(const struct compare *c, struct replay_args *args,
	   const char *filter)
{
	*args = c->user;
	args->nbinds = 0;
	args->trace = TRACED;
	args->trace_filter = filter;
}

static int
seal(struct compare *c, unsigned mode, const struct cfg_tree *tree,
     json_t *into)
{
	struct replay_args *args = calloc(1, sizeof(*args));
	struct replay_result result;
	struct cfg_iter it;
	int err;

	if (args == NULL)
		return -ENOMEM;
	begin_args(c, args, "ip");
	for (unsigned i = 0; i < c->user.nbinds; i++)
		args->bind[args->nbinds++] = c->user.bind[i];
	for (const struct cfg_obj *p = cfg_first(&it, cfg_root(tree), CFG_PORT);
	     p != NULL; p = cfg_next(&it)) {
		struct cfg_slot_unit at = cfg_slot_unit(p, CFG_PORT_NUMBER);

		if (!is_input(c, at.slot, at.unit))
			bind_port(
			    args, REPLAY_OUT, at.slot, at.unit,
			    capture_path(c, mode, "sealed", at.slot, at.unit));
	}
	err = run(c, tree, args, &result);
	if (err == 0)
		(void)json_object_set_new(into, "sealing", side(&result));
	replay_result_fini(&result);
	free(args);
	return err;
}

/* The ports that sent something when sealing receive it when opening. */
static void
bind_sealed(struct compare *c, unsigned mode, struct replay_args *args,
	    const json_t *sealing)
{
	json_t *ports =
	    json_object_get(json_object_get(sealing, "sums"), "ports");
	const char *name;
	json_t *p;

	json_object_foreach(ports, name, p)
	{
		unsigned slot;
		unsigned port;
		const char *end;

		if (json_integer_value(json_object_get(p, "tx_packets")) > 0 &&
		    conf_port_parse(name, &slot, &port, &end) == 0 &&
		    !is_input(c, slot, port))
			bind_port(args, REPLAY_IN, slot, port,
				  capture_path(c, mode, "sealed", slot, port));
	}
}

static int
open_again(struct compare *c, unsigned mode, const struct cfg_tree *tree,
	   json_t *into)
{
	struct replay_args *args = calloc(1, sizeof(*args));
	struct replay_result result;
	int err;

	if (args == NULL)
		return -ENOMEM;
	begin_args(c, args, "ip proto 50");
	bind_sealed(c, mode, args, json_object_get(into, "sealing"));
	if (args->nbinds == 0) {
		(void)fprintf(stderr,
			      "sesim compare: nothing left the router by a"
			      " port other than the input's\n");
		c->status = 1;
		free(args);
		return -ENODATA;
	}
	for (unsigned i = 0; i < c->user.nbinds; i++) {
		const struct replay_bind *b = &c->user.bind[i];

		bind_port(args, REPLAY_OUT, b->slot, b->port,
			  capture_path(c, mode, "opened", b->slot, b->port));
	}
	err = run(c, tree, args, &result);
	if (err == 0)
		(void)json_object_set_new(into, "opening", side(&result));
	replay_result_fini(&result);
	free(args);
	return err;
}

static json_t *
match_json(const struct compare_match *m)
{
	return json_pack(
	    "{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "first",
	    (json_int_t)m->first, "second", (json_int_t)m->second, "equal",
	    (json_int_t)m->equal, "moved", (json_int_t)m->moved, "strange",
	    (json_int_t)m->strange, "missing", (json_int_t)m->missing,
	    "no_ipv4", (json_int_t)m->others);
}

/* What must never be: a packet that came out otherwise than it went in. */
static bool
is_bad(const struct compare_match *m)
{
	return m->strange > 0 || m->moved > 0 || m->second == 0;
}

static int
match(struct compare *c, const char *first, const char *second,
      unsigned ttl_less, const char *port, json_t *into, bool all)
{
	struct compare_match m;
	char why[COMPARE_WHY_MAX] = "";
	int err = compare_match(first, second, ttl_less, &m, why);

	if (err == -EBADMSG || err == -EOPNOTSUPP) {
		(void)fprintf(stderr, "sesim compare: %s\n", why);
		c->status = c->status < 1 ? 1 : c->status;
		return 0;
	}
	if (err != 0) {
		(void)fprintf(stderr, "sesim compare: %s\n",
			      why[0] != '\0' ? why : strerror(-err));
		c->status = 3;
		return err;
	}
	if (is_bad(&m) || (all && m.missing > 0))
		c->status = c->status < 1 ? 1 : c->status;
	(void)json_object_set_new(into, port, match_json(&m));
	return 0;
}

/* What was opened against what went in, port by port. Two routers: TTL - 2. */
static int
match_inputs(struct compare *c, unsigned mode, json_t *into)
{
	json_t *ports = json_object();
	int err = 0;

	for (unsigned i = 0; i < c->user.nbinds && err == 0; i++) {
		const struct replay_bind *b = &c->user.bind[i];

		err = match(c, b->path,
			    capture_path(c, mode, "opened", b->slot, b->port),
			    2, b->name, ports, false);
	}
	(void)json_object_set_new(into, "opened", ports);
	return err;
}

static int
run_mode(struct compare *c, unsigned mode, json_t *into)
{
	char why[MIRROR_WHY_MAX];
	struct cfg_tree *tree = NULL;
	struct cfg_tree *mirror = NULL;
	int err = mirror_mode(c->conf.tree,
			      mode == 0 ? CFG_MODE_CIRCUIT_BASED
					: CFG_MODE_ECONOMICAL,
			      &tree, why);

	if (err == 0)
		err = mirror_make(tree, &c->user, &mirror, why);
	if (err != 0) {
		(void)fprintf(stderr,
			      "sesim compare: %s can not be mirrored: %s\n",
			      c->user.config, why);
		c->status = err == -ENOMEM ? 3 : 2;
	} else if (conf_check(mirror, "the mirrored configuration") != 0) {
		c->status = 2;
		err = -EINVAL;
	}
	if (err == 0)
		err = seal(c, mode, tree, into);
	if (err == 0)
		err = open_again(c, mode, mirror, into);
	if (err == 0)
		err = match_inputs(c, mode, into);
	cfg_tree_free(&tree);
	cfg_tree_free(&mirror);
	return err;
}

/* ---- The two modes against each other ---- */

static void
add_difference(json_t *list, const char *where, const char *reason,
	       json_int_t a, json_int_t b)
{
	if (a == b)
		return;
	(void)json_array_append_new(
	    list, json_pack("{s:s, s:s, s:I, s:I}", "router", where, "reason",
			    reason, mode_name[0], a, mode_name[1], b));
}

/* Drop reasons whose numbers differ between the modes. */
static void
compare_drops(const json_t *modes, const char *where, json_t *list)
{
	json_t *d[MODES];
	const char *reason;
	json_t *n;

	for (unsigned i = 0; i < MODES; i++) {
		const json_t *mode = json_object_get(modes, mode_name[i]);

		d[i] = json_object_get(
		    json_object_get(json_object_get(mode, where), "sums"),
		    "dropped");
	}
	json_object_foreach(d[0], reason, n)
	{
		add_difference(
		    list, where, reason, json_integer_value(n),
		    json_integer_value(json_object_get(d[1], reason)));
	}
	json_object_foreach(d[1], reason, n)
	{
		if (json_object_get(d[0], reason) == NULL)
			add_difference(list, where, reason, 0,
				       json_integer_value(n));
	}
}

static int
compare_modes(struct compare *c, const json_t *modes)
{
	json_t *ports = json_object();
	json_t *differences = json_array();
	int err = 0;

	for (unsigned i = 0; i < c->user.nbinds && err == 0; i++) {
		const struct replay_bind *b = &c->user.bind[i];

		err = match(c, capture_path(c, 0, "opened", b->slot, b->port),
			    capture_path(c, 1, "opened", b->slot, b->port), 0,
			    b->name, ports, true);
	}
	compare_drops(modes, "sealing", differences);
	compare_drops(modes, "opening", differences);
	(void)json_object_set_new(c->found, "between_modes", ports);
	(void)json_object_set_new(c->found, "differences", differences);
	/* What an economical tunnel can not carry: nothing configurable yet. */
	(void)json_object_set_new(c->found, "given_up", json_array());
	(void)json_object_set_new(c->found, "equal",
				  json_boolean(c->status == 0 && err == 0));
	return err;
}

static int
run_all(struct compare *c)
{
	json_t *modes = json_object();
	int err = 0;

	c->found = json_pack("{s:o, s:I}", "modes", modes, "seed",
			     (json_int_t)c->user.seed);
	for (unsigned i = 0; i < MODES && err == 0; i++) {
		json_t *mode = json_object();

		(void)json_object_set_new(modes, mode_name[i], mode);
		err = run_mode(c, i, mode);
	}
	return err == 0 ? compare_modes(c, modes) : err;
}

static int
make_dir(struct compare *c)
{
	const char *tmp = getenv("TMPDIR");

	if (c->keep != NULL) {
		(void)snprintf(c->dir, sizeof(c->dir), "%s", c->keep);
		return mkdir(c->dir, 0755) == 0 || errno == EEXIST ? 0 : -errno;
	}
	(void)snprintf(c->dir, sizeof(c->dir), "%s/sesim-compare-XXXXXX",
		       tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
	if (mkdtemp(c->dir) == NULL)
		return -errno;
	c->temporary = true;
	return 0;
}

static void
report(struct compare *c)
{
	bool json_only = c->user.json != NULL && strcmp(c->user.json, "-") == 0;

	if (!json_only)
		compare_print(c->found);
	if (!json_only && c->keep != NULL)
		(void)printf("\nCaptures: %s\n", c->dir);
	(void)fflush(stdout);
	if (c->user.json != NULL &&
	    replay_write_json(c->found, c->user.json, "sesim compare") != 0)
		c->status = 3;
}

static void
compare_run(struct compare *c)
{
	int err = conf_load(&c->conf, c->user.config, c->user.secret_key);

	if (err != 0) {
		c->status = err == -EINVAL ? 2 : 3;
		return;
	}
	if (replay_check_ports(&c->user, c->conf.tree) != 0) {
		c->status = 2;
		return;
	}
	err = make_dir(c);
	/* Of each port, at most, in each mode: sealed twice, opened thrice. */
	c->path =
	    calloc((size_t)6 * MODES * REPLAY_BINDS_MAX, sizeof(*c->path));
	if (err != 0 || c->path == NULL) {
		(void)fprintf(stderr, "sesim compare: %s: %s\n", c->dir,
			      strerror(err != 0 ? -err : ENOMEM));
		c->status = 3;
		return;
	}
	if (run_all(c) == 0)
		report(c);
	else if (c->status == 0)
		c->status = 3;
}

int
compare_main(int argc, char **argv)
{
	struct compare *c = calloc(1, sizeof(*c));
	int parsed;
	int status;

	if (c == NULL)
		return 3;
	parsed = parse(c, argc, argv);
	if (parsed == 0) {
		compare_run(c);
		if (c->temporary)
			rundir_remove(c->dir);
		conf_fini(&c->conf);
	}
	status = parsed < 0 ? 2 : c->status;
	json_decref(c->found);
	free(c->path);
	free(c);
	return status;
}
