/*
 * A capture through one direction of a link, without a clock: what a replay of
 * a lab does with what one router sent before another receives it.
 */
#ifndef LINK_FILE_H
#define LINK_FILE_H

#include "cap_error.h"
#include "shape.h"

struct link_file {
	const char *in;   /* a capture of any link type that has IP packets */
	const char *out;  /* Ethernet; pcapng where the name ends so */
	const char *name; /* of the interface in a pcapng */
	struct shape_conf conf;
	uint64_t seed;
};

/*
 * Frames keep their times, later by what the link adds; where times of the
 * capture step back, the link's clock does not. counts is written anew. 0, or
 * the errors of reading and writing captures, with a sentence.
 */
int link_file_send(const struct link_file *link, struct link_counts *counts,
		   struct cap_error *err);

#endif
