/*
 * `sesim cli`: attaches to a running router's command line.
 */
#ifndef ATTACH_H
#define ATTACH_H

/*
 * argv[0] is "cli". Exit status: 0; 1 a command was refused; 2 wrong usage; 3
 * no such router, or the connection failed.
 */
int attach_main(int argc, char **argv);

/*
 * The same at a command line's socket: options only. command: for messages.
 * argv[0] is not looked at.
 */
int attach_at(const char *command, const char *socket, int argc, char **argv);

#endif
