/*
 * The layouts of show commands: what the chassis answered, for people.
 */
#ifndef SHOW_TEXT_H
#define SHOW_TEXT_H

#include "out.h"

/* topic: what was asked for ("card", "ip-route", ...). */
void show_text(struct out *o, const char *topic, bool detail,
	       const json_t *data);

/* show_features.c: the topics of circuit features; false: another one. */
bool show_features(struct out *o, const char *topic, bool detail,
		   const json_t *data);

#endif
