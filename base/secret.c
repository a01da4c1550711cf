/*
 * Keys in memory and at rest. Memory comes in pages of its own, so that locking
 * and leaving out of core dumps concern keys alone. What is sealed is AES-256
 * GCM with a random 96-bit nonce, saved as BASE64 of nonce, ciphertext and tag
 * (NIST SP 800-38D); one key seals far fewer than the 2^32 secrets for which
 * random nonces are safe. The operator's key file is 64 hexadecimal digits and
 * a line end. Called by everyone who holds a key; logs nothing, ever.
 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "be.h"
#include "hex.h"

#define NONCE_OCTETS 12
#define TAG_OCTETS 16
#define SEAL_OCTETS (NONCE_OCTETS + TAG_OCTETS)
#define KEY_DIGITS (2 * SECRET_KEY_OCTETS)
#define PRF_LABEL_MAX 64

void *
secret_alloc(size_t octets)
{
	void *p;

	if (octets == 0)
		octets = 1;
	p = mmap(NULL, octets, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	/* Both are best effort: a small RLIMIT_MEMLOCK must not stop us. */
	(void)mlock(p, octets);
	(void)madvise(p, octets, MADV_DONTDUMP);
	return p;
}

void
secret_free(void *pointer_address, size_t octets)
{
	void *p;

	memcpy(&p, pointer_address, sizeof(p));
	if (p == NULL)
		return;
	if (octets == 0)
		octets = 1;
	secret_wipe(p, octets);
	(void)munmap(p, octets);
	p = NULL;
	memcpy(pointer_address, &p, sizeof(p));
}

void
secret_wipe(void *p, size_t octets)
{
	if (octets > 0)
		OPENSSL_cleanse(p, octets);
}

bool
secret_equal(const void *a, const void *b, size_t octets)
{
	return octets == 0 || CRYPTO_memcmp(a, b, octets) == 0;
}

int
secret_random(void *p, size_t octets)
{
	if (octets > INT_MAX || RAND_bytes(p, (int)octets) != 1)
		return -EIO;
	return 0;
}

static int
hmac_sha256(const void *key, size_t key_octets, const void *p, size_t octets,
	    uint8_t out[SECRET_PRINT_OCTETS])
{
	unsigned len = 0;

	if (key_octets > INT_MAX)
		return -EINVAL;
	if (HMAC(EVP_sha256(), key, (int)key_octets, p, octets, out, &len) ==
		NULL ||
	    len != SECRET_PRINT_OCTETS)
		return -EIO;
	return 0;
}

int
secret_print(const void *salt, size_t salt_octets, const void *p, size_t octets,
	     uint8_t print[SECRET_PRINT_OCTETS])
{
	return hmac_sha256(salt, salt_octets, p, octets, print);
}

int
secret_prf(uint64_t seed, const char *label, uint64_t a, uint64_t b, void *out,
	   size_t octets)
{
	struct be64 key = be64_put(seed);
	struct be64 words[2] = {be64_put(a), be64_put(b)};
	uint8_t text[PRF_LABEL_MAX + sizeof(words)];
	uint8_t full[SECRET_PRINT_OCTETS];
	size_t label_octets = strlen(label);
	int error;

	if (label_octets > PRF_LABEL_MAX || octets > sizeof(full))
		return -EINVAL;
	memcpy(text, label, label_octets); /* NOLINT(*-null-terminated-*) */
	memcpy(text + label_octets, words[0].b, sizeof(words[0].b));
	memcpy(text + label_octets + sizeof(words[0].b), words[1].b,
	       sizeof(words[1].b));
	error = hmac_sha256(key.b, sizeof(key.b), text,
			    label_octets + sizeof(words), full);
	if (error == 0)
		memcpy(out, full, octets);
	return error;
}

/* The directories on the way to path, 0700, where they do not exist yet. */
static int
make_parents(const char *path)
{
	char dir[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(dir))
		return -ENAMETOOLONG;
	memcpy(dir, path, len + 1);
	for (char *p = dir + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(dir, 0700) != 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return 0;
}

static int
write_key(int fd)
{
	uint8_t key[SECRET_KEY_OCTETS];
	char text[KEY_DIGITS + 1];
	int error = secret_random(key, sizeof(key));

	hex_put(key, sizeof(key), text);
	text[KEY_DIGITS] = '\n';
	if (error == 0) {
		ssize_t n = write(fd, text, sizeof(text));

		if (n < 0)
			error = -errno;
		else if ((size_t)n != sizeof(text))
			error = -ENOSPC;
	}
	if (error == 0 && fsync(fd) != 0)
		error = -errno;
	secret_wipe(key, sizeof(key));
	secret_wipe(text, sizeof(text));
	return error;
}

/*
 * Made under another name and linked, so that of two processes that make it at
 * the same time both end up with one and the same whole key.
 */
static int
make_key(const char *path)
{
	char made[PATH_MAX + 8];
	int error = make_parents(path);
	int fd;
	int n = snprintf(made, sizeof(made), "%s.XXXXXX", path);

	if (error != 0)
		return error;
	if (n < 0 || (size_t)n >= sizeof(made))
		return -ENAMETOOLONG;
	fd = mkostemp(made, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return -errno;
	error = write_key(fd);
	(void)close(fd);
	if (error == 0 && link(made, path) != 0 && errno != EEXIST)
		error = -errno;
	(void)unlink(made);
	return error;
}

static int
parse_key(const char *text, size_t len, uint8_t key[SECRET_KEY_OCTETS])
{
	if (len == KEY_DIGITS + 1 && text[KEY_DIGITS] == '\n')
		len--;
	if (len != KEY_DIGITS)
		return -EINVAL;
	return hex_get(text, SECRET_KEY_OCTETS, key);
}

static int
read_key(int fd, uint8_t key[SECRET_KEY_OCTETS])
{
	char text[KEY_DIGITS + 2];
	struct stat st;
	ssize_t n;
	int error;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return -EACCES;
	n = read(fd, text, sizeof(text));
	if (n < 0)
		return -errno;
	error = parse_key(text, (size_t)n, key);
	secret_wipe(text, sizeof(text));
	return error;
}

int
secret_key_load(const char *path, uint8_t key[SECRET_KEY_OCTETS])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int error;

	if (fd < 0 && errno == ENOENT) {
		error = make_key(path);
		if (error != 0)
			return error;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	if (fd < 0)
		return -errno;
	error = read_key(fd, key);
	(void)close(fd);
	return error;
}

int
secret_key_path(char *path, size_t octets)
{
	const char *base = getenv("XDG_CONFIG_HOME");
	const char *between = "";
	int n;

	if (base == NULL || base[0] != '/') {
		base = getenv("HOME");
		between = "/.config";
	}
	if (base == NULL || base[0] != '/')
		return -ENOENT;
	n = snprintf(path, octets, "%s%s/sesim/key", base, between);
	if (n < 0 || (size_t)n >= octets)
		return -ENAMETOOLONG;
	return 0;
}

static int
gcm_seal(EVP_CIPHER_CTX *cipher, const uint8_t key[SECRET_KEY_OCTETS],
	 const void *p, size_t len, uint8_t *box)
{
	int n = 0;
	int last = 0;

	if (EVP_EncryptInit_ex2(cipher, EVP_aes_256_gcm(), key, box, NULL) !=
		1 ||
	    EVP_EncryptUpdate(cipher, box + NONCE_OCTETS, &n, p, (int)len) !=
		1 ||
	    EVP_EncryptFinal_ex(cipher, box + NONCE_OCTETS + n, &last) != 1 ||
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, TAG_OCTETS,
				box + NONCE_OCTETS + len) != 1)
		return -EIO;
	return 0;
}

static int
gcm_open(EVP_CIPHER_CTX *cipher, const uint8_t key[SECRET_KEY_OCTETS],
	 uint8_t *box, size_t len, uint8_t *out)
{
	int n = 0;
	int last = 0;

	if (EVP_DecryptInit_ex2(cipher, EVP_aes_256_gcm(), key, box, NULL) !=
		1 ||
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, TAG_OCTETS,
				box + NONCE_OCTETS + len) != 1 ||
	    EVP_DecryptUpdate(cipher, out, &n, box + NONCE_OCTETS, (int)len) !=
		1)
		return -EIO;
	/* The tag is compared here; nothing of out is handed on before. */
	if (EVP_DecryptFinal_ex(cipher, out + n, &last) != 1)
		return -EBADMSG;
	return 0;
}

int
secret_seal(const uint8_t key[SECRET_KEY_OCTETS], const void *p, size_t len,
	    char *text, size_t text_octets)
{
	EVP_CIPHER_CTX *cipher;
	uint8_t *box;
	int error;

	if (len > INT_MAX / 2)
		return -EINVAL;
	if (text_octets < 4 * ((len + SEAL_OCTETS + 2) / 3) + 1)
		return -ENOSPC;
	box = malloc(len + SEAL_OCTETS);
	cipher = EVP_CIPHER_CTX_new();
	error = box == NULL || cipher == NULL ? -ENOMEM : 0;
	if (error == 0)
		error = secret_random(box, NONCE_OCTETS);
	if (error == 0)
		error = gcm_seal(cipher, key, p, len, box);
	if (error == 0)
		(void)EVP_EncodeBlock((unsigned char *)text, box,
				      (int)(len + SEAL_OCTETS));
	EVP_CIPHER_CTX_free(cipher);
	free(box);
	return error;
}

/* Octets that the text stands for, or -EBADMSG when it is no such text. */
static ssize_t
unwrapped_octets(const char *text)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	size_t len = strlen(text);
	size_t good = strspn(text, alphabet);

	/* Whole groups of four, at most two '=' and those at the end. */
	if (len == 0 || len > INT_MAX / 2 || len % 4 != 0 || len - good > 2 ||
	    strspn(text + good, "=") != len - good)
		return -EBADMSG;
	return (ssize_t)(len / 4 * 3 - (len - good));
}

/*
 * Text to octets (box holds three more than it stands for). Bits that the last
 * group does not use must be 0 (RFC 4648 section 3.5), or several texts would
 * open to one secret.
 */
static int
unwrap(const char *text, uint8_t *box, size_t octets)
{
	size_t len = strlen(text);
	size_t rest = (octets - 1) % 3 + 1;
	unsigned char again[5];

	if (EVP_DecodeBlock(box, (const unsigned char *)text, (int)len) < 0)
		return -EBADMSG;
	(void)EVP_EncodeBlock(again, box + octets - rest, (int)rest);
	return memcmp(again, text + len - 4, 4) == 0 ? 0 : -EBADMSG;
}

int
secret_open(const uint8_t key[SECRET_KEY_OCTETS], const char *text, void *out,
	    size_t out_octets, size_t *len)
{
	ssize_t boxed = unwrapped_octets(text);
	EVP_CIPHER_CTX *cipher;
	uint8_t *box;
	uint8_t *clear;
	size_t n;
	int error;

	if (boxed < SEAL_OCTETS)
		return -EBADMSG;
	n = (size_t)boxed - SEAL_OCTETS;
	if (n > out_octets)
		return -ENOSPC;
	box = malloc((size_t)boxed + 3); /* EVP_DecodeBlock rounds up */
	clear = secret_alloc(n);
	cipher = EVP_CIPHER_CTX_new();
	error = box == NULL || clear == NULL || cipher == NULL ? -ENOMEM : 0;
	if (error == 0)
		error = unwrap(text, box, (size_t)boxed);
	if (error == 0)
		error = gcm_open(cipher, key, box, n, clear);
	if (error == 0) {
		memcpy(out, clear, n);
		*len = n;
	}
	EVP_CIPHER_CTX_free(cipher);
	secret_free(&clear, n);
	free(box);
	return error;
}
