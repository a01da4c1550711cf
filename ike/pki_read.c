/*
 * Octets of others to certificates, CRLs, requests and keys, and names to and
 * from text. Whole objects only: what follows a DER object is refused.
 */
#include "pki_impl.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/store.h>

bool
pki_is_pem(const void *octets, size_t n)
{
	return n >= 11 && memmem(octets, n, "-----BEGIN ", 11) != NULL;
}

/* Never asks a terminal for a password. */
static int
no_password(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

static BIO *
bio_of(const void *octets, size_t n)
{
	return n == 0 || n > PKI_IMPORT_MAX ? NULL
					    : BIO_new_mem_buf(octets, (int)n);
}

/* more: a BIO to read the next PEM from; then octets are not looked at. */
X509 *
pki_read_cert(const void *octets, size_t n, BIO *more)
{
	const unsigned char *at = octets;
	BIO *bio = more;
	X509 *cert = NULL;

	if (more == NULL && !pki_is_pem(octets, n)) {
		if (n > 0 && n <= PKI_IMPORT_MAX)
			cert = d2i_X509(NULL, &at, (long)n);
		if (cert != NULL && at != (const unsigned char *)octets + n) {
			X509_free(cert);
			cert = NULL;
		}
		ERR_clear_error();
		return cert;
	}
	if (bio == NULL)
		bio = bio_of(octets, n);
	if (bio != NULL)
		cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);
	if (more == NULL)
		BIO_free(bio);
	ERR_clear_error();
	return cert;
}

X509_CRL *
pki_read_crl(const void *octets, size_t n)
{
	const unsigned char *at = octets;
	BIO *bio = bio_of(octets, n);
	X509_CRL *crl = NULL;

	if (bio == NULL)
		return NULL;
	if (pki_is_pem(octets, n))
		crl = PEM_read_bio_X509_CRL(bio, NULL, no_password, NULL);
	else
		crl = d2i_X509_CRL(NULL, &at, (long)n);
	if (crl != NULL && !pki_is_pem(octets, n) &&
	    at != (const unsigned char *)octets + n) {
		X509_CRL_free(crl);
		crl = NULL;
	}
	BIO_free(bio);
	ERR_clear_error();
	return crl;
}

X509_REQ *
pki_read_request(const void *octets, size_t n)
{
	BIO *bio = bio_of(octets, n);
	X509_REQ *req = NULL;

	if (bio == NULL)
		return NULL;
	if (pki_is_pem(octets, n))
		req = PEM_read_bio_X509_REQ(bio, NULL, no_password, NULL);
	else
		req = d2i_X509_REQ_bio(bio, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return req;
}

static bool
key_usable(const EVP_PKEY *key)
{
	int id = EVP_PKEY_get_base_id(key);

	return id == EVP_PKEY_RSA || id == EVP_PKEY_EC ||
	       id == EVP_PKEY_ED25519;
}

EVP_PKEY *
pki_read_key(const void *octets, size_t n)
{
	BIO *bio = bio_of(octets, n);
	EVP_PKEY *key = NULL;

	if (bio == NULL)
		return NULL;
	if (pki_is_pem(octets, n))
		key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	else
		key = d2i_PrivateKey_bio(bio, NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (key != NULL && !key_usable(key)) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

/* The schemes are those of the providers that openssl.cnf activates. */
EVP_PKEY *
pki_read_uri(const char *uri)
{
	OSSL_STORE_CTX *store =
	    OSSL_STORE_open_ex(uri, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
	EVP_PKEY *key = NULL;

	while (store != NULL && key == NULL && OSSL_STORE_eof(store) == 0) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (info == NULL)
			break;
		if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
			key = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
	}
	(void)OSSL_STORE_close(store);
	ERR_clear_error();
	return key;
}

EVP_PKEY *
pki_generate(enum ike_key_kind kind, unsigned bits)
{
	EVP_PKEY *key = NULL;

	if (kind == IKE_KEY_RSA && bits >= 512 && bits <= 4096 &&
	    bits % 64 == 0)
		key = EVP_RSA_gen(bits);
	else if (kind == IKE_KEY_EC && bits == 256)
		key = EVP_EC_gen("P-256");
	else if (kind == IKE_KEY_EC && bits == 384)
		key = EVP_EC_gen("P-384");
	else if (kind == IKE_KEY_EC && bits == 521)
		key = EVP_EC_gen("P-521");
	ERR_clear_error();
	return key;
}

uint64_t
pki_time_s(const ASN1_TIME *at)
{
	struct tm tm;
	time_t t;

	if (at == NULL || ASN1_TIME_to_tm(at, &tm) != 1)
		return UINT64_MAX;
	t = timegm(&tm);
	return t < 0 ? 0 : (uint64_t)t;
}

struct pki_item *
pki_item_cert(enum pki_class class, X509 *cert)
{
	struct pki_item *item = calloc(1, sizeof(*item));
	int n;

	if (item == NULL) {
		X509_free(cert);
		return NULL;
	}
	item->class = class;
	item->cert = cert;
	n = i2d_X509_NAME(X509_get_subject_name(cert), &item->subject);
	item->subject_octets = n < 0 ? 0 : (size_t)n;
	if (n >= 0)
		n = i2d_X509(cert, &item->der);
	item->der_octets = n < 0 ? 0 : (size_t)n;
	if (n < 0)
		pki_item_free(&item);
	return item;
}

struct pki_item *
pki_item_crl(X509_CRL *crl)
{
	struct pki_item *item = calloc(1, sizeof(*item));
	int n;

	if (item == NULL) {
		X509_CRL_free(crl);
		return NULL;
	}
	item->class = PKI_CRL;
	item->crl = crl;
	n = i2d_X509_CRL(crl, &item->der);
	item->der_octets = n < 0 ? 0 : (size_t)n;
	if (n < 0)
		pki_item_free(&item);
	return item;
}

/* ---- names ---------------------------------------------------------- */

/* One "KEY=value", its value unescaped in place. */
static bool
name_part(X509_NAME *name, char *part)
{
	char *value = strchr(part, '=');
	char *key = part;
	size_t n;

	if (value == NULL)
		return false;
	*value++ = '\0';
	key += strspn(key, " ");
	value += strspn(value, " ");
	n = strlen(value);
	while (n > 0 && value[n - 1] == ' ')
		value[--n] = '\0';
	if (*key == '\0' || n == 0)
		return false;
	return X509_NAME_add_entry_by_txt(
		   name, strcasecmp(key, "E") == 0 ? "emailAddress" : key,
		   MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) == 1;
}

/* The end of a part: a comma, or a slash before it, that is not escaped; the
 * escapes go. */
static char *
part_end(char *part)
{
	char *to = part;
	char *from = part;

	while (*from != '\0' && *from != ',') {
		if (*from == '\\' && from[1] != '\0')
			from++;
		*to++ = *from++;
	}
	if (*from == ',') {
		*to = '\0';
		return from + 1;
	}
	*to = '\0';
	return NULL;
}

X509_NAME *
pki_read_name(const char *text)
{
	X509_NAME *name = X509_NAME_new();
	char *copy = strdup(text);
	bool ok = name != NULL && copy != NULL && *text != '\0';

	for (char *part = copy; ok && part != NULL;) {
		char *next = part_end(part);

		ok = name_part(name, part);
		part = next;
	}
	free(copy);
	ERR_clear_error();
	if (!ok) {
		X509_NAME_free(name);
		name = NULL;
	}
	return name;
}

void
pki_name_text(const X509_NAME *name, char *text, size_t room)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const char *got = NULL;
	long n = 0;

	text[0] = '\0';
	if (bio != NULL &&
	    X509_NAME_print_ex(bio, name, 0,
			       (ASN1_STRFLGS_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) |
				   XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN) >= 0)
		n = BIO_get_mem_data(bio, &got);
	if (n > 0) {
		if ((size_t)n >= room)
			n = (long)room - 1;
		memcpy(text, got, (size_t)n);
		text[n] = '\0';
	}
	BIO_free(bio);
	ERR_clear_error();
}

int
pki_dn_der(const char *text, uint8_t *out, size_t room)
{
	X509_NAME *name = pki_read_name(text);
	unsigned char *der = NULL;
	int n;

	if (name == NULL)
		return -EINVAL;
	n = i2d_X509_NAME(name, &der);
	X509_NAME_free(name);
	if (n > 0 && (size_t)n <= room)
		memcpy(out, der, (size_t)n);
	OPENSSL_free(der);
	if (n <= 0)
		return -EINVAL;
	return (size_t)n > room ? -ENOSPC : n;
}

void
pki_dn_text(const uint8_t *der, size_t n, char *text, size_t room)
{
	X509_NAME *name =
	    n > PKI_IMPORT_MAX ? NULL : d2i_X509_NAME(NULL, &der, (long)n);

	text[0] = '\0';
	if (name != NULL)
		pki_name_text(name, text, room);
	X509_NAME_free(name);
	ERR_clear_error();
}

int
pki_bio_text(BIO *bio, char **text)
{
	char *got = NULL;
	long n = bio == NULL ? 0 : BIO_get_mem_data(bio, &got);
	char *copy = n <= 0 ? NULL : malloc((size_t)n + 1);

	if (copy != NULL) {
		memcpy(copy, got, (size_t)n);
		copy[n] = '\0';
		*text = copy;
	}
	BIO_free(bio);
	return copy == NULL ? -ENOMEM : 0;
}
