/*
 * Which files a session may name, and how they are written. Called by the
 * commands of cmd_file.c and cmd_commit.c. A name never leads out of /flash:
 * ".." is refused, and links are not followed.
 */
#include "flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out.h"
#include "shell.h"

#define PREFIX "/flash"

/* The part of a name below /flash; NULL when it is not there. */
static const char *
below(const char *name)
{
	size_t n = strlen(PREFIX);

	if (name[0] != '/')
		return name;
	if (strncmp(name, PREFIX, n) != 0 || (name[n] != 0 && name[n] != '/'))
		return NULL;
	return name + n + (name[n] == '/');
}

/* No component may be ".." or hidden. */
static bool
plain(const char *name)
{
	for (const char *at = name; at != NULL; at = strchr(at, '/')) {
		at += *at == '/';
		if (*at == '.')
			return false;
	}
	return true;
}

void
flash_name(const char *name, char *text, size_t octets)
{
	const char *rest = below(name);

	if (rest == NULL)
		(void)snprintf(text, octets, "%s", name);
	else
		(void)snprintf(text, octets, PREFIX "%s%s",
			       rest[0] != 0 ? "/" : "", rest);
}

static int
refuse(struct out *o, const char *name)
{
	out_error(o,
		  "%s is not a valid path on a local file system; expected "
		  "a file of /flash",
		  name);
	return -EINVAL;
}

int
flash_path(const struct shell *sh, const char *name, char *path, struct out *o)
{
	const char *rest = below(name);
	int n;

	if (rest == NULL || !plain(rest))
		return refuse(o, name);
	n = snprintf(path, FLASH_PATH_MAX, "%s/flash", sh->run_dir);
	if (n > 0 && n < FLASH_PATH_MAX && mkdir(path, 0700) != 0 &&
	    errno != EEXIST) {
		out_error(o, "Can't open /flash: %s", strerror(errno));
		return -errno;
	}
	n = snprintf(path, FLASH_PATH_MAX, "%s/flash%s%s", sh->run_dir,
		     rest[0] != 0 ? "/" : "", rest);
	if (n > 0 && n < FLASH_PATH_MAX)
		return 0;
	out_error(o, "Can't open %s: %s", name, strerror(ENAMETOOLONG));
	return -ENAMETOOLONG;
}

int
flash_path_any(const struct shell *sh, const char *name, char *path,
	       struct out *o)
{
	if (!sh->owner || below(name) != NULL)
		return flash_path(sh, name, path, o);
	if (strlen(name) >= FLASH_PATH_MAX)
		return refuse(o, name);
	memcpy(path, name, strlen(name) + 1);
	return 0;
}

/* The directory entry is on disk, too, when this has returned. */
static void
sync_directory(const char *path)
{
	char directory[FLASH_PATH_MAX];
	char *slash;
	int fd;

	(void)snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (slash == NULL)
		return;
	slash[slash == directory] = 0;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	(void)close(fd);
}

static int
write_new(const char *path, const char *text, size_t octets)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int err = fd < 0 ? -errno : 0;

	while (err == 0 && octets > 0) {
		ssize_t n = write(fd, text, octets);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err = n < 0 ? -errno : -EIO;
			break;
		}
		text += n;
		octets -= (size_t)n;
	}
	if (err == 0 && fsync(fd) != 0)
		err = -errno;
	if (fd >= 0 && close(fd) != 0 && err == 0)
		err = -errno;
	return err;
}

int
flash_write(const char *path, const char *text, size_t octets)
{
	char beside[FLASH_PATH_MAX + 24];
	int err;

	(void)snprintf(beside, sizeof(beside), "%s.%d.new", path,
		       (int)getpid());
	(void)unlink(beside); /* of one that died: the number was its own */
	err = write_new(beside, text, octets);
	if (err == 0 && rename(beside, path) != 0)
		err = -errno;
	if (err != 0)
		(void)unlink(beside);
	else
		sync_directory(path);
	return err;
}
