/*
 * What travels: a packet is a descriptor (struct pkt, one cache line, held by
 * value in vectors) and the octets it points at, which rest in a buffer of a
 * pool. Stages pass descriptors on and change octets in place; only
 * backplane/ knows whether the octets travel with the descriptor (by value) or
 * stay where they are (by reference).
 *
 * Ownership: whoever holds the descriptor owns the buffer, until it hands the
 * descriptor to a link or gives the buffer back with pkt_free().
 */
#ifndef PKT_H
#define PKT_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A buffer holds a jumbo frame (9,216 octets and an Ethernet header with two
 * tags) between headroom for outer headers (Ethernet 18, IPv6 40, UDP 8, ESP 8,
 * IV 16) and tailroom for ESP padding and ICV. 151 cache lines: an odd number,
 * so that headers of consecutive buffers fall into different cache sets.
 */
#define PKT_HEADROOM 128
#define PKT_TAILROOM 298
#define PKT_OCTETS_MAX (9216 + 22)
#define PKT_BUF_OCTETS 9664

static_assert(PKT_HEADROOM + PKT_OCTETS_MAX + PKT_TAILROOM == PKT_BUF_OCTETS,
	      "a buffer is headroom, the largest frame and tailroom");

#define PKT_POOLS_MAX 128

enum pkt_flag {
	PKT_F_PROTECT = 1 << 0, /* a route or policy chose a tunnel */
	PKT_F_SEALED = 1 << 1,  /* an ASP sealed it since */
	PKT_F_LOOPED = 1 << 2,  /* came back from the ePPA of its card */
	PKT_F_OPENED = 1 << 3,  /* opened by an ASP, not looked up yet */
	PKT_F_ECONOMICAL = 1
			   << 4, /* the tunnel it goes through is economical */
	PKT_F_PIECE = 1 << 5,    /* fragment whose fate its last piece tells */
	PKT_F_NEIGHBOR = 1 << 6  /* ARP or discovery, for our own ePPA */
};

struct pkt {
	uint64_t time_ns;     /* capture time of the packet that caused it */
	uint64_t order_ns;    /* the port's clock at its arrival: never back */
	uint32_t index;       /* arrival number at its port */
	uint32_t round;       /* the round it was admitted in; 0: live */
	uint32_t buf;         /* buffer number in its pool */
	uint32_t circuit_in;  /* circuit handle (index), 0: none */
	uint32_t circuit_out; /* chosen circuit, 0: none yet */
	uint32_t handle;   /* adjacency at an ePPA, tunnel circuit at an ASP */
	uint16_t off;      /* first octet of the packet in its buffer */
	uint16_t len;      /* octets of the packet from off */
	uint16_t flags;    /* enum pkt_flag */
	uint16_t in_stage; /* the iPPA (or xcrp) that admitted it */
	uint8_t in_port;
	uint8_t pool;
	uint8_t hop;  /* stages visited, for the order of a journey */
	uint8_t l2;   /* octets of link header at off, 0 from iPPA on */
	uint16_t mtu; /* of a drop mtu-exceeded, 0: circuit_out's */
	uint8_t unused[2];
	uint32_t trace; /* journey (pkt_journey.h), 0: not traced */
	uint8_t unused2[4];
};

static_assert(sizeof(struct pkt) == 64, "a descriptor is one cache line");

/* Memory of every pool that this process can reach, by pool number. */
struct pkt_mem {
	uint8_t *base[PKT_POOLS_MAX];
	uint32_t count[PKT_POOLS_MAX];
};

static inline uint8_t *
pkt_buf(const struct pkt_mem *mem, const struct pkt *p)
{
	return mem->base[p->pool] + (uint64_t)p->buf * PKT_BUF_OCTETS;
}

static inline uint8_t *
pkt_data(const struct pkt_mem *mem, const struct pkt *p)
{
	return pkt_buf(mem, p) + p->off;
}

static inline unsigned
pkt_headroom(const struct pkt *p)
{
	return p->off;
}

static inline unsigned
pkt_tailroom(const struct pkt *p)
{
	return (unsigned)PKT_BUF_OCTETS - p->off - p->len;
}

/* 1: the extent lies inside the buffer and the buffer inside a known pool. */
static inline bool
pkt_extent_valid(const struct pkt_mem *mem, const struct pkt *p)
{
	return p->pool < PKT_POOLS_MAX && p->buf < mem->count[p->pool] &&
	       p->off <= PKT_BUF_OCTETS &&
	       (unsigned)p->len <= (unsigned)PKT_BUF_OCTETS - p->off;
}

/*
 * A pool of buffers: memory from a provider (heap in tests, shared memory from
 * backplane/), and a free list, last in first out, so that buffers never used
 * cost no memory. One process takes and gives back; no locks.
 */
struct pkt_pool {
	uint32_t *free;
	uint32_t nfree;
	uint32_t count;
	uint8_t number; /* index in struct pkt_mem */
};

/* -ENOMEM. mem->base[number] is set by the caller, who owns that memory. */
int pkt_pool_init(struct pkt_pool *pool, uint8_t number, uint32_t count);
void pkt_pool_fini(struct pkt_pool *pool);

/* False when the pool is empty. Sets pool, buf, off (headroom) and len 0. */
static inline bool
pkt_alloc(struct pkt_pool *pool, struct pkt *p)
{
	if (pool->nfree == 0)
		return false;
	p->pool = pool->number;
	p->buf = pool->free[--pool->nfree];
	p->off = PKT_HEADROOM;
	p->len = 0;
	return true;
}

/* The buffer's number must be one that pkt_alloc() gave. */
static inline void
pkt_free(struct pkt_pool *pool, const struct pkt *p)
{
	assert(pool->nfree < pool->count && p->pool == pool->number);
	pool->free[pool->nfree++] = p->buf;
}

/*
 * Order of arrival, for a stage that merges its inputs: by the port's clock,
 * then by port, then by number. Compare order_ns first, then this.
 */
static inline uint64_t
pkt_order_tie(const struct pkt *p)
{
	return (uint64_t)p->in_stage << 48 | (uint64_t)p->in_port << 40 |
	       p->index;
}

#endif
