/*
 * Seals packets. Three phases of one loop each: decide which go and under what
 * number, build header, IV and padding around them, and after the engine has
 * run, finish. Called by an ASP. Looks up no SA and no route; the inner packet
 * is sealed as it stands.
 *
 * RFC 4303 section 3.3 (outbound processing), section 2.4 (padding 1, 2, 3,
 * ...), section 2.7 (TFC padding), RFC 4301 section 5.1.2 (outer header, in
 * tunnel.c), RFC 3948 (UDP). No fragmenting here: what does not fit is dropped.
 */
#include "esp_out.h"

#include <string.h>

#include "esp_size.h"
#include "secret.h"
#include "transport.h"

/*
 * The inner packet's length and protocol number, by its header alone: all that
 * tunnel mode asks of it. 0 when they do not fit.
 */
static unsigned
inner_octets(const uint8_t *at, unsigned len, uint8_t *next)
{
	const struct ipv4_hdr *v4 = (const struct ipv4_hdr *)at;
	const struct ipv6_hdr *v6 = (const struct ipv6_hdr *)at;
	unsigned total, ihl;

	if (len >= sizeof(*v4) && at[0] >> 4 == 4) {
		ihl = (v4->version_ihl & 15u) * 4;
		total = be16_get(v4->total_length);
		*next = IP_PROTO_IPIP;
		return ihl < sizeof(*v4) || total < ihl ? 0 : total;
	}
	if (len < sizeof(*v6) || at[0] >> 4 != 6)
		return 0;
	*next = IP_PROTO_IPV6;
	return (unsigned)sizeof(*v6) + be16_get(v6->payload_length);
}

/* What is sealed of a packet of a transport mode SA: all behind IP's headers.
 */
static enum pkt_fate
transport_measure(const uint8_t *at, unsigned len, struct esp_job *job)
{
	struct ip_parsed parsed;

	if (ip_parse(at, len, &parsed) != 0 || parsed.fragment)
		return PKT_DROP_BAD_IP_HEADER;
	job->inner = parsed.total;
	job->text = parsed.total - parsed.header;
	job->header = parsed.header;
	job->next = parsed.protocol;
	return PKT_GO;
}

static enum pkt_fate
tunnel_measure(const uint8_t *at, const struct pkt *p, struct esp_job *job)
{
	const struct esp_sa *sa = job->sa;
	unsigned total = inner_octets(at, p->len, &job->next);
	unsigned room = (unsigned)PKT_BUF_OCTETS - p->off;

	if (total == 0 || total > p->len)
		return PKT_DROP_BAD_IP_HEADER;
	job->inner = total;
	job->text = total;
	if (sa->tfc != 0 && room > sa->align + 2u + sa->icv_octets)
		job->text = esp_tfc_octets(
		    sa, total, room - sa->align - 2u - sa->icv_octets);
	return PKT_GO;
}

/* PKT_GO and what is to be sealed, or why not. */
static enum pkt_fate
inner_check(const struct esp *esp, const struct pkt *p, struct esp_job *job)
{
	const struct esp_sa *sa = job->sa;
	const uint8_t *at;
	enum pkt_fate fate;

	if (!pkt_extent_valid(esp->mem, p))
		return PKT_DROP_BAD_FRAME;
	if (sa == NULL || sa->direction != SA_OUT ||
	    sa->key.protocol != IP_PROTO_ESP)
		return PKT_DROP_NO_SA;
	at = pkt_data(esp->mem, p);
	fate = sa->transport ? transport_measure(at, p->len, job)
			     : tunnel_measure(at, p, job);
	if (fate != PKT_GO)
		return fate;
	if (pkt_headroom(p) < esp_front_octets(sa) ||
	    (unsigned)PKT_BUF_OCTETS - p->off - job->header - job->text <
		esp_back_octets(sa, job->text))
		return PKT_DROP_FRAME_TOO_LONG;
	return PKT_GO;
}

/* What the phases will read and write of each packet's SA. */
static void
sas_ahead(const struct pkt_vec *v, struct esp_sa *const sas[])
{
	for (unsigned i = 0; i < v->n; i++) {
		if (v->fate[i] != PKT_GO || sas[i] == NULL)
			continue;
		alg_cipher_ahead(sas[i]->cipher);
		__builtin_prefetch(sas[i]->counters, 1);
	}
}

/* Room is seen to before a number is taken, so that no number is wasted. */
static void
decide(struct esp *esp, struct pkt_vec *v, struct esp_sa *const sas[])
{
	struct esp_work *w = esp->work;

	w->n = 0;
	w->random_octets = 0;
	for (unsigned i = 0; i < v->n; i++) {
		struct esp_job job = {.packet = i};
		enum pkt_fate fate;

		if (v->fate[i] != PKT_GO)
			continue;
		job.sa = sas[i];
		fate = inner_check(esp, &v->pkt[i], &job);
		if (fate == PKT_GO && esp_expired(esp, job.sa, &v->pkt[i]))
			fate = PKT_DROP_SA_EXPIRED;
		if (fate == PKT_GO)
			fate = esp_seq_take(esp, job.sa, &job.seq);
		if (fate != PKT_GO) {
			esp_drop(v, i, job.sa, fate);
			continue;
		}
		esp_age(esp, job.sa, &v->pkt[i], job.inner);
		w->random_octets += esp_iv_random_octets(&job.sa->iv);
		w->jobs[w->n++] = job;
	}
}

/* Padding, pad length, next header (RFC 4303 sections 2.4 to 2.6). */
static unsigned
trailer_put(uint8_t *at, unsigned pad, uint8_t next)
{
	for (unsigned i = 0; i < pad; i++)
		at[i] = (uint8_t)(i + 1);
	at[pad] = (uint8_t)pad;
	at[pad + 1] = next;
	return pad + 2;
}

/* Octets behind the IP headers (and UDP's) of the packet that goes out. */
static unsigned
payload_octets(const struct esp_job *job)
{
	return esp_front_octets(job->sa) - job->sa->outer + job->text +
	       esp_back_octets(job->sa, job->text);
}

/* The headers before ESP's; where it stands. */
static struct esp_hdr *
headers_put(const struct esp_job *job, uint8_t *at)
{
	const struct esp_sa *sa = job->sa;
	unsigned front = esp_front_octets(sa);
	unsigned payload = payload_octets(job);
	struct ip_parsed parsed;

	if (!sa->transport) {
		tunnel_outer_put(&sa->tunnel, at - front, at, IP_PROTO_ESP,
				 payload, (uint16_t)job->seq);
		return (struct esp_hdr *)(at - front + sa->outer);
	}
	(void)ip_parse(at, job->inner, &parsed); /* it was parsed before */
	at = transport_insert(at, &parsed, front,
			      sa->tunnel.udp ? IP_PROTO_UDP : IP_PROTO_ESP,
			      payload + sa->outer);
	if (sa->tunnel.udp)
		tunnel_udp_put(&sa->tunnel, at + job->header,
			       payload + sa->outer);
	return (struct esp_hdr *)(at + job->header + sa->outer);
}

/* Everything around the text but the ICV; the operation that seals. */
static int
build(const struct esp *esp, const struct pkt *p, const struct esp_job *job,
      const uint8_t *random, struct esp_op *op)
{
	const struct esp_sa *sa = job->sa;
	uint8_t *at = pkt_data(esp->mem, p);
	uint8_t *text = at + job->header;
	unsigned octets = job->text;
	struct esp_hdr *hdr = headers_put(job, at);

	hdr->spi = be32_put(sa->key.spi);
	hdr->seq = be32_put((uint32_t)job->seq);
	/* TFC padding (RFC 4303 section 2.7): what it holds is nobody's. */
	if (sa->tfc != 0)
		memset(text + job->inner, 0, octets - job->inner);
	octets +=
	    trailer_put(text + octets, esp_pad_octets(sa, octets), job->next);
	*op = (struct esp_op){
	    .cipher = sa->cipher,
	    .aad = (const uint8_t *)hdr,
	    .aad_octets = sizeof(*hdr),
	    .iv = (const uint8_t *)(hdr + 1),
	    .text = text,
	    .text_octets = octets,
	    .icv = text + octets,
	    .seq_high = (uint32_t)(job->seq >> 32),
	    .esn = sa->esn,
	};
	return esp_iv_put(&sa->iv, job->seq, random, (uint8_t *)(hdr + 1));
}

/* Without randomness nothing that needs it goes out. */
static void
prepare(struct esp *esp, struct pkt_vec *v)
{
	struct esp_work *w = esp->work;
	const uint8_t *random = w->random;
	unsigned n = 0;
	int drawn = 0;

	if (w->random_octets != 0)
		drawn = secret_random(w->random, w->random_octets);
	for (unsigned i = 0; i < w->n; i++) {
		struct esp_job *job = &w->jobs[i];
		unsigned need = esp_iv_random_octets(&job->sa->iv);

		if ((need != 0 && drawn != 0) ||
		    build(esp, &v->pkt[job->packet], job, random, &w->ops[n]) !=
			0) {
			esp_out_fail(esp, v, job, PKT_DROP_CRYPTO_FAILED);
			continue;
		}
		random += need;
		w->jobs[n++] = *job;
	}
	w->n = n;
}

static void
finish_one(const struct esp *esp, struct pkt *p, const struct esp_job *job)
{
	const struct esp_sa *sa = job->sa;
	unsigned payload = payload_octets(job) + job->header + sa->outer;

	p->off = (uint16_t)(p->off - esp_front_octets(sa));
	p->len = (uint16_t)payload;
	p->flags |= PKT_F_SEALED;
	if (sa->tunnel.udp)
		tunnel_udp_sum(pkt_data(esp->mem, p), p->len);
	esp_count(job->sa, job->inner);
	counter_set(&sa->counters->c[SA_COUNTER_SEQUENCE], job->seq);
}

static unsigned
finish(struct esp *esp, struct pkt_vec *v)
{
	struct esp_work *w = esp->work;
	unsigned going = 0;

	for (unsigned i = 0; i < w->n; i++) {
		const struct esp_job *job = &w->jobs[i];

		if (w->ops[i].result != 0) {
			esp_out_fail(esp, v, job, PKT_DROP_CRYPTO_FAILED);
			continue;
		}
		finish_one(esp, &v->pkt[job->packet], job);
		going++;
	}
	return going;
}

unsigned
esp_out_vec(struct esp *esp, struct pkt_vec *v, struct esp_sa *const sa[])
{
	esp_clock(esp, v);
	sas_ahead(v, sa);
	decide(esp, v, sa);
	prepare(esp, v);
	alg_seal_vec(esp->alg, esp->work->ops, esp->work->n);
	return finish(esp, v);
}
