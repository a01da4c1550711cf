/* What schema_rows.c and schema_ip.c share; nobody else. struct cfg_row.check.
 */
#ifndef SCHEMA_IMPL_H
#define SCHEMA_IMPL_H

#include "schema.h"

int schema_address6_check(const struct syntax_match *match, char *text,
			  size_t octets, size_t *column);
int schema_link_local_check(const struct syntax_match *match, char *text,
			    size_t octets, size_t *column);
int schema_route6_check(const struct syntax_match *match, char *text,
			size_t octets, size_t *column);
int schema_arp_check(const struct syntax_match *match, char *text,
		     size_t octets, size_t *column);
int schema_neighbor6_check(const struct syntax_match *match, char *text,
			   size_t octets, size_t *column);

#endif
