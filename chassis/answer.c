/*
 * Decides on answers, in the order in which own.c brings what came. Rates of
 * errors are per kind and per circuit that the offending packet came in on, so
 * that nobody can silence the router towards others (RFC 1812 section 4.3.2.8,
 * RFC 4443 section 2.4 f); their clock is the packets' arrival, so that a
 * replay answers what a live router would have.
 *
 * It departs from RFC 1812 in sending no redirects, in leaving echo requests
 * to broadcast addresses unanswered (RFC 2644 and RFC 1122 section 3.2.2.6
 * allow it) and in dropping options from echo replies (RFC 7126).
 */
#include "answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "bucket.h"
#include "inject.h"
#include "ip_flow.h"
#include "ip_parse.h"
#include "journey.h"
#include "own.h"
#include "path_mtu.h"
#include "ping.h"
#include "punt_kind.h"
#include "rounds.h"
#include "running.h"

#define ERRORS_PER_SECOND 100
#define ERRORS_AT_ONCE 100

/* Why nothing was said: name, sentence. */
#define SILENCES(X)                                                            \
	X(RULE, "rule",                                                        \
	  "about an error, a fragment, a group, or from nobody in particular") \
	X(RATE, "rate", "more errors of that kind than one circuit gets")      \
	X(OWN, "own-packet", "the packet was the router's own")                \
	X(ADDRESS, "no-address",                                               \
	  "the interface it came by has no address to say it from")            \
	X(CONFIGURED, "configured", "the interface is to say nothing of it")   \
	X(NO_BUFFER, "no-buffer", "no packet buffer was to be had")

enum silence {
#define X(id, name, sentence) SILENCE_##id,
	SILENCES(X)
#undef X
	    SILENCE_MAX
};

struct rate {
	uint64_t key; /* kind << 32 | circuit */
	struct bucket bucket;
	UT_hash_handle hh;
};

struct answer {
	struct rate *rates;
	bool silent_now;
	uint16_t ip_id; /* of the next IPv4 packet */
	uint64_t requests;
	uint64_t replies;
	uint64_t malformed;
	uint64_t unclaimed; /* for us, and nothing is answered to it */
	uint64_t errors[ICMP_ERROR_MAX];
	uint64_t received_errors;
	uint64_t silent[SILENCE_MAX];
};

int
answer_new(struct answer **answer)
{
	*answer = calloc(1, sizeof(**answer));
	return *answer != NULL ? 0 : -ENOMEM;
}

void
answer_free(struct answer **at)
{
	struct rate *rate;
	struct rate *next;

	if (*at == NULL)
		return;
	HASH_ITER(hh, (*at)->rates, rate, next) {
		HASH_DEL((*at)->rates, rate); /* NOLINT(*.Malloc) */
		free(rate);
	}
	free(*at);
	*at = NULL;
}

void
answer_hush(struct chs *chs, bool silent)
{
	chs->answer->silent_now = silent;
}

/* Whether a circuit's interface is to say it (enum cfg_icmp). */
static bool
says(struct chs *chs, uint32_t circuit, unsigned what)
{
	return !chs->answer->silent_now &&
	       (inject_icmp_of(chs, circuit) & what) != 0;
}

static uint32_t
context_of(struct chs *chs, uint32_t circuit)
{
	const struct ctl_circuit *c =
	    running_circuit(running_tables(chs->running), circuit);

	return c != NULL ? be32_get(c->context) : 0;
}

uint32_t
answer_context(struct chs *chs, const struct pkt *p)
{
	return context_of(chs, p->circuit_in);
}

/* --- errors --------------------------------------------------------------- */

static bool
rate_take(struct answer *answer, enum icmp_error error, const struct pkt *place)
{
	uint64_t key = (uint64_t)error << 32 | place->circuit_in;
	struct rate *rate;

	HASH_FIND(hh, answer->rates, &key, sizeof(key), rate);
	if (rate == NULL) {
		rate = calloc(1, sizeof(*rate));
		if (rate == NULL)
			return false;
		rate->key = key;
		HASH_ADD(hh, answer->rates, key, sizeof(key), rate);
	}
	return bucket_take(&rate->bucket, place->order_ns, ERRORS_PER_SECOND,
			   ERRORS_AT_ONCE);
}

static struct ip_addr
source_of(const uint8_t *ip)
{
	if (ip[0] >> 4 == 4)
		return ip_addr_get(4, &((const struct ipv4_hdr *)ip)->src);
	return ip_addr_get(6, ((const struct ipv6_hdr *)(const void *)ip)->src);
}

static struct ip_addr
destination_of(const uint8_t *ip)
{
	if (ip[0] >> 4 == 4)
		return ip_addr_get(4, &((const struct ipv4_hdr *)ip)->dst);
	return ip_addr_get(6, ((const struct ipv6_hdr *)(const void *)ip)->dst);
}

/* Not caused by any packet: a probe of ping or traceroute. */
static bool
from_here(const struct pkt *place)
{
	return place->in_stage == 0 && place->circuit_in == 0;
}

/* What forbids an error about a packet; SILENCE_MAX: nothing. */
static enum silence
forbidden(struct chs *chs, enum icmp_error error, const struct pkt *place,
	  uint32_t context, const uint8_t *ip, size_t octets,
	  struct ip_addr *from)
{
	struct ip_addr src = source_of(ip);
	struct ip_addr dst = destination_of(ip);

	if (icmp_silence_of(error, ip, octets) != ICMP_MAY)
		return SILENCE_RULE;
	if (inject_is_local(chs, context, &src) && !from_here(place))
		return SILENCE_OWN;
	if (inject_is_ours(chs, context, &dst)) /* whom it was sent to */
		*from = dst;
	else if (!inject_address_of(chs, place->circuit_in, ip[0] >> 4, from))
		return SILENCE_ADDRESS;
	if (!says(chs, place->circuit_in, CFG_ICMP_ERRORS))
		return SILENCE_CONFIGURED;
	return rate_take(chs->answer, error, place) ? SILENCE_MAX
						    : SILENCE_RATE;
}

static void
say_error(struct chs *chs, enum icmp_error error, const struct pkt *place,
	  uint32_t context, const uint8_t *ip, size_t octets, uint32_t value)
{
	struct answer *answer = chs->answer;
	struct ip_addr from;
	enum silence silence =
	    forbidden(chs, error, place, context, ip, octets, &from);
	struct pkt p;
	char text[IP_ADDR_TEXT_MAX];
	struct ip_addr src = source_of(ip);

	if (silence == SILENCE_MAX && !own_make(chs, place, &p))
		silence = SILENCE_NO_BUFFER;
	if (silence != SILENCE_MAX) {
		answer->silent[silence]++;
		return;
	}
	p.len = (uint16_t)icmp_error_write(pkt_data(bp_mem(chs->bp), &p),
					   OWN_ROOM, error, &from, ip, octets,
					   value, answer->ip_id++);
	answer->errors[error]++;
	journey_say(chs, &p, CTL_SAID_OWN, 0, "says %s to %s",
		    icmp_error_name(error), ip_addr_text(&src, text));
	(void)own_send(chs, &p, context);
}

/* The MTU that a packet exceeded. */
static uint32_t
mtu_of(struct chs *chs, const struct pkt *place, const struct answer_drop *drop)
{
	const struct ctl_circuit *c =
	    running_circuit(running_tables(chs->running), place->circuit_out);

	if (drop->mtu != 0)
		return drop->mtu;
	return c != NULL ? be16_get(c->mtu) : 0;
}

/*
 * Only what was to be forwarded is told of here: a circuit that takes nothing
 * in, and what is for us, is nobody's business.
 */
static bool
was_forwarded(struct chs *chs, const struct pkt *place, const uint8_t *quote,
	      enum icmp_error error)
{
	const struct ctl_circuit *c =
	    running_circuit(running_tables(chs->running), place->circuit_in);
	struct ip_addr dst = destination_of(quote);

	if (c == NULL || (c->flags & CTL_CIRCUIT_UP) == 0)
		return false;
	return error == ICMP_ERROR_REASSEMBLY ||
	       error == ICMP_ERROR_PROHIBITED ||
	       !inject_is_ours(chs, be32_get(c->context), &dst);
}

void
answer_drop(struct chs *chs, const struct pkt *place,
	    const struct answer_drop *drop, const uint8_t *quote)
{
	enum icmp_error error = icmp_error_of(drop->fate);
	uint32_t value = 0;

	/* Headers whole, or nothing is read of them. */
	if (error == ICMP_ERROR_NONE ||
	    drop->octets < (quote[0] >> 4 == 6 ? sizeof(struct ipv6_hdr)
					       : sizeof(struct ipv4_hdr)))
		return;
	if (error == ICMP_ERROR_TOO_BIG)
		value = mtu_of(chs, place, drop);
	if (from_here(place))
		ping_dropped(chs, error, quote, drop->octets, value);
	else if (was_forwarded(chs, place, quote, error))
		say_error(chs, error, place, context_of(chs, place->circuit_in),
			  quote, drop->octets, value);
}

/* --- packets for us ------------------------------------------------------- */

static bool
echo(struct chs *chs, struct pkt *p, uint8_t *ip)
{
	size_t skip = 0;

	chs->answer->requests++;
	if (!icmp_echo_answer(ip, p->len, chs->answer->ip_id++, &skip))
		return false;
	p->off = (uint16_t)(p->off + skip);
	p->len = (uint16_t)(p->len - skip);
	p->circuit_in = 0;
	chs->answer->replies++;
	journey_say(chs, p, CTL_SAID_OWN, 0, "echo request answered: %u octets",
		    p->len);
	return true;
}

static unsigned
ttl_of(const uint8_t *ip)
{
	return ip[0] >> 4 == 4
		   ? ((const struct ipv4_hdr *)(const void *)ip)->ttl
		   : ((const struct ipv6_hdr *)(const void *)ip)->hop_limit;
}

static bool
is_too_big(const struct icmp_seen *seen)
{
	return seen->error && icmp_error_find(seen->src.family, seen->type,
					      seen->code) == ICMP_ERROR_TOO_BIG;
}

static bool
icmp_packet(struct chs *chs, struct pkt *p, uint32_t context, uint8_t *ip)
{
	struct icmp_seen seen;
	enum silence silence = SILENCE_MAX;

	if (icmp_read(ip, p->len, &seen) != 0) {
		chs->answer->malformed++;
		return false;
	}
	if (seen.error)
		chs->answer->received_errors++;
	if (!seen.request) {
		ping_heard(chs, context, &seen, ttl_of(ip));
		if (is_too_big(&seen) && path_mtu_heard(chs, p, context, &seen))
			own_wait(chs, p->round);
		return false;
	}
	/* Whom no error may be sent to gets no reply either. */
	if (icmp_silence_of(ICMP_ERROR_PORT, ip, p->len) != ICMP_MAY ||
	    (!from_here(p) && inject_is_local(chs, context, &seen.src)))
		silence = SILENCE_RULE;
	else if (!says(chs, p->circuit_in, CFG_ICMP_ECHO))
		silence = SILENCE_CONFIGURED;
	if (silence == SILENCE_MAX)
		return echo(chs, p, ip);
	chs->answer->silent[silence]++;
	return false;
}

/* No port is open, and of other protocols none is spoken (RFC 1122, 3.2.2.1);
 * ESP, AH and IKE are the ASPs', and TCP has ways of its own to refuse. */
static void
unclaimed(struct chs *chs, const struct pkt *p, uint32_t context,
	  const uint8_t *ip, const struct ip_flow *flow)
{
	enum icmp_error error = ICMP_ERROR_PROTOCOL;
	struct ip_parsed parsed;
	uint32_t value = 0;

	chs->answer->unclaimed++;
	if ((flow->flags & IP_FLOW_FRAGMENT) != 0 ||
	    flow->protocol == IP_PROTO_TCP || flow->protocol == IP_PROTO_ESP ||
	    flow->protocol == IP_PROTO_AH ||
	    punt_kind_of(ip, p->len) == PUNT_IKE)
		return;
	if (flow->protocol == IP_PROTO_UDP)
		error = ICMP_ERROR_PORT;
	else if (flow->family == 6 && ip_parse(ip, p->len, &parsed) == 0)
		value = parsed.next_at;
	say_error(chs, error, p, context, ip, p->len, value);
}

bool
answer_packet(struct chs *chs, struct pkt *p, uint32_t context)
{
	uint8_t *ip = pkt_data(bp_mem(chs->bp), p);
	struct ip_flow flow;
	struct ip_addr dst;

	if (ip_flow_parse(ip, p->len, &flow) != 0) {
		chs->answer->malformed++;
		return false;
	}
	dst = ip_flow_dst(&flow);
	/* Broadcasts come here as well; nobody is answered (RFC 2644). */
	if (!inject_is_ours(chs, context, &dst)) {
		chs->answer->silent[SILENCE_RULE]++;
		return false;
	}
	if (flow.protocol ==
	    (flow.family == 6 ? IP_PROTO_ICMPV6 : IP_PROTO_ICMP))
		return icmp_packet(chs, p, context, ip);
	unclaimed(chs, p, context, ip, &flow);
	return false;
}

/* --- show ----------------------------------------------------------------- */

static json_t *
counter(uint64_t n)
{
	return json_integer((json_int_t)n);
}

json_t *
answer_show(struct chs *chs)
{
	static const char *const silences[SILENCE_MAX] = {
#define X(id, name, sentence) [SILENCE_##id] = name,
	    SILENCES(X)
#undef X
	};
	const struct answer *a = chs->answer;
	json_t *errors = json_object();
	json_t *silent = json_object();

	for (unsigned i = ICMP_ERROR_NONE + 1; i < ICMP_ERROR_MAX; i++)
		(void)json_object_set_new(errors,
					  icmp_error_name((enum icmp_error)i),
					  counter(a->errors[i]));
	for (unsigned i = 0; i < SILENCE_MAX; i++)
		(void)json_object_set_new(silent, silences[i],
					  counter(a->silent[i]));
	return json_pack(
	    "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "echo_requests",
	    counter(a->requests), "echo_replies", counter(a->replies),
	    "errors_received", counter(a->received_errors), "malformed",
	    counter(a->malformed), "unclaimed", counter(a->unclaimed),
	    "errors_sent", errors, "suppressed", silent);
}
