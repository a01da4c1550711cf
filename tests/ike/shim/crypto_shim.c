#include "crypto_shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike_cipher.h"
#include "ike_kdf.h"

static struct alg_piece
piece(struct shim_octets o)
{
	return (struct alg_piece){o.at, o.n};
}

static const struct ike_alg *
named(enum ike_alg_type type, const char *name)
{
	return name == NULL ? NULL : ike_alg_find(type, name);
}

/* Repeats; a test is no place for true randomness. */
static int
draw(void *arg, void *p, size_t octets)
{
	uint64_t *state = arg;
	uint8_t *to = p;

	for (size_t i = 0; i < octets; i++) {
		*state = *state * UINT64_C(6364136223846793005) + 1442695041;
		to[i] = (uint8_t)(*state >> 56);
	}
	return 0;
}

int
crypto_shim_prf(const char *prf, struct shim_octets key,
		struct shim_octets data, uint8_t *out)
{
	const struct ike_alg *alg = named(IKE_ALG_PRF, prf);
	struct alg_piece p = piece(data);
	uint8_t result[IKE_PRF_OCTETS_MAX];
	int err = ike_prf(alg, key.at, key.n, &p, 1, result);

	if (err != 0)
		return err;
	memcpy(out, result, alg->octets);
	return alg->octets;
}

int
crypto_shim_prf_plus(const char *prf, struct shim_octets key,
		     struct shim_octets seed, uint8_t *out, size_t octets)
{
	struct alg_piece p = piece(seed);

	return ike_prf_plus(named(IKE_ALG_PRF, prf), key.at, key.n, &p, 1, out,
			    octets);
}

int
crypto_shim_hash(unsigned hash, struct shim_octets data, uint8_t *out)
{
	struct alg_piece p = piece(data);
	int err = ike_hash((enum ike_hash)hash, &p, 1, out);

	return err != 0 ? err : (int)ike_hash_octets((enum ike_hash)hash);
}

int
crypto_shim_public(const char *group, struct shim_octets mine, uint8_t *out,
		   size_t *octets)
{
	const struct ike_alg *alg = named(IKE_ALG_DH, group);
	struct ike_crypto *crypto = NULL;
	struct ike_dh *dh = NULL;
	int err = ike_crypto_new(&crypto);

	if (err == 0)
		err = ike_dh_new_private(crypto, alg, mine.at, mine.n, &dh);
	if (err == 0) {
		memcpy(out, ike_dh_public(dh), alg->octets);
		*octets = alg->octets;
	}
	ike_dh_free(&dh);
	ike_crypto_free(&crypto);
	return err;
}

int
crypto_shim_shared(const char *group, struct shim_octets mine,
		   struct shim_octets peer, uint8_t *out, size_t *octets)
{
	const struct ike_alg *alg = named(IKE_ALG_DH, group);
	uint8_t secret[IKE_DH_SECRET_MAX];
	struct ike_crypto *crypto = NULL;
	struct ike_dh *dh = NULL;
	int err = ike_crypto_new(&crypto);

	if (err == 0)
		err = ike_dh_new_private(crypto, alg, mine.at, mine.n, &dh);
	if (err == 0)
		err = ike_dh_shared(crypto, dh, peer.at, peer.n, secret);
	if (err == 0) {
		memcpy(out, secret, alg->secret_octets);
		*octets = alg->secret_octets;
	}
	ike_dh_free(&dh);
	ike_crypto_free(&crypto);
	return err;
}

int
crypto_shim_agree(const char *group, uint64_t seed)
{
	const struct ike_alg *alg = named(IKE_ALG_DH, group);
	uint8_t a[IKE_DH_SECRET_MAX];
	uint8_t b[IKE_DH_SECRET_MAX];
	struct ike_crypto *crypto = NULL;
	struct ike_dh *i = NULL;
	struct ike_dh *r = NULL;
	int err = ike_crypto_new(&crypto);

	if (err == 0)
		err = ike_dh_new(crypto, alg, draw, &seed, &i);
	if (err == 0)
		err = ike_dh_new(crypto, alg, draw, &seed, &r);
	if (err == 0)
		err =
		    ike_dh_shared(crypto, i, ike_dh_public(r), alg->octets, a);
	if (err == 0)
		err =
		    ike_dh_shared(crypto, r, ike_dh_public(i), alg->octets, b);
	if (err == 0 &&
	    (memcmp(a, b, alg->secret_octets) != 0 ||
	     memcmp(ike_dh_public(i), ike_dh_public(r), alg->octets) == 0))
		err = -EBADMSG;
	ike_dh_free(&i);
	ike_dh_free(&r);
	ike_crypto_free(&crypto);
	return err;
}

/* ---- IKEv2 ---------------------------------------------------------- */

static struct ike_v2_keys
keys_of(const struct crypto_shim_v2 *v2)
{
	struct ike_v2_keys keys = {
	    .prf = named(IKE_ALG_PRF, v2->prf),
	    .encr = named(IKE_ALG_ENCR, v2->encr),
	    .integ = named(IKE_ALG_INTEG, v2->integ),
	};

	memcpy(keys.d, v2->d, 64);
	memcpy(keys.ai, v2->ai, 64);
	memcpy(keys.ar, v2->ar, 64);
	memcpy(keys.ei, v2->ei, 64);
	memcpy(keys.er, v2->er, 64);
	memcpy(keys.pi, v2->pi, 64);
	memcpy(keys.pr, v2->pr, 64);
	return keys;
}

int
crypto_shim_v2_get(struct crypto_shim_v2 *v2)
{
	struct ike_v2_keys keys = keys_of(v2);
	struct ike_v2_keys old = {.prf = keys.prf};
	struct ike_v2_input in = {.prf = keys.prf,
				  .encr = keys.encr,
				  .integ = keys.integ,
				  .shared = piece(v2->shared),
				  .ni = piece(v2->ni),
				  .nr = piece(v2->nr)};
	bool rekey = v2->old_d.n != 0;
	int err;

	memcpy(in.spi_i, v2->spi_i.at, sizeof(in.spi_i));
	memcpy(in.spi_r, v2->spi_r.at, sizeof(in.spi_r));
	if (rekey)
		memcpy(old.d, v2->old_d.at, v2->old_d.n);
	err = ike_v2_skeyseed(&in, rekey ? &old : NULL, v2->seed);
	if (err == 0)
		err = ike_v2_derive(&in, rekey ? &old : NULL, &keys);
	memcpy(v2->d, keys.d, 64);
	memcpy(v2->ai, keys.ai, 64);
	memcpy(v2->ar, keys.ar, 64);
	memcpy(v2->ei, keys.ei, 64);
	memcpy(v2->er, keys.er, 64);
	memcpy(v2->pi, keys.pi, 64);
	memcpy(v2->pr, keys.pr, 64);
	return err;
}

int
crypto_shim_v2_keymat(const struct crypto_shim_v2 *v2,
		      struct shim_octets shared, struct shim_octets ni,
		      struct shim_octets nr, uint8_t *out, size_t octets)
{
	struct ike_v2_keys keys = keys_of(v2);

	return ike_v2_keymat(&keys, piece(shared), piece(ni), piece(nr), out,
			     octets);
}

int
crypto_shim_v2_psk(const struct crypto_shim_v2 *v2, int initiator,
		   struct shim_octets secret, struct shim_octets message,
		   struct shim_octets nonce, struct shim_octets id,
		   uint8_t *out)
{
	struct ike_v2_keys keys = keys_of(v2);
	uint8_t mac[IKE_PRF_OCTETS_MAX];
	struct alg_piece pieces[] = {
	    piece(message), piece(nonce), {mac, keys.prf->octets}};
	int err = ike_v2_mac_id(&keys, initiator, piece(id), mac);

	if (err == 0)
		err = ike_v2_psk_auth(keys.prf, piece(secret), pieces, 3, out);
	return err != 0 ? err : keys.prf->octets;
}

static int
cipher_of(struct ike_crypto *crypto, const struct crypto_shim_v2 *v2,
	  int initiator, enum alg_direction direction,
	  struct ike_cipher **cipher)
{
	return ike_cipher_new(crypto, direction, named(IKE_ALG_ENCR, v2->encr),
			      initiator ? v2->ei : v2->er,
			      named(IKE_ALG_INTEG, v2->integ),
			      initiator ? v2->ai : v2->ar, cipher);
}

int
crypto_shim_v2_open(const struct crypto_shim_v2 *v2, int initiator,
		    uint8_t *message, size_t aad, size_t octets, size_t *at)
{
	struct ike_crypto *crypto = NULL;
	struct ike_cipher *cipher = NULL;
	size_t text = 0;
	int err = ike_crypto_new(&crypto);

	if (err == 0)
		err = cipher_of(crypto, v2, initiator, ALG_OPEN, &cipher);
	if (err == 0)
		err = ike_sk_open(cipher, message, aad, octets, &text);
	if (err == 0)
		*at = aad + ike_sk_iv_octets(cipher);
	ike_cipher_free(&cipher);
	ike_crypto_free(&crypto);
	return err != 0 ? err : (int)text;
}

int
crypto_shim_v2_seal(const struct crypto_shim_v2 *v2, int initiator,
		    uint8_t *message, size_t aad, struct shim_octets text)
{
	struct ike_crypto *crypto = NULL;
	struct ike_cipher *cipher = NULL;
	uint64_t seed = 4711;
	int whole = 0;
	int err = ike_crypto_new(&crypto);

	if (err == 0)
		err = cipher_of(crypto, v2, initiator, ALG_SEAL, &cipher);
	if (err == 0) {
		if (text.n > 0)
			memcpy(message + aad + ike_sk_iv_octets(cipher),
			       text.at, text.n);
		whole = (int)(aad + ike_sk_octets(cipher, text.n));
		err = ike_sk_seal(cipher, message, aad, text.n, draw, &seed);
	}
	ike_cipher_free(&cipher);
	ike_crypto_free(&crypto);
	return err != 0 ? err : whole;
}

/* ---- IKEv1 ---------------------------------------------------------- */

static struct ike_v1_keys
v1_keys_of(const struct crypto_shim_v1 *v1)
{
	struct ike_v1_keys keys = {.prf = named(IKE_ALG_PRF, v1->prf),
				   .encr = named(IKE_ALG_ENCR, v1->encr)};

	memcpy(keys.skeyid, v1->skeyid, 64);
	memcpy(keys.d, v1->d, 64);
	memcpy(keys.a, v1->a, 64);
	memcpy(keys.e, v1->e, 64);
	memcpy(keys.ka, v1->ka, 64);
	return keys;
}

int
crypto_shim_v1_get(struct crypto_shim_v1 *v1)
{
	struct ike_v1_input in = {.prf = named(IKE_ALG_PRF, v1->prf),
				  .encr = named(IKE_ALG_ENCR, v1->encr),
				  .secret = piece(v1->secret),
				  .shared = piece(v1->shared),
				  .ni = piece(v1->ni),
				  .nr = piece(v1->nr)};
	struct ike_v1_keys keys;
	int err;

	memcpy(in.cookie_i, v1->cookie_i.at, sizeof(in.cookie_i));
	memcpy(in.cookie_r, v1->cookie_r.at, sizeof(in.cookie_r));
	err = ike_v1_derive(&in, &keys);
	memcpy(v1->skeyid, keys.skeyid, 64);
	memcpy(v1->d, keys.d, 64);
	memcpy(v1->a, keys.a, 64);
	memcpy(v1->e, keys.e, 64);
	memcpy(v1->ka, keys.ka, 64);
	return err;
}

int
crypto_shim_v1_iv(const struct crypto_shim_v1 *v1, struct shim_octets gxi,
		  struct shim_octets gxr, uint8_t *iv)
{
	struct ike_v1_keys keys = v1_keys_of(v1);

	return ike_v1_iv(&keys, piece(gxi), piece(gxr), iv);
}

int
crypto_shim_v1_iv_exchange(const struct crypto_shim_v1 *v1, uint32_t message_id,
			   uint8_t *iv)
{
	struct ike_v1_keys keys = v1_keys_of(v1);
	uint8_t last[IPSEC_ALG_IV_MAX];

	memcpy(last, iv, sizeof(last));
	return ike_v1_iv_exchange(&keys, last, message_id, iv);
}

int
crypto_shim_v1_hash(const struct crypto_shim_v1 *v1, int initiator,
		    struct shim_octets gxi, struct shim_octets gxr,
		    struct shim_octets sa, struct shim_octets id, uint8_t *out)
{
	struct ike_v1_keys keys = v1_keys_of(v1);
	int err;

	if (initiator)
		err =
		    ike_v1_hash(&keys, piece(gxi), piece(gxr), v1->cookie_i.at,
				v1->cookie_r.at, piece(sa), piece(id), out);
	else
		err =
		    ike_v1_hash(&keys, piece(gxr), piece(gxi), v1->cookie_r.at,
				v1->cookie_i.at, piece(sa), piece(id), out);
	return err != 0 ? err : keys.prf->octets;
}

int
crypto_shim_v1_keymat(const struct crypto_shim_v1 *v1,
		      struct shim_octets shared, unsigned protocol,
		      uint32_t spi, struct shim_octets ni,
		      struct shim_octets nr, uint8_t *out, size_t octets)
{
	struct ike_v1_keys keys = v1_keys_of(v1);

	return ike_v1_keymat(&keys, piece(shared), (uint8_t)protocol, spi,
			     piece(ni), piece(nr), out, octets);
}

static int
v1_cbc(const struct crypto_shim_v1 *v1, enum alg_direction direction,
       uint8_t *iv, uint8_t *text, size_t octets)
{
	struct ike_crypto *crypto = NULL;
	struct ike_cipher *cipher = NULL;
	int err = ike_crypto_new(&crypto);

	if (err == 0)
		err = ike_cipher_new(crypto, direction,
				     named(IKE_ALG_ENCR, v1->encr), v1->ka,
				     NULL, NULL, &cipher);
	if (err == 0)
		err = ike_cbc(cipher, iv, text, octets);
	ike_cipher_free(&cipher);
	ike_crypto_free(&crypto);
	return err;
}

int
crypto_shim_v1_open(const struct crypto_shim_v1 *v1, uint8_t *iv, uint8_t *text,
		    size_t octets)
{
	return v1_cbc(v1, ALG_OPEN, iv, text, octets);
}

int
crypto_shim_v1_seal(const struct crypto_shim_v1 *v1, uint8_t *iv, uint8_t *text,
		    size_t octets)
{
	return v1_cbc(v1, ALG_SEAL, iv, text, octets);
}

/* ---- facts ---------------------------------------------------------- */

int
crypto_shim_facts_get(unsigned i, struct crypto_shim_facts *facts)
{
	const struct ike_alg *a = ike_alg_at(i);

	if (a == NULL)
		return -1;
	*facts = (struct crypto_shim_facts){
	    .name = a->name,
	    .verdict = a->verdict,
	    .type = a->type,
	    .id = a->id,
	    .key_bits = a->key_bits,
	    .v1 = a->v1,
	    .rfc = a->rfc,
	    .key = a->key_octets,
	    .salt = a->salt_octets,
	    .iv = a->iv_octets,
	    .block = a->block_octets,
	    .icv = a->icv_octets,
	    .octets = a->octets,
	    .seos = a->seos,
	    .aead = a->aead,
	};
	return 0;
}

/* What the packet path's table says of the same algorithm must agree. */
static bool
agrees(const struct ike_alg *a)
{
	const struct ipsec_alg *p = ipsec_alg_get(a->ipsec);

	if (a->type == IKE_ALG_DH)
		return p == NULL && a->octets != 0 && a->secret_octets != 0;
	if (a->type == IKE_ALG_ENCR)
		return p->key_octets == a->key_octets &&
		       p->salt_octets == a->salt_octets &&
		       p->iv_octets == a->iv_octets &&
		       p->block_octets == a->block_octets &&
		       p->aead == a->aead &&
		       (!a->aead || p->icv_octets == a->icv_octets) &&
		       strcmp(p->name, a->name) == 0;
	return p->kind == IPSEC_ALG_AUTHENTICATION &&
	       p->key_octets == a->key_octets &&
	       (a->type == IKE_ALG_PRF || p->icv_octets == a->icv_octets);
}

int
crypto_shim_facts_found(unsigned i)
{
	const struct ike_alg *a = ike_alg_at(i);

	return ike_alg_get(a->type, a->id, a->key_bits) == a &&
	       ike_alg_find(a->type, a->name) == a &&
	       (a->v1 == 0 || ike_alg_v1(a->type, a->v1, a->key_bits) == a) &&
	       (a->title == NULL || ike_alg_find(a->type, a->title) == a) &&
	       (a->type != IKE_ALG_INTEG ||
		ike_alg_prf_of(a)->ipsec == a->ipsec) &&
	       agrees(a);
}

int
crypto_shim_esp_numbers(void)
{
	int known = 0;

	for (unsigned i = 1; i < IPSEC_ALG_MAX; i++) {
		const struct ipsec_alg *p = ipsec_alg_get((enum ipsec_alg_id)i);
		const struct ike_esp_alg *e =
		    ike_esp_alg_of((enum ipsec_alg_id)i);

		if (e == NULL)
			continue;
		if (ike_esp_alg_v2(p->kind, e->v2, e->key_bits) != i)
			return -1;
		if (e->v1 != 0 &&
		    ike_esp_alg_v1(p->kind, e->v1, e->key_bits) != i)
			return -1;
		known++;
	}
	return known;
}
