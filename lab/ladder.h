/*
 * A ladder: who takes part, from left to right, and what passes between them,
 * from the top down. For journeys of packets and for negotiations. Written as a
 * sequence diagram of Mermaid or as SVG, which any browser shows.
 */
#ifndef LADDER_H
#define LADDER_H

#include <stdio.h>

#define LADDER_PARTIES_MAX 256

struct ladder;

enum ladder_tone {
	LADDER_PLAIN,
	LADDER_GOOD, /* an end that was reached */
	LADDER_BAD   /* a drop, a refusal */
};

/* NULL without memory. title: copied, as every text here. */
struct ladder *ladder_new(const char *title);
void ladder_free(struct ladder **ladder);

/*
 * Who has this name in this group (a router; "": none), taken in where it is
 * new: its place, from 0. -ENOMEM; -ENOSPC: more than LADDER_PARTIES_MAX.
 */
int ladder_party(struct ladder *ladder, const char *group, const char *name);

/* Something passes from one to another. -ENOMEM. */
int ladder_pass(struct ladder *ladder, int from, int to, const char *text);
/* Something is done or found at one. -ENOMEM. */
int ladder_note(struct ladder *ladder, int at, enum ladder_tone tone,
		const char *text);

/* -EIO: out can not be written. */
int ladder_mermaid(const struct ladder *ladder, FILE *out);
int ladder_svg(const struct ladder *ladder, FILE *out);

#endif
