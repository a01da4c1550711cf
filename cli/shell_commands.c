/* Runs by the same exec_line() as a person's lines. Called by session.c. */
#include "shell_commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"

struct printer {
	struct shell *sh;
	const char *line_end;
};

static int
print_line(void *arg, const char *text, size_t n)
{
	const struct printer *p = arg;

	if (shell_write(p->sh, text, n) != 0 ||
	    shell_write(p->sh, p->line_end, strlen(p->line_end)) != 0)
		return -ECONNRESET;
	return 0;
}

int
shell_commands(struct shell *sh, const char *lines, const char *line_end)
{
	struct printer printer = {sh, line_end};
	struct out_sink sink = {.line = print_line, .arg = &printer};
	char *text = strdup(lines);
	char *rest = NULL;
	int rc = text != NULL ? 0 : -ENOMEM;

	for (char *line = rc == 0 ? strtok_r(text, "\r\n", &rest) : NULL;
	     line != NULL && rc == 0 && !sh->quit;
	     line = strtok_r(NULL, "\r\n", &rest))
		rc = exec_line(sh, line, 0, &sink);
	free(text);
	return rc;
}
