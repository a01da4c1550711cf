/*
 * `sesim compare`: the two forwarding modes side by side.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include <jansson.h>

int compare_main(int argc, char **argv);

/* What compare_main() found, as a table for people, on standard output. */
void compare_print(const json_t *found);

#endif
