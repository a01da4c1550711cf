/*
 * Writes headers, interface descriptions and records as they lie in a file.
 * Called by cap_write and cap_order, which own the memory; never fails, since
 * cap_form_octets() was asked before.
 */
#include "cap_form.h"

#include <string.h>

#include "clock.h"

#define TSRESOL_NS 9

static uint32_t
padded(uint32_t octets)
{
	return (octets + 3) & ~UINT32_C(3);
}

static uint32_t
comment_octets(const struct cap_out *out)
{
	if (out->comment == NULL)
		return 0;
	return (uint32_t)strnlen(out->comment, CAP_WRITE_COMMENT_MAX);
}

/* Of the options, the end of options included; 0: there are none. */
static uint32_t
options_octets(const struct cap_out *out)
{
	uint32_t comment = comment_octets(out);

	if (comment == 0)
		return 0;
	return padded(comment) + 2 * (uint32_t)sizeof(struct cap_form_option);
}

size_t
cap_form_octets(enum cap_format format, const struct cap_out *out)
{
	if (out->octets > CAP_WRITE_OCTETS_MAX ||
	    out->prefix_octets > CAP_WRITE_OCTETS_MAX - out->octets)
		return 0;
	if (format == CAP_PCAP)
		return sizeof(struct cap_form_rec) + out->prefix_octets +
		       out->octets;
	return sizeof(struct cap_form_block) + sizeof(struct cap_form_packet) +
	       padded(out->prefix_octets + out->octets) + options_octets(out) +
	       sizeof(struct cap_u32);
}

static uint8_t *
put(uint8_t *at, const void *from, size_t octets)
{
	if (octets > 0)
		memcpy(at, from, octets);
	return at + octets;
}

static uint8_t *
put_zeros(uint8_t *at, size_t octets)
{
	memset(at, 0, octets);
	return at + octets;
}

static uint8_t *
put32(uint8_t *at, uint32_t v)
{
	struct cap_u32 word = cap_u32_put(v);

	return put(at, word.b, sizeof(word.b));
}

static uint8_t *
put_option(uint8_t *at, uint16_t code, const void *from, uint16_t octets)
{
	struct cap_form_option option = {.code = cap_u16_put(code),
					 .octets = cap_u16_put(octets)};

	at = put(at, &option, sizeof(option));
	at = put(at, from, octets);
	return put_zeros(at, padded(octets) - octets);
}

static uint32_t
orig_octets(const struct cap_out *out)
{
	uint32_t orig = out->orig_octets;

	return out->prefix_octets + (orig != 0 ? orig : out->octets);
}

static void
put_pcap(uint8_t *at, const struct cap_out *out)
{
	uint64_t seconds = out->time_ns / CLOCK_SECOND_NS;
	struct cap_form_rec rec = {
	    /* The field ends in 2106; later times stand still there. */
	    .seconds = cap_u32_put(seconds > UINT32_MAX ? UINT32_MAX
							: (uint32_t)seconds),
	    .fraction = cap_u32_put((uint32_t)(out->time_ns % CLOCK_SECOND_NS)),
	    .caplen = cap_u32_put(out->prefix_octets + out->octets),
	    .len = cap_u32_put(orig_octets(out)),
	};

	at = put(at, &rec, sizeof(rec));
	at = put(at, out->prefix, out->prefix_octets);
	(void)put(at, out->data, out->octets);
}

static void
put_pcapng(uint8_t *at, const struct cap_out *out)
{
	uint32_t caplen = out->prefix_octets + out->octets;
	uint32_t whole = (uint32_t)cap_form_octets(CAP_PCAPNG, out);
	uint32_t comment = comment_octets(out);
	struct cap_form_block block = {.type = cap_u32_put(CAP_FORM_EPB),
				       .octets = cap_u32_put(whole)};
	struct cap_form_packet packet = {
	    .iface = cap_u32_put(out->iface),
	    .time_high = cap_u32_put((uint32_t)(out->time_ns >> 32)),
	    .time_low = cap_u32_put((uint32_t)out->time_ns),
	    .caplen = cap_u32_put(caplen),
	    .len = cap_u32_put(orig_octets(out)),
	};

	at = put(at, &block, sizeof(block));
	at = put(at, &packet, sizeof(packet));
	at = put(at, out->prefix, out->prefix_octets);
	at = put(at, out->data, out->octets);
	at = put_zeros(at, padded(caplen) - caplen);
	if (comment > 0) {
		at = put_option(at, CAP_FORM_OPT_COMMENT, out->comment,
				(uint16_t)comment);
		at = put_option(at, CAP_FORM_OPT_END, NULL, 0);
	}
	(void)put32(at, whole);
}

void
cap_form_put(enum cap_format format, uint8_t *at, const struct cap_out *out)
{
	if (format == CAP_PCAP)
		put_pcap(at, out);
	else
		put_pcapng(at, out);
}

size_t
cap_form_put_header(enum cap_format format, uint16_t link, uint8_t *at)
{
	uint32_t whole = sizeof(struct cap_form_block) +
			 sizeof(struct cap_form_section) +
			 sizeof(struct cap_u32);
	struct cap_form_pcap pcap = {
	    .magic = cap_u32_put(CAP_FORM_PCAP_NS),
	    .major = cap_u16_put(2),
	    .minor = cap_u16_put(4),
	    .snaplen = cap_u32_put(CAP_FORM_SNAPLEN),
	    .link = cap_u32_put(link),
	};
	struct cap_form_block block = {.type = cap_u32_put(CAP_FORM_SHB),
				       .octets = cap_u32_put(whole)};
	struct cap_form_section section = {
	    .order = cap_u32_put(CAP_FORM_ORDER),
	    .major = cap_u16_put(1),
	    .octets = {cap_u32_put(UINT32_MAX), cap_u32_put(UINT32_MAX)},
	};

	if (format == CAP_PCAP) {
		(void)put(at, &pcap, sizeof(pcap));
		return sizeof(pcap);
	}
	at = put(at, &block, sizeof(block));
	at = put(at, &section, sizeof(section));
	(void)put32(at, whole);
	return whole;
}

size_t
cap_form_put_iface(uint16_t link, const char *name, uint8_t *at)
{
	const uint8_t resolution = TSRESOL_NS;
	uint8_t *start = at;
	uint32_t whole;
	struct cap_form_block block = {.type = cap_u32_put(CAP_FORM_IDB)};
	struct cap_form_iface iface = {.link = cap_u16_put(link),
				       .snaplen =
					   cap_u32_put(CAP_FORM_SNAPLEN)};

	at += sizeof(block);
	at = put(at, &iface, sizeof(iface));
	if (name != NULL)
		at = put_option(at, CAP_FORM_OPT_NAME, name,
				(uint16_t)strlen(name));
	at = put_option(at, CAP_FORM_OPT_TSRESOL, &resolution, 1);
	at = put_option(at, CAP_FORM_OPT_END, NULL, 0);
	whole = (uint32_t)(at - start) + (uint32_t)sizeof(struct cap_u32);
	block.octets = cap_u32_put(whole);
	(void)put32(at, whole);
	(void)put(start, &block, sizeof(block));
	return whole;
}
