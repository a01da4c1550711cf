/*
 * Selectors as text. Addresses are kept as they were written, for they are of
 * either family and may be ranges that are no prefixes (RFC 4301 section
 * 4.4.1.1); what can not be read is refused when it is typed.
 */
#include "selector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (2 * IP_ADDR_TEXT_MAX + 8)

static const char net_right[] =
    "any, an address, a prefix such as 10.1.0.0/16 or 2001:db8:1::/48 without "
    "host bits, or a range such as 10.1.0.9-10.1.0.20";

/* Digits alone: strtoul() would take signs and blanks. */
static int
number(const char *text, uint32_t max, uint32_t *n)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long value;

	if (digits == 0 || digits > 9 || text[digits] != '\0')
		return -EINVAL;
	value = strtoul(text, NULL, 10);
	if (value > max)
		return -EINVAL;
	*n = (uint32_t)value;
	return 0;
}

static int
prefix(char *text, char *slash, struct ip_addr *first, struct ip_addr *last)
{
	struct ip_addr masked;
	uint32_t len;

	*slash = '\0';
	if (ip_addr_parse(text, first) != 0 ||
	    number(slash + 1, ip_addr_bits(first), &len) != 0)
		return -EINVAL;
	masked = ip_addr_mask(first, len);
	if (!ip_addr_equal(&masked, first))
		return -EINVAL;
	*last = spd_prefix_last(first, len);
	return 0;
}

int
cfg_selector_net(const char *text, size_t len, struct ip_addr *first,
		 struct ip_addr *last, bool *any)
{
	char copy[TEXT_MAX];
	char *at;

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	*any = strcmp(copy, "any") == 0;
	if (*any)
		return 0;
	at = strchr(copy, '/');
	if (at != NULL)
		return prefix(copy, at, first, last);
	at = strchr(copy, '-');
	if (at == NULL) {
		if (ip_addr_parse(copy, first) != 0)
			return -EINVAL;
		*last = *first;
		return 0;
	}
	*at = '\0';
	if (ip_addr_parse(copy, first) != 0 ||
	    ip_addr_parse(at + 1, last) != 0 || first->family != last->family ||
	    memcmp(first->octets, last->octets, sizeof(first->octets)) > 0)
		return -EINVAL;
	return 0;
}

int
cfg_selector_range(const char *text, size_t len, uint32_t max, bool opaque,
		   struct spd_range *range)
{
	char copy[TEXT_MAX];
	char *at;

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (opaque && strcmp(copy, "opaque") == 0) {
		*range = (struct spd_range){max + 1, max + 1};
		return 0;
	}
	at = strchr(copy, '-');
	if (at != NULL)
		*at = '\0';
	if (number(copy, max, &range->first) != 0 ||
	    number(at == NULL ? copy : at + 1, max, &range->last) != 0)
		return -EINVAL;
	return range->first <= range->last ? 0 : -EINVAL;
}

/* ---- From the tree ---- */

static void
selector_end(const struct cfg_obj *row, enum cfg_field field,
	     int (*put)(struct spd_selector *s, const struct ip_addr *first,
			const struct ip_addr *last),
	     struct spd_selector *s)
{
	const char *text = cfg_str(row, field);
	struct ip_addr first, last;
	bool any = true;

	if (text != NULL &&
	    cfg_selector_net(text, strlen(text), &first, &last, &any) == 0 &&
	    !any)
		(void)put(s, &first, &last);
}

static void
selector_text(const struct cfg_obj *row, enum cfg_field field, uint32_t max,
	      struct spd_range *range)
{
	const char *text = cfg_str(row, field);

	if (text != NULL)
		(void)cfg_selector_range(text, strlen(text), max, true, range);
}

void
cfg_selector(const struct cfg_obj *row, struct spd_selector *s)
{
	uint32_t protocol = cfg_u32(row, CFG_IPSEC_ACL_ROW_PROTOCOL);
	struct spd_range code = {0, 255};
	uint32_t type;

	spd_selector_any(s);
	selector_end(row, CFG_IPSEC_ACL_ROW_SOURCE, spd_selector_local, s);
	selector_end(row, CFG_IPSEC_ACL_ROW_DESTINATION, spd_selector_remote,
		     s);
	if (cfg_has(row, CFG_IPSEC_ACL_ROW_NUMBER))
		protocol = cfg_u32(row, CFG_IPSEC_ACL_ROW_NUMBER);
	if (protocol != CFG_SELECTOR_ANY)
		s->range[SPD_PROTOCOL] = (struct spd_range){protocol, protocol};
	selector_text(row, CFG_IPSEC_ACL_ROW_SOURCE_PORT, 65535,
		      &s->range[SPD_LOCAL_PORT]);
	selector_text(row, CFG_IPSEC_ACL_ROW_DESTINATION_PORT, 65535,
		      &s->range[SPD_REMOTE_PORT]);
	if (cfg_has(row, CFG_IPSEC_ACL_ROW_TYPE)) {
		type = cfg_u32(row, CFG_IPSEC_ACL_ROW_TYPE) << 8;
		selector_text(row, CFG_IPSEC_ACL_ROW_CODE, 255, &code);
		s->range[SPD_TYPE] =
		    (struct spd_range){type | code.first, type | code.last};
	}
	if (cfg_has(row, CFG_IPSEC_ACL_ROW_DSCP)) {
		uint32_t dscp = cfg_u32(row, CFG_IPSEC_ACL_ROW_DSCP);

		s->range[SPD_DSCP] = (struct spd_range){dscp, dscp};
	}
}

/* A part of the row's text: "port 53", where the field is set. */
static void
text_add(const struct cfg_obj *row, const char *before, enum cfg_field field,
	 char *text, size_t octets)
{
	const struct syntax_arg *type = cfg_field_get(field);
	size_t n = strlen(text);
	char value[128] = "";

	if (!cfg_has(row, field) || n >= octets)
		return;
	if (type->type == SYNTAX_NAME)
		(void)snprintf(value, sizeof(value), "%s", cfg_str(row, field));
	else
		(void)syntax_value_text(type, cfg_u32(row, field), NULL, value,
					sizeof(value));
	(void)snprintf(text + n, octets - n, "%s%s%s", n > 0 ? " " : "", before,
		       value);
}

struct part {
	const char *before;
	enum cfg_field field;
};

static void
text_parts(const struct cfg_obj *row, const struct part *parts, unsigned n,
	   char *text, size_t octets)
{
	for (unsigned i = 0; i < n; i++)
		text_add(row, parts[i].before, parts[i].field, text, octets);
}

static void
text_row(const struct cfg_obj *row, const struct part ends[4], char *text,
	 size_t octets)
{
	static const struct part protocol[] = {
	    {"", CFG_IPSEC_ACL_ROW_PROTOCOL},
	    {"", CFG_IPSEC_ACL_ROW_NUMBER},
	};
	static const struct part rest[] = {
	    {"icmp-type ", CFG_IPSEC_ACL_ROW_TYPE},
	    {"icmp-code ", CFG_IPSEC_ACL_ROW_CODE},
	    {"dscp ", CFG_IPSEC_ACL_ROW_DSCP},
	};

	text[0] = '\0';
	text_parts(row, protocol, 2, text, octets);
	text_parts(row, ends, 4, text, octets);
	text_parts(row, rest, 3, text, octets);
}

void
cfg_selector_text(const struct cfg_obj *row, char *text, size_t octets)
{
	static const struct part ends[4] = {
	    {"", CFG_IPSEC_ACL_ROW_SOURCE},
	    {"port ", CFG_IPSEC_ACL_ROW_SOURCE_PORT},
	    {"", CFG_IPSEC_ACL_ROW_DESTINATION},
	    {"port ", CFG_IPSEC_ACL_ROW_DESTINATION_PORT},
	};

	text_row(row, ends, text, octets);
}

void
cfg_selector_turned(const struct cfg_obj *row, char *text, size_t octets)
{
	static const struct part ends[4] = {
	    {"", CFG_IPSEC_ACL_ROW_DESTINATION},
	    {"port ", CFG_IPSEC_ACL_ROW_DESTINATION_PORT},
	    {"", CFG_IPSEC_ACL_ROW_SOURCE},
	    {"port ", CFG_IPSEC_ACL_ROW_SOURCE_PORT},
	};

	text_row(row, ends, text, octets);
}

/* ---- From the line ---- */

struct line {
	const struct syntax_value *values;
	char *text;
	size_t octets;
	size_t *column;
};

static const struct syntax_value *
line_value(const struct line *l, enum cfg_field field)
{
	return &l->values[CFG_FIELD_INDEX(field)];
}

static int
line_wrong(const struct line *l, enum cfg_field field, const char *wrong,
	   const char *right)
{
	*l->column = line_value(l, field)->column;
	(void)snprintf(l->text, l->octets, "%s; expected %s", wrong, right);
	return -EINVAL;
}

static int
line_net(const struct line *l, enum cfg_field field, uint8_t *family)
{
	const struct syntax_value *v = line_value(l, field);
	struct ip_addr first, last;
	bool any;

	*family = 0;
	if (cfg_selector_net(v->text, v->len, &first, &last, &any) != 0)
		return line_wrong(l, field, "no selector of addresses",
				  net_right);
	*family = any ? 0 : first.family;
	return 0;
}

static int
line_nets(const struct line *l)
{
	uint8_t source, destination;
	int err = line_net(l, CFG_IPSEC_ACL_ROW_SOURCE, &source);

	if (err == 0)
		err = line_net(l, CFG_IPSEC_ACL_ROW_DESTINATION, &destination);
	if (err != 0)
		return err;
	if (source != 0 && destination != 0 && source != destination)
		return line_wrong(l, CFG_IPSEC_ACL_ROW_DESTINATION,
				  "source and destination are of two families",
				  "both IPv4 or both IPv6");
	return 0;
}

static int
line_port(const struct line *l, enum cfg_field field, uint32_t protocol)
{
	const struct syntax_value *v = line_value(l, field);
	struct spd_range range;

	if (!v->set)
		return 0;
	if (protocol > 255 || !ip_flow_has_ports((uint8_t)protocol))
		return line_wrong(l, field, "ports of a protocol without ports",
				  "tcp, udp, sctp, dccp or udplite before "
				  "them");
	if (cfg_selector_range(v->text, v->len, 65535, true, &range) != 0)
		return line_wrong(l, field, "no range of ports",
				  "a port, FIRST-LAST, or opaque");
	return 0;
}

static int
line_type(const struct line *l, uint32_t protocol)
{
	const struct syntax_value *type = line_value(l, CFG_IPSEC_ACL_ROW_TYPE);
	const struct syntax_value *code = line_value(l, CFG_IPSEC_ACL_ROW_CODE);
	struct spd_range range;

	if (!type->set)
		return 0;
	if (protocol > 255 || !ip_flow_has_type((uint8_t)protocol))
		return line_wrong(l, CFG_IPSEC_ACL_ROW_TYPE,
				  "a message type of a protocol without one",
				  "icmp or icmpv6 before it");
	if (code->set &&
	    cfg_selector_range(code->text, code->len, 255, false, &range) != 0)
		return line_wrong(l, CFG_IPSEC_ACL_ROW_CODE,
				  "no range of codes",
				  "a code from 0 to 255, or FIRST-LAST");
	return 0;
}

int
cfg_selector_check(const struct syntax_match *match, char *text, size_t octets,
		   size_t *column)
{
	const struct line l = {match->values, text, octets, column};
	const struct syntax_value *number =
	    line_value(&l, CFG_IPSEC_ACL_ROW_NUMBER);
	const struct syntax_value *word =
	    line_value(&l, CFG_IPSEC_ACL_ROW_PROTOCOL);
	uint32_t protocol = (uint32_t)(number->set ? number->n : word->n);
	int err;

	if (!line_value(&l, CFG_IPSEC_ACL_ROW_SOURCE)->set)
		return 0; /* `no seq N` */
	err = line_nets(&l);
	if (err == 0)
		err = line_port(&l, CFG_IPSEC_ACL_ROW_SOURCE_PORT, protocol);
	if (err == 0)
		err =
		    line_port(&l, CFG_IPSEC_ACL_ROW_DESTINATION_PORT, protocol);
	return err != 0 ? err : line_type(&l, protocol);
}
