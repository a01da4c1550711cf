/*
 * Requests of command lines and of the operator's hand: JSON in, JSON out, one
 * handler an operation. While the chassis waits for cards requests are put
 * aside, and handled in order afterwards.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <jansson.h>

#include "chs.h"

struct clients;
struct session;

int clients_new(struct clients **clients);
void clients_free(struct clients **clients);

/* The process of the command line is dead: its sessions end. */
void clients_cli_gone(struct clients *clients);

/* So do those of clients whose end nobody told. */
void clients_bury(struct chs *chs);

/* A REQUEST message; handled now or later. */
void clients_request(struct chs *chs, const struct ctl_in *in);
/* What was put aside. */
void clients_deferred(struct chs *chs);

/* Where the command line listens ({"telnet": ..., "socket": ...}); NULL until
 * it said so. Borrowed. */
const json_t *clients_cli(const struct clients *clients);

/* The line for who started the router: {"ready": true, "cli": ...}. */
json_t *clients_ready(struct chs *chs);

/* An EVENT to a client; takes the reference. */
void client_event(struct chs *chs, const struct bus_peer *peer, json_t *event);

/*
 * A piece of the answer to the request that is being answered, which
 * client_asked() is the number of; takes the reference. What ctl_send() says.
 */
int client_piece(struct chs *chs, const struct bus_peer *peer, uint32_t number,
		 json_t *piece);
uint32_t client_asked(const struct chs *chs);

/* Answers, for handlers. */
json_t *client_ok(json_t *data); /* takes the reference */
json_t *client_error(const char *kind, int column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* session.c: configuration sessions. Each answers the request. */
struct session *session_new(const struct bus_peer *peer);
void session_free(struct session **session);
json_t *session_configure(struct chs *chs, struct session *s, const json_t *rq);
json_t *session_line(struct chs *chs, struct session *s, const json_t *rq);
json_t *session_mode_exit(struct chs *chs, struct session *s, const json_t *rq);
json_t *session_commit(struct chs *chs, struct session *s, const json_t *rq);
json_t *session_abort(struct chs *chs, struct session *s, const json_t *rq);
json_t *session_end(struct chs *chs, struct session *s, const json_t *rq);
json_t *session_configuration(struct chs *chs, struct session *s,
			      const json_t *rq);
json_t *session_load(struct chs *chs, struct session *s, const json_t *rq);
json_t *session_rollback(struct chs *chs, struct session *s, const json_t *rq);
/* Whose session it is: told once, before anything else. Copied. */
void session_name(struct session *s, const char *who, const char *from);
/* Appends what there is to say of its transaction, and of its user. */
void session_transaction(const struct session *s, json_t *list);
void session_user(const struct session *s, json_t *list);

/* show.c: what the machine looks like. NULL: no such topic. */
json_t *show_topic(struct chs *chs, const char *topic, const json_t *args);
json_t *show_status(struct chs *chs);
/* Counters of a topic begin at 0. 0, -ENOENT: no such topic, or -ENOMEM. */
int clear_topic(struct chs *chs, const char *topic, const json_t *args);

#endif
