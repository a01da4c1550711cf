/*
 * Numbering an access list anew: its rows are taken out and put back under
 * their new numbers. The old tree is held meanwhile, so that what was taken out
 * can still be read.
 */
#include "acl_edit.h"

#include <errno.h>
#include <stdio.h>

#define RESEQUENCE_START 10
#define RESEQUENCE_STEP 10

static uint64_t
number(const struct syntax_match *match, enum cfg_field field, uint64_t none)
{
	const struct syntax_value *v = &match->values[CFG_FIELD_INDEX(field)];

	return v->set ? v->n : none;
}

static int
row_put(struct cfg_tree *tree, struct cfg_path *path, uint64_t seq,
	const struct cfg_obj *row)
{
	const struct cfg_kind_def *def = cfg_kind_get(cfg_obj_kind(row));
	struct cfg_change changes[SYNTAX_ARGS_MAX];
	unsigned n = 0;

	path->step[path->depth - 1] = (struct cfg_step){
	    .kind = cfg_obj_kind(row), .keys = {seq}, .n_keys = 1};
	for (unsigned i = 0; i < def->n_fields; i++) {
		struct cfg_change c = {.index = i, .set = true};

		if (!cfg_value(row, i, &c.n))
			continue;
		if (i == CFG_FIELD_INDEX(CFG_ACL_ROW_SEQ))
			c.n = seq;
		changes[n++] = c;
	}
	return cfg_tree_add(tree, path, cfg_line(row), changes, n);
}

static int
rows_renumber(struct cfg_tree *tree, struct cfg_path *path,
	      const struct cfg_obj *acl, uint64_t start, uint64_t step)
{
	enum cfg_kind kind =
	    cfg_obj_kind(acl) == CFG_ACL ? CFG_ACL_ROW : CFG_ACL6_ROW;
	const struct cfg_obj *row;
	struct cfg_iter it;
	int rc = 0;

	path->depth++;
	for (row = cfg_first(&it, acl, kind); row != NULL && rc == 0;
	     row = cfg_next(&it)) {
		cfg_obj_step(row, &path->step[path->depth - 1]);
		rc = cfg_tree_remove(tree, path);
	}
	for (row = cfg_first(&it, acl, kind); row != NULL && rc == 0;
	     row = cfg_next(&it)) {
		rc = row_put(tree, path, start, row);
		start += step;
	}
	return rc;
}

static int
list_resequence(struct cfg_tree *tree, const struct cfg_path *mode,
		const struct syntax_match *match, enum cfg_kind kind,
		char *text, size_t octets, size_t *column)
{
	enum cfg_kind rows = kind == CFG_ACL ? CFG_ACL_ROW : CFG_ACL6_ROW;
	const struct syntax_value *name =
	    &match->values[CFG_FIELD_INDEX(CFG_ACL_NAME)];
	uint64_t start = number(match, CFG_ACL_START, RESEQUENCE_START);
	uint64_t step = number(match, CFG_ACL_STEP, RESEQUENCE_STEP);
	struct cfg_tree *was = cfg_tree_snapshot(tree);
	struct cfg_path path = *mode;
	const struct cfg_obj *acl = NULL;
	char word[128];
	int rc = 0;

	if (was == NULL)
		return -ENOMEM;
	(void)snprintf(word, sizeof(word), "%.*s", (int)name->len, name->text);
	if (cfg_tree_find(was, mode) != NULL)
		acl = cfg_find(cfg_tree_find(was, mode), kind, word);
	*column = name->column;
	if (acl == NULL) {
		(void)snprintf(text, octets,
			       "there is no %s access-list %s here; expected "
			       "one that is configured",
			       kind == CFG_ACL ? "ip" : "ipv6", word);
		rc = -EINVAL;
	} else if (start + cfg_count(acl, rows) * step > UINT32_MAX) {
		(void)snprintf(text, octets,
			       "the last row would have no number; expected a "
			       "lower start or step");
		rc = -EINVAL;
	}
	if (rc == 0) {
		cfg_obj_step(acl, &path.step[path.depth++]);
		rc = rows_renumber(tree, &path, acl, start, step);
	}
	cfg_tree_free(&was);
	return rc;
}

int
acl_resequence(struct cfg_tree *tree, const struct cfg_path *mode,
	       const struct syntax_match *match, char *text, size_t octets,
	       size_t *column)
{
	return list_resequence(tree, mode, match, CFG_ACL, text, octets,
			       column);
}

int
acl6_resequence(struct cfg_tree *tree, const struct cfg_path *mode,
		const struct syntax_match *match, char *text, size_t octets,
		size_t *column)
{
	return list_resequence(tree, mode, match, CFG_ACL6, text, octets,
			       column);
}
