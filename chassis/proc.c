/*
 * Starting, watching and reaping of processes. A child gets the parent-death
 * signal (and checks that its parent did not die before it could ask for it),
 * a process group of its own, no descriptor but those it is given, and its
 * arguments; secrets only by descriptor.
 */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "stats.h"

#define ARGS_MAX 40
#define ARG_OCTETS 192

/* The arguments of a child, made before fork: nothing is allocated after. */
struct arg_list {
	char text[ARGS_MAX][ARG_OCTETS];
	char *argv[ARGS_MAX + 1];
	unsigned n;
	bool too_long;
};

static void
arg_add(struct arg_list *args, const char *text)
{
	int n;

	if (args->n >= ARGS_MAX) {
		args->too_long = true;
		return;
	}
	n = snprintf(args->text[args->n], ARG_OCTETS, "%s", text);
	if (n < 0 || n >= ARG_OCTETS)
		args->too_long = true;
	args->argv[args->n] = args->text[args->n];
	args->argv[++args->n] = NULL;
}

static void
arg_add_option(struct arg_list *args, const char *option, const char *value)
{
	arg_add(args, option);
	arg_add(args, value);
}

static void
arg_add_number(struct arg_list *args, const char *option, long value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%ld", value);
	arg_add_option(args, option, text);
}

/* In the child: only what a signal handler may call. */
static _Noreturn void
child_exec(pid_t parent, const int *keep, unsigned nkeep, char *const argv[])
{
	sigset_t none;

	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(127);
	(void)setpgid(0, 0);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (unsigned i = 0; i < nkeep; i++) {
		if (keep[i] >= 0 && fcntl(keep[i], F_SETFD, 0) != 0)
			_exit(127);
	}
	(void)execv(argv[0], argv);
	_exit(127);
}

static int
spawn(struct proc *proc, struct arg_list *args, const int *keep, unsigned nkeep)
{
	pid_t parent = getpid();
	pid_t pid;
	int pidfd;

	if (args->too_long)
		return -ENAMETOOLONG;
	if (access(args->argv[0], X_OK) != 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_exec(parent, keep, nkeep, args->argv);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		int error = errno;

		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		return -error;
	}
	(void)fcntl(pidfd, F_SETFD, FD_CLOEXEC);
	proc->pid = pid;
	proc->pidfd = pidfd;
	proc->state = PROC_STARTING;
	proc->started_ns = proc->heard_ns = clock_monotonic();
	proc->unanswered = 0;
	return 0;
}

static void
add_program(struct arg_list *args, const struct proc_common *common,
	    const char *program)
{
	char path[ARG_OCTETS];
	int n = snprintf(path, sizeof(path), "%s/%s", common->bin_dir, program);

	args->too_long |= n < 0 || n >= (int)sizeof(path);
	arg_add(args, path);
	arg_add_option(args, "--endpoint", common->endpoint);
	arg_add_option(args, "--transport",
		       bus_transport_name(common->transport));
	arg_add_option(args, "--run-dir", common->run_dir);
	if (common->keys_fd >= 0)
		arg_add_number(args, "--keys-fd", common->keys_fd);
}

int
proc_start_card(struct proc *proc, const struct proc_common *common)
{
	enum stage_role role = stage_role(proc->stage);
	bool asp = role == STAGE_ASP1 || role == STAGE_ASP2;
	int keep[3 + PROC_WIRES_MAX] = {proc->stats_fd, common->keys_fd,
					proc->pools_end_fd};
	unsigned nkeep = 3;
	struct arg_list args = {.n = 0};

	add_program(&args, common, asp ? "sesim-asecard" : "sesim-linecard");
	arg_add_number(&args, "--slot", stage_slot(proc->stage));
	if (asp) {
		arg_add_number(&args, "--asp", role == STAGE_ASP1 ? 1 : 2);
		arg_add_option(&args, "--engine", common->engine);
	} else {
		arg_add_option(&args, "--ppa",
			       role == STAGE_IPPA ? "ingress" : "egress");
	}
	arg_add_number(&args, "--epoch", proc->epoch);
	arg_add_number(&args, "--buffers", common->buffers);
	arg_add_number(&args, "--stats-fd", proc->stats_fd);
	if (proc->pools_end_fd >= 0)
		arg_add_number(&args, "--pools-fd", proc->pools_end_fd);
	for (size_t i = 0; !asp && i < common->nwires; i++)
		keep[nkeep++] = common->wire_fds[i];
	return spawn(proc, &args, keep, nkeep);
}

int
proc_start_cli(struct proc *proc, const struct proc_common *common,
	       int telnet_port, int ssh_port)
{
	struct arg_list args = {.n = 0};
	char path[ARG_OCTETS];

	add_program(&args, common, "sesim-cli");
	(void)snprintf(path, sizeof(path), "%s/cli.sock", common->run_dir);
	arg_add_option(&args, "--socket", path);
	if (telnet_port >= 0)
		arg_add_number(&args, "--telnet", telnet_port);
	if (ssh_port >= 0)
		arg_add_number(&args, "--ssh", ssh_port);
	return spawn(proc, &args, &common->keys_fd, 1);
}

bool
proc_reap(struct proc *proc, char *how, size_t how_octets)
{
	int status;

	if (proc->pid <= 0 || waitpid(proc->pid, &status, WNOHANG) != proc->pid)
		return false;
	if (WIFSIGNALED(status))
		(void)snprintf(how, how_octets, "killed by signal %d (%s)",
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		(void)snprintf(how, how_octets, "ended with status %d",
			       WEXITSTATUS(status));
	(void)close(proc->pidfd);
	proc->pidfd = -1;
	proc->pid = 0;
	proc->state = PROC_DEAD;
	return true;
}

void
proc_kill(const struct proc *proc)
{
	if (proc->pid > 0)
		(void)kill(proc->pid, SIGKILL);
}

void
proc_term(const struct proc *proc)
{
	if (proc->pid > 0)
		(void)kill(proc->pid, SIGTERM);
}

void
proc_stop(struct proc *proc, uint64_t deadline_ns)
{
	struct pollfd item = {.fd = proc->pidfd, .events = POLLIN};
	uint64_t now = clock_monotonic();
	int wait_ms = 0;

	if (proc->pid <= 0)
		return;
	proc_term(proc);
	if (deadline_ns > now)
		wait_ms = (int)((deadline_ns - now) / CLOCK_MS_NS);
	if (poll(&item, 1, wait_ms) <= 0)
		proc_kill(proc);
	(void)waitpid(proc->pid, NULL, 0);
	(void)close(proc->pidfd);
	proc->pidfd = -1;
	proc->pid = 0;
	proc->state = PROC_DEAD;
}
