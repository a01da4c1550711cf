/*
 * Texts of properties as numbers: one function a type. What would be right is
 * said here, next to what is taken.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ip_addr.h"
#include "topology.h"

#define MTU_MIN 64
#define OCTETS_MAX 9216
#define NUMBER_DIGITS_MAX 18

struct unit {
	const char *word;
	double times;
};

/* A decimal number and its unit. -EINVAL; the first unit may be "". */
static int
read_units(const char *text, const struct unit *units, double *out)
{
	char *end;
	double n;

	if (!isdigit((unsigned char)text[0]) ||
	    strpbrk(text, "xXeEpPnN") == text + 1)
		return -EINVAL;
	n = strtod(text, &end);
	for (; units->word != NULL; units++) {
		if (strcmp(end, units->word) != 0)
			continue;
		*out = n * units->times;
		return *out <= 1e18 ? 0 : -EINVAL;
	}
	return -EINVAL;
}

static int
read_whole(const char *text, const char **end, uint64_t *n)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > NUMBER_DIGITS_MAX)
		return -EINVAL;
	*n = strtoull(text, NULL, 10);
	*end = text + digits;
	return 0;
}

/* "64" or "64-1500". */
static int
read_range(const char *text, uint64_t least, uint64_t most,
	   struct topology_value *v)
{
	const char *end;
	uint64_t a;
	uint64_t b;

	if (read_whole(text, &end, &a) != 0)
		return -EINVAL;
	b = a;
	if (*end == '-' && read_whole(end + 1, &end, &b) != 0)
		return -EINVAL;
	if (*end != '\0' || a < least || b > most || a > b)
		return -EINVAL;
	v->n = a;
	v->max = b;
	return 0;
}

static const char *
read_duration(const char *text, struct topology_value *v)
{
	static const struct unit units[] = {{"ns", 1},     {"us", 1e3},
					    {"ms", 1e6},   {"s", 1e9},
					    {"min", 60e9}, {NULL, 0}};
	double n;

	if (read_units(text, units, &n) != 0 || n > 3600e9)
		return "expected a duration up to 60min, such as 10ms";
	v->n = (uint64_t)(n + 0.5);
	return NULL;
}

static const char *
read_share(const char *text, struct topology_value *v)
{
	static const struct unit units[] = {{"%", 1e7}, {NULL, 0}};
	double n;

	if (read_units(text, units, &n) != 0 || n > 1e9)
		return "expected a share from 0% to 100%, such as 0.5%";
	v->n = (uint64_t)(n + 0.5);
	return NULL;
}

static const char *
read_bitrate(const char *text, struct topology_value *v)
{
	static const struct unit units[] = {
	    {"bit", 1},    {"bps", 1},    {"kbit", 1e3},
	    {"kbps", 1e3}, {"mbit", 1e6}, {"mbps", 1e6},
	    {"gbit", 1e9}, {"gbps", 1e9}, {NULL, 0}};
	double n;

	if (read_units(text, units, &n) != 0 || n < 1000 || n > 1e12)
		return "expected a rate from 1kbit to 1000gbit, such as"
		       " 10mbit";
	v->n = (uint64_t)(n + 0.5);
	return NULL;
}

/* "1000pps", "max", "capture", "x2". */
static const char *
read_pace(const char *text, struct topology_value *v)
{
	static const struct unit pps[] = {
	    {"pps", 1}, {"kpps", 1e3}, {"mpps", 1e6}, {NULL, 0}};
	static const struct unit times[] = {{"", 1000}, {NULL, 0}};
	double n;

	v->n = TOPOLOGY_PACE_PPS;
	v->max = 0;
	if (strcmp(text, "max") == 0)
		return NULL;
	if (read_units(text, pps, &n) == 0 && n >= 1 && n <= 1e9) {
		v->max = (uint64_t)n;
		return NULL;
	}
	v->n = TOPOLOGY_PACE_CAPTURE;
	v->max = 1000;
	if (strcmp(text, "capture") == 0)
		return NULL;
	if (text[0] == 'x' && read_units(text + 1, times, &n) == 0 && n >= 1 &&
	    n <= 1e9) {
		v->max = (uint64_t)n;
		return NULL;
	}
	return "expected packets a second such as 1000pps, or max, capture,"
	       " xN";
}

static const char *
read_net(const char *text, struct topology_value *v)
{
	static const char right[] =
	    "expected an address and its prefix length, such as 10.1.0.5/16";
	const char *slash = strchr(text, '/');
	char copy[64];
	struct ip_addr addr;
	const char *end;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(copy))
		return right;
	memcpy(copy, text, (size_t)(slash - text));
	copy[slash - text] = '\0';
	if (ip_addr_parse(copy, &addr) != 0 ||
	    read_whole(slash + 1, &end, &v->n) != 0 || *end != '\0' ||
	    v->n > (addr.family == 4 ? 32 : 128))
		return right;
	return NULL;
}

static const char *
read_mac(const char *text, struct topology_value *v)
{
	static const char right[] =
	    "expected six octets such as 02:00:00:00:00:05";

	v->n = 0;
	for (unsigned i = 0; i < 6; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *end = i < 5 ? ":" : "";

		for (unsigned d = 0; d < 2; d++, text++) {
			const char *at =
			    memchr(digits, tolower((unsigned char)*text), 16);

			if (at == NULL)
				return right;
			v->n = v->n << 4 | (uint64_t)(at - digits);
		}
		if (*text != *end)
			return right;
		text++;
	}
	if (v->n >> 40 & 1)
		return "is a multicast address; expected that of a station";
	return NULL;
}

static const char *
read_protocol(const char *text, struct topology_value *v)
{
	static const struct {
		const char *word;
		uint64_t n;
	} names[] = {{"icmp", 1}, {"tcp", 6}, {"udp", 17}, {"icmp6", 58}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i].word) == 0) {
			v->n = names[i].n;
			return NULL;
		}
	}
	return read_range(text, 0, 255, v) == 0 && v->n == v->max
		   ? NULL
		   : "expected udp, tcp, icmp, icmp6 or a number up to 255";
}

static const char *
read_name(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	if (len == 0 || text[len] != '\0' || len > TOPOLOGY_NAME_MAX ||
	    text[0] == '.' || text[0] == '-')
		return "expected 1 to 32 letters, digits, '.', '_' or '-', the"
		       " first a letter, digit or '_'";
	return NULL;
}

static const char *
read_chassis(const char *text, struct topology_value *v)
{
	static const char *const names[] = {"SE400", "SE600", "SE800",
					    "SE1200"};
	static const uint64_t slots[] = {4, 6, 14, 14};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			v->n = slots[i];
			return NULL;
		}
	}
	return "expected SE400, SE600, SE800 or SE1200";
}

static const char *
read_state(const char *text, struct topology_value *v)
{
	v->n = strcmp(text, "up") == 0;
	return v->n == 1 || strcmp(text, "down") == 0 ? NULL
						      : "expected up or down";
}

static const char *
read_address(const char *text)
{
	struct ip_addr addr;

	return ip_addr_parse(text, &addr) == 0
		   ? NULL
		   : "expected an address of IPv4 or IPv6";
}

static const char *
read_file(const char *text)
{
	return text[0] != '\0' ? NULL : "expected the path of a file";
}

static const char *
read_numbers(enum topology_type type, const char *text,
	     struct topology_value *v)
{
	switch (type) {
	case TOPOLOGY_OCTETS:
		return read_range(text, MTU_MIN, OCTETS_MAX, v) == 0 &&
			       v->n == v->max
			   ? NULL
			   : "expected a number of octets from 64 to 9216";
	case TOPOLOGY_SIZES:
		return read_range(text, 20, 9000, v) == 0
			   ? NULL
			   : "expected octets from 20 to 9000, or a range such"
			     " as 64-1400";
	case TOPOLOGY_PORTS:
		return read_range(text, 0, 65535, v) == 0
			   ? NULL
			   : "expected a port from 0 to 65535, or a range such"
			     " as 1024-2047";
	default:
		return read_range(text, 0, INT64_MAX, v) == 0 && v->n == v->max
			   ? NULL
			   : "expected a whole number";
	}
}

const char *
topology_value_read(enum topology_type type, const char *text,
		    struct topology_value *v)
{
	switch (type) {
	case TOPOLOGY_TEXT:
		return NULL;
	case TOPOLOGY_NAME:
		return read_name(text);
	case TOPOLOGY_FILE:
	case TOPOLOGY_NEW_FILE:
		return read_file(text);
	case TOPOLOGY_DURATION:
		return read_duration(text, v);
	case TOPOLOGY_SHARE:
		return read_share(text, v);
	case TOPOLOGY_BITRATE:
		return read_bitrate(text, v);
	case TOPOLOGY_PACE:
		return read_pace(text, v);
	case TOPOLOGY_ADDRESS:
		return read_address(text);
	case TOPOLOGY_NET:
		return read_net(text, v);
	case TOPOLOGY_MAC:
		return read_mac(text, v);
	case TOPOLOGY_STATE:
		return read_state(text, v);
	case TOPOLOGY_PROTOCOL:
		return read_protocol(text, v);
	case TOPOLOGY_CHASSIS:
		return read_chassis(text, v);
	default:
		return read_numbers(type, text, v);
	}
}
