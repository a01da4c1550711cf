/* A C face of the crypto face and of the table of facts, for C++ tests. */
#ifndef ALG_SHIM_H
#define ALG_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct alg_shim_op {
	const char *enc, *auth;
	const uint8_t *enc_key, *auth_key;
	unsigned enc_key_octets, auth_key_octets;
	const uint8_t *aad, *iv;
	unsigned aad_octets;
	uint8_t *text; /* in place */
	unsigned text_octets;
	uint8_t *icv;
	int esn;
	uint32_t seq_high;
};

/*
 * 0, the operation's result, or what making the cipher said. Each runs the
 * operation several times in one vector over copies: all must agree.
 */
int alg_shim_seal(const struct alg_shim_op *op);
int alg_shim_open(const struct alg_shim_op *op);

/* 0, or why there is no such engine here. */
int alg_shim_has(const char *engine);
/* The name of the engine that the word gives. */
const char *alg_shim_engine(const char *engine);
/* The engine that runs the pair, when SHIM_ENGINE is asked first. */
const char *alg_shim_runs(const char *enc, const char *auth);

/* The engine of this test program, for other shims; the caller frees it. */
struct alg;
struct alg *alg_shim_new(void);

struct alg_shim_facts {
	const char *name, *verdict, *wireshark, *standard;
	int encryption, aead, ipsecmb;
	unsigned key, salt, iv, block, icv, rfc;
};

/* -1 when there is no such number; 1 .. alg_shim_max() - 1 */
int alg_shim_facts_get(unsigned id, struct alg_shim_facts *facts);
unsigned alg_shim_max(void);
unsigned alg_shim_find(const char *name, int encryption);
int alg_shim_pair_valid(const char *enc, const char *auth);
int alg_shim_pair_unauthenticated(const char *enc, const char *auth);

/* 1 when a slot given back comes again empty. */
int alg_shim_arena_wipes(void);
/* Octets of slots taken before a chunk could hold no more, for n slots. */
int alg_shim_arena_holds(unsigned n);

#ifdef __cplusplus
}
#endif

#endif
