/*
 * An octet that says how many policy rows follow, the rows (struct ctl_policy),
 * and then a packet. The rows go into a card's tables as they would from the
 * chassis, the packet is held against every list that came to be, the rows are
 * deleted again: what matches must be a row that could be taken.
 */
#include <stdlib.h>
#include <string.h>

#include "card_tables.h"

#define FUZZ_CIRCUIT 7
#define FUZZ_ROWS_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The lists that rows name, bound one after the other. */
static void
fuzz_match(struct card_tables *t, const struct ctl_policy *row,
	   const struct ip_flow *flow)
{
	struct ctl_policy_bind bind = {.circuit = be32_put(FUZZ_CIRCUIT),
				       .list = row->list};
	const struct spd *spd;
	const struct spd_rule *rule;

	if (card_tables_rows(t, CTL_POLICY_BINDS, CTL_OP_SET,
			     (const uint8_t *)&bind, 1) != 0)
		return;
	spd = spd_set_of(t->spds, FUZZ_CIRCUIT);
	if (be32_get(row->list) == 0)
		return;
	if (spd == NULL)
		abort();
	for (int dir = SPD_OUT; dir <= SPD_IN; dir++) {
		rule = spd_match(spd, (enum spd_direction)dir, flow);
		if (rule == NULL)
			continue;
		if (rule->action < SPD_PROTECT || rule->action > SPD_DISCARD ||
		    rule->id >= SPD_RULES_MAX ||
		    (rule->selector.family != 0 &&
		     rule->selector.family != flow->family))
			abort();
	}
}

static void
fuzz_run(struct card_tables *t, const uint8_t *rows, unsigned n,
	 const uint8_t *ip, unsigned octets)
{
	struct ip_flow flow;

	(void)card_tables_rows(t, CTL_POLICIES, CTL_OP_SET, rows, n);
	if (card_tables_activate(t) != 0)
		abort();
	if (ip_flow_parse(ip, octets, &flow) != 0)
		return;
	for (unsigned i = 0; i < n; i++)
		fuzz_match(t,
			   (const void *)(rows + i * sizeof(struct ctl_policy)),
			   &flow);
	(void)card_tables_rows(t, CTL_POLICIES, CTL_OP_DELETE, rows, n);
	if (card_tables_activate(t) != 0)
		abort();
	for (unsigned i = 0; i < n; i++)
		fuzz_match(t,
			   (const void *)(rows + i * sizeof(struct ctl_policy)),
			   &flow);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct card_tables t = {0};
	size_t octets;

	if (size < 1 || data[0] > FUZZ_ROWS_MAX)
		return 0;
	octets = data[0] * sizeof(struct ctl_policy);
	if (size - 1 < octets || size - 1 - octets > UINT16_MAX ||
	    card_tables_init(&t) != 0)
		return 0;
	fuzz_run(&t, data + 1, data[0], data + 1 + octets,
		 (unsigned)(size - 1 - octets));
	card_tables_fini(&t);
	return 0;
}
