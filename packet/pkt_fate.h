/*
 * The fate of a packet, one table: enumerator, name, sentence. A packet in a
 * vector has the fate PKT_GO until somebody decides; what is decided is counted
 * once, by the stage that decided, under the name here. A new reason is a new
 * row; numbers are not kept between versions and travel only in counters of one
 * run.
 */
#ifndef PKT_FATE_H
#define PKT_FATE_H

#include <stddef.h>

#define PKT_DROPS(X)                                                           \
	X(NO_ROUTE, "no-route", "no route leads to the destination")           \
	X(NULL_ROUTE, "null-route", "the route leads to null0")                \
	X(TTL_EXPIRED, "ttl-expired", "the TTL was 1 or 0 on arrival")         \
	X(BAD_IP_HEADER, "bad-ip-header",                                      \
	  "version, header length or total length does not fit the packet")    \
	X(BAD_CHECKSUM, "bad-checksum", "the IPv4 header checksum is wrong")   \
	X(MARTIAN, "martian-address",                                          \
	  "source or destination can not be routed (RFC 1812, 5.3.7)")         \
	X(LINK_BROADCAST, "link-broadcast",                                    \
	  "a unicast packet came by link broadcast or multicast"               \
	  " (RFC 1812, 5.3.4)")                                                \
	X(MULTICAST, "multicast", "multicast is not routed")                   \
	X(BAD_MAC, "bad-mac", "the frame is for another station")              \
	X(UNKNOWN_VLAN, "unknown-vlan", "the port has no PVC for this VLAN")   \
	X(UNBOUND_CIRCUIT, "unbound-circuit",                                  \
	  "the circuit is bound to no interface")                              \
	X(PORT_DOWN, "port-down", "the port is shut down or has no card")      \
	X(ARP, "arp", "ARP is not answered on this kind of port")              \
	X(BAD_NEIGHBOR, "bad-neighbor-message",                                \
	  "ARP or neighbor discovery that is malformed or can not be")         \
	X(WIRE_FULL, "wire-full", "the far end of the wire takes no more")     \
	X(NEIGHBOR_DISCOVERY, "neighbor-discovery",                            \
	  "neighbor discovery is not answered on this kind of port")           \
	X(SOURCE_ROUTE, "source-route",                                        \
	  "a routing header of type 0 asks us to go on (RFC 5095)")            \
	X(LINK_SCOPE, "link-scope",                                            \
	  "a link-local address leads over no router (RFC 4291, 2.5.6)")       \
	X(UNKNOWN_PROTOCOL, "unknown-protocol",                                \
	  "the frame carries neither IPv4, IPv6 nor ARP")                      \
	X(TRUNCATED, "truncated",                                              \
	  "the capture or the frame ends before the packet does")              \
	X(FRAME_TOO_LONG, "frame-too-long",                                    \
	  "the frame is larger than a packet buffer")                          \
	X(MTU_EXCEEDED, "mtu-exceeded",                                        \
	  "the packet is larger than the MTU of circuit, tunnel or port")      \
	X(NO_ASP, "no-asp", "no ASP serves the tunnel")                        \
	X(TUNNEL_DOWN, "tunnel-down", "the tunnel is shut down or has no SA")  \
	X(RECURSIVE_TUNNEL, "recursive-tunnel",                                \
	  "the route to the tunnel's remote end point leads into a tunnel")    \
	X(NO_SA, "no-sa", "no SA has this SPI, destination and protocol")      \
	X(REPLAY, "replay", "sequence number seen, or left of the window")     \
	X(INTEGRITY, "integrity", "the integrity check value is wrong")        \
	X(BAD_PADDING, "bad-padding", "the ESP padding is not 1, 2, 3, ...")   \
	X(BAD_ESP_LENGTH, "bad-esp-length",                                    \
	  "too short for ESP, or no multiple of the cipher's block")           \
	X(BAD_AH_LENGTH, "bad-ah-length",                                      \
	  "too short for AH, or its length is not that of its SA")             \
	X(WRONG_ENCAPSULATION, "wrong-encapsulation",                          \
	  "the SA wants UDP around ESP, or AH around it, and it was not so"    \
	  " (or the other way round)")                                         \
	X(NAT_KEEPALIVE, "nat-keepalive",                                      \
	  "keeps a translator's entry alive, and holds nothing (RFC 3948, "    \
	  "2.3)")                                                              \
	X(SELECTOR_MISMATCH, "selector-mismatch",                              \
	  "the packet does not belong to the selectors of its SA")             \
	X(SPD_DISCARD, "spd-discard",                                          \
	  "the security policy discards it, or has no entry for it")           \
	X(UNPROTECTED, "unprotected",                                          \
	  "came in clear, and the security policy asks for protection"         \
	  " (RFC 4301, 5.2)")                                                  \
	X(SA_EXPIRED, "sa-expired", "the SA's lifetime has ended")             \
	X(SEQUENCE_EXHAUSTED, "sequence-exhausted",                            \
	  "the SA has used its last sequence number")                          \
	X(SEQUENCE_NOT_GRANTED, "sequence-not-granted",                        \
	  "the controller has not granted further sequence numbers yet")       \
	X(CRYPTO_FAILED, "crypto-failed", "the crypto engine refused")         \
	X(ECN, "ecn",                                                          \
	  "outer congestion mark on a packet that can not carry it"            \
	  " (RFC 6040, 4.2)")                                                  \
	X(DUMMY, "dummy",                                                      \
	  "traffic-flow-confidentiality dummy (RFC 4303, 2.6)")                \
	X(CLEAR_LEAK, "clear-leak",                                            \
	  "chosen for protection, and no ASP had sealed it")                   \
	X(UNRESOLVED_NEIGHBOR, "unresolved-neighbor",                          \
	  "the next hop's link address is not known")                          \
	X(NEIGHBOR_QUEUE_FULL, "neighbor-queue-full",                          \
	  "too many packets wait for the next hop's link address")             \
	X(ACL_DENIED, "acl-denied", "an access list denies the packet")        \
	X(QUEUE_FULL, "queue-full", "the packet's priority queue is full")     \
	X(POLICER_EXCEEDED, "policer-exceeded", "beyond the policed rate")     \
	X(REASSEMBLY_TIMEOUT, "reassembly-timeout",                            \
	  "a fragment of the packet did not come in time")                     \
	X(REASSEMBLY_FULL, "reassembly-full",                                  \
	  "more fragments wait for their others than are kept")                \
	X(FRAGMENT_OVERLAP, "fragment-overlap",                                \
	  "two fragments of the packet cover the same octets (RFC 5722)")      \
	X(FRAGMENT_DUPLICATE, "fragment-duplicate",                            \
	  "the same fragment had come before")                                 \
	X(BAD_FRAGMENT, "bad-fragment",                                        \
	  "a fragment that is empty, or not the last and no multiple of 8"     \
	  " octets")                                                           \
	X(NO_BUFFER, "no-buffer", "no packet buffer was to be had")            \
	X(PUNT_RATE, "punt-rate",                                              \
	  "more packets for the controller than it takes")                     \
	X(BAD_HANDLE, "bad-handle",                                            \
	  "circuit, adjacency or tunnel unknown at this stage")                \
	X(BAD_FRAME, "bad-frame", "the backplane frame was refused")           \
	X(OUTPUT_FAILED, "output-failed",                                      \
	  "the port's output can not be written")

enum pkt_fate {
	PKT_GO = 0,   /* nothing decided yet */
	PKT_SENT,     /* handed to a link: another stage's from now on */
	PKT_TX,       /* left by a port */
	PKT_PUNT,     /* consumed by the controller */
	PKT_ABSORBED, /* a fragment: joined with others into one packet */
#define X(id, name, sentence) PKT_DROP_##id,
	PKT_DROPS(X)
#undef X
	    PKT_FATES
};

#define PKT_DROP_FIRST (PKT_ABSORBED + 1)

/* Name and sentence of a drop; "?" for what is no drop. */
const char *pkt_fate_name(unsigned fate);
const char *pkt_fate_sentence(unsigned fate);

#endif
