/* A C face of ike/'s crypto, for C++ tests. Algorithms are named as the
 * configuration names them. */
#ifndef CRYPTO_SHIM_H
#define CRYPTO_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct shim_octets {
	const uint8_t *at;
	size_t n;
};

/* Octets of the PRF's output, or what it returned. */
int crypto_shim_prf(const char *prf, struct shim_octets key,
		    struct shim_octets data, uint8_t *out);
int crypto_shim_prf_plus(const char *prf, struct shim_octets key,
			 struct shim_octets seed, uint8_t *out, size_t octets);
/* Octets of the hash. */
int crypto_shim_hash(unsigned hash, struct shim_octets data, uint8_t *out);

/* Public value of a private one; shared secret with a peer's public value. */
int crypto_shim_public(const char *group, struct shim_octets mine, uint8_t *out,
		       size_t *octets);
int crypto_shim_shared(const char *group, struct shim_octets mine,
		       struct shim_octets peer, uint8_t *out, size_t *octets);
/* With a drawn private value: both ends agree, 0. */
int crypto_shim_agree(const char *group, uint64_t seed);

struct crypto_shim_v2 {
	const char *prf, *encr, *integ; /* integ NULL: AEAD */
	struct shim_octets shared, ni, nr, spi_i, spi_r;
	struct shim_octets old_d; /* rekey: SK_d of before, n 0 */
	uint8_t seed[64], d[64], ai[64], ar[64], ei[64], er[64], pi[64], pr[64];
};
int crypto_shim_v2_get(struct crypto_shim_v2 *v2);
/* After crypto_shim_v2_get(), of what it holds. */
int crypto_shim_v2_keymat(const struct crypto_shim_v2 *v2,
			  struct shim_octets shared, struct shim_octets ni,
			  struct shim_octets nr, uint8_t *out, size_t octets);
int crypto_shim_v2_psk(const struct crypto_shim_v2 *v2, int initiator,
		       struct shim_octets secret, struct shim_octets message,
		       struct shim_octets nonce, struct shim_octets id,
		       uint8_t *out);
/* Opens a message of that side in place: octets of payloads at *at, or what
 * ike_sk_open() returned. */
int crypto_shim_v2_open(const struct crypto_shim_v2 *v2, int initiator,
			uint8_t *message, size_t aad, size_t octets,
			size_t *at);
/* Seals text behind aad octets of header; octets of the whole. */
int crypto_shim_v2_seal(const struct crypto_shim_v2 *v2, int initiator,
			uint8_t *message, size_t aad, struct shim_octets text);

struct crypto_shim_v1 {
	const char *prf, *encr;
	struct shim_octets secret, shared, ni, nr, cookie_i, cookie_r;
	uint8_t skeyid[64], d[64], a[64], e[64], ka[64];
};
int crypto_shim_v1_get(struct crypto_shim_v1 *v1);
int crypto_shim_v1_iv(const struct crypto_shim_v1 *v1, struct shim_octets gxi,
		      struct shim_octets gxr, uint8_t *iv);
int crypto_shim_v1_iv_exchange(const struct crypto_shim_v1 *v1,
			       uint32_t message_id, uint8_t *iv);
int crypto_shim_v1_hash(const struct crypto_shim_v1 *v1, int initiator,
			struct shim_octets gxi, struct shim_octets gxr,
			struct shim_octets sa, struct shim_octets id,
			uint8_t *out);
int crypto_shim_v1_keymat(const struct crypto_shim_v1 *v1,
			  struct shim_octets shared, unsigned protocol,
			  uint32_t spi, struct shim_octets ni,
			  struct shim_octets nr, uint8_t *out, size_t octets);
int crypto_shim_v1_open(const struct crypto_shim_v1 *v1, uint8_t *iv,
			uint8_t *text, size_t octets);
int crypto_shim_v1_seal(const struct crypto_shim_v1 *v1, uint8_t *iv,
			uint8_t *text, size_t octets);

struct crypto_shim_facts {
	const char *name, *verdict;
	unsigned type, id, key_bits, v1, rfc, key, salt, iv, block, icv, octets;
	int seos, aead;
};
/* -1: no such row. */
int crypto_shim_facts_get(unsigned i, struct crypto_shim_facts *facts);
/* Whether every way to find row i finds it, and ESP's numbers go to and fro. */
int crypto_shim_facts_found(unsigned i);
int crypto_shim_esp_numbers(void);

#ifdef __cplusplus
}
#endif

#endif
