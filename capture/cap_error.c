/* The sentence that goes with a negative errno; called by all of capture/. */
#include "cap_error.h"

#include <stdarg.h>
#include <stdio.h>

int
cap_error_set(struct cap_error *err, int error, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return error;
	va_start(args, format);
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return error;
}
