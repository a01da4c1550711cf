/*
 * Configurations made from others, and their keys, for C++.
 */
#include "conf_shim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "keys.h"
#include "mirror.h"
#include "print.h"

struct text {
	char *out;
	size_t octets;
	size_t n;
};

static int
put(void *arg, const char *text, size_t octets)
{
	struct text *t = arg;

	if (t->n + octets >= t->octets)
		return -ENOSPC;
	(void)memcpy(t->out + t->n, text, octets);
	t->n += octets;
	t->out[t->n] = '\0';
	return 0;
}

int
conf_shim_keys(const char *config, const char *dir, char why[512])
{
	struct conf conf;
	int err = conf_load(&conf, config, NULL);

	if (err != 0)
		return err;
	err = keys_write(conf.tree, dir, why, 512);
	conf_fini(&conf);
	return err;
}

int
conf_shim_mirror(const char *config, unsigned slot, unsigned port, char *text,
		 size_t octets, char why[768])
{
	struct replay_args *args = calloc(1, sizeof(*args));
	struct cfg_print_opts opts = {.secrets = CFG_SECRETS_HIDDEN,
				      .bare = true};
	struct text t = {.out = text, .octets = octets};
	struct cfg_tree *tree = NULL;
	struct conf conf;
	int err = args == NULL ? -ENOMEM : conf_load(&conf, config, NULL);

	if (err != 0) {
		free(args);
		return err;
	}
	args->bind[args->nbinds++] =
	    (struct replay_bind){.kind = REPLAY_IN, .slot = slot, .port = port};
	err = mirror_make(conf.tree, args, &tree, why);
	if (err == 0 && conf_check(tree, "mirror") != 0)
		err = 1;
	if (err == 0)
		err = cfg_print(tree, &opts, put, &t);
	cfg_tree_free(&tree);
	conf_fini(&conf);
	free(args);
	return err;
}

int
conf_shim_mode(const char *config, int economical)
{
	enum cfg_mode mode =
	    economical ? CFG_MODE_ECONOMICAL : CFG_MODE_CIRCUIT_BASED;
	struct cfg_tree *tree = NULL;
	struct cfg_iter it;
	struct conf conf;
	char why[MIRROR_WHY_MAX];
	int n = 0;
	int err = conf_load(&conf, config, NULL);

	if (err != 0)
		return err;
	err = mirror_mode(conf.tree, mode, &tree, why);
	for (const struct cfg_obj *t =
		 err == 0 ? cfg_first(&it, cfg_root(tree), CFG_TUNNEL) : NULL;
	     t != NULL; t = cfg_next(&it))
		n += cfg_u32(t, CFG_TUNNEL_MODE) == (uint32_t)mode;
	cfg_tree_free(&tree);
	conf_fini(&conf);
	return err == 0 ? n : err;
}

/* Whether the file behind fd holds the words. */
static int
holds(int fd, const char *words)
{
	char *text = calloc(1, 65536);
	int found = text != NULL && pread(fd, text, 65535, 0) > 0 &&
		    strstr(text, words) != NULL;

	free(text);
	return found;
}

int
conf_shim_file(const char *config, const char *secret)
{
	char path[2][40];
	struct conf conf;
	int fd[2];
	int found;
	int err = conf_load(&conf, config, NULL);

	if (err != 0)
		return err;
	err = mirror_file(conf.tree, &fd[0], &fd[1]);
	conf_fini(&conf);
	if (err != 0)
		return err;
	for (unsigned i = 0; i < 2; i++)
		(void)snprintf(path[i], sizeof(path[i]), "/proc/self/fd/%d",
			       fd[i]);
	found = holds(fd[0], secret);
	err = conf_load(&conf, path[0], path[1]);
	if (err == 0)
		conf_fini(&conf);
	(void)close(fd[0]);
	(void)close(fd[1]);
	return err != 0 ? err : found;
}
