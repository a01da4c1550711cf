/*
 * Where the programs are: beside the one that runs.
 */
#ifndef BINDIR_H
#define BINDIR_H

#include <stddef.h>

/* 0, -ENAMETOOLONG, or the errno of readlink(2). */
int bindir_find(char *path, size_t octets);

#endif
