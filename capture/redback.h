/*
 * The header that a SmartEdge puts before packets captured inside it: link type
 * 32, LINKTYPE_REDBACK_SMARTEDGE. Stock Wireshark shows context and circuit.
 */
#ifndef REDBACK_H
#define REDBACK_H

#include <assert.h>

#include "be.h"

enum redback_protocol {
	REDBACK_IPV4 = 1,
	REDBACK_CLNP = 2,
	REDBACK_ETHERNET_SENT = 3,     /* unicast */
	REDBACK_ETHERNET_RECEIVED = 4, /* unicast */
	REDBACK_ETHERNET_BROADCAST = 8 /* received */
};

struct redback_hdr {
	struct be32 context;
	struct be32 flags; /* meaning not published: 0 */
	struct be64 circuit;
	struct be16 length; /* header included */
	struct be16 protocol;
	struct be16 data_offset; /* where the packet begins: 24 */
	struct be16 l3_offset;   /* where its IP header begins */
};
static_assert(sizeof(struct redback_hdr) == 24, "link type 32");

/*
 * octets: of the packet behind the header (a length beyond 65,535 is written
 * as 65,535). l2_octets: of the link header that the packet begins with, 0 for
 * an IP packet, 14 for an Ethernet frame without tags.
 */
void redback_write(struct redback_hdr *hdr, uint32_t context, uint64_t circuit,
		   uint32_t octets, enum redback_protocol protocol,
		   unsigned l2_octets);

#endif
