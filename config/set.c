/*
 * The children of a kind: a persistent treap. A change copies the nodes on its
 * path that others hold too, and changes the rest in place. Out of memory
 * leaves a set with the same members. Called by tree.c alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tree_impl.h"

struct cfg_set *
set_hold(struct cfg_set *set)
{
	if (set != NULL)
		set->refs++;
	return set;
}

void
set_drop(struct cfg *cfg, struct cfg_set *set)
{
	if (set == NULL || --set->refs > 0)
		return;
	set_drop(cfg, set->left);
	set_drop(cfg, set->right);
	obj_drop(cfg, set->obj);
	free(set);
}

static int
node_own(struct cfg_set **p)
{
	struct cfg_set *old = *p, *copy;

	if (old->refs == 1)
		return 0;
	copy = malloc(sizeof(*copy));
	if (copy == NULL)
		return -ENOMEM;
	*copy = *old;
	copy->refs = 1;
	set_hold(copy->left);
	set_hold(copy->right);
	obj_hold(copy->obj);
	old->refs--;
	*p = copy;
	return 0;
}

/* Of two first keys that differ; 0 where more must be looked at. */
static int
first_order(const struct cfg_set *node, uint64_t key)
{
	if (node->order == SET_BY_NUMBER)
		return key < node->key ? -1 : 1;
	if (node->order == SET_BY_TEXT && key != 0)
		return strcmp(value_str(key), value_str(node->key));
	return 0;
}

static int
compare(enum cfg_kind kind, const uint64_t *keys, const struct cfg_set *node)
{
	uint64_t other[CFG_KEYS_MAX];
	int order = keys[0] == node->key ? 0 : first_order(node, keys[0]);

	if (order != 0)
		return order;
	obj_keys(node->obj, other);
	return keys_compare(kind, keys, other);
}

/* Whether a stands above b: by hash, and by key where hashes are equal. */
static bool
above(const struct cfg_set *a, const struct cfg_set *b)
{
	uint64_t keys[CFG_KEYS_MAX];

	if (a->prio != b->prio)
		return a->prio > b->prio;
	obj_keys(a->obj, keys);
	return compare((enum cfg_kind)a->obj->kind, keys, b) < 0;
}

static void
recount(struct cfg_set *set)
{
	set->count = 1 + (set->left == NULL ? 0 : set->left->count) +
		     (set->right == NULL ? 0 : set->right->count);
}

/* Lifts the left or right child, which is owned, over *p. */
static void
lift(struct cfg_set **p, struct cfg_set **side)
{
	struct cfg_set *top = *p, *child = *side;

	if (child == top->left) {
		top->left = child->right;
		child->right = top;
	} else {
		top->right = child->left;
		child->left = top;
	}
	*p = child;
	recount(top);
	recount(child);
}

static int
node_insert(struct cfg_set **p, struct cfg_set *node, const uint64_t *keys)
{
	struct cfg_set **side;
	int rc;

	if (*p == NULL) {
		*p = node;
		return 0;
	}
	rc = node_own(p);
	if (rc != 0)
		return rc;
	side = compare((enum cfg_kind)node->obj->kind, keys, *p) < 0
		   ? &(*p)->left
		   : &(*p)->right;
	rc = node_insert(side, node, keys);
	if (rc != 0)
		return rc;
	if (above(*side, *p))
		lift(p, side);
	else
		recount(*p);
	return 0;
}

/* How a node's first key tells order by itself. */
static enum set_order
order_by(const struct syntax_arg *type, uint64_t key)
{
	if (!value_is_text(type))
		return SET_BY_NUMBER;
	return key == 0 || syntax_type_is_addr_text(type->type) ? SET_BY_KEYS
								: SET_BY_TEXT;
}

int
set_insert(struct cfg *cfg, struct cfg_set **root, struct cfg_obj *obj)
{
	const struct cfg_kind_def *def = cfg_kind_get((enum cfg_kind)obj->kind);
	struct cfg_set *node = malloc(sizeof(*node));
	uint64_t keys[CFG_KEYS_MAX];
	unsigned n = 0;
	int rc;

	(void)cfg;
	if (node == NULL)
		return -ENOMEM;
	*node = (struct cfg_set){.refs = 1, .count = 1, .obj = obj};
	obj_keys(obj, keys);
	node->key = keys[0];
	for (unsigned i = 0; i < def->n_fields; i++) {
		if (!def->fields[i].key)
			continue;
		if (n == 0)
			node->order = order_by(&def->fields[i], keys[0]);
		node->prio =
		    node->prio * 31 + value_hash(&def->fields[i], keys[n++]);
	}
	rc = node_insert(root, node, keys);
	if (rc != 0)
		free(node);
	return rc;
}

/* Sinks an owned node until it has one child at most, and takes it out. */
static int
node_unlink(struct cfg *cfg, struct cfg_set **p)
{
	struct cfg_set *node = *p, **side;
	int rc;

	if (node->left == NULL || node->right == NULL) {
		*p = node->left == NULL ? node->right : node->left;
		node->left = node->right = NULL;
		set_drop(cfg, node);
		return 0;
	}
	side = above(node->left, node->right) ? &node->left : &node->right;
	rc = node_own(side);
	if (rc != 0)
		return rc;
	lift(p, side);
	rc = node_unlink(cfg, (*p)->left == node ? &(*p)->left : &(*p)->right);
	recount(*p);
	return rc;
}

int
set_remove(struct cfg *cfg, struct cfg_set **root, enum cfg_kind kind,
	   const uint64_t *keys)
{
	int order, rc;

	if (*root == NULL)
		return -ENOENT;
	rc = node_own(root);
	if (rc != 0)
		return rc;
	order = compare(kind, keys, *root);
	if (order == 0)
		return node_unlink(cfg, root);
	rc = set_remove(cfg, order < 0 ? &(*root)->left : &(*root)->right, kind,
			keys);
	recount(*root);
	return rc;
}

struct cfg_obj *
set_find(const struct cfg_set *set, enum cfg_kind kind, const uint64_t *keys)
{
	while (set != NULL) {
		int order = compare(kind, keys, set);

		if (order == 0)
			return set->obj;
		set = order < 0 ? set->left : set->right;
	}
	return NULL;
}

int
set_own(struct cfg *cfg, struct cfg_set **root, enum cfg_kind kind,
	const uint64_t *keys, struct cfg_obj ***place)
{
	while (*root != NULL) {
		int rc = node_own(root), order;

		if (rc != 0)
			return rc;
		order = compare(kind, keys, *root);
		if (order == 0) {
			*place = &(*root)->obj;
			return obj_own(cfg, *place);
		}
		root = order < 0 ? &(*root)->left : &(*root)->right;
	}
	return -ENOENT;
}

const struct cfg_obj *
cfg_first(struct cfg_iter *it, const struct cfg_obj *parent, enum cfg_kind kind)
{
	const struct cfg_set *set = obj_kid(parent, kind);

	it->depth = 0;
	for (; set != NULL && it->depth < CFG_DEPTH_MAX; set = set->left)
		it->stack[it->depth++] = set;
	return it->depth == 0 ? NULL : it->stack[it->depth - 1]->obj;
}

const struct cfg_obj *
cfg_next(struct cfg_iter *it)
{
	const struct cfg_set *set = it->stack[--it->depth]->right;

	for (; set != NULL && it->depth < CFG_DEPTH_MAX; set = set->left)
		it->stack[it->depth++] = set;
	return it->depth == 0 ? NULL : it->stack[it->depth - 1]->obj;
}

const struct cfg_obj *
cfg_last(const struct cfg_obj *parent, enum cfg_kind kind)
{
	const struct cfg_set *set = obj_kid(parent, kind);

	while (set != NULL && set->right != NULL)
		set = set->right;
	return set == NULL ? NULL : set->obj;
}

/* A stretch of keys, ends excluded; NULL: open. */
struct stretch {
	const struct cfg_set *low, *high;
};

static int
order_of(const struct cfg_set *a, const struct cfg_set *b)
{
	uint64_t keys[CFG_KEYS_MAX];

	obj_keys(a->obj, keys);
	return compare((enum cfg_kind)a->obj->kind, keys, b);
}

/* The highest node of a set within the stretch. */
static const struct cfg_set *
narrow(const struct cfg_set *set, const struct stretch *s)
{
	while (set != NULL) {
		if (s->low != NULL && order_of(set, s->low) <= 0)
			set = set->right;
		else if (s->high != NULL && order_of(set, s->high) >= 0)
			set = set->left;
		else
			break;
	}
	return set;
}

/*
 * Both treaps have the shape that their members alone decide, so the higher of
 * two roots that differ is in its own set only; equal subtrees are shared and
 * cost nothing.
 */
static int
pairs(const struct cfg_set *a, const struct cfg_set *b, struct stretch s,
      cfg_pair_fn *each, void *arg)
{
	const struct cfg_set *top;
	bool in_a, in_b;
	int rc;

	a = narrow(a, &s);
	b = narrow(b, &s);
	if (a == b)
		return 0;
	in_a = a != NULL && (b == NULL || !above(b, a));
	in_b = b != NULL && (a == NULL || !above(a, b));
	top = in_a ? a : b;
	rc = pairs(in_a ? a->left : a, in_b ? b->left : b,
		   (struct stretch){s.low, top}, each, arg);
	if (rc == 0 && (!in_a || !in_b || a->obj != b->obj))
		rc = each(arg, in_a ? a->obj : NULL, in_b ? b->obj : NULL);
	if (rc == 0)
		rc = pairs(in_a ? a->right : a, in_b ? b->right : b,
			   (struct stretch){top, s.high}, each, arg);
	return rc;
}

int
cfg_pairs(const struct cfg_obj *a, const struct cfg_obj *b, enum cfg_kind kind,
	  cfg_pair_fn *each, void *arg)
{
	return pairs(a == NULL ? NULL : obj_kid(a, kind),
		     b == NULL ? NULL : obj_kid(b, kind),
		     (struct stretch){NULL, NULL}, each, arg);
}
