/*
 * Asking the chassis: one DEALER per session, one question at a time, JSON both
 * ways (docs/wire.md, "Control": REQUEST and REPLY).
 */
#ifndef ASK_H
#define ASK_H

#include <jansson.h>

#include "bus.h"

struct ask;

/* How long an answer may take before the chassis counts as gone. */
#define ASK_DEADLINE_MS 30000
#define ASK_LEAVE_MS 500
#define ASK_WHY_MAX 512

/* What the chassis did not like. */
struct ask_error {
	char text[ASK_WHY_MAX];
	char kind[24]; /* "invalid", "incomplete", "ambiguous", ... */
	size_t column; /* from 1; 0: none */
};

/*
 * Connects to the chassis. with: shared by the threads of this process. fd: the
 * session's descriptor, watched while an answer is awaited: its end, or a
 * PROXY_INTERRUPT, ends the wait; -1 for none. The caller owns *ask until
 * ask_free(). -ENOMEM, or what bus_connect() returned.
 */
int ask_new(struct ask **ask, struct bus *with, const char *endpoint, int fd);
/* Accepts NULL, leaves NULL. */
void ask_free(struct ask **ask);

/* Another descriptor is watched from now on; only while nothing is asked. */
void ask_watch(struct ask *ask, int fd);

/*
 * The session ends: its descriptor is watched no more, and what is still asked
 * (to drop a candidate) waits ASK_LEAVE_MS at most.
 */
void ask_leave(struct ask *ask);

/*
 * Sends request (which it takes, also when it fails) and waits for the answer.
 * 0 and *data, whose owner the caller is then; -EREMOTEIO when the chassis said
 * no, with *error; -EINTR (Ctrl-C), -ECONNRESET (the session ended),
 * -ETIMEDOUT, -EBADMSG, -ENOMEM, each with a sentence in *error.
 */
int ask(struct ask *ask, json_t *request, json_t **data,
	struct ask_error *error);

/*
 * The same for an answer of which pieces come before its end, each given to
 * piece, which borrows it.
 */
typedef void ask_piece_fn(void *arg, const json_t *piece);
int ask_pieces(struct ask *ask, json_t *request, ask_piece_fn *piece, void *arg,
	       json_t **data, struct ask_error *error);

/*
 * The next event that the chassis tells this session, after a request that
 * causes some; what it told before this was asked is not lost. As ask().
 */
int ask_event(struct ask *ask, unsigned deadline_ms, json_t **event,
	      struct ask_error *error);

#endif
