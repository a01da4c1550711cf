/*
 * The classifier. For every octet of a packet's key (addresses, protocol, TOS,
 * ICMP type and code, and one octet that says what the packet shows) there is a
 * table of 256 bit strings: which rows agree with that value of that octet. The
 * two ports have a string for each stretch between the numbers that rows name.
 * The AND of the strings of a packet has a bit for each row that it fits; the
 * first one set is the answer. So any wildcard costs the same, a list of 64
 * rows costs one word, and one of 1,000 at most sixteen, less where an early
 * row fits. Octets that no row asks for have no table.
 *
 * Lakshman and Stiliadis, "High-speed policy-based packet forwarding using
 * efficient multi-dimensional range matching" (SIGCOMM 1998), describe the
 * principle; octets in the place of whole fields are for wildcards that are no
 * prefixes.
 */
#include "acl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the parts of a key lie. */
enum {
	KEY_SRC = 0,
	KEY_DST = 16,
	KEY_PROTOCOL = 32,
	KEY_TOS,
	KEY_TYPE,
	KEY_CODE,
	KEY_SHOWS,
	KEY_OCTETS
};

/* What a packet shows, in the octet KEY_SHOWS. */
enum {
	SHOWS_PORTS = 1 << 0,
	SHOWS_TYPE = 1 << 1,
	SHOWS_ESTABLISHED = 1 << 2,
	SHOWS_LATER = 1 << 3,
	SHOWS_PROTOCOL = 1 << 4
};

#define TCP_RST 0x04
#define TCP_ACK 0x10

struct ports {
	uint16_t *edge; /* sorted; stretch i begins at edge[i] */
	unsigned n;     /* 0: no row asks for this port */
	uint64_t *bits; /* a string for each stretch */
};

struct acl {
	unsigned family;
	unsigned n;
	unsigned words; /* of a string */
	unsigned octets;
	uint8_t at[KEY_OCTETS]; /* which octets have a table */
	uint64_t *bits;         /* octets x 256 strings */
	struct ports src, dst;
	struct acl_row row[];
};

/* --- compiling ------------------------------------------------------------ */

static uint8_t
shows_needed(const struct acl_row *row)
{
	return (uint8_t)((row->asks & (ACL_SRC_PORT | ACL_DST_PORT)
			      ? SHOWS_PORTS
			      : 0) |
			 (row->asks & (ACL_TYPE | ACL_CODE) ? SHOWS_TYPE : 0) |
			 (row->asks & ACL_ESTABLISHED ? SHOWS_ESTABLISHED : 0) |
			 (row->asks & ACL_FRAGMENTS ? SHOWS_LATER : 0) |
			 (row->asks & ACL_PROTOCOL ? SHOWS_PROTOCOL : 0));
}

/* The bits of a key's octet that the row asks for, and their value. */
static uint8_t
octet_asked(const struct acl_row *row, unsigned at, uint8_t *value)
{
	*value = 0;
	if (at < KEY_DST) {
		*value = row->src[at];
		return (uint8_t)~row->src_wild[at];
	}
	if (at < KEY_PROTOCOL) {
		*value = row->dst[at - KEY_DST];
		return (uint8_t)~row->dst_wild[at - KEY_DST];
	}
	switch (at) {
	case KEY_PROTOCOL:
		*value = row->protocol;
		return row->asks & ACL_PROTOCOL ? 0xff : 0;
	case KEY_TOS:
		*value = row->tos;
		return row->asks & ACL_TOS ? row->tos_mask : 0;
	case KEY_TYPE:
		*value = row->type;
		return row->asks & ACL_TYPE ? 0xff : 0;
	case KEY_CODE:
		*value = row->code;
		return row->asks & ACL_CODE ? 0xff : 0;
	default:
		*value = shows_needed(row);
		return *value;
	}
}

/* Whether octet `at` exists in the family and some row asks for it. */
static bool
octet_used(const struct acl *acl, unsigned at)
{
	uint8_t value;

	if (acl->family == 4 && at < KEY_PROTOCOL && at % KEY_DST >= 4)
		return false;
	for (unsigned i = 0; i < acl->n; i++) {
		if (octet_asked(&acl->row[i], at, &value) != 0)
			return true;
	}
	return false;
}

static void
octet_fill(const struct acl *acl, unsigned at, uint64_t *table)
{
	for (unsigned i = 0; i < acl->n; i++) {
		uint8_t value;
		uint8_t mask = octet_asked(&acl->row[i], at, &value);

		for (unsigned v = 0; v < 256; v++) {
			if (((v ^ value) & mask) == 0)
				table[v * acl->words + i / 64] |= UINT64_C(1)
								  << (i % 64);
		}
	}
}

static int
octets_compile(struct acl *acl)
{
	size_t table = (size_t)256 * acl->words;

	for (unsigned at = 0; at < KEY_OCTETS; at++) {
		if (octet_used(acl, at))
			acl->at[acl->octets++] = (uint8_t)at;
	}
	acl->bits = calloc(acl->octets * table + 1, sizeof(*acl->bits));
	if (acl->bits == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < acl->octets; i++)
		octet_fill(acl, acl->at[i], acl->bits + i * table);
	return 0;
}

/* What a row says of one of its ports. */
struct span {
	bool asked;
	bool outside;
	unsigned low, high;
};

static struct span
span_of(const struct acl_row *row, bool src)
{
	if (src)
		return (struct span){(row->asks & ACL_SRC_PORT) != 0,
				     (row->asks & ACL_SRC_NOT) != 0,
				     row->src_low, row->src_high};
	return (struct span){(row->asks & ACL_DST_PORT) != 0,
			     (row->asks & ACL_DST_NOT) != 0, row->dst_low,
			     row->dst_high};
}

static int
edge_compare(const void *a, const void *b)
{
	const uint16_t *x = a;
	const uint16_t *y = b;

	return (int)*x - (int)*y;
}

/* Where stretches begin: 0, and around every number that a row names. */
static int
edges_collect(const struct acl *acl, struct ports *p, bool src)
{
	unsigned n = 1;
	unsigned kept = 0;

	p->edge = calloc(2 * (size_t)acl->n + 1, sizeof(*p->edge));
	if (p->edge == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < acl->n; i++) {
		struct span s = span_of(&acl->row[i], src);

		if (!s.asked)
			continue;
		p->edge[n++] = (uint16_t)s.low;
		if (s.high < UINT16_MAX)
			p->edge[n++] = (uint16_t)(s.high + 1);
	}
	qsort(p->edge, n, sizeof(*p->edge), edge_compare);
	for (unsigned i = 0; i < n; i++) {
		if (i == 0 || p->edge[i] != p->edge[kept - 1])
			p->edge[kept++] = p->edge[i];
	}
	p->n = n == 1 ? 0 : kept;
	return 0;
}

static int
ports_compile(const struct acl *acl, struct ports *p, bool src)
{
	int err = edges_collect(acl, p, src);

	if (err != 0 || p->n == 0)
		return err;
	p->bits = calloc((size_t)p->n * acl->words, sizeof(*p->bits));
	if (p->bits == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < acl->n; i++) {
		struct span s = span_of(&acl->row[i], src);

		for (unsigned k = 0; k < p->n; k++) {
			bool in = p->edge[k] >= s.low && p->edge[k] <= s.high;

			if (!s.asked || in != s.outside)
				p->bits[(size_t)k * acl->words + i / 64] |=
				    UINT64_C(1) << (i % 64);
		}
	}
	return 0;
}

static int
row_compare(const void *a, const void *b)
{
	const struct acl_row *x = a;
	const struct acl_row *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

int
acl_new(struct acl **out, unsigned family, const struct acl_row *rows,
	unsigned n)
{
	struct acl *acl;
	int err;

	if ((family != 4 && family != 6) || n > ACL_ROWS_MAX)
		return -EINVAL;
	acl = calloc(1, sizeof(*acl) + n * sizeof(*rows));
	if (acl == NULL)
		return -ENOMEM;
	acl->family = family;
	acl->n = n;
	acl->words = (n + 63) / 64;
	if (n > 0) {
		memcpy(acl->row, rows, n * sizeof(*rows));
		qsort(acl->row, n, sizeof(*rows), row_compare);
	}
	err = octets_compile(acl);
	if (err == 0)
		err = ports_compile(acl, &acl->src, true);
	if (err == 0)
		err = ports_compile(acl, &acl->dst, false);
	if (err != 0)
		acl_free(&acl);
	else
		*out = acl;
	return err;
}

void
acl_free(struct acl **at)
{
	struct acl *acl = *at;

	if (acl == NULL)
		return;
	free(acl->bits);
	free(acl->src.edge);
	free(acl->src.bits);
	free(acl->dst.edge);
	free(acl->dst.bits);
	free(acl);
	*at = NULL;
}

/* --- matching ------------------------------------------------------------- */

static void
key_make(const struct ip_flow *flow, uint8_t key[KEY_OCTETS])
{
	bool established = (flow->flags & IP_FLOW_TCP_FLAGS) != 0 &&
			   (flow->tcp_flags & (TCP_RST | TCP_ACK)) != 0;

	memcpy(key + KEY_SRC, flow->src, sizeof(flow->src));
	memcpy(key + KEY_DST, flow->dst, sizeof(flow->dst));
	key[KEY_PROTOCOL] = flow->protocol;
	key[KEY_TOS] = flow->tos;
	key[KEY_TYPE] = flow->type;
	key[KEY_CODE] = flow->code;
	key[KEY_SHOWS] =
	    (uint8_t)((flow->flags & IP_FLOW_PORTS ? SHOWS_PORTS : 0) |
		      (flow->flags & IP_FLOW_TYPE ? SHOWS_TYPE : 0) |
		      (established ? SHOWS_ESTABLISHED : 0) |
		      (flow->flags & IP_FLOW_LATER ? SHOWS_LATER : 0) |
		      (flow->flags & IP_FLOW_OPAQUE ? 0 : SHOWS_PROTOCOL));
}

/* The stretch that a port lies in, by halving. */
static const uint64_t *
ports_find(const struct ports *p, unsigned words, uint16_t port)
{
	unsigned first = 0;

	for (unsigned n = p->n; n > 1;) {
		unsigned half = n / 2;

		first = p->edge[first + half] <= port ? first + half : first;
		n -= half;
	}
	return p->bits + (size_t)first * words;
}

const struct acl_row *
acl_match(const struct acl *acl, const struct ip_flow *flow)
{
	const uint64_t *at[KEY_OCTETS + 2];
	uint8_t key[KEY_OCTETS];
	unsigned words = acl->words;
	size_t table = (size_t)256 * words;
	unsigned n = acl->octets;

	key_make(flow, key);
	for (unsigned i = 0; i < n; i++)
		at[i] = acl->bits + i * table + key[acl->at[i]] * words;
	if (acl->src.n != 0)
		at[n++] = ports_find(&acl->src, words, flow->src_port);
	if (acl->dst.n != 0)
		at[n++] = ports_find(&acl->dst, words, flow->dst_port);
	for (unsigned w = 0; w < words; w++) {
		unsigned rest = acl->n - w * 64;
		uint64_t fits =
		    rest >= 64 ? UINT64_MAX : (UINT64_C(1) << rest) - 1;

		for (unsigned i = 0; i < n; i++)
			fits &= at[i][w];
		if (fits != 0)
			return &acl->row[w * 64 +
					 (unsigned)__builtin_ctzll(fits)];
	}
	return NULL;
}
