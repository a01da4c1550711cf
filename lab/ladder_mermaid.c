/*
 * A ladder as a sequence diagram of Mermaid. Participants have short ids of
 * their own, for names hold what Mermaid does not take; in texts, ';' and '#'
 * are written as entities (mermaid.js.org, "Entity codes to escape
 * characters").
 */
#include <errno.h>
#include <string.h>

#include "ladder_impl.h"

static void
put_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == ';' || *text == '#' || *text == '<' ||
		    *text == '>')
			(void)fprintf(out, "#%d;", *text);
		else if (*text == '\n')
			(void)fputs("<br/>", out);
		else if ((unsigned char)*text >= ' ')
			(void)fputc(*text, out);
	}
}

static void
put_parties(const struct ladder *l, FILE *out)
{
	const char *group = "";

	for (size_t i = 0; i < l->parties; i++) {
		const struct ladder_party *p = &l->party[i];

		if (strcmp(group, p->group) != 0) {
			if (group[0] != '\0')
				(void)fputs("    end\n", out);
			group = p->group;
			if (group[0] != '\0') {
				(void)fputs("    box ", out);
				put_text(out, group);
				(void)fputc('\n', out);
			}
		}
		(void)fprintf(out, "    participant p%zu as ", i);
		put_text(out, p->name);
		(void)fputc('\n', out);
	}
	if (group[0] != '\0')
		(void)fputs("    end\n", out);
}

int
ladder_mermaid(const struct ladder *l, FILE *out)
{
	(void)fputs("sequenceDiagram\n    title ", out);
	put_text(out, l->title);
	(void)fputc('\n', out);
	put_parties(l, out);
	for (size_t i = 0; i < l->steps; i++) {
		const struct ladder_step *s = &l->step[i];

		if (s->to >= 0)
			(void)fprintf(out, "    p%d->>p%d: ", s->from, s->to);
		else
			(void)fprintf(out, "    Note over p%d: %s", s->from,
				      s->tone == LADDER_BAD ? "✗ " : "");
		put_text(out, s->text);
		(void)fputc('\n', out);
	}
	return ferror(out) ? -EIO : 0;
}
