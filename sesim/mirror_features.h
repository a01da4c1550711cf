/*
 * The features of a tunnel's circuit that an economical tunnel gives up.
 */
#ifndef MIRROR_FEATURES_H
#define MIRROR_FEATURES_H

#include "tree.h"

/*
 * Told once for each feature: the tunnel's name, the interface whose it is
 * (NULL: it is the tunnel's own), its context, and the line that sets it. Below
 * 0 ends the walk and is returned.
 */
typedef int mirror_feature_fn(void *arg, const char *tunnel,
			      const char *context, const char *interface,
			      const char *line);
int mirror_features(const struct cfg_tree *tree, mirror_feature_fn *each,
		    void *arg);

/* Whether any policy marks packets: they come out otherwise than they went in.
 */
bool mirror_features_mark(const struct cfg_tree *tree);

#endif
