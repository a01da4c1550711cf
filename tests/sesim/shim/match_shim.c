/*
 * Comparing captures, for C++.
 */
#include "match_shim.h"

#include <string.h>

#include "cap_link.h"
#include "cap_write.h"
#include "compare_match.h"

#define FRAME_MAX 2000

static uint32_t
make(const struct match_shim_packet *p, uint8_t frame[FRAME_MAX])
{
	uint8_t *ip = frame + 14;
	uint32_t total = 20U + p->payload;

	(void)memset(frame, 0, FRAME_MAX);
	frame[12] = 8;
	frame[13] = p->arp ? 6 : 0;
	ip[0] = 0x45;
	ip[2] = (uint8_t)(total >> 8);
	ip[3] = (uint8_t)total;
	ip[4] = (uint8_t)(p->id >> 8);
	ip[5] = (uint8_t)p->id;
	ip[8] = p->ttl;
	ip[9] = 17;
	/* Not compared; here for the difference it makes. */
	ip[10] = p->ttl;
	for (uint32_t i = 20; i < total; i++)
		ip[i] = (uint8_t)i;
	return 14 + total + p->padding;
}

int
match_shim_write(const char *path, const struct match_shim_packet *packets,
		 unsigned n)
{
	uint8_t frame[FRAME_MAX];
	struct cap_write *w;
	unsigned iface;
	int err = cap_write_open(&w, path, CAP_PCAP, NULL);

	if (err != 0)
		return err;
	err = cap_write_iface(w, CAP_LINK_ETHERNET, NULL, &iface);
	for (unsigned i = 0; i < n && err == 0; i++) {
		struct cap_out out = {.time_ns = i,
				      .data = frame,
				      .octets = make(&packets[i], frame)};

		err = cap_write_rec(w, &out);
	}
	return cap_write_close(&w) != 0 ? -1 : err;
}

int
match_shim_compare(const char *first, const char *second, unsigned ttl_less,
		   struct match_shim *match, char why[512])
{
	struct compare_match m;
	int err = compare_match(first, second, ttl_less, &m, why);

	if (err == 0)
		*match = (struct match_shim){.first = m.first,
					     .second = m.second,
					     .equal = m.equal,
					     .moved = m.moved,
					     .strange = m.strange,
					     .missing = m.missing,
					     .others = m.others};
	return err;
}
