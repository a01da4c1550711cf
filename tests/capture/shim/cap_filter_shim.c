/* Compiles, runs once, frees. */
#include "cap_filter_shim.h"

#include <stdio.h>

#include "cap_filter.h"

int
cap_filter_shim(const char *expression, uint16_t link, const uint8_t *data,
		uint32_t len, char *why, size_t why_octets)
{
	struct cap_filter *f = NULL;
	struct cap_error err = {""};
	int answer = cap_filter_new(&f, expression, &err);

	(void)snprintf(why, why_octets, "%s", err.text);
	if (answer == 0)
		answer = cap_filter_matches(f, link, data, len, len);
	cap_filter_free(&f);
	return answer;
}
