/*
 * Keeps a ladder. Its forms are written in ladder_mermaid.c and ladder_svg.c.
 */
#include "ladder_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct ladder *
ladder_new(const char *title)
{
	struct ladder *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->title = strdup(title);
	if (l->title == NULL)
		ladder_free(&l);
	return l;
}

void
ladder_free(struct ladder **ladder)
{
	struct ladder *l = *ladder;

	if (l == NULL)
		return;
	for (size_t i = 0; i < l->parties; i++) {
		free(l->party[i].group);
		free(l->party[i].name);
	}
	for (size_t i = 0; i < l->steps; i++)
		free(l->step[i].text);
	free(l->party);
	free(l->step);
	free(l->title);
	free(l);
	*ladder = NULL;
}

/* Room for one more; the array's address, or NULL. */
static void *
more(void *array, size_t n, size_t octets)
{
	return realloc(array, (n + 1) * octets);
}

int
ladder_party(struct ladder *l, const char *group, const char *name)
{
	struct ladder_party new = {NULL, NULL};
	struct ladder_party *party;

	for (size_t i = 0; i < l->parties; i++) {
		if (strcmp(l->party[i].group, group) == 0 &&
		    strcmp(l->party[i].name, name) == 0)
			return (int)i;
	}
	if (l->parties == LADDER_PARTIES_MAX)
		return -ENOSPC;
	party = more(l->party, l->parties, sizeof(*party));
	if (party == NULL)
		return -ENOMEM;
	l->party = party;
	new.group = strdup(group);
	new.name = strdup(name);
	if (new.group == NULL || new.name == NULL) {
		free(new.group);
		free(new.name);
		return -ENOMEM;
	}
	l->party[l->parties] = new;
	return (int)l->parties++;
}

static int
ladder_step(struct ladder *l, int from, int to, enum ladder_tone tone,
	    const char *text)
{
	struct ladder_step *step = more(l->step, l->steps, sizeof(*step));

	if (step == NULL)
		return -ENOMEM;
	l->step = step;
	step = &l->step[l->steps];
	*step = (struct ladder_step){from, to, tone, strdup(text)};
	if (step->text == NULL)
		return -ENOMEM;
	l->steps++;
	return 0;
}

int
ladder_pass(struct ladder *l, int from, int to, const char *text)
{
	return ladder_step(l, from, to, LADDER_PLAIN, text);
}

int
ladder_note(struct ladder *l, int at, enum ladder_tone tone, const char *text)
{
	return ladder_step(l, at, -1, tone, text);
}
