/*
 * Answers for stations that are not there. The tags of the question stand on
 * the answer. Called by end_station.c; the octets come from a router, and are
 * checked as its own are checked there (packet/arp.h, packet/nd.h).
 */
#include "stand_in.h"

#include <string.h>

#include "arp.h"
#include "ip_hdr.h"
#include "nd.h"

#define TAGS_MAX 2

static const uint8_t all_nodes[6] = {0x33, 0x33, 0, 0, 0, 1};

static_assert(sizeof(struct eth_hdr) + TAGS_MAX * sizeof(struct vlan_tag) +
		      ND_OCTETS <=
		  STAND_IN_MAX,
	      "the longest answer has room");

/* Where the packet begins, and its ethertype; 0: it is too short. */
static uint32_t
past_link(const uint8_t *frame, uint32_t octets, uint16_t *type)
{
	struct eth_hdr eth;
	struct vlan_tag tag;
	uint32_t at = sizeof(eth);

	if (octets < at)
		return 0;
	memcpy(&eth, frame, sizeof(eth));
	*type = be16_get(eth.type);
	for (unsigned i = 0; i < TAGS_MAX; i++) {
		if (*type != ETH_TYPE_VLAN && *type != ETH_TYPE_QINQ)
			break;
		if (octets < at + sizeof(tag))
			return 0;
		memcpy(&tag, frame + at, sizeof(tag));
		*type = be16_get(tag.type);
		at += sizeof(tag);
	}
	return at;
}

/* The link header of the question, turned round. */
static uint8_t *
dress(const uint8_t *frame, uint32_t at, const uint8_t mac[6],
      const uint8_t to[6], uint8_t *reply)
{
	memcpy(reply, frame, at);
	memcpy(reply, to, 6);
	memcpy(reply + 6, mac, 6);
	return reply + at;
}

static uint32_t
answer_arp(const uint8_t *frame, uint32_t at, uint32_t octets, uint8_t *reply)
{
	struct arp ask;
	struct arp back = {.op = ARP_REPLY};
	struct be32 target;

	if (arp_read(frame + at, octets - at, &ask) != 0 ||
	    ask.op != ARP_REQUEST || ask.sender == 0 ||
	    ask.sender == ask.target)
		return 0;
	target = be32_put(ask.target);
	back.sender = ask.target;
	back.sender_mac[0] = 2;
	memcpy(back.sender_mac + 2, &target, sizeof(target));
	back.target = ask.sender;
	memcpy(back.target_mac, ask.sender_mac, sizeof(back.target_mac));
	arp_write(&back,
		  dress(frame, at, back.sender_mac, back.target_mac, reply));
	return at + ARP_OCTETS;
}

static bool
is_solicitation(const uint8_t *ip, uint32_t octets, uint32_t *length)
{
	struct ipv6_hdr hdr;

	if (octets < sizeof(hdr) + sizeof(struct icmp_hdr))
		return false;
	memcpy(&hdr, ip, sizeof(hdr));
	*length = (uint32_t)sizeof(hdr) + be16_get(hdr.payload_length);
	return ip[0] >> 4 == 6 && *length <= octets &&
	       *length >= sizeof(hdr) + sizeof(struct icmp_hdr) &&
	       hdr.next_header == IP_PROTO_ICMPV6 &&
	       ip[sizeof(hdr)] == ND_SOLICITATION;
}

static uint32_t
answer_nd(const uint8_t *frame, uint32_t at, uint32_t length, uint8_t *reply)
{
	static const uint8_t nobody[16];
	struct nd ask;
	struct nd back = {.type = ND_ADVERTISEMENT,
			  .flags = ND_F_SOLICITED | ND_F_OVERRIDE,
			  .has_mac = true,
			  .mac = {2, 6}};

	/* From nobody: it tries whether its own address is free. */
	if (nd_read(frame + at, length, &ask) != 0 ||
	    memcmp(ask.src, nobody, sizeof(nobody)) == 0)
		return 0;
	memcpy(back.src, ask.target, sizeof(back.src));
	memcpy(back.target, ask.target, sizeof(back.target));
	memcpy(back.dst, ask.src, sizeof(back.dst));
	memcpy(back.mac + 2, ask.target + 12, 4);
	nd_write(&back, dress(frame, at, back.mac,
			      ask.has_mac ? ask.mac : all_nodes, reply));
	return at + ND_OCTETS;
}

bool
stand_in_answer(const uint8_t *frame, uint32_t octets,
		uint8_t reply[STAND_IN_MAX], uint32_t *reply_octets)
{
	uint16_t type = 0;
	uint32_t at = past_link(frame, octets, &type);
	uint32_t length;

	*reply_octets = 0;
	if (at == 0)
		return false;
	if (type == ETH_TYPE_ARP) {
		*reply_octets = answer_arp(frame, at, octets, reply);
		return true;
	}
	if (type != ETH_TYPE_IPV6 ||
	    !is_solicitation(frame + at, octets - at, &length))
		return false;
	*reply_octets = answer_nd(frame, at, length, reply);
	return true;
}
