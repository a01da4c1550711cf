/*
 * Finds SAs and remembers what was heard of their paths. The ASP ages it by the
 * clock of packets; here it is kept for show and for an ASP that is restarted.
 */
#include "path_mtu.h"

#include <errno.h>
#include <stdlib.h>
#include <uthash.h>

#include "log.h"
#include "running.h"

/* What every path carries: RFC 791 says 68 octets, but fragments that small
 * serve attackers alone; 576 is what every host takes. */
#define MTU_MIN_V4 576
#define MTU_MIN_V6 1280

struct heard {
	uint32_t sa;
	uint16_t mtu;
	uint64_t until_ns;
	bool waits; /* to be told */
	UT_hash_handle hh;
};

struct path_mtus {
	struct heard *all;
	unsigned waiting;
};

int
path_mtus_new(struct path_mtus **mtus)
{
	*mtus = calloc(1, sizeof(**mtus));
	return *mtus != NULL ? 0 : -ENOMEM;
}

void
path_mtus_free(struct path_mtus **at)
{
	struct heard *h;
	struct heard *next;

	if (*at == NULL)
		return;
	HASH_ITER(hh, (*at)->all, h, next) {
		HASH_DEL((*at)->all, h); /* NOLINT(*.Malloc) */
		free(h);
	}
	free(*at);
	*at = NULL;
}

/* --- whose packet it was -------------------------------------------------- */

/* SPI of a quoted outer packet; false where it is none. */
static bool
quoted_spi(const struct icmp_seen *seen, uint8_t *protocol, uint32_t *spi)
{
	const uint8_t *at = seen->upper;
	const struct be32 *word = (const void *)at;

	*protocol = seen->protocol;
	if (seen->protocol == IP_PROTO_ESP && seen->upper_octets >= 4) {
		*spi = be32_get(word[0]);
		return true;
	}
	if (seen->protocol == IP_PROTO_AH && seen->upper_octets >= 8) {
		*spi = be32_get(word[1]);
		return true;
	}
	if (seen->protocol == IP_PROTO_UDP && seen->upper_octets >= 12) {
		*protocol = IP_PROTO_ESP;
		*spi = be32_get(word[2]);
		return *spi != 0; /* 0: IKE (RFC 3948 section 2.2) */
	}
	return false;
}

static const struct running_sa *
find_sa(struct chs *chs, uint32_t context, const struct icmp_seen *seen)
{
	const struct tables *t = running_tables(chs->running);
	uint8_t protocol;
	uint32_t spi;

	if (!quoted_spi(seen, &protocol, &spi))
		return NULL;
	for (size_t i = 0; i < t->nsas; i++) {
		const struct ctl_sa *row = &t->sas[i].row;

		if (row->direction == CTL_SA_OUT && be32_get(row->spi) == spi &&
		    row->protocol == protocol &&
		    be32_get(row->context) == context &&
		    ip_addr_equal(&row->src, &seen->quoted_src) &&
		    ip_addr_equal(&row->dst, &seen->quoted_dst))
			return &t->sas[i];
	}
	return NULL;
}

/* --- how large ------------------------------------------------------------ */

/* Where a router of old tells none: the next lower of those that are common
 * (RFC 1191 section 7.1). */
static unsigned
plateau(unsigned below)
{
	static const uint16_t plateaus[] = {32000, 17914, 8166, 4352,
					    2002,  1492,  1006};

	for (size_t i = 0; i < sizeof(plateaus) / sizeof(plateaus[0]); i++) {
		if (plateaus[i] < below)
			return plateaus[i];
	}
	return MTU_MIN_V4;
}

/* The MTU to believe in; 0: it can not be. */
static unsigned
believed(const struct icmp_seen *seen)
{
	unsigned least = seen->src.family == 6 ? MTU_MIN_V6 : MTU_MIN_V4;
	uint32_t mtu = icmp_mtu(seen);

	if (mtu == 0 && seen->src.family == 4)
		mtu = plateau(seen->quoted_length);
	if (mtu >= seen->quoted_length || mtu > UINT16_MAX)
		return 0;
	return mtu < least ? least : mtu;
}

/* --- telling -------------------------------------------------------------- */

static void
tell(struct chs *chs, struct heard *h)
{
	const struct tables *t = running_tables(chs->running);
	struct ctl_path_mtu body = {.sa = be32_put(h->sa),
				    .mtu = be16_put(h->mtu),
				    .until_ns = be64_put(h->until_ns)};

	for (size_t i = 0; i < t->nsas; i++) {
		struct proc *proc = chs_proc(chs, t->sas[i].asp);

		if (be32_get(t->sas[i].row.id) == h->sa && proc != NULL)
			chs_tell(chs, proc, CTL_PATH_MTU, &body, NULL, 0);
	}
	h->waits = false;
}

void
path_mtu_tell(struct chs *chs)
{
	struct heard *h;
	struct heard *next;

	if (chs->path_mtus->waiting == 0)
		return;
	chs->path_mtus->waiting = 0;
	HASH_ITER(hh, chs->path_mtus->all, h, next) {
		if (h->waits)
			tell(chs, h);
	}
	(void)chs_probe(chs, NULL, NULL);
}

void
path_mtu_again(struct chs *chs)
{
	struct heard *h;
	struct heard *next;

	/* Others know it already, and hear nothing new. */
	HASH_ITER(hh, chs->path_mtus->all, h, next) {
		tell(chs, h);
	}
}

static struct heard *
heard_of(struct path_mtus *mtus, uint32_t sa)
{
	struct heard *h;

	HASH_FIND(hh, mtus->all, &sa, sizeof(sa), h);
	if (h != NULL)
		return h;
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return NULL;
	h->sa = sa;
	HASH_ADD(hh, mtus->all, sa, sizeof(h->sa), h);
	return h;
}

/* Inside AH an ESP is measured with it: both hear. True: it waits. */
static bool
keep(struct chs *chs, const struct pkt *place, uint32_t sa, unsigned mtu)
{
	struct heard *h = sa == 0 ? NULL : heard_of(chs->path_mtus, sa);

	if (h == NULL)
		return false;
	/* A larger one is not believed before the smaller has aged. */
	if (h->mtu != 0 && mtu > h->mtu && place->order_ns < h->until_ns)
		return false;
	h->mtu = (uint16_t)mtu;
	h->until_ns = place->order_ns + PATH_MTU_NS;
	if (place->round == 0) {
		tell(chs, h);
		return false;
	}
	if (!h->waits)
		chs->path_mtus->waiting++;
	h->waits = true;
	return true;
}

bool
path_mtu_heard(struct chs *chs, const struct pkt *place, uint32_t context,
	       const struct icmp_seen *seen)
{
	const struct running_sa *sa = find_sa(chs, context, seen);
	unsigned mtu = believed(seen);
	bool waits;

	if (sa == NULL || mtu == 0)
		return false;
	log_info("path: MTU heard spi=0x%x mtu=%u", be32_get(sa->row.spi), mtu);
	waits = keep(chs, place, be32_get(sa->row.id), mtu);
	return keep(chs, place, be32_get(sa->row.bundle), mtu) || waits;
}

unsigned
path_mtu_of(const struct chs *chs, uint32_t sa)
{
	struct heard *h;

	HASH_FIND(hh, chs->path_mtus->all, &sa, sizeof(sa), h);
	return h != NULL ? h->mtu : 0;
}
