/*
 * Rows of QoS policies; for derive_features.c.
 */
#ifndef DERIVE_QOS_H
#define DERIVE_QOS_H

#include "running.h"

/*
 * The policies that a circuit uses (kind: of the objects below it that say so),
 * into its row, and their rows where they have none yet. 0, -ENOSPC or -ENOMEM.
 */
int derive_uses(struct chs *chs, struct tables *t,
		const struct cfg_obj *circuit, enum cfg_kind uses,
		struct ctl_feature *row);

#endif
