/*
 * Sums and their closing. What a dead stage held is what came to it by links
 * and ports less what its neighbours got from it and what it had decided
 * itself.
 */
#include "account.h"

#include <stdio.h>

#include "alg_engine_id.h"
#include "pkt_fate.h"
#include "running.h"
#include "show.h"

static_assert(STAGE_ID_MAX == STATS_STAGES, "one row a stage");
static_assert(PKT_FATES <= STATS_FATES, "one row a fate");

struct sums {
	uint64_t received;
	uint64_t originated;
	uint64_t created;
	uint64_t absorbed;
	uint64_t transmitted;
	uint64_t punted;
	uint64_t dropped;
	uint64_t reason[STATS_FATES];
};

static const struct stats *
stats_of(const struct chs *chs, unsigned stage)
{
	return stage == 0 ? chs->xcrp : chs->proc[stage].stats;
}

static void
add(struct sums *sums, const struct stats *s)
{
	sums->received += counter_get(&s->received);
	sums->originated += counter_get(&s->originated);
	sums->created += counter_get(&s->fragments_created);
	sums->absorbed += counter_get(&s->fragments_absorbed);
	sums->transmitted += counter_get(&s->transmitted);
	sums->punted += counter_get(&s->punted);
	for (unsigned i = PKT_DROP_FIRST; i < PKT_FATES; i++) {
		sums->reason[i] += counter_get(&s->dropped[i]);
		sums->dropped += counter_get(&s->dropped[i]);
	}
}

static void
add_all(const struct chs *chs, struct sums *sums)
{
	*sums = (struct sums){0};
	for (unsigned i = 0; i < STAGE_ID_MAX; i++) {
		if (stats_of(chs, i) != NULL)
			add(sums, stats_of(chs, i));
	}
}

/* What a dead stage took with it. */
static int64_t
held_by(const struct chs *chs, unsigned stage)
{
	struct sums own = {0};
	int64_t held;

	add(&own, stats_of(chs, stage));
	held = (int64_t)(own.received + own.originated + own.created) -
	       (int64_t)(own.transmitted + own.punted + own.dropped +
			 own.absorbed);
	for (unsigned i = 0; i < STAGE_ID_MAX; i++) {
		const struct stats *s = stats_of(chs, i);

		if (s == NULL)
			continue;
		held += (int64_t)counter_get(&s->sent[stage].packets);
		held -= (int64_t)counter_get(&s->link_received[stage].packets);
	}
	return held;
}

static json_t *
dropped(const struct chs *chs, const struct sums *sums, const bool *lost,
	int64_t *lost_in_all)
{
	json_t *o = json_object();

	for (unsigned i = PKT_DROP_FIRST; i < PKT_FATES; i++) {
		if (sums->reason[i] > 0)
			(void)json_object_set_new(
			    o, pkt_fate_name(i),
			    json_integer((json_int_t)sums->reason[i]));
	}
	*lost_in_all = 0;
	for (unsigned i = 0; lost != NULL && i < STAGE_ID_MAX; i++) {
		char stage[STAGE_NAME_MAX];
		char name[STAGE_NAME_MAX + 10];
		int64_t held = lost[i] ? held_by(chs, i) : 0;

		if (!lost[i])
			continue;
		(void)snprintf(name, sizeof(name), "lost-in-%s",
			       stage_name((uint16_t)i, stage));
		(void)json_object_set_new(o, name, json_integer(held));
		*lost_in_all += held;
	}
	return o;
}

json_t *
account_backplane(struct chs *chs)
{
	json_t *links = json_array();
	uint64_t crossings = 0;
	uint64_t card_local = 0;
	uint64_t octets = 0;

	for (unsigned from = 0; from < STAGE_ID_MAX; from++) {
		const struct stats *s = stats_of(chs, from);

		for (unsigned to = 0; s != NULL && to < STAGE_ID_MAX; to++) {
			char a[STAGE_NAME_MAX];
			char b[STAGE_NAME_MAX];
			uint64_t packets = counter_get(&s->sent[to].packets);
			uint64_t o = counter_get(&s->sent[to].octets);
			bool local = stage_slot((uint16_t)from) ==
				     stage_slot((uint16_t)to);

			if (packets == 0)
				continue;
			crossings += local ? 0 : packets;
			octets += local ? 0 : o;
			card_local += local ? packets : 0;
			(void)json_array_append_new(
			    links,
			    json_pack(
				"{s:s, s:s, s:I, s:I, s:I, s:b}", "from",
				stage_name((uint16_t)from, a), "to",
				stage_name((uint16_t)to, b), "packets",
				(json_int_t)packets, "octets",
				(json_int_t)(local ? 0 : o), "frames",
				(json_int_t)counter_get(&s->sent[to].frames),
				"card_local", local));
		}
	}
	return json_pack("{s:I, s:I, s:I, s:o}", "crossings",
			 (json_int_t)crossings, "octets", (json_int_t)octets,
			 "card_local", (json_int_t)card_local, "links", links);
}

static json_t *
ports(struct chs *chs)
{
	json_t *o = json_object();
	struct running_port port;

	for (size_t i = 0; running_port(chs->running, i, &port); i++) {
		const struct stats *rx =
		    stats_of(chs, stage_id(port.slot, STAGE_IPPA));
		const struct stats *tx =
		    stats_of(chs, stage_id(port.slot, STAGE_EPPA));
		char name[16];

		if (rx == NULL || tx == NULL || port.port >= STATS_PORTS)
			continue;
		(void)snprintf(name, sizeof(name), "%u/%u", port.slot,
			       port.port);
		(void)json_object_set_new(
		    o, name,
		    json_pack(
			"{s:I, s:I, s:I, s:I}", "rx_packets",
			(json_int_t)counter_get(
			    &rx->port[port.port].rx_packets),
			"rx_octets",
			(json_int_t)counter_get(&rx->port[port.port].rx_octets),
			"tx_packets",
			(json_int_t)counter_get(
			    &tx->port[port.port].tx_packets),
			"tx_octets",
			(json_int_t)counter_get(
			    &tx->port[port.port].tx_octets)));
	}
	return o;
}

static uint64_t
sa_counter(const struct chs *chs, uint16_t asp, uint32_t sa, unsigned which)
{
	const struct stats *s = stage_valid(asp) ? stats_of(chs, asp) : NULL;

	return s == NULL || sa == 0 || sa >= STATS_SAS
		   ? 0
		   : counter_get(&s->sa[sa][which]);
}

static json_t *
tunnels(struct chs *chs)
{
	json_t *o = json_object();
	struct running_tunnel t;

	for (size_t i = 0; running_tunnel(chs->running, i, &t); i++) {
		/* A bundle carries a packet once: ESP counts it. */
		uint32_t in = t.sa_in != 0 ? t.sa_in : t.ah_in;
		uint32_t out = t.sa_out != 0 ? t.sa_out : t.ah_out;

		(void)json_object_set_new(
		    o, t.name,
		    json_pack(
			"{s:s, s:I, s:I, s:I, s:I}", "mode",
			t.economical ? "economical" : "circuit-based",
			"in_packets", (json_int_t)sa_counter(chs, t.asp, in, 0),
			"in_octets", (json_int_t)sa_counter(chs, t.asp, in, 1),
			"out_packets",
			(json_int_t)sa_counter(chs, t.asp, out, 0),
			"out_octets",
			(json_int_t)sa_counter(chs, t.asp, out, 1)));
	}
	return o;
}

/* Between two that live, what was sent was received. */
static void
check_links(const struct chs *chs, const bool *lost, json_t *problems)
{
	for (unsigned from = 0; from < STAGE_ID_MAX; from++) {
		const struct stats *a = stats_of(chs, from);

		for (unsigned to = 0; a != NULL && to < STAGE_ID_MAX; to++) {
			const struct stats *b = stats_of(chs, to);
			char x[STAGE_NAME_MAX];
			char y[STAGE_NAME_MAX];
			uint64_t sent = counter_get(&a->sent[to].packets);
			uint64_t got =
			    b == NULL
				? 0
				: counter_get(&b->link_received[from].packets);

			if (sent == got || lost[from] || lost[to])
				continue;
			(void)json_array_append_new(
			    problems,
			    json_sprintf("the link %s->%s lost packets: %llu"
					 " sent, %llu received",
					 stage_name((uint16_t)from, x),
					 stage_name((uint16_t)to, y),
					 (unsigned long long)sent,
					 (unsigned long long)got));
		}
	}
}

static json_t *
sums_json(const struct sums *sums, int64_t in_flight, json_t *reasons)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "received",
			 (json_int_t)sums->received, "originated",
			 (json_int_t)sums->originated, "fragments_created",
			 (json_int_t)sums->created, "fragments_absorbed",
			 (json_int_t)sums->absorbed, "transmitted",
			 (json_int_t)sums->transmitted, "punted",
			 (json_int_t)sums->punted, "in_flight",
			 (json_int_t)in_flight, "dropped", reasons);
}

static int64_t
balance(const struct sums *s)
{
	return (int64_t)(s->received + s->originated + s->created) -
	       (int64_t)(s->transmitted + s->punted + s->dropped + s->absorbed);
}

json_t *
account_sums(struct chs *chs)
{
	struct sums sums;
	int64_t lost;
	json_t *reasons;

	add_all(chs, &sums);
	reasons = dropped(chs, &sums, NULL, &lost);
	return sums_json(&sums, balance(&sums), reasons);
}

/* What the ASPs said they use; NULL without an ASP. */
static const char *
engine(const struct chs *chs)
{
	for (unsigned i = 0; i < STAGE_ID_MAX; i++) {
		if (chs->proc[i].engine != ALG_ENGINE_AUTO)
			return alg_engine_word(chs->proc[i].engine);
	}
	return NULL;
}

/* What is shown of features, where there are any. */
static void
features(struct chs *chs, json_t *result)
{
	json_t *lists = show_ip_access_list(chs, NULL);
	json_t *lists6 = show_ipv6_access_list(chs, NULL);
	json_t *groups = show_access_group(chs, NULL);
	json_t *circuits = show_circuit_counters(chs, NULL);

	if (running_tables(chs->running)->nfeatures > 0) {
		(void)json_object_set(result, "access_lists",
				      json_object_get(lists, "lists"));
		(void)json_object_set(result, "access_lists6",
				      json_object_get(lists6, "lists"));
		(void)json_object_set(result, "access_groups",
				      json_object_get(groups, "groups"));
		(void)json_object_set(result, "circuits",
				      json_object_get(circuits, "circuits"));
	}
	json_decref(lists);
	json_decref(lists6);
	json_decref(groups);
	json_decref(circuits);
}

json_t *
account_result(struct chs *chs, const bool *lost, json_t *problems)
{
	struct sums sums;
	int64_t lost_packets;
	int64_t in_flight;
	json_t *reasons;
	json_t *result;
	json_t *stages = json_array();

	add_all(chs, &sums);
	reasons = dropped(chs, &sums, lost, &lost_packets);
	in_flight = balance(&sums) - lost_packets;
	check_links(chs, lost, problems);
	if (in_flight != 0)
		(void)json_array_append_new(
		    problems, json_sprintf("the sums do not close: %lld packets"
					   " unaccounted for",
					   (long long)in_flight));
	for (unsigned i = 0; i < STAGE_ID_MAX; i++) {
		char name[STAGE_NAME_MAX];

		if (lost[i])
			(void)json_array_append_new(
			    stages, json_string(stage_name((uint16_t)i, name)));
	}
	result = sums_json(&sums, in_flight, reasons);
	(void)json_object_set_new(result, "ports", ports(chs));
	(void)json_object_set_new(result, "tunnels", tunnels(chs));
	(void)json_object_set_new(result, "backplane", account_backplane(chs));
	(void)json_object_set_new(result, "died", stages);
	features(chs, result);
	if (engine(chs) != NULL)
		(void)json_object_set_new(result, "engine",
					  json_string(engine(chs)));
	return result;
}
