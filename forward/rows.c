/*
 * Growing an array of rows: by doubling, so that rows that come one by one cost
 * no more than rows that come together. Ids are given from 1 upwards by the
 * chassis, so an array has few holes.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_FIRST 32

void *
rows_grow(void *rows, uint32_t *count, uint32_t id, size_t octets)
{
	uint32_t more = *count == 0 ? ROWS_FIRST : *count * 2;
	uint8_t *grown;

	if (more <= id)
		more = id + 1;
	grown = realloc(rows, more * octets);
	if (grown == NULL)
		return NULL;
	memset(grown + *count * octets, 0, (more - *count) * octets);
	*count = more;
	return grown;
}
