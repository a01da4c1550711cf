#include "pki_shim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pki.h"

struct pki_shim {
	struct pki *pki;
};

struct pki_ca_shim {
	struct pki_ca *ca;
};

struct pki_shim *
pki_shim_new(const char *dir, const uint8_t *key, int *err, unsigned *bad)
{
	struct pki_shim *s = calloc(1, sizeof(*s));

	*err = pki_open(&s->pki, dir, key, bad);
	if (*err != 0) {
		free(s);
		return NULL;
	}
	return s;
}

void
pki_shim_free(struct pki_shim *s)
{
	pki_free(&s->pki);
	free(s);
}

int
pki_shim_key(struct pki_shim *s, const char *label, int kind, unsigned bits)
{
	return pki_key_generate(s->pki, label, (enum ike_key_kind)kind, bits);
}

int
pki_shim_key_import(struct pki_shim *s, const char *label, const void *p,
		    size_t n)
{
	return pki_key_import(s->pki, label, p, n);
}

int
pki_shim_key_delete(struct pki_shim *s, const char *label)
{
	return pki_key_delete(s->pki, label);
}

int
pki_shim_key_uri(struct pki_shim *s, const char *label, const char *uri)
{
	return pki_key_uri(s->pki, label, uri);
}

int
pki_shim_request(struct pki_shim *s, const char *label, const char *subject,
		 const char *alt, const char *alt2, char **pem)
{
	struct pki_names names = {.subject = subject, .alt = {alt, alt2}};

	return pki_request(s->pki, label, &names, pem);
}

int
pki_shim_import(struct pki_shim *s, int kind, const char *label, const void *p,
		size_t n, uint64_t now, uint32_t *handle)
{
	return pki_import(s->pki, (enum pki_class)kind, label, p, n, now,
			  handle);
}

int
pki_shim_delete(struct pki_shim *s, int kind, uint32_t handle)
{
	return pki_delete(s->pki, (enum pki_class)kind, handle);
}

int
pki_shim_row(struct pki_shim *s, int kind, uint32_t *handle, uint64_t now,
	     unsigned days, char *text, size_t room)
{
	struct pki_row row;

	if (!pki_next(s->pki, (enum pki_class)kind, *handle, now, days, &row))
		return -1;
	*handle = row.handle;
	(void)snprintf(text, room, "%s|%s|%s|%s|%u|%u", row.label,
		       pki_state_name(row.state), row.subject, row.issuer,
		       row.bits, row.revoked);
	return 0;
}

static void
count(void *arg, const struct pki_row *row)
{
	(void)row;
	++*(int *)arg;
}

int
pki_shim_warnings(struct pki_shim *s, uint64_t now, unsigned days)
{
	int n = 0;

	pki_expiry(s->pki, now, days, count, &n);
	return n;
}

int
pki_shim_valid(struct pki_shim *s, int kind, uint64_t now)
{
	return pki_has_valid(s->pki, (enum pki_class)kind, now);
}

int
pki_shim_hints(struct pki_shim *s)
{
	struct pki_ca_hint hint;
	int n = 0;

	while (pki_ca_hint(s->pki, (unsigned)n, &hint))
		n++;
	return n;
}

#define ALL_HASHES 0x3e

/* Made, judged, and judged with an octet changed. */
static int
sign_once(const struct ike_key *mine, const struct ike_key *theirs,
	  enum ike_auth_method method, enum ike_hash hash)
{
	uint8_t text[] = "message|nonce|identity";
	struct alg_piece pieces[] = {{text, 7}, {text + 7, 15}};
	uint8_t sig[IKE_SIGNATURE_MAX];
	size_t n = 0;
	int err =
	    ike_key_sign(mine, method, hash, pieces, 2, sig, sizeof(sig), &n);

	if (err != 0)
		return err;
	if (ike_key_verify(theirs, method, ALL_HASHES, pieces, 2, sig, n) != 0)
		return -EPROTO;
	if (method == IKE_METHOD_SIGNATURE &&
	    ike_key_verify(theirs, method, ALL_HASHES & ~IKE_HASH_BIT(hash),
			   pieces, 2, sig, n) != -ENOTSUP)
		return -EPROTO;
	if (ike_key_verify(theirs, method, ALL_HASHES, pieces, 2, sig, n - 1) ==
	    0)
		return -EPROTO;
	text[3] ^= 1;
	return ike_key_verify(theirs, method, ALL_HASHES, pieces, 2, sig, n) ==
		       -EBADMSG
		   ? 0
		   : -EPROTO;
}

static int
sign_v1(const struct ike_key *mine, const struct ike_key *theirs)
{
	uint8_t hash[20] = "nineteen octets...";
	struct alg_piece piece = {hash, sizeof(hash)};
	uint8_t sig[IKE_SIGNATURE_MAX];
	size_t n = 0;
	int err = ike_key_sign_v1(mine, piece, sig, sizeof(sig), &n);

	if (err != 0)
		return err;
	if (ike_key_verify_v1(theirs, piece, sig, n) != 0)
		return -EPROTO;
	hash[0] ^= 1;
	return ike_key_verify_v1(theirs, piece, sig, n) == -EBADMSG ? 0
								    : -EPROTO;
}

static int
sign_all(const struct ike_key *mine, const struct ike_key *theirs, int *made)
{
	static const enum ike_auth_method old[] = {
	    IKE_METHOD_RSA, IKE_METHOD_ECDSA_256, IKE_METHOD_ECDSA_384,
	    IKE_METHOD_ECDSA_521};
	enum ike_auth_method method;
	enum ike_hash hash;
	int err;

	for (unsigned h = IKE_HASH_SHA1; h <= IKE_HASH_SHA512; h++) {
		err = sign_once(mine, theirs, IKE_METHOD_SIGNATURE,
				(enum ike_hash)h);
		if (err == -EPROTO)
			return err;
		*made += err == 0;
	}
	for (unsigned i = 0; i < 4; i++) {
		err = sign_once(mine, theirs, old[i], IKE_HASH_SHA1);
		if (err == -EPROTO)
			return err;
		*made += err == 0;
	}
	err = sign_v1(mine, theirs);
	if (err == -EPROTO)
		return err;
	*made += err == 0;
	err = ike_key_method(mine, ALL_HASHES, &method, &hash);
	if (err == 0)
		err = sign_once(mine, theirs, method, hash);
	if (err == 0)
		err = ike_key_method(mine, 0, &method, &hash);
	return err == 0 ? sign_once(mine, theirs, method, hash) : err;
}

int
pki_shim_verify(struct pki_shim *at, struct pki_shim *from, uint8_t type,
		const void *id, size_t n, uint64_t now, const char **why,
		int *signatures)
{
	struct alg_piece piece = {id, n};
	struct pki_identity own;
	struct ike_key *key = NULL;
	int err = pki_self(from->pki, 0, piece, now, &own);

	if (err != 0)
		return err;
	err = pki_verify(at->pki, own.chain, own.count, type, piece, now, &key,
			 why);
	if (err == 0)
		err = sign_all(own.key, key, signatures);
	ike_key_free(&key);
	return err;
}

int
pki_shim_dn(const char *text, char *back, size_t room)
{
	uint8_t der[512];
	int n = pki_dn_der(text, der, sizeof(der));

	if (n > 0)
		pki_dn_text(der, (size_t)n, back, room);
	return n;
}

struct pki_ca_shim *
pki_shim_ca(const char *subject, int kind, unsigned bits, uint64_t now,
	    unsigned days)
{
	struct pki_ca_shim *ca = calloc(1, sizeof(*ca));

	if (pki_ca_new(&ca->ca, subject, (enum ike_key_kind)kind, bits, now,
		       days) != 0) {
		free(ca);
		return NULL;
	}
	return ca;
}

void
pki_shim_ca_free(struct pki_ca_shim *ca)
{
	pki_ca_free(&ca->ca);
	free(ca);
}

int
pki_shim_ca_pem(struct pki_ca_shim *ca, char **pem)
{
	return pki_ca_certificate(ca->ca, pem);
}

int
pki_shim_ca_sign(struct pki_ca_shim *ca, const char *request, uint64_t now,
		 unsigned days, char **pem)
{
	return pki_ca_sign(ca->ca, request, strlen(request), now, days, pem);
}

int
pki_shim_ca_revoke(struct pki_ca_shim *ca, const char *certificate,
		   uint64_t now, unsigned days, char **pem)
{
	return pki_ca_revoke(ca->ca, certificate, strlen(certificate), now,
			     days, pem);
}
