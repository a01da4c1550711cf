/*
 * What a matched line does to the candidate: values as the tree holds them,
 * defaults left out, keys opened and measured, then one change. Nothing is
 * changed before everything that can be wrong has been looked at.
 */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hex.h"
#include "parse_impl.h"
#include "password.h"
#include "secret.h"

/* One line on its way into the tree; holds a reference to each value. */
struct edit {
	struct cfg_editor *ed;
	const struct syntax_match *match;
	const struct cfg_row *row;
	const struct cfg_kind_def *def; /* of the object that is changed */
	struct cfg_error *err;
	struct cfg_change changes[SYNTAX_ARGS_MAX];
	unsigned n;
	uint64_t values[SYNTAX_ARGS_MAX];
	size_t octets[SYNTAX_ARGS_MAX]; /* of secrets */
	uint32_t held, in_pattern;
};

int
apply_refuse(const struct cfg_editor *ed, struct cfg_error *err, size_t column,
	     const char *format, ...)
{
	va_list ap;

	*err = (struct cfg_error){
	    .line = ed->line,
	    .column = (unsigned)column + 1,
	    .fault = SYNTAX_INVALID,
	};
	va_start(ap, format);
	(void)vsnprintf(err->text, sizeof(err->text), format, ap);
	va_end(ap);
	return -EINVAL;
}

static int
no_memory(const struct edit *e)
{
	(void)apply_refuse(e->ed, e->err, 0, "no memory; expected more of it");
	return -ENOMEM;
}

/* The octets of a secret as written; at most SYNTAX_SECRET_MAX. */
static int
secret_octets(const struct edit *e, const struct syntax_value *v,
	      uint8_t octets[static SYNTAX_SECRET_MAX], size_t *n)
{
	char text[4 * SYNTAX_SECRET_MAX];
	int rc;

	*n = v->len;
	if (v->coding == SYNTAX_ASCII) {
		memcpy(octets, v->text, v->len);
		return 0;
	}
	if (v->coding == SYNTAX_HEX) {
		*n = v->len / 2;
		return hex_get(v->text, *n, octets);
	}
	if (e->ed->key == NULL)
		return apply_refuse(
		    e->ed, e->err, v->column,
		    "a sealed secret, and no operator's key to open it; "
		    "expected the key file that sealed it (--secret-key)");
	(void)snprintf(text, sizeof(text), "%.*s", (int)v->len, v->text);
	rc = secret_open(e->ed->key, text, octets, SYNTAX_SECRET_MAX, n);
	if (rc != 0 || *n == 0)
		return apply_refuse(
		    e->ed, e->err, v->column,
		    "the operator's key does not open this secret; expected "
		    "one sealed under it, or the key in clear");
	return 0;
}

/* Puts the hash in the place of the password. */
static int
value_password_take(const struct edit *e,
		    uint8_t octets[static SYNTAX_SECRET_MAX], size_t *n)
{
	uint8_t hash[PASSWORD_HASH_MAX];
	size_t hash_octets;
	int rc = password_hash(octets, *n, hash, &hash_octets);

	if (rc != 0)
		return apply_refuse(e->ed, e->err, 0,
				    "the password can not be hashed; expected "
				    "text without NUL octets");
	memcpy(octets, hash, hash_octets);
	*n = hash_octets;
	return 0;
}

static int
value_secret_take(struct edit *e, unsigned i)
{
	uint8_t octets[SYNTAX_SECRET_MAX];
	const struct syntax_value *v = &e->match->values[i];
	int rc = secret_octets(e, v, octets, &e->octets[i]);

	if (rc == 0 && e->def->fields[i].hashed && v->coding != SYNTAX_SEALED)
		rc = value_password_take(e, octets, &e->octets[i]);
	if (rc == 0 && cfg_intern_secret(e->ed->cfg, octets, e->octets[i],
					 &e->values[i]) != 0)
		rc = no_memory(e);
	secret_wipe(octets, sizeof(octets));
	return rc;
}

/* An address that is kept as text: in the one form. */
static int
value_addr_take(struct edit *e, unsigned i)
{
	const struct syntax_value *v = &e->match->values[i];
	char form[SYNTAX_ADDR_OCTETS];
	int rc =
	    syntax_addr_text(e->def->fields[i].type, v->text, v->len, form);

	if (rc != 0)
		return rc;
	if (cfg_intern(e->ed->cfg, form, strlen(form), &e->values[i]) != 0)
		return no_memory(e);
	return 0;
}

/* The value of argument i, with a reference that edit_fini() hands back. */
static int
value_take(struct edit *e, unsigned i)
{
	const struct syntax_value *v = &e->match->values[i];
	const struct syntax_arg *type = &e->def->fields[i];
	int rc = 0;

	switch (type->type) {
	case SYNTAX_NAME:
	case SYNTAX_TEXT:
	case SYNTAX_RD:
		if (cfg_intern(e->ed->cfg, v->text, v->len, &e->values[i]) != 0)
			rc = no_memory(e);
		break;
	case SYNTAX_SECRET:
		rc = value_secret_take(e, i);
		break;
	case SYNTAX_IPV6:
	case SYNTAX_PREFIX6:
	case SYNTAX_IFADDR6:
	case SYNTAX_IP:
		rc = value_addr_take(e, i);
		break;
	default:
		e->values[i] = v->n;
	}
	if (rc == 0)
		e->held |= UINT32_C(1) << i;
	return rc;
}

static void
edit_fini(struct edit *e)
{
	for (unsigned i = 0; i < e->def->n_fields; i++) {
		if ((e->held >> i & 1) != 0)
			cfg_value_release(e->ed->cfg, &e->def->fields[i],
					  e->values[i]);
	}
}

static bool
is_default(const struct syntax_arg *type, const struct syntax_value *v)
{
	if (!type->has_default || type->filled)
		return false;
	if (type->text != NULL)
		return strlen(type->text) == v->len &&
		       memcmp(type->text, v->text, v->len) == 0;
	return type->value == v->n;
}

static int
change_filled(struct edit *e, unsigned i)
{
	const char *text = e->def->fields[i].text;

	if (cfg_intern(e->ed->cfg, text, strlen(text), &e->values[i]) != 0)
		return no_memory(e);
	e->held |= UINT32_C(1) << i;
	e->changes[e->n - 1].n = e->values[i];
	e->changes[e->n - 1].set = true;
	return 0;
}

/* What the line does to field i. */
static int
change_take(struct edit *e, unsigned i)
{
	const struct syntax_arg *type = &e->def->fields[i];
	const struct syntax_value *v = &e->match->values[i];
	struct cfg_change *c = &e->changes[e->n++];
	int rc = 0;

	*c = (struct cfg_change){
	    .index = i, .line = e->ed->line, .column = (unsigned)v->column + 1};
	if (e->match->form != SYNTAX_SET) {
		/* Only what is a word by itself can be false. */
		c->set = e->match->form == SYNTAX_NO && type->has_default &&
			 type->type == SYNTAX_ENUM && type->value == 1 &&
			 e->row->pattern[0] == '<';
	} else if (v->set) {
		if ((e->held >> i & 1) == 0)
			rc = value_take(e, i);
		c->n = e->values[i];
		c->set = !is_default(type, v);
	} else if (type->filled) {
		rc = change_filled(e, i);
	}
	return rc;
}

/* Keys must suit the algorithms beside them. */
static int
keys_check(struct edit *e)
{
	const struct syntax_value *values = e->match->values;
	const struct cfg_key_rule *rule;
	char text[256];

	for (unsigned r = 0; (rule = cfg_key_rule(r)) != NULL; r++) {
		unsigned a = CFG_FIELD_INDEX(rule->algorithm);
		unsigned k = CFG_FIELD_INDEX(rule->key);

		if (cfg_kind_get(CFG_FIELD_KIND(rule->key)) != e->def ||
		    !values[a].set)
			continue;
		if (cfg_key_check((uint32_t)values[a].n, values[k].set,
				  e->octets[k], text, sizeof(text)) != 0)
			return apply_refuse(e->ed, e->err,
					    values[k].set ? values[k].column
							  : values[a].column,
					    "%s", text);
	}
	return 0;
}

static int
row_check(struct edit *e)
{
	size_t column = 0;
	char text[400];

	if (e->row->check == NULL || e->match->form != SYNTAX_SET)
		return 0;
	if (e->row->check(e->match, text, sizeof(text), &column) == 0)
		return 0;
	return apply_refuse(e->ed, e->err, column, "%s", text);
}

static int
fields_apply(struct edit *e, unsigned depth)
{
	struct cfg_path path = e->ed->path;
	int rc = row_check(e);

	path.depth = depth;
	for (unsigned i = 0; i < e->def->n_fields && rc == 0; i++) {
		if ((e->in_pattern >> i & 1) != 0)
			rc = change_take(e, i);
	}
	if (rc == 0 && e->match->form == SYNTAX_SET)
		rc = keys_check(e);
	if (rc != 0)
		return rc;
	rc = cfg_tree_change(e->ed->tree, &path, e->changes, e->n);
	return rc == 0 ? 0 : no_memory(e);
}

/* The step to the object the line names. */
static int
step_take(struct edit *e, struct cfg_step *step)
{
	*step = (struct cfg_step){.kind = e->row->makes};
	for (unsigned i = 0; i < e->def->n_fields; i++) {
		int rc = 0;

		if (!e->def->fields[i].key)
			continue;
		if (e->match->values[i].set)
			rc = value_take(e, i);
		if (rc != 0)
			return rc;
		step->keys[step->n_keys++] = e->values[i];
	}
	return 0;
}

/* A card's type, say, cannot change under the ports that lie on it. */
static int
fixed_check(struct edit *e, const struct cfg_obj *obj)
{
	char was[CFG_OBJECT_OCTETS];
	uint64_t value;

	for (unsigned i = 0; obj != NULL && i < e->def->n_fields; i++) {
		const struct syntax_value *v = &e->match->values[i];

		if (!e->def->fields[i].fixed || !v->set ||
		    !cfg_value(obj, i, &value) || value == v->n)
			continue;
		cfg_obj_text(obj, was, sizeof(was));
		return apply_refuse(
		    e->ed, e->err, v->column,
		    "there is a \"%s\" already; expected \"no %s\" first", was,
		    was);
	}
	return 0;
}

static int
object_remove(struct edit *e, const struct cfg_path *path)
{
	unsigned depth = e->ed->path.depth;
	int rc;

	if (cfg_tree_find(e->ed->tree, path) == NULL)
		return apply_refuse(
		    e->ed, e->err, 0,
		    "there is no such %s to remove; expected one that show "
		    "configuration lists",
		    e->def->name);
	rc = cfg_tree_remove(e->ed->tree, path);
	if (rc != 0)
		return no_memory(e);
	/* The mode of what is gone is left. */
	if (depth >= path->depth)
		apply_leave(e->ed, path->depth - 1);
	return 0;
}

static void
mode_enter(struct edit *e, const struct cfg_step *step)
{
	struct cfg_path *path = &e->ed->path;
	unsigned k = 0;

	path->step[path->depth++] = *step;
	/* The path keeps the references to its names. */
	for (unsigned i = 0; i < e->def->n_fields; i++) {
		if (!e->def->fields[i].key)
			continue;
		if (step->keys[k++] != 0)
			e->held &= ~(UINT32_C(1) << i);
	}
}

/* Of an object that a line says all of, what the line leaves out goes. */
static void
rest_clear(struct edit *e)
{
	for (unsigned i = 0; e->def->whole && i < e->def->n_fields; i++) {
		if (!e->match->values[i].set && !e->def->fields[i].key)
			e->changes[e->n++] = (struct cfg_change){.index = i};
	}
}

static int
object_apply(struct edit *e, unsigned depth)
{
	struct cfg_path path = e->ed->path;
	const struct cfg_obj *obj;
	int rc = row_check(e);

	path.depth = depth + 1;
	if (rc == 0)
		rc = step_take(e, &path.step[depth]);
	if (rc != 0)
		return rc;
	if (e->match->form != SYNTAX_SET)
		return object_remove(e, &path);
	obj = cfg_tree_find(e->ed->tree, &path);
	rc = fixed_check(e, obj);
	for (unsigned i = 0; i < e->def->n_fields && rc == 0; i++) {
		if (e->match->values[i].set &&
		    (!e->def->fields[i].key || obj == NULL))
			rc = change_take(e, i);
	}
	if (rc != 0)
		return rc;
	if (obj != NULL)
		rest_clear(e);
	if (obj == NULL)
		rc = cfg_tree_add(e->ed->tree, &path, e->ed->line, e->changes,
				  e->n);
	else if (e->n > 0)
		rc = cfg_tree_change(e->ed->tree, &path, e->changes, e->n);
	if (rc != 0)
		return no_memory(e);
	apply_leave(e->ed, depth);
	if (e->def->prompt != NULL)
		mode_enter(e, &path.step[depth]);
	return 0;
}

void
apply_leave(struct cfg_editor *ed, unsigned depth)
{
	while (ed->path.depth > depth) {
		const struct cfg_step *step = &ed->path.step[--ed->path.depth];
		const struct cfg_kind_def *def = cfg_kind_get(step->kind);
		unsigned k = 0;

		for (unsigned i = 0; i < def->n_fields; i++) {
			if (def->fields[i].key)
				cfg_value_release(ed->cfg, &def->fields[i],
						  step->keys[k++]);
		}
	}
}

/* Fills in the number of a row that was left out: the last one's, and more. */
static int
counted_fill(struct edit *e, unsigned depth, struct syntax_match *match)
{
	struct cfg_path path = e->ed->path;
	const struct cfg_obj *parent, *last;
	uint64_t n = 0;

	path.depth = depth;
	parent = cfg_tree_find(e->ed->tree, &path);
	for (unsigned i = 0; i < e->def->n_fields && parent != NULL; i++) {
		const struct syntax_arg *type = &e->def->fields[i];

		if (type->counted == 0 || match->values[i].set)
			continue;
		last = cfg_last(parent, e->row->makes);
		if (last != NULL)
			(void)cfg_value(last, i, &n);
		if (n + type->counted > type->max)
			return apply_refuse(e->ed, e->err, 0,
					    "no %s is left behind %u; expected "
					    "it to be written",
					    type->name, (unsigned)n);
		match->values[i].set = true;
		match->values[i].n = n + type->counted;
	}
	return 0;
}

static int
act_apply(struct edit *e, unsigned depth)
{
	struct cfg_path path = e->ed->path;
	size_t column = 0;
	char text[400] = "";
	int rc;

	path.depth = depth;
	rc = cfg_row_act(e->row)(e->ed->tree, &path, e->match, text,
				 sizeof(text), &column);
	apply_leave(e->ed, depth);
	if (rc == -EINVAL)
		return apply_refuse(e->ed, e->err, column, "%s", text);
	return rc == 0 ? 0 : no_memory(e);
}

int
apply_match(struct cfg_editor *ed, const struct syntax_match *match,
	    unsigned depth, struct cfg_error *err)
{
	const struct cfg_row *row = match->row->tag;
	struct syntax_match filled = *match;
	struct edit e = {.ed = ed, .match = &filled, .row = row, .err = err};
	int rc = 0;

	e.def = cfg_row_kind(row);
	e.in_pattern = cfg_row_fields(row);
	if (match->form == SYNTAX_SET && row->makes != CFG_ROOT)
		rc = counted_fill(&e, depth, &filled);
	if (rc != 0)
		return rc;
	if (cfg_row_act(row) != NULL) {
		rc = act_apply(&e, depth);
	} else if (row->makes == CFG_ROOT) {
		rc = fields_apply(&e, depth);
		if (rc == 0)
			apply_leave(ed, depth);
	} else {
		rc = object_apply(&e, depth);
	}
	edit_fini(&e);
	if (rc == 0)
		ed->edits++;
	return rc;
}
