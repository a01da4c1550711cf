/* Pieces of memory for frames: two free lists over slabs. Called by shape.c. */
#include "shape_store.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "pkt.h"
#include "shape.h"

#define SLAB_NODES 32

static const uint32_t room_of[SHAPE_STORE_SIZES] = {2048, PKT_OCTETS_MAX};

int
shape_store_new(struct shape_store **store)
{
	*store = calloc(1, sizeof(**store));
	return *store == NULL ? -ENOMEM : 0;
}

void
shape_store_free(struct shape_store **store)
{
	if (*store == NULL)
		return;
	while ((*store)->slabs != NULL) {
		struct shape_slab *slab = (*store)->slabs;

		(*store)->slabs = slab->next;
		free(slab);
	}
	free(*store);
	*store = NULL;
}

static void
add_slab(struct shape_store *store, uint32_t size)
{
	size_t align = _Alignof(max_align_t);
	size_t octets = sizeof(struct shape_node) + room_of[size];
	size_t head = (sizeof(struct shape_slab) + align - 1) / align * align;
	uint8_t *at;
	struct shape_slab *slab;

	octets = (octets + align - 1) / align * align;
	slab = malloc(head + SLAB_NODES * octets);
	if (slab == NULL)
		return;
	slab->next = store->slabs;
	store->slabs = slab;
	at = (uint8_t *)slab + head;
	for (unsigned i = 0; i < SLAB_NODES; i++, at += octets) {
		struct shape_node *node = (struct shape_node *)(void *)at;

		node->size = size;
		shape_store_put(store, node);
	}
}

struct shape_node *
shape_store_get(struct shape_store *store, uint32_t octets)
{
	uint32_t size = octets > room_of[0];
	struct shape_node *node;

	if (octets > room_of[size])
		return NULL;
	if (store->free[size] == NULL)
		add_slab(store, size);
	node = store->free[size];
	if (node != NULL)
		store->free[size] = node->next;
	return node;
}

void
shape_store_put(struct shape_store *store, struct shape_node *node)
{
	node->next = store->free[node->size];
	store->free[node->size] = node;
}
