/*
 * A ladder as SVG 1.1: a line for each who takes part, under its group's name,
 * an arrow for what passes, a mark and a text for what is done. Long texts are
 * broken at blanks, so that the picture is as wide as its parties need.
 */
#include <errno.h>
#include <string.h>

#include "ladder_impl.h"

#define COLUMN 150
#define LEFT 90
#define HEAD 92
#define LINE 15
#define TEXT_COLUMNS 76 /* of a line of text */
#define TEXT_WIDTH 470  /* that so many take, at most */

static void
put_text(FILE *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		switch (text[i]) {
		case '<':
			(void)fputs("&lt;", out);
			break;
		case '>':
			(void)fputs("&gt;", out);
			break;
		case '&':
			(void)fputs("&amp;", out);
			break;
		default:
			if ((unsigned char)text[i] >= ' ')
				(void)fputc(text[i], out);
			break;
		}
	}
}

/* How much of the text goes into one line. */
static size_t
line_octets(const char *text)
{
	size_t n = strcspn(text, "\n");
	size_t cut = TEXT_COLUMNS;

	if (n <= TEXT_COLUMNS)
		return n;
	while (cut > 0 && text[cut] != ' ')
		cut--;
	return cut > 0 ? cut : TEXT_COLUMNS;
}

static const char *
next_line(const char *text)
{
	text += line_octets(text);
	return *text == ' ' || *text == '\n' ? text + 1 : text;
}

static int
lines_of(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text = next_line(text))
		n++;
	return n == 0 ? 1 : n;
}

static int
column_x(int party)
{
	return LEFT + party * COLUMN;
}

static void
put_lines(FILE *out, int x, int y, const char *class, const char *text)
{
	for (; *text != '\0'; text = next_line(text), y += LINE) {
		(void)fprintf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">",
			      class, x, y);
		put_text(out, text, line_octets(text));
		(void)fputs("</text>\n", out);
	}
}

static int
step_height(const struct ladder_step *s)
{
	return lines_of(s->text) * LINE + (s->to >= 0 ? 18 : 10);
}

static void
put_step(FILE *out, const struct ladder_step *s, int y)
{
	static const char *const tones[] = {"note", "good", "bad"};
	int x = column_x(s->from);
	int to = s->to >= 0 ? column_x(s->to) : x;
	int text = lines_of(s->text) * LINE;

	if (s->to < 0) {
		(void)fprintf(
		    out, "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"4\"/>\n",
		    tones[s->tone], x, y + 8);
		put_lines(out, x + 9, y + 12, tones[s->tone], s->text);
		return;
	}
	put_lines(out, (x < to ? x : to) + 9, y + 12, "pass", s->text);
	(void)fprintf(out,
		      "<line class=\"arrow\" x1=\"%d\" y1=\"%d\" x2=\"%d\""
		      " y2=\"%d\"/>\n",
		      x, y + text + 6, to + (x < to ? -2 : 2), y + text + 6);
}

static void
put_heads(const struct ladder *l, FILE *out, int bottom)
{
	const char *group = "";

	for (size_t i = 0; i < l->parties; i++) {
		const struct ladder_party *p = &l->party[i];
		int x = column_x((int)i);

		(void)fprintf(out,
			      "<line class=\"life\" x1=\"%d\" y1=\"%d\""
			      " x2=\"%d\" y2=\"%d\"/>\n",
			      x, HEAD - 8, x, bottom);
		if (strcmp(group, p->group) != 0)
			put_lines(out, x - 60, 52, "group", p->group);
		group = p->group;
		(void)fprintf(out,
			      "<rect class=\"party\" x=\"%d\" y=\"60\""
			      " width=\"120\" height=\"24\" rx=\"3\"/>\n",
			      x - 60);
		(void)fprintf(out, "<text class=\"party\" x=\"%d\" y=\"77\">",
			      x);
		put_text(out, p->name, strlen(p->name));
		(void)fputs("</text>\n", out);
	}
}

static const char style[] =
    "<style>text{font:12px sans-serif;fill:#222}"
    "text.title{font-size:16px;font-weight:bold}"
    "text.group{font-weight:bold}text.party{text-anchor:middle}"
    "text.pass{fill:#00519e}text.bad{fill:#b00020;font-weight:bold}"
    "text.good{fill:#1b6e2d}rect.party{fill:#eef2f7;stroke:#556}"
    "line.life{stroke:#99a;stroke-dasharray:4 3}"
    "line.arrow{stroke:#00519e;stroke-width:1.5;marker-end:url(#tip)}"
    "circle{fill:#556}circle.bad{fill:#b00020}circle.good{fill:#1b6e2d}"
    "</style>\n<defs><marker id=\"tip\" markerWidth=\"9\" markerHeight=\"8\""
    " refX=\"8\" refY=\"4\" orient=\"auto\"><path d=\"M0,0 L9,4 L0,8 z\""
    " fill=\"#00519e\"/></marker></defs>\n"
    "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";

int
ladder_svg(const struct ladder *l, FILE *out)
{
	int width = column_x((int)l->parties) - COLUMN + TEXT_WIDTH;
	int height = HEAD + 10;
	int y = HEAD;

	for (size_t i = 0; i < l->steps; i++)
		height += step_height(&l->step[i]);
	(void)fprintf(out,
		      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\""
		      " height=\"%d\" viewBox=\"0 0 %d %d\">\n<title>",
		      width, height, width, height);
	put_text(out, l->title, strlen(l->title));
	(void)fprintf(out, "</title>\n%s", style);
	put_lines(out, 20, 26, "title", l->title);
	put_heads(l, out, height - 4);
	for (size_t i = 0; i < l->steps; i++) {
		put_step(out, &l->step[i], y);
		y += step_height(&l->step[i]);
	}
	(void)fputs("</svg>\n", out);
	return ferror(out) ? -EIO : 0;
}
