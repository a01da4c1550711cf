/*
 * Key derivation of IKEv2 and IKEv1. All of it is MACs of ipsec/alg_mac.h, not
 * cut; no crypto library is named here.
 *
 * RFC 2409 section 5 and appendix B, RFC 4434, 4615, 7296 section 2.13 to 2.18.
 */
#include "ike_kdf.h"

#include <errno.h>
#include <string.h>

#include "be.h"
#include "secret.h"

#define AES_KEY 16
#define PIECES_MAX 8 /* of a prf+ seed */
#define KEY_PAD "Key Pad for IKEv2"

static int
prf_run(const struct ike_alg *prf, const uint8_t *key, size_t key_octets,
	const struct alg_piece pieces[], unsigned n,
	uint8_t out[IKE_PRF_OCTETS_MAX])
{
	uint8_t tag[ALG_MAC_TAG_MAX];
	struct alg_mac *mac = NULL;
	size_t octets = 0;
	int err = alg_mac_new(&mac, prf->ipsec, key, (unsigned)key_octets);

	if (err != 0)
		return err;
	err = alg_mac_tag(mac, pieces, n, tag, &octets);
	if (err == 0 && octets != prf->octets)
		err = -EIO;
	if (err == 0)
		memcpy(out, tag, octets);
	secret_wipe(tag, sizeof(tag));
	alg_mac_free(&mac);
	return err;
}

static bool
is_aes(const struct ike_alg *prf)
{
	return prf->id == IKE_PRF_AES_XCBC || prf->id == IKE_PRF_AES_CMAC;
}

/*
 * A key that is too short gets zeros behind it under XCBC (RFC 4434 section 2);
 * everything else that is not 16 octets is hashed with the PRF under a key of
 * zeros (there, and RFC 4615 section 3).
 */
static int
aes_key(const struct ike_alg *prf, const uint8_t *key, size_t octets,
	uint8_t out[AES_KEY])
{
	static const uint8_t zero[AES_KEY];
	uint8_t tag[IKE_PRF_OCTETS_MAX];
	struct alg_piece piece = {key, octets};
	int err;

	if (octets == AES_KEY ||
	    (octets < AES_KEY && prf->id == IKE_PRF_AES_XCBC)) {
		memset(out, 0, AES_KEY);
		memcpy(out, key, octets);
		return 0;
	}
	err = prf_run(prf, zero, sizeof(zero), &piece, 1, tag);
	if (err == 0)
		memcpy(out, tag, AES_KEY);
	secret_wipe(tag, sizeof(tag));
	return err;
}

int
ike_prf(const struct ike_alg *prf, const uint8_t *key, size_t key_octets,
	const struct alg_piece pieces[], unsigned n,
	uint8_t out[IKE_PRF_OCTETS_MAX])
{
	uint8_t fixed[AES_KEY];
	int err;

	if (key_octets == 0 || key_octets > UINT16_MAX)
		return -EINVAL;
	if (!is_aes(prf))
		return prf_run(prf, key, key_octets, pieces, n, out);
	err = aes_key(prf, key, key_octets, fixed);
	if (err == 0)
		err = prf_run(prf, fixed, sizeof(fixed), pieces, n, out);
	secret_wipe(fixed, sizeof(fixed));
	return err;
}

int
ike_prf_plus(const struct ike_alg *prf, const uint8_t *key, size_t key_octets,
	     const struct alg_piece seed[], unsigned n, uint8_t *out,
	     size_t octets)
{
	uint8_t t[IKE_PRF_OCTETS_MAX];
	uint8_t number = 1;
	struct alg_piece pieces[PIECES_MAX + 2];
	int err = 0;

	if (n > PIECES_MAX || octets > 255U * prf->octets)
		return -EINVAL;
	pieces[0] = (struct alg_piece){t, 0};
	for (unsigned i = 0; i < n; i++)
		pieces[i + 1] = seed[i];
	pieces[n + 1] = (struct alg_piece){&number, 1};
	for (size_t at = 0; at < octets && err == 0; number++) {
		size_t take =
		    octets - at < prf->octets ? octets - at : prf->octets;

		err = ike_prf(prf, key, key_octets, pieces, n + 2, t);
		if (err == 0)
			memcpy(out + at, t, take);
		pieces[0].n = prf->octets;
		at += take;
	}
	secret_wipe(t, sizeof(t));
	return err;
}

/* ---- IKEv2 ---------------------------------------------------------- */

int
ike_v2_skeyseed(const struct ike_v2_input *in, const struct ike_v2_keys *old,
		uint8_t seed[IKE_PRF_OCTETS_MAX])
{
	uint8_t nonces[2 * 256];
	struct alg_piece pieces[] = {in->shared, in->ni, in->nr};
	size_t ni = in->ni.n;
	size_t nr = in->nr.n;
	int err;

	if (old != NULL)
		return ike_prf(old->prf, old->d, old->prf->key_octets, pieces,
			       3, seed);
	if (ni > 256 || nr > 256)
		return -EINVAL;
	/* Only the first 64 bits of each: RFC 7296 section 2.14. */
	if (is_aes(in->prf)) {
		if (ni < AES_KEY / 2 || nr < AES_KEY / 2)
			return -EINVAL;
		ni = nr = AES_KEY / 2;
	}
	memcpy(nonces, in->ni.octets, ni);
	memcpy(nonces + ni, in->nr.octets, nr);
	err = ike_prf(in->prf, nonces, ni + nr, pieces, 1, seed);
	return err;
}

/* Cuts the next key off; advances *at. */
static void
take(const uint8_t *keymat, size_t *at, uint8_t *key, size_t octets)
{
	memcpy(key, keymat + *at, octets);
	*at += octets;
}

#define V2_KEYMAT_MAX (3 * IKE_PRF_OCTETS_MAX + 4 * IPSEC_ALG_KEY_MAX)

static void
v2_cut(struct ike_v2_keys *k, const uint8_t keymat[V2_KEYMAT_MAX], size_t a,
       size_t e)
{
	size_t at = 0;

	take(keymat, &at, k->d, k->prf->key_octets);
	take(keymat, &at, k->ai, a);
	take(keymat, &at, k->ar, a);
	take(keymat, &at, k->ei, e);
	take(keymat, &at, k->er, e);
	take(keymat, &at, k->pi, k->prf->key_octets);
	take(keymat, &at, k->pr, k->prf->key_octets);
}

int
ike_v2_derive(const struct ike_v2_input *in, const struct ike_v2_keys *old,
	      struct ike_v2_keys *keys)
{
	uint8_t seed[IKE_PRF_OCTETS_MAX];
	uint8_t keymat[V2_KEYMAT_MAX];
	struct alg_piece pieces[] = {in->ni,
				     in->nr,
				     {in->spi_i, sizeof(in->spi_i)},
				     {in->spi_r, sizeof(in->spi_r)}};
	size_t a = in->integ == NULL ? 0 : in->integ->key_octets;
	size_t e = (size_t)in->encr->key_octets + in->encr->salt_octets;
	int err = ike_v2_skeyseed(in, old, seed);

	if (err == 0)
		err = ike_prf_plus(
		    in->prf, seed,
		    old == NULL ? in->prf->octets : old->prf->octets, pieces, 4,
		    keymat, 3U * in->prf->key_octets + 2 * (a + e));
	if (err == 0) {
		memset(keys, 0, sizeof(*keys));
		keys->prf = in->prf;
		keys->encr = in->encr;
		keys->integ = in->integ;
		v2_cut(keys, keymat, a, e);
	}
	secret_wipe(seed, sizeof(seed));
	secret_wipe(keymat, sizeof(keymat));
	return err;
}

int
ike_v2_keymat(const struct ike_v2_keys *keys, struct alg_piece shared,
	      struct alg_piece ni, struct alg_piece nr, uint8_t *out,
	      size_t octets)
{
	struct alg_piece pieces[] = {shared, ni, nr};
	unsigned skip = shared.n == 0 ? 1 : 0;

	return ike_prf_plus(keys->prf, keys->d, keys->prf->key_octets,
			    pieces + skip, 3 - skip, out, octets);
}

int
ike_v2_mac_id(const struct ike_v2_keys *keys, bool initiator,
	      struct alg_piece id, uint8_t out[IKE_PRF_OCTETS_MAX])
{
	return ike_prf(keys->prf, initiator ? keys->pi : keys->pr,
		       keys->prf->key_octets, &id, 1, out);
}

int
ike_v2_psk_auth(const struct ike_alg *prf, struct alg_piece secret,
		const struct alg_piece pieces[], unsigned n,
		uint8_t out[IKE_PRF_OCTETS_MAX])
{
	struct alg_piece pad = {(const uint8_t *)KEY_PAD, sizeof(KEY_PAD) - 1};
	uint8_t key[IKE_PRF_OCTETS_MAX];
	int err = ike_prf(prf, secret.octets, secret.n, &pad, 1, key);

	if (err == 0)
		err = ike_prf(prf, key, prf->octets, pieces, n, out);
	secret_wipe(key, sizeof(key));
	return err;
}

/* ---- IKEv1 ---------------------------------------------------------- */

static int
v1_skeyid(const struct ike_v1_input *in, struct ike_v1_keys *keys)
{
	struct alg_piece nonces[] = {in->ni, in->nr};
	uint8_t key[2 * 256];

	if (in->secret.n != 0)
		return ike_prf(in->prf, in->secret.octets, in->secret.n, nonces,
			       2, keys->skeyid);
	if (in->ni.n > 256 || in->nr.n > 256)
		return -EINVAL;
	memcpy(key, in->ni.octets, in->ni.n);
	memcpy(key + in->ni.n, in->nr.octets, in->nr.n);
	return ike_prf(in->prf, key, in->ni.n + in->nr.n, &in->shared, 1,
		       keys->skeyid);
}

/* prf(SKEYID, before | g^xy | CKY-I | CKY-R | number): _d, _a or _e. */
static int
v1_link(const struct ike_v1_input *in, struct ike_v1_keys *keys,
	const uint8_t *before, uint8_t number, uint8_t *out)
{
	struct alg_piece pieces[] = {
	    {before, before == NULL ? 0 : in->prf->octets},
	    in->shared,
	    {in->cookie_i, IKE_COOKIE_OCTETS},
	    {in->cookie_r, IKE_COOKIE_OCTETS},
	    {&number, 1}};
	unsigned skip = before == NULL ? 1 : 0;

	return ike_prf(in->prf, keys->skeyid, in->prf->octets, pieces + skip,
		       5 - skip, out);
}

/*
 * A feedback of the PRF: K1 = prf(key, first), Kn = prf(key, Kn-1 | rest). The
 * cipher's key has no rest, KEYMAT has all of it.
 */
static int
v1_expand(const struct ike_alg *prf, const uint8_t *key,
	  const struct alg_piece pieces[], unsigned n, bool again, uint8_t *out,
	  size_t octets)
{
	struct alg_piece all[PIECES_MAX];
	uint8_t k[IKE_PRF_OCTETS_MAX];
	int err = 0;

	for (unsigned i = 0; i < n; i++)
		all[i + 1] = pieces[i];
	all[0] = (struct alg_piece){k, prf->octets};
	for (size_t at = 0; at < octets && err == 0;) {
		size_t left = octets - at;
		size_t part = left < prf->octets ? left : prf->octets;

		if (at == 0)
			err = ike_prf(prf, key, prf->octets, all + 1, n, k);
		else
			err = ike_prf(prf, key, prf->octets, all,
				      again ? n + 1 : 1, k);
		if (err == 0)
			memcpy(out + at, k, part);
		at += part;
	}
	secret_wipe(k, sizeof(k));
	return err;
}

/* Appendix B: SKEYID_e where it is long enough, else Ka of it. */
static int
v1_cipher_key(struct ike_v1_keys *keys)
{
	static const uint8_t zero;
	struct alg_piece piece = {&zero, 1};

	if (keys->encr->key_octets <= keys->prf->octets) {
		memcpy(keys->ka, keys->e, keys->encr->key_octets);
		return 0;
	}
	return v1_expand(keys->prf, keys->e, &piece, 1, false, keys->ka,
			 keys->encr->key_octets);
}

int
ike_v1_derive(const struct ike_v1_input *in, struct ike_v1_keys *keys)
{
	int err;

	memset(keys, 0, sizeof(*keys));
	keys->prf = in->prf;
	keys->encr = in->encr;
	err = v1_skeyid(in, keys);
	if (err == 0)
		err = v1_link(in, keys, NULL, 0, keys->d);
	if (err == 0)
		err = v1_link(in, keys, keys->d, 1, keys->a);
	if (err == 0)
		err = v1_link(in, keys, keys->a, 2, keys->e);
	if (err == 0)
		err = v1_cipher_key(keys);
	if (err != 0)
		secret_wipe(keys, sizeof(*keys));
	return err;
}

static int
iv_of(const struct ike_v1_keys *keys, const struct alg_piece pieces[],
      unsigned n, uint8_t iv[IPSEC_ALG_IV_MAX])
{
	uint8_t digest[IKE_HASH_OCTETS_MAX];
	int err = ike_hash(ike_hash_of(keys->prf), pieces, n, digest);

	if (err == 0)
		memcpy(iv, digest, keys->encr->block_octets);
	return err;
}

int
ike_v1_iv(const struct ike_v1_keys *keys, struct alg_piece gxi,
	  struct alg_piece gxr, uint8_t iv[IPSEC_ALG_IV_MAX])
{
	struct alg_piece pieces[] = {gxi, gxr};

	return iv_of(keys, pieces, 2, iv);
}

int
ike_v1_iv_exchange(const struct ike_v1_keys *keys,
		   const uint8_t last[IPSEC_ALG_IV_MAX], uint32_t message_id,
		   uint8_t iv[IPSEC_ALG_IV_MAX])
{
	struct be32 id = be32_put(message_id);
	struct alg_piece pieces[] = {{last, keys->encr->block_octets},
				     {id.b, sizeof(id.b)}};

	return iv_of(keys, pieces, 2, iv);
}

int
ike_v1_hash(const struct ike_v1_keys *keys, struct alg_piece g_mine,
	    struct alg_piece g_theirs,
	    const uint8_t cookie_mine[IKE_COOKIE_OCTETS],
	    const uint8_t cookie_theirs[IKE_COOKIE_OCTETS], struct alg_piece sa,
	    struct alg_piece id, uint8_t out[IKE_PRF_OCTETS_MAX])
{
	struct alg_piece pieces[] = {g_mine,
				     g_theirs,
				     {cookie_mine, IKE_COOKIE_OCTETS},
				     {cookie_theirs, IKE_COOKIE_OCTETS},
				     sa,
				     id};

	return ike_prf(keys->prf, keys->skeyid, keys->prf->octets, pieces, 6,
		       out);
}

int
ike_v1_keymat(const struct ike_v1_keys *keys, struct alg_piece shared,
	      uint8_t protocol, uint32_t spi, struct alg_piece ni,
	      struct alg_piece nr, uint8_t *out, size_t octets)
{
	struct be32 wire = be32_put(spi);
	struct alg_piece pieces[] = {
	    shared, {&protocol, 1}, {wire.b, sizeof(wire.b)}, ni, nr};
	unsigned skip = shared.n == 0 ? 1 : 0;

	return v1_expand(keys->prf, keys->d, pieces + skip, 5 - skip, true, out,
			 octets);
}
