/*
 * Which packets of one capture are in another. Both are read twice: once for a
 * hash of each packet, from which the pairs follow (the earliest that keeps the
 * order), once for comparing the pairs' octets; so memory is a few octets a
 * packet, and equality is never that of hashes alone.
 */
#include "compare_match.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cap_link.h"
#include "cap_read.h"

#define ETHERTYPE_IPV4 0x0800
#define IP_HDR_MIN 20
#define TTL_AT 8
#define CKSUM_AT 10
#define NO_PAIR UINT64_MAX

struct packet {
	const uint8_t *octets;
	uint32_t len;
	uint8_t ttl; /* as it counts */
};

/* One entry of the first capture, sorted by hash, then number. */
struct entry {
	uint64_t hash;
	uint64_t number;
};

struct list {
	struct entry *entry;
	uint64_t n;
	uint64_t room;
	uint64_t others;
};

/* The IPv4 packet in a record; false: there is none, or not all of it. */
static bool
packet_of(const struct cap_rec *rec, unsigned ttl_less, struct packet *p)
{
	struct cap_l2 l2;
	const uint8_t *ip;
	uint32_t total;

	if (cap_link_parse(rec->link, rec->data, rec->caplen, &l2) != 0 ||
	    l2.ethertype != ETHERTYPE_IPV4 ||
	    rec->caplen < (uint32_t)l2.offset + IP_HDR_MIN)
		return false;
	ip = rec->data + l2.offset;
	total = (uint32_t)ip[2] << 8 | ip[3];
	if (ip[0] >> 4 != 4 || total < IP_HDR_MIN ||
	    total > rec->caplen - l2.offset)
		return false;
	*p = (struct packet){.octets = ip,
			     .len = total,
			     .ttl = (uint8_t)(ip[TTL_AT] + ttl_less)};
	return true;
}

/* FNV-1a, 64 bits. */
static uint64_t
hash_more(uint64_t hash, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t
hash_of(const struct packet *p)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	h = hash_more(h, p->octets, TTL_AT);
	h = hash_more(h, &p->ttl, 1);
	h = hash_more(h, p->octets + TTL_AT + 1, 1);
	return hash_more(h, p->octets + CKSUM_AT + 2, p->len - CKSUM_AT - 2);
}

static bool
equal(const struct packet *a, const struct packet *b)
{
	return a->len == b->len && a->ttl == b->ttl &&
	       memcmp(a->octets, b->octets, TTL_AT) == 0 &&
	       a->octets[TTL_AT + 1] == b->octets[TTL_AT + 1] &&
	       memcmp(a->octets + CKSUM_AT + 2, b->octets + CKSUM_AT + 2,
		      a->len - CKSUM_AT - 2) == 0;
}

static int
list_add(struct list *list, uint64_t hash)
{
	if (list->n == list->room) {
		uint64_t room = list->room == 0 ? 4096 : list->room * 2;
		struct entry *more =
		    reallocarray(list->entry, room, sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		list->entry = more;
		list->room = room;
	}
	list->entry[list->n] = (struct entry){hash, list->n};
	list->n++;
	return 0;
}

/* A damaged end is the business of whoever replayed it. */
static int
list_read(struct list *list, const char *path, unsigned ttl_less, char *why)
{
	struct cap_error error = {""};
	struct cap_read *r = NULL;
	struct cap_rec rec;
	struct packet p;
	int err = cap_read_open(&r, path, &error);

	if (err != 0) {
		(void)snprintf(why, COMPARE_WHY_MAX, "%.*s",
			       COMPARE_WHY_MAX - 1, error.text);
		return err;
	}
	while (err == 0 && cap_read_next(r, &rec) == 1) {
		if (packet_of(&rec, ttl_less, &p))
			err = list_add(list, hash_of(&p));
		else
			list->others++;
	}
	cap_read_close(&r);
	return err;
}

static int
entry_compare(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* The first packet with this hash and at least this number, or NO_PAIR. */
static uint64_t
find(const struct list *sorted, uint64_t hash, uint64_t from)
{
	uint64_t low = 0;
	uint64_t high = sorted->n;

	while (low < high) {
		uint64_t mid = low + (high - low) / 2;
		const struct entry *e = &sorted->entry[mid];

		if (e->hash < hash || (e->hash == hash && e->number < from))
			low = mid + 1;
		else
			high = mid;
	}
	if (low < sorted->n && sorted->entry[low].hash == hash)
		return sorted->entry[low].number;
	return NO_PAIR;
}

/* Replaces the hashes of second by the number of its pair. */
static void
pair(const struct list *sorted, struct list *second, struct compare_match *m)
{
	uint64_t from = 0;

	for (uint64_t i = 0; i < second->n; i++) {
		uint64_t hash = second->entry[i].hash;
		uint64_t at = find(sorted, hash, from);

		second->entry[i].hash = at;
		if (at != NO_PAIR) {
			from = at + 1;
		} else if (find(sorted, hash, 0) != NO_PAIR) {
			m->moved++;
		} else {
			m->strange++;
			if (m->first_strange == 0)
				m->first_strange = i + 1;
		}
	}
}

/* The next packet of a capture; false at its end. */
static bool
next(struct cap_read *r, unsigned ttl_less, struct packet *p)
{
	struct cap_rec rec;

	while (cap_read_next(r, &rec) == 1) {
		if (packet_of(&rec, ttl_less, p))
			return true;
	}
	return false;
}

static void
compare_pairs(struct cap_read *a, struct cap_read *b, unsigned ttl_less,
	      const struct list *second, struct compare_match *m)
{
	struct packet x = {.len = 0};
	struct packet y;
	uint64_t at = 0; /* packets read of a */

	for (uint64_t i = 0; i < second->n && next(b, ttl_less, &y); i++) {
		uint64_t want = second->entry[i].hash;

		if (want == NO_PAIR)
			continue;
		while (at <= want && next(a, 0, &x))
			at++;
		if (at == want + 1 && equal(&x, &y)) {
			m->equal++;
			continue;
		}
		m->strange++;
		if (m->first_strange == 0)
			m->first_strange = i + 1;
	}
}

int
compare_match(const char *first, const char *second, unsigned ttl_less,
	      struct compare_match *m, char why[COMPARE_WHY_MAX])
{
	struct list a = {.n = 0};
	struct list b = {.n = 0};
	struct cap_read *ra = NULL;
	struct cap_read *rb = NULL;
	int err = list_read(&a, first, 0, why);

	*m = (struct compare_match){0};
	if (err == 0)
		err = list_read(&b, second, ttl_less, why);
	if (err == 0)
		err = cap_read_open(&ra, first, NULL);
	if (err == 0)
		err = cap_read_open(&rb, second, NULL);
	if (err == 0) {
		if (a.n > 1)
			qsort(a.entry, a.n, sizeof(*a.entry), entry_compare);
		pair(&a, &b, m);
		compare_pairs(ra, rb, ttl_less, &b, m);
		m->first = a.n;
		m->second = b.n;
		m->others = a.others;
		m->missing = a.n - (m->equal < a.n ? m->equal : a.n);
	}
	cap_read_close(&ra);
	cap_read_close(&rb);
	free(a.entry);
	free(b.entry);
	if (err == -ENOMEM)
		(void)snprintf(why, COMPARE_WHY_MAX, "out of memory");
	return err;
}
