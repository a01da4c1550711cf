/* A tally on the heap. */
#include "pkt_tally_shim.h"

#include <stdlib.h>

#include "pkt_tally.h"

struct pkt_tally_shim {
	struct pkt_tally tally;
};

struct pkt_tally_shim *
pkt_tally_shim_new(void)
{
	return calloc(1, sizeof(struct pkt_tally_shim));
}

void
pkt_tally_shim_free(struct pkt_tally_shim *s)
{
	free(s);
}

void
pkt_tally_shim_add(struct pkt_tally_shim *s, uint32_t round)
{
	pkt_tally_add(&s->tally, round);
}

unsigned
pkt_tally_shim_rounds(const struct pkt_tally_shim *s)
{
	return s->tally.n;
}

uint32_t
pkt_tally_shim_fates(const struct pkt_tally_shim *s, uint32_t round)
{
	for (unsigned i = 0; i < s->tally.n; i++)
		if (s->tally.at[i].round == round)
			return s->tally.at[i].fates;
	return 0;
}
