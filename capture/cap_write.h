/*
 * Block writer of capture files: nanosecond pcap (version 2.4, little endian)
 * and pcapng (one section, an interface description per interface, enhanced
 * packet blocks, nanoseconds). Any link type.
 *
 * Records gather in a block of 1 MiB. A flush writes whole records with one
 * write(2) as far as the system takes them at once, so that a reader of the
 * growing file meets a torn record only in the middle of that call. The first
 * error stays: every later call returns it, nothing more is written, and a
 * regular file is cut back to whole records. Callers ignore SIGPIPE.
 */
#ifndef CAP_WRITE_H
#define CAP_WRITE_H

#include <stdint.h>
#include <sys/uio.h>

#include "cap_error.h"

enum cap_format { CAP_PCAP, CAP_PCAPNG };

#define CAP_WRITE_OCTETS_MAX 262144 /* of one packet, prefix included */
#define CAP_WRITE_COMMENT_MAX 1024
#define CAP_WRITE_NAME_MAX 128

/* One packet to be written. */
struct cap_out {
	uint64_t time_ns;
	const void *prefix; /* link header that does not lie before data */
	const void *data;
	const char *comment; /* pcapng only; NULL: none; cut at its maximum */
	uint32_t prefix_octets;
	uint32_t octets;      /* of data */
	uint32_t orig_octets; /* of data before a cut; 0: the same as octets */
	unsigned iface;
};

struct cap_write;

/*
 * ".pcapng" at the end of the name means pcapng, every other name pcap.
 */
enum cap_format cap_write_format_of(const char *path);

/*
 * Creates or empties the file (mode 0644). -ENOMEM, or the errno of open(2),
 * with a sentence in err. The caller owns *w until cap_write_close().
 */
int cap_write_open(struct cap_write **w, const char *path,
		   enum cap_format format, struct cap_error *err);

/*
 * The same on a descriptor, which the writer owns from now on, if 0 returned.
 */
int cap_write_open_fd(struct cap_write **w, int fd, enum cap_format format);

/*
 * Adds an interface before its first packet. iface: its number, from 0. A pcap
 * has exactly one, of which only the link type is kept: -EEXIST for a second.
 * name: at most CAP_WRITE_NAME_MAX octets, -EINVAL beyond; NULL: none.
 */
int cap_write_iface(struct cap_write *w, uint16_t link, const char *name,
		    unsigned *iface);

/* -EINVAL: no such interface; -EMSGSIZE: larger than a record may be. */
int cap_write_rec(struct cap_write *w, const struct cap_out *out);

/* Writes what has gathered. The errno of write(2): -ENOSPC, -EPIPE, ... */
int cap_write_flush(struct cap_write *w);

/*
 * Whole records in their final form (cap_form.h), after what has gathered, with
 * writev(2). iov is used up. For cap_order.
 */
int cap_write_formed(struct cap_write *w, struct iovec *iov, unsigned n);

enum cap_format cap_write_format(const struct cap_write *w);
unsigned cap_write_ifaces(const struct cap_write *w);
/* Octets that the file holds or will hold after a flush. */
uint64_t cap_write_octets(const struct cap_write *w);

/*
 * Flushes, closes, frees, leaves NULL, accepts NULL. Returns the first error
 * that any call met. A file to which no interface was added stays without a
 * header.
 */
int cap_write_close(struct cap_write **w);

#endif
