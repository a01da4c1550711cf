/*
 * The PKI of a router, manual as the SmartEdge has it: key pairs, certificate
 * requests, trusted (CA) and self certificates and CRLs, imported as PEM or
 * DER; chains verified; rows for the show commands. RFC 5280, 2986, and RFC
 * 4945 for what IKE makes of certificates. The time is a parameter: seconds
 * since 1970.
 *
 * A store lives in a directory of its own (0700), a file for each object
 * (0600); private keys are there only as sealed under the router's secret key
 * (base/secret.h). Or it lives in memory alone. No function here gives private
 * material away but pki_key_export(), which is for another process of ours.
 *
 * A private key that is not ours to hold (PKCS#11) is named by a URI where a
 * label names one of ours: pki_key_uri().
 */
#ifndef PKI_H
#define PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ike_key.h"
#include "secret.h"

#define PKI_LABEL_MAX 33 /* of a key pair, with NUL: letters, digits, _ - . */
#define PKI_TEXT_MAX 257 /* of a subject, with NUL; the MIB's size */
#define PKI_IMPORT_MAX 65536 /* octets of a file */
#define PKI_CHAIN_MAX 8
#define PKI_SAN_MAX 4

struct pki;

enum pki_class { PKI_KEY = 1, PKI_TRUSTED, PKI_SELF, PKI_CRL };

enum pki_state {
	PKI_VALID,
	PKI_EXPIRING, /* within the days of the warning */
	PKI_EXPIRED,
	PKI_NOT_YET,
	PKI_REVOKED, /* by a CRL of ours */
	PKI_NO_KEY   /* a self certificate whose key pair is gone */
};
const char *pki_class_name(enum pki_class class);
const char *pki_state_name(enum pki_state state);

/* A row of show pki. Of keys: label, kind and bits. */
struct pki_row {
	uint32_t handle;
	enum pki_class class;
	enum pki_state state;
	enum ike_key_kind kind;
	unsigned bits;
	char label[PKI_LABEL_MAX]; /* of the key pair; "" where there is none */
	char subject[PKI_TEXT_MAX];
	char issuer[PKI_TEXT_MAX];
	char serial[64]; /* hexadecimal; of a CRL its number */
	uint64_t from_s;
	uint64_t to_s;    /* of a CRL: its next update; UINT64_MAX: none */
	unsigned revoked; /* entries of a CRL */
};

/*
 * dir NULL: in memory. Else made where it is not there; what lies in it is
 * loaded, a file that can not be read is left alone and counted in *bad (may be
 * NULL). -EACCES: others may enter the directory; -ENOMEM; an errno of the file
 * system. The caller owns it until pki_free(), which leaves NULL.
 */
int pki_open(struct pki **pki, const char *dir,
	     const uint8_t key[SECRET_KEY_OCTETS], unsigned *bad);
void pki_free(struct pki **pki);

/* ---- key pairs ------------------------------------------------------ */

/* bits: of RSA 512 to 4096 in steps of 64; of EC 256, 384, 521. -EINVAL: label
 * or bits; -EEXIST; -ENOMEM, -EIO. */
int pki_key_generate(struct pki *pki, const char *label, enum ike_key_kind kind,
		     unsigned bits);
/* PKCS#8, PKCS#1 or SEC 1, PEM or DER, not encrypted. -EBADMSG: no key. */
int pki_key_import(struct pki *pki, const char *label, const void *octets,
		   size_t n);
/* A key that a provider of OpenSSL holds: "pkcs11:...". -ENOTSUP: no provider
 * of this system opens it. Only the URI is stored. */
int pki_key_uri(struct pki *pki, const char *label, const char *uri);
/* DER of PKCS#8; *n in: room. Of keys by URI -EPERM. -ENOENT, -ENOSPC. Wipe. */
int pki_key_export(const struct pki *pki, const char *label, uint8_t *out,
		   size_t *n);
/* -ENOENT; -EBUSY while a self certificate uses it. */
int pki_key_delete(struct pki *pki, const char *label);
/* Borrowed; NULL: none. */
const struct ike_key *pki_key_find(const struct pki *pki, const char *label);

/* ---- requests ------------------------------------------------------- */

struct pki_names {
	const char *subject; /* "CN=a.example, O=Example" */
	/* subjectAltName: "ip:192.0.2.1", "dns:a.example", "email:a@b" */
	const char *alt[PKI_SAN_MAX];
};

/*
 * PKCS#10 as PEM, NUL-terminated, in memory that the caller frees. -ENOENT: no
 * such key; -EINVAL: a name that is none.
 */
int pki_request(const struct pki *pki, const char *label,
		const struct pki_names *names, char **pem);

/* DER of an X.500 name from text: octets of it, or -EINVAL, -ENOSPC. */
int pki_dn_der(const char *text, uint8_t *out, size_t room);
/* And back; "" for what is no name. */
void pki_dn_text(const uint8_t *der, size_t n, char *text, size_t room);

/* ---- certificates and CRLs ------------------------------------------ */

/*
 * One certificate or, of trusted ones in PEM, several; *handle is the first's.
 * Trusted: it must be a CA's. Self: label names the key pair that it is of. A
 * CRL: its issuer must be trusted, and an older one of that issuer goes.
 * -EBADMSG: neither PEM nor DER of it; -EKEYEXPIRED: over already;
 * -EKEYREJECTED: no CA, another key's, or a CRL that no trusted CA signed;
 * -ENOENT: no such key pair; -EEXIST: there already.
 */
int pki_import(struct pki *pki, enum pki_class class, const char *label,
	       const void *octets, size_t n, uint64_t now_s, uint32_t *handle);
int pki_delete(struct pki *pki, enum pki_class class, uint32_t handle);

/* In order of handle: the first with handle >= from; false: none. warn_days:
 * what counts as expiring. */
bool pki_next(const struct pki *pki, enum pki_class class, uint32_t from,
	      uint64_t now_s, unsigned warn_days, struct pki_row *row);
/* DER of a certificate or CRL, borrowed. n 0: none. */
struct alg_piece pki_der(const struct pki *pki, enum pki_class class,
			 uint32_t handle);

/*
 * For each certificate and CRL that is expiring or expired: tell(). For the
 * alarms NearingExpiry of the MIB. And whether one of a class is valid: for the
 * alarms NoValid.
 */
void pki_expiry(const struct pki *pki, uint64_t now_s, unsigned warn_days,
		void (*tell)(void *arg, const struct pki_row *row), void *arg);
bool pki_has_valid(const struct pki *pki, enum pki_class class, uint64_t now_s);

/* ---- what IKE asks -------------------------------------------------- */

/* Ours: the key, and its certificate with what is between it and the root. All
 * borrowed until the store changes. */
struct pki_identity {
	const struct ike_key *key;
	struct alg_piece subject; /* DER of the name, for an identity DN */
	unsigned count;
	struct alg_piece chain[PKI_CHAIN_MAX];
};

/*
 * The self certificate that is valid, has its key, and bears the identity (type
 * as in IKE, 0: any). -ENOENT.
 */
int pki_self(struct pki *pki, uint8_t id_type, struct alg_piece id,
	     uint64_t now_s, struct pki_identity *identity);

/*
 * The peer's chain, leaf first: built to a trusted certificate; all valid at
 * now_s; CAs are CAs; the leaf may sign (RFC 4945 section 5.1.3.2) and be used
 * for IKE (5.1.3.12); nothing revoked by a CRL of ours, which must itself be in
 * time; and the leaf bears the identity. n 0: a trusted store's own certificate
 * of that identity, a peer's that was imported.
 * 0 and *key, the caller's to free; -EBADMSG: no certificate; -EKEYREJECTED and
 * *why, a phrase.
 */
int pki_verify(struct pki *pki, const struct alg_piece certs[], unsigned n,
	       uint8_t id_type, struct alg_piece id, uint64_t now_s,
	       struct ike_key **key, const char **why);

/* Trusted CA number i, for CERTREQ: the SHA-1 of its public key (RFC 7296
 * section 3.7), and its name (RFC 2408 section 3.10). False: no more. */
struct pki_ca_hint {
	uint8_t key_sha1[20];
	struct alg_piece name;
};
bool pki_ca_hint(struct pki *pki, unsigned i, struct pki_ca_hint *hint);

/* ---- a CA for labs -------------------------------------------------- */

struct pki_ca;

/* A key and a certificate that signs itself. Owned until pki_ca_free(). */
int pki_ca_new(struct pki_ca **ca, const char *subject, enum ike_key_kind kind,
	       unsigned bits, uint64_t now_s, unsigned days);
void pki_ca_free(struct pki_ca **ca);
/* PEM in memory that the caller frees. */
int pki_ca_certificate(const struct pki_ca *ca, char **pem);
/* The request (PEM or DER), its names kept, as an end's certificate. -EBADMSG:
 * no request, or not signed by its key. */
int pki_ca_sign(struct pki_ca *ca, const void *request, size_t n,
		uint64_t now_s, unsigned days, char **pem);
/* Revokes the certificate (PEM or DER) and makes the CRL of all revoked. */
int pki_ca_revoke(struct pki_ca *ca, const void *certificate, size_t n,
		  uint64_t now_s, unsigned days, char **pem);

#endif
