/*
 * From what a user typed to a topology and the configurations of its routers.
 * Whatever is wrong is found before anything starts: mistakes of the topology
 * by lab/, those of each configuration by config/, and here what only both
 * together tell: links at cards that a router does not have.
 */
#include "lab_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char file_name[] = "topology.yaml";

void
lab_file_dir_name(const struct lab_file *file, char name[RUNDIR_NAME_MAX + 2])
{
	(void)snprintf(name, RUNDIR_NAME_MAX + 2, "@%s", file->topology->name);
}

int
lab_file_run_dir(const struct lab_file *file, const char *command,
		 char path[RUNDIR_PATH_MAX])
{
	char root[RUNDIR_PATH_MAX];
	char why[RUNDIR_WHY_MAX];
	char name[RUNDIR_NAME_MAX + 2];
	int n;

	if (rundir_root(root, why) != 0) {
		(void)fprintf(stderr, "%s: %s\n", command, why);
		return 3;
	}
	lab_file_dir_name(file, name);
	n = snprintf(path, RUNDIR_PATH_MAX, "%s/%s", root, name);
	if (n > 0 && n < RUNDIR_PATH_MAX)
		return 0;
	(void)fprintf(stderr, "%s: run directory %s/%s is too long\n", command,
		      root, name);
	return 3;
}

/* The topology of a lab that is up, by its name. */
static int
path_of_name(const char *name, char path[PATH_MAX])
{
	char root[RUNDIR_PATH_MAX];
	char why[RUNDIR_WHY_MAX];
	char link[PATH_MAX];
	ssize_t n;

	if (strchr(name, '/') != NULL || rundir_root(root, why) != 0)
		return -ENOENT;
	(void)snprintf(link, sizeof(link), "%s/@%s/topology", root, name);
	n = readlink(link, path, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	return 0;
}

static int
find_path(const char *what, char path[PATH_MAX])
{
	char whole[PATH_MAX];
	struct stat st;
	int n;

	if (stat(what, &st) != 0)
		return path_of_name(what, path) == 0 ? 0 : -ENOENT;
	n = snprintf(whole, sizeof(whole), "%s%s%s", what,
		     S_ISDIR(st.st_mode) ? "/" : "",
		     S_ISDIR(st.st_mode) ? file_name : "");
	if (n < 0 || n >= (int)sizeof(whole))
		return -ENAMETOOLONG;
	return realpath(whole, path) != NULL ? 0 : -errno;
}

static void
tell(const char *path, const struct topology_faults *faults)
{
	for (unsigned i = 0; i < faults->n; i++) {
		const struct topology_fault *f = &faults->list[i];

		if (f->line == 0)
			(void)fprintf(stderr, "%s: %s\n", path, f->text);
		else
			(void)fprintf(stderr, "%s:%u:%u: %s\n", path, f->line,
				      f->column, f->text);
	}
	if (faults->found > faults->n)
		(void)fprintf(stderr, "%s: and %u more\n", path,
			      faults->found - faults->n);
}

/* As typed where that is shorter to read. */
static const char *
short_path(const struct lab_file *file, const char *what)
{
	struct stat st;

	return stat(what, &st) == 0 && S_ISREG(st.st_mode) ? what : file->path;
}

int
lab_file_find(struct lab_file *file, const char *command, const char *what)
{
	struct topology_faults faults = {0};
	int err;

	*file = (struct lab_file){.topology = NULL};
	err = find_path(what, file->path);
	if (err != 0) {
		(void)fprintf(stderr,
			      "%s: %s: %s; expected a topology file, its"
			      " folder, or the name of a lab that is up\n",
			      command, what, strerror(-err));
		return 2;
	}
	err = topology_load(&file->topology, file->path, &faults);
	tell(short_path(file, what), &faults);
	topology_faults_fini(&faults);
	if (err == 0 || err == -EINVAL)
		return err == 0 ? 0 : 2;
	(void)fprintf(stderr, "%s: %s: %s\n", command, what, strerror(-err));
	return err == -ENOMEM ? 3 : 2;
}

/* ---- Links and the cards they lead to ---- */

static const struct cfg_obj *
card_in(const struct conf *conf, unsigned slot)
{
	return cfg_find_number(cfg_root(conf->tree), CFG_CARD, slot);
}

static void
check_end(const struct lab_file *file, const struct topology_end *end,
	  struct topology_faults *faults)
{
	const struct topology_node *node = &file->topology->node[end->node];
	const struct conf *conf = &file->conf[end->node];
	const struct cfg_obj *card;
	const struct cfg_card *type;

	if (node->kind != TOPOLOGY_SMARTEDGE || conf->tree == NULL)
		return;
	card = card_in(conf, end->slot);
	if (card == NULL) {
		topology_fault(faults, end->line, end->column,
			       "%.48s: %.100s has no card in slot %u; expected"
			       " `card TYPE %u` there, or a port of a card that"
			       " it has",
			       end->text,
			       node->set.at[TOPOLOGY_SMARTEDGE_CONFIG].text,
			       end->slot, end->slot);
		return;
	}
	type = cfg_card(cfg_u32(card, CFG_CARD_TYPE));
	if (end->port > type->ports)
		topology_fault(faults, end->line, end->column,
			       "%.48s: the %s in slot %u has %u port%s;"
			       " expected one of them",
			       end->text, type->name, end->slot, type->ports,
			       type->ports == 1 ? "" : "s");
}

/* A card beyond the slots of the chassis. */
static void
check_chassis(const struct lab_file *file, unsigned at,
	      struct topology_faults *faults)
{
	const struct topology_node *node = &file->topology->node[at];
	const struct topology_value *type =
	    &node->set.at[TOPOLOGY_SMARTEDGE_TYPE];
	struct cfg_iter it;

	if (type->text == NULL || file->conf[at].tree == NULL)
		return;
	for (const struct cfg_obj *c =
		 cfg_first(&it, cfg_root(file->conf[at].tree), CFG_CARD);
	     c != NULL; c = cfg_next(&it)) {
		if (cfg_u32(c, CFG_CARD_SLOT) > type->n)
			topology_fault(faults, type->line, type->column,
				       "%.8s has %llu slots, and node %.32s a"
				       " card in slot %u; expected a larger"
				       " chassis",
				       type->text, (unsigned long long)type->n,
				       node->name, cfg_u32(c, CFG_CARD_SLOT));
	}
}

/* 0, 2 or 3: the worst of the configurations. */
static int
load_confs(struct lab_file *file, const char *secret_key)
{
	const struct topology *t = file->topology;
	int status = 0;

	file->conf = calloc(t->nnodes, sizeof(*file->conf));
	if (file->conf == NULL)
		return 3;
	for (unsigned i = 0; i < t->nnodes; i++) {
		char path[PATH_MAX];
		int err;

		if (t->node[i].kind != TOPOLOGY_SMARTEDGE)
			continue;
		err = topology_path(
		    t, &t->node[i].set.at[TOPOLOGY_SMARTEDGE_CONFIG], path,
		    sizeof(path));
		if (err == 0)
			err = conf_load(&file->conf[i], path, secret_key);
		if (err != 0 && status < (err == -EINVAL ? 2 : 3))
			status = err == -EINVAL ? 2 : 3;
	}
	return status;
}

int
lab_file_load(struct lab_file *file, const char *command, const char *what,
	      const char *secret_key)
{
	struct topology_faults faults = {0};
	int status = lab_file_find(file, command, what);

	if (status != 0)
		return status;
	status = load_confs(file, secret_key);
	for (unsigned i = 0; file->conf != NULL && i < file->topology->nlinks;
	     i++) {
		check_end(file, &file->topology->link[i].end[0], &faults);
		check_end(file, &file->topology->link[i].end[1], &faults);
	}
	for (unsigned i = 0; file->conf != NULL && i < file->topology->nnodes;
	     i++)
		check_chassis(file, i, &faults);
	topology_faults_sort(&faults);
	tell(short_path(file, what), &faults);
	if (status == 0 && faults.found > 0)
		status = 2;
	topology_faults_fini(&faults);
	return status;
}

void
lab_file_fini(struct lab_file *file)
{
	unsigned n = file->topology != NULL ? file->topology->nnodes : 0;

	for (unsigned i = 0; file->conf != NULL && i < n; i++)
		conf_fini(&file->conf[i]);
	free(file->conf);
	file->conf = NULL;
	topology_free(&file->topology);
}
