/*
 * sesim-cli: options, signals and the terminal's mode; the work is in
 * terminal.c.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include "bus.h"
#include "log.h"
#include "secret.h"
#include "terminal.h"

static volatile sig_atomic_t quit;

static void
on_signal(int number)
{
	(void)number;
	quit = 1;
}

enum option_id {
	OPT_ENDPOINT = 1,
	OPT_TRANSPORT,
	OPT_RUN_DIR,
	OPT_KEYS_FD,
	OPT_SOCKET,
	OPT_TELNET,
	OPT_PORT_FILE,
	OPT_SSH,
	OPT_SSH_PORT_FILE,
	OPT_LOGIN_TIMEOUT,
	OPT_STDIN,
	OPT_HELP
};

static const struct option options[] = {
    {"endpoint", required_argument, NULL, OPT_ENDPOINT},
    {"transport", required_argument, NULL, OPT_TRANSPORT},
    {"run-dir", required_argument, NULL, OPT_RUN_DIR},
    {"keys-fd", required_argument, NULL, OPT_KEYS_FD},
    {"socket", required_argument, NULL, OPT_SOCKET},
    {"telnet", required_argument, NULL, OPT_TELNET},
    {"port-file", required_argument, NULL, OPT_PORT_FILE},
    {"ssh", required_argument, NULL, OPT_SSH},
    {"ssh-port-file", required_argument, NULL, OPT_SSH_PORT_FILE},
    {"login-timeout", required_argument, NULL, OPT_LOGIN_TIMEOUT},
    {"stdin", no_argument, NULL, OPT_STDIN},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0}};

static const char usage[] =
    "usage: sesim-cli --endpoint ENDPOINT --run-dir DIR\n"
    "    [--transport ipc|tcp] [--keys-fd N] [--socket PATH]\n"
    "    [--telnet PORT] [--port-file PATH] [--ssh PORT]\n"
    "    [--ssh-port-file PATH] [--login-timeout SECONDS] [--stdin]\n"
    "The terminal line of one router. Its controller starts it; people use\n"
    "`sesim cli`, telnet or ssh. See cli(1).\n";

struct main_args {
	struct terminal_args terminal;
	enum bus_transport transport;
	const char *run_dir;
	int keys_fd;
};

static int
parse_number(const char *text, int max, int *n)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != 0 || value < 0 ||
	    value > max) {
		(void)fprintf(stderr,
			      "sesim-cli: %s: expected a number up to %d\n",
			      text, max);
		return -EINVAL;
	}
	*n = (int)value;
	return 0;
}

static int
parse_option(struct main_args *args, int id, const char *text)
{
	struct terminal_args *t = &args->terminal;

	switch (id) {
	case OPT_ENDPOINT:
		t->endpoint = text;
		return 0;
	case OPT_TRANSPORT:
		return bus_transport_parse(text, &args->transport);
	case OPT_RUN_DIR:
		args->run_dir = text;
		return 0;
	case OPT_KEYS_FD:
		return parse_number(text, 65535, &args->keys_fd);
	case OPT_SOCKET:
		t->socket_path = text;
		return 0;
	case OPT_TELNET:
		return parse_number(text, 65535, &t->telnet_port);
	case OPT_PORT_FILE:
		t->port_file = text;
		return 0;
	case OPT_SSH:
		return parse_number(text, 65535, &t->ssh_port);
	case OPT_SSH_PORT_FILE:
		t->ssh_port_file = text;
		return 0;
	case OPT_LOGIN_TIMEOUT:
		return parse_number(text, 3600, &t->login_seconds);
	case OPT_STDIN:
		t->on_stdin = true;
		return 0;
	default:
		return -EINVAL;
	}
}

/* 0, 1: help was asked for, -EINVAL. */
static int
parse(struct main_args *args, int argc, char **argv)
{
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (id == OPT_HELP)
			return 1;
		if (parse_option(args, id, optarg) != 0)
			return -EINVAL;
	}
	if (optind != argc || args->terminal.endpoint == NULL ||
	    args->run_dir == NULL)
		return -EINVAL;
	return 0;
}

/* Signals are heard only while the loop waits. */
static int
signals_set(sigset_t *wait_mask)
{
	struct sigaction end = {.sa_handler = on_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t block;

	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGTERM);
	(void)sigaddset(&block, SIGINT);
	(void)sigaddset(&block, SIGHUP);
	if (pthread_sigmask(SIG_BLOCK, &block, wait_mask) != 0 ||
	    sigaction(SIGTERM, &end, NULL) != 0 ||
	    sigaction(SIGINT, &end, NULL) != 0 ||
	    sigaction(SIGHUP, &end, NULL) != 0 ||
	    sigaction(SIGPIPE, &ignore, NULL) != 0)
		return -errno;
	(void)sigdelset(wait_mask, SIGTERM);
	(void)sigdelset(wait_mask, SIGINT);
	(void)sigdelset(wait_mask, SIGHUP);
	return 0;
}

/* A terminal on standard input gives us keys, not lines; as it was: *was. */
static bool
raw_mode(struct termios *was)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, was) != 0)
		return false;
	raw = *was;
	cfmakeraw(&raw);
	return tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

static int
run(struct main_args *args)
{
	struct bus_keys keys;
	bool have_keys = args->keys_fd >= 0;
	struct termios was;
	bool raw = false;
	int rc;

	if (have_keys && bus_keys_read(args->keys_fd, &keys) != 0) {
		log_error("cli: no keys on descriptor %d", args->keys_fd);
		return 3;
	}
	rc = bus_new(&args->terminal.bus, args->transport, args->run_dir,
		     have_keys ? &keys : NULL);
	secret_wipe(&keys, sizeof(keys));
	if (rc != 0) {
		log_error("cli: no bus: %s", strerror(-rc));
		return 3;
	}
	if (args->terminal.on_stdin)
		raw = raw_mode(&was);
	args->terminal.run_dir = args->run_dir;
	rc = terminal_run(&args->terminal);
	if (raw)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &was);
	bus_free(&args->terminal.bus);
	return rc;
}

int
main(int argc, char **argv)
{
	struct main_args args = {
	    .transport = BUS_IPC,
	    .keys_fd = -1,
	    .terminal = {.telnet_port = -1,
			 .ssh_port = -1,
			 .login_seconds = TERMINAL_LOGIN_SECONDS,
			 .quit = &quit}};
	sigset_t wait_mask;
	pid_t parent = getppid();
	int rc = parse(&args, argc, argv);

	if (rc != 0) {
		(void)fputs(usage, rc > 0 ? stdout : stderr);
		return rc > 0 ? 0 : 2;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		return 3;
	log_init("cli", LOG_LEVEL_INFO);
	if (signals_set(&wait_mask) != 0)
		return 3;
	args.terminal.wait_mask = &wait_mask;
	return run(&args);
}
