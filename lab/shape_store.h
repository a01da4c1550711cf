/*
 * Memory for frames under way, for shape.c: two sizes of pieces, made by the
 * slab when they are wanted, used again, and given back at the end.
 */
#ifndef SHAPE_STORE_H
#define SHAPE_STORE_H

#include <stdint.h>

#define SHAPE_STORE_SIZES 2

struct shape_node {
	struct shape_node *next; /* of those that are free, or given out */
	uint64_t due_ns;
	uint64_t order; /* among those due at once */
	uint64_t trace;
	uint32_t octets;
	uint32_t size; /* index: of the piece */
	uint8_t data[];
};

struct shape_slab {
	struct shape_slab *next;
};

struct shape_store {
	struct shape_node *free[SHAPE_STORE_SIZES];
	struct shape_slab *slabs;
};

/* Room for so many octets; NULL: no memory, or more than a frame has. */
struct shape_node *shape_store_get(struct shape_store *store, uint32_t octets);
void shape_store_put(struct shape_store *store, struct shape_node *node);

#endif
