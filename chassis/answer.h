/*
 * Who answers what: echo requests, packets for which nobody is here, and drops
 * that oblige the router to say so (RFC 792, RFC 1122 section 3.2.2, RFC 1812
 * section 4.3, RFC 4443). Rates and rules of silence stand here; messages are
 * written by packet/icmp.h.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <jansson.h>

#include "chs.h"
#include "icmp.h"

struct answer;

int answer_new(struct answer **answer);
void answer_free(struct answer **answer);

/* The router says nothing from now on, whatever interfaces are to say. */
void answer_hush(struct chs *chs, bool silent);

/* What a card said of a packet that it dropped. */
struct answer_drop {
	uint8_t fate;    /* enum pkt_fate */
	uint16_t mtu;    /* that it exceeded; 0: the MTU of its circuit_out */
	uint16_t octets; /* of the quote */
};

/*
 * A packet that came for the controller, in a context. True: it was made its
 * own answer, in its buffer, to be sent there. Errors that it causes are sent
 * here.
 */
bool answer_packet(struct chs *chs, struct pkt *p, uint32_t context);

/* The context of the circuit that a packet came by. */
uint32_t answer_context(struct chs *chs, const struct pkt *p);

/* A packet that a stage dropped: place gives its circuits and its place. */
void answer_drop(struct chs *chs, const struct pkt *place,
		 const struct answer_drop *drop, const uint8_t *quote);

/* {"echo_requests": N, ..., "errors": {...}, "suppressed": {...}}. */
json_t *answer_show(struct chs *chs);

#endif
