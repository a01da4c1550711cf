/*
 * Whether a peer is who it says: its chain to a trusted certificate, what the
 * certificates in it are allowed, CRLs, and the identity in the leaf. OpenSSL
 * builds and checks the chain (RFC 5280 section 6); what is IKE's of it stands
 * here (RFC 4945 section 5.1).
 *
 * A CRL is asked where there is one of the issuer; where there is none, nobody
 * gave us any, and that is no reason to refuse. One that is over is.
 */
#include "pki_impl.h"

#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

/* RFC 7296 section 3.5. */
enum {
	ID_IPV4 = 1,
	ID_FQDN = 2,
	ID_EMAIL = 3,
	ID_IPV6 = 5,
	ID_DN = 9,
	ID_GN = 10,
	ID_KEY_ID = 11
};

#define HOST_FLAGS                                                             \
	(X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)

static bool
name_is(X509 *cert, struct alg_piece id)
{
	const unsigned char *at = id.octets;
	X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)id.n);
	bool same = name != NULL && at == id.octets + id.n &&
		    X509_NAME_cmp(name, X509_get_subject_name(cert)) == 0;

	X509_NAME_free(name);
	return same;
}

static bool
general_name_is(X509 *cert, struct alg_piece id)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool same = false;

	for (int i = 0; !same && i < sk_GENERAL_NAME_num(names); i++) {
		unsigned char *der = NULL;
		int n = i2d_GENERAL_NAME(sk_GENERAL_NAME_value(names, i), &der);

		same = n > 0 && (size_t)n == id.n &&
		       memcmp(der, id.octets, id.n) == 0;
		OPENSSL_free(der);
	}
	GENERAL_NAMES_free(names);
	return same;
}

static bool
key_id_is(X509 *cert, struct alg_piece id)
{
	const ASN1_OCTET_STRING *key = X509_get0_subject_key_id(cert);

	return key != NULL && (size_t)ASN1_STRING_length(key) == id.n &&
	       memcmp(ASN1_STRING_get0_data(key), id.octets, id.n) == 0;
}

/* Whether the certificate bears the identity. Names are compared whole: no
 * wildcards, nothing out of the subject but for a DN (RFC 4945, 3.1). */
static bool
bears(X509 *cert, uint8_t type, struct alg_piece id)
{
	const char *text = (const char *)id.octets;

	if (type == 0)
		return true;
	if (id.n == 0 || id.n > 4096)
		return false;
	switch (type) {
	case ID_IPV4:
		return id.n == 4 && X509_check_ip(cert, id.octets, 4, 0) == 1;
	case ID_IPV6:
		return id.n == 16 && X509_check_ip(cert, id.octets, 16, 0) == 1;
	case ID_FQDN:
		return X509_check_host(cert, text, id.n, HOST_FLAGS, NULL) == 1;
	case ID_EMAIL:
		return X509_check_email(cert, text, id.n,
					X509_CHECK_FLAG_NEVER_CHECK_SUBJECT) ==
		       1;
	case ID_DN:
		return name_is(cert, id);
	case ID_GN:
		return general_name_is(cert, id);
	case ID_KEY_ID:
		return key_id_is(cert, id);
	default:
		return false;
	}
}

/* digitalSignature or nonRepudiation, where key usage is said (RFC 4945
 * section 5.1.3.2). */
static bool
may_sign(X509 *cert)
{
	uint32_t usage = X509_get_key_usage(cert);

	return usage == UINT32_MAX ||
	       (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

/* Any, or one of IKE's, where extended key usage is said (5.1.3.12). */
static bool
for_ike(X509 *cert)
{
	static const char *const good[] = {
	    "2.5.29.37.0",       "1.3.6.1.5.5.7.3.17", "1.3.6.1.5.5.7.3.5",
	    "1.3.6.1.5.5.7.3.6", "1.3.6.1.5.5.7.3.7",  "1.3.6.1.5.5.8.2.2",
	};
	EXTENDED_KEY_USAGE *usage =
	    X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
	bool ok = usage == NULL;

	for (int i = 0; !ok && i < sk_ASN1_OBJECT_num(usage); i++) {
		char oid[64];

		(void)OBJ_obj2txt(oid, sizeof(oid),
				  sk_ASN1_OBJECT_value(usage, i), 1);
		for (unsigned g = 0; g < sizeof(good) / sizeof(good[0]); g++)
			ok = ok || strcmp(oid, good[g]) == 0;
	}
	EXTENDED_KEY_USAGE_free(usage);
	return ok;
}

/* A CRL that is not there is no fault. */
static int
on_fault(int ok, X509_STORE_CTX *ctx)
{
	if (X509_STORE_CTX_get_error(ctx) != X509_V_ERR_UNABLE_TO_GET_CRL)
		return ok;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

static X509_STORE *
store_of(const struct pki *pki, uint64_t now_s)
{
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *param;

	if (store == NULL)
		return NULL;
	for (const struct pki_item *i = pki->items; i != NULL; i = i->next) {
		if (i->class == PKI_TRUSTED)
			(void)X509_STORE_add_cert(store, i->cert);
		else if (i->class == PKI_CRL)
			(void)X509_STORE_add_crl(store, i->crl);
	}
	param = X509_STORE_get0_param(store);
	X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
	/* The SmartEdge's RSA-512 and SHA-1 are the operator's choice. */
	X509_VERIFY_PARAM_set_auth_level(param, 0);
	X509_VERIFY_PARAM_set_depth(param, PKI_CHAIN_MAX);
	(void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN |
						     X509_V_FLAG_CRL_CHECK |
						     X509_V_FLAG_CRL_CHECK_ALL);
	X509_STORE_set_verify_cb(store, on_fault);
	return store;
}

static int
chain_verify(const struct pki *pki, X509 *leaf, STACK_OF(X509) * others,
	     uint64_t now_s, const char **why)
{
	X509_STORE *store = store_of(pki, now_s);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int err = 0;

	if (store == NULL || ctx == NULL ||
	    X509_STORE_CTX_init(ctx, store, leaf, others) != 1) {
		err = -ENOMEM;
	} else if (X509_verify_cert(ctx) != 1) {
		*why = X509_verify_cert_error_string(
		    X509_STORE_CTX_get_error(ctx));
		err = -EKEYREJECTED;
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return err;
}

static int
leaf_verify(X509 *leaf, uint8_t id_type, struct alg_piece id, const char **why)
{
	*why = NULL;
	if (!bears(leaf, id_type, id))
		*why = "the certificate does not bear the identity";
	else if (!may_sign(leaf))
		*why = "its key usage does not allow signatures";
	else if (!for_ike(leaf))
		*why = "its extended key usage does not allow IKE";
	return *why == NULL ? 0 : -EKEYREJECTED;
}

static int
key_of(X509 *leaf, struct ike_key **key, const char **why)
{
	EVP_PKEY *evp = X509_get_pubkey(leaf);
	struct ike_key *k = ike_key_wrap(evp);

	if (k == NULL || ike_key_kind(k) == 0) {
		ike_key_free(&k);
		*why = "its key is of no kind that we know";
		return -EKEYREJECTED;
	}
	*key = k;
	return 0;
}

/* The peer sent none: one that the operator imported as trusted. */
static int
imported_verify(const struct pki *pki, uint8_t id_type, struct alg_piece id,
		uint64_t now_s, struct ike_key **key, const char **why)
{
	*why = "the peer sent no certificate, and none of its identity is here";
	if (id_type == 0)
		return -EKEYREJECTED;
	for (const struct pki_item *i = pki->items; i != NULL; i = i->next) {
		if (i->class == PKI_TRUSTED && bears(i->cert, id_type, id) &&
		    chain_verify(pki, i->cert, NULL, now_s, why) == 0 &&
		    leaf_verify(i->cert, id_type, id, why) == 0)
			return key_of(i->cert, key, why);
	}
	return -EKEYREJECTED;
}

static int
others_read(const struct alg_piece certs[], unsigned n, STACK_OF(X509) * others)
{
	for (unsigned i = 1; i < n && i < PKI_CHAIN_MAX; i++) {
		X509 *cert = pki_read_cert(certs[i].octets, certs[i].n, NULL);

		if (cert == NULL)
			return -EBADMSG;
		if (sk_X509_push(others, cert) == 0) {
			X509_free(cert);
			return -ENOMEM;
		}
	}
	return 0;
}

int
pki_verify(struct pki *pki, const struct alg_piece certs[], unsigned n,
	   uint8_t id_type, struct alg_piece id, uint64_t now_s,
	   struct ike_key **key, const char **why)
{
	STACK_OF(X509) * others;
	X509 *leaf;
	int err;

	if (n == 0)
		return imported_verify(pki, id_type, id, now_s, key, why);
	*why = "no certificate";
	leaf = pki_read_cert(certs[0].octets, certs[0].n, NULL);
	others = sk_X509_new_null();
	err = leaf == NULL ? -EBADMSG : others == NULL ? -ENOMEM : 0;
	if (err == 0)
		err = others_read(certs, n, others);
	if (err == 0)
		err = chain_verify(pki, leaf, others, now_s, why);
	if (err == 0)
		err = leaf_verify(leaf, id_type, id, why);
	if (err == 0)
		err = key_of(leaf, key, why);
	sk_X509_pop_free(others, X509_free);
	X509_free(leaf);
	ERR_clear_error();
	return err;
}

/* ---- ours ----------------------------------------------------------- */

/* The trusted certificate that issued it; NULL where that is a root, which the
 * peer has or must not believe from us. */
static const struct pki_item *
between(const struct pki *pki, X509 *cert)
{
	for (const struct pki_item *i = pki->items; i != NULL; i = i->next) {
		if (i->class == PKI_TRUSTED &&
		    X509_check_issued(i->cert, cert) == X509_V_OK)
			return X509_self_signed(i->cert, 0) == 1 ? NULL : i;
	}
	return NULL;
}

static void
identity_fill(const struct pki *pki, const struct pki_item *self,
	      const struct pki_item *key, struct pki_identity *identity)
{
	const struct pki_item *at = self;

	*identity = (struct pki_identity){
	    .key = key->key,
	    .subject = {self->subject, self->subject_octets},
	};
	while (at != NULL && identity->count < PKI_CHAIN_MAX) {
		identity->chain[identity->count++] =
		    (struct alg_piece){at->der, at->der_octets};
		at = between(pki, at->cert);
	}
}

int
pki_self(struct pki *pki, uint8_t id_type, struct alg_piece id, uint64_t now_s,
	 struct pki_identity *identity)
{
	for (const struct pki_item *i = pki->items; i != NULL; i = i->next) {
		const struct pki_item *key;

		if (i->class != PKI_SELF || !bears(i->cert, id_type, id) ||
		    pki_time_s(X509_get0_notBefore(i->cert)) > now_s ||
		    pki_time_s(X509_get0_notAfter(i->cert)) < now_s)
			continue;
		key = pki_item_label(pki, PKI_KEY, i->label);
		if (key == NULL || pki_revoked(pki, i->cert))
			continue;
		identity_fill(pki, i, key, identity);
		ERR_clear_error();
		return 0;
	}
	ERR_clear_error();
	return -ENOENT;
}

static int
spki_sha1(X509 *cert, uint8_t out[20])
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	struct alg_piece piece = {der, n < 0 ? 0 : (size_t)n};
	uint8_t digest[IKE_HASH_OCTETS_MAX];
	int err = n <= 0 ? -ENOMEM : ike_hash(IKE_HASH_SHA1, &piece, 1, digest);

	if (err == 0)
		memcpy(out, digest, 20);
	OPENSSL_free(der);
	return err;
}

bool
pki_ca_hint(struct pki *pki, unsigned i, struct pki_ca_hint *hint)
{
	for (const struct pki_item *at = pki->items; at != NULL;
	     at = at->next) {
		if (at->class != PKI_TRUSTED || i-- != 0)
			continue;
		hint->name =
		    (struct alg_piece){at->subject, at->subject_octets};
		return spki_sha1(at->cert, hint->key_sha1) == 0;
	}
	return false;
}
