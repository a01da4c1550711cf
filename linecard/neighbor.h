/*
 * Neighbors of the card's circuits: whose link address an IP address has, how
 * it was learnt, and the packets that wait for it (RFC 826, RFC 4861 section
 * 7). Pure: time comes in, solicitations and released packets go out through
 * functions of the caller; ARP and neighbor discovery differ in arp.h and nd.h.
 *
 * An entry is incomplete (asked for; packets wait), resolved, or probed (in
 * use, and asked again, for its time is over). It is asked for three times, a
 * second apart; then it goes, and what waits ends as unresolved-neighbor. A
 * static entry always wins and never ages.
 */
#ifndef NEIGHBOR_H
#define NEIGHBOR_H

#include <stdbool.h>
#include <stddef.h>

#include "ip_addr.h"
#include "pkt.h"
#include "pkt_fate.h"

#define NEIGHBOR_NO_TIME UINT64_MAX
#define NEIGHBOR_TRIES 3
#define NEIGHBOR_ENTRIES_MAX 65536 /* learnt ones; a scan ends here */

enum neighbor_state {
	NEIGHBOR_INCOMPLETE = 1,
	NEIGHBOR_RESOLVED,
	NEIGHBOR_PROBED,
	NEIGHBOR_STATIC
};

struct neighbor_ops {
	/* Ask who has target; mac: only this station, NULL: everybody. */
	void (*solicit)(void *arg, uint32_t circuit,
			const struct ip_addr *target, const uint8_t *mac);
	/* p waits no more and is the callee's: PKT_GO, its next hop is
	 * resolved; or a drop. */
	void (*release)(void *arg, const struct pkt *p, enum pkt_fate fate);
};

struct neighbor_table;

/* packets: that may wait, over all entries. NULL without memory. */
struct neighbor_table *neighbor_new(const struct neighbor_ops *ops, void *arg,
				    unsigned packets);
/* What still waits is forgotten, not released. */
void neighbor_free(struct neighbor_table **table);

/* Own addresses: they are answered for. -ENOMEM. */
int neighbor_own_set(struct neighbor_table *table, uint32_t circuit,
		     const struct ip_addr *addr);
void neighbor_own_delete(struct neighbor_table *table, uint32_t circuit,
			 const struct ip_addr *addr);
bool neighbor_is_own(const struct neighbor_table *table, uint32_t circuit,
		     const struct ip_addr *addr);
/*
 * The own address of the circuit that shares most leading bits with addr, of
 * its family. False: there is none.
 */
bool neighbor_own_near(const struct neighbor_table *table, uint32_t circuit,
		       const struct ip_addr *addr, struct ip_addr *own);

/* -ENOMEM. */
int neighbor_static_set(struct neighbor_table *table, uint32_t circuit,
			const struct ip_addr *addr, const uint8_t mac[6]);
void neighbor_static_delete(struct neighbor_table *table, uint32_t circuit,
			    const struct ip_addr *addr);

/* No entries at all: nobody need be asked for. */
bool neighbor_is_empty(const struct neighbor_table *table);

/* NULL: not known. Borrowed until the next call. An old entry is asked again.
 */
const uint8_t *neighbor_find(struct neighbor_table *table, uint32_t circuit,
			     const struct ip_addr *addr, uint64_t now_ns);

/*
 * p, whose next hop neighbor_find() does not know, waits: the table's from then
 * on. Where too many wait, the oldest of all is released. PKT_GO: it waits;
 * PKT_DROP_NO_BUFFER: there is no memory to, or no room for more entries.
 */
enum pkt_fate neighbor_wait(struct neighbor_table *table, uint32_t circuit,
			    const struct ip_addr *addr, uint64_t now_ns,
			    const struct pkt *p);

/*
 * A station said that it has addr. create: also where nobody asked (it spoke to
 * us). life_ns: how long to believe it; what waits is released.
 */
void neighbor_learn(struct neighbor_table *table, uint32_t circuit,
		    const struct ip_addr *addr, const uint8_t mac[6],
		    bool create, uint64_t now_ns, uint64_t life_ns);

/* Retries and ends what is due. */
void neighbor_expire(struct neighbor_table *table, uint64_t now_ns);
/* When neighbor_expire() has something to do; NEIGHBOR_NO_TIME: never. */
uint64_t neighbor_next_ns(const struct neighbor_table *table);

/* Forgets what was learnt: of a circuit, or of all (0). */
void neighbor_clear(struct neighbor_table *table, uint32_t circuit);

struct neighbor_row {
	uint32_t circuit;
	struct ip_addr addr;
	uint8_t mac[6];
	enum neighbor_state state;
	uint64_t left_ns; /* until it is asked again; static: NO_TIME */
};

/* The i-th entry, in no order; false from the end on. */
bool neighbor_row(const struct neighbor_table *table, size_t i, uint64_t now_ns,
		  struct neighbor_row *row);

#endif
