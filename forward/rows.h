/*
 * Arrays of rows by id that grow: what circuits and adjacencies are kept in.
 * For adj.c and circuit.c only.
 */
#ifndef ROWS_H
#define ROWS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Makes room for id, below 2^31; new rows are zero. rows: of *count rows of
 * that many octets, or NULL. The array, moved, and *count raised; NULL without
 * memory: then rows is as it was.
 */
void *rows_grow(void *rows, uint32_t *count, uint32_t id, size_t octets);

#endif
