/*
 * docs/commands.md from the schema, so that no page is written by hand. Called
 * by cli/commands_page.c and by the test that compares.
 */
#include "commands.h"

#include <stdarg.h>
#include <stdio.h>

struct page {
	cfg_out_fn *out;
	void *arg;
	int rc;
};

static void put(struct page *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(struct page *p, const char *format, ...)
{
	char text[CFG_LINE_OCTETS];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (p->rc == 0 && n > 0)
		p->rc = p->out(p->arg, text, (size_t)n);
}

static const char *
mark_text(enum cfg_mark mark)
{
	static const char *const texts[] = {
	    [CFG_MARK_FOUND] = "documented",
	    [CFG_MARK_NAME] = "name documented, arguments ours",
	    [CFG_MARK_KNOWN] = "general knowledge of the product",
	    [CFG_MARK_OURS] = "ours, by analogy",
	};

	return texts[mark];
}

static void
field_put(struct page *p, const struct syntax_arg *field)
{
	char expects[1024], value[256];

	if (field->type == SYNTAX_SECRET)
		(void)snprintf(expects, sizeof(expects),
			       "a secret of at most %u octets", field->max);
	else
		syntax_expects(field, SYNTAX_PLAIN, expects, sizeof(expects));
	put(p, "- `<%s>`: %s; %s", field->name, field->help, expects);
	if (field->text != NULL)
		put(p, "; default `%s`", field->text);
	else if (field->has_default &&
		 syntax_value_text(field, field->value, NULL, value,
				   sizeof(value)) > 0)
		put(p, "; default `%s`", value);
	put(p, "\n");
}

static void
row_put(struct page *p, const struct cfg_row *row)
{
	const struct cfg_kind_def *def = cfg_row_kind(row);
	uint32_t fields = cfg_row_fields(row);

	put(p, "### `%s`\n\n", row->pattern);
	if (cfg_row_act(row) != NULL) {
		put(p, "Source: %s.\n\n", mark_text(row->mark));
	} else {
		if (row->makes != CFG_ROOT && def->prompt != NULL)
			put(p, "Enters `(%s)`. ", def->prompt);
		put(p, "Undone by `no %s`. Source: %s.\n\n",
		    row->no != NULL ? row->no : row->pattern,
		    mark_text(row->mark));
	}
	for (unsigned i = 0; i < def->n_fields; i++) {
		if ((fields >> i & 1) != 0)
			field_put(p, &def->fields[i]);
	}
	put(p, "\n");
}

int
cfg_commands(cfg_out_fn *out, void *arg)
{
	struct page p = {out, arg, 0};
	const struct cfg_row *row;

	put(&p,
	    "# Configuration commands\n\n"
	    "Made from the schema of `config/` by `commands-page`; do not "
	    "edit.\n"
	    "`[ ]` may be left out, `{ | }` is one of several, `<name>` is "
	    "an argument. Words may be abbreviated\nwhere no name may stand. "
	    "Each line that sets something has a `no` and a `default` "
	    "form.\n\n");
	for (unsigned k = 0; k < CFG_KINDS; k++) {
		const struct cfg_kind_def *def = cfg_kind_get((enum cfg_kind)k);

		if (def->prompt == NULL)
			continue;
		put(&p, "## `(%s)`\n\n", def->prompt);
		for (unsigned i = 0; (row = cfg_row_get(i)) != NULL; i++) {
			if (row->mode == (enum cfg_kind)k)
				row_put(&p, row);
		}
	}
	return p.rc;
}
