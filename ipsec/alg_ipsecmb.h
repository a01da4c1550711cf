/*
 * The multi-buffer engine: Intel IPsec-MB 1.3 or later. Absent from builds
 * without the library (alg_ipsecmb_absent.c stands in).
 */
#ifndef ALG_IPSECMB_H
#define ALG_IPSECMB_H

#include "alg_engine.h"

/*
 * -ENOTSUP when this build lacks the library or this processor what it needs
 * (AES and carry-less multiplication), or when its self-test failed; -ENOMEM.
 * The caller owns the engine until engine->free(engine).
 */
int alg_ipsecmb_new(struct alg_engine **engine);

#endif
