/* The proxy for C++ tests: copies out what waits, so that it may be sent. */
#include "proxy_shim.h"

#include <stdlib.h>
#include <string.h>

#include "proxy.h"

struct proxy_shim {
	struct proxy *proxy;
	char octets[PROXY_BUF_MAX];
};

struct proxy_shim *
proxy_shim_new(int telnet)
{
	struct proxy_shim *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->proxy = proxy_new(telnet ? PROXY_TELNET : PROXY_LOCAL);
	return s;
}

void
proxy_shim_free(struct proxy_shim *s)
{
	proxy_free(&s->proxy);
	free(s);
}

size_t
proxy_shim_room(const struct proxy_shim *s)
{
	return proxy_client_room(s->proxy);
}

void
proxy_shim_client(struct proxy_shim *s, const char *octets, size_t n)
{
	proxy_client_in(s->proxy, (const uint8_t *)octets, n);
}

void
proxy_shim_shell(struct proxy_shim *s, const char *octets, size_t n)
{
	proxy_shell_in(s->proxy, (const uint8_t *)octets, n);
}

void
proxy_shim_eof(struct proxy_shim *s)
{
	proxy_client_eof(s->proxy);
}

int
proxy_shim_drained(const struct proxy_shim *s)
{
	return proxy_drained(s->proxy);
}

const char *
proxy_shim_to_client(struct proxy_shim *s, size_t *n)
{
	const uint8_t *octets = proxy_to_client(s->proxy, n);

	memcpy(s->octets, octets, *n);
	proxy_client_sent(s->proxy, *n);
	return s->octets;
}

const char *
proxy_shim_to_shell(struct proxy_shim *s, size_t *n)
{
	const uint8_t *octets = proxy_to_shell(s->proxy, n);

	memcpy(s->octets, octets, *n);
	proxy_shell_sent(s->proxy, *n);
	return s->octets;
}

void
proxy_shim_window(const struct proxy_shim *s, unsigned *rows, unsigned *columns)
{
	proxy_window(s->proxy, rows, columns);
}

unsigned
proxy_shim_line_max(void)
{
	return PROXY_LINE_MAX;
}
