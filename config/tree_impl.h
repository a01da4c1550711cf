/* What tree.c, set.c, read.c and values.c share; nobody else. */
#ifndef TREE_IMPL_H
#define TREE_IMPL_H

#include "tree.h"

/*
 * An object: the roots of its children's sets, one for each kind it is the
 * parent of, then the values of the fields in mask, in order. Behind each
 * value stands its place, line << 32 | column, unless the kind is compact.
 */
struct cfg_obj {
	uint32_t refs;
	uint32_t line;
	uint64_t mask; /* a kind has at most 64 fields */
	uint8_t kind;
	uint8_t kids;   /* of its kind: how many sets, */
	uint8_t stride; /* and slots from value to value */
	uint64_t slot[];
};

/* Whether a node's first key tells order by itself where it differs. */
enum set_order { SET_BY_KEYS, SET_BY_NUMBER, SET_BY_TEXT };

/*
 * Children of a kind: a treap whose priorities are hashes of keys, so that its
 * shape depends on its members alone and two versions share what is equal.
 */
struct cfg_set {
	uint32_t refs, count, prio;
	enum set_order order;
	struct cfg_set *left, *right;
	struct cfg_obj *obj;
	uint64_t
	    key; /* the first of obj's, so that a search reads nodes only */
};

struct cfg_tree {
	struct cfg *cfg;
	struct cfg_obj *root;
};

/* Which of its parent's sets the children of a kind are in. */
unsigned obj_kid_index(enum cfg_kind kind);
struct cfg_set *obj_kid(const struct cfg_obj *obj, enum cfg_kind kind);
void obj_kid_put(struct cfg_obj *obj, enum cfg_kind kind, struct cfg_set *set);
/* The slot of a value; the bit of its field is set. */
static inline unsigned
obj_slot(const struct cfg_obj *obj, unsigned index)
{
	uint64_t below = obj->mask & ((UINT64_C(1) << index) - 1);
	unsigned rank = 0;

	/* Few bits stand below: no instruction for this can be relied on. */
	for (; below != 0; below &= below - 1)
		rank++;
	return obj->kids + rank * obj->stride;
}
unsigned obj_keys(const struct cfg_obj *obj, uint64_t keys[CFG_KEYS_MAX]);
int keys_compare(enum cfg_kind kind, const uint64_t *a, const uint64_t *b);

struct cfg_obj *obj_new(enum cfg_kind kind, unsigned line);
struct cfg_obj *obj_hold(struct cfg_obj *obj);
void obj_drop(struct cfg *cfg, struct cfg_obj *obj);
/* Makes *p the holder's alone, by a copy where others hold it too. */
int obj_own(struct cfg *cfg, struct cfg_obj **p);
/* Applies changes to an owned object; *p may move. */
int obj_change(struct cfg *cfg, struct cfg_obj **p,
	       const struct cfg_change *changes, unsigned n);

struct cfg_set *set_hold(struct cfg_set *set);
void set_drop(struct cfg *cfg, struct cfg_set *set);
struct cfg_obj *set_find(const struct cfg_set *set, enum cfg_kind kind,
			 const uint64_t *keys);
/* Inserts obj, which becomes the set's; its key is not there yet. */
int set_insert(struct cfg *cfg, struct cfg_set **root, struct cfg_obj *obj);
int set_remove(struct cfg *cfg, struct cfg_set **root, enum cfg_kind kind,
	       const uint64_t *keys);
/* The place of an object on a path of nodes that are the holder's alone. */
int set_own(struct cfg *cfg, struct cfg_set **root, enum cfg_kind kind,
	    const uint64_t *keys, struct cfg_obj ***place);

/* Values held by reference: see cfg_intern(). */
void value_hold(const struct syntax_arg *type, uint64_t value);
const char *value_str(uint64_t value);
uint32_t value_hash(const struct syntax_arg *type, uint64_t value);
const uint8_t *value_secret(uint64_t value, size_t *octets);
bool value_equal(const struct syntax_arg *type, uint64_t a, uint64_t b);
bool value_is_text(const struct syntax_arg *type);

#endif
