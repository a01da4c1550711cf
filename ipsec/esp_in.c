/*
 * Opens packets. Three phases of one loop each: decide which may be opened
 * (outer header, SA, lengths, replay window), and after the engine has run,
 * judge what came out (ICV, window again, padding, next header, inner header).
 * Called by an ASP. Trusts neither descriptor nor octets; checks no selector
 * beyond "an IP packet" (the ASP does), and joins no fragments (the iPPA does).
 *
 * RFC 4303 section 3.4 (inbound processing), RFC 4301 section 5.2, RFC 3948
 * (UDP), RFC 6040 (ECN, in tunnel.c).
 */
#include "esp_in.h"

#include <errno.h>

#include "ip_cksum.h"
#include "ip_parse.h"
#include "transport.h"

/* Where things lie in a packet whose outer header was read. */
struct outer {
	struct ip_parsed ip;
	uint8_t *payload; /* ESP header */
	unsigned payload_octets;
	const struct udp_hdr *udp; /* NULL: no UDP around it */
};

/*
 * Whether the UDP checksum holds. Asked where the SA has no ICV, which tells
 * more: a host's own captures hold checksums that its card was to finish, and
 * RFC 3948 section 2.1 has the receiver depend on none.
 */
static bool
udp_cksum_holds(const struct outer *outer)
{
	return be16_get(outer->udp->checksum) == 0 ||
	       ip_cksum_pseudo(outer->ip.src, outer->ip.dst,
			       outer->ip.family == 6 ? 16 : 4, IP_PROTO_UDP,
			       outer->udp, be16_get(outer->udp->length)) == 0;
}

/*
 * UDP off (RFC 3948 section 2). Over IPv6 there must be a checksum (RFC 8200
 * section 8.1).
 */
static enum pkt_fate
udp_parse(struct outer *outer)
{
	const struct udp_hdr *udp = (const struct udp_hdr *)outer->payload;
	unsigned length;

	if (outer->payload_octets < sizeof(*udp))
		return PKT_DROP_BAD_ESP_LENGTH;
	length = be16_get(udp->length);
	if (length < sizeof(*udp) || length > outer->payload_octets)
		return PKT_DROP_BAD_ESP_LENGTH;
	if (be16_get(udp->checksum) == 0 && outer->ip.family == 6)
		return PKT_DROP_BAD_CHECKSUM;
	outer->payload += sizeof(*udp);
	outer->payload_octets = length - (unsigned)sizeof(*udp);
	outer->udp = udp;
	return PKT_GO;
}

static enum pkt_fate
outer_parse(const struct esp *esp, const struct pkt *p, struct outer *outer)
{
	uint8_t *data;
	enum pkt_fate fate = PKT_GO;

	if (!pkt_extent_valid(esp->mem, p))
		return PKT_DROP_BAD_FRAME;
	data = pkt_data(esp->mem, p);
	if (ip_parse(data, p->len, &outer->ip) != 0 || outer->ip.fragment)
		return PKT_DROP_BAD_IP_HEADER;
	outer->payload = data + outer->ip.header;
	outer->payload_octets = outer->ip.total - outer->ip.header;
	outer->udp = NULL;
	if (outer->ip.protocol == IP_PROTO_UDP)
		fate = udp_parse(outer);
	if (fate == PKT_GO && outer->payload_octets < sizeof(struct esp_hdr))
		return PKT_DROP_BAD_ESP_LENGTH;
	return fate;
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

static struct esp_sa *
sa_find(const struct esp *esp, const struct outer *outer, uint32_t context)
{
	const struct esp_hdr *hdr = (const struct esp_hdr *)outer->payload;
	struct sad_key key = {
	    .context = context,
	    .spi = be32_get(hdr->spi),
	    .dst = ip_parsed_dst(&outer->ip),
	    .protocol = IP_PROTO_ESP,
	};

	if (outer->udp == NULL && outer->ip.protocol != IP_PROTO_ESP)
		return NULL;
	return sad_find_in(esp->sad, &key);
}

/*
 * ESP that should be inside AH or UDP must be, and else must not: a policy that
 * asks for both is not met by one (RFC 4301 section 5.2).
 */
static bool
around_fits(const struct esp_sa *sa, const struct outer *outer,
	    const struct esp_sa *through)
{
	return sa->bundle == (through != NULL ? through->id : 0) &&
	       sa->tunnel.udp == (outer->udp != NULL);
}

/* PKT_GO and the operation that opens, or why not. job->sa as far as found. */
static enum pkt_fate
decide_one(const struct esp *esp, const struct pkt *p, uint32_t context,
	   const struct esp_sa *through, struct esp_job *job, struct esp_op *op)
{
	struct outer outer;
	const struct esp_hdr *hdr;
	unsigned text;
	enum pkt_fate fate = outer_parse(esp, p, &outer);

	if (fate != PKT_GO)
		return fate;
	hdr = (const struct esp_hdr *)outer.payload;
	job->sa = sa_find(esp, &outer, context);
	if (job->sa == NULL)
		return PKT_DROP_NO_SA;
	if (!around_fits(job->sa, &outer, through))
		return PKT_DROP_WRONG_ENCAPSULATION;
	if (outer.udp != NULL && job->sa->icv_octets == 0 &&
	    !udp_cksum_holds(&outer))
		return PKT_DROP_BAD_CHECKSUM;
	if (esp_expired(esp, job->sa, p))
		return PKT_DROP_SA_EXPIRED;
	if (!text_measure(job->sa, outer.payload_octets, &text))
		return PKT_DROP_BAD_ESP_LENGTH;
	if (!replay_check(&job->sa->replay, be32_get(hdr->seq), &job->seq))
		return PKT_DROP_REPLAY;
	job->tos = outer.ip.tos;
	job->header = outer.ip.header;
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
       struct esp_sa *const through[], struct esp_sa *found[])
{
	struct esp_work *w = esp->work;

	w->n = 0;
	for (unsigned i = 0; i < v->n; i++) {
		struct esp_job job = {.packet = i};
		enum pkt_fate fate;

		if (v->pkt[i].flags & PKT_F_OPENED)
			continue;
		found[i] = NULL;
		if (v->fate[i] != PKT_GO)
			continue;
		fate = decide_one(esp, &v->pkt[i], context[i],
				  through != NULL ? through[i] : NULL, &job,
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
trailer_check(const struct esp_op *op, unsigned *clear, uint8_t *next_header)
{
	unsigned pad = op->text[op->text_octets - 2];
	const uint8_t *at;

	if (pad > op->text_octets - 2)
		return PKT_DROP_BAD_PADDING;
	*clear = op->text_octets - 2 - pad;
	at = op->text + *clear;
	for (unsigned i = 0; i < pad; i++) {
		if (at[i] != i + 1)
			return PKT_DROP_BAD_PADDING;
	}
	*next_header = op->text[op->text_octets - 1];
	return *next_header == IP_PROTO_NONE ? PKT_DROP_DUMMY : PKT_GO;
}

/* Transport mode: the IP headers move to where the text begins. */
static void
transport_open(uint8_t *at, unsigned len, struct esp_op *op,
	       struct esp_job *job, unsigned clear, uint8_t next)
{
	struct ip_parsed parsed;
	unsigned gone = (unsigned)(op->text - at) - job->header;

	(void)ip_parse(at, len, &parsed); /* it was parsed before */
	op->text = transport_remove(at, &parsed, gone, next, clear);
	job->inner = job->header + clear;
}

/* What the engine opened becomes a packet: op->text and job->inner say which.
 */
static enum pkt_fate
clear_take(uint8_t *at, unsigned len, struct esp_op *op, struct esp_job *job)
{
	uint8_t next;
	unsigned clear;
	enum pkt_fate fate = trailer_check(op, &clear, &next);

	if (fate != PKT_GO)
		return fate;
	if (job->sa->transport) {
		transport_open(at, len, op, job, clear, next);
		return PKT_GO;
	}
	return esp_inner_take(op->text, clear, next, job->tos, &job->inner);
}

static enum pkt_fate
finish_one(const struct esp *esp, const struct pkt *p, struct esp_op *op,
	   struct esp_job *job)
{
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
	return clear_take(pkt_data(esp->mem, p), p->len, op, job);
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
	   struct esp_sa *const through[], struct esp_sa *found[])
{
	esp_clock(esp, v);
	decide(esp, v, context, through, found);
	alg_open_vec(esp->alg, esp->work->ops, esp->work->n);
	return finish(esp, v);
}
