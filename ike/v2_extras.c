/*
 * What goes into IKE_SA_INIT beside the key exchange, of either end: NAT
 * detection (RFC 7296 section 2.23), fragmentation (RFC 7383 section 2.3), the
 * hashes of signatures (RFC 7427 section 4).
 */
#include <errno.h>
#include <string.h>

#include "v2_impl.h"

#define NAT_HASH_OCTETS 20

static void
nat_hash(const uint8_t *spi_i, const uint8_t *spi_r, const struct ip_addr *addr,
	 uint16_t port, uint8_t out[IKE_HASH_OCTETS_MAX])
{
	struct be16 wire = be16_put(port);
	struct alg_piece pieces[] = {
	    {spi_i, 8},
	    {spi_r, 8},
	    {addr->octets, ip_addr_bits(addr) / 8},
	    {wire.b, sizeof(wire)},
	};

	if (ike_hash(IKE_HASH_SHA1, pieces, 4, out) != 0)
		memset(out, 0, NAT_HASH_OCTETS);
}

void
v2_extras_write(const struct ike *ike, const struct v2_sa *v,
		const struct ike_hdr *hdr, const struct ike_policy *p,
		struct ike_writer *w)
{
	const struct ike_path *path = &v->sa.path;
	uint8_t hash[IKE_HASH_OCTETS_MAX];
	struct be16 hashes[] = {
	    be16_put(IKE_HASH_SHA256), be16_put(IKE_HASH_SHA384),
	    be16_put(IKE_HASH_SHA512), be16_put(IKE_HASH_IDENTITY),
	    be16_put(IKE_HASH_SHA1)};

	if (p->nat_traversal) {
		nat_hash(hdr->spi_i, hdr->spi_r, &path->local, path->local_port,
			 hash);
		v2_say(w, IKE_N_NAT_DETECTION_SOURCE_IP, hash, NAT_HASH_OCTETS);
		nat_hash(hdr->spi_i, hdr->spi_r, &path->remote,
			 path->remote_port, hash);
		v2_say(w, IKE_N_NAT_DETECTION_DESTINATION_IP, hash,
		       NAT_HASH_OCTETS);
	}
	if (ike->conf.strict)
		return;
	if (p->fragmentation)
		v2_say(w, IKE_N_IKEV2_FRAGMENTATION_SUPPORTED, NULL, 0);
	v2_say(w, IKE_N_SIGNATURE_HASH_ALGORITHMS, hashes, sizeof(hashes));
}

static void
hear_hashes(struct v2_sa *v, const struct ike_notify *n)
{
	for (size_t i = 0; i + 2 <= n->octets; i += 2) {
		unsigned hash = (unsigned)n->data[i] << 8 | n->data[i + 1];

		if (hash < 32)
			v->peer_hashes |= 1u << hash;
	}
}

/* Whether one of the sources, of which there may be several, is right. */
static bool
nat_matches(const struct ike_chain *chain, uint16_t type, const uint8_t *hash)
{
	const struct ike_payload *p;
	struct ike_notify n;

	for (unsigned i = 0;
	     (p = ike_chain_find(chain, IKE_P_NOTIFY, i)) != NULL; i++) {
		if (ike_notify_read(p, &n) == 0 && n.type == type &&
		    n.octets == NAT_HASH_OCTETS &&
		    memcmp(n.data, hash, NAT_HASH_OCTETS) == 0)
			return true;
	}
	return false;
}

void
v2_extras_hear(const struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	       const struct ike_policy *p)
{
	uint8_t hash[IKE_HASH_OCTETS_MAX];
	struct ike_notify n;

	if (p->nat_traversal &&
	    v2_notified(&m->chain, IKE_N_NAT_DETECTION_SOURCE_IP, &n) &&
	    v2_notified(&m->chain, IKE_N_NAT_DETECTION_DESTINATION_IP, &n)) {
		nat_hash(m->hdr.spi_i, m->hdr.spi_r, &m->path->remote,
			 m->path->remote_port, hash);
		v->sa.nat_remote = !nat_matches(
		    &m->chain, IKE_N_NAT_DETECTION_SOURCE_IP, hash);
		nat_hash(m->hdr.spi_i, m->hdr.spi_r, &m->path->local,
			 m->path->local_port, hash);
		v->sa.nat_local = !nat_matches(
		    &m->chain, IKE_N_NAT_DETECTION_DESTINATION_IP, hash);
	}
	if (ike->conf.strict)
		return;
	v->peer_fragments =
	    p->fragmentation &&
	    v2_notified(&m->chain, IKE_N_IKEV2_FRAGMENTATION_SUPPORTED, &n);
	if (v2_notified(&m->chain, IKE_N_SIGNATURE_HASH_ALGORITHMS, &n))
		hear_hashes(v, &n);
}

int
v2_draw_nonce(struct ike *ike, struct v2_nonce *nonce)
{
	nonce->n = V2_NONCE_OCTETS;
	return ike_random(ike, nonce->octets, nonce->n);
}

int
v2_draw_dh(struct ike *ike, struct v2_sa *v, uint16_t group)
{
	const struct ike_alg *alg = ike_alg_get(IKE_ALG_DH, group, 0);

	ike_dh_free(&v->dh);
	v->group = group;
	if (alg == NULL)
		return -ENOTSUP;
	return ike_dh_new(ike->crypto, alg, ike->ops.random, ike->arg, &v->dh);
}

bool
v2_read_clear(struct v2_msg *m)
{
	return ike_chain_read(m->hdr.next, m->octets + sizeof(m->hdr),
			      m->n - sizeof(m->hdr), &m->chain) == 0 &&
	       m->chain.used == m->n - sizeof(m->hdr) && m->chain.inner == 0;
}
