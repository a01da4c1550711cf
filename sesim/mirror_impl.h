/* What mirror.c and mirror_policy.c share; nobody else. */
#ifndef MIRROR_IMPL_H
#define MIRROR_IMPL_H

#include "mirror.h"
#include "parse.h"

#define MIRROR_ADDRESS_MAX 16

struct mirror {
	const struct cfg_tree *tree; /* as it was */
	const struct replay_args *args;
	struct cfg_editor *ed;
	unsigned inputs; /* interfaces of input ports renumbered so far */
	char *why;
};

/* One line of configuration. 0, or negative with why. */
int mirror_type(struct mirror *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As it is by now; borrowed until the next line. */
const struct cfg_tree *mirror_tree(const struct mirror *m);

const char *mirror_address(uint32_t a, char text[MIRROR_ADDRESS_MAX]);

/* The route leads to the interface from now on. */
int mirror_turn_route(struct mirror *m, const struct cfg_obj *route,
		      const char *interface);

/* The ends of all selectors change places. */
int mirror_selectors(struct mirror *m);

/* The context of the selection that chooses a tunnel; NULL: none does. */
const struct cfg_obj *mirror_chooser(const struct mirror *m,
				     const char *tunnel);

/*
 * The networks that the selections of the context protect through the tunnel
 * lie on the input interface. Ranges that are no IPv4 prefix are left where
 * they were.
 */
int mirror_chosen_networks(struct mirror *m, const struct cfg_obj *context,
			   const char *tunnel, const char *input);

#endif
