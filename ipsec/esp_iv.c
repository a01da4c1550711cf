/*
 * Decides every outbound IV. Called by the SAD when an SA is installed and by
 * esp_out per packet; draws no randomness per packet itself, for that is
 * cheaper by the vector.
 *
 * RFC 3602 section 3, RFC 3686 section 3.1, RFC 4106 section 3.1. Under a seed
 * (replay and labs, on purpose) IVs can be foreseen by who knows the seed.
 */
#include "esp_iv.h"

#include <string.h>

#include "be.h"
#include "secret.h"

int
esp_iv_init(struct esp_iv *iv, const struct ipsec_alg *enc, uint32_t spi,
	    bool seeded, uint64_t seed)
{
	struct esp_iv v = {.spi = spi,
			   .octets = (uint16_t)enc->iv_octets,
			   .counter = enc->counter_iv};
	uint8_t block[ALG_PRF_OCTETS];
	struct be64 base;
	int err;

	if (!seeded) {
		err = secret_random(&v.base, sizeof(v.base));
		if (err == 0)
			*iv = v;
		return err;
	}
	err = secret_prf(seed, "iv", spi, 0, block, sizeof(block));
	if (err == 0)
		err = alg_prf_new(&v.prf, block);
	if (err == 0)
		err = alg_prf_block(v.prf, spi, 0, block);
	if (err != 0) {
		alg_prf_free(&v.prf);
		return err;
	}
	memcpy(base.b, block, sizeof(base.b));
	v.base = be64_get(base);
	*iv = v;
	return 0;
}

void
esp_iv_fini(struct esp_iv *iv)
{
	alg_prf_free(&iv->prf);
}

unsigned
esp_iv_random_octets(const struct esp_iv *iv)
{
	return iv->counter || iv->prf != NULL ? 0 : iv->octets;
}

int
esp_iv_put(const struct esp_iv *iv, uint64_t seq, const uint8_t *random,
	   uint8_t *to)
{
	uint8_t block[ALG_PRF_OCTETS];
	struct be64 number;
	int err = 0;

	if (iv->octets == 0)
		return 0;
	if (iv->counter) {
		number = be64_put(iv->base + seq);
		memcpy(to, number.b, iv->octets);
	} else if (iv->prf != NULL) {
		err = alg_prf_block(iv->prf, iv->spi, seq, block);
		memcpy(to, block, iv->octets);
	} else {
		memcpy(to, random, iv->octets);
	}
	return err;
}
