/*
 * The JSON face: what the chassis answered, for programs.
 */
#include <stdlib.h>

#include "out.h"

void
out_json(struct out *o, const json_t *data)
{
	char *text = json_dumps(data, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	if (text == NULL)
		out_error(o, "out of memory");
	else
		out_text(o, text);
	free(text);
}
