/*
 * The second form of descriptors (bp_wire.h): the first whole, and of the rest
 * what differs, field by field. Called by bp_frame.c alone.
 */
#ifndef BP_COLUMNS_H
#define BP_COLUMNS_H

#include <stddef.h>

#include "bp_wire.h"
#include "pkt_vec.h"

/* The varying word of n packets: which of their fields need a column. */
uint32_t bp_columns_varying(const struct pkt *pkts, unsigned n);

/* Whether it is a word that a writer may write. */
bool bp_columns_valid(uint32_t varying);

/* Octets of the columns of n packets. */
size_t bp_columns_octets(uint32_t varying, unsigned n);

/* Whether a field that must be held against bounds has a column. */
bool bp_columns_bounded(uint32_t varying);

/* Writes the columns. */
void bp_columns_put(uint8_t *out, uint32_t varying, const struct pkt *pkts,
		    unsigned n);

/* Reads them into n packets that are the first already. */
void bp_columns_get(const uint8_t *in, uint32_t varying, struct pkt *pkts,
		    unsigned n);

#endif
