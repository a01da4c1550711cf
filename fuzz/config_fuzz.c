/*
 * Any octets as a configuration file: refused with a sentence, or loaded,
 * validated, printed, and loaded again to the same tree.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "json.h"
#include "parse.h"
#include "validate.h"

struct text {
	char *octets;
	size_t len;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
text_out(void *arg, const char *octets, size_t len)
{
	struct text *t = arg;
	char *more = realloc(t->octets, t->len + len);

	if (more == NULL)
		return -1;
	memcpy(more + t->len, octets, len);
	t->octets = more;
	t->len += len;
	return 0;
}

static void
again(struct cfg *cfg, struct cfg_tree *tree, const uint8_t *key)
{
	struct cfg_print_opts opts = {.key = key};
	struct cfg_errors errors;
	struct cfg_error err;
	struct cfg_tree *copy = NULL;
	struct text t = {NULL, 0};

	(void)cfg_validate(tree, &errors);
	cfg_errors_fini(&errors);
	if (cfg_print(tree, &opts, text_out, &t) != 0 ||
	    cfg_load_text(cfg, t.octets, t.len, key, &copy, &err) != 0 ||
	    !cfg_obj_same(cfg_root(tree), cfg_root(copy)))
		abort();
	t.len = 0;
	(void)cfg_json(tree, text_out, &t);
	free(t.octets);
	cfg_tree_free(&copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[32] = {7};
	/* The grammar takes longer to make than an input to read. */
	static struct cfg *cfg; /* NOLINT: lives as long as the fuzzer */
	struct cfg_tree *tree = NULL;
	struct cfg_error err;
	char text[1024];

	if (cfg == NULL)
		cfg = cfg_new();
	if (cfg == NULL)
		return 0;
	if (cfg_load_text(cfg, (const char *)data, size, key, &tree, &err) == 0)
		again(cfg, tree, key);
	else
		cfg_error_format(&err, "input", text, sizeof(text));
	cfg_tree_free(&tree);
	return 0;
}
