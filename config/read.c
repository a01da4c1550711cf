/*
 * Reading of objects: values with their defaults, children by key, and whether
 * two objects are equal. Called by everyone who holds a tree; changes nothing.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tree_impl.h"

const struct cfg_obj *
cfg_root(const struct cfg_tree *tree)
{
	return tree->root;
}

enum cfg_kind
cfg_obj_kind(const struct cfg_obj *obj)
{
	return (enum cfg_kind)obj->kind;
}

unsigned
cfg_line(const struct cfg_obj *obj)
{
	return obj->line;
}

/* The first field that is part of the key: where the object's own line is. */
static unsigned
key_index(const struct cfg_obj *obj)
{
	const struct cfg_kind_def *def = cfg_kind_get((enum cfg_kind)obj->kind);
	unsigned i = 0;

	while (i + 1 < def->n_fields && !def->fields[i].key)
		i++;
	return i;
}

void
cfg_field_place(const struct cfg_obj *obj, enum cfg_field field, unsigned *line,
		unsigned *column)
{
	unsigned index = CFG_FIELD_INDEX(field);
	uint64_t place;

	*line = obj->line;
	*column = 0;
	if ((obj->mask >> index & 1) == 0)
		index = key_index(obj);
	if ((obj->mask >> index & 1) == 0 || obj->stride != 2)
		return;
	place = obj->slot[obj_slot(obj, index) + 1];
	*line = (unsigned)(place >> 32);
	*column = (unsigned)(place & UINT32_MAX);
}

bool
cfg_has_kinds(const struct cfg_obj *parent)
{
	return parent->kids != 0;
}

unsigned
cfg_count(const struct cfg_obj *parent, enum cfg_kind kind)
{
	const struct cfg_set *set = obj_kid(parent, kind);

	return set == NULL ? 0 : set->count;
}

const struct cfg_obj *
cfg_find(const struct cfg_obj *parent, enum cfg_kind kind, const char *name)
{
	uint64_t keys[CFG_KEYS_MAX] = {(uint64_t)(uintptr_t)name};

	return set_find(obj_kid(parent, kind), kind, keys);
}

const struct cfg_obj *
cfg_find_number(const struct cfg_obj *parent, enum cfg_kind kind, uint64_t key)
{
	uint64_t keys[CFG_KEYS_MAX] = {key};

	return set_find(obj_kid(parent, kind), kind, keys);
}

static const struct syntax_arg *
field_of(const struct cfg_obj *obj, enum cfg_field field)
{
	assert(CFG_FIELD_KIND(field) == (enum cfg_kind)obj->kind);
	(void)obj;
	return cfg_field_get(field);
}

bool
cfg_has(const struct cfg_obj *obj, enum cfg_field field)
{
	(void)field_of(obj, field);
	return (obj->mask >> CFG_FIELD_INDEX(field) & 1) != 0;
}

static uint64_t
number(const struct cfg_obj *obj, enum cfg_field field)
{
	uint64_t value = field_of(obj, field)->value;

	(void)cfg_value(obj, CFG_FIELD_INDEX(field), &value);
	return value;
}

bool
cfg_bool(const struct cfg_obj *obj, enum cfg_field field)
{
	assert(field_of(obj, field)->type == SYNTAX_ENUM);
	return number(obj, field) != 0;
}

uint32_t
cfg_u32(const struct cfg_obj *obj, enum cfg_field field)
{
	enum syntax_type type = field_of(obj, field)->type;

	assert(type == SYNTAX_U32 || type == SYNTAX_SPI ||
	       type == SYNTAX_ENUM || type == SYNTAX_CODE);
	(void)type;
	return (uint32_t)number(obj, field);
}

uint32_t
cfg_ipv4(const struct cfg_obj *obj, enum cfg_field field)
{
	assert(field_of(obj, field)->type == SYNTAX_IPV4);
	return (uint32_t)number(obj, field);
}

const char *
cfg_str(const struct cfg_obj *obj, enum cfg_field field)
{
	const struct syntax_arg *type = field_of(obj, field);
	uint64_t value;

	assert(value_is_text(type));
	if (!cfg_value(obj, CFG_FIELD_INDEX(field), &value))
		return type->has_default ? type->text : NULL;
	return value_str(value);
}

struct cfg_prefix
cfg_prefix(const struct cfg_obj *obj, enum cfg_field field)
{
	uint64_t value = number(obj, field);

	assert(field_of(obj, field)->type == SYNTAX_PREFIX ||
	       field_of(obj, field)->type == SYNTAX_IFADDR);
	return (struct cfg_prefix){(uint32_t)(value >> 8),
				   (unsigned)value & 0xff};
}

struct ip_addr
cfg_ip(const struct cfg_obj *obj, enum cfg_field field)
{
	enum syntax_type type = field_of(obj, field)->type;
	struct ip_addr addr = {0};

	assert(type == SYNTAX_IPV4 || type == SYNTAX_IPV6 || type == SYNTAX_IP);
	if (!cfg_has(obj, field))
		return addr;
	if (type == SYNTAX_IPV4)
		return ip_addr_v4(cfg_ipv4(obj, field));
	syntax_addr_read(cfg_str(obj, field), &addr, NULL);
	return addr;
}

struct cfg_net
cfg_net(const struct cfg_obj *obj, enum cfg_field field)
{
	struct cfg_net net = {.len = 0};
	struct cfg_prefix p;

	if (!cfg_has(obj, field))
		return net;
	if (syntax_type_is_addr_text(field_of(obj, field)->type)) {
		syntax_addr_read(cfg_str(obj, field), &net.addr, &net.len);
		return net;
	}
	p = cfg_prefix(obj, field);
	return (struct cfg_net){ip_addr_v4(p.addr), p.len};
}

void
cfg_mac(const struct cfg_obj *obj, enum cfg_field field, uint8_t mac[6])
{
	uint64_t value = number(obj, field);

	assert(field_of(obj, field)->type == SYNTAX_MAC);
	for (unsigned i = 0; i < 6; i++)
		mac[i] = (uint8_t)(value >> (40 - 8 * i));
}

struct cfg_slot_unit
cfg_slot_unit(const struct cfg_obj *obj, enum cfg_field field)
{
	uint64_t value = number(obj, field);

	assert(field_of(obj, field)->type == SYNTAX_SLOT_UNIT);
	return (struct cfg_slot_unit){(unsigned)(value >> 8),
				      (unsigned)value & 0xff};
}

const uint8_t *
cfg_key(const struct cfg_obj *obj, enum cfg_field field, size_t *octets)
{
	uint64_t value;

	assert(field_of(obj, field)->type == SYNTAX_SECRET);
	*octets = 0;
	if (!cfg_value(obj, CFG_FIELD_INDEX(field), &value))
		return NULL;
	return value_secret(value, octets);
}

bool
cfg_obj_same_own(const struct cfg_obj *a, const struct cfg_obj *b)
{
	const struct cfg_kind_def *def = cfg_kind_get((enum cfg_kind)a->kind);
	uint64_t x, y;

	if (a == b)
		return true;
	if (a->kind != b->kind || a->mask != b->mask)
		return false;
	for (unsigned i = 0; i < def->n_fields; i++) {
		if (cfg_value(a, i, &x) && cfg_value(b, i, &y) &&
		    !value_equal(&def->fields[i], x, y))
			return false;
	}
	return true;
}

static int
pair_same(void *arg, const struct cfg_obj *a, const struct cfg_obj *b)
{
	(void)arg;
	return a != NULL && b != NULL && cfg_obj_same(a, b) ? 0 : 1;
}

bool
cfg_obj_same(const struct cfg_obj *a, const struct cfg_obj *b)
{
	if (a == b)
		return true;
	if (!cfg_obj_same_own(a, b))
		return false;
	for (unsigned k = CFG_ROOT + 1; k < CFG_KINDS; k++) {
		enum cfg_kind kind = (enum cfg_kind)k;

		if (cfg_kind_get(kind)->parent == (enum cfg_kind)a->kind &&
		    cfg_pairs(a, b, kind, pair_same, NULL) != 0)
			return false;
	}
	return true;
}

static int
key_text(void *arg, unsigned index, enum syntax_coding coding, char *text,
	 size_t octets)
{
	const struct cfg_obj *obj = arg;
	const struct syntax_arg *type =
	    &cfg_kind_get((enum cfg_kind)obj->kind)->fields[index];
	uint64_t value;

	(void)coding;
	if ((!type->key && !type->fixed && type->type != SYNTAX_ENUM) ||
	    !cfg_value(obj, index, &value))
		return 0;
	if (text == NULL)
		return 1;
	return syntax_value_text(type, value,
				 value_is_text(type) ? value_str(value) : NULL,
				 text, octets);
}

void
cfg_obj_text(const struct cfg_obj *obj, char *text, size_t octets)
{
	const struct cfg_kind_def *def = cfg_kind_get((enum cfg_kind)obj->kind);
	const struct cfg_row *row;

	text[0] = '\0';
	for (unsigned i = 0; (row = cfg_row_get(i)) != NULL; i++) {
		if (row->makes != (enum cfg_kind)obj->kind ||
		    row->makes == CFG_ROOT)
			continue;
		(void)syntax_write(row->no != NULL && obj->kind != CFG_CARD
				       ? row->no
				       : row->pattern,
				   def->fields, def->n_fields, key_text,
				   (void *)(uintptr_t)obj, text, octets);
		return;
	}
}
