/*
 * The router's own packets: what comes for the controller, what it is told of
 * drops, and what it makes of both. In a replay all of it waits for its round
 * (rounds.c) and is then taken in order of arrival; live, at once.
 *
 * An own packet bears time, order, round and journey of the packet that caused
 * it, takes its place in every output, and raises `originated` by one. Nobody
 * makes more than one of one packet, so there are never more packets inside
 * than were admitted (docs/architecture.md, "Admission").
 */
#ifndef OWN_H
#define OWN_H

#include "chs.h"

struct own;

int own_new(struct own **own);
void own_free(struct own **own);

/* Packets for the controller, theirs the buffers: taken, or put aside. */
void own_vector(struct chs *chs, const struct pkt_vec *v);
/* NOTICES of a card. */
void own_notices(struct chs *chs, const struct ctl_in *in);

/* Works on what waits of a round. */
void own_release(struct chs *chs, uint32_t round);
/*
 * Packets, or news for ASPs, that wait for a round of their own: the round
 * after which it comes, 0 when nothing waits. Sends them as a round.
 */
uint32_t own_late_after(const struct chs *chs);
/* Something of a round waits for such a one. */
void own_wait(struct chs *chs, uint32_t round);
void own_send_late(struct chs *chs, uint32_t round);
/* After a death: what waits is ended, and nothing is answered. */
void own_abandon(struct chs *chs);

/*
 * A buffer for a packet that p causes, and p's place in time, order and
 * journey; NULL (counted as no-buffer) when there is none. Its octets begin at
 * pkt_data(), room behind them is OWN_ROOM.
 */
#define OWN_ROOM (PKT_OCTETS_MAX)
bool own_make(struct chs *chs, const struct pkt *cause, struct pkt *p);

/*
 * Sends a packet of ours, routed in a context; takes its buffer. Counts it, and
 * whatever becomes of it here: PKT_GO, or the drop.
 */
enum pkt_fate own_send(struct chs *chs, const struct pkt *p, uint32_t context);

/* Sends what was put on links and tells fates, after a bout of the above. */
void own_flush(struct chs *chs);

#endif
