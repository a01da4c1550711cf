/* What the files of the PKI share. Nobody else includes it. */
#ifndef PKI_IMPL_H
#define PKI_IMPL_H

#include <openssl/bio.h>
#include <openssl/x509.h>

#include "pki.h"

struct pki_item {
	struct pki_item *next; /* in order of handle */
	enum pki_class class;
	uint32_t handle;
	char label[PKI_LABEL_MAX];
	X509 *cert;
	X509_CRL *crl;
	struct ike_key *key;
	char *uri;    /* of a key that a provider holds */
	uint8_t *der; /* of certificate or CRL */
	size_t der_octets;
	uint8_t *subject; /* of a certificate */
	size_t subject_octets;
};

struct pki {
	struct pki_item *items;
	uint32_t last; /* handle */
	char *dir;     /* NULL: in memory */
	uint8_t secret[SECRET_KEY_OCTETS];
};

/* Puts the item in its place; the store owns it. */
void pki_item_add(struct pki *pki, struct pki_item *item);
void pki_item_free(struct pki_item **item);
struct pki_item *pki_item_find(const struct pki *pki, enum pki_class class,
			       uint32_t handle);
struct pki_item *pki_item_label(const struct pki *pki, enum pki_class class,
				const char *label);
bool pki_label_good(const char *label);
bool pki_revoked(const struct pki *pki, X509 *cert);
uint64_t pki_time_s(const ASN1_TIME *at);

/* pki_file.c: nothing where the store is in memory. */
int pki_file_load(struct pki *pki, unsigned *bad);
int pki_file_write(const struct pki *pki, const struct pki_item *item);
void pki_file_remove(const struct pki *pki, const struct pki_item *item);

/* pki_read.c: octets of others to OpenSSL's objects. NULL: none. */
X509 *pki_read_cert(const void *octets, size_t n, BIO *more);
X509_CRL *pki_read_crl(const void *octets, size_t n);
X509_REQ *pki_read_request(const void *octets, size_t n);
EVP_PKEY *pki_read_key(const void *octets, size_t n);
EVP_PKEY *pki_read_uri(const char *uri);
bool pki_is_pem(const void *octets, size_t n);
/* An item of a certificate or CRL, which it owns then; NULL: freed. */
struct pki_item *pki_item_cert(enum pki_class class, X509 *cert);
struct pki_item *pki_item_crl(X509_CRL *crl);
/* "CN=a, O=b". NULL: no name. */
X509_NAME *pki_read_name(const char *text);
void pki_name_text(const X509_NAME *name, char *text, size_t room);
/* RSA or EC. NULL: not to be had. */
EVP_PKEY *pki_generate(enum ike_key_kind kind, unsigned bits);
/* All that was written to the BIO as text, the caller's; frees it. */
int pki_bio_text(BIO *bio, char **text);

#endif
