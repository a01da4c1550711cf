#include "hex_shim.h"

#include "hex.h"
#include "log.h"

int
hex_shim_digit(char c)
{
	return hex_digit(c);
}

void
hex_shim_put(const void *octets, size_t n, char *text)
{
	hex_put(octets, n, text);
}

int
hex_shim_get(const char *text, size_t n, void *octets)
{
	return hex_get(text, n, octets);
}

int
log_shim_level(const char *word)
{
	enum log_level level = LOG_LEVEL_ERROR;
	int err = log_level_parse(word, &level);

	return err != 0 ? err : (int)level;
}
