/* The C face of config/ for its tests. */
#include "config_shim.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "diff.h"
#include "json.h"
#include "parse.h"
#include "secret.h"
#include "validate.h"

#define SLOTS 6

struct config_shim {
	struct cfg *cfg;
	struct cfg_tree *trees[SLOTS];
	struct cfg_editor *ed;
	struct cfg_errors errors;
	struct cfg_error one;
	uint8_t keys[3][SECRET_KEY_OCTETS];
};

struct config_shim *
config_shim_new(void)
{
	struct config_shim *s = calloc(1, sizeof(*s));

	s->cfg = cfg_new();
	memset(s->keys[SHIM_KEY_RIGHT], 1, SECRET_KEY_OCTETS);
	memset(s->keys[SHIM_KEY_WRONG], 2, SECRET_KEY_OCTETS);
	s->trees[0] = cfg_tree_new(s->cfg);
	return s;
}

void
config_shim_free(struct config_shim *s)
{
	cfg_editor_free(&s->ed);
	for (unsigned i = 0; i < SLOTS; i++)
		cfg_tree_free(&s->trees[i]);
	cfg_errors_fini(&s->errors);
	cfg_free(&s->cfg);
	free(s);
}

static const uint8_t *
key_of(const struct config_shim *s, int key)
{
	return key == SHIM_KEY_NONE ? NULL : s->keys[key];
}

static void
tree_put(struct config_shim *s, int slot, struct cfg_tree *tree)
{
	cfg_tree_free(&s->trees[slot]);
	s->trees[slot] = tree;
}

int
config_shim_load(struct config_shim *s, int slot, const char *text, size_t len,
		 int key)
{
	struct cfg_tree *tree = NULL;
	int rc;

	cfg_errors_fini(&s->errors);
	rc = cfg_load_text(s->cfg, text, len, key_of(s, key), &tree, &s->one);
	if (rc == 0)
		tree_put(s, slot, tree);
	return rc;
}

int
config_shim_load_file(struct config_shim *s, int slot, const char *path)
{
	struct cfg_tree *tree = NULL;
	int rc;

	cfg_errors_fini(&s->errors);
	rc = cfg_load_file(s->cfg, path, NULL, &tree, &s->one);
	if (rc == 0)
		tree_put(s, slot, tree);
	return rc;
}

unsigned
config_shim_validate(struct config_shim *s, int slot)
{
	cfg_errors_fini(&s->errors);
	(void)cfg_validate(s->trees[slot], &s->errors);
	return s->errors.found;
}

unsigned
config_shim_validate_change(struct config_shim *s, int was, int now)
{
	cfg_errors_fini(&s->errors);
	(void)cfg_validate_change(s->trees[was], s->trees[now], &s->errors);
	return s->errors.found;
}

unsigned
config_shim_warnings(struct config_shim *s, int slot)
{
	cfg_errors_fini(&s->errors);
	(void)cfg_warnings(s->trees[slot], &s->errors);
	return s->errors.found;
}

char *
config_shim_error(struct config_shim *s, unsigned i)
{
	const struct cfg_error *e =
	    i < s->errors.n ? &s->errors.list[i] : &s->one;
	char *text = malloc(1024);

	if (e->object[0] == '\0')
		(void)snprintf(text, 1024, "%u:%u: %s", e->line, e->column,
			       e->text);
	else
		(void)snprintf(text, 1024, "%u:%u: %s: %s", e->line, e->column,
			       e->object, e->text);
	return text;
}

struct text {
	char *octets;
	size_t len;
};

static int
text_out(void *arg, const char *octets, size_t len)
{
	struct text *t = arg;

	t->octets = realloc(t->octets, t->len + len + 1);
	memcpy(t->octets + t->len, octets, len);
	t->len += len;
	t->octets[t->len] = '\0';
	return 0;
}

char *
config_shim_print(struct config_shim *s, int slot, int form, int key,
		  const char *section)
{
	struct cfg_print_opts opts = {
	    .key = key_of(s, key),
	    .secrets =
		form == SHIM_HIDDEN ? CFG_SECRETS_HIDDEN : CFG_SECRETS_SEALED,
	    .section = section,
	    .bare = section != NULL,
	};
	struct text t = {calloc(1, 1), 0};
	int rc = form == SHIM_JSON
		     ? cfg_json(s->trees[slot], text_out, &t)
		     : cfg_print(s->trees[slot], &opts, text_out, &t);

	if (rc == 0)
		return t.octets;
	free(t.octets);
	return NULL;
}

int
config_shim_same(struct config_shim *s, int a, int b)
{
	return cfg_obj_same(cfg_root(s->trees[a]), cfg_root(s->trees[b]));
}

char *
config_shim_diff(struct config_shim *s, int a, int b)
{
	struct text t = {calloc(1, 1), 0};

	(void)cfg_diff_text(s->trees[a], s->trees[b], text_out, &t);
	return t.octets;
}

int
config_shim_rebase(struct config_shim *s, int base, int candidate, int running,
		   int out)
{
	struct cfg_tree *tree = NULL;
	int rc;

	cfg_errors_fini(&s->errors);
	rc = cfg_rebase(s->trees[base], s->trees[candidate], s->trees[running],
			&tree, &s->one);
	if (rc == 0)
		tree_put(s, out, tree);
	return rc;
}

void
config_shim_edit_begin(struct config_shim *s, int slot)
{
	cfg_editor_free(&s->ed);
	s->ed = cfg_editor_new(s->trees[slot], s->keys[SHIM_KEY_RIGHT]);
}

int
config_shim_edit(struct config_shim *s, const char *line, int *outcome)
{
	enum cfg_outcome what = CFG_LINE_BLANK;
	int rc;

	cfg_errors_fini(&s->errors);
	rc = cfg_edit_line(s->ed, line, strlen(line), &what, &s->one);
	*outcome = (int)what;
	return rc;
}

int
config_shim_edit_text(struct config_shim *s, const char *text, size_t len)
{
	cfg_errors_fini(&s->errors);
	return cfg_edit_text(s->ed, text, len, &s->one);
}

int
config_shim_edit_replace(struct config_shim *s, int slot)
{
	return cfg_editor_replace(s->ed, s->trees[slot]);
}

unsigned
config_shim_edits(struct config_shim *s)
{
	return cfg_editor_edits(s->ed);
}

const char *
config_shim_prompt(struct config_shim *s)
{
	return cfg_editor_prompt(s->ed);
}

void
config_shim_edit_take(struct config_shim *s, int slot)
{
	tree_put(s, slot, cfg_tree_snapshot(cfg_editor_tree(s->ed)));
}

/* splitmix64 */
static uint64_t
mix(uint64_t v)
{
	v += UINT64_C(0x9e3779b97f4a7c15);
	v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
	return v ^ v >> 31;
}

struct dice {
	uint64_t seed;
	const struct cfg_kind_def *def;
};

static int
secret_roll(uint64_t r, enum syntax_coding coding, char *text, size_t octets)
{
	static const unsigned lengths[] = {16, 20, 32, 36};
	unsigned n = lengths[r % 4];

	if (coding == SYNTAX_HEX) {
		for (unsigned i = 0; i < n; i++)
			(void)snprintf(text + 2 * i, octets - 2 * i, "%02x",
				       (unsigned)(mix(r + i) & 0xff));
		return (int)(2 * n);
	}
	for (unsigned i = 0; i < n; i++)
		text[i] = (char)('a' + mix(r + i) % 26);
	text[n] = '\0';
	return (int)n;
}

static int
choice_roll(const struct syntax_arg *type, uint64_t r, char *text,
	    size_t octets)
{
	struct syntax_choice choice;
	unsigned n = 0;

	if (type->choice_at == NULL) {
		while (type->choices[n].word != NULL)
			n++;
		if (n == 0)
			return -EINVAL;
		return snprintf(text, octets, "%s", type->choices[r % n].word);
	}
	while (type->choice_at(n, &choice))
		n++;
	if (n == 0)
		return -EINVAL;
	(void)type->choice_at((unsigned)(r % n), &choice);
	return snprintf(text, octets, "%s", choice.word);
}

static int
value_roll(void *arg, unsigned index, enum syntax_coding coding, char *text,
	   size_t octets)
{
	static const char *const names[] = {"a",  "b",           "local", "x y",
					    "!z", "caf\xc3\xa9", "null0", "10"};
	const struct dice *d = arg;
	const struct syntax_arg *type = &d->def->fields[index];
	uint64_t r = mix(d->seed + index * 77), n;

	/* What may be missing is missing now and then. */
	if (mix(r) % 3 == 0 || coding == SYNTAX_SEALED)
		return 0;
	if (text == NULL)
		return 1;
	switch (type->type) {
	case SYNTAX_NAME:
		return syntax_value_text(type, 0, names[r % 8], text, octets);
	case SYNTAX_TEXT:
		return snprintf(text, octets, "it's \"5%% of\" %u",
				(unsigned)r);
	case SYNTAX_IP:
		return snprintf(text, octets,
				r % 2 == 0 ? "192.0.2.%u" : "2001:db8::%x",
				1 + (unsigned)(r >> 8 & 127));
	case SYNTAX_RD:
		return snprintf(text, octets, "65000:%u", (unsigned)(r & 7));
	case SYNTAX_ENUM:
		return choice_roll(type, r, text, octets);
	case SYNTAX_SECRET:
		return secret_roll(r, coding, text, octets);
	case SYNTAX_PREFIX:
		n = r % 3 == 0 ? 0 : (uint64_t)((r >> 8 & 15) << 24) << 8 | 8;
		break;
	case SYNTAX_IFADDR:
		n = (uint64_t)(0x0a000001 + (r & 0xffff)) << 8 | (8 + r % 24);
		break;
	case SYNTAX_IPV4:
		n = 0xc0000200 + (r & 255);
		break;
	case SYNTAX_IPV6:
		return snprintf(text, octets, "2001:db8::%x",
				(unsigned)(1 + (r & 255)));
	case SYNTAX_PREFIX6:
		return snprintf(text, octets, "2001:db8:%x::/48",
				(unsigned)(r & 15));
	case SYNTAX_IFADDR6:
		return snprintf(text, octets, "2001:db8:%x::1/64",
				(unsigned)(r & 0xff));
	case SYNTAX_MAC:
		n = UINT64_C(1) << 48 | UINT64_C(2) << 40 | (r & 0xff);
		break;
	case SYNTAX_SLOT_UNIT:
		n = (1 + (r & 3)) << 8 | (1 + (r >> 8 & 1));
		break;
	default:
		n = r % 3 == 0
			? type->max
			: type->min + r % ((uint64_t)type->max - type->min + 1);
	}
	return syntax_value_text(type, n, NULL, text, octets);
}

char *
config_shim_random_line(unsigned long long *seed)
{
	struct dice d = {.seed = mix(*seed)};
	char *line = malloc(CFG_LINE_OCTETS);
	const struct cfg_row *row;
	unsigned rows = 0;
	size_t at = 0;

	*seed = *seed + 1;
	while (cfg_row_get(rows) != NULL)
		rows++;
	if (line == NULL || rows == 0)
		abort();
	row = cfg_row_get((unsigned)(d.seed % rows));
	d.def = cfg_row_kind(row);
	if (mix(d.seed) % 8 < 2)
		at = (size_t)snprintf(line, CFG_LINE_OCTETS, "%s ",
				      mix(d.seed) % 8 == 0 ? "no" : "default");
	(void)syntax_write(row->pattern, d.def->fields, d.def->n_fields,
			   value_roll, &d, line + at, CFG_LINE_OCTETS - at);
	return line;
}

char *
config_shim_follow(struct config_shim *s, const char *line)
{
	struct syntax_next next[64];
	struct syntax_error err;
	const size_t octets = 4096;
	size_t at = 0;
	char *text = calloc(1, octets);
	int n = syntax_follow(cfg_editor_syntax(s->ed), line, strlen(line),
			      next, 64, &err);

	for (int i = 0; i < n && text != NULL && at < octets; i++)
		at += (size_t)snprintf(
		    text + at, octets - at, "%s%s", i == 0 ? "" : " ",
		    next[i].word != NULL ? next[i].word : next[i].placeholder);
	return text;
}

char *
config_shim_complete(struct config_shim *s, const char *line)
{
	char *text = calloc(1, 256);

	if (syntax_complete(cfg_editor_syntax(s->ed), line, strlen(line), text,
			    256) == 0)
		return text;
	free(text);
	return NULL;
}

unsigned
config_shim_tunnels(struct config_shim *s, int slot)
{
	return cfg_count(cfg_root(s->trees[slot]), CFG_TUNNEL);
}

static const struct cfg_obj *
local_of(struct config_shim *s, int slot)
{
	return cfg_find(cfg_root(s->trees[slot]), CFG_CONTEXT, "local");
}

unsigned
config_shim_sas(struct config_shim *s, int slot)
{
	return cfg_count(local_of(s, slot), CFG_SA);
}

unsigned
config_shim_routes(struct config_shim *s, int slot)
{
	return cfg_count(local_of(s, slot), CFG_ROUTE);
}

static const struct cfg_obj *
tunnel_of(struct config_shim *s, int slot)
{
	struct cfg_iter it;

	return cfg_first(&it, cfg_root(s->trees[slot]), CFG_TUNNEL);
}

unsigned
config_shim_tunnel_mtu(struct config_shim *s, int slot)
{
	return cfg_u32(tunnel_of(s, slot), CFG_TUNNEL_MTU);
}

int
config_shim_tunnel_shutdown(struct config_shim *s, int slot)
{
	return cfg_bool(tunnel_of(s, slot), CFG_TUNNEL_SHUTDOWN);
}

size_t
config_shim_sa_key(struct config_shim *s, int slot, const char *name,
		   unsigned char *octets, size_t size)
{
	const struct cfg_obj *sa = cfg_find(local_of(s, slot), CFG_SA, name);
	const uint8_t *key;
	size_t n;

	key = cfg_key(sa, CFG_SA_ENCRYPTION_KEY, &n);
	if (key != NULL && n <= size)
		memcpy(octets, key, n);
	return n;
}

unsigned
config_shim_sa_window(struct config_shim *s, int slot, const char *name)
{
	return cfg_u32(cfg_find(local_of(s, slot), CFG_SA, name),
		       CFG_SA_WINDOW);
}

static int
first_out(void *arg, const char *octets, size_t len)
{
	(void)octets;
	*(size_t *)arg = len;
	return -ECANCELED;
}

size_t
config_shim_print_first(struct config_shim *s, int slot)
{
	struct cfg_print_opts opts = {.secrets = CFG_SECRETS_HIDDEN};
	size_t octets = 0;

	(void)cfg_print(s->trees[slot], &opts, first_out, &octets);
	return octets;
}

char *
config_shim_commands(void)
{
	struct text t = {calloc(1, 1), 0};

	(void)cfg_commands(text_out, &t);
	return t.octets;
}
