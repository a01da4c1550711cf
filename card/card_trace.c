/*
 * Journeys of packets. An iPPA picks frames as its ports read them; from then
 * on the descriptor carries the journey's number, and every stage it visits
 * says in a sentence what it decided. The chassis puts the sentences in order
 * by the hop they name.
 *
 * A number is slot << 12 | n, so that cards number without asking each other:
 * at most 4,095 journeys a card in one run. Only the one iPPA of a slot picks.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cap_filter.h"
#include "cap_link.h"
#include "card_impl.h"

#define CARD_TRACES_MAX 4095
/* Stations told of one packet: a packet that circles must not flood. */
#define CARD_TRACE_HOPS 64
#define CARD_FILTER_MAX 1024

void
card_trace(struct card *card, struct pkt *p, const char *format, ...)
{
	char sentence[CARD_SENTENCE_MAX];
	struct ctl_traced body = {
	    .trace = be16_put(p->trace),
	    .stage = be16_put(card->args.stage),
	    .hop = be32_put(p->hop),
	    .time_ns = be64_put(p->time_ns),
	};
	va_list ap;

	if (p->hop >= CARD_TRACE_HOPS)
		return;
	va_start(ap, format);
	(void)vsnprintf(sentence, sizeof sentence, format, ap);
	va_end(ap);
	(void)card_tell(card, CTL_TRACED, &body, sentence, strlen(sentence));
}

uint16_t
card_trace_pick(struct card *card, const uint8_t *frame, uint32_t len,
		bool ethernet)
{
	struct card_trace_state *trace = &card->trace;

	if (trace->left == 0)
		return 0;
	if (trace->filter != NULL &&
	    !cap_filter_matches(trace->filter,
				ethernet ? CAP_LINK_ETHERNET : CAP_LINK_RAW,
				frame, len, len))
		return 0;
	trace->left--;
	trace->given++;
	return (uint16_t)(stage_slot(card->args.stage) << 12 | trace->given);
}

void
card_trace_set(struct card *card, const struct ctl_in *in)
{
	const struct ctl_trace_set *body = in->body;
	uint32_t count = be32_get(body->count);
	struct card_trace_state *trace = &card->trace;
	char text[CARD_FILTER_MAX];
	struct cap_error why;
	int err = 0;

	if (in->tail_octets >= sizeof text) {
		card_opened(card, CTL_OPENED, -ENAMETOOLONG,
			    "the filter is too long");
		return;
	}
	memcpy(text, in->tail, in->tail_octets);
	text[in->tail_octets] = '\0';
	card_trace_fini(card);
	if (in->tail_octets != 0)
		err = cap_filter_new(&trace->filter, text, &why);
	if (err == 0 && count > (uint32_t)(CARD_TRACES_MAX - trace->given))
		count = (uint32_t)(CARD_TRACES_MAX - trace->given);
	trace->left = err == 0 ? count : 0;
	card_opened(card, CTL_OPENED, err, err != 0 ? why.text : NULL);
}

void
card_trace_fini(struct card *card)
{
	cap_filter_free(&card->trace.filter);
	card->trace.left = 0;
}
