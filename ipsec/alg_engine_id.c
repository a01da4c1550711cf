/*
 * The words of the engines, in one table.
 */
#include "alg_engine_id.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const char *const words[ALG_ENGINE_MAX] = {
    [ALG_ENGINE_AUTO] = "auto",
    [ALG_ENGINE_OPENSSL] = "openssl",
    [ALG_ENGINE_IPSECMB] = "ipsec-mb",
};

const char *
alg_engine_word(unsigned id)
{
	return id < ALG_ENGINE_MAX ? words[id] : NULL;
}

int
alg_engine_parse(const char *word, enum alg_engine_id *id)
{
	for (unsigned i = 0; i < ALG_ENGINE_MAX; i++) {
		if (strcmp(word, words[i]) == 0) {
			*id = (enum alg_engine_id)i;
			return 0;
		}
	}
	return -EINVAL;
}
