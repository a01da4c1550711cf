/*
 * Which engine does what. A process chooses one engine; an SA whose algorithms
 * it lacks falls back to the next, so a vector may hold operations of both:
 * they are handed out engine by engine, in order. No crypto stands here.
 */
#include "alg.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "alg_engine.h"
#include "alg_ipsecmb.h"
#include "alg_openssl.h"

struct alg {
	struct alg_engine *engines[ALG_ENGINES_MAX]; /* asked in this order */
	unsigned n;
};

/* The multi-buffer engine before OpenSSL, where it is wanted and can be had. */
static int
engines_make(struct alg *alg, enum alg_engine_id id)
{
	int err = -ENOTSUP;

	if (id != ALG_ENGINE_OPENSSL)
		err = alg_ipsecmb_new(&alg->engines[0]);
	if (err == 0)
		alg->n = 1;
	else if (id == ALG_ENGINE_IPSECMB || err != -ENOTSUP)
		return err;
	err = alg_openssl_new(&alg->engines[alg->n]);
	if (err == 0)
		alg->n++;
	return err;
}

int
alg_new(struct alg **alg, enum alg_engine_id id)
{
	struct alg *a;
	int err;

	if (id >= ALG_ENGINE_MAX)
		return -ENOTSUP;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return -ENOMEM;
	err = engines_make(a, id);
	if (err != 0) {
		alg_free(&a);
		return err;
	}
	*alg = a;
	return 0;
}

void
alg_free(struct alg **alg)
{
	if (*alg == NULL)
		return;
	for (unsigned i = 0; i < (*alg)->n; i++)
		(*alg)->engines[i]->free((*alg)->engines[i]);
	free(*alg);
	*alg = NULL;
}

enum alg_engine_id
alg_engine(const struct alg *alg)
{
	return alg->engines[0]->id;
}

const char *
alg_engine_name(const struct alg *alg)
{
	return alg_engine_word(alg_engine(alg));
}

enum alg_engine_id
alg_cipher_engine(const struct alg_cipher *cipher)
{
	return cipher->engine->id;
}

static int
keys_check(const struct alg_keys *keys)
{
	const struct ipsec_alg *enc = ipsec_alg_get(keys->enc);
	const struct ipsec_alg *auth = ipsec_alg_get(keys->auth);

	if (!ipsec_alg_pair_valid(keys->enc, keys->auth))
		return -EINVAL;
	if (keys->enc_key_octets != ipsec_alg_keymat_octets(enc))
		return -EINVAL;
	if (auth->key_octets != 0 && keys->auth_key_octets == 0)
		return -EINVAL;
	return 0;
}

int
alg_cipher_new(struct alg *alg, const struct alg_keys *keys,
	       struct alg_cipher **cipher)
{
	struct alg_cipher *c = NULL;
	int err = keys_check(keys);

	if (err != 0)
		return err;
	err = -ENOTSUP;
	for (unsigned i = 0; i < alg->n && err == -ENOTSUP; i++) {
		err = alg->engines[i]->cipher_new(alg->engines[i], keys, &c);
		if (err == 0)
			c->engine = alg->engines[i];
	}
	if (err != 0)
		return err;
	c->enc = ipsec_alg_get(keys->enc);
	c->auth = ipsec_alg_get(keys->auth);
	c->direction = keys->direction;
	*cipher = c;
	return 0;
}

void
alg_cipher_free(struct alg_cipher **cipher)
{
	if (*cipher == NULL)
		return;
	(*cipher)->engine->cipher_free(*cipher);
	*cipher = NULL;
}

static unsigned
ops_of(struct esp_op *ops, unsigned n, const struct alg_engine *engine,
       struct esp_op *of[ALG_VEC_MAX])
{
	unsigned m = 0;

	for (unsigned i = 0; i < n; i++) {
		if (ops[i].cipher->engine == engine)
			of[m++] = &ops[i];
	}
	return m;
}

void
alg_seal_vec(struct alg *alg, struct esp_op *ops, unsigned n)
{
	struct esp_op *of[ALG_VEC_MAX];

	assert(n <= ALG_VEC_MAX);
	for (unsigned e = 0; e < alg->n; e++) {
		unsigned m = ops_of(ops, n, alg->engines[e], of);

		if (m != 0)
			alg->engines[e]->seal(alg->engines[e], of, m);
	}
}

void
alg_open_vec(struct alg *alg, struct esp_op *ops, unsigned n)
{
	struct esp_op *of[ALG_VEC_MAX];

	assert(n <= ALG_VEC_MAX);
	for (unsigned e = 0; e < alg->n; e++) {
		unsigned m = ops_of(ops, n, alg->engines[e], of);

		if (m != 0)
			alg->engines[e]->open(alg->engines[e], of, m);
	}
}
