/*
 * What is counted of one direction of a link. When nothing is under way:
 *
 *   taken + duplicated = delivered + lost + too-long + queue-full + link-down
 *                        + node-down + receiver-full + end-failed
 *
 * reordered and corrupted are among those; malformed was never taken.
 */
#ifndef LINK_COUNT_H
#define LINK_COUNT_H

#include <stdint.h>

#define LINK_COUNTS(X)                                                         \
	X(TAKEN, "taken", "frames that came from the near end")                \
	X(TAKEN_OCTETS, "taken-octets", "their octets")                        \
	X(DELIVERED, "delivered", "frames that the far end took")              \
	X(DELIVERED_OCTETS, "delivered-octets", "their octets")                \
	X(DUPLICATED, "duplicated", "copies that the link made")               \
	X(REORDERED, "reordered", "frames that later ones overtook")           \
	X(CORRUPTED, "corrupted", "frames of which a bit was turned")          \
	X(LOST, "lost", "by the link's loss")                                  \
	X(TOO_LONG, "too-long", "longer than the link's MTU")                  \
	X(QUEUE_FULL, "queue-full",                                            \
	  "too many waited for the link's rate, or were under way")            \
	X(LINK_DOWN, "link-down", "the link was down")                         \
	X(NODE_DOWN, "node-down", "the node at the far end was not up")        \
	X(RECEIVER_FULL, "receiver-full", "the far end took no more then")     \
	X(END_FAILED, "end-failed", "the far end failed")                      \
	X(MALFORMED, "malformed", "messages that are none of a wire")

enum link_count {
#define X(id, name, sentence) LINK_##id,
	LINK_COUNTS(X)
#undef X
	    LINK_COUNT_KINDS
};

struct link_counts {
	uint64_t n[LINK_COUNT_KINDS];
};

struct link_count_row {
	const char *name;
	const char *sentence;
};
extern const struct link_count_row link_count_row[LINK_COUNT_KINDS];

#endif
