/*
 * Namespaces of hosts, by system calls and the old interface ioctls, so that
 * nothing has to be installed. The one who makes an interface goes into the
 * namespace for that and comes back; it must be the only thread that cares
 * where it is. Called by the keeper of a lab.
 */
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "end_tap.h"
#include "host_if.h"

#define NETNS_DIR "/run/netns"
#define SELF_NETNS "/proc/thread-self/ns/net"
#define CAP_BIT_NET_ADMIN 12
#define CAP_BIT_SYS_ADMIN 21
#define KILL_TURNS 20
#define PATH_OCTETS (sizeof(NETNS_DIR) + HOST_NETNS_MAX + 1)

const char *
host_lacks(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	unsigned long long caps = 0;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "CapEff:", 7) == 0)
			caps = strtoull(line + 7, NULL, 16);
	}
	if (file != NULL)
		(void)fclose(file);
	if ((caps >> CAP_BIT_NET_ADMIN & 1) == 0)
		return "needs CAP_NET_ADMIN";
	if ((caps >> CAP_BIT_SYS_ADMIN & 1) == 0)
		return "needs CAP_SYS_ADMIN";
	return access("/dev/net/tun", R_OK | W_OK) == 0 ? NULL
							: "needs /dev/net/tun";
}

static int
path_of(const char *name, char path[PATH_OCTETS], struct cap_error *err)
{
	size_t n = strlen(name);

	if (n == 0 || n > HOST_NETNS_MAX || strchr(name, '/') != NULL ||
	    name[0] == '.')
		return cap_error_set(err, -EINVAL, "%s: no name of a host",
				     name);
	(void)snprintf(path, PATH_OCTETS, "%s/%s", NETNS_DIR, name);
	return 0;
}

static int
failed(struct cap_error *err, const char *name, const char *what)
{
	int error = -errno;

	return cap_error_set(err, error, "host %s: %s: %s", name, what,
			     error == -EPERM ? "needs CAP_NET_ADMIN"
					     : strerror(-error));
}

/* Where we are now, to come back to. */
static int
here(void)
{
	return open(SELF_NETNS, O_RDONLY | O_CLOEXEC);
}

/* To stay away would be to do everything else in the wrong place. */
static void
come_back(int fd)
{
	if (setns(fd, CLONE_NEWNET) != 0)
		abort();
	(void)close(fd);
}

static int
make(const char *name, const char *path, struct cap_error *err)
{
	int home = here();
	int rc = 0;

	if (home < 0)
		return failed(err, name, SELF_NETNS);
	if (unshare(CLONE_NEWNET) != 0)
		rc = failed(err, name, "unshare");
	else if (mount(SELF_NETNS, path, "none", MS_BIND, NULL) != 0)
		rc = failed(err, name, path);
	else if ((rc = host_if_loopback()) < 0)
		(void)cap_error_set(err, rc, "host %s: lo: %s", name,
				    strerror(-rc));
	come_back(home);
	return rc;
}

int
host_new(const char *name, struct cap_error *err)
{
	char path[PATH_OCTETS];
	int rc = path_of(name, path, err);
	int fd;

	if (rc < 0)
		return rc;
	(void)mkdir(NETNS_DIR, 0755);
	fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return failed(err, name, path);
	(void)close(fd);
	rc = make(name, path, err);
	if (rc < 0) {
		(void)umount2(path, MNT_DETACH);
		(void)unlink(path);
	}
	return rc;
}

int
host_enter(const char *name, struct cap_error *err)
{
	char path[PATH_OCTETS];
	int rc = path_of(name, path, err);
	int fd;

	if (rc < 0)
		return rc;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return failed(err, name, path);
	if (setns(fd, CLONE_NEWNET) != 0)
		rc = failed(err, name, "setns");
	(void)close(fd);
	return rc;
}

int
host_port(const char *name, const struct host_port *port, int *out,
	  struct cap_error *err)
{
	int home = here();
	int fd = -1;
	int rc;

	if (home < 0)
		return failed(err, name, SELF_NETNS);
	rc = host_enter(name, err);
	if (rc < 0) {
		(void)close(home);
		return rc;
	}
	rc = tap_open(port->name, &fd);
	if (rc < 0)
		(void)cap_error_set(err, rc, "host %s: %s: %s", name,
				    port->name, strerror(-rc));
	else
		rc = host_if_set(name, port, err);
	come_back(home);
	if (rc < 0 && fd >= 0)
		(void)close(fd);
	if (rc == 0)
		*out = fd;
	return rc;
}

/* ---- The end ---- */

/* Processes whose network namespace is this one: SIGKILL; how many. */
static unsigned
kill_inside(const struct stat *ns)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	unsigned n = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char path[sizeof(entry->d_name) + 16];
		long pid = strtol(entry->d_name, NULL, 10);
		struct stat st;

		(void)snprintf(path, sizeof(path), "/proc/%s/ns/net",
			       entry->d_name);
		if (pid <= 0 || pid == getpid() || stat(path, &st) != 0 ||
		    st.st_ino != ns->st_ino || st.st_dev != ns->st_dev)
			continue;
		n += kill((pid_t)pid, SIGKILL) == 0;
	}
	if (dir != NULL)
		(void)closedir(dir);
	return n;
}

/* The file of a namespace that was never mounted is an ordinary one, whose
 * number must not be taken for a namespace's. */
static void
empty(const char *path)
{
	struct timespec pause = {.tv_nsec = 2000000};
	struct stat ns;
	struct stat dir;

	if (stat(path, &ns) != 0 || stat(NETNS_DIR, &dir) != 0 ||
	    ns.st_dev == dir.st_dev)
		return;
	for (unsigned i = 0; i < KILL_TURNS && kill_inside(&ns) > 0; i++)
		(void)nanosleep(&pause, NULL);
}

int
host_remove(const char *name, struct cap_error *err)
{
	char path[PATH_OCTETS];
	int rc = path_of(name, path, err);

	if (rc < 0)
		return rc;
	empty(path);
	if (umount2(path, MNT_DETACH) != 0 && errno != EINVAL &&
	    errno != ENOENT)
		return failed(err, name, path);
	if (unlink(path) != 0 && errno != ENOENT)
		return failed(err, name, path);
	return 0;
}
