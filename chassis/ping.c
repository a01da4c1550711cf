/*
 * Each request is a row with at most one probe under way. The identifier of its
 * echo requests, or the source port of its datagrams, names the row; the number
 * names the probe; so an answer finds both, and one that is late or forged
 * beyond that finds nothing. Traceroute sends datagrams to ports that nobody
 * has (33434 and up), one port a probe, three probes a hop.
 */
#include "ping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "clock.h"
#include "inject.h"
#include "ip_flow.h"
#include "own.h"
#include "running.h"

#define PINGS_MAX 64
#define PING_IDS_FIRST 0x8000 /* also a source port of datagrams */
#define TRACE_PORT 33434
#define TRACE_PORTS 1024
#define TRACE_PROBES 3
#define TRACE_OCTETS 60 /* 40 of IPv4, and room for the longer header */
#define DEFAULT_COUNT 5
#define DEFAULT_OCTETS 100
#define DEFAULT_HOPS 30

struct ping {
	bool used;
	bool trace;
	bool waiting; /* a probe is under way */
	bool stop;    /* no probe more */
	bool arrived; /* traceroute: this hop is the last */
	struct bus_peer client;
	uint32_t context;
	struct icmp_probe probe; /* number: of the probe under way */
	unsigned count;          /* of probes; traceroute: of hops */
	unsigned sent;
	unsigned received;
	uint64_t interval_ns;
	uint64_t timeout_ns;
	uint64_t sent_ns;
	uint64_t next_ns; /* send or give up */
	uint64_t min_ns, max_ns, sum_ns;
};

struct pings {
	struct ping row[PINGS_MAX];
	uint16_t id;    /* of the last one begun */
	uint16_t ip_id; /* of the last probe */
	uint32_t index;
};

int
pings_new(struct pings **pings)
{
	*pings = calloc(1, sizeof(**pings));
	return *pings != NULL ? 0 : -ENOMEM;
}

void
pings_free(struct pings **pings)
{
	free(*pings);
	*pings = NULL;
}

/* --- requests ------------------------------------------------------------- */

static struct ping *
find_free(struct pings *pings)
{
	for (unsigned i = 0; i < PINGS_MAX; i++) {
		if (!pings->row[i].used)
			return &pings->row[i];
	}
	return NULL;
}

static json_int_t
number_of(const json_t *rq, const char *key, json_int_t otherwise)
{
	const json_t *value = json_object_get(rq, key);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

/* NULL, or why it can not be. */
static const char *
read_numbers(const json_t *rq, struct ping *p)
{
	json_int_t count = number_of(rq, "count", DEFAULT_COUNT);
	json_int_t hops = number_of(rq, "hops", DEFAULT_HOPS);
	json_int_t size = number_of(rq, "size", DEFAULT_OCTETS);
	json_int_t interval = number_of(rq, "interval_ms", 1000);
	json_int_t timeout = number_of(rq, "timeout_ms", 2000);
	json_int_t ttl = number_of(rq, "ttl", ICMP_TTL);

	if (count < 1 || count > 1000000 || hops < 1 || hops > 255)
		return "that many probes can not be";
	if (size < (json_int_t)icmp_probe_least(&p->probe) || size > 9216)
		return "a probe of that size can not be";
	if (interval < 0 || interval > 3600000 || timeout < 1 ||
	    timeout > 3600000 || ttl < 1 || ttl > 255)
		return "that time can not be";
	p->count = (unsigned)(p->trace ? hops : count);
	p->probe.octets = (uint16_t)(p->trace ? TRACE_OCTETS : size);
	p->probe.ttl = (uint8_t)(p->trace ? 1 : ttl);
	p->interval_ns = p->trace ? 0 : (uint64_t)interval * CLOCK_MS_NS;
	p->timeout_ns = (uint64_t)timeout * CLOCK_MS_NS;
	p->probe.df = json_is_true(json_object_get(rq, "df"));
	return NULL;
}

static uint32_t
context_named(struct chs *chs, const char *name)
{
	const struct cfg_obj *root = cfg_root(running_tree(chs->running));

	if (cfg_find(root, CFG_CONTEXT, name) == NULL)
		return 0;
	return RUNNING_LOCAL - 1 + running_id(chs->running, ID_CONTEXT, name);
}

static const char *
read_addresses(struct chs *chs, const json_t *rq, struct ping *p)
{
	const char *context = json_string_value(json_object_get(rq, "context"));
	const char *to = json_string_value(json_object_get(rq, "address"));
	const char *from = json_string_value(json_object_get(rq, "source"));
	struct icmp_probe *probe = &p->probe;

	p->context = context_named(chs, context != NULL ? context : "local");
	if (p->context == 0)
		return "there is no such context";
	if (to == NULL || ip_addr_parse(to, &probe->dst) != 0)
		return "that is no address";
	if (from == NULL)
		return inject_source(chs, p->context, &probe->dst, &probe->src)
			   ? NULL
			   : "the context has no address to send from";
	if (ip_addr_parse(from, &probe->src) != 0 ||
	    probe->src.family != probe->dst.family ||
	    !inject_is_ours(chs, p->context, &probe->src))
		return "the source is no address of an interface that is up";
	return NULL;
}

static json_t *
begin(struct chs *chs, const struct bus_peer *client, const json_t *rq,
      bool trace)
{
	struct ping p = {.used = true, .trace = trace, .client = *client};
	struct ping *row = find_free(chs->pings);
	const char *why = "too many of them are under way";
	char text[IP_ADDR_TEXT_MAX];

	if (chs->args->replay)
		why = "a replay has nobody who could answer";
	else if (row != NULL)
		why = read_addresses(chs, rq, &p);
	if (why == NULL)
		why = read_numbers(rq, &p);
	if (why != NULL)
		return client_error("invalid", -1, "%s", why);
	p.probe.id = (uint16_t)(PING_IDS_FIRST | ++chs->pings->id);
	p.probe.udp = trace;
	p.next_ns = clock_monotonic();
	*row = p;
	return client_ok(json_pack("{s:i, s:s, s:i, s:i}", "id",
				   (int)p.probe.id, "source",
				   ip_addr_text(&p.probe.src, text), "size",
				   (int)p.probe.octets, "count", (int)p.count));
}

json_t *
ping_begin(struct chs *chs, const struct bus_peer *client, const json_t *rq)
{
	return begin(chs, client, rq, false);
}

json_t *
trace_begin(struct chs *chs, const struct bus_peer *client, const json_t *rq)
{
	return begin(chs, client, rq, true);
}

static bool
same_client(const struct ping *p, const struct bus_peer *client)
{
	return p->client.len == client->len &&
	       memcmp(p->client.octets, client->octets, client->len) == 0;
}

json_t *
ping_stop(struct chs *chs, const struct bus_peer *client, const json_t *rq)
{
	json_int_t id = number_of(rq, "id", -1);
	bool active = false;

	for (unsigned i = 0; i < PINGS_MAX; i++) {
		struct ping *p = &chs->pings->row[i];

		if (p->used && p->probe.id == id && same_client(p, client))
			p->stop = active = true;
	}
	return client_ok(json_pack("{s:b}", "active", (int)active));
}

void
ping_forget(struct chs *chs, const struct bus_peer *client)
{
	for (unsigned i = 0; i < PINGS_MAX; i++) {
		if (same_client(&chs->pings->row[i], client))
			chs->pings->row[i].used = false;
	}
}

/* --- what comes of a probe ------------------------------------------------ */

/* The number of a probe as its user counts. */
static int
hop_of(const struct ping *p)
{
	return (int)((p->sent - 1) / TRACE_PROBES + 1);
}

static void
tell(struct chs *chs, const struct ping *p, const char *result,
     const struct ip_addr *from, json_t *more)
{
	char text[IP_ADDR_TEXT_MAX];
	json_t *event = json_pack(
	    "{s:s, s:i, s:i, s:s}", "event", p->trace ? "hop" : "ping", "id",
	    (int)p->probe.id, p->trace ? "hop" : "sequence",
	    p->trace ? hop_of(p) : (int)p->sent, "result", result);

	if (from != NULL)
		(void)json_object_set_new(
		    event, "from", json_string(ip_addr_text(from, text)));
	(void)json_object_update(event, more);
	json_decref(more);
	client_event(chs, &p->client, event);
}

static json_t *
timed(uint64_t ns)
{
	return json_pack("{s:I}", "time_ns", (json_int_t)ns);
}

/* The probe under way has come to something; the next is due. */
static void
done(struct ping *p, uint64_t now)
{
	uint64_t next = p->sent_ns + p->interval_ns;

	p->waiting = false;
	p->next_ns = next > now ? next : now;
}

static void
count_reply(struct ping *p, uint64_t took)
{
	if (p->received++ == 0 || took < p->min_ns)
		p->min_ns = took;
	if (took > p->max_ns)
		p->max_ns = took;
	p->sum_ns += took;
}

/* The row whose probe under way this names, or NULL. */
static struct ping *
find(struct chs *chs, uint32_t context, bool udp, uint16_t id, uint16_t number)
{
	for (unsigned i = 0; i < PINGS_MAX; i++) {
		struct ping *p = &chs->pings->row[i];

		if (p->used && p->waiting && p->probe.udp == udp &&
		    p->probe.id == id && p->probe.number == number &&
		    (context == 0 || p->context == context))
			return p;
	}
	return NULL;
}

static void
heard_reply(struct chs *chs, struct ping *p, const struct icmp_seen *seen,
	    unsigned ttl)
{
	uint64_t now = clock_monotonic();
	uint64_t took = now - p->sent_ns;
	size_t octets = seen->at + sizeof(struct icmp_hdr) + seen->data_octets;
	json_t *more = timed(took);

	count_reply(p, took);
	(void)json_object_set_new(more, "octets",
				  json_integer((json_int_t)octets));
	(void)json_object_set_new(more, "ttl", json_integer((json_int_t)ttl));
	tell(chs, p, "reply", &seen->src, more);
	done(p, now);
}

/* The probe that an error or a drop is about; NULL: none of ours. */
static struct ping *
find_quoted(struct chs *chs, uint32_t context, const struct ip_addr *dst,
	    uint8_t protocol, const uint8_t *upper, size_t octets)
{
	const struct icmp_hdr *icmp = (const void *)upper;
	const struct udp_hdr *udp = (const void *)upper;
	struct ping *p = NULL;
	uint32_t rest;

	if (octets < sizeof(*icmp))
		return NULL;
	rest = be32_get(icmp->rest);
	if (protocol == IP_PROTO_UDP)
		p = find(chs, context, true, be16_get(udp->src),
			 be16_get(udp->dst));
	else if (protocol == IP_PROTO_ICMP || protocol == IP_PROTO_ICMPV6)
		p = find(chs, context, false, (uint16_t)(rest >> 16),
			 (uint16_t)rest);
	return p != NULL && ip_addr_equal(&p->probe.dst, dst) ? p : NULL;
}

static void
heard_error(struct chs *chs, struct ping *p, enum icmp_error error,
	    const struct ip_addr *from, uint32_t mtu)
{
	uint64_t now = clock_monotonic();
	uint64_t took = now - p->sent_ns;
	json_t *more = timed(took);

	if (mtu != 0)
		(void)json_object_set_new(more, "mtu",
					  json_integer((json_int_t)mtu));
	if (p->trace) {
		count_reply(p, took);
		p->arrived = p->arrived || error != ICMP_ERROR_TTL;
	}
	tell(chs, p,
	     error == ICMP_ERROR_NONE ? "error" : icmp_error_name(error), from,
	     more);
	done(p, now);
}

void
ping_heard(struct chs *chs, uint32_t context, const struct icmp_seen *seen,
	   unsigned ttl)
{
	struct ping *p;

	if (seen->reply) {
		p = find(chs, context, false, (uint16_t)(seen->rest >> 16),
			 (uint16_t)seen->rest);
		if (p != NULL)
			heard_reply(chs, p, seen, ttl);
		return;
	}
	if (!seen->error || seen->protocol == 0)
		return;
	p = find_quoted(chs, context, &seen->quoted_dst, seen->protocol,
			seen->upper, seen->upper_octets);
	if (p != NULL)
		heard_error(
		    chs, p,
		    icmp_error_find(seen->src.family, seen->type, seen->code),
		    &seen->src, icmp_mtu(seen));
}

void
ping_dropped(struct chs *chs, enum icmp_error error, const uint8_t *quote,
	     size_t octets, uint32_t mtu)
{
	struct ip_flow flow;
	struct ip_addr dst;
	struct ping *p;

	if (ip_flow_parse(quote, (unsigned)octets, &flow) != 0 ||
	    (flow.flags & IP_FLOW_LATER) != 0)
		return;
	dst = ip_flow_dst(&flow);
	p = find_quoted(chs, 0, &dst, flow.protocol, quote + flow.payload,
			octets - flow.payload);
	if (p != NULL)
		heard_error(chs, p, error, NULL, mtu);
}

/* --- time ----------------------------------------------------------------- */

static void
finish(struct chs *chs, struct ping *p)
{
	unsigned n = p->received > 0 ? p->received : 1;
	char text[IP_ADDR_TEXT_MAX];

	p->used = false;
	client_event(
	    chs, &p->client,
	    json_pack("{s:s, s:i, s:s, s:i, s:i, s:I, s:I, s:I, s:b}", "event",
		      "ping-done", "id", (int)p->probe.id, "address",
		      ip_addr_text(&p->probe.dst, text), "sent", (int)p->sent,
		      "received", (int)p->received, "min_ns",
		      (json_int_t)p->min_ns, "avg_ns",
		      (json_int_t)(p->sum_ns / n), "max_ns",
		      (json_int_t)p->max_ns, "arrived", (int)p->arrived));
}

static bool
is_over(const struct ping *p)
{
	if (p->stop)
		return true;
	if (!p->trace)
		return p->sent >= p->count;
	return p->sent % TRACE_PROBES == 0 &&
	       (p->arrived || p->sent >= p->count * TRACE_PROBES);
}

static void
aim(struct pings *pings, struct ping *p)
{
	p->sent++;
	p->probe.ip_id = ++pings->ip_id;
	p->probe.number = (uint16_t)p->sent;
	if (!p->trace)
		return;
	p->probe.ttl = (uint8_t)hop_of(p);
	p->probe.number = (uint16_t)(TRACE_PORT + (p->sent - 1) % TRACE_PORTS);
}

static void
send_probe(struct chs *chs, struct ping *p, uint64_t now)
{
	struct pkt place = {.time_ns = clock_wall(),
			    .order_ns = now,
			    .index = chs->pings->index++};
	enum pkt_fate fate = PKT_DROP_NO_BUFFER;
	struct pkt probe;

	aim(chs->pings, p);
	p->waiting = true;
	p->sent_ns = now;
	p->next_ns = now + p->timeout_ns;
	if (own_make(chs, &place, &probe)) {
		probe.len = (uint16_t)icmp_probe_write(
		    pkt_data(bp_mem(chs->bp), &probe), OWN_ROOM, &p->probe);
		fate = own_send(chs, &probe, p->context);
		own_flush(chs);
	}
	if (fate == PKT_GO || !p->waiting)
		return;
	tell(chs, p, pkt_fate_name(fate), NULL, json_object());
	p->stop = p->stop || p->trace;
	done(p, now);
}

static void
step(struct chs *chs, struct ping *p, uint64_t now)
{
	if (p->waiting && !p->stop && now >= p->next_ns) {
		tell(chs, p, "timeout", NULL, json_object());
		done(p, now);
	}
	if ((!p->waiting || p->stop) && is_over(p))
		finish(chs, p);
	else if (!p->waiting && now >= p->next_ns)
		send_probe(chs, p, now);
}

void
ping_step(struct chs *chs)
{
	uint64_t now = clock_monotonic();

	for (unsigned i = 0; i < PINGS_MAX; i++) {
		if (chs->pings->row[i].used)
			step(chs, &chs->pings->row[i], now);
	}
}

uint64_t
ping_deadline(const struct chs *chs)
{
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i < PINGS_MAX; i++) {
		const struct ping *p = &chs->pings->row[i];
		bool over = p->stop || (is_over(p) && !p->waiting);
		uint64_t due = over ? 0 : p->next_ns;

		if (p->used && due < next)
			next = due;
	}
	return next;
}
