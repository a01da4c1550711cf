/*
 * What is about one node of a lab that is up, or about its file alone:
 * `validate`, `restart`, `exec`, `cli`.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach.h"
#include "lab.h"
#include "lab_hand.h"
#include "lab_hosts.h"

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

/* Runs a shell in a host, or one command of it: its exit status. */
static int
run_in_host(const char *name, const char *shell_command)
{
	struct cap_error why;
	int status = 0;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (host_enter(name, &why) != 0) {
			(void)fprintf(stderr, "sesim lab: %s\n", why.text);
			_exit(3);
		}
		(void)execl("/bin/sh", "sh",
			    shell_command != NULL ? "-c" : "-i", shell_command,
			    (char *)NULL);
		_exit(3);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (pid < 0 || !WIFEXITED(status))
		return 3;
	return WEXITSTATUS(status) > 1 ? WEXITSTATUS(status)
				       : WEXITSTATUS(status) != 0;
}

/* Commands at a host, up to the first that fails; none: a shell. */
static int
at_host(const char *lab, const char *node, int argc, char **argv)
{
	char name[HOST_NETNS_MAX];
	int status = 0;
	int id;

	lab_host_name(lab, node, name);
	if (argc <= 1)
		return run_in_host(name, NULL);
	optind = 1;
	while (status == 0 && (id = getopt(argc, argv, "c:")) != -1) {
		if (id != 'c')
			return 2;
		status = run_in_host(name, optarg);
	}
	return optind == argc ? status : 2;
}

static int
at_node(const char *command, int argc, char **argv)
{
	struct lab_file file;
	char run_dir[RUNDIR_PATH_MAX];
	char path[RUNDIR_PATH_MAX + TOPOLOGY_NAME_MAX + 16];
	const char *node = argv[2];
	int status = lab_file_find(&file, command, argv[1]);
	int at = status == 0 ? topology_find(file.topology, node) : -1;

	if (status == 0)
		status = lab_file_run_dir(&file, command, run_dir);
	if (status != 0) {
		lab_file_fini(&file);
		return status;
	}
	if (at >= 0 && file.topology->node[at].kind == TOPOLOGY_HOST) {
		status = at_host(file.topology->name, node, argc - 2, argv + 2);
	} else if (at >= 0 &&
		   file.topology->node[at].kind == TOPOLOGY_SMARTEDGE) {
		(void)snprintf(path, sizeof(path), "%s/%s/cli.sock", run_dir,
			       node);
		status = attach_at(command, path, argc - 2, argv + 2);
	} else {
		(void)fprintf(stderr, "%s: no router or host %s in lab %s\n",
			      command, node, file.topology->name);
		status = 2;
	}
	lab_file_fini(&file);
	return status;
}

static int
attach(const char *command, const struct lab_usage *usage, int argc,
       char **argv)
{
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
	return at_node(command, argc, argv);
}

int
lab_exec_main(int argc, char **argv)
{
	static const struct lab_usage usage = {
	    "usage: sesim lab exec TOPOLOGY NODE {-c COMMAND ... | -f FILE}\n"
	    "Runs commands at a router of a lab, or in a shell of a host, up to"
	    " the\nfirst that is refused or fails.\n",
	    4, 1024};

	return attach("sesim lab exec", &usage, argc, argv);
}

int
lab_cli_main(int argc, char **argv)
{
	static const struct lab_usage usage = {
	    "usage: sesim lab cli TOPOLOGY NODE\n"
	    "The command line of a router of a lab, or a shell of a host.\n",
	    2, 2};

	return attach("sesim lab cli", &usage, argc, argv);
}
