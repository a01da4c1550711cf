/*
 * Keys in memory: locked, kept out of core dumps, wiped, compared in constant
 * time; random octets; and the sealing of secrets that configurations save as
 * "encrypted 1 BASE64" (AES-256-GCM under the operator's key file).
 * This module and the ones named in docs/architecture.md are the only ones that
 * call OpenSSL.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECRET_KEY_OCTETS 32
#define SECRET_PRINT_OCTETS 32

/*
 * Zeroed memory for keys: own pages, locked where the limits allow, not in core
 * dumps. NULL without memory. The caller owns it until secret_free(), which
 * wipes it, takes the pointer's address, accepts NULL and leaves NULL.
 */
void *secret_alloc(size_t octets);
void secret_free(void *pointer_address, size_t octets);

/* Cannot be optimised away. */
void secret_wipe(void *p, size_t octets);

/* Constant time; true when all octets are equal. */
bool secret_equal(const void *a, const void *b, size_t octets);

/* From the system's generator. -EIO when it fails. */
int secret_random(void *p, size_t octets);

/*
 * A 32-octet fingerprint (HMAC-SHA-256 under salt) that tells two secrets apart
 * without telling either.
 */
int secret_print(const void *salt, size_t salt_octets, const void *p,
		 size_t octets, uint8_t print[SECRET_PRINT_OCTETS]);

/*
 * The octets of a PRF keyed with a seed: HMAC-SHA-256(seed, label | a | b), cut
 * to octets (at most 32). For --seed only: IVs that repeat on purpose.
 */
int secret_prf(uint64_t seed, const char *label, uint64_t a, uint64_t b,
	       void *out, size_t octets);

/*
 * The operator's key: read from path, or made there (mode 0600) when it does
 * not exist. -EACCES when others may read the file, -EINVAL when it holds no
 * key, or the errno of the failed call.
 */
int secret_key_load(const char *path, uint8_t key[SECRET_KEY_OCTETS]);

/*
 * The path that holds when --secret-key is not given. -ENAMETOOLONG, -ENOENT.
 */
int secret_key_path(char *path, size_t octets);

/*
 * Seals len octets to BASE64 (NUL-terminated; text_octets of at least
 * 4 * ((len + 28 + 2) / 3) + 1), and opens what was sealed. Open: -EBADMSG when
 * the text or the key is wrong, -ENOSPC when out is too small.
 */
int secret_seal(const uint8_t key[SECRET_KEY_OCTETS], const void *p, size_t len,
		char *text, size_t text_octets);
int secret_open(const uint8_t key[SECRET_KEY_OCTETS], const char *text,
		void *out, size_t out_octets, size_t *len);

#endif
