/*
 * The configuration as a tree of typed objects. A tree never changes under its
 * readers: an edit copies the objects on the path to the changed one, and no
 * others, unless nobody else holds them. So a snapshot costs nothing, and two
 * trees tell quickly where they differ. Children of a kind lie sorted by key
 * (names by octets, numbers and addresses by value), found in O(log n).
 *
 * Trees made from one struct cfg share names, and keys in locked memory that is
 * wiped when the last tree that holds them goes. One thread at a time may use a
 * struct cfg and its trees; but another may read (and print) a snapshot that
 *the first made for it, and lets go after it.
 *
 *	struct cfg_iter it;
 *	const struct cfg_obj *t;
 *
 *	for (t = cfg_first(&it, cfg_root(tree), CFG_TUNNEL); t != NULL;
 *	    t = cfg_next(&it))
 *		use(cfg_str(t, CFG_TUNNEL_NAME), cfg_u32(t, CFG_TUNNEL_MTU));
 */
#ifndef TREE_H
#define TREE_H

#include "schema.h"

struct cfg;      /* the grammar, names and keys that trees share */
struct cfg_tree; /* one version */
struct cfg_obj;  /* one object in it, borrowed from it */

/* Prefixes and slot/unit numbers, as values hold them. */
struct cfg_prefix {
	uint32_t addr; /* host order */
	unsigned len;
};
struct cfg_net { /* of either family: an address, or a network */
	struct ip_addr addr;
	unsigned len;
};
struct cfg_slot_unit {
	unsigned slot, unit; /* unit: the port or the ASP */
};

#define CFG_OBJECT_OCTETS 160
#define CFG_KEYS_MAX 5

/*
 * What was wrong and what would be right. Line and column from 1; 0: unknown.
 */
struct cfg_error {
	unsigned line, column;
	enum syntax_fault fault;
	char object[CFG_OBJECT_OCTETS]; /* "tunnel ipsec to-branch", or "" */
	char text[512];                 /* "WRONG; RIGHT" */
};

/* NULL without memory. The caller owns it until cfg_free(); trees first. */
struct cfg *cfg_new(void);
void cfg_free(struct cfg **cfg);
/* Random octets of this struct cfg: the salt of fingerprints of secrets. */
#define CFG_SALT_OCTETS 16
const uint8_t *cfg_salt(const struct cfg *cfg);
/*
 * The commands of the mode of a kind; borrowed. NULL for a kind without mode.
 */
const struct syntax *cfg_syntax(const struct cfg *cfg, enum cfg_kind mode);

/* Owned by the caller until cfg_tree_free(), as each of the snapshots is. */
struct cfg_tree *cfg_tree_new(struct cfg *cfg);
struct cfg_tree *cfg_tree_snapshot(const struct cfg_tree *tree);
void cfg_tree_free(struct cfg_tree **tree);
struct cfg *cfg_tree_cfg(const struct cfg_tree *tree);

/* Reading. What they return is borrowed until the tree is edited or freed. */
const struct cfg_obj *cfg_root(const struct cfg_tree *tree);
enum cfg_kind cfg_obj_kind(const struct cfg_obj *obj);
/* Where the object was first named, and where a field was set; 0: not in a
 * file. */
unsigned cfg_line(const struct cfg_obj *obj);
void cfg_field_place(const struct cfg_obj *obj, enum cfg_field field,
		     unsigned *line, unsigned *column);
unsigned cfg_count(const struct cfg_obj *parent, enum cfg_kind kind);
/* Whether objects of its kind can have children at all. */
bool cfg_has_kinds(const struct cfg_obj *parent);

/* One way through the children of a kind, in order; NULL at the end. */
#define CFG_DEPTH_MAX 192
struct cfg_iter {
	const struct cfg_set *stack[CFG_DEPTH_MAX];
	unsigned depth;
};
const struct cfg_obj *cfg_first(struct cfg_iter *it,
				const struct cfg_obj *parent,
				enum cfg_kind kind);
const struct cfg_obj *cfg_next(struct cfg_iter *it);
/* The last of them; NULL when there is none. */
const struct cfg_obj *cfg_last(const struct cfg_obj *parent,
			       enum cfg_kind kind);

/*
 * A child by its key; NULL when there is none. Kinds whose key is one name,
 * and kinds whose key is one number (slot << 8 | unit for ports and ASPs).
 */
const struct cfg_obj *cfg_find(const struct cfg_obj *parent, enum cfg_kind kind,
			       const char *name);
const struct cfg_obj *cfg_find_number(const struct cfg_obj *parent,
				      enum cfg_kind kind, uint64_t key);

/*
 * Values, or their defaults. cfg_has: whether it was set to something else
 * than its default, or has none and was set. A number that is not set and has
 * no default is 0, a string NULL. The type is the field's (schema.h): reading
 * another is our own mistake and is asserted.
 */
bool cfg_has(const struct cfg_obj *obj, enum cfg_field field);
bool cfg_bool(const struct cfg_obj *obj, enum cfg_field field);
uint32_t cfg_u32(const struct cfg_obj *obj, enum cfg_field field);
uint32_t cfg_ipv4(const struct cfg_obj *obj, enum cfg_field field);
const char *cfg_str(const struct cfg_obj *obj, enum cfg_field field);
/* An address of any type of field; family 0 when not set. */
struct ip_addr cfg_ip(const struct cfg_obj *obj, enum cfg_field field);
/* A prefix, or an interface's address, of either family. */
struct cfg_net cfg_net(const struct cfg_obj *obj, enum cfg_field field);
void cfg_mac(const struct cfg_obj *obj, enum cfg_field field, uint8_t mac[6]);
struct cfg_prefix cfg_prefix(const struct cfg_obj *obj, enum cfg_field field);
struct cfg_slot_unit cfg_slot_unit(const struct cfg_obj *obj,
				   enum cfg_field field);
/* Borrowed octets in locked memory; NULL and 0 when not set. */
const uint8_t *cfg_key(const struct cfg_obj *obj, enum cfg_field field,
		       size_t *octets);

/* "port ethernet 1/1": the line that makes the object, keys only. */
void cfg_obj_text(const struct cfg_obj *obj, char *text, size_t octets);

/* ---- Editing: for parse.c and diff.c ---- */

/* A child's name within its parent. Values as struct syntax_value has them. */
struct cfg_step {
	enum cfg_kind kind;
	uint64_t
	    keys[CFG_KEYS_MAX]; /* numbers; of names the interned address */
	unsigned n_keys;
};
/* From below the root downwards. */
struct cfg_path {
	struct cfg_step step[4];
	unsigned depth;
};

/* A field to set or, where value.set is false, to clear. */
struct cfg_change {
	unsigned index; /* of the field in its kind */
	uint64_t n;     /* as the tree holds it, see cfg_intern() */
	bool set;
	unsigned line, column;
};

/*
 * Values the tree holds by reference. Both give one reference to the caller,
 * who hands it back with cfg_value_release(); changes take their own.
 */
int cfg_intern(struct cfg *cfg, const char *text, size_t len, uint64_t *value);
int cfg_intern_secret(struct cfg *cfg, const uint8_t *octets, size_t len,
		      uint64_t *value);
void cfg_value_release(struct cfg *cfg, const struct syntax_arg *type,
		       uint64_t value);

/* The object at path (depth 0: the root); NULL when there is none. */
const struct cfg_obj *cfg_tree_find(const struct cfg_tree *tree,
				    const struct cfg_path *path);
/*
 * Makes the object at path, which is not there (its parent is), with its keys
 * and what changes say. -ENOMEM, -ENOENT.
 */
int cfg_tree_add(struct cfg_tree *tree, const struct cfg_path *path,
		 unsigned line, const struct cfg_change *changes, unsigned n);
/* Removes it and all below it. -ENOENT. */
int cfg_tree_remove(struct cfg_tree *tree, const struct cfg_path *path);
int cfg_tree_change(struct cfg_tree *tree, const struct cfg_path *path,
		    const struct cfg_change *changes, unsigned n);
/*
 * Puts obj (of a tree of the same struct cfg), with all below it, at path; or
 * with cfg_tree_set_own() only its own fields, keeping what is below.
 */
int cfg_tree_put(struct cfg_tree *tree, const struct cfg_path *path,
		 const struct cfg_obj *obj);
int cfg_tree_set_own(struct cfg_tree *tree, const struct cfg_path *path,
		     const struct cfg_obj *obj);
/* The last step of the path to obj. */
void cfg_obj_step(const struct cfg_obj *obj, struct cfg_step *step);

/* Whether own fields are equal (places apart); whether all below is, too. */
bool cfg_obj_same_own(const struct cfg_obj *a, const struct cfg_obj *b);
bool cfg_obj_same(const struct cfg_obj *a, const struct cfg_obj *b);

/* Where two parents' children of a kind differ: one of a, b may be NULL. */
typedef int cfg_pair_fn(void *arg, const struct cfg_obj *a,
			const struct cfg_obj *b);
int cfg_pairs(const struct cfg_obj *a, const struct cfg_obj *b,
	      enum cfg_kind kind, cfg_pair_fn *each, void *arg);

/*
 * The raw value: false when not set. For a NAME cfg_str() is the text, for a
 * SECRET cfg_key() the octets.
 */
bool cfg_value(const struct cfg_obj *obj, unsigned index, uint64_t *value);

#endif
