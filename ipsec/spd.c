/*
 * Ordered first match, made fast. A packet is a point in seven dimensions (two
 * addresses, protocol, two ports, type, DSCP), an entry a box. The compiled
 * form is a binary tree that cuts the space at ends of boxes until few boxes
 * are left; the leaf lists them in order. What lies behind a box that covers
 * the whole leaf can not match and is left out: so a last entry of ANY, which
 * lies in every leaf, costs nothing where something before it covers.
 *
 * Boxes that a cut goes through lie on both sides. A budget of SPD_COPIES
 * references an entry, shared out with the cuts, bounds the memory whatever
 * the entries are; where it is spent, the leaf is longer, and that is all.
 *
 * RFC 4301 sections 4.4.1 and 4.4.1.1 (what selectors mean), 7 (fragments).
 */
#include "spd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spd_impl.h"

#define SPD_LEAF 6      /* boxes that are looked at one by one */
#define SPD_COPIES 16   /* references an entry may have, on the average */
#define SPD_DEPTH 48    /* cuts from the root to a leaf */
#define SPD_SAMPLES 48  /* boxes whose ends are candidates for a cut */
#define SPD_IS_LEAF 255 /* field of such a node */

/* Dimensions: the addresses, then enum spd_field. */
#define DIM_LOCAL 0
#define DIM_REMOTE 1
#define DIM_FIELDS 2
#define DIMS (DIM_FIELDS + SPD_FIELDS)

struct box {
	struct spd_value first[DIMS];
	struct spd_value last[DIMS];
};

/* Inner: at most value to the left. Leaf: refs [left, left + right). */
struct node {
	struct spd_value value;
	uint32_t left;
	uint32_t right;
	uint8_t dim;
};

/* What is compared with each packet; rules are looked at after the match. */
struct tree {
	struct node *nodes;
	uint32_t *refs; /* indices of rules, ascending */
	uint32_t n_nodes;
	uint32_t n_refs;
	size_t nodes_room;
	size_t refs_room;
};

struct spd {
	struct spd_rule *rules; /* in order */
	struct box *boxes;      /* beside them */
	unsigned n;
	struct tree tree[2]; /* IPv4, IPv6 */
};

/* ---- Values ---- */

struct spd_value
spd_value_octets(const uint8_t octets[16])
{
	struct be64 half[2];

	memcpy(half, octets, sizeof(half));
	return (struct spd_value){be64_get(half[0]), be64_get(half[1])};
}

static inline struct spd_value
value_number(uint32_t n)
{
	return (struct spd_value){0, n};
}

static inline bool
value_at_most(struct spd_value a, struct spd_value b)
{
	return a.hi != b.hi ? a.hi < b.hi : a.lo <= b.lo;
}

static inline bool
value_equal(struct spd_value a, struct spd_value b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

static struct spd_value
value_next(struct spd_value v)
{
	v.lo++;
	v.hi += v.lo == 0;
	return v;
}

static struct spd_value
value_before(struct spd_value v)
{
	v.hi -= v.lo == 0;
	v.lo--;
	return v;
}

static void
box_of(const struct spd_selector *s, struct box *b)
{
	b->first[DIM_LOCAL] = spd_value_octets(s->local[0]);
	b->last[DIM_LOCAL] = spd_value_octets(s->local[1]);
	b->first[DIM_REMOTE] = spd_value_octets(s->remote[0]);
	b->last[DIM_REMOTE] = spd_value_octets(s->remote[1]);
	for (unsigned i = 0; i < SPD_FIELDS; i++) {
		b->first[DIM_FIELDS + i] = value_number(s->range[i].first);
		b->last[DIM_FIELDS + i] = value_number(s->range[i].last);
	}
}

static bool
box_overlaps(const struct box *a, const struct box *b)
{
	for (unsigned i = 0; i < DIMS; i++) {
		if (!value_at_most(a->first[i], b->last[i]) ||
		    !value_at_most(b->first[i], a->last[i]))
			return false;
	}
	return true;
}

static bool
box_covers(const struct box *a, const struct box *b)
{
	for (unsigned i = 0; i < DIMS; i++) {
		if (!value_at_most(a->first[i], b->first[i]) ||
		    !value_at_most(b->last[i], a->last[i]))
			return false;
	}
	return true;
}

/* ---- Compiling ---- */

struct build {
	const struct spd *spd;
	struct tree *tree;
	int err;
};

static bool
grow(void *array_at, size_t *room, size_t need, size_t octets)
{
	size_t more = *room == 0 ? 1 : *room;
	void *array;

	if (need <= *room)
		return true;
	while (more < need)
		more *= 2;
	memcpy((void *)&array, array_at, sizeof(array));
	array = realloc(array, more * octets);
	if (array == NULL)
		return false;
	memcpy(array_at, (void *)&array, sizeof(array));
	*room = more;
	return true;
}

static uint32_t
node_new(struct build *b)
{
	struct tree *t = b->tree;

	if (!grow(&t->nodes, &t->nodes_room, t->n_nodes + (size_t)1,
		  sizeof(*t->nodes))) {
		b->err = -ENOMEM;
		return 0;
	}
	return t->n_nodes++;
}

static uint32_t
leaf_new(struct build *b, const uint32_t *refs, unsigned n)
{
	struct tree *t = b->tree;
	uint32_t at = node_new(b);

	/* One more, so that an empty leaf points at memory too. */
	if (!grow(&t->refs, &t->refs_room, t->n_refs + (size_t)n + 1,
		  sizeof(*t->refs)))
		b->err = -ENOMEM;
	if (b->err != 0)
		return 0;
	t->nodes[at] =
	    (struct node){.left = t->n_refs, .right = n, .dim = SPD_IS_LEAF};
	if (n > 0)
		memcpy(t->refs + t->n_refs, refs, n * sizeof(*refs));
	t->n_refs += n;
	return at;
}

static int
value_compare(const void *a, const void *b)
{
	const struct spd_value *x = a, *y = b;

	return value_equal(*x, *y) ? 0 : value_at_most(*x, *y) ? -1 : 1;
}

/*
 * The middle one of the ends that some of the boxes have inside the space;
 * false when none has one.
 */
static bool
cut_middle(const struct box *boxes, const uint32_t *refs, unsigned n,
	   const struct box *space, unsigned dim, struct spd_value *value)
{
	struct spd_value ends[2 * SPD_SAMPLES];
	unsigned step = n / SPD_SAMPLES + 1;
	unsigned found = 0;

	for (unsigned i = 0; i < n; i += step) {
		const struct box *b = &boxes[refs[i]];

		if (!value_at_most(b->first[dim], space->first[dim]))
			ends[found++] = value_before(b->first[dim]);
		if (!value_at_most(space->last[dim], b->last[dim]))
			ends[found++] = b->last[dim];
	}
	if (found == 0)
		return false;
	qsort(ends, found, sizeof(*ends), value_compare);
	*value = ends[found / 2];
	return true;
}

struct cut {
	struct spd_value value;
	unsigned dim;
	unsigned left; /* boxes on either side */
	unsigned right;
};

static void
cut_count(const struct box *boxes, const uint32_t *refs, unsigned n,
	  struct cut *cut)
{
	cut->left = 0;
	cut->right = 0;
	for (unsigned i = 0; i < n; i++) {
		const struct box *b = &boxes[refs[i]];

		cut->left += value_at_most(b->first[cut->dim], cut->value);
		cut->right += !value_at_most(b->last[cut->dim], cut->value);
	}
}

/* Fewest boxes on the fuller side, then fewest on both; left 0: no cut. */
static struct cut
cut_choose(const struct box *boxes, const uint32_t *refs, unsigned n,
	   const struct box *space)
{
	struct cut best = {.left = 0};
	unsigned best_most = n;
	unsigned best_sum = 2 * n;

	for (unsigned dim = 0; dim < DIMS; dim++) {
		struct cut cut = {.dim = dim};
		unsigned most, sum;

		if (!cut_middle(boxes, refs, n, space, dim, &cut.value))
			continue;
		cut_count(boxes, refs, n, &cut);
		most = cut.left > cut.right ? cut.left : cut.right;
		sum = cut.left + cut.right;
		if (most < best_most ||
		    (most == best_most && most < n && sum < best_sum)) {
			best = cut;
			best_most = most;
			best_sum = sum;
		}
	}
	return best;
}

/* What of refs can match in the space, up to the first that takes it all. */
static unsigned
space_refs(const struct box *boxes, const uint32_t *refs, unsigned n,
	   const struct box *space, uint32_t *out)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!box_overlaps(&boxes[refs[i]], space))
			continue;
		out[kept++] = refs[i];
		if (box_covers(&boxes[refs[i]], space))
			break;
	}
	return kept;
}

/* At least as many references as boxes are left to spend: budget >= n. */
static uint32_t
space_build(struct build *b, const uint32_t *above, unsigned n_above,
	    const struct box *space, uint64_t budget, unsigned depth)
{
	uint32_t *refs = malloc((n_above + (size_t)1) * sizeof(*refs));
	struct box half = *space;
	struct cut cut = {.left = 0};
	uint64_t left_budget;
	uint32_t at, left, right;
	unsigned n;

	if (refs == NULL) {
		b->err = -ENOMEM;
		return 0;
	}
	n = space_refs(b->spd->boxes, above, n_above, space, refs);
	if (n > SPD_LEAF && depth < SPD_DEPTH)
		cut = cut_choose(b->spd->boxes, refs, n, space);
	if (cut.left == 0 || cut.left + cut.right > budget || b->err != 0) {
		at = leaf_new(b, refs, n);
		free(refs);
		return at;
	}
	at = node_new(b);
	left_budget = budget * cut.left / (cut.left + cut.right);
	half.last[cut.dim] = cut.value;
	left = space_build(b, refs, n, &half, left_budget, depth + 1);
	half.last[cut.dim] = space->last[cut.dim];
	half.first[cut.dim] = value_next(cut.value);
	right = space_build(b, refs, n, &half, budget - left_budget, depth + 1);
	if (b->err == 0)
		b->tree->nodes[at] = (struct node){.value = cut.value,
						   .left = left,
						   .right = right,
						   .dim = (uint8_t)cut.dim};
	free(refs);
	return at;
}

static int
tree_build(const struct spd *spd, unsigned family, struct tree *tree)
{
	struct build b = {.spd = spd, .tree = tree};
	uint32_t *refs = malloc((spd->n + (size_t)1) * sizeof(*refs));
	struct spd_selector any;
	struct box space;
	unsigned n = 0;

	if (refs == NULL)
		return -ENOMEM;
	spd_selector_any(&any);
	box_of(&any, &space);
	for (unsigned i = 0; i < spd->n; i++) {
		if (spd->rules[i].selector.family == 0 ||
		    spd->rules[i].selector.family == family)
			refs[n++] = i;
	}
	(void)space_build(&b, refs, n, &space,
			  (uint64_t)SPD_COPIES * n + SPD_LEAF, 0);
	free(refs);
	return b.err;
}

static int
rule_compare(const void *a, const void *b)
{
	const struct spd_rule *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static bool
rules_valid(const struct spd_rule *rules, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (!spd_selector_valid(&rules[i].selector) ||
		    rules[i].action < SPD_PROTECT ||
		    rules[i].action > SPD_DISCARD)
			return false;
	}
	return true;
}

int
spd_new(struct spd **out, const struct spd_rule *rules, unsigned n)
{
	struct spd *spd;
	int err = -ENOMEM;

	if (!rules_valid(rules, n))
		return -EINVAL;
	spd = calloc(1, sizeof(*spd));
	if (spd == NULL)
		return -ENOMEM;
	spd->n = n;
	spd->rules = calloc(n + (size_t)1, sizeof(*spd->rules));
	spd->boxes = calloc(n + (size_t)1, sizeof(*spd->boxes));
	if (spd->rules == NULL || spd->boxes == NULL)
		goto fail;
	if (n > 0)
		memcpy(spd->rules, rules, n * sizeof(*rules));
	qsort(spd->rules, n, sizeof(*spd->rules), rule_compare);
	for (unsigned i = 0; i < n; i++)
		box_of(&spd->rules[i].selector, &spd->boxes[i]);
	err = tree_build(spd, 4, &spd->tree[0]);
	if (err == 0)
		err = tree_build(spd, 6, &spd->tree[1]);
	if (err != 0)
		goto fail;
	*out = spd;
	return 0;
fail:
	spd_free(&spd);
	return err;
}

void
spd_free(struct spd **at)
{
	struct spd *spd = *at;

	if (spd == NULL)
		return;
	for (unsigned i = 0; i < 2; i++) {
		free(spd->tree[i].nodes);
		free(spd->tree[i].refs);
	}
	free(spd->boxes);
	free(spd->rules);
	free(spd);
	*at = NULL;
}

size_t
spd_octets(const struct spd *spd)
{
	size_t octets =
	    sizeof(*spd) + spd->n * (sizeof(*spd->rules) + sizeof(*spd->boxes));

	for (unsigned i = 0; i < 2; i++)
		octets += spd->tree[i].nodes_room * sizeof(struct node) +
			  spd->tree[i].refs_room * sizeof(uint32_t);
	return octets;
}

/* ---- Matching ---- */

struct point {
	struct spd_value at[DIMS];
};

static inline void
point_of(const struct ip_flow *flow, enum spd_direction dir, struct point *p)
{
	bool out = dir == SPD_OUT;
	bool ports = (flow->flags & IP_FLOW_PORTS) != 0;
	uint32_t src = ports ? flow->src_port : SPD_PORT_OPAQUE;
	uint32_t dst = ports ? flow->dst_port : SPD_PORT_OPAQUE;
	uint32_t type = (uint32_t)flow->type << 8 | flow->code;

	p->at[DIM_LOCAL] = spd_value_octets(out ? flow->src : flow->dst);
	p->at[DIM_REMOTE] = spd_value_octets(out ? flow->dst : flow->src);
	p->at[DIM_FIELDS + SPD_PROTOCOL] = value_number(
	    (flow->flags & IP_FLOW_OPAQUE) != 0 ? SPD_PROTOCOL_OPAQUE
						: flow->protocol);
	p->at[DIM_FIELDS + SPD_LOCAL_PORT] = value_number(out ? src : dst);
	p->at[DIM_FIELDS + SPD_REMOTE_PORT] = value_number(out ? dst : src);
	p->at[DIM_FIELDS + SPD_TYPE] = value_number(
	    (flow->flags & IP_FLOW_TYPE) != 0 ? type : SPD_TYPE_OPAQUE);
	p->at[DIM_FIELDS + SPD_DSCP] = value_number(flow->tos >> 2);
}

static inline bool
box_holds(const struct box *b, const struct point *p)
{
	for (unsigned i = 0; i < DIMS; i++) {
		if (!value_at_most(b->first[i], p->at[i]) ||
		    !value_at_most(p->at[i], b->last[i]))
			return false;
	}
	return true;
}

const struct spd_rule *
spd_match(const struct spd *spd, enum spd_direction dir,
	  const struct ip_flow *flow)
{
	const struct tree *tree = &spd->tree[flow->family == 6];
	const struct node *node = tree->nodes;
	const uint32_t *ref;
	struct point p;

	point_of(flow, dir, &p);
	while (node->dim != SPD_IS_LEAF)
		node =
		    tree->nodes + (value_at_most(p.at[node->dim], node->value)
				       ? node->left
				       : node->right);
	ref = tree->refs + node->left;
	for (uint32_t i = 0; i < node->right; i++) {
		if (box_holds(&spd->boxes[ref[i]], &p))
			return &spd->rules[ref[i]];
	}
	return NULL;
}
