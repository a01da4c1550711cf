/*
 * Order at an ASP in a replay that several cards read for. Sequence numbers are
 * given, and replay windows moved, in the order in which packets are worked on;
 * from one card that is the order of their arrival at the router, from several
 * it is chance, and a far end's window would refuse what chance put last. So
 * the ASP keeps what comes, says how much of which round, and works on it in
 * order of arrival when the controller says that all of the round is there
 * (docs/architecture.md, "Admission").
 */
#ifndef ASE_GATHER_H
#define ASE_GATHER_H

#include <stdbool.h>

#include "pkt_tally.h"
#include "pkt_vec.h"

struct ase;

struct ase_gather {
	bool on;
	struct pkt *pkt;
	unsigned n, room;
	struct pkt_tally tally; /* not told yet */
	struct pkt_vec vec;
};

void ase_gather_fini(struct ase *ase);

/* True: it has the packets of the vector, which is done with. */
bool ase_gather_take(struct ase *ase, struct pkt_vec *v);
/* After a pass: tells the controller what came. */
void ase_gather_tell(struct ase *ase);
/* GATHER: 0 begins it; else rounds up to this are worked on; ~0 ends it. */
void ase_gather_round(struct ase *ase, uint32_t round);

#endif
