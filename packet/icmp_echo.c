/*
 * ICMP messages that come for the router, read, and echo: answers, and the
 * probes of ping and traceroute (RFC 792, RFC 1122 section 3.2.2.6, RFC 4443
 * sections 4.1 and 4.2). Nothing in a message is believed beyond the octets
 * that arrived.
 */
#include <errno.h>
#include <string.h>

#include "icmp.h"
#include "ip_cksum.h"
#include "ip_flow.h"

#define DSCP_MASK 0xfc

/* --- reading -------------------------------------------------------------- */

/* The packet that an error quotes; what is not there stays zero. */
static void
read_quote(struct icmp_seen *seen)
{
	const uint8_t *q = seen->data;
	const struct ipv4_hdr *v4 = (const void *)q;
	const struct ipv6_hdr *v6 = (const void *)q;
	struct ip_flow flow;

	if (ip_flow_parse(q, (unsigned)seen->data_octets, &flow) != 0 ||
	    (flow.flags & IP_FLOW_LATER) != 0 ||
	    flow.family != seen->src.family)
		return;
	seen->quoted_length =
	    flow.family == 4
		? be16_get(v4->total_length)
		: (uint16_t)(be16_get(v6->payload_length) + sizeof(*v6));
	seen->quoted_src = ip_flow_src(&flow);
	seen->quoted_dst = ip_flow_dst(&flow);
	seen->protocol = flow.protocol;
	seen->upper = q + flow.payload;
	seen->upper_octets = seen->data_octets - flow.payload;
}

static void
read_kind(struct icmp_seen *seen)
{
	if (seen->src.family == 4) {
		seen->request = seen->type == ICMP_ECHO_REQUEST;
		seen->reply = seen->type == ICMP_ECHO_REPLY;
		seen->error = seen->type == ICMP_UNREACHABLE ||
			      seen->type == ICMP_TIME_EXCEEDED ||
			      seen->type == 12;
	} else {
		seen->request = seen->type == ICMPV6_ECHO_REQUEST;
		seen->reply = seen->type == ICMPV6_ECHO_REPLY;
		seen->error = seen->type < 128;
	}
	if ((seen->request || seen->reply) && seen->code != 0)
		seen->request = seen->reply = false;
}

static bool
sum_right(const uint8_t *ip, const uint8_t *message, size_t octets)
{
	if (ip[0] >> 4 == 4)
		return ip_cksum(message, octets) == 0;
	return icmp_v6_cksum((const void *)ip, IP_PROTO_ICMPV6, message,
			     octets) == 0;
}

int
icmp_read(const uint8_t *ip, size_t octets, struct icmp_seen *seen)
{
	const struct icmp_hdr *h;
	struct ip_flow flow;
	size_t message;

	*seen = (struct icmp_seen){0};
	if (ip_flow_parse(ip, (unsigned)octets, &flow) != 0 ||
	    (flow.flags & IP_FLOW_FRAGMENT) != 0 ||
	    flow.protocol !=
		(flow.family == 4 ? IP_PROTO_ICMP : IP_PROTO_ICMPV6))
		return -EBADMSG;
	message = octets - flow.payload;
	if (message < sizeof(*h) || !sum_right(ip, ip + flow.payload, message))
		return -EBADMSG;
	h = (const void *)(ip + flow.payload);
	seen->src = ip_flow_src(&flow);
	seen->dst = ip_flow_dst(&flow);
	seen->type = h->type;
	seen->code = h->code;
	seen->rest = be32_get(h->rest);
	seen->at = flow.payload;
	seen->data = (const uint8_t *)(h + 1);
	seen->data_octets = message - sizeof(*h);
	read_kind(seen);
	if (seen->error)
		read_quote(seen);
	return 0;
}

uint32_t
icmp_mtu(const struct icmp_seen *seen)
{
	if (!seen->error)
		return 0;
	if (seen->src.family == 6)
		return seen->type == ICMPV6_TOO_BIG ? seen->rest : 0;
	if (seen->type != ICMP_UNREACHABLE || seen->code != ICMP_TOO_BIG_CODE)
		return 0;
	return seen->rest & 0xffff;
}

/* --- echo ----------------------------------------------------------------- */

/*
 * The message has changed its type only: RFC 1624 over that word. A sum of 0
 * says that all else adds up to nothing or to 0xffff, and only the latter may
 * bear it.
 */
static void
turn(struct icmp_hdr *h, uint8_t type, size_t octets)
{
	struct be16 was = {{h->type, h->code}};

	h->type = type;
	h->checksum =
	    ip_cksum_update(h->checksum, was, (struct be16){{type, h->code}});
	if (type == ICMP_ECHO_REPLY && be16_get(h->checksum) == 0)
		h->checksum = be16_put(ip_cksum(h, octets));
}

static void
answer_v4(uint8_t *at, const struct ipv4_hdr *was, size_t payload, uint16_t id)
{
	struct ipv4_hdr h = {
	    .version_ihl = 0x45,
	    .tos = was->tos & DSCP_MASK, /* RFC 1812 section 4.3.2.5 */
	    .total_length = be16_put((uint16_t)(sizeof(h) + payload)),
	    .id = be16_put(id),
	    .ttl = ICMP_TTL,
	    .protocol = IP_PROTO_ICMP,
	    .src = was->dst,
	    .dst = was->src};

	h.checksum = be16_put(ip_cksum(&h, sizeof(h)));
	memcpy(at, &h, sizeof(h));
}

/* The addresses only change places, so the pseudo header's sum stays. */
static void
answer_v6(uint8_t *at, const struct ipv6_hdr *was, size_t payload)
{
	uint32_t first = be32_get(was->version_class_flow);
	struct ipv6_hdr h = {.version_class_flow =
				 be32_put(6U << 28 | (first & DSCP_MASK << 20)),
			     .payload_length = be16_put((uint16_t)payload),
			     .next_header = IP_PROTO_ICMPV6,
			     .hop_limit = ICMP_TTL};

	memcpy(h.src, was->dst, sizeof(h.src));
	memcpy(h.dst, was->src, sizeof(h.dst));
	memcpy(at, &h, sizeof(h));
}

bool
icmp_echo_answer(uint8_t *ip, size_t octets, uint16_t id, size_t *skip)
{
	struct icmp_seen seen;

	if (icmp_read(ip, octets, &seen) != 0 || !seen.request)
		return false;
	if (seen.src.family == 4) {
		struct ipv4_hdr was;

		memcpy(&was, ip, sizeof(was));
		turn((void *)(ip + seen.at), ICMP_ECHO_REPLY, octets - seen.at);
		*skip = seen.at - sizeof(was);
		answer_v4(ip + *skip, &was, octets - seen.at, id);
	} else {
		struct ipv6_hdr was;

		memcpy(&was, ip, sizeof(was));
		turn((void *)(ip + seen.at), ICMPV6_ECHO_REPLY,
		     octets - seen.at);
		*skip = seen.at - sizeof(was);
		answer_v6(ip + *skip, &was, octets - seen.at);
	}
	return true;
}

/* --- probes --------------------------------------------------------------- */

static size_t
probe_header(const struct icmp_probe *probe)
{
	return probe->dst.family == 6 ? sizeof(struct ipv6_hdr)
				      : sizeof(struct ipv4_hdr);
}

size_t
icmp_probe_least(const struct icmp_probe *probe)
{
	return probe_header(probe) + sizeof(struct icmp_hdr);
}

static void
probe_ip(uint8_t *out, const struct icmp_probe *p)
{
	struct ipv4_hdr v4 = {.version_ihl = 0x45,
			      .total_length = be16_put(p->octets),
			      .id = be16_put(p->ip_id),
			      .fragment = be16_put(p->df ? IP_DF : 0),
			      .ttl = p->ttl,
			      .protocol =
				  p->udp ? IP_PROTO_UDP : IP_PROTO_ICMP};
	struct ipv6_hdr v6 = {
	    .version_class_flow = be32_put(6U << 28),
	    .payload_length =
		be16_put((uint16_t)(p->octets - sizeof(struct ipv6_hdr))),
	    .next_header = p->udp ? IP_PROTO_UDP : IP_PROTO_ICMPV6,
	    .hop_limit = p->ttl};

	if (p->dst.family == 6) {
		memcpy(v6.src, p->src.octets, sizeof(v6.src));
		memcpy(v6.dst, p->dst.octets, sizeof(v6.dst));
		memcpy(out, &v6, sizeof(v6));
		return;
	}
	memcpy(&v4.src, p->src.octets, sizeof(v4.src));
	memcpy(&v4.dst, p->dst.octets, sizeof(v4.dst));
	v4.checksum = be16_put(ip_cksum(&v4, sizeof(v4)));
	memcpy(out, &v4, sizeof(v4));
}

static void
probe_echo(uint8_t *out, const struct icmp_probe *p, uint8_t *at, size_t octets)
{
	bool v6 = p->dst.family == 6;
	struct icmp_hdr h = {
	    .type = v6 ? ICMPV6_ECHO_REQUEST : ICMP_ECHO_REQUEST,
	    .rest = be32_put((uint32_t)p->id << 16 | p->number)};

	memcpy(at, &h, sizeof(h));
	h.checksum = be16_put(
	    v6 ? icmp_v6_cksum((const void *)out, IP_PROTO_ICMPV6, at, octets)
	       : ip_cksum(at, octets));
	memcpy(at, &h, sizeof(h));
}

/* The checksum is optional over IPv4 (RFC 768) and is not over IPv6. */
static void
probe_udp(uint8_t *out, const struct icmp_probe *p, uint8_t *at, size_t octets)
{
	struct udp_hdr h = {.src = be16_put(p->id),
			    .dst = be16_put(p->number),
			    .length = be16_put((uint16_t)octets)};
	uint16_t sum;

	memcpy(at, &h, sizeof(h));
	if (p->dst.family == 4)
		return;
	sum = icmp_v6_cksum((const void *)out, IP_PROTO_UDP, at, octets);
	h.checksum = be16_put(sum != 0 ? sum : UINT16_MAX);
	memcpy(at, &h, sizeof(h));
}

size_t
icmp_probe_write(uint8_t *out, size_t room, const struct icmp_probe *p)
{
	size_t header = probe_header(p);
	uint8_t *at = out + header;

	if (p->octets > room || p->octets < icmp_probe_least(p) ||
	    p->src.family != p->dst.family)
		return 0;
	probe_ip(out, p);
	for (size_t i = sizeof(struct icmp_hdr); i < p->octets - header; i++)
		at[i] = (uint8_t)i;
	if (p->udp)
		probe_udp(out, p, at, p->octets - header);
	else
		probe_echo(out, p, at, p->octets - header);
	return p->octets;
}
