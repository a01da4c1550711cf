/*
 * From YAML to nodes and links; the keeper of libyaml. The document is walked
 * by the shape that a topology has, never by that of the file: what an alias or
 * a deep nest could repeat is visited at most VISITS_MAX times, a cycle ends at
 * the first level where something else was expected. Texts stay in the
 * document, which lives as long as the topology.
 *
 * libyaml composes a document without recursion and without copying what
 * aliases name, so an octet costs a bounded number of them.
 */
#include "topology.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#define VISITS_MAX 400000
#define KEYS_MAX 64 /* of a mapping, that of the nodes excepted */
#define QUOTED_MAX 48
#define NEST_MAX 64 /* of brackets, and of dashes in a line */
#define ANCHORS_MAX 1024

struct topology_doc {
	yaml_document_t yaml;
	bool loaded;
	char *path;
	char *folder;
};

struct reader {
	struct topology *t;
	yaml_document_t *yaml;
	struct topology_faults *faults;
	unsigned visits;
	bool full; /* too much was visited, and told */
	int error;
};

static const struct {
	const char *word;
	const char *port;
	const char *what;
} kinds[] = {
#define X(id, word, port, what) {word, port, what},
    TOPOLOGY_KINDS(X)
#undef X
};

const struct topology_row topology_row[TOPOLOGY_FIELDS] = {
#define X(owner, id, key, type, needed, what)                                  \
	{key, what, TOPOLOGY_##owner, TOPOLOGY_##type, needed},
    TOPOLOGY_FIELDS_OF(X)
#undef X
};

const char *
topology_kind_word(enum topology_kind kind)
{
	static const char *const others[] = {"flow", "link", "topology"};

	return kind < TOPOLOGY_NODE_KINDS ? kinds[kind].word
					  : others[kind - TOPOLOGY_NODE_KINDS];
}

/* ---- Places and words ---- */

static unsigned
line_of(const yaml_node_t *node)
{
	return (unsigned)node->start_mark.line + 1;
}

static unsigned
column_of(const yaml_node_t *node)
{
	return (unsigned)node->start_mark.column + 1;
}

/* A scalar for a message: short, and printable. */
static const char *
quoted(const yaml_node_t *node, char text[QUOTED_MAX])
{
	const unsigned char *from = node->data.scalar.value;
	size_t n = node->data.scalar.length;

	if (node->type != YAML_SCALAR_NODE)
		return node->type == YAML_MAPPING_NODE ? "a mapping" : "a list";
	for (size_t i = 0; i < QUOTED_MAX - 1 && i < n; i++)
		text[i] = from[i] >= 32 && from[i] < 127 ? (char)from[i] : '?';
	text[n < QUOTED_MAX - 1 ? n : QUOTED_MAX - 1] = '\0';
	if (n >= QUOTED_MAX)
		memcpy(text + QUOTED_MAX - 4, "...", 4);
	return n == 0 ? "nothing" : text;
}

#define FAULT(r, node, ...)                                                    \
	topology_fault((r)->faults, line_of(node), column_of(node), __VA_ARGS__)

/* The text of a scalar; NULL, and told. */
static const char *
text_of(struct reader *r, const yaml_node_t *node, const char *what)
{
	const char *text = (const char *)node->data.scalar.value;
	char q[QUOTED_MAX];

	if (node->type != YAML_SCALAR_NODE) {
		FAULT(r, node, "%s is %s; expected a single value", what,
		      quoted(node, q));
		return NULL;
	}
	if (strlen(text) != node->data.scalar.length) {
		FAULT(r, node, "%s holds a NUL; expected text", what);
		return NULL;
	}
	return text;
}

/* The node behind an index of the document, as long as there are visits. */
static yaml_node_t *
visit(struct reader *r, int index)
{
	yaml_node_t *node = yaml_document_get_node(r->yaml, index);

	if (r->full || node == NULL)
		return NULL;
	if (++r->visits <= VISITS_MAX)
		return node;
	r->full = true;
	FAULT(r, node,
	      "the file, its aliases written out, has more than %d"
	      " values; expected fewer",
	      VISITS_MAX);
	return NULL;
}

static bool
is(struct reader *r, const yaml_node_t *node, yaml_node_type_t type,
   const char *what, const char *right)
{
	char q[QUOTED_MAX];

	if (node->type == type)
		return true;
	FAULT(r, node, "%s is %s; expected %s", what, quoted(node, q), right);
	return false;
}

/* Whether an earlier pair has the same key; told. */
static bool
repeated(struct reader *r, const yaml_node_t *map, const yaml_node_pair_t *pair)
{
	const yaml_node_t *key = yaml_document_get_node(r->yaml, pair->key);
	char q[QUOTED_MAX];

	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < pair; p++) {
		const yaml_node_t *k = yaml_document_get_node(r->yaml, p->key);

		if (k->type != YAML_SCALAR_NODE ||
		    k->data.scalar.length != key->data.scalar.length ||
		    memcmp(k->data.scalar.value, key->data.scalar.value,
			   key->data.scalar.length) != 0)
			continue;
		FAULT(r, key, "%s stands in line %u already; expected it once",
		      quoted(key, q), line_of(k));
		return true;
	}
	return false;
}

/* ---- Properties ---- */

static void
right_keys(enum topology_kind owner, const char *more, char *text,
	   size_t octets)
{
	size_t n = (size_t)snprintf(text, octets, "%s", more);

	for (unsigned i = 0; i < TOPOLOGY_FIELDS && n < octets; i++) {
		if (topology_row[i].owner == owner)
			n += (size_t)snprintf(text + n, octets - n, "%s%s",
					      n > 0 ? ", " : "",
					      topology_row[i].key);
	}
}

static int
field_of(enum topology_kind owner, const char *key)
{
	for (int i = 0; i < TOPOLOGY_FIELDS; i++) {
		if (topology_row[i].owner == owner &&
		    strcmp(topology_row[i].key, key) == 0)
			return i;
	}
	return -1;
}

static void
read_value(struct reader *r, const yaml_node_t *node, int field,
	   struct topology_set *set)
{
	const struct topology_row *row = &topology_row[field];
	struct topology_value v = {.line = line_of(node),
				   .column = column_of(node)};
	const char *text = text_of(r, node, row->key);
	const char *right;
	char q[QUOTED_MAX];

	if (text == NULL)
		return;
	right = topology_value_read((enum topology_type)row->type, text, &v);
	if (right != NULL) {
		FAULT(r, node, "%s is %s; %s", row->key, quoted(node, q),
		      right);
		return;
	}
	v.text = text;
	set->at[field] = v;
}

/* Whether a word stands in a list such as "endpoints, forward". */
static bool
listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list != '\0') {
		size_t n = strcspn(list, ",");

		if (n == len && memcmp(list, word, len) == 0)
			return true;
		list += n;
		list += strspn(list, ", ");
	}
	return false;
}

static bool
few(struct reader *r, const yaml_node_t *map)
{
	long n = map->data.mapping.pairs.top - map->data.mapping.pairs.start;

	if (n <= KEYS_MAX)
		return true;
	FAULT(r, map, "a mapping of %ld keys; expected at most %d", n,
	      KEYS_MAX);
	return false;
}

/*
 * What a mapping says for an owner. others: keys that the caller reads itself.
 */
static void
read_set(struct reader *r, const yaml_node_t *map, enum topology_kind owner,
	 const char *others, struct topology_set *set)
{
	const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	char right[TOPOLOGY_TEXT_MAX / 2];
	char q[QUOTED_MAX];

	if (!few(r, map))
		return;
	for (; p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = visit(r, p->key);
		const yaml_node_t *value = visit(r, p->value);
		const char *text;
		int field;

		if (key == NULL || value == NULL)
			return;
		text = text_of(r, key, "a key");
		if (text == NULL || repeated(r, map, p))
			continue;
		field = field_of(owner, text);
		if (field >= 0) {
			read_value(r, value, field, set);
			continue;
		}
		if (listed(others, text))
			continue;
		right_keys(owner, others, right, sizeof(right));
		FAULT(r, key, "%s is no property of a %s; expected %s",
		      quoted(key, q), topology_kind_word(owner), right);
	}
}

/* Properties that have to be there. */
static void
check_needed(struct reader *r, const yaml_node_t *map, enum topology_kind owner,
	     const struct topology_set *set)
{
	for (unsigned i = 0; i < TOPOLOGY_FIELDS; i++) {
		const struct topology_row *row = &topology_row[i];

		/* One that is there and wrong has been told. */
		if (row->owner != owner || !row->needed ||
		    set->at[i].text != NULL)
			continue;
		for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
		     p < map->data.mapping.pairs.top; p++) {
			const yaml_node_t *k =
			    yaml_document_get_node(r->yaml, p->key);

			if (k->type == YAML_SCALAR_NODE &&
			    strcmp((const char *)k->data.scalar.value,
				   row->key) == 0)
				goto there;
		}
		FAULT(r, map, "a %s without %s; expected it (%s)",
		      topology_kind_word(owner), row->key, row->what);
	there:;
	}
}

/* The value of a key; NULL: it is not there. */
static yaml_node_t *
pair_of(struct reader *r, const yaml_node_t *map, const char *name)
{
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *k = visit(r, p->key);

		if (k != NULL && k->type == YAML_SCALAR_NODE &&
		    k->data.scalar.length == strlen(name) &&
		    memcmp(k->data.scalar.value, name, strlen(name)) == 0)
			return visit(r, p->value);
	}
	return NULL;
}

/* ---- Nodes ---- */

static void
read_flows(struct reader *r, const yaml_node_t *list, struct topology_node *n)
{
	const yaml_node_item_t *item = list->data.sequence.items.start;
	size_t count = (size_t)(list->data.sequence.items.top - item);

	if (!is(r, list, YAML_SEQUENCE_NODE, "flows", "a list of flows"))
		return;
	if (count > TOPOLOGY_FLOWS_MAX) {
		FAULT(r, list, "%zu flows; expected at most %d", count,
		      TOPOLOGY_FLOWS_MAX);
		return;
	}
	n->flow = calloc(count + 1, sizeof(*n->flow));
	if (n->flow == NULL) {
		r->error = -ENOMEM;
		return;
	}
	for (; item < list->data.sequence.items.top; item++) {
		const yaml_node_t *map = visit(r, *item);

		if (map == NULL)
			return;
		if (!is(r, map, YAML_MAPPING_NODE, "a flow",
			"a mapping with from and to"))
			continue;
		read_set(r, map, TOPOLOGY_FLOW, "", &n->flow[n->nflows]);
		check_needed(r, map, TOPOLOGY_FLOW, &n->flow[n->nflows]);
		n->nflows++;
	}
}

static int
kind_of(struct reader *r, const yaml_node_t *map, const char *name)
{
	const yaml_node_t *node = pair_of(r, map, "kind");
	const char *text;
	char q[QUOTED_MAX];
	char right[160] = "";
	size_t at = 0;

	for (int i = 0; i < TOPOLOGY_NODE_KINDS; i++)
		at += (size_t)snprintf(right + at, sizeof(right) - at, "%s%s",
				       i > 0 ? ", " : "", kinds[i].word);
	if (node == NULL) {
		FAULT(r, map, "node %s has no kind; expected one of %s", name,
		      right);
		return -1;
	}
	text = text_of(r, node, "kind");
	for (int i = 0; text != NULL && i < TOPOLOGY_NODE_KINDS; i++) {
		if (strcmp(text, kinds[i].word) == 0)
			return i;
	}
	if (text != NULL)
		FAULT(r, node, "%s is no kind of node; expected one of %s",
		      quoted(node, q), right);
	return -1;
}

static void
read_node(struct reader *r, const yaml_node_t *key, const yaml_node_t *map)
{
	struct topology_node *n = &r->t->node[r->t->nnodes];
	const char *name = text_of(r, key, "the name of a node");
	struct topology_value none = {0};
	const char *right;
	const yaml_node_t *flows;
	char q[QUOTED_MAX];
	int kind;

	if (name == NULL)
		return;
	right = topology_value_read(TOPOLOGY_NAME, name, &none);
	if (right != NULL)
		FAULT(r, key, "%s is no name of a node; %s", quoted(key, q),
		      right);
	if (!is(r, map, YAML_MAPPING_NODE, "a node",
		"a mapping with kind and its properties"))
		return;
	kind = kind_of(r, map, quoted(key, q));
	*n = (struct topology_node){.name = name,
				    .line = line_of(key),
				    .column = column_of(key),
				    .kind = TOPOLOGY_NODE_KINDS};
	r->t->nnodes++;
	if (kind < 0)
		return;
	n->kind = (enum topology_kind)kind;
	read_set(r, map, n->kind,
		 kind == TOPOLOGY_GENERATOR ? "kind, flows" : "kind", &n->set);
	check_needed(r, map, n->kind, &n->set);
	if (kind != TOPOLOGY_GENERATOR)
		return;
	flows = pair_of(r, map, "flows");
	if (flows == NULL)
		FAULT(r, key,
		      "generator %s without flows; expected a list of"
		      " them",
		      quoted(key, q));
	else
		read_flows(r, flows, n);
}

static void
read_nodes(struct reader *r, const yaml_node_t *map)
{
	const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	size_t count = (size_t)(map->data.mapping.pairs.top - p);

	if (!is(r, map, YAML_MAPPING_NODE, "nodes",
		"a mapping from names to nodes"))
		return;
	if (count == 0 || count > TOPOLOGY_NODES_MAX) {
		FAULT(r, map, "%zu nodes; expected 1 to %d", count,
		      TOPOLOGY_NODES_MAX);
		return;
	}
	r->t->node = calloc(count, sizeof(*r->t->node));
	if (r->t->node == NULL) {
		r->error = -ENOMEM;
		return;
	}
	for (; p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = visit(r, p->key);
		const yaml_node_t *value = visit(r, p->value);

		if (key == NULL || value == NULL)
			return;
		if (key->type != YAML_SCALAR_NODE || !repeated(r, map, p))
			read_node(r, key, value);
	}
}

/* ---- Links ---- */

/* The port behind the colon, as the kind of its node writes it. */
static int
read_port(const struct topology_node *node, const char *text,
	  struct topology_end *end)
{
	unsigned a = 0;
	unsigned b = 0;
	int used = 0;

	if (node->kind == TOPOLOGY_SMARTEDGE) {
		if (sscanf(text, "%3u/%3u%n", &a, &b, &used) != 2 ||
		    text[used] != '\0' || a < 1 || b < 1 || b > 255)
			return -EINVAL;
		end->slot = a;
		end->port = b;
		return 0;
	}
	if (node->kind == TOPOLOGY_HOST) {
		if (sscanf(text, "eth%3u%n", &a, &used) != 1 ||
		    text[used] != '\0' || a < 1)
			return -EINVAL;
		end->port = a;
		return 0;
	}
	return text[0] == '\0' ? 0 : -EINVAL;
}

/* The nodes there are, as many as fit. */
static void
node_names(const struct topology *t, char *text, size_t octets)
{
	size_t n = (size_t)snprintf(text, octets, "none");

	for (unsigned i = 0; i < t->nnodes && n < octets - 40; i++)
		n = (i == 0 ? 0 : n) +
		    (size_t)snprintf(text + (i == 0 ? 0 : n),
				     octets - (i == 0 ? 0 : n), "%s%.32s",
				     i == 0 ? "" : ", ", t->node[i].name);
	if (n >= octets - 40)
		(void)snprintf(text + n, octets - n, ", ...");
}

static bool
read_end(struct reader *r, const yaml_node_t *node, struct topology_end *end)
{
	const char *text = text_of(r, node, "an endpoint");
	char name[TOPOLOGY_NAME_MAX + 2];
	char all[160];
	char q[QUOTED_MAX];
	const char *colon;
	int at;

	if (text == NULL)
		return false;
	*end = (struct topology_end){
	    .text = text, .line = line_of(node), .column = column_of(node)};
	colon = strchr(text, ':');
	(void)snprintf(name, sizeof(name), "%.*s",
		       colon != NULL ? (int)(colon - text) : (int)strlen(text),
		       text);
	at = topology_find(r->t, name);
	if (at < 0) {
		node_names(r->t, all, sizeof(all));
		FAULT(r, node, "endpoint %s is of no node; the nodes are %s",
		      quoted(node, q), all);
		return false;
	}
	end->node = (unsigned)at;
	/* A node whose kind is wrong was told; nothing is known of its ports.
	 */
	if (r->t->node[at].kind == TOPOLOGY_NODE_KINDS)
		return false;
	if (read_port(&r->t->node[at], colon != NULL ? colon + 1 : "", end) ==
	    0)
		return true;
	FAULT(r, node, "endpoint %s of a %s; expected %s%s%s", quoted(node, q),
	      topology_kind_word(r->t->node[at].kind), name,
	      kinds[r->t->node[at].kind].port[0] != '\0' ? ":" : "",
	      kinds[r->t->node[at].kind].port);
	return false;
}

static bool
read_ends(struct reader *r, const yaml_node_t *map, struct topology_link *link)
{
	const yaml_node_t *list = pair_of(r, map, "endpoints");
	const yaml_node_item_t *item;
	bool good = true;

	if (list == NULL) {
		FAULT(r, map,
		      "a link without endpoints; expected two, such as"
		      " [\"pe1:2/1\", \"pe2:2/1\"]");
		return false;
	}
	if (!is(r, list, YAML_SEQUENCE_NODE, "endpoints", "a list of two"))
		return false;
	item = list->data.sequence.items.start;
	if (list->data.sequence.items.top - item != 2) {
		FAULT(r, list, "%td endpoints; expected two",
		      list->data.sequence.items.top - item);
		return false;
	}
	for (unsigned i = 0; i < 2; i++) {
		const yaml_node_t *node = visit(r, item[i]);

		if (node == NULL || !read_end(r, node, &link->end[i]))
			good = false;
	}
	return good;
}

/* What the link says of both directions, and of one: forward, backward. */
static void
read_directions(struct reader *r, const yaml_node_t *map,
		struct topology_link *link)
{
	static const char *const words[2] = {"forward", "backward"};
	struct topology_set *both = &link->set[0];

	read_set(r, map, TOPOLOGY_LINK, "endpoints, forward, backward", both);
	link->set[1] = *both;
	for (unsigned i = 0; i < 2; i++) {
		const yaml_node_t *one = pair_of(r, map, words[i]);

		if (one != NULL && is(r, one, YAML_MAPPING_NODE, words[i],
				      "a mapping with properties"))
			read_set(r, one, TOPOLOGY_LINK, "", &link->set[i]);
	}
}

static void
read_links(struct reader *r, const yaml_node_t *list)
{
	const yaml_node_item_t *item = list->data.sequence.items.start;
	size_t count = (size_t)(list->data.sequence.items.top - item);

	if (!is(r, list, YAML_SEQUENCE_NODE, "links", "a list of links"))
		return;
	if (count > TOPOLOGY_LINKS_MAX) {
		FAULT(r, list, "%zu links; expected at most %d", count,
		      TOPOLOGY_LINKS_MAX);
		return;
	}
	r->t->link = calloc(count + 1, sizeof(*r->t->link));
	if (r->t->link == NULL) {
		r->error = -ENOMEM;
		return;
	}
	for (; item < list->data.sequence.items.top; item++) {
		struct topology_link *link = &r->t->link[r->t->nlinks];
		const yaml_node_t *map = visit(r, *item);

		if (map == NULL)
			return;
		if (!is(r, map, YAML_MAPPING_NODE, "a link",
			"a mapping with endpoints"))
			continue;
		link->line = line_of(map);
		link->column = column_of(map);
		read_directions(r, map, link);
		if (read_ends(r, map, link))
			r->t->nlinks++;
		else
			*link = (struct topology_link){0};
	}
}

/* ---- The file ---- */

static void
read_body(struct reader *r, const yaml_node_t *map)
{
	const yaml_node_t *nodes;
	const yaml_node_t *links;
	char q[QUOTED_MAX];

	if (!is(r, map, YAML_MAPPING_NODE, "topology",
		"a mapping with nodes and links") ||
	    !few(r, map))
		return;
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = visit(r, p->key);
		const char *text;

		if (key == NULL)
			return;
		text = text_of(r, key, "a key");
		if (text == NULL || repeated(r, map, p) ||
		    strcmp(text, "nodes") == 0 || strcmp(text, "links") == 0)
			continue;
		FAULT(r, key,
		      "%s is no part of topology; expected nodes and"
		      " links",
		      quoted(key, q));
	}
	nodes = pair_of(r, map, "nodes");
	links = pair_of(r, map, "links");
	if (nodes == NULL)
		FAULT(r, map, "topology without nodes; expected them");
	else
		read_nodes(r, nodes);
	if (links != NULL && r->error == 0)
		read_links(r, links);
}

static void
read_root(struct reader *r)
{
	const yaml_node_t *root = yaml_document_get_root_node(r->yaml);
	struct topology_set set = {0};
	const yaml_node_t *body;

	if (root == NULL) {
		topology_fault(r->faults, 1, 1,
			       "the file is empty; expected name and topology");
		return;
	}
	if (!is(r, root, YAML_MAPPING_NODE, "the file",
		"a mapping with name and topology"))
		return;
	read_set(r, root, TOPOLOGY_LAB, "topology", &set);
	check_needed(r, root, TOPOLOGY_LAB, &set);
	r->t->name = set.at[TOPOLOGY_LAB_NAME].text;
	r->t->seed = set.at[TOPOLOGY_LAB_SEED].n;
	r->t->seeded = set.at[TOPOLOGY_LAB_SEED].text != NULL;
	body = pair_of(r, root, "topology");
	if (body == NULL)
		FAULT(r, root,
		      "no topology; expected it, with nodes and"
		      " links");
	else
		read_body(r, body);
}

/* What libyaml says of text that is no YAML. */
static void
tell_yaml(const yaml_parser_t *parser, struct topology_faults *faults)
{
	unsigned line = (unsigned)parser->problem_mark.line + 1;
	unsigned column = (unsigned)parser->problem_mark.column + 1;

	/* Octets that are no characters have no mark, only an offset. */
	if (parser->error == YAML_READER_ERROR)
		topology_fault(faults, 0, 0,
			       "octet %zu: %s; expected text in UTF-8",
			       parser->problem_offset, parser->problem);
	else
		topology_fault(faults, line, column, "%s%s%s; expected YAML",
			       parser->context != NULL ? parser->context : "",
			       parser->context != NULL ? ": " : "",
			       parser->problem != NULL ? parser->problem
						       : "no YAML");
}

/*
 * What libyaml takes a time for that grows with the square of the file: nests
 * of brackets, of entries in one line, and anchors. Looked for in the octets,
 * so that what a text in quotes holds counts too; no topology has so many.
 */
static bool
costly(const char *at, size_t n, struct topology_faults *faults)
{
	unsigned line = 1;
	unsigned nest = 0;
	unsigned entries = 0;
	unsigned anchors = 0;

	for (size_t i = 0; i < n; i++) {
		char c = at[i];
		char next = i + 1 < n ? at[i + 1] : '\n';

		line += c == '\n';
		if (c == '\n')
			entries = 0;
		nest += c == '[' || c == '{';
		nest -= (c == ']' || c == '}') && nest > 0;
		entries += (c == '-' || c == '?' || c == ':') &&
			   (next == ' ' || next == '\t');
		anchors += c == '&';
		if (nest <= NEST_MAX && entries <= NEST_MAX * 8 &&
		    anchors <= ANCHORS_MAX)
			continue;
		topology_fault(faults, line, 1, "%s; expected a topology",
			       nest > NEST_MAX ? "brackets nested too deep"
			       : anchors > ANCHORS_MAX
				   ? "too many anchors"
				   : "too many entries in a line");
		return true;
	}
	return false;
}

/* One document, and no second. */
static int
load_yaml(struct topology_doc *doc, const void *octets, size_t n,
	  struct topology_faults *faults)
{
	yaml_parser_t parser;
	yaml_document_t more;
	int err = 0;

	if (costly(octets, n, faults))
		return -EINVAL;
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, octets, n);
	if (!yaml_parser_load(&parser, &doc->yaml)) {
		if (parser.error == YAML_MEMORY_ERROR)
			err = -ENOMEM;
		else
			tell_yaml(&parser, faults);
		yaml_parser_delete(&parser);
		return err != 0 ? err : -EINVAL;
	}
	doc->loaded = true;
	if (yaml_document_get_root_node(&doc->yaml) != NULL) {
		if (!yaml_parser_load(&parser, &more)) {
			tell_yaml(&parser, faults);
			err = -EINVAL;
		} else {
			const yaml_node_t *root =
			    yaml_document_get_root_node(&more);

			if (root != NULL) {
				topology_fault(faults, line_of(root),
					       column_of(root),
					       "a second document; expected one"
					       " in a file");
				err = -EINVAL;
			}
			yaml_document_delete(&more);
		}
	}
	yaml_parser_delete(&parser);
	return err;
}

static struct topology *
topology_new(const char *path)
{
	struct topology *t = calloc(1, sizeof(*t));
	const char *slash = strrchr(path, '/');

	if (t == NULL)
		return NULL;
	t->doc = calloc(1, sizeof(*t->doc));
	if (t->doc != NULL) {
		t->path = t->doc->path = strdup(path);
		t->folder = t->doc->folder =
		    slash == NULL   ? strdup(".")
		    : slash == path ? strdup("/")
				    : strndup(path, (size_t)(slash - path));
	}
	if (t->path == NULL || t->folder == NULL)
		topology_free(&t);
	return t;
}

int
topology_read(struct topology **out, const char *path, const void *octets,
	      size_t n, struct topology_faults *faults)
{
	struct topology *t = topology_new(path);
	struct reader r = {.t = t, .faults = faults};
	int err;

	if (t == NULL)
		return -ENOMEM;
	err = load_yaml(t->doc, octets, n, faults);
	r.yaml = &t->doc->yaml;
	if (t->doc->loaded && err != -ENOMEM) {
		read_root(&r);
		if (r.error == 0)
			topology_check(t, faults);
		err = r.error;
	}
	topology_faults_sort(faults);
	if (err == 0 && faults->found > 0)
		err = -EINVAL;
	if (err == 0)
		*out = t;
	else
		topology_free(&t);
	return err;
}

/* The whole file, one octet more than may be in it at most. */
static int
read_file(const char *path, char **out, size_t *octets)
{
	size_t room = TOPOLOGY_OCTETS_MAX + 1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *at = malloc(room);
	size_t n = 0;
	ssize_t got = 1;

	if (fd < 0 || at == NULL) {
		int error = fd < 0 ? -errno : -ENOMEM;

		if (fd >= 0)
			(void)close(fd);
		free(at);
		return error;
	}
	while (n < room && got != 0) {
		got = read(fd, at + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		n += (size_t)got;
	}
	(void)close(fd);
	if (got < 0) {
		free(at);
		return -errno;
	}
	*out = at;
	*octets = n;
	return 0;
}

int
topology_load(struct topology **t, const char *path,
	      struct topology_faults *faults)
{
	char *text = NULL;
	size_t n = 0;
	int err = read_file(path, &text, &n);

	if (err != 0)
		return err;
	if (n > TOPOLOGY_OCTETS_MAX) {
		topology_fault(faults, 0, 0,
			       "more than %u octets; expected a topology",
			       TOPOLOGY_OCTETS_MAX);
		err = -EINVAL;
	} else {
		err = topology_read(t, path, text, n, faults);
	}
	free(text);
	return err;
}

void
topology_free(struct topology **at)
{
	struct topology *t = *at;

	if (t == NULL)
		return;
	for (unsigned i = 0; i < t->nnodes; i++)
		free(t->node[i].flow);
	free(t->node);
	free(t->link);
	if (t->doc != NULL) {
		if (t->doc->loaded)
			yaml_document_delete(&t->doc->yaml);
		free(t->doc->path);
		free(t->doc->folder);
		free(t->doc);
	}
	free(t);
	*at = NULL;
}

int
topology_find(const struct topology *t, const char *name)
{
	for (unsigned i = 0; i < t->nnodes; i++) {
		if (strcmp(t->node[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

int
topology_find_end(const struct topology *t, const char *text, unsigned *side)
{
	int node = topology_find(t, text);

	for (unsigned i = 0; i < t->nlinks; i++) {
		for (unsigned s = 0; s < 2; s++) {
			const struct topology_end *e = &t->link[i].end[s];

			if (strcmp(e->text, text) != 0 &&
			    (node < 0 || t->node[node].nlinks != 1 ||
			     e->node != (unsigned)node))
				continue;
			*side = s;
			return (int)i;
		}
	}
	return -1;
}

int
topology_path(const struct topology *t, const struct topology_value *value,
	      char *path, size_t octets)
{
	int n;

	if (value->text[0] == '/')
		n = snprintf(path, octets, "%s", value->text);
	else
		n = snprintf(path, octets, "%s/%s", t->folder, value->text);
	return n < 0 || (size_t)n >= octets ? -ENAMETOOLONG : 0;
}
