/*
 * An octet that chooses the error, then a packet that ends where memory ends:
 * read, answered, and an error written about it, which then reads as one.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "icmp.h"
#include "punt_kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_error(enum icmp_error error, const uint8_t *ip, size_t octets)
{
	static const char *const from[] = {"192.0.2.1", "2001:db8::1"};
	uint8_t out[ICMP_ERROR_OCTETS_MAX];
	struct icmp_seen seen;
	struct ip_addr src;
	size_t n;

	if (icmp_silence_of(error, ip, octets) != ICMP_MAY ||
	    ip_addr_parse(from[ip[0] >> 4 == 6], &src) != 0)
		return;
	n = icmp_error_write(out, sizeof(out), error, &src, ip, octets, 1400,
			     1);
	if (n == 0 || icmp_read(out, n, &seen) != 0 || !seen.error)
		abort();
	if (icmp_silence_of(error, out, n) == ICMP_MAY)
		abort(); /* never about an error */
}

static void
check_packet(enum icmp_error error, uint8_t *ip, size_t octets)
{
	struct icmp_seen seen;
	size_t skip = 0;

	(void)punt_kind_of(ip, octets);
	if (octets > 0)
		check_error(error, ip, octets);
	if (icmp_read(ip, octets, &seen) != 0)
		return;
	if (seen.upper_octets > octets || seen.data_octets > octets)
		abort();
	(void)icmp_mtu(&seen);
	if (!seen.request)
		return;
	if (!icmp_echo_answer(ip, octets, 1, &skip) || skip >= octets ||
	    icmp_read(ip + skip, octets - skip, &seen) != 0 || !seen.reply)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet;

	if (size < 2 || size > 65535)
		return 0;
	packet = malloc(size - 1);
	if (packet == NULL)
		return 0;
	memcpy(packet, data + 1, size - 1);
	check_packet((enum icmp_error)(1 + data[0] % (ICMP_ERROR_MAX - 1)),
		     packet, size - 1);
	free(packet);
	return 0;
}
