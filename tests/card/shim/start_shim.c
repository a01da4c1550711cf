#include "start_shim.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "card_start.h"

#define SHIM_WORDS 32

static int
shim_colour(void *arg, const char *text)
{
	int *colour = arg;

	*colour = strcmp(text, "red") == 0    ? 1
		  : strcmp(text, "blue") == 0 ? 2
					      : 0;
	return *colour == 0 ? -EINVAL : 0;
}

int
start_shim_parse(const char *const *words, struct start_shim *got)
{
	static const struct card_start_option own[] = {
	    {"colour", shim_colour},
	    {NULL, NULL},
	};
	struct card_start s = CARD_START_INIT(LOG_LEVEL_WARN);
	char *argv[SHIM_WORDS + 1] = {(char *)"test"};
	int argc = 1;
	int rc;

	while (argc < SHIM_WORDS && words[argc - 1] != NULL) {
		argv[argc] = (char *)words[argc - 1];
		argc++;
	}
	optind = 0; /* getopt starts anew */
	opterr = 0;
	rc = card_start_parse(&s, argc, argv, own, &got->colour);
	got->slot = s.slot;
	got->epoch = s.epoch;
	got->buffers = s.buffers;
	got->stats_fd = s.stats_fd;
	got->keys_fd = s.keys_fd;
	got->level = (int)s.level;
	return rc;
}

static void
shim_on_term(int number)
{
	(void)number;
}

int
start_shim_orphan(void)
{
	int status = 0;
	pid_t parent = getppid(); /* not that of the child below */
	pid_t pid = fork();

	if (pid == 0)
		_exit(-card_start_process(parent, shim_on_term));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}
