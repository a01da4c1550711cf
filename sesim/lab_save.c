/*
 * `sesim lab save`: running configurations back into the files that the
 * topology names, so that the next `up` begins with them. Each file is
 * replaced whole or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"
#include "lab_hand.h"

static const char command[] = "sesim lab save";

/* Two nodes that begin with one file can not both write it. */
static int
check_shared(const struct topology *t)
{
	for (unsigned i = 0; i < t->nnodes; i++) {
		const struct topology_value *a =
		    &t->node[i].set.at[TOPOLOGY_SMARTEDGE_CONFIG];

		for (unsigned k = 0; a->text != NULL && k < i; k++) {
			const struct topology_value *b =
			    &t->node[k].set.at[TOPOLOGY_SMARTEDGE_CONFIG];

			if (b->text == NULL || strcmp(a->text, b->text) != 0)
				continue;
			(void)fprintf(stderr,
				      "%s:%u:%u: %s is the configuration of"
				      " %s and %s; expected a file for each\n",
				      t->path, a->line, a->column, a->text,
				      t->node[k].name, t->node[i].name);
			return 2;
		}
	}
	return 0;
}

/* 0 or -errno. */
static int
write_file(const char *path, const char *text)
{
	char next[PATH_MAX];
	size_t n = strlen(text);
	ssize_t wrote;
	int err = 0;
	int fd;

	if (snprintf(next, sizeof(next), "%s.new", path) >= (int)sizeof(next))
		return -ENAMETOOLONG;
	fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (err == 0 && n > 0) {
		wrote = write(fd, text, n);
		if (wrote < 0 && errno != EINTR)
			err = -errno;
		if (wrote > 0) {
			text += wrote;
			n -= (size_t)wrote;
		}
	}
	if (err == 0 && fsync(fd) != 0)
		err = -errno;
	(void)close(fd);
	if (err == 0 && rename(next, path) != 0)
		err = -errno;
	if (err != 0)
		(void)unlink(next);
	return err;
}

static int
save_node(const struct lab_file *file, const char *run_dir,
	  const struct topology_node *node)
{
	char dir[RUNDIR_PATH_MAX + TOPOLOGY_NAME_MAX + 2];
	char path[PATH_MAX];
	const char *text;
	json_t *said;
	int err;

	(void)snprintf(dir, sizeof(dir), "%s/%s", run_dir, node->name);
	said = lab_hand_configuration(dir);
	text = json_string_value(json_object_get(said, "text"));
	err = topology_path(file->topology,
			    &node->set.at[TOPOLOGY_SMARTEDGE_CONFIG], path,
			    sizeof(path));
	if (err == 0)
		err = text != NULL ? write_file(path, text) : -ENODATA;
	json_decref(said);
	if (err == 0)
		(void)printf("%s: %s\n", node->name, path);
	else
		(void)fprintf(stderr, "%s: node %s: %s\n", command, node->name,
			      err == -ENODATA ? "does not tell its"
						" configuration"
					      : strerror(-err));
	return err == 0 ? 0 : 3;
}

int
lab_save_main(int argc, char **argv)
{
	static const struct lab_usage usage = {
	    "usage: sesim lab save TOPOLOGY [NODE]\n"
	    "Writes what routers run into their configuration files; secrets as"
	    "\n`encrypted`, under the operator's key.\n",
	    1, 2};
	struct lab_file file = {.topology = NULL};
	char run_dir[RUNDIR_PATH_MAX];
	json_t *words = NULL;
	unsigned saved = 0;
	int status = lab_words(&usage, argc, argv);

	if (status != 0)
		return status == 1 ? 0 : status;
	status = lab_file_find(&file, command, argv[1]);
	if (status == 0)
		status = check_shared(file.topology);
	if (status == 0)
		status = lab_file_run_dir(&file, command, run_dir);
	if (status == 0)
		status = lab_hand_order(
		    &file, command, json_pack("{s:s}", "op", "status"), &words);
	json_decref(words);
	for (unsigned i = 0; status == 0 && i < file.topology->nnodes; i++) {
		const struct topology_node *n = &file.topology->node[i];

		if (n->kind != TOPOLOGY_SMARTEDGE ||
		    (argc > 2 && strcmp(argv[2], n->name) != 0))
			continue;
		status = save_node(&file, run_dir, n);
		saved++;
	}
	if (status == 0 && saved == 0) {
		(void)fprintf(stderr, "%s: no router %s in this lab\n", command,
			      argc > 2 ? argv[2] : "");
		status = 2;
	}
	lab_file_fini(&file);
	return status;
}
