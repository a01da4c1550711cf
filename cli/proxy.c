/*
 * The octets of a terminal session, both ways. Called by terminal.c, which owns
 * the descriptors; never blocks and never allocates after proxy_new().
 *
 * libcli runs the session (its loop, echo, editing and history), but it would
 * read the line by a grammar that is not ours. So at the end of a line the
 * proxy types PROXY_LINE_END, goes to the start, types PROXY_LINE_HEAD and a
 * blank, and then the line end: to libcli every line is one command with
 * arguments, and the shell's handler gets the line whole. What libcli echoes of
 * that is hidden until the handler says PROXY_ANSWER. "?", Tab, Ctrl-C and
 * Ctrl-Z travel the same way, as an octet of their own in the line.
 */
#include "proxy.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "telnet.h"

#define KEY(c) ((uint8_t)((c)&0x1f))
#define KEY_ESC 0x1b
#define KEY_DELETE 0x7f
#define ROOM_FOR_A_KEY 16
/* Leaves room for what the shell asks to have typed at its prompt. */
#define SHELL_FULL (PROXY_BUF_MAX - PROXY_QUEUE_MAX - ROOM_FOR_A_KEY)
#define ORDER_MAX 64

enum proxy_state {
	STATE_BUSY,   /* the shell works: what comes waits */
	STATE_PROMPT, /* keys go to libcli */
	STATE_KEY,    /* the shell waits for one key */
	STATE_RAW
};

enum escape_state { E_NONE, E_ESC, E_CSI, E_SS3 };

struct octets {
	uint8_t b[PROXY_BUF_MAX];
	size_t n;
};

struct proxy {
	enum proxy_kind kind;
	enum proxy_state state;
	bool eof;

	/* from the client */
	struct telnet telnet;
	bool ordering;
	char order[ORDER_MAX];
	size_t order_octets;
	bool batch; /* asked for, not begun */
	bool after_cr;
	uint8_t queue[PROXY_QUEUE_MAX];
	size_t queued;

	/* the line being typed */
	enum escape_state escape;
	unsigned csi;
	size_t line_octets; /* at most this long */
	bool too_long;

	/* from the shell */
	bool unanswered; /* a prompt drawn now belongs to the line before */
	bool hidden;
	unsigned held; /* 0 none, 1 CR, 2 CR LF: dropped before a prompt */
	bool injecting;
	uint8_t inject[PROXY_QUEUE_MAX];
	size_t inject_octets;

	atomic_uint rows;
	atomic_uint columns;
	struct octets client;
	struct octets shell;
};

struct proxy *
proxy_new(enum proxy_kind kind)
{
	struct proxy *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->kind = kind;
	if (kind == PROXY_TELNET) {
		const uint8_t *offer = telnet_offer(&p->client.n);

		memcpy(p->client.b, offer, p->client.n);
	}
	return p;
}

void
proxy_free(struct proxy **proxy)
{
	free(*proxy);
	*proxy = NULL;
}

void
proxy_resize(struct proxy *p, unsigned rows, unsigned columns)
{
	atomic_store(&p->rows, rows);
	atomic_store(&p->columns, columns);
}

static void
put(struct octets *o, uint8_t c)
{
	if (o->n < sizeof(o->b))
		o->b[o->n++] = c;
}

static void
take(struct octets *o, size_t n)
{
	if (n > o->n)
		n = o->n;
	memmove(o->b, o->b + n, o->n - n);
	o->n -= n;
}

/* Ends the line: special 0, or what the shell is to do with it. */
static void
line_send(struct proxy *p, uint8_t special)
{
	if (special != 0)
		put(&p->shell, special);
	put(&p->shell, KEY('E'));
	put(&p->shell, PROXY_LINE_END);
	put(&p->shell, KEY('A'));
	put(&p->shell, PROXY_LINE_HEAD);
	put(&p->shell, ' ');
	put(&p->shell, '\r');
	p->state = STATE_BUSY;
	p->unanswered = true;
	p->line_octets = 0;
	p->too_long = false;
	p->escape = E_NONE;
}

static void
line_kill(struct proxy *p)
{
	put(&p->shell, KEY('E'));
	put(&p->shell, KEY('U'));
	p->line_octets = 0;
	p->too_long = false;
}

static void
line_enter(struct proxy *p)
{
	bool too_long = p->too_long;

	if (too_long)
		line_kill(p);
	line_send(p, too_long ? PROXY_TOO_LONG : 0);
}

static void
line_char(struct proxy *p, uint8_t c)
{
	const char *mapped = strchr(PROXY_MAPPED, c);

	if (p->line_octets >= PROXY_LINE_MAX) {
		p->too_long = true;
		return;
	}
	p->line_octets++;
	if (mapped != NULL && c != 0)
		c = (uint8_t)(PROXY_MAPPED_FIRST + (mapped - PROXY_MAPPED));
	put(&p->shell, c);
}

/* Keys that libcli edits with. What history brings back has any length. */
static void
line_edit(struct proxy *p, uint8_t key)
{
	if (p->too_long)
		return;
	if (key == KEY('U'))
		p->line_octets = 0;
	put(&p->shell, key);
}

/* The octets after ESC: arrows, Home, End, Delete; the rest means nothing. */
static void
line_escape(struct proxy *p, uint8_t c)
{
	static const struct {
		char final;
		uint8_t key;
	} keys[] = {{'A', KEY('P')}, {'B', KEY('N')}, {'C', KEY('F')},
		    {'D', KEY('B')}, {'H', KEY('A')}, {'F', KEY('E')}};

	if (p->escape == E_ESC) {
		p->escape = c == '[' ? E_CSI : c == 'O' ? E_SS3 : E_NONE;
		p->csi = 0;
		if (c == '?')
			line_char(p, c);
		return;
	}
	if (c >= '0' && c <= '9' && p->csi < 100)
		p->csi = p->csi * 10 + (unsigned)(c - '0');
	if (c < 0x40 || c > 0x7e)
		return;
	p->escape = E_NONE;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].final == (char)c)
			line_edit(p, keys[i].key);
	if (c == '~' && (p->csi == 1 || p->csi == 7))
		line_edit(p, KEY('A'));
	if (c == '~' && (p->csi == 4 || p->csi == 8))
		line_edit(p, KEY('E'));
}

static void
line_control(struct proxy *p, uint8_t c)
{
	switch (c) {
	case KEY('Z'):
		line_kill(p);
		line_send(p, PROXY_END);
		return;
	case KEY('C'):
		line_send(p, PROXY_CANCEL);
		return;
	case '\t':
		if (!p->too_long)
			line_send(p, PROXY_COMPLETE);
		return;
	case KEY_ESC:
		p->escape = E_ESC;
		return;
	case KEY('A'):
	case KEY('B'):
	case KEY('D'):
	case KEY('E'):
	case KEY('F'):
	case KEY('H'):
	case KEY('K'):
	case KEY('L'):
	case KEY('N'):
	case KEY('P'):
	case KEY('U'):
	case KEY('W'):
	case KEY_DELETE:
		line_edit(p, c);
		return;
	default:
		return;
	}
}

static void
line_key(struct proxy *p, uint8_t c)
{
	if (c == '\r')
		line_enter(p);
	else if (p->escape != E_NONE)
		line_escape(p, c);
	else if (c == '?') {
		if (!p->too_long)
			line_send(p, PROXY_HELP);
	} else if (c < 0x20 || c == KEY_DELETE)
		line_control(p, c);
	else
		line_char(p, c);
}

/* Hands on as much of what waits as the state of the shell allows. */
static void
pump(struct proxy *p)
{
	size_t i = 0;

	if (p->state == STATE_PROMPT && p->batch) {
		p->batch = false;
		line_kill(p);
		line_send(p, PROXY_BATCH);
	}
	while (i < p->queued && p->shell.n < SHELL_FULL) {
		if (p->state == STATE_PROMPT) {
			line_key(p, p->queue[i++]);
		} else if (p->state == STATE_KEY) {
			put(&p->shell, p->queue[i++]);
			p->state = STATE_BUSY;
		} else if (p->state == STATE_RAW) {
			put(&p->shell, p->queue[i++]);
		} else {
			break;
		}
	}
	memmove(p->queue, p->queue + i, p->queued - i);
	p->queued -= i;
}

/* One octet of the client's data: line ends become CR, Ctrl-C acts at once. */
static void
client_data(struct proxy *p, uint8_t c)
{
	bool after_cr = p->after_cr;

	if (p->state == STATE_RAW) {
		p->queue[p->queued++] = c;
		return;
	}
	p->after_cr = c == '\r';
	if (after_cr && (c == '\n' || c == 0))
		return;
	if (c == 0) {
		p->ordering = p->kind == PROXY_LOCAL;
		p->order_octets = 0;
		return;
	}
	if (c == KEY('C') && p->state == STATE_BUSY) {
		p->queued = 0;
		if (p->shell.n < SHELL_FULL)
			put(&p->shell, PROXY_INTERRUPT);
		return;
	}
	if (c == '\n')
		c = '\r';
	if (p->queued < PROXY_QUEUE_MAX)
		p->queue[p->queued++] = c;
	if (p->state != STATE_BUSY)
		pump(p);
}

/* An order of a local client, octet by octet up to its line end. */
static void
client_order(struct proxy *p, uint8_t c)
{
	unsigned rows;
	unsigned columns;

	if (c != '\n') {
		if (p->order_octets < ORDER_MAX - 1)
			p->order[p->order_octets++] = (char)c;
		return;
	}
	p->ordering = false;
	p->order[p->order_octets] = 0;
	if (sscanf(p->order, "size %3u %4u", &rows, &columns) == 2) {
		proxy_resize(p, rows, columns);
	} else if (strcmp(p->order, "batch") == 0) {
		p->batch = true;
		pump(p);
	}
}

static void
client_telnet(struct proxy *p, uint8_t c)
{
	uint8_t answer[TELNET_ANSWER_MAX];

	switch (telnet_octet(&p->telnet, c, answer)) {
	case TELNET_DATA:
		client_data(p, c);
		break;
	case TELNET_ANSWER:
		for (size_t i = 0; i < sizeof(answer); i++)
			put(&p->client, answer[i]);
		break;
	case TELNET_WINDOW:
		proxy_resize(p, p->telnet.rows, p->telnet.columns);
		break;
	default:
		break;
	}
}

size_t
proxy_client_room(const struct proxy *p)
{
	if (p->client.n + ROOM_FOR_A_KEY > PROXY_BUF_MAX)
		return 0;
	return PROXY_QUEUE_MAX - p->queued;
}

void
proxy_client_in(struct proxy *p, const uint8_t *octets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p->ordering)
			client_order(p, octets[i]);
		else if (p->kind == PROXY_TELNET)
			client_telnet(p, octets[i]);
		else
			client_data(p, octets[i]);
	}
	pump(p);
}

void
proxy_client_eof(struct proxy *p)
{
	p->eof = true;
}

bool
proxy_drained(const struct proxy *p)
{
	return p->eof && p->state != STATE_BUSY && p->queued == 0 &&
	       p->shell.n == 0;
}

/* One octet for the client's eyes. */
static void
show(struct proxy *p, uint8_t c)
{
	if (c == PROXY_HELP)
		put(&p->client, '?');
	else if (c >= PROXY_MAPPED_FIRST && c < PROXY_MAPPED_FIRST + 4)
		put(&p->client, (uint8_t)PROXY_MAPPED[c - PROXY_MAPPED_FIRST]);
	else if (c == PROXY_END || c == PROXY_CANCEL) {
		put(&p->client, '^');
		put(&p->client, c == PROXY_END ? 'Z' : 'C');
	} else if (c >= 0x20 || c == '\r' || c == '\n' || c == '\b' ||
		   c == '\a' || c == '\t')
		put(&p->client, c);
}

/* Lets out the line end that was held, now that no prompt follows it. */
static void
show_held(struct proxy *p)
{
	if (p->held > 0)
		put(&p->client, '\r');
	if (p->held > 1)
		put(&p->client, '\n');
	p->held = 0;
}

static void
shell_ready(struct proxy *p)
{
	for (size_t i = 0; i < p->inject_octets; i++)
		put(&p->shell, p->inject[i]);
	if (p->state != STATE_PROMPT)
		p->line_octets = p->inject_octets;
	p->inject_octets = 0;
	p->state = STATE_PROMPT;
	pump(p);
}

/* True when c was a word to the proxy, not text. */
static bool
shell_word(struct proxy *p, uint8_t c)
{
	switch (c) {
	case PROXY_ANSWER:
		p->hidden = false;
		p->unanswered = false;
		return true;
	case PROXY_PROMPT:
		if (p->held == 1)
			show_held(p); /* the prompt is drawn over itself */
		p->held = 0;
		return true;
	case PROXY_READY:
		if (!p->unanswered)
			shell_ready(p);
		return true;
	case PROXY_KEY:
		p->after_cr = false; /* a line feed is an answer now */
		p->state = STATE_KEY;
		pump(p);
		return true;
	case PROXY_INJECT:
		p->injecting = true;
		p->inject_octets = 0;
		return true;
	case PROXY_RAW:
		p->state = STATE_RAW;
		p->hidden = false;
		p->held = 0;
		put(&p->client, 0);
		pump(p);
		return true;
	case PROXY_LINE_END:
	case PROXY_COMPLETE:
		if (c == PROXY_LINE_END && !p->hidden) {
			put(&p->client, '\r');
			put(&p->client, '\n');
		}
		p->hidden = true;
		return true;
	default:
		return false;
	}
}

static void
shell_octet(struct proxy *p, uint8_t c)
{
	if (p->injecting) {
		if (c == PROXY_INJECT)
			p->injecting = false;
		else if (p->inject_octets < PROXY_QUEUE_MAX)
			p->inject[p->inject_octets++] = c;
		return;
	}
	if (shell_word(p, c) || p->hidden)
		return;
	if (c == '\r') {
		show_held(p);
		p->held = 1;
	} else if (c == '\n' && p->held == 1) {
		p->held = 2;
	} else {
		show_held(p);
		show(p, c);
	}
}

size_t
proxy_shell_room(const struct proxy *p)
{
	size_t left = PROXY_BUF_MAX - p->client.n;

	return left < ROOM_FOR_A_KEY ? 0 : left / 4;
}

void
proxy_shell_in(struct proxy *p, const uint8_t *octets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p->state == STATE_RAW)
			put(&p->client, octets[i]);
		else
			shell_octet(p, octets[i]);
	}
}

void
proxy_shell_eof(struct proxy *p)
{
	show_held(p);
}

const uint8_t *
proxy_to_client(const struct proxy *p, size_t *n)
{
	*n = p->client.n;
	return p->client.b;
}

void
proxy_client_sent(struct proxy *p, size_t n)
{
	take(&p->client, n);
}

const uint8_t *
proxy_to_shell(const struct proxy *p, size_t *n)
{
	*n = p->shell.n;
	return p->shell.b;
}

void
proxy_shell_sent(struct proxy *p, size_t n)
{
	take(&p->shell, n);
	pump(p);
}

void
proxy_window(const struct proxy *p, unsigned *rows, unsigned *columns)
{
	*rows = atomic_load(&p->rows);
	*columns = atomic_load(&p->columns);
}
