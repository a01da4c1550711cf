/*
 * The life of a lab's keeper: set out, the loop, the end. It says ready on
 * ready_fd when every node is, or what kept one of them from it; then it serves
 * until SIGTERM. It adopts what a killed chassis leaves (subreaper), and its
 * own death takes everything along: every chassis has asked for SIGTERM then.
 */
#include "lab_keep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "lab_hosts.h"
#include "log.h"

#define EVENTS_MAX 64

int
lab_watch(struct lab *lab, struct lab_watch *watch)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};

	return epoll_ctl(lab->epoll, EPOLL_CTL_ADD, watch->fd, &event) == 0
		   ? 0
		   : -errno;
}

/*
 * A descriptor that another process shares stays in the set when we close
 * ours, so it is taken out first.
 */
void
lab_unwatch(struct lab *lab, struct lab_watch *watch)
{
	if (watch->fd < 0)
		return;
	(void)epoll_ctl(lab->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	(void)close(watch->fd);
	watch->fd = -1;
}

static void
signalled(struct lab *lab, struct lab_watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		lab->leaving |= info.ssi_signo == SIGTERM;
	lab_nodes_reap(lab);
}

static int
open_signals(struct lab *lab)
{
	sigset_t set;

	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	lab->signals.woken = signalled;
	lab->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (lab->signals.fd < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return -errno;
	return lab_watch(lab, &lab->signals);
}

/*
 * The lock of the living: every process of the lab inherits it, so whoever
 * comes after a killed keeper can tell when the last of them is gone.
 */
static int
open_life(struct lab *lab)
{
	char path[RUNDIR_PATH_MAX + 8];

	(void)snprintf(path, sizeof(path), "%s/life", lab->run_dir);
	lab->life_fd =
	    open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lab->life_fd < 0 || flock(lab->life_fd, LOCK_EX | LOCK_NB) != 0)
		return -errno;
	return 0;
}

static void
say(struct lab *lab, json_t *words)
{
	char *line = words != NULL ? json_dumps(words, JSON_COMPACT) : NULL;

	if (line != NULL && lab->ready_fd >= 0 &&
	    dprintf(lab->ready_fd, "%s\n", line) < 0)
		log_warn("lab: nobody waits for readiness");
	free(line);
	json_decref(words);
	if (lab->ready_fd >= 0)
		(void)close(lab->ready_fd);
	lab->ready_fd = -1;
}

/* All are up: told once. One failed before: told, and the lab ends. */
void
lab_node_settled(struct lab *lab, struct lab_node *node)
{
	json_t *failed;

	lab_doors_settled(lab, node);
	if (lab->ready_ns != 0 || lab->leaving)
		return;
	failed = json_array();
	for (unsigned i = 0; i < lab->topology->nnodes; i++) {
		const struct lab_node *n = &lab->node[i];

		if (n->state != LAB_NODE_UP && n->state != LAB_NODE_FAILED) {
			json_decref(failed);
			return;
		}
		if (n->state != LAB_NODE_FAILED)
			continue;
		if (lab->status < n->status)
			lab->status = n->status;
		(void)json_array_append_new(
		    failed, json_pack("{s:s, s:s}", "node", n->node->name,
				      "error", n->why));
	}
	if (json_array_size(failed) > 0) {
		lab->leaving = true;
		say(lab, json_pack("{s:O, s:i}", "failed", failed, "exit",
				   lab->status));
	} else {
		lab->ready_ns = clock_monotonic();
		wire_pump_start(lab->pump);
		say(lab, json_pack("{s:b}", "ready", 1));
	}
	json_decref(failed);
}

static int
open_all(struct lab *lab, const char *path, char why[LAB_WHY_MAX])
{
	struct topology_faults faults = {0};
	int err = topology_load(&lab->topology, path, &faults);

	topology_faults_fini(&faults);
	if (err == 0) {
		lab->epoll = epoll_create1(EPOLL_CLOEXEC);
		err = lab->epoll < 0 ? -errno : open_signals(lab);
	}
	if (err == 0)
		err = open_life(lab);
	if (err == 0)
		err = lab_nodes_new(lab, why);
	if (err == 0)
		err = lab_wires_new(lab, why);
	if (err == 0)
		err = lab_doors_new(lab, why);
	return err;
}

static void
close_all(struct lab *lab)
{
	lab_doors_free(lab);
	lab_nodes_free(lab);
	lab_wires_free(lab);
	lab_hosts_clear(lab->run_dir);
	if (lab->epoll >= 0) {
		lab_unwatch(lab, &lab->signals);
		(void)close(lab->epoll);
	}
	if (lab->life_fd >= 0)
		(void)close(lab->life_fd);
	rundir_clear(lab->run_dir);
	topology_free(&lab->topology);
}

static void
turn(struct lab *lab)
{
	struct epoll_event events[EVENTS_MAX];
	uint64_t now = clock_monotonic();
	uint64_t due = lab_nodes_step(lab, now);
	struct timespec wait = {0};
	int n;

	if (due != LAB_NEVER && due > now) {
		wait.tv_sec = (time_t)((due - now) / CLOCK_SECOND_NS);
		wait.tv_nsec = (long)((due - now) % CLOCK_SECOND_NS);
	}
	n = epoll_pwait2(lab->epoll, events, EVENTS_MAX,
			 due == LAB_NEVER ? NULL : &wait, NULL);
	for (int i = 0; i < n; i++) {
		struct lab_watch *watch = events[i].data.ptr;

		/* One before it in the list may have closed it. */
		if (watch->fd >= 0)
			watch->woken(lab, watch);
	}
}

int
lab_keep(const struct lab_keep_args *args)
{
	struct lab lab = {.run_dir = args->run_dir,
			  .bin_dir = args->bin_dir,
			  .chassis_args = args->chassis_args,
			  .lock_fd = args->lock_fd,
			  .ready_fd = args->ready_fd,
			  .life_fd = -1,
			  .epoll = -1,
			  .signals = {.fd = -1},
			  .pumped = {.fd = -1},
			  .started_ns = clock_monotonic()};
	char why[LAB_WHY_MAX] = "";
	int err;

	(void)fcntl(lab.lock_fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(lab.ready_fd, F_SETFD, FD_CLOEXEC);
	err = open_all(&lab, args->topology, why);
	if (err != 0) {
		log_error("lab: not started: %s %s", why, strerror(-err));
		say(&lab, json_pack("{s:s, s:i}", "error",
				    why[0] != '\0' ? why : strerror(-err),
				    "exit", 3));
		lab.leaving = true;
		lab.status = 3;
	}
	while (!lab.leaving)
		turn(&lab);
	close_all(&lab);
	return lab.status;
}
