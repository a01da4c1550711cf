/*
 * What the files of `sesim compare` know of each other.
 */
#ifndef COMPARE_IMPL_H
#define COMPARE_IMPL_H

#include <jansson.h>

#include "replay_main.h"

struct compare_opts {
	struct replay_args user; /* --in, and what all runs share */
	const char *keep;        /* directory for the captures, or NULL */
};

/* 0; 1: help was asked for and given; -EINVAL, told. */
int compare_parse(struct compare_opts *opts, int argc, char **argv);

/*
 * {"crossings", "card_local", "stages"} of the way that most of the packets
 * went that passed an ASP and left; null when none did. The caller's.
 */
json_t *compare_hops(const json_t *journeys);

/* What was found, as a table for people, on standard output. */
void compare_print(const json_t *found);

#endif
