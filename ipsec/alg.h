/*
 * The one face of crypto for the packet path. ESP hands whole vectors of
 * operations over; an engine (OpenSSL always, others where built) runs them, so
 * that a multi-buffer engine sees many packets at once. Nothing outside the
 * engine files names a crypto library, and nothing here switches on algorithm.
 *
 * One thread per struct alg and per cipher.
 */
#ifndef ALG_H
#define ALG_H

#include <stdbool.h>
#include <stdint.h>

#include "alg_engine_id.h"
#include "ipsec_alg.h"

#define ALG_VEC_MAX 256
#define ALG_ENGINES_MAX 2

struct alg;
struct alg_engine;

enum alg_direction { ALG_SEAL, ALG_OPEN };

/*
 * What a cipher is made of. The keys are borrowed until alg_cipher_free(): an
 * engine may read salt or key where they lie. An encryption key carries its
 * salt at the end. Lengths are exact but for HMAC keys, which may be any.
 */
struct alg_keys {
	enum alg_direction direction;
	enum ipsec_alg_id enc;
	enum ipsec_alg_id auth;
	const uint8_t *enc_key;
	unsigned enc_key_octets;
	const uint8_t *auth_key;
	unsigned auth_key_octets;
};

/*
 * A keyed cipher for one SA and one direction: contexts made once. What stands
 * here is common; the engine puts its own behind it.
 */
struct alg_cipher {
	const struct ipsec_alg *enc;
	const struct ipsec_alg *auth;
	struct alg_engine *engine;
	enum alg_direction direction;
};

/*
 * One packet. In memory aad, iv and text follow one another without a gap, as
 * they do in ESP. text is sealed and opened in place; its length is a multiple
 * of the cipher's block. icv is written by seal and compared by open. With esn
 * the number's high half is authenticated as RFC 4303 section 2.2.1 and RFC
 * 4106 section 5 say; icv must then follow text without a gap, and aad be the 8
 * octets of an ESP header.
 *
 * aad and text are not both empty: ESP has its header.
 *
 * result: 0; -EBADMSG when open finds the ICV wrong (text is then rubbish);
 * -EIO when the engine refused.
 */
struct esp_op {
	struct alg_cipher *cipher;
	const uint8_t *aad; /* the ESP header */
	const uint8_t *iv;
	uint8_t *text;
	uint8_t *icv;
	uint32_t aad_octets;
	uint32_t text_octets;
	uint32_t seq_high;
	bool esn;
	int result;
};

/*
 * The crypto of this process. AUTO takes the fastest engine there is; whichever
 * is taken, what it can not do falls to OpenSSL, SA by SA.
 * -ENOTSUP when the engine is not in this build or the processor lacks what it
 * needs, -ENOMEM.
 */
int alg_new(struct alg **alg, enum alg_engine_id id);

/* Every cipher of it must have been freed. Takes the address, leaves NULL. */
void alg_free(struct alg **alg);

/* The engine that is asked first, never AUTO; and its word. */
enum alg_engine_id alg_engine(const struct alg *alg);
const char *alg_engine_name(const struct alg *alg);

/*
 * A cipher from the first engine that can do it; the caller owns it until
 * alg_cipher_free(). -ENOTSUP when none can, -EINVAL when the pair or a key
 * length is wrong, -ENOMEM, -EIO when a library call failed.
 */
int alg_cipher_new(struct alg *alg, const struct alg_keys *keys,
		   struct alg_cipher **cipher);

/* The engine that runs it, never AUTO: another than asked first, where that one
 * lacks the algorithms. alg_engine_word() names it. */
enum alg_engine_id alg_cipher_engine(const struct alg_cipher *cipher);

/*
 * Asks the memory for what alg_seal_vec() and alg_open_vec() read first of a
 * cipher; the keys they ask for themselves, a few packets ahead.
 */
static inline void
alg_cipher_ahead(const struct alg_cipher *cipher)
{
	__builtin_prefetch(cipher);
}

/* Wipes what the engine made of the keys. Accepts NULL, leaves NULL. */
void alg_cipher_free(struct alg_cipher **cipher);

/* At most ALG_VEC_MAX operations, ciphers of the right direction. */
void alg_seal_vec(struct alg *alg, struct esp_op *ops, unsigned n);
void alg_open_vec(struct alg *alg, struct esp_op *ops, unsigned n);

/*
 * A PRF from (SPI, sequence number) to a block, for IVs that a seed repeats on
 * purpose: AES-128-ECB of SPI | 0 | number. A permutation, so blocks under one
 * key differ while the pairs do.
 */
struct alg_prf;

#define ALG_PRF_OCTETS 16

/* -ENOMEM, -EIO. The key is copied. */
int alg_prf_new(struct alg_prf **prf, const uint8_t key[ALG_PRF_OCTETS]);
void alg_prf_free(struct alg_prf **prf);

/* -EIO when the library refused. */
int alg_prf_block(struct alg_prf *prf, uint32_t spi, uint64_t seq,
		  uint8_t block[ALG_PRF_OCTETS]);

#endif
