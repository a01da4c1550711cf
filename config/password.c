/*
 * libcrypt's keeper. Hashing takes some milliseconds on purpose; the memory it
 * works in is wiped.
 */
#include "password.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>

#include "secret.h"

/* A hash of no password: what an unknown name is compared with. */
static const char nobody[] = "$y$j9T$AAAAAAAAAAAAAAAAAAAAA.$"
			     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

int
password_hash(const uint8_t *password, size_t n,
	      uint8_t hash[static PASSWORD_HASH_MAX], size_t *hash_octets)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data = secret_alloc(sizeof(*data));
	char *text = secret_alloc(n + 1);
	const char *got = NULL;
	int err = -ENOMEM;

	if (data != NULL && text != NULL) {
		memcpy(text, password, n);
		err = strlen(text) == n ? -EIO : -EINVAL;
	}
	if (err == -EIO && crypt_gensalt_rn("$y$", 0, NULL, 0, setting,
					    (int)sizeof(setting)) != NULL)
		got = crypt_rn(text, setting, data, (int)sizeof(*data));
	if (got != NULL && strlen(got) <= PASSWORD_HASH_MAX) {
		*hash_octets = strlen(got);
		memcpy(hash, got, *hash_octets);
		err = 0;
	}
	secret_free(&text, n + 1);
	secret_free(&data, sizeof(*data));
	return err;
}

bool
password_holds(const uint8_t *hash, size_t hash_octets, const char *password)
{
	struct crypt_data *data = secret_alloc(sizeof(*data));
	char setting[PASSWORD_HASH_MAX + 1] = "";
	const char *got = NULL;
	bool holds = false;

	if (hash == NULL || hash_octets > PASSWORD_HASH_MAX)
		memcpy(setting, nobody, sizeof(nobody));
	else
		memcpy(setting, hash, hash_octets);
	if (data != NULL)
		got = crypt_rn(password, setting, data, (int)sizeof(*data));
	if (got != NULL && hash != NULL && strlen(got) == hash_octets)
		holds = secret_equal(got, hash, hash_octets);
	secret_free(&data, sizeof(*data));
	return holds;
}
