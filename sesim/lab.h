/*
 * `sesim lab`: many routers from one topology file. A table of subcommands,
 * each a function of the file lab_<subcommand>.c.
 */
#ifndef LAB_H
#define LAB_H

int lab_main(int argc, char **argv);

/* argv[0] is the subcommand's name; the exit status. */
int lab_up_main(int argc, char **argv);
int lab_down_main(int argc, char **argv);
int lab_status_main(int argc, char **argv);
int lab_validate_main(int argc, char **argv);
int lab_restart_main(int argc, char **argv);
int lab_exec_main(int argc, char **argv);
int lab_cli_main(int argc, char **argv);
int lab_save_main(int argc, char **argv);
int lab_impair_main(int argc, char **argv);
int lab_replay_main(int argc, char **argv);
int lab_graph_main(int argc, char **argv);
int lab_generate_main(int argc, char **argv);

/*
 * Options of the one kind that most have: --help, and words. 0; 1: help was
 * asked for and given; 2: wrong usage, told.
 */
struct lab_usage {
	const char *text; /* "usage: ..." */
	int least, most;  /* words behind the options */
};
int lab_words(const struct lab_usage *usage, int argc, char **argv);

/*
 * lab_down.c: what a killed keeper left in a run directory whose lock the
 * caller holds: waits for its processes, ends those that do not go, removes
 * their sockets. 0 or -errno.
 */
int lab_clear(const char *run_dir);

#endif
