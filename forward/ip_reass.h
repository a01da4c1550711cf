/*
 * Joining fragments that are for the router itself: before ESP or AH is led to
 * its ASP (RFC 4303 section 3.4.1), and before the controller gets a packet.
 * Fragments are copied into memory of the reassembler's own, so their buffers
 * and rounds are free at once; that memory is bounded, the oldest datagram
 * gives way to a new one.
 *
 * A datagram of which two fragments overlap is given up as a whole, and what
 * still comes of it (RFC 5722; here for IPv4 too). The same fragment once more
 * is no overlap, and is dropped alone (RFC 8200 section 4.5 allows it).
 */
#ifndef IP_REASS_H
#define IP_REASS_H

#include <stdint.h>

#include "pkt_fate.h"

#define IP_REASS_DATAGRAMS 256
#define IP_REASS_FRAGMENTS 128            /* of one datagram */
#define IP_REASS_OCTETS 9216              /* longest packet made */
#define IP_REASS_NS UINT64_C(60000000000) /* RFC 8200 section 4.5 */

struct ip_reass;

/*
 * Called with how many fragments that were held have met their fate: it was a
 * drop after all.
 */
typedef void ip_reass_drop_fn(void *arg, unsigned fragments,
			      enum pkt_fate fate);

/* NULL without memory; datagrams take theirs when they begin. */
struct ip_reass *ip_reass_new(ip_reass_drop_fn *drop, void *arg);
void ip_reass_free(struct ip_reass **reass);

/*
 * Takes a fragment: a packet that ip_parse() reads and calls a fragment, of a
 * context. Returns PKT_ABSORBED, when it is held; PKT_GO, when it was the last
 * that was missing: the whole packet, IP_REASS_OCTETS at most, stands where the
 * fragment stood and *octets says how long it is; or the drop that it is
 * itself. room: octets that may be written at at.
 */
enum pkt_fate ip_reass_take(struct ip_reass *reass, uint64_t now_ns,
			    uint32_t context, uint8_t *at, unsigned room,
			    unsigned *octets);

/* Gives up what has waited too long; UINT64_MAX: everything. */
void ip_reass_expire(struct ip_reass *reass, uint64_t now_ns);

#endif
