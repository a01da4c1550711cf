/*
 * Rates of ports over the last interval: their counters are read at each
 * heartbeat, five seconds from one to the next. None in a replay, whose clock
 * is that of the captures.
 */
#ifndef RATES_H
#define RATES_H

#include "chs.h"

enum port_tally {
	PORT_RX_PACKETS,
	PORT_RX_OCTETS,
	PORT_TX_PACKETS,
	PORT_TX_OCTETS,
	PORT_TALLIES
};

struct rates;

/* NULL without memory. Accepts NULL, leaves NULL. */
struct rates *rates_new(void);
void rates_free(struct rates **rates);

/* Reads all ports' counters; once a heartbeat. */
void rates_sample(struct chs *chs, uint64_t now_ns);

/* In a second, of the last whole interval; 0 before there was one. */
uint64_t rates_port(const struct chs *chs, unsigned slot, unsigned port,
		    enum port_tally tally);
/* How long that interval was; 0: there was none. */
uint64_t rates_interval_ns(const struct chs *chs);

#endif
