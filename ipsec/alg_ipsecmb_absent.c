/*
 * Stands in for alg_ipsecmb.c in a build without the library: there is no such
 * engine, and AUTO means OpenSSL.
 */
#include <errno.h>

#include "alg_ipsecmb.h"

int
alg_ipsecmb_new(struct alg_engine **engine)
{
	(void)engine;
	return -ENOTSUP;
}
