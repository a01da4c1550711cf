/*
 * What a client of the command line may send: octets through the proxy, telnet
 * and local, with a shell at the other end that answers as libcli and our
 * handlers do. The first octet says which kind, and how the rest is cut.
 */
#include <stdint.h>
#include <stdlib.h>

#include "proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A shell that echoes, and answers each line with a prompt. */
static void
shell_turn(struct proxy *p)
{
	static const uint8_t answer[] = {
	    PROXY_LINE_END, PROXY_ANSWER, 'o',          'k', '\r',       '\n',
	    '\r',           '\n',         PROXY_PROMPT, '#', PROXY_READY};
	static const uint8_t more[] = {PROXY_LINE_END, PROXY_ANSWER, '-',
				       PROXY_KEY};
	size_t n;
	const uint8_t *typed = proxy_to_shell(p, &n);
	size_t ends = 0;
	uint8_t first = n > 0 ? typed[0] : 0;

	for (size_t i = 0; i < n; i++)
		ends += typed[i] == '\r';
	if (n > 0 && proxy_shell_room(p) >= n)
		proxy_shell_in(p, typed, n);
	proxy_shell_sent(p, n);
	for (; ends > 0 && proxy_shell_room(p) >= sizeof(answer); ends--) {
		if (first == 'm')
			proxy_shell_in(p, more, sizeof(more));
		else
			proxy_shell_in(p, answer, sizeof(answer));
	}
	(void)proxy_to_client(p, &n);
	proxy_client_sent(p, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t prompt[] = {'\r', '\n', PROXY_PROMPT, '#',
					 PROXY_READY};
	struct proxy *p;
	size_t step;
	size_t at = 1;

	if (size == 0)
		return 0;
	p = proxy_new((data[0] & 1) != 0 ? PROXY_TELNET : PROXY_LOCAL);
	if (p == NULL)
		return 0;
	step = (size_t)(data[0] >> 1) + 1;
	proxy_shell_in(p, prompt, sizeof(prompt));
	while (at < size) {
		size_t n = size - at < step ? size - at : step;
		size_t room = proxy_client_room(p);

		n = n < room ? n : room;
		proxy_client_in(p, data + at, n);
		at += n > 0 ? n : 1;
		shell_turn(p);
	}
	proxy_client_eof(p);
	shell_turn(p);
	(void)proxy_drained(p);
	proxy_free(&p);
	return 0;
}
