/*
 * Access lists as JSON: the lists with the hits of each row, and where they are
 * applied; and clearing what they counted.
 */
#include <stdio.h>
#include <string.h>

#include "print.h"
#include "running.h"
#include "show.h"
#include "tallies.h"

/* The line of a row, as show configuration has it. */
static void
row_text(const struct cfg_obj *obj, char *text, size_t octets)
{
	static const struct cfg_print_opts opts = {.secrets =
						       CFG_SECRETS_HIDDEN};
	const struct cfg_row *row;

	text[0] = '\0';
	for (unsigned i = 0; (row = cfg_row_get(i)) != NULL; i++) {
		if (row->makes == cfg_obj_kind(obj)) {
			(void)cfg_row_text(obj, row, &opts, text, octets);
			return;
		}
	}
}

/* The hit counter of a row of a list that stands somewhere; 0: it does not. */
static uint32_t
row_counter(const struct tables *t, const struct running_acl *acl, uint32_t seq)
{
	for (size_t i = 0; acl != NULL && i < t->nacl_rows; i++) {
		const struct ctl_acl_row *row = &t->acl_rows[i];

		if (be32_get(row->acl) == acl->id && be32_get(row->seq) == seq)
			return be32_get(row->counter);
	}
	return 0;
}

static json_t *
acl_rows(struct chs *chs, const struct cfg_obj *obj)
{
	const struct tables *t = running_tables(chs->running);
	const struct running_acl *acl = running_acl(t, obj);
	json_t *rows = json_array();
	const struct cfg_obj *row;
	struct cfg_iter it;

	enum cfg_kind kind =
	    cfg_obj_kind(obj) == CFG_ACL ? CFG_ACL_ROW : CFG_ACL6_ROW;

	for (row = cfg_first(&it, obj, kind); row != NULL;
	     row = cfg_next(&it)) {
		uint32_t seq =
		    cfg_u32(row, CFG_FIELD_OF(kind, CFG_ACL_ROW_SEQ));
		char text[CFG_LINE_OCTETS];

		row_text(row, text, sizeof(text));
		(void)json_array_append_new(
		    rows, json_pack("{s:I, s:s, s:I}", "seq", (json_int_t)seq,
				    "text", text, "hits",
				    (json_int_t)tally_hits(
					chs, row_counter(t, acl, seq))));
	}
	return rows;
}

static const char *
list_name(const struct cfg_obj *obj)
{
	return cfg_str(obj, CFG_FIELD_OF(cfg_obj_kind(obj), CFG_ACL_NAME));
}

static json_t *
acl_json(struct chs *chs, const struct cfg_obj *context,
	 const struct cfg_obj *obj)
{
	const struct tables *t = running_tables(chs->running);
	const char *text =
	    cfg_str(obj, CFG_FIELD_OF(cfg_obj_kind(obj), CFG_ACL_DESCRIPTION));

	return json_pack("{s:s, s:s, s:s, s:b, s:o}", "name", list_name(obj),
			 "context", cfg_str(context, CFG_CONTEXT_NAME),
			 "description", text != NULL ? text : "", "applied",
			 running_acl(t, obj) != NULL, "rows",
			 acl_rows(chs, obj));
}

/* The lists of a family, or those of a name. */
static json_t *
lists_json(struct chs *chs, const json_t *args, enum cfg_kind kind)
{
	const struct tables *t = running_tables(chs->running);
	const char *only = json_string_value(json_object_get(args, "list"));
	json_t *lists = json_array();
	const struct cfg_obj *context, *obj;
	struct cfg_iter it, in;

	for (context = cfg_first(&it, cfg_root(t->tree), CFG_CONTEXT);
	     context != NULL; context = cfg_next(&it)) {
		for (obj = cfg_first(&in, context, kind); obj != NULL;
		     obj = cfg_next(&in)) {
			if (only == NULL || strcmp(only, list_name(obj)) == 0)
				(void)json_array_append_new(
				    lists, acl_json(chs, context, obj));
		}
	}
	return json_pack("{s:s, s:o}", "family",
			 kind == CFG_ACL ? "ip" : "ipv6", "lists", lists);
}

json_t *
show_ip_access_list(struct chs *chs, const json_t *args)
{
	return lists_json(chs, args, CFG_ACL);
}

json_t *
show_ipv6_access_list(struct chs *chs, const json_t *args)
{
	return lists_json(chs, args, CFG_ACL6);
}

/* --- where lists are applied ---------------------------------------------- */

static const char *
acl_name(const struct tables *t, uint32_t id)
{
	for (size_t i = 0; i < t->nacls; i++) {
		if (t->acls[i].id == id)
			return list_name(t->acls[i].obj);
	}
	return "-";
}

static void
group_add(struct chs *chs, json_t *groups, const struct ctl_feature *f, bool in,
	  bool ipv6)
{
	const struct tables *t = running_tables(chs->running);
	uint32_t id = be32_get(ipv6 ? (in ? f->acl6_in : f->acl6_out)
				    : (in ? f->acl_in : f->acl_out));
	uint32_t circuit = be32_get(f->circuit);
	bool count = (f->flags &
		      (in ? CTL_FEATURE_COUNT_IN : CTL_FEATURE_COUNT_OUT)) != 0;
	bool log =
	    (f->flags & (in ? CTL_FEATURE_LOG_IN : CTL_FEATURE_LOG_OUT)) != 0;
	char name[80];

	if (id == 0)
		return;
	(void)json_array_append_new(
	    groups,
	    json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:I, s:I}", "circuit",
		      running_circuit_text(t, circuit, name, sizeof(name)),
		      "family", ipv6 ? "ipv6" : "ip", "list", acl_name(t, id),
		      "direction", in ? "in" : "out", "count", count, "log",
		      log, "permitted",
		      (json_int_t)tally_circuit(chs, circuit,
						in ? TALLY_ACL_IN_PERMITTED
						   : TALLY_ACL_OUT_PERMITTED),
		      "denied",
		      (json_int_t)tally_circuit(chs, circuit,
						in ? TALLY_ACL_IN_DENIED
						   : TALLY_ACL_OUT_DENIED)));
}

json_t *
show_access_group(struct chs *chs, const json_t *args)
{
	const struct tables *t = running_tables(chs->running);
	json_t *groups = json_array();

	(void)args;
	for (size_t i = 0; i < t->nfeatures; i++) {
		for (unsigned k = 0; k < 4; k++)
			group_add(chs, groups, &t->features[i], (k & 1) == 0,
				  k >= 2);
	}
	return json_pack("{s:o}", "groups", groups);
}

/* --- clearing ------------------------------------------------------------- */

static int
clear_lists(struct chs *chs, const json_t *args, unsigned family)
{
	const struct tables *t = running_tables(chs->running);
	const char *only = json_string_value(json_object_get(args, "list"));
	int err = 0;

	for (size_t i = 0; i < t->nacl_rows && err == 0; i++) {
		const struct ctl_acl_row *row = &t->acl_rows[i];

		if (row->family == family &&
		    (only == NULL ||
		     strcmp(only, acl_name(t, be32_get(row->acl))) == 0))
			err = tally_hits_clear(chs, be32_get(row->counter));
	}
	return err;
}

int
clear_ip_access_list(struct chs *chs, const json_t *args)
{
	return clear_lists(chs, args, 4);
}

int
clear_ipv6_access_list(struct chs *chs, const json_t *args)
{
	return clear_lists(chs, args, 6);
}

int
clear_access_group(struct chs *chs, const json_t *args)
{
	const struct tables *t = running_tables(chs->running);
	int err = 0;

	(void)args;
	for (size_t i = 0; i < t->nfeatures && err == 0; i++)
		err = tally_circuit_clear(chs, be32_get(t->features[i].circuit),
					  TALLY_ACL_IN_PERMITTED,
					  TALLY_ACL_OUT_DENIED);
	return err;
}
