/*
 * The commands' side of what a lab is told and asked: its keeper by the door
 * in its run directory (lab_orders.h), its routers by their control channels.
 */
#ifndef LAB_HAND_H
#define LAB_HAND_H

#include <jansson.h>

#include "lab_file.h"

/*
 * An order to the keeper; takes the request's reference. 0, and *answer is the
 * caller's; -ENOENT or -ECONNREFUSED: the lab is not up; or an errno.
 */
int lab_hand_ask(const char *run_dir, json_t *request, json_t **answer);

/*
 * The same with words for the user: *answer (which may be asked for with NULL)
 * is set where 0 is returned; 2: refused, or the lab is not up; 3.
 */
int lab_hand_order(const struct lab_file *file, const char *command,
		   json_t *request, json_t **answer);

/* A topic of a router's `show`, as JSON; NULL: it does not answer. */
json_t *lab_hand_show(const char *node_dir, const char *topic);
/* {"text": what it runs}. */
json_t *lab_hand_configuration(const char *node_dir);
/* Its `sesim status`. */
json_t *lab_hand_status(const char *node_dir);

#endif
