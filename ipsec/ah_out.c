/*
 * Puts the Authentication Header on packets: decide which and under what
 * number, build header and ICV input, and after the engine has run, write ICV
 * and mutable fields. Called by an ASP, after esp_out for a bundle. Looks up no
 * SA and no route.
 *
 * RFC 4302 section 3.3 (outbound processing). With extended sequence numbers
 * the high half is behind the packet while the ICV is made (section 2.5.1).
 */
#include <string.h>

#include "ah.h"
#include "ah_work.h"
#include "esp_size.h"
#include "transport.h"

/* Whether the packet keeps its IP header: AH goes behind it. */
static bool
goes_inside(const struct esp_sa *sa)
{
	return sa->transport || sa->bundle != 0;
}

static unsigned
room_wanted(const struct esp_sa *sa)
{
	return ah_octets(sa) + (goes_inside(sa) ? 0 : sa->outer);
}

static enum pkt_fate
clear_check(const struct esp *esp, const struct pkt *p, struct esp_job *job)
{
	const struct esp_sa *sa = job->sa;
	struct ip_parsed parsed;

	if (!pkt_extent_valid(esp->mem, p))
		return PKT_DROP_BAD_FRAME;
	if (sa->direction != SA_OUT || sa->key.protocol != IP_PROTO_AH)
		return PKT_DROP_NO_SA;
	if (ip_parse(pkt_data(esp->mem, p), p->len, &parsed) != 0)
		return PKT_DROP_BAD_IP_HEADER;
	if (goes_inside(sa) &&
	    (parsed.fragment || parsed.header > AH_HEADERS_MAX))
		return PKT_DROP_BAD_IP_HEADER;
	job->inner = parsed.total;
	job->next = parsed.family == 6 ? IP_PROTO_IPV6 : IP_PROTO_IPIP;
	if (goes_inside(sa))
		job->next = parsed.protocol;
	if (pkt_headroom(p) < room_wanted(sa) ||
	    (unsigned)PKT_BUF_OCTETS - p->off - job->inner < AH_ESN_OCTETS)
		return PKT_DROP_FRAME_TOO_LONG;
	return PKT_GO;
}

static void
decide(struct esp *esp, struct pkt_vec *v, struct esp_sa *const sa[])
{
	struct esp_work *w = esp->work;

	w->n = 0;
	for (unsigned i = 0; i < v->n; i++) {
		struct esp_job job = {.packet = i, .sa = sa[i]};
		enum pkt_fate fate;

		if (v->fate[i] != PKT_GO || sa[i] == NULL)
			continue;
		fate = clear_check(esp, &v->pkt[i], &job);
		if (fate == PKT_GO && esp_expired(esp, job.sa, &v->pkt[i]))
			fate = PKT_DROP_SA_EXPIRED;
		if (fate == PKT_GO)
			fate = esp_seq_take(esp, job.sa, &job.seq);
		if (fate != PKT_GO) {
			esp_drop(v, i, job.sa, fate);
			continue;
		}
		esp_age(esp, job.sa, &v->pkt[i], job.inner);
		w->jobs[w->n++] = job;
	}
}

/* The packet with its new headers; where it begins. */
static uint8_t *
headers_put(uint8_t *at, const struct esp_job *job)
{
	const struct esp_sa *sa = job->sa;
	unsigned ah = ah_octets(sa);
	struct ip_parsed parsed;

	if (goes_inside(sa)) {
		(void)ip_parse(at, job->inner, &parsed);
		return transport_insert(at, &parsed, ah, IP_PROTO_AH,
					parsed.total - parsed.header + ah);
	}
	tunnel_outer_put(&sa->tunnel, at - ah - sa->outer, at, IP_PROTO_AH,
			 ah + job->inner, (uint16_t)job->seq);
	return at - ah - sa->outer;
}

static bool
build(struct esp *esp, struct pkt *p, struct esp_job *job, unsigned n)
{
	const struct esp_sa *sa = job->sa;
	unsigned octets = job->inner + room_wanted(sa);
	uint8_t *at = headers_put(pkt_data(esp->mem, p), job);
	struct ip_parsed parsed;
	struct ah_hdr *ah;

	(void)ip_parse(at, octets, &parsed);
	ah = (struct ah_hdr *)(at + parsed.header);
	memset(ah, 0, ah_octets(sa));
	ah->next_header = job->next;
	ah->length = (uint8_t)(ah_octets(sa) / 4 - 2);
	ah->spi = be32_put(sa->key.spi);
	ah->seq = be32_put((uint32_t)job->seq);
	job->header = parsed.header;
	p->off = (uint16_t)(p->off - room_wanted(sa));
	p->len = (uint16_t)octets;
	return ah_work_prepare(esp->work, n, at, &parsed, job);
}

static void
prepare(struct esp *esp, struct pkt_vec *v)
{
	struct esp_work *w = esp->work;
	unsigned n = 0;

	for (unsigned i = 0; i < w->n; i++) {
		struct esp_job *job = &w->jobs[i];

		if (build(esp, &v->pkt[job->packet], job, n))
			w->jobs[n++] = *job;
		else
			esp_out_fail(esp, v, job, PKT_DROP_BAD_IP_HEADER);
	}
	w->n = n;
}

static void
finish(struct esp *esp, struct pkt_vec *v)
{
	struct esp_work *w = esp->work;

	for (unsigned i = 0; i < w->n; i++) {
		const struct esp_job *job = &w->jobs[i];
		struct pkt *p = &v->pkt[job->packet];
		uint8_t *at = pkt_data(esp->mem, p);

		ah_work_restore(w, i, at, job);
		if (w->ops[i].result != 0) {
			esp_out_fail(esp, v, job, PKT_DROP_CRYPTO_FAILED);
			continue;
		}
		memcpy(at + job->header + sizeof(struct ah_hdr), w->icv[i],
		       job->sa->icv_octets);
		p->flags |= PKT_F_SEALED;
		esp_count(job->sa, job->inner);
		counter_set(&job->sa->counters->c[SA_COUNTER_SEQUENCE],
			    job->seq);
	}
}

unsigned
ah_out_vec(struct esp *esp, struct pkt_vec *v, struct esp_sa *const sa[])
{
	esp_clock(esp, v);
	decide(esp, v, sa);
	if (esp->work->n != 0) {
		prepare(esp, v);
		alg_seal_vec(esp->alg, esp->work->ops, esp->work->n);
		finish(esp, v);
	}
	return esp_going(v);
}
