/*
 * Opens packets. Three phases of one loop each: decide which may be opened
 * (outer header, SA, lengths, replay window), and after the engine has run,
 * judge what came out (ICV, window again, padding, next header, inner header).
 * Called by an ASP. Trusts neither descriptor nor octets; checks no selector
 * beyond "an IPv4 packet" yet, and joins no fragments.
 *
 * RFC 4303 section 3.4 (inbound processing), RFC 4301 section 5.2, RFC 6040
 * (ECN, in tunnel.c).
 */
#include "esp_in.h"

#include <errno.h>

/* Where things lie in a packet whose outer header was read. */
struct outer {
	const struct ipv4_hdr *ip;
	uint8_t *payload; /* ESP header */
	unsigned payload_octets;
};

static enum pkt_fate
outer_parse(const struct esp *esp, const struct pkt *p, struct outer *outer)
{
	uint8_t *data;
	unsigned ihl, total;

	if (!pkt_extent_valid(esp->mem, p))
		return PKT_DROP_BAD_FRAME;
	if (p->len < sizeof(struct ipv4_hdr))
		return PKT_DROP_BAD_IP_HEADER;
	data = pkt_data(esp->mem, p);
	outer->ip = (const struct ipv4_hdr *)data;
	ihl = (outer->ip->version_ihl & 15u) * 4;
	total = be16_get(outer->ip->total_length);
	if (outer->ip->version_ihl >> 4 != 4 || ihl < sizeof(struct ipv4_hdr) ||
	    total < ihl || total > p->len)
		return PKT_DROP_BAD_IP_HEADER;
	outer->payload = data + ihl;
	outer->payload_octets = total - ihl;
	if (outer->payload_octets < sizeof(struct esp_hdr))
		return PKT_DROP_BAD_ESP_LENGTH;
	return PKT_GO;
}

/*
 * Text has room for the trailer and ends on the alignment (RFC 4303 section
 * 2.4), so that the engine can not be made to read past the packet.
 */
static bool
text_measure(const struct esp_sa *sa, unsigned payload, unsigned *text)
{
	unsigned around =
	    (unsigned)sizeof(struct esp_hdr) + sa->iv_octets + sa->icv_octets;

	if (payload < around + 2 || (payload - around) % sa->align != 0)
		return false;
	*text = payload - around;
	return true;
}

/* PKT_GO and the operation that opens, or why not. job->sa as far as found. */
static enum pkt_fate
decide_one(const struct esp *esp, const struct pkt *p, uint32_t context,
	   struct esp_job *job, struct esp_op *op)
{
	struct outer outer;
	const struct esp_hdr *hdr;
	struct sad_key key;
	unsigned text;
	enum pkt_fate fate = outer_parse(esp, p, &outer);

	if (fate != PKT_GO)
		return fate;
	hdr = (const struct esp_hdr *)outer.payload;
	key = sad_key_ipv4(context, be32_get(hdr->spi), be32_get(outer.ip->dst),
			   outer.ip->protocol);
	job->sa = sad_find_in(esp->sad, &key);
	if (job->sa == NULL)
		return PKT_DROP_NO_SA;
	if (!text_measure(job->sa, outer.payload_octets, &text))
		return PKT_DROP_BAD_ESP_LENGTH;
	if (!replay_check(&job->sa->replay, be32_get(hdr->seq), &job->seq))
		return PKT_DROP_REPLAY;
	*op = (struct esp_op){
	    .cipher = job->sa->cipher,
	    .aad = outer.payload,
	    .aad_octets = sizeof(*hdr),
	    .iv = outer.payload + sizeof(*hdr),
	    .text = outer.payload + sizeof(*hdr) + job->sa->iv_octets,
	    .text_octets = text,
	    .seq_high = (uint32_t)(job->seq >> 32),
	    .esn = job->sa->esn,
	};
	op->icv = op->text + text;
	return PKT_GO;
}

static void
decide(struct esp *esp, struct pkt_vec *v, const uint32_t context[],
       struct esp_sa *found[])
{
	struct esp_work *w = esp->work;

	w->n = 0;
	for (unsigned i = 0; i < v->n; i++) {
		struct esp_job job = {.packet = i};
		enum pkt_fate fate;

		found[i] = NULL;
		if (v->fate[i] != PKT_GO)
			continue;
		fate = decide_one(esp, &v->pkt[i], context[i], &job,
				  &w->ops[w->n]);
		found[i] = job.sa;
		if (fate == PKT_GO)
			w->jobs[w->n++] = job;
		else
			esp_drop(v, i, job.sa, fate);
	}
}

/* Trailer off: the octets before it, or why not (RFC 4303 section 3.4.4.1). */
static enum pkt_fate
trailer_check(const struct esp_op *op, unsigned *clear)
{
	unsigned pad = op->text[op->text_octets - 2];
	unsigned next = op->text[op->text_octets - 1];
	const uint8_t *at;

	if (pad > op->text_octets - 2)
		return PKT_DROP_BAD_PADDING;
	*clear = op->text_octets - 2 - pad;
	at = op->text + *clear;
	for (unsigned i = 0; i < pad; i++) {
		if (at[i] != i + 1)
			return PKT_DROP_BAD_PADDING;
	}
	if (next == IP_PROTO_NONE)
		return PKT_DROP_DUMMY;
	return next == IP_PROTO_IPIP ? PKT_GO : PKT_DROP_SELECTOR_MISMATCH;
}

/* Octets after the inner packet are TFC padding (RFC 4303 section 2.7). */
static enum pkt_fate
inner_check(const struct ipv4_hdr *ip, unsigned clear, uint32_t *inner)
{
	unsigned ihl, total;

	if (clear < sizeof(*ip))
		return PKT_DROP_BAD_IP_HEADER;
	ihl = (ip->version_ihl & 15u) * 4;
	total = be16_get(ip->total_length);
	if (ip->version_ihl >> 4 != 4 || ihl < sizeof(*ip) || total < ihl ||
	    total > clear)
		return PKT_DROP_BAD_IP_HEADER;
	*inner = total;
	return PKT_GO;
}

/* The outer header lies untouched where it was: before the ESP header. */
static enum pkt_fate
finish_one(const struct esp *esp, const struct pkt *p, const struct esp_op *op,
	   struct esp_job *job)
{
	const struct ipv4_hdr *outer;
	struct ipv4_hdr *inner;
	unsigned clear;
	enum pkt_fate fate;

	if (op->result != 0)
		return op->result == -EBADMSG ? PKT_DROP_INTEGRITY
					      : PKT_DROP_CRYPTO_FAILED;
	/*
	 * Tested again, and moved only now: two copies may ride in one vector,
	 * and a forged high number must not push genuine ones out of the window
	 * (RFC 4303 section 3.4.3).
	 */
	if (!replay_accept(&job->sa->replay, job->seq))
		return PKT_DROP_REPLAY;
	counter_set(&job->sa->counters->c[SA_COUNTER_SEQUENCE],
		    job->sa->replay.top);
	fate = trailer_check(op, &clear);
	if (fate != PKT_GO)
		return fate;
	outer = (const struct ipv4_hdr *)pkt_data(esp->mem, p);
	inner = (struct ipv4_hdr *)op->text;
	fate = inner_check(inner, clear, &job->inner);
	if (fate == PKT_GO && !tunnel_ecn_open(outer->tos, inner))
		return PKT_DROP_ECN;
	return fate;
}

static unsigned
finish(struct esp *esp, struct pkt_vec *v)
{
	struct esp_work *w = esp->work;
	unsigned going = 0;

	for (unsigned i = 0; i < w->n; i++) {
		struct esp_job *job = &w->jobs[i];
		struct pkt *p = &v->pkt[job->packet];
		enum pkt_fate fate = finish_one(esp, p, &w->ops[i], job);

		if (fate != PKT_GO) {
			esp_drop(v, job->packet, job->sa, fate);
			continue;
		}
		p->off = (uint16_t)(w->ops[i].text - pkt_buf(esp->mem, p));
		p->len = (uint16_t)job->inner;
		p->flags &= (uint16_t) ~(PKT_F_PROTECT | PKT_F_SEALED);
		p->flags |= PKT_F_OPENED;
		esp_count(job->sa, job->inner);
		going++;
	}
	return going;
}

unsigned
esp_in_vec(struct esp *esp, struct pkt_vec *v, const uint32_t context[],
	   struct esp_sa *found[])
{
	decide(esp, v, context, found);
	alg_open_vec(esp->alg, esp->work->ops, esp->work->n);
	return finish(esp, v);
}
