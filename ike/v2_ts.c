/*
 * Traffic selectors: what of the peer's proposal is ours too (RFC 7296 section
 * 2.9). A selector is a box in protocol, ports and addresses; narrowing cuts
 * boxes with boxes, so that what comes out lies in both.
 */
#include <string.h>

#include "v2_impl.h"

static const struct ike_ts any[2] = {
    {.port = {0, UINT16_MAX},
     .first = {.family = 4},
     .last = {.family = 4, .octets = {0xff, 0xff, 0xff, 0xff}}},
    {.port = {0, UINT16_MAX},
     .first = {.family = 6},
     .last = {.family = 6,
	      .octets = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}},
};

/* False: nothing belongs to both. */
static bool
cut(const struct ike_ts *a, const struct ike_ts *b, struct ike_ts *both)
{
	if (a->first.family != b->first.family)
		return false;
	if (a->protocol != 0 && b->protocol != 0 && a->protocol != b->protocol)
		return false;
	*both = *a;
	both->protocol = a->protocol != 0 ? a->protocol : b->protocol;
	if (memcmp(b->first.octets, a->first.octets, 16) > 0)
		both->first = b->first;
	if (memcmp(b->last.octets, a->last.octets, 16) < 0)
		both->last = b->last;
	if (b->port[0] > both->port[0])
		both->port[0] = b->port[0];
	if (b->port[1] < both->port[1])
		both->port[1] = b->port[1];
	return both->port[0] <= both->port[1] &&
	       memcmp(both->first.octets, both->last.octets, 16) <= 0;
}

static bool
same(const struct ike_ts *a, const struct ike_ts *b)
{
	return a->protocol == b->protocol && a->port[0] == b->port[0] &&
	       a->port[1] == b->port[1] &&
	       ip_addr_equal(&a->first, &b->first) &&
	       ip_addr_equal(&a->last, &b->last);
}

static void
add(struct ike_ts *list, uint8_t *count, const struct ike_ts *ts)
{
	for (unsigned i = 0; i < *count; i++) {
		if (same(&list[i], ts))
			return;
	}
	if (*count < IKE_SELECTORS_MAX)
		list[(*count)++] = *ts;
}

/* One pair of ours against all of theirs. */
static bool
narrow_pair(const struct ike_ts *local, const struct ike_ts *remote,
	    const struct v2_ts_set *tsi, const struct v2_ts_set *tsr,
	    struct ike_child *child)
{
	struct ike_ts both;
	bool have_local = false;
	bool have_remote = false;

	for (unsigned i = 0; i < tsr->count; i++)
		have_local = have_local || cut(&tsr->ts[i], local, &both);
	for (unsigned i = 0; i < tsi->count; i++)
		have_remote = have_remote || cut(&tsi->ts[i], remote, &both);
	if (!have_local || !have_remote)
		return false;
	for (unsigned i = 0; i < tsr->count; i++) {
		if (cut(&tsr->ts[i], local, &both))
			add(child->local, &child->local_count, &both);
	}
	for (unsigned i = 0; i < tsi->count; i++) {
		if (cut(&tsi->ts[i], remote, &both))
			add(child->remote, &child->remote_count, &both);
	}
	return true;
}

/* The remote end of a selector; of a peer with an address of ours only that. */
static struct ike_ts
remote_of(const struct ike_tun *tun, const struct ike_ts *ts)
{
	struct ike_ts host = *ts;

	if (tun->address.family == 0 || tun->address.family != ts->first.family)
		return *ts;
	host.first = tun->address;
	host.last = tun->address;
	return host;
}

uint16_t
v2_ts_narrow(const struct ike_tun *tun, const struct v2_ts_set *tsi,
	     const struct v2_ts_set *tsr, struct ike_child *child,
	     bool *additional)
{
	unsigned n = tun->conf.count;
	unsigned pairs = n > 0 ? n : 2;
	unsigned fit = 0;

	*additional = false;
	child->local_count = 0;
	child->remote_count = 0;
	for (unsigned i = 0; i < pairs; i++) {
		const struct ike_selector *s = &tun->conf.selectors[i];
		struct ike_ts remote =
		    remote_of(tun, n > 0 ? &s->remote : &any[i]);

		if (fit > 0 && tun->conf.child_per_selector) {
			struct ike_child more = *child;

			if (narrow_pair(n > 0 ? &s->local : &any[i], &remote,
					tsi, tsr, &more))
				*additional = true;
			continue;
		}
		if (narrow_pair(n > 0 ? &s->local : &any[i], &remote, tsi, tsr,
				child))
			fit++;
	}
	return fit > 0 ? 0 : IKE_N_TS_UNACCEPTABLE;
}

void
v2_ts_own(const struct ike_tun *tun, unsigned selector, struct ike_child *child)
{
	unsigned n = tun->conf.count;

	child->local_count = 0;
	child->remote_count = 0;
	if (n == 0) {
		for (unsigned i = 0; i < 2; i++) {
			add(child->local, &child->local_count, &any[i]);
			add(child->remote, &child->remote_count, &any[i]);
		}
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		if (selector < n && i != selector)
			continue;
		add(child->local, &child->local_count,
		    &tun->conf.selectors[i].local);
		add(child->remote, &child->remote_count,
		    &tun->conf.selectors[i].remote);
	}
}

static bool
inside(const struct ike_ts *a, const struct ike_ts *of)
{
	struct ike_ts both;

	return cut(a, of, &both) && same(a, &both);
}

bool
v2_ts_within(const struct ike_ts *got, unsigned got_n,
	     const struct ike_ts *offered, unsigned offered_n)
{
	for (unsigned i = 0; i < got_n; i++) {
		bool found = false;

		for (unsigned k = 0; k < offered_n; k++)
			found = found || inside(&got[i], &offered[k]);
		if (!found)
			return false;
	}
	return got_n > 0;
}
