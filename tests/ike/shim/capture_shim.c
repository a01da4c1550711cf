#include "capture_shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "v2_impl.h"

#define MESSAGES 64

struct message {
	uint8_t *octets;
	size_t n;
};

struct capture_shim {
	struct message m[MESSAGES];
	unsigned count;
	struct ike_crypto *crypto;
	struct ike_v2_input in;
	struct ike_v2_keys keys;
	struct ike_cipher *open[2]; /* what the initiator, the responder said */
	struct v2_nonce ni;
	struct v2_nonce nr;
	struct message init[2];
	/* A message in fragments, by who said it (RFC 7383). */
	uint8_t whole[2][IKE_MSG_MAX];
	size_t whole_n[2];
	uint8_t first[2];
};

struct capture_shim *
capture_shim_new(void)
{
	struct capture_shim *c = calloc(1, sizeof(*c));

	if (c != NULL && ike_crypto_new(&c->crypto) != 0)
		abort();
	return c;
}

void
capture_shim_free(struct capture_shim *c)
{
	for (unsigned i = 0; i < c->count; i++)
		free(c->m[i].octets);
	ike_cipher_free(&c->open[0]);
	ike_cipher_free(&c->open[1]);
	ike_crypto_free(&c->crypto);
	free(c);
}

void
capture_shim_add(struct capture_shim *c, const uint8_t *octets, size_t n)
{
	if (c->count == MESSAGES)
		return;
	c->m[c->count].octets = malloc(n);
	memcpy(c->m[c->count].octets, octets, n);
	c->m[c->count++].n = n;
}

static int
chain_of(const struct message *m, struct ike_hdr *hdr, struct ike_chain *chain)
{
	int error = ike_hdr_read(m->octets, m->n, hdr);

	if (error == 0)
		error = ike_chain_read(hdr->next, m->octets + sizeof(*hdr),
				       m->n - sizeof(*hdr), chain);
	if (error == 0 && chain->used != m->n - sizeof(*hdr))
		error = -EBADMSG;
	return error;
}

static const struct ike_alg *
chosen(const struct ike_sap *sap, enum ike_alg_type type)
{
	for (unsigned i = 0; i < sap->transforms_count; i++) {
		const struct ike_transform *t = &sap->transforms[i].t;

		if (t->type == (uint8_t)type)
			return ike_alg_get(type, t->id, t->key_bits);
	}
	return NULL;
}

/* The last pair of IKE_SA_INIT messages that made an SA. */
static int
find_init(struct capture_shim *c)
{
	struct ike_chain chain;
	struct ike_hdr hdr;

	for (unsigned i = 0; i < c->count; i++) {
		bool response;

		if (chain_of(&c->m[i], &hdr, &chain) != 0)
			return -EBADMSG;
		if (hdr.exchange != IKE_X_SA_INIT)
			continue;
		response = (hdr.flags & IKE_FLAG_RESPONSE) != 0;
		if (ike_chain_find(&chain, IKE_P_SA, 0) != NULL)
			c->init[response] = c->m[i];
	}
	return c->init[0].n > 0 && c->init[1].n > 0 ? 0 : -ENOENT;
}

static int
read_suite(struct capture_shim *c)
{
	struct ike_chain chain;
	struct ike_hdr hdr;
	struct ike_sap sap;
	const struct ike_payload *p;

	if (chain_of(&c->init[0], &hdr, &chain) != 0 ||
	    v2_nonce_of(&chain, &c->ni) != 0 ||
	    chain_of(&c->init[1], &hdr, &chain) != 0 ||
	    v2_nonce_of(&chain, &c->nr) != 0)
		return -EBADMSG;
	p = ike_chain_find(&chain, IKE_P_SA, 0);
	if (ike_sap_read(p, &sap) != 0)
		return -EBADMSG;
	c->in.encr = chosen(&sap, IKE_ALG_ENCR);
	c->in.prf = chosen(&sap, IKE_ALG_PRF);
	c->in.integ = chosen(&sap, IKE_ALG_INTEG);
	if (c->in.encr == NULL || c->in.prf == NULL)
		return -ENOTSUP;
	memcpy(c->in.spi_i, hdr.spi_i, 8);
	memcpy(c->in.spi_r, hdr.spi_r, 8);
	c->in.ni = v2_piece(&c->ni);
	c->in.nr = v2_piece(&c->nr);
	return 0;
}

static void
put_keys(const struct capture_shim *c, struct capture_result *r)
{
	const struct ike_v2_keys *k = &c->keys;
	size_t e = c->in.encr->key_octets + (size_t)c->in.encr->salt_octets;
	size_t a = c->in.integ != NULL ? c->in.integ->key_octets : 0;
	size_t p = c->in.prf->key_octets;
	const uint8_t *from[CAPTURE_KEYS] = {k->d,  k->ai, k->ar, k->ei,
					     k->er, k->pi, k->pr};
	size_t octets[CAPTURE_KEYS] = {p, a, a, e, e, p, p};

	for (unsigned i = 0; i < CAPTURE_KEYS; i++) {
		memcpy(r->keys[i], from[i], octets[i]);
		r->octets[i] = octets[i];
	}
}

static void
check_psk(struct capture_shim *c, const struct ike_chain *chain, bool initiator,
	  const char *psk, struct capture_result *r)
{
	const struct ike_payload *id =
	    ike_chain_find(chain, initiator ? IKE_P_IDI : IKE_P_IDR, 0);
	const struct ike_payload *p = ike_chain_find(chain, IKE_P_AUTH, 0);
	struct alg_piece secret = {(const uint8_t *)psk, strlen(psk)};
	const struct message *said = &c->init[!initiator];
	uint8_t mac[IKE_PRF_OCTETS_MAX];
	uint8_t auth[IKE_PRF_OCTETS_MAX];
	struct alg_piece pieces[3] = {
	    {said->octets, said->n},
	    initiator ? c->in.nr : c->in.ni,
	    {mac, c->in.prf->octets},
	};
	const uint8_t *data;
	uint8_t method;
	size_t n;

	if (id == NULL || p == NULL || ike_auth_read(p, &method, &data, &n))
		return;
	if (method != IKE_AUTHN_PSK) {
		r->rsa = true;
		return;
	}
	if (ike_v2_mac_id(&c->keys, initiator,
			  (struct alg_piece){id->body, id->octets}, mac) != 0 ||
	    ike_v2_psk_auth(c->in.prf, secret, pieces, 3, auth) != 0)
		return;
	if (n == c->in.prf->octets && memcmp(auth, data, n) == 0)
		*(initiator ? &r->psk_i : &r->psk_r) = true;
}

/* Keys of the first child, of the suite that the responder chose. */
static void
child(struct capture_shim *c, const struct ike_chain *chain,
      struct capture_result *r)
{
	const struct ike_payload *p = ike_chain_find(chain, IKE_P_SA, 0);
	enum ipsec_alg_id enc = IPSEC_ALG_INVALID;
	enum ipsec_alg_id auth = IPSEC_ALG_NONE;
	uint8_t keymat[4 * IPSEC_ALG_KEY_MAX];
	size_t n[4];
	struct ike_sap sap;
	size_t at = 0;

	if (p == NULL || ike_sap_read(p, &sap) != 0)
		return;
	for (unsigned i = 0; i < sap.transforms_count; i++) {
		const struct ike_transform *t = &sap.transforms[i].t;

		if (t->type == IKE_T_ENCR)
			enc = ike_esp_alg_v2(IPSEC_ALG_ENCRYPTION, t->id,
					     t->key_bits);
		if (t->type == IKE_T_INTEG)
			auth =
			    ike_esp_alg_v2(IPSEC_ALG_AUTHENTICATION, t->id, 0);
	}
	if (enc == IPSEC_ALG_INVALID || auth == IPSEC_ALG_INVALID)
		return;
	n[0] = n[2] = ipsec_alg_keymat_octets(ipsec_alg_get(enc));
	n[1] = n[3] = ipsec_alg_keymat_octets(ipsec_alg_get(auth));
	if (ike_v2_keymat(&c->keys, (struct alg_piece){0}, c->in.ni, c->in.nr,
			  keymat, 2 * (n[0] + n[1])) != 0)
		return;
	for (unsigned i = 0; i < 4; i++) {
		memcpy(r->esp[i], keymat + at, n[i]);
		r->esp_octets[i] = n[i];
		at += n[i];
	}
}

static int
payloads(struct capture_shim *c, const struct ike_hdr *hdr, uint8_t first,
	 const uint8_t *octets, size_t n, const char *psk,
	 struct capture_result *r)
{
	bool response = (hdr->flags & IKE_FLAG_RESPONSE) != 0;
	struct ike_chain chain;
	int error = ike_chain_read(first, octets, n, &chain);

	if (error != 0 || chain.used != n)
		return -EBADMSG;
	r->opened++;
	if (hdr->exchange != IKE_X_AUTH)
		return 0;
	check_psk(c, &chain, !response, psk, r);
	if (response)
		child(c, &chain, r);
	return 0;
}

/* A sealed message; its payloads must fill it to the last octet. */
static int
open_one(struct capture_shim *c, const struct message *m, const char *psk,
	 struct capture_result *r)
{
	struct ike_chain chain;
	struct ike_hdr hdr;
	const struct ike_payload *p;
	unsigned who;
	uint16_t part = 1;
	uint16_t parts = 1;
	size_t aad;
	size_t text;
	int error = chain_of(m, &hdr, &chain);

	if (error != 0)
		return error;
	if (hdr.exchange == IKE_X_SA_INIT)
		return 0;
	p = &chain.p[chain.count - 1];
	who = (hdr.flags & IKE_FLAG_INITIATOR) == 0;
	aad = (size_t)(p->body - m->octets);
	if (p->type == IKE_P_SKF) {
		if (ike_skf_read(p, &part, &parts) != 0)
			return -EBADMSG;
		aad += sizeof(struct ike_skf_hdr);
	} else if (p->type != IKE_P_SK) {
		return -EPROTO;
	}
	if (part == 1) {
		c->first[who] = chain.inner;
		c->whole_n[who] = 0;
	}
	error = ike_sk_open(c->open[who], m->octets, aad, m->n, &text);
	if (error != 0)
		return error;
	aad += ike_sk_iv_octets(c->open[who]);
	if (text > sizeof(c->whole[who]) - c->whole_n[who])
		return -E2BIG;
	memcpy(c->whole[who] + c->whole_n[who], m->octets + aad, text);
	c->whole_n[who] += text;
	return part < parts ? 0
			    : payloads(c, &hdr, c->first[who], c->whole[who],
				       c->whole_n[who], psk, r);
}

static int
derive(struct capture_shim *c, const uint8_t *dh, size_t n)
{
	const struct ike_v2_keys *k = &c->keys;
	int error;

	c->in.shared = (struct alg_piece){dh, n};
	error = ike_v2_derive(&c->in, NULL, &c->keys);
	if (error == 0)
		error = ike_cipher_new(c->crypto, ALG_OPEN, c->in.encr, k->ei,
				       c->in.integ, k->ai, &c->open[0]);
	if (error == 0)
		error = ike_cipher_new(c->crypto, ALG_OPEN, c->in.encr, k->er,
				       c->in.integ, k->ar, &c->open[1]);
	return error;
}

void
capture_shim_run(struct capture_shim *c, const uint8_t *dh, size_t dh_n,
		 const char *psk, struct capture_result *r)
{
	*r = (struct capture_result){.what = "IKE_SA_INIT"};
	r->error = find_init(c);
	if (r->error == 0)
		r->error = read_suite(c);
	r->what = "keys";
	if (r->error == 0)
		r->error = derive(c, dh, dh_n);
	if (r->error != 0)
		return;
	put_keys(c, r);
	r->what = "a sealed message";
	for (unsigned i = 0; i < c->count && r->error == 0; i++)
		r->error = open_one(c, &c->m[i], psk, r);
}
