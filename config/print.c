/*
 * `show configuration`: rows in the schema's order, each written from its
 * pattern. Called by the chassis (running configuration, save), by the diff and
 * by compare. Text goes out as it is made; keys go out sealed or not at all.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "print_impl.h"
#include "secret.h"
#include "tree_impl.h"

#define ROWS_MAX 256

struct printer {
	const struct cfg_print_opts *opts;
	cfg_out_fn *out;
	void *arg;
	char prefix;
	/* What each row may print, found once: cfg_row_fields() reads its
	 * pattern, and there are many objects. */
	uint32_t fields[ROWS_MAX];
};

struct row_source {
	const struct cfg_obj *obj;
	const struct cfg_kind_def *def;
	const struct cfg_print_opts *opts;
};

int
print_fingerprint(const uint8_t *salt, uint64_t value,
		  char text[static PRINT_FINGERPRINT_OCTETS])
{
	uint8_t print[SECRET_PRINT_OCTETS];
	size_t n;
	const uint8_t *octets = value_secret(value, &n);
	int rc = secret_print(salt, CFG_SALT_OCTETS, octets, n, print);

	if (rc != 0)
		return rc;
	return snprintf(text, PRINT_FINGERPRINT_OCTETS, "<%02x%02x%02x%02x>",
			print[0], print[1], print[2], print[3]);
}

static int
secret_text(const struct row_source *s, uint64_t value, char *text,
	    size_t octets)
{
	char print[PRINT_FINGERPRINT_OCTETS];
	const uint8_t *secret;
	size_t n;
	int rc;

	if (s->opts->secrets == CFG_SECRETS_HIDDEN) {
		rc = print_fingerprint(s->opts->salt, value, print);
		return rc < 0 ? rc : snprintf(text, octets, "%s", print);
	}
	if (s->opts->key == NULL)
		return -ENOKEY;
	secret = value_secret(value, &n);
	rc = secret_seal(s->opts->key, secret, n, text, octets);
	return rc != 0 ? rc : (int)strlen(text);
}

static int
row_value(void *arg, unsigned index, enum syntax_coding coding, char *text,
	  size_t octets)
{
	const struct row_source *s = arg;
	const struct syntax_arg *type = &s->def->fields[index];
	uint64_t value;

	if (!cfg_value(s->obj, index, &value))
		return 0;
	if (type->type == SYNTAX_SECRET && coding != SYNTAX_SEALED)
		return 0;
	if (text == NULL)
		return 1;
	if (type->type == SYNTAX_SECRET)
		return secret_text(s, value, text, octets);
	return syntax_value_text(type, value,
				 value_is_text(type) ? value_str(value) : NULL,
				 text, octets);
}

static int
row_text(const struct cfg_obj *obj, const struct cfg_row *row, uint32_t fields,
	 const struct cfg_print_opts *opts, char *line, size_t octets)
{
	struct row_source s = {obj, cfg_row_kind(row), opts};
	unsigned first = (unsigned)__builtin_ctz(fields);
	uint64_t value;
	int n;

	line[0] = '\0';
	if (row->makes == CFG_ROOT && (obj->mask & fields) == 0)
		return 0;
	if (row->pattern[0] == '<' && cfg_value(obj, first, &value) &&
	    value == 0) {
		n = snprintf(line, octets, "no %s",
			     s.def->fields[first].choices[0].word);
		return n < 0 || (size_t)n >= octets ? -ENOSPC : n;
	}
	return syntax_write(row->pattern, s.def->fields, s.def->n_fields,
			    row_value, &s, line, octets);
}

int
cfg_row_text(const struct cfg_obj *obj, const struct cfg_row *row,
	     const struct cfg_print_opts *opts, char *line, size_t octets)
{
	return row_text(obj, row, cfg_row_fields(row), opts, line, octets);
}

static void
printer_init(struct printer *p, const struct cfg_print_opts *opts, char prefix,
	     cfg_out_fn *out, void *arg)
{
	const struct cfg_row *row;

	*p = (struct printer){opts, out, arg, prefix, {0}};
	for (unsigned i = 0; (row = cfg_row_get(i)) != NULL; i++) {
		assert(i < ROWS_MAX);
		if (cfg_row_act(row) == NULL)
			p->fields[i] = cfg_row_fields(row);
	}
}

int
print_line(const char *line, unsigned depth, char prefix, cfg_out_fn *out,
	   void *arg)
{
	char text[CFG_LINE_OCTETS + 16];
	int n = prefix == 0 ? snprintf(text, sizeof(text), "%*s%s\n",
				       (int)depth, "", line)
			    : snprintf(text, sizeof(text), "%c%*s%s\n", prefix,
				       (int)depth, "", line);

	if (n < 0 || (size_t)n >= sizeof(text))
		return -ENOSPC;
	return out(arg, text, (size_t)n);
}

static int
put_line(const struct printer *p, const char *line, unsigned depth)
{
	return print_line(line, depth, p->prefix, p->out, p->arg);
}

static int body_put(const struct printer *p, const struct cfg_obj *obj,
		    unsigned depth);

static int
object_put(const struct printer *p, const struct cfg_obj *obj, unsigned i,
	   unsigned depth)
{
	const struct cfg_row *row = cfg_row_get(i);
	char line[CFG_LINE_OCTETS];
	int rc = row_text(obj, row, p->fields[i], p->opts, line, sizeof(line));

	if (rc >= 0)
		rc = put_line(p, line, depth);
	if (rc == 0)
		rc = body_put(p, obj, depth + 1);
	if (rc != 0 || row->makes != CFG_CONTEXT || p->prefix != 0)
		return rc;
	rc = put_line(p, "!", 0);
	return rc != 0 ? rc : put_line(p, "! ** End Context **", 0);
}

static int
children_put(const struct printer *p, const struct cfg_obj *obj, unsigned i,
	     unsigned depth)
{
	const struct cfg_row *row = cfg_row_get(i);
	struct cfg_iter it;
	const struct cfg_obj *child;
	bool first = true;
	int rc = 0;

	for (child = cfg_first(&it, obj, row->makes); child != NULL && rc == 0;
	     child = cfg_next(&it)) {
		if (p->prefix == 0 && (first ? row->bang : row->bang_each))
			rc = p->out(p->arg, "!\n", 2);
		first = false;
		if (rc == 0)
			rc = object_put(p, child, i, depth);
	}
	return rc;
}

static bool
in_section(const struct printer *p, const struct cfg_row *row)
{
	const char *section = p->opts->section;

	return section == NULL || row->mode != CFG_ROOT ||
	       strncmp(row->pattern, section, strlen(section)) == 0;
}

static int
body_put(const struct printer *p, const struct cfg_obj *obj, unsigned depth)
{
	char line[CFG_LINE_OCTETS];
	const struct cfg_row *row;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && (row = cfg_row_get(i)) != NULL; i++) {
		if (row->mode != cfg_obj_kind(obj) ||
		    cfg_row_act(row) != NULL || !in_section(p, row))
			continue;
		if (row->makes != CFG_ROOT) {
			rc = children_put(p, obj, i, depth);
			continue;
		}
		rc = row_text(obj, row, p->fields[i], p->opts, line,
			      sizeof(line));
		if (rc > 0 && row->bang && p->prefix == 0)
			rc = p->out(p->arg, "!\n", 2) < 0 ? -EIO : 1;
		if (rc > 0)
			rc = put_line(p, line, depth);
	}
	return rc;
}

int
print_object(const struct cfg_obj *obj, unsigned depth, char prefix,
	     const struct cfg_print_opts *opts, cfg_out_fn *out, void *arg)
{
	struct printer p;
	const struct cfg_row *row;

	printer_init(&p, opts, prefix, out, arg);
	for (unsigned i = 0; (row = cfg_row_get(i)) != NULL; i++) {
		if (row->makes == cfg_obj_kind(obj) && row->makes != CFG_ROOT)
			return object_put(&p, obj, i, depth);
	}
	return 0;
}

static int
head_put(const struct printer *p)
{
	static const char head[] =
	    "Building configuration...\n\nCurrent configuration:\n!\n";
	char note[CFG_LINE_OCTETS];
	int rc = p->out(p->arg, head, sizeof(head) - 1);

	if (rc != 0 || p->opts->note == NULL)
		return rc;
	(void)snprintf(note, sizeof(note), "! %s", p->opts->note);
	return put_line(p, note, 0);
}

int
cfg_print(const struct cfg_tree *tree, const struct cfg_print_opts *opts,
	  cfg_out_fn *out, void *arg)
{
	struct cfg_print_opts salted = *opts;
	struct printer p;
	int rc = 0;

	printer_init(&p, &salted, 0, out, arg);
	salted.salt = cfg_salt(cfg_tree_cfg(tree));
	if (!opts->bare)
		rc = head_put(&p);
	if (rc == 0)
		rc = body_put(&p, cfg_root(tree), 0);
	if (rc == 0 && !opts->bare)
		rc = out(arg, "!\nend\n", 6);
	return rc;
}
