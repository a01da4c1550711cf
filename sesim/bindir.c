/*
 * The folder of the running program, as the kernel knows it: a name in argv can
 * be anything, and a link may stand elsewhere.
 */
#include "bindir.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int
bindir_find(char *path, size_t octets)
{
	ssize_t n = readlink("/proc/self/exe", path, octets);
	char *slash;

	if (n < 0)
		return -errno;
	if ((size_t)n >= octets)
		return -ENAMETOOLONG;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		return -ENOENT;
	slash[slash == path] = '\0';
	return 0;
}
