/*
 * Reading a configuration for the commands. What is wrong with it is found by
 * config/; here it is told, and the exit status follows from the answer.
 */
#include "conf.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "secret.h"
#include "validate.h"

#define ERROR_LINE_OCTETS 2048

static void
tell(const struct cfg_error *err, const char *file)
{
	char line[ERROR_LINE_OCTETS];

	cfg_error_format(err, file, line, sizeof(line));
	(void)fprintf(stderr, "%s\n", line);
}

int
conf_check(const struct cfg_tree *tree, const char *file)
{
	struct cfg_errors errors = {0};
	int err = cfg_validate(tree, &errors);

	for (unsigned i = 0; i < errors.n; i++)
		tell(&errors.list[i], file);
	if (errors.found > errors.n)
		(void)fprintf(stderr, "%s: and %u more\n", file,
			      errors.found - errors.n);
	cfg_errors_fini(&errors);
	return err;
}

/* What is allowed and unwise is said, and the command goes on. */
static void
warn(const struct cfg_tree *tree, const char *file)
{
	struct cfg_errors warnings = {0};

	(void)cfg_warnings(tree, &warnings);
	for (unsigned i = 0; i < warnings.n; i++) {
		(void)fputs("warning: ", stderr);
		tell(&warnings.list[i], file);
	}
	cfg_errors_fini(&warnings);
}

/* Without a key only `encrypted` secrets can not be read. */
static int
load_key(struct conf *conf, const char *secret_key)
{
	char standard[PATH_MAX];
	const char *path = secret_key;
	int err;

	if (path == NULL) {
		if (secret_key_path(standard, sizeof(standard)) != 0 ||
		    access(standard, F_OK) != 0)
			return 0;
		path = standard;
	}
	conf->key = secret_alloc(SECRET_KEY_OCTETS);
	if (conf->key == NULL)
		return -ENOMEM;
	err = secret_key_load(path, conf->key);
	if (err == 0)
		return 0;
	secret_free(&conf->key, SECRET_KEY_OCTETS);
	if (secret_key == NULL)
		return 0;
	(void)fprintf(stderr, "%s: %s\n", path,
		      err == -EACCES
			  ? "others may read the key; it must have mode 0600"
		      : err == -EINVAL ? "holds no key"
				       : strerror(-err));
	return err;
}

static int
load_tree(struct conf *conf, const char *path)
{
	struct cfg_error error = {0};
	int err =
	    cfg_load_file(conf->cfg, path, conf->key, &conf->tree, &error);

	if (err == 0)
		err = conf_check(conf->tree, path);
	if (err == 0)
		warn(conf->tree, path);
	if (conf->tree != NULL)
		return err;
	if (error.line == 0 && error.text[0] == '\0')
		(void)fprintf(stderr, "%s: %s\n", path, strerror(-err));
	else
		tell(&error, path);
	return err == -ENOMEM || err == -EIO ? err : -EINVAL;
}

int
conf_load(struct conf *conf, const char *path, const char *secret_key)
{
	int err;

	*conf = (struct conf){0};
	err = load_key(conf, secret_key);
	if (err == 0) {
		conf->cfg = cfg_new();
		err = conf->cfg == NULL ? -ENOMEM : load_tree(conf, path);
	}
	if (err != 0)
		conf_fini(conf);
	return err;
}

void
conf_fini(struct conf *conf)
{
	cfg_tree_free(&conf->tree);
	cfg_free(&conf->cfg);
	if (conf->key != NULL)
		secret_free(&conf->key, SECRET_KEY_OCTETS);
}

int
conf_port_parse(const char *text, unsigned *slot, unsigned *port,
		const char **end)
{
	char *at;
	unsigned long a = strtoul(text, &at, 10);
	unsigned long b;
	const char *second = at + 1;

	if (at == text || *at != '/' || text[0] < '0' || text[0] > '9' ||
	    second[0] < '0' || second[0] > '9')
		return -EINVAL;
	b = strtoul(second, &at, 10);
	if (a < 1 || a > CFG_SLOT_MAX || b < 1 || b > 255)
		return -EINVAL;
	*slot = (unsigned)a;
	*port = (unsigned)b;
	*end = at;
	return 0;
}

const struct cfg_obj *
conf_port(const struct cfg_tree *tree, unsigned slot, unsigned port)
{
	return cfg_find_number(cfg_root(tree), CFG_PORT,
			       (uint64_t)slot << 8 | port);
}

void
conf_ports_text(const struct cfg_tree *tree, char *text, size_t octets)
{
	struct cfg_iter it;
	size_t n = 0;

	(void)snprintf(text, octets, "none");
	for (const struct cfg_obj *p = cfg_first(&it, cfg_root(tree), CFG_PORT);
	     p != NULL && n < octets; p = cfg_next(&it)) {
		struct cfg_slot_unit at = cfg_slot_unit(p, CFG_PORT_NUMBER);

		n += (size_t)snprintf(text + n, octets - n, "%s%u/%u",
				      n == 0 ? "" : ", ", at.slot, at.unit);
	}
}
