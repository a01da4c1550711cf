/* What sad.c and sad_life.c share; nobody else. */
#ifndef SAD_IMPL_H
#define SAD_IMPL_H

#include "key_arena.h"
#include "sad.h"

struct sad {
	struct alg *alg;
	struct key_arena keys;
	struct esp_sa *sas[SAD_MAX];
	unsigned count;
	unsigned inbound;
	unsigned inbound_ah;
	uint32_t *buckets; /* ids, chained by hash_next */
	uint32_t mask;
	struct sa_queue want;
	struct sa_queue events;
	uint64_t now_ns;   /* live: the monotonic clock */
	uint64_t next_ns;  /* live: when a limit of time is reached next */
	uint64_t began_ns; /* else: the clock of the first packet */
	bool live;
	bool began;
};

/* To be told by sad_event_next(); 0: nothing. */
void sad_event_push(struct sad *sad, struct esp_sa *sa, unsigned events);

/* An SA is installed: from when its life counts. */
void sad_life_begin(struct sad *sad, struct esp_sa *sa);

#endif
