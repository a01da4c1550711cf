/*
 * Block reader of capture files: pcap (both orders, micro- and nanoseconds) and
 * pcapng (both orders, several sections and interfaces, each with its own link
 * type and time resolution; enhanced, simple and obsolete packet blocks; other
 * blocks are passed over). It reads 1 MiB at a time and only forward, so pipes
 * will do; packets are not copied.
 *
 * Everything before a damage is delivered, then the damage is told, once and
 * for good. What is damage: a file that ends inside a record, a record of more
 * than CAP_READ_OCTETS_MAX octets, a pcapng block whose lengths contradict each
 * other or its contents, an interface that was not described.
 */
#ifndef CAP_READ_H
#define CAP_READ_H

#include <stddef.h>
#include <stdint.h>

#include "cap_error.h"

#define CAP_READ_OCTETS_MAX 262144

/* Times end here (2262), so that sums of times do not overflow. */
#define CAP_READ_TIME_MAX_NS ((uint64_t)INT64_MAX)

struct cap_rec {
	uint64_t time_ns;    /* since 1970; 0 in a simple packet block */
	const uint8_t *data; /* borrowed until the next call on the reader */
	uint32_t caplen;     /* octets at data */
	uint32_t len;        /* octets that the packet had */
	uint16_t link;       /* link type, cap_link.h */
	uint32_t iface;      /* number in its pcapng section; pcap: 0 */
	uint64_t trace;      /* journey that a lab's wire told; files: 0 */
	int to_port; /* likewise: whatever unicast MAC it is to, it is ours */
};

struct cap_read;

/*
 * Opens a capture whose link type cap_link.h knows. The caller owns *r until
 * cap_read_close(). On failure *r is untouched and err (may be NULL) holds a
 * sentence that begins with the path:
 *   -EBADMSG     empty, no capture, or it ends inside its header;
 *   -EOPNOTSUPP  a capture of a kind, version or link type that is not read (a
 *                pcapng tells this at the first packet of such an interface);
 *   -ENOMEM, or the errno of open(2) or read(2).
 */
int cap_read_open(struct cap_read **r, const char *path, struct cap_error *err);

/* The same for every link type: for those who copy records as they are. */
int cap_read_open_any(struct cap_read **r, const char *path,
		      struct cap_error *err);

/* The same for octets in memory, borrowed until cap_read_close(). */
int cap_read_open_octets(struct cap_read **r, const void *octets, size_t len,
			 const char *name, struct cap_error *err);

/*
 * 1: the next record; 0: a clean end; -EBADMSG, -EOPNOTSUPP or the errno of
 * read(2), with a sentence in cap_read_error(). Repeats its last answer after
 * that.
 */
int cap_read_next(struct cap_read *r, struct cap_rec *rec);

/* Of the last failure, "" before one; borrowed until cap_read_close(). */
const char *cap_read_error(const struct cap_read *r);

/* Octets of the file up to the end of the last whole record or block. */
uint64_t cap_read_offset(const struct cap_read *r);

/* Interfaces described so far in this section; a pcap has one. */
unsigned cap_read_ifaces(const struct cap_read *r);

/* Closes, frees, leaves NULL; accepts NULL. */
void cap_read_close(struct cap_read **r);

#endif
