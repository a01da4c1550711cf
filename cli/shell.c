/*
 * A session's life: libcli holds the loop, echo, editing and history; this
 * module gives it one command, which every line is made to be by the proxy
 * (proxy.c says how), and takes the line from there. Called by session.c on the
 * session's thread. Paging is done here, where the output comes by.
 *
 * What is ours and not libcli's, because its grammar cannot hold a SmartEdge's:
 * matching, help, completion, errors, pipes, paging, prompts.
 */
#include "shell.h"

#include <errno.h>
#include <libcli.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "exec.h"
#include "log.h"
#include "shell_batch.h"
#include "typed.h"

#define PROMPT_MAX 224
#define MORE "---(more)---"
#define INJECT_MAX (2 * PROXY_LINE_MAX + 1024)
#define KEY(c) ((c)&0x1f)

void
shell_init(struct shell *sh, const struct grammar *grammar,
	   const struct proxy *proxy, struct ask *ask, int fd)
{
	*sh = (struct shell){.grammar = grammar,
			     .proxy = proxy,
			     .ask = ask,
			     .fd = fd,
			     .hostname = "Redback",
			     .context = "local",
			     .from = "127.0.0.1",
			     .privilege = 15,
			     .privilege_start = 15,
			     .privilege_max = 15,
			     .length = SHELL_LENGTH,
			     .width = SHELL_WIDTH};
}

/* Who came by the router's own socket is who runs it (or root). */
static void
owner_name(struct shell *sh)
{
	struct passwd entry;
	struct passwd *found = NULL;
	char text[1024];

	if (getpwuid_r(geteuid(), &entry, text, sizeof(text), &found) == 0 &&
	    found != NULL)
		(void)snprintf(sh->user, sizeof(sh->user), "%s",
			       found->pw_name);
	else
		(void)snprintf(sh->user, sizeof(sh->user), "uid %u",
			       (unsigned)geteuid());
}

int
shell_hello(struct shell *sh, struct ask_error *error)
{
	json_t *data = NULL;
	const char *name;
	json_t *hello = json_pack("{s:s}", "op", "hello");
	int rc;

	if (sh->owner && sh->user[0] == 0)
		owner_name(sh);
	if (sh->owner)
		(void)json_object_set_new(hello, "user", json_string(sh->user));
	if (sh->owner)
		(void)json_object_set_new(hello, "from", json_string("local"));
	rc = ask(sh->ask, hello, &data, error);

	if (rc != 0)
		return rc;
	name = json_string_value(json_object_get(data, "hostname"));
	if (name != NULL)
		(void)snprintf(sh->hostname, sizeof(sh->hostname), "%s", name);
	json_decref(sh->settings);
	sh->settings = data;
	return 0;
}

void
shell_fini(struct shell *sh)
{
	struct ask_error error;
	json_t *data = NULL;

	json_decref(sh->settings);
	sh->settings = NULL;
	if (sh->ask == NULL)
		return;
	ask_leave(sh->ask);
	(void)ask(sh->ask, json_pack("{s:s}", "op", "bye"), &data, &error);
	json_decref(data);
	ask_free(&sh->ask);
}

void
shell_banner(struct shell *sh, const char *which)
{
	const char *text = json_string_value(
	    json_object_get(json_object_get(sh->settings, "banners"), which));

	if (text == NULL)
		return;
	(void)shell_write(sh, text, strlen(text));
	(void)shell_write(sh, "\r\n", 2);
}

void
shell_prompt(const struct shell *sh, char *text, size_t octets)
{
	(void)snprintf(text, octets, "[%s]%s%s%s%s%s", sh->context,
		       sh->hostname, sh->mode[0] != 0 ? "(" : "", sh->mode,
		       sh->mode[0] != 0 ? ")" : "",
		       sh->mode[0] != 0 || sh->privilege >= 10 ? "#" : ">");
}

int
shell_write(struct shell *sh, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(sh->fd, text, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return -ECONNRESET;
		text += sent;
		n -= (size_t)sent;
	}
	return 0;
}

int
shell_key(struct shell *sh)
{
	static const char please[] = {PROXY_KEY};
	unsigned char c;
	ssize_t n;

	if (sh->batch || shell_write(sh, please, 1) != 0)
		return -ECONNRESET; /* a program has no keys */
	do
		n = read(sh->fd, &c, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? c : -ECONNRESET;
}

bool
shell_pause(struct shell *sh, unsigned ms)
{
	static const char please[] = {PROXY_KEY};
	struct pollfd p = {.fd = sh->fd, .events = POLLIN};
	uint64_t end = clock_monotonic() + ms * CLOCK_MS_NS;
	uint64_t now;
	unsigned char c;
	ssize_t n;

	if (!sh->batch && shell_write(sh, please, 1) != 0)
		return true;
	if (poll(&p, 1, (int)ms) != 1)
		return false;
	n = recv(sh->fd, &c, 1, MSG_DONTWAIT | MSG_PEEK);
	if (n == 1 && sh->batch && c != PROXY_INTERRUPT) {
		/* The next line of the program, which waits for its turn. */
		now = clock_monotonic();
		(void)poll(NULL, 0,
			   now < end ? (int)((end - now) / CLOCK_MS_NS) : 0);
		return false;
	}
	(void)recv(sh->fd, &c, 1, MSG_DONTWAIT);
	return true;
}

int
shell_ask_line(struct shell *sh, const char *prompt, bool echo, char *text,
	       size_t octets)
{
	size_t n = 0;
	int key = 0;

	if (shell_write(sh, prompt, strlen(prompt)) != 0)
		return -ECONNRESET;
	while ((key = shell_key(sh)) != '\r') {
		if (key < 0 || key == KEY('D'))
			return -ECONNRESET;
		if (key == KEY('C'))
			return -ECANCELED;
		if ((key == KEY('H') || key == 0x7f) && n > 0) {
			n--;
			if (echo)
				(void)shell_write(sh, "\b \b", 3);
		}
		if (key < 0x20 || key == 0x7f || n + 1 >= octets)
			continue;
		text[n++] = (char)key;
		if (echo)
			(void)shell_write(sh, &text[n - 1], 1);
	}
	text[n] = 0;
	return shell_write(sh, "\r\n", 2);
}

/* Lines a page holds, and columns: the window's, unless a command set them. */
static void
page_size(const struct shell *sh, unsigned *length, unsigned *width)
{
	unsigned rows = 0;
	unsigned columns = 0;

	if (sh->proxy != NULL)
		proxy_window(sh->proxy, &rows, &columns);
	*length = sh->length_set || rows == 0 ? sh->length : rows;
	*width = sh->width_set || columns == 0 ? sh->width : columns;
}

/* A page is full. True when no more is wanted. */
static bool
page_turn(struct shell *sh, unsigned length)
{
	static const char erase[] = "\r            \r";
	int key;

	if (shell_write(sh, MORE, strlen(MORE)) != 0)
		return true;
	do
		key = shell_key(sh);
	while (key >= 0 && key != ' ' && key != '\r' && key != 'q' &&
	       key != 'Q' && key != KEY('C'));
	if (shell_write(sh, erase, strlen(erase)) != 0 || key < 0)
		return true;
	sh->lines = key == '\r' && length > 1 ? length - 2 : 0;
	return key == 'q' || key == 'Q' || key == KEY('C');
}

/* Has Ctrl-C come while we print? */
static bool
interrupted(const struct shell *sh)
{
	struct pollfd p = {.fd = sh->fd, .events = POLLIN};
	unsigned char c;

	if (poll(&p, 1, 0) != 1)
		return false;
	return recv(sh->fd, &c, 1, MSG_DONTWAIT) != 1 || c == PROXY_INTERRUPT;
}

static int
page_line(void *arg, const char *text, size_t n)
{
	struct shell *sh = arg;
	unsigned length;
	unsigned width;
	unsigned rows = 1;

	page_size(sh, &length, &width);
	if (width > 0 && n > width)
		rows = (unsigned)((n + width - 1) / width);
	if (length > 1 && sh->lines > 0 && sh->lines + rows > length - 1 &&
	    page_turn(sh, length))
		return -ECANCELED;
	sh->lines += rows;
	if (interrupted(sh))
		return -ECANCELED;
	if (shell_write(sh, text, n) != 0 || shell_write(sh, "\r\n", 2) != 0)
		return -ECONNRESET;
	return 0;
}

/* What libcli shows before the next line; the proxy finds its two ends. */
static void
prompt_set(struct shell *sh, struct cli_def *cli)
{
	static const char ends[][3] = {{'>', PROXY_READY}, {'#', PROXY_READY}};
	char text[PROMPT_MAX];
	char host[PROMPT_MAX + 2];
	size_t n;

	shell_prompt(sh, text, sizeof(text));
	n = strlen(text) - 1;
	(void)snprintf(host, sizeof(host), "%c%.*s", PROXY_PROMPT, (int)n,
		       text);
	cli_set_promptchar(cli, ends[text[n] == '#' ? 1 : 0]);
	cli_set_hostname(cli, host);
}

/* The last line of libcli's history as its user typed it; text NULL: none. */
static void
history_fix(struct cli_def *cli, const char *text)
{
	int i = 0;

	while (i < MAX_HISTORY && cli->history[i] != NULL)
		i++;
	if (i == 0)
		return;
	i--;
	free(cli->history[i]);
	cli->history[i] = NULL;
	if (text == NULL || text[strspn(text, " ")] == 0 ||
	    (i > 0 && strcmp(cli->history[i - 1], text) == 0))
		return;
	cli->history[i] = strdup(text);
}

/* Back from what stands for them to the characters of libcli's grammar. */
static void
line_unmap(char *line)
{
	for (; *line != 0; line++)
		if (*line >= PROXY_MAPPED_FIRST &&
		    *line < PROXY_MAPPED_FIRST + (int)strlen(PROXY_MAPPED))
			*line = PROXY_MAPPED[*line - PROXY_MAPPED_FIRST];
}

/*
 * Has text typed at the next prompt, with the cursor back octets to the left.
 */
static void
line_inject(struct shell *sh, const char *before, const char *insert,
	    const char *after)
{
	char keys[INJECT_MAX];
	size_t n;

	keys[0] = PROXY_INJECT;
	n = 1 + (size_t)snprintf(keys + 1, sizeof(keys) - 1, "%s%s%s", before,
				 insert, after);
	for (size_t i = 1; i < n && i < sizeof(keys); i++)
		for (size_t m = 0; m < strlen(PROXY_MAPPED); m++)
			if (keys[i] == PROXY_MAPPED[m])
				keys[i] = (char)(PROXY_MAPPED_FIRST + m);
	if (n + strlen(after) + 1 > sizeof(keys))
		return;
	memset(keys + n, KEY('B'), strlen(after));
	n += strlen(after);
	keys[n++] = PROXY_INJECT;
	(void)shell_write(sh, keys, n);
}

/* Tab or "?" at *at: what stands before it is what is asked about. */
static void
line_question(struct shell *sh, char *line, char *at,
	      const struct out_sink *sink)
{
	char prompt[PROMPT_MAX];
	char more[256] = "";
	char what = *at;
	int rc = 0;

	*at = 0;
	shell_prompt(sh, prompt, sizeof(prompt));
	if (what == PROXY_HELP) {
		exec_help(sh, line, strlen(prompt), sink);
	} else {
		struct out_sink lines = *sink;

		if (exec_complete(sh, line, more, sizeof(more), NULL) ==
		    -ENOTUNIQ) {
			(void)shell_write(sh, "\r\n", 2);
			rc =
			    exec_complete(sh, line, more, sizeof(more), &lines);
		}
		if (rc == 0)
			(void)shell_write(sh, "\r", 1);
	}
	line_inject(sh, line, more, at + 1);
}

/* One line as the proxy made it. False: the session ends. */
static bool
line_run(struct shell *sh, struct cli_def *cli, char *line)
{
	struct out_sink sink = {.line = page_line, .arg = sh};
	static const char special[] = {
	    PROXY_HELP,     PROXY_COMPLETE, PROXY_END, PROXY_CANCEL,
	    PROXY_TOO_LONG, PROXY_BATCH,    0};
	size_t n = strlen(line);
	char *at = strpbrk(line, special);
	char prompt[PROMPT_MAX];

	sh->lines = 0;
	if (n == 0 || line[n - 1] != PROXY_LINE_END ||
	    (at != NULL && *at == PROXY_TOO_LONG)) {
		static const char text[] =
		    "% A line holds 3072 characters at most\r\n";

		history_fix(cli, NULL);
		return shell_write(sh, text, strlen(text)) == 0;
	}
	line[n - 1] = 0;
	history_fix(cli, at == NULL ? line : NULL);
	line_unmap(line);
	if (at == NULL && sh->owner && line[strspn(line, " ")] != 0)
		typed_add(sh->run_dir, line);
	if (at == NULL) {
		shell_prompt(sh, prompt, sizeof(prompt));
		(void)exec_line(sh, line, strlen(prompt), &sink);
	} else if (*at == PROXY_HELP || *at == PROXY_COMPLETE) {
		line_question(sh, line, at, &sink);
	} else if (*at == PROXY_END) {
		(void)exec_end(sh, &sink);
	} else if (*at == PROXY_BATCH) {
		shell_batch(sh);
		return false;
	}
	return !sh->quit;
}

/* The one command that libcli knows. */
static int
on_line(struct cli_def *cli, const char *command, char **argv, int argc)
{
	static const char answer[] = {PROXY_ANSWER};
	struct shell *sh = cli_get_context(cli);
	char *line;
	bool more;

	(void)command;
	(void)argv;
	(void)argc;
	line = strdup(cli->pipeline->cmdline);
	if (line == NULL || shell_write(sh, answer, 1) != 0) {
		free(line);
		return CLI_QUIT;
	}
	more = line_run(sh, cli, strlen(line) >= 2 ? line + 2 : line);
	free(line);
	prompt_set(sh, cli);
	return more ? CLI_OK : CLI_QUIT;
}

const char *
shell_history(const struct shell *sh, unsigned i)
{
	return sh->cli == NULL || i >= MAX_HISTORY ? NULL : sh->cli->history[i];
}

static int
on_idle(struct cli_def *cli)
{
	static const char text[] = "\r\n% Session idle for too long\r\n";

	(void)shell_write(cli_get_context(cli), text, strlen(text));
	return CLI_QUIT;
}

/* libcli's loop begins: what the owner typed in earlier sessions is there. */
static void
on_begin(struct cli_def *cli, const char *text)
{
	const struct shell *sh = cli_get_context(cli);

	(void)text;
	if (sh->owner && cli->history[0] == NULL)
		(void)typed_load(sh->run_dir, cli->history, MAX_HISTORY / 2);
}

void
shell_run(struct shell *sh)
{
	static const char head[] = {PROXY_LINE_HEAD, 0};
	struct cli_def *cli = cli_init();

	if (cli == NULL) {
		(void)close(sh->fd);
		return;
	}
	cli_set_context(cli, sh);
	cli_telnet_protocol(cli, 0);
	(void)cli_register_command(cli, NULL, head, on_line,
				   PRIVILEGE_UNPRIVILEGED, MODE_EXEC, NULL);
	if (sh->idle_minutes > 0)
		cli_set_idle_timeout_callback(cli, sh->idle_minutes * 60,
					      on_idle);
	sh->cli = cli;
	shell_banner(sh, "exec");
	/* cli_loop() empties the history, and then prints its banner. */
	cli_set_banner(cli, "-");
	cli_print_callback(cli, on_begin);
	prompt_set(sh, cli);
	(void)cli_loop(cli, sh->fd); /* closes the descriptor */
	sh->cli = NULL;
	(void)cli_done(cli);
}
