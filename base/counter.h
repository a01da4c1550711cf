/*
 * Counters that one process writes and others read, often in memory that they
 * share. One writer each, so an addition is a load and a store, no locked
 * instruction; a reader may see a sum one packet old, never a torn one.
 *
 * A table of counters is an X-macro of (ENUMERATOR, "short-name", "sentence"):
 * the enum, the names and the sentences are expanded from it.
 */
#ifndef COUNTER_H
#define COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

struct counter {
	_Atomic uint64_t v;
};

static inline void
counter_add(struct counter *c, uint64_t n)
{
	uint64_t was = atomic_load_explicit(&c->v, memory_order_relaxed);

	atomic_store_explicit(&c->v, was + n, memory_order_relaxed);
}

static inline uint64_t
counter_get(const struct counter *c)
{
	return atomic_load_explicit(&c->v, memory_order_relaxed);
}

static inline void
counter_set(struct counter *c, uint64_t n)
{
	atomic_store_explicit(&c->v, n, memory_order_relaxed);
}

#endif
