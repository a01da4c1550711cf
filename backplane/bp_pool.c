/*
 * Pools of packet buffers, private or shared. Mappings are not reserved, so
 * that what admission never lets in costs no memory. Called by bp_link.c and
 * bp_pools.c, and by the chassis to make the memory; it decides where packets
 * rest, who answers for them and how they come home, and nothing else.
 *
 * What lies in shared memory is read as a stranger's: indices are masked,
 * numbers compared, sizes taken from what the controller said and never from
 * the memory itself. A mad card can lose or mix up packets, not make anybody
 * touch memory that is no packet's.
 */
#include "bp_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stage.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
#define PAGE_OCTETS ((size_t)4096)
#define BUFFERS_MAX (UINT32_C(1) << 24)

static_assert(STAGE_ID_MAX <= 0x7f, "a stage fits beside the process bit");

/* Free-running counts of buffers; each end has a cache line of its own. */
struct bp_pool_ring {
	_Alignas(64) _Atomic uint32_t head; /* put by the returner */
	_Alignas(64) _Atomic uint32_t tail; /* taken by the owner */
};

struct layout {
	uint32_t ring_slots;
	size_t holder; /* offsets */
	size_t slots;
	size_t base;
	size_t octets;
};

static size_t
page_up(size_t n)
{
	return (n + PAGE_OCTETS - 1) & ~(PAGE_OCTETS - 1);
}

static struct layout
layout_of(uint32_t count)
{
	struct layout at = {.ring_slots = 1};

	while (at.ring_slots < count)
		at.ring_slots *= 2;
	at.holder = page_up(STAGE_ID_MAX * sizeof(struct bp_pool_ring));
	at.slots = at.holder + page_up(count * sizeof(uint64_t));
	at.base = at.slots + page_up((size_t)STAGE_ID_MAX * at.ring_slots *
				     sizeof(uint32_t));
	at.octets = at.base + page_up((size_t)count * PKT_BUF_OCTETS);
	return at;
}

int
bp_pool_init(struct bp_pool *pool, uint8_t number, uint32_t buffers)
{
	size_t octets = (size_t)buffers * PKT_BUF_OCTETS;
	void *base;
	int error;

	*pool = (struct bp_pool){.number = number};
	if (buffers == 0 || number >= PKT_POOLS_MAX)
		return -EINVAL;
	error = pkt_pool_init(&pool->pool, number, buffers);
	if (error != 0)
		return error;
	base = mmap(NULL, octets, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED) {
		pkt_pool_fini(&pool->pool);
		return -ENOMEM;
	}
	pool->base = pool->map = base;
	pool->octets = octets;
	pool->count = buffers;
	return 0;
}

int
bp_pool_make(uint32_t buffers, int *fd)
{
	int file;

	if (buffers == 0 || buffers > BUFFERS_MAX)
		return -EINVAL;
	file = memfd_create("sesim-pool", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (file < 0)
		return -errno;
	if (ftruncate(file, (off_t)layout_of(buffers).octets) != 0 ||
	    fcntl(file, F_ADD_SEALS, SEALS) != 0) {
		int error = -errno;

		(void)close(file);
		return error;
	}
	*fd = file;
	return 0;
}

/* Adds a buffer that is at home to the free list; false: it was there. */
static bool
take_home(struct bp_pool *pool, uint32_t buf)
{
	if (atomic_load_explicit(&pool->holder[buf], memory_order_relaxed) ==
		BP_HOME ||
	    pool->pool.nfree >= pool->pool.count)
		return false;
	bp_pool_hold(pool, buf, BP_HOME);
	pool->pool.free[pool->pool.nfree++] = buf;
	return true;
}

/* One ring; what its head claims beyond its places is not believed. */
static uint32_t
ring_collect(struct bp_pool *pool, uint16_t stage)
{
	struct bp_pool_ring *ring = &pool->rings[stage];
	const uint32_t *slots = pool->slots + (size_t)stage * pool->ring_slots;
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
	uint32_t got = 0;

	if (head == tail)
		return 0;
	if (head - tail > pool->ring_slots)
		tail = head - pool->ring_slots;
	for (; tail != head; tail++) {
		uint32_t buf = slots[tail & (pool->ring_slots - 1)];

		if (buf < pool->count && take_home(pool, buf))
			got++;
	}
	atomic_store_explicit(&ring->tail, tail, memory_order_relaxed);
	return got;
}

uint32_t
bp_pool_collect(struct bp_pool *pool)
{
	uint32_t got = 0;

	for (uint16_t i = 0; pool->rings != NULL && i < STAGE_ID_MAX; i++)
		got += ring_collect(pool, i);
	return got;
}

void
bp_pool_publish(struct bp_pool *pool)
{
	if (!pool->unpublished)
		return;
	atomic_store_explicit(&pool->rings[pool->stage].head, pool->put,
			      memory_order_release);
	pool->unpublished = false;
}

bool
bp_holder_is_gone(uint64_t word, uint16_t stage, uint32_t epoch)
{
	uint16_t from = word >> 48 & 0xff;
	uint16_t to = word >> 56 & 0x7f;
	uint32_t from_epoch = word & UINT32_C(0xffffff);
	uint32_t to_epoch = word >> 24 & UINT32_C(0xffffff);

	if (word == BP_HOME)
		return false;
	if (from == stage && from_epoch <= epoch)
		return true;
	return word >> 63 == 0 && to == stage && to_epoch <= epoch;
}

uint32_t
bp_pool_reclaim(struct bp_pool *pool, uint16_t stage, uint32_t epoch)
{
	uint32_t got = 0;

	if (pool->holder == NULL)
		return 0;
	(void)bp_pool_collect(pool);
	for (uint32_t i = 0; i < pool->count; i++) {
		uint64_t word = atomic_load_explicit(&pool->holder[i],
						     memory_order_relaxed);

		if (bp_holder_is_gone(word, stage, epoch) && take_home(pool, i))
			got++;
	}
	return got;
}

uint32_t
bp_pool_away(const struct bp_pool *pool)
{
	uint32_t away = 0;

	for (uint32_t i = 0; pool->holder != NULL && i < pool->count; i++)
		away += atomic_load_explicit(&pool->holder[i],
					     memory_order_relaxed) != BP_HOME;
	return away;
}

/*
 * The owner's free list: what is at home by the words, lowest number on top.
 * The rings come first: a predecessor may have died between taking a number out
 * and saying so, and an old number must not meet a buffer that is out again.
 */
static int
own(struct bp_pool *pool)
{
	int error = pkt_pool_init(&pool->pool, pool->number, pool->count);

	if (error != 0)
		return error;
	pool->pool.nfree = 0;
	(void)bp_pool_collect(pool);
	pool->pool.nfree = 0;
	for (uint32_t i = pool->count; i-- > 0;) {
		if (atomic_load_explicit(&pool->holder[i],
					 memory_order_relaxed) == BP_HOME)
			pool->pool.free[pool->pool.nfree++] = i;
	}
	return 0;
}

static bool
memory_fits(int fd, size_t octets)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size == (off_t)octets &&
	       (fcntl(fd, F_GET_SEALS) & SEALS) == SEALS;
}

int
bp_pool_map(struct bp_pool *pool, uint8_t number, uint32_t buffers, int fd,
	    uint16_t stage)
{
	struct layout at = layout_of(buffers);
	uint8_t *map;
	int error;

	*pool = (struct bp_pool){0};
	if (buffers == 0 || buffers > BUFFERS_MAX || number >= PKT_POOLS_MAX ||
	    stage >= STAGE_ID_MAX || !memory_fits(fd, at.octets))
		return -EINVAL;
	map = mmap(NULL, at.octets, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	*pool = (struct bp_pool){
	    .base = map + at.base,
	    .map = map,
	    .octets = at.octets,
	    .count = buffers,
	    .number = number,
	    .holder = (void *)(map + at.holder),
	    .rings = (void *)map,
	    .slots = (void *)(map + at.slots),
	    .ring_slots = at.ring_slots,
	    .stage = stage,
	};
	pool->mine = pool->slots + (size_t)stage * pool->ring_slots;
	/* Where the last process of this stage left off. */
	pool->put = atomic_load_explicit(&pool->rings[stage].head,
					 memory_order_relaxed);
	error = stage == number ? own(pool) : 0;
	if (error != 0)
		bp_pool_fini(pool);
	return error;
}

void
bp_pool_fini(struct bp_pool *pool)
{
	if (pool->map != NULL)
		(void)munmap(pool->map, pool->octets);
	pkt_pool_fini(&pool->pool);
	*pool = (struct bp_pool){0};
}

void
bp_pool_show(const struct bp_pool *pool, struct pkt_mem *mem)
{
	mem->base[pool->number] = pool->base;
	mem->count[pool->number] = pool->count;
}
