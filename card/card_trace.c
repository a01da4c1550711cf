/*
 * Journeys of packets. An iPPA picks frames as its ports read them; from then
 * on the descriptor carries the journey's number, and every stage it visits
 * says what it looked up, found and decided, with the packet's headers as they
 * are then. The chassis puts the stations in order by the hop they name, finds
 * the names of ids, and tells what changed from one to the next.
 *
 * Nobody asks for a number (packet/pkt_journey.h). A live card tells so many
 * stations a second and no more, and says how many it did not tell: telling
 * must never cost traffic.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cap_filter.h"
#include "cap_link.h"
#include "card_impl.h"
#include "clock.h"
#include "pkt_head.h"
#include "pkt_journey.h"

/* Stations told of one packet: a packet that circles must not flood. */
#define CARD_TRACE_HOPS 200
/* Before anybody set a rate: journeys that other routers began. */
#define CARD_TRACE_PER_SECOND 5000

static bool
card_trace_due(struct card *card, const struct pkt *p)
{
	struct card_trace_state *trace = &card->trace;
	bool due = p->round != 0 ||
		   bucket_take(&trace->rate, clock_monotonic(),
			       trace->per_second != 0 ? trace->per_second
						      : CARD_TRACE_PER_SECOND,
			       CARD_TRACE_PER_SECOND);

	trace->unsaid += !due;
	return due;
}

static void
card_traced_put(struct card *card, const struct pkt *p,
		const struct card_said *said, struct ctl_traced *body)
{
	*body = (struct ctl_traced){
	    .trace = be32_put(p->trace),
	    .parent = be32_put(said->parent),
	    .stage = be16_put(card->args.stage),
	    .to = be16_put(said->goes ? said->to : STAGE_NONE),
	    .hop = be32_put(p->hop),
	    .time_ns = be64_put(p->time_ns),
	    .clock_ns = be64_put(clock_monotonic()),
	    .unsaid = be32_put(card->trace.unsaid),
	    .context = be32_put(said->context),
	    .circuit = be32_put(said->circuit),
	    .adj = be32_put(said->adj),
	    .list = be32_put(said->list),
	    .row = be32_put(said->row),
	    .entry = be32_put(said->entry),
	    .sa = be32_put(said->sa),
	    .spi = be32_put(said->spi),
	    .seq = be32_put(said->seq),
	    .addr = said->addr,
	    .next_hop = said->next_hop,
	    .mtu = be16_put(said->mtu),
	    .octets = be16_put(p->len),
	    .kind = (uint8_t)said->kind,
	    .fate = said->fate,
	    .l2 = p->l2,
	    .port = said->port,
	    .queue = said->queue,
	    .direction = said->direction,
	};
	if (said->mac != NULL)
		memcpy(body->mac, said->mac, sizeof(body->mac));
}

static void __attribute__((format(printf, 4, 0)))
card_say_list(struct card *card, struct pkt *p, const struct card_said *said,
	      const char *format, va_list ap)
{
	uint8_t tail[CARD_SENTENCE_MAX + PKT_HEAD_MAX];
	const uint8_t *head = said->head;
	struct ctl_traced body;
	size_t text;
	size_t n;

	if (p->hop >= CARD_TRACE_HOPS || !card_trace_due(card, p))
		return;
	if (head == NULL)
		head = pkt_data(card_mem(card), p);
	card_traced_put(card, p, said, &body);
	(void)vsnprintf((char *)tail, CARD_SENTENCE_MAX, format, ap);
	text = strlen((char *)tail);
	n = pkt_head_octets(head, p->len, p->l2);
	memcpy(tail + text, head, n);
	body.head = be16_put((uint16_t)n);
	if (card_tell(card, CTL_TRACED, &body, tail, text + n) == 0)
		card->trace.unsaid = 0;
}

void
card_say(struct card *card, struct pkt *p, const struct card_said *said,
	 const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	card_say_list(card, p, said, format, ap);
	va_end(ap);
}

void
card_trace(struct card *card, struct pkt *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	card_say_list(card, p, &(struct card_said){0}, format, ap);
	va_end(ap);
}

void
card_trace_piece(struct card *card, const struct pkt *whole, struct pkt *piece,
		 unsigned part, unsigned parts)
{
	piece->trace = pkt_journey(card->trace.router, card->args.stage,
				   ++card->trace.given);
	card_say(card, piece,
		 &(struct card_said){.kind = CTL_SAID_PIECE,
				     .parent = whole->trace,
				     .row = part},
		 "piece %u of %u, %u octets", part, parts, piece->len);
}

void
card_trace_drop(struct card *card, struct pkt *p, unsigned fate,
		const uint8_t *head)
{
	card_say(
	    card, p,
	    &(struct card_said){.kind = CTL_SAID_DROP,
				.fate = (uint8_t)fate,
				.circuit = p->circuit_out != 0 ? p->circuit_out
							       : p->circuit_in,
				.adj = p->handle,
				.mtu = p->mtu,
				.head = head},
	    "dropped, %s: %s", pkt_fate_name(fate), pkt_fate_sentence(fate));
}

bool
card_traces(const struct card *card)
{
	return card->trace.left != 0;
}

uint32_t
card_trace_pick(struct card *card, unsigned port, const uint8_t *frame,
		uint32_t len, bool ethernet)
{
	struct card_trace_state *trace = &card->trace;

	if (trace->left == 0 || (trace->port != 0 && trace->port != port))
		return 0;
	if (trace->filter != NULL &&
	    !cap_filter_matches(trace->filter,
				ethernet ? CAP_LINK_ETHERNET : CAP_LINK_RAW,
				frame, len, len))
		return 0;
	if (trace->skip > 0) {
		trace->skip--;
		return 0;
	}
	trace->skip = trace->every > 1 ? trace->every - 1 : 0;
	trace->left--;
	return pkt_journey(trace->router, card->args.stage, ++trace->given);
}

void
card_trace_set(struct card *card, const struct ctl_in *in)
{
	const struct ctl_trace_set *body = in->body;
	struct card_trace_state *trace = &card->trace;
	char text[CARD_FILTER_MAX];
	struct cap_error why;
	int err = 0;

	trace->router = be16_get(body->router);
	if (body->flags & CTL_TRACE_NUMBER)
		return;
	if (in->tail_octets >= sizeof text) {
		card_opened(card, CTL_OPENED, -ENAMETOOLONG,
			    "the filter is too long");
		return;
	}
	memcpy(text, in->tail, in->tail_octets);
	text[in->tail_octets] = '\0';
	card_trace_fini(card);
	if (text[0] != '\0')
		err = cap_filter_new(&trace->filter, text, &why);
	trace->left = err == 0 ? be32_get(body->count) : 0;
	trace->every = be32_get(body->every);
	trace->skip = 0;
	trace->port = body->port;
	trace->per_second = be32_get(body->per_second);
	if (!(body->flags & CTL_TRACE_QUIET) || err != 0)
		card_opened(card, CTL_OPENED, err, err != 0 ? why.text : NULL);
}

void
card_trace_fini(struct card *card)
{
	cap_filter_free(&card->trace.filter);
	card->trace.left = 0;
}
