/*
 * The run directory for C++.
 */
#include "rundir_shim.h"

#include <string.h>

#include "rundir.h"

int
rundir_shim_root(char path[200], char why[512])
{
	return rundir_root(path, why);
}

int
rundir_shim_valid(const char *name)
{
	return rundir_name_valid(name);
}

int
rundir_shim_open(const char *name, char path[200], char why[512])
{
	struct rundir dir;
	int err = rundir_open(&dir, name, why);

	if (err != 0)
		return err;
	(void)strcpy(path, dir.path);
	return dir.lock_fd;
}

int
rundir_shim_sign(int lock_fd, int pid)
{
	return rundir_sign(lock_fd, pid);
}

int
rundir_shim_keeper(const char *root, const char *name)
{
	return (int)rundir_keeper(root, name);
}

void
rundir_shim_sweep(const char *root)
{
	rundir_sweep(root);
}

void
rundir_shim_remove(const char *path)
{
	rundir_remove(path);
}
