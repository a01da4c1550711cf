/*
 * The headers of a packet as a reader of its journey sees them, and how those
 * of two moments differ, in words. Works on heads (pkt_head.h): the octets end
 * where the headers do.
 */
#ifndef HDR_VIEW_H
#define HDR_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ip_addr.h"

#define HDR_VIEW_TEXT_MAX 256

struct hdr_view {
	bool link; /* an Ethernet header is there */
	uint8_t mac_dst[6];
	uint8_t mac_src[6];
	uint16_t vlan;  /* 0: no tag */
	uint8_t family; /* 4, 6; 0: no IP header could be read */
	uint8_t tos;    /* IPv6: traffic class */
	uint8_t ttl;    /* IPv6: hop limit */
	uint8_t protocol;
	uint32_t total; /* octets of the packet, by its own word */
	uint32_t id;
	uint32_t flow;   /* IPv6: flow label */
	uint32_t offset; /* octets before this fragment */
	bool df;
	bool mf;
	uint16_t checksum; /* IPv4: of the header */
	struct ip_addr src;
	struct ip_addr dst;
	bool ports;
	uint16_t src_port;
	uint16_t dst_port;
	bool icmp;
	uint8_t type;
	uint8_t code;
	uint8_t
	    sa; /* 50 ESP, 51 AH is the first thing behind IP or UDP; or 0 */
	uint32_t spi;
	uint32_t seq; /* low half */
};

/* link: octets of link header in front. What can not be read is left out. */
void hdr_view_read(struct hdr_view *view, const uint8_t *octets, size_t n,
		   size_t link);

/* "IPv4 10.1.0.5 > 10.2.0.7 UDP 5000 > 53 TTL 64, 128 octets" */
const char *hdr_view_text(const struct hdr_view *view,
			  char text[HDR_VIEW_TEXT_MAX]);

/*
 * Says each difference ("TTL 64 -> 63"), in the order of the headers; a packet
 * that got an outer header or lost one says that, and what follows is of the
 * headers that it has now. How many were said.
 */
unsigned hdr_view_diff(const struct hdr_view *was, const struct hdr_view *now,
		       void (*say)(void *arg, const char *sentence), void *arg);

#endif
