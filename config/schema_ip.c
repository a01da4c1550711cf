/*
 * What addresses in one line must be by themselves: of a station, of a network
 * that a router may lead to, of a link where a link is meant (RFC 4291, RFC
 * 1122 section 3.2.1.3). Called for the rows of schema_rows.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema_impl.h"

/* What an address is that no router forwards to (RFC 4291 section 2.4). */
static const char *
ipv6_scope(const struct ip_addr *a)
{
	static const uint8_t loopback[16] = {[15] = 1};
	static const uint8_t none[16] = {0};

	if (memcmp(a->octets, none, 16) == 0)
		return "the unspecified address";
	if (memcmp(a->octets, loopback, 16) == 0)
		return "the loopback address";
	if (a->octets[0] == 0xff)
		return "a multicast address";
	if (a->octets[0] == 0xfe && (a->octets[1] & 0xc0) == 0x80)
		return "a link-local address";
	return NULL;
}

static const char *
value_scope(const struct syntax_value *v, enum syntax_type type)
{
	char form[SYNTAX_ADDR_OCTETS];
	struct ip_addr addr;

	if (syntax_addr_text(type, v->text, v->len, form) != 0)
		return NULL;
	syntax_addr_read(form, &addr, NULL);
	return ipv6_scope(&addr);
}

static bool
scope_is_link(const char *scope)
{
	return scope != NULL && strcmp(scope, "a link-local address") == 0;
}

int
schema_address6_check(const struct syntax_match *match, char *text,
		      size_t octets, size_t *column)
{
	const struct syntax_value *v =
	    &match->values[CFG_FIELD_INDEX(CFG_ADDRESS6_ADDRESS)];
	const char *scope = value_scope(v, SYNTAX_IFADDR6);

	if (scope == NULL)
		return 0;
	*column = v->column;
	(void)snprintf(text, octets,
		       scope_is_link(scope)
			   ? "%s; expected ipv6 address ADDRESS link-local, "
			     "without a length"
			   : "%s is no interface's; expected a unicast address "
			     "such as 2001:db8::1/64",
		       scope);
	return -EINVAL;
}

int
schema_link_local_check(const struct syntax_match *match, char *text,
			size_t octets, size_t *column)
{
	const struct syntax_value *v =
	    &match->values[CFG_FIELD_INDEX(CFG_INTERFACE_LINK_LOCAL)];
	char form[SYNTAX_ADDR_OCTETS];
	struct ip_addr addr = {0};
	bool zero = true;

	if (syntax_addr_text(SYNTAX_IPV6, v->text, v->len, form) == 0)
		syntax_addr_read(form, &addr, NULL);
	for (unsigned i = 2; i < 8; i++)
		zero = zero && addr.octets[i] == 0;
	if (addr.octets[0] == 0xfe && addr.octets[1] == 0x80 && zero)
		return 0;
	*column = v->column;
	(void)snprintf(text, octets,
		       "not in fe80::/64; expected an address such as fe80::1 "
		       "(RFC 4291 section 2.5.6)");
	return -EINVAL;
}

int
schema_route6_check(const struct syntax_match *match, char *text, size_t octets,
		    size_t *column)
{
	const struct syntax_value *v = match->values;
	const struct syntax_value *p = &v[CFG_FIELD_INDEX(CFG_ROUTE6_PREFIX)];
	const struct syntax_value *hop =
	    &v[CFG_FIELD_INDEX(CFG_ROUTE6_NEXTHOP)];
	const char *scope = value_scope(p, SYNTAX_PREFIX6);

	if (scope != NULL && (scope_is_link(scope) ||
			      strcmp(scope, "a multicast address") == 0)) {
		*column = p->column;
		(void)snprintf(text, octets,
			       "%s leads nowhere but on its link; expected a "
			       "prefix such as 2001:db8::/32",
			       scope);
		return -EINVAL;
	}
	scope = hop->set ? value_scope(hop, SYNTAX_IPV6) : NULL;
	if (scope == NULL || (scope_is_link(scope) &&
			      v[CFG_FIELD_INDEX(CFG_ROUTE6_INTERFACE)].set))
		return 0;
	*column = hop->column;
	(void)snprintf(text, octets,
		       scope_is_link(scope)
			   ? "%s is of one link; expected the interface before "
			     "it"
			   : "%s is no next hop; expected an address such as "
			     "2001:db8::1",
		       scope);
	return -EINVAL;
}

int
schema_arp_check(const struct syntax_match *match, char *text, size_t octets,
		 size_t *column)
{
	const struct syntax_value *v =
	    &match->values[CFG_FIELD_INDEX(CFG_ARP_ADDRESS)];

	if (v->n >> 24 != 0 && v->n >> 24 != 127 && v->n >> 24 < 224)
		return 0;
	*column = v->column;
	(void)snprintf(text, octets,
		       "not the address of a station; expected one such as "
		       "192.0.2.1");
	return -EINVAL;
}

int
schema_neighbor6_check(const struct syntax_match *match, char *text,
		       size_t octets, size_t *column)
{
	const struct syntax_value *v =
	    &match->values[CFG_FIELD_INDEX(CFG_NEIGHBOR6_ADDRESS)];
	const char *scope = value_scope(v, SYNTAX_IPV6);

	if (scope == NULL || scope_is_link(scope))
		return 0;
	*column = v->column;
	(void)snprintf(text, octets,
		       "%s is no neighbor's; expected one such as fe80::1 or "
		       "2001:db8::1",
		       scope);
	return -EINVAL;
}
