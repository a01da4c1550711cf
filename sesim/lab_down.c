/*
 * `sesim lab down`, and what a keeper that was killed left. Every process of a
 * lab holds a lock that its keeper made (`life`), by inheritance; so whether
 * somebody is left is asked of the kernel, and no number of a process is
 * believed but that of one that holds the file.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "lab.h"
#include "lab_file.h"
#include "lab_hosts.h"

#define DOWN_MS 20000
#define LEAVE_S 2 /* those whose parent died have so long */

static void
on_alarm(int number)
{
	(void)number;
}

/* Waits for the lock, but not for ever: 0, -EINTR, or an errno. */
static int
lock_for(int fd, unsigned seconds)
{
	struct sigaction act = {.sa_handler = on_alarm}; /* no SA_RESTART */
	struct sigaction was;
	struct itimerval timer = {.it_value = {.tv_sec = seconds},
				  .it_interval = {.tv_usec = 100000}};
	struct itimerval none = {0};
	int err = 0;

	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	(void)sigaction(SIGALRM, &act, &was);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
	if (flock(fd, LOCK_EX) != 0)
		err = -errno;
	(void)setitimer(ITIMER_REAL, &none, NULL);
	(void)sigaction(SIGALRM, &was, NULL);
	return err;
}

static bool
holds(const char *pid, const struct stat *life)
{
	char path[PATH_MAX];
	struct dirent *e;
	bool found = false;
	DIR *d;

	(void)snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	d = opendir(path);
	while (d != NULL && !found && (e = readdir(d)) != NULL) {
		struct stat st;

		found = fstatat(dirfd(d), e->d_name, &st, 0) == 0 &&
			st.st_dev == life->st_dev && st.st_ino == life->st_ino;
	}
	if (d != NULL)
		(void)closedir(d);
	return found;
}

/* SIGKILL to all that hold the file, ourselves excepted. */
static void
kill_holders(const struct stat *life)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		long pid = strtol(e->d_name, NULL, 10);
		int fd;

		if (pid <= 1 || pid == getpid() || !holds(e->d_name, life))
			continue;
		fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
		/* Asked again: the number may have passed to another. */
		if (fd >= 0 && holds(e->d_name, life))
			(void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL,
				      0);
		if (fd >= 0)
			(void)close(fd);
	}
	if (d != NULL)
		(void)closedir(d);
}

static void
clear_nodes(const char *run_dir)
{
	DIR *d = opendir(run_dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char path[PATH_MAX];
		struct stat st;

		if (e->d_name[0] == '.' ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) !=
			0 ||
		    !S_ISDIR(st.st_mode))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", run_dir, e->d_name);
		rundir_clear(path);
		rundir_forget(path);
	}
	if (d != NULL)
		(void)closedir(d);
	rundir_clear(run_dir);
}

int
lab_clear(const char *run_dir)
{
	char path[RUNDIR_PATH_MAX + 8];
	struct stat st;
	int fd;
	int err;

	(void)snprintf(path, sizeof(path), "%s/life", run_dir);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	err = lock_for(fd, LEAVE_S);
	if (err == -EINTR && fstat(fd, &st) == 0) {
		kill_holders(&st);
		err = lock_for(fd, LEAVE_S);
	}
	if (err == 0) {
		clear_nodes(run_dir);
		lab_hosts_clear(run_dir);
	}
	(void)close(fd);
	return err;
}

/* SIGTERM, time to end, SIGKILL. False: there is no keeper. */
static bool
end_keeper(const char *root, const char *name)
{
	pid_t keeper = rundir_keeper(root, name);
	struct pollfd item = {.events = POLLIN};

	if (keeper == 0)
		return false;
	item.fd = (int)syscall(SYS_pidfd_open, keeper, 0);
	if (item.fd < 0)
		return true;
	/* The lock is asked again, so the number is no other's. */
	if (rundir_keeper(root, name) == keeper) {
		(void)syscall(SYS_pidfd_send_signal, item.fd, SIGTERM, NULL, 0);
		if (poll(&item, 1, DOWN_MS) <= 0)
			(void)syscall(SYS_pidfd_send_signal, item.fd, SIGKILL,
				      NULL, 0);
	}
	(void)close(item.fd);
	return true;
}

int
lab_down_main(int argc, char **argv)
{
	static const struct lab_usage usage = {
	    "usage: sesim lab down TOPOLOGY\nEnds a lab, and clears what one"
	    " that crashed left.\n",
	    1, 1};
	struct lab_file file;
	char run_dir[RUNDIR_PATH_MAX];
	char root[RUNDIR_PATH_MAX];
	char why[RUNDIR_WHY_MAX];
	char name[RUNDIR_NAME_MAX + 2];
	bool was_up = false;
	int status = lab_words(&usage, argc, argv);
	int err = 0;

	if (status != 0)
		return status == 1 ? 0 : status;
	status = lab_file_find(&file, "sesim lab down", argv[1]);
	if (status == 0)
		status = lab_file_run_dir(&file, "sesim lab down", run_dir);
	if (status == 0 && rundir_root(root, why) == 0) {
		lab_file_dir_name(&file, name);
		was_up = end_keeper(root, name);
		err = lab_clear(run_dir);
	}
	if (err != 0) {
		(void)fprintf(stderr, "sesim lab down: %s: %s\n", run_dir,
			      strerror(-err));
		status = 3;
	}
	if (status == 0)
		(void)printf(was_up ? "lab %s is down\n" : "lab %s is not up\n",
			     file.topology->name);
	lab_file_fini(&file);
	return status;
}
