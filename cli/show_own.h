/*
 * The layouts of what comes for the router itself and what it says. For
 * show_text.c's table.
 */
#ifndef SHOW_OWN_H
#define SHOW_OWN_H

#include "out.h"

void text_punt(struct out *o, const json_t *data);
void text_icmp(struct out *o, const json_t *data);

#endif
