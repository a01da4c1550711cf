/*
 * Namespaces of hosts, and the file that remembers them. A name that another
 * has, perhaps a lab of another run directory, is refused and not noted.
 */
#include "lab_hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "rundir.h"

static void
note_path(const char *run_dir, char path[RUNDIR_PATH_MAX + 8])
{
	(void)snprintf(path, RUNDIR_PATH_MAX + 8, "%s/hosts", run_dir);
}

void
lab_host_name(const char *lab, const char *node, char name[HOST_NETNS_MAX])
{
	(void)snprintf(name, HOST_NETNS_MAX, "%s-%s", lab, node);
}

int
lab_host_make(const char *run_dir, const char *name, struct cap_error *why)
{
	char path[RUNDIR_PATH_MAX + 8];
	char netns[HOST_NETNS_MAX + 16];
	FILE *file;
	int err;

	(void)snprintf(netns, sizeof(netns), "/run/netns/%s", name);
	if (access(netns, F_OK) == 0)
		return cap_error_set(why, -EEXIST,
				     "there is a network namespace %s already;"
				     " `ip netns del %s` removes it",
				     name, name);
	note_path(run_dir, path);
	file = fopen(path, "ae");
	if (file == NULL)
		return -errno;
	err = fprintf(file, "%s\n", name) > 0 ? 0 : -EIO;
	if (fclose(file) != 0)
		err = -EIO;
	return err == 0 ? host_new(name, why) : err;
}

void
lab_hosts_clear(const char *run_dir)
{
	char path[RUNDIR_PATH_MAX + 8];
	char name[HOST_NETNS_MAX + 2];
	struct cap_error why;
	FILE *file;

	note_path(run_dir, path);
	file = fopen(path, "re");
	if (file == NULL)
		return;
	while (fgets(name, sizeof(name), file) != NULL) {
		name[strcspn(name, "\n")] = '\0';
		if (name[0] != '\0' && host_remove(name, &why) != 0)
			log_warn("lab: host stays: %s", why.text);
	}
	(void)fclose(file);
	(void)unlink(path);
}
