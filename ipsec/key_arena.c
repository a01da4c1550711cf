/*
 * Pools key memory for the SAD: 65,536 SAs take 8 MiB of locked memory instead
 * of 256. A free slot holds nothing but the address of the next free one.
 */
#include "key_arena.h"

#include <stddef.h>

#include "secret.h"

#define CHUNK_OCTETS ((size_t)KEY_ARENA_SLOT * KEY_ARENA_SLOTS)

void
key_arena_init(struct key_arena *arena)
{
	*arena = (struct key_arena){0};
}

void
key_arena_fini(struct key_arena *arena)
{
	for (unsigned i = 0; i < arena->nchunks; i++)
		secret_free(&arena->chunks[i], CHUNK_OCTETS);
	*arena = (struct key_arena){0};
}

static void
slot_chain(struct key_arena *arena, uint8_t *slot)
{
	struct key_slot *at = (struct key_slot *)slot;

	at->next = arena->free;
	arena->free = at;
}

uint8_t *
key_arena_take(struct key_arena *arena)
{
	struct key_slot *at;

	if (arena->free == NULL) {
		uint8_t *chunk;

		if (arena->nchunks == KEY_ARENA_CHUNKS)
			return NULL;
		chunk = secret_alloc(CHUNK_OCTETS);
		if (chunk == NULL)
			return NULL;
		arena->chunks[arena->nchunks++] = chunk;
		for (unsigned i = KEY_ARENA_SLOTS; i-- > 0;)
			slot_chain(arena, chunk + (size_t)i * KEY_ARENA_SLOT);
	}
	at = arena->free;
	arena->free = at->next;
	at->next = NULL;
	return (uint8_t *)at;
}

void
key_arena_give(struct key_arena *arena, uint8_t *slot)
{
	secret_wipe(slot, KEY_ARENA_SLOT);
	slot_chain(arena, slot);
}
