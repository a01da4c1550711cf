/*
 * The lines typed at a router's command line, kept between sessions of its
 * owner in a file of the run directory. Lines that may hold a secret are not
 * written.
 */
#ifndef TYPED_H
#define TYPED_H

#include <stddef.h>

/*
 * The last lines of the file, oldest first, into lines[0 .. max - 1]; each is
 * the caller's to free(). How many. A file that has grown is cut to them.
 */
size_t typed_load(const char *run_dir, char **lines, size_t max);

/*
 * Puts a line behind those of the file, as well as it goes; not one that may
 * hold a secret.
 */
void typed_add(const char *run_dir, const char *line);

#endif
