/* Text to addresses, enumerators to words. */
#include "icmp_shim.h"

#include <assert.h>

#include "bucket.h"
#include "icmp.h"
#include "punt_kind.h"

static_assert((int)ICMP_SHIM_NO_ROUTE == (int)ICMP_ERROR_NO_ROUTE &&
		  (int)ICMP_SHIM_TOO_BIG == (int)ICMP_ERROR_TOO_BIG &&
		  (int)ICMP_SHIM_PARAMETER == (int)ICMP_ERROR_PARAMETER,
	      "numbered as in icmp.h");

const char *
icmp_shim_silence(int error, const uint8_t *ip, size_t octets)
{
	static const char *const words[] = {
	    [ICMP_MAY] = "may",
	    [ICMP_SILENT_SHORT] = "short",
	    [ICMP_SILENT_ERROR] = "error",
	    [ICMP_SILENT_FRAGMENT] = "fragment",
	    [ICMP_SILENT_DESTINATION] = "destination",
	    [ICMP_SILENT_SOURCE] = "source",
	    [ICMP_SILENT_DF] = "df",
	};

	return words[icmp_silence_of((enum icmp_error)error, ip, octets)];
}

size_t
icmp_shim_error(uint8_t *out, size_t room, int error, const char *src,
		const uint8_t *ip, size_t octets, uint32_t value)
{
	struct ip_addr addr = {0};

	(void)ip_addr_parse(src, &addr);
	return icmp_error_write(out, room, (enum icmp_error)error, &addr, ip,
				octets, value, 77);
}

size_t
icmp_shim_answer(uint8_t *ip, size_t octets, size_t *skip)
{
	*skip = 0;
	return icmp_echo_answer(ip, octets, 77, skip) ? octets - *skip : 0;
}

struct icmp_shim_seen
icmp_shim_read(const uint8_t *ip, size_t octets)
{
	struct icmp_seen seen;
	struct icmp_shim_seen out = {.rc = icmp_read(ip, octets, &seen)};

	if (out.rc != 0)
		return out;
	out.type = seen.type;
	out.code = seen.code;
	out.protocol = seen.protocol;
	out.request = seen.request;
	out.reply = seen.reply;
	out.error = seen.error;
	out.rest = seen.rest;
	out.mtu = icmp_mtu(&seen);
	out.upper_octets = seen.upper_octets;
	(void)ip_addr_text(&seen.quoted_src, out.quoted_src);
	(void)ip_addr_text(&seen.quoted_dst, out.quoted_dst);
	return out;
}

size_t
icmp_shim_probe(uint8_t *out, size_t room, const char *src, const char *dst,
		unsigned id, unsigned number, unsigned octets, int udp, int df,
		unsigned ttl)
{
	struct icmp_probe probe = {.id = (uint16_t)id,
				   .number = (uint16_t)number,
				   .octets = (uint16_t)octets,
				   .ttl = (uint8_t)ttl,
				   .df = df != 0,
				   .udp = udp != 0};

	(void)ip_addr_parse(src, &probe.src);
	(void)ip_addr_parse(dst, &probe.dst);
	return icmp_probe_write(out, room, &probe);
}

const char *
icmp_shim_punt(const uint8_t *ip, size_t octets)
{
	return punt_fact(punt_kind_of(ip, octets))->name;
}

unsigned
icmp_shim_bucket(unsigned at_zero, uint64_t now_ns, unsigned n,
		 uint32_t per_second, uint32_t burst)
{
	struct bucket b = {0};
	unsigned granted = 0;

	for (unsigned i = 0; i < at_zero; i++)
		(void)bucket_take(&b, 0, per_second, burst);
	for (unsigned i = 0; i < n; i++)
		granted += bucket_take(&b, now_ns, per_second, burst);
	return granted;
}
