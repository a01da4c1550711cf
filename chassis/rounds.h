/*
 * A replay: the chassis admits packets at the edge by rounds, knows when each
 * packet of a round has met its fate, lets writers write whole rounds in order
 * of arrival, and at the end drains, closes and accounts.
 * (docs/architecture.md, "Admission"; only in a replay.)
 */
#ifndef ROUNDS_H
#define ROUNDS_H

#include <jansson.h>

#include "chs.h"

/*
 * Opens ports, points and traces as the request asks and admits the first
 * round. client: who gets progress and the end. On failure -errno, *exit_status
 * and a sentence in why.
 */
int rounds_begin(struct chs *chs, const json_t *request,
		 const struct bus_peer *client, int *exit_status, char *why,
		 size_t why_octets);

/* Stops reading; what is inside drains. */
void rounds_stop(struct chs *chs);

/* After events: admits, flushes, ends, as far as it can. */
void rounds_step(struct chs *chs);

/* A card died: input stops, the rest drains, the run ends with exit 1. */
void rounds_death(struct chs *chs, const struct proc *proc);

/* When rounds_step() has something to do without an event; ~0: never. */
uint64_t rounds_deadline(const struct chs *chs);

void rounds_free(struct chs *chs);

/* Messages of cards that concern a replay. */
void rounds_opened(struct chs *chs, struct proc *proc, const struct ctl_in *in);
void rounds_admitted(struct chs *chs, struct proc *proc,
		     const struct ctl_in *in);
void rounds_fates(struct chs *chs, const struct ctl_fates *fates, size_t n);
void rounds_closed(struct chs *chs, struct proc *proc, const struct ctl_in *in);

/* Packets of rounds that wait at an ASP. */
void rounds_gathered(struct chs *chs, const struct ctl_fates *counts, size_t n);

/* The chassis's own fates (punted packets), tallied. */
void rounds_tally(struct chs *chs, struct pkt_tally *tally);

/*
 * The router's own packets (own.c): something waits for its round to be
 * complete but for what waits (packet: a punted one, whose fate is not counted
 * yet); a packet was made in a round.
 */
void rounds_hold(struct chs *chs, uint32_t round, bool packet);
void rounds_originated(struct chs *chs, uint32_t round);

#endif
