/*
 * What the keeper of a lab is told to do: one handler an operation
 * (docs/man/sesim.1, "LABS", says what the commands make of them).
 */
#ifndef LAB_ORDERS_H
#define LAB_ORDERS_H

#include "lab_keep.h"

/* The keeper's socket in the run directory of the lab. */
#define LAB_DOOR "lab.sock"

/*
 * Carries out a request (NULL: it was no JSON): {"ok": true, ...} or {"ok":
 * false, "error": ...}, the caller's. Where *waits is set, the answer is to be
 * given when that node has settled.
 */
json_t *lab_order(struct lab *lab, const json_t *request,
		  const struct lab_node **waits);

#endif
