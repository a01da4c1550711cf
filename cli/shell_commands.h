/*
 * Commands given beforehand, as by `ssh HOST COMMAND`: no prompt, no paging,
 * nothing asked.
 */
#ifndef SHELL_COMMANDS_H
#define SHELL_COMMANDS_H

#include "shell.h"

/*
 * Runs lines (one or several, parted by line ends) up to the first that is
 * refused, and ends what they print in line_end. 0, or what exec_line()
 * returned. What is neither committed nor aborted at the end is gone.
 */
int shell_commands(struct shell *sh, const char *lines, const char *line_end);

#endif
