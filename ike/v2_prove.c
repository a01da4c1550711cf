/*
 * AUTH: what each end signs or MACs of the first exchange (RFC 7296 section
 * 2.15), certificates beside it (section 3.6, 3.7; RFC 7427, 7670). Every way
 * to fail is told to the log and to nobody else.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ike_key.h"
#include "pki.h"
#include "secret.h"
#include "v2_impl.h"

#define CAS_MAX 64 /* told of in CERTREQ */

#define OUR_HASHES                                                             \
	(IKE_HASH_BIT(IKE_HASH_SHA1) | IKE_HASH_BIT(IKE_HASH_SHA256) |         \
	 IKE_HASH_BIT(IKE_HASH_SHA384) | IKE_HASH_BIT(IKE_HASH_SHA512) |       \
	 IKE_HASH_BIT(IKE_HASH_IDENTITY))

/* The octets that an end proves to have said: three pieces. */
struct proof {
	struct alg_piece pieces[3];
	uint8_t id[IKE_ID_MAX + 4];
	uint8_t mac[IKE_PRF_OCTETS_MAX];
};

static int
proof_of(struct v2_sa *v, bool initiator, const struct ike_id *id,
	 struct proof *proof)
{
	const struct v2_packets *said = initiator ? &v->init_i : &v->init_r;
	struct alg_piece body = {proof->id, id->octets + 4u};

	memset(proof->id, 0, 4);
	proof->id[0] = id->type;
	memcpy(proof->id + 4, id->value, id->octets);
	proof->pieces[0] = (struct alg_piece){said->octets, said->n};
	proof->pieces[1] = v2_piece(initiator ? &v->nr : &v->ni);
	proof->pieces[2] = (struct alg_piece){proof->mac, v->suite.prf->octets};
	return ike_v2_mac_id(&v->keys, initiator, body, proof->mac);
}

static int
write_psk(struct v2_sa *v, const struct ike_tun *tun, struct ike_writer *w)
{
	uint8_t auth[IKE_PRF_OCTETS_MAX];
	struct alg_piece secret = ike_tun_secret(tun);
	struct proof proof;
	int error;

	if (secret.n == 0)
		return -EACCES;
	error = proof_of(v, v->sa.initiator, &v->sa.local_id, &proof);
	if (error == 0)
		error = ike_v2_psk_auth(v->suite.prf, secret, proof.pieces, 3,
					auth);
	if (error == 0)
		ike_write_auth(w, IKE_AUTHN_PSK, auth, v->suite.prf->octets);
	secret_wipe(auth, sizeof(auth));
	return error;
}

static int
check_psk(struct v2_sa *v, const struct ike_tun *tun, const uint8_t *auth,
	  size_t octets)
{
	uint8_t expected[IKE_PRF_OCTETS_MAX];
	struct alg_piece secret = ike_tun_secret(tun);
	struct proof proof;
	int error;

	if (secret.n == 0)
		return -EACCES;
	error = proof_of(v, !v->sa.initiator, &v->sa.remote_id, &proof);
	if (error == 0)
		error = ike_v2_psk_auth(v->suite.prf, secret, proof.pieces, 3,
					expected);
	if (error == 0 && (octets != v->suite.prf->octets ||
			   !secret_equal(expected, auth, octets)))
		error = -EACCES;
	secret_wipe(expected, sizeof(expected));
	return error;
}

static struct alg_piece
id_piece(const struct ike_id *id)
{
	return (struct alg_piece){id->value, id->octets};
}

static int
write_cert(struct ike *ike, struct v2_sa *v, const struct ike_tun *tun,
	   struct ike_writer *w)
{
	struct pki *pki = tun->policy->p.pki;
	uint8_t auth[IKE_SIGNATURE_MAX];
	enum ike_auth_method method;
	struct pki_identity self;
	enum ike_hash hash;
	struct proof proof;
	size_t octets = 0;
	int error;

	if (pki == NULL)
		return -ENOENT;
	error = pki_self(pki, v->sa.local_id.type, id_piece(&v->sa.local_id),
			 ike->ops.wall_s(ike->arg), &self);
	if (error == 0)
		error =
		    ike_key_method(self.key, v->peer_hashes, &method, &hash);
	if (error == 0)
		error = proof_of(v, v->sa.initiator, &v->sa.local_id, &proof);
	if (error == 0)
		error = ike_key_sign(self.key, method, hash, proof.pieces, 3,
				     auth, sizeof(auth), &octets);
	if (error != 0)
		return error;
	for (unsigned i = 0; i < self.count; i++)
		ike_write_cert(w, IKE_P_CERT, IKE_CERT_X509,
			       self.chain[i].octets, self.chain[i].n);
	ike_write_auth(w, (uint8_t)method, auth, octets);
	return 0;
}

/* The peer's certificates, leaf first; those of other encodings are not read.
 */
static unsigned
certs_of(const struct ike_chain *chain, struct alg_piece certs[PKI_CHAIN_MAX])
{
	const struct ike_payload *p;
	unsigned n = 0;

	for (unsigned i = 0;
	     (p = ike_chain_find(chain, IKE_P_CERT, i)) != NULL &&
	     n < PKI_CHAIN_MAX;
	     i++) {
		uint8_t encoding;

		if (ike_cert_read(p, &encoding, &certs[n].octets,
				  &certs[n].n) == 0 &&
		    encoding == IKE_CERT_X509)
			n++;
	}
	return n;
}

static int
check_cert(struct ike *ike, struct v2_sa *v, const struct ike_tun *tun,
	   const struct ike_chain *chain, uint8_t method, const uint8_t *auth,
	   size_t octets, const char **why)
{
	struct pki *pki = tun->policy->p.pki;
	struct alg_piece certs[PKI_CHAIN_MAX];
	unsigned hashes = ike->conf.strict ? 0 : OUR_HASHES;
	struct ike_key *key = NULL;
	struct proof proof;
	int error;

	*why = "no certificates are trusted";
	if (pki == NULL)
		return -EACCES;
	error = pki_verify(pki, certs, certs_of(chain, certs),
			   v->sa.remote_id.type, id_piece(&v->sa.remote_id),
			   ike->ops.wall_s(ike->arg), &key, why);
	if (error != 0)
		return error;
	*why = "signature is wrong";
	error = proof_of(v, !v->sa.initiator, &v->sa.remote_id, &proof);
	if (error == 0)
		error = ike_key_verify(key, (enum ike_auth_method)method,
				       hashes, proof.pieces, 3, auth, octets);
	ike_key_free(&key);
	return error;
}

int
v2_prove_write(struct ike *ike, struct v2_sa *v, struct ike_tun *tun,
	       struct ike_writer *w)
{
	if (tun->policy->p.auth_local == IKE_AUTH_CERT)
		return write_cert(ike, v, tun, w);
	return write_psk(v, tun, w);
}

void
v2_certreq_write(struct ike *ike, const struct ike_policy *p,
		 struct ike_writer *w)
{
	struct pki_ca_hint hint;

	(void)ike;
	if (p->pki == NULL || p->auth_remote == IKE_AUTH_PSK ||
	    !pki_ca_hint(p->pki, 0, &hint))
		return;
	ike_write_open(w, IKE_P_CERTREQ);
	ike_write_u8(w, IKE_CERT_X509);
	for (unsigned i = 0; i < CAS_MAX && pki_ca_hint(p->pki, i, &hint); i++)
		ike_write_octets(w, hint.key_sha1, sizeof(hint.key_sha1));
	ike_write_close(w);
}

static bool
method_allowed(const struct ike_policy *p, uint8_t method)
{
	bool psk = method == IKE_AUTHN_PSK;

	return p->auth_remote == IKE_AUTH_ANY ||
	       psk == (p->auth_remote == IKE_AUTH_PSK);
}

int
v2_prove_check(struct ike *ike, struct v2_sa *v, const struct ike_tun *tun,
	       const struct ike_chain *chain, const char **why)
{
	const struct ike_payload *p = ike_chain_find(chain, IKE_P_AUTH, 0);
	const uint8_t *auth;
	uint8_t method;
	size_t octets;

	*why = "malformed AUTH";
	if (p == NULL || ike_auth_read(p, &method, &auth, &octets) != 0)
		return -EBADMSG;
	*why = "another method than the policy's";
	if (!method_allowed(&tun->policy->p, method))
		return -EACCES;
	*why = "pre-shared keys differ";
	if (method == IKE_AUTHN_PSK)
		return check_psk(v, tun, auth, octets);
	return check_cert(ike, v, tun, chain, method, auth, octets, why);
}
