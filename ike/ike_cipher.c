/*
 * IKE messages through the engine of ESP: what it authenticates (octets before
 * the IV, IV, text) and how it makes nonces is the same in both, by design of
 * RFC 4303, 5282 and 5930. No crypto library is named here.
 */
#include "ike_cipher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "be.h"
#include "secret.h"

struct ike_cipher {
	struct alg *alg;
	struct alg_cipher *cipher;
	const struct ike_alg *encr;
	size_t icv_octets;
	uint64_t counter; /* the next IV where that is a counter */
	uint8_t key[IPSEC_ALG_KEY_MAX];
	uint8_t integ_key[IPSEC_ALG_KEY_MAX];
};

int
ike_cipher_new(struct ike_crypto *crypto, enum alg_direction direction,
	       const struct ike_alg *encr, const uint8_t *key,
	       const struct ike_alg *integ, const uint8_t *integ_key,
	       struct ike_cipher **cipher)
{
	struct ike_cipher *c = calloc(1, sizeof(*c));
	struct alg_keys keys = {
	    .direction = direction, .enc = encr->ipsec, .auth = IPSEC_ALG_NONE};
	int err;

	if (c == NULL)
		return -ENOMEM;
	c->alg = ike_crypto_alg(crypto);
	c->encr = encr;
	c->icv_octets = integ == NULL ? encr->icv_octets : integ->icv_octets;
	keys.enc_key_octets = (unsigned)encr->key_octets + encr->salt_octets;
	memcpy(c->key, key, keys.enc_key_octets);
	keys.enc_key = c->key;
	if (integ != NULL) {
		memcpy(c->integ_key, integ_key, integ->key_octets);
		keys.auth = integ->ipsec;
		keys.auth_key = c->integ_key;
		keys.auth_key_octets = integ->key_octets;
	}
	err = alg_cipher_new(c->alg, &keys, &c->cipher);
	if (err != 0)
		ike_cipher_free(&c);
	else
		*cipher = c;
	return err;
}

void
ike_cipher_free(struct ike_cipher **cipher)
{
	if (*cipher == NULL)
		return;
	alg_cipher_free(&(*cipher)->cipher);
	secret_wipe(*cipher, sizeof(**cipher));
	free(*cipher);
	*cipher = NULL;
}

size_t
ike_sk_iv_octets(const struct ike_cipher *cipher)
{
	return cipher->encr->iv_octets;
}

/* Text, padding and the octet that tells the padding. */
static size_t
padded(const struct ike_cipher *c, size_t text)
{
	size_t block = c->encr->block_octets;

	return (text + 1 + block - 1) / block * block;
}

size_t
ike_sk_octets(const struct ike_cipher *cipher, size_t text)
{
	return cipher->encr->iv_octets + padded(cipher, text) +
	       cipher->icv_octets;
}

/*
 * CBC wants an IV that nobody can foretell; the others one that never repeats
 * under the key, which is fresh (RFC 5282 section 3.1, RFC 5930 section 2).
 */
static int
iv_put(struct ike_cipher *c, uint8_t *iv,
       int (*random)(void *arg, void *p, size_t octets), void *arg)
{
	struct be64 wire;

	if (!ipsec_alg_get(c->encr->ipsec)->counter_iv)
		return random(arg, iv, c->encr->iv_octets);
	wire = be64_put(c->counter++);
	memcpy(iv, wire.b, sizeof(wire.b));
	return 0;
}

static struct esp_op
op_of(struct ike_cipher *c, uint8_t *message, size_t aad, size_t text)
{
	uint8_t *iv = message + aad;

	return (struct esp_op){.cipher = c->cipher,
			       .aad = message,
			       .iv = iv,
			       .text = iv + c->encr->iv_octets,
			       .icv = iv + c->encr->iv_octets + text,
			       .aad_octets = (uint32_t)aad,
			       .text_octets = (uint32_t)text};
}

int
ike_sk_seal(struct ike_cipher *cipher, uint8_t *message, size_t aad,
	    size_t text, int (*random)(void *arg, void *p, size_t octets),
	    void *arg)
{
	size_t whole = padded(cipher, text);
	struct esp_op op = op_of(cipher, message, aad, whole);
	int err = iv_put(cipher, message + aad, random, arg);

	if (err != 0)
		return err;
	memset(op.text + text, 0, whole - text);
	op.text[whole - 1] = (uint8_t)(whole - text - 1);
	alg_seal_vec(cipher->alg, &op, 1);
	return op.result;
}

int
ike_sk_open(struct ike_cipher *cipher, uint8_t *message, size_t aad,
	    size_t octets, size_t *text)
{
	size_t around = aad + cipher->encr->iv_octets + cipher->icv_octets;
	struct esp_op op;
	size_t whole;
	size_t pad;

	if (octets < around + cipher->encr->block_octets)
		return -EBADMSG;
	whole = octets - around;
	if (whole % cipher->encr->block_octets != 0)
		return -EBADMSG;
	op = op_of(cipher, message, aad, whole);
	alg_open_vec(cipher->alg, &op, 1);
	if (op.result != 0)
		return op.result;
	pad = (size_t)op.text[whole - 1] + 1;
	if (pad > whole)
		return -EINVAL;
	*text = whole - pad;
	return 0;
}

int
ike_cbc(struct ike_cipher *cipher, uint8_t iv[IPSEC_ALG_IV_MAX], uint8_t *text,
	size_t octets)
{
	size_t block = cipher->encr->block_octets;
	bool seal = cipher->cipher->direction == ALG_SEAL;
	uint8_t next[IPSEC_ALG_IV_MAX];
	struct esp_op op = {.cipher = cipher->cipher,
			    .aad = text,
			    .iv = iv,
			    .text = text,
			    .icv = text + octets,
			    .text_octets = (uint32_t)octets};

	if (octets == 0 || octets % block != 0 || octets > UINT16_MAX)
		return -EINVAL;
	if (!seal)
		memcpy(next, text + octets - block, block);
	if (seal)
		alg_seal_vec(cipher->alg, &op, 1);
	else
		alg_open_vec(cipher->alg, &op, 1);
	if (op.result != 0)
		return op.result;
	if (seal)
		memcpy(next, text + octets - block, block);
	memcpy(iv, next, block);
	return 0;
}
