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
 * lie on the input interface. Ranges that are no prefix are left where they
 * were.
 */
int mirror_chosen_networks(struct mirror *m, const struct cfg_obj *context,
			   const char *tunnel, const char *input);

/*
 * mirror6.c: the same for IPv6. Routes that lead into a tunnel's interface lead
 * to the input; a network lies there (unless it does already); the input's own
 * networks leave for the tunnel's interface (NULL: as they did), and it gets an
 * address of its own.
 */
int mirror6_turn_routes(struct mirror *m, const struct cfg_obj *context,
			const struct cfg_obj *interface, const char *input);
int mirror6_network(struct mirror *m, const char *context,
		    const struct ip_addr *first, unsigned len,
		    const char *input);
int mirror6_renumber_input(struct mirror *m, const struct cfg_obj *input,
			   const char *tunnel_interface, unsigned number);
int mirror6_turn_tunnel_address(struct mirror *m,
				const struct cfg_obj *interface);
/* The interface that has an end point, and its prefix's length; NULL: none. */
const struct cfg_obj *mirror6_outer(const struct cfg_obj *context,
				    const struct ip_addr *local, unsigned *len);
/* The end points change places there; again: local has gone already. */
int mirror6_turn_address(struct mirror *m, const struct cfg_obj *interface,
			 const struct ip_addr *local,
			 const struct ip_addr *remote, unsigned len,
			 bool again);
int mirror6_turn_next_hops(struct mirror *m, const struct cfg_obj *context,
			   const struct ip_addr *remote,
			   const struct ip_addr *local);

#endif
