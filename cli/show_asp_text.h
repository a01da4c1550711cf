/*
 * Layouts of ASPs, their pools and groups; data: what the chassis answered.
 */
#ifndef SHOW_ASP_TEXT_H
#define SHOW_ASP_TEXT_H

#include "out.h"

void text_asp(struct out *o, const json_t *data);
void text_asp_detail(struct out *o, const json_t *data);
void text_asp_pool(struct out *o, const json_t *data);
void text_asp_group(struct out *o, const json_t *data);
void text_asp_group_detail(struct out *o, const json_t *data);

#endif
