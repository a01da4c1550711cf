/*
 * Sums over processors, less what they were when cleared. A processor's
 * counters outlive it, so a sum falls only when a card is taken out of the
 * configuration; then what was cleared counts as nothing.
 */
#include "tallies.h"

#include "keying.h"

#include <errno.h>
#include <stdlib.h>

struct tallies {
	uint64_t circuit[STATS_CIRCUITS][TALLIES];
	uint64_t hits[STATS_ACL_ROWS];
	uint64_t port[STAGE_SLOT_MAX + 1][STATS_PORTS][PORT_TALLIES];
	uint64_t sa[STATS_SAS][SA_COUNTERS_MAX];
};

#define IPPA (1U << STAGE_IPPA)
#define EPPA (1U << STAGE_EPPA)
#define EVERY (~0U)

#define OF_CIRCUIT(field)                                                      \
	offsetof(struct stats, circuit) +                                      \
	    offsetof(struct stats_circuit, field),                             \
	    sizeof(struct stats_circuit)
#define OF_FEATURE(field)                                                      \
	offsetof(struct stats, feature) +                                      \
	    offsetof(struct stats_feature, field),                             \
	    sizeof(struct stats_feature)

#define COLOURS(first, roles)                                                  \
	[(first)] = {OF_FEATURE(colour[0].packets), roles},                    \
	[(first) + 1] = {OF_FEATURE(colour[0].octets), roles},                 \
	[(first) + 2] = {OF_FEATURE(colour[1].packets), roles},                \
	[(first) + 3] = {OF_FEATURE(colour[1].octets), roles},                 \
	[(first) + 4] = {OF_FEATURE(colour[2].packets), roles},                \
	[(first) + 5] = {OF_FEATURE(colour[2].octets), roles}

#define QUEUE(first, i, roles)                                                 \
	[(first) + 4 * (i)] = {OF_FEATURE(queue[i].packets), roles},           \
		       [(first) + 4 * (i) + 1] = {OF_FEATURE(queue[i].octets), \
						  roles},                      \
		       [(first) + 4 * (i) +                                    \
			   2] = {OF_FEATURE(queue[i].dropped), roles},         \
		       [(first) + 4 * (i) +                                    \
			   3] = {OF_FEATURE(queue[i].dropped_octets), roles}
#define QUEUES(first, roles)                                                   \
	QUEUE(first, 0, roles), QUEUE(first, 1, roles),                        \
	    QUEUE(first, 2, roles), QUEUE(first, 3, roles),                    \
	    QUEUE(first, 4, roles), QUEUE(first, 5, roles),                    \
	    QUEUE(first, 6, roles), QUEUE(first, 7, roles)

/* Where a tally lies in a processor's counters, and at which roles it counts.
 */
static const struct place {
	size_t offset; /* of circuit 0 */
	size_t stride; /* from circuit to circuit */
	unsigned roles;
} places[TALLIES] = {
    [TALLY_IN_PACKETS] = {OF_CIRCUIT(in_packets), EVERY},
    [TALLY_IN_OCTETS] = {OF_CIRCUIT(in_octets), EVERY},
    [TALLY_OUT_PACKETS] = {OF_CIRCUIT(out_packets), EVERY},
    [TALLY_OUT_OCTETS] = {OF_CIRCUIT(out_octets), EVERY},
    [TALLY_ACL_IN_PERMITTED] = {OF_FEATURE(acl_permitted), IPPA},
    [TALLY_ACL_IN_DENIED] = {OF_FEATURE(acl_denied), IPPA},
    [TALLY_ACL_OUT_PERMITTED] = {OF_FEATURE(acl_permitted), EPPA},
    [TALLY_ACL_OUT_DENIED] = {OF_FEATURE(acl_denied), EPPA},
    COLOURS(TALLY_POLICING, IPPA),
    COLOURS(TALLY_METERING, EPPA),
    QUEUES(TALLY_QUEUE, EPPA),
    QUEUES(TALLY_ASP_QUEUE, IPPA),
};

void
tallies_free(struct tallies **tallies)
{
	free(*tallies);
	*tallies = NULL;
}

static uint64_t
less(uint64_t sum, uint64_t cleared)
{
	return sum > cleared ? sum - cleared : 0;
}

static uint64_t
sum_at(const struct chs *chs, size_t offset, unsigned roles)
{
	uint64_t sum = 0;

	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		const char *stats = (const void *)chs->proc[i].stats;

		if (stats != NULL && (roles >> stage_role(i) & 1U) != 0)
			sum += counter_get(
			    (const struct counter *)(const void *)(stats +
								   offset));
	}
	return sum;
}

static uint64_t
circuit_sum(const struct chs *chs, uint32_t circuit, unsigned tally)
{
	const struct place *p = &places[tally];

	return sum_at(chs, p->offset + circuit * p->stride, p->roles);
}

static uint64_t
hits_sum(const struct chs *chs, uint32_t counter)
{
	return sum_at(chs,
		      offsetof(struct stats, acl_hit) +
			  counter * sizeof(struct counter),
		      EVERY);
}

uint64_t
tally_circuit(const struct chs *chs, uint32_t circuit, enum tally tally)
{
	if (circuit == 0 || circuit >= STATS_CIRCUITS)
		return 0;
	return less(
	    circuit_sum(chs, circuit, tally),
	    chs->cleared == NULL ? 0 : chs->cleared->circuit[circuit][tally]);
}

uint64_t
tally_depth(const struct chs *chs, uint32_t circuit, unsigned queue)
{
	return sum_at(chs,
		      offsetof(struct stats, feature) +
			  circuit * sizeof(struct stats_feature) +
			  offsetof(struct stats_feature, queue[0].depth) +
			  queue * sizeof(((struct stats_feature *)0)->queue[0]),
		      EPPA);
}

uint64_t
tally_hits(const struct chs *chs, uint32_t counter)
{
	if (counter == 0 || counter >= STATS_ACL_ROWS)
		return 0;
	return less(hits_sum(chs, counter),
		    chs->cleared == NULL ? 0 : chs->cleared->hits[counter]);
}

/* Its pages cost nothing until something in them is cleared. */
static int
cleared_make(struct chs *chs)
{
	if (chs->cleared == NULL)
		chs->cleared = calloc(1, sizeof(*chs->cleared));
	return chs->cleared == NULL ? -ENOMEM : 0;
}

int
tally_circuit_clear(struct chs *chs, uint32_t circuit, enum tally first,
		    enum tally last)
{
	if (cleared_make(chs) != 0)
		return -ENOMEM;
	for (unsigned i = first; i <= (unsigned)last; i++)
		chs->cleared->circuit[circuit][i] =
		    circuit_sum(chs, circuit, i);
	return 0;
}

int
tally_hits_clear(struct chs *chs, uint32_t counter)
{
	if (cleared_make(chs) != 0)
		return -ENOMEM;
	chs->cleared->hits[counter] = hits_sum(chs, counter);
	return 0;
}

/* --- ports ---------------------------------------------------------------- */

#define OF_PORT(field, role)                                                   \
	{                                                                      \
		offsetof(struct stats_port, field), role                       \
	}

uint64_t
tally_port_sum(const struct chs *chs, unsigned slot, unsigned port,
	       enum port_tally tally)
{
	static const struct {
		size_t offset;
		enum stage_role role;
	} at[PORT_TALLIES] = {
	    [PORT_RX_PACKETS] = OF_PORT(rx_packets, STAGE_IPPA),
	    [PORT_RX_OCTETS] = OF_PORT(rx_octets, STAGE_IPPA),
	    [PORT_TX_PACKETS] = OF_PORT(tx_packets, STAGE_EPPA),
	    [PORT_TX_OCTETS] = OF_PORT(tx_octets, STAGE_EPPA),
	};
	const struct stats *s;

	if (slot > STAGE_SLOT_MAX || port >= STATS_PORTS)
		return 0;
	s = chs->proc[stage_id(slot, at[tally].role)].stats;
	if (s == NULL)
		return 0;
	return counter_get((
	    const struct counter *)(const void *)((const char *)&s->port[port] +
						  at[tally].offset));
}

uint64_t
tally_port(const struct chs *chs, unsigned slot, unsigned port,
	   enum port_tally tally)
{
	if (slot > STAGE_SLOT_MAX || port >= STATS_PORTS)
		return 0;
	return less(
	    tally_port_sum(chs, slot, port, tally),
	    chs->cleared == NULL ? 0 : chs->cleared->port[slot][port][tally]);
}

int
tally_port_clear(struct chs *chs, unsigned slot, unsigned port)
{
	if (slot > STAGE_SLOT_MAX || port >= STATS_PORTS)
		return 0;
	if (cleared_make(chs) != 0)
		return -ENOMEM;
	for (unsigned i = 0; i < PORT_TALLIES; i++)
		chs->cleared->port[slot][port][i] =
		    tally_port_sum(chs, slot, port, i);
	return 0;
}

/* --- SAs ------------------------------------------------------------------ */

bool
tally_sa_is_state(enum sa_counter counter)
{
	return counter == SA_COUNTER_SEQUENCE ||
	       counter == SA_COUNTER_LIFE_OCTETS ||
	       counter == SA_COUNTER_LIFE_REACHED;
}

static uint64_t
sa_at(const struct chs *chs, uint16_t asp, uint32_t sa, enum sa_counter counter)
{
	const struct stats *s = stage_valid(asp) ? chs->proc[asp].stats : NULL;

	return s == NULL ? 0 : counter_get(&s->sa[sa][counter]);
}

uint64_t
tally_sa_sum(const struct chs *chs, uint32_t sa, enum sa_counter counter)
{
	uint64_t sum = 0;

	for (unsigned slot = 1; slot <= STAGE_SLOT_MAX; slot++)
		sum += sa_at(chs, stage_id(slot, STAGE_ASP1), sa, counter) +
		       sa_at(chs, stage_id(slot, STAGE_ASP2), sa, counter);
	return sum;
}

uint64_t
tally_sa(const struct chs *chs, uint16_t asp, uint32_t sa,
	 enum sa_counter counter)
{
	if (sa == 0 || sa >= STATS_SAS)
		return 0;
	if (tally_sa_is_state(counter) || sa >= KEYING_SA_FIRST)
		return sa_at(chs, asp, sa, counter);
	return less(tally_sa_sum(chs, sa, counter),
		    chs->cleared == NULL ? 0 : chs->cleared->sa[sa][counter]);
}

int
tally_sa_clear(struct chs *chs, uint32_t sa)
{
	if (sa == 0 || sa >= STATS_SAS)
		return 0;
	if (cleared_make(chs) != 0)
		return -ENOMEM;
	for (unsigned i = 0; i < SA_COUNTERS_MAX; i++)
		chs->cleared->sa[sa][i] = tally_sa_sum(chs, sa, i);
	return 0;
}
