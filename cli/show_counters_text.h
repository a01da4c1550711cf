/*
 * Layouts of counters of ports, tunnels and ASPs, and of tunnels in detail.
 */
#ifndef SHOW_COUNTERS_TEXT_H
#define SHOW_COUNTERS_TEXT_H

#include "out.h"

void text_port_counters(struct out *o, const json_t *data);
void text_ipsec_statistics(struct out *o, const json_t *data);
void text_tunnel_brief(struct out *o, const json_t *data);
void text_tunnel_detail(struct out *o, const json_t *data);
void text_tunnel_counters(struct out *o, const json_t *data);

#endif
