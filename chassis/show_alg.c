/*
 * The algorithms there are: the table of facts, row by row. Which engine runs
 * an SA is in show ipsec sa; here stands which could.
 */
#include <stdio.h>

#include "ipsec_alg.h"
#include "show.h"

static json_t *
engines(const struct ipsec_alg *alg)
{
	return alg->ipsecmb ? json_pack("[s, s]", "openssl", "ipsec-mb")
			    : json_pack("[s]", "openssl");
}

static json_t *
alg_row(const struct ipsec_alg *alg)
{
	bool encrypts = alg->kind == IPSEC_ALG_ENCRYPTION;
	char standard[32];

	(void)snprintf(standard, sizeof(standard), "RFC %u", alg->rfc);
	return json_pack(
	    "{s:s, s:s, s:i, s:i, s:i, s:i, s:o, s:o, s:s, s:s, s:b}", "name",
	    alg->name, "kind",
	    !encrypts   ? "authentication"
	    : alg->aead ? "aead"
			: "encryption",
	    "key_octets", (int)alg->key_octets, "salt_octets",
	    (int)alg->salt_octets, "iv_octets", (int)alg->iv_octets,
	    "icv_octets", (int)alg->icv_octets, "engines", engines(alg), "rfc",
	    alg->rfc != 0 ? json_integer(alg->rfc) : json_null(), "standard",
	    alg->rfc != 0 ? standard : alg->standard, "verdict", alg->verdict,
	    "seos", (int)alg->seos);
}

json_t *
show_ipsec_algorithms(struct chs *chs, const json_t *args)
{
	json_t *list = json_array();
	const struct ipsec_alg *alg;

	(void)chs;
	(void)args;
	for (unsigned id = IPSEC_ALG_INVALID + 1;
	     (alg = ipsec_alg_get((enum ipsec_alg_id)id)) != NULL; id++)
		(void)json_array_append_new(list, alg_row(alg));
	return json_pack("{s:o}", "algorithms", list);
}
