/*
 * A session's plumbing: a client's descriptors, the proxy, and the thread that
 * runs the shell at the other end of a socket pair. The owner polls; nothing
 * here blocks but session_free(), which waits for the thread to end.
 */
#ifndef SESSION_H
#define SESSION_H

#include <poll.h>
#include <stdbool.h>

#include "bus.h"
#include "grammar.h"

struct shell;

#define SESSION_POLLS 3

enum session_kind {
	SESSION_TELNET,  /* logs in */
	SESSION_LOCAL,   /* already known to be the router's owner: level 15 */
	SESSION_SSH,     /* logged in before: a terminal */
	SESSION_COMMANDS /* logged in before: runs given lines, and ends */
};

/* What all sessions of a process share; must outlive them. */
struct session_home {
	const struct grammar *grammar;
	struct bus *bus;
	const char *endpoint; /* of the chassis */
	const char *run_dir;
};

struct session;

/* Who comes by SSH, logged in when the session begins. */
struct session_guest {
	enum session_kind kind;  /* SESSION_SSH, SESSION_COMMANDS */
	const struct shell *who; /* its ask and settings are the session's once
				    there is one */
	const char *commands;    /* copied; NULL for a terminal */
	const char *line_end;    /* of what commands print; static */
};

/*
 * in and out (which may be one descriptor) are closed by session_free().
 * -ENOMEM, -EMFILE, -EAGAIN; the descriptors are the caller's then.
 */
int session_new(struct session **session, const struct session_home *home,
		enum session_kind kind, int in, int out);
/* The same, for a guest. */
int session_new_guest(struct session **session, const struct session_home *home,
		      const struct session_guest *guest, int in, int out);
/* Accepts NULL, leaves NULL. */
void session_free(struct session **session);

/* Fills polls: what to wait for. */
void session_polls(const struct session *s, struct pollfd polls[SESSION_POLLS]);
/* Moves octets where polls say it is possible. False: the session is over. */
bool session_step(struct session *s, const struct pollfd polls[SESSION_POLLS]);

/* The client's window, where it is not told among its octets. */
void session_window(struct session *s, unsigned rows, unsigned columns);
/* Once it is over: 0, or 1 when a command was refused. */
int session_status(const struct session *s);

#endif
