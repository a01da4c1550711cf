/*
 * Who a peer of phase 1 is: identities, keys, HASH and SIG, and what NAT
 * detection and vendor ids say. RFC 2409 section 5, RFC 3706 section 5.1, RFC
 * 3947 section 3.
 */
#include "v1_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

#define CERTS_MAX PKI_CHAIN_MAX

static const uint8_t vid_natt[] = {0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03,
				   0x58, 0x45, 0x5c, 0x57, 0x28, 0xf2,
				   0x0e, 0x95, 0x45, 0x2f};
/* The last two octets are major and minor version. */
static const uint8_t vid_dpd[] = {0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1,
				  0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc,
				  0x77, 0x57, 0x01, 0x00};

void
v1_write_vendors(const struct ike_policy *policy, struct ike_writer *w)
{
	ike_write_plain(w, IKE_P_V1_VENDOR, vid_dpd, sizeof(vid_dpd));
	if (policy->nat_traversal)
		ike_write_plain(w, IKE_P_V1_VENDOR, vid_natt, sizeof(vid_natt));
}

void
v1_read_vendors(struct v1_sa *sa, const struct ike_policy *policy,
		const struct v1_in *in)
{
	const struct ike_payload *p;

	for (unsigned i = 0;
	     (p = ike_chain_find(&in->chain, IKE_P_V1_VENDOR, i)) != NULL;
	     i++) {
		if (p->octets == sizeof(vid_natt) && policy->nat_traversal &&
		    memcmp(p->body, vid_natt, sizeof(vid_natt)) == 0)
			sa->natt = true;
		if (p->octets == sizeof(vid_dpd) &&
		    memcmp(p->body, vid_dpd, sizeof(vid_dpd) - 2) == 0)
			sa->dpd = true;
	}
}

/* ---- NAT detection -------------------------------------------------- */

/* HASH(CKY-I | CKY-R | IP | port); octets of it. */
static size_t
nat_hash(const struct v1_sa *sa, const struct ip_addr *addr, uint16_t port,
	 uint8_t out[IKE_HASH_OCTETS_MAX])
{
	struct be16 wire = be16_put(port);
	struct alg_piece pieces[] = {
	    {sa->cookie_i, sizeof(sa->cookie_i)},
	    {sa->cookie_r, sizeof(sa->cookie_r)},
	    {addr->octets, addr->family == 4 ? 4U : 16U},
	    {wire.b, sizeof(wire.b)}};
	enum ike_hash hash = ike_hash_of(sa->suite.prf);

	return ike_hash(hash, pieces, 4, out) == 0 ? ike_hash_octets(hash) : 0;
}

/* The peer's end first, ours behind it. */
void
v1_write_nat_d(struct v1 *v1, const struct v1_sa *sa, struct ike_writer *w)
{
	uint8_t hash[IKE_HASH_OCTETS_MAX];
	size_t n;

	(void)v1;
	if (!sa->natt)
		return;
	n = nat_hash(sa, &sa->path.remote, sa->path.remote_port, hash);
	ike_write_plain(w, IKE_P_V1_NAT_D, hash, n);
	n = nat_hash(sa, &sa->path.local, sa->path.local_port, hash);
	ike_write_plain(w, IKE_P_V1_NAT_D, hash, n);
}

void
v1_read_nat_d(struct v1 *v1, struct v1_sa *sa, const struct v1_in *in)
{
	uint8_t hash[IKE_HASH_OCTETS_MAX];
	const struct ike_payload *p;
	bool theirs = false;
	unsigned count = 0;
	size_t n;

	(void)v1;
	if (!sa->natt || ike_chain_count(&in->chain, IKE_P_V1_NAT_D) < 2)
		return;
	n = nat_hash(sa, &sa->path.local, sa->path.local_port, hash);
	p = ike_chain_find(&in->chain, IKE_P_V1_NAT_D, 0);
	sa->nat_local = p->octets != n || memcmp(p->body, hash, n) != 0;
	n = nat_hash(sa, &sa->path.remote, sa->path.remote_port, hash);
	while ((p = ike_chain_find(&in->chain, IKE_P_V1_NAT_D, ++count)) !=
	       NULL)
		theirs =
		    theirs || (p->octets == n && memcmp(p->body, hash, n) == 0);
	sa->nat_remote = !theirs;
}

/* ---- identities ----------------------------------------------------- */

static void
id_of_address(const struct ip_addr *addr, struct ike_id *id)
{
	id->type = addr->family == 4 ? IKE_ID_IPV4 : IKE_ID_IPV6;
	id->octets = addr->family == 4 ? 4 : 16;
	memcpy(id->value, addr->octets, id->octets);
}

static struct alg_piece
piece_of(const struct ike_id *id)
{
	return (struct alg_piece){id->value, id->octets};
}

/* An identity's payload body: port and protocol 0 (RFC 2407 section 4.6.2). */
static uint16_t
id_body(const struct ike_id *id, uint8_t body[V1_ID_BODY])
{
	memset(body, 0, 4);
	body[0] = id->type;
	memcpy(body + 4, id->value, id->octets);
	return (uint16_t)(id->octets + 4);
}

/* By certificate without a configured identity: our address if it is in one,
 * else the subject of the one that we have. */
static int
own_id_of_cert(struct v1 *v1, struct v1_sa *sa, const struct ike_policy *policy)
{
	uint64_t wall = v1->host.ops->wall_s(v1->host.ops_arg);
	struct pki_identity own;

	if (policy->pki == NULL)
		return -ENOENT;
	if (pki_self(policy->pki, sa->local_id.type, piece_of(&sa->local_id),
		     wall, &own) == 0)
		return 0;
	if (policy->local.type != IKE_ID_NONE ||
	    pki_self(policy->pki, 0, piece_of(&sa->local_id), wall, &own) !=
		0 ||
	    own.subject.n > IKE_ID_MAX)
		return -ENOENT;
	sa->local_id.type = IKE_ID_DN;
	sa->local_id.octets = (uint16_t)own.subject.n;
	memcpy(sa->local_id.value, own.subject.octets, own.subject.n);
	return 0;
}

int
v1_own_id(struct v1 *v1, struct v1_sa *sa)
{
	const struct ike_policy *policy =
	    v1->host.policy(v1->host.arg, sa->policy);
	int err = 0;

	if (policy == NULL)
		return -ENOENT;
	if (policy->local.type == IKE_ID_NONE)
		id_of_address(&sa->path.local, &sa->local_id);
	else
		sa->local_id = policy->local;
	if (sa->suite.auth == IKE_AUTH_CERT)
		err = own_id_of_cert(v1, sa, policy);
	if (sa->initiator)
		sa->idi_octets = id_body(&sa->local_id, sa->idi);
	else
		sa->idr_octets = id_body(&sa->local_id, sa->idr);
	return err;
}

int
v1_read_id(struct v1 *v1, struct v1_sa *sa, const struct v1_in *in)
{
	const struct ike_payload *p =
	    ike_chain_find(&in->chain, IKE_P_V1_ID, 0);
	uint8_t *body = sa->initiator ? sa->idr : sa->idi;
	uint8_t protocol = 0;
	uint16_t port = 0;

	(void)v1;
	if (p == NULL || p->octets > V1_ID_BODY ||
	    ike_id_read(p, &sa->remote_id, &protocol, &port) != 0)
		return -EBADMSG;
	/* RFC 2407 section 4.6.2: 0 and 0, or UDP and 500 (4500: RFC 3947). */
	if (protocol != 0 && protocol != 17)
		return -EBADMSG;
	memcpy(body, p->body, p->octets);
	*(sa->initiator ? &sa->idr_octets : &sa->idi_octets) = p->octets;
	return 0;
}

/* ---- secrets and keys ------------------------------------------------ */

/* The secret of a peer that names itself so. */
static int
secret_of(struct v1 *v1, const struct ike_tunnel *tunnel,
	  const struct ike_id *id, uint8_t secret[IKE_SECRET_MAX],
	  uint16_t *octets)
{
	struct ike_subscriber record;
	int err;

	if (tunnel->type != IKE_TUNNEL_ON_DEMAND ||
	    v1->host.ops->subscriber == NULL) {
		struct alg_piece own =
		    v1->host.secret(v1->host.arg, tunnel->id);

		if (own.n == 0 || own.n > IKE_SECRET_MAX)
			return -ENOENT;
		memcpy(secret, own.octets, own.n);
		*octets = (uint16_t)own.n;
		return 0;
	}
	memset(&record, 0, sizeof(record));
	err =
	    v1->host.ops->subscriber(v1->host.ops_arg, tunnel->id, id, &record);
	if (err == 0 && record.secret_octets == 0)
		err = -ENOENT;
	if (err == 0) {
		memcpy(secret, record.secret, record.secret_octets);
		*octets = record.secret_octets;
	}
	secret_wipe(&record, sizeof(record));
	return err;
}

/* Main mode has no identity yet where the secret is wanted: the peer's address
 * stands for it (RFC 2409 section 5.4). */
static int
secret_find(struct v1 *v1, struct v1_sa *sa)
{
	const struct ike_tunnel *tunnel =
	    v1->host.tunnel(v1->host.arg, sa->tun->id);
	struct ike_id id;

	if (tunnel == NULL)
		return -ENOENT;
	if (sa->remote_id.type != IKE_ID_NONE)
		id = sa->remote_id;
	else
		id_of_address(&sa->path.remote, &id);
	return secret_of(v1, tunnel, &id, sa->secret, &sa->secret_octets);
}

static int
ciphers_make(struct v1 *v1, struct v1_sa *sa)
{
	int err = ike_cipher_new(v1->host.crypto, ALG_SEAL, sa->suite.encr,
				 sa->keys.ka, NULL, NULL, &sa->seal);

	if (err == 0)
		err = ike_cipher_new(v1->host.crypto, ALG_OPEN, sa->suite.encr,
				     sa->keys.ka, NULL, NULL, &sa->open);
	return err;
}

/* For --keys-dir: what Wireshark's table of IKEv1 wants. */
static void
keys_tell(struct v1 *v1, const struct v1_sa *sa)
{
	struct ike_keys keys = {.version = 1,
				.encr = {.type = IKE_T_ENCR,
					 .id = sa->suite.encr->id,
					 .key_bits = sa->suite.encr->key_bits},
				.encr_octets = sa->suite.encr->key_octets};

	if (!v1->host.conf->tell_keys)
		return;
	memcpy(keys.spi_i, sa->cookie_i, sizeof(keys.spi_i));
	memcpy(keys.spi_r, sa->cookie_r, sizeof(keys.spi_r));
	memcpy(keys.encr_i, sa->keys.ka, keys.encr_octets);
	memcpy(keys.encr_r, sa->keys.ka, keys.encr_octets);
	v1->host.keys(v1->host.arg, &keys, sa->heard_ns);
	secret_wipe(&keys, sizeof(keys));
}

int
v1_derive(struct v1 *v1, struct v1_sa *sa)
{
	uint8_t shared[IKE_DH_SECRET_MAX];
	struct alg_piece mine = {ike_dh_public(sa->dh), sa->suite.dh->octets};
	struct alg_piece theirs = {sa->peer_ke, sa->suite.dh->octets};
	struct ike_v1_input in = {
	    .prf = sa->suite.prf,
	    .encr = sa->suite.encr,
	    .shared = {shared, sa->suite.dh->secret_octets},
	    .ni = {sa->ni, sa->ni_octets},
	    .nr = {sa->nr, sa->nr_octets}};
	int err = 0;

	if (sa->suite.auth == IKE_AUTH_PSK) {
		err = secret_find(v1, sa);
		in.secret = (struct alg_piece){sa->secret, sa->secret_octets};
	}
	if (err != 0)
		return err;
	memcpy(in.cookie_i, sa->cookie_i, sizeof(in.cookie_i));
	memcpy(in.cookie_r, sa->cookie_r, sizeof(in.cookie_r));
	err = ike_dh_shared(v1->host.crypto, sa->dh, theirs.octets, theirs.n,
			    shared);
	if (err == 0)
		err = ike_v1_derive(&in, &sa->keys);
	secret_wipe(shared, sizeof(shared));
	if (err == 0)
		err = sa->initiator
			  ? ike_v1_iv(&sa->keys, mine, theirs, sa->iv)
			  : ike_v1_iv(&sa->keys, theirs, mine, sa->iv);
	if (err == 0)
		err = ciphers_make(v1, sa);
	if (err == 0)
		keys_tell(v1, sa);
	return err;
}

/* ---- proof ---------------------------------------------------------- */

/* HASH_I or HASH_R. */
static int
proof_hash(const struct v1_sa *sa, bool of_initiator,
	   uint8_t hash[IKE_PRF_OCTETS_MAX])
{
	struct alg_piece mine = {ike_dh_public(sa->dh), sa->suite.dh->octets};
	struct alg_piece theirs = {sa->peer_ke, sa->suite.dh->octets};
	struct alg_piece sa_b = {sa->sa_body, sa->sa_octets};
	struct alg_piece id = {of_initiator ? sa->idi : sa->idr,
			       of_initiator ? sa->idi_octets : sa->idr_octets};
	bool ours = of_initiator == sa->initiator;
	struct alg_piece first = ours ? mine : theirs;
	struct alg_piece second = ours ? theirs : mine;

	return of_initiator
		   ? ike_v1_hash(&sa->keys, first, second, sa->cookie_i,
				 sa->cookie_r, sa_b, id, hash)
		   : ike_v1_hash(&sa->keys, first, second, sa->cookie_r,
				 sa->cookie_i, sa_b, id, hash);
}

static int
write_signature(struct v1 *v1, struct v1_sa *sa, struct alg_piece hash,
		struct ike_writer *w)
{
	const struct ike_policy *policy =
	    v1->host.policy(v1->host.arg, sa->policy);
	uint64_t wall = v1->host.ops->wall_s(v1->host.ops_arg);
	uint8_t sig[IKE_SIGNATURE_MAX];
	struct pki_identity own;
	size_t n = 0;
	int err;

	if (policy == NULL || policy->pki == NULL)
		return -ENOENT;
	err = pki_self(policy->pki, sa->local_id.type, piece_of(&sa->local_id),
		       wall, &own);
	if (err == 0)
		err = ike_key_sign_v1(own.key, hash, sig, sizeof(sig), &n);
	if (err != 0)
		return err;
	for (unsigned i = 0; i < own.count; i++)
		ike_write_cert(w, IKE_P_V1_CERT, IKE_CERT_X509,
			       own.chain[i].octets, own.chain[i].n);
	ike_write_plain(w, IKE_P_V1_SIG, sig, n);
	return 0;
}

int
v1_write_proof(struct v1 *v1, struct v1_sa *sa, struct ike_writer *w)
{
	uint8_t hash[IKE_PRF_OCTETS_MAX];
	int err = proof_hash(sa, sa->initiator, hash);

	if (err == 0 && sa->suite.auth == IKE_AUTH_CERT)
		return write_signature(
		    v1, sa, (struct alg_piece){hash, sa->suite.prf->octets}, w);
	if (err == 0)
		ike_write_plain(w, IKE_P_V1_HASH, hash, sa->suite.prf->octets);
	return err;
}

static int
check_signature(struct v1 *v1, struct v1_sa *sa, const struct v1_in *in,
		struct alg_piece hash, const char **why)
{
	const struct ike_policy *policy =
	    v1->host.policy(v1->host.arg, sa->policy);
	struct alg_piece sig = v1_body(in, IKE_P_V1_SIG);
	struct alg_piece certs[CERTS_MAX];
	const struct ike_payload *p;
	struct ike_key *key = NULL;
	unsigned n = 0;
	int err;

	for (unsigned i = 0;
	     n < CERTS_MAX &&
	     (p = ike_chain_find(&in->chain, IKE_P_V1_CERT, i)) != NULL;
	     i++) {
		uint8_t encoding = 0;

		if (ike_cert_read(p, &encoding, &certs[n].octets,
				  &certs[n].n) == 0 &&
		    encoding == IKE_CERT_X509)
			n++;
	}
	*why = "no certificates are trusted here";
	if (sig.n == 0 || policy == NULL || policy->pki == NULL)
		return -EACCES;
	err = pki_verify(policy->pki, certs, n, sa->remote_id.type,
			 piece_of(&sa->remote_id),
			 v1->host.ops->wall_s(v1->host.ops_arg), &key, why);
	if (err == 0) {
		*why = "the signature is not of that certificate's key";
		err = ike_key_verify_v1(key, hash, sig.octets, sig.n);
	}
	ike_key_free(&key);
	return err == 0 ? 0 : -EACCES;
}

int
v1_check_proof(struct v1 *v1, struct v1_sa *sa, const struct v1_in *in,
	       const char **why)
{
	struct alg_piece theirs = v1_body(in, IKE_P_V1_HASH);
	uint8_t hash[IKE_PRF_OCTETS_MAX];
	size_t n = sa->suite.prf->octets;
	int err = proof_hash(sa, !sa->initiator, hash);

	if (err != 0)
		return err;
	if (sa->suite.auth == IKE_AUTH_CERT)
		return check_signature(v1, sa, in, (struct alg_piece){hash, n},
				       why);
	*why = "the pre-shared keys differ";
	return theirs.n == n && secret_equal(theirs.octets, hash, n) ? 0
								     : -EACCES;
}

/* ---- whose tunnel it is ---------------------------------------------- */

/* Whether a tunnel would have negotiated the same with the same secret. */
static bool
settles(struct v1 *v1, const struct v1_sa *sa, const struct ike_tunnel *tunnel,
	const struct ike_policy *policy)
{
	uint8_t secret[IKE_SECRET_MAX];
	uint16_t octets = 0;
	bool same;

	if (policy->remote.type != IKE_ID_NONE &&
	    !ike_id_equal(&policy->remote, &sa->remote_id))
		return false;
	if (policy->id != sa->policy &&
	    (policy->pki != NULL && sa->suite.auth == IKE_AUTH_CERT))
		return false;
	if (sa->suite.auth == IKE_AUTH_CERT)
		return policy->id == sa->policy;
	if (secret_of(v1, tunnel, &sa->remote_id, secret, &octets) != 0)
		return false;
	same = octets == sa->secret_octets &&
	       secret_equal(secret, sa->secret, octets);
	secret_wipe(secret, sizeof(secret));
	return same;
}

int
v1_settle(struct v1 *v1, struct v1_sa *sa)
{
	const struct ike_tunnel *t = v1->host.tunnel(v1->host.arg, sa->tun->id);
	const struct ike_policy *p = t == NULL ? NULL : v1_policy_of(v1, t);
	uint32_t after = 0;

	if (p != NULL && settles(v1, sa, t, p))
		return 0;
	if (sa->initiator)
		return -ENOENT;
	while ((t = v1->host.match(v1->host.arg, &sa->path, after)) != NULL) {
		after = t->id;
		p = v1_policy_of(v1, t);
		if (p == NULL || p->connection == IKE_CONNECTION_INITIATOR ||
		    (p->mode == IKE_MODE_AGGRESSIVE) != sa->aggressive ||
		    !settles(v1, sa, t, p))
			continue;
		v1_sa_adopt(v1, sa, v1_tun_get(v1, t->id, true));
		sa->policy = p->id;
		return sa->tun == NULL ? -ENOMEM : 0;
	}
	return -ENOENT;
}
