/*
 * Access lists: which row of an ordered list is the first that a packet fits.
 * A list is compiled once and never changes; a changed list is another one, so
 * no packet meets half of each. What follows from the answer is the caller's.
 */
#ifndef ACL_H
#define ACL_H

#include <stdbool.h>
#include <stdint.h>

#include "ip_flow.h"

#define ACL_ROWS_MAX 4096

/* What a row asks for beyond its two addresses. */
enum acl_asks {
	ACL_PROTOCOL = 1 << 0,
	ACL_TOS = 1 << 1,         /* (tos & tos_mask) == row's tos */
	ACL_SRC_PORT = 1 << 2,    /* src_low .. src_high */
	ACL_DST_PORT = 1 << 3,    /* dst_low .. dst_high */
	ACL_SRC_NOT = 1 << 4,     /* outside of them */
	ACL_DST_NOT = 1 << 5,     /* outside of them */
	ACL_TYPE = 1 << 6,        /* ICMP or ICMPv6 type */
	ACL_CODE = 1 << 7,        /* and code */
	ACL_ESTABLISHED = 1 << 8, /* TCP with ACK or RST */
	ACL_FRAGMENTS = 1 << 9    /* fragments but the first */
};

/*
 * A row. A bit set in a wildcard is one that need not agree. What a packet does
 * not show (ip_flow.h: ports of a later fragment, say) fits no row that asks
 * for it, neither one that permits nor one that denies.
 */
struct acl_row {
	uint32_t seq;     /* rows are tried in this order */
	uint32_t counter; /* of hits, 0: none */
	uint16_t asks;    /* enum acl_asks */
	bool permit;
	uint8_t protocol;
	uint8_t tos;
	uint8_t tos_mask;
	uint8_t type;
	uint8_t code;
	uint16_t src_low, src_high;
	uint16_t dst_low, dst_high;
	uint8_t src[16]; /* wire order; IPv4: the first four */
	uint8_t src_wild[16];
	uint8_t dst[16];
	uint8_t dst_wild[16];
};

struct acl;

/*
 * Compiles n rows, at most ACL_ROWS_MAX, in order of seq; copies them. family:
 * 4 or 6. -EINVAL: too many, or no such family; -ENOMEM.
 */
int acl_new(struct acl **acl, unsigned family, const struct acl_row *rows,
	    unsigned n);
/* Accepts NULL, leaves NULL. */
void acl_free(struct acl **acl);

/*
 * The first row that the packet fits; NULL: none does (an access list ends by
 * denying that). flow is of the list's family. Borrowed as the list is.
 */
const struct acl_row *acl_match(const struct acl *acl,
				const struct ip_flow *flow);

/* Lists by id, as rows come and go. */
struct acl_set;

struct acl_set *acl_set_new(void);
void acl_set_free(struct acl_set **set);
/*
 * Rows act at acl_set_apply(). The row with the same seq is replaced. -EINVAL:
 * id 0 or above 2^24 - 1, another family than the list's other rows, or too
 * many rows; -ENOMEM.
 */
int acl_set_row(struct acl_set *set, uint32_t id, unsigned family,
		const struct acl_row *row);
void acl_set_delete(struct acl_set *set, uint32_t id, uint32_t seq);
/* Compiles what changed. -ENOMEM: those lists are as if they had no row. */
int acl_set_apply(struct acl_set *set);
/* NULL: it has no row. Borrowed until the next acl_set_apply(). */
const struct acl *acl_set_get(const struct acl_set *set, uint32_t id);

#endif
