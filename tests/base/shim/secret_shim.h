/* secret.h with plain types. */
#ifndef SECRET_SHIM_H
#define SECRET_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SECRET_SHIM_KEY 32

void *secret_shim_alloc(size_t octets);
/* 1: the pointer is NULL afterwards. */
int secret_shim_free(void *p, size_t octets);
void secret_shim_wipe(void *p, size_t octets);
int secret_shim_equal(const void *a, const void *b, size_t octets);
int secret_shim_random(void *p, size_t octets);
int secret_shim_print(const void *salt, size_t salt_octets, const void *p,
		      size_t octets, uint8_t print[32]);
int secret_shim_prf(uint64_t seed, const char *label, uint64_t a, uint64_t b,
		    void *out, size_t octets);
int secret_shim_key_load(const char *path, uint8_t key[SECRET_SHIM_KEY]);
int secret_shim_key_path(char *path, size_t octets);
int secret_shim_seal(const uint8_t key[SECRET_SHIM_KEY], const void *p,
		     size_t len, char *text, size_t text_octets);
int secret_shim_open(const uint8_t key[SECRET_SHIM_KEY], const char *text,
		     void *out, size_t out_octets, size_t *len);

#ifdef __cplusplus
}
#endif
#endif
