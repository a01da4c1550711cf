/*
 * A lab as SVG, laid out here, so that no other program is needed: nodes stand
 * in columns by their distance in links from the first one, each a box with a
 * row for a card. Boxes never overlap; links are straight lines between the
 * rows of their cards, tunnels dashed curves above them.
 */
#include "graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BOX_W 190
#define ROW_H 20
#define GAP_X 150
#define GAP_Y 60
#define MARGIN 70

struct box {
	unsigned column;
	unsigned x, y, h;
	bool seen;
};

static unsigned
rows_of(const struct graph *g, unsigned node)
{
	unsigned n = 1;

	for (unsigned i = 0; i < g->ncards; i++)
		n += g->card[i].node == node;
	return n == 1 ? 2 : n;
}

/* The row of a slot in its box, from 1; of none, the box's own. */
static unsigned
row_of(const struct graph *g, unsigned node, unsigned slot)
{
	unsigned n = 0;

	for (unsigned i = 0; i < g->ncards; i++) {
		if (g->card[i].node != node)
			continue;
		n++;
		if (g->card[i].slot == slot)
			return n;
	}
	return n == 0 ? 1 : 0;
}

struct queue {
	unsigned *node;
	unsigned head, tail;
};

/* What is one link from a node and was not reached before. */
static void
reach(const struct topology *t, struct box *box, unsigned at, struct queue *q)
{
	for (unsigned i = 0; i < t->nlinks * 2; i++) {
		const struct topology_end *e = t->link[i / 2].end;
		unsigned to = e[1 - i % 2].node;

		if (e[i % 2].node != at || box[to].seen)
			continue;
		box[to].seen = true;
		box[to].column = box[at].column + 1;
		q->node[q->tail++] = to;
	}
}

/* Distance from each first node that nothing has reached, breadth first. */
static void
find_columns(const struct topology *t, struct box *box, unsigned *nodes)
{
	for (unsigned first = 0; first < t->nnodes; first++) {
		struct queue q = {.node = nodes};

		if (box[first].seen)
			continue;
		box[first].seen = true;
		q.node[q.tail++] = first;
		while (q.head < q.tail)
			reach(t, box, q.node[q.head++], &q);
	}
}

static void
place(const struct graph *g, struct box *box, unsigned *width, unsigned *height)
{
	unsigned n = g->topology->nnodes;

	*width = *height = 0;
	for (unsigned column = 0; column < n; column++) {
		unsigned y = MARGIN;

		for (unsigned i = 0; i < n; i++) {
			if (box[i].column != column)
				continue;
			box[i].x = MARGIN + column * (BOX_W + GAP_X);
			box[i].y = y;
			box[i].h = rows_of(g, i) * ROW_H + 8;
			y += box[i].h + GAP_Y;
			*width = box[i].x + BOX_W + MARGIN;
		}
		if (y > MARGIN && y + MARGIN - GAP_Y > *height)
			*height = y + MARGIN - GAP_Y;
	}
}

static void
put_text(FILE *file, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			(void)fputs("&amp;", file);
			break;
		case '<':
			(void)fputs("&lt;", file);
			break;
		case '>':
			(void)fputs("&gt;", file);
			break;
		default:
			(void)fputc((unsigned char)*text < 32 ? '?' : *text,
				    file);
		}
	}
}

static void
put_box(const struct graph *g, unsigned node, const struct box *b, FILE *file)
{
	const struct topology_node *n = &g->topology->node[node];
	char ports[256];
	unsigned y = b->y + ROW_H - 4;

	(void)fprintf(file,
		      "<g><rect class=\"node\" x=\"%u\" y=\"%u\" width=\"%d\""
		      " height=\"%u\" rx=\"4\"/>\n"
		      "<text class=\"name\" x=\"%u\" y=\"%u\">%s</text>\n",
		      b->x, b->y, BOX_W, b->h, b->x + 8, y, n->name);
	if (n->kind != TOPOLOGY_SMARTEDGE)
		(void)fprintf(file, "<text x=\"%u\" y=\"%u\">%s</text>\n",
			      b->x + 8, y + ROW_H, topology_kind_word(n->kind));
	for (unsigned i = 0; i < g->ncards; i++) {
		const struct graph_card *c = &g->card[i];

		if (c->node != node)
			continue;
		y += ROW_H;
		graph_ports(g, node, c->slot, ports, sizeof(ports));
		(void)fprintf(file,
			      "<text class=\"card\" x=\"%u\" y=\"%u\">%u %s%s%s"
			      "</text>\n",
			      b->x + 8, y, c->slot, c->type,
			      ports[0] != '\0' ? ": " : "", ports);
	}
	(void)fputs("</g>\n", file);
}

struct point {
	unsigned x, y;
};

/* Where a line leaves a box, on the side that faces the other. */
static struct point
leave(const struct graph *g, const struct box *b, const struct box *other,
      unsigned node, unsigned slot)
{
	unsigned row = row_of(g, node, slot);

	return (struct point){other->x > b->x ? b->x + BOX_W : b->x,
			      b->y + row * ROW_H + ROW_H / 2 + 2};
}

static void
put_link(const struct graph *g, const struct topology_link *link,
	 const struct box *box, FILE *file)
{
	const struct topology_end *e = link->end;
	const struct box *a = &box[e[0].node];
	const struct box *b = &box[e[1].node];
	struct point p = leave(g, a, b, e[0].node, e[0].slot);
	struct point q = leave(g, b, a, e[1].node, e[1].slot);
	char shape[256];

	graph_shape(link, shape, sizeof(shape));
	(void)fprintf(file,
		      "<path class=\"link\" d=\"M%u %u L%u %u\"><title>%s --"
		      " %s</title></path>\n",
		      p.x, p.y, q.x, q.y, e[0].text, e[1].text);
	if (shape[0] != '\0')
		(void)fprintf(file,
			      "<text class=\"shape\" x=\"%u\" y=\"%u\">%s"
			      "</text>\n",
			      (p.x + q.x) / 2, (p.y + q.y) / 2 + 14, shape);
}

static void
put_tunnel(const struct graph *g, const struct graph_tunnel *u,
	   const struct box *box, FILE *file)
{
	const struct box *a = &box[u->node];
	struct point p = {a->x + BOX_W / 2, a->y};
	struct point q = {p.x + BOX_W / 2 + 40, p.y - 30};
	unsigned top;

	(void)g;
	if (u->far >= 0)
		q = (struct point){box[u->far].x + BOX_W / 2, box[u->far].y};
	top = (p.y < q.y ? p.y : q.y) - (p.x == q.x ? 20 : 45);
	(void)fprintf(file,
		      "<path class=\"tunnel %s\" d=\"M%u %u C%u %u %u %u %u"
		      " %u\"/>\n<text class=\"shape\" x=\"%u\" y=\"%u\">",
		      u->mode, p.x, p.y, p.x, top, q.x, top, q.x, q.y,
		      (p.x + q.x) / 2, top + 8);
	put_text(file, u->name);
	if (u->far_name != NULL) {
		(void)fputs(" -- ", file);
		put_text(file, u->far_name);
	} else {
		(void)fprintf(file, " -- %s", u->remote);
	}
	(void)fprintf(file, ", %s</text>\n", u->mode);
}

int
graph_svg(const struct graph *g, FILE *file)
{
	const struct topology *t = g->topology;
	struct box *box = calloc(t->nnodes, sizeof(*box));
	unsigned *queue = calloc(t->nnodes, sizeof(*queue));
	unsigned width;
	unsigned height;

	if (box == NULL || queue == NULL) {
		free(box);
		free(queue);
		return -ENOMEM;
	}
	find_columns(t, box, queue);
	place(g, box, &width, &height);
	(void)fprintf(file,
		      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\""
		      " height=\"%u\" font-family=\"sans-serif\""
		      " font-size=\"12\">\n<title>%s</title>\n<style>"
		      "rect.node{fill:#eef3f8;stroke:#456}"
		      "text.name{font-weight:bold}"
		      "text.shape{text-anchor:middle;fill:#555;font-size:11px}"
		      "path{fill:none}path.link{stroke:#222;stroke-width:1.5}"
		      "path.tunnel{stroke:#b30;stroke-dasharray:5 4}"
		      "path.economical{stroke:#080}</style>\n",
		      width, height, t->name);
	for (unsigned i = 0; i < t->nlinks; i++)
		put_link(g, &t->link[i], box, file);
	for (unsigned i = 0; i < t->nnodes; i++)
		put_box(g, i, &box[i], file);
	for (unsigned i = 0; i < g->ntunnels; i++)
		put_tunnel(g, &g->tunnel[i], box, file);
	(void)fputs("</svg>\n", file);
	free(box);
	free(queue);
	return 0;
}
