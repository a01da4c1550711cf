/*
 * One question to the chassis and its answer. Called by the handlers of a
 * session, on the session's own thread; keeps nothing between questions but
 * the number that tells a late answer from the one awaited.
 */
#include "ask.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "ctl_chan.h"
#include "log.h"
#include "proxy.h"
#include "secret.h"

#define FROM_CLIENT 0xffff
#define ASK_PIECE 2

struct ask {
	struct bus *bus;
	struct bus_sock *sock;
	int fd; /* -1: not watched */
	unsigned deadline_ms;
	uint32_t number;
	ask_piece_fn *piece; /* NULL: the answer comes whole */
	void *piece_arg;
};

int
ask_new(struct ask **out, struct bus *with, const char *endpoint, int fd)
{
	struct ask *a = calloc(1, sizeof(*a));
	int rc;

	if (a == NULL)
		return -ENOMEM;
	a->fd = fd;
	a->deadline_ms = ASK_DEADLINE_MS;
	rc = bus_new_sharing(&a->bus, with);
	if (rc == 0)
		rc = bus_connect(a->bus, BUS_DEALER, endpoint, NULL, &a->sock);
	if (rc != 0) {
		ask_free(&a);
		return rc;
	}
	*out = a;
	return 0;
}

void
ask_free(struct ask **ask)
{
	if (*ask == NULL)
		return;
	bus_close(&(*ask)->sock);
	bus_free(&(*ask)->bus);
	free(*ask);
	*ask = NULL;
}

void
ask_watch(struct ask *ask, int fd)
{
	ask->fd = fd;
}

void
ask_leave(struct ask *ask)
{
	ask->fd = -1;
	ask->deadline_ms = ASK_LEAVE_MS;
}

static int
refuse(struct ask_error *error, int rc, const char *text)
{
	(void)snprintf(error->text, sizeof(error->text), "%s", text);
	return rc;
}

static int
ask_send(struct ask *a, const json_t *request)
{
	struct ctl_request body = {.number = be32_put(++a->number)};
	char *text = json_dumps(request, JSON_COMPACT);
	size_t n;
	int rc;

	if (text == NULL)
		return -ENOMEM;
	n = strlen(text);
	rc = ctl_send(a->sock, NULL, FROM_CLIENT, CTL_REQUEST, &body, text, n);
	secret_wipe(text, n); /* a login holds a password */
	free(text);
	return rc;
}

/*
 * Did the session end, or its user press Ctrl-C, while we wait? What else may
 * have come (the next line of a batch) stays where it is, and *watch ends.
 */
static int
ask_interrupted(const struct ask *a, bool *watch)
{
	unsigned char c;
	ssize_t n = recv(a->fd, &c, 1, MSG_DONTWAIT | MSG_PEEK);

	if (n == 0)
		return -ECONNRESET;
	if (n != 1)
		return 0;
	if (c != PROXY_INTERRUPT) {
		*watch = false;
		return 0;
	}
	(void)recv(a->fd, &c, 1, MSG_DONTWAIT);
	return -EINTR;
}

/* A piece of the answer to what is asked; those of others are late. */
static int
ask_piece(struct ask *a, const struct ctl_in *in)
{
	const struct ctl_request *body = in->body;
	json_t *piece;

	if (a->piece == NULL || be32_get(body->number) != a->number)
		return 0;
	piece = json_loadb((const char *)in->tail, in->tail_octets, 0, NULL);
	if (piece == NULL)
		return -EBADMSG;
	a->piece(a->piece_arg, piece);
	json_decref(piece);
	return ASK_PIECE;
}

/*
 * JSON of the answer (EVENT: of the next event, which has no number) once it is
 * here: 1; ASK_PIECE when it goes on; 0 when there is none yet.
 */
static int
ask_take(struct ask *a, enum ctl_type what, json_t **answer)
{
	struct ctl_in in;
	const struct ctl_request *body;
	int rc = ctl_recv(a->sock, CTL_CLIENT, &in);

	if (rc <= 0)
		return rc;
	rc = 0;
	body = in.body;
	if (in.type == CTL_EVENT && be32_get(body->number) != 0) {
		rc = ask_piece(a, &in);
	} else if (in.type == what &&
		   (what == CTL_EVENT || be32_get(body->number) == a->number)) {
		*answer =
		    json_loadb((const char *)in.tail, in.tail_octets, 0, NULL);
		rc = *answer == NULL ? -EBADMSG : 1;
	}
	ctl_in_done(&in);
	return rc;
}

static int
ask_wait(struct ask *a, enum ctl_type what, unsigned deadline_ms,
	 json_t **answer)
{
	uint64_t end = clock_monotonic() + deadline_ms * CLOCK_MS_NS;
	struct bus_poll items[2] = {{.sock = a->sock}, {.fd = a->fd}};
	bool watch = a->fd >= 0;
	int rc;

	for (;;) {
		uint64_t now = clock_monotonic();

		rc = ask_take(a, what, answer);
		if (rc == ASK_PIECE) {
			/* The reader of it may have taken his time. */
			end = clock_monotonic() + deadline_ms * CLOCK_MS_NS;
			continue;
		}
		if (rc != 0)
			return rc < 0 ? rc : 0;
		if (now >= end)
			return -ETIMEDOUT;
		rc = bus_poll(items, watch ? 2 : 1,
			      (long)((end - now) / CLOCK_MS_NS) + 1);
		if (rc < 0 && rc != -EINTR)
			return rc;
		if (rc > 0 && watch && items[1].ready) {
			rc = ask_interrupted(a, &watch);
			if (rc != 0)
				return rc;
		}
	}
}

static int
ask_refused(const json_t *answer, struct ask_error *error)
{
	const json_t *e = json_object_get(answer, "error");
	const char *text = json_string_value(json_object_get(e, "text"));
	const char *kind = json_string_value(json_object_get(e, "kind"));
	const json_t *column = json_object_get(e, "column");

	(void)snprintf(error->text, sizeof(error->text), "%s",
		       text != NULL ? text : "refused without a reason");
	(void)snprintf(error->kind, sizeof(error->kind), "%s",
		       kind != NULL ? kind : "");
	if (json_is_integer(column) && json_integer_value(column) >= 0)
		error->column = (size_t)json_integer_value(column) + 1;
	return -EREMOTEIO;
}

static int
ask_failed(struct ask_error *error, int rc)
{
	if (rc == -EINTR)
		return refuse(error, rc, "interrupted");
	if (rc == -ETIMEDOUT)
		return refuse(error, rc, "the controller does not answer");
	log_warn("ask: no answer rc=%d", rc);
	return refuse(error, rc, "cannot talk to the controller");
}

int
ask_event(struct ask *a, unsigned deadline_ms, json_t **event,
	  struct ask_error *error)
{
	int rc = ask_wait(a, CTL_EVENT, deadline_ms, event);

	*error = (struct ask_error){.kind = "machine"};
	return rc == 0 ? 0 : ask_failed(error, rc);
}

int
ask_pieces(struct ask *a, json_t *request, ask_piece_fn *piece, void *arg,
	   json_t **data, struct ask_error *error)
{
	int rc;

	a->piece = piece;
	a->piece_arg = arg;
	rc = ask(a, request, data, error);
	a->piece = NULL;
	return rc;
}

int
ask(struct ask *a, json_t *request, json_t **data, struct ask_error *error)
{
	json_t *answer = NULL;
	int rc;

	*error = (struct ask_error){.kind = "machine"};
	if (request == NULL)
		return refuse(error, -ENOMEM, "out of memory");
	rc = ask_send(a, request);
	json_decref(request);
	if (rc == 0)
		rc = ask_wait(a, CTL_REPLY, a->deadline_ms, &answer);
	if (rc != 0)
		return ask_failed(error, rc);
	if (json_is_true(json_object_get(answer, "ok"))) {
		*data = json_incref(json_object_get(answer, "data"));
		if (*data == NULL)
			*data = json_object();
		rc = 0;
	} else {
		rc = ask_refused(answer, error);
	}
	json_decref(answer);
	return rc;
}
