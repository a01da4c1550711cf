#include "process_shim.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int
process_shim_wait(int pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int
shim_spawn(const char *program, char *const *argv, int keep)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (keep >= 0)
		(void)fcntl(keep, F_SETFD, 0);
	(void)execv(program, argv);
	_exit(127);
}

int
process_shim_status(const char *program, const char *const *words)
{
	char *argv[32] = {(char *)program};
	unsigned n = 1;

	while (n < 31 && words[n - 1] != NULL) {
		argv[n] = (char *)words[n - 1];
		n++;
	}
	return process_shim_wait(shim_spawn(program, argv, -1));
}

int
process_shim_start(const char *program, struct fake *f)
{
	char stats[16];
	char *argv[] = {(char *)program,
			"--slot",
			"3",
			"--asp",
			"1",
			"--epoch",
			"4",
			"--buffers",
			"256",
			"--endpoint",
			(char *)fake_endpoint(f),
			"--transport",
			"ipc",
			"--run-dir",
			(char *)fake_dir(f),
			"--stats-fd",
			stats,
			"--engine",
			"openssl",
			"--log-level",
			"warn",
			NULL};

	(void)snprintf(stats, sizeof stats, "%d", fake_stats_fd(f));
	return shim_spawn(program, argv, fake_stats_fd(f));
}

int
process_shim_term(int pid)
{
	if (kill(pid, SIGTERM) != 0)
		return -1;
	return process_shim_wait(pid);
}

/* The files of a process that may not be dumped belong to root. */
bool
process_shim_undumpable(int pid)
{
	char path[64];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/environ", pid);
	if (geteuid() != 0) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			(void)close(fd);
		return fd < 0;
	}
	return stat(path, &st) == 0 && st.st_uid == 0;
}
