/*
 * The PRF behind seeded IVs: one AES block under a key made from the seed. Used
 * by esp_iv.c in replays and labs that are to repeat; never draws randomness.
 */
#include "alg.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "be.h"

struct alg_prf {
	EVP_CIPHER_CTX *ctx;
};

int
alg_prf_new(struct alg_prf **prf, const uint8_t key[ALG_PRF_OCTETS])
{
	struct alg_prf *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -ENOMEM;
	p->ctx = EVP_CIPHER_CTX_new();
	if (p->ctx == NULL) {
		free(p);
		return -ENOMEM;
	}
	if (EVP_EncryptInit_ex(p->ctx, EVP_aes_128_ecb(), NULL, key, NULL) !=
		1 ||
	    EVP_CIPHER_CTX_set_padding(p->ctx, 0) != 1) {
		alg_prf_free(&p);
		return -EIO;
	}
	*prf = p;
	return 0;
}

void
alg_prf_free(struct alg_prf **prf)
{
	if (*prf == NULL)
		return;
	EVP_CIPHER_CTX_free((*prf)->ctx);
	free(*prf);
	*prf = NULL;
}

int
alg_prf_block(struct alg_prf *prf, uint32_t spi, uint64_t seq,
	      uint8_t block[ALG_PRF_OCTETS])
{
	struct {
		struct be32 spi;
		struct be32 zero;
		struct be64 seq;
	} in = {be32_put(spi), {{0}}, be64_put(seq)};
	int octets = 0;

	static_assert(sizeof(in) == ALG_PRF_OCTETS, "one AES block");
	if (EVP_EncryptUpdate(prf->ctx, block, &octets, (const uint8_t *)&in,
			      (int)sizeof(in)) != 1 ||
	    octets != ALG_PRF_OCTETS)
		return -EIO;
	return 0;
}
