/*
 * One pool, one SAD, one vector. Never more than a vector of packets at a time.
 */
#include "esp_shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ah.h"
#include "alg_shim.h"
#include "esp_in.h"
#include "esp_out.h"
#include "esp_size.h"

struct esp_shim {
	struct pkt_mem mem;
	struct pkt_pool pool;
	struct alg *alg;
	struct sad *sad;
	struct esp esp;
	struct pkt_vec v;
	struct esp_sa *sa[PKT_VEC_MAX];
	struct esp_sa *ah[PKT_VEC_MAX];
	uint32_t context[PKT_VEC_MAX];
	uint64_t time_ns;
};

struct esp_shim *
esp_shim_new(void)
{
	struct esp_shim *s = calloc(1, sizeof(*s));

	if (s == NULL || pkt_pool_init(&s->pool, 0, PKT_VEC_MAX) != 0 ||
	    (s->alg = alg_shim_new()) == NULL ||
	    sad_new(&s->sad, s->alg) != 0 ||
	    esp_init(&s->esp, &s->mem, s->sad, s->alg) != 0)
		abort();
	s->mem.base[0] = calloc(PKT_VEC_MAX, PKT_BUF_OCTETS);
	s->mem.count[0] = PKT_VEC_MAX;
	if (s->mem.base[0] == NULL)
		abort();
	return s;
}

void
esp_shim_free(struct esp_shim *s)
{
	esp_fini(&s->esp);
	sad_free(&s->sad);
	alg_free(&s->alg);
	free(s->mem.base[0]);
	pkt_pool_fini(&s->pool);
	free(s);
}

static struct ip_addr
addr_of(const char *v6, uint32_t v4)
{
	struct ip_addr addr = ip_addr_v4(v4);

	if (v6 != NULL && ip_addr_parse(v6, &addr) != 0)
		abort();
	return addr;
}

int
esp_shim_install(struct esp_shim *s, const struct esp_shim_sa *sa)
{
	struct sa_params p = {
	    .id = sa->id,
	    .context = sa->context,
	    .spi = sa->spi,
	    .tunnel = {.src = addr_of(sa->src6, sa->src),
		       .dst = addr_of(sa->dst6, sa->dst),
		       .ecn_compat = sa->ecn_compat != 0,
		       .udp = sa->udp != 0,
		       .udp_local = sa->udp_local,
		       .udp_remote = sa->udp_remote,
		       .flow_label = sa->flow - 1,
		       .df = (enum tunnel_df)sa->df,
		       .dscp = sa->dscp,
		       .ttl = sa->ttl},
	    .direction = sa->outbound ? SA_OUT : SA_IN,
	    .protocol = sa->protocol,
	    .transport = sa->transport != 0,
	    .bundle = sa->bundle,
	    .tfc = sa->tfc,
	    .mtu = sa->mtu,
	    .enc = ipsec_alg_find(sa->enc, IPSEC_ALG_ENCRYPTION),
	    .auth = ipsec_alg_find(sa->auth, IPSEC_ALG_AUTHENTICATION),
	    .enc_key = sa->enc_key,
	    .enc_key_octets = sa->enc_key_octets,
	    .auth_key = sa->auth_key,
	    .auth_key_octets = sa->auth_key_octets,
	    .esn = sa->esn != 0,
	    .replay_window = sa->window,
	    .seq_first = sa->first,
	    .seq_granted = sa->granted,
	    .seeded = sa->seeded != 0,
	    .seed = sa->seed,
	    .life = {.soft_ns = sa->soft_ns,
		     .hard_ns = sa->hard_ns,
		     .soft_octets = sa->soft_octets,
		     .hard_octets = sa->hard_octets},
	    .born_ns = sa->born_ns,
	    .used_octets = sa->used,
	};

	return sad_install(s->sad, &p);
}

int
esp_shim_delete(struct esp_shim *s, uint32_t id)
{
	return sad_delete(s->sad, id);
}

int
esp_shim_grant(struct esp_shim *s, uint32_t id, uint64_t until)
{
	return sad_grant(s->sad, id, until);
}

int64_t
esp_shim_want(struct esp_shim *s)
{
	const struct esp_sa *sa = sad_want_next(s->sad);

	return sa == NULL ? -1 : (int64_t)sa->id;
}

int64_t
esp_shim_event(struct esp_shim *s, unsigned *events)
{
	const struct esp_sa *sa = sad_event_next(s->sad, events);

	return sa == NULL ? -1 : (int64_t)sa->id;
}

void
esp_shim_clock(struct esp_shim *s, uint64_t ns)
{
	sad_clock_set(s->sad, ns);
}

void
esp_shim_time(struct esp_shim *s, uint64_t ns)
{
	s->time_ns = ns;
}

int
esp_shim_finds(struct esp_shim *s, uint32_t context, uint32_t spi, uint32_t dst,
	       uint8_t protocol, uint32_t id)
{
	struct sad_key key = sad_key_ipv4(context, spi, dst, protocol);
	const struct esp_sa *sa = sad_find_in(s->sad, &key);

	return sa != NULL && sa->id == id && sad_find(s->sad, id) == sa;
}

unsigned
esp_shim_count(const struct esp_shim *s)
{
	return sad_count(s->sad);
}

uint64_t
esp_shim_counter(struct esp_shim *s, uint32_t id, const char *name)
{
	static const char *const names[] = {
#define X(e, n, sentence) n,
	    SA_COUNTERS(X)
#undef X
	};
	const struct esp_sa *sa = sad_find(s->sad, id);

	for (unsigned i = 0; sa != NULL && i < SA_COUNTERS_MAX; i++) {
		if (strcmp(names[i], name) == 0)
			return counter_get(&sa->counters->c[i]);
	}
	abort();
}

void
esp_shim_clear(struct esp_shim *s)
{
	s->v.n = 0;
}

void
esp_shim_add_at(struct esp_shim *s, uint32_t sa_or_context,
		const uint8_t *octets, unsigned len, unsigned off)
{
	unsigned i = s->v.n;
	struct pkt p = {.buf = i,
			.off = (uint16_t)off,
			.len = (uint16_t)len,
			.order_ns = s->time_ns};

	if (i == PKT_VEC_MAX || len > PKT_BUF_OCTETS - off)
		abort();
	if (len != 0)
		memcpy(pkt_data(&s->mem, &p), octets, len);
	s->sa[i] = sad_find(s->sad, sa_or_context);
	s->context[i] = sa_or_context;
	pkt_vec_push(&s->v, &p);
}

void
esp_shim_add(struct esp_shim *s, uint32_t sa_or_context, const uint8_t *octets,
	     unsigned len)
{
	esp_shim_add_at(s, sa_or_context, octets, len, PKT_HEADROOM);
}

void
esp_shim_lie(struct esp_shim *s, unsigned i, unsigned off, unsigned len)
{
	s->v.pkt[i].off = (uint16_t)off;
	s->v.pkt[i].len = (uint16_t)len;
}

void
esp_shim_lie_buf(struct esp_shim *s, unsigned i, uint8_t pool, uint32_t buf)
{
	s->v.pkt[i].pool = pool;
	s->v.pkt[i].buf = buf;
}

void
esp_shim_set_fate(struct esp_shim *s, unsigned i, unsigned fate)
{
	s->v.fate[i] = (uint8_t)fate;
}

unsigned
esp_shim_seal(struct esp_shim *s)
{
	bool alone[PKT_VEC_MAX];

	for (unsigned i = 0; i < s->v.n; i++) {
		s->ah[i] = s->sa[i] == NULL
			       ? NULL
			       : sad_find(s->sad, s->sa[i]->bundle);
		if (s->sa[i] != NULL && s->sa[i]->bundle == 0)
			s->ah[i] = NULL;
		alone[i] = s->sa[i] != NULL &&
			   s->sa[i]->key.protocol == IP_PROTO_AH &&
			   s->v.fate[i] == PKT_GO;
		if (alone[i]) {
			s->ah[i] = s->sa[i];
			s->v.fate[i] = PKT_SENT;
		}
	}
	(void)esp_out_vec(&s->esp, &s->v, s->sa);
	for (unsigned i = 0; i < s->v.n; i++) {
		if (alone[i])
			s->v.fate[i] = PKT_GO;
	}
	return ah_out_vec(&s->esp, &s->v, s->ah);
}

unsigned
esp_shim_open(struct esp_shim *s)
{
	(void)ah_in_vec(&s->esp, &s->v, s->context, s->ah);
	memcpy(s->sa, s->ah, sizeof(s->sa));
	(void)esp_in_vec(&s->esp, &s->v, s->context, s->ah, s->sa);
	for (unsigned i = 0; i < s->v.n; i++) {
		if (s->v.fate[i] == PKT_GO && s->sa[i] != NULL &&
		    !esp_in_settle(&s->esp, s->sa[i], &s->v.pkt[i]))
			s->v.fate[i] = PKT_DROP_SA_EXPIRED;
	}
	return esp_going(&s->v);
}

const char *
esp_shim_fate(const struct esp_shim *s, unsigned i)
{
	return s->v.fate[i] == PKT_GO ? "go" : pkt_fate_name(s->v.fate[i]);
}

const uint8_t *
esp_shim_data(const struct esp_shim *s, unsigned i, unsigned *len)
{
	*len = s->v.pkt[i].len;
	return pkt_data(&s->mem, &s->v.pkt[i]);
}

int64_t
esp_shim_found(const struct esp_shim *s, unsigned i)
{
	return s->sa[i] == NULL ? -1 : (int64_t)s->sa[i]->id;
}

int
esp_shim_sealed(const struct esp_shim *s, unsigned i)
{
	return (s->v.pkt[i].flags & PKT_F_SEALED) != 0;
}

int
esp_shim_opened(const struct esp_shim *s, unsigned i)
{
	return (s->v.pkt[i].flags & PKT_F_OPENED) != 0;
}

unsigned
esp_shim_craft(struct esp_shim *s, uint32_t id, uint64_t seq, uint8_t tos,
	       const uint8_t *text, unsigned len, uint8_t *packet)
{
	static const uint8_t random[IPSEC_ALG_IV_MAX] = {1, 2, 3};
	struct esp_sa *sa = sad_find(s->sad, id);
	struct ipv4_hdr inner = {.version_ihl = 0x45, .tos = tos};
	unsigned around = tunnel_outer_octets(&sa->tunnel);
	struct esp_hdr *hdr = (struct esp_hdr *)(packet + around);
	uint8_t *iv = (uint8_t *)(hdr + 1);
	uint8_t *at = iv + sa->iv_octets;
	unsigned total = (unsigned)(at - packet) + len + sa->icv_octets;
	struct esp_op op = {.cipher = sa->cipher,
			    .aad = (uint8_t *)hdr,
			    .aad_octets = sizeof(*hdr),
			    .iv = iv,
			    .text = at,
			    .text_octets = len,
			    .icv = at + len,
			    .esn = sa->esn,
			    .seq_high = (uint32_t)(seq >> 32)};

	tunnel_outer_put(&sa->tunnel, packet, (uint8_t *)&inner, IP_PROTO_ESP,
			 total - around, (uint16_t)seq);
	hdr->spi = be32_put(sa->key.spi);
	hdr->seq = be32_put((uint32_t)seq);
	if (esp_iv_put(&sa->iv, seq, random, iv) != 0)
		abort();
	if (len != 0)
		memcpy(at, text, len);
	alg_seal_vec(s->alg, &op, 1);
	if (op.result != 0)
		abort();
	return total;
}

unsigned
esp_shim_buf_octets(void)
{
	return PKT_BUF_OCTETS;
}

unsigned
esp_shim_outer_octets(struct esp_shim *s, uint32_t id, unsigned inner)
{
	const struct esp_sa *sa = sad_find(s->sad, id);

	return esp_outer_octets(
	    sa, sa->bundle == 0 ? NULL : sad_find(s->sad, sa->bundle), inner);
}

unsigned
esp_shim_inner_max(struct esp_shim *s, uint32_t id, unsigned outer)
{
	const struct esp_sa *sa = sad_find(s->sad, id);

	return esp_inner_max(
	    sa, sa->bundle == 0 ? NULL : sad_find(s->sad, sa->bundle), outer);
}
