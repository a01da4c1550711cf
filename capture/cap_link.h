/*
 * Link types: the numbers of tcpdump.org/linktypes.html, which stand in capture
 * files, and where the network header begins behind each.
 */
#ifndef CAP_LINK_H
#define CAP_LINK_H

#include <stddef.h>
#include <stdint.h>

#define CAP_LINK_ETHERNET 1
#define CAP_LINK_RAW_DLT 12     /* raw IP as DLT_RAW of most systems */
#define CAP_LINK_RAW_OPENBSD 14 /* raw IP as DLT_RAW of OpenBSD */
#define CAP_LINK_REDBACK 32     /* SmartEdge, redback.h: written, not read */
#define CAP_LINK_RAW 101
#define CAP_LINK_SLL 113
#define CAP_LINK_IPV4 228
#define CAP_LINK_IPV6 229
#define CAP_LINK_USER0 147 /* backplane frames, bp_wire.h: written only */
#define CAP_LINK_SLL2 276

enum cap_link_dst {
	CAP_LINK_UNICAST = 0, /* also where the link tells no destination */
	CAP_LINK_MULTICAST,
	CAP_LINK_BROADCAST
};

/* The link header of one packet. */
struct cap_l2 {
	const uint8_t *dst; /* destination MAC, in the packet; NULL: none */
	uint16_t ethertype; /* of the network header; 0: no such number */
	uint16_t offset;    /* of the network header */
	uint16_t vlan[2];   /* outer and inner VLAN id, as far as tags says */
	uint8_t tags;       /* 802.1Q and 802.1ad tags: 0 to 2 */
	uint8_t cast;       /* enum cap_link_dst */
};

/* The name for people ("Ethernet"), or NULL: cap_link_parse() knows it not. */
const char *cap_link_name(uint32_t link);

/* "Ethernet (1), raw IP (12), ...", cut at octets; returns text. */
const char *cap_link_known(char *text, size_t octets);

/*
 * Finds the network header. Ethernet: up to two tags (802.1Q, 802.1ad); a third
 * stays and is the ethertype; 802.3 with LLC and SNAP is read as RFC 1042
 * says (RFC 1122 section 2.3.3), any other LLC frame has ethertype 0. Raw IP:
 * the version nibble decides. -EBADMSG: too short for its link header;
 * -EOPNOTSUPP: link type not known. l2 is untouched then.
 */
int cap_link_parse(uint16_t link, const uint8_t *data, uint32_t caplen,
		   struct cap_l2 *l2);

#endif
