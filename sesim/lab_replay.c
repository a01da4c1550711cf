/*
 * `sesim lab replay`: a network without a clock, and the same octets in every
 * run. Each router is a seeded replay of what arrives at its ports; a link
 * carries what one port sent to the other (lab/link_file.h). Both are functions
 * of their input alone, so the traffic of the network is the one in which every
 * capture follows from the others. It is found by going round: a router is
 * replayed again whenever something that arrives at it has changed, until
 * nothing changes any more. What a packet causes comes after it, so each round
 * settles at least what lies one router further on, and traffic ends as packets
 * do: at a sink, by a drop, or when the TTL is used up.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cap_link.h"
#include "cap_write.h"
#include "clock.h"
#include "lab.h"
#include "lab_file.h"
#include "lab_keep.h"
#include "link_file.h"
#include "replay_main.h"
#include "source.h"
#include "wire_pump.h"

#define RUNS_MAX 300 /* of one router: more hops than a TTL has */
#define COMPARE_OCTETS 65536
#define PCAP_HEADER_OCTETS 24

static const char command[] = "sesim lab replay";
static const char usage[] =
    "usage: sesim lab replay TOPOLOGY [--seed N] [--dir DIR] [--json FILE|-]\n"
    "    [--engine openssl|ipsec-mb|auto] [--secret-key FILE] [--silent]\n"
    "Sends the sources of a topology through its routers and links, by their\n"
    "own times, and records what arrives at its sinks. The same seed gives\n"
    "the same octets.\n"
    "  --seed N     default: the topology's, else 1\n"
    "  --dir DIR    keeps what each port sent, as NODE-SLOT-PORT.pcap\n"
    "  --silent     no echo replies and no ICMP errors of the routers\n";

/* One end of a link: what its node sends into it, and what arrives there. */
struct end_files {
	char sent[PATH_MAX];       /* "": nothing yet */
	char arrived[PATH_MAX];    /* likewise */
	struct link_counts counts; /* of the direction from here */
};

struct router {
	bool dirty;
	unsigned runs;
	json_t *sums; /* of its last run */
	json_t *problems;
};

struct lab_replay {
	struct lab_file file;
	const char *what;
	const char *json;
	const char *engine;
	const char *secret_key;
	const char *keep; /* --dir, or NULL */
	bool seeded, silent;
	uint64_t seed;
	char dir[PATH_MAX];     /* where captures rest meanwhile */
	struct end_files *ends; /* two for each link */
	struct router *router;  /* by node */
	unsigned runs;
	int status;
	uint64_t begin_ns;
	uint64_t begin_cpu_ns;
};

/* ---- Files ---- */

static const struct topology_end *
end_at(const struct lab_replay *r, unsigned i)
{
	return &r->file.topology->link[i / 2].end[i % 2];
}

static const struct topology_node *
node_at(const struct lab_replay *r, unsigned i)
{
	return &r->file.topology->node[end_at(r, i)->node];
}

/* 0: as before; 1: they differ; -errno. */
static int
differ(const char *a, const char *b)
{
	static const size_t room = COMPARE_OCTETS;
	FILE *x = fopen(a, "re");
	FILE *y = fopen(b, "re");
	char *p = malloc(2 * room);
	int rc = p == NULL ? -ENOMEM : x == NULL || y == NULL;

	while (rc == 0) {
		size_t n = fread(p, 1, room, x);
		size_t m = fread(p + room, 1, room, y);

		rc = n != m || memcmp(p, p + room, n) != 0;
		if (n < room)
			break;
	}
	free(p);
	if (x != NULL)
		(void)fclose(x);
	if (y != NULL)
		(void)fclose(y);
	return rc;
}

/* ---- Links ---- */

static int
fail(struct lab_replay *r, const char *sentence)
{
	(void)fprintf(stderr, "%s: %s\n", command, sentence);
	if (r->status < 3)
		r->status = 3;
	return -EIO;
}

/* What was sent at end i goes to the other end. */
static int
carry(struct lab_replay *r, unsigned i)
{
	const struct topology *t = r->file.topology;
	unsigned to = i ^ 1;
	const struct topology_node *node = node_at(r, to);
	struct end_files *far = &r->ends[to];
	struct link_file link = {.in = r->ends[i].sent,
				 .out = far->arrived,
				 .name = end_at(r, to)->text,
				 .seed =
				     lab_link_seed(t, r->seed, i / 2, i % 2)};
	struct cap_error why;

	lab_shape_conf(&t->link[i / 2].set[i % 2], &link.conf);
	if (node->kind != TOPOLOGY_SMARTEDGE) {
		const struct topology_value *sink =
		    &node->set.at[node->kind == TOPOLOGY_CAPTURE
				      ? TOPOLOGY_CAPTURE_SINK
				      : TOPOLOGY_GENERATOR_SINK];

		if (sink->text == NULL)
			(void)snprintf(far->arrived, sizeof(far->arrived),
				       "/dev/null");
		else if (topology_path(t, sink, far->arrived,
				       sizeof(far->arrived)) != 0)
			return fail(r, "the path of a sink is too long");
	} else {
		(void)snprintf(far->arrived, sizeof(far->arrived),
			       "%.4000s/%u.in.pcap", r->dir, to);
		r->router[end_at(r, to)->node].dirty = true;
	}
	return link_file_send(&link, &r->ends[i].counts, &why) == 0
		   ? 0
		   : fail(r, why.text);
}

/* ---- Routers ---- */

struct run {
	struct replay_args args;
	char config[PATH_MAX];
	char text[2 * TOPOLOGY_PORTS_MAX][PATH_MAX + 16];
	char next[TOPOLOGY_PORTS_MAX][PATH_MAX]; /* what it sends this time */
	unsigned end[TOPOLOGY_PORTS_MAX];
	unsigned n;
};

static int
bind_ends(struct lab_replay *r, unsigned node, struct run *run)
{
	unsigned texts = 0;

	for (unsigned i = 0; i < r->file.topology->nlinks * 2; i++) {
		const struct topology_end *e = end_at(r, i);
		char *text = run->text[texts];
		char *next = run->next[run->n];

		/* What comes to a port without configuration is not taken. */
		if (e->node != node || conf_port(r->file.conf[node].tree,
						 e->slot, e->port) == NULL)
			continue;
		if (r->ends[i].arrived[0] != '\0') {
			(void)snprintf(text, sizeof(run->text[0]),
				       "%u/%u=%.4000s", e->slot, e->port,
				       r->ends[i].arrived);
			if (replay_bind_add(&run->args, REPLAY_IN, text) != 0)
				return -EINVAL;
			text = run->text[++texts];
		}
		(void)snprintf(next, sizeof(run->next[0]),
			       "%.4000s/%u.next.pcap", r->dir, i);
		(void)snprintf(text, sizeof(run->text[0]), "%u/%u=%.4000s",
			       e->slot, e->port, next);
		if (replay_bind_add(&run->args, REPLAY_OUT, text) != 0)
			return -EINVAL;
		texts++;
		run->end[run->n++] = i;
	}
	return 0;
}

/* Whether a router sent nothing, for another that heard nothing before. */
static bool
still_nothing(const struct lab_replay *r, unsigned i, const char *path)
{
	struct stat st;

	return r->ends[i].sent[0] == '\0' &&
	       node_at(r, i ^ 1)->kind == TOPOLOGY_SMARTEDGE &&
	       stat(path, &st) == 0 && st.st_size <= PCAP_HEADER_OCTETS;
}

/* What it sent, where that is not what it sent before, goes on. */
static int
pass_on(struct lab_replay *r, const struct run *run)
{
	for (unsigned k = 0; k < run->n; k++) {
		struct end_files *e = &r->ends[run->end[k]];
		char kept[PATH_MAX];
		int rc = e->sent[0] == '\0' ? 1 : differ(e->sent, run->next[k]);

		if (rc < 0)
			return fail(r, strerror(-rc));
		if (rc == 0 || still_nothing(r, run->end[k], run->next[k]))
			continue;
		(void)snprintf(kept, sizeof(kept), "%.4000s/%s-%u-%u.pcap",
			       r->dir, node_at(r, run->end[k])->name,
			       end_at(r, run->end[k])->slot,
			       end_at(r, run->end[k])->port);
		if (rename(run->next[k], kept) != 0)
			return fail(r, strerror(errno));
		(void)snprintf(e->sent, sizeof(e->sent), "%s", kept);
		if (carry(r, run->end[k]) != 0)
			return -EIO;
	}
	return 0;
}

static void
take_result(struct lab_replay *r, struct router *router,
	    struct replay_result *result)
{
	json_decref(router->sums);
	json_decref(router->problems);
	router->sums = json_incref(result->sums);
	router->problems = json_incref(result->problems);
	r->runs++;
	router->runs++;
	router->dirty = false;
}

static int
run_router(struct lab_replay *r, unsigned node)
{
	const struct topology *t = r->file.topology;
	struct run *run = calloc(1, sizeof(*run));
	struct replay_result result;
	int err = run == NULL ? -ENOMEM : 0;

	if (err == 0)
		err = topology_path(
		    t, &t->node[node].set.at[TOPOLOGY_SMARTEDGE_CONFIG],
		    run->config, sizeof(run->config));
	if (err == 0) {
		run->args =
		    (struct replay_args){.command = command,
					 .config = run->config,
					 .secret_key = r->secret_key,
					 .engine = r->engine,
					 .transport = BUS_IPC,
					 .seeded = true,
					 .seed = r->seed,
					 .silent = r->silent,
					 .begin_ns = clock_monotonic(),
					 .begin_cpu_ns = replay_cpu_ns()};
		err = bind_ends(r, node, run);
	}
	if (err == 0) {
		replay_run(&run->args, &result);
		take_result(r, &r->router[node], &result);
		err = result.status <= 1 ? pass_on(r, run)
					 : fail(r, t->node[node].name);
		replay_result_fini(&result);
	}
	free(run);
	return err;
}

/* The one that ran least of those with something new; -1: none. */
static int
next_router(const struct lab_replay *r)
{
	int best = -1;

	for (unsigned i = 0; i < r->file.topology->nnodes; i++) {
		const struct router *router = &r->router[i];

		if (router->dirty &&
		    (best < 0 || router->runs < r->router[best].runs))
			best = (int)i;
	}
	return best;
}

static int
settle(struct lab_replay *r)
{
	int node;

	while ((node = next_router(r)) >= 0) {
		char why[128];

		if (r->router[node].runs >= RUNS_MAX) {
			(void)snprintf(why, sizeof(why),
				       "the traffic at %s does not settle",
				       r->file.topology->node[node].name);
			return fail(r, why);
		}
		if (run_router(r, (unsigned)node) != 0)
			return -EIO;
	}
	return 0;
}

/* What a generator sends, as a capture that begins with the lab's clock. */
static int
write_flows(struct lab_replay *r, unsigned i)
{
	struct source *source = NULL;
	struct cap_write *out = NULL;
	uint8_t *frame = malloc(WIRE_FRAME_MAX);
	struct cap_error why = {.text = "out of memory"};
	unsigned iface;
	uint64_t ns;
	int err = frame == NULL ? -ENOMEM : 0;
	int closed;

	(void)snprintf(r->ends[i].sent, sizeof(r->ends[i].sent),
		       "%.4000s/%s.flows.pcap", r->dir, node_at(r, i)->name);
	if (err == 0)
		err = lab_flows_open(r->file.topology, node_at(r, i), r->seed,
				     &source);
	if (err == 0)
		err = cap_write_open(&out, r->ends[i].sent, CAP_PCAP, &why);
	if (err == 0)
		err = cap_write_iface(out, CAP_LINK_ETHERNET, NULL, &iface);
	while (err == 0 &&
	       (ns = source->ops->next_ns(source)) != SOURCE_NEVER) {
		uint32_t octets = source->ops->take(source, frame);
		struct cap_out rec = {.time_ns = WIRE_EPOCH_NS + ns,
				      .data = frame,
				      .octets = octets,
				      .iface = iface};

		err = cap_write_rec(out, &rec);
	}
	closed = cap_write_close(&out);
	source_close(&source);
	free(frame);
	return err == 0 && closed == 0 ? 0 : fail(r, why.text);
}

/* Sources send; sinks that nothing comes to are empty captures. */
static int
begin(struct lab_replay *r)
{
	const struct topology *t = r->file.topology;
	int err = 0;

	for (unsigned i = 0; i < t->nlinks * 2 && err == 0; i++) {
		const struct topology_value *source =
		    &node_at(r, i)->set.at[TOPOLOGY_CAPTURE_SOURCE];

		if (node_at(r, i)->kind == TOPOLOGY_GENERATOR)
			err = write_flows(r, i);
		else if (source->text == NULL)
			continue;
		else
			err = topology_path(t, source, r->ends[i].sent,
					    sizeof(r->ends[i].sent));
		if (err == 0)
			err = carry(r, i);
	}
	return err;
}

/* ---- What came of it ---- */

static bool
link_closes(const struct link_counts *c)
{
	uint64_t went = c->n[LINK_DELIVERED];

	for (unsigned i = LINK_LOST; i < LINK_MALFORMED; i++)
		went += c->n[i];
	return went == c->n[LINK_TAKEN] + c->n[LINK_DUPLICATED];
}

static json_t *
direction_json(const struct lab_replay *r, unsigned i)
{
	const struct link_counts *c = &r->ends[i].counts;
	json_t *row = json_pack("{s:s, s:s}", "from", end_at(r, i)->text, "to",
				end_at(r, i ^ 1)->text);

	for (unsigned k = 0; k < LINK_COUNT_KINDS; k++)
		(void)json_object_set_new(row, link_count_row[k].name,
					  json_integer((json_int_t)c->n[k]));
	return row;
}

static json_t *
results_json(struct lab_replay *r)
{
	const struct topology *t = r->file.topology;
	json_t *routers = json_object();
	json_t *links = json_array();
	bool closes = true;

	for (unsigned i = 0; i < t->nnodes; i++) {
		if (r->router[i].sums == NULL)
			continue;
		closes &= json_array_size(r->router[i].problems) == 0;
		(void)json_object_set(r->router[i].sums, "problems",
				      r->router[i].problems);
		(void)json_object_set_new(r->router[i].sums, "runs",
					  json_integer(r->router[i].runs));
		(void)json_object_set(routers, t->node[i].name,
				      r->router[i].sums);
	}
	for (unsigned i = 0; i < t->nlinks * 2; i++) {
		closes &= link_closes(&r->ends[i].counts);
		(void)json_array_append_new(links, direction_json(r, i));
	}
	if (!closes && r->status == 0)
		r->status = 1;
	return json_pack(
	    "{s:s, s:I, s:i, s:b, s:o, s:o, s:f, s:f}", "name", t->name, "seed",
	    (json_int_t)r->seed, "runs", (int)r->runs, "balanced", (int)closes,
	    "routers", routers, "links", links, "elapsed_s",
	    (double)(clock_monotonic() - r->begin_ns) / 1e9, "cpu_s",
	    (double)(replay_cpu_ns() - r->begin_cpu_ns) / 1e9);
}

static long long
number(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

static void
print_router(const char *name, const json_t *sums)
{
	const json_t *sentence;
	const char *reason;
	json_t *n;
	size_t i;

	(void)printf("%-16s %10lld %10lld %10lld %10lld ", name,
		     number(sums, "received"), number(sums, "originated"),
		     number(sums, "transmitted"), number(sums, "punted"));
	json_object_foreach(json_object_get(sums, "dropped"), reason, n) {
		if (json_integer_value(n) > 0)
			(void)printf(" %s %lld", reason,
				     (long long)json_integer_value(n));
	}
	(void)putchar('\n');
	json_array_foreach(json_object_get(sums, "problems"), i, sentence) {
		(void)fprintf(stderr, "%s: %s: %s\n", command, name,
			      json_string_value(sentence));
	}
}

static void
print_results(const json_t *words)
{
	const json_t *row;
	const char *name;
	json_t *sums;
	size_t i;

	(void)printf("%-16s %10s %10s %10s %10s  %s\n", "ROUTER", "RECEIVED",
		     "ORIGINATED", "SENT", "PUNTED", "DROPPED");
	json_object_foreach(json_object_get(words, "routers"), name, sums) {
		print_router(name, sums);
	}
	(void)printf("%-34s %10s %10s %10s\n", "LINK", "TAKEN", "DELIVERED",
		     "LOST");
	json_array_foreach(json_object_get(words, "links"), i, row) {
		char ends[128];

		(void)snprintf(ends, sizeof(ends), "%s -> %s",
			       json_string_value(json_object_get(row, "from")),
			       json_string_value(json_object_get(row, "to")));
		(void)printf("%-34s %10lld %10lld %10lld\n", ends,
			     number(row, "taken"), number(row, "delivered"),
			     number(row, "taken") + number(row, "duplicated") -
				 number(row, "delivered"));
	}
	(void)printf("seed %lld, %lld replays in %.1f s; the accounting %s\n",
		     number(words, "seed"), number(words, "runs"),
		     json_real_value(json_object_get(words, "elapsed_s")),
		     json_is_true(json_object_get(words, "balanced"))
			 ? "closes"
			 : "does not close");
}

/* ---- The command ---- */

static int
check_kinds(const struct lab_replay *r)
{
	const struct topology *t = r->file.topology;
	int status = 0;

	for (unsigned i = 0; i < t->nnodes; i++) {
		const struct topology_node *n = &t->node[i];

		for (unsigned k = 0; k < n->nflows; k++) {
			if (n->flow[k].at[TOPOLOGY_FLOW_COUNT].n > 0)
				continue;
			(void)fprintf(stderr,
				      "%s:%u:%u: a flow of %s has no end;"
				      " expected count in a replay\n",
				      t->path, n->line, n->column, n->name);
			status = 2;
		}
		if (n->kind == TOPOLOGY_SMARTEDGE ||
		    n->kind == TOPOLOGY_CAPTURE ||
		    n->kind == TOPOLOGY_GENERATOR)
			continue;
		(void)fprintf(stderr,
			      "%s:%u:%u: %s is a %s, which lives in real time;"
			      " expected routers, captures and generators in a"
			      " replay\n",
			      t->path, n->line, n->column, n->name,
			      topology_kind_word(n->kind));
		status = 2;
	}
	return status;
}

static int
open_dir(struct lab_replay *r)
{
	const char *tmp = getenv("TMPDIR");
	char name[PATH_MAX];

	r->ends = calloc(r->file.topology->nlinks * 2 + 1, sizeof(*r->ends));
	r->router = calloc(r->file.topology->nnodes, sizeof(*r->router));
	if (r->ends == NULL || r->router == NULL)
		return fail(r, "out of memory");
	if (r->keep != NULL) {
		if ((mkdir(r->keep, 0777) != 0 && errno != EEXIST) ||
		    realpath(r->keep, r->dir) == NULL)
			return fail(r, strerror(errno));
		return 0;
	}
	(void)snprintf(name, sizeof(name), "%s/sesim-lab-XXXXXX",
		       tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
	if (mkdtemp(name) == NULL)
		return fail(r, strerror(errno));
	(void)snprintf(r->dir, sizeof(r->dir), "%s", name);
	return 0;
}

/* What was needed meanwhile; with --dir what ports sent stays. */
static void
clean_up(struct lab_replay *r)
{
	unsigned n = r->ends != NULL ? r->file.topology->nlinks * 2 : 0;

	for (unsigned i = 0; i < n && r->dir[0] != '\0'; i++) {
		char path[PATH_MAX];

		(void)snprintf(path, sizeof(path), "%.4000s/%u.in.pcap", r->dir,
			       i);
		(void)unlink(path);
		(void)snprintf(path, sizeof(path), "%.4000s/%u.next.pcap",
			       r->dir, i);
		(void)unlink(path);
		if (r->keep == NULL &&
		    strncmp(r->ends[i].sent, r->dir, strlen(r->dir)) == 0)
			(void)unlink(r->ends[i].sent);
	}
	if (r->keep == NULL && r->dir[0] != '\0')
		(void)rmdir(r->dir);
	for (unsigned i = 0; r->router != NULL && i < r->file.topology->nnodes;
	     i++) {
		json_decref(r->router[i].sums);
		json_decref(r->router[i].problems);
	}
	free(r->ends);
	free(r->router);
	lab_file_fini(&r->file);
}

/* 0, 1: help was given, 2. */
static int
parse(struct lab_replay *r, int argc, char **argv)
{
	static const struct option options[] = {
	    {"seed", required_argument, NULL, 's'},
	    {"dir", required_argument, NULL, 'd'},
	    {"json", required_argument, NULL, 'j'},
	    {"engine", required_argument, NULL, 'e'},
	    {"secret-key", required_argument, NULL, 'k'},
	    {"silent", no_argument, NULL, 'q'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	char *end = NULL;
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (id) {
		case 'h':
			(void)fputs(usage, stdout);
			return 1;
		case 's':
			r->seeded = true;
			r->seed = strtoull(optarg, &end, 10);
			if (end == optarg || *end != '\0')
				return 2;
			break;
		case 'd':
			r->keep = optarg;
			break;
		case 'j':
			r->json = optarg;
			break;
		case 'e':
			r->engine = optarg;
			break;
		case 'k':
			r->secret_key = optarg;
			break;
		case 'q':
			r->silent = true;
			break;
		default:
			return 2;
		}
	}
	r->what = optind + 1 == argc ? argv[optind] : NULL;
	return r->what != NULL ? 0 : 2;
}

static int
replay(struct lab_replay *r)
{
	json_t *words;
	int err = open_dir(r);

	if (!r->seeded)
		r->seed = r->file.topology->seeded ? r->file.topology->seed : 1;
	if (err == 0)
		err = begin(r);
	if (err == 0)
		err = settle(r);
	if (err != 0)
		return r->status != 0 ? r->status : 3;
	words = results_json(r);
	if (r->json == NULL || strcmp(r->json, "-") != 0)
		print_results(words);
	if (r->json != NULL && replay_write_json(words, r->json, command) != 0)
		r->status = 3;
	json_decref(words);
	return r->status;
}

int
lab_replay_main(int argc, char **argv)
{
	struct lab_replay *r = calloc(1, sizeof(*r));
	int status;

	if (r == NULL)
		return 3;
	r->engine = "auto";
	r->begin_ns = clock_monotonic();
	r->begin_cpu_ns = replay_cpu_ns();
	status = parse(r, argc, argv);
	if (status == 2)
		(void)fputs(usage, stderr);
	if (status != 0) {
		free(r);
		return status == 1 ? 0 : status;
	}
	status = lab_file_load(&r->file, command, r->what, r->secret_key);
	if (status == 0)
		status = check_kinds(r);
	if (status == 0)
		status = replay(r);
	clean_up(r);
	free(r);
	return status;
}
