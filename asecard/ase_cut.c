/*
 * Packets that are too large for their tunnel, cut before they are sealed (the
 * inner packet) or after (the outer one), as the tunnel says; and how large
 * they may be. Off the path of packets that fit: those cost one comparison.
 *
 * Every buffer that the pieces of a packet need is taken before the first is
 * made; where they are not to be had the packet ends whole, no-buffer. All
 * pieces but the last have PKT_F_PIECE: a round counts the packet once, when
 * its last piece has met its fate, for pieces keep their order.
 *
 * RFC 791 section 3.2, RFC 8200 section 4.5, RFC 4301 sections 7 and 8. An
 * inner packet is cut only where IPv4 allows it; else the source is told (the
 * drop mtu-exceeded carries the MTU), but for IPv6 packets up to 1,280 octets,
 * which every path must carry (RFC 8200 section 5): those are cut outside.
 */
#include <errno.h>
#include <string.h>

#include "ase.h"
#include "esp_size.h"
#include "fwd.h"
#include "ip_frag.h"
#include "ip_hdr.h"

#define ASE_IPV6_MTU_MIN 1280

/* --- limits --------------------------------------------------------------- */

/* The MTU of the circuit that leads to the SA's far end; 0: not known. */
static unsigned
ase_egress_mtu(const struct ase *ase, const struct esp_sa *sa)
{
	uint32_t context = sa->key.context;
	uint32_t id;
	const struct adj *adj = fwd_lookup(ase->fwd.fibs, ase->fwd.adjs,
					   &context, &sa->key.dst, &id);
	const struct circuit *c;

	if (adj->kind != ADJ_FORWARD && adj->kind != ADJ_ATTACHED)
		return 0;
	c = circuit_get(ase->fwd.circuits, adj->circuit);
	return c == NULL ? 0 : c->mtu;
}

void
ase_limit_sa(struct ase *ase, struct esp_sa *sa)
{
	const struct esp_sa *ah = NULL;
	bool alone = sa->bundle == 0;

	/* A bundle is measured at its ESP, which comes first. */
	if (sa->direction != SA_OUT ||
	    (!alone && sa->key.protocol == IP_PROTO_AH))
		return;
	if (!alone)
		ah = sad_find(ase->sad, sa->bundle);
	esp_limits_set(sa, ah, ase_egress_mtu(ase, sa));
}

void
ase_limits(struct ase *ase)
{
	unsigned left = sad_count(ase->sad);

	for (uint32_t id = 0; left != 0 && id < SAD_MAX; id++) {
		struct esp_sa *sa = sad_find(ase->sad, id);

		if (sa == NULL)
			continue;
		left--;
		ase_limit_sa(ase, sa);
	}
}

/* --- pieces --------------------------------------------------------------- */

/* Takes a buffer for each piece of a packet; all of them or none. */
static bool
ase_pieces_take(struct ase *ase, const struct pkt *p, unsigned n,
		struct pkt pieces[])
{
	for (unsigned i = 0; i < n; i++) {
		pieces[i] = *p;
		if (card_take_buffer(ase->card, &pieces[i]))
			continue;
		while (i-- > 0)
			card_give(ase->card, &pieces[i]);
		return false;
	}
	return true;
}

/*
 * Cuts a packet to the MTU: pieces, in order, and how many; 0 and a fate where
 * that can not be. The packet's buffer has gone home then, unless it has a
 * fate.
 */
static unsigned
ase_pieces(struct ase *ase, struct pkt *p, unsigned mtu,
	   struct pkt pieces[PKT_VEC_MAX], uint8_t *fate)
{
	const struct pkt_mem *mem = card_mem(ase->card);
	struct ip_frag plan;
	int err = ip_frag_plan(&plan, pkt_data(mem, p), p->len, mtu,
			       ase->fragment_id);

	if (err != 0 || plan.pieces > PKT_VEC_MAX) {
		*fate = err == -EINVAL ? PKT_DROP_BAD_IP_HEADER
				       : PKT_DROP_MTU_EXCEEDED;
		p->mtu = (uint16_t)mtu;
		return 0;
	}
	if (!ase_pieces_take(ase, p, plan.pieces, pieces)) {
		*fate = PKT_DROP_NO_BUFFER;
		return 0;
	}
	ase->fragment_id++;
	for (unsigned i = 0; i < plan.pieces; i++) {
		struct pkt *q = &pieces[i];

		q->len = (uint16_t)ip_frag_piece(&plan, i, pkt_data(mem, q));
		if (i + 1 < plan.pieces)
			q->flags |= PKT_F_PIECE;
	}
	card_created(ase->card, plan.pieces - 1);
	card_give(ase->card, p);
	return plan.pieces;
}

/* Each piece begins a journey of its own. */
static void
ase_say_cut(struct ase *ase, struct pkt *p, struct pkt pieces[], unsigned n,
	    unsigned mtu, const char *when)
{
	card_say(ase->card, p,
		 &(struct card_said){.kind = CTL_SAID_CUT,
				     .row = n,
				     .circuit = p->handle,
				     .mtu = (uint16_t)mtu},
		 "cut into %u pieces of at most %u octets %s sealing", n, mtu,
		 when);
	for (unsigned i = 0; i < n; i++)
		card_trace_piece(ase->card, p, &pieces[i], i + 1, n);
}

/* --- before sealing ------------------------------------------------------- */

/* Whether the outer packet around ip may be cut by us (RFC 4301 section 8.1).
 */
static bool
ase_may_cut_outer(const struct esp_sa *sa, const uint8_t *ip)
{
	if (sa->transport)
		return sa->tunnel.src.family == 4 && ip_frag_allowed(ip);
	if (sa->tunnel.src.family == 6 || sa->tunnel.df == TUNNEL_DF_CLEAR)
		return true;
	return sa->tunnel.df == TUNNEL_DF_COPY && ip_frag_allowed(ip);
}

/*
 * What is to be done with a packet that is larger than its SA's inner_max:
 * nothing before sealing (0: it is cut outside), the MTU it is cut to, or a
 * drop with the MTU that would do.
 */
static unsigned
ase_cut_to(const struct esp_sa *sa, const uint8_t *ip, struct pkt *p,
	   uint8_t *fate)
{
	unsigned tunnel = sa->mtu == 0 ? UINT16_MAX : sa->mtu;
	bool outside = sa->fragment_post || sa->tunnel.df == TUNNEL_DF_CLEAR ||
		       (ip[0] >> 4 == 6 && p->len <= ASE_IPV6_MTU_MIN);
	unsigned limit;

	/* Transport mode is applied to whole packets (RFC 4301 section 7). */
	if (sa->transport && ase_may_cut_outer(sa, ip))
		return 0;
	outside = outside && ase_may_cut_outer(sa, ip);
	if (outside && p->len <= tunnel)
		return 0;
	limit = sa->fragment_post && outside ? tunnel : sa->inner_max;
	if (ip_frag_allowed(ip) && !sa->transport)
		return limit;
	if (ip[0] >> 4 == 6 && limit < ASE_IPV6_MTU_MIN)
		limit = ASE_IPV6_MTU_MIN;
	p->mtu = (uint16_t)limit;
	*fate = PKT_DROP_MTU_EXCEEDED;
	return limit;
}

/*
 * What was heard of a path holds for a time (RFC 1191 section 6.3); it is asked
 * about when it hinders.
 */
static void
ase_forget(struct ase *ase, struct esp_sa *sa, const struct pkt *p)
{
	if (sa->path_mtu == 0 || p->order_ns < sa->path_mtu_until_ns)
		return;
	sa->path_mtu = 0;
	ase_limit_sa(ase, sa);
}

/* The packet, or its pieces, at the end of the work vector. */
static void
ase_cut_one(struct ase *ase, const struct ase_vec *av, struct pkt_vec *v,
	    unsigned i, struct pkt_vec *w)
{
	struct esp_sa *sa = av->sa[i];
	struct pkt *p = &v->pkt[i];
	struct pkt pieces[PKT_VEC_MAX];
	unsigned mtu, n;

	if (av->job[i] != ASE_OPEN && p->len > sa->inner_max)
		ase_forget(ase, sa, p);
	if (av->job[i] == ASE_OPEN || p->len <= sa->inner_max) {
		(void)pkt_vec_push(w, p);
		v->fate[i] = PKT_SENT;
		return;
	}
	mtu = ase_cut_to(sa, pkt_data(card_mem(ase->card), p), p, &v->fate[i]);
	if (v->fate[i] != PKT_GO)
		return;
	if (mtu == 0) {
		(void)pkt_vec_push(w, p);
		v->fate[i] = PKT_SENT;
		return;
	}
	n = ase_pieces(ase, p, mtu, pieces, &v->fate[i]);
	if (v->fate[i] != PKT_GO)
		return;
	v->fate[i] = PKT_SENT;
	if (p->trace != 0)
		ase_say_cut(ase, p, pieces, n, mtu, "before");
	if (w->n + n > PKT_VEC_MAX)
		ase_work(ase, w);
	for (unsigned k = 0; k < n; k++)
		(void)pkt_vec_push(w, &pieces[k]);
}

void
ase_cut(struct ase *ase, struct pkt_vec *v)
{
	const struct ase_vec was = ase->vec; /* the work has its own */
	struct pkt_vec *w = &ase->cut;

	w->n = 0;
	ase->cutting = true;
	for (unsigned i = 0; i < v->n; i++) {
		if (v->fate[i] != PKT_GO)
			continue;
		if (w->n == PKT_VEC_MAX)
			ase_work(ase, w);
		ase_cut_one(ase, &was, v, i, w);
	}
	ase_work(ase, w);
	ase->cutting = false;
}

void
ase_cut_settle(struct pkt_vec *v)
{
	unsigned alive = PKT_VEC_MAX;

	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];

		if (v->fate[i] == PKT_GO)
			alive = i;
		if (p->flags & PKT_F_PIECE)
			continue;
		/* The last of its packet has a fate, one before it has none. */
		if (v->fate[i] != PKT_GO && alive != PKT_VEC_MAX) {
			v->pkt[alive].flags &= (uint16_t)~PKT_F_PIECE;
			p->flags |= PKT_F_PIECE;
		}
		alive = PKT_VEC_MAX;
	}
}

/* --- after sealing -------------------------------------------------------- */

bool
ase_cut_outer(struct ase *ase, struct pkt_vec *v, unsigned i, uint16_t to)
{
	const struct esp_sa *sa = ase->vec.sa[i];
	struct pkt *p = &v->pkt[i];

	if (sa->outer_mtu == 0 || p->len <= sa->outer_mtu)
		return false;
	if (!ase_may_cut_outer(sa, pkt_data(card_mem(ase->card), p)) &&
	    sa->tunnel.df != TUNNEL_DF_CLEAR)
		return false;
	ase_cut_send(ase, v, i, sa->outer_mtu, to);
	return true;
}

void
ase_cut_send(struct ase *ase, struct pkt_vec *v, unsigned i, unsigned mtu,
	     uint16_t to)
{
	struct pkt *p = &v->pkt[i];
	struct pkt_vec *x = &ase->pieces;
	bool piece = (p->flags & PKT_F_PIECE) != 0;

	x->n = ase_pieces(ase, p, mtu, x->pkt, &v->fate[i]);
	if (v->fate[i] != PKT_GO)
		return;
	if (p->trace != 0)
		ase_say_cut(ase, p, x->pkt, x->n, mtu, "after");
	v->fate[i] = PKT_SENT;
	memset(x->fate, PKT_GO, x->n);
	if (piece)
		x->pkt[x->n - 1].flags |= PKT_F_PIECE;
	for (unsigned k = 0; k < x->n; k++)
		card_send(ase->card, x, k, to);
	card_end(ase->card, x);
}
