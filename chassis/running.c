/*
 * Loading, ids, and the swap of tables at a commit. Ids are remembered by the
 * name of their object for as long as the chassis lives: an object that is
 * removed and made again gets its id back, and no id ever means two objects.
 */
#include "running.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "commit.h"
#include "log.h"
#include "parse.h"
#include "validate.h"

struct id {
	uint32_t id;
	UT_hash_handle hh;
	char name[]; /* "tunnel to-branch" */
};

struct running {
	struct cfg *cfg;
	struct tables *tables;
	uint8_t *key; /* in secret memory, or NULL */
	struct id *ids[ID_SPACES];
	uint32_t last[ID_SPACES];
};

uint32_t
running_id(struct running *running, enum id_space space, const char *name)
{
	static const uint32_t limit[ID_SPACES] = {
	    [ID_CIRCUIT] = STATS_CIRCUITS - 1,
	    [ID_ADJ] = 0xffffff,
	    [ID_SA] = STATS_SAS - 1,
	    [ID_CONTEXT] = 0xffff,
	    [ID_ACL] = 0xffffff,
	    [ID_ACL_ROW] = STATS_ACL_ROWS - 1,
	    [ID_POLICY_LIST] = 0xffff,
	    [ID_POLICY] = STATS_POLICIES - 1,
	    [ID_POLICER] = 0xffff,
	    [ID_PQ] = 0xffff,
	    [ID_IPSEC_QUEUES] = 0xffff,
	    [ID_IKE_POLICY] = 0xffff,
	    [ID_IKE_CHILD] = 0xffff};
	size_t len = strlen(name);
	struct id *id;

	HASH_FIND(hh, running->ids[space], name, len, id);
	if (id != NULL)
		return id->id;
	if (running->last[space] >= limit[space])
		return 0;
	id = calloc(1, sizeof(*id) + len + 1);
	if (id == NULL)
		return 0;
	memcpy(id->name, name, len + 1);
	id->id = ++running->last[space];
	HASH_ADD(hh, running->ids[space], name, len, id);
	return id->id;
}

static int
load_key(struct running *running, const char *path)
{
	char standard[512];
	int err = 0;

	if (path == NULL) {
		err = secret_key_path(standard, sizeof(standard));
		path = standard;
	}
	running->key = err == 0 ? secret_alloc(SECRET_KEY_OCTETS) : NULL;
	if (running->key == NULL)
		return -ENOMEM;
	err = secret_key_load(path, running->key);
	if (err != 0)
		secret_free(&running->key, SECRET_KEY_OCTETS);
	return err;
}

static int
check(const struct cfg_tree *tree, const char *path, char *why,
      size_t why_octets)
{
	struct cfg_errors errors = {0};
	int err = cfg_validate(tree, &errors);

	if (err == -EINVAL && errors.n > 0)
		cfg_error_format(&errors.list[0], path, why, why_octets);
	cfg_errors_fini(&errors);
	return err;
}

/*
 * What a chassis before this one kept for its successor; false when there is
 * nothing that can be used.
 */
static bool
load_kept(struct chs *chs, struct running *running, struct cfg_tree **tree)
{
	struct cfg_error error = {0};
	char path[256];
	char why[512];

	if (chs->args->replay || !commit_kept_path(chs, path, sizeof(path)) ||
	    access(path, F_OK) != 0)
		return false;
	if (cfg_load_file(running->cfg, path, running->key, tree, &error) !=
	    0) {
		cfg_error_format(&error, path, why, sizeof(why));
		log_error("running: what was kept can not be used: %s", why);
		return false;
	}
	if (check(*tree, path, why, sizeof(why)) == 0)
		return true;
	log_error("running: what was kept can not be used: %s", why);
	cfg_tree_free(tree);
	return false;
}

static int
load_tree(struct chs *chs, struct running *running, struct cfg_tree **tree,
	  char *why, size_t why_octets)
{
	const char *path = chs->args->config_path;
	struct cfg_error error = {0};
	int err;

	if (load_kept(chs, running, tree))
		return 0;
	if (path == NULL) {
		*tree = cfg_tree_new(running->cfg);
		return *tree != NULL ? 0 : -ENOMEM;
	}
	err = cfg_load_file(running->cfg, path, running->key, tree, &error);
	if (err != 0) {
		cfg_error_format(&error, path, why, why_octets);
		return -EINVAL;
	}
	err = check(*tree, path, why, why_octets);
	if (err != 0)
		cfg_tree_free(tree);
	return err;
}

int
running_load(struct chs *chs, char *why, size_t why_octets)
{
	struct running *running = calloc(1, sizeof(*running));
	struct cfg_tree *tree = NULL;
	int err = -ENOMEM;

	chs->running = running;
	if (running == NULL)
		return -ENOMEM;
	running->cfg = cfg_new();
	if (running->cfg == NULL)
		return -ENOMEM;
	/* Without a key only `encrypted` secrets can not be read. */
	if (load_key(running, chs->args->secret_key) != 0)
		log_warn("running: no key for secrets; encrypted ones are"
			 " refused");
	/* Context local is the first, whatever a configuration names first. */
	(void)running_id(running, ID_CONTEXT, "local");
	err = load_tree(chs, running, &tree, why, why_octets);
	if (err != 0)
		return err;
	err = seqlog_open(&chs->seqlog,
			  chs->args->replay ? NULL : chs->args->run_dir);
	if (err == 0)
		err = running_derive(chs, tree, &running->tables);
	cfg_tree_free(&tree);
	return err;
}

void
tables_free(struct tables **at)
{
	struct tables *t = *at;

	if (t == NULL)
		return;
	free(t->circuits);
	free(t->adjs);
	free(t->routes);
	free(t->homings);
	free(t->neighbors);
	free(t->sas);
	free(t->ports);
	free(t->seats);
	free(t->tunnels);
	free(t->interfaces);
	free(t->features);
	free(t->acl_rows);
	free(t->acls);
	free(t->policies);
	free(t->binds);
	free(t->policers);
	free(t->pqs);
	free(t->ipsec_queues);
	free(t->ike_policies);
	free(t->ike_children);
	free(t->ike_tunnels);
	cfg_tree_free(&t->tree);
	free(t);
	*at = NULL;
}

void
running_free(struct running **at)
{
	struct running *running = *at;
	struct id *id;
	struct id *next;

	if (running == NULL)
		return;
	tables_free(&running->tables);
	for (unsigned i = 0; i < ID_SPACES; i++) {
		HASH_ITER(hh, running->ids[i], id, next) {
			/* uthash moves the head on: */
			HASH_DEL(running->ids[i], id); /* NOLINT(*.Malloc) */
			free(id);
		}
	}
	cfg_free(&running->cfg);
	secret_free(&running->key, SECRET_KEY_OCTETS);
	free(running);
	*at = NULL;
}

const struct cfg_tree *
running_tree(const struct running *running)
{
	return running->tables->tree;
}

const uint8_t *
running_key(const struct running *running)
{
	return running->key;
}

const struct tables *
running_tables(const struct running *running)
{
	return running->tables;
}

struct tables *
running_replace(struct running *running, struct tables *tables)
{
	struct tables *old = running->tables;

	running->tables = tables;
	return old;
}

int
running_derive(struct chs *chs, const struct cfg_tree *tree,
	       struct tables **out)
{
	struct tables *t = calloc(1, sizeof(*t));
	int err = -ENOMEM;

	if (t == NULL)
		return -ENOMEM;
	t->tree = cfg_tree_snapshot(tree);
	if (t->tree != NULL)
		err = derive_circuits(chs, t);
	if (err == 0)
		err = derive_policies(chs, t);
	if (err == 0)
		err = derive_sas(chs, t);
	if (err == 0)
		err = derive_routes(chs, t);
	if (err == 0)
		err = derive_features(chs, t);
	if (err == 0)
		err = derive_neighbors(t);
	if (err != 0)
		tables_free(&t);
	else
		*out = t;
	return err;
}

const char *
running_circuit_text(const struct tables *t, uint32_t id, char *text,
		     size_t octets)
{
	const struct ctl_circuit *c = running_circuit(t, id);

	(void)snprintf(text, octets, "circuit %u", id);
	if (c != NULL && c->kind == CTL_CIRCUIT_PORT)
		(void)snprintf(text, octets, "ethernet %u/%u", c->slot,
			       c->port);
	else if (c != NULL && c->kind == CTL_CIRCUIT_PVC)
		(void)snprintf(text, octets, "ethernet %u/%u vlan-id %u",
			       c->slot, c->port, be16_get(c->vlan));
	for (size_t i = 0; i < t->ntunnels; i++) {
		if (t->tunnels[i].circuit == id)
			(void)snprintf(text, octets, "ipsec %s",
				       t->tunnels[i].name);
	}
	return text;
}

/* The processors that the configured cards have. */
bool
running_has_stage(const struct running *running, uint16_t stage)
{
	const struct cfg_obj *obj = cfg_find_number(
	    cfg_root(running_tree(running)), CFG_CARD, stage_slot(stage));
	const struct cfg_card *card;

	if (obj == NULL || cfg_bool(obj, CFG_CARD_SHUTDOWN))
		return false;
	card = cfg_card(cfg_u32(obj, CFG_CARD_TYPE));
	if (card->controller)
		return false;
	switch (stage_role(stage)) {
	case STAGE_IPPA:
	case STAGE_EPPA:
		return card->ports > 0;
	case STAGE_ASP1:
		return card->asps >= 1;
	case STAGE_ASP2:
		return card->asps >= 2;
	default:
		return false;
	}
}

bool
running_port(const struct running *running, size_t i, struct running_port *port)
{
	if (i >= running->tables->nports)
		return false;
	*port = running->tables->ports[i];
	return true;
}

bool
running_tunnel(const struct running *running, size_t i,
	       struct running_tunnel *tunnel)
{
	if (i >= running->tables->ntunnels)
		return false;
	*tunnel = running->tables->tunnels[i];
	return true;
}
