/*
 * What stands between a client's octets and libcli's: a state machine without a
 * descriptor. It takes what a client sent (telnet options and all, any kind of
 * line end, at any speed) and makes of it what libcli reads one key at a time;
 * and it takes what libcli and our handlers write and makes of it what a
 * SmartEdge shows.
 *
 * Type-ahead waits here until there is a prompt, so a pasted thousand lines run
 * one after the other and none is taken for an answer to something else. A line
 * longer than PROXY_LINE_MAX is refused whole.
 *
 * Between the proxy and the shell some control octets have a meaning of their
 * own; a client can neither send nor receive them.
 */
#ifndef PROXY_H
#define PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROXY_LINE_MAX 3072
#define PROXY_QUEUE_MAX 16384
#define PROXY_BUF_MAX 65536

/* Typed into a line: what the shell is to do with it instead of running it. */
#define PROXY_HELP 0x11      /* "?" at this place */
#define PROXY_COMPLETE 0x12  /* Tab at this place */
#define PROXY_END 0x13       /* Ctrl-Z */
#define PROXY_CANCEL 0x14    /* Ctrl-C */
#define PROXY_TOO_LONG 0x16  /* the line was longer than PROXY_LINE_MAX */
#define PROXY_BATCH 0x18     /* whole lines in, framed answers out */
#define PROXY_LINE_END 0x19  /* last octet of every line */
#define PROXY_LINE_HEAD 0x0f /* first octet; a blank follows */

/* Characters that libcli would read as grammar: 0x1c + place in this text. */
#define PROXY_MAPPED "|\"'?"
#define PROXY_MAPPED_FIRST 0x1c

/* Written by the shell. */
#define PROXY_RAW 0x01    /* from here on octets pass as they are */
#define PROXY_PROMPT 0x02 /* a prompt begins */
#define PROXY_READY 0x03  /* and ends: the next line may come */
#define PROXY_ANSWER 0x04 /* the echo of a line ends, its answer begins */
#define PROXY_KEY 0x05    /* one key, please */
#define PROXY_INJECT                                                           \
	0x0e                 /* keys to type at the next prompt, until the     \
				next PROXY_INJECT */
#define PROXY_INTERRUPT 0x03 /* to the shell, outside a prompt: Ctrl-C */

enum proxy_kind {
	PROXY_TELNET, /* options are negotiated */
	PROXY_SSH,    /* octets only; a NUL is nothing */
	PROXY_LOCAL   /* a NUL begins an order: "size ROWS COLUMNS" or "batch",
			 up to the end of the line */
};

struct proxy;

/* The caller owns it. NULL without memory. */
struct proxy *proxy_new(enum proxy_kind kind);
/* Accepts NULL, leaves NULL. */
void proxy_free(struct proxy **proxy);

/* How many octets each side may hand in at present. */
size_t proxy_client_room(const struct proxy *p);
size_t proxy_shell_room(const struct proxy *p);

/* At most as many octets as there is room for. */
void proxy_client_in(struct proxy *p, const uint8_t *octets, size_t n);
void proxy_shell_in(struct proxy *p, const uint8_t *octets, size_t n);

/* Nothing more will come from the client. */
void proxy_client_eof(struct proxy *p);
/* True once what came before the client's end has run: the shell may end. */
bool proxy_drained(const struct proxy *p);

/* What waits to be sent to each side, and that n octets of it were sent. */
const uint8_t *proxy_to_client(const struct proxy *p, size_t *n);
void proxy_client_sent(struct proxy *p, size_t n);
const uint8_t *proxy_to_shell(const struct proxy *p, size_t *n);
void proxy_shell_sent(struct proxy *p, size_t n);

/* The shell writes no more: what was held back goes out. */
void proxy_shell_eof(struct proxy *p);

/* The client tells its window's size otherwise than in its octets. */
void proxy_resize(struct proxy *p, unsigned rows, unsigned columns);
/* The client's window as last told; 0: not told. Any thread may ask. */
void proxy_window(const struct proxy *p, unsigned *rows, unsigned *columns);

#endif
