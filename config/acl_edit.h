/*
 * Commands that change an access list in another way than line by line.
 */
#ifndef ACL_EDIT_H
#define ACL_EDIT_H

#include "tree.h"

/*
 * resequence ip access-list NAME [START STEP]: the rows keep their order and
 * are numbered from START (10) by STEP (10). For cfg_row_act().
 */
int acl_resequence(struct cfg_tree *tree, const struct cfg_path *mode,
		   const struct syntax_match *match, char *text, size_t octets,
		   size_t *column);
/* The same of an ipv6 access-list. */
int acl6_resequence(struct cfg_tree *tree, const struct cfg_path *mode,
		    const struct syntax_match *match, char *text, size_t octets,
		    size_t *column);

#endif
