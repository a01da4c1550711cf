/*
 * Capture files as they lie on disk: pcap (draft-ietf-opsawg-pcap) and pcapng
 * (draft-ietf-opsawg-pcapng), and one record in its final form. For the rest of
 * capture/ only. A file's header tells the order of its integers, so an integer
 * is read with that order; what we write is always little endian.
 */
#ifndef CAP_FORM_H
#define CAP_FORM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cap_write.h"

#define CAP_FORM_PCAP_US UINT32_C(0xa1b2c3d4)
#define CAP_FORM_PCAP_NS UINT32_C(0xa1b23c4d)
#define CAP_FORM_SNAPLEN UINT32_C(262144)

#define CAP_FORM_SHB UINT32_C(0x0a0d0d0a)
#define CAP_FORM_IDB UINT32_C(1)
#define CAP_FORM_PB UINT32_C(2) /* obsolete packet block */
#define CAP_FORM_SPB UINT32_C(3)
#define CAP_FORM_EPB UINT32_C(6)
#define CAP_FORM_ORDER UINT32_C(0x1a2b3c4d)

#define CAP_FORM_OPT_END 0
#define CAP_FORM_OPT_COMMENT 1
#define CAP_FORM_OPT_NAME 2
#define CAP_FORM_OPT_TSRESOL 9
#define CAP_FORM_OPT_TSOFFSET 14

/* The most that a record's frame adds to its octets, comment excepted. */
#define CAP_FORM_OVERHEAD 64
#define CAP_FORM_RECORD_MAX                                                    \
	(CAP_FORM_SNAPLEN + CAP_FORM_OVERHEAD + CAP_WRITE_COMMENT_MAX)

struct cap_u16 {
	uint8_t b[2];
};
struct cap_u32 {
	uint8_t b[4];
};

static inline uint16_t
cap_u16_get(struct cap_u16 v, bool big)
{
	unsigned n = big ? (unsigned)v.b[0] << 8 | v.b[1]
			 : (unsigned)v.b[1] << 8 | v.b[0];

	return (uint16_t)n;
}

static inline uint32_t
cap_u32_get(struct cap_u32 v, bool big)
{
	if (big)
		return (uint32_t)v.b[0] << 24 | (uint32_t)v.b[1] << 16 |
		       (uint32_t)v.b[2] << 8 | v.b[3];
	return (uint32_t)v.b[3] << 24 | (uint32_t)v.b[2] << 16 |
	       (uint32_t)v.b[1] << 8 | v.b[0];
}

static inline struct cap_u16
cap_u16_put(uint16_t v)
{
	return (struct cap_u16){{(uint8_t)v, (uint8_t)(v >> 8)}};
}

static inline struct cap_u32
cap_u32_put(uint32_t v)
{
	return (struct cap_u32){{(uint8_t)v, (uint8_t)(v >> 8),
				 (uint8_t)(v >> 16), (uint8_t)(v >> 24)}};
}

struct cap_form_pcap {
	struct cap_u32 magic;
	struct cap_u16 major;
	struct cap_u16 minor;
	struct cap_u32 zone;
	struct cap_u32 accuracy;
	struct cap_u32 snaplen;
	struct cap_u32 link; /* upper bits: length of an FCS */
};
static_assert(sizeof(struct cap_form_pcap) == 24, "pcap section 4");

struct cap_form_rec {
	struct cap_u32 seconds;
	struct cap_u32 fraction; /* micro- or nanoseconds, as the magic says */
	struct cap_u32 caplen;
	struct cap_u32 len;
};
static_assert(sizeof(struct cap_form_rec) == 16, "pcap section 5");

struct cap_form_block {
	struct cap_u32 type;
	struct cap_u32 octets; /* of the whole block; stands at its end again */
};
static_assert(sizeof(struct cap_form_block) == 8, "pcapng section 3.1");

struct cap_form_section { /* of an SHB, behind its struct cap_form_block */
	struct cap_u32 order;
	struct cap_u16 major;
	struct cap_u16 minor;
	struct cap_u32 octets[2];
};
static_assert(sizeof(struct cap_form_section) == 16, "pcapng section 4.1");

struct cap_form_iface { /* of an IDB */
	struct cap_u16 link;
	struct cap_u16 reserved;
	struct cap_u32 snaplen;
};
static_assert(sizeof(struct cap_form_iface) == 8, "pcapng section 4.2");

struct cap_form_packet { /* of an EPB; of a PB the first word is two halves */
	struct cap_u32 iface;
	struct cap_u32 time_high;
	struct cap_u32 time_low;
	struct cap_u32 caplen;
	struct cap_u32 len;
};
static_assert(sizeof(struct cap_form_packet) == 20, "pcapng section 4.3");

struct cap_form_option {
	struct cap_u16 code;
	struct cap_u16 octets; /* without the padding to four */
};
static_assert(sizeof(struct cap_form_option) == 4, "pcapng section 3.5");

/*
 * The octets of one record in a file of this format; 0 when it is larger than
 * CAP_FORM_RECORD_MAX allows. cap_form_put writes exactly as many.
 */
size_t cap_form_octets(enum cap_format format, const struct cap_out *out);
void cap_form_put(enum cap_format format, uint8_t *at,
		  const struct cap_out *out);

/* A file's header; an interface's block. Both return the octets written. */
#define CAP_FORM_HEADER_MAX 32
#define CAP_FORM_IFACE_MAX (48 + CAP_WRITE_NAME_MAX)
size_t cap_form_put_header(enum cap_format format, uint16_t link, uint8_t *at);
size_t cap_form_put_iface(uint16_t link, const char *name, uint8_t *at);

#endif
