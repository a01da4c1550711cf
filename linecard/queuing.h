/*
 * Policies of priority by id: priority queues before a circuit, and priority of
 * a tunnel's packets towards the ASP.
 */
#ifndef QUEUING_H
#define QUEUING_H

#include "feature.h"

#define ASP_DSCP_ANY 0xff

/*
 * A packet goes to the first queue whose list permits it and whose DSCP it has,
 * else to the last.
 */
struct asp_queues {
	uint32_t acl[FEATURE_FAMILIES][PQ_QUEUES]; /* id, 0: no packet */
	uint8_t dscp[PQ_QUEUES];                   /* or ASP_DSCP_ANY */
};

struct queuing_table;

struct queuing_table *queuing_table_new(void);
void queuing_table_free(struct queuing_table **table);

/* -EINVAL: id 0 or above 65535, or a conf that can not be; -ENOMEM. */
int queuing_pq_set(struct queuing_table *table, uint32_t id,
		   const struct pq_conf *conf);
void queuing_pq_delete(struct queuing_table *table, uint32_t id);
/* NULL when there is none; *version is raised by every change. Borrowed. */
const struct pq_conf *queuing_pq(const struct queuing_table *table, uint32_t id,
				 uint32_t *version);

int queuing_asp_set(struct queuing_table *table, uint32_t id,
		    const struct asp_queues *queues);
void queuing_asp_delete(struct queuing_table *table, uint32_t id);
const struct asp_queues *queuing_asp(const struct queuing_table *table,
				     uint32_t id);

#endif
