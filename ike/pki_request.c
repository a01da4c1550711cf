/*
 * Certificate requests (PKCS#10, RFC 2986), and the CA of a lab that signs
 * them. The CA is for labs: it believes the names of a request.
 */
#include "pki_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define SERIAL_OCTETS 16
#define X509_V3 2

struct pki_ca {
	EVP_PKEY *key;
	X509 *cert;
	STACK_OF(X509_REVOKED) * revoked;
	long crls;
};

/* EdDSA hashes itself; of the others SHA-256.. */
static const EVP_MD *
md_for(EVP_PKEY *key)
{
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL
							     : EVP_sha256();
}

/* "ip:192.0.2.1" to what OpenSSL writes; false: no such name. */
static bool
alt_add(GENERAL_NAMES *names, const char *text)
{
	static const struct {
		const char *prefix;
		int type;
	} kinds[] = {
	    {"ip:", GEN_IPADD}, {"dns:", GEN_DNS}, {"email:", GEN_EMAIL}};

	for (unsigned i = 0; i < 3; i++) {
		size_t n = strlen(kinds[i].prefix);
		GENERAL_NAME *name;

		if (strncmp(text, kinds[i].prefix, n) != 0)
			continue;
		name = a2i_GENERAL_NAME(NULL, NULL, NULL, kinds[i].type,
					text + n, 0);
		if (name != NULL && sk_GENERAL_NAME_push(names, name) != 0)
			return true;
		GENERAL_NAME_free(name);
		return false;
	}
	return false;
}

static int
alts_set(X509_REQ *req, const struct pki_names *names)
{
	STACK_OF(X509_EXTENSION) *list = NULL;
	GENERAL_NAMES *alt = GENERAL_NAMES_new();
	bool any = false;
	int err = alt == NULL ? -ENOMEM : 0;

	for (unsigned i = 0; err == 0 && i < PKI_SAN_MAX; i++) {
		if (names->alt[i] == NULL)
			continue;
		any = true;
		if (!alt_add(alt, names->alt[i]))
			err = -EINVAL;
	}
	if (err == 0 && any &&
	    (X509V3_add1_i2d(&list, NID_subject_alt_name, alt, 0,
			     X509V3_ADD_DEFAULT) != 1 ||
	     X509_REQ_add_extensions(req, list) != 1))
		err = -ENOMEM;
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	GENERAL_NAMES_free(alt);
	return err;
}

int
pki_request(const struct pki *pki, const char *label,
	    const struct pki_names *names, char **pem)
{
	const struct ike_key *key = pki_key_find(pki, label);
	X509_NAME *subject = pki_read_name(names->subject);
	X509_REQ *req = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());
	int err = 0;

	if (key == NULL)
		err = -ENOENT;
	else if (subject == NULL)
		err = -EINVAL;
	else if (req == NULL || bio == NULL ||
		 X509_REQ_set_subject_name(req, subject) != 1 ||
		 X509_REQ_set_pubkey(req, ike_key_evp(key)) != 1)
		err = -ENOMEM;
	if (err == 0)
		err = alts_set(req, names);
	if (err == 0 && (X509_REQ_sign(req, ike_key_evp(key),
				       md_for(ike_key_evp(key))) == 0 ||
			 PEM_write_bio_X509_REQ(bio, req) != 1))
		err = -EIO;
	X509_NAME_free(subject);
	X509_REQ_free(req);
	ERR_clear_error();
	if (err == 0)
		return pki_bio_text(bio, pem);
	BIO_free(bio);
	return err;
}

/* ---- a CA for labs -------------------------------------------------- */

static bool
serial_set(X509 *cert)
{
	uint8_t octets[SERIAL_OCTETS];
	BIGNUM *bn;
	bool ok;

	if (secret_random(octets, sizeof(octets)) != 0)
		return false;
	octets[0] = (octets[0] & 0x7f) | 0x40; /* positive, all octets */
	bn = BN_bin2bn(octets, sizeof(octets), NULL);
	ok = bn != NULL &&
	     BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert)) != NULL;
	BN_free(bn);
	return ok;
}

static bool
times_set(X509 *cert, uint64_t now_s, unsigned days)
{
	time_t from = (time_t)now_s;

	return ASN1_TIME_set(X509_getm_notBefore(cert), from) != NULL &&
	       ASN1_TIME_adj(X509_getm_notAfter(cert), from, (int)days, 0) !=
		   NULL;
}

static bool
extension_add(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static bool
ca_certify(struct pki_ca *ca, X509_NAME *name, uint64_t now_s, unsigned days)
{
	X509 *c = ca->cert;

	return X509_set_version(c, X509_V3) == 1 && serial_set(c) &&
	       times_set(c, now_s, days) &&
	       X509_set_subject_name(c, name) == 1 &&
	       X509_set_issuer_name(c, name) == 1 &&
	       X509_set_pubkey(c, ca->key) == 1 &&
	       extension_add(c, c, NID_basic_constraints, "critical,CA:TRUE") &&
	       extension_add(c, c, NID_key_usage,
			     "critical,keyCertSign,cRLSign") &&
	       extension_add(c, c, NID_subject_key_identifier, "hash") &&
	       X509_sign(c, ca->key, md_for(ca->key)) != 0;
}

int
pki_ca_new(struct pki_ca **ca, const char *subject, enum ike_key_kind kind,
	   unsigned bits, uint64_t now_s, unsigned days)
{
	struct pki_ca *c = calloc(1, sizeof(*c));
	X509_NAME *name = pki_read_name(subject);
	int err = 0;

	if (c == NULL || name == NULL) {
		X509_NAME_free(name);
		free(c);
		return name == NULL ? -EINVAL : -ENOMEM;
	}
	c->key = pki_generate(kind, bits);
	c->cert = X509_new();
	c->revoked = sk_X509_REVOKED_new_null();
	if (c->key == NULL)
		err = -EINVAL;
	else if (c->cert == NULL || c->revoked == NULL)
		err = -ENOMEM;
	else if (!ca_certify(c, name, now_s, days))
		err = -EIO;
	X509_NAME_free(name);
	ERR_clear_error();
	if (err != 0)
		pki_ca_free(&c);
	else
		*ca = c;
	return err;
}

void
pki_ca_free(struct pki_ca **ca)
{
	if (*ca == NULL)
		return;
	EVP_PKEY_free((*ca)->key);
	X509_free((*ca)->cert);
	sk_X509_REVOKED_pop_free((*ca)->revoked, X509_REVOKED_free);
	free(*ca);
	*ca = NULL;
}

int
pki_ca_certificate(const struct pki_ca *ca, char **pem)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio == NULL || PEM_write_bio_X509(bio, ca->cert) != 1) {
		BIO_free(bio);
		return -ENOMEM;
	}
	return pki_bio_text(bio, pem);
}

/* Only the names are taken over; what the key may do is the CA's to say. */
static bool
alts_copy(X509 *cert, X509_REQ *req)
{
	STACK_OF(X509_EXTENSION) *list = X509_REQ_get_extensions(req);
	int at = X509v3_get_ext_by_NID(list, NID_subject_alt_name, -1);
	bool ok =
	    at < 0 || X509_add_ext(cert, X509v3_get_ext(list, at), -1) == 1;

	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	return ok;
}

static bool
end_certify(struct pki_ca *ca, X509 *c, X509_REQ *req, uint64_t now_s,
	    unsigned days)
{
	return X509_set_version(c, X509_V3) == 1 && serial_set(c) &&
	       times_set(c, now_s, days) &&
	       X509_set_subject_name(c, X509_REQ_get_subject_name(req)) == 1 &&
	       X509_set_issuer_name(c, X509_get_subject_name(ca->cert)) == 1 &&
	       X509_set_pubkey(c, X509_REQ_get0_pubkey(req)) == 1 &&
	       alts_copy(c, req) &&
	       extension_add(c, ca->cert, NID_basic_constraints,
			     "critical,CA:FALSE") &&
	       extension_add(c, ca->cert, NID_key_usage,
			     "critical,digitalSignature") &&
	       extension_add(c, ca->cert, NID_subject_key_identifier, "hash") &&
	       extension_add(c, ca->cert, NID_authority_key_identifier,
			     "keyid") &&
	       X509_sign(c, ca->key, md_for(ca->key)) != 0;
}

int
pki_ca_sign(struct pki_ca *ca, const void *request, size_t n, uint64_t now_s,
	    unsigned days, char **pem)
{
	X509_REQ *req = pki_read_request(request, n);
	X509 *cert = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	int err = 0;

	if (req == NULL || X509_REQ_verify(req, X509_REQ_get0_pubkey(req)) != 1)
		err = -EBADMSG;
	else if (cert == NULL || bio == NULL)
		err = -ENOMEM;
	else if (!end_certify(ca, cert, req, now_s, days) ||
		 PEM_write_bio_X509(bio, cert) != 1)
		err = -EIO;
	X509_REQ_free(req);
	X509_free(cert);
	ERR_clear_error();
	if (err == 0)
		return pki_bio_text(bio, pem);
	BIO_free(bio);
	return err;
}

static bool
revoked_add(struct pki_ca *ca, X509 *cert, uint64_t now_s)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)now_s);
	bool ok = entry != NULL && at != NULL &&
		  X509_REVOKED_set_serialNumber(
		      entry, X509_get_serialNumber(cert)) == 1 &&
		  X509_REVOKED_set_revocationDate(entry, at) == 1 &&
		  sk_X509_REVOKED_push(ca->revoked, entry) != 0;

	if (!ok)
		X509_REVOKED_free(entry);
	ASN1_TIME_free(at);
	return ok;
}

static bool
crl_fill(struct pki_ca *ca, X509_CRL *crl, uint64_t now_s, unsigned days)
{
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)now_s);
	ASN1_TIME *to = ASN1_TIME_adj(NULL, (time_t)now_s, (int)days, 0);
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	bool ok = from != NULL && to != NULL && number != NULL &&
		  X509_CRL_set_version(crl, 1) == 1 &&
		  X509_CRL_set_issuer_name(
		      crl, X509_get_subject_name(ca->cert)) == 1 &&
		  X509_CRL_set1_lastUpdate(crl, from) == 1 &&
		  X509_CRL_set1_nextUpdate(crl, to) == 1 &&
		  ASN1_INTEGER_set(number, ++ca->crls) == 1 &&
		  X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1;

	for (int i = 0; ok && i < sk_X509_REVOKED_num(ca->revoked); i++) {
		X509_REVOKED *entry =
		    X509_REVOKED_dup(sk_X509_REVOKED_value(ca->revoked, i));

		ok = entry != NULL && X509_CRL_add0_revoked(crl, entry) == 1;
	}
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	ASN1_INTEGER_free(number);
	return ok && X509_CRL_sort(crl) == 1 &&
	       X509_CRL_sign(crl, ca->key, md_for(ca->key)) != 0;
}

int
pki_ca_revoke(struct pki_ca *ca, const void *certificate, size_t n,
	      uint64_t now_s, unsigned days, char **pem)
{
	X509 *cert = pki_read_cert(certificate, n, NULL);
	X509_CRL *crl = X509_CRL_new();
	BIO *bio = BIO_new(BIO_s_mem());
	int err = 0;

	if (cert == NULL)
		err = -EBADMSG;
	else if (crl == NULL || bio == NULL || !revoked_add(ca, cert, now_s))
		err = -ENOMEM;
	else if (!crl_fill(ca, crl, now_s, days) ||
		 PEM_write_bio_X509_CRL(bio, crl) != 1)
		err = -EIO;
	X509_free(cert);
	X509_CRL_free(crl);
	ERR_clear_error();
	if (err == 0)
		return pki_bio_text(bio, pem);
	BIO_free(bio);
	return err;
}
