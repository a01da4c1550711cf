/*
 * Hexadecimal digits, for what keeps octets in text: key files, logs of granted
 * numbers, configurations. No locale, no allocation; keys may pass through.
 */
#include "hex.h"

#include <errno.h>
#include <stdint.h>

int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void
hex_put(const void *octets, size_t n, char *text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *from = octets;

	for (size_t i = 0; i < n; i++) {
		*text++ = digits[from[i] >> 4];
		*text++ = digits[from[i] & 15];
	}
}

int
hex_get(const char *text, size_t n, void *octets)
{
	uint8_t *to = octets;

	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(text[2 * i]);
		int low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

		if (low < 0)
			return -EINVAL;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
