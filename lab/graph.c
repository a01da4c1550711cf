/*
 * What the pictures of a lab share, and the two that are text: Mermaid and
 * Graphviz's DOT. Names of nodes can not break either; names of tunnels are
 * free, and written with what the form has for quotes.
 */
#include "graph.h"

#include <string.h>

const struct graph_card *
graph_card_at(const struct graph *g, unsigned node, unsigned slot)
{
	for (unsigned i = 0; i < g->ncards; i++) {
		if (g->card[i].node == node && g->card[i].slot == slot)
			return &g->card[i];
	}
	return NULL;
}

const struct graph_card *
graph_ase(const struct graph *g, unsigned node)
{
	for (unsigned i = 0; i < g->ncards; i++) {
		if (g->card[i].node == node && g->card[i].ase)
			return &g->card[i];
	}
	return NULL;
}

const char *
graph_port(const struct topology_end *end)
{
	const char *colon = strchr(end->text, ':');

	return colon != NULL ? colon + 1 : "";
}

void
graph_ports(const struct graph *g, unsigned node, unsigned slot, char *text,
	    size_t octets)
{
	size_t n = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < g->topology->nlinks * 2; i++) {
		const struct topology_end *e =
		    &g->topology->link[i / 2].end[i % 2];

		if (e->node != node || e->slot != slot || n >= octets ||
		    graph_port(e)[0] == '\0')
			continue;
		n += (size_t)snprintf(text + n, octets - n, "%s%s",
				      n > 0 ? ", " : "", graph_port(e));
	}
}

void
graph_shape(const struct topology_link *link, char *text, size_t octets)
{
	size_t n = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < TOPOLOGY_FIELDS && n < octets; i++) {
		const char *there = link->set[0].at[i].text;
		const char *back = link->set[1].at[i].text;

		if (there == NULL && back == NULL)
			continue;
		n += (size_t)snprintf(text + n, octets - n, "%s%s %s",
				      n > 0 ? ", " : "", topology_row[i].key,
				      there != NULL ? there : "-");
		if (n < octets &&
		    (there == NULL || back == NULL || strcmp(there, back) != 0))
			n += (size_t)snprintf(text + n, octets - n, "/%s",
					      back != NULL ? back : "-");
	}
}

/* Quotes and backslashes would end a label. */
static void
put_safe(FILE *file, const char *text)
{
	for (; *text != '\0'; text++)
		(void)fputc(*text == '"' || *text == '\\' ||
				    (unsigned char)*text < 32
				? '\''
				: *text,
			    file);
}

/* The name in the picture of what an end leads to: its card, or its node. */
static void
put_place(const struct graph *g, unsigned node, unsigned slot, FILE *file)
{
	if (slot != 0 && graph_card_at(g, node, slot) != NULL)
		(void)fprintf(file, "n%uc%u", node, slot);
	else
		(void)fprintf(file, "n%u", node);
}

static void
put_ase(const struct graph *g, unsigned node, FILE *file)
{
	const struct graph_card *ase = graph_ase(g, node);

	put_place(g, node, ase != NULL ? ase->slot : 0, file);
}

static bool
has_cards(const struct graph *g, unsigned node)
{
	for (unsigned i = 0; i < g->ncards; i++) {
		if (g->card[i].node == node)
			return true;
	}
	return false;
}

/* ---- Mermaid ---- */

static void
mermaid_node(const struct graph *g, unsigned node, FILE *file)
{
	const struct topology_node *n = &g->topology->node[node];
	char ports[256];

	if (!has_cards(g, node)) {
		(void)fprintf(file, "  n%u[\"%s<br/>%s\"]\n", node, n->name,
			      topology_kind_word(n->kind));
		return;
	}
	(void)fprintf(file, "  subgraph n%u[\"%s\"]\n", node, n->name);
	for (unsigned i = 0; i < g->ncards; i++) {
		const struct graph_card *c = &g->card[i];

		if (c->node != node)
			continue;
		graph_ports(g, node, c->slot, ports, sizeof(ports));
		(void)fprintf(file, "    n%uc%u[\"%u %s%s%s\"]\n", node,
			      c->slot, c->slot, c->type,
			      ports[0] != '\0' ? "<br/>" : "", ports);
	}
	(void)fprintf(file, "  end\n");
}

void
graph_mermaid(const struct graph *g, FILE *file)
{
	const struct topology *t = g->topology;
	char shape[256];

	(void)fprintf(file, "graph LR\n");
	for (unsigned i = 0; i < t->nnodes; i++)
		mermaid_node(g, i, file);
	for (unsigned i = 0; i < t->nlinks; i++) {
		const struct topology_end *e = t->link[i].end;

		graph_shape(&t->link[i], shape, sizeof(shape));
		(void)fputs("  ", file);
		put_place(g, e[0].node, e[0].slot, file);
		(void)fprintf(file, " ---|\"%s -- %s%s%s\"| ", e[0].text,
			      e[1].text, shape[0] != '\0' ? "<br/>" : "",
			      shape);
		put_place(g, e[1].node, e[1].slot, file);
		(void)fputc('\n', file);
	}
	for (unsigned i = 0; i < g->ntunnels; i++) {
		const struct graph_tunnel *u = &g->tunnel[i];

		if (u->far < 0)
			(void)fprintf(file, "  x%u([\"%s\"])\n", i, u->remote);
		(void)fputs("  ", file);
		put_ase(g, u->node, file);
		(void)fputs(" -.-|\"", file);
		put_safe(file, u->name);
		if (u->far_name != NULL) {
			(void)fputs(" -- ", file);
			put_safe(file, u->far_name);
		}
		(void)fprintf(file, "<br/>%s\"| ", u->mode);
		if (u->far < 0)
			(void)fprintf(file, "x%u", i);
		else
			put_ase(g, (unsigned)u->far, file);
		(void)fputc('\n', file);
	}
}

/* ---- DOT ---- */

static void
dot_node(const struct graph *g, unsigned node, FILE *file)
{
	const struct topology_node *n = &g->topology->node[node];
	char ports[256];

	if (!has_cards(g, node)) {
		(void)fprintf(file, "  n%u [label=\"%s\\n%s\", shape=oval];\n",
			      node, n->name, topology_kind_word(n->kind));
		return;
	}
	(void)fprintf(file, "  subgraph cluster_n%u {\n    label=\"%s\";\n",
		      node, n->name);
	for (unsigned i = 0; i < g->ncards; i++) {
		const struct graph_card *c = &g->card[i];

		if (c->node != node)
			continue;
		graph_ports(g, node, c->slot, ports, sizeof(ports));
		(void)fprintf(file, "    n%uc%u [label=\"%u %s%s%s\"];\n", node,
			      c->slot, c->slot, c->type,
			      ports[0] != '\0' ? "\\n" : "", ports);
	}
	(void)fprintf(file, "  }\n");
}

static void
dot_tunnel(const struct graph *g, unsigned i, FILE *file)
{
	const struct graph_tunnel *u = &g->tunnel[i];

	if (u->far < 0)
		(void)fprintf(file, "  x%u [label=\"%s\", shape=oval];\n", i,
			      u->remote);
	(void)fputs("  ", file);
	put_ase(g, u->node, file);
	(void)fputs(" -- ", file);
	if (u->far < 0)
		(void)fprintf(file, "x%u", i);
	else
		put_ase(g, (unsigned)u->far, file);
	(void)fputs(" [style=dashed, label=\"", file);
	put_safe(file, u->name);
	if (u->far_name != NULL) {
		(void)fputs(" -- ", file);
		put_safe(file, u->far_name);
	}
	(void)fprintf(file, "\\n%s\"];\n", u->mode);
}

void
graph_dot(const struct graph *g, FILE *file)
{
	const struct topology *t = g->topology;
	char shape[256];

	(void)fprintf(file,
		      "graph \"%s\" {\n  rankdir=LR;\n  node [shape=box];\n",
		      t->name);
	for (unsigned i = 0; i < t->nnodes; i++)
		dot_node(g, i, file);
	for (unsigned i = 0; i < t->nlinks; i++) {
		const struct topology_end *e = t->link[i].end;

		graph_shape(&t->link[i], shape, sizeof(shape));
		(void)fputs("  ", file);
		put_place(g, e[0].node, e[0].slot, file);
		(void)fputs(" -- ", file);
		put_place(g, e[1].node, e[1].slot, file);
		(void)fprintf(file,
			      " [taillabel=\"%s\", headlabel=\"%s\","
			      " label=\"%s\"];\n",
			      graph_port(&e[0]), graph_port(&e[1]), shape);
	}
	for (unsigned i = 0; i < g->ntunnels; i++)
		dot_tunnel(g, i, file);
	(void)fprintf(file, "}\n");
}
