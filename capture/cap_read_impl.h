/*
 * What cap_read.c (source, buffer, pcap) and cap_read_ng.c (pcapng) share.
 * Private to these two.
 */
#ifndef CAP_READ_IMPL_H
#define CAP_READ_IMPL_H

#include <stdbool.h>

#include "cap_form.h"
#include "cap_read.h"

#define CAP_READ_BLOCK (UINT32_C(1) << 18)
#define CAP_READ_WHOLE_MAX (UINT32_C(1) << 19) /* the largest need() */

struct cap_read_iface {
	uint32_t snaplen;
	uint16_t link;
	uint8_t resolution; /* if_tsresol */
	bool refused;       /* a link type that is not read */
	int64_t offset_s;   /* if_tsoffset */
};

struct cap_read {
	uint8_t *buf;   /* CAP_READ_BLOCK + CAP_READ_WHOLE_MAX */
	size_t pos;     /* first octet not consumed */
	size_t fill;    /* first octet not read */
	uint64_t base;  /* offset in the file of buf[0] */
	uint64_t whole; /* offset in the file behind the last whole record */
	int (*next)(struct cap_read *, struct cap_rec *);
	const uint8_t *octets; /* source in memory, with fd -1 */
	size_t octets_left;
	int fd;
	int state; /* 1: reading, else the answer to repeat */
	bool any_link;
	bool big;
	bool swapped_lengths;  /* pcap before version 2.3 */
	bool doubtful_lengths; /* pcap 2.3: some wrote them so, some so */
	uint32_t fraction_ns;  /* pcap: 1000 or 1 */
	uint32_t ifaces_room;
	uint32_t nifaces;
	struct cap_read_iface *ifaces;
	uint16_t link; /* pcap */
	char *name;
	struct cap_error error;
};

/* 1: n octets lie at pos; 0: the source ends before that; or an errno. */
int cap_read_fill(struct cap_read *r, size_t n);

static inline int
cap_read_need(struct cap_read *r, size_t n)
{
	return r->fill - r->pos >= n ? 1 : cap_read_fill(r, n);
}

static inline const void *
cap_read_at(const struct cap_read *r, size_t off)
{
	return r->buf + r->pos + off;
}

/* Where in the file pos is. */
static inline uint64_t
cap_read_where(const struct cap_read *r)
{
	return r->base + r->pos;
}

/* Passes n octets over; 1, 0 and errno as cap_read_need(). */
int cap_read_skip(struct cap_read *r, uint64_t n);

/*
 * The answer for a cap_read_need() that was not met: got 0: a clean end when
 * nothing is left and in_record is 0, else truncated.
 */
int cap_read_short(struct cap_read *r, int got, bool in_record);

/* -EBADMSG with "NAME: damaged at octet N: " and the sentence. */
int cap_read_damaged(struct cap_read *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* -EOPNOTSUPP with a sentence naming the link type and the known ones. */
int cap_read_refuse_link(struct cap_read *r, uint32_t link);

/* Consumes the first section header. As cap_read_open(). */
int cap_read_ng_open(struct cap_read *r);

#endif
