/*
 * What trees share: the grammar of each mode, made from the schema's rows;
 * names, each kept once and counted, so that a million routes into one tunnel
 * hold its name once; keys, in locked memory cut into pieces of two sizes,
 * wiped when the last tree that holds one goes.
 */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"
#include "tree_impl.h"

#define SLAB_OCTETS 16384u
#define PIECE_CLASSES 2
#define NAMES_FIRST 256u

static const unsigned piece_octets[PIECE_CLASSES] = {32, SYNTAX_SECRET_MAX};

struct name {
	struct name *next;
	uint32_t refs, hash;
	char text[];
};

struct piece {
	struct piece *next; /* while free */
	uint8_t *octets;
	uint32_t refs;
	uint16_t len;
	uint8_t class;
};

struct slab {
	struct slab *next;
	uint8_t *memory;
	struct piece *pieces;
};

struct cfg {
	uint8_t salt[CFG_SALT_OCTETS];
	struct syntax *modes[CFG_KINDS];
	struct syntax_row *rows; /* one for each of the schema's */
	struct name **names;
	uint32_t n_names, names_size;
	struct slab *slabs;
	struct piece *free[PIECE_CLASSES];
};

static const struct syntax_row row_exit = {.pattern = "exit"};
static const struct syntax_row row_end = {.pattern = "end"};

static int
row_add(struct cfg *cfg, const struct cfg_row *row, struct syntax_row *out)
{
	struct syntax *syn = cfg->modes[row->mode];
	const struct cfg_kind_def *def = cfg_row_kind(row);
	int rc;

	*out =
	    (struct syntax_row){row->pattern, def->fields, def->n_fields, row};
	rc = syntax_add(syn, out, SYNTAX_SET, row->pattern);
	if (rc == 0 && row->no != NULL)
		rc = syntax_add(syn, out, SYNTAX_NO, row->no);
	if (rc == 0 && cfg_row_negates(row))
		rc = syntax_add(syn, out, SYNTAX_NO, row->pattern);
	if (row->makes != CFG_ROOT)
		return rc;
	if (rc == 0 && row->no != NULL)
		rc = syntax_add(syn, out, SYNTAX_DEFAULT, row->no);
	if (rc == 0)
		rc = syntax_add(syn, out, SYNTAX_DEFAULT, row->pattern);
	return rc;
}

static int
grammar_make(struct cfg *cfg)
{
	unsigned n = 0;
	int rc = 0;

	for (unsigned k = 0; k < CFG_KINDS; k++) {
		if (cfg_kind_get((enum cfg_kind)k)->prompt == NULL)
			continue;
		cfg->modes[k] = syntax_new(cfg_words());
		if (cfg->modes[k] == NULL)
			return -ENOMEM;
	}
	while (cfg_row_get(n) != NULL)
		n++;
	cfg->rows = calloc(n, sizeof(*cfg->rows));
	if (cfg->rows == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < n && rc == 0; i++)
		rc = row_add(cfg, cfg_row_get(i), &cfg->rows[i]);
	for (unsigned k = 0; k < CFG_KINDS && rc == 0; k++) {
		if (cfg->modes[k] == NULL)
			continue;
		rc = syntax_add(cfg->modes[k], &row_exit, SYNTAX_SET, "exit");
		if (rc == 0)
			rc = syntax_add(cfg->modes[k], &row_end, SYNTAX_SET,
					"end");
	}
	return rc;
}

struct cfg *
cfg_new(void)
{
	struct cfg *cfg = calloc(1, sizeof(*cfg));

	if (cfg == NULL)
		return NULL;
	cfg->names_size = NAMES_FIRST;
	cfg->names = calloc(cfg->names_size, sizeof(struct name *));
	if (cfg->names == NULL ||
	    secret_random(cfg->salt, CFG_SALT_OCTETS) != 0 ||
	    grammar_make(cfg) != 0)
		cfg_free(&cfg);
	return cfg;
}

void
cfg_free(struct cfg **cfg)
{
	struct slab *slab;

	if (*cfg == NULL)
		return;
	for (unsigned k = 0; k < CFG_KINDS; k++)
		syntax_free(&(*cfg)->modes[k]);
	while ((slab = (*cfg)->slabs) != NULL) {
		(*cfg)->slabs = slab->next;
		secret_free(&slab->memory, SLAB_OCTETS);
		free(slab->pieces);
		free(slab);
	}
	assert((*cfg)->n_names == 0); /* trees are freed first */
	free((*cfg)->names);
	free((*cfg)->rows);
	free(*cfg);
	*cfg = NULL;
}

const uint8_t *
cfg_salt(const struct cfg *cfg)
{
	return cfg->salt;
}

const struct syntax *
cfg_syntax(const struct cfg *cfg, enum cfg_kind mode)
{
	return cfg->modes[mode];
}

bool
value_is_text(const struct syntax_arg *type)
{
	return type->type == SYNTAX_NAME || type->type == SYNTAX_TEXT ||
	       type->type == SYNTAX_RD || syntax_type_is_addr_text(type->type);
}

/* FNV-1a. */
static uint32_t
text_hash(const char *text, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)text[i]) * 16777619u;
	return h ^ h >> 15;
}

static struct name *
name_of(uint64_t value)
{
	return (struct name *)(void *)((char *)(uintptr_t)value -
				       offsetof(struct name, text));
}

static struct piece *
piece_of(uint64_t value)
{
	return (struct piece *)(uintptr_t)value;
}

static void
names_grow(struct cfg *cfg)
{
	uint32_t size = cfg->names_size * 2;
	struct name **names = calloc(size, sizeof(struct name *)), *name;

	if (names == NULL)
		return; /* longer chains, that is all */
	for (uint32_t i = 0; i < cfg->names_size; i++) {
		while ((name = cfg->names[i]) != NULL) {
			cfg->names[i] = name->next;
			name->next = names[name->hash & (size - 1)];
			names[name->hash & (size - 1)] = name;
		}
	}
	free(cfg->names);
	cfg->names = names;
	cfg->names_size = size;
}

int
cfg_intern(struct cfg *cfg, const char *text, size_t len, uint64_t *value)
{
	uint32_t hash = text_hash(text, len);
	struct name *n = cfg->names[hash & (cfg->names_size - 1)];

	while (n != NULL && (n->hash != hash || strlen(n->text) != len ||
			     memcmp(n->text, text, len) != 0))
		n = n->next;
	if (n == NULL) {
		n = malloc(sizeof(*n) + len + 1);
		if (n == NULL)
			return -ENOMEM;
		if (cfg->n_names >= cfg->names_size)
			names_grow(cfg);
		memcpy(n->text, text, len);
		n->text[len] = '\0';
		n->hash = hash;
		n->refs = 0;
		n->next = cfg->names[hash & (cfg->names_size - 1)];
		cfg->names[hash & (cfg->names_size - 1)] = n;
		cfg->n_names++;
	}
	n->refs++;
	*value = (uint64_t)(uintptr_t)n->text;
	return 0;
}

static void
name_drop(struct cfg *cfg, struct name *name)
{
	struct name **p = &cfg->names[name->hash & (cfg->names_size - 1)];

	if (--name->refs > 0)
		return;
	while (*p != name)
		p = &(*p)->next;
	*p = name->next;
	cfg->n_names--;
	free(name);
}

static int
slab_new(struct cfg *cfg, unsigned class)
{
	unsigned n = SLAB_OCTETS / piece_octets[class];
	struct slab *slab = calloc(1, sizeof(*slab));

	if (slab == NULL)
		return -ENOMEM;
	slab->pieces = calloc(n, sizeof(*slab->pieces));
	slab->memory = secret_alloc(SLAB_OCTETS);
	if (slab->pieces == NULL || slab->memory == NULL) {
		secret_free(&slab->memory, SLAB_OCTETS);
		free(slab->pieces);
		free(slab);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < n; i++) {
		struct piece *piece = &slab->pieces[i];

		piece->class = (uint8_t) class;
		piece->octets = slab->memory + i * piece_octets[class];
		piece->next = cfg->free[class];
		cfg->free[class] = piece;
	}
	slab->next = cfg->slabs;
	cfg->slabs = slab;
	return 0;
}

int
cfg_intern_secret(struct cfg *cfg, const uint8_t *octets, size_t len,
		  uint64_t *value)
{
	unsigned class = len > piece_octets[0] ? 1 : 0;
	struct piece *piece;

	if (len > SYNTAX_SECRET_MAX)
		return -ENOSPC;
	if (cfg->free[class] == NULL && slab_new(cfg, class) != 0)
		return -ENOMEM;
	piece = cfg->free[class];
	cfg->free[class] = piece->next;
	piece->refs = 1;
	piece->len = (uint16_t)len;
	memcpy(piece->octets, octets, len);
	*value = (uint64_t)(uintptr_t)piece;
	return 0;
}

static void
piece_drop(struct cfg *cfg, struct piece *piece)
{
	if (--piece->refs > 0)
		return;
	secret_wipe(piece->octets, piece_octets[piece->class]);
	piece->next = cfg->free[piece->class];
	cfg->free[piece->class] = piece;
}

void
cfg_value_release(struct cfg *cfg, const struct syntax_arg *type,
		  uint64_t value)
{
	if (value == 0)
		return;
	if (value_is_text(type))
		name_drop(cfg, name_of(value));
	else if (type->type == SYNTAX_SECRET)
		piece_drop(cfg, piece_of(value));
}

void
value_hold(const struct syntax_arg *type, uint64_t value)
{
	if (value == 0)
		return;
	if (value_is_text(type))
		name_of(value)->refs++;
	else if (type->type == SYNTAX_SECRET)
		piece_of(value)->refs++;
}

const char *
value_str(uint64_t value)
{
	return (const char *)(uintptr_t)value;
}

/* The finalizer of splitmix64: neighbours end up far apart. */
uint32_t
value_hash(const struct syntax_arg *type, uint64_t value)
{
	if (value_is_text(type) && value != 0)
		value = name_of(value)->hash;
	value += UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(value >> 32);
}

const uint8_t *
value_secret(uint64_t value, size_t *octets)
{
	*octets = piece_of(value)->len;
	return piece_of(value)->octets;
}

bool
value_equal(const struct syntax_arg *type, uint64_t a, uint64_t b)
{
	const struct piece *p, *q;

	if (a == b || type->type != SYNTAX_SECRET || a == 0 || b == 0)
		return a == b;
	p = piece_of(a);
	q = piece_of(b);
	return p->len == q->len && secret_equal(p->octets, q->octets, p->len);
}
