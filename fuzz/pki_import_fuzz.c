/*
 * Certificates, CRLs, keys and names from outside: what pki.h takes in. The
 * first octet chooses what the rest is said to be. Whatever it is, it must end
 * as an object whose rows can be shown and whose chain can be judged, or as an
 * error.
 */
#include <stdlib.h>
#include <string.h>

#include "pki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW UINT64_C(1700000000)

static void
look(struct pki *pki)
{
	struct alg_piece none = {NULL, 0};
	struct pki_row row;

	for (unsigned c = PKI_KEY; c <= PKI_CRL; c++) {
		uint32_t from = 0;

		while (pki_next(pki, (enum pki_class)c, from, NOW, 30, &row)) {
			struct alg_piece der =
			    pki_der(pki, row.class, row.handle);
			struct ike_key *key = NULL;
			const char *why = NULL;

			if (c == PKI_TRUSTED || c == PKI_SELF)
				(void)pki_verify(pki, &der, 1, 0, none, NOW,
						 &key, &why);
			ike_key_free(&key);
			from = row.handle + 1;
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct alg_piece id = {(const uint8_t *)"\xc0\x00\x02\x01", 4};
	struct alg_piece piece;
	struct ike_key *key = NULL;
	const char *why = NULL;
	struct pki *pki = NULL;
	uint32_t handle = 0;
	char text[PKI_TEXT_MAX];

	if (size < 2 || pki_open(&pki, NULL, NULL, NULL) != 0)
		return 0;
	piece = (struct alg_piece){data + 1, size - 1};
	switch (data[0] % 5) {
	case 0:
		(void)pki_import(pki, PKI_TRUSTED, NULL, data + 1, size - 1,
				 NOW, &handle);
		break;
	case 1:
		(void)pki_import(pki, PKI_CRL, NULL, data + 1, size - 1, NOW,
				 &handle);
		break;
	case 2:
		(void)pki_key_import(pki, "k", data + 1, size - 1);
		break;
	case 3:
		pki_dn_text(data + 1, size - 1, text, sizeof(text));
		break;
	default:
		(void)pki_verify(pki, &piece, 1, data[1] % 12, id, NOW, &key,
				 &why);
		ike_key_free(&key);
		break;
	}
	look(pki);
	pki_free(&pki);
	return 0;
}
