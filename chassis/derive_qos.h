/*
 * Rows of QoS policies; for derive_features.c.
 */
#ifndef DERIVE_QOS_H
#define DERIVE_QOS_H

#include "running.h"

/*
 * The policies that a circuit uses (uses: of the objects below it that say so),
 * into its row, and their rows where they have none yet. context: that it is
 * bound in, or NULL. 0, -ENOSPC or -ENOMEM.
 */
int derive_uses(struct chs *chs, struct tables *t,
		const struct cfg_obj *context, const struct cfg_obj *circuit,
		enum cfg_kind uses, struct ctl_feature *row);

/*
 * derive_features.c: the ids of a list of the context for IPv4 and IPv6, 0
 * where it has none: an ip access-list, else the selectors of an ipsec
 * access-list.
 */
int derive_list(struct chs *chs, struct tables *t,
		const struct cfg_obj *context, const char *name,
		uint32_t ids[2]);

/*
 * derive_selectors.c: the selectors of an ipsec access-list that speak of a
 * family (4 or 6) as rows of an access list that permits, without an id yet.
 */
int derive_selectors(struct tables *t, const struct cfg_obj *list,
		     unsigned family);

#endif
