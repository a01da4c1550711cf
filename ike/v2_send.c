/*
 * Messages out: sealed whole or in fragments (RFC 7383), kept until answered,
 * sent again with growing pauses (RFC 7296 section 2.1, 2.4), and answers kept
 * in case the request comes again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"
#include "v2_impl.h"

#define BACKOFF_MAX 5 /* doublings */
#define UDP_OCTETS 8

#define OF_REQUEST(t)                                                          \
	((struct v2_sa *)((char *)(t)-offsetof(struct v2_sa, request.timer)))

void
v2_packets_drop(struct v2_packets *p)
{
	free(p->octets);
	*p = (struct v2_packets){0};
}

void
v2_packets_keep(struct v2_packets *p, const uint8_t *octets, size_t n)
{
	uint8_t *copy = malloc(n);

	v2_packets_drop(p);
	if (copy == NULL)
		return;
	memcpy(copy, octets, n);
	p->octets = copy;
	p->n = n;
	p->there = true;
}

void
v2_inner(struct ike *ike, struct ike_writer *w)
{
	ike_write_begin(w, ike->inner, sizeof(ike->inner));
}

void
v2_say(struct ike_writer *w, uint16_t type, const void *data, size_t octets)
{
	struct ike_notify n = {.type = type, .data = data, .octets = octets};

	ike_write_notify(w, IKE_P_NOTIFY, &n);
}

void
v2_ladder(struct ike *ike, const struct ike_sa *sa, bool sent, bool again,
	  const struct ike_hdr *hdr, size_t octets, const char *payloads,
	  uint64_t now)
{
	struct ike_ladder line = {
	    .at_ns = now,
	    .sent = sent,
	    .again = again,
	    .message_id = be32_get(hdr->message_id),
	    .octets = (uint32_t)octets,
	    .payloads = payloads,
	};

	strncpy(line.exchange, ike_exchange_name(hdr->exchange),
		sizeof(line.exchange) - 1);
	strncat(line.exchange,
		(hdr->flags & IKE_FLAG_RESPONSE) != 0 ? " res" : " req",
		sizeof(line.exchange) - strlen(line.exchange) - 1);
	ike_record_line(ike, sa->record, &line);
}

static void
ladder_inner(struct ike *ike, const struct v2_sa *v, const struct ike_hdr *hdr,
	     const struct ike_writer *w, size_t octets, uint64_t now)
{
	char text[V2_TEXT_MAX];
	struct ike_chain chain;

	if (ike_chain_read(w->first, w->octets, w->n, &chain) != 0)
		return;
	v2_describe(&chain, text);
	v2_ladder(ike, &v->sa, true, false, hdr, octets, text, now);
}

static struct ike_hdr
header(const struct v2_sa *v, uint8_t exchange, bool response, uint32_t id)
{
	struct ike_hdr hdr = {
	    .version = V2_VERSION,
	    .exchange = exchange,
	    .message_id = be32_put(id),
	};

	memcpy(v->sa.initiator ? hdr.spi_i : hdr.spi_r, v->sa.mine.octets, 8);
	memcpy(v->sa.initiator ? hdr.spi_r : hdr.spi_i, v->sa.theirs.octets, 8);
	hdr.flags = (uint8_t)((v->sa.initiator ? IKE_FLAG_INITIATOR : 0) |
			      (response ? IKE_FLAG_RESPONSE : 0));
	return hdr;
}

/* What goes before the text of one packet. */
static size_t
sk_head(uint8_t *at, struct ike_hdr *hdr, uint8_t first, size_t body,
	uint16_t number, uint16_t total)
{
	struct ike_payload_hdr payload = {.next = first};
	struct ike_skf_hdr skf = {be16_put(number), be16_put(total)};
	size_t skf_octets = total > 0 ? sizeof(skf) : 0;
	size_t length = sizeof(payload) + skf_octets + body;

	hdr->next = total > 0 ? IKE_P_SKF : IKE_P_SK;
	hdr->length = be32_put((uint32_t)(sizeof(*hdr) + length));
	payload.length = be16_put((uint16_t)length);
	memcpy(at, hdr, sizeof(*hdr));
	memcpy(at + sizeof(*hdr), &payload, sizeof(payload));
	memcpy(at + sizeof(*hdr) + sizeof(payload), &skf, skf_octets);
	return sizeof(*hdr) + sizeof(payload) + skf_octets;
}

/* One packet at p->octets + p->n, where there is room for it. */
static int
seal_one(struct ike *ike, struct v2_sa *v, struct v2_packets *p,
	 struct ike_hdr *hdr, const struct ike_writer *w, size_t from, size_t n,
	 uint16_t number, uint16_t total)
{
	uint8_t *at = p->octets + p->n;
	uint8_t first = number <= 1 ? w->first : IKE_P_NONE;
	size_t body = ike_sk_octets(v->seal, n);
	size_t aad = sk_head(at, hdr, first, body, number, total);
	int error;

	memcpy(at + aad + ike_sk_iv_octets(v->seal), w->octets + from, n);
	error = ike_sk_seal(v->seal, at, aad, n, ike->ops.random, ike->arg);
	if (error == 0)
		p->n += aad + body;
	return error;
}

/* Octets of text that fit a fragment; 0: no need to cut, or no right to. */
static size_t
fragment_text(const struct ike *ike, const struct v2_sa *v, size_t text)
{
	size_t ip = v->sa.path.local.family == 6 ? 40 : 20;
	size_t around = ip + UDP_OCTETS + IKE_MARKER_OCTETS +
			sizeof(struct ike_hdr) + sizeof(struct ike_payload_hdr);
	size_t max = ike->conf.fragment_octets;
	size_t n;

	if (!v->peer_fragments || around + ike_sk_octets(v->seal, text) <= max)
		return 0;
	around += sizeof(struct ike_skf_hdr);
	n = max > around + 128 ? max - around : 128;
	while (n > 64 && ike_sk_octets(v->seal, n) + around > max)
		n--;
	return n;
}

static int
seal(struct ike *ike, struct v2_sa *v, struct ike_hdr *hdr,
     const struct ike_writer *w, struct v2_packets *p)
{
	size_t each = fragment_text(ike, v, w->n);
	size_t total = each == 0 ? 0 : (w->n + each - 1) / each;
	size_t packets = total == 0 ? 1 : total;
	size_t room = packets * 256 + w->n;
	int error = 0;

	if (total > V2_FRAGMENTS_MAX || w->n > IKE_MSG_MAX - 512)
		return -E2BIG;
	p->octets = malloc(room);
	if (p->octets == NULL)
		return -ENOMEM;
	p->there = true;
	if (total == 0)
		return seal_one(ike, v, p, hdr, w, 0, w->n, 0, 0);
	for (size_t i = 0; i < total && error == 0; i++) {
		size_t from = i * each;
		size_t n = w->n - from < each ? w->n - from : each;

		error = seal_one(ike, v, p, hdr, w, from, n, (uint16_t)(i + 1),
				 (uint16_t)total);
		ike->stats.count[IKE_STAT_FRAGMENTS_OUT]++;
	}
	return error;
}

static void
send_packets(struct ike *ike, const struct v2_sa *v, const struct v2_packets *p)
{
	for (size_t at = 0; at < p->n;) {
		struct ike_hdr hdr;
		size_t n;

		memcpy(&hdr, p->octets + at, sizeof(hdr));
		n = be32_get(hdr.length);
		ike_send(ike, &v->sa.path, p->octets + at, n);
		at += n;
	}
}

void
v2_send_again(struct ike *ike, const struct v2_sa *v,
	      const struct v2_packets *p, const char *what, uint64_t now)
{
	struct ike_hdr hdr;

	if (!p->there)
		return;
	memcpy(&hdr, p->octets, sizeof(hdr));
	v2_ladder(ike, &v->sa, true, true, &hdr, p->n, what, now);
	send_packets(ike, v, p);
}

static void
arm(struct ike *ike, struct v2_sa *v, uint64_t now)
{
	unsigned doublings =
	    v->request.tries < BACKOFF_MAX ? v->request.tries : BACKOFF_MAX;
	uint64_t ms = (uint64_t)ike->conf.retransmit_ms << doublings;

	ike_timer_set(&ike->timers, &v->request.timer, now + ms * IKE_MS_NS);
}

static void
begin(struct ike *ike, struct v2_sa *v, const struct v2_task *task,
      uint64_t now)
{
	v->request.task = *task;
	v->request.tries = 0;
	v->request.max = ike->conf.retransmit_max;
	if (task->kind == V2_LIVENESS && v->sa.policy->p.dpd_retries != 0)
		v->request.max = v->sa.policy->p.dpd_retries;
	v->sa.said_ns = now;
	send_packets(ike, v, &v->request.packets);
	arm(ike, v, now);
}

int
v2_ask(struct ike *ike, struct v2_sa *v, uint8_t exchange, struct ike_writer *w,
       const struct v2_task *task, uint64_t now)
{
	struct ike_hdr hdr = header(v, exchange, false, v->next_id);
	int error;

	if (!ike_write_end(w))
		return -E2BIG;
	v2_packets_drop(&v->request.packets);
	error = seal(ike, v, &hdr, w, &v->request.packets);
	if (error == 0)
		ladder_inner(ike, v, &hdr, w, v->request.packets.n, now);
	secret_wipe(ike->inner, w->n);
	if (error != 0) {
		v2_packets_drop(&v->request.packets);
		return error;
	}
	v->request.packets.id = v->next_id++;
	v->request.exchange = exchange;
	begin(ike, v, task, now);
	return 0;
}

int
v2_ask_clear(struct ike *ike, struct v2_sa *v, struct ike_writer *w,
	     uint64_t now)
{
	struct v2_task task = {.kind = V2_INIT};
	char text[V2_TEXT_MAX];
	struct ike_chain chain;
	struct ike_hdr hdr;

	if (!ike_write_end(w))
		return -E2BIG;
	v2_packets_keep(&v->request.packets, w->octets, w->n);
	if (!v->request.packets.there)
		return -ENOMEM;
	memcpy(&hdr, w->octets, sizeof(hdr));
	if (ike_chain_read(hdr.next, w->octets + sizeof(hdr),
			   w->n - sizeof(hdr), &chain) == 0) {
		v2_describe(&chain, text);
		v2_ladder(ike, &v->sa, true, false, &hdr, w->n, text, now);
	}
	v->request.packets.id = 0;
	v->request.exchange = IKE_X_SA_INIT;
	v->next_id = 1;
	begin(ike, v, &task, now);
	return 0;
}

int
v2_answer(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	  struct ike_writer *w, uint64_t now)
{
	struct ike_hdr hdr = header(v, m->hdr.exchange, true, m->id);
	struct v2_packets p = {0};
	int error = ike_write_end(w) ? seal(ike, v, &hdr, w, &p) : -E2BIG;

	if (error == 0)
		ladder_inner(ike, v, &hdr, w, p.n, now);
	secret_wipe(ike->inner, w->n);
	v2_packets_drop(&v->answer);
	if (error != 0) {
		v2_packets_drop(&p);
		return error;
	}
	p.id = m->id;
	v->answer = p;
	v->sa.said_ns = now;
	send_packets(ike, v, &v->answer);
	return 0;
}

void
v2_answer_error(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		uint16_t type, const void *data, size_t octets, uint64_t now)
{
	struct ike_writer w;

	v2_inner(ike, &w);
	v2_say(&w, type, data, octets);
	(void)v2_answer(ike, v, m, &w, now);
}

void
v2_request_done(struct ike *ike, struct v2_sa *v)
{
	ike_timer_stop(&ike->timers, &v->request.timer);
	v2_packets_drop(&v->request.packets);
	v->request.task = (struct v2_task){0};
}

/* Nobody answers: the SA is dead (section 2.4). */
static void
give_up(struct ike *ike, struct v2_sa *v, uint64_t now)
{
	enum v2_kind kind = v->request.task.kind;

	if (v->state == V2_DELETING || v->sa.replaced) {
		v2_end(ike, v, IKE_CAUSE_KEEPALIVE_FAILURE, now);
		return;
	}
	ike_rejected(ike, IKE_REJECT_V2_RETRANSMIT, &v->sa.path, v->sa.tun, now,
		     ike_exchange_name(v->request.exchange));
	if (v->state != V2_UP) {
		ike_sa_fail(ike, &v->sa, IKE_CAUSE_GENERAL, now,
			    "the peer does not answer");
		return;
	}
	if (kind == V2_LIVENESS)
		ike->stats.count[IKE_STAT_DPD_DEAD]++;
	ike_sa_end(ike, &v->sa,
		   kind == V2_REKEY_CHILD || kind == V2_REKEY_IKE
		       ? IKE_CAUSE_REKEY_FAILURE
		       : IKE_CAUSE_KEEPALIVE_FAILURE,
		   now);
}

void
v2_request_fired(struct ike *ike, struct ike_timer *t, uint64_t now)
{
	struct v2_sa *v = OF_REQUEST(t);

	if (v->request.tries >= v->request.max) {
		give_up(ike, v, now);
		return;
	}
	v->request.tries++;
	ike->stats.count[IKE_STAT_RETRANSMITTED]++;
	v2_send_again(ike, v, &v->request.packets, "", now);
	arm(ike, v, now);
}
