#ifndef CONF_SHIM_H
#define CONF_SHIM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the key files of a configuration. 0 or -errno with why. */
int conf_shim_keys(const char *config, const char *dir, char why[512]);

/*
 * The mirror of a configuration for one input port, as text with secrets
 * hidden. 0; -errno with why; 1: the mirror does not hold.
 */
int conf_shim_mirror(const char *config, unsigned slot, unsigned port,
		     char *text, size_t octets, char why[768]);

/* How many tunnels are in a mode after all were put into it; or -errno. */
int conf_shim_mode(const char *config, int economical);

/*
 * Writes the configuration as a file in memory, loads that with its key, and
 * tells whether secrets stand in it as text: 0 no, 1 yes; or -errno.
 */
int conf_shim_file(const char *config, const char *secret);

#ifdef __cplusplus
}
#endif

#endif
