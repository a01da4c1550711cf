/* A chain through the SAs themselves, so that nothing is allocated. */
#include "sa_queue.h"

#include <stddef.h>

#include "sad.h"

void
sa_queue_push(struct sa_queue *queue, struct esp_sa *sa)
{
	sa->next[queue->kind] = NULL;
	if (queue->first == NULL)
		queue->first = sa;
	else
		queue->last->next[queue->kind] = sa;
	queue->last = sa;
}

struct esp_sa *
sa_queue_pop(struct sa_queue *queue)
{
	struct esp_sa *sa = queue->first;

	if (sa != NULL)
		queue->first = sa->next[queue->kind];
	return sa;
}

void
sa_queue_remove(struct sa_queue *queue, const struct esp_sa *sa)
{
	struct esp_sa **at = &queue->first;
	struct esp_sa *before = NULL;

	while (*at != NULL && *at != sa) {
		before = *at;
		at = &(*at)->next[queue->kind];
	}
	if (*at == NULL)
		return;
	*at = sa->next[queue->kind];
	if (queue->last == sa)
		queue->last = before;
}
