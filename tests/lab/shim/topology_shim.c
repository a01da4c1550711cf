/*
 * Topologies for C++.
 */
#include "topology_shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology.h"

static int
load(const char *dir, const void *octets, size_t n, struct topology **t,
     struct topology_faults *faults)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/t.yaml", dir);
	return topology_read(t, path, octets, n, faults);
}

char *
topology_shim_faults(const char *dir, const void *octets, size_t n, int *rc,
		     unsigned *found)
{
	struct topology_faults faults = {0};
	struct topology *t = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);

	*rc = load(dir, octets, n, &t, &faults);
	*found = faults.found;
	for (unsigned i = 0; i < faults.n; i++)
		(void)fprintf(file, "%u:%u: %s\n", faults.list[i].line,
			      faults.list[i].column, faults.list[i].text);
	(void)fclose(file);
	topology_faults_fini(&faults);
	topology_free(&t);
	return text;
}

static void
show_link(const struct topology_link *link, struct topology_shim_link *out)
{
	for (unsigned s = 0; s < 2; s++) {
		(void)snprintf(out->end[s], sizeof(out->end[s]), "%s",
			       link->end[s].text);
		out->delay_ns[s] = link->set[s].at[TOPOLOGY_LINK_DELAY].n;
		out->loss[s] = link->set[s].at[TOPOLOGY_LINK_LOSS].n;
		out->rate[s] = link->set[s].at[TOPOLOGY_LINK_RATE].n;
	}
	out->down = link->set[0].at[TOPOLOGY_LINK_STATE].text != NULL &&
		    link->set[0].at[TOPOLOGY_LINK_STATE].n == 0;
}

int
topology_shim_read(const char *dir, const char *text,
		   struct topology_shim_sum *sum)
{
	struct topology_faults faults = {0};
	struct topology *t = NULL;
	int rc = load(dir, text, strlen(text), &t, &faults);

	for (unsigned i = 0; i < faults.n; i++)
		(void)fprintf(stderr, "%u:%u: %s\n", faults.list[i].line,
			      faults.list[i].column, faults.list[i].text);
	topology_faults_fini(&faults);
	if (rc != 0)
		return rc;
	*sum = (struct topology_shim_sum){
	    .nodes = t->nnodes, .links = t->nlinks, .seed = t->seed};
	(void)snprintf(sum->name, sizeof(sum->name), "%s", t->name);
	for (unsigned i = 0; i < t->nnodes; i++)
		sum->flows += t->node[i].nflows;
	if (t->nlinks > 0)
		show_link(&t->link[0], &sum->first);
	topology_free(&t);
	return 0;
}
