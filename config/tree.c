/*
 * Objects and trees: making, changing, removing along a path, copying what
 * others hold too. Called by the editor and by rebase; knows the schema's
 * kinds, keys and types, and nothing of lines. Readers are in read.c.
 */
#include "tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tree_impl.h"

static unsigned
kids_of(enum cfg_kind kind)
{
	unsigned n = 0;

	for (unsigned k = CFG_ROOT + 1; k < CFG_KINDS; k++)
		n += cfg_kind_get((enum cfg_kind)k)->parent == kind ? 1 : 0;
	return n;
}

unsigned
obj_kid_index(enum cfg_kind kind)
{
	enum cfg_kind parent = cfg_kind_get(kind)->parent;
	unsigned n = 0;

	for (unsigned k = CFG_ROOT + 1; k < kind; k++)
		n += cfg_kind_get((enum cfg_kind)k)->parent == parent ? 1 : 0;
	return n;
}

struct cfg_set *
obj_kid(const struct cfg_obj *obj, enum cfg_kind kind)
{
	return (struct cfg_set *)(uintptr_t)obj->slot[obj_kid_index(kind)];
}

void
obj_kid_put(struct cfg_obj *obj, enum cfg_kind kind, struct cfg_set *set)
{
	obj->slot[obj_kid_index(kind)] = (uint64_t)(uintptr_t)set;
}

static unsigned
ones(uint64_t mask)
{
	return (unsigned)__builtin_popcountll(mask);
}

static size_t
obj_octets(const struct cfg_obj *obj, uint64_t mask)
{
	return sizeof(*obj) +
	       sizeof(uint64_t) * (obj->kids + ones(mask) * obj->stride);
}

bool
cfg_value(const struct cfg_obj *obj, unsigned index, uint64_t *value)
{
	if ((obj->mask >> index & 1) == 0)
		return false;
	*value = obj->slot[obj_slot(obj, index)];
	return true;
}

unsigned
obj_keys(const struct cfg_obj *obj, uint64_t keys[CFG_KEYS_MAX])
{
	const struct cfg_kind_def *def = cfg_kind_get((enum cfg_kind)obj->kind);
	unsigned n = 0;

	for (unsigned i = 0; i < def->n_fields; i++) {
		if (!def->fields[i].key)
			continue;
		keys[n] = 0;
		(void)cfg_value(obj, i, &keys[n++]);
	}
	return n;
}

static int
text_compare(uint64_t a, uint64_t b)
{
	if (a == 0 || b == 0)
		return a == b ? 0 : a == 0 ? -1 : 1;
	return strcmp(value_str(a), value_str(b));
}

static int
addr_compare(uint64_t a, uint64_t b)
{
	struct ip_addr x;
	struct ip_addr y;
	unsigned xlen;
	unsigned ylen;
	int order;

	if (a == 0 || b == 0)
		return a == b ? 0 : a == 0 ? -1 : 1;
	syntax_addr_read(value_str(a), &x, &xlen);
	syntax_addr_read(value_str(b), &y, &ylen);
	order = memcmp(&x, &y, sizeof(x));
	return order != 0 ? order : (int)xlen - (int)ylen;
}

static int
value_compare(const struct syntax_arg *type, uint64_t a, uint64_t b)
{
	if (syntax_type_is_addr_text(type->type))
		return addr_compare(a, b);
	if (value_is_text(type))
		return text_compare(a, b);
	return a < b ? -1 : 1;
}

int
keys_compare(enum cfg_kind kind, const uint64_t *a, const uint64_t *b)
{
	const struct cfg_kind_def *def = cfg_kind_get(kind);
	unsigned n = 0;

	for (unsigned i = 0; i < def->n_fields; i++) {
		uint64_t x, y;
		int order;

		if (!def->fields[i].key)
			continue;
		x = a[n];
		y = b[n++];
		if (x == y)
			continue;
		order = value_compare(&def->fields[i], x, y);
		if (order != 0)
			return order;
	}
	return 0;
}

struct cfg_obj *
obj_new(enum cfg_kind kind, unsigned line)
{
	unsigned kids = kids_of(kind);
	struct cfg_obj *obj =
	    calloc(1, sizeof(*obj) + kids * sizeof(obj->slot[0]));

	if (obj == NULL)
		return NULL;
	obj->refs = 1;
	obj->line = line;
	obj->kind = (uint8_t)kind;
	obj->kids = (uint8_t)kids;
	obj->stride = cfg_kind_get(kind)->compact ? 1 : 2;
	return obj;
}

struct cfg_obj *
obj_hold(struct cfg_obj *obj)
{
	obj->refs++;
	return obj;
}

void
obj_drop(struct cfg *cfg, struct cfg_obj *obj)
{
	const struct cfg_kind_def *def = cfg_kind_get((enum cfg_kind)obj->kind);
	unsigned kids = obj->kids;
	uint64_t value;

	if (--obj->refs > 0)
		return;
	for (unsigned i = 0; i < kids; i++)
		set_drop(cfg, (struct cfg_set *)(uintptr_t)obj->slot[i]);
	for (unsigned i = 0; i < def->n_fields; i++) {
		if (cfg_value(obj, i, &value))
			cfg_value_release(cfg, &def->fields[i], value);
	}
	free(obj);
}

static void
values_hold(const struct cfg_obj *obj)
{
	const struct cfg_kind_def *def = cfg_kind_get((enum cfg_kind)obj->kind);
	uint64_t value;

	for (unsigned i = 0; i < def->n_fields; i++) {
		if (cfg_value(obj, i, &value))
			value_hold(&def->fields[i], value);
	}
}

/* A copy with references of its own; from: whose children it gets. */
static struct cfg_obj *
obj_copy(const struct cfg_obj *obj, const struct cfg_obj *from)
{
	size_t octets = obj_octets(obj, obj->mask);
	struct cfg_obj *copy = malloc(octets);

	if (copy == NULL)
		return NULL;
	memcpy(copy, obj, octets);
	copy->refs = 1;
	values_hold(copy);
	for (unsigned i = 0; i < obj->kids; i++) {
		copy->slot[i] = from->slot[i];
		set_hold((struct cfg_set *)(uintptr_t)copy->slot[i]);
	}
	return copy;
}

int
obj_own(struct cfg *cfg, struct cfg_obj **p)
{
	struct cfg_obj *copy;

	if ((*p)->refs == 1)
		return 0;
	copy = obj_copy(*p, *p);
	if (copy == NULL)
		return -ENOMEM;
	obj_drop(cfg, *p);
	*p = copy;
	return 0;
}

static const struct cfg_change *
change_of(const struct cfg_change *changes, unsigned n, unsigned index)
{
	const struct cfg_change *found = NULL;

	for (unsigned i = 0; i < n; i++) {
		if (changes[i].index == index)
			found = &changes[i];
	}
	return found;
}

int
obj_change(struct cfg *cfg, struct cfg_obj **p,
	   const struct cfg_change *changes, unsigned n)
{
	struct cfg_obj *old = *p, *obj;
	const struct cfg_kind_def *def = cfg_kind_get((enum cfg_kind)old->kind);
	unsigned kids = old->kids, stride = old->stride;
	uint64_t mask = old->mask;
	uint64_t *from, *to;

	for (unsigned i = 0; i < n; i++) {
		uint64_t bit = UINT64_C(1) << changes[i].index;

		mask = changes[i].set ? mask | bit : mask & ~bit;
	}
	obj = malloc(obj_octets(old, mask));
	if (obj == NULL)
		return -ENOMEM;
	memcpy(obj, old, sizeof(*obj) + kids * sizeof(uint64_t));
	obj->mask = mask;
	from = old->slot + kids;
	to = obj->slot + kids;
	for (unsigned i = 0; i < def->n_fields; i++) {
		const struct cfg_change *c = change_of(changes, n, i);

		if (c != NULL && c->set) {
			value_hold(&def->fields[i], c->n);
			to[0] = c->n;
			if (stride == 2)
				to[1] = (uint64_t)c->line << 32 | c->column;
		} else if ((mask >> i & 1) != 0) {
			memcpy(to, from, stride * sizeof(uint64_t));
		}
		if ((old->mask >> i & 1) != 0) {
			if (c != NULL)
				cfg_value_release(cfg, &def->fields[i], *from);
			from += stride;
		}
		to += (mask >> i & 1) != 0 ? stride : 0;
	}
	free(old);
	*p = obj;
	return 0;
}

struct cfg_tree *
cfg_tree_new(struct cfg *cfg)
{
	struct cfg_tree *tree = calloc(1, sizeof(*tree));

	if (tree == NULL)
		return NULL;
	tree->cfg = cfg;
	tree->root = obj_new(CFG_ROOT, 0);
	if (tree->root == NULL) {
		free(tree);
		return NULL;
	}
	return tree;
}

struct cfg_tree *
cfg_tree_snapshot(const struct cfg_tree *tree)
{
	struct cfg_tree *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *tree;
	obj_hold(copy->root);
	return copy;
}

void
cfg_tree_free(struct cfg_tree **tree)
{
	if (*tree == NULL)
		return;
	obj_drop((*tree)->cfg, (*tree)->root);
	free(*tree);
	*tree = NULL;
}

struct cfg *
cfg_tree_cfg(const struct cfg_tree *tree)
{
	return tree->cfg;
}

const struct cfg_obj *
cfg_tree_find(const struct cfg_tree *tree, const struct cfg_path *path)
{
	const struct cfg_obj *obj = tree->root;

	for (unsigned i = 0; i < path->depth && obj != NULL; i++)
		obj = set_find(obj_kid(obj, path->step[i].kind),
			       path->step[i].kind, path->step[i].keys);
	return obj;
}

/* The place of the object at the first depth steps, with nobody else's hold. */
static int
path_own(struct cfg_tree *tree, const struct cfg_path *path, unsigned depth,
	 struct cfg_obj ***place)
{
	struct cfg_obj **p = &tree->root;
	int rc = obj_own(tree->cfg, p);

	for (unsigned i = 0; i < depth && rc == 0; i++) {
		const struct cfg_step *step = &path->step[i];
		struct cfg_set *set = obj_kid(*p, step->kind);
		struct cfg_obj **child = NULL, *parent = *p;

		rc = set_own(tree->cfg, &set, step->kind, step->keys, &child);
		obj_kid_put(parent, step->kind, set);
		p = child;
	}
	*place = p;
	return rc;
}

/* Puts obj, which becomes the tree's, at path, in place of what is there. */
static int
path_put(struct cfg_tree *tree, const struct cfg_path *path,
	 struct cfg_obj *obj)
{
	const struct cfg_step *step = &path->step[path->depth - 1];
	struct cfg_obj **p, **there;
	struct cfg_set *set;
	int rc = path_own(tree, path, path->depth - 1, &p);

	if (rc != 0)
		return rc;
	set = obj_kid(*p, step->kind);
	rc = set_own(tree->cfg, &set, step->kind, step->keys, &there);
	if (rc == 0) {
		obj_drop(tree->cfg, *there);
		*there = obj;
	} else if (rc == -ENOENT) {
		rc = set_insert(tree->cfg, &set, obj);
	}
	obj_kid_put(*p, step->kind, set);
	return rc;
}

/* Puts obj, which becomes the tree's, at path, where nothing is. */
static int
path_add(struct cfg_tree *tree, const struct cfg_path *path,
	 struct cfg_obj *obj)
{
	enum cfg_kind kind = path->step[path->depth - 1].kind;
	struct cfg_obj **p;
	struct cfg_set *set;
	int rc = path_own(tree, path, path->depth - 1, &p);

	if (rc != 0)
		return rc;
	set = obj_kid(*p, kind);
	rc = set_insert(tree->cfg, &set, obj);
	obj_kid_put(*p, kind, set);
	return rc;
}

int
cfg_tree_add(struct cfg_tree *tree, const struct cfg_path *path, unsigned line,
	     const struct cfg_change *changes, unsigned n_changes)
{
	const struct cfg_step *step = &path->step[path->depth - 1];
	const struct cfg_kind_def *def = cfg_kind_get(step->kind);
	struct cfg_change keys[CFG_KEYS_MAX];
	struct cfg_obj *obj = obj_new(step->kind, line);
	unsigned n = 0, k = 0;
	int rc;

	if (obj == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < def->n_fields; i++) {
		if (!def->fields[i].key)
			continue;
		if (step->keys[k] != 0)
			keys[n++] = (struct cfg_change){.index = i,
							.n = step->keys[k],
							.set = true,
							.line = line};
		k++;
	}
	rc = obj_change(tree->cfg, &obj, keys, n);
	if (rc == 0 && n_changes > 0)
		rc = obj_change(tree->cfg, &obj, changes, n_changes);
	if (rc == 0)
		rc = path_add(tree, path, obj);
	if (rc != 0)
		obj_drop(tree->cfg, obj);
	return rc;
}

int
cfg_tree_remove(struct cfg_tree *tree, const struct cfg_path *path)
{
	const struct cfg_step *step = &path->step[path->depth - 1];
	struct cfg_obj **p;
	struct cfg_set *set;
	int rc;

	if (cfg_tree_find(tree, path) == NULL)
		return -ENOENT;
	rc = path_own(tree, path, path->depth - 1, &p);
	if (rc != 0)
		return rc;
	set = obj_kid(*p, step->kind);
	rc = set_remove(tree->cfg, &set, step->kind, step->keys);
	obj_kid_put(*p, step->kind, set);
	return rc;
}

int
cfg_tree_change(struct cfg_tree *tree, const struct cfg_path *path,
		const struct cfg_change *changes, unsigned n)
{
	struct cfg_obj **p;
	int rc;

	if (cfg_tree_find(tree, path) == NULL)
		return -ENOENT;
	rc = path_own(tree, path, path->depth, &p);
	return rc != 0 ? rc : obj_change(tree->cfg, p, changes, n);
}

int
cfg_tree_put(struct cfg_tree *tree, const struct cfg_path *path,
	     const struct cfg_obj *obj)
{
	struct cfg_obj *copy = obj_copy(obj, obj);
	int rc;

	if (copy == NULL)
		return -ENOMEM;
	rc = path_put(tree, path, copy);
	if (rc != 0)
		obj_drop(tree->cfg, copy);
	return rc;
}

int
cfg_tree_set_own(struct cfg_tree *tree, const struct cfg_path *path,
		 const struct cfg_obj *obj)
{
	struct cfg_obj **p, *copy;
	int rc;

	if (cfg_tree_find(tree, path) == NULL)
		return -ENOENT;
	rc = path_own(tree, path, path->depth, &p);
	if (rc != 0)
		return rc;
	copy = obj_copy(obj, *p);
	if (copy == NULL)
		return -ENOMEM;
	obj_drop(tree->cfg, *p);
	*p = copy;
	return 0;
}

void
cfg_obj_step(const struct cfg_obj *obj, struct cfg_step *step)
{
	step->kind = (enum cfg_kind)obj->kind;
	step->n_keys = obj_keys(obj, step->keys);
}
