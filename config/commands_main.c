/* config-commands: prints docs/commands.md. */
#include <stdio.h>

#include "commands.h"

static int
standard_out(void *arg, const char *text, size_t octets)
{
	(void)arg;
	return fwrite(text, 1, octets, stdout) == octets ? 0 : -1;
}

int
main(void)
{
	return cfg_commands(standard_out, NULL) == 0 && fflush(stdout) == 0 ? 0
									    : 3;
}
