/*
 * Selector sets on their own: made, checked and compared. The comparisons are
 * for those who tell an operator what overlaps (config/, chassis/), the making
 * for whoever reads policies. Touches no packet.
 *
 * RFC 4301 section 4.4.1.1.
 */
#include <errno.h>
#include <string.h>

#include "spd.h"

static const uint32_t field_max[SPD_FIELDS] = {
    [SPD_PROTOCOL] = SPD_PROTOCOL_OPAQUE,
    [SPD_LOCAL_PORT] = SPD_PORT_OPAQUE,
    [SPD_REMOTE_PORT] = SPD_PORT_OPAQUE,
    [SPD_TYPE] = SPD_TYPE_OPAQUE,
    [SPD_DSCP] = 63,
};

uint32_t
spd_field_max(enum spd_field field)
{
	return field_max[field];
}

void
spd_selector_any(struct spd_selector *s)
{
	memset(s, 0, sizeof(*s));
	memset(s->local[1], 0xff, sizeof(s->local[1]));
	memset(s->remote[1], 0xff, sizeof(s->remote[1]));
	for (unsigned i = 0; i < SPD_FIELDS; i++)
		s->range[i].last = field_max[i];
}

struct ip_addr
spd_prefix_last(const struct ip_addr *prefix, unsigned len)
{
	struct ip_addr last = ip_addr_mask(prefix, len);
	unsigned bits = ip_addr_bits(prefix);

	for (unsigned i = len; i < bits; i++)
		last.octets[i / 8] |= (uint8_t)(0x80U >> i % 8);
	return last;
}

static int
selector_end(struct spd_selector *s, uint8_t end[2][16],
	     const struct ip_addr *first, const struct ip_addr *last)
{
	size_t n = first->family == 4 ? 4 : 16;

	if (first->family != last->family || ip_addr_bits(first) == 0 ||
	    memcmp(first->octets, last->octets, n) > 0 ||
	    (s->family != 0 && s->family != first->family))
		return -EINVAL;
	s->family = first->family;
	memset(end[0], 0, 16);
	memset(end[1], 0xff, 16);
	memcpy(end[0], first->octets, n);
	memcpy(end[1], last->octets, n);
	return 0;
}

int
spd_selector_local(struct spd_selector *s, const struct ip_addr *first,
		   const struct ip_addr *last)
{
	return selector_end(s, s->local, first, last);
}

int
spd_selector_remote(struct spd_selector *s, const struct ip_addr *first,
		    const struct ip_addr *last)
{
	return selector_end(s, s->remote, first, last);
}

bool
spd_selector_valid(const struct spd_selector *s)
{
	if (s->family != 0 && s->family != 4 && s->family != 6)
		return false;
	if (memcmp(s->local[0], s->local[1], sizeof(s->local[0])) > 0 ||
	    memcmp(s->remote[0], s->remote[1], sizeof(s->remote[0])) > 0)
		return false;
	for (unsigned i = 0; i < SPD_FIELDS; i++) {
		if (s->range[i].first > s->range[i].last ||
		    s->range[i].last > field_max[i])
			return false;
	}
	return true;
}

static bool
addrs_overlap(const uint8_t a[2][16], const uint8_t b[2][16])
{
	return memcmp(a[0], b[1], 16) <= 0 && memcmp(b[0], a[1], 16) <= 0;
}

static bool
addrs_cover(const uint8_t a[2][16], const uint8_t b[2][16])
{
	return memcmp(a[0], b[0], 16) <= 0 && memcmp(b[1], a[1], 16) <= 0;
}

bool
spd_selector_overlaps(const struct spd_selector *a,
		      const struct spd_selector *b)
{
	if (a->family != 0 && b->family != 0 && a->family != b->family)
		return false;
	if (!addrs_overlap(a->local, b->local) ||
	    !addrs_overlap(a->remote, b->remote))
		return false;
	for (unsigned i = 0; i < SPD_FIELDS; i++) {
		if (a->range[i].first > b->range[i].last ||
		    b->range[i].first > a->range[i].last)
			return false;
	}
	return true;
}

bool
spd_selector_covers(const struct spd_selector *a, const struct spd_selector *b)
{
	if (a->family != 0 && a->family != b->family)
		return false;
	if (!addrs_cover(a->local, b->local) ||
	    !addrs_cover(a->remote, b->remote))
		return false;
	for (unsigned i = 0; i < SPD_FIELDS; i++) {
		if (a->range[i].first > b->range[i].first ||
		    b->range[i].last > a->range[i].last)
			return false;
	}
	return true;
}

bool
spd_selector_equal(const struct spd_selector *a, const struct spd_selector *b)
{
	return spd_selector_covers(a, b) && spd_selector_covers(b, a);
}
