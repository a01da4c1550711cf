/*
 * IKEv2, the receiving side: which SA a message is of, whether it may be what
 * it says, opened and joined from fragments, and then to the file of its
 * exchange. What is not authentic changes nothing here (RFC 7296 section 2.1,
 * 2.2, 2.21; RFC 7383 section 2.6).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"
#include "v2_impl.h"

#define FRAGMENT_MESSAGE_MAX 60000

static bool
known(uint8_t type)
{
	return type >= IKE_P_SA && type <= IKE_P_EAP;
}

/* A payload that we do not know and may not pass over; NULL. */
static const struct ike_payload *
critical(const struct ike_chain *chain)
{
	for (unsigned i = 0; i < chain->count; i++) {
		if (chain->p[i].critical && !known(chain->p[i].type) &&
		    chain->p[i].type != IKE_P_SKF)
			return &chain->p[i];
	}
	return NULL;
}

/* Every payload that has a form has it. */
static bool
notifies_ok(const struct ike_chain *chain)
{
	const struct ike_payload *p;
	struct ike_notify n;
	struct ike_delete d;

	for (unsigned i = 0; i < chain->count; i++) {
		p = &chain->p[i];
		if (p->type == IKE_P_NOTIFY && ike_notify_read(p, &n) != 0)
			return false;
		if (p->type == IKE_P_DELETE && ike_delete_read(p, &d) != 0)
			return false;
	}
	return true;
}

static void
dispatch(struct ike *ike, struct v2_sa *v, const struct v2_msg *m, uint64_t now)
{
	switch (m->hdr.exchange) {
	case IKE_X_AUTH:
		if (m->response)
			v2_auth_response(ike, v, m, now);
		else
			v2_auth_request(ike, v, m, now);
		return;
	case IKE_X_CREATE_CHILD:
		if (m->response)
			v2_create_response(ike, v, m, now);
		else
			v2_create_request(ike, v, m, now);
		return;
	default:
		if (m->response)
			v2_info_response(ike, v, m, now);
		else
			v2_info_request(ike, v, m, now);
		return;
	}
}

/* Whether the exchange is one that may come now. */
static bool
in_place(const struct v2_sa *v, const struct v2_msg *m)
{
	uint8_t x = m->hdr.exchange;

	if (m->response)
		return x == v->request.exchange;
	if (v->state == V2_INIT_DONE)
		return x == IKE_X_AUTH;
	return v->sa.up &&
	       (x == IKE_X_CREATE_CHILD || x == IKE_X_INFORMATIONAL);
}

static void
bad_syntax(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	   uint64_t now)
{
	ike_rejected(ike, IKE_REJECT_V2_SYNTAX, m->path, v->sa.tun, now,
		     ike_exchange_name(m->hdr.exchange));
	if (!m->response) {
		v->expect_id++;
		v2_answer_error(ike, v, m, IKE_N_INVALID_SYNTAX, NULL, 0, now);
	}
	/* Authentic and wrong: both ends forget the SA (section 2.21.3). */
	if (v->sa.up)
		ike_sa_end(ike, &v->sa, IKE_CAUSE_GENERAL, now);
	else
		ike_sa_fail(ike, &v->sa, IKE_CAUSE_GENERAL, now,
			    "invalid syntax");
}

/*
 * Who is behind a NAT is where it was last heard (section 2.23); and anybody
 * may go over to port 4500 once there are keys, NAT or not.
 */
static bool
floats(const struct ike_path *from, const struct ike_path *to)
{
	return from->local_port == IKE_PORT && to->local_port == IKE_PORT_NAT &&
	       ip_addr_equal(&from->local, &to->local) &&
	       ip_addr_equal(&from->remote, &to->remote);
}

/* The payloads of an authentic message. */
static void
opened(struct ike *ike, struct v2_sa *v, struct v2_msg *m, uint8_t first,
       const uint8_t *octets, size_t n, uint64_t now)
{
	int error = ike_chain_read(first, octets, n, &m->chain);
	const struct ike_payload *p;
	char text[V2_TEXT_MAX];

	v->sa.heard_ns = now;
	if (v->sa.nat_remote || floats(&v->sa.path, m->path))
		v->sa.path = *m->path;
	if (error != 0 || m->chain.used != n || m->chain.inner != 0 ||
	    !notifies_ok(&m->chain)) {
		bad_syntax(ike, v, m, now);
		return;
	}
	v2_describe(&m->chain, text);
	v2_ladder(ike, &v->sa, false, false, &m->hdr, n, text, now);
	p = critical(&m->chain);
	if (!m->response)
		v->expect_id++;
	if (p != NULL) {
		ike_rejected(ike, IKE_REJECT_V2_CRITICAL, m->path, v->sa.tun,
			     now, NULL);
		if (!m->response)
			v2_answer_error(ike, v, m,
					IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD,
					&p->type, 1, now);
		if (!m->response)
			return;
	}
	dispatch(ike, v, m, now);
}

/* ---- fragments ------------------------------------------------------- */

static struct v2_fragments *
fragments_of(struct v2_sa *v, const struct v2_msg *m, uint16_t total)
{
	struct v2_fragments *f = v->fragments;

	/* A larger total is a new cut of the same message (RFC 7383, 2.6). */
	if (f != NULL &&
	    (f->id != m->id || f->response != m->response || f->total < total))
		v2_fragments_drop(v);
	else if (f != NULL)
		return f->total == total ? f : NULL;
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return NULL;
	f->id = m->id;
	f->response = m->response;
	f->total = total;
	v->fragments = f;
	return f;
}

static void
join(struct ike *ike, struct v2_sa *v, struct v2_msg *m, uint64_t now)
{
	struct v2_fragments *f = v->fragments;
	uint8_t *all = malloc(f->octets > 0 ? f->octets : 1);
	uint8_t first = f->inner;
	size_t n = 0;

	if (all == NULL)
		return;
	for (unsigned i = 0; i < f->total; i++) {
		memcpy(all + n, f->piece[i].octets, f->piece[i].n);
		n += f->piece[i].n;
	}
	v2_fragments_drop(v);
	opened(ike, v, m, first, all, n, now);
	secret_wipe(all, n);
	free(all);
}

static void
fragment(struct ike *ike, struct v2_sa *v, struct v2_msg *m, uint16_t number,
	 uint16_t total, uint8_t inner, const uint8_t *text, size_t n,
	 uint64_t now)
{
	struct v2_fragments *f;
	uint8_t *copy;

	ike->stats.count[IKE_STAT_FRAGMENTS_IN]++;
	if (total > V2_FRAGMENTS_MAX || n == 0)
		return;
	f = fragments_of(v, m, total);
	if (f == NULL || f->piece[number - 1].octets != NULL ||
	    f->octets + n > FRAGMENT_MESSAGE_MAX)
		return;
	copy = malloc(n);
	if (copy == NULL)
		return;
	memcpy(copy, text, n);
	f->piece[number - 1].octets = copy;
	f->piece[number - 1].n = n;
	f->octets += n;
	f->got++;
	if (number == 1)
		f->inner = inner;
	if (f->got == f->total)
		join(ike, v, m, now);
}

/* ---- messages of an SA ----------------------------------------------- */

/* The outer payload: SK or SKF and nothing after it. NULL: neither. */
static const struct ike_payload *
sealed_payload(const struct ike_hdr *hdr, const uint8_t *octets, size_t n,
	       struct ike_chain *chain)
{
	if (ike_chain_read(hdr->next, octets + sizeof(*hdr), n - sizeof(*hdr),
			   chain) != 0 ||
	    chain->used != n - sizeof(*hdr) || chain->count == 0)
		return NULL;
	switch (chain->p[chain->count - 1].type) {
	case IKE_P_SK:
	case IKE_P_SKF:
		return &chain->p[chain->count - 1];
	default:
		return NULL;
	}
}

static bool
same_peer(const struct v2_sa *v, const struct ike_hdr *hdr)
{
	const uint8_t *theirs = v->sa.initiator ? hdr->spi_r : hdr->spi_i;

	return memcmp(theirs, v->sa.theirs.octets, 8) == 0 &&
	       ((hdr->flags & IKE_FLAG_INITIATOR) != 0) != v->sa.initiator;
}

/* False: not for now; what had to be said has been said. */
static bool
in_window(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	  uint16_t number, uint64_t now)
{
	if (m->response) {
		if (v->request.packets.there && v->request.packets.id == m->id)
			return true;
		return false; /* answered already */
	}
	if (m->id == v->expect_id)
		return true;
	if (v->answer.there && m->id == v->answer.id) {
		/* Of fragments the first one alone asks (RFC 7383, 2.6.1). */
		if (number <= 1) {
			ike->stats.count[IKE_STAT_ANSWERED_AGAIN]++;
			v2_send_again(ike, v, &v->answer, "", now);
		}
		return false;
	}
	if (m->id > v->expect_id)
		ike_rejected(ike, IKE_REJECT_V2_MESSAGE_ID, m->path, v->sa.tun,
			     now, NULL);
	return false;
}

static void
input_sa(struct ike *ike, struct v2_sa *v, struct v2_msg *m, uint8_t *octets,
	 size_t n, uint64_t now)
{
	struct ike_chain outer;
	const struct ike_payload *p =
	    sealed_payload(&m->hdr, octets, n, &outer);
	uint16_t number = 0;
	uint16_t total = 0;
	size_t aad;
	size_t text;
	int error;

	if (p == NULL || v->open == NULL || !same_peer(v, &m->hdr)) {
		ike_rejected(ike, IKE_REJECT_V2_SYNTAX, m->path, v->sa.tun, now,
			     "not what this SA may get");
		return;
	}
	aad = (size_t)(p->body - octets);
	if (p->type == IKE_P_SKF) {
		if (ike_skf_read(p, &number, &total) != 0)
			return;
		aad += sizeof(struct ike_skf_hdr);
	}
	error = ike_sk_open(v->open, octets, aad, n, &text);
	if (error == -EBADMSG || error == -EIO) {
		ike_rejected(ike, IKE_REJECT_V2_INTEGRITY, m->path, v->sa.tun,
			     now, NULL);
		return;
	}
	if (!in_window(ike, v, m, number, now) || !in_place(v, m))
		return;
	aad += ike_sk_iv_octets(v->open);
	if (error != 0)
		bad_syntax(ike, v, m, now);
	else if (p->type == IKE_P_SKF)
		fragment(ike, v, m, number, total, outer.inner, octets + aad,
			 text, now);
	else
		opened(ike, v, m, outer.inner, octets + aad, text, now);
}

/* ---- without SA ------------------------------------------------------ */

static bool
once_a_second(struct ike *ike, uint64_t now)
{
	if (ike->invalid_spi_ns != 0 &&
	    now < ike->invalid_spi_ns + IKE_SECOND_NS)
		return false;
	ike->invalid_spi_ns = now;
	return true;
}

/* A request of an SA that we have not: section 2.21.4. */
static void
no_sa(struct ike *ike, const struct v2_msg *m, uint64_t now)
{
	ike_rejected(ike, IKE_REJECT_V2_SPI, m->path, NULL, now,
		     ike_exchange_name(m->hdr.exchange));
	if (!m->response && once_a_second(ike, now))
		v2_clear_error(ike, m, IKE_N_INVALID_IKE_SPI, NULL, 0);
}

void
v2_other_version(struct ike *ike, const struct ike_path *path,
		 const struct ike_hdr *hdr, uint64_t now)
{
	struct v2_msg m = {
	    .path = path, .hdr = *hdr, .id = be32_get(hdr->message_id)};
	bool higher = hdr->version >> 4 > 2;

	ike_rejected(ike,
		     higher ? IKE_REJECT_V2_VERSION : IKE_REJECT_V1_VERSION,
		     path, NULL, now, NULL);
	if (higher && (hdr->flags & IKE_FLAG_RESPONSE) == 0 &&
	    once_a_second(ike, now))
		v2_clear_error(ike, &m, IKE_N_INVALID_MAJOR_VERSION, NULL, 0);
}

void
v2_say_invalid_spi(struct ike *ike, const struct ike_path *path, uint32_t spi)
{
	struct be32 wire = be32_put(spi);
	struct ike_hdr hdr = {.version = V2_VERSION,
			      .exchange = IKE_X_INFORMATIONAL,
			      .flags = IKE_FLAG_INITIATOR};
	struct ike_writer w;

	v2_inner(ike, &w);
	if (ike_random(ike, hdr.spi_i, sizeof(hdr.spi_i)) != 0)
		return;
	ike_write_hdr(&w, &hdr);
	v2_say(&w, IKE_N_INVALID_SPI, &wire, sizeof(wire));
	if (ike_write_end(&w))
		ike_send(ike, path, w.octets, w.n);
}

/*
 * INVALID_SPI in clear (section 1.5): anybody can say so; it is only a hint to
 * ask whether the peer still knows us.
 */
static bool
hint(struct ike *ike, const struct v2_msg *m, uint64_t now)
{
	struct v2_task task = {.kind = V2_LIVENESS};
	struct ike_chain chain;
	struct ike_notify n;
	struct ike_tun *tun = NULL;

	if (m->hdr.exchange != IKE_X_INFORMATIONAL || m->response ||
	    ike_chain_read(m->hdr.next, m->octets + sizeof(m->hdr),
			   m->n - sizeof(m->hdr), &chain) != 0 ||
	    !v2_notified(&chain, IKE_N_INVALID_SPI, &n))
		return false;
	while ((tun = ike_tun_next(ike, m->path, tun)) != NULL) {
		struct ike_sa *sa = ike_tun_sa(tun);

		if (sa == NULL || sa->version != 2)
			continue;
		(void)v2_task_add(ike, v2_of(sa), &task, now);
		return true;
	}
	return true;
}

static void
v2_input(struct ike *ike, struct ike_sa *sa, const struct ike_path *path,
	 const struct ike_hdr *hdr, uint8_t *octets, size_t n, uint64_t now)
{
	struct v2_msg m = {
	    .path = path,
	    .hdr = *hdr,
	    .response = (hdr->flags & IKE_FLAG_RESPONSE) != 0,
	    .id = be32_get(hdr->message_id),
	    .octets = octets,
	    .n = n,
	};

	if (hdr->exchange == IKE_X_SA_INIT && !m.response) {
		v2_init_request(ike, &m, now);
	} else if (sa == NULL || sa->version != 2) {
		if (!hint(ike, &m, now))
			no_sa(ike, &m, now);
	} else if (hdr->exchange == IKE_X_SA_INIT) {
		v2_init_response(ike, v2_of(sa), &m, now);
	} else {
		input_sa(ike, v2_of(sa), &m, octets, n, now);
	}
}

/* ---- the version's table --------------------------------------------- */

static void
v2_terminate(struct ike *ike, struct ike_sa *sa, enum ike_cause cause,
	     uint64_t now)
{
	struct v2_sa *v = v2_of(sa);
	struct v2_task task = {.kind = V2_DELETE_IKE};
	struct ike_tun *tun = sa->tun;
	struct ike_child_sa *child;

	if (!sa->up) {
		ike_sa_end(ike, sa, cause, now);
		return;
	}
	if (v->successor != NULL)
		v2_inherit(v->successor);
	while ((child = TAILQ_FIRST(&sa->children)) != NULL)
		ike_child_end(ike, child, cause, now);
	v2_unlink(ike, v);
	v2_create_forget(ike, v);
	/* Out of the tunnel, which may go: only DELETE is still to be said. */
	ike_sa_bind(sa, NULL);
	v->state = V2_DELETING;
	sa->state = "DELETING";
	v->tasks_count = 0;
	ike_timer_stop(&ike->timers, &v->idle);
	ike_timer_set(&ike->timers, &v->life,
		      now + IKE_HALF_OPEN_S * 10 * IKE_SECOND_NS);
	if (v2_task_add(ike, v, &task, now) != 0)
		ike_sa_end(ike, sa, cause, now);
	if (tun != NULL)
		ike_tun_settle(ike, tun, cause, now);
}

static int
v2_rekey(struct ike *ike, struct ike_sa *sa, uint64_t now)
{
	struct v2_task task = {.kind = V2_REKEY_IKE};

	return v2_task_add(ike, v2_of(sa), &task, now);
}

static int
v2_rekey_child(struct ike *ike, struct ike_child_sa *child, uint64_t now)
{
	struct v2_task task = {.kind = V2_REKEY_CHILD, .child = child->c.id};

	return v2_task_add(ike, v2_of(child->sa), &task, now);
}

static void
v2_delete_child(struct ike *ike, struct ike_child_sa *child, uint64_t now)
{
	struct v2_task task = {.kind = V2_DELETE_CHILD, .child = child->c.id};

	(void)v2_task_add(ike, v2_of(child->sa), &task, now);
}

static void
v2_unknown_spi(struct ike *ike, struct ike_sa *sa, uint8_t protocol,
	       uint32_t spi, uint64_t now)
{
	struct v2_task task = {.kind = V2_INVALID_SPI, .spi = spi};

	(void)protocol;
	(void)v2_task_add(ike, v2_of(sa), &task, now);
}

static void
v2_info(const struct ike_sa *sa, struct ike_sa_info *info)
{
	const struct v2_sa *v = (const struct v2_sa *)sa;
	const struct v2_suite *s = &v->suite;

	info->fragmentation = v->peer_fragments;
	if (s->encr == NULL)
		return;
	info->encr =
	    (struct ike_transform){IKE_T_ENCR, s->encr->id, s->encr->key_bits};
	info->prf = (struct ike_transform){IKE_T_PRF, s->prf->id, 0};
	info->dh = (struct ike_transform){IKE_T_DH, s->group->id, 0};
	if (s->integ != NULL)
		info->integ =
		    (struct ike_transform){IKE_T_INTEG, s->integ->id, 0};
}

const struct ike_version v2_version = {
    .input = v2_input,
    .initiate = v2_initiate,
    .terminate = v2_terminate,
    .rekey = v2_rekey,
    .rekey_child = v2_rekey_child,
    .delete_child = v2_delete_child,
    .unknown_spi = v2_unknown_spi,
    .info = v2_info,
    .free = v2_free,
};
