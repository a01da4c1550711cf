/* Hands everything through. */
#include "secret_shim.h"

#include "secret.h"

void *
secret_shim_alloc(size_t octets)
{
	return secret_alloc(octets);
}

int
secret_shim_free(void *p, size_t octets)
{
	secret_free(&p, octets);
	return p == NULL;
}

void
secret_shim_wipe(void *p, size_t octets)
{
	secret_wipe(p, octets);
}

int
secret_shim_equal(const void *a, const void *b, size_t octets)
{
	return secret_equal(a, b, octets);
}

int
secret_shim_random(void *p, size_t octets)
{
	return secret_random(p, octets);
}

int
secret_shim_print(const void *salt, size_t salt_octets, const void *p,
		  size_t octets, uint8_t print[32])
{
	return secret_print(salt, salt_octets, p, octets, print);
}

int
secret_shim_prf(uint64_t seed, const char *label, uint64_t a, uint64_t b,
		void *out, size_t octets)
{
	return secret_prf(seed, label, a, b, out, octets);
}

int
secret_shim_key_load(const char *path, uint8_t key[SECRET_SHIM_KEY])
{
	return secret_key_load(path, key);
}

int
secret_shim_key_path(char *path, size_t octets)
{
	return secret_key_path(path, octets);
}

int
secret_shim_seal(const uint8_t key[SECRET_SHIM_KEY], const void *p, size_t len,
		 char *text, size_t text_octets)
{
	return secret_seal(key, p, len, text, text_octets);
}

int
secret_shim_open(const uint8_t key[SECRET_SHIM_KEY], const char *text,
		 void *out, size_t out_octets, size_t *len)
{
	return secret_open(key, text, out, out_octets, len);
}
