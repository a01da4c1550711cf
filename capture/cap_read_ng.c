/*
 * pcapng: sections, interfaces, packet blocks. Blocks that hold neither are
 * passed over without being held in memory. Each length is compared with what
 * encloses it before it is used. draft-ietf-opsawg-pcapng.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cap_link.h"
#include "cap_read_impl.h"
#include "clock.h"

#define IFACES_MAX 65536
#define TSRESOL_DEFAULT 6 /* microseconds, section 4.2 */
#define TSRESOL_BINARY 0x80

struct ng_block {
	uint32_t type;
	const uint8_t *body;
	uint32_t octets; /* of the body */
};

static uint32_t
get32(const struct cap_read *r, const uint8_t *p)
{
	struct cap_u32 v = {{p[0], p[1], p[2], p[3]}};

	return cap_u32_get(v, r->big);
}

static bool
block_kept(uint32_t type)
{
	return type == CAP_FORM_EPB || type == CAP_FORM_SPB ||
	       type == CAP_FORM_PB || type == CAP_FORM_IDB ||
	       type == CAP_FORM_SHB;
}

/* A section header says itself in which order it is written. */
static int
section_order(struct cap_read *r)
{
	const uint8_t *order;
	struct cap_u32 v;
	int got = cap_read_need(r, sizeof(struct cap_form_block) + sizeof(v));

	if (got <= 0)
		return cap_read_short(r, got, true);
	order = cap_read_at(r, sizeof(struct cap_form_block));
	memcpy(&v, order, sizeof(v));
	if (cap_u32_get(v, false) == CAP_FORM_ORDER)
		r->big = false;
	else if (cap_u32_get(v, true) == CAP_FORM_ORDER)
		r->big = true;
	else
		return cap_read_damaged(
		    r,
		    "no byte-order magic in the section header, but"
		    " %02x %02x %02x %02x",
		    order[0], order[1], order[2], order[3]);
	return 1;
}

static int
check_end(struct cap_read *r, const uint8_t *end, uint32_t octets)
{
	uint32_t again = get32(r, end);

	if (again == octets)
		return 1;
	return cap_read_damaged(
	    r, "a block of %u octets ends with the length %u", octets, again);
}

static int
skip_block(struct cap_read *r, uint32_t octets)
{
	int got = cap_read_skip(r, octets - sizeof(struct cap_u32));

	if (got > 0)
		got = cap_read_need(r, sizeof(struct cap_u32));
	if (got <= 0)
		return cap_read_short(r, got, true);
	got = check_end(r, cap_read_at(r, 0), octets);
	if (got > 0)
		r->pos += sizeof(struct cap_u32);
	return got;
}

static int
take_block(struct cap_read *r, struct ng_block *block, uint32_t octets)
{
	const uint32_t frame =
	    sizeof(struct cap_form_block) + sizeof(struct cap_u32);
	int got;

	if (octets > CAP_READ_WHOLE_MAX)
		return cap_read_damaged(
		    r, "a block of type %u with %u octets; the most is %u",
		    block->type, octets, (unsigned)CAP_READ_WHOLE_MAX);
	got = cap_read_need(r, octets);
	if (got <= 0)
		return cap_read_short(r, got, true);
	got = check_end(r, cap_read_at(r, octets - sizeof(struct cap_u32)),
			octets);
	if (got <= 0)
		return got;
	block->body = cap_read_at(r, sizeof(struct cap_form_block));
	block->octets = octets - frame;
	r->pos += octets;
	return 1;
}

/* 1: the next block, whole if it is of a kind that is kept; 0: the end. */
static int
next_block(struct cap_read *r, struct ng_block *block)
{
	uint32_t octets;
	int got = cap_read_need(r, sizeof(struct cap_form_block));

	*block = (struct ng_block){0}; /* what is skipped has no contents */
	if (got <= 0)
		return cap_read_short(r, got, false);
	block->type = get32(r, cap_read_at(r, 0));
	if (block->type == CAP_FORM_SHB) {
		got = section_order(r);
		if (got <= 0)
			return got;
	}
	octets = get32(r, cap_read_at(r, sizeof(struct cap_u32)));
	if (octets < sizeof(struct cap_form_block) + sizeof(struct cap_u32) ||
	    octets % 4 != 0)
		return cap_read_damaged(r,
					"a block of type %u with the length %u",
					block->type, octets);
	return block_kept(block->type) ? take_block(r, block, octets)
				       : skip_block(r, octets);
}

static int
too_short(struct cap_read *r, const struct ng_block *block)
{
	return cap_read_damaged(
	    r, "a block of type %u is too short for its contents", block->type);
}

static int
take_section(struct cap_read *r, const struct ng_block *block)
{
	const struct cap_form_section *section = (const void *)block->body;
	unsigned major;
	unsigned minor;

	if (block->octets < sizeof(*section))
		return too_short(r, block);
	major = cap_u16_get(section->major, r->big);
	minor = cap_u16_get(section->minor, r->big);
	/* Some wrote 1.2 for what is 1.0 (pcapng, appendix). */
	if (major != 1 || (minor != 0 && minor != 2))
		return cap_error_set(
		    &r->error, -EOPNOTSUPP,
		    "%s: pcapng of version %u.%u; only 1.0 is read", r->name,
		    major, minor);
	r->nifaces = 0;
	return 0;
}

static void
take_option(const struct cap_read *r, struct cap_read_iface *iface,
	    unsigned code, const uint8_t *value, unsigned octets)
{
	uint64_t offset;

	if (code == CAP_FORM_OPT_TSRESOL && octets == 1)
		iface->resolution = value[0];
	if (code == CAP_FORM_OPT_TSOFFSET && octets == 8) {
		uint32_t first = get32(r, value);
		uint32_t second = get32(r, value + 4);

		offset = r->big ? (uint64_t)first << 32 | second
				: (uint64_t)second << 32 | first;
		iface->offset_s = (int64_t)offset;
	}
}

static int
take_options(struct cap_read *r, struct cap_read_iface *iface,
	     const struct ng_block *block, uint32_t at)
{
	while (block->octets - at >= sizeof(struct cap_form_option)) {
		const struct cap_form_option *option =
		    (const void *)(block->body + at);
		unsigned code = cap_u16_get(option->code, r->big);
		unsigned octets = cap_u16_get(option->octets, r->big);

		if (code == CAP_FORM_OPT_END)
			return 0;
		at += (uint32_t)sizeof(*option);
		if (octets > block->octets - at)
			return too_short(r, block);
		take_option(r, iface, code, block->body + at, octets);
		octets = (octets + 3) & ~3U;
		at += octets > block->octets - at ? block->octets - at : octets;
	}
	return 0;
}

static int
room_for_iface(struct cap_read *r)
{
	uint32_t room = r->ifaces_room == 0 ? 4 : r->ifaces_room * 2;
	struct cap_read_iface *more;

	if (r->nifaces < r->ifaces_room)
		return 0;
	if (r->nifaces >= IFACES_MAX)
		return cap_read_damaged(r, "more than %d interfaces",
					IFACES_MAX);
	more = realloc(r->ifaces, room * sizeof(*more));
	if (more == NULL)
		return cap_error_set(&r->error, -ENOMEM, "%s: no memory",
				     r->name);
	r->ifaces = more;
	r->ifaces_room = room;
	return 0;
}

static int
take_iface(struct cap_read *r, const struct ng_block *block)
{
	const struct cap_form_iface *form = (const void *)block->body;
	struct cap_read_iface iface = {.resolution = TSRESOL_DEFAULT};
	int error;

	if (block->octets < sizeof(*form))
		return too_short(r, block);
	iface.link = cap_u16_get(form->link, r->big);
	iface.snaplen = cap_u32_get(form->snaplen, r->big);
	iface.refused = !r->any_link && cap_link_name(iface.link) == NULL;
	error = take_options(r, &iface, block, sizeof(*form));
	if (error == 0)
		error = room_for_iface(r);
	if (error == 0)
		r->ifaces[r->nifaces++] = iface;
	return error;
}

/* Ticks of an interface as nanoseconds since 1970, within the times we have. */
static uint64_t
iface_time(const struct cap_read_iface *iface, uint64_t ticks)
{
	unsigned n = iface->resolution & ~(unsigned)TSRESOL_BINARY;
	unsigned __int128 ns = (unsigned __int128)ticks * CLOCK_SECOND_NS;
	__int128 offset = (__int128)iface->offset_s * (int64_t)CLOCK_SECOND_NS;

	if ((iface->resolution & TSRESOL_BINARY) != 0)
		ns >>= n;
	else
		for (; n > 0 && ns > 0; n--)
			ns /= 10;
	offset += (__int128)ns;
	if (offset < 0)
		return 0;
	if (offset > (__int128)CAP_READ_TIME_MAX_NS)
		return CAP_READ_TIME_MAX_NS;
	return (uint64_t)offset;
}

static uint64_t
packet_time(const struct cap_read_iface *iface, uint64_t ticks)
{
	/* The common resolutions without 128-bit divisions. */
	if (iface->offset_s == 0 && iface->resolution == 9)
		return ticks < CAP_READ_TIME_MAX_NS ? ticks
						    : CAP_READ_TIME_MAX_NS;
	if (iface->offset_s == 0 && iface->resolution == 6 &&
	    ticks < CAP_READ_TIME_MAX_NS / 1000)
		return ticks * 1000;
	return iface_time(iface, ticks);
}

/* The interface of a packet, or NULL and *answer set. */
static const struct cap_read_iface *
packet_iface(struct cap_read *r, uint32_t number, int *answer)
{
	if (number >= r->nifaces) {
		*answer = cap_read_damaged(
		    r, "a packet of interface %u; %u are described", number,
		    r->nifaces);
		return NULL;
	}
	if (r->ifaces[number].refused) {
		*answer = cap_read_refuse_link(r, r->ifaces[number].link);
		return NULL;
	}
	return &r->ifaces[number];
}

static int
take_packet(struct cap_read *r, const struct ng_block *block,
	    struct cap_rec *rec)
{
	const struct cap_form_packet *form = (const void *)block->body;
	const struct cap_read_iface *iface;
	uint64_t ticks;
	uint32_t caplen;
	uint32_t number;
	int answer = 0;

	if (block->octets < sizeof(*form))
		return too_short(r, block);
	number = cap_u32_get(form->iface, r->big);
	if (block->type == CAP_FORM_PB) { /* 16 bits; a drop count follows */
		struct cap_u16 half = {{block->body[0], block->body[1]}};

		number = cap_u16_get(half, r->big);
	}
	iface = packet_iface(r, number, &answer);
	if (iface == NULL)
		return answer;
	caplen = cap_u32_get(form->caplen, r->big);
	if (caplen > block->octets - sizeof(*form))
		return too_short(r, block);
	if (caplen > CAP_READ_OCTETS_MAX)
		return cap_read_damaged(r,
					"a packet of %u octets; the most is %u",
					caplen, (unsigned)CAP_READ_OCTETS_MAX);
	ticks = (uint64_t)cap_u32_get(form->time_high, r->big) << 32 |
		cap_u32_get(form->time_low, r->big);
	*rec = (struct cap_rec){.time_ns = packet_time(iface, ticks),
				.data = block->body + sizeof(*form),
				.caplen = caplen,
				.len = cap_u32_get(form->len, r->big),
				.link = iface->link,
				.iface = number};
	return 1;
}

/* The simple block has neither time nor interface: the first one is meant. */
static int
take_simple(struct cap_read *r, const struct ng_block *block,
	    struct cap_rec *rec)
{
	const struct cap_read_iface *iface;
	uint32_t caplen;
	uint32_t len;
	int answer = 0;

	if (block->octets < sizeof(struct cap_u32))
		return too_short(r, block);
	iface = packet_iface(r, 0, &answer);
	if (iface == NULL)
		return answer;
	len = get32(r, block->body);
	caplen = len;
	if (iface->snaplen != 0 && caplen > iface->snaplen)
		caplen = iface->snaplen;
	if (caplen > block->octets - sizeof(struct cap_u32))
		return too_short(r, block);
	if (caplen > CAP_READ_OCTETS_MAX)
		return cap_read_damaged(r,
					"a packet of %u octets; the most is %u",
					caplen, (unsigned)CAP_READ_OCTETS_MAX);
	*rec = (struct cap_rec){.data = block->body + sizeof(struct cap_u32),
				.caplen = caplen,
				.len = len,
				.link = iface->link};
	return 1;
}

/* 1: a record; 0: a block that was no packet; or the damage. */
static int
take(struct cap_read *r, const struct ng_block *block, struct cap_rec *rec)
{
	switch (block->type) {
	case CAP_FORM_EPB:
	case CAP_FORM_PB:
		return take_packet(r, block, rec);
	case CAP_FORM_SPB:
		return take_simple(r, block, rec);
	case CAP_FORM_IDB:
		return take_iface(r, block);
	case CAP_FORM_SHB:
		return take_section(r, block);
	default:
		return 0;
	}
}

static int
ng_next(struct cap_read *r, struct cap_rec *rec)
{
	struct ng_block block;

	for (;;) {
		int got = next_block(r, &block);

		if (got <= 0)
			return got;
		got = take(r, &block, rec);
		if (got != 0)
			return got;
		r->whole = cap_read_where(r);
	}
}

int
cap_read_ng_open(struct cap_read *r)
{
	struct ng_block block;
	int got = next_block(r, &block);

	if (got <= 0)
		return got;
	got = take_section(r, &block);
	r->next = ng_next;
	return got == 0 ? 1 : got;
}
