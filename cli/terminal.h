/*
 * The terminal line of a router: listens, and runs a session for each client.
 * The only public header of this program.
 *
 * Ways in: telnet and SSH on loopback (ask for a login), a UNIX socket (mode
 * 0600; who may open it is the router's owner, level 15), and standard input
 * (one session, level 15). What a local client may order beside typing stands
 * in proxy.h, and how programs talk to it in shell_batch.h.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <signal.h>
#include <stdbool.h>

struct bus;

#define TERMINAL_SESSIONS_MAX 64 /* and those that come by SSH (sshd.h) */
#define TERMINAL_LOGIN_SECONDS 60

struct terminal_args {
	struct bus *bus;         /* borrowed */
	const char *endpoint;    /* of the chassis */
	const char *run_dir;     /* of the router */
	const char *socket_path; /* NULL: none */
	int telnet_port;         /* -1: none; 0: any free one */
	const char *port_file;   /* where the port is written, or NULL */
	int ssh_port;            /* as telnet_port */
	const char *ssh_port_file;
	int login_seconds; /* within which SSH has to have logged in */
	bool on_stdin;
	/*
	 * Set by a signal, which is blocked but while waiting with this mask.
	 */
	const volatile sig_atomic_t *quit;
	const sigset_t *wait_mask;
};

/* The exit status of the program: 0, or 3 as docs/man/cli.1 says. */
int terminal_run(const struct terminal_args *args);

#endif
