/*
 * What an engine is to alg.c: a table of functions. Engines include this, the
 * packet path does not.
 */
#ifndef ALG_ENGINE_H
#define ALG_ENGINE_H

#include "alg.h"

struct alg_engine {
	enum alg_engine_id id;

	/*
	 * The common part of *cipher is filled in by the caller afterwards.
	 * -ENOTSUP sends the caller to the next engine.
	 */
	int (*cipher_new)(struct alg_engine *engine,
			  const struct alg_keys *keys,
			  struct alg_cipher **cipher);
	void (*cipher_free)(struct alg_cipher *cipher);

	/* All ops are of this engine's ciphers. Sets the result of each. */
	void (*seal)(struct alg_engine *engine, struct esp_op *const ops[],
		     unsigned n);
	void (*open)(struct alg_engine *engine, struct esp_op *const ops[],
		     unsigned n);
	void (*free)(struct alg_engine *engine);
};

#endif
