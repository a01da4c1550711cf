/*
 * Which of a packet's octets are headers: what a journey may show. Never what
 * they carry: no payload, no IV, no ICV.
 */
#ifndef PKT_HEAD_H
#define PKT_HEAD_H

#include <stddef.h>
#include <stdint.h>

#define PKT_HEAD_MAX 128

/*
 * From at on, of octets that are there, of which the first link are a link
 * header: link, IPv4 with options or IPv6 with extension headers, and of what
 * follows a whole first packet TCP with options, UDP, ICMP, or SPI and sequence
 * number of ESP and AH, also of ESP in UDP (RFC 3948). ARP is header as a
 * whole. At most PKT_HEAD_MAX.
 */
size_t pkt_head_octets(const uint8_t *at, size_t octets, size_t link);

#endif
