/*
 * Seals packets. Three phases of one loop each: decide which go and under what
 * number, build header, IV and padding around them, and after the engine has
 * run, finish. Called by an ASP. Looks up no SA and no route; the inner packet
 * is sealed as it stands.
 *
 * RFC 4303 section 3.3 (outbound processing), section 2.4 (padding 1, 2, 3,
 * ...), RFC 4301 section 5.1.2.1 (outer header, in tunnel.c). No fragmenting
 * here: what does not fit is dropped.
 */
#include "esp_out.h"

#include <string.h>

#include "secret.h"

/* Octets before the inner packet. */
static unsigned
front_octets(const struct esp_sa *sa)
{
	return (unsigned)(sizeof(struct ipv4_hdr) + sizeof(struct esp_hdr)) +
	       sa->iv_octets;
}

/* Padding before pad length and next header, which end on the alignment. */
static unsigned
pad_octets(const struct esp_sa *sa, unsigned inner)
{
	unsigned over = (inner + 2) % sa->align;

	return over == 0 ? 0 : sa->align - over;
}

static unsigned
back_octets(const struct esp_sa *sa, unsigned inner)
{
	return pad_octets(sa, inner) + 2 + sa->icv_octets;
}

/* PKT_GO and the octets to seal, or why not. */
static enum pkt_fate
inner_check(const struct esp *esp, const struct pkt *p, const struct esp_sa *sa,
	    unsigned *inner)
{
	const struct ipv4_hdr *ip;
	unsigned total, ihl;

	if (!pkt_extent_valid(esp->mem, p))
		return PKT_DROP_BAD_FRAME;
	if (sa == NULL || sa->direction != SA_OUT)
		return PKT_DROP_NO_SA;
	if (p->len < sizeof(*ip))
		return PKT_DROP_BAD_IP_HEADER;
	ip = (const struct ipv4_hdr *)pkt_data(esp->mem, p);
	ihl = (ip->version_ihl & 15u) * 4;
	total = be16_get(ip->total_length);
	if (ip->version_ihl >> 4 != 4 || ihl < sizeof(*ip) || total < ihl ||
	    total > p->len)
		return PKT_DROP_BAD_IP_HEADER;
	if (pkt_headroom(p) < front_octets(sa) ||
	    PKT_BUF_OCTETS - p->off - total < back_octets(sa, total))
		return PKT_DROP_FRAME_TOO_LONG;
	*inner = total;
	return PKT_GO;
}

static enum pkt_fate
seq_take(struct esp *esp, struct esp_sa *sa, uint64_t *seq)
{
	static const enum pkt_fate fates[] = {
	    [SA_SEQ_OK] = PKT_GO,
	    [SA_SEQ_NOT_GRANTED] = PKT_DROP_SEQUENCE_NOT_GRANTED,
	    [SA_SEQ_EXHAUSTED] = PKT_DROP_SEQUENCE_EXHAUSTED,
	};

	return fates[sa_seq_take(esp->sad, sa, seq)];
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
		fate = inner_check(esp, &v->pkt[i], job.sa, &job.inner);
		if (fate == PKT_GO)
			fate = seq_take(esp, job.sa, &job.seq);
		if (fate != PKT_GO) {
			esp_drop(v, i, job.sa, fate);
			continue;
		}
		w->random_octets += esp_iv_random_octets(&job.sa->iv);
		w->jobs[w->n++] = job;
	}
}

/* Padding, pad length, next header (RFC 4303 sections 2.4 to 2.6). */
static unsigned
trailer_put(uint8_t *at, unsigned pad)
{
	for (unsigned i = 0; i < pad; i++)
		at[i] = (uint8_t)(i + 1);
	at[pad] = (uint8_t)pad;
	at[pad + 1] = IP_PROTO_IPIP;
	return pad + 2;
}

/* Everything around the inner packet but the ICV; the operation that seals. */
static int
build(const struct esp *esp, const struct pkt *p, const struct esp_job *job,
      const uint8_t *random, struct esp_op *op)
{
	const struct esp_sa *sa = job->sa;
	uint8_t *text = pkt_data(esp->mem, p);
	uint8_t *front = text - front_octets(sa);
	struct ipv4_hdr *outer = (struct ipv4_hdr *)front;
	struct esp_hdr *hdr = (struct esp_hdr *)(front + sizeof(*outer));
	unsigned octets = job->inner;

	tunnel_outer_put(
	    &sa->tunnel, outer, (const struct ipv4_hdr *)text,
	    (uint16_t)(front_octets(sa) + octets + back_octets(sa, octets)),
	    (uint16_t)job->seq);
	hdr->spi = be32_put(sa->key.spi);
	hdr->seq = be32_put((uint32_t)job->seq);
	octets += trailer_put(text + octets, pad_octets(sa, octets));
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
			esp_drop(v, job->packet, job->sa,
				 PKT_DROP_CRYPTO_FAILED);
			continue;
		}
		random += need;
		w->jobs[n++] = *job;
	}
	w->n = n;
}

static unsigned
finish(struct esp *esp, struct pkt_vec *v)
{
	struct esp_work *w = esp->work;
	unsigned going = 0;

	for (unsigned i = 0; i < w->n; i++) {
		const struct esp_job *job = &w->jobs[i];
		struct pkt *p = &v->pkt[job->packet];
		unsigned front = front_octets(job->sa);

		if (w->ops[i].result != 0) {
			esp_drop(v, job->packet, job->sa,
				 PKT_DROP_CRYPTO_FAILED);
			continue;
		}
		p->off = (uint16_t)(p->off - front);
		p->len = (uint16_t)(front + job->inner +
				    back_octets(job->sa, job->inner));
		p->flags |= PKT_F_SEALED;
		esp_count(job->sa, job->inner);
		counter_set(&job->sa->counters->c[SA_COUNTER_SEQUENCE],
			    job->seq);
		going++;
	}
	return going;
}

unsigned
esp_out_vec(struct esp *esp, struct pkt_vec *v, struct esp_sa *const sa[])
{
	decide(esp, v, sa);
	prepare(esp, v);
	alg_seal_vec(esp->alg, esp->work->ops, esp->work->n);
	return finish(esp, v);
}
