/*
 * Names of capture points come from command lines and scripts: whatever parses
 * must print to a name that parses to the same point.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "point.h"

#define FUZZ_TEXT_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[FUZZ_TEXT_MAX];
	char name[POINT_NAME_MAX];
	const char *why = NULL;
	struct point point;
	struct point again;

	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (point_parse(text, &point, &why) != 0) {
		if (why == NULL)
			abort();
		return 0;
	}
	point_format(&point, name);
	if (point_parse(name, &again, &why) != 0 ||
	    again.stage != point.stage || again.to != point.to ||
	    again.tap != point.tap)
		abort();
	return 0;
}
