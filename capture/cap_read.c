/*
 * The source (a descriptor or memory), its buffer, and pcap. What is contiguous
 * in the buffer is handed out in place; a record that straddles the end of the
 * buffer is moved to its front once. Called by capture-file ports and by
 * cap_merge; judges form alone, never what a packet holds.
 *
 * Departures from libpcap: a record longer than the file's own snapshot length
 * is delivered whole, seconds (until 2106) and fractions are unsigned, and the
 * octets of an FCS announced in the header stay, since IP tells its own length.
 */
#include "cap_read.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cap_link.h"
#include "cap_read_impl.h"
#include "clock.h"

#define LINK_MASK UINT32_C(0x03ffffff) /* the rest tells of an FCS */
#define MAGIC_OCTETS 4
#define KNOWN_TEXT_MAX 200

/* What people hand in by mistake, by its first octets. */
static const struct foreign {
	uint8_t magic[MAGIC_OCTETS];
	uint8_t octets;
	const char *what;
} foreigns[] = {
    {{0xa1, 0xb2, 0xcd, 0x34}, 4, "modified pcap (magic a1b2cd34)"},
    {{0x34, 0xcd, 0xb2, 0xa1}, 4, "modified pcap (magic a1b2cd34)"},
    {{0xa1, 0xe2, 0xcb, 0x12}, 4, "modified pcap (magic a1e2cb12)"},
    {{0x12, 0xcb, 0xe2, 0xa1}, 4, "modified pcap (magic a1e2cb12)"},
    {{0xa1, 0x2b, 0x3c, 0x4d}, 4, "Navtel pcap (magic a12b3c4d)"},
    {{0x4d, 0x3c, 0x2b, 0xa1}, 4, "Navtel pcap (magic a12b3c4d)"},
    {{'s', 'n', 'o', 'o'}, 4, "snoop"},
    {{0x1f, 0x8b}, 2, "compressed (gzip)"},
    {{0x28, 0xb5, 0x2f, 0xfd}, 4, "compressed (zstd)"},
    {{0x04, 0x22, 0x4d, 0x18}, 4, "compressed (lz4)"},
    {{0xfd, '7', 'z', 'X'}, 4, "compressed (xz)"},
};

static ssize_t
read_some(struct cap_read *r, void *to, size_t octets)
{
	ssize_t n;

	if (r->fd >= 0) {
		do {
			n = read(r->fd, to, octets);
		} while (n < 0 && errno == EINTR);
		return n < 0 ? -errno : n;
	}
	if (octets > r->octets_left)
		octets = r->octets_left;
	if (octets > 0)
		memcpy(to, r->octets, octets);
	r->octets += octets;
	r->octets_left -= octets;
	return (ssize_t)octets;
}

int
cap_read_fill(struct cap_read *r, size_t n)
{
	assert(n <= CAP_READ_WHOLE_MAX);
	if (r->pos > 0) {
		memmove(r->buf, r->buf + r->pos, r->fill - r->pos);
		r->base += r->pos;
		r->fill -= r->pos;
		r->pos = 0;
	}
	while (r->fill < n) {
		ssize_t got = read_some(r, r->buf + r->fill, CAP_READ_BLOCK);

		if (got <= 0)
			return (int)got;
		r->fill += (size_t)got;
	}
	return 1;
}

int
cap_read_skip(struct cap_read *r, uint64_t n)
{
	while (n > r->fill - r->pos) {
		int got;

		n -= r->fill - r->pos;
		r->pos = r->fill;
		got = cap_read_fill(r, 1);
		if (got <= 0)
			return got;
	}
	r->pos += (size_t)n;
	return 1;
}

int
cap_read_short(struct cap_read *r, int got, bool in_record)
{
	if (got < 0)
		return cap_error_set(&r->error, got, "%s: can not be read: %s",
				     r->name, strerror(-got));
	if (!in_record && r->pos == r->fill)
		return 0;
	return cap_error_set(
	    &r->error, -EBADMSG,
	    "%s: truncated at octet %" PRIu64
	    ": the file ends inside the record that began at octet %" PRIu64,
	    r->name, r->base + r->fill, r->whole);
}

int
cap_read_damaged(struct cap_read *r, const char *format, ...)
{
	char why[CAP_ERROR_MAX / 2];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	return cap_error_set(&r->error, -EBADMSG,
			     "%s: damaged at octet %" PRIu64 ": %s", r->name,
			     r->whole, why);
}

int
cap_read_refuse_link(struct cap_read *r, uint32_t link)
{
	char known[KNOWN_TEXT_MAX];

	return cap_error_set(&r->error, -EOPNOTSUPP,
			     "%s: unknown link type %u; known are %s", r->name,
			     link, cap_link_known(known, sizeof(known)));
}

/* Old writers put the two lengths the other way round. */
static void
order_lengths(const struct cap_read *r, uint32_t *caplen, uint32_t *len)
{
	if (r->swapped_lengths || (r->doubtful_lengths && *caplen > *len)) {
		uint32_t was = *caplen;

		*caplen = *len;
		*len = was;
	}
}

static int
pcap_next(struct cap_read *r, struct cap_rec *rec)
{
	const struct cap_form_rec *h;
	uint32_t caplen;
	uint32_t len;
	int got = cap_read_need(r, sizeof(*h));

	if (got <= 0)
		return cap_read_short(r, got, false);
	h = cap_read_at(r, 0);
	caplen = cap_u32_get(h->caplen, r->big);
	len = cap_u32_get(h->len, r->big);
	order_lengths(r, &caplen, &len);
	if (caplen > CAP_READ_OCTETS_MAX)
		return cap_read_damaged(r,
					"a packet of %u octets; the most is %u",
					caplen, (unsigned)CAP_READ_OCTETS_MAX);
	got = cap_read_need(r, sizeof(*h) + caplen);
	if (got <= 0)
		return cap_read_short(r, got, true);
	h = cap_read_at(r, 0);
	*rec = (struct cap_rec){
	    .time_ns =
		cap_u32_get(h->seconds, r->big) * CLOCK_SECOND_NS +
		(uint64_t)cap_u32_get(h->fraction, r->big) * r->fraction_ns,
	    .data = cap_read_at(r, sizeof(*h)),
	    .caplen = caplen,
	    .len = len,
	    .link = r->link,
	};
	r->pos += sizeof(*h) + caplen;
	return 1;
}

static int
pcap_open(struct cap_read *r)
{
	const struct cap_form_pcap *h;
	uint32_t link;
	unsigned major;
	unsigned minor;
	int got = cap_read_need(r, sizeof(*h));

	if (got <= 0)
		return cap_read_short(r, got, true);
	h = cap_read_at(r, 0);
	major = cap_u16_get(h->major, r->big);
	minor = cap_u16_get(h->minor, r->big);
	link = cap_u32_get(h->link, r->big) & LINK_MASK;
	if (major != 2)
		return cap_error_set(
		    &r->error, -EOPNOTSUPP,
		    "%s: pcap of version %u.%u; only 2 is read", r->name, major,
		    minor);
	if (link > UINT16_MAX || (!r->any_link && cap_link_name(link) == NULL))
		return cap_read_refuse_link(r, link);
	r->swapped_lengths = minor < 3;
	r->doubtful_lengths = minor == 3;
	r->link = (uint16_t)link;
	r->nifaces = 1;
	r->next = pcap_next;
	r->pos += sizeof(*h);
	return 1;
}

static int
refuse_foreign(struct cap_read *r, const uint8_t *magic)
{
	for (size_t i = 0; i < sizeof(foreigns) / sizeof(foreigns[0]); i++)
		if (memcmp(magic, foreigns[i].magic, foreigns[i].octets) == 0)
			return cap_error_set(
			    &r->error, -EOPNOTSUPP,
			    "%s: %s is not read; convert it to pcap or pcapng",
			    r->name, foreigns[i].what);
	return cap_error_set(
	    &r->error, -EBADMSG,
	    "%s: not a capture file: first octets %02x %02x %02x %02x", r->name,
	    magic[0], magic[1], magic[2], magic[3]);
}

/* 1, or the failure with its sentence in r->error. */
static int
open_format(struct cap_read *r)
{
	const struct cap_u32 *magic;
	int got = cap_read_need(r, MAGIC_OCTETS);

	if (got == 0 && r->fill == 0)
		return cap_error_set(&r->error, -EBADMSG,
				     "%s: empty file, no capture", r->name);
	if (got <= 0)
		return cap_read_short(r, got, true);
	magic = cap_read_at(r, 0);
	if (cap_u32_get(*magic, false) == CAP_FORM_SHB)
		return cap_read_ng_open(r);
	for (int big = 0; big < 2; big++) {
		uint32_t v = cap_u32_get(*magic, big != 0);

		if (v != CAP_FORM_PCAP_US && v != CAP_FORM_PCAP_NS)
			continue;
		r->big = big != 0;
		r->fraction_ns = v == CAP_FORM_PCAP_US ? 1000 : 1;
		return pcap_open(r);
	}
	return refuse_foreign(r, magic->b);
}

/* Takes the descriptor, also on failure. */
static int
open_source(struct cap_read **r, struct cap_read source, const char *name,
	    struct cap_error *err)
{
	struct cap_read *made = malloc(sizeof(*made));
	int error;

	if (made == NULL) {
		if (source.fd >= 0)
			(void)close(source.fd);
		return cap_error_set(err, -ENOMEM, "%s: no memory", name);
	}
	*made = source;
	made->buf = malloc(CAP_READ_BLOCK + CAP_READ_WHOLE_MAX);
	made->name = strdup(name);
	if (made->buf == NULL || made->name == NULL) {
		cap_read_close(&made);
		return cap_error_set(err, -ENOMEM, "%s: no memory", name);
	}
	error = open_format(made);
	if (error != 1) {
		(void)cap_error_set(err, error, "%s", made->error.text);
		cap_read_close(&made);
		return error;
	}
	made->state = 1;
	made->whole = cap_read_where(made);
	*r = made;
	return 0;
}

static int
open_path(struct cap_read **r, const char *path, bool any_link,
	  struct cap_error *err)
{
	struct cap_read source = {.any_link = any_link};

	source.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (source.fd < 0)
		return cap_error_set(err, -errno, "%s: can not be opened: %s",
				     path, strerror(errno));
	return open_source(r, source, path, err);
}

int
cap_read_open(struct cap_read **r, const char *path, struct cap_error *err)
{
	return open_path(r, path, false, err);
}

int
cap_read_open_any(struct cap_read **r, const char *path, struct cap_error *err)
{
	return open_path(r, path, true, err);
}

int
cap_read_open_octets(struct cap_read **r, const void *octets, size_t len,
		     const char *name, struct cap_error *err)
{
	struct cap_read source = {
	    .fd = -1, .octets = octets, .octets_left = len};

	return open_source(r, source, name, err);
}

int
cap_read_next(struct cap_read *r, struct cap_rec *rec)
{
	int got;

	if (r->state != 1)
		return r->state;
	got = r->next(r, rec);
	r->state = got;
	if (got >= 0)
		r->whole = cap_read_where(r);
	return got;
}

const char *
cap_read_error(const struct cap_read *r)
{
	return r->error.text;
}

uint64_t
cap_read_offset(const struct cap_read *r)
{
	return r->whole;
}

unsigned
cap_read_ifaces(const struct cap_read *r)
{
	return r->nifaces;
}

void
cap_read_close(struct cap_read **r)
{
	if (*r == NULL)
		return;
	if ((*r)->fd >= 0)
		(void)close((*r)->fd);
	free((*r)->ifaces);
	free((*r)->buf);
	free((*r)->name);
	free(*r);
	*r = NULL;
}
