/*
 * Checks Authentication Headers and takes them off: decide which may be checked
 * (SA, lengths, replay window), and after the engine has run, judge (ICV,
 * window again, what was inside). Called by an ASP before esp_in. Trusts
 * neither descriptor nor octets; fragments were joined before (section 3.4.1).
 *
 * RFC 4302 section 3.4 (inbound processing), RFC 4301 section 5.2.
 */
#include <errno.h>
#include <string.h>

#include "ah.h"
#include "ah_work.h"
#include "esp_size.h"
#include "transport.h"

static struct esp_sa *
sa_find(const struct esp *esp, const struct ip_parsed *parsed,
	const struct ah_hdr *ah, uint32_t context)
{
	struct sad_key key = {
	    .context = context,
	    .spi = be32_get(ah->spi),
	    .dst = ip_parsed_dst(parsed),
	    .protocol = IP_PROTO_AH,
	};

	return sad_find_in(esp->sad, &key);
}

/* The SA says how long its AH is (RFC 4302 section 2.2): nothing else will do.
 */
static bool
length_fits(const struct ah_hdr *ah, const struct ip_parsed *parsed,
	    const struct esp_sa *sa)
{
	unsigned octets = (ah->length + 2u) * 4;

	return octets == ah_octets(sa) &&
	       octets <= parsed->total - parsed->header;
}

static enum pkt_fate
decide_one(struct esp *esp, const struct pkt *p, uint32_t context, uint8_t *at,
	   const struct ip_parsed *parsed, struct esp_job *job)
{
	struct ah_hdr *ah = (struct ah_hdr *)(at + parsed->header);
	uint8_t *icv = (uint8_t *)(ah + 1);
	struct esp_work *w = esp->work;

	if (parsed->total - parsed->header < sizeof(*ah))
		return PKT_DROP_BAD_AH_LENGTH;
	job->sa = sa_find(esp, parsed, ah, context);
	if (job->sa == NULL)
		return PKT_DROP_NO_SA;
	if (esp_expired(esp, job->sa, p))
		return PKT_DROP_SA_EXPIRED;
	if (!length_fits(ah, parsed, job->sa))
		return PKT_DROP_BAD_AH_LENGTH;
	if (parsed->header > AH_HEADERS_MAX)
		return PKT_DROP_BAD_IP_HEADER;
	if ((unsigned)PKT_BUF_OCTETS - p->off - parsed->total < AH_ESN_OCTETS)
		return PKT_DROP_FRAME_TOO_LONG;
	if (!replay_check(&job->sa->replay, be32_get(ah->seq), &job->seq))
		return PKT_DROP_REPLAY;
	job->header = parsed->header;
	job->next = ah->next_header;
	job->tos = parsed->tos;
	memcpy(w->icv[w->n], icv, job->sa->icv_octets);
	memset(icv, 0, job->sa->icv_octets);
	return ah_work_prepare(w, w->n, at, parsed, job)
		   ? PKT_GO
		   : PKT_DROP_BAD_IP_HEADER;
}

static void
decide(struct esp *esp, struct pkt_vec *v, const uint32_t context[],
       struct esp_sa *through[])
{
	struct esp_work *w = esp->work;

	w->n = 0;
	for (unsigned i = 0; i < v->n; i++) {
		struct pkt *p = &v->pkt[i];
		struct esp_job job = {.packet = i};
		struct ip_parsed parsed;
		enum pkt_fate fate;
		uint8_t *at;

		through[i] = NULL;
		if (v->fate[i] != PKT_GO || !pkt_extent_valid(esp->mem, p))
			continue;
		at = pkt_data(esp->mem, p);
		if (ip_parse(at, p->len, &parsed) != 0 || parsed.fragment ||
		    parsed.protocol != IP_PROTO_AH)
			continue;
		fate = decide_one(esp, p, context[i], at, &parsed, &job);
		through[i] = job.sa;
		if (fate == PKT_GO)
			w->jobs[w->n++] = job;
		else
			esp_drop(v, i, job.sa, fate);
	}
}

/* AH goes from between the headers and what follows. */
static uint8_t *
take_out(uint8_t *at, unsigned len, const struct esp_job *job)
{
	struct ip_parsed parsed;
	unsigned ah = ah_octets(job->sa);

	(void)ip_parse(at, len, &parsed); /* it was parsed before */
	return transport_remove(at, &parsed, ah, job->next,
				parsed.total - parsed.header - ah);
}

/* What was inside; *begin and job->inner say where it lies. */
static enum pkt_fate
inside(uint8_t *at, unsigned len, struct esp_job *job, uint8_t **begin,
       bool *clear)
{
	const struct esp_sa *sa = job->sa;
	unsigned front = job->header + ah_octets(sa);
	struct ip_parsed parsed;

	*clear = sa->bundle == 0;
	if (sa->bundle != 0 && job->next != IP_PROTO_ESP)
		return PKT_DROP_WRONG_ENCAPSULATION;
	if (*clear && !sa->transport) {
		(void)ip_parse(at, len, &parsed);
		*begin = at + front;
		return esp_inner_take(*begin, parsed.total - front, job->next,
				      job->tos, &job->inner);
	}
	*begin = take_out(at, len, job);
	(void)ip_parse(*begin, len, &parsed);
	job->inner = parsed.total;
	return PKT_GO;
}

static enum pkt_fate
finish_one(const struct esp *esp, struct pkt *p, const struct esp_op *op,
	   struct esp_job *job)
{
	uint8_t *at = pkt_data(esp->mem, p);
	uint8_t *begin;
	bool clear;
	enum pkt_fate fate;

	/* A packet before it in this vector may have been the SA's last. */
	if (esp_expired(esp, job->sa, p))
		return PKT_DROP_SA_EXPIRED;
	if (op->result != 0)
		return op->result == -EBADMSG ? PKT_DROP_INTEGRITY
					      : PKT_DROP_CRYPTO_FAILED;
	/* Tested again, and moved only now: see esp_in.c. */
	if (!replay_accept(&job->sa->replay, job->seq))
		return PKT_DROP_REPLAY;
	counter_set(&job->sa->counters->c[SA_COUNTER_SEQUENCE],
		    job->sa->replay.top);
	fate = inside(at, p->len, job, &begin, &clear);
	if (fate != PKT_GO)
		return fate;
	p->off = (uint16_t)(begin - pkt_buf(esp->mem, p));
	p->len = (uint16_t)job->inner;
	if (clear) {
		p->flags &= (uint16_t) ~(PKT_F_PROTECT | PKT_F_SEALED);
		p->flags |= PKT_F_OPENED;
	}
	if (!clear) /* else esp_in_settle() */
		esp_age(esp, job->sa, p, job->inner);
	esp_count(job->sa, job->inner);
	return PKT_GO;
}

static void
finish(struct esp *esp, struct pkt_vec *v)
{
	struct esp_work *w = esp->work;

	for (unsigned i = 0; i < w->n; i++) {
		struct esp_job *job = &w->jobs[i];
		struct pkt *p = &v->pkt[job->packet];
		enum pkt_fate fate;

		ah_work_restore(w, i, pkt_data(esp->mem, p), job);
		fate = finish_one(esp, p, &w->ops[i], job);
		if (fate != PKT_GO)
			esp_drop(v, job->packet, job->sa, fate);
	}
}

unsigned
ah_in_vec(struct esp *esp, struct pkt_vec *v, const uint32_t context[],
	  struct esp_sa *through[])
{
	esp_clock(esp, v);
	decide(esp, v, context, through);
	if (esp->work->n != 0) {
		alg_open_vec(esp->alg, esp->work->ops, esp->work->n);
		finish(esp, v);
	}
	return esp_going(v);
}
