/* commands-page: prints docs/commands.md. */
#include <stdio.h>

#include "commands_page.h"

int
main(void)
{
	return commands_page(stdout) == 0 ? 0 : 3;
}
