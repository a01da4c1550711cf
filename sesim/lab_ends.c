/*
 * Ends of links that are no routers: one row for each kind of node, with how
 * its end is opened and what a machine must allow for it.
 */
#include <errno.h>
#include <stdio.h>

#include "lab_keep.h"

const char *
lab_end_lacks(enum topology_kind kind)
{
	return kind == TOPOLOGY_SMARTEDGE ? NULL : "needs a newer sesim";
}

int
lab_end_open(struct lab *lab, const struct topology_end *end,
	     struct wire_end **out, char why[LAB_WHY_MAX])
{
	(void)lab;
	(void)out;
	(void)snprintf(why, LAB_WHY_MAX, "link end %s: no such kind of end",
		       end->text);
	return -EOPNOTSUPP;
}
