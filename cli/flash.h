/*
 * The router's own files: /flash, a directory of the run directory that stays
 * after the router is taken down. Names are those an operator of the machine
 * uses: "/flash/redback.cfg", or without a directory "redback.cfg".
 */
#ifndef FLASH_H
#define FLASH_H

#include <stdbool.h>
#include <stddef.h>

struct out;
struct shell;

#define FLASH_PATH_MAX 1400
#define FLASH_BOOT "/flash/redback.cfg" /* where `save configuration` goes */

/*
 * The path of a file of /flash; the directory is made where it is not there.
 * path: FLASH_PATH_MAX octets. -EINVAL, -ENAMETOOLONG or an errno, told to o.
 */
int flash_path(const struct shell *sh, const char *name, char *path,
	       struct out *o);

/*
 * The same; but who owns the router (its UNIX socket, its standard input) may
 * name any file of the machine by an absolute path.
 */
int flash_path_any(const struct shell *sh, const char *name, char *path,
		   struct out *o);

/* What an operator calls the file of name: "/flash/redback.cfg". */
void flash_name(const char *name, char *text, size_t octets);

/*
 * Writes text to path, whole or not at all: beside the old file and then in its
 * place, both on disk before this returns. Mode 0600. 0 or -errno.
 */
int flash_write(const char *path, const char *text, size_t octets);

#endif
