/*
 * The tables of a line card's processor: those of every card, and homings.
 */
#ifndef LC_TABLE_H
#define LC_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "acl.h"
#include "card_tables.h"
#include "feature.h"
#include "homing.h"
#include "policer.h"
#include "queuing.h"

struct lc_table {
	struct card_tables fwd;
	struct homing_table *homings;
	struct acl_set *acls;
	struct feature_table *features;
	struct policer_table *policers;
	struct queuing_table *queuings;
};

/* slot: the card's own, whose ports frames come from. -ENOMEM. */
int lc_table_init(struct lc_table *t, unsigned slot);
void lc_table_fini(struct lc_table *t);

/* As card_tables_rows(), and HOMINGS, ACL_ROWS, POLICERS, PQS,
 * IPSEC_QUEUES and FEATURES too. */
int lc_table_rows(struct lc_table *t, enum ctl_type table, enum ctl_op op,
		  const uint8_t *items, size_t n);

/* After all SET rows of a generation, and after its DELETE rows. */
int lc_table_apply(struct lc_table *t);

#endif
