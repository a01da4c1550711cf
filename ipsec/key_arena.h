/*
 * Slots for keys in locked, wiped memory: many to a chunk, for locked memory is
 * limited (8 MiB for most users) and a page per key would waste it.
 */
#ifndef KEY_ARENA_H
#define KEY_ARENA_H

#include <stdint.h>

#define KEY_ARENA_SLOT 128  /* octets */
#define KEY_ARENA_SLOTS 512 /* in a chunk: 64 KiB */
#define KEY_ARENA_CHUNKS 128

/* A free slot; chunks and slots are aligned for it. */
struct key_slot {
	struct key_slot *next;
};

struct key_arena {
	uint8_t *chunks[KEY_ARENA_CHUNKS];
	unsigned nchunks;
	struct key_slot *free; /* chained through the free slots */
};

void key_arena_init(struct key_arena *arena);

/* Wipes and gives back all; every slot is lost. */
void key_arena_fini(struct key_arena *arena);

/* A zeroed slot, the caller's until key_arena_give(). NULL without memory. */
uint8_t *key_arena_take(struct key_arena *arena);

/* Wipes the slot. */
void key_arena_give(struct key_arena *arena, uint8_t *slot);

#endif
