/*
 * Selectors of IPsec (RFC 4301 section 4.4.1.1) as rows of an access list: a
 * range of addresses becomes the prefixes that make it up, at most 62 of IPv4
 * and 254 of IPv6; everything else is a row's own.
 */
#include <errno.h>
#include <string.h>

#include "derive_qos.h"
#include "selector.h"

#define PREFIXES_MAX 256

struct prefix {
	uint8_t addr[16];
	uint8_t wild[16];
};

static bool
bit_get(const uint8_t *a, unsigned i)
{
	return ((unsigned)a[i / 8] >> (7 - i % 8) & 1U) != 0;
}

static void
bit_put(uint8_t *a, unsigned i, bool set)
{
	uint8_t mask = (uint8_t)(1U << (7 - i % 8));

	a[i / 8] = (uint8_t)(set ? a[i / 8] | mask : a[i / 8] & ~mask);
}

/* Adds 1 to the number in the first bits; false when it overflows. */
static bool
step(uint8_t *a, unsigned bits)
{
	while (bits > 0) {
		bits--;
		if (!bit_get(a, bits)) {
			bit_put(a, bits, true);
			return true;
		}
		bit_put(a, bits, false);
	}
	return false;
}

/* The last address of the prefix of a that has len bits. */
static void
prefix_end(const uint8_t *a, unsigned len, unsigned bits, uint8_t *end)
{
	memcpy(end, a, 16);
	for (unsigned i = len; i < bits; i++)
		bit_put(end, i, true);
}

/* The largest prefixes that begin at first and end by last, one by one. */
static unsigned
prefixes(const uint8_t range[2][16], unsigned bits,
	 struct prefix list[PREFIXES_MAX])
{
	uint8_t at[16];
	uint8_t end[16];
	unsigned n = 0;
	bool more = true;

	memcpy(at, range[0], 16);
	while (more && n < PREFIXES_MAX &&
	       memcmp(at, range[1], bits / 8) <= 0) {
		unsigned len = bits;

		while (len > 0 && !bit_get(at, len - 1)) {
			prefix_end(at, len - 1, bits, end);
			if (memcmp(end, range[1], bits / 8) > 0)
				break;
			len--;
		}
		memcpy(list[n].addr, at, 16);
		memset(list[n].wild, 0, 16);
		for (unsigned i = len; i < bits; i++)
			bit_put(list[n].wild, i, true);
		n++;
		more = step(at, len);
	}
	return n;
}

static unsigned
end_prefixes(const struct spd_selector *s, const uint8_t range[2][16],
	     unsigned family, struct prefix list[PREFIXES_MAX])
{
	if (s->family != 0)
		return prefixes(range, family == 4 ? 32 : 128, list);
	memset(list[0].addr, 0, 16);
	memset(list[0].wild, 0, 16);
	memset(list[0].wild, 0xff, family == 4 ? 4 : 16);
	return 1;
}

static bool
is_any(const struct spd_selector *s, enum spd_field field)
{
	return s->range[field].first == 0 &&
	       s->range[field].last == spd_field_max(field);
}

static uint16_t
put_ports(const struct spd_selector *s, struct ctl_acl_row *row)
{
	const struct spd_range *local = &s->range[SPD_LOCAL_PORT];
	const struct spd_range *remote = &s->range[SPD_REMOTE_PORT];
	uint16_t asks = 0;

	if (!is_any(s, SPD_LOCAL_PORT)) {
		row->src_low = be16_put((uint16_t)local->first);
		row->src_high = be16_put((uint16_t)local->last);
		asks |= local->first > UINT16_MAX ? CTL_ACL_FRAGMENTS
						  : CTL_ACL_SRC_PORT;
	}
	if (!is_any(s, SPD_REMOTE_PORT)) {
		row->dst_low = be16_put((uint16_t)remote->first);
		row->dst_high = be16_put((uint16_t)remote->last);
		asks |= remote->first > UINT16_MAX ? CTL_ACL_FRAGMENTS
						   : CTL_ACL_DST_PORT;
	}
	return asks;
}

/* All but addresses and code. */
static uint16_t
put_rest(const struct spd_selector *s, struct ctl_acl_row *row)
{
	uint16_t asks = put_ports(s, row);

	if (!is_any(s, SPD_PROTOCOL)) {
		row->protocol = (uint8_t)s->range[SPD_PROTOCOL].first;
		asks |= CTL_ACL_PROTOCOL;
	}
	if (!is_any(s, SPD_DSCP)) {
		row->tos = (uint8_t)(s->range[SPD_DSCP].first << 2);
		row->tos_mask = 0xfc;
		asks |= CTL_ACL_TOS;
	}
	if (!is_any(s, SPD_TYPE)) {
		row->type = (uint8_t)(s->range[SPD_TYPE].first >> 8);
		asks |= s->range[SPD_TYPE].first > UINT16_MAX
			    ? CTL_ACL_FRAGMENTS
			    : CTL_ACL_TYPE;
	}
	return asks;
}

/* One pair of prefixes: a row for each code, or one for all. */
static int
add_rows(struct tables *t, const struct spd_selector *s,
	 const struct prefix *src, const struct prefix *dst, unsigned family,
	 uint32_t *seq)
{
	/* Type and code are one number; a line names one type. */
	uint32_t first = s->range[SPD_TYPE].first & UINT8_MAX;
	uint32_t last = s->range[SPD_TYPE].last & UINT8_MAX;
	bool any_code = is_any(s, SPD_TYPE) ||
			s->range[SPD_TYPE].first > UINT16_MAX ||
			(first == 0 && last == UINT8_MAX);
	int err = 0;

	last = any_code ? first : last;
	for (uint32_t code = first; code <= last && err == 0; code++) {
		struct ctl_acl_row row;
		uint16_t asks;

		memset(&row, 0, sizeof(row));
		row.seq = be32_put(++*seq);
		row.family = (uint8_t)family;
		row.permit = 1;
		asks = put_rest(s, &row);
		row.code = (uint8_t)code;
		asks |= any_code ? 0 : CTL_ACL_CODE;
		row.asks = be16_put(asks);
		memcpy(row.src, src->addr, 16);
		memcpy(row.src_wild, src->wild, 16);
		memcpy(row.dst, dst->addr, 16);
		memcpy(row.dst_wild, dst->wild, 16);
		err = DERIVE_PUSH(t->acl_rows, t->nacl_rows, &row);
	}
	return err;
}

static int
add_selector(struct tables *t, const struct spd_selector *s, unsigned family,
	     uint32_t *seq)
{
	struct prefix local[PREFIXES_MAX];
	struct prefix remote[PREFIXES_MAX];
	unsigned n;
	unsigned m;
	int err = 0;

	/* A fragment that does not show its protocol fits no row. */
	if ((s->family != 0 && s->family != family) ||
	    (!is_any(s, SPD_PROTOCOL) && s->range[SPD_PROTOCOL].first > 255))
		return 0;
	n = end_prefixes(s, s->local, family, local);
	m = end_prefixes(s, s->remote, family, remote);
	for (unsigned i = 0; i < n && err == 0; i++) {
		for (unsigned k = 0; k < m && err == 0; k++)
			err =
			    add_rows(t, s, &local[i], &remote[k], family, seq);
	}
	return err;
}

int
derive_selectors(struct tables *t, const struct cfg_obj *list, unsigned family)
{
	const struct cfg_obj *row;
	struct cfg_iter it;
	uint32_t seq = 0;
	int err = 0;

	for (row = cfg_first(&it, list, CFG_IPSEC_ACL_ROW);
	     row != NULL && err == 0; row = cfg_next(&it)) {
		struct spd_selector s;

		cfg_selector(row, &s);
		err = add_selector(t, &s, family, &seq);
		if (seq > CFG_ACL_ROWS_MAX)
			return -ENOSPC;
	}
	return err;
}
