/*
 * The security policy database (RFC 4301 section 4.4.1): ordered entries, each
 * a selector set and what becomes of what it describes. The first entry that
 * matches decides; where several selector sets share one policy they are
 * several entries. Decorrelation (appendix B of the RFC) is not needed, for
 * every packet is held against the ordered entries: nothing is cached.
 *
 * A struct spd is one such list, compiled for search. A struct spd_set is all
 * lists that a processor keeps, by number, and which circuit is bound to which.
 * It holds no keys and no SAs and needs no crypto, so a line card can have it.
 *
 *	const struct spd *spd = spd_set_of(set, circuit);
 *	const struct spd_rule *rule;
 *
 *	if (spd != NULL) {
 *		rule = spd_match(spd, SPD_OUT, &flow);
 *		... rule == NULL: no entry, discard (RFC 4301 section 5.1) ...
 *	}
 *
 * Matching allocates nothing. One thread.
 */
#ifndef SPD_H
#define SPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ip_addr.h"
#include "ip_flow.h"

/* Local and remote are the ends of the protected traffic: outbound the source
 * is local, inbound the destination (RFC 4301 section 4.4.1). */
enum spd_direction { SPD_OUT, SPD_IN };

enum spd_action { SPD_PROTECT = 1, SPD_BYPASS = 2, SPD_DISCARD = 3 };

/*
 * Everything that is no address, as a range of numbers. A value that a packet
 * does not show is one number above all that it could show, so ANY, which
 * covers OPAQUE (RFC 4301 section 4.4.1.1), is the whole range, and OPAQUE the
 * range of that one number.
 */
enum spd_field {
	SPD_PROTOCOL,
	SPD_LOCAL_PORT,
	SPD_REMOTE_PORT,
	SPD_TYPE, /* of ICMP: type << 8 | code; Mobility Header: type << 8 */
	SPD_DSCP, /* never opaque */
	SPD_FIELDS
};

#define SPD_PROTOCOL_OPAQUE 256
#define SPD_PORT_OPAQUE 65536
#define SPD_TYPE_OPAQUE 65536

struct spd_range {
	uint32_t first;
	uint32_t last;
};

struct spd_selector {
	uint8_t family; /* 4, 6; 0: either, and addresses are any */
	/*
	 * Address ranges, first and last, wire order; of IPv4 the octets behind
	 * the fourth are 0 in the first and 0xff in the last.
	 */
	uint8_t local[2][16];
	uint8_t remote[2][16];
	struct spd_range range[SPD_FIELDS];
};

struct spd_rule {
	uint64_t order;   /* lower comes first; ties by id */
	uint32_t id;      /* unique in a set: index of its counter */
	uint32_t circuit; /* SPD_PROTECT: of the tunnel */
	uint8_t action;   /* enum spd_action */
	struct spd_selector selector;
};

/* The greatest number of each field, OPAQUE where there is one. */
uint32_t spd_field_max(enum spd_field field);

/* Everything, of either family. */
void spd_selector_any(struct spd_selector *s);

/* An end (the local range or the remote one) as all addresses from first to
 * last, or as a prefix. Both ends must be of one family. -EINVAL: first and
 * last of two families, last before first, or the other end is of another
 * family. */
int spd_selector_local(struct spd_selector *s, const struct ip_addr *first,
		       const struct ip_addr *last);
int spd_selector_remote(struct spd_selector *s, const struct ip_addr *first,
			const struct ip_addr *last);
struct ip_addr spd_prefix_last(const struct ip_addr *prefix, unsigned len);

/* False: a range is empty or exceeds its field, or the family is none. */
bool spd_selector_valid(const struct spd_selector *s);

/* Whether some packet belongs to both; whether all of b belong to a; whether
 * the same packets belong to both. */
bool spd_selector_overlaps(const struct spd_selector *a,
			   const struct spd_selector *b);
bool spd_selector_covers(const struct spd_selector *a,
			 const struct spd_selector *b);
bool spd_selector_equal(const struct spd_selector *a,
			const struct spd_selector *b);

struct spd;

/*
 * Compiles n rules, in any order; they are copied. -EINVAL: a selector that is
 * not valid, or an action that is none; -ENOMEM. The caller owns *spd until
 * spd_free().
 */
int spd_new(struct spd **spd, const struct spd_rule *rules, unsigned n);
void spd_free(struct spd **spd);

/* The first entry that the packet belongs to, NULL: none. Borrowed. */
const struct spd_rule *spd_match(const struct spd *spd, enum spd_direction dir,
				 const struct ip_flow *flow);

/*
 * The same for the packet that flow was read from: where no entry describes an
 * ICMP error, the one that describes the return traffic of the packet that it
 * quotes decides (RFC 4301 section 6.2). NULL: none. Borrowed.
 */
const struct spd_rule *spd_match_packet(const struct spd *spd,
					enum spd_direction dir,
					const struct ip_flow *flow,
					const uint8_t *ip, unsigned octets);
/* Only the latter; NULL of what is no ICMP error. */
const struct spd_rule *spd_match_quoted(const struct spd *spd,
					enum spd_direction dir,
					const struct ip_flow *flow,
					const uint8_t *ip, unsigned octets);

/* Octets that the compiled form takes: for tests and measurements. */
size_t spd_octets(const struct spd *spd);

#endif
