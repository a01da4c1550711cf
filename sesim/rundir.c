/*
 * The run directory. Who may use it is decided here once: it must be a
 * directory of ours that nobody else can enter. A lock tells whether a keeper
 * lives; the number written into the lock file is believed only while the lock
 * is held. Called by the commands and by the keeper; starts and ends nothing.
 */
#include "rundir.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char lock_name[] = "lock";
static const char kept_name[] = "running.cfg"; /* chassis/commit.c */

static int
say(char *why, int error, const char *format, const char *path)
{
	int n = snprintf(why, RUNDIR_WHY_MAX, format, path, strerror(-error));

	if (n >= RUNDIR_WHY_MAX)
		memcpy(why + RUNDIR_WHY_MAX - 4, "...", 4);
	return error;
}

static int
root_path(char *path, size_t octets)
{
	const char *own = getenv("SESIM_RUN_DIR");
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	int n;

	if (own != NULL && own[0] != '\0')
		n = snprintf(path, octets, "%s", own);
	else if (xdg != NULL && xdg[0] == '/')
		n = snprintf(path, octets, "%s/sesim", xdg);
	else
		n = snprintf(path, octets, "/tmp/sesim-%u", (unsigned)getuid());
	return n < 0 || (size_t)n >= octets ? -ENAMETOOLONG : 0;
}

/* Ours, a directory, closed to others; made where it is not there. */
static int
own_directory(const char *path, char *why)
{
	struct stat st;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return say(why, -errno, "can not make run directory %s: %s",
			   path);
	if (lstat(path, &st) != 0)
		return say(why, -errno, "run directory %s: %s", path);
	if (!S_ISDIR(st.st_mode))
		return say(why, -ENOTDIR, "run directory %s: %s", path);
	if (st.st_uid != geteuid())
		return say(why, -EPERM,
			   "run directory %s belongs to another user; choose "
			   "one with SESIM_RUN_DIR",
			   path);
	if ((st.st_mode & 07777) != 0700)
		return say(why, -EPERM,
			   "run directory %s is open to others; it must have "
			   "mode 0700",
			   path);
	return 0;
}

/* An empty name: the root itself. */
static int
join(char path[RUNDIR_PATH_MAX], const char *root, const char *name, char *why)
{
	int n = snprintf(path, RUNDIR_PATH_MAX, "%s%s%s", root,
			 name[0] == '\0' ? "" : "/", name);

	if (n < 0 || n + RUNDIR_SOCKET_OCTETS >= RUNDIR_PATH_MAX) {
		(void)snprintf(why, RUNDIR_WHY_MAX,
			       "run directory %s%s%s is too long: with the name"
			       " of a socket it must fit 107 octets; choose a"
			       " shorter one with SESIM_RUN_DIR",
			       root, name[0] == '\0' ? "" : "/", name);
		return -ENAMETOOLONG;
	}
	return 0;
}

int
rundir_root(char path[RUNDIR_PATH_MAX], char why[RUNDIR_WHY_MAX])
{
	char text[PATH_MAX];
	char full[PATH_MAX];
	int err = root_path(text, sizeof(text));

	if (err != 0)
		return say(why, err, "run directory %s: %s", "");
	err = own_directory(text, why);
	if (err != 0)
		return err;
	if (realpath(text, full) == NULL)
		return say(why, -errno, "run directory %s: %s", text);
	return join(path, full, "", why);
}

/* The name of a replay's directory: a letter and a process number. */
static bool
is_replay(const char *name)
{
	if (name[0] != 'r' || name[1] == '\0')
		return false;
	return name[1 + strspn(name + 1, "0123456789")] == '\0';
}

bool
rundir_name_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > RUNDIR_NAME_MAX || name[0] == '.' ||
	    name[0] == '-' || is_replay(name))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c > 126 || (!isalnum(c) && strchr("._-", c) == NULL))
			return false;
	}
	return true;
}

/* The lock file of a directory, locked; -EBUSY when another holds it. */
static int
lock(const char *path, int flags)
{
	char file[RUNDIR_PATH_MAX + sizeof(lock_name) + 1];
	int fd;
	int error;

	(void)snprintf(file, sizeof(file), "%s/%s", path, lock_name);
	fd = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		error = errno == EWOULDBLOCK ? -EBUSY : -errno;
		(void)close(fd);
		return error;
	}
	return fd;
}

int
rundir_open(struct rundir *dir, const char *name, char why[RUNDIR_WHY_MAX])
{
	char root[RUNDIR_PATH_MAX];
	int err = rundir_root(root, why);

	if (err == 0)
		err = join(dir->path, root, name, why);
	if (err == 0)
		err = own_directory(dir->path, why);
	if (err != 0)
		return err;
	dir->lock_fd = lock(dir->path, O_CREAT);
	if (dir->lock_fd < 0)
		return say(why, dir->lock_fd, "%s can not be locked: %s",
			   dir->path);
	rundir_clear(dir->path);
	rundir_forget(dir->path);
	return 0;
}

pid_t
rundir_keeper(const char *root, const char *name)
{
	char path[RUNDIR_PATH_MAX];
	char file[RUNDIR_PATH_MAX + sizeof(lock_name) + 1];
	char why[RUNDIR_WHY_MAX];
	char text[24] = "";
	long pid = 0;
	int fd;

	if (join(path, root, name, why) != 0)
		return 0;
	(void)snprintf(file, sizeof(file), "%s/%s", path, lock_name);
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK &&
	    pread(fd, text, sizeof(text) - 1, 0) > 0)
		pid = strtol(text, NULL, 10);
	(void)close(fd);
	return pid > 1 && pid <= INT_MAX ? (pid_t)pid : 0;
}

int
rundir_sign(int lock_fd, pid_t pid)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)pid);

	if (ftruncate(lock_fd, 0) != 0 ||
	    pwrite(lock_fd, text, (size_t)n, 0) != n)
		return -EIO;
	return 0;
}

/* Removes the entries of a directory; only sockets and endpoints, or all. */
static void
remove_entries(const char *path, bool all)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		struct stat st;
		int fd = dirfd(d);

		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (all && S_ISDIR(st.st_mode)) {
			char below[PATH_MAX];

			(void)snprintf(below, sizeof(below), "%s/%s", path,
				       e->d_name);
			rundir_remove(below);
		} else if (all || S_ISSOCK(st.st_mode) ||
			   strcmp(e->d_name, "ctl.endpoint") == 0) {
			(void)unlinkat(fd, e->d_name, 0);
		}
	}
	(void)closedir(d);
}

void
rundir_clear(const char *path)
{
	remove_entries(path, false);
}

void
rundir_forget(const char *path)
{
	char file[RUNDIR_PATH_MAX + sizeof(kept_name) + 1];

	(void)snprintf(file, sizeof(file), "%s/%s", path, kept_name);
	(void)unlink(file);
}

void
rundir_remove(const char *path)
{
	remove_entries(path, true);
	(void)rmdir(path);
}

void
rundir_sweep(const char *root)
{
	DIR *d = opendir(root);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		char path[RUNDIR_PATH_MAX];
		char why[RUNDIR_WHY_MAX];
		int fd;

		if (!is_replay(e->d_name) ||
		    join(path, root, e->d_name, why) != 0)
			continue;
		/* Without a lock file it is being made, or is nobody's. */
		fd = lock(path, 0);
		if (fd < 0)
			continue;
		rundir_remove(path);
		(void)close(fd);
	}
	(void)closedir(d);
}

int
rundir_each(const char *root, rundir_each_fn *each, void *arg)
{
	struct dirent **list = NULL;
	int n = scandir(root, &list, NULL, alphasort);

	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		pid_t pid =
		    rundir_name_valid(name) ? rundir_keeper(root, name) : 0;

		if (pid != 0)
			each(arg, name, pid);
		free(list[i]);
	}
	free(list);
	return 0;
}
