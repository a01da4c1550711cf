/*
 * What a topology says that can not be: two links at one port, nodes of one
 * link with two, files that are not there. What the nodes' configurations say
 * of their ports is checked by who loads them (topology_ports.c).
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology.h"

static void
check_files(const struct topology *t, const struct topology_set *set,
	    struct topology_faults *faults)
{
	for (unsigned i = 0; i < TOPOLOGY_FIELDS; i++) {
		const struct topology_value *v = &set->at[i];
		char path[PATH_MAX];
		struct stat st;
		int err;

		if (v->text == NULL || topology_row[i].type != TOPOLOGY_FILE)
			continue;
		err = topology_path(t, v, path, sizeof(path));
		if (err == 0 && stat(path, &st) != 0)
			err = -errno;
		if (err == 0 && S_ISDIR(st.st_mode))
			err = -EISDIR;
		if (err == 0 && access(path, R_OK) != 0)
			err = -errno;
		if (err != 0)
			topology_fault(faults, v->line, v->column,
				       "%s %.100s: %s; expected a file in"
				       " %.100s",
				       topology_row[i].key, v->text,
				       strerror(-err), t->folder);
	}
}

static void
number_within(const struct topology_set *set, enum topology_field field,
	      uint64_t least, uint64_t most, struct topology_faults *faults)
{
	const struct topology_value *v = &set->at[field];

	if (v->text != NULL && (v->n < least || v->n > most))
		topology_fault(faults, v->line, v->column,
			       "%s is %.24s; expected a number from %llu to"
			       " %llu",
			       topology_row[field].key, v->text,
			       (unsigned long long)least,
			       (unsigned long long)most);
}

static void
check_flow(const struct topology_set *flow, struct topology_faults *faults)
{
	const struct topology_value *src = &flow->at[TOPOLOGY_FLOW_SRC];
	const struct topology_value *dst = &flow->at[TOPOLOGY_FLOW_DST];
	const struct topology_value *pace = &flow->at[TOPOLOGY_FLOW_PACE];

	number_within(flow, TOPOLOGY_FLOW_DSCP, 0, 63, faults);
	number_within(flow, TOPOLOGY_FLOW_TTL, 1, 255, faults);
	number_within(flow, TOPOLOGY_FLOW_VLAN, 1, 4094, faults);
	if (pace->text != NULL && pace->n == TOPOLOGY_PACE_CAPTURE)
		topology_fault(faults, pace->line, pace->column,
			       "rate is %.24s, and a flow has no capture;"
			       " expected packets a second such as 1000pps",
			       pace->text);
	if (src->text != NULL && dst->text != NULL &&
	    (strchr(src->text, ':') == NULL) !=
		(strchr(dst->text, ':') == NULL))
		topology_fault(faults, dst->line, dst->column,
			       "to is %.48s and from is %.48s; expected"
			       " addresses of one family",
			       dst->text, src->text);
}

static void
check_node(const struct topology *t, const struct topology_node *n,
	   struct topology_faults *faults)
{
	const struct topology_value *source =
	    &n->set.at[TOPOLOGY_CAPTURE_SOURCE];
	const struct topology_value *sink = &n->set.at[TOPOLOGY_CAPTURE_SINK];

	check_files(t, &n->set, faults);
	for (unsigned i = 0; i < n->nflows; i++)
		check_flow(&n->flow[i], faults);
	if (n->kind == TOPOLOGY_CAPTURE && source->text == NULL &&
	    sink->text == NULL)
		topology_fault(faults, n->line, n->column,
			       "capture %.32s neither sends nor records;"
			       " expected source, sink or both",
			       n->name);
	if (source->text != NULL && sink->text != NULL &&
	    strcmp(source->text, sink->text) == 0)
		topology_fault(faults, sink->line, sink->column,
			       "sink is the source; expected another file");
	if (n->kind != TOPOLOGY_SMARTEDGE && n->kind != TOPOLOGY_NODE_KINDS &&
	    n->nlinks == 0)
		topology_fault(faults, n->line, n->column,
			       "%s %.32s has no link; expected one",
			       topology_kind_word(n->kind), n->name);
}

/* Two nodes that write one file would write over each other. */
static void
check_sinks(const struct topology *t, struct topology_faults *faults)
{
	static const enum topology_field fields[] = {TOPOLOGY_CAPTURE_SINK,
						     TOPOLOGY_GENERATOR_SINK};
	const struct topology_value *seen[TOPOLOGY_NODES_MAX];
	unsigned n = 0;

	for (unsigned i = 0; i < t->nnodes; i++) {
		const struct topology_value *v = NULL;

		for (unsigned f = 0; f < 2; f++) {
			if (t->node[i].set.at[fields[f]].text != NULL)
				v = &t->node[i].set.at[fields[f]];
		}
		if (v == NULL)
			continue;
		for (unsigned k = 0; k < n; k++) {
			if (strcmp(seen[k]->text, v->text) != 0)
				continue;
			topology_fault(faults, v->line, v->column,
				       "sink %.80s is that of line %u too;"
				       " expected a file of its own",
				       v->text, seen[k]->line);
			break;
		}
		seen[n++] = v;
	}
}

struct sorted_end {
	const struct topology_end *end;
	unsigned order;
};

static int
by_port(const void *a, const void *b)
{
	const struct sorted_end *x = a;
	const struct sorted_end *y = b;

	if (x->end->node != y->end->node)
		return x->end->node < y->end->node ? -1 : 1;
	if (x->end->slot != y->end->slot)
		return x->end->slot < y->end->slot ? -1 : 1;
	if (x->end->port != y->end->port)
		return x->end->port < y->end->port ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void
check_ends(const struct topology *t, struct topology_faults *faults)
{
	struct sorted_end *all = calloc(t->nlinks * 2 + 1, sizeof(*all));
	unsigned n = 0;

	if (all == NULL)
		return;
	for (unsigned i = 0; i < t->nlinks; i++) {
		for (unsigned s = 0; s < 2; s++, n++)
			all[n] = (struct sorted_end){&t->link[i].end[s], n};
	}
	qsort(all, n, sizeof(*all), by_port);
	for (unsigned i = 1; i < n; i++) {
		const struct topology_end *a = all[i - 1].end;
		const struct topology_end *b = all[i].end;

		if (a->node == b->node && a->slot == b->slot &&
		    a->port == b->port)
			topology_fault(faults, b->line, b->column,
				       "%.48s is an end of the link in line %u"
				       " too; expected one link for a port",
				       b->text, a->line);
	}
	free(all);
}

static void
count_links(const struct topology *t)
{
	for (unsigned i = 0; i < t->nlinks * 2; i++)
		t->node[t->link[i / 2].end[i % 2].node].nlinks++;
}

static void
check_counts(const struct topology *t, struct topology_faults *faults)
{
	for (unsigned i = 0; i < t->nnodes; i++) {
		const struct topology_node *n = &t->node[i];

		if (n->nlinks > TOPOLOGY_PORTS_MAX)
			topology_fault(faults, n->line, n->column,
				       "node %.32s has %u links; expected at"
				       " most %d",
				       n->name, n->nlinks, TOPOLOGY_PORTS_MAX);
	}
}

void
topology_check(const struct topology *t, struct topology_faults *faults)
{
	count_links(t);
	check_ends(t, faults);
	check_counts(t, faults);
	check_sinks(t, faults);
	for (unsigned i = 0; i < t->nnodes; i++)
		check_node(t, &t->node[i], faults);
}
