/*
 * Negotiated SAs. Inbound SPIs say which ASP has drawn them (ctl_msg.h), so
 * that iPPAs lead packets here without being told of each. The newest child of
 * a tunnel seals; those before it stay until IKE takes them away, so that
 * replacing keys loses nothing (RFC 7296 section 2.8).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ase_ike.h"
#include "clock.h"
#include "log.h"
#include "secret.h"

#define KILOBYTE 1024
#define SOFT_PERCENT 80 /* of the octets of a life: a successor is wanted */

static bool
bit_get(const uint8_t *bits, uint32_t i)
{
	return ((unsigned)bits[i / 8] >> (i % 8) & 1U) != 0;
}

static void
bit_put(uint8_t *bits, uint32_t i, bool set)
{
	uint8_t mask = (uint8_t)(1U << (i % 8));

	bits[i / 8] = (uint8_t)(set ? bits[i / 8] | mask : bits[i / 8] & ~mask);
}

/* --- SPIs and ids ------------------------------------------------------- */

int
ase_ike_alloc_spi(void *arg, uint32_t tunnel, uint8_t protocol, uint32_t *spi)
{
	struct ase_ike *a = arg;
	uint32_t stage = card_stage(a->ase->card);
	uint32_t at;

	(void)tunnel;
	(void)protocol;
	if (secret_random(&at, sizeof(at)) != 0)
		return -ENOSPC;
	at &= ASE_IKE_SPIS - 1;
	for (uint32_t i = 0; i < ASE_IKE_SPIS; i++) {
		uint32_t n = (at + i) & (ASE_IKE_SPIS - 1);

		if (bit_get(a->spis, n))
			continue;
		bit_put(a->spis, n, true);
		*spi = CTL_SPI_TAG << CTL_SPI_TAG_SHIFT |
		       stage << CTL_SPI_STAGE_SHIFT | n;
		return 0;
	}
	return -ENOSPC;
}

void
ase_ike_free_spi(void *arg, uint32_t tunnel, uint8_t protocol, uint32_t spi)
{
	struct ase_ike *a = arg;

	(void)tunnel;
	(void)protocol;
	bit_put(a->spis, spi & (ASE_IKE_SPIS - 1), false);
}

/* An id that neither IKE nor the chassis uses; 0: none. */
static uint32_t
id_take(struct ase_ike *a)
{
	for (uint32_t i = 0; i < ASE_IKE_IDS; i++) {
		uint32_t n = (a->id_next + i) % ASE_IKE_IDS;
		uint32_t id = ASE_IKE_ID_FIRST + n;

		if (bit_get(a->ids, n) || sad_find(a->ase->sad, id) != NULL)
			continue;
		bit_put(a->ids, n, true);
		a->id_next = (n + 1) % ASE_IKE_IDS;
		return id;
	}
	return 0;
}

static void
id_give(struct ase_ike *a, uint32_t id)
{
	if (id >= ASE_IKE_ID_FIRST)
		bit_put(a->ids, id - ASE_IKE_ID_FIRST, false);
}

/* --- children ----------------------------------------------------------- */

static struct ase_ike_tunnel *
tunnel_of(const struct ase_ike *a, uint32_t circuit)
{
	return circuit < STATS_CIRCUITS ? a->tunnel[circuit] : NULL;
}

static struct ase_ike_child **
child_find(struct ase_ike_tunnel *t, uint32_t id)
{
	struct ase_ike_child **at = &t->children;

	while (*at != NULL && (*at)->child != id)
		at = &(*at)->next;
	return at;
}

static bool
child_is_empty(const struct ase_ike_child *c)
{
	return c->in[0] == 0 && c->in[1] == 0 && c->out[0] == 0 &&
	       c->out[1] == 0;
}

/* The child's entry, at the head of the list where it is new. */
static struct ase_ike_child *
child_need(struct ase_ike_tunnel *t, const struct ike_child *child)
{
	struct ase_ike_child *c = *child_find(t, child->id);

	if (c != NULL)
		return c;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->child = child->id;
	c->spi_in = child->keys[0].spi_in;
	c->next = t->children;
	t->children = c;
	return c;
}

static void
child_drop_empty(struct ase_ike_tunnel *t, uint32_t id)
{
	struct ase_ike_child **at = child_find(t, id);
	struct ase_ike_child *c = *at;

	if (c == NULL || !child_is_empty(c))
		return;
	*at = c->next;
	free(c);
}

void
ase_ike_forget(struct ase_ike *a, uint32_t circuit)
{
	struct ase_ike_tunnel *t = a->tunnel[circuit];

	while (t != NULL && t->children != NULL) {
		struct ase_ike_child *c = t->children;

		t->children = c->next;
		free(c);
	}
	free(t);
	a->tunnel[circuit] = NULL;
}

const struct ase_ike_child *
ase_ike_child_of(const struct ase_ike *a, const struct esp_sa *sa)
{
	const struct ase_ike_tunnel *t = tunnel_of(a, sa->circuit);
	const struct ase_ike_child *c = t == NULL ? NULL : t->children;

	for (; c != NULL; c = c->next) {
		if (c->in[0] == sa->id || c->in[1] == sa->id ||
		    c->out[0] == sa->id || c->out[1] == sa->id)
			return c;
	}
	return NULL;
}

uint32_t
ase_ike_sa_out(const struct ase *ase, uint32_t circuit)
{
	const struct ase_ike_tunnel *t =
	    ase->ike == NULL ? NULL : tunnel_of(ase->ike, circuit);
	const struct ase_ike_child *c = t == NULL ? NULL : t->children;

	while (c != NULL && c->out[0] == 0)
		c = c->next;
	return c == NULL ? 0 : c->out[0];
}

/* --- into the SAD ------------------------------------------------------- */

static struct tunnel
sa_outer(const struct ctl_ike_tunnel *row, const struct ike_child *child,
	 bool out)
{
	return (struct tunnel){
	    .src = out ? child->path.local : child->path.remote,
	    .dst = out ? child->path.remote : child->path.local,
	    .df = (enum tunnel_df)row->df,
	    .dscp = row->dscp,
	    .ttl = row->ttl,
	    .ecn_compat = (row->sa_flags & CTL_SA_ECN_COMPAT) != 0,
	    .flow_label = be32_get(row->flow_label),
	};
}

/* Limits of octets; those of time are IKE's. */
static struct sa_life_limits
sa_limits(const struct ike_child *child)
{
	uint64_t octets = child->lifetime_kilobytes * KILOBYTE;

	return (struct sa_life_limits){
	    .soft_octets = octets / 100 * SOFT_PERCENT,
	    .hard_octets = octets,
	};
}

static struct sa_params
sa_params(const struct ctl_ike_tunnel *row, const struct ike_child *child,
	  const struct ike_child_keys *k, bool out)
{
	bool esp = k->protocol == IP_PROTO_ESP;
	struct sa_params p = {
	    .context = child->path.context,
	    .spi = out ? k->spi_out : k->spi_in,
	    .circuit = child->tunnel,
	    .tunnel = sa_outer(row, child, out),
	    .direction = out ? SA_OUT : SA_IN,
	    .protocol = k->protocol,
	    .transport = child->transport,
	    .tfc = child->transport || !esp ? 0 : be16_get(row->tfc),
	    .mtu = be16_get(row->mtu),
	    .fragment_post = (row->sa_flags & CTL_SA_FRAGMENT_POST) != 0,
	    .enc = esp ? k->enc : IPSEC_ALG_NULL,
	    .auth = k->auth,
	    .enc_key = out ? k->enc_out : k->enc_in,
	    .auth_key = out ? k->auth_out : k->auth_in,
	    .esn = child->esn,
	    .replay_window = child->replay_window,
	    .seq_first = 1,
	    .seq_granted = child->esn ? UINT64_MAX : UINT32_MAX,
	    .life = sa_limits(child),
	    .born_ns = clock_monotonic(),
	};

	if (esp)
		p.enc_key_octets =
		    ipsec_alg_keymat_octets(ipsec_alg_get(p.enc));
	p.auth_key_octets = ipsec_alg_keymat_octets(ipsec_alg_get(p.auth));
	p.tunnel.udp = esp && child->udp;
	if (p.tunnel.udp) {
		p.tunnel.udp_local = child->path.local_port;
		p.tunnel.udp_remote = child->path.remote_port;
	}
	return p;
}

/* The chassis shows what there is; keys stay here. */
static void
sa_tell(struct ase_ike *a, const struct sa_params *p, enum ctl_op op)
{
	struct ctl_ike_sa body = {
	    .id = be32_put(p->id),
	    .circuit = be32_put(p->circuit),
	    .spi = be32_put(p->spi),
	    .bundle = be32_put(p->bundle),
	    .src = p->tunnel.src,
	    .dst = p->tunnel.dst,
	    .op = (uint8_t)op,
	    .direction = p->direction == SA_OUT ? CTL_SA_OUT : CTL_SA_IN,
	    .protocol = p->protocol,
	    .encryption = (uint8_t)p->enc,
	    .authentication = (uint8_t)p->auth,
	    .mode = p->transport ? CTL_SA_TRANSPORT : CTL_SA_TUNNEL,
	    .flags = p->tunnel.udp ? CTL_SA_UDP : 0,
	    .esn = p->esn,
	    .replay_window = be16_put((uint16_t)p->replay_window),
	    .udp_local = be16_put(p->tunnel.udp_local),
	    .udp_remote = be16_put(p->tunnel.udp_remote),
	    .born_ns = be64_put(p->born_ns),
	    .hard_octets = be64_put(p->life.hard_octets),
	};

	(void)card_tell(a->ase->card, CTL_IKE_SA, &body, NULL, 0);
}

static int
sa_add(struct ase_ike *a, struct sa_params *p)
{
	struct stats *stats = card_stats(a->ase->card);
	const struct esp_sa *sa;
	int err;

	for (unsigned i = 0; i < STATS_SA_COUNTERS; i++)
		counter_set(&stats->sa[p->id][i], 0);
	p->counters = (struct sa_counters *)stats->sa[p->id];
	err = sad_install(a->ase->sad, p);
	if (err != 0) {
		log_error("ase: negotiated SA refused circuit=%u spi=0x%x "
			  "err=%d",
			  p->circuit, p->spi, -err);
		return err;
	}
	sa = sad_find(a->ase->sad, p->id);
	counter_set(&stats->sa_engine[p->id], alg_cipher_engine(sa->cipher));
	sa_tell(a, p, CTL_OP_SET);
	log_info("ase: SA negotiated id=%u protocol=%u %s spi=0x%x circuit=%u "
		 "alg=%s/%s",
		 p->id, p->protocol, p->direction == SA_OUT ? "out" : "in",
		 p->spi, p->circuit, sa->enc->name, sa->auth->name);
	return 0;
}

static void
sa_delete(struct ase_ike *a, uint32_t *id)
{
	const struct esp_sa *sa = *id == 0 ? NULL : sad_find(a->ase->sad, *id);
	struct sa_params gone = {.id = *id};

	if (sa != NULL) {
		gone.circuit = sa->circuit;
		gone.spi = sa->key.spi;
		gone.protocol = sa->key.protocol;
		gone.direction = sa->direction;
		sa_tell(a, &gone, CTL_OP_DELETE);
		log_info("ase: SA ended id=%u spi=0x%x circuit=%u", sa->id,
			 sa->key.spi, sa->circuit);
		(void)sad_delete(a->ase->sad, *id);
		counter_set(&card_stats(a->ase->card)->sa_engine[*id],
			    ALG_ENGINE_AUTO);
	}
	id_give(a, *id);
	*id = 0;
}

int
ase_ike_install(void *arg, const struct ike_child *child,
		enum ike_direction direction)
{
	struct ase_ike *a = arg;
	struct ase_ike_tunnel *t = tunnel_of(a, child->tunnel);
	struct ase_ike_child *c = t == NULL ? NULL : child_need(t, child);
	bool out = direction == IKE_OUT;
	uint32_t *ids;
	int err = 0;

	if (c == NULL)
		return t == NULL ? -ENOENT : -ENOMEM;
	ids = out ? c->out : c->in;
	for (unsigned i = 0; i < child->count && err == 0; i++) {
		ids[i] = id_take(a);
		err = ids[i] == 0 ? -ENOSPC : 0;
	}
	for (unsigned i = 0; i < child->count && err == 0; i++) {
		struct sa_params p =
		    sa_params(&t->row, child, &child->keys[i], out);

		p.id = ids[i];
		p.bundle = child->count == 2 ? ids[1 - i] : 0;
		err = sa_add(a, &p);
	}
	if (err == 0) {
		for (unsigned i = 0; i < child->count; i++)
			ase_limit_sa(a->ase, sad_find(a->ase->sad, ids[i]));
		return 0;
	}
	sa_delete(a, &ids[0]);
	sa_delete(a, &ids[1]);
	child_drop_empty(t, child->id);
	return err;
}

void
ase_ike_remove(void *arg, const struct ike_child *child,
	       enum ike_direction direction)
{
	struct ase_ike *a = arg;
	struct ase_ike_tunnel *t = tunnel_of(a, child->tunnel);
	struct ase_ike_child *c = t == NULL ? NULL : *child_find(t, child->id);

	if (direction == IKE_IN) {
		for (unsigned i = 0; i < child->count; i++)
			ase_ike_free_spi(a, child->tunnel,
					 child->keys[i].protocol,
					 child->keys[i].spi_in);
	}
	if (c == NULL)
		return;
	sa_delete(a, direction == IKE_OUT ? &c->out[0] : &c->in[0]);
	sa_delete(a, direction == IKE_OUT ? &c->out[1] : &c->in[1]);
	child_drop_empty(t, child->id);
}
