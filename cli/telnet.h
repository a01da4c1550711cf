/*
 * The telnet protocol of one connection, apart from what it carries: options
 * are refused or taken (echo, suppress go-ahead, window size), each answered
 * once, so that no flood of options makes a flood of answers (RFC 854, RFC
 * 1143); the window's size is read (RFC 1073).
 */
#ifndef TELNET_H
#define TELNET_H

#include <stddef.h>
#include <stdint.h>

#define TELNET_SUB_MAX 16
#define TELNET_ANSWER_MAX 3

/* A zeroed one is at its beginning. */
struct telnet {
	uint8_t state; /* telnet.c's */
	uint8_t verb;
	uint8_t answered[256]; /* bit per verb: said once */
	uint8_t sub[TELNET_SUB_MAX];
	size_t sub_octets;
	unsigned rows; /* 0: not told */
	unsigned columns;
};

enum telnet_got {
	TELNET_NOTHING, /* the octet belonged to the protocol */
	TELNET_DATA,    /* the octet is the client's data */
	TELNET_ANSWER,  /* answer holds octets to be sent */
	TELNET_WINDOW   /* rows and columns are new */
};

/* What is sent first: what we offer and ask for. *n: its octets. */
const uint8_t *telnet_offer(size_t *n);

/* Takes one octet of the connection. */
enum telnet_got telnet_octet(struct telnet *t, uint8_t c,
			     uint8_t answer[static TELNET_ANSWER_MAX]);

#endif
