/*
 * Octets as hexadecimal digits, two to an octet, high half first.
 */
#ifndef HEX_H
#define HEX_H

#include <stddef.h>

/* The value of a digit, of either case; -1 for any other character. */
int hex_digit(char c);

/* 2 * n lower-case digits, no NUL. */
void hex_put(const void *octets, size_t n, char *text);

/* n octets of 2 * n digits. -EINVAL where one is no digit. */
int hex_get(const char *text, size_t n, void *octets);

#endif
