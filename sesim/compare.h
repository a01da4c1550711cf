/*
 * `sesim compare`: the two forwarding modes side by side.
 */
#ifndef COMPARE_H
#define COMPARE_H

/* The subcommand; the exit status. */
int compare_main(int argc, char **argv);

#endif
