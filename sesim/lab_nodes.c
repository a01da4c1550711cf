/*
 * The routers of a lab as processes: each chassis is started, heard, seen to
 * die by SIGCHLD, and started again after a wait that doubles. A refusal in
 * the first start is final, as for `sesim up`: nothing would change it.
 *
 * Several start at a time and not all: what each needs in the beginning is the
 * processor, and fifty that share it are ready no sooner, only all at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "keeper.h"
#include "lab_keep.h"
#include "log.h"

#define AT_ONCE_EACH 2 /* for each processor of the machine */
#define STARTS_MAX 4   /* before the lab is up */
#define GRACE_NS (UINT64_C(1500) * CLOCK_MS_NS)
#define GRACE_EACH_NS (UINT64_C(30) * CLOCK_MS_NS)
#define WAIT_FIRST_NS (UINT64_C(50) * CLOCK_MS_NS)
#define WAIT_MAX_NS (UINT64_C(5) * CLOCK_SECOND_NS)
#define STEADY_NS (UINT64_C(60) * CLOCK_SECOND_NS)
#define SAID_MAX 8192
#define ARGS_MAX (24 + KEEPER_CHASSIS_ARGS_MAX + 2 * TOPOLOGY_PORTS_MAX)

const char *
lab_node_state_word(enum lab_node_state state)
{
	static const char *const words[] = {
	    [LAB_NODE_WAITING] = "waiting", [LAB_NODE_STARTING] = "starting",
	    [LAB_NODE_UP] = "up",           [LAB_NODE_ENDING] = "ending",
	    [LAB_NODE_DEAD] = "restarting", [LAB_NODE_FAILED] = "failed"};

	return words[state];
}

static struct lab_node *
of_words(struct lab_watch *watch)
{
	return (struct lab_node *)watch;
}

/* ---- Starting ---- */

struct start {
	char wire[TOPOLOGY_PORTS_MAX][32];
	int fds[TOPOLOGY_PORTS_MAX + 2];
	unsigned nfds;
	char number[16];
	char config[PATH_MAX];
	char program[PATH_MAX];
	char log[RUNDIR_PATH_MAX + 16];
	const char *argv[ARGS_MAX];
	unsigned n;
};

static void
put(struct start *s, const char *option, const char *value)
{
	s->argv[s->n++] = option;
	if (value != NULL)
		s->argv[s->n++] = value;
}

static int
make_start(const struct lab *lab, const struct lab_node *node, int ready_fd,
	   struct start *s)
{
	const struct topology_node *n = node->node;
	unsigned wires;
	int err;

	err =
	    topology_path(lab->topology, &n->set.at[TOPOLOGY_SMARTEDGE_CONFIG],
			  s->config, sizeof(s->config));
	if (err != 0)
		return err;
	(void)snprintf(s->program, sizeof(s->program), "%s/sesim-chassis",
		       lab->bin_dir);
	(void)snprintf(s->log, sizeof(s->log), "%s/router.log", node->path);
	(void)snprintf(s->number, sizeof(s->number), "%d", ready_fd);
	put(s, s->program, NULL);
	put(s, "--run-dir", node->path);
	put(s, "--bin-dir", lab->bin_dir);
	put(s, "--name", n->name);
	put(s, "--config", s->config);
	put(s, "--ready-fd", s->number);
	for (unsigned i = 0; lab->chassis_args[i] != NULL; i++)
		put(s, lab->chassis_args[i], NULL);
	wires = lab_wires_args(lab, node, s->wire, s->fds, TOPOLOGY_PORTS_MAX);
	for (unsigned i = 0; i < wires; i++)
		put(s, "--wire", s->wire[i]);
	s->argv[s->n] = NULL;
	s->nfds = wires;
	s->fds[s->nfds++] = ready_fd;
	s->fds[s->nfds++] = lab->life_fd;
	return 0;
}

static _Noreturn void
child(const struct start *s, pid_t parent)
{
	/* execv() takes char *const[], and writes to none of them. */
	union {
		const char *const *in;
		char *const *out;
	} argv = {.in = s->argv};
	int log;

	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(127);
	(void)setpgid(0, 0);
	log = open(s->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log >= 0)
		(void)dup2(log, 2);
	child_reset_signals();
	child_keep_only(s->fds, s->nfds);
	(void)execv(s->argv[0], argv.out);
	_exit(127);
}

static void said(struct lab *lab, struct lab_watch *watch);

static int
spawn(struct lab *lab, struct lab_node *node, int ready_fd)
{
	struct start *s = calloc(1, sizeof(*s));
	pid_t self = getpid();
	pid_t pid = -1;
	int err = s == NULL ? -ENOMEM : make_start(lab, node, ready_fd, s);

	if (err == 0) {
		pid = fork();
		err = pid < 0 ? -errno : 0;
	}
	if (pid == 0)
		child(s, self);
	free(s);
	if (err != 0)
		return err;
	node->pid = pid;
	return 0;
}

/*
 * What a chassis before left in the way. Its running configuration is its
 * successor's where it was killed; a lab that is started anew, and a router
 * that is restarted by order, begin with the file.
 */
static int
clear(struct lab_node *node)
{
	if (mkdir(node->path, 0700) != 0 && errno != EEXIST)
		return -errno;
	rundir_clear(node->path);
	if (node->starts == 0 || node->reboot)
		rundir_forget(node->path);
	node->reboot = false;
	return 0;
}

static int
start(struct lab *lab, struct lab_node *node)
{
	int pipe_fd[2];
	int err = clear(node);

	if (err == 0 && pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK) != 0)
		err = -errno;
	if (err != 0)
		return err;
	err = spawn(lab, node, pipe_fd[1]);
	(void)close(pipe_fd[1]);
	if (err != 0) {
		(void)close(pipe_fd[0]);
		return err;
	}
	node->words = (struct lab_watch){.woken = said, .fd = pipe_fd[0]};
	node->nsaid = 0;
	node->starts++;
	node->started_ns = clock_monotonic();
	node->state = LAB_NODE_STARTING;
	return lab_watch(lab, &node->words);
}

static void
fail(struct lab *lab, struct lab_node *node, int status, const char *why)
{
	node->state = LAB_NODE_FAILED;
	node->status = status;
	if (node->why[0] == '\0')
		(void)snprintf(node->why, sizeof(node->why), "%s", why);
	log_error("lab: node %s failed: %s", node->node->name, node->why);
	lab_node_settled(lab, node);
}

/* ---- Hearing ---- */

/* The line that the chassis says once: ready, or why not. */
static void
take_words(struct lab *lab, struct lab_node *node)
{
	json_t *words = json_loadb(node->said, node->nsaid, 0, NULL);
	const char *error = json_string_value(json_object_get(words, "error"));

	lab_unwatch(lab, &node->words);
	if (json_is_true(json_object_get(words, "ready"))) {
		json_decref(node->cli);
		node->cli = json_incref(json_object_get(words, "cli"));
		node->state = LAB_NODE_UP;
		lab_wires_node(lab, node, true);
		node->why[0] = '\0';
		lab_node_settled(lab, node);
	} else if (error != NULL) {
		(void)snprintf(node->why, sizeof(node->why), "%s", error);
		node->status =
		    (int)json_integer_value(json_object_get(words, "exit"));
	}
	json_decref(words);
}

static void
said(struct lab *lab, struct lab_watch *watch)
{
	struct lab_node *node = of_words(watch);
	ssize_t n;

	n = read(watch->fd, node->said + node->nsaid, SAID_MAX - node->nsaid);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		node->nsaid += (size_t)n;
	if (n <= 0 || node->nsaid == SAID_MAX ||
	    memchr(node->said, '\n', node->nsaid) != NULL)
		take_words(lab, node);
}

/*
 * What a dead chassis left are children of ours now, told to end by its death.
 * How many there are; kill: SIGKILL to all of them.
 */
static unsigned
adopted(const struct lab *lab, bool kill_them)
{
	char path[64];
	unsigned n = 0;
	FILE *file;
	long pid;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
		       (long)getpid());
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	while (fscanf(file, "%ld", &pid) == 1) {
		bool ours = false;

		for (unsigned i = 0; i < lab->topology->nnodes; i++)
			ours |= lab->node[i].pid == (pid_t)pid;
		n += !ours;
		if (!ours && kill_them)
			(void)kill((pid_t)pid, SIGKILL);
	}
	(void)fclose(file);
	return n;
}

static void
plan_again(struct lab_node *node, uint64_t now)
{
	uint64_t wait = WAIT_FIRST_NS;

	if (now - node->started_ns > STEADY_NS)
		node->deaths = 0;
	for (unsigned i = 0; i < node->deaths && wait < WAIT_MAX_NS; i++)
		wait *= 2;
	node->deaths++;
	node->state = LAB_NODE_DEAD;
	node->again_ns = now + wait;
}

static void
died(struct lab *lab, struct lab_node *node, int status)
{
	bool first = lab->ready_ns == 0;
	bool ordered = node->state == LAB_NODE_ENDING;
	uint64_t now = clock_monotonic();
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 3;

	if (node->words.fd >= 0)
		said(lab, &node->words);
	lab_unwatch(lab, &node->words);
	node->pid = 0;
	lab->kill_ns = now + GRACE_NS;
	lab_wires_node(lab, node, false);
	/* A machine that had no time in the first try may have it later. */
	if (first && !WIFSIGNALED(status) &&
	    (code == 2 || node->starts >= STARTS_MAX)) {
		fail(lab, node, node->status != 0 ? node->status : code,
		     "the router did not start; see router.log in its run"
		     " directory");
		return;
	}
	/* What a later start refused would be refused again. */
	if (!WIFSIGNALED(status) && code == 2 && node->why[0] != '\0') {
		fail(lab, node, code, node->why);
		return;
	}
	if (ordered) {
		node->deaths = 0;
		node->state = LAB_NODE_DEAD;
		node->again_ns = now;
		return;
	}
	if (lab->leaving)
		return;
	node->killed++;
	plan_again(node, now);
	log_warn("lab: node %s ended status=%d signal=%d, started again",
		 node->node->name, code,
		 WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

void
lab_nodes_reap(struct lab *lab)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (unsigned i = 0; i < lab->topology->nnodes; i++) {
			if (lab->node[i].pid == pid)
				died(lab, &lab->node[i], status);
		}
	}
}

/*
 * Whether a node that died may start: not while somebody of its former life,
 * who reads the same wires, may still be there. Which of the adopted are whose
 * nobody knows, so all are waited for; each death wakes the loop.
 */
static bool
may_start(struct lab *lab, const struct lab_node *node, uint64_t now,
	  uint64_t *due)
{
	if (node->state == LAB_NODE_WAITING)
		return true;
	if (node->state != LAB_NODE_DEAD)
		return false;
	if (node->again_ns > now) {
		if (node->again_ns < *due)
			*due = node->again_ns;
		return false;
	}
	if (adopted(lab, now >= lab->kill_ns) == 0)
		return true;
	if (lab->kill_ns > now && lab->kill_ns < *due)
		*due = lab->kill_ns;
	return false;
}

uint64_t
lab_nodes_step(struct lab *lab, uint64_t now)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned at_once =
	    AT_ONCE_EACH * (processors > 0 ? (unsigned)processors : 1);
	uint64_t due = LAB_NEVER;
	unsigned starting = 0;

	for (unsigned i = 0; i < lab->topology->nnodes; i++)
		starting += lab->node[i].state == LAB_NODE_STARTING;
	for (unsigned i = 0; i < lab->topology->nnodes && !lab->leaving; i++) {
		struct lab_node *node = &lab->node[i];
		int err;

		if (!may_start(lab, node, now, &due) || starting >= at_once)
			continue;
		err = start(lab, node);
		starting++;
		if (err != 0)
			fail(lab, node, 3, strerror(-err));
	}
	return due;
}

int
lab_node_restart(struct lab *lab, struct lab_node *node)
{
	if (lab->leaving)
		return -EBUSY;
	if (node->state == LAB_NODE_FAILED) {
		node->state = LAB_NODE_DEAD;
		node->again_ns = 0;
		return 0;
	}
	if (node->state != LAB_NODE_UP)
		return -EBUSY;
	node->state = LAB_NODE_ENDING;
	node->reboot = true;
	(void)kill(node->pid, SIGTERM);
	return 0;
}

/* ---- The set ---- */

static int
make_path(const struct lab *lab, struct lab_node *node, char *why)
{
	int n = snprintf(node->path, sizeof(node->path), "%s/%s", lab->run_dir,
			 node->node->name);

	if (n >= 0 && n + RUNDIR_SOCKET_OCTETS < RUNDIR_PATH_MAX)
		return 0;
	(void)snprintf(why, LAB_WHY_MAX,
		       "run directory %s/%s is too long: with the name of a"
		       " socket it must fit 107 octets; choose a shorter one"
		       " with SESIM_RUN_DIR",
		       lab->run_dir, node->node->name);
	return -ENAMETOOLONG;
}

int
lab_nodes_new(struct lab *lab, char why[LAB_WHY_MAX])
{
	const struct topology *t = lab->topology;
	int err = 0;

	lab->node = calloc(t->nnodes, sizeof(*lab->node));
	if (lab->node == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < t->nnodes; i++) {
		struct lab_node *node = &lab->node[i];

		node->node = &t->node[i];
		node->words.fd = -1;
		/* What runs in the keeper itself is up as soon as it is. */
		node->state = t->node[i].kind == TOPOLOGY_SMARTEDGE
				  ? LAB_NODE_WAITING
				  : LAB_NODE_UP;
		if (t->node[i].kind != TOPOLOGY_SMARTEDGE)
			continue;
		node->said = malloc(SAID_MAX);
		if (node->said == NULL)
			return -ENOMEM;
		err = make_path(lab, node, why);
		if (err != 0)
			return err;
	}
	return 0;
}

/* Waits for deaths until there is nobody left, or the time is over. */
static bool
all_gone(struct lab *lab, uint64_t deadline)
{
	struct pollfd item = {.fd = lab->signals.fd, .events = POLLIN};
	struct signalfd_siginfo info;

	for (;;) {
		uint64_t now = clock_monotonic();

		lab_nodes_reap(lab);
		if (waitpid(-1, NULL, WNOHANG) < 0)
			return true;
		if (now >= deadline)
			return false;
		(void)poll(&item, 1, (int)((deadline - now) / CLOCK_MS_NS) + 1);
		while (read(item.fd, &info, sizeof(info)) > 0)
			continue;
	}
}

void
lab_nodes_free(struct lab *lab)
{
	uint64_t now = clock_monotonic();
	unsigned n = lab->node != NULL ? lab->topology->nnodes : 0;

	if (lab->node == NULL)
		return;
	lab->leaving = true;
	for (unsigned i = 0; i < n; i++) {
		if (lab->node[i].pid > 0)
			(void)kill(lab->node[i].pid, SIGTERM);
	}
	if (!all_gone(lab, now + GRACE_NS + n * GRACE_EACH_NS)) {
		for (unsigned i = 0; i < n; i++) {
			if (lab->node[i].pid > 0)
				(void)kill(lab->node[i].pid, SIGKILL);
		}
		/* What they leave is ours as soon as they are reaped. */
		while (!all_gone(lab, clock_monotonic() + GRACE_EACH_NS))
			(void)adopted(lab, true);
	}
	for (unsigned i = 0; i < n; i++) {
		struct lab_node *node = &lab->node[i];

		lab_unwatch(lab, &node->words);
		free(node->said);
		json_decref(node->cli);
		if (node->path[0] == '\0')
			continue;
		rundir_clear(node->path);
		rundir_forget(node->path);
	}
	free(lab->node);
	lab->node = NULL;
}
