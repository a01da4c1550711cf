/*
 * Threads that play processes. The only file besides each program's own main.c
 * that sees the programs' public headers. Each thread has a struct bus of its
 * own made from the first, and its name in the log.
 */
#include "inproc.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "asecard.h"
#include "chassis.h"
#include "linecard.h"
#include "log.h"
#include "stage.h"

struct inproc_card {
	pthread_t thread;
	bool running;
	char name[STAGE_NAME_MAX];
	uint16_t stage;
	uint32_t epoch;
	uint32_t buffers;
	int pools_fd;
	const char *endpoint;
	const char *engine;
	struct stats *stats;
	struct bus *bus;
};

struct inproc {
	pthread_t thread;
	struct chassis_args chassis;
	struct chassis_spawn spawn;
	struct bus *bus; /* the chassis's */
	struct inproc_card card[STAGE_ID_MAX];
	int ended; /* eventfd */
	volatile int quit;
	int status;
};

static void
play_linecard(const struct inproc_card *c)
{
	struct linecard_args args = {.slot = stage_slot(c->stage),
				     .egress =
					 stage_role(c->stage) == STAGE_EPPA,
				     .epoch = c->epoch,
				     .buffers = c->buffers,
				     .pools_fd = c->pools_fd,
				     .bus = c->bus,
				     .endpoint = c->endpoint,
				     .stats = c->stats};

	if (linecard_run(&args) != 0)
		log_error("inproc: line card failed stage=%s", c->name);
}

static void
play_asecard(const struct inproc_card *c)
{
	struct asecard_args args = {
	    .slot = stage_slot(c->stage),
	    .asp = stage_role(c->stage) == STAGE_ASP1 ? 1 : 2,
	    .epoch = c->epoch,
	    .buffers = c->buffers,
	    .pools_fd = c->pools_fd,
	    .engine = c->engine,
	    .bus = c->bus,
	    .endpoint = c->endpoint,
	    .stats = c->stats};

	if (asecard_run(&args) != 0)
		log_error("inproc: ASP failed stage=%s", c->name);
}

static void *
card_thread(void *arg)
{
	const struct inproc_card *c = arg;
	enum stage_role role = stage_role(c->stage);

	log_name(c->name);
	if (role == STAGE_IPPA || role == STAGE_EPPA)
		play_linecard(c);
	else
		play_asecard(c);
	return NULL;
}

static int
start_card(void *arg, uint16_t stage, uint32_t epoch, uint32_t buffers,
	   int pools_fd, const char *endpoint, struct stats *stats)
{
	struct inproc *in = arg;
	struct inproc_card *c = &in->card[stage];
	int err;

	*c = (struct inproc_card){.stage = stage,
				  .epoch = epoch,
				  .buffers = buffers,
				  .pools_fd = pools_fd,
				  .endpoint = endpoint,
				  .engine = in->chassis.engine,
				  .stats = stats};
	(void)stage_name(stage, c->name);
	err = bus_new_sharing(&c->bus, in->bus);
	if (err != 0)
		return err;
	err = pthread_create(&c->thread, NULL, card_thread, c);
	if (err != 0) {
		bus_free(&c->bus);
		return -err;
	}
	c->running = true;
	return 0;
}

static void
join_card(void *arg, uint16_t stage)
{
	struct inproc *in = arg;
	struct inproc_card *c = &in->card[stage];

	if (!c->running)
		return;
	(void)pthread_join(c->thread, NULL);
	c->running = false;
	bus_free(&c->bus);
}

static void *
chassis_thread(void *arg)
{
	struct inproc *in = arg;
	const uint64_t one = 1;

	log_name("chassis");
	in->status = chassis_run(&in->chassis);
	if (write(in->ended, &one, sizeof(one)) != (ssize_t)sizeof(one))
		log_error("inproc: end not told");
	return NULL;
}

int
inproc_start(struct inproc **out, const struct inproc_args *args)
{
	struct inproc *in = calloc(1, sizeof(*in));
	int err;

	if (in == NULL)
		return -ENOMEM;
	in->spawn = (struct chassis_spawn){
	    .arg = in, .start = start_card, .join = join_card};
	in->ended = eventfd(0, EFD_CLOEXEC);
	if (in->ended < 0) {
		err = -errno;
		free(in);
		return err;
	}
	err = bus_new_sharing(&in->bus, args->bus);
	in->chassis =
	    (struct chassis_args){.name = args->name,
				  .config_path = args->config_path,
				  .run_dir = args->run_dir,
				  .bin_dir = "",
				  .secret_key = args->secret_key,
				  .engine = args->engine,
				  .bus = in->bus,
				  .replay = true,
				  .seeded = args->seed != NULL,
				  .seed = args->seed != NULL ? *args->seed : 0,
				  .round_packets = args->round_packets,
				  .rounds_open = args->rounds_open,
				  .telnet_port = -1,
				  .ssh_port = -1,
				  .ready_fd = args->ready_fd,
				  .keys_fd = -1,
				  .spawn = &in->spawn,
				  .quit = &in->quit};
	if (err == 0)
		err = -pthread_create(&in->thread, NULL, chassis_thread, in);
	if (err != 0) {
		bus_free(&in->bus);
		(void)close(in->ended);
		free(in);
		return err;
	}
	*out = in;
	return 0;
}

int
inproc_fd(const struct inproc *in)
{
	return in->ended;
}

void
inproc_quit(struct inproc *in)
{
	in->quit = 1;
}

int
inproc_join(struct inproc **at)
{
	struct inproc *in = *at;
	int status;

	if (in == NULL)
		return 0;
	(void)pthread_join(in->thread, NULL);
	status = in->status;
	bus_free(&in->bus);
	(void)close(in->ended);
	free(in);
	*at = NULL;
	return status;
}
