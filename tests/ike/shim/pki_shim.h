/* A C face of the PKI, for C++ tests: a store, and a lab's CA beside it. */
#ifndef PKI_SHIM_H
#define PKI_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SHIM_KEY = 1, SHIM_TRUSTED, SHIM_SELF, SHIM_CRL };
enum { SHIM_RSA = 1, SHIM_EC = 2 };

struct pki_shim;
struct pki_ca_shim;

/* dir NULL: in memory. NULL and *err where it fails. */
struct pki_shim *pki_shim_new(const char *dir, const uint8_t *key, int *err,
			      unsigned *bad);
void pki_shim_free(struct pki_shim *s);
int pki_shim_key(struct pki_shim *s, const char *label, int kind,
		 unsigned bits);
int pki_shim_key_import(struct pki_shim *s, const char *label, const void *p,
			size_t n);
int pki_shim_key_delete(struct pki_shim *s, const char *label);
int pki_shim_key_uri(struct pki_shim *s, const char *label, const char *uri);
int pki_shim_request(struct pki_shim *s, const char *label, const char *subject,
		     const char *alt, const char *alt2, char **pem);
int pki_shim_import(struct pki_shim *s, int kind, const char *label,
		    const void *p, size_t n, uint64_t now, uint32_t *handle);
int pki_shim_delete(struct pki_shim *s, int kind, uint32_t handle);
/* "label state subject issuer" of the row from that handle on; -1: none. */
int pki_shim_row(struct pki_shim *s, int kind, uint32_t *handle, uint64_t now,
		 unsigned days, char *text, size_t room);
int pki_shim_warnings(struct pki_shim *s, uint64_t now, unsigned days);
int pki_shim_valid(struct pki_shim *s, int kind, uint64_t now);
int pki_shim_hints(struct pki_shim *s);
/*
 * at's judgement of what from has of itself by that identity; then every
 * signature that from's key can make is made, judged by at's reading of the
 * certificate, and judged again with an octet changed. 0; -ENOENT: from has no
 * such certificate.
 */
int pki_shim_verify(struct pki_shim *at, struct pki_shim *from, uint8_t type,
		    const void *id, size_t n, uint64_t now, const char **why,
		    int *signatures);
int pki_shim_dn(const char *text, char *back, size_t room);
struct pki_ca_shim *pki_shim_ca(const char *subject, int kind, unsigned bits,
				uint64_t now, unsigned days);
void pki_shim_ca_free(struct pki_ca_shim *ca);
int pki_shim_ca_pem(struct pki_ca_shim *ca, char **pem);
int pki_shim_ca_sign(struct pki_ca_shim *ca, const char *request, uint64_t now,
		     unsigned days, char **pem);
int pki_shim_ca_revoke(struct pki_ca_shim *ca, const char *certificate,
		       uint64_t now, unsigned days, char **pem);

#ifdef __cplusplus
}
#endif

#endif
