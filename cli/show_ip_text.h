/*
 * Layouts of IPv6's tables and of neighbors, for show_text.c.
 */
#ifndef SHOW_IP_TEXT_H
#define SHOW_IP_TEXT_H

#include "out.h"

void text_neighbors(struct out *o, const json_t *data);
void text_neighbors6(struct out *o, const json_t *data);
void text_interface6(struct out *o, const json_t *data);
void text_route6(struct out *o, const json_t *data);

#endif
