/*
 * The tables of rows that cards get, each seen in one way: which rows there
 * are, in the order of their keys, and whom they are for.
 */
#ifndef PUSH_TABLE_H
#define PUSH_TABLE_H

#include "running.h"

struct push_view {
	const uint8_t *rows;
	size_t n;
	size_t stride; /* from row to row in memory */
	size_t octets; /* of a row on the wire */
	int (*compare)(const void *a, const void *b); /* by key */
	bool (*skip)(const void *row, uint16_t stage);
	bool whole; /* rows lie in memory as on the wire */
};

/* Of tables that may be NULL: none then. */
struct push_view push_view(const struct tables *t, enum ctl_type type);
/* Whether a processor gets rows of this table at all. */
bool push_goes_to(enum ctl_type type, uint16_t stage);
/* The row at *i, or the first after it, that is for the stage; NULL: none. */
const void *push_row(const struct push_view *v, size_t *i, uint16_t stage);
/* Whether two views of a table are known to be alike to the octet. */
bool push_same(const struct push_view *x, const struct push_view *y);

#endif
