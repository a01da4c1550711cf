/*
 * `sesim lab graph`: the topology and what its configurations say of cards and
 * tunnels, as a picture (lab/graph.h). Two tunnels whose end points are each
 * other's are one line.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"
#include "ip_addr.h"
#include "lab.h"
#include "lab_file.h"

static const char usage[] =
    "usage: sesim lab graph TOPOLOGY [--format mermaid|dot|svg]\n"
    "Draws nodes, cards, ports, links and tunnels with their modes, on\n"
    "standard output; mermaid where no format is given.\n";

/* Tunnels as the configurations have them, and where a picture keeps them. */
struct found_tunnel {
	struct graph_tunnel row;
	struct ip_addr local;
	struct ip_addr remote;
	char text[IP_ADDR_TEXT_MAX];
	bool paired; /* it is the far end of one before it */
};

struct drawing {
	struct graph_card *card;
	unsigned ncards;
	struct found_tunnel *found;
	struct graph_tunnel *tunnel;
	unsigned nfound;
	unsigned ntunnels;
};

static int
count(const struct lab_file *file, unsigned *cards, unsigned *tunnels)
{
	*cards = *tunnels = 0;
	for (unsigned i = 0; i < file->topology->nnodes; i++) {
		if (file->conf[i].tree == NULL)
			continue;
		*cards += cfg_count(cfg_root(file->conf[i].tree), CFG_CARD);
		*tunnels += cfg_count(cfg_root(file->conf[i].tree), CFG_TUNNEL);
	}
	return 0;
}

static void
add_node(struct drawing *d, unsigned node, const struct cfg_obj *root)
{
	struct cfg_iter it;
	const struct cfg_obj *o;

	for (o = cfg_first(&it, root, CFG_CARD); o != NULL; o = cfg_next(&it)) {
		const struct cfg_card *type =
		    cfg_card(cfg_u32(o, CFG_CARD_TYPE));

		d->card[d->ncards++] =
		    (struct graph_card){.node = node,
					.slot = cfg_u32(o, CFG_CARD_SLOT),
					.type = type->name,
					.ase = type->asps > 0};
	}
	for (o = cfg_first(&it, root, CFG_TUNNEL); o != NULL;
	     o = cfg_next(&it)) {
		struct found_tunnel *f = &d->found[d->nfound++];

		f->local = cfg_ip(o, CFG_TUNNEL_LOCAL);
		f->remote = cfg_ip(o, CFG_TUNNEL_REMOTE);
		f->row = (struct graph_tunnel){
		    .node = node,
		    .far = -1,
		    .name = cfg_str(o, CFG_TUNNEL_NAME),
		    .remote = ip_addr_text(&f->remote, f->text),
		    .mode = cfg_u32(o, CFG_TUNNEL_MODE) == CFG_MODE_ECONOMICAL
				? "economical"
				: "circuit-based"};
	}
}

static void
pair_tunnels(struct drawing *d)
{
	for (unsigned i = 0; i < d->nfound; i++) {
		struct found_tunnel *a = &d->found[i];

		for (unsigned k = i + 1; !a->paired && k < d->nfound; k++) {
			struct found_tunnel *b = &d->found[k];

			if (b->paired || b->row.node == a->row.node ||
			    a->local.family == 0 ||
			    !ip_addr_equal(&a->local, &b->remote) ||
			    !ip_addr_equal(&a->remote, &b->local))
				continue;
			a->row.far = (int)b->row.node;
			a->row.far_name = b->row.name;
			b->paired = true;
			break;
		}
		if (!a->paired)
			d->tunnel[d->ntunnels++] = a->row;
	}
}

static int
draw(const struct lab_file *file, const char *format)
{
	struct drawing d = {.ncards = 0};
	struct graph graph = {.topology = file->topology};
	unsigned cards;
	unsigned tunnels;
	int err = count(file, &cards, &tunnels);

	d.card = calloc(cards + 1, sizeof(*d.card));
	d.found = calloc(tunnels + 1, sizeof(*d.found));
	d.tunnel = calloc(tunnels + 1, sizeof(*d.tunnel));
	if (d.card == NULL || d.found == NULL || d.tunnel == NULL)
		err = -ENOMEM;
	for (unsigned i = 0; err == 0 && i < file->topology->nnodes; i++) {
		if (file->conf[i].tree != NULL)
			add_node(&d, i, cfg_root(file->conf[i].tree));
	}
	if (err == 0) {
		pair_tunnels(&d);
		graph.card = d.card;
		graph.ncards = d.ncards;
		graph.tunnel = d.tunnel;
		graph.ntunnels = d.ntunnels;
		if (strcmp(format, "svg") == 0)
			err = graph_svg(&graph, stdout);
		else if (strcmp(format, "dot") == 0)
			graph_dot(&graph, stdout);
		else
			graph_mermaid(&graph, stdout);
	}
	free(d.card);
	free(d.found);
	free(d.tunnel);
	return err == 0 ? 0 : 3;
}

int
lab_graph_main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"format", required_argument, NULL, 'f'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	struct lab_file file;
	const char *format = "mermaid";
	int status;
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (id == 'h') {
			(void)fputs(usage, stdout);
			return 0;
		}
		if (id != 'f')
			return 2;
		format = optarg;
	}
	if (optind + 1 != argc ||
	    (strcmp(format, "mermaid") != 0 && strcmp(format, "dot") != 0 &&
	     strcmp(format, "svg") != 0)) {
		(void)fputs(usage, stderr);
		return 2;
	}
	status = lab_file_load(&file, "sesim lab graph", argv[optind], NULL);
	if (status == 0)
		status = draw(&file, format);
	lab_file_fini(&file);
	return status;
}
