/*
 * The layouts of inventory and watching: hardware, processes, memory, contexts,
 * alarms. For show_text.c's table.
 */
#ifndef SHOW_MACHINE_H
#define SHOW_MACHINE_H

#include "out.h"

void text_hardware(struct out *o, const json_t *data);
void text_hardware_detail(struct out *o, const json_t *data);
void text_process(struct out *o, const json_t *data);
void text_memory(struct out *o, const json_t *data);
void text_context(struct out *o, const json_t *data);
void text_alarm(struct out *o, const json_t *data);

void text_transceiver(struct out *o, const json_t *data);
void text_debugging(struct out *o, const json_t *data);

#endif
