/*
 * The page docs/commands.md, made from the tables: the configuration language
 * from config/'s, the exec commands from this folder's. A test holds the page
 * to it.
 */
#ifndef COMMANDS_PAGE_H
#define COMMANDS_PAGE_H

#include <stdio.h>

/* 0, or -EIO. */
int commands_page(FILE *file);

#endif
