#include "ip_addr_shim.h"

#include "ip_addr.h"

static char buffer[IP_ADDR_TEXT_MAX];

const char *
ip_addr_shim_canonical(const char *text)
{
	struct ip_addr addr;

	return ip_addr_parse(text, &addr) != 0 ? ""
					       : ip_addr_text(&addr, buffer);
}

const char *
ip_addr_shim_mask(const char *text, unsigned len)
{
	struct ip_addr addr;

	if (ip_addr_parse(text, &addr) != 0)
		return "";
	addr = ip_addr_mask(&addr, len);
	return ip_addr_text(&addr, buffer);
}

bool
ip_addr_shim_in_prefix(const char *addr, const char *prefix, unsigned len)
{
	struct ip_addr a, p;

	return ip_addr_parse(addr, &a) == 0 && ip_addr_parse(prefix, &p) == 0 &&
	       ip_addr_in_prefix(&a, &p, len);
}

unsigned
ip_addr_shim_v4(const char *text)
{
	struct ip_addr addr;

	return ip_addr_parse(text, &addr) != 0 ? 0 : ip_addr_to_v4(&addr);
}

const char *
ip_addr_shim_none(void)
{
	struct ip_addr none = {0};

	return ip_addr_text(&none, buffer);
}
