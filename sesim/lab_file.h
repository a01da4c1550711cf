/*
 * A lab as the commands name it: a topology file, the folder it stands in, or
 * the name of a lab that is up. Loaded and checked with the configurations of
 * its routers; what is wrong is told on standard error, all of it.
 */
#ifndef LAB_FILE_H
#define LAB_FILE_H

#include <limits.h>

#include "conf.h"
#include "rundir.h"
#include "topology.h"

struct lab_file {
	char path[PATH_MAX]; /* of the topology, absolute */
	struct topology *topology;
	struct conf *conf; /* of each node; empty for those that have none */
};

/*
 * command: for messages, "sesim lab up". 0; 2: the file or a configuration is
 * wrong; 3: the machine failed. The caller gives it to lab_file_fini(), which
 * accepts what is half made.
 */
int lab_file_load(struct lab_file *file, const char *command, const char *what,
		  const char *secret_key);
/* The topology alone, for commands about a lab that is up. */
int lab_file_find(struct lab_file *file, const char *command, const char *what);
void lab_file_fini(struct lab_file *file);

/* The run directory of the lab: 0, or exit status 3, told. */
int lab_file_run_dir(const struct lab_file *file, const char *command,
		     char path[RUNDIR_PATH_MAX]);
/* "@NAME", as a lab's directory is called under the root. */
void lab_file_dir_name(const struct lab_file *file,
		       char name[RUNDIR_NAME_MAX + 2]);

#endif
