/*
 * IKE_SA_INIT of the initiator (RFC 7296 section 1.2): asked again with a
 * cookie (section 2.6) or in another group (section 1.3), and a NAT evaded
 * through port 4500 (section 2.23).
 */
#include <errno.h>
#include <string.h>

#include "v2_impl.h"

#define RETRIES_MAX 5 /* of cookies and groups, before it is a loop */

static int
ask(struct ike *ike, struct v2_sa *v, uint64_t now)
{
	const struct ike_policy *p = &v->sa.policy->p;
	struct ike_hdr hdr = {.version = V2_VERSION,
			      .exchange = IKE_X_SA_INIT,
			      .flags = IKE_FLAG_INITIATOR};
	struct ike_sap sap;
	struct ike_writer w;
	int error;

	memcpy(hdr.spi_i, v->sa.mine.octets, 8);
	if (!v2_offer_ike(p, NULL, &sap))
		return -EINVAL;
	v2_inner(ike, &w);
	ike_write_hdr(&w, &hdr);
	if (v->cookie.n > 0)
		v2_say(&w, IKE_N_COOKIE, v->cookie.octets, v->cookie.n);
	ike_write_sap(&w, &sap);
	ike_write_ke(&w, v->group, ike_dh_public(v->dh),
		     ike_dh_group(v->dh)->octets);
	ike_write_plain(&w, IKE_P_NONCE, v->ni.octets, v->ni.n);
	v2_extras_write(ike, v, &hdr, p, &w);
	error = v2_ask_clear(ike, v, &w, now);
	if (error == 0)
		v2_packets_keep(&v->init_i, w.octets, w.n);
	return error == 0 && !v->init_i.there ? -ENOMEM : error;
}

int
v2_initiate(struct ike *ike, struct ike_tun *tun, uint64_t now)
{
	struct ike_path path = {.context = tun->conf.context,
				.local = tun->conf.local,
				.remote = tun->conf.remote,
				.local_port = IKE_PORT,
				.remote_port = IKE_PORT};
	struct v2_task child = {.kind = V2_NEW_CHILD,
				.selector = IKE_SELECTORS_MAX};
	struct ike_sa *up = ike_tun_sa(tun);
	struct v2_sa *v;
	int error;

	/* There is an IKE SA, and its child was lost. */
	if (up != NULL && up->version == 2)
		return v2_task_add(ike, v2_of(up), &child, now);
	error = v2_sa_new(ike, &path, true, now, &v);
	if (error != 0)
		return error;
	ike_policy_hold(tun->policy);
	v->sa.policy = tun->policy;
	ike_sa_bind(&v->sa, tun);
	v->sa.record = ike_record_begin(ike, &path, 2, true, now);
	ike_record_tunnel(ike, v->sa.record, tun);
	v->state = V2_INIT_SENT;
	v->sa.state = "SA-INIT";
	error = v2_draw_nonce(ike, &v->ni);
	if (error == 0)
		error = v2_draw_dh(ike, v, v2_first_group(&tun->policy->p));
	if (error == 0)
		error = ask(ike, v, now);
	if (error != 0)
		ike_sa_end(ike, &v->sa, IKE_CAUSE_GENERAL, now);
	return error;
}

/* The peer wants a cookie, or another group. 1: asked again. */
static int
retry(struct ike *ike, struct v2_sa *v, const struct v2_msg *m, uint64_t now)
{
	struct ike_notify n;

	if (v2_notified(&m->chain, IKE_N_COOKIE, &n)) {
		if (n.octets == 0 || n.octets > V2_COOKIE_MAX)
			return -EBADMSG;
		v->cookie.n = (uint16_t)n.octets;
		memcpy(v->cookie.octets, n.data, n.octets);
	} else if (v2_notified(&m->chain, IKE_N_INVALID_KE_PAYLOAD, &n)) {
		uint16_t group;

		if (n.octets != 2)
			return -EBADMSG;
		group = (uint16_t)(n.data[0] << 8 | n.data[1]);
		/* One that we did not offer is no answer (section 1.3). */
		if (group == v->group || !v2_has_group(&v->sa.policy->p, group))
			return -EBADMSG;
		if (v2_draw_dh(ike, v, group) != 0)
			return -ENOTSUP;
	} else {
		return 0;
	}
	if (++v->retries > RETRIES_MAX)
		return -ELOOP;
	v2_request_done(ike, v);
	return ask(ike, v, now) == 0 ? 1 : -EIO;
}

static void
failed(struct ike *ike, struct v2_sa *v, const struct v2_msg *m, uint16_t type,
       uint64_t now)
{
	ike_rejected(ike, v2_reject_of(type), m->path, v->sa.tun, now,
		     "said by the peer");
	ike_sa_fail(ike, &v->sa, IKE_CAUSE_GENERAL, now, ike_notify_name(type));
}

/* SA, KE and Nr of the response: 0, or what is wrong with them. */
static int
take_response(struct ike *ike, struct v2_sa *v, const struct v2_msg *m)
{
	const struct ike_payload *sa = ike_chain_find(&m->chain, IKE_P_SA, 0);
	const struct ike_payload *ke = ike_chain_find(&m->chain, IKE_P_KE, 0);
	const uint8_t *value;
	struct ike_sap sap;
	uint16_t group;
	size_t octets;

	if (sa == NULL || ke == NULL || ike_sap_read(sa, &sap) != 0 ||
	    ike_ke_read(ke, &group, &value, &octets) != 0 ||
	    v2_nonce_of(&m->chain, &v->nr) != 0 || sap.count != 1)
		return -EBADMSG;
	if (v2_choose_ike(&v->sa.policy->p, &sap, &v->suite) != 0)
		return -ENOENT;
	v2_compare_ike(ike, v->sa.record, &v->sa.policy->p, &sap, &v->suite);
	if (group != v->group || v->suite.group->id != group)
		return -ERANGE;
	memcpy(v->sa.theirs.octets, m->hdr.spi_r, 8);
	return v2_keys(ike, v, v->dh, value, octets, NULL);
}

/* A NAT between us: from here on through port 4500 (section 2.23). */
static void
float_ports(struct v2_sa *v)
{
	if (!v->sa.nat_local && !v->sa.nat_remote)
		return;
	v->sa.path.local_port = IKE_PORT_NAT;
	v->sa.path.remote_port = IKE_PORT_NAT;
}

static void
go_on(struct ike *ike, struct v2_sa *v, const struct v2_msg *m, uint64_t now)
{
	static const uint8_t zero[8];
	int error = memcmp(m->hdr.spi_r, zero, 8) == 0
			? -EBADMSG
			: take_response(ike, v, m);

	if (error != 0) {
		/* Anybody may have sent it; the true one may still come. */
		ike_rejected(ike,
			     error == -ENOENT ? IKE_REJECT_V2_NO_PROPOSAL
			     : error == -ERANGE || error == -EINVAL
				 ? IKE_REJECT_V2_KE_GROUP
				 : IKE_REJECT_V2_SYNTAX,
			     m->path, v->sa.tun, now, "IKE_SA_INIT response");
		memset(&v->sa.theirs, 0, sizeof(v->sa.theirs));
		ike_cipher_free(&v->seal);
		ike_cipher_free(&v->open);
		return;
	}
	v2_request_done(ike, v);
	v2_packets_keep(&v->init_r, m->octets, m->n);
	v2_extras_hear(ike, v, m, &v->sa.policy->p);
	float_ports(v);
	v->state = V2_AUTH_SENT;
	v->sa.state = "AUTH";
	if (!v->init_r.there || v2_auth_ask(ike, v, now) != 0)
		ike_sa_fail(ike, &v->sa, IKE_CAUSE_GENERAL, now,
			    "own identity can not be proved");
}

void
v2_init_response(struct ike *ike, struct v2_sa *v, const struct v2_msg *message,
		 uint64_t now)
{
	struct v2_msg m = *message;
	char text[V2_TEXT_MAX];
	struct ike_notify n;
	uint16_t type;
	int again;

	if (v->state != V2_INIT_SENT || m.id != 0 ||
	    (m.hdr.flags & IKE_FLAG_INITIATOR) != 0)
		return;
	if (!v2_read_clear(&m)) {
		ike_rejected(ike, IKE_REJECT_V2_SYNTAX, m.path, v->sa.tun, now,
			     "IKE_SA_INIT response");
		return;
	}
	v2_describe(&m.chain, text);
	v2_ladder(ike, &v->sa, false, false, &m.hdr, m.n, text, now);
	again = retry(ike, v, &m, now);
	if (again == 1)
		return;
	if (again < 0) {
		ike_rejected(ike, IKE_REJECT_V2_KE_GROUP, m.path, v->sa.tun,
			     now, "neither cookie nor group is of use");
		return;
	}
	type = v2_error_of(&m.chain, &n);
	/*
	 * In clear, so it may be forged; but a negotiation that fails is tried
	 * again, while one that waits for nothing helps nobody
	 * (section 2.21.1).
	 */
	if (type != 0)
		failed(ike, v, &m, type, now);
	else
		go_on(ike, v, &m, now);
}
