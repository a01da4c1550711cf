/*
 * The security policy as JSON: the entries that packets are held against, in
 * their order, with how many each took; and the access lists they come from.
 * Every iPPA and ASP counts for itself; what is shown is the sum.
 */
#include <stdlib.h>
#include <string.h>

#include "running.h"
#include "selector.h"
#include "show.h"

#define SELECTORS_OCTETS 256

static json_int_t
hits_of(struct chs *chs, uint32_t id)
{
	uint64_t sum = 0;

	if (chs->xcrp != NULL && id < STATS_POLICIES)
		sum = counter_get(&chs->xcrp->policy[id]);
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		const struct stats *s = chs->proc[i].stats;

		if (s != NULL && id < STATS_POLICIES)
			sum += counter_get(&s->policy[id]);
	}
	return (json_int_t)sum;
}

static const char *
action_text(uint8_t action)
{
	return action == CTL_POLICY_PROTECT  ? "protect"
	       : action == CTL_POLICY_BYPASS ? "bypass"
					     : "discard";
}

static json_t *
policy_row(struct chs *chs, const struct running_policy *p)
{
	bool tunnel = cfg_obj_kind(p->owner) == CFG_TUNNEL;
	char selectors[SELECTORS_OCTETS];

	cfg_selector_text(p->obj, selectors, sizeof(selectors));
	return json_pack(
	    "{s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:I}", "policy",
	    cfg_str(p->owner, tunnel ? CFG_TUNNEL_NAME : CFG_SELECTION_NAME),
	    "kind", tunnel ? "tunnel" : "selection", "entry",
	    (json_int_t)be32_get(p->row.entry), "row",
	    (json_int_t)be32_get(p->row.row), "action",
	    action_text(p->row.action), "tunnel",
	    p->tunnel != NULL ? p->tunnel : "", "access_list",
	    cfg_str(p->acl, CFG_IPSEC_ACL_NAME), "selectors", selectors, "hits",
	    hits_of(chs, be32_get(p->row.id)));
}

static int
policy_compare(const void *a, const void *b)
{
	const struct running_policy *const *x = a, *const *y = b;
	int order =
	    memcmp(&(*x)->row.list, &(*y)->row.list, sizeof((*x)->row.list));

	if (order == 0)
		order = memcmp(&(*x)->row.entry, &(*y)->row.entry,
			       sizeof((*x)->row.entry));
	return order != 0 ? order
			  : memcmp(&(*x)->row.row, &(*y)->row.row,
				   sizeof((*x)->row.row));
}

/* The context that the list is in, or the tunnel is bound in. */
static bool
policy_in(const struct tables *t, const struct running_policy *p,
	  const char *context)
{
	const struct cfg_obj *c;
	const char *bound;

	if (context == NULL)
		return true;
	if (cfg_obj_kind(p->owner) == CFG_TUNNEL) {
		bound = cfg_str(p->owner, CFG_TUNNEL_BIND_CONTEXT);
		return strcmp(bound != NULL ? bound : "local", context) == 0;
	}
	c = cfg_find(cfg_root(t->tree), CFG_CONTEXT, context);
	return c != NULL &&
	       cfg_find(c, CFG_SELECTION,
			cfg_str(p->owner, CFG_SELECTION_NAME)) == p->owner;
}

json_t *
show_policy_database(struct chs *chs, const json_t *args)
{
	const struct tables *t = running_tables(chs->running);
	const char *context =
	    json_string_value(json_object_get(args, "context"));
	const struct running_policy **sorted =
	    calloc(t->npolicies + 1, sizeof(*sorted));
	json_t *list = json_array();

	for (size_t i = 0; sorted != NULL && i < t->npolicies; i++)
		sorted[i] = &t->policies[i];
	if (sorted != NULL && t->npolicies > 1)
		qsort(sorted, t->npolicies, sizeof(*sorted), policy_compare);
	for (size_t i = 0; sorted != NULL && i < t->npolicies; i++) {
		if (policy_in(t, sorted[i], context))
			(void)json_array_append_new(list,
						    policy_row(chs, sorted[i]));
	}
	free(sorted);
	return json_pack("{s:o}", "policies", list);
}

/* All uses of a row together. */
static json_int_t
row_hits(struct chs *chs, const struct tables *t, const struct cfg_obj *row)
{
	json_int_t sum = 0;

	for (size_t i = 0; i < t->npolicies; i++) {
		if (t->policies[i].obj == row)
			sum += hits_of(chs, be32_get(t->policies[i].row.id));
	}
	return sum;
}

static json_t *
access_list(struct chs *chs, const struct tables *t,
	    const struct cfg_obj *context, const struct cfg_obj *acl)
{
	json_t *rows = json_array();
	const struct cfg_obj *row;
	struct cfg_iter it;
	char selectors[SELECTORS_OCTETS];

	for (row = cfg_first(&it, acl, CFG_IPSEC_ACL_ROW); row != NULL;
	     row = cfg_next(&it)) {
		cfg_selector_text(row, selectors, sizeof(selectors));
		(void)json_array_append_new(
		    rows,
		    json_pack("{s:I, s:s, s:I}", "seq",
			      (json_int_t)cfg_u32(row, CFG_IPSEC_ACL_ROW_SEQ),
			      "selectors", selectors, "hits",
			      row_hits(chs, t, row)));
	}
	return json_pack("{s:s, s:s, s:o}", "name",
			 cfg_str(acl, CFG_IPSEC_ACL_NAME), "context",
			 cfg_str(context, CFG_CONTEXT_NAME), "rows", rows);
}

json_t *
show_ipsec_access_list(struct chs *chs, const json_t *args)
{
	const struct tables *t = running_tables(chs->running);
	const struct cfg_obj *context, *acl;
	struct cfg_iter it, in;
	json_t *list = json_array();

	(void)args;
	for (context = cfg_first(&it, cfg_root(t->tree), CFG_CONTEXT);
	     context != NULL; context = cfg_next(&it)) {
		for (acl = cfg_first(&in, context, CFG_IPSEC_ACL); acl != NULL;
		     acl = cfg_next(&in))
			(void)json_array_append_new(
			    list, access_list(chs, t, context, acl));
	}
	return json_pack("{s:o}", "access_lists", list);
}
