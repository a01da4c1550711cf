/*
 * The OpenSSL engine: always there, does every algorithm that is ready.
 */
#ifndef ALG_OPENSSL_H
#define ALG_OPENSSL_H

#include "alg_engine.h"

/* -ENOMEM. The caller owns it until engine->free(engine). */
int alg_openssl_new(struct alg_engine **engine);

#endif
