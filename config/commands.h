/*
 * The page docs/commands.md, made from the schema: every configuration line by
 * mode, its arguments, and where it comes from. A test holds the page to it.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "print.h"

int cfg_commands(cfg_out_fn *out, void *arg);

#endif
