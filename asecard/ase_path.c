/*
 * The path of packets through an ASP (docs/architecture.md, "The path of a
 * packet"). A vector may hold packets to be sealed (marked PKT_F_PROTECT) and
 * packets to be opened; it is worked on in phases, a loop each: say what each
 * packet is here for, seal, open, look up, send. Crypto sees whole vectors;
 * what leaves on a link leaves in the order it came.
 *
 * Sealed packets are routed here, in the context of the tunnel's end point.
 * Opened packets of a circuit-based tunnel go back to the iPPA that admitted
 * them; those of an economical tunnel are routed here when the route leads
 * straight out of a port, else (into another tunnel, to the router itself, or
 * with addresses that only the iPPA judges) they go back too, TTL untouched.
 */
#include <assert.h>
#include <stdio.h>

#include "ase.h"
#include "esp_in.h"
#include "esp_out.h"
#include "ip_cksum.h"
#include "ip_hdr.h"

#define ASE_ADDR_MAX 16

/* What becomes of a packet whose route leads elsewhere than out of a port. */
static const uint8_t ase_adj_fates[] = {
    [ADJ_NONE] = PKT_DROP_NO_ROUTE,  [ADJ_NULL] = PKT_DROP_NULL_ROUTE,
    [ADJ_LOCAL] = PKT_DROP_NO_ROUTE, [ADJ_FORWARD] = PKT_GO,
    [ADJ_ATTACHED] = PKT_GO,         [ADJ_TUNNEL] = PKT_DROP_RECURSIVE_TUNNEL,
    [ADJ_DOWN] = PKT_DROP_PORT_DOWN,
};

static const char *
ase_addr(uint32_t addr, char text[ASE_ADDR_MAX])
{
	(void)snprintf(text, ASE_ADDR_MAX, "%u.%u.%u.%u", addr >> 24,
		       addr >> 16 & 0xff, addr >> 8 & 0xff, addr & 0xff);
	return text;
}

static struct ipv4_hdr *
ase_ip(const struct ase *ase, const struct pkt *p)
{
	return (struct ipv4_hdr *)(void *)pkt_data(card_mem(ase->card), p);
}

/* To be sealed: through which tunnel, under which SA. */
static enum pkt_fate
ase_classify_seal(struct ase *ase, const struct pkt *p, unsigned i)
{
	const struct circuit *c = circuit_get(ase->fwd.circuits, p->handle);
	struct esp_sa *sa;

	if (c == NULL || c->kind != CIRCUIT_TUNNEL || p->flags & PKT_F_SEALED)
		return PKT_DROP_BAD_HANDLE;
	if (p->len < sizeof(struct ipv4_hdr))
		return PKT_DROP_BAD_IP_HEADER;
	sa = sad_find(ase->sad, c->sa_out);
	if (!c->up || sa == NULL || sa->direction != SA_OUT)
		return PKT_DROP_TUNNEL_DOWN;
	ase->vec.circuit[i] = c;
	ase->vec.sa[i] = sa;
	return PKT_GO;
}

/* To be opened: in which context its SA is looked up. */
static enum pkt_fate
ase_classify_open(struct ase *ase, const struct pkt *p, unsigned i)
{
	const struct circuit *c = circuit_get(ase->fwd.circuits, p->circuit_in);

	if (c == NULL || !c->bound)
		return PKT_DROP_BAD_HANDLE;
	ase->vec.circuit[i] = c;
	ase->vec.context[i] = c->context;
	return PKT_GO;
}

static void
ase_classify(struct ase *ase, struct pkt_vec *v)
{
	struct ase_vec *av = &ase->vec;

	av->jobs[ASE_SEAL] = 0;
	av->jobs[ASE_OPEN] = 0;
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];
		bool seal = (p->flags & PKT_F_PROTECT) != 0;

		av->circuit[i] = NULL;
		av->sa[i] = NULL;
		av->context[i] = 0;
		p->flags &= (uint16_t)~PKT_F_OPENED; /* ours alone to say */
		av->job[i] = seal ? ASE_SEAL : ASE_OPEN;
		av->jobs[av->job[i]]++;
		v->fate[i] = (uint8_t)(seal ? ase_classify_seal(ase, p, i)
					    : ase_classify_open(ase, p, i));
	}
}

/* Records the packets of one job; the circuit says what is seen there. */
static void
ase_tap(struct ase *ase, const struct pkt_vec *v, enum ase_job job,
	enum point_tap tap)
{
	bool outer = tap == POINT_SEALED && job == ASE_SEAL;

	if (!card_taps(ase->card, tap))
		return;
	for (unsigned i = 0; i < v->n; i++) {
		const struct circuit *c = ase->vec.circuit[i];

		if (v->fate[i] == PKT_GO && ase->vec.job[i] == job)
			card_tap(ase->card, tap, &v->pkt[i],
				 outer ? c->outer_context : c->context,
				 c->handle);
	}
}

/*
 * Sets the other job's packets aside while crypto runs over the vector, and
 * fetches them back: PKT_SENT is a fate that nobody else gives here before the
 * last phase.
 */
static void
ase_exchange(const struct ase_vec *av, struct pkt_vec *v, enum ase_job job,
	     enum pkt_fate was, enum pkt_fate now)
{
	for (unsigned i = 0; av->jobs[job] != 0 && i < v->n; i++) {
		if (av->job[i] == job && v->fate[i] == was)
			v->fate[i] = (uint8_t)now;
	}
}

/* What an economical tunnel carries is counted here: no ePPA sees it. */
static void
ase_count_out(struct ase *ase, const struct pkt *p)
{
	struct stats_circuit *row;

	if (!(p->flags & PKT_F_ECONOMICAL) || p->handle >= STATS_CIRCUITS)
		return;
	row = &card_stats(ase->card)->circuit[p->handle];
	counter_add(&row->out_packets, 1);
	counter_add(&row->out_octets, p->len);
}

static void
ase_seal(struct ase *ase, struct pkt_vec *v)
{
	struct ase_vec *av = &ase->vec;

	if (av->jobs[ASE_SEAL] == 0)
		return;
	ase_tap(ase, v, ASE_SEAL, POINT_CLEAR);
	for (unsigned i = 0; i < v->n; i++) {
		if (av->job[i] == ASE_SEAL && v->fate[i] == PKT_GO)
			ase_count_out(ase, &v->pkt[i]);
	}
	ase_exchange(av, v, ASE_OPEN, PKT_GO, PKT_SENT);
	(void)esp_out_vec(&ase->esp, v, av->sa);
	ase_exchange(av, v, ASE_OPEN, PKT_SENT, PKT_GO);
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];

		if (av->job[i] != ASE_SEAL || v->fate[i] != PKT_GO)
			continue;
		p->flags |= PKT_F_SEALED;
		if (p->trace != 0)
			card_trace(
			    ase->card, p,
			    "sealed for tunnel circuit %u: ESP SPI 0x%x, %u "
			    "octets",
			    p->handle, av->sa[i]->key.spi, p->len);
	}
	ase_tap(ase, v, ASE_SEAL, POINT_SEALED);
}

/* An opened packet has come out of its SA's tunnel circuit. */
static enum pkt_fate
ase_opened(struct ase *ase, struct pkt *p, unsigned i)
{
	const struct esp_sa *sa = ase->vec.sa[i];
	const struct circuit *c;
	struct stats_circuit *row;

	assert(sa != NULL); /* esp_in_vec() found it, or the fate says why */
	c = circuit_get(ase->fwd.circuits, sa->circuit);
	if (c == NULL || c->kind != CIRCUIT_TUNNEL)
		return PKT_DROP_BAD_HANDLE;
	if (!c->up)
		return PKT_DROP_TUNNEL_DOWN;
	ase->vec.circuit[i] = c;
	p->circuit_in = sa->circuit;
	p->circuit_out = 0;
	p->handle = 0;
	p->flags = PKT_F_OPENED;
	row = &card_stats(ase->card)->circuit[sa->circuit];
	counter_add(&row->in_packets, 1);
	counter_add(&row->in_octets, p->len);
	if (p->trace != 0)
		card_trace(
		    ase->card, p,
		    "opened: ESP SPI 0x%x, out of tunnel circuit %u, %u octets",
		    sa->key.spi, sa->circuit, p->len);
	return PKT_GO;
}

static void
ase_open(struct ase *ase, struct pkt_vec *v)
{
	struct ase_vec *av = &ase->vec;

	if (av->jobs[ASE_OPEN] == 0)
		return;
	ase_tap(ase, v, ASE_OPEN, POINT_SEALED);
	ase_exchange(av, v, ASE_SEAL, PKT_GO, PKT_SENT);
	(void)esp_in_vec(&ase->esp, v, av->context, NULL, av->sa);
	ase_exchange(av, v, ASE_SEAL, PKT_SENT, PKT_GO);
	for (unsigned i = 0; i < v->n; i++) {
		if (av->job[i] == ASE_OPEN && v->fate[i] == PKT_GO)
			v->fate[i] = (uint8_t)ase_opened(ase, &v->pkt[i], i);
	}
	ase_tap(ase, v, ASE_OPEN, POINT_CLEAR);
}

/* The adjacency of an address; id 0 and kind ADJ_NONE where no route leads. */
static const struct adj *
ase_lookup(const struct ase *ase, uint32_t context, uint32_t dst, uint32_t *id)
{
	const struct fib *fib = fib_of(ase->fwd.fibs, context);

	*id = fib == NULL ? 0 : fib_lookup(fib, dst);
	return adj_get(ase->fwd.adjs, *id);
}

/* Out of a port: to the ePPA of the adjacency's circuit. */
static void
ase_emit(struct ase *ase, struct pkt_vec *v, unsigned i, const struct adj *adj,
	 uint32_t id, uint32_t dst)
{
	struct pkt *p = &v->pkt[i];
	char addr[ASE_ADDR_MAX];
	char name[STAGE_NAME_MAX];

	p->circuit_out = adj->circuit;
	p->handle = id;
	if (p->trace != 0)
		card_trace(ase->card, p,
			   "%s is routed out of circuit %u: to %s",
			   ase_addr(dst, addr), adj->circuit,
			   stage_name(adj->stage, name));
	card_send(ase->card, v, i, adj->stage);
}

static uint8_t
ase_adj_fate(const struct adj *adj)
{
	return adj->kind < sizeof ase_adj_fates ? ase_adj_fates[adj->kind]
						: PKT_DROP_BAD_HANDLE;
}

static void
ase_forward_sealed(struct ase *ase, struct pkt_vec *v, unsigned i)
{
	const struct ipv4_hdr *ip = ase_ip(ase, &v->pkt[i]);
	uint32_t dst = be32_get(ip->dst);
	uint32_t id;
	const struct adj *adj;

	if (ip->version_ihl >> 4 != 4) {
		v->fate[i] = PKT_DROP_IPV6;
		return;
	}
	adj = ase_lookup(ase, ase->vec.circuit[i]->outer_context, dst, &id);
	v->fate[i] = ase_adj_fate(adj);
	if (v->fate[i] == PKT_GO)
		ase_emit(ase, v, i, adj, id, dst);
}

/* To the iPPA (or controller) that admitted it, which looks it up. */
static void
ase_return(struct ase *ase, struct pkt_vec *v, unsigned i)
{
	struct pkt *p = &v->pkt[i];
	char name[STAGE_NAME_MAX];

	if (p->trace != 0)
		card_trace(ase->card, p, "to %s, which looks it up",
			   stage_name(p->in_stage, name));
	card_send(ase->card, v, i, p->in_stage);
}

/* Neither 0/8, 127/8, multicast nor reserved (RFC 1812 section 5.3.7). */
static bool
ase_addr_plain(uint32_t addr)
{
	uint32_t first = addr >> 24;

	return first != 0 && first != 127 && first < 224;
}

/* The inner TTL falls where the route is looked up (RFC 1812 section 5.3.1). */
static void
ase_ttl_decrement(struct ipv4_hdr *ip)
{
	struct be16 was = {{ip->ttl, ip->protocol}};
	struct be16 now = {{(uint8_t)(ip->ttl - 1), ip->protocol}};

	ip->checksum = ip_cksum_update(ip->checksum, was, now);
	ip->ttl--;
}

/* Economical: esp_in_vec() has seen that header and lengths fit. */
static void
ase_forward_economical(struct ase *ase, struct pkt_vec *v, unsigned i)
{
	struct pkt *p = &v->pkt[i];
	struct ipv4_hdr *ip = ase_ip(ase, p);
	uint32_t dst = be32_get(ip->dst);
	const struct adj *adj;
	uint32_t id;

	if (!ase->vec.circuit[i]->bound) {
		v->fate[i] = PKT_DROP_UNBOUND_CIRCUIT;
		return;
	}
	if (ip->version_ihl >> 4 != 4) {
		ase_return(ase, v, i);
		return;
	}
	if (ip_cksum(ip, (size_t)(ip->version_ihl & 0xf) * 4) != 0) {
		v->fate[i] = PKT_DROP_BAD_CHECKSUM;
		return;
	}
	adj = ase_lookup(ase, ase->vec.circuit[i]->context, dst, &id);
	if (adj->kind == ADJ_LOCAL || adj->kind == ADJ_TUNNEL ||
	    !ase_addr_plain(dst) || !ase_addr_plain(be32_get(ip->src))) {
		ase_return(ase, v, i);
		return;
	}
	v->fate[i] = ase_adj_fate(adj);
	if (v->fate[i] == PKT_GO && ip->ttl <= 1)
		v->fate[i] = PKT_DROP_TTL_EXPIRED;
	if (v->fate[i] != PKT_GO)
		return;
	ase_ttl_decrement(ip);
	p->flags = 0;
	ase_emit(ase, v, i, adj, id, dst);
}

static void
ase_forward(struct ase *ase, struct pkt_vec *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		if (v->fate[i] != PKT_GO)
			continue;
		if (ase->vec.job[i] == ASE_SEAL)
			ase_forward_sealed(ase, v, i);
		else if (ase->vec.circuit[i]->economical)
			ase_forward_economical(ase, v, i);
		else
			ase_return(ase, v, i);
	}
}

void
ase_vector(void *arg, uint16_t from, struct pkt_vec *v)
{
	struct ase *ase = arg;

	(void)from;
	ase_classify(ase, v);
	ase_seal(ase, v);
	ase_open(ase, v);
	ase_forward(ase, v);
	card_end(ase->card, v);
}
