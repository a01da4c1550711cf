/*
 * IKE_SA_INIT of the responder (RFC 7296 section 1.2). It keeps nothing of a
 * request that it answers with a notification: a cookie where too much is half
 * open (section 2.6), another group, or why not.
 */
#include <errno.h>
#include <string.h>

#include "secret.h"
#include "v2_impl.h"

#define COOKIE_OCTETS 20
#define COOKIE_LIFE_S 60

void
v2_clear_error(struct ike *ike, const struct v2_msg *m, uint16_t type,
	       const void *data, size_t octets)
{
	struct ike_hdr hdr = m->hdr;
	struct ike_writer w;

	hdr.version = V2_VERSION;
	hdr.next = IKE_P_NONE;
	hdr.flags =
	    (uint8_t)(IKE_FLAG_RESPONSE | (~m->hdr.flags & IKE_FLAG_INITIATOR));
	v2_inner(ike, &w);
	ike_write_hdr(&w, &hdr);
	v2_say(&w, type, data, octets);
	if (ike_write_end(&w))
		ike_send(ike, m->path, w.octets, w.n);
}

/* Secrets of cookies change, and the one before holds on (section 2.6). */
static int
cookie_secrets(struct ike *ike, uint64_t now)
{
	if (ike->cookie_ns != 0 &&
	    now < ike->cookie_ns + COOKIE_LIFE_S * IKE_SECOND_NS)
		return 0;
	memcpy(ike->cookie_secret[1], ike->cookie_secret[0],
	       sizeof(ike->cookie_secret[1]));
	if (ike_random(ike, ike->cookie_secret[0],
		       sizeof(ike->cookie_secret[0])) != 0)
		return -EIO;
	/* At first there is no one before. */
	if (ike->cookie_ns == 0)
		memcpy(ike->cookie_secret[1], ike->cookie_secret[0],
		       sizeof(ike->cookie_secret[1]));
	ike->cookie_ns = now > 0 ? now : 1;
	return 0;
}

static int
cookie_of(const struct ike *ike, unsigned which, const struct v2_msg *m,
	  const struct v2_nonce *ni, uint8_t out[SECRET_PRINT_OCTETS])
{
	struct {
		uint8_t spi_i[8];
		struct ip_addr remote;
		uint8_t port[4];
		uint8_t ni[IKE_NONCE_MAX];
	} in = {.remote = m->path->remote,
		.port = {(uint8_t)(m->path->remote_port >> 8),
			 (uint8_t)m->path->remote_port}};

	memcpy(in.spi_i, m->hdr.spi_i, 8);
	memcpy(in.ni, ni->octets, ni->n);
	return secret_print(ike->cookie_secret[which],
			    sizeof(ike->cookie_secret[which]), &in, sizeof(in),
			    out);
}

/* Whether the request may go on; otherwise it was answered with a cookie. */
static bool
cookie_ok(struct ike *ike, const struct v2_msg *m, const struct v2_nonce *ni,
	  uint64_t now)
{
	uint8_t cookie[SECRET_PRINT_OCTETS];
	struct ike_notify n;

	if (ike->stats.half_open < ike->conf.cookie_threshold)
		return true;
	if (cookie_secrets(ike, now) != 0)
		return false;
	if (v2_notified(&m->chain, IKE_N_COOKIE, &n) &&
	    n.octets == COOKIE_OCTETS) {
		for (unsigned i = 0; i < 2; i++) {
			if (cookie_of(ike, i, m, ni, cookie) == 0 &&
			    secret_equal(cookie, n.data, COOKIE_OCTETS))
				return true;
		}
	}
	if (cookie_of(ike, 0, m, ni, cookie) != 0)
		return false;
	ike->stats.count[IKE_STAT_COOKIES]++;
	ike_rejected(ike, IKE_REJECT_V2_COOKIE, m->path, NULL, now, NULL);
	v2_clear_error(ike, m, IKE_N_COOKIE, cookie, COOKIE_OCTETS);
	return false;
}

struct request {
	struct ike_sap sap;
	uint16_t group;
	const uint8_t *value;
	size_t octets;
	struct v2_nonce ni;
};

static bool
read_request(struct v2_msg *m, struct request *r)
{
	static const uint8_t zero[8];
	const struct ike_payload *sa;
	const struct ike_payload *ke;

	if (!v2_read_clear(m) || m->id != 0 ||
	    (m->hdr.flags & IKE_FLAG_INITIATOR) == 0 ||
	    memcmp(m->hdr.spi_r, zero, 8) != 0 ||
	    memcmp(m->hdr.spi_i, zero, 8) == 0)
		return false;
	sa = ike_chain_find(&m->chain, IKE_P_SA, 0);
	ke = ike_chain_find(&m->chain, IKE_P_KE, 0);
	return sa != NULL && ke != NULL && ike_sap_read(sa, &r->sap) == 0 &&
	       ike_ke_read(ke, &r->group, &r->value, &r->octets) == 0 &&
	       v2_nonce_of(&m->chain, &r->ni) == 0;
}

/* The first tunnel that the request could be for; *met: there was one at all.
 */
static struct ike_tun *
candidate(struct ike *ike, const struct v2_msg *m, const struct ike_sap *sap,
	  struct v2_suite *suite, struct ike_tun **met)
{
	struct ike_tun *tun = NULL;

	*met = NULL;
	while ((tun = ike_tun_next(ike, m->path, tun)) != NULL) {
		const struct ike_policy *p = &tun->policy->p;

		if (tun->doomed || p->version != 2 ||
		    p->connection == IKE_CONNECTION_INITIATOR)
			continue;
		if (*met == NULL)
			*met = tun;
		if (v2_choose_ike(p, sap, suite) == 0)
			return tun;
	}
	return NULL;
}

static void
no_candidate(struct ike *ike, const struct v2_msg *m, const struct request *r,
	     struct ike_tun *met, uint64_t now)
{
	uint64_t record = ike_record_begin(ike, m->path, 2, false, now);
	struct ike_ladder line = {.at_ns = now,
				  .octets = (uint32_t)m->n,
				  .exchange = "IKE_SA_INIT req"};
	char text[V2_TEXT_MAX];

	v2_describe(&m->chain, text);
	line.payloads = text;
	ike_record_line(ike, record, &line);
	if (met != NULL) {
		ike_record_tunnel(ike, record, met);
		v2_compare_ike(ike, record, &met->policy->p, &r->sap, NULL);
	}
	ike_record_end(ike, record, false, now,
		       met != NULL ? "no proposal chosen"
				   : "no policy for peer");
	ike_rejected(ike,
		     met != NULL ? IKE_REJECT_V2_NO_PROPOSAL
				 : IKE_REJECT_V2_NO_POLICY,
		     m->path, met, now, NULL);
	v2_clear_error(ike, m, IKE_N_NO_PROPOSAL_CHOSEN, NULL, 0);
}

static int
answer(struct ike *ike, struct v2_sa *v, const struct v2_msg *m, uint64_t now)
{
	struct ike_hdr hdr = {.version = V2_VERSION,
			      .exchange = IKE_X_SA_INIT,
			      .flags = IKE_FLAG_RESPONSE};
	const struct ike_policy *p = &v->sa.policy->p;
	char text[V2_TEXT_MAX];
	struct ike_chain chain;
	struct ike_writer w;

	memcpy(hdr.spi_i, m->hdr.spi_i, 8);
	memcpy(hdr.spi_r, v->sa.mine.octets, 8);
	v2_inner(ike, &w);
	ike_write_hdr(&w, &hdr);
	v2_write_ike_suite(&w, &v->suite, NULL);
	ike_write_ke(&w, v->group, ike_dh_public(v->dh),
		     ike_dh_group(v->dh)->octets);
	ike_write_plain(&w, IKE_P_NONCE, v->nr.octets, v->nr.n);
	v2_certreq_write(ike, p, &w);
	v2_extras_write(ike, v, &hdr, p, &w);
	if (!ike_write_end(&w))
		return -E2BIG;
	v2_packets_keep(&v->init_r, w.octets, w.n);
	v2_packets_keep(&v->answer, w.octets, w.n);
	if (!v->init_r.there || !v->answer.there)
		return -ENOMEM;
	memcpy(&hdr, w.octets, sizeof(hdr));
	if (ike_chain_read(hdr.next, w.octets + sizeof(hdr), w.n - sizeof(hdr),
			   &chain) == 0) {
		v2_describe(&chain, text);
		v2_ladder(ike, &v->sa, true, false, &hdr, w.n, text, now);
	}
	ike_send(ike, m->path, w.octets, w.n);
	return 0;
}

static int
fill(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
     const struct request *r)
{
	int error = v2_draw_nonce(ike, &v->nr);

	v->ni = r->ni;
	memcpy(v->sa.theirs.octets, m->hdr.spi_i, 8);
	v2_packets_keep(&v->init_i, m->octets, m->n);
	v2_extras_hear(ike, v, m, &v->sa.policy->p);
	if (error == 0 && !v->init_i.there)
		error = -ENOMEM;
	if (error == 0)
		error = v2_draw_dh(ike, v, r->group);
	if (error == 0)
		error = v2_keys(ike, v, v->dh, r->value, r->octets, NULL);
	return error;
}

static struct v2_init_key
key_of(const struct v2_msg *m)
{
	struct v2_init_key key;

	memset(&key, 0, sizeof(key));
	memcpy(key.spi_i, m->hdr.spi_i, 8);
	key.remote = m->path->remote;
	key.port = m->path->remote_port;
	return key;
}

static void
respond(struct ike *ike, const struct v2_msg *m, const struct request *r,
	struct ike_tun *tun, const struct v2_suite *suite, uint64_t now)
{
	char text[V2_TEXT_MAX];
	struct v2_sa *v;
	int error = v2_sa_new(ike, m->path, false, now, &v);

	if (error != 0) {
		if (error == -ENOSPC)
			ike_rejected(ike, IKE_REJECT_V2_LIMIT, m->path, tun,
				     now, NULL);
		return;
	}
	ike->stats.count[IKE_STAT_RESPONDED]++;
	ike_policy_hold(tun->policy);
	v->sa.policy = tun->policy;
	v->suite = *suite;
	v->state = V2_INIT_DONE;
	v->sa.state = "SA-INIT";
	v->expect_id = 1;
	v->sa.record = ike_record_begin(ike, m->path, 2, false, now);
	v2_compare_ike(ike, v->sa.record, &tun->policy->p, &r->sap, suite);
	v2_describe(&m->chain, text);
	v2_ladder(ike, &v->sa, false, false, &m->hdr, m->n, text, now);
	ike_timer_set(&ike->timers, &v->life,
		      now + IKE_HALF_OPEN_S * IKE_SECOND_NS);
	error = fill(ike, v, m, r);
	if (error == 0)
		error = answer(ike, v, m, now);
	if (error != 0) {
		bool value = error == -EINVAL || error == -ERANGE;

		ike_rejected(ike,
			     value ? IKE_REJECT_V2_SYNTAX : IKE_REJECT_V2_LIMIT,
			     m->path, tun, now, "key exchange");
		if (value)
			v2_clear_error(ike, m, IKE_N_INVALID_SYNTAX, NULL, 0);
		ike_sa_end(ike, &v->sa, IKE_CAUSE_GENERAL, now);
		return;
	}
	v->init_key = key_of(m);
	HASH_ADD(hh_init, ike->v2_by_init, init_key, sizeof(v->init_key), v);
}

/* The same request again: the same answer. */
static bool
again(struct ike *ike, const struct v2_msg *m, uint64_t now)
{
	struct v2_init_key key = key_of(m);
	struct v2_sa *v = NULL;

	HASH_FIND(hh_init, ike->v2_by_init, &key, sizeof(key), v);
	if (v == NULL)
		return false;
	if (v->state == V2_INIT_DONE && v->init_i.n == m->n &&
	    memcmp(v->init_i.octets, m->octets, m->n) == 0) {
		ike->stats.count[IKE_STAT_ANSWERED_AGAIN]++;
		v2_send_again(ike, v, &v->init_r, "", now);
	}
	return true;
}

static const struct ike_payload *
critical(const struct ike_chain *chain)
{
	for (unsigned i = 0; i < chain->count; i++) {
		if (chain->p[i].critical && (chain->p[i].type < IKE_P_SA ||
					     chain->p[i].type > IKE_P_EAP))
			return &chain->p[i];
	}
	return NULL;
}

void
v2_init_request(struct ike *ike, const struct v2_msg *message, uint64_t now)
{
	struct v2_msg m = *message;
	const struct ike_payload *p;
	struct v2_suite suite = {0};
	struct ike_tun *met;
	struct ike_tun *tun;
	struct be16 group;
	struct request r;

	if (again(ike, &m, now))
		return;
	m.chain.count = 0;
	if (!read_request(&m, &r)) {
		p = critical(&m.chain);
		ike_rejected(ike,
			     p != NULL ? IKE_REJECT_V2_CRITICAL
				       : IKE_REJECT_V2_SYNTAX,
			     m.path, NULL, now, "IKE_SA_INIT request");
		if (p != NULL)
			v2_clear_error(ike, &m,
				       IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD,
				       &p->type, 1);
		else
			v2_clear_error(ike, &m, IKE_N_INVALID_SYNTAX, NULL, 0);
		return;
	}
	p = critical(&m.chain);
	if (p != NULL) {
		ike_rejected(ike, IKE_REJECT_V2_CRITICAL, m.path, NULL, now,
			     NULL);
		v2_clear_error(ike, &m, IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD,
			       &p->type, 1);
		return;
	}
	if (!cookie_ok(ike, &m, &r.ni, now))
		return;
	tun = candidate(ike, &m, &r.sap, &suite, &met);
	if (tun == NULL) {
		no_candidate(ike, &m, &r, met, now);
		return;
	}
	group = be16_put(suite.group->id);
	if (suite.group->id != r.group) {
		ike_rejected(ike, IKE_REJECT_V2_KE_GROUP, m.path, tun, now,
			     NULL);
		v2_clear_error(ike, &m, IKE_N_INVALID_KE_PAYLOAD, &group,
			       sizeof(group));
		return;
	}
	respond(ike, &m, &r, tun, &suite, now);
}
