/*
 * IKE's place in an ASP: datagrams, time, and what the chassis hears of it.
 * What the library sends rests in a vector until the packets at hand are done,
 * then it goes the way of sealed packets, routed in the context of the tunnel.
 */
#include "ase_ike.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fwd.h"
#include "ip_cksum.h"
#include "ip_hdr.h"
#include "ip_parse.h"
#include "log.h"
#include "secret.h"

#define IKE_TTL 64
#define MARKER_OCTETS 4 /* RFC 3948 section 2.2 */

/* --- out ------------------------------------------------------------------ */

static unsigned
put_ipv4(struct ase_ike *a, const struct ike_path *path, uint8_t *at,
	 unsigned payload)
{
	struct ipv4_hdr ip = {
	    .version_ihl = 0x45,
	    .total_length = be16_put((uint16_t)(sizeof(ip) + payload)),
	    .id = be16_put(++a->ip_id),
	    .ttl = IKE_TTL,
	    .protocol = IP_PROTO_UDP,
	    .src = be32_put(ip_addr_to_v4(&path->local)),
	    .dst = be32_put(ip_addr_to_v4(&path->remote)),
	};

	ip.checksum = be16_put(0);
	memcpy(at, &ip, sizeof(ip));
	ip.checksum = be16_put(ip_cksum(at, sizeof(ip)));
	memcpy(at, &ip, sizeof(ip));
	return sizeof(ip);
}

static unsigned
put_ipv6(const struct ike_path *path, uint8_t *at, unsigned payload)
{
	struct ipv6_hdr ip = {
	    .version_class_flow = be32_put(UINT32_C(6) << 28),
	    .payload_length = be16_put((uint16_t)payload),
	    .next_header = IP_PROTO_UDP,
	    .hop_limit = IKE_TTL,
	};

	memcpy(ip.src, path->local.octets, sizeof(ip.src));
	memcpy(ip.dst, path->remote.octets, sizeof(ip.dst));
	memcpy(at, &ip, sizeof(ip));
	return sizeof(ip);
}

static void
put_udp(const struct ike_path *path, uint8_t *at, const uint8_t *octets,
	size_t n)
{
	unsigned address = path->local.family == 4 ? 4 : 16;
	struct udp_hdr udp = {
	    .src = be16_put(path->local_port),
	    .dst = be16_put(path->remote_port),
	    .length = be16_put((uint16_t)(sizeof(udp) + n)),
	};
	uint16_t sum;

	memcpy(at, &udp, sizeof(udp));
	memcpy(at + sizeof(udp), octets, n);
	sum = ip_cksum_pseudo(path->local.octets, path->remote.octets, address,
			      IP_PROTO_UDP, at, sizeof(udp) + n);
	udp.checksum = be16_put(sum == 0 ? UINT16_MAX : sum); /* RFC 768 */
	memcpy(at, &udp, sizeof(udp));
}

static void
ike_send_cb(void *arg, const struct ike_path *path, const uint8_t *octets,
	    size_t n)
{
	struct ase_ike *a = arg;
	struct ase *ase = a->ase;
	uint64_t now = clock_monotonic();
	unsigned payload = (unsigned)(sizeof(struct udp_hdr) + n);
	struct pkt p = {
	    .time_ns = now, .order_ns = now, .in_stage = card_stage(ase->card)};
	uint8_t *at;
	unsigned header;

	/* It may get lost; then IKE says it again. */
	if (a->out.n == PKT_VEC_MAX || n > UINT16_MAX / 2 ||
	    payload + sizeof(struct ipv6_hdr) > PKT_OCTETS_MAX ||
	    !card_take_buffer(ase->card, &p))
		return;
	at = pkt_data(card_mem(ase->card), &p);
	header = path->local.family == 4 ? put_ipv4(a, path, at, payload)
					 : put_ipv6(path, at, payload);
	put_udp(path, at + header, octets, n);
	p.len = (uint16_t)(header + payload);
	p.circuit_in = path->context; /* until it is routed */
	counter_add(&card_stats(ase->card)->originated, 1);
	(void)pkt_vec_push(&a->out, &p);
}

static void
send_one(struct ase *ase, struct pkt_vec *v, unsigned i)
{
	struct pkt *p = &v->pkt[i];
	const uint8_t *ip = pkt_data(card_mem(ase->card), p);
	struct ip_addr dst =
	    ip[0] >> 4 == 4
		? ip_addr_get(4, ((const struct ipv4_hdr *)ip)->dst.b)
		: ip_addr_get(6, ((const struct ipv6_hdr *)ip)->dst);
	uint32_t context = p->circuit_in;
	const struct circuit *c;
	const struct adj *adj;
	uint32_t id;

	p->circuit_in = 0;
	adj = fwd_lookup(ase->fwd.fibs, ase->fwd.adjs, &context, &dst, &id);
	v->fate[i] = (uint8_t)ase_adj_fate(adj);
	if (v->fate[i] != PKT_GO)
		return;
	p->circuit_out = adj->circuit;
	p->handle = id;
	c = circuit_get(ase->fwd.circuits, adj->circuit);
	if (c != NULL && c->mtu != 0 && p->len > c->mtu)
		ase_cut_send(ase, v, i, c->mtu, adj->stage);
	else
		card_send(ase->card, v, i, adj->stage);
}

static void
send_waiting(struct ase *ase)
{
	struct pkt_vec *v = &ase->ike->out;

	for (unsigned i = 0; i < v->n; i++)
		send_one(ase, v, i);
	if (v->n != 0)
		card_end(ase->card, v);
	v->n = 0;
}

/* --- in ------------------------------------------------------------------- */

/* Whether it is for IKE: then the UDP payload is at *octets. */
static bool
take_parse(const struct ase *ase, const struct pkt *p, struct ike_path *path,
	   const uint8_t **octets, size_t *n, enum pkt_fate *fate)
{
	const uint8_t *ip = pkt_data(card_mem(ase->card), p);
	const struct circuit *c = circuit_get(ase->fwd.circuits, p->circuit_in);
	const struct udp_hdr *udp;
	struct ip_parsed parsed;
	unsigned length;

	if (c == NULL || ip_parse(ip, p->len, &parsed) != 0 ||
	    parsed.fragment || parsed.protocol != IP_PROTO_UDP ||
	    parsed.total < parsed.header + sizeof(*udp))
		return false;
	udp = (const struct udp_hdr *)(ip + parsed.header);
	length = be16_get(udp->length);
	path->context = c->context;
	path->local = ip_parsed_dst(&parsed);
	path->remote = ip_parsed_src(&parsed);
	path->local_port = be16_get(udp->dst);
	path->remote_port = be16_get(udp->src);
	*octets = (const uint8_t *)(udp + 1);
	*n = length - sizeof(*udp);
	if (length < sizeof(*udp) || length > parsed.total - parsed.header ||
	    (path->local_port != IKE_PORT &&
	     (path->local_port != IKE_PORT_NAT || *n < MARKER_OCTETS ||
	      be32_get(*(const struct be32 *)*octets) != 0)))
		return false;
	*fate = PKT_PUNT;
	if (be16_get(udp->checksum) != 0 &&
	    ip_cksum_pseudo(parsed.src, parsed.dst, parsed.family == 4 ? 4 : 16,
			    IP_PROTO_UDP, udp, length) != 0)
		*fate = PKT_DROP_BAD_CHECKSUM;
	return true;
}

void
ase_ike_take(struct ase *ase, struct pkt_vec *v)
{
	struct ike_path path;
	const uint8_t *octets;
	enum pkt_fate fate;
	size_t n;

	if (ase->ike == NULL)
		return;
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];

		if (p->flags & PKT_F_PROTECT ||
		    !take_parse(ase, p, &path, &octets, &n, &fate))
			continue;
		v->fate[i] = (uint8_t)fate;
		if (fate != PKT_PUNT)
			continue;
		if (p->trace != 0)
			card_trace(ase->card, p, "an IKE message, taken in");
		ike_input(ase->ike->ike, &path, octets, n, clock_monotonic());
	}
}

/* --- time -------------------------------------------------------------------
 */

void
ase_ike_activated(struct ase *ase)
{
	if (ase->ike != NULL && ase->ike->holding > 0)
		ase->ike->holding--;
}

void
ase_ike_pass(struct ase *ase)
{
	if (ase->ike == NULL)
		return;
	if (ase->ike->holding == 0)
		ike_tick(ase->ike->ike, clock_monotonic());
	send_waiting(ase);
}

uint64_t
ase_ike_due_ns(const struct ase *ase)
{
	return ase->ike == NULL || ase->ike->holding != 0
		   ? IKE_NEVER
		   : ike_next_ns(ase->ike->ike);
}

bool
ase_ike_sa_event(struct ase *ase, const struct esp_sa *sa, unsigned events)
{
	const struct ase_ike_child *c =
	    ase->ike == NULL ? NULL : ase_ike_child_of(ase->ike, sa);
	uint32_t circuit = sa->circuit;
	uint32_t spi;

	if (c == NULL)
		return false;
	spi = c->spi_in; /* the child may go */
	if (events & (SA_EVENT_HARD | SA_EVENT_SEQUENCE_LAST))
		ike_child_hard(ase->ike->ike, circuit, spi, clock_monotonic());
	else
		ike_child_soft(ase->ike->ike, circuit, spi, clock_monotonic());
	return true;
}

/* --- what is told ------------------------------------------------------------
 */

static void
tell(struct ase_ike *a, const struct ike_event *e, enum ctl_ike_event_kind kind,
     const char *text)
{
	struct ctl_ike_event body = {
	    .circuit = be32_put(e->tunnel),
	    .kind = (uint8_t)kind,
	    .cause = (uint8_t)e->cause,
	    .outage_ns = be64_put(e->outage_ns),
	};

	if (kind == CTL_IKE_REJECTED)
		body.version = (uint8_t)ike_reject_version(e->reject);
	if (e->path != NULL) {
		body.local = e->path->local;
		body.remote = e->path->remote;
	}
	(void)card_tell(a->ase->card, CTL_IKE_EVENT, &body, text,
			text == NULL ? 0 : strlen(text));
}

static void
ike_event_cb(void *arg, const struct ike_event *e)
{
	struct ase_ike *a = arg;

	switch (e->kind) {
	case IKE_EVENT_UP:
		log_info("ase: tunnel up circuit=%u outage_ms=%lu", e->tunnel,
			 (unsigned long)(e->outage_ns / CLOCK_MS_NS));
		tell(a, e, CTL_IKE_UP, NULL);
		break;
	case IKE_EVENT_DOWN:
		log_info("ase: tunnel down circuit=%u cause=%s", e->tunnel,
			 ike_cause_name(e->cause));
		tell(a, e, CTL_IKE_DOWN, NULL);
		break;
	case IKE_EVENT_REJECTED:
		tell(a, e, CTL_IKE_REJECTED, ike_reject_text(e->reject));
		break;
	case IKE_EVENT_FAILED:
		log_info("ase: negotiation failed circuit=%u why=\"%s\"",
			 e->tunnel, e->text != NULL ? e->text : "");
		break;
	default:
		break;
	}
}

static int
ike_random_cb(void *arg, void *p, size_t octets)
{
	(void)arg;
	return secret_random(p, octets);
}

static uint64_t
ike_wall_cb(void *arg)
{
	(void)arg;
	return clock_wall() / CLOCK_SECOND_NS;
}

static const struct ike_ops ike_ops = {
    .send = ike_send_cb,
    .random = ike_random_cb,
    .wall_s = ike_wall_cb,
    .alloc_spi = ase_ike_alloc_spi,
    .free_spi = ase_ike_free_spi,
    .install = ase_ike_install,
    .remove = ase_ike_remove,
    .event = ike_event_cb,
};

int
ase_ike_new_bare(struct ike **ike)
{
	struct ike_conf conf = {.strict = false};

	return ike_new(ike, &conf, &ike_ops, NULL);
}

int
ase_ike_need(struct ase *ase)
{
	struct ike_conf conf = {.strict = false};
	struct ase_ike *a;
	int err = -ENOMEM;

	if (ase->ike != NULL)
		return 0;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return -ENOMEM;
	ase->ike = a;
	a->ase = ase;
	a->tunnel = calloc(STATS_CIRCUITS, sizeof(*a->tunnel));
	a->spis = calloc(ASE_IKE_SPIS / 8, 1);
	if (a->tunnel != NULL && a->spis != NULL)
		err = ike_new(&a->ike, &conf, &ike_ops, a);
	if (err != 0)
		ase_ike_free(ase);
	return err;
}

void
ase_ike_free(struct ase *ase)
{
	struct ase_ike *a = ase->ike;

	if (a == NULL)
		return;
	ike_free(&a->ike);
	for (uint32_t i = 0; a->tunnel != NULL && i < STATS_CIRCUITS; i++)
		ase_ike_forget(a, i);
	free(a->tunnel);
	free(a->spis);
	free(a);
	ase->ike = NULL;
}
