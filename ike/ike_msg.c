/*
 * The frame of IKE messages: header, chain of payloads, and the writer. What is
 * in payloads is ike_payload.c's and ike_sap.c's (RFC 7296 section 3, RFC 2408
 * section 3).
 */
#include "ike_msg.h"

#include <errno.h>
#include <string.h>

int
ike_hdr_read(const uint8_t *octets, size_t n, struct ike_hdr *hdr)
{
	if (n < sizeof(*hdr) || n > IKE_MSG_MAX)
		return -EBADMSG;
	memcpy(hdr, octets, sizeof(*hdr));
	return be32_get(hdr->length) == n ? 0 : -EBADMSG;
}

static bool
ends_chain(uint8_t type)
{
	return type == IKE_P_SK || type == IKE_P_SKF;
}

int
ike_chain_read(uint8_t first, const uint8_t *octets, size_t n,
	       struct ike_chain *chain)
{
	struct ike_payload_hdr hdr;
	uint8_t type = first;
	size_t at = 0;

	chain->count = 0;
	chain->inner = IKE_P_NONE;
	while (type != IKE_P_NONE) {
		struct ike_payload *p = &chain->p[chain->count];
		size_t length;

		if (chain->count == IKE_PAYLOADS_MAX)
			return -E2BIG;
		if (n - at < sizeof(hdr))
			return -EBADMSG;
		memcpy(&hdr, octets + at, sizeof(hdr));
		length = be16_get(hdr.length);
		if (length < sizeof(hdr) || length > n - at)
			return -EBADMSG;
		p->type = type;
		p->critical = (hdr.flags & IKE_CRITICAL) != 0;
		p->body = octets + at + sizeof(hdr);
		p->octets = (uint16_t)(length - sizeof(hdr));
		chain->count++;
		at += length;
		if (ends_chain(type)) {
			chain->inner = hdr.next;
			break;
		}
		type = hdr.next;
	}
	chain->used = at;
	return 0;
}

const struct ike_payload *
ike_chain_find(const struct ike_chain *chain, uint8_t type, unsigned i)
{
	for (unsigned k = 0; k < chain->count; k++) {
		if (chain->p[k].type == type && i-- == 0)
			return &chain->p[k];
	}
	return NULL;
}

unsigned
ike_chain_count(const struct ike_chain *chain, uint8_t type)
{
	unsigned n = 0;

	for (unsigned k = 0; k < chain->count; k++)
		n += chain->p[k].type == type;
	return n;
}

void
ike_write_begin(struct ike_writer *w, uint8_t *octets, size_t max)
{
	*w = (struct ike_writer){.octets = octets, .max = max};
	w->next = &w->first;
}

void
ike_write_octets(struct ike_writer *w, const void *octets, size_t n)
{
	if (w->full || n > w->max - w->n) {
		w->full = true;
		return;
	}
	if (n > 0)
		memcpy(w->octets + w->n, octets, n);
	w->n += n;
}

void
ike_write_u8(struct ike_writer *w, uint8_t v)
{
	ike_write_octets(w, &v, 1);
}

void
ike_write_u16(struct ike_writer *w, uint16_t v)
{
	struct be16 wire = be16_put(v);

	ike_write_octets(w, &wire, sizeof(wire));
}

void
ike_write_u32(struct ike_writer *w, uint32_t v)
{
	struct be32 wire = be32_put(v);

	ike_write_octets(w, &wire, sizeof(wire));
}

void
ike_write_hdr(struct ike_writer *w, const struct ike_hdr *hdr)
{
	ike_write_octets(w, hdr, sizeof(*hdr));
	if (!w->full)
		w->next = w->octets + offsetof(struct ike_hdr, next);
}

bool
ike_write_end(struct ike_writer *w)
{
	struct be32 length = be32_put((uint32_t)w->n);

	if (w->full)
		return false;
	if (w->n >= sizeof(struct ike_hdr) && w->next != &w->first &&
	    w->first == IKE_P_NONE)
		memcpy(w->octets + offsetof(struct ike_hdr, length), &length,
		       sizeof(length));
	return true;
}

void
ike_write_open(struct ike_writer *w, uint8_t type)
{
	static const struct ike_payload_hdr none;

	*w->next = type;
	w->payload = w->n;
	ike_write_octets(w, &none, sizeof(none));
	if (!w->full)
		w->next = w->octets + w->payload;
}

void
ike_write_close(struct ike_writer *w)
{
	struct be16 length = be16_put((uint16_t)(w->n - w->payload));

	if (w->n - w->payload > UINT16_MAX)
		w->full = true;
	if (!w->full)
		memcpy(w->octets + w->payload +
			   offsetof(struct ike_payload_hdr, length),
		       &length, sizeof(length));
}

void
ike_write_plain(struct ike_writer *w, uint8_t type, const void *body,
		size_t octets)
{
	ike_write_open(w, type);
	ike_write_octets(w, body, octets);
	ike_write_close(w);
}
