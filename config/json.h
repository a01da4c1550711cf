/*
 * A tree as one JSON object: kinds are arrays of objects, fields members named
 * as in the schema, defaults left out, secrets as {"fingerprint": "..."}.
 */
#ifndef JSON_H
#define JSON_H

#include "print.h"

int cfg_json(const struct cfg_tree *tree, cfg_out_fn *out, void *arg);

/* A JSON string with its quotes, for octets that are UTF-8. */
int cfg_json_string(const char *text, cfg_out_fn *out, void *arg);

#endif
