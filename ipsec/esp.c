/*
 * The room of one ASP's ESP, and which drop an SA counts under which of its
 * counters: a row per fate. The stage counts fates itself, once, elsewhere.
 */
#include "esp.h"

#include <errno.h>
#include <stdlib.h>

#define UNCOUNTED SA_COUNTERS_MAX

/* Fates that are not here are the stage's alone. */
static const struct {
	enum pkt_fate fate;
	enum sa_counter counter;
} reasons[] = {
    {PKT_DROP_REPLAY, SA_COUNTER_REPLAY},
    {PKT_DROP_INTEGRITY, SA_COUNTER_INTEGRITY},
    {PKT_DROP_BAD_ESP_LENGTH, SA_COUNTER_FORMAT},
    {PKT_DROP_BAD_AH_LENGTH, SA_COUNTER_FORMAT},
    {PKT_DROP_BAD_PADDING, SA_COUNTER_FORMAT},
    {PKT_DROP_WRONG_ENCAPSULATION, SA_COUNTER_SELECTOR},
    {PKT_DROP_BAD_IP_HEADER, SA_COUNTER_FORMAT},
    {PKT_DROP_SELECTOR_MISMATCH, SA_COUNTER_SELECTOR},
    {PKT_DROP_SEQUENCE_EXHAUSTED, SA_COUNTER_EXHAUSTED},
    {PKT_DROP_SA_EXPIRED, SA_COUNTER_EXPIRED},
    {PKT_DROP_SEQUENCE_NOT_GRANTED, SA_COUNTER_EXHAUSTED},
};

int
esp_init(struct esp *esp, const struct pkt_mem *mem, struct sad *sad,
	 struct alg *alg)
{
	struct esp_work *work = calloc(1, sizeof(*work));

	if (work == NULL)
		return -ENOMEM;
	*esp = (struct esp){.mem = mem, .sad = sad, .alg = alg, .work = work};
	return 0;
}

void
esp_fini(struct esp *esp)
{
	free(esp->work);
	*esp = (struct esp){0};
}

static enum sa_counter
reason_counter(enum pkt_fate fate)
{
	for (unsigned i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].fate == fate)
			return reasons[i].counter;
	}
	return UNCOUNTED;
}

void
esp_drop(struct pkt_vec *v, unsigned packet, struct esp_sa *sa,
	 enum pkt_fate fate)
{
	enum sa_counter counter = reason_counter(fate);

	v->fate[packet] = (uint8_t)fate;
	if (sa != NULL && counter != UNCOUNTED)
		counter_add(&sa->counters->c[counter], 1);
}

enum pkt_fate
esp_seq_take(struct esp *esp, struct esp_sa *sa, uint64_t *seq)
{
	static const enum pkt_fate fates[] = {
	    [SA_SEQ_OK] = PKT_GO,
	    [SA_SEQ_NOT_GRANTED] = PKT_DROP_SEQUENCE_NOT_GRANTED,
	    [SA_SEQ_EXHAUSTED] = PKT_DROP_SEQUENCE_EXHAUSTED,
	};

	return fates[sa_seq_take(esp->sad, sa, seq)];
}

unsigned
esp_going(const struct pkt_vec *v)
{
	unsigned going = 0;

	for (unsigned i = 0; i < v->n; i++)
		going += v->fate[i] == PKT_GO;
	return going;
}

static bool
inner_length(const uint8_t *at, unsigned octets, uint32_t *inner)
{
	const struct ipv4_hdr *v4 = (const struct ipv4_hdr *)at;
	const struct ipv6_hdr *v6 = (const struct ipv6_hdr *)at;
	unsigned ihl;

	if (octets >= sizeof(*v4) && at[0] >> 4 == 4) {
		ihl = (v4->version_ihl & 15u) * 4;
		*inner = be16_get(v4->total_length);
		return ihl >= sizeof(*v4) && *inner >= ihl && *inner <= octets;
	}
	if (octets < sizeof(*v6) || at[0] >> 4 != 6)
		return false;
	*inner = (uint32_t)sizeof(*v6) + be16_get(v6->payload_length);
	return *inner <= octets;
}

enum pkt_fate
esp_inner_take(uint8_t *at, unsigned octets, uint8_t next, uint8_t outer_tos,
	       uint32_t *inner)
{
	unsigned version = next == IP_PROTO_IPIP   ? 4
			   : next == IP_PROTO_IPV6 ? 6
						   : 0;

	if (version == 0)
		return PKT_DROP_SELECTOR_MISMATCH;
	if (!inner_length(at, octets, inner) || at[0] >> 4 != version)
		return PKT_DROP_BAD_IP_HEADER;
	return tunnel_ecn_open(outer_tos, at) ? PKT_GO : PKT_DROP_ECN;
}

void
esp_out_fail(const struct esp *esp, struct pkt_vec *v,
	     const struct esp_job *job, enum pkt_fate fate)
{
	if (job->sa->life.limited)
		sad_life_back(esp->sad, job->sa, job->inner);
	esp_drop(v, job->packet, job->sa, fate);
}

/* It was counted as opened, and is not any more. */
static void
uncount(struct esp_sa *sa, uint32_t octets)
{
	struct counter *c = sa->counters->c;

	counter_set(&c[SA_COUNTER_PACKETS],
		    counter_get(&c[SA_COUNTER_PACKETS]) - 1);
	counter_set(&c[SA_COUNTER_OCTETS],
		    counter_get(&c[SA_COUNTER_OCTETS]) - octets);
}

bool
esp_in_settle(const struct esp *esp, struct esp_sa *sa, const struct pkt *p)
{
	if (esp_expired(esp, sa, p)) {
		uncount(sa, p->len);
		counter_add(&sa->counters->c[SA_COUNTER_EXPIRED], 1);
		return false;
	}
	esp_age(esp, sa, p, p->len);
	return true;
}

void
esp_count(struct esp_sa *sa, uint32_t octets)
{
	counter_add(&sa->counters->c[SA_COUNTER_PACKETS], 1);
	counter_add(&sa->counters->c[SA_COUNTER_OCTETS], octets);
}
