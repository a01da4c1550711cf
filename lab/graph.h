/*
 * A lab as a picture: nodes, their cards and ports, links, tunnels and their
 * modes. Three forms from one model. Who calls knows the configurations; here
 * is nothing but names.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include <stdio.h>

#include "topology.h"

struct graph_card {
	unsigned node; /* index in the topology */
	unsigned slot;
	const char *type; /* "ge-10-port" */
	bool ase;         /* where tunnels begin */
};

struct graph_tunnel {
	unsigned node;
	int far; /* node at the other end, -1: it is not in the lab */
	const char *name;
	const char *far_name; /* as the other end calls it, or NULL */
	const char *mode;     /* "circuit-based" */
	const char *remote;   /* address of the other end */
};

struct graph {
	const struct topology *topology;
	const struct graph_card *card; /* in order of nodes, then of slots */
	unsigned ncards;
	const struct graph_tunnel *tunnel; /* one for each pair of ends */
	unsigned ntunnels;
};

/* Each writes a whole document. What goes wrong is in the FILE's own error. */
void graph_mermaid(const struct graph *graph, FILE *file);
void graph_dot(const struct graph *graph, FILE *file);
/* -ENOMEM; nothing is written then. */
int graph_svg(const struct graph *graph, FILE *file);

/* For the three of them. */
const struct graph_card *graph_card_at(const struct graph *graph, unsigned node,
				       unsigned slot);
/* Where a tunnel begins in its node: the first ASE; NULL: it has none. */
const struct graph_card *graph_ase(const struct graph *graph, unsigned node);
/* "2/1, 2/2": the linked ports of a card; of a node without cards all. */
void graph_ports(const struct graph *graph, unsigned node, unsigned slot,
		 char *text, size_t octets);
/* "10ms, loss 1%": what a link does to frames; "" for a cable. */
void graph_shape(const struct topology_link *link, char *text, size_t octets);
/* ":2/1" of an end without its node; "" where it has no port. */
const char *graph_port(const struct topology_end *end);

#endif
