/*
 * One session: its mode, its settings, and the lines it runs. The only module
 * that calls libcli, which runs the session: loop, echo, editing, history.
 *
 * A session talks to a proxy (proxy.h) over one descriptor, and to the chassis
 * by asking (ask.h). It belongs to one thread.
 */
#ifndef SHELL_H
#define SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ask.h"
#include "grammar.h"
#include "out.h"
#include "proxy.h"

#define SHELL_NAME_MAX 64
#define SHELL_LENGTH 24
#define SHELL_WIDTH 80
#define SHELL_LOGIN_ATTEMPTS 3
#define SHELL_LOGIN_DELAY_MS 500 /* after the first failure; then doubled */

struct shell {
	const struct grammar *grammar;
	const struct proxy *proxy; /* for the window's size only */
	struct ask *ask;
	int fd; /* to the proxy */

	char hostname[SHELL_NAME_MAX];
	char context[SHELL_NAME_MAX]; /* worked in: the prompt's bracket */
	char user[SHELL_NAME_MAX];
	const char *from;          /* where logins come from, for the log */
	char mode[SHELL_NAME_MAX]; /* word of the prompt, "" in exec */
	const char *run_dir;       /* of the router; borrowed */
	bool owner;                /* came by the router's own socket */
	bool batch;                /* a program: nothing can be asked */
	int privilege;
	int privilege_start; /* at login */
	int privilege_max;

	unsigned length; /* of the terminal; 0: no paging */
	unsigned width;
	bool length_set; /* by command: the window's size counts no more */
	bool width_set;
	unsigned lines;        /* printed since the last page */
	unsigned depth;        /* of macros in macros */
	bool monitor;          /* lines of the log are shown as they come */
	uint64_t log_seen;     /* number of the last */
	unsigned idle_minutes; /* without a key the session ends; 0: never */
	json_t *settings;      /* of the configuration for terminals */
	struct cli_def *cli;   /* while it runs */
	bool quit;
};

/* fd is borrowed, ask is not; the rest starts as at a console of level 15. */
void shell_init(struct shell *sh, const struct grammar *grammar,
		const struct proxy *proxy, struct ask *ask, int fd);

/* Asks the chassis for its name. What ask() returns. */
int shell_hello(struct shell *sh, struct ask_error *error);

/*
 * Asks for a name and a password, three times at most. 0, -EACCES, or
 * -ECONNRESET when the client went away.
 */
int shell_login(struct shell *sh);

/*
 * The chassis's word on a name with its password, or with a key ("TYPE
 * BASE64"). proved: the client has shown that it holds the key's other half;
 * else this is only a question. 0: what an administrator has is the session's;
 * else what ask() returns.
 */
int shell_login_password(struct shell *sh, const char *name,
			 const char *password);
int shell_login_key(struct shell *sh, const char *name, const char *key,
		    bool proved);

/* Says goodbye to the chassis; gives back ask and what shell_hello() brought.
 */
void shell_fini(struct shell *sh);

/* A text of the configuration for who comes: "login", "motd", "exec". */
void shell_banner(struct shell *sh, const char *which);

/* The lines typed in this session and before, oldest first; NULL at the end. */
const char *shell_history(const struct shell *sh, unsigned i);

/* Whether new lines of the log are shown, from now on. */
void shell_monitor(struct shell *sh, bool on);
/* Prints the lines of an answer to show log. */
void shell_log_lines(const json_t *data, struct out *o);

/* Runs the session until it ends. Closes fd. */
void shell_run(struct shell *sh);

/* "[local]Redback(config)#" */
void shell_prompt(const struct shell *sh, char *text, size_t octets);

/* Text to the terminal, at once. -ECONNRESET when nobody reads. */
int shell_write(struct shell *sh, const char *text, size_t n);
/* The next key, or -ECONNRESET. */
int shell_key(struct shell *sh);
/*
 * Waits for a key, Ctrl-C or the end of the session: true when one came before
 * ms had passed. A program that types ahead is not heard.
 */
bool shell_pause(struct shell *sh, unsigned ms);
/*
 * A line of keys without libcli (a name, a password, which is not echoed).
 * -ECONNRESET; -ECANCELED for Ctrl-C.
 */
int shell_ask_line(struct shell *sh, const char *prompt, bool echo, char *text,
		   size_t octets);

#endif
