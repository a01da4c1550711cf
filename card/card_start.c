/*
 * How the process of a card begins and ends. Its main.c calls in here; threads
 * that play cards (inproc) do not. Options are rows: a name and a function that
 * takes the text; getopt_long() gets its table from the common rows and those
 * of the role. Decides nothing about the card itself, prints nothing.
 */
#include "card_start.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "secret.h"
#include "stage.h"

/* Option numbers: rows of the common table, then rows of the role's. */
#define CARD_START_HELP INT_MAX

int
card_start_number(const char *text, unsigned long max, unsigned long *n)
{
	char *end;
	unsigned long value;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || value > max)
		return -EINVAL;
	*n = value;
	return 0;
}

/* --- the common options --------------------------------------------------- */

static int
card_start_slot(void *arg, const char *text)
{
	struct card_start *s = arg;
	unsigned long n;
	int err = card_start_number(text, STAGE_SLOT_MAX, &n);

	if (err == 0)
		s->slot = (unsigned)n;
	return err;
}

static int
card_start_count(uint32_t *count, const char *text)
{
	unsigned long n;
	int err = card_start_number(text, INT_MAX, &n);

	if (err == 0)
		*count = (uint32_t)n;
	return err;
}

static int
card_start_epoch(void *arg, const char *text)
{
	struct card_start *s = arg;

	return card_start_count(&s->epoch, text);
}

static int
card_start_buffers(void *arg, const char *text)
{
	struct card_start *s = arg;

	return card_start_count(&s->buffers, text);
}

static int
card_start_fd(int *fd, const char *text)
{
	unsigned long n;
	int err = card_start_number(text, INT_MAX, &n);

	if (err == 0)
		*fd = (int)n;
	return err;
}

static int
card_start_stats_fd(void *arg, const char *text)
{
	struct card_start *s = arg;

	return card_start_fd(&s->stats_fd, text);
}

static int
card_start_keys_fd(void *arg, const char *text)
{
	struct card_start *s = arg;

	return card_start_fd(&s->keys_fd, text);
}

static int
card_start_pools_fd(void *arg, const char *text)
{
	struct card_start *s = arg;

	return card_start_fd(&s->pools_fd, text);
}

static int
card_start_endpoint(void *arg, const char *text)
{
	struct card_start *s = arg;

	s->endpoint = text;
	return 0;
}

static int
card_start_run_dir(void *arg, const char *text)
{
	struct card_start *s = arg;

	s->run_dir = text;
	return 0;
}

static int
card_start_transport(void *arg, const char *text)
{
	struct card_start *s = arg;

	return bus_transport_parse(text, &s->transport);
}

static int
card_start_level(void *arg, const char *text)
{
	struct card_start *s = arg;

	return log_level_parse(text, &s->level);
}

static const struct card_start_option common[] = {
    {"slot", card_start_slot},           {"epoch", card_start_epoch},
    {"buffers", card_start_buffers},     {"endpoint", card_start_endpoint},
    {"transport", card_start_transport}, {"run-dir", card_start_run_dir},
    {"stats-fd", card_start_stats_fd},   {"keys-fd", card_start_keys_fd},
    {"pools-fd", card_start_pools_fd},   {"log-level", card_start_level},
};

#define COMMON_OPTIONS (sizeof(common) / sizeof(common[0]))

/* --- from rows to getopt's table ------------------------------------------ */

static void
card_start_table(const struct card_start_option *own, struct option *table)
{
	for (unsigned i = 0; i < COMMON_OPTIONS; i++)
		*table++ = (struct option){.name = common[i].name,
					   .has_arg = required_argument,
					   .val = (int)i};
	for (unsigned i = 0; i < CARD_START_OWN_MAX && own[i].name != NULL; i++)
		*table++ = (struct option){.name = own[i].name,
					   .has_arg = required_argument,
					   .val = (int)(COMMON_OPTIONS + i)};
	*table++ = (struct option){.name = "help", .val = CARD_START_HELP};
	*table = (struct option){.name = NULL};
}

int
card_start_parse(struct card_start *s, int argc, char **argv,
		 const struct card_start_option *own, void *arg)
{
	struct option table[COMMON_OPTIONS + CARD_START_OWN_MAX + 2];
	int err = 0;

	card_start_table(own, table);
	while (err == 0) {
		int option = getopt_long(argc, argv, "", table, NULL);

		if (option == -1)
			break;
		if (option == CARD_START_HELP)
			return 1;
		if (option == '?')
			return -EINVAL;
		err = (size_t)option < COMMON_OPTIONS
			  ? common[option].take(s, optarg)
			  : own[(size_t)option - COMMON_OPTIONS].take(arg,
								      optarg);
	}
	if (err != 0 || optind != argc || s->slot == 0 || s->buffers == 0 ||
	    s->endpoint == NULL || s->run_dir == NULL || s->stats_fd < 0)
		return -EINVAL;
	return 0;
}

/* --- the process ---------------------------------------------------------- */

/*
 * The parent may have died before prctl(): then we have another one by now (or
 * had one from the first), and go ourselves.
 */
static int
card_start_follow(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
		return -errno;
	return parent != 1 && getppid() == parent ? 0 : -ESRCH;
}

int
card_start_process(pid_t parent, void (*on_term)(int number))
{
	struct sigaction term = {.sa_handler = on_term};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	if (sigaction(SIGTERM, &term, NULL) != 0 ||
	    sigaction(SIGINT, &ignore, NULL) != 0 ||
	    sigaction(SIGPIPE, &ignore, NULL) != 0)
		return -errno;
	return card_start_follow(parent);
}

int
card_start_open(struct card_start *s)
{
	struct bus_keys keys = {0};
	int err = 0;

	if (s->keys_fd >= 0)
		err = bus_keys_read(s->keys_fd, &keys);
	if (err == 0)
		err = stats_map(s->stats_fd, &s->stats);
	if (err == 0)
		err = bus_new(&s->bus, s->transport, s->run_dir,
			      s->keys_fd >= 0 ? &keys : NULL);
	secret_wipe(&keys, sizeof(keys));
	if (err != 0)
		card_start_close(s);
	return err;
}

void
card_start_close(struct card_start *s)
{
	bus_free(&s->bus);
	stats_unmap(&s->stats);
}
