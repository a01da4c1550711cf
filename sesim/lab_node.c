/*
 * What is about one node of a lab that is up, or about its file alone:
 * `validate`, `restart`, `exec`, `cli`.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "attach.h"
#include "lab.h"
#include "lab_hand.h"

int
lab_validate_main(int argc, char **argv)
{
	static const struct lab_usage usage = {
	    "usage: sesim lab validate TOPOLOGY\nTells every mistake of a"
	    " topology and of its configurations,\nand starts nothing.\n",
	    1, 1};
	struct lab_file file;
	int status = lab_words(&usage, argc, argv);

	if (status != 0)
		return status == 1 ? 0 : status;
	status = lab_file_load(&file, "sesim lab validate", argv[1], NULL);
	if (status == 0)
		(void)printf("lab %s is valid: %u nodes, %u links\n",
			     file.topology->name, file.topology->nnodes,
			     file.topology->nlinks);
	lab_file_fini(&file);
	return status;
}

int
lab_restart_main(int argc, char **argv)
{
	static const struct lab_usage usage = {
	    "usage: sesim lab restart TOPOLOGY NODE\n"
	    "Ends a router and starts it with its configuration file; returns"
	    " when it is\nready. Its links stay.\n",
	    2, 2};
	struct lab_file file;
	int status = lab_words(&usage, argc, argv);

	if (status != 0)
		return status == 1 ? 0 : status;
	status = lab_file_find(&file, "sesim lab restart", argv[1]);
	if (status == 0)
		status = lab_hand_order(
		    &file, "sesim lab restart",
		    json_pack("{s:s, s:s}", "op", "restart", "node", argv[2]),
		    NULL);
	if (status == 0)
		(void)printf("node %s is up again\n", argv[2]);
	lab_file_fini(&file);
	return status;
}

/* The socket of a router's command line; 0, or an exit status, told. */
static int
socket_of(const char *command, const char *what, const char *node,
	  char path[RUNDIR_PATH_MAX + 16])
{
	struct lab_file file;
	char run_dir[RUNDIR_PATH_MAX];
	int status = lab_file_find(&file, command, what);
	int at;

	if (status == 0)
		status = lab_file_run_dir(&file, command, run_dir);
	if (status == 0) {
		at = topology_find(file.topology, node);
		if (at < 0 ||
		    file.topology->node[at].kind != TOPOLOGY_SMARTEDGE) {
			(void)fprintf(stderr, "%s: no router %s in lab %s\n",
				      command, node, file.topology->name);
			status = 2;
		}
	}
	if (status == 0)
		(void)snprintf(path, RUNDIR_PATH_MAX + 16, "%s/%s/cli.sock",
			       run_dir, node);
	lab_file_fini(&file);
	return status;
}

static int
attach(const char *command, const struct lab_usage *usage, int argc,
       char **argv)
{
	char path[RUNDIR_PATH_MAX + 16];
	int status;

	for (int i = 1; i < argc && i < 3; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			(void)fputs(usage->text, stdout);
			return 0;
		}
	}
	if (argc - 1 < usage->least || argc - 1 > usage->most ||
	    argv[1][0] == '-' || argv[2][0] == '-') {
		(void)fputs(usage->text, stderr);
		return 2;
	}
	status = socket_of(command, argv[1], argv[2], path);
	return status != 0 ? status
			   : attach_at(command, path, argc - 2, argv + 2);
}

int
lab_exec_main(int argc, char **argv)
{
	static const struct lab_usage usage = {
	    "usage: sesim lab exec TOPOLOGY NODE {-c COMMAND ... | -f FILE}\n"
	    "Runs commands at a router of a lab, up to the first that is"
	    " refused.\n",
	    4, 1024};

	return attach("sesim lab exec", &usage, argc, argv);
}

int
lab_cli_main(int argc, char **argv)
{
	static const struct lab_usage usage = {
	    "usage: sesim lab cli TOPOLOGY NODE\n"
	    "The command line of a router of a lab.\n",
	    2, 2};

	return attach("sesim lab cli", &usage, argc, argv);
}
