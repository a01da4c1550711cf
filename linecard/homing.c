/*
 * Homings in an open-addressed table, at most half full, linear probing; a
 * deletion moves later entries of the chain up, so there are no tombstones and
 * a miss stays short however often tunnels come and go. An SPI is chosen by the
 * peer's operator, so the key is mixed before it is a place.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "homing.h"

struct homing_table {
	struct homing *at;
	uint32_t room; /* a power of two, or 0 */
	uint32_t used;
};

struct homing_table *
homing_table_new(void)
{
	return calloc(1, sizeof(struct homing_table));
}

void
homing_table_free(struct homing_table **table)
{
	if (*table == NULL)
		return;
	free((*table)->at);
	free(*table);
	*table = NULL;
}

static uint32_t
homing_place(const struct homing_table *table, const struct homing_key *key)
{
	uint64_t h = (uint64_t)key->spi << 32 | key->context;
	uint64_t half[2];

	static_assert(sizeof(half) == sizeof(key->dst.octets), "both halves");
	memcpy(half, key->dst.octets, sizeof(half));
	h = (h ^ half[0]) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ half[1] ^ key->protocol) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(h >> 32) & (table->room - 1);
}

static bool
homing_same(const struct homing_key *a, const struct homing_key *b)
{
	return a->spi == b->spi && a->context == b->context &&
	       a->protocol == b->protocol && ip_addr_equal(&a->dst, &b->dst);
}

/* The entry of the key, or the free place where it belongs. */
static struct homing *
homing_probe(const struct homing_table *table, const struct homing_key *key)
{
	uint32_t i = homing_place(table, key);

	while (table->at[i].circuit != 0 &&
	       !homing_same(&table->at[i].key, key))
		i = (i + 1) & (table->room - 1);
	return &table->at[i];
}

static int
homing_grow(struct homing_table *table)
{
	uint32_t room = table->room == 0 ? 16 : table->room * 2;
	struct homing_table bigger = {.room = room, .used = table->used};

	bigger.at = calloc(room, sizeof(*bigger.at));
	if (bigger.at == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < table->room; i++) {
		if (table->at[i].circuit != 0)
			*homing_probe(&bigger, &table->at[i].key) =
			    table->at[i];
	}
	free(table->at);
	*table = bigger;
	return 0;
}

int
homing_set(struct homing_table *table, const struct homing *homing)
{
	struct homing *at;

	if (homing->circuit == 0)
		return -EINVAL;
	if (2 * (table->used + 1) > table->room && homing_grow(table) < 0)
		return -ENOMEM;
	at = homing_probe(table, &homing->key);
	if (at->circuit == 0)
		table->used++;
	*at = *homing;
	return 0;
}

void
homing_delete(struct homing_table *table, const struct homing_key *key)
{
	uint32_t mask = table->room - 1;
	struct homing *at;
	uint32_t hole;

	if (table->room == 0)
		return;
	at = homing_probe(table, key);
	if (at->circuit == 0)
		return;
	hole = (uint32_t)(at - table->at);
	for (uint32_t i = (hole + 1) & mask; table->at[i].circuit != 0;
	     i = (i + 1) & mask) {
		uint32_t home = homing_place(table, &table->at[i].key);

		/* Whoever's place is not behind the hole may move into it. */
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		table->at[hole] = table->at[i];
		hole = i;
	}
	table->at[hole] = (struct homing){0};
	table->used--;
}

const struct homing *
homing_find(const struct homing_table *table, const struct homing_key *key)
{
	const struct homing *at;

	if (table->room == 0)
		return NULL;
	at = homing_probe(table, key);
	return at->circuit != 0 ? at : NULL;
}
