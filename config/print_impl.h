/* What print.c shares with diff.c and json.c; nobody else. */
#ifndef PRINT_IMPL_H
#define PRINT_IMPL_H

#include "print.h"

#define PRINT_FINGERPRINT_OCTETS 24

/*
 * One object with all below it, each line behind prefix ('+', '-', or 0) and
 * one blank per level from depth on.
 */
int print_object(const struct cfg_obj *obj, unsigned depth, char prefix,
		 const struct cfg_print_opts *opts, cfg_out_fn *out, void *arg);
int print_line(const char *line, unsigned depth, char prefix, cfg_out_fn *out,
	       void *arg);
/* "<1f2e3d4c>": tells two secrets apart and tells neither. */
int print_fingerprint(const uint8_t *salt, uint64_t value,
		      char text[static PRINT_FINGERPRINT_OCTETS]);

#endif
