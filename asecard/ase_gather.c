/*
 * Descriptors at rest; buffers stay taken, which rounds bound. Without memory a
 * vector is worked on at once: order is lost then, and no packet.
 */
#include "ase_gather.h"

#include <stdlib.h>
#include <string.h>

#include "ase.h"

void
ase_gather_fini(struct ase *ase)
{
	free(ase->gather.pkt);
	ase->gather.pkt = NULL;
}

static bool
ase_gather_grow(struct ase_gather *g, unsigned more)
{
	unsigned room = g->room == 0 ? 1024 : g->room;
	struct pkt *pkt;

	while (room < g->n + more)
		room *= 2;
	if (room == g->room)
		return true;
	pkt = realloc(g->pkt, room * sizeof(*pkt));
	if (pkt == NULL)
		return false;
	g->pkt = pkt;
	g->room = room;
	return true;
}

bool
ase_gather_take(struct ase *ase, struct pkt_vec *v)
{
	struct ase_gather *g = &ase->gather;

	if (!g->on || !ase_gather_grow(g, v->n))
		return false;
	for (unsigned i = 0; i < v->n; i++) {
		if (v->fate[i] != PKT_GO || v->pkt[i].round == 0)
			continue;
		g->pkt[g->n++] = v->pkt[i];
		pkt_tally_add(&g->tally, v->pkt[i].round);
		v->fate[i] = PKT_SENT;
	}
	card_end(ase->card, v);
	return true;
}

void
ase_gather_tell(struct ase *ase)
{
	struct pkt_tally *tally = &ase->gather.tally;
	struct ctl_fates told[PKT_ROUNDS_OPEN];

	for (unsigned i = 0; i < tally->n; i++)
		told[i] =
		    (struct ctl_fates){.round = be32_put(tally->at[i].round),
				       .fates = be32_put(tally->at[i].fates)};
	if (tally->n != 0)
		(void)card_tell(ase->card, CTL_GATHERED, &(struct ctl_none){0},
				told, tally->n * sizeof(told[0]));
	tally->n = 0;
}

static int
ase_gather_compare(const void *a, const void *b)
{
	const struct pkt *x = a;
	const struct pkt *y = b;
	uint64_t i = pkt_order_tie(x);
	uint64_t j = pkt_order_tie(y);

	if (x->round != y->round)
		return x->round < y->round ? -1 : 1;
	if (x->order_ns != y->order_ns)
		return x->order_ns < y->order_ns ? -1 : 1;
	return i < j ? -1 : i > j;
}

void
ase_gather_round(struct ase *ase, uint32_t round)
{
	struct ase_gather *g = &ase->gather;
	unsigned due = 0;

	g->on = round != UINT32_MAX;
	if (round == 0 || g->n == 0)
		return;
	qsort(g->pkt, g->n, sizeof(*g->pkt), ase_gather_compare);
	while (due < g->n && g->pkt[due].round <= round) {
		g->vec.n = 0;
		while (due < g->n && g->pkt[due].round <= round &&
		       g->vec.n < PKT_VEC_MAX)
			(void)pkt_vec_push(&g->vec, &g->pkt[due++]);
		ase_vector_work(ase, &g->vec);
	}
	g->n -= due;
	memmove(g->pkt, g->pkt + due, g->n * sizeof(*g->pkt));
}
