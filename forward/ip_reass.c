/*
 * A datagram is a buffer, the ranges of it that have come, and where it ends
 * once the last fragment said so. Datagrams are few and searched one by one;
 * their buffers are kept once taken. Called by the iPPA with fragments for us
 * alone: what is on its way elsewhere is never joined.
 *
 * RFC 791 section 3.2, RFC 815, RFC 8200 section 4.5, RFC 5722 (overlaps), RFC
 * 1858 and 3128 (a first fragment that hides the next header is found out when
 * the whole packet is read).
 */
#include "ip_reass.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ip_cksum.h"
#include "ip_hdr.h"
#include "ip_parse.h"

#define HEADER_MAX 128

struct range {
	uint16_t from;
	uint16_t to; /* behind its last octet */
};

struct key {
	struct ip_addr src;
	struct ip_addr dst;
	uint32_t context;
	uint32_t id;
	uint8_t protocol; /* IPv6: 0 */
};

struct datagram {
	struct key key;
	uint64_t until_ns;          /* 0: the place is free */
	uint8_t *payload;           /* IP_REASS_OCTETS */
	uint8_t header[HEADER_MAX]; /* of the first fragment */
	uint16_t header_octets;     /* 0: it has not come */
	uint16_t next_at;
	uint8_t next; /* what the whole packet's headers lead to */
	bool dead;    /* two overlapped: what comes is dropped */
	uint8_t tos;
	bool congested; /* a fragment was marked */
	uint32_t end;   /* octets of payload, 0: not known */
	uint32_t have;
	unsigned ranges;
	struct range range[IP_REASS_FRAGMENTS];
};

struct ip_reass {
	ip_reass_drop_fn *drop;
	void *arg;
	unsigned used; /* places in use lie below */
	struct datagram at[IP_REASS_DATAGRAMS];
};

/* One fragment, read. */
struct piece {
	struct key key;
	struct ip_parsed ip;
	const uint8_t *payload;
	unsigned from;
	unsigned octets;
	unsigned header;
	uint8_t next;
	bool last;
};

struct ip_reass *
ip_reass_new(ip_reass_drop_fn *drop, void *arg)
{
	struct ip_reass *r = calloc(1, sizeof(*r));

	if (r != NULL) {
		r->drop = drop;
		r->arg = arg;
	}
	return r;
}

void
ip_reass_free(struct ip_reass **reass)
{
	if (*reass == NULL)
		return;
	for (unsigned i = 0; i < IP_REASS_DATAGRAMS; i++)
		free((*reass)->at[i].payload);
	free(*reass);
	*reass = NULL;
}

/* Ends a datagram; the fragments held so far meet that fate. */
static void
give_up(struct ip_reass *r, struct datagram *d, enum pkt_fate fate)
{
	if (d->ranges != 0)
		r->drop(r->arg, d->ranges, fate);
	d->ranges = 0;
	d->until_ns = 0;
}

void
ip_reass_expire(struct ip_reass *r, uint64_t now_ns)
{
	unsigned used = 0;

	for (unsigned i = 0; i < r->used; i++) {
		struct datagram *d = &r->at[i];

		if (d->until_ns != 0 && d->until_ns <= now_ns)
			give_up(r, d, PKT_DROP_REASSEMBLY_TIMEOUT);
		if (d->until_ns != 0)
			used = i + 1;
	}
	r->used = used;
}

static bool
key_equal(const struct key *a, const struct key *b)
{
	return a->id == b->id && a->context == b->context &&
	       a->protocol == b->protocol && ip_addr_equal(&a->src, &b->src) &&
	       ip_addr_equal(&a->dst, &b->dst);
}

/* A free place, else that of the datagram that has waited longest. */
static struct datagram *
place(struct ip_reass *r)
{
	struct datagram *oldest = &r->at[0];

	for (unsigned i = 0; i < IP_REASS_DATAGRAMS; i++) {
		struct datagram *d = &r->at[i];

		if (d->until_ns == 0) {
			if (i >= r->used)
				r->used = i + 1;
			return d;
		}
		if (d->until_ns < oldest->until_ns)
			oldest = d;
	}
	give_up(r, oldest, PKT_DROP_REASSEMBLY_FULL);
	return oldest;
}

static struct datagram *
find(struct ip_reass *r, const struct key *key, uint64_t now_ns)
{
	struct datagram *d;
	uint8_t *payload;

	for (unsigned i = 0; i < r->used; i++) {
		if (r->at[i].until_ns != 0 && key_equal(&r->at[i].key, key))
			return &r->at[i];
	}
	d = place(r);
	payload = d->payload != NULL ? d->payload : malloc(IP_REASS_OCTETS);
	if (payload == NULL)
		return NULL;
	*d = (struct datagram){
	    .key = *key, .until_ns = now_ns + IP_REASS_NS, .payload = payload};
	return d;
}

/* Where IPv6's fragment header says the piece belongs. */
static void
read_v6(const uint8_t *at, struct piece *p)
{
	const struct ipv6_frag_hdr *frag =
	    (const struct ipv6_frag_hdr *)(at + p->ip.header);
	unsigned fragment = be16_get(frag->fragment);

	p->header = p->ip.header;
	p->payload = (const uint8_t *)(frag + 1);
	p->octets = p->ip.total - p->ip.header - (unsigned)sizeof(*frag);
	p->from = fragment & ~7u;
	p->last = (fragment & 1) == 0;
	p->next = frag->next_header;
	p->key.id = be32_get(frag->id);
}

static void
read_v4(const uint8_t *at, struct piece *p)
{
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)at;
	unsigned fragment = be16_get(ip->fragment);

	p->header = p->ip.header;
	p->payload = at + p->header;
	p->octets = p->ip.total - p->header;
	p->from = (fragment & IP_FRAG_OFFSET) * 8;
	p->last = (fragment & IP_MF) == 0;
	p->next = ip->protocol;
	p->key.id = be16_get(ip->id);
	p->key.protocol = ip->protocol;
}

/* PKT_GO, or what is wrong with the piece by itself. */
static enum pkt_fate
read_piece(const uint8_t *at, unsigned octets, uint32_t context,
	   struct piece *p)
{
	*p = (struct piece){.key = {.context = context}};
	if (ip_parse(at, octets, &p->ip) != 0 || !p->ip.fragment)
		return PKT_DROP_BAD_IP_HEADER;
	p->key.src = ip_parsed_src(&p->ip);
	p->key.dst = ip_parsed_dst(&p->ip);
	if (p->ip.family == 6)
		read_v6(at, p);
	else
		read_v4(at, p);
	if (p->octets == 0 || (!p->last && p->octets % 8 != 0) ||
	    p->header > HEADER_MAX)
		return PKT_DROP_BAD_FRAGMENT;
	return p->header + p->from + p->octets > IP_REASS_OCTETS
		   ? PKT_DROP_FRAME_TOO_LONG
		   : PKT_GO;
}

/* PKT_GO, when the piece covers octets that nobody has covered. */
static enum pkt_fate
fit(const struct datagram *d, const struct piece *p)
{
	unsigned to = p->from + p->octets;

	for (unsigned i = 0; i < d->ranges; i++) {
		const struct range *r = &d->range[i];

		if (r->from == p->from && r->to == to)
			return PKT_DROP_FRAGMENT_DUPLICATE;
		if (p->from < r->to && r->from < to)
			return PKT_DROP_FRAGMENT_OVERLAP;
	}
	/* Nothing may lie behind the last, and there is one last only. */
	if (d->end != 0 && (to > d->end || p->last))
		return PKT_DROP_FRAGMENT_OVERLAP;
	for (unsigned i = 0; p->last && i < d->ranges; i++) {
		if (d->range[i].to > to)
			return PKT_DROP_FRAGMENT_OVERLAP;
	}
	return d->ranges == IP_REASS_FRAGMENTS ? PKT_DROP_REASSEMBLY_FULL
					       : PKT_GO;
}

static void
put(struct datagram *d, const uint8_t *at, const struct piece *p)
{
	memcpy(d->payload + p->from, p->payload, p->octets);
	d->range[d->ranges++] =
	    (struct range){(uint16_t)p->from, (uint16_t)(p->from + p->octets)};
	d->have += p->octets;
	d->congested |= (p->ip.tos & 3) == 3;
	if (p->last)
		d->end = p->from + p->octets;
	if (p->from != 0)
		return;
	memcpy(d->header, at, p->header);
	d->header_octets = (uint16_t)p->header;
	d->next_at = p->ip.next_at;
	d->next = p->next;
	d->tos = p->ip.tos;
}

/* The whole packet, over the fragment that completed it; its octets. */
static unsigned
join(const struct datagram *d, uint8_t *at)
{
	struct ipv4_hdr *v4 = (struct ipv4_hdr *)at;
	struct ipv6_hdr *v6 = (struct ipv6_hdr *)at;
	unsigned octets = d->header_octets + d->end;

	memcpy(at, d->header, d->header_octets);
	memcpy(at + d->header_octets, d->payload, d->end);
	if (at[0] >> 4 == 6) {
		at[d->next_at] = d->next;
		v6->payload_length = be16_put((uint16_t)(octets - sizeof(*v6)));
		/* RFC 3168 section 5.3: one marked fragment marks the whole. */
		if (d->congested && (d->tos & 3) != 0)
			at[1] |= 0x30;
		return octets;
	}
	if (d->congested && (d->tos & 3) != 0)
		v4->tos |= 3;
	v4->total_length = be16_put((uint16_t)octets);
	v4->fragment = be16_put(0);
	v4->checksum = be16_put(0);
	v4->checksum = be16_put(ip_cksum(v4, d->header_octets));
	return octets;
}

enum pkt_fate
ip_reass_take(struct ip_reass *r, uint64_t now_ns, uint32_t context,
	      uint8_t *at, unsigned room, unsigned *octets)
{
	struct piece p;
	struct datagram *d;
	enum pkt_fate fate = read_piece(at, *octets, context, &p);

	if (fate != PKT_GO)
		return fate;
	ip_reass_expire(r, now_ns);
	d = find(r, &p.key, now_ns);
	if (d == NULL)
		return PKT_DROP_NO_BUFFER;
	if (d->dead)
		return PKT_DROP_FRAGMENT_OVERLAP;
	fate = fit(d, &p);
	if (fate == PKT_DROP_FRAGMENT_OVERLAP ||
	    fate == PKT_DROP_REASSEMBLY_FULL) {
		uint64_t until = d->until_ns;

		give_up(r, d, fate);
		d->until_ns = until;
		d->dead = true;
	}
	if (fate != PKT_GO)
		return fate;
	put(d, at, &p);
	if (d->end == 0 || d->have != d->end || d->header_octets == 0)
		return PKT_ABSORBED;
	if (d->header_octets + d->end > room) {
		d->ranges--; /* this one is dropped by the caller */
		give_up(r, d, PKT_DROP_FRAME_TOO_LONG);
		return PKT_DROP_FRAME_TOO_LONG;
	}
	*octets = join(d, at);
	d->until_ns = 0;
	d->ranges = 0;
	return PKT_GO;
}
