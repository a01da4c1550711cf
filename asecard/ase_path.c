/*
 * The path of packets through an ASP (docs/architecture.md, "The path of a
 * packet"). A vector may hold packets to be sealed (marked PKT_F_PROTECT) and
 * packets to be opened; it is worked on in phases, a loop each: say what each
 * packet is here for, seal, open, look up, send. Crypto sees whole vectors;
 * what leaves on a link leaves in the order it came. Where it goes is said in
 * ase_forward.c.
 *
 * Sealing, ESP comes first and AH around it; opening, AH is checked before ESP
 * (RFC 4301 section 4.5, RFC 4302 section 3.1).
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ah.h"
#include "ase_ike.h"
#include "clock.h"
#include "esp_in.h"
#include "esp_out.h"
#include "ip_hdr.h"

#define ASE_SAS_TEXT_MAX 64

/* "ESP SPI 0x1001 inside AH SPI 0x1002" */
static const char *
ase_sas_text(const struct esp_sa *sa, const struct esp_sa *ah,
	     char text[ASE_SAS_TEXT_MAX])
{
	if (ah == NULL || ah == sa)
		(void)snprintf(text, ASE_SAS_TEXT_MAX, "%s SPI 0x%x",
			       ah == NULL ? "ESP" : "AH", sa->key.spi);
	else
		(void)snprintf(text, ASE_SAS_TEXT_MAX,
			       "ESP SPI 0x%x inside AH SPI 0x%x", sa->key.spi,
			       ah->key.spi);
	return text;
}

/* The SAs of a tunnel, outbound: ESP, or AH, or AH around ESP. */
static bool
ase_sas_out(struct ase *ase, const struct circuit *c, const struct pkt *p,
	    unsigned i)
{
	struct esp_sa *sa =
	    sad_find(ase->sad, c->sa_out != 0 ? c->sa_out
					      : ase_ike_sa_out(ase, p->handle));
	struct esp_sa *ah = NULL;

	if (sa == NULL || sa->direction != SA_OUT)
		return false;
	if (sa->key.protocol == IP_PROTO_AH) {
		ah = sa;
	} else if (sa->bundle != 0) {
		ah = sad_find(ase->sad, sa->bundle);
		if (ah == NULL || ah->direction != SA_OUT)
			return false;
	}
	ase->vec.sa[i] = sa;
	ase->vec.ah[i] = ah;
	ase->vec.wants_ah |= ah != NULL;
	return true;
}

/* To be sealed: through which tunnel, under which SAs. */
static enum pkt_fate
ase_classify_seal(struct ase *ase, const struct pkt *p, unsigned i)
{
	const struct circuit *c = circuit_get(ase->fwd.circuits, p->handle);

	if (c == NULL || c->kind != CIRCUIT_TUNNEL || p->flags & PKT_F_SEALED)
		return PKT_DROP_BAD_HANDLE;
	if (p->len < sizeof(struct ipv4_hdr))
		return PKT_DROP_BAD_IP_HEADER;
	if (!c->up || !ase_sas_out(ase, c, p, i))
		return PKT_DROP_TUNNEL_DOWN;
	ase->vec.circuit[i] = c;
	if (ase->vec.sa[i] == ase->vec.ah[i])
		ase->vec.job[i] = ASE_SEAL_AH;
	if (p->len > ase->vec.sa[i]->inner_max)
		ase->vec.too_large = true;
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

/*
 * Asks the memory for what the phases read of each packet's tunnel, one step
 * for the whole vector after the other: with many tunnels every packet meets
 * other lines, and the reads would wait for one another.
 */
static void
ase_ahead(const struct ase *ase, const struct pkt_vec *v)
{
	const struct circuit_table *circuits = ase->fwd.circuits;
	const struct circuit *c;

	for (unsigned i = 0; i < v->n; i++)
		circuit_ahead(circuits, v->pkt[i].flags & PKT_F_PROTECT
					    ? v->pkt[i].handle
					    : v->pkt[i].circuit_in);
	for (unsigned i = 0; i < v->n; i++) {
		c = circuit_get(circuits, v->pkt[i].handle);
		if (c != NULL && c->sa_out != 0)
			sad_ahead(ase->sad, c->sa_out);
	}
	for (unsigned i = 0; i < v->n; i++) {
		c = circuit_get(circuits, v->pkt[i].handle);
		if (c != NULL && c->sa_out != 0)
			sa_ahead(sad_find(ase->sad, c->sa_out));
	}
}

static void
ase_classify(struct ase *ase, struct pkt_vec *v)
{
	struct ase_vec *av = &ase->vec;

	memset(av->jobs, 0, sizeof(av->jobs));
	av->wants_ah = false;
	av->too_large = false;
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];
		bool seal = (p->flags & PKT_F_PROTECT) != 0;

		av->circuit[i] = NULL;
		av->sa[i] = NULL;
		av->ah[i] = NULL;
		av->through[i] = NULL;
		av->context[i] = 0;
		p->flags &= (uint16_t)~PKT_F_OPENED; /* ours alone to say */
		av->job[i] = seal ? ASE_SEAL : ASE_OPEN;
		if (v->fate[i] == PKT_GO)
			v->fate[i] =
			    (uint8_t)(seal ? ase_classify_seal(ase, p, i)
					   : ase_classify_open(ase, p, i));
		av->jobs[av->job[i]]++;
	}
}

static bool
ase_seals(const struct ase_vec *av, unsigned i)
{
	return av->job[i] != ASE_OPEN;
}

/* Records what is sealed, or opened; the circuit says what is seen there. */
static void
ase_tap(struct ase *ase, const struct pkt_vec *v, bool seal, enum point_tap tap)
{
	bool outer = tap == POINT_SEALED && seal;

	if (!card_taps(ase->card, tap))
		return;
	for (unsigned i = 0; i < v->n; i++) {
		const struct circuit *c = ase->vec.circuit[i];

		if (v->fate[i] == PKT_GO && ase_seals(&ase->vec, i) == seal)
			card_tap(ase->card, tap, &v->pkt[i],
				 outer ? c->outer_context : c->context,
				 c->handle);
	}
}

/*
 * Sets the packets of other jobs aside while crypto runs over the vector, and
 * fetches them back: PKT_SENT is a fate that nobody else gives here before the
 * last phase.
 */
static void
ase_aside(const struct ase_vec *av, struct pkt_vec *v, enum ase_job job,
	  enum pkt_fate was, enum pkt_fate now)
{
	for (unsigned i = 0; av->jobs[job] != v->n && i < v->n; i++) {
		if (av->job[i] != job && v->fate[i] == was)
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
ase_say_sealed(struct ase *ase, struct pkt *p, unsigned i)
{
	const struct esp_sa *sa = ase->vec.sa[i];
	const struct esp_sa *ah = ase->vec.ah[i];
	char text[ASE_SAS_TEXT_MAX];

	if (p->trace != 0)
		card_say(ase->card, p,
			 &(struct card_said){.kind = CTL_SAID_SEAL,
					     .circuit = p->handle,
					     .sa = sa->id,
					     .spi = sa->key.spi,
					     .mtu = sa->mtu},
			 "sealed for tunnel circuit %u: %s, %u octets",
			 p->handle, ase_sas_text(sa, ah, text), p->len);
}

static void
ase_seal(struct ase *ase, struct pkt_vec *v)
{
	struct ase_vec *av = &ase->vec;

	if (av->jobs[ASE_OPEN] == v->n)
		return;
	ase_tap(ase, v, true, POINT_CLEAR);
	/* Pieces show no ports: their packet was asked before it was cut. */
	if (!ase->cutting)
		ase_policy_out(ase, v);
	for (unsigned i = 0; i < v->n; i++) {
		if (ase_seals(av, i) && v->fate[i] == PKT_GO)
			ase_count_out(ase, &v->pkt[i]);
	}
	ase_aside(av, v, ASE_SEAL, PKT_GO, PKT_SENT);
	if (av->jobs[ASE_SEAL] != 0)
		(void)esp_out_vec(&ase->esp, v, av->sa);
	ase_aside(av, v, ASE_SEAL, PKT_SENT, PKT_GO);
	if (av->wants_ah)
		(void)ah_out_vec(&ase->esp, v, av->ah);
	for (unsigned i = 0; i < v->n; i++) {
		if (!ase_seals(av, i) || v->fate[i] != PKT_GO)
			continue;
		v->pkt[i].flags |= PKT_F_SEALED;
		ase_say_sealed(ase, &v->pkt[i], i);
	}
	ase_cut_settle(v);
	ase_tap(ase, v, true, POINT_SEALED);
}

/* An opened packet has come out of its SA's tunnel circuit. */
static enum pkt_fate
ase_opened(struct ase *ase, struct pkt *p, unsigned i)
{
	struct esp_sa *sa = ase->vec.found[i];
	const struct circuit *c;
	struct stats_circuit *row;
	char text[ASE_SAS_TEXT_MAX];

	assert(sa != NULL); /* esp_in_vec() found it, or the fate says why */
	c = circuit_get(ase->fwd.circuits, sa->circuit);
	if (c == NULL || c->kind != CIRCUIT_TUNNEL)
		return PKT_DROP_BAD_HANDLE;
	if (!c->up)
		return PKT_DROP_TUNNEL_DOWN;
	if (!esp_in_settle(&ase->esp, sa, p))
		return PKT_DROP_SA_EXPIRED;
	ase->vec.circuit[i] = c;
	/* Transport mode is the router's own traffic: it came where it came. */
	if (!sa->transport)
		p->circuit_in = sa->circuit;
	p->circuit_out = 0;
	p->handle = 0;
	p->flags = PKT_F_OPENED;
	row = &card_stats(ase->card)->circuit[sa->circuit];
	counter_add(&row->in_packets, 1);
	counter_add(&row->in_octets, p->len);
	if (p->trace != 0)
		card_say(ase->card, p,
			 &(struct card_said){.kind = CTL_SAID_OPEN,
					     .circuit = sa->circuit,
					     .sa = sa->id,
					     .spi = sa->key.spi},
			 "opened: %s, out of tunnel circuit %u, %u octets",
			 ase_sas_text(sa, ase->vec.through[i], text),
			 sa->circuit, p->len);
	return PKT_GO;
}

/* AH first; what it alone protected is open then and ESP passes it over. */
static void
ase_unwrap(struct ase *ase, struct pkt_vec *v)
{
	struct ase_vec *av = &ase->vec;

	if (!sad_has_ah(ase->sad)) {
		(void)esp_in_vec(&ase->esp, v, av->context, NULL, av->found);
		return;
	}
	(void)ah_in_vec(&ase->esp, v, av->context, av->through);
	memcpy(av->found, av->through, v->n * sizeof(*av->found));
	(void)esp_in_vec(&ase->esp, v, av->context, av->through, av->found);
}

static void
ase_open(struct ase *ase, struct pkt_vec *v)
{
	struct ase_vec *av = &ase->vec;

	if (av->jobs[ASE_OPEN] == 0)
		return;
	ase_tap(ase, v, false, POINT_SEALED);
	ase_aside(av, v, ASE_OPEN, PKT_GO, PKT_SENT);
	ase_unwrap(ase, v);
	ase_aside(av, v, ASE_OPEN, PKT_SENT, PKT_GO);
	ase_policy_in(ase, v);
	for (unsigned i = 0; i < v->n; i++) {
		if (av->job[i] == ASE_OPEN && v->fate[i] == PKT_GO)
			v->fate[i] = (uint8_t)ase_opened(ase, &v->pkt[i], i);
	}
	ase_tap(ase, v, false, POINT_CLEAR);
}

static void
ase_pass_through(struct ase *ase, struct pkt_vec *v)
{
	ase_seal(ase, v);
	ase_open(ase, v);
	ase_forward(ase, v);
}

void
ase_work(struct ase *ase, struct pkt_vec *v)
{
	ase_classify(ase, v);
	ase_pass_through(ase, v);
	card_end(ase->card, v);
	v->n = 0;
}

void
ase_vector(void *arg, uint16_t from, struct pkt_vec *v)
{
	struct ase *ase = arg;

	(void)from;
	if (!ase_gather_take(ase, v))
		ase_vector_work(ase, v);
}

void
ase_vector_work(struct ase *ase, struct pkt_vec *v)
{
	if (sad_clock_live(ase->sad))
		sad_clock_set(ase->sad, clock_monotonic());
	ase_ike_take(ase, v);
	ase_ahead(ase, v);
	ase_classify(ase, v);
	if (ase->vec.too_large) {
		ase_policy_out(ase, v);
		ase_cut(ase, v);
	} else {
		ase_pass_through(ase, v);
	}
	card_end(ase->card, v);
}
