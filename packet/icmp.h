/*
 * ICMP (RFC 792) and ICMPv6 (RFC 4443): the errors that the router makes, which
 * dropped packets cause which, when it has to be silent, and messages read and
 * written. Octets in, octets out: no tables, no clock, no process.
 *
 * Packets begin with their IP header, whose version, header length and total
 * length the caller has checked (linecard/ip_check.h); everything behind it is
 * judged here.
 */
#ifndef ICMP_H
#define ICMP_H

#include <stdbool.h>
#include <stddef.h>

#include "ip_addr.h"
#include "ip_hdr.h"
#include "pkt_fate.h"

/* id, name, type and code in ICMP, in ICMPv6 */
#define ICMP_ERRORS(X)                                                         \
	X(NO_ROUTE, "net-unreachable", 3, 0, 1, 0)                             \
	X(NO_HOST, "host-unreachable", 3, 1, 1, 3)                             \
	X(PROTOCOL, "protocol-unreachable", 3, 2, 4, 1)                        \
	X(PORT, "port-unreachable", 3, 3, 1, 4)                                \
	X(TOO_BIG, "packet-too-big", 3, 4, 2, 0)                               \
	X(PROHIBITED, "prohibited", 3, 13, 1, 1)                               \
	X(TTL, "ttl-exceeded", 11, 0, 3, 0)                                    \
	X(REASSEMBLY, "reassembly-exceeded", 11, 1, 3, 1)                      \
	X(PARAMETER, "parameter-problem", 12, 0, 4, 0)

enum icmp_error {
	ICMP_ERROR_NONE = 0,
#define X(id, name, t4, c4, t6, c6) ICMP_ERROR_##id,
	ICMP_ERRORS(X)
#undef X
	    ICMP_ERROR_MAX
};

#define ICMP_ECHO_REPLY 0
#define ICMP_UNREACHABLE 3
#define ICMP_TOO_BIG_CODE 4
#define ICMP_ECHO_REQUEST 8
#define ICMP_TIME_EXCEEDED 11
#define ICMPV6_UNREACHABLE 1
#define ICMPV6_TOO_BIG 2
#define ICMPV6_TIME_EXCEEDED 3
#define ICMPV6_ECHO_REQUEST 128
#define ICMPV6_ECHO_REPLY 129
#define ICMPV6_REDIRECT 137

/* As much as an error quotes: a message of at most 576 octets (RFC 1812,
 * 4.3.2.3), or of the least IPv6 MTU (RFC 4443, 2.4 c). */
#define ICMP_QUOTE_V4 548
#define ICMP_QUOTE_V6 1232
#define ICMP_ERROR_OCTETS_MAX 1280
/* TTL and hop limit of what the router makes itself (RFC 1700). */
#define ICMP_TTL 64

/* "ttl-exceeded"; "?" for none. */
const char *icmp_error_name(enum icmp_error error);
/* The error of that type and code in a family; ICMP_ERROR_NONE: another. */
enum icmp_error icmp_error_find(unsigned family, uint8_t type, uint8_t code);

/*
 * The error that a packet dropped with this fate may cause; ICMP_ERROR_NONE for
 * most. A null0 route is silent on purpose, and so is everything about SAs
 * (what an attacker sends must not make us send).
 */
enum icmp_error icmp_error_of(unsigned fate);

/* How many octets of a packet an error about it quotes. */
static inline size_t
icmp_quote_octets(unsigned version, size_t octets)
{
	size_t most = version == 6 ? ICMP_QUOTE_V6 : ICMP_QUOTE_V4;

	return octets < most ? octets : most;
}

/*
 * Why no error may be sent about a packet, whatever it did (RFC 1812 section
 * 4.3.2.7, RFC 4443 section 2.4 e); ICMP_MAY: it may. Link broadcasts and what
 * only tables know (directed broadcasts, own addresses) are the caller's.
 */
enum icmp_silence {
	ICMP_MAY,
	ICMP_SILENT_SHORT,       /* its kind can not be told */
	ICMP_SILENT_ERROR,       /* about an ICMP error or redirect */
	ICMP_SILENT_FRAGMENT,    /* not the first */
	ICMP_SILENT_DESTINATION, /* multicast or broadcast */
	ICMP_SILENT_SOURCE,      /* no single station */
	ICMP_SILENT_DF           /* too big, and IPv4 without DF */
};
enum icmp_silence icmp_silence_of(enum icmp_error error, const uint8_t *ip,
				  size_t octets);

/*
 * Writes an error about the packet ip, of which octets are there, from src to
 * its source. value: MTU (TOO_BIG), or the offset that is wrong (PARAMETER,
 * PROTOCOL in ICMPv6). DSCP is CS6 (RFC 1812 section 4.3.2.5). The octets of
 * the message; 0 when room is too small or the families differ.
 */
size_t icmp_error_write(uint8_t *out, size_t room, enum icmp_error error,
			const struct ip_addr *src, const uint8_t *ip,
			size_t octets, uint32_t value, uint16_t id);

/*
 * What an ICMP message says, and of an error the packet that it quotes (whose
 * claims are checked against the octets that are there, and nothing else: who
 * believes it asks first whether the packet was his).
 */
struct icmp_seen {
	struct ip_addr src;
	struct ip_addr dst;
	uint8_t type;
	uint8_t code;
	bool request;        /* echo request */
	bool reply;          /* echo reply */
	bool error;          /* what follows is of the quoted packet */
	uint8_t protocol;    /* of the quoted packet; 0: too short to tell */
	uint32_t rest;       /* echo: id and number; too big: MTU */
	size_t at;           /* offset of the message in its packet */
	const uint8_t *data; /* behind the ICMP header: echo data, or quote */
	size_t data_octets;
	struct ip_addr quoted_src;
	struct ip_addr quoted_dst;
	const uint8_t *upper; /* behind the quoted IP header: ports, SPI */
	size_t upper_octets;
	uint16_t quoted_length; /* total length that the quoted packet had */
};

/* -EBADMSG: short, checksum wrong, no ICMP, or a fragment. */
int icmp_read(const uint8_t *ip, size_t octets, struct icmp_seen *seen);

/* Next-hop MTU that an error tells (RFC 1191 section 4, RFC 8201), 0: none. */
uint32_t icmp_mtu(const struct icmp_seen *seen);

/*
 * Makes the packet that icmp_read() called a request its own reply, in place
 * (RFC 1122 section 3.2.2.6, RFC 4443 section 4.2): addresses change places,
 * data and DSCP stay, options and extension headers go. *skip: octets at the
 * front that are not part of it any more. False: it is no such packet.
 */
bool icmp_echo_answer(uint8_t *ip, size_t octets, uint16_t id, size_t *skip);

/* A probe of ping or traceroute. */
struct icmp_probe {
	struct ip_addr src;
	struct ip_addr dst;
	uint16_t id;     /* echo: identifier; UDP: source port */
	uint16_t number; /* echo: sequence number; UDP: destination port */
	uint16_t ip_id;
	uint16_t octets; /* of the whole packet */
	uint8_t ttl;
	bool df;
	bool udp; /* a datagram, not an echo request */
};

/* The least size of a probe of that family. */
size_t icmp_probe_least(const struct icmp_probe *probe);
/* Octets written; 0 when room or probe->octets are too small. */
size_t icmp_probe_write(uint8_t *out, size_t room,
			const struct icmp_probe *probe);

/* ICMPv6, UDP over IPv6: sum over pseudo header and payload (RFC 8200, 8.1);
 * 0 when it is right, else what to put there. */
uint16_t icmp_v6_cksum(const struct ipv6_hdr *ip, uint8_t protocol,
		       const void *payload, size_t octets);

#endif
