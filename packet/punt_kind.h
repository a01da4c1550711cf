/*
 * Kinds of packets for the controller, and how many of each it takes: a second
 * on average, and at once. An iPPA holds each source of packets (its ports,
 * each ASP) to these rates; what is beyond ends as punt-rate. The rates are
 * ours.
 */
#ifndef PUNT_KIND_H
#define PUNT_KIND_H

#include <stddef.h>
#include <stdint.h>

/* id, name, a second, at once, sentence */
#define PUNT_KINDS(X)                                                          \
	X(ECHO, "icmp-echo", 1000, 2000, "ICMP and ICMPv6 echo requests")      \
	X(ICMP, "icmp", 1000, 2000, "other ICMP and ICMPv6")                   \
	X(IKE, "ike", 1000, 2000, "UDP ports 500 and 4500, not ESP")           \
	X(OTHER, "other", 1000, 2000, "everything else for the router itself")

enum punt_kind {
#define X(id, name, rate, burst, sentence) PUNT_##id,
	PUNT_KINDS(X)
#undef X
	    PUNT_KIND_MAX
};

struct punt_fact {
	const char *name;
	const char *sentence;
	uint32_t per_second;
	uint32_t burst;
};

const struct punt_fact *punt_fact(enum punt_kind kind);

/* The kind of a packet, which begins with its IP header. */
enum punt_kind punt_kind_of(const uint8_t *ip, size_t octets);

#endif
