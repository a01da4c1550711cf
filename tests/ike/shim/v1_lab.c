#include "v1_lab.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "clock.h"
#include "ike_kdf.h"
#include "pki.h"
#include "v1.h"

#define WALL UINT64_C(1700000000)
#define NAT_PORTS 20000
#define SPAWNED 100000

struct packet {
	uint64_t at;
	uint64_t order;
	int to;
	struct ike_path path; /* as the receiver sees it */
	size_t n;
	uint8_t *octets;
};

/* An SA of an end's SAD. */
struct sad_sa {
	uint32_t spi;
	uint32_t tunnel;
	uint8_t protocol;
	enum ipsec_alg_id enc, auth;
	uint8_t enc_key[IPSEC_ALG_KEY_MAX];
	uint8_t auth_key[IPSEC_ALG_KEY_MAX];
	struct sad_sa *next; /* outbound: installed before */
	UT_hash_handle hh;
};

struct lab_tunnel {
	struct ike_tunnel t;
	unsigned children;
	uint64_t retry_ns;
	struct sad_sa *out; /* newest first */
};

struct end {
	struct v1_lab *lab;
	int number;
	struct v1 *v1;
	struct ike_conf conf;
	struct ike_ops ops;
	struct ike_crypto *crypto;
	struct ike_policy policy;
	struct ike_child_policy child_policy;
	struct lab_tunnel *tunnels;
	struct lab_tunnel spawned[64];
	unsigned spawned_count;
	struct sad_sa *in;
	struct pki *pki;
	uint32_t next_id;
	uint32_t next_spi;
	int mute;
	unsigned rejects[IKE_REJECT_MAX];
	unsigned counts[IKE_STAT_MAX];
	struct v1_lab_state s;
	uint8_t said[4096];
	size_t said_n;
};

struct v1_lab {
	struct v1_lab_conf conf;
	uint64_t random;
	uint64_t now;
	uint64_t order;
	struct packet *wire; /* a heap, from 1 */
	size_t wire_n, wire_room;
	struct end ends[2];
	unsigned black_ever;
	int watch;
};

static uint64_t
next(struct v1_lab *lab)
{
	lab->random ^= lab->random << 13;
	lab->random ^= lab->random >> 7;
	lab->random ^= lab->random << 17;
	return lab->random * UINT64_C(2685821657736338717);
}

static unsigned
percent(struct v1_lab *lab)
{
	return (unsigned)(next(lab) >> 33) % 100;
}

/* ---- addresses --------------------------------------------------------- */

static struct ip_addr
inside(int end, unsigned i)
{
	return ip_addr_v4((end == LAB_A ? 0x0a000000U : 0x0b000000U) + i);
}

static struct ip_addr
outside(const struct v1_lab *lab, int end, unsigned i)
{
	bool nat = end == LAB_A ? lab->conf.nat : lab->conf.nat_b;

	return nat ? ip_addr_v4((end == LAB_A ? 0xc0000000U : 0xc8000000U) + i)
		   : inside(end, i);
}

static uint16_t
mapped(const struct v1_lab *lab, int end, uint16_t port)
{
	/* The responder's NAT forwards; the initiator's invents ports. */
	return end == LAB_A && lab->conf.nat ? (uint16_t)(port + NAT_PORTS)
					     : port;
}

static unsigned
index_of(const struct ip_addr *addr)
{
	return ip_addr_to_v4(addr) & 0xffffff;
}

/* ---- the wire ---------------------------------------------------------- */

static bool
before(const struct packet *a, const struct packet *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
wire_put(struct v1_lab *lab, const struct packet *p)
{
	size_t at = ++lab->wire_n;

	if (at >= lab->wire_room) {
		lab->wire_room = lab->wire_room == 0 ? 256 : lab->wire_room * 2;
		lab->wire =
		    realloc(lab->wire, lab->wire_room * sizeof(*lab->wire));
		assert(lab->wire != NULL);
	}
	while (at > 1 && before(p, &lab->wire[at / 2])) {
		lab->wire[at] = lab->wire[at / 2];
		at /= 2;
	}
	lab->wire[at] = *p;
}

static struct packet
wire_get(struct v1_lab *lab)
{
	struct packet first = lab->wire[1];
	struct packet last = lab->wire[lab->wire_n--];
	size_t at = 1;

	for (;;) {
		size_t child = 2 * at;

		if (child < lab->wire_n &&
		    before(&lab->wire[child + 1], &lab->wire[child]))
			child++;
		if (child > lab->wire_n || !before(&lab->wire[child], &last))
			break;
		lab->wire[at] = lab->wire[child];
		at = child;
	}
	if (lab->wire_n > 0)
		lab->wire[at] = last;
	return first;
}

static void
wire_send(struct v1_lab *lab, int from, const struct ike_path *path,
	  const uint8_t *octets, size_t n)
{
	struct packet p = {.to = 1 - from, .n = n};
	unsigned i = index_of(&path->local);

	if (percent(lab) < lab->conf.loss)
		return;
	p.at = lab->now + CLOCK_MS_NS +
	       next(lab) % ((lab->conf.delay_ms + 1) * CLOCK_MS_NS);
	p.order = lab->order++;
	p.path.context = path->context;
	p.path.remote = outside(lab, from, i);
	p.path.remote_port = mapped(lab, from, path->local_port);
	p.path.local = inside(1 - from, i);
	/* The NAT of the receiver turns back what it turned. */
	p.path.local_port = path->remote_port >= NAT_PORTS
				? (uint16_t)(path->remote_port - NAT_PORTS)
				: path->remote_port;
	p.octets = malloc(n);
	assert(p.octets != NULL);
	memcpy(p.octets, octets, n);
	wire_put(lab, &p);
}

/* ---- ops --------------------------------------------------------------- */

static void
ops_send(void *arg, const struct ike_path *path, const uint8_t *octets,
	 size_t n)
{
	struct end *e = arg;

	e->s.sent++;
	if (n <= sizeof(e->said) && n > 1) {
		memcpy(e->said, octets, n);
		e->said_n = n;
	}
	if (e->mute || n == 1)
		return;
	wire_send(e->lab, e->number, path, octets, n);
	if (percent(e->lab) < e->lab->conf.twice)
		wire_send(e->lab, e->number, path, octets, n);
}

static int
ops_random(void *arg, void *p, size_t octets)
{
	struct end *e = arg;
	uint8_t *to = p;

	for (size_t i = 0; i < octets; i++)
		to[i] = (uint8_t)(next(e->lab) >> 40);
	return 0;
}

static uint64_t
ops_wall(void *arg)
{
	(void)arg;
	return WALL;
}

static int
ops_alloc_spi(void *arg, uint32_t tunnel, uint8_t protocol, uint32_t *spi)
{
	struct end *e = arg;

	(void)tunnel;
	(void)protocol;
	/* In an order that tells nothing, as a real one. */
	*spi = 0x10000000U + (uint32_t)e->number * 0x1000000U +
	       (++e->next_spi * 7919U) % 0xffffffU;
	e->s.spis++;
	return 0;
}

static void
ops_free_spi(void *arg, uint32_t tunnel, uint8_t protocol, uint32_t spi)
{
	struct end *e = arg;

	(void)tunnel;
	(void)protocol;
	(void)spi;
	e->s.spis--;
}

static struct lab_tunnel *
tunnel_of(struct end *e, uint32_t id)
{
	if (id >= SPAWNED)
		return id - SPAWNED < e->spawned_count
			   ? &e->spawned[id - SPAWNED]
			   : NULL;
	return id == 0 || id > e->lab->conf.tunnels ? NULL
						    : &e->tunnels[id - 1];
}

static int
ops_install(void *arg, const struct ike_child *child,
	    enum ike_direction direction)
{
	struct end *e = arg;

	for (unsigned i = 0; i < child->count; i++) {
		const struct ike_child_keys *k = &child->keys[i];
		struct sad_sa *sa = calloc(1, sizeof(*sa));
		bool in = direction == IKE_IN;

		assert(sa != NULL);
		sa->spi = in ? k->spi_in : k->spi_out;
		sa->tunnel = child->tunnel;
		sa->protocol = k->protocol;
		sa->enc = k->enc;
		sa->auth = k->auth;
		memcpy(sa->enc_key, in ? k->enc_in : k->enc_out, 64);
		memcpy(sa->auth_key, in ? k->auth_in : k->auth_out, 64);
		if (in) {
			HASH_ADD(hh, e->in, spi, sizeof(sa->spi), sa);
		} else {
			struct lab_tunnel *t = tunnel_of(e, child->tunnel);

			sa->next = t->out;
			t->out = sa;
		}
		e->s.installed++;
	}
	e->s.udp = child->udp;
	e->s.life_s = child->lifetime_s;
	e->s.life_kb = child->lifetime_kilobytes;
	return 0;
}

static void
out_remove(struct end *e, uint32_t tunnel, uint32_t spi)
{
	struct sad_sa **at = &tunnel_of(e, tunnel)->out;

	while (*at != NULL && (*at)->spi != spi)
		at = &(*at)->next;
	if (*at != NULL) {
		struct sad_sa *sa = *at;

		*at = sa->next;
		free(sa);
		e->s.installed--;
	}
}

static void
ops_remove(void *arg, const struct ike_child *child,
	   enum ike_direction direction)
{
	struct end *e = arg;

	for (unsigned i = 0; i < child->count; i++) {
		uint32_t spi = child->keys[i].spi_in;
		struct sad_sa *sa = NULL;

		if (direction == IKE_OUT) {
			out_remove(e, child->tunnel, child->keys[i].spi_out);
			continue;
		}
		HASH_FIND(hh, e->in, &spi, sizeof(spi), sa);
		e->s.spis--;
		if (sa == NULL)
			continue;
		HASH_DEL(e->in, sa);
		free(sa);
		e->s.installed--;
	}
}

static int
ops_subscriber(void *arg, uint32_t template, const struct ike_id *remote,
	       struct ike_subscriber *record)
{
	struct end *e = arg;

	(void)template;
	if (remote->type != e->lab->ends[LAB_A].policy.local.type &&
	    remote->type != IKE_ID_IPV4)
		return -ENOENT;
	memcpy(record->secret, e->policy.secret, e->policy.secret_octets);
	record->secret_octets = e->policy.secret_octets;
	return 0;
}

/* ---- host -------------------------------------------------------------- */

static const struct ike_tunnel *
host_tunnel(void *arg, uint32_t id)
{
	struct lab_tunnel *t = tunnel_of(arg, id);

	return t == NULL ? NULL : &t->t;
}

static const struct ike_policy *
host_policy(void *arg, uint32_t id)
{
	struct end *e = arg;

	return id == e->policy.id ? &e->policy : NULL;
}

static const struct ike_child_policy *
host_child_policy(void *arg, uint32_t id)
{
	struct end *e = arg;

	return id == e->child_policy.id ? &e->child_policy : NULL;
}

static const struct ike_tunnel *
host_match(void *arg, const struct ike_path *path, uint32_t after)
{
	struct end *e = arg;
	unsigned i = index_of(&path->local);
	struct lab_tunnel *t;

	/* One tunnel between two addresses, whose last octets it has. */
	if (after != 0 || i == 0 || i > e->lab->conf.tunnels)
		return NULL;
	t = &e->tunnels[i - 1];
	return ip_addr_equal(&t->t.local, &path->local) &&
		       (t->t.remote.family == 0 ||
			ip_addr_equal(&t->t.remote, &path->remote))
		   ? &t->t
		   : NULL;
}

static struct alg_piece
host_secret(void *arg, uint32_t tunnel)
{
	const struct end *e = arg;

	(void)tunnel;
	return (struct alg_piece){e->policy.secret, e->policy.secret_octets};
}

static int
host_spawn(void *arg, uint32_t template, const struct ike_id *remote,
	   const struct ike_path *path, uint32_t *tunnel)
{
	struct end *e = arg;
	struct lab_tunnel *t = &e->spawned[e->spawned_count];

	(void)remote;
	if (e->spawned_count == 64)
		return -ENOSPC;
	memset(t, 0, sizeof(*t));
	t->t = tunnel_of(e, template)->t;
	t->t.type = IKE_TUNNEL_STATIC;
	t->t.id = SPAWNED + e->spawned_count++;
	t->t.remote = path->remote;
	t->retry_ns = IKE_NEVER;
	*tunnel = t->t.id;
	e->s.spawned++;
	return 0;
}

static uint32_t
host_id(void *arg)
{
	struct end *e = arg;

	return ++e->next_id;
}

static void
host_count(void *arg, enum ike_stat stat)
{
	struct end *e = arg;

	e->counts[stat]++;
}

static void
host_reject(void *arg, enum ike_reject reject, const struct ike_path *path,
	    uint32_t tunnel, const char *text, uint64_t now)
{
	struct end *e = arg;

	(void)path;
	(void)tunnel;
	(void)text;
	(void)now;
	e->rejects[reject]++;
}

static void
host_state(void *arg, enum ike_event_kind kind, const struct ike_sa_info *info,
	   uint64_t now)
{
	(void)arg;
	(void)kind;
	(void)info;
	(void)now;
}

static void
host_keys(void *arg, const struct ike_keys *keys, uint64_t now)
{
	(void)arg;
	(void)keys;
	(void)now;
}

static void
host_up(void *arg, const struct ike_child *child, uint64_t now)
{
	struct lab_tunnel *t = tunnel_of(arg, child->tunnel);

	(void)now;
	t->children++;
	t->retry_ns = IKE_NEVER;
}

static void
retry_later(struct end *e, struct lab_tunnel *t, uint64_t now)
{
	if (t->children == 0 && (e->number == LAB_A || e->lab->conf.both) &&
	    t->t.id < SPAWNED)
		t->retry_ns = now + 10 * CLOCK_SECOND_NS;
}

static void
host_down(void *arg, const struct ike_child *child, enum ike_cause cause,
	  uint64_t now)
{
	struct end *e = arg;
	struct lab_tunnel *t = tunnel_of(e, child->tunnel);

	t->children--;
	e->s.cause = cause;
	retry_later(e, t, now);
}

static void
host_failed(void *arg, uint32_t tunnel, enum ike_cause cause, const char *text,
	    uint64_t now)
{
	struct end *e = arg;

	(void)cause;
	(void)text;
	e->s.failed++;
	retry_later(e, tunnel_of(e, tunnel), now);
}

/* ---- making ------------------------------------------------------------- */

static void
transform_put(struct ike_proposal *p, enum ike_alg_type type, const char *name)
{
	const struct ike_alg *alg = ike_alg_find(type, name);

	assert(alg != NULL);
	p->transforms[p->count++] = (struct ike_transform){
	    .type = (uint8_t)type, .id = alg->id, .key_bits = alg->key_bits};
}

static void
policy_make(struct v1_lab *lab, struct end *e)
{
	const struct v1_lab_conf *c = &lab->conf;
	struct ike_policy *p = &e->policy;
	struct ike_proposal *prop = &p->proposals[0];
	const char *secret =
	    c->wrong_secret && e->number == LAB_B ? "other" : "smartedge-psk";
	char group[8];

	p->id = 1;
	p->version = 1;
	p->mode = c->aggressive ? IKE_MODE_AGGRESSIVE : IKE_MODE_MAIN;
	p->auth_local = p->auth_remote =
	    c->certificates ? IKE_AUTH_CERT : IKE_AUTH_PSK;
	p->nat_traversal = true;
	p->count = 1;
	(void)snprintf(group, sizeof(group), "%u", c->group);
	transform_put(prop, IKE_ALG_ENCR,
		      c->other_proposal && e->number == LAB_B ? "aes-256-cbc"
							      : c->encr);
	transform_put(prop, IKE_ALG_INTEG, c->integ);
	transform_put(prop, IKE_ALG_DH, group);
	prop->lifetime_s = c->ike_life_s[e->number];
	p->secret_octets = (uint16_t)strlen(secret);
	memcpy(p->secret, secret, p->secret_octets);
	p->dpd_interval_s = c->dpd_s;
	p->dpd_retries = 3;
	p->pki = e->pki;
	p->local.type = IKE_ID_FQDN;
	p->local.octets = 10;
	memcpy(p->local.value, e->number == LAB_A ? "a.example." : "b.example.",
	       10);
	p->remote = p->local;
	p->remote.value[0] = e->number == LAB_A ? 'b' : 'a';
	if (c->wrong_identity && e->number == LAB_B)
		p->remote.value[0] = 'c';
}

static void
child_policy_make(struct v1_lab *lab, struct end *e)
{
	const struct v1_lab_conf *c = &lab->conf;
	struct ike_child_policy *p = &e->child_policy;

	p->id = 1;
	p->count = 1;
	if (c->esp_enc != NULL) {
		p->proposals[0].esp_count = 1;
		p->proposals[0].esp[0].enc =
		    ipsec_alg_find(c->esp_enc, IPSEC_ALG_ENCRYPTION);
		p->proposals[0].esp[0].auth =
		    ipsec_alg_find(c->esp_auth, IPSEC_ALG_AUTHENTICATION);
	}
	if (c->ah != NULL)
		p->proposals[0].ah =
		    ipsec_alg_find(c->ah, IPSEC_ALG_AUTHENTICATION);
	p->proposals[0].lifetime_s = c->child_life_s[e->number];
	p->proposals[0].lifetime_kilobytes = c->child_life_kb[e->number];
	p->pfs_group = (uint16_t)c->pfs;
}

static void
selectors_make(const struct v1_lab *lab, int end, struct ike_tunnel *t)
{
	t->count = (uint8_t)lab->conf.selectors;
	for (unsigned i = 0; i < t->count; i++) {
		uint32_t net[2] = {0x0a010000U + (i << 8),
				   0x0a020000U + (i << 8)};
		struct ike_selector *s = &t->selectors[i];

		if (lab->conf.other_selectors && end == LAB_B)
			net[1] += 0x10000;
		s->local.first = ip_addr_v4(net[end]);
		s->local.last = ip_addr_v4(net[end] | 0xff);
		s->remote.first = ip_addr_v4(net[1 - end]);
		s->remote.last = ip_addr_v4(net[1 - end] | 0xff);
		s->local.port[1] = s->remote.port[1] = UINT16_MAX;
	}
}

static void
tunnels_make(struct v1_lab *lab, struct end *e)
{
	e->tunnels = calloc(lab->conf.tunnels, sizeof(*e->tunnels));
	assert(e->tunnels != NULL);
	for (unsigned i = 0; i < lab->conf.tunnels; i++) {
		struct ike_tunnel *t = &e->tunnels[i].t;

		t->id = i + 1;
		t->policy = t->child_policy = 1;
		t->local = inside(e->number, i + 1);
		t->remote = outside(lab, 1 - e->number, i + 1);
		if (lab->conf.on_demand && e->number == LAB_B) {
			t->type = IKE_TUNNEL_ON_DEMAND;
			memset(&t->remote, 0, sizeof(t->remote));
		}
		selectors_make(lab, e->number, t);
		e->tunnels[i].retry_ns = IKE_NEVER;
	}
}

static void
instance_make(struct v1_lab *lab, struct end *e)
{
	struct v1_host host = {.arg = e,
			       .conf = &e->conf,
			       .ops = &e->ops,
			       .ops_arg = e,
			       .crypto = e->crypto,
			       .tunnel = host_tunnel,
			       .policy = host_policy,
			       .child_policy = host_child_policy,
			       .match = host_match,
			       .secret = host_secret,
			       .spawn = host_spawn,
			       .sa_id = host_id,
			       .child_id = host_id,
			       .count = host_count,
			       .reject = host_reject,
			       .ike_state = host_state,
			       .keys = host_keys,
			       .child_up = host_up,
			       .child_down = host_down,
			       .failed = host_failed};
	int err = v1_new(&e->v1, &host);

	(void)lab;
	assert(err == 0);
	(void)err;
}

static void
end_make(struct v1_lab *lab, int number)
{
	struct end *e = &lab->ends[number];
	int err;

	e->lab = lab;
	e->number = number;
	e->conf = (struct ike_conf){
	    .sas_max = 100000,
	    .half_open_max =
		lab->conf.half_open_max != 0 ? lab->conf.half_open_max : 100000,
	    .aggressive_per_s = 100000,
	    .retransmit_ms = 2000,
	    .retransmit_max = 6,
	    .keepalive_s = 20,
	    .retry_s = 10,
	    .grace_ms = 5000,
	    .jitter_percent = lab->conf.jitter,
	};
	e->ops = (struct ike_ops){.send = ops_send,
				  .random = ops_random,
				  .wall_s = ops_wall,
				  .alloc_spi = ops_alloc_spi,
				  .free_spi = ops_free_spi,
				  .install = ops_install,
				  .remove = ops_remove,
				  .subscriber = ops_subscriber};
	err = ike_crypto_new(&e->crypto);
	assert(err == 0);
	(void)err;
	policy_make(lab, e);
	child_policy_make(lab, e);
	tunnels_make(lab, e);
	instance_make(lab, e);
}

/* A CA, and for each end a certificate of it. */
static void
certificates_make(struct v1_lab *lab)
{
	struct pki_ca *ca = NULL;
	char *root = NULL;
	uint32_t h = 0;
	int err = pki_ca_new(&ca, "CN=Lab CA", IKE_KEY_RSA, 1024, WALL, 100);

	assert(err == 0);
	err = pki_ca_certificate(ca, &root);
	assert(err == 0);
	for (int i = 0; i < 2; i++) {
		struct pki *pki = NULL;
		struct pki_names names = {
		    .subject = "CN=router",
		    .alt = {i == LAB_A ? "dns:a.example." : "dns:b.example."}};
		char *request = NULL;
		char *pem = NULL;

		err = pki_open(&pki, NULL, NULL, NULL);
		assert(err == 0);
		err = pki_key_generate(pki, "k", IKE_KEY_RSA, 1024);
		assert(err == 0);
		err = pki_request(pki, "k", &names, &request);
		assert(err == 0);
		err = pki_ca_sign(ca, request, strlen(request), WALL, 50, &pem);
		assert(err == 0);
		err =
		    pki_import(pki, PKI_SELF, "k", pem, strlen(pem), WALL, &h);
		assert(err == 0);
		err = pki_import(pki, PKI_TRUSTED, NULL, root, strlen(root),
				 WALL, &h);
		assert(err == 0);
		lab->ends[i].pki = pki;
		free(request);
		free(pem);
	}
	(void)err;
	free(root);
	pki_ca_free(&ca);
}

struct v1_lab *
v1_lab_new(const struct v1_lab_conf *conf)
{
	struct v1_lab *lab = calloc(1, sizeof(*lab));

	assert(lab != NULL);
	lab->conf = *conf;
	lab->random = conf->seed * 2654435761U + 88172645463325252U;
	lab->now = CLOCK_SECOND_NS;
	if (conf->certificates)
		certificates_make(lab);
	end_make(lab, LAB_A);
	end_make(lab, LAB_B);
	return lab;
}

static void
sad_free(struct end *e)
{
	struct sad_sa *sa;
	struct sad_sa *tmp;

	HASH_ITER(hh, e->in, sa, tmp) {
		HASH_DEL(e->in, sa);
		free(sa);
		e->s.installed--;
	}
	for (unsigned i = 0; i < e->lab->conf.tunnels + e->spawned_count; i++) {
		struct lab_tunnel *t =
		    i < e->lab->conf.tunnels
			? &e->tunnels[i]
			: &e->spawned[i - e->lab->conf.tunnels];

		while ((sa = t->out) != NULL) {
			t->out = sa->next;
			free(sa);
			e->s.installed--;
		}
		t->children = 0;
	}
}

void
v1_lab_free(struct v1_lab *lab)
{
	while (lab->wire_n > 0) {
		struct packet p = wire_get(lab);

		free(p.octets);
	}
	free(lab->wire);
	for (int i = 0; i < 2; i++) {
		struct end *e = &lab->ends[i];

		v1_free(&e->v1);
		sad_free(e);
		ike_crypto_free(&e->crypto);
		pki_free(&e->pki);
		free(e->tunnels);
	}
	free(lab);
}

/* ---- time ---------------------------------------------------------------- */

void
v1_lab_start(struct v1_lab *lab)
{
	for (unsigned i = 1; i <= lab->conf.tunnels; i++) {
		(void)v1_initiate(lab->ends[LAB_A].v1, i, lab->now);
		if (lab->conf.both)
			(void)v1_initiate(lab->ends[LAB_B].v1, i, lab->now);
	}
}

static void
deliver(struct v1_lab *lab)
{
	struct packet p = wire_get(lab);
	size_t marker = p.path.local_port == IKE_PORT ? 0 : 4;

	if (p.n > marker)
		v1_input(lab->ends[p.to].v1, &p.path, p.octets + marker,
			 p.n - marker, lab->now);
	free(p.octets);
}

static void
retry(struct end *e, uint64_t now)
{
	for (unsigned i = 0; i < e->lab->conf.tunnels; i++) {
		struct lab_tunnel *t = &e->tunnels[i];

		if (t->retry_ns > now)
			continue;
		t->retry_ns = IKE_NEVER;
		(void)v1_initiate(e->v1, t->t.id, now);
	}
}

static uint64_t
retry_next(const struct end *e)
{
	uint64_t first = IKE_NEVER;

	for (unsigned i = 0; i < e->lab->conf.tunnels; i++) {
		if (e->tunnels[i].retry_ns < first)
			first = e->tunnels[i].retry_ns;
	}
	return first;
}

static bool
opens(const struct end *e, const struct sad_sa *out)
{
	struct sad_sa *in = NULL;
	uint32_t spi = out->spi;

	HASH_FIND(hh, e->in, &spi, sizeof(spi), in);
	return in != NULL && in->protocol == out->protocol &&
	       in->enc == out->enc && in->auth == out->auth &&
	       memcmp(in->enc_key, out->enc_key, 64) == 0 &&
	       memcmp(in->auth_key, out->auth_key, 64) == 0;
}

unsigned
v1_lab_black_holes(const struct v1_lab *lab)
{
	unsigned holes = 0;

	for (int i = 0; i < 2; i++) {
		const struct end *e = &lab->ends[i];

		for (unsigned k = 0; k < lab->conf.tunnels + e->spawned_count;
		     k++) {
			const struct lab_tunnel *t =
			    k < lab->conf.tunnels
				? &e->tunnels[k]
				: &e->spawned[k - lab->conf.tunnels];

			if (t->out != NULL && !opens(&lab->ends[1 - i], t->out))
				holes++;
		}
	}
	return holes;
}

/* A packet of each tunnel in each direction: what is not opened is answered. */
static void
traffic(struct v1_lab *lab)
{
	for (int i = 0; i < 2; i++) {
		struct end *from = &lab->ends[i];

		for (unsigned k = 0; k < lab->conf.tunnels; k++) {
			const struct sad_sa *out = from->tunnels[k].out;
			struct ike_path path = {.local = inside(1 - i, k + 1),
						.remote =
						    outside(lab, i, k + 1),
						.local_port = IKE_PORT,
						.remote_port = IKE_PORT};

			if (out != NULL && !opens(&lab->ends[1 - i], out))
				(void)v1_unknown_spi(lab->ends[1 - i].v1, &path,
						     out->protocol, out->spi,
						     lab->now);
		}
	}
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* To the next thing that happens, not beyond end; false: nothing more. */
static bool
step(struct v1_lab *lab, uint64_t end, bool retries)
{
	uint64_t at =
	    least(v1_next_ns(lab->ends[0].v1), v1_next_ns(lab->ends[1].v1));

	if (lab->wire_n > 0)
		at = least(at, lab->wire[1].at);
	if (retries)
		at = least(at, least(retry_next(&lab->ends[0]),
				     retry_next(&lab->ends[1])));
	if (at > end) {
		lab->now = end;
		return false;
	}
	if (at > lab->now)
		lab->now = at;
	if (lab->wire_n > 0 && lab->wire[1].at <= lab->now) {
		deliver(lab);
	} else {
		for (int i = 0; i < 2; i++) {
			v1_tick(lab->ends[i].v1, lab->now);
			if (retries)
				retry(&lab->ends[i], lab->now);
		}
	}
	if (lab->conf.tunnels <= 4) {
		unsigned holes = v1_lab_black_holes(lab);

		if (holes > lab->black_ever)
			lab->black_ever = holes;
	}
	return true;
}

void
v1_lab_run(struct v1_lab *lab, uint64_t ms)
{
	uint64_t end = lab->now + ms * CLOCK_MS_NS;

	while (step(lab, end, lab->conf.tunnels <= 16))
		;
}

static unsigned
ups(const struct end *e)
{
	unsigned n = 0;

	for (unsigned i = 0; i < e->lab->conf.tunnels; i++)
		n += e->tunnels[i].out != NULL;
	for (unsigned i = 0; i < e->spawned_count; i++)
		n += e->spawned[i].out != NULL;
	return n;
}

int
v1_lab_settle(struct v1_lab *lab, uint64_t ms)
{
	uint64_t end = lab->now + ms * CLOCK_MS_NS;
	uint64_t look = lab->now;

	for (;;) {
		if (lab->now >= look) {
			if (ups(&lab->ends[0]) == lab->conf.tunnels &&
			    ups(&lab->ends[1]) == lab->conf.tunnels)
				return 0;
			for (int i = 0; i < 2; i++)
				retry(&lab->ends[i], lab->now);
			traffic(lab);
			look = lab->now + CLOCK_SECOND_NS;
		}
		if (lab->now >= end)
			return -1;
		(void)step(lab, least(look, end), false);
	}
}

void
v1_lab_wire(struct v1_lab *lab, unsigned loss, unsigned twice)
{
	lab->conf.loss = loss;
	lab->conf.twice = twice;
}

void
v1_lab_mute(struct v1_lab *lab, int end, int mute)
{
	lab->ends[end].mute = mute;
}

void
v1_lab_drop(struct v1_lab *lab, int end)
{
	struct end *e = &lab->ends[end];

	for (unsigned i = 0; i < lab->conf.tunnels; i++) {
		v1_drop(e->v1, i + 1, IKE_CAUSE_CONFIGURED_DOWN, lab->now);
		e->tunnels[i].retry_ns = IKE_NEVER;
	}
}

void
v1_lab_rekey(struct v1_lab *lab, int end, int ike)
{
	for (unsigned i = 1; i <= lab->conf.tunnels; i++)
		(void)v1_rekey(lab->ends[end].v1, i, ike != 0, lab->now);
}

void
v1_lab_restart(struct v1_lab *lab, int end)
{
	struct end *e = &lab->ends[end];

	v1_free(&e->v1);
	sad_free(e);
	e->s.spis = 0;
	instance_make(lab, e);
}

void
v1_lab_inject(struct v1_lab *lab, int end, const void *octets, size_t n)
{
	struct ike_path path = {.local = inside(end, 1),
				.remote = outside(lab, 1 - end, 1),
				.local_port = IKE_PORT,
				.remote_port = IKE_PORT};

	v1_input(lab->ends[end].v1, &path, octets, n, lab->now);
}

size_t
v1_lab_said(struct v1_lab *lab, int end, uint8_t *octets, size_t room)
{
	struct end *e = &lab->ends[end];
	size_t n = e->said_n < room ? e->said_n : room;

	memcpy(octets, e->said, n);
	e->said_n = 0;
	return n;
}

void
v1_lab_get(const struct v1_lab *lab, int end, struct v1_lab_state *state)
{
	const struct end *e = &lab->ends[end];
	struct ike_stats stats = {.sas = 0};
	struct ike_sa_info info;

	*state = e->s;
	v1_stats_add(e->v1, &stats);
	state->up = ups(e);
	state->sas = stats.sas;
	state->half_open = stats.half_open;
	state->children = stats.children;
	state->keepalives = e->counts[IKE_STAT_KEEPALIVES];
	state->dead = e->counts[IKE_STAT_DPD_DEAD];
	state->collisions = e->counts[IKE_STAT_COLLISIONS];
	if (v1_sa_next(e->v1, 0, &info))
		state->port = info.path.remote_port;
}

unsigned
v1_lab_rejects(const struct v1_lab *lab, int end, const char *text)
{
	unsigned n = 0;

	for (unsigned i = 0; i < IKE_REJECT_MAX; i++) {
		if (ike_reject_version((enum ike_reject)i) == 1 &&
		    (text == NULL ||
		     strcmp(ike_reject_text((enum ike_reject)i), text) == 0))
			n += lab->ends[end].rejects[i];
	}
	return n;
}

unsigned
v1_lab_black_holes_ever(const struct v1_lab *lab)
{
	return lab->black_ever;
}

uint64_t
v1_lab_now_ms(const struct v1_lab *lab)
{
	return lab->now / CLOCK_MS_NS;
}
