/* What the ladder's files share. */
#ifndef LADDER_IMPL_H
#define LADDER_IMPL_H

#include <stddef.h>

#include "ladder.h"

struct ladder_party {
	char *group;
	char *name;
};

struct ladder_step {
	int from;
	int to; /* -1: a note */
	enum ladder_tone tone;
	char *text;
};

struct ladder {
	char *title;
	struct ladder_party *party;
	size_t parties;
	struct ladder_step *step;
	size_t steps;
};

#endif
