/*
 * The topics of `show`, one function each: JSON whose keys docs/man/cli.1
 * lists. The caller owns what they return; NULL without memory.
 */
#ifndef SHOW_H
#define SHOW_H

#include <jansson.h>

#include "chs.h"

json_t *show_ip_route(struct chs *chs, const json_t *args);
json_t *show_ip_interface(struct chs *chs, const json_t *args);
json_t *show_ipsec_tunnel(struct chs *chs, const json_t *args);
json_t *show_ipsec_sa(struct chs *chs, const json_t *args);

#endif
