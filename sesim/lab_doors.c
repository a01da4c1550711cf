/*
 * Orders to the keeper of a lab: a UNIX socket in its run directory, which
 * nobody but its owner can enter. A request is a line of JSON, so is its
 * answer; one that waits for a node to be up is answered then. Nothing here
 * waits: a client that does not read is let go when its room is full.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "lab_keep.h"
#include "lab_orders.h"
#include "log.h"

#define CLIENTS_MAX 64
#define REQUEST_MAX (64 * 1024)

struct lab_client {
	struct lab_watch watch;
	char *in;
	size_t nin;
	char *out;
	size_t nout;
	size_t sent;
	const struct lab_node *waits; /* answered when it has settled */
};

struct lab_doors {
	struct lab_watch watch;
	struct lab_client client[CLIENTS_MAX];
};

static void
let_go(struct lab *lab, struct lab_client *c)
{
	lab_unwatch(lab, &c->watch);
	free(c->in);
	free(c->out);
	*c = (struct lab_client){.watch = {.fd = -1}};
}

/* Writes what there is to write, and waits for room for the rest. */
static void
push(struct lab *lab, struct lab_client *c)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

	while (c->sent < c->nout) {
		ssize_t n = send(c->watch.fd, c->out + c->sent,
				 c->nout - c->sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN) {
			let_go(lab, c);
			return;
		}
		if (n < 0)
			break;
		c->sent += (size_t)n;
	}
	if (c->sent < c->nout)
		event.events = EPOLLOUT;
	(void)epoll_ctl(lab->epoll, EPOLL_CTL_MOD, c->watch.fd, &event);
}

/* Takes the reference. */
static void
answer(struct lab *lab, struct lab_client *c, json_t *words)
{
	char *text = words != NULL ? json_dumps(words, JSON_COMPACT) : NULL;
	size_t n = text != NULL ? strlen(text) : 0;

	json_decref(words);
	free(c->out);
	c->out = text;
	c->sent = 0;
	c->nout = n;
	if (text == NULL) {
		let_go(lab, c);
		return;
	}
	text[n] = '\n'; /* in place of the NUL, which nobody needs */
	c->nout = n + 1;
	push(lab, c);
}

/* One whole line. */
static void
request(struct lab *lab, struct lab_client *c, const char *line, size_t n)
{
	json_t *words = json_loadb(line, n, 0, NULL);
	const struct lab_node *waits = NULL;
	json_t *said = lab_order(lab, words, &waits);

	json_decref(words);
	c->waits = waits;
	if (waits == NULL)
		answer(lab, c, said);
	else
		json_decref(said);
}

static void
client_woken(struct lab *lab, struct lab_watch *watch)
{
	struct lab_client *c = (struct lab_client *)watch;
	char *end;
	ssize_t n;

	if (c->sent < c->nout) {
		push(lab, c);
		return;
	}
	n = recv(watch->fd, c->in + c->nin, REQUEST_MAX - c->nin, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		c->nin += (size_t)n;
	end = n > 0 ? memchr(c->in, '\n', c->nin) : NULL;
	if (n <= 0 || (end == NULL && c->nin == REQUEST_MAX)) {
		let_go(lab, c);
		return;
	}
	if (end == NULL)
		return;
	n = end - c->in;
	c->nin = 0; /* one request at a time: what came behind it is dropped */
	request(lab, c, c->in, (size_t)n);
}

static void
door_woken(struct lab *lab, struct lab_watch *watch)
{
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct lab_client *c = NULL;

	if (fd < 0)
		return;
	for (unsigned i = 0; i < CLIENTS_MAX && c == NULL; i++) {
		if (lab->doors->client[i].watch.fd < 0)
			c = &lab->doors->client[i];
	}
	if (c != NULL)
		c->in = malloc(REQUEST_MAX);
	if (c == NULL || c->in == NULL) {
		(void)close(fd);
		return;
	}
	c->watch = (struct lab_watch){.woken = client_woken, .fd = fd};
	if (lab_watch(lab, &c->watch) != 0)
		let_go(lab, c);
}

void
lab_doors_settled(struct lab *lab, const struct lab_node *node)
{
	for (unsigned i = 0; lab->doors != NULL && i < CLIENTS_MAX; i++) {
		struct lab_client *c = &lab->doors->client[i];

		if (c->waits != node)
			continue;
		c->waits = NULL;
		if (node->state == LAB_NODE_UP)
			answer(lab, c, json_pack("{s:b}", "ok", 1));
		else
			answer(lab, c,
			       json_pack("{s:b, s:s}", "ok", 0, "error",
					 node->why));
	}
}

int
lab_doors_new(struct lab *lab, char why[LAB_WHY_MAX])
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int n = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s",
			 lab->run_dir, LAB_DOOR);

	if (n < 0 || n >= (int)sizeof(addr.sun_path)) {
		(void)snprintf(why, LAB_WHY_MAX, "run directory %s",
			       lab->run_dir);
		return -ENAMETOOLONG;
	}
	lab->doors = calloc(1, sizeof(*lab->doors));
	if (lab->doors == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		lab->doors->client[i].watch.fd = -1;
	lab->doors->watch = (struct lab_watch){
	    .woken = door_woken,
	    .fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
	if (lab->doors->watch.fd < 0 ||
	    bind(lab->doors->watch.fd, (const struct sockaddr *)&addr,
		 sizeof(addr)) != 0 ||
	    listen(lab->doors->watch.fd, CLIENTS_MAX) != 0)
		return -errno;
	return lab_watch(lab, &lab->doors->watch);
}

void
lab_doors_free(struct lab *lab)
{
	if (lab->doors == NULL)
		return;
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		if (lab->doors->client[i].watch.fd >= 0)
			let_go(lab, &lab->doors->client[i]);
	}
	lab_unwatch(lab, &lab->doors->watch);
	free(lab->doors);
	lab->doors = NULL;
}
