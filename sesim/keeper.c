/*
 * The keeper of one chassis. It knows nothing of packets or configuration: it
 * starts sesim-chassis, sees it die by its pidfd, starts it again (for `up`),
 * passes SIGTERM on, and cleans the run directory. It adopts what a killed
 * chassis leaves (subreaper), so that no process stays behind.
 *
 * A death in the first start is the chassis's own refusal, told through
 * ready_fd, and final. Later deaths are followed by a new start after a wait
 * that doubles, until too many came in a row.
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "lab_keep.h"
#include "log.h"

#define GRACE_MS 900
#define WAIT_FIRST_MS 50
#define WAIT_MAX_MS 10000
#define DEATHS_MAX 12
#define STEADY_NS (UINT64_C(60) * CLOCK_SECOND_NS)

struct keeper {
	const char *run_dir;
	const char *bin_dir;
	const char *lab; /* the topology; NULL: one router */
	bool daemon;
	int ready_fd;
	int lock_fd;
	int hold[KEEPER_FDS_MAX];
	unsigned nhold;
	char **chassis_args; /* NULL at the end */
	int signals;         /* signalfd: SIGTERM */
	pid_t chassis;
	int pidfd;
	uint64_t started_ns;
	unsigned starts;
	unsigned deaths; /* in a row */
	bool killed;     /* the last end was by a signal */
};

void
keeper_arg(struct keeper_start *start, const char *option, const char *value)
{
	if (start->nargs + 2 >= KEEPER_CHASSIS_ARGS_MAX)
		return;
	start->args[start->nargs++] = option;
	if (value != NULL)
		start->args[start->nargs++] = value;
	start->args[start->nargs] = NULL;
}

/* ---- Starting the keeper ---- */

struct keeper_argv {
	char numbers[KEEPER_FDS_MAX + 2][16];
	unsigned nnumbers;
	char *argv[KEEPER_CHASSIS_ARGS_MAX + 24];
	unsigned n;
};

static void
put(struct keeper_argv *a, const char *text)
{
	/* execv() takes char *const[], and writes to none of them. */
	union {
		const char *in;
		char *out;
	} u = {.in = text};

	a->argv[a->n++] = u.out;
}

static void
put_fd(struct keeper_argv *a, const char *option, int fd)
{
	char *number = a->numbers[a->nnumbers++];

	(void)snprintf(number, sizeof(a->numbers[0]), "%d", fd);
	put(a, option);
	put(a, number);
}

static void
make_argv(const struct keeper_start *start, struct keeper_argv *a)
{
	put(a, "sesim-keeper");
	put(a, "--run-dir");
	put(a, start->dir->path);
	put(a, "--bin-dir");
	put(a, start->bin_dir);
	if (start->daemon)
		put(a, "--daemon");
	if (start->lab != NULL) {
		put(a, "--lab");
		put(a, start->lab);
	}
	put_fd(a, "--lock-fd", start->dir->lock_fd);
	put_fd(a, "--ready-fd", start->ready_fd);
	for (unsigned i = 0; i < start->nhold; i++)
		put_fd(a, "--hold-fd", start->hold[i]);
	put(a, "--");
	for (unsigned i = 0; i < start->nargs; i++)
		put(a, start->args[i]);
	put(a, NULL);
}

/* A daemon's own session, log and root; the caller's terminal is let go. */
static int
detach(const struct keeper_start *start)
{
	char path[RUNDIR_PATH_MAX + 16];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int log;

	(void)snprintf(path, sizeof(path), "%s/keeper.log", start->dir->path);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (null < 0 || log < 0 || setsid() < 0 || chdir("/") != 0)
		return -errno;
	if (dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		return -errno;
	return 0;
}

static _Noreturn void
child(const struct keeper_start *start, const char *program,
      struct keeper_argv *a, pid_t parent)
{
	int keep[KEEPER_FDS_MAX + 2] = {start->dir->lock_fd, start->ready_fd};

	for (unsigned i = 0; i < start->nhold; i++)
		keep[2 + i] = start->hold[i];
	if (start->daemon) {
		if (detach(start) != 0)
			_exit(127);
		switch (fork()) {
		case 0:
			break;
		case -1:
			_exit(127);
		default:
			_exit(0);
		}
	} else {
		(void)setpgid(0, 0);
		if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 ||
		    getppid() != parent)
			_exit(127);
	}
	child_reset_signals();
	child_keep_only(keep, 2 + start->nhold);
	(void)execv(program, a->argv);
	_exit(127);
}

int
keeper_start(const struct keeper_start *start, pid_t *out)
{
	struct keeper_argv a = {.n = 0};
	char program[PATH_MAX];
	pid_t parent = getpid();
	pid_t pid;
	int status;

	(void)snprintf(program, sizeof(program), "%s/sesim-keeper",
		       start->bin_dir);
	if (access(program, X_OK) != 0)
		return -errno;
	make_argv(start, &a);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child(start, program, &a, parent);
	*out = pid;
	if (!start->daemon)
		return 0;
	*out = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

/* ---- Being the keeper ---- */

static _Noreturn void
exec_chassis(const struct keeper *k, pid_t parent)
{
	struct keeper_argv a = {.n = 0};
	char program[PATH_MAX];
	int keep[KEEPER_FDS_MAX + 1] = {k->ready_fd};

	(void)snprintf(program, sizeof(program), "%s/sesim-chassis",
		       k->bin_dir);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(127);
	(void)setpgid(0, 0);
	put(&a, program);
	put(&a, "--run-dir");
	put(&a, k->run_dir);
	put(&a, "--bin-dir");
	put(&a, k->bin_dir);
	if (k->ready_fd >= 0)
		put_fd(&a, "--ready-fd", k->ready_fd);
	for (unsigned i = 0; k->chassis_args[i] != NULL; i++)
		put(&a, k->chassis_args[i]);
	put(&a, NULL);
	for (unsigned i = 0; i < k->nhold; i++)
		keep[1 + i] = k->hold[i];
	child_reset_signals();
	child_keep_only(keep, 1 + k->nhold);
	(void)execv(program, a.argv);
	_exit(127);
}

static int
start_chassis(struct keeper *k)
{
	pid_t self = getpid();
	pid_t pid = fork();
	int fd;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		exec_chassis(k, self);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0) {
		int error = -errno;

		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		return error;
	}
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	k->chassis = pid;
	k->pidfd = fd;
	k->started_ns = clock_monotonic();
	k->starts++;
	/* Readiness is told once; its reader waits for the end of file. */
	if (k->ready_fd >= 0)
		(void)close(k->ready_fd);
	k->ready_fd = -1;
	return 0;
}

/* Waits until fd is readable or the time is over: true when it is. */
static bool
readable(int fd, int timeout_ms)
{
	struct pollfd item = {.fd = fd, .events = POLLIN};
	uint64_t end = clock_monotonic() + (uint64_t)timeout_ms * CLOCK_MS_NS;
	int left = timeout_ms;
	int n;

	while ((n = poll(&item, 1, left)) < 0 && errno == EINTR) {
		uint64_t now = clock_monotonic();

		left = now >= end ? 0 : (int)((end - now) / CLOCK_MS_NS);
	}
	return n > 0;
}

/* What a dead chassis left: children of ours now. SIGKILL to all of them. */
static void
kill_adopted(void)
{
	char path[64];
	FILE *file;
	long pid;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
		       (long)getpid());
	file = fopen(path, "re");
	if (file == NULL)
		return;
	while (fscanf(file, "%ld", &pid) == 1)
		(void)kill((pid_t)pid, SIGKILL);
	(void)fclose(file);
}

/* They were told by the death of their parent to end; waits until they did. */
static void
reap_adopted(void)
{
	uint64_t end = clock_monotonic() + GRACE_MS * CLOCK_MS_NS;
	struct timespec pause = {.tv_nsec = 2000000};
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (pid > 0)
			continue;
		if (clock_monotonic() > end)
			kill_adopted();
		(void)nanosleep(&pause, NULL);
	}
}

static int
reap_chassis(struct keeper *k)
{
	int status = 0;

	while (waitpid(k->chassis, &status, 0) < 0 && errno == EINTR)
		continue;
	(void)close(k->pidfd);
	k->pidfd = -1;
	k->chassis = 0;
	reap_adopted();
	k->killed = WIFSIGNALED(status);
	if (!k->killed)
		return WEXITSTATUS(status);
	log_error("keeper: chassis killed signal=%d", WTERMSIG(status));
	return 3;
}

static int
end_chassis(struct keeper *k)
{
	(void)kill(k->chassis, SIGTERM);
	if (!readable(k->pidfd, GRACE_MS))
		(void)kill(k->chassis, SIGKILL);
	return reap_chassis(k);
}

/* After a death: true when the chassis is to be started again, and waited. */
static bool
again(struct keeper *k, int status)
{
	int wait_ms = WAIT_FIRST_MS;

	if (!k->daemon || (k->starts == 1 && !k->killed && status >= 2 &&
			   clock_monotonic() - k->started_ns < STEADY_NS))
		return false;
	if (clock_monotonic() - k->started_ns > STEADY_NS)
		k->deaths = 0;
	if (++k->deaths > DEATHS_MAX) {
		log_error("keeper: chassis died too often deaths=%u",
			  k->deaths - 1);
		return false;
	}
	for (unsigned i = 1; i < k->deaths && wait_ms < WAIT_MAX_MS; i++)
		wait_ms *= 2;
	log_warn("keeper: chassis ended status=%d, started again in_ms=%d",
		 status, wait_ms);
	rundir_clear(k->run_dir);
	return !readable(k->signals, wait_ms);
}

static int
keep(struct keeper *k)
{
	struct pollfd items[2] = {{.fd = k->signals, .events = POLLIN},
				  {.events = POLLIN}};
	int status;

	do {
		int err = start_chassis(k);

		if (err != 0) {
			log_error("keeper: no chassis error=%s",
				  strerror(-err));
			return 3;
		}
		items[1].fd = k->pidfd;
		items[1].revents = 0;
		while (poll(items, 2, -1) < 0 && errno == EINTR)
			continue;
		if (items[1].revents == 0)
			return end_chassis(k);
		status = reap_chassis(k);
	} while (again(k, status));
	return status;
}

enum keeper_option {
	OPT_RUN_DIR = 1,
	OPT_BIN_DIR,
	OPT_DAEMON,
	OPT_LAB,
	OPT_LOCK_FD,
	OPT_READY_FD,
	OPT_HOLD_FD,
	OPT_HELP
};

static const struct option options[] = {
    {"run-dir", required_argument, NULL, OPT_RUN_DIR},
    {"bin-dir", required_argument, NULL, OPT_BIN_DIR},
    {"daemon", no_argument, NULL, OPT_DAEMON},
    {"lab", required_argument, NULL, OPT_LAB},
    {"lock-fd", required_argument, NULL, OPT_LOCK_FD},
    {"ready-fd", required_argument, NULL, OPT_READY_FD},
    {"hold-fd", required_argument, NULL, OPT_HOLD_FD},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0}};

static const char usage[] =
    "usage: sesim-keeper --run-dir DIR --bin-dir DIR [--daemon] [--lab FILE]\n"
    "    [--lock-fd N] [--ready-fd N] [--hold-fd N]... [-- CHASSIS-OPTION...]\n"
    "Parent of one chassis, or of all those of a lab. sesim(1) starts it.\n";

static int
parse(struct keeper *k, int argc, char **argv)
{
	int id;

	while ((id = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (id) {
		case OPT_RUN_DIR:
			k->run_dir = optarg;
			break;
		case OPT_BIN_DIR:
			k->bin_dir = optarg;
			break;
		case OPT_DAEMON:
			k->daemon = true;
			break;
		case OPT_LAB:
			k->lab = optarg;
			break;
		case OPT_LOCK_FD:
			k->lock_fd = atoi(optarg);
			break;
		case OPT_READY_FD:
			k->ready_fd = atoi(optarg);
			break;
		case OPT_HOLD_FD:
			if (k->nhold < KEEPER_FDS_MAX)
				k->hold[k->nhold++] = atoi(optarg);
			break;
		case OPT_HELP:
			(void)fputs(usage, stdout);
			return 1;
		default:
			return -EINVAL;
		}
	}
	k->chassis_args = argv + optind;
	return k->run_dir != NULL && k->bin_dir != NULL ? 0 : -EINVAL;
}

static int
keep_lab(const struct keeper *k)
{
	struct lab_keep_args args = {.topology = k->lab,
				     .run_dir = k->run_dir,
				     .bin_dir = k->bin_dir,
				     .chassis_args = k->chassis_args,
				     .lock_fd = k->lock_fd,
				     .ready_fd = k->ready_fd};

	if (k->lock_fd >= 0)
		(void)rundir_sign(k->lock_fd, getpid());
	return lab_keep(&args);
}

int
keeper_main(int argc, char **argv)
{
	struct keeper k = {.ready_fd = -1, .lock_fd = -1, .pidfd = -1};
	int parsed = parse(&k, argc, argv);
	sigset_t set;
	int status;

	if (parsed != 0) {
		if (parsed < 0)
			(void)fputs(usage, stderr);
		return parsed < 0 ? 2 : 0;
	}
	log_init("keeper", LOG_LEVEL_INFO);
	if (k.lab != NULL)
		return keep_lab(&k);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	k.signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (k.signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return 3;
	if (k.lock_fd >= 0)
		(void)rundir_sign(k.lock_fd, getpid());
	status = keep(&k);
	if (k.daemon) {
		rundir_clear(k.run_dir);
		rundir_forget(k.run_dir);
	} else {
		rundir_remove(k.run_dir);
	}
	return status;
}
