/*
 * The store: what there is, by class and handle, each object added and deleted
 * together with its file. Decides nothing about peers: pki_verify.c does.
 */
#include "pki_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define DAY_S UINT64_C(86400)

const char *pki_class_name(enum pki_class class)
{
	static const char *const names[] = {"", "key", "trusted", "self",
					    "crl"};

	return class <= PKI_CRL ? names[class] : "";
}

const char *
pki_state_name(enum pki_state state)
{
	static const char *const names[] = {"valid",   "expiring",
					    "expired", "not-yet-valid",
					    "revoked", "no-key"};

	return state <= PKI_NO_KEY ? names[state] : "";
}

bool
pki_label_good(const char *label)
{
	size_t n = strlen(label);

	return n > 0 && n < PKI_LABEL_MAX && label[0] != '.' &&
	       strspn(label, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789_-.") == n;
}

void
pki_item_free(struct pki_item **item)
{
	struct pki_item *i = *item;

	if (i == NULL)
		return;
	X509_free(i->cert);
	X509_CRL_free(i->crl);
	ike_key_free(&i->key);
	OPENSSL_free(i->der);
	OPENSSL_free(i->subject);
	free(i->uri);
	free(i);
	*item = NULL;
}

void
pki_item_add(struct pki *pki, struct pki_item *item)
{
	struct pki_item **at = &pki->items;

	if (item->handle == 0)
		item->handle = ++pki->last;
	while (*at != NULL && (*at)->handle < item->handle)
		at = &(*at)->next;
	item->next = *at;
	*at = item;
}

struct pki_item *
pki_item_find(const struct pki *pki, enum pki_class class, uint32_t handle)
{
	for (struct pki_item *i = pki->items; i != NULL; i = i->next) {
		if (i->class == class && i->handle == handle)
			return i;
	}
	return NULL;
}

struct pki_item *
pki_item_label(const struct pki *pki, enum pki_class class, const char *label)
{
	for (struct pki_item *i = pki->items; i != NULL; i = i->next) {
		if (i->class == class && strcmp(i->label, label) == 0)
			return i;
	}
	return NULL;
}

/* Out of the store and off the disk. */
static void
item_drop(struct pki *pki, struct pki_item *item)
{
	struct pki_item **at = &pki->items;

	while (*at != item)
		at = &(*at)->next;
	*at = item->next;
	pki_file_remove(pki, item);
	pki_item_free(&item);
}

/* Into the store once it is on the disk. */
static int
item_keep(struct pki *pki, struct pki_item *item)
{
	int err;

	if (item->handle == 0)
		item->handle = ++pki->last;
	err = pki_file_write(pki, item);
	if (err != 0)
		pki_item_free(&item);
	else
		pki_item_add(pki, item);
	return err;
}

int
pki_open(struct pki **pki, const char *dir,
	 const uint8_t key[SECRET_KEY_OCTETS], unsigned *bad)
{
	struct pki *p = secret_alloc(sizeof(*p));
	int err = 0;

	if (p == NULL)
		return -ENOMEM;
	if (key != NULL)
		memcpy(p->secret, key, sizeof(p->secret));
	if (dir != NULL) {
		p->dir = strdup(dir);
		err = p->dir == NULL ? -ENOMEM : pki_file_load(p, bad);
	}
	if (err != 0)
		pki_free(&p);
	else
		*pki = p;
	return err;
}

void
pki_free(struct pki **pki)
{
	struct pki *p = *pki;

	if (p == NULL)
		return;
	while (p->items != NULL) {
		struct pki_item *next = p->items->next;

		pki_item_free(&p->items);
		p->items = next;
	}
	free(p->dir);
	secret_free(pki, sizeof(*p));
}

/* ---- key pairs ------------------------------------------------------ */

static int
key_keep(struct pki *pki, const char *label, EVP_PKEY *evp, const char *uri)
{
	struct pki_item *item = calloc(1, sizeof(*item));

	if (item == NULL) {
		EVP_PKEY_free(evp);
		return -ENOMEM;
	}
	item->class = PKI_KEY;
	(void)snprintf(item->label, sizeof(item->label), "%s", label);
	item->key = ike_key_wrap(evp);
	if (uri != NULL)
		item->uri = strdup(uri);
	if (item->key == NULL || (uri != NULL && item->uri == NULL)) {
		pki_item_free(&item);
		return -ENOMEM;
	}
	return item_keep(pki, item);
}

static int
label_free(const struct pki *pki, const char *label)
{
	if (!pki_label_good(label))
		return -EINVAL;
	return pki_item_label(pki, PKI_KEY, label) != NULL ? -EEXIST : 0;
}

int
pki_key_generate(struct pki *pki, const char *label, enum ike_key_kind kind,
		 unsigned bits)
{
	int err = label_free(pki, label);
	EVP_PKEY *evp;

	if (err != 0)
		return err;
	evp = pki_generate(kind, bits);
	return evp == NULL ? -EINVAL : key_keep(pki, label, evp, NULL);
}

int
pki_key_import(struct pki *pki, const char *label, const void *octets, size_t n)
{
	int err = label_free(pki, label);
	EVP_PKEY *evp;

	if (err != 0)
		return err;
	evp = pki_read_key(octets, n);
	return evp == NULL ? -EBADMSG : key_keep(pki, label, evp, NULL);
}

int
pki_key_uri(struct pki *pki, const char *label, const char *uri)
{
	int err = label_free(pki, label);
	EVP_PKEY *evp;

	if (err != 0)
		return err;
	evp = pki_read_uri(uri);
	return evp == NULL ? -ENOTSUP : key_keep(pki, label, evp, uri);
}

int
pki_key_export(const struct pki *pki, const char *label, uint8_t *out,
	       size_t *n)
{
	const struct pki_item *item = pki_item_label(pki, PKI_KEY, label);
	PKCS8_PRIV_KEY_INFO *info;
	unsigned char *der = NULL;
	int octets;
	int err = 0;

	if (item == NULL)
		return -ENOENT;
	if (item->uri != NULL)
		return -EPERM;
	info = EVP_PKEY2PKCS8(ike_key_evp(item->key));
	octets = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	PKCS8_PRIV_KEY_INFO_free(info);
	if (octets <= 0)
		return -ENOMEM;
	if ((size_t)octets > *n) {
		err = -ENOSPC;
	} else {
		memcpy(out, der, (size_t)octets);
		*n = (size_t)octets;
	}
	OPENSSL_clear_free(der, (size_t)octets);
	return err;
}

int
pki_key_delete(struct pki *pki, const char *label)
{
	struct pki_item *item = pki_item_label(pki, PKI_KEY, label);

	if (item == NULL)
		return -ENOENT;
	if (pki_item_label(pki, PKI_SELF, label) != NULL)
		return -EBUSY;
	item_drop(pki, item);
	return 0;
}

const struct ike_key *
pki_key_find(const struct pki *pki, const char *label)
{
	const struct pki_item *item = pki_item_label(pki, PKI_KEY, label);

	return item == NULL ? NULL : item->key;
}

/* ---- certificates and CRLs ------------------------------------------ */

static bool
have_der(const struct pki *pki, const struct pki_item *item)
{
	for (const struct pki_item *i = pki->items; i != NULL; i = i->next) {
		if (i->class == item->class &&
		    i->der_octets == item->der_octets && i->der != NULL &&
		    memcmp(i->der, item->der, i->der_octets) == 0)
			return true;
	}
	return false;
}

static int
cert_check(const struct pki *pki, struct pki_item *item, const char *label,
	   uint64_t now_s)
{
	const struct pki_item *key;

	if (pki_time_s(X509_get0_notAfter(item->cert)) < now_s)
		return -EKEYEXPIRED;
	if (have_der(pki, item))
		return -EEXIST;
	if (item->class == PKI_TRUSTED)
		return X509_check_ca(item->cert) >= 1 ? 0 : -EKEYREJECTED;
	key = pki_item_label(pki, PKI_KEY, label == NULL ? "" : label);
	if (key == NULL)
		return -ENOENT;
	if (EVP_PKEY_eq(X509_get0_pubkey(item->cert), ike_key_evp(key->key)) !=
	    1)
		return -EKEYREJECTED;
	(void)snprintf(item->label, sizeof(item->label), "%s", label);
	return 0;
}

static int
cert_keep(struct pki *pki, enum pki_class class, const char *label, X509 *cert,
	  uint64_t now_s, uint32_t *handle)
{
	struct pki_item *item = pki_item_cert(class, cert);
	uint32_t made;
	int err;

	if (item == NULL)
		return -ENOMEM;
	err = cert_check(pki, item, label, now_s);
	ERR_clear_error();
	if (err != 0) {
		pki_item_free(&item);
		return err;
	}
	item->handle = made = ++pki->last;
	err = item_keep(pki, item);
	if (err == 0 && *handle == 0)
		*handle = made;
	return err;
}

/* All of a bundle, where it is a trusted one; what is there already is well. */
static int
certs_import(struct pki *pki, enum pki_class class, const char *label,
	     const void *octets, size_t n, uint64_t now_s, uint32_t *handle)
{
	BIO *more = pki_is_pem(octets, n) && n <= PKI_IMPORT_MAX
			? BIO_new_mem_buf(octets, (int)n)
			: NULL;
	X509 *cert = pki_read_cert(octets, n, more);
	uint32_t first = 0;
	int err = cert == NULL ? -EBADMSG : 0;

	while (err == 0 && cert != NULL) {
		err = cert_keep(pki, class, label, cert, now_s, &first);
		if (err == -EEXIST && first != 0)
			err = 0;
		cert = more != NULL && class == PKI_TRUSTED && err == 0
			   ? pki_read_cert(octets, n, more)
			   : NULL;
	}
	BIO_free(more);
	if (err == 0)
		*handle = first;
	return err;
}

/* The trusted certificate that signed it, or NULL. */
static X509 *
crl_issuer(const struct pki *pki, X509_CRL *crl)
{
	for (const struct pki_item *i = pki->items; i != NULL; i = i->next) {
		if (i->class == PKI_TRUSTED &&
		    X509_NAME_cmp(X509_CRL_get_issuer(crl),
				  X509_get_subject_name(i->cert)) == 0 &&
		    X509_CRL_verify(crl, X509_get0_pubkey(i->cert)) == 1)
			return i->cert;
	}
	return NULL;
}

/* Older ones of the issuer go; an older one than we have is refused. */
static int
crl_replace(struct pki *pki, X509_CRL *crl)
{
	struct pki_item *next;

	for (struct pki_item *i = pki->items; i != NULL; i = next) {
		next = i->next;
		if (i->class != PKI_CRL ||
		    X509_NAME_cmp(X509_CRL_get_issuer(crl),
				  X509_CRL_get_issuer(i->crl)) != 0)
			continue;
		if (pki_time_s(X509_CRL_get0_lastUpdate(i->crl)) >
		    pki_time_s(X509_CRL_get0_lastUpdate(crl)))
			return -EEXIST;
		item_drop(pki, i);
	}
	return 0;
}

static int
crl_import(struct pki *pki, const void *octets, size_t n, uint64_t now_s,
	   uint32_t *handle)
{
	X509_CRL *crl = pki_read_crl(octets, n);
	struct pki_item *item;
	uint32_t made;
	int err = 0;

	if (crl == NULL)
		return -EBADMSG;
	if (pki_time_s(X509_CRL_get0_nextUpdate(crl)) < now_s)
		err = -EKEYEXPIRED;
	else if (crl_issuer(pki, crl) == NULL)
		err = -EKEYREJECTED;
	ERR_clear_error();
	if (err == 0)
		err = crl_replace(pki, crl);
	if (err != 0) {
		X509_CRL_free(crl);
		return err;
	}
	item = pki_item_crl(crl);
	if (item == NULL)
		return -ENOMEM;
	item->handle = made = ++pki->last;
	err = item_keep(pki, item);
	if (err == 0)
		*handle = made;
	return err;
}

int
pki_import(struct pki *pki, enum pki_class class, const char *label,
	   const void *octets, size_t n, uint64_t now_s, uint32_t *handle)
{
	switch (class) {
	case PKI_TRUSTED:
	case PKI_SELF:
		return certs_import(pki, class, label, octets, n, now_s,
				    handle);
	case PKI_CRL:
		return crl_import(pki, octets, n, now_s, handle);
	case PKI_KEY:
		break;
	}
	return -EINVAL;
}

int
pki_delete(struct pki *pki, enum pki_class class, uint32_t handle)
{
	struct pki_item *item = pki_item_find(pki, class, handle);

	if (item == NULL)
		return -ENOENT;
	if (class == PKI_KEY)
		return pki_key_delete(pki, item->label);
	item_drop(pki, item);
	return 0;
}

struct alg_piece
pki_der(const struct pki *pki, enum pki_class class, uint32_t handle)
{
	const struct pki_item *item = pki_item_find(pki, class, handle);

	return item == NULL ? (struct alg_piece){NULL, 0}
			    : (struct alg_piece){item->der, item->der_octets};
}

/* ---- rows ----------------------------------------------------------- */

/* Whether a CRL of its issuer names it. */
bool
pki_revoked(const struct pki *pki, X509 *cert)
{
	X509_REVOKED *entry = NULL;

	for (const struct pki_item *i = pki->items; i != NULL; i = i->next) {
		if (i->class == PKI_CRL &&
		    X509_NAME_cmp(X509_CRL_get_issuer(i->crl),
				  X509_get_issuer_name(cert)) == 0 &&
		    X509_CRL_get0_by_cert(i->crl, &entry, cert) == 1)
			return true;
	}
	return false;
}

static void
number_text(const ASN1_INTEGER *number, char *text, size_t room)
{
	BIGNUM *bn = number == NULL ? NULL : ASN1_INTEGER_to_BN(number, NULL);
	char *digits = bn == NULL ? NULL : BN_bn2hex(bn);

	(void)snprintf(text, room, "%s", digits == NULL ? "" : digits);
	OPENSSL_free(digits);
	BN_free(bn);
}

static void
cert_row(const struct pki *pki, const struct pki_item *item,
	 struct pki_row *row)
{
	struct ike_key *key = NULL;
	EVP_PKEY *evp = X509_get_pubkey(item->cert);

	pki_name_text(X509_get_subject_name(item->cert), row->subject,
		      sizeof(row->subject));
	pki_name_text(X509_get_issuer_name(item->cert), row->issuer,
		      sizeof(row->issuer));
	number_text(X509_get0_serialNumber(item->cert), row->serial,
		    sizeof(row->serial));
	row->from_s = pki_time_s(X509_get0_notBefore(item->cert));
	row->to_s = pki_time_s(X509_get0_notAfter(item->cert));
	key = ike_key_wrap(evp);
	if (key != NULL) {
		row->kind = ike_key_kind(key);
		row->bits = ike_key_bits(key);
	}
	ike_key_free(&key);
	if (pki_revoked(pki, item->cert))
		row->state = PKI_REVOKED;
	else if (item->class == PKI_SELF &&
		 pki_item_label(pki, PKI_KEY, item->label) == NULL)
		row->state = PKI_NO_KEY;
}

static void
crl_row(const struct pki_item *item, struct pki_row *row)
{
	STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(item->crl);
	ASN1_INTEGER *number =
	    X509_CRL_get_ext_d2i(item->crl, NID_crl_number, NULL, NULL);

	pki_name_text(X509_CRL_get_issuer(item->crl), row->issuer,
		      sizeof(row->issuer));
	number_text(number, row->serial, sizeof(row->serial));
	ASN1_INTEGER_free(number);
	row->from_s = pki_time_s(X509_CRL_get0_lastUpdate(item->crl));
	row->to_s = pki_time_s(X509_CRL_get0_nextUpdate(item->crl));
	row->revoked =
	    revoked == NULL ? 0 : (unsigned)sk_X509_REVOKED_num(revoked);
}

static void
row_of(const struct pki *pki, const struct pki_item *item, uint64_t now_s,
       unsigned warn_days, struct pki_row *row)
{
	memset(row, 0, sizeof(*row));
	row->handle = item->handle;
	row->class = item->class;
	row->to_s = UINT64_MAX;
	memcpy(row->label, item->label, sizeof(row->label));
	if (item->class == PKI_KEY) {
		row->kind = ike_key_kind(item->key);
		row->bits = ike_key_bits(item->key);
		return;
	}
	if (item->class == PKI_CRL)
		crl_row(item, row);
	else
		cert_row(pki, item, row);
	ERR_clear_error();
	if (row->state != PKI_VALID)
		return;
	if (row->to_s < now_s)
		row->state = PKI_EXPIRED;
	else if (row->from_s > now_s)
		row->state = PKI_NOT_YET;
	else if (row->to_s - now_s < warn_days * DAY_S)
		row->state = PKI_EXPIRING;
}

bool
pki_next(const struct pki *pki, enum pki_class class, uint32_t from,
	 uint64_t now_s, unsigned warn_days, struct pki_row *row)
{
	for (const struct pki_item *i = pki->items; i != NULL; i = i->next) {
		if (i->class == class && i->handle >= from) {
			row_of(pki, i, now_s, warn_days, row);
			return true;
		}
	}
	return false;
}

void
pki_expiry(const struct pki *pki, uint64_t now_s, unsigned warn_days,
	   void (*tell)(void *arg, const struct pki_row *row), void *arg)
{
	struct pki_row row;

	for (const struct pki_item *i = pki->items; i != NULL; i = i->next) {
		if (i->class == PKI_KEY)
			continue;
		row_of(pki, i, now_s, warn_days, &row);
		if (row.state == PKI_EXPIRING || row.state == PKI_EXPIRED)
			tell(arg, &row);
	}
}

bool
pki_has_valid(const struct pki *pki, enum pki_class class, uint64_t now_s)
{
	struct pki_row row;

	for (const struct pki_item *i = pki->items; i != NULL; i = i->next) {
		if (i->class != class)
			continue;
		row_of(pki, i, now_s, 0, &row);
		if (row.state == PKI_VALID)
			return true;
	}
	return false;
}
