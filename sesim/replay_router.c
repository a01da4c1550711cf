/*
 * Starting and ending the router of a replay. The two forms, processes under a
 * keeper and threads of this process, differ here and nowhere else: each gives
 * a descriptor that tells its end, a line of readiness, and a control channel.
 */
#include "replay_router.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bindir.h"
#include "keeper.h"
#include "secret.h"

#define READY_MS 30000
#define READY_OCTETS 4096
#define END_MS 3000

static int
tell(const struct replay_router *r, int status, const char *what)
{
	(void)fprintf(stderr, "%s: %s\n", r->args->command, what);
	return status;
}

/* The key pair of a run over tcp, in memory that only heirs can read. */
static int
make_keys(struct replay_router *r, struct bus_keys *keys)
{
	int err = bus_keys_make(keys);

	if (err != 0)
		return err;
	r->keys_fd = memfd_create("sesim-keys", MFD_CLOEXEC);
	if (r->keys_fd < 0 || pwrite(r->keys_fd, keys, sizeof(*keys), 0) !=
				  (ssize_t)sizeof(*keys))
		return -errno;
	return 0;
}

static int
open_bus(struct replay_router *r)
{
	struct bus_keys keys;
	bool tcp = r->args->transport == BUS_TCP;
	int err = tcp ? make_keys(r, &keys) : 0;

	if (err == 0)
		err = bus_new(&r->bus, r->args->transport, r->dir->path,
			      tcp ? &keys : NULL);
	secret_wipe(&keys, sizeof(keys));
	return err;
}

static int
start_keeper(struct replay_router *r, int ready_fd)
{
	const struct replay_args *a = r->args;
	struct keeper_start start = {.dir = r->dir, .ready_fd = ready_fd};
	char bin_dir[PATH_MAX];
	char seed[24];
	char packets[16];
	char open[16];
	char keys[16];
	int err = bindir_find(bin_dir, sizeof(bin_dir));

	if (err != 0)
		return err;
	start.bin_dir = bin_dir;
	keeper_arg(&start, "--name", "replay");
	keeper_arg(&start, "--config", a->config);
	keeper_arg(&start, "--transport", bus_transport_name(a->transport));
	keeper_arg(&start, "--engine", a->engine);
	keeper_arg(&start, "--replay", NULL);
	if (a->secret_key != NULL)
		keeper_arg(&start, "--secret-key", a->secret_key);
	(void)snprintf(seed, sizeof(seed), "%llu", (unsigned long long)a->seed);
	if (a->seeded)
		keeper_arg(&start, "--seed", seed);
	(void)snprintf(packets, sizeof(packets), "%u", a->round_packets);
	if (a->round_packets != 0)
		keeper_arg(&start, "--round-packets", packets);
	(void)snprintf(open, sizeof(open), "%u", a->rounds_open);
	if (a->rounds_open != 0)
		keeper_arg(&start, "--rounds-open", open);
	for (unsigned i = 0; i < a->nhold; i++)
		start.hold[start.nhold++] = a->hold[i];
	(void)snprintf(keys, sizeof(keys), "%d", r->keys_fd);
	if (r->keys_fd >= 0) {
		keeper_arg(&start, "--keys-fd", keys);
		start.hold[start.nhold++] = r->keys_fd;
	}
	err = keeper_start(&start, &r->keeper);
	if (err == 0)
		r->fd = (int)syscall(SYS_pidfd_open, r->keeper, 0);
	return err == 0 && r->fd < 0 ? -errno : err;
}

/* ready_fd becomes the chassis's. */
static int
start_threads(struct replay_router *r, int ready_fd)
{
	const struct replay_args *a = r->args;
	struct inproc_args args = {.bus = r->bus,
				   .name = "replay",
				   .run_dir = r->dir->path,
				   .config_path = a->config,
				   .secret_key = a->secret_key,
				   .engine = a->engine,
				   .seed = a->seeded ? &a->seed : NULL,
				   .round_packets = a->round_packets,
				   .rounds_open = a->rounds_open,
				   .ready_fd = ready_fd};
	int err = inproc_start(&r->inproc, &args);

	if (err == 0)
		r->fd = inproc_fd(r->inproc);
	return err;
}

int
replay_router_start(struct replay_router *r, const struct replay_args *args,
		    const struct rundir *dir)
{
	bool threads = args->transport == BUS_INPROC;
	int pipe_fd[2];
	int err;

	*r = (struct replay_router){
	    .args = args, .dir = dir, .keys_fd = -1, .fd = -1, .ready_fd = -1};
	err = open_bus(r);
	if (err != 0)
		return err;
	if (pipe2(pipe_fd, O_CLOEXEC) != 0)
		return -errno;
	r->ready_fd = pipe_fd[0];
	err = threads ? start_threads(r, pipe_fd[1])
		      : start_keeper(r, pipe_fd[1]);
	if (!threads || err != 0)
		(void)close(pipe_fd[1]);
	return err;
}

/* The exit status that the chassis's words give: 0 when it is ready. */
static int
read_ready(struct replay_router *r, const char *text, size_t len)
{
	json_t *words = json_loadb(text, len, 0, NULL);
	const char *error = json_string_value(json_object_get(words, "error"));
	json_int_t status = json_integer_value(json_object_get(words, "exit"));

	if (json_is_true(json_object_get(words, "ready")))
		status = 0;
	else if (error != NULL)
		(void)tell(r, 0, error);
	else
		status = tell(r, 3, "the router did not start");
	json_decref(words);
	return (int)status;
}

int
replay_router_await(struct replay_router *r, int signal_fd)
{
	char text[READY_OCTETS];
	size_t len = 0;
	struct pollfd items[2] = {{.fd = r->ready_fd, .events = POLLIN},
				  {.fd = signal_fd, .events = POLLIN}};

	while (len < sizeof(text)) {
		ssize_t n;

		if (poll(items, 2, READY_MS) <= 0)
			return tell(r, 3, "the router does not become ready");
		if (items[1].revents != 0)
			return tell(r, 1, "interrupted before it began");
		n = read(r->ready_fd, text + len, sizeof(text) - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		if (memchr(text, '\n', len) != NULL)
			break;
	}
	return read_ready(r, text, len);
}

static void
end_keeper(struct replay_router *r)
{
	struct pollfd item = {.fd = r->fd, .events = POLLIN};

	if (r->keeper <= 0)
		return;
	(void)kill(r->keeper, SIGTERM);
	if (r->fd >= 0 && poll(&item, 1, END_MS) <= 0)
		(void)kill(r->keeper, SIGKILL);
	while (waitpid(r->keeper, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (r->fd >= 0)
		(void)close(r->fd);
}

/* A chassis of threads sees that it shall end at its next message. */
static void
end_threads(struct replay_router *r)
{
	char endpoint[BUS_ENDPOINT_MAX];

	if (r->inproc == NULL)
		return;
	inproc_quit(r->inproc);
	if (r->hand == NULL &&
	    hand_endpoint(BUS_INPROC, r->dir->path, endpoint) == 0)
		(void)hand_open(&r->hand, r->bus, endpoint);
	if (r->hand != NULL)
		(void)hand_send(r->hand, json_pack("{s:s}", "op", "status"));
	(void)inproc_join(&r->inproc);
}

void
replay_router_end(struct replay_router *r)
{
	end_threads(r);
	hand_close(&r->hand);
	bus_free(&r->bus);
	end_keeper(r);
	if (r->ready_fd >= 0)
		(void)close(r->ready_fd);
	if (r->keys_fd >= 0)
		(void)close(r->keys_fd);
}
