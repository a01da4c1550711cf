/*
 * `sesim capture`: capture points of a running router (docs/man/sesim.1).
 */
#ifndef CAPTURE_MAIN_H
#define CAPTURE_MAIN_H

/* argv[0] is the subcommand's name; the exit status. */
int capture_main(int argc, char **argv);

#endif
