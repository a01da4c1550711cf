/*
 * Between fork and exec, for the keepers of a router and of a lab.
 */
#include "child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

void
child_keep_only(const int *fds, unsigned n)
{
	(void)close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	for (unsigned i = 0; i < n; i++) {
		if (fds[i] >= 0)
			(void)fcntl(fds[i], F_SETFD, 0);
	}
}

void
child_reset_signals(void)
{
	struct sigaction act = {.sa_handler = SIG_DFL};
	sigset_t none;

	(void)sigaction(SIGPIPE, &act, NULL);
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}
