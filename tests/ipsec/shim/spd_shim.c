/* Texts to addresses; and the plain comparison that the search must equal. */
#include "spd_shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "spd_set.h"

static_assert((int)SPD_SHIM_FIELDS == (int)SPD_FIELDS &&
		  (int)SPD_SHIM_DSCP == (int)SPD_DSCP &&
		  (int)SPD_SHIM_TYPE == (int)SPD_TYPE,
	      "as in spd.h");

static int
shim_rule(const struct spd_shim_rule *r, struct spd_rule *rule)
{
	struct ip_addr a, b;
	int err = 0;

	*rule = (struct spd_rule){.id = r->id,
				  .order = r->order,
				  .circuit = r->circuit,
				  .action = (uint8_t)r->action};
	spd_selector_any(&rule->selector);
	if (r->local[0] != NULL) {
		err = ip_addr_parse(r->local[0], &a);
		err = err != 0 ? err : ip_addr_parse(r->local[1], &b);
		err = err != 0 ? err
			       : spd_selector_local(&rule->selector, &a, &b);
	}
	if (err == 0 && r->remote[0] != NULL) {
		err = ip_addr_parse(r->remote[0], &a);
		err = err != 0 ? err : ip_addr_parse(r->remote[1], &b);
		err = err != 0 ? err
			       : spd_selector_remote(&rule->selector, &a, &b);
	}
	for (unsigned i = 0; i < SPD_FIELDS; i++) {
		if (r->range[i][0] <= r->range[i][1])
			rule->selector.range[i] =
			    (struct spd_range){r->range[i][0], r->range[i][1]};
	}
	return err;
}

int
spd_shim_new(struct spd **spd, const struct spd_shim_rule *rules, unsigned n)
{
	struct spd_rule *all = calloc(n + 1, sizeof(*all));
	int err = all == NULL ? -ENOMEM : 0;

	for (unsigned i = 0; i < n && err == 0; i++)
		err = shim_rule(&rules[i], &all[i]);
	if (err == 0)
		err = spd_new(spd, all, n);
	free(all);
	return err;
}

void
spd_shim_free(struct spd *spd)
{
	spd_free(&spd);
}

size_t
spd_shim_octets(const struct spd *spd)
{
	return spd_octets(spd);
}

static void
shim_flow(const struct spd_shim_flow *f, struct ip_flow *flow)
{
	struct ip_addr a = {0}, b = {0};

	(void)ip_addr_parse(f->src, &a);
	(void)ip_addr_parse(f->dst, &b);
	*flow = (struct ip_flow){.family = a.family,
				 .protocol = (uint8_t)f->protocol,
				 .tos = (uint8_t)(f->dscp << 2),
				 .src_port = (uint16_t)f->src_port,
				 .dst_port = (uint16_t)f->dst_port,
				 .type = (uint8_t)f->type,
				 .code = (uint8_t)f->code};
	memcpy(flow->src, a.octets, sizeof(flow->src));
	memcpy(flow->dst, b.octets, sizeof(flow->dst));
	flow->flags = (uint8_t)((f->ports ? IP_FLOW_PORTS : 0) |
				(f->types ? IP_FLOW_TYPE : 0) |
				(f->opaque ? IP_FLOW_OPAQUE : 0));
}

uint32_t
spd_shim_match(const struct spd *spd, int in, const struct spd_shim_flow *f)
{
	const struct spd_rule *rule;
	struct ip_flow flow;

	shim_flow(f, &flow);
	rule = spd_match(spd, in ? SPD_IN : SPD_OUT, &flow);
	return rule == NULL ? SPD_SHIM_NONE : rule->id;
}

uint32_t
spd_shim_match_octets(const struct spd *spd, int in, const uint8_t *ip,
		      unsigned octets)
{
	const struct spd_rule *rule;
	struct ip_flow flow;

	if (ip_flow_parse(ip, octets, &flow) != 0)
		return SPD_SHIM_NONE - 1;
	rule = spd_match(spd, in ? SPD_IN : SPD_OUT, &flow);
	return rule == NULL ? SPD_SHIM_NONE : rule->id;
}

static int
shim_between(const char *const range[2], const char *text)
{
	struct ip_addr first, last, at;

	if (range[0] == NULL)
		return 1;
	(void)ip_addr_parse(range[0], &first);
	(void)ip_addr_parse(range[1], &last);
	(void)ip_addr_parse(text, &at);
	return first.family == at.family &&
	       memcmp(first.octets, at.octets, 16) <= 0 &&
	       memcmp(at.octets, last.octets, 16) <= 0;
}

/* Written anew from the text of spd.h, so that it can disagree with spd.c. */
int
spd_shim_holds(const struct spd_shim_rule *r, int in,
	       const struct spd_shim_flow *f)
{
	const uint32_t show[SPD_FIELDS] = {
	    f->opaque ? 256 : f->protocol,
	    !f->ports ? 65536
	    : in      ? f->dst_port
		      : f->src_port,
	    !f->ports ? 65536
	    : in      ? f->src_port
		      : f->dst_port,
	    f->types ? f->type << 8 | f->code : 65536, f->dscp};

	if (!shim_between(r->local, in ? f->dst : f->src) ||
	    !shim_between(r->remote, in ? f->src : f->dst))
		return 0;
	for (unsigned i = 0; i < SPD_FIELDS; i++) {
		if (r->range[i][0] <= r->range[i][1] &&
		    (show[i] < r->range[i][0] || show[i] > r->range[i][1]))
			return 0;
	}
	return 1;
}

double
spd_shim_time(const struct spd *spd, const struct spd_shim_flow *flows,
	      unsigned n, unsigned rounds)
{
	struct ip_flow *all = calloc(n, sizeof(*all));
	struct timespec begin, end;
	unsigned long hits = 0;

	if (all == NULL)
		return -1;
	for (unsigned i = 0; i < n; i++)
		shim_flow(&flows[i], &all[i]);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (unsigned r = 0; r < rounds; r++) {
		for (unsigned i = 0; i < n; i++)
			hits += spd_match(spd, SPD_OUT, &all[i]) != NULL;
	}
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	free(all);
	if (hits > (unsigned long)n * rounds)
		return -1;
	return ((double)(end.tv_sec - begin.tv_sec) * 1e9 +
		(double)(end.tv_nsec - begin.tv_nsec)) /
	       ((double)n * rounds);
}

unsigned
spd_shim_compare(const struct spd_shim_rule *a, const struct spd_shim_rule *b)
{
	struct spd_rule x, y;

	if (shim_rule(a, &x) != 0 || shim_rule(b, &y) != 0)
		return 8;
	return (spd_selector_overlaps(&x.selector, &y.selector) ? 1U : 0) |
	       (spd_selector_covers(&x.selector, &y.selector) ? 2U : 0) |
	       (spd_selector_equal(&x.selector, &y.selector) ? 4U : 0);
}

const char *
spd_shim_prefix_last(const char *addr, unsigned len, char text[46])
{
	struct ip_addr a = {0};

	(void)ip_addr_parse(addr, &a);
	a = spd_prefix_last(&a, len);
	return ip_addr_text(&a, text);
}

struct spd_set *
spd_shim_set_new(void)
{
	return spd_set_new();
}

void
spd_shim_set_free(struct spd_set *set)
{
	spd_set_free(&set);
}

int
spd_shim_set_rule(struct spd_set *set, uint32_t list,
		  const struct spd_shim_rule *rule)
{
	struct spd_rule r;
	int err = shim_rule(rule, &r);

	return err != 0 ? err : spd_set_rule(set, list, &r);
}

void
spd_shim_set_unrule(struct spd_set *set, uint32_t list, uint32_t id)
{
	spd_set_unrule(set, list, id);
}

int
spd_shim_set_bind(struct spd_set *set, uint32_t circuit, uint32_t list)
{
	return spd_set_bind(set, circuit, list);
}

int
spd_shim_set_apply(struct spd_set *set)
{
	return spd_set_apply(set);
}

int
spd_shim_set_idle(const struct spd_set *set)
{
	return spd_set_idle(set);
}

const struct spd *
spd_shim_set_of(const struct spd_set *set, uint32_t circuit)
{
	return spd_set_of(set, circuit);
}
