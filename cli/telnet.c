/*
 * The state machine of telnet's commands, octet by octet; RFCs in the header.
 */
#include "telnet.h"

#include <stdbool.h>

enum {
	IAC = 255,
	DONT = 254,
	DO = 253,
	WONT = 252,
	WILL = 251,
	SB = 250,
	SE = 240
};
enum { OPT_ECHO = 1, OPT_SGA = 3, OPT_NAWS = 31 };
enum state { T_DATA, T_IAC, T_OPTION, T_SUB, T_SUB_IAC };

const uint8_t *
telnet_offer(size_t *n)
{
	static const uint8_t offer[] = {IAC,     WILL,    OPT_ECHO, IAC,
					WILL,    OPT_SGA, IAC,      DO,
					OPT_SGA, IAC,     DO,       OPT_NAWS};

	*n = sizeof(offer);
	return offer;
}

static enum telnet_got
option(struct telnet *t, uint8_t opt, uint8_t answer[static TELNET_ANSWER_MAX])
{
	bool known = t->verb == DO ? opt == OPT_ECHO || opt == OPT_SGA
				   : opt == OPT_SGA || opt == OPT_NAWS;
	uint8_t bit = (uint8_t)(1 << (t->verb - WILL));

	if (known || (t->verb != DO && t->verb != WILL) ||
	    (t->answered[opt] & bit) != 0)
		return TELNET_NOTHING;
	t->answered[opt] |= bit;
	answer[0] = IAC;
	answer[1] = t->verb == DO ? WONT : DONT;
	answer[2] = opt;
	return TELNET_ANSWER;
}

static void
sub_octet(struct telnet *t, uint8_t c)
{
	if (t->sub_octets < TELNET_SUB_MAX)
		t->sub[t->sub_octets++] = c;
}

static enum telnet_got
sub_end(struct telnet *t)
{
	if (t->sub_octets != 5 || t->sub[0] != OPT_NAWS)
		return TELNET_NOTHING;
	t->columns = (unsigned)t->sub[1] << 8 | t->sub[2];
	t->rows = (unsigned)t->sub[3] << 8 | t->sub[4];
	return TELNET_WINDOW;
}

static void
command(struct telnet *t, uint8_t c)
{
	t->verb = c;
	t->state = c >= WILL && c <= DONT ? T_OPTION : c == SB ? T_SUB : T_DATA;
	t->sub_octets = 0;
}

static enum telnet_got
sub_command(struct telnet *t, uint8_t c)
{
	t->state = c == IAC ? T_SUB : T_DATA;
	if (c == IAC)
		sub_octet(t, c);
	return c == SE ? sub_end(t) : TELNET_NOTHING;
}

enum telnet_got
telnet_octet(struct telnet *t, uint8_t c,
	     uint8_t answer[static TELNET_ANSWER_MAX])
{
	switch (t->state) {
	case T_IAC:
		command(t, c);
		return TELNET_NOTHING;
	case T_OPTION:
		t->state = T_DATA;
		return option(t, c, answer);
	case T_SUB:
		if (c == IAC)
			t->state = T_SUB_IAC;
		else
			sub_octet(t, c);
		return TELNET_NOTHING;
	case T_SUB_IAC:
		return sub_command(t, c);
	default:
		if (c == IAC)
			t->state = T_IAC;
		return c == IAC ? TELNET_NOTHING : TELNET_DATA;
	}
}
