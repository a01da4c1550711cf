/*
 * `sesim cli [ROUTER] [-c COMMAND]... [-f FILE]`: finds the router's UNIX
 * socket in the run directory and is either its terminal (raw keys both ways,
 * the window's size by an order) or its batch client (whole lines, framed
 * answers). The other end is cli/; docs/man/cli.1, "LOCAL CLIENTS", says what
 * is spoken. The terminal's mode is given back whatever ends the session.
 */
#include "attach.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "rundir.h"

#define PATH_OCTETS 108
#define COMMANDS_MAX 256
#define STATUS_MORE 2 /* of an answer: it goes on */
#define ANSWER_MAX (256UL << 20)

enum { STATUS_DONE, STATUS_REFUSED, STATUS_USAGE, STATUS_MACHINE };

static const char usage[] =
    "usage: sesim cli [ROUTER] [-c COMMAND]... [-f FILE]\n"
    "The command line of a running router. ROUTER may be left out while one\n"
    "runs. -c runs a command, -f the commands of a file (- is standard "
    "input),\n"
    "up to the first that is refused; neither pages its output.\n";

struct attach_args {
	const char *router;
	const char *commands[COMMANDS_MAX];
	unsigned n_commands;
	const char *file;
};

/* 0, 1: help was asked for, -EINVAL. */
static int
parse(struct attach_args *args, int argc, char **argv)
{
	static const struct option options[] = {
	    {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int id;

	optind = 1;
	while ((id = getopt_long(argc, argv, "c:f:h", options, NULL)) != -1) {
		if (id == 'h')
			return 1;
		if (id == 'f')
			args->file = optarg;
		else if (id == 'c' && args->n_commands < COMMANDS_MAX)
			args->commands[args->n_commands++] = optarg;
		else
			return -EINVAL;
	}
	if (optind < argc)
		args->router = argv[optind++];
	return optind == argc ? 0 : -EINVAL;
}

static bool
has_socket(const char *root, const char *router, char path[PATH_OCTETS])
{
	struct stat st;

	if (snprintf(path, PATH_OCTETS, "%s/%s/cli.sock", root, router) >=
	    PATH_OCTETS)
		return false;
	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* What is found of the routers that run: the first, and all names. */
struct found {
	char first[RUNDIR_NAME_MAX + 1];
	char names[512];
	size_t octets;
	unsigned n;
};

static void
find_one(void *arg, const char *name, pid_t keeper)
{
	struct found *found = arg;

	(void)keeper;
	if (found->n++ == 0)
		(void)snprintf(found->first, sizeof(found->first), "%s", name);
	if (found->octets < sizeof(found->names))
		found->octets += (size_t)snprintf(
		    found->names + found->octets,
		    sizeof(found->names) - found->octets, " %s", name);
}

/* The socket's path, or the exit status and a sentence. */
static int
find_socket(const char *router, char path[PATH_OCTETS])
{
	char root[RUNDIR_PATH_MAX];
	char why[RUNDIR_WHY_MAX];
	struct found found = {.n = 0};

	if (rundir_root(root, why) != 0) {
		(void)fprintf(stderr, "sesim cli: %s\n", why);
		return STATUS_MACHINE;
	}
	if (router == NULL) {
		(void)rundir_each(root, find_one, &found);
		router = found.first;
	}
	if (found.n > 1) {
		(void)fprintf(stderr,
			      "sesim cli: %u routers run: say which of%s\n",
			      found.n, found.names);
		return STATUS_USAGE;
	}
	if (router[0] != 0 && strchr(router, '/') == NULL &&
	    has_socket(root, router, path))
		return STATUS_DONE;
	if (router[0] != 0)
		(void)fprintf(stderr, "sesim cli: no router \"%s\" runs\n",
			      router);
	else
		(void)fprintf(stderr, "sesim cli: no router runs\n");
	return STATUS_MACHINE;
}

static int
connect_socket(const char *path, int *fd)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	memcpy(addr.sun_path, path, strlen(path) + 1);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return -errno;
	if (connect(*fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return 0;
	(void)fprintf(stderr, "sesim cli: %s: %s\n", path, strerror(errno));
	(void)close(*fd);
	return -ECONNREFUSED;
}

static int
write_all(int fd, const char *octets, size_t n)
{
	while (n > 0) {
		ssize_t sent = write(fd, octets, n);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return -EPIPE;
		octets += sent;
		n -= (size_t)sent;
	}
	return 0;
}

/* An order to the other end: NUL, words, newline. */
static int
send_order(int fd, const char *words)
{
	char order[64];
	int n = snprintf(order + 1, sizeof(order) - 1, "%s\n", words);

	order[0] = 0;
	return write_all(fd, order, (size_t)n + 1);
}

/* Reads up to the NUL that begins the framed answers. */
static int
batch_begin(int fd, FILE **answers)
{
	int c;

	if (send_order(fd, "batch") != 0)
		return -EPIPE;
	*answers = fdopen(fd, "r");
	if (*answers == NULL)
		return -ENOMEM;
	do
		c = getc(*answers);
	while (c > 0);
	return c == 0 ? 0 : -EPIPE;
}

/* The next answer: its status, or negative. *text is the caller's to free. */
static int
batch_answer(FILE *answers, char **text, size_t *n)
{
	int status;

	if (fscanf(answers, "%d %zu", &status, n) != 2 ||
	    getc(answers) != '\n' || *n > ANSWER_MAX)
		return -EBADMSG;
	*text = malloc(*n + 1);
	if (*text == NULL)
		return -ENOMEM;
	if (fread(*text, 1, *n, answers) != *n) {
		free(*text);
		return -EPIPE;
	}
	return status;
}

static int
batch_command(FILE *answers, const char *command, char **text, size_t *n)
{
	if (write_all(fileno(answers), command, strlen(command)) != 0 ||
	    write_all(fileno(answers), "\n", 1) != 0)
		return -EPIPE;
	return batch_answer(answers, text, n);
}

/* Runs a command and prints what it printed; where: "FILE:LINE:" or "". */
static int
batch_run(FILE *answers, const char *command, const char *where)
{
	char *text = NULL;
	size_t n = 0;
	int status = batch_command(answers, command, &text, &n);

	while (status == STATUS_MORE) {
		(void)fwrite(text, 1, n, stdout);
		(void)fflush(stdout);
		free(text);
		text = NULL;
		status = batch_answer(answers, &text, &n);
	}
	if (status < 0) {
		(void)fprintf(stderr, "sesim cli: %s the connection ended\n",
			      where);
		return STATUS_MACHINE;
	}
	if (status != 0) /* the caret counts from the start of the command */
		(void)fprintf(stderr, "%s%s%s\n", where,
			      where[0] != 0 ? "\n" : "", command);
	(void)fwrite(text, 1, n, status == 0 ? stdout : stderr);
	free(text);
	(void)fflush(stdout);
	return status == 0 ? STATUS_DONE : STATUS_REFUSED;
}

static int
batch_file(FILE *answers, const char *path)
{
	bool in = strcmp(path, "-") == 0;
	FILE *file = in ? stdin : fopen(path, "re");
	unsigned number = 0;
	char *line = NULL;
	size_t room = 0;
	int status = STATUS_DONE;
	char where[512];
	ssize_t n;

	if (file == NULL) {
		(void)fprintf(stderr, "sesim cli: %s: %s\n", path,
			      strerror(errno));
		return STATUS_USAGE;
	}
	while (status == STATUS_DONE &&
	       (n = getline(&line, &room, file)) >= 0) {
		number++;
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = 0;
		(void)snprintf(where, sizeof(where), "%s:%u:", path, number);
		status = batch_run(answers, line, where);
	}
	free(line);
	if (!in)
		(void)fclose(file);
	return status;
}

static int
attach_batch(int fd, const struct attach_args *args)
{
	FILE *answers = NULL;
	int status = STATUS_DONE;

	if (batch_begin(fd, &answers) != 0) {
		(void)fprintf(stderr, "sesim cli: the connection ended\n");
		status = STATUS_MACHINE;
	}
	for (unsigned i = 0; i < args->n_commands && status == STATUS_DONE; i++)
		status = batch_run(answers, args->commands[i], "");
	if (status == STATUS_DONE && args->file != NULL)
		status = batch_file(answers, args->file);
	if (answers != NULL)
		(void)fclose(answers);
	else
		(void)close(fd);
	return status;
}

/* Signals as something to read: those that end us, and a window's new size. */
static int
signals_open(void)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT,
				      SIGWINCH};
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)sigaddset(&set, numbers[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static void
send_size(int fd)
{
	struct winsize size;
	char words[48];

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
		return;
	(void)snprintf(words, sizeof(words), "size %u %u",
		       (unsigned)size.ws_row % 1000,
		       (unsigned)size.ws_col % 10000);
	(void)send_order(fd, words);
}

/* One direction: true while it goes on. */
static bool
pass(int from, int to)
{
	char octets[4096];
	ssize_t n = read(from, octets, sizeof(octets));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	return n > 0 && write_all(to, octets, (size_t)n) == 0;
}

/* A signal came: false when it ends the session. */
static bool
signal_take(int signals, int fd)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return true;
	if (info.ssi_signo != SIGWINCH)
		return false;
	send_size(fd);
	return true;
}

static void
talk(int fd, int signals)
{
	struct pollfd polls[3] = {{.fd = STDIN_FILENO, .events = POLLIN},
				  {.fd = fd, .events = POLLIN},
				  {.fd = signals, .events = POLLIN}};

	for (;;) {
		if (poll(polls, 3, -1) < 0)
			continue;
		if (polls[2].revents != 0 && !signal_take(signals, fd))
			return;
		if (polls[1].revents != 0 && !pass(fd, STDOUT_FILENO))
			return;
		if (polls[0].revents != 0 && !pass(STDIN_FILENO, fd)) {
			polls[0].fd = -1;
			(void)shutdown(fd, SHUT_WR);
		}
	}
}

static int
attach_terminal(int fd)
{
	bool terminal = isatty(STDIN_FILENO) != 0;
	int signals = signals_open();
	struct termios was;
	struct termios raw;

	if (signals < 0 || (terminal && tcgetattr(STDIN_FILENO, &was) != 0)) {
		(void)close(fd);
		return STATUS_MACHINE;
	}
	if (terminal) {
		raw = was;
		cfmakeraw(&raw);
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
		send_size(fd);
	}
	talk(fd, signals);
	if (terminal)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &was);
	(void)close(signals);
	(void)close(fd);
	return STATUS_DONE;
}

static int
attach(const char *path, const struct attach_args *args)
{
	int fd;

	if (connect_socket(path, &fd) != 0)
		return STATUS_MACHINE;
	(void)signal(SIGPIPE, SIG_IGN);
	if (args->n_commands > 0 || args->file != NULL)
		return attach_batch(fd, args);
	return attach_terminal(fd);
}

int
attach_at(const char *command, const char *socket, int argc, char **argv)
{
	struct attach_args args = {0};

	if (parse(&args, argc, argv) != 0 || args.router != NULL) {
		(void)fprintf(stderr, "%s: expected -c COMMAND or -f FILE\n",
			      command);
		return STATUS_USAGE;
	}
	return attach(socket, &args);
}

int
attach_main(int argc, char **argv)
{
	struct attach_args args = {0};
	char path[PATH_OCTETS];
	int rc = parse(&args, argc, argv);

	if (rc != 0) {
		(void)fputs(usage, rc > 0 ? stdout : stderr);
		return rc > 0 ? STATUS_DONE : STATUS_USAGE;
	}
	rc = find_socket(args.router, path);
	return rc != STATUS_DONE ? rc : attach(path, &args);
}
