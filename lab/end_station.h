/*
 * A capture node or a generator as an end of a link: what its source makes goes
 * out, what comes in is recorded, and every address behind it answers questions
 * for its link address (stand_in.h); those questions are not recorded.
 */
#ifndef END_STATION_H
#define END_STATION_H

#include "source.h"
#include "wire_end.h"

struct end_station_conf {
	struct source *source; /* NULL: none; the end owns it, if 0 returned */
	const char *sink;      /* a capture to write; NULL: none */
	const char *name;      /* of the interface in a pcapng */
	bool to_port; /* its frames are for the router's port, whatever their
			 unicast destination MAC says */
};

/* -ENOMEM, or the errno of opening the sink, with a sentence. */
int end_station(struct wire_end **end, const struct end_station_conf *conf,
		struct cap_error *err);

#endif
