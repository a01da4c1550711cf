/*
 * Passwords are kept as hashes (yescrypt, crypt(5)); nothing gets them back.
 */
#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PASSWORD_HASH_MAX 128

/*
 * The hash of a password under a fresh salt, octets without a NUL. -EINVAL for
 * a password with a NUL octet, -EIO when libcrypt refuses, -ENOMEM.
 */
int password_hash(const uint8_t *password, size_t n,
		  uint8_t hash[static PASSWORD_HASH_MAX], size_t *hash_octets);

/*
 * Whether the password has that hash. hash NULL, of a name that nobody has:
 * false, after as much work.
 */
bool password_holds(const uint8_t *hash, size_t hash_octets,
		    const char *password);

#endif
