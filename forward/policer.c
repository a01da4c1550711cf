/*
 * Token buckets in exact integers. A rate of r kbit/s is r octets in 8,000,000
 * ns, so the bucket counts in 8,000,000ths of an octet: a nanosecond brings r
 * of them, a packet of n octets takes 8,000,000 n. Nothing is divided for a
 * packet and nothing is lost by rounding. What is kept is what is missing from
 * a full bucket: a bucket of zeros is a new one, and a bucket survives a change
 * of its policer.
 */
#include "policer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

#define PARTS UINT64_C(8000000) /* of an octet */
#define POLICER_ID_MAX 65535

struct policer_row {
	bool there;
	struct policer policer;
};

struct policer_table {
	struct policer_row *row;
	uint32_t count;
};

/*
 * The tokens of the time since the last packet: first to the committed burst,
 * what is left of them to the excess burst (RFC 2697 section 3).
 */
static void
bucket_fill(const struct policer *p, struct policer_state *b, uint64_t now_ns)
{
	uint64_t passed = now_ns - b->last_ns;
	uint64_t came;

	if (now_ns <= b->last_ns)
		return;
	b->last_ns = now_ns;
	/* More than fits into 64 bits is more than any bucket holds. */
	if (__builtin_mul_overflow(passed, (uint64_t)p->rate_kbps, &came))
		came = UINT64_MAX;
	if (came <= b->missing) {
		b->missing -= came;
		return;
	}
	came -= b->missing;
	b->missing = 0;
	b->missing_excess -=
	    came < b->missing_excess ? came : b->missing_excess;
}

enum policer_colour
policer_take(const struct policer *p, struct policer_state *b, uint64_t now_ns,
	     uint32_t octets)
{
	uint64_t cost = octets * PARTS;
	uint64_t full = p->burst * PARTS;
	uint64_t full_excess = p->excess * PARTS;

	bucket_fill(p, b, now_ns);
	if (b->missing <= full && full - b->missing >= cost) {
		b->missing += cost;
		return POLICER_CONFORM;
	}
	if (p->excess == 0)
		return POLICER_EXCEED;
	if (b->missing_excess > full_excess ||
	    full_excess - b->missing_excess < cost)
		return POLICER_VIOLATE;
	b->missing_excess += cost;
	return POLICER_EXCEED;
}

struct policer_table *
policer_table_new(void)
{
	return calloc(1, sizeof(struct policer_table));
}

void
policer_table_free(struct policer_table **table)
{
	if (*table == NULL)
		return;
	free((*table)->row);
	free(*table);
	*table = NULL;
}

int
policer_set(struct policer_table *table, uint32_t id,
	    const struct policer *policer)
{
	if (id == 0 || id > POLICER_ID_MAX || policer->rate_kbps == 0 ||
	    policer->rate_kbps > POLICER_RATE_MAX || policer->burst == 0)
		return -EINVAL;
	for (unsigned i = 0; i < POLICER_COLOURS; i++) {
		if (policer->action[i] > POLICER_MARK || policer->dscp[i] > 63)
			return -EINVAL;
	}
	if (id >= table->count) {
		struct policer_row *row =
		    rows_grow(table->row, &table->count, id, sizeof(*row));

		if (row == NULL)
			return -ENOMEM;
		table->row = row;
	}
	table->row[id] = (struct policer_row){true, *policer};
	return 0;
}

void
policer_delete(struct policer_table *table, uint32_t id)
{
	if (id < table->count)
		memset(&table->row[id], 0, sizeof(table->row[id]));
}

const struct policer *
policer_get(const struct policer_table *table, uint32_t id)
{
	return id < table->count && table->row[id].there
		   ? &table->row[id].policer
		   : NULL;
}
