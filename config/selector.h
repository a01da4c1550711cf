/*
 * How selectors are written in a line, and what they mean: read here and
 * nowhere else, by the rows that check them, by the chassis that makes table
 * rows of them, and by whoever compares policies.
 */
#ifndef SELECTOR_H
#define SELECTOR_H

#include "spd.h"
#include "tree.h"

/* Values of the field CFG_IPSEC_ACL_ROW_PROTOCOL beyond the numbers of IANA. */
#define CFG_SELECTOR_OPAQUE 256 /* SPD_PROTOCOL_OPAQUE */
#define CFG_SELECTOR_ANY 257

/*
 * "any", an address, a prefix, or FIRST-LAST; of either family. -EINVAL.
 * *any: then first and last are not set. A prefix has no host bits.
 */
int cfg_selector_net(const char *text, size_t len, struct ip_addr *first,
		     struct ip_addr *last, bool *any);

/* "N" or "N-M", at most max; with opaque also that word, which is max + 1. */
int cfg_selector_range(const char *text, size_t len, uint32_t max, bool opaque,
		       struct spd_range *range);

/* Of a row of an ipsec access-list, which the editor has checked. */
void cfg_selector(const struct cfg_obj *row, struct spd_selector *s);

/*
 * The row as it would be typed behind "permit": "udp 10.1.0.0/24 any port 53".
 * Cut off where it does not fit.
 */
void cfg_selector_text(const struct cfg_obj *row, char *text, size_t octets);
/* The same with both ends in each other's place: that of the far end. */
void cfg_selector_turned(const struct cfg_obj *row, char *text, size_t octets);

/* What a line "seq N permit ..." must fulfil by itself: struct cfg_row.check */
int cfg_selector_check(const struct syntax_match *match, char *text,
		       size_t octets, size_t *column);

#endif
