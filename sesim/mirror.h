/*
 * Configurations made from others, for `sesim compare`: the same router with
 * every tunnel in one mode, and the router at the other end.
 */
#ifndef MIRROR_H
#define MIRROR_H

#include "replay_main.h"
#include "tree.h"

#define MIRROR_WHY_MAX 768

/*
 * Every tunnel in this mode; economical, without what mirror_features() tells.
 * *out is the caller's. 0 or -errno with why.
 */
int mirror_mode(const struct cfg_tree *tree, enum cfg_mode mode,
		struct cfg_tree **out, char why[MIRROR_WHY_MAX]);

/*
 * The router at the other end: same cards, ports and bindings; each tunnel's
 * end points and SAs change places; networks routed into a tunnel lie on the
 * input port of the tunnel's context, and that port's own networks are routed
 * into the tunnel; its tunnels have no features. args: whose --in are the input
 * ports. *out is the caller's. -EINVAL: it can not be mirrored, and why.
 */
int mirror_make(const struct cfg_tree *tree, const struct replay_args *args,
		struct cfg_tree **out, char why[MIRROR_WHY_MAX]);

/*
 * The tree as a file in memory that processes can inherit: *config_fd, and
 * *key_fd with the key, made for this once, that its secrets are sealed under.
 * The caller closes both. 0 or -errno.
 */
int mirror_file(const struct cfg_tree *tree, int *config_fd, int *key_fd);

#endif
