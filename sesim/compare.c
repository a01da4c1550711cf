/*
 * `sesim compare`: for each mode, FILE's router seals the captures and the
 * router at the other end (mirror.c) opens what left it; the opened outputs are
 * compared with the inputs and with those of the other mode. Four replays, the
 * same input and seed; everything that is printed is in one JSON object first.
 */
#include "compare.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "compare_impl.h"
#include "compare_match.h"
#include "conf.h"
#include "mirror.h"
#include "mirror_features.h"
#include "replay_main.h"
#include "rundir.h"

#define TRACED 64
#define PATH_OCTETS 512
#define MODES 2

static const char *const mode_name[MODES] = {"circuit-based", "economical"};

struct compare {
	struct compare_opts opts;
	char dir[PATH_OCTETS - 64];
	bool temporary;
	struct conf conf;
	json_t *found;
	bool apart; /* they differ because features did something */
	unsigned npaths;
	char (*path)[PATH_OCTETS]; /* texts that binds point at */
	int status;
};

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
	for (unsigned i = 0; i < c->opts.user.nbinds; i++) {
		if (c->opts.user.bind[i].slot == slot &&
		    c->opts.user.bind[i].port == port)
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
	json_array_foreach(result->problems, i, sentence) {
		(void)fprintf(stderr, "sesim compare: %s\n",
			      json_string_value(sentence));
	}
	if (result->status > c->status)
		c->status = result->status;
	return result->sums != NULL && result->status <= 1 ? 0 : -EIO;
}

static json_t *
side(const struct replay_result *result)
{
	json_t *sums = json_deep_copy(result->sums);

	(void)json_object_del(sums, "journeys");
	return json_pack("{s:o, s:o}", "sums", sums, "per_packet",
			 compare_hops(result->journeys));
}

/* ---- The runs ---- */

static void
begin_args(const struct compare *c, struct replay_args *args,
	   const char *filter)
{
	*args = c->opts.user;
	args->nbinds = 0;
	args->trace = TRACED;
	args->trace_filter = filter;
	/* What it says of its own has no packet to be compared with. */
	args->silent = true;
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
	for (unsigned i = 0; i < c->opts.user.nbinds; i++)
		args->bind[args->nbinds++] = c->opts.user.bind[i];
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

	json_object_foreach(ports, name, p) {
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
	for (unsigned i = 0; i < c->opts.user.nbinds; i++) {
		const struct replay_bind *b = &c->opts.user.bind[i];

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
	/* What features decided is decided in one mode alone. */
	if (!c->apart && (is_bad(&m) || (all && m.missing > 0)))
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

	for (unsigned i = 0; i < c->opts.user.nbinds && err == 0; i++) {
		const struct replay_bind *b = &c->opts.user.bind[i];

		c->apart = mirror_features_mark(c->conf.tree);
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
		err = mirror_make(tree, &c->opts.user, &mirror, why);
	if (err != 0) {
		(void)fprintf(stderr,
			      "sesim compare: %s can not be mirrored: %s\n",
			      c->opts.user.config, why);
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
	json_object_foreach(d[0], reason, n) {
		add_difference(
		    list, where, reason, json_integer_value(n),
		    json_integer_value(json_object_get(d[1], reason)));
	}
	json_object_foreach(d[1], reason, n) {
		if (json_object_get(d[0], reason) == NULL)
			add_difference(list, where, reason, 0,
				       json_integer_value(n));
	}
}

/* One thing that the economical tunnel does without. */
static int
give_up(void *arg, const char *tunnel, const char *context,
	const char *interface, const char *line)
{
	json_t *one =
	    json_pack("{s:s, s:s}", "tunnel", tunnel, "feature", line);

	if (interface != NULL) {
		(void)json_object_set_new(one, "interface",
					  json_string(interface));
		(void)json_object_set_new(one, "context", json_string(context));
	}
	return json_array_append_new(arg, one);
}

static int
compare_modes(struct compare *c, const json_t *modes)
{
	json_t *ports = json_object();
	json_t *differences = json_array();
	json_t *given_up;
	int err = 0;

	given_up = json_array();
	(void)mirror_features(c->conf.tree, give_up, given_up);
	for (unsigned i = 0; i < c->opts.user.nbinds && err == 0; i++) {
		const struct replay_bind *b = &c->opts.user.bind[i];

		c->apart = json_array_size(given_up) > 0;
		err = match(c, capture_path(c, 0, "opened", b->slot, b->port),
			    capture_path(c, 1, "opened", b->slot, b->port), 0,
			    b->name, ports, true);
	}
	compare_drops(modes, "sealing", differences);
	compare_drops(modes, "opening", differences);
	(void)json_object_set_new(c->found, "between_modes", ports);
	(void)json_object_set_new(c->found, "differences", differences);
	(void)json_object_set_new(c->found, "given_up", given_up);
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
			     (json_int_t)c->opts.user.seed);
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

	if (c->opts.keep != NULL) {
		(void)snprintf(c->dir, sizeof(c->dir), "%s", c->opts.keep);
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
	bool json_only =
	    c->opts.user.json != NULL && strcmp(c->opts.user.json, "-") == 0;

	if (!json_only)
		compare_print(c->found);
	if (!json_only && c->opts.keep != NULL)
		(void)printf("\nCaptures: %s\n", c->dir);
	(void)fflush(stdout);
	if (c->opts.user.json != NULL &&
	    replay_write_json(c->found, c->opts.user.json, "sesim compare") !=
		0)
		c->status = 3;
}

static void
compare_run(struct compare *c)
{
	int err =
	    conf_load(&c->conf, c->opts.user.config, c->opts.user.secret_key);

	if (err != 0) {
		c->status = err == -EINVAL ? 2 : 3;
		return;
	}
	if (replay_check_ports(&c->opts.user, c->conf.tree) != 0) {
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
	parsed = compare_parse(&c->opts, argc, argv);
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
