/*
 * A configuration file as the commands of sesim read it: loaded, validated,
 * every mistake told on standard error as FILE:LINE:COLUMN, nothing started.
 */
#ifndef CONF_H
#define CONF_H

#include "parse.h"
#include "tree.h"

struct conf {
	struct cfg *cfg;
	struct cfg_tree *tree;
	uint8_t *key; /* opens `encrypted 1` secrets; NULL: there is none */
};

/*
 * secret_key: path of the operator's key, NULL: the standard one where it
 * exists. 0; -EINVAL: told on standard error, exit status 2; else an errno,
 * told too, exit status 3. On failure conf is empty.
 */
int conf_load(struct conf *conf, const char *path, const char *secret_key);
void conf_fini(struct conf *conf);

/* Checks a tree; mistakes are told under the name of file. 0 or -EINVAL. */
int conf_check(const struct cfg_tree *tree, const char *file);

/* "1/1" to numbers; the rest of the text is at *end. -EINVAL. */
int conf_port_parse(const char *text, unsigned *slot, unsigned *port,
		    const char **end);

/* NULL when the configuration has no such port. */
const struct cfg_obj *conf_port(const struct cfg_tree *tree, unsigned slot,
				unsigned port);

/* "1/1, 2/1": the ports there are; "none". */
void conf_ports_text(const struct cfg_tree *tree, char *text, size_t octets);

#endif
