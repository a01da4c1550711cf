/*
 * A tree as JSON: what scripts read instead of show configuration. Written as
 * it is walked, so that a large configuration needs no memory of its own.
 * RFC 8259.
 */
#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "print_impl.h"
#include "tree_impl.h"

struct jsoner {
	cfg_out_fn *out;
	void *arg;
	const uint8_t *salt;
};

static int
put(const struct jsoner *j, const char *text)
{
	return j->out(j->arg, text, strlen(text));
}

int
cfg_json_string(const char *text, cfg_out_fn *out, void *arg)
{
	int rc = out(arg, "\"", 1);

	while (rc == 0 && *text != '\0') {
		size_t plain = 0;
		char escape[8];

		while ((uint8_t)text[plain] >= 0x20 &&
		       strchr("\"\\", text[plain]) == NULL)
			plain++;
		if (plain > 0)
			rc = out(arg, text, plain);
		text += plain;
		if (rc == 0 && *text != '\0') {
			(void)snprintf(escape, sizeof(escape), "\\u%04x",
				       (unsigned)(uint8_t)*text++);
			rc = out(arg, escape, 6);
		}
	}
	return rc != 0 ? rc : out(arg, "\"", 1);
}

static bool
is_flag(const struct syntax_arg *type)
{
	return type->type == SYNTAX_ENUM && type->choices != NULL &&
	       type->choices[0].value == 1 && type->choices[1].word == NULL &&
	       type->has_default;
}

static int
value_put(const struct jsoner *j, const struct syntax_arg *type, uint64_t value)
{
	char text[1024], print[PRINT_FINGERPRINT_OCTETS];
	int rc;

	if (type->type == SYNTAX_SECRET) {
		rc = print_fingerprint(j->salt, value, print);
		if (rc < 0)
			return rc;
		(void)snprintf(text, sizeof(text),
			       "{\"fingerprint\": \"%.8s\"}", print + 1);
		return put(j, text);
	}
	if (is_flag(type))
		return put(j, value != 0 ? "true" : "false");
	if (type->type == SYNTAX_U32 || type->type == SYNTAX_SPI) {
		(void)snprintf(text, sizeof(text), "%u", (unsigned)value);
		return put(j, text);
	}
	if (value_is_text(type))
		return cfg_json_string(value_str(value), j->out, j->arg);
	rc = syntax_value_text(type, value, NULL, text, sizeof(text));
	return rc < 0 ? rc : cfg_json_string(text, j->out, j->arg);
}

static int
name_put(const struct jsoner *j, const char *name, bool *first)
{
	int rc = *first ? 0 : put(j, ", ");

	*first = false;
	if (rc == 0)
		rc = cfg_json_string(name, j->out, j->arg);
	return rc != 0 ? rc : put(j, ": ");
}

static int object_put(const struct jsoner *j, const struct cfg_obj *obj);

static int
children_put(const struct jsoner *j, const struct cfg_obj *obj,
	     enum cfg_kind kind)
{
	struct cfg_iter it;
	const struct cfg_obj *child;
	int rc = put(j, "[");

	for (child = cfg_first(&it, obj, kind); child != NULL && rc == 0;) {
		rc = object_put(j, child);
		child = cfg_next(&it);
		if (rc == 0 && child != NULL)
			rc = put(j, ",\n");
	}
	return rc != 0 ? rc : put(j, "]");
}

static int
object_put(const struct jsoner *j, const struct cfg_obj *obj)
{
	const struct cfg_kind_def *def = cfg_kind_get(cfg_obj_kind(obj));
	bool first = true;
	uint64_t value;
	int rc = put(j, "{");

	for (unsigned i = 0; i < def->n_fields && rc == 0; i++) {
		if (!cfg_value(obj, i, &value))
			continue;
		rc = name_put(j, def->fields[i].name, &first);
		if (rc == 0)
			rc = value_put(j, &def->fields[i], value);
	}
	for (unsigned k = CFG_ROOT + 1; k < CFG_KINDS && rc == 0; k++) {
		const struct cfg_kind_def *kid = cfg_kind_get((enum cfg_kind)k);

		if (kid->parent != cfg_obj_kind(obj) ||
		    cfg_count(obj, (enum cfg_kind)k) == 0)
			continue;
		rc = name_put(j, kid->name, &first);
		if (rc == 0)
			rc = children_put(j, obj, (enum cfg_kind)k);
	}
	return rc != 0 ? rc : put(j, "}");
}

int
cfg_json(const struct cfg_tree *tree, cfg_out_fn *out, void *arg)
{
	struct jsoner j = {out, arg, cfg_salt(cfg_tree_cfg(tree))};
	int rc = object_put(&j, cfg_root(tree));

	return rc != 0 ? rc : put(&j, "\n");
}
