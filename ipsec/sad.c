/*
 * Who holds the SAs: installed, found, granted numbers and deleted here. Called
 * by the ASP's control side and by esp_in and esp_out. Never touches a packet,
 * never logs (the caller does, without keys).
 *
 * RFC 4301 section 4.4.2; look-up by SPI, destination and protocol within a
 * routing context (RFC 4301 section 4.1 for unicast, contexts are ours). Keys
 * are copied into slots of shared, locked chunks: a page per key would pass the
 * limit of locked memory at a few thousand tunnels.
 */
#include "sad.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sad_impl.h"
#include "secret.h"

#define BUCKETS_FIRST 1024
#define NONE UINT32_MAX
#define AUTH_KEY_AT SAD_KEY_OCTETS
#define LINE_OCTETS 64
#define SA_HOT_OCTETS 256

static_assert(offsetof(struct esp_sa, life.limited) < SA_HOT_OCTETS,
	      "what a packet without limits needs of an SA is asked for");

static_assert(KEY_ARENA_SLOT == 2 * SAD_KEY_OCTETS, "two keys in a slot");

static uint32_t
key_hash(const struct sad_key *key)
{
	uint64_t h = (uint64_t)key->context << 32 | key->spi;
	uint64_t half[2];

	static_assert(sizeof(half) == sizeof(key->dst.octets), "both halves");
	memcpy(half, key->dst.octets, sizeof(half));
	h = (h ^ half[0]) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ half[1] ^ key->protocol) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(h >> 32);
}

static bool
key_equal(const struct sad_key *a, const struct sad_key *b)
{
	return a->spi == b->spi && a->context == b->context &&
	       a->protocol == b->protocol && ip_addr_equal(&a->dst, &b->dst);
}

struct sad_key
sad_key_ipv4(uint32_t context, uint32_t spi, uint32_t dst, uint8_t protocol)
{
	return (struct sad_key){.context = context,
				.spi = spi,
				.dst = ip_addr_v4(dst),
				.protocol = protocol};
}

static uint32_t *
buckets_new(uint32_t n)
{
	uint32_t *buckets = malloc(n * sizeof(*buckets));

	for (uint32_t i = 0; buckets != NULL && i < n; i++)
		buckets[i] = NONE;
	return buckets;
}

int
sad_new(struct sad **sad, struct alg *alg)
{
	struct sad *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	s->alg = alg;
	s->want.kind = SA_QUEUE_WANT;
	s->events.kind = SA_QUEUE_EVENT;
	s->next_ns = UINT64_MAX;
	s->mask = BUCKETS_FIRST - 1;
	s->buckets = buckets_new(BUCKETS_FIRST);
	if (s->buckets == NULL) {
		free(s);
		return -ENOMEM;
	}
	key_arena_init(&s->keys);
	*sad = s;
	return 0;
}

void
sad_free(struct sad **sad)
{
	struct sad *s = *sad;

	if (s == NULL)
		return;
	for (uint32_t id = 0; id < SAD_MAX && s->count != 0; id++) {
		if (s->sas[id] != NULL)
			(void)sad_delete(s, id);
	}
	key_arena_fini(&s->keys);
	free(s->buckets);
	free(s);
	*sad = NULL;
}

unsigned
sad_count(const struct sad *sad)
{
	return sad->count;
}

bool
sad_has_ah(const struct sad *sad)
{
	return sad->inbound_ah != 0;
}

void
sad_ahead(const struct sad *sad, uint32_t id)
{
	if (id < SAD_MAX)
		__builtin_prefetch(&sad->sas[id]);
}

void
sa_ahead(const struct esp_sa *sa)
{
	const char *at = (const char *)sa;

	for (unsigned i = 0; sa != NULL && i < SA_HOT_OCTETS; i += LINE_OCTETS)
		__builtin_prefetch(at + i, 1);
}

struct esp_sa *
sad_find(const struct sad *sad, uint32_t id)
{
	return id < SAD_MAX ? sad->sas[id] : NULL;
}

struct esp_sa *
sad_find_in(const struct sad *sad, const struct sad_key *key)
{
	uint32_t id = sad->buckets[key_hash(key) & sad->mask];

	while (id != NONE && !key_equal(&sad->sas[id]->key, key))
		id = sad->sas[id]->hash_next;
	return id == NONE ? NULL : sad->sas[id];
}

static void
hash_put(struct sad *sad, struct esp_sa *sa)
{
	uint32_t *bucket = &sad->buckets[key_hash(&sa->key) & sad->mask];

	sa->hash_next = *bucket;
	*bucket = sa->id;
}

/* Twice the buckets; without memory for them the chains grow instead. */
static void
hash_grow(struct sad *sad)
{
	uint32_t n = (sad->mask + 1) * 2;
	uint32_t *buckets = buckets_new(n);

	if (buckets == NULL)
		return;
	free(sad->buckets);
	sad->buckets = buckets;
	sad->mask = n - 1;
	for (uint32_t id = 0; id < SAD_MAX; id++) {
		struct esp_sa *sa = sad->sas[id];

		if (sa != NULL && sa->direction == SA_IN)
			hash_put(sad, sa);
	}
}

static void
hash_remove(struct sad *sad, const struct esp_sa *sa)
{
	uint32_t *at = &sad->buckets[key_hash(&sa->key) & sad->mask];

	while (*at != sa->id)
		at = &sad->sas[*at]->hash_next;
	*at = sa->hash_next;
}

static void
want_push(struct sad *sad, struct esp_sa *sa)
{
	sa->granting = true;
	sa_queue_push(&sad->want, sa);
}

struct esp_sa *
sad_want_next(struct sad *sad)
{
	return sa_queue_pop(&sad->want);
}

static uint64_t
seq_last(const struct esp_sa *sa)
{
	return sa->esn ? UINT64_MAX : UINT32_MAX;
}

enum sa_seq
sa_seq_take(struct sad *sad, struct esp_sa *sa, uint64_t *seq)
{
	/* seq_next is 0 when the number after the very last was due. */
	if (sa->seq_next > seq_last(sa) || sa->seq_next == 0) {
		if (!sa->ended)
			sad_event_push(sad, sa, SA_EVENT_SEQUENCE_LAST);
		sa->ended = true;
		return SA_SEQ_EXHAUSTED;
	}
	if (sa->seq_next >= sa->seq_want && !sa->granting &&
	    sa->seq_granted < seq_last(sa))
		want_push(sad, sa);
	if (sa->seq_next > sa->seq_granted)
		return SA_SEQ_NOT_GRANTED;
	*seq = sa->seq_next++;
	return SA_SEQ_OK;
}

bool
sad_same(const struct esp_sa *sa, const struct sa_params *p)
{
	return sa->key.spi == p->spi && sa->key.protocol == p->protocol &&
	       sa->direction == p->direction &&
	       sa->enc == ipsec_alg_get(p->enc) &&
	       sa->auth == ipsec_alg_get(p->auth) &&
	       p->enc_key_octets <= SAD_KEY_OCTETS &&
	       p->auth_key_octets <= SAD_KEY_OCTETS &&
	       secret_equal(sa->keys, p->enc_key, p->enc_key_octets) &&
	       secret_equal(sa->keys + AUTH_KEY_AT, p->auth_key,
			    p->auth_key_octets);
}

int
sad_grant(struct sad *sad, uint32_t id, uint64_t until)
{
	struct esp_sa *sa = sad_find(sad, id);

	if (sa == NULL)
		return -ENOENT;
	if (sa->direction != SA_OUT || until < sa->seq_granted)
		return -EINVAL;
	sa_queue_remove(&sad->want, sa);
	sa->granting = false;
	sa->seq_want = sa->seq_granted + (until - sa->seq_granted) / 2;
	sa->seq_granted = until;
	return 0;
}

/* AH encrypts nothing, wants an ICV, and is in no UDP (RFC 4302). */
static bool
protocol_fits(const struct sa_params *p)
{
	if (p->protocol == IP_PROTO_ESP)
		return true;
	return p->protocol == IP_PROTO_AH && p->enc == IPSEC_ALG_NULL &&
	       p->auth != IPSEC_ALG_NONE && !p->tunnel.udp;
}

static int
params_check(const struct sad *sad, const struct sa_params *p)
{
	const struct ipsec_alg *auth = ipsec_alg_get(p->auth);

	if (p->id >= SAD_MAX || p->spi == 0 || auth == NULL ||
	    ipsec_alg_get(p->enc) == NULL || p->seq_first == 0)
		return -EINVAL;
	if (p->direction != SA_IN && p->direction != SA_OUT)
		return -EINVAL;
	if (!protocol_fits(p) || !tunnel_valid(&p->tunnel))
		return -EINVAL;
	if (p->auth_key_octets != auth->key_octets ||
	    p->enc_key_octets > SAD_KEY_OCTETS)
		return -EINVAL;
	return sad->sas[p->id] != NULL ? -EEXIST : 0;
}

static void
sa_fill(struct esp_sa *sa, const struct sa_params *p)
{
	sa->id = p->id;
	sa->circuit = p->circuit;
	sa->key = (struct sad_key){.context = p->context,
				   .spi = p->spi,
				   .dst = p->tunnel.dst,
				   .protocol = p->protocol};
	sa->tunnel = p->tunnel;
	sa->transport = p->transport;
	sa->bundle = p->bundle;
	sa->tfc = p->transport ? 0 : p->tfc;
	sa->mtu = p->mtu;
	sa->inner_max = p->mtu != 0 ? p->mtu : UINT16_MAX;
	sa->fragment_post = p->fragment_post;
	sa->direction = p->direction;
	sa->enc = ipsec_alg_get(p->enc);
	sa->auth = ipsec_alg_get(p->auth);
	sa->counters = p->counters != NULL ? p->counters : &sa->own_counters;
	/* Of the SA that had these counters before nothing may seem ours. */
	counter_set(&sa->counters->c[SA_COUNTER_SEQUENCE], p->seq_first - 1);
	sa->iv_octets = (uint16_t)sa->enc->iv_octets;
	sa->icv_octets = (uint16_t)(sa->enc->aead ? sa->enc->icv_octets
						  : sa->auth->icv_octets);
	sa->align = (uint16_t)sa->enc->block_octets;
	if (sa->align < 4)
		sa->align = 4;
	sa->outer = (uint16_t)tunnel_outer_octets(&p->tunnel);
	if (p->transport)
		sa->outer = p->tunnel.udp ? sizeof(struct udp_hdr) : 0;
	sa->esn = p->esn;
	sa->seq_next = p->seq_first;
	sa->seq_granted = p->seq_granted;
	sa->seq_want = p->seq_first;
	if (p->seq_granted > p->seq_first)
		sa->seq_want += (p->seq_granted - p->seq_first) / 2;
	sa->hash_next = NONE;
	sa_life_init(&sa->life, &p->life, p->born_ns, p->used_octets);
	counter_set(&sa->counters->c[SA_COUNTER_LIFE_OCTETS], p->used_octets);
	counter_set(&sa->counters->c[SA_COUNTER_LIFE_REACHED], 0);
}

static int
sa_init_keys(struct sad *sad, struct esp_sa *sa, const struct sa_params *p)
{
	struct alg_keys keys = {
	    .direction = p->direction == SA_OUT ? ALG_SEAL : ALG_OPEN,
	    .enc = p->enc,
	    .auth = p->auth,
	    .enc_key_octets = p->enc_key_octets,
	    .auth_key_octets = p->auth_key_octets,
	};

	sa->keys = key_arena_take(&sad->keys);
	if (sa->keys == NULL)
		return -ENOMEM;
	if (p->enc_key_octets != 0)
		memcpy(sa->keys, p->enc_key, p->enc_key_octets);
	if (p->auth_key_octets != 0)
		memcpy(sa->keys + AUTH_KEY_AT, p->auth_key, p->auth_key_octets);
	keys.enc_key = sa->keys;
	keys.auth_key = sa->keys + AUTH_KEY_AT;
	return alg_cipher_new(sad->alg, &keys, &sa->cipher);
}

static int
sa_init(struct sad *sad, struct esp_sa *sa, const struct sa_params *p)
{
	int err = sa_init_keys(sad, sa, p);

	if (err != 0)
		return err;
	if (p->direction == SA_IN)
		return replay_init(&sa->replay, p->replay_window, p->esn,
				   p->seq_first - 1);
	return esp_iv_init(&sa->iv, sa->enc, p->spi, p->seeded, p->seed);
}

/* The cipher goes before its keys: it may read them where they lie. */
static void
sa_free(struct sad *sad, struct esp_sa *sa)
{
	alg_cipher_free(&sa->cipher);
	esp_iv_fini(&sa->iv);
	replay_fini(&sa->replay);
	if (sa->keys != NULL)
		key_arena_give(&sad->keys, sa->keys);
	free(sa);
}

int
sad_install(struct sad *sad, const struct sa_params *params)
{
	struct esp_sa *sa;
	int err = params_check(sad, params);

	if (err != 0)
		return err;
	sa = aligned_alloc(LINE_OCTETS, sizeof(*sa));
	if (sa == NULL)
		return -ENOMEM;
	memset(sa, 0, sizeof(*sa));
	sa_fill(sa, params);
	if (sa->direction == SA_IN && sad_find_in(sad, &sa->key) != NULL)
		err = -EEXIST;
	else
		err = sa_init(sad, sa, params);
	if (err != 0) {
		sa_free(sad, sa);
		return err;
	}
	sad->sas[sa->id] = sa;
	sad->count++;
	sad_life_begin(sad, sa);
	if (sa->direction == SA_IN) {
		hash_put(sad, sa);
		sad->inbound_ah += sa->key.protocol == IP_PROTO_AH;
		if (++sad->inbound > sad->mask)
			hash_grow(sad);
	} else if (sa->seq_granted < sa->seq_next &&
		   sa->seq_next <= seq_last(sa)) {
		want_push(sad, sa);
	}
	return 0;
}

int
sad_delete(struct sad *sad, uint32_t id)
{
	struct esp_sa *sa = sad_find(sad, id);

	if (sa == NULL)
		return -ENOENT;
	if (sa->direction == SA_IN) {
		hash_remove(sad, sa);
		sad->inbound--;
		sad->inbound_ah -= sa->key.protocol == IP_PROTO_AH;
	} else {
		sa_queue_remove(&sad->want, sa);
	}
	sa_queue_remove(&sad->events, sa);
	sad->sas[id] = NULL;
	sad->count--;
	sa_free(sad, sa);
	return 0;
}
