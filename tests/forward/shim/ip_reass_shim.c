#include "ip_reass_shim.h"

#include <stdlib.h>
#include <string.h>

#include "ip_reass.h"

struct ip_reass_shim {
	struct ip_reass *reass;
	unsigned dropped[PKT_FATES];
};

static void
note(void *arg, unsigned fragments, enum pkt_fate fate)
{
	struct ip_reass_shim *s = arg;

	s->dropped[fate] += fragments;
}

struct ip_reass_shim *
ip_reass_shim_new(void)
{
	struct ip_reass_shim *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->reass = ip_reass_new(note, s)) == NULL)
		abort();
	return s;
}

void
ip_reass_shim_free(struct ip_reass_shim *s)
{
	ip_reass_free(&s->reass);
	free(s);
}

const char *
ip_reass_shim_take(struct ip_reass_shim *s, uint64_t now_ns, uint32_t context,
		   uint8_t *at, unsigned room, unsigned *octets)
{
	enum pkt_fate fate =
	    ip_reass_take(s->reass, now_ns, context, at, room, octets);

	if (fate == PKT_GO)
		return "go";
	return fate == PKT_ABSORBED ? "absorbed" : pkt_fate_name(fate);
}

void
ip_reass_shim_expire(struct ip_reass_shim *s, uint64_t now_ns)
{
	ip_reass_expire(s->reass, now_ns);
}

unsigned
ip_reass_shim_dropped(const struct ip_reass_shim *s, const char *fate)
{
	for (unsigned i = PKT_DROP_FIRST; i < PKT_FATES; i++) {
		if (strcmp(pkt_fate_name(i), fate) == 0)
			return s->dropped[i];
	}
	abort();
}

unsigned
ip_reass_shim_datagrams(void)
{
	return IP_REASS_DATAGRAMS;
}
