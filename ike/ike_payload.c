/*
 * What is in payloads: each reader beside its writer, all demanding that the
 * body is exactly as long as what it says (RFC 7296 section 3, RFC 2408 section
 * 3, RFC 2407 section 4.6). No state, no decisions.
 */
#include "ike_msg.h"

#include <errno.h>
#include <string.h>

#define V1_DOI_IPSEC 1
#define TS_IPV4_RANGE 7
#define TS_IPV6_RANGE 8

struct ke_hdr {
	struct be16 group;
	struct be16 reserved;
};
static_assert(sizeof(struct ke_hdr) == 4, "RFC 7296 section 3.4");

int
ike_ke_read(const struct ike_payload *p, uint16_t *group, const uint8_t **value,
	    size_t *octets)
{
	struct ke_hdr hdr;

	if (p->octets <= sizeof(hdr))
		return -EBADMSG;
	memcpy(&hdr, p->body, sizeof(hdr));
	*group = be16_get(hdr.group);
	*value = p->body + sizeof(hdr);
	*octets = p->octets - sizeof(hdr);
	return 0;
}

void
ike_write_ke(struct ike_writer *w, uint16_t group, const void *value,
	     size_t octets)
{
	ike_write_open(w, IKE_P_KE);
	ike_write_u16(w, group);
	ike_write_u16(w, 0);
	ike_write_octets(w, value, octets);
	ike_write_close(w);
}

struct id_hdr {
	uint8_t type;
	uint8_t v1_protocol;
	struct be16 v1_port;
};
static_assert(sizeof(struct id_hdr) == 4, "RFC 7296 section 3.5");

static bool
id_length_ok(uint8_t type, size_t octets)
{
	switch (type) {
	case IKE_ID_IPV4:
		return octets == 4;
	case IKE_ID_IPV6:
		return octets == 16;
	default:
		return octets > 0 && octets <= IKE_ID_MAX;
	}
}

int
ike_id_read(const struct ike_payload *p, struct ike_id *id,
	    uint8_t *v1_protocol, uint16_t *v1_port)
{
	struct id_hdr hdr;
	size_t n;

	if (p->octets < sizeof(hdr))
		return -EBADMSG;
	memcpy(&hdr, p->body, sizeof(hdr));
	n = p->octets - sizeof(hdr);
	if (!id_length_ok(hdr.type, n))
		return -EBADMSG;
	id->type = hdr.type;
	id->octets = (uint16_t)n;
	memcpy(id->value, p->body + sizeof(hdr), n);
	if (v1_protocol != NULL)
		*v1_protocol = hdr.v1_protocol;
	if (v1_port != NULL)
		*v1_port = be16_get(hdr.v1_port);
	return 0;
}

void
ike_write_id(struct ike_writer *w, uint8_t type, const struct ike_id *id,
	     uint8_t v1_protocol, uint16_t v1_port)
{
	ike_write_open(w, type);
	ike_write_u8(w, id->type);
	ike_write_u8(w, v1_protocol);
	ike_write_u16(w, v1_port);
	ike_write_octets(w, id->value, id->octets);
	ike_write_close(w);
}

int
ike_cert_read(const struct ike_payload *p, uint8_t *encoding,
	      const uint8_t **data, size_t *octets)
{
	if (p->octets < 1)
		return -EBADMSG;
	*encoding = p->body[0];
	*data = p->body + 1;
	*octets = p->octets - 1u;
	return 0;
}

void
ike_write_cert(struct ike_writer *w, uint8_t type, uint8_t encoding,
	       const void *data, size_t octets)
{
	ike_write_open(w, type);
	ike_write_u8(w, encoding);
	ike_write_octets(w, data, octets);
	ike_write_close(w);
}

int
ike_auth_read(const struct ike_payload *p, uint8_t *method,
	      const uint8_t **data, size_t *octets)
{
	if (p->octets <= 4)
		return -EBADMSG;
	*method = p->body[0];
	*data = p->body + 4;
	*octets = p->octets - 4u;
	return 0;
}

void
ike_write_auth(struct ike_writer *w, uint8_t method, const void *data,
	       size_t octets)
{
	static const uint8_t reserved[3];

	ike_write_open(w, IKE_P_AUTH);
	ike_write_u8(w, method);
	ike_write_octets(w, reserved, sizeof(reserved));
	ike_write_octets(w, data, octets);
	ike_write_close(w);
}

int
ike_nonce_read(const struct ike_payload *p, const uint8_t **nonce,
	       size_t *octets)
{
	size_t least = p->type == IKE_P_V1_NONCE ? 8 : IKE_NONCE_MIN;

	if (p->octets < least || p->octets > IKE_NONCE_MAX)
		return -EBADMSG;
	*nonce = p->body;
	*octets = p->octets;
	return 0;
}

struct notify_hdr {
	uint8_t protocol;
	uint8_t spi_octets;
	struct be16 type;
};
static_assert(sizeof(struct notify_hdr) == 4, "RFC 7296 section 3.10");

/* The DOI of an IKEv1 body; 0 octets of it in IKEv2. */
static int
doi_skip(const struct ike_payload *p, uint8_t v1_type, size_t *at)
{
	struct be32 doi;

	*at = 0;
	if (p->type != v1_type)
		return 0;
	if (p->octets < sizeof(doi))
		return -EBADMSG;
	memcpy(&doi, p->body, sizeof(doi));
	*at = sizeof(doi);
	return be32_get(doi) <= V1_DOI_IPSEC ? 0 : -EBADMSG;
}

int
ike_notify_read(const struct ike_payload *p, struct ike_notify *n)
{
	struct notify_hdr hdr;
	size_t at;

	if (doi_skip(p, IKE_P_V1_NOTIFY, &at) != 0 ||
	    p->octets - at < sizeof(hdr))
		return -EBADMSG;
	memcpy(&hdr, p->body + at, sizeof(hdr));
	at += sizeof(hdr);
	if (hdr.spi_octets > p->octets - at)
		return -EBADMSG;
	n->protocol = hdr.protocol;
	n->spi_octets = hdr.spi_octets;
	n->type = be16_get(hdr.type);
	n->spi = p->body + at;
	n->data = n->spi + hdr.spi_octets;
	n->octets = p->octets - at - hdr.spi_octets;
	return 0;
}

void
ike_write_notify(struct ike_writer *w, uint8_t type, const struct ike_notify *n)
{
	ike_write_open(w, type);
	if (type == IKE_P_V1_NOTIFY)
		ike_write_u32(w, V1_DOI_IPSEC);
	ike_write_u8(w, n->protocol);
	ike_write_u8(w, n->spi_octets);
	ike_write_u16(w, n->type);
	ike_write_octets(w, n->spi, n->spi_octets);
	ike_write_octets(w, n->data, n->octets);
	ike_write_close(w);
}

struct delete_hdr {
	uint8_t protocol;
	uint8_t spi_octets;
	struct be16 count;
};
static_assert(sizeof(struct delete_hdr) == 4, "RFC 7296 section 3.11");

int
ike_delete_read(const struct ike_payload *p, struct ike_delete *d)
{
	struct delete_hdr hdr;
	size_t at;

	if (doi_skip(p, IKE_P_V1_DELETE, &at) != 0 ||
	    p->octets - at < sizeof(hdr))
		return -EBADMSG;
	memcpy(&hdr, p->body + at, sizeof(hdr));
	at += sizeof(hdr);
	d->protocol = hdr.protocol;
	d->spi_octets = hdr.spi_octets;
	d->count = be16_get(hdr.count);
	d->spis = p->body + at;
	if ((size_t)d->spi_octets * d->count != p->octets - at)
		return -EBADMSG;
	return 0;
}

void
ike_write_delete(struct ike_writer *w, uint8_t type, const struct ike_delete *d)
{
	ike_write_open(w, type);
	if (type == IKE_P_V1_DELETE)
		ike_write_u32(w, V1_DOI_IPSEC);
	ike_write_u8(w, d->protocol);
	ike_write_u8(w, d->spi_octets);
	ike_write_u16(w, d->count);
	ike_write_octets(w, d->spis, (size_t)d->spi_octets * d->count);
	ike_write_close(w);
}

struct ts_hdr {
	uint8_t type;
	uint8_t protocol;
	struct be16 length;
	struct be16 port[2];
};
static_assert(sizeof(struct ts_hdr) == 8, "RFC 7296 section 3.13.1");

/* A selector of n octets; 1: of a type that is not known. */
static int
ts_one(const struct ts_hdr *hdr, const uint8_t *addrs, size_t n,
       struct ike_ts *ts)
{
	unsigned family = hdr->type == TS_IPV4_RANGE ? 4 : 6;
	size_t octets = family == 4 ? 4 : 16;

	if (hdr->type != TS_IPV4_RANGE && hdr->type != TS_IPV6_RANGE)
		return 1;
	if (n != 2 * octets)
		return -EBADMSG;
	*ts = (struct ike_ts){
	    .protocol = hdr->protocol,
	    .port = {be16_get(hdr->port[0]), be16_get(hdr->port[1])},
	    .first = ip_addr_get(family, addrs),
	    .last = ip_addr_get(family, addrs + octets),
	};
	if (memcmp(ts->first.octets, ts->last.octets, 16) > 0)
		return -EBADMSG;
	/* First above last is OPAQUE, 0xffff to 0 (RFC 7296, 3.13.1). */
	if (ts->port[0] > ts->port[1] &&
	    (ts->port[0] != UINT16_MAX || ts->port[1] != 0))
		return -EBADMSG;
	return 0;
}

int
ike_ts_read(const struct ike_payload *p, struct ike_ts *ts, unsigned max,
	    unsigned *count, unsigned *offered)
{
	size_t at = 4;
	unsigned total;

	if (p->octets < at || p->body[0] == 0)
		return -EBADMSG;
	total = p->body[0];
	if (total > IKE_MSG_TS_MAX)
		return -E2BIG;
	*count = 0;
	for (unsigned i = 0; i < total; i++) {
		struct ike_ts one;
		struct ts_hdr hdr;
		size_t length;
		int known;

		if (p->octets - at < sizeof(hdr))
			return -EBADMSG;
		memcpy(&hdr, p->body + at, sizeof(hdr));
		length = be16_get(hdr.length);
		if (length < sizeof(hdr) || length > p->octets - at)
			return -EBADMSG;
		known = ts_one(&hdr, p->body + at + sizeof(hdr),
			       length - sizeof(hdr), &one);
		if (known < 0)
			return known;
		if (known == 0 && *count < max)
			ts[(*count)++] = one;
		at += length;
	}
	*offered = total;
	return at == p->octets ? 0 : -EBADMSG;
}

void
ike_write_ts(struct ike_writer *w, uint8_t type, const struct ike_ts *ts,
	     unsigned count)
{
	ike_write_open(w, type);
	ike_write_u8(w, (uint8_t)count);
	ike_write_u8(w, 0);
	ike_write_u16(w, 0);
	for (unsigned i = 0; i < count; i++) {
		bool v4 = ts[i].first.family == 4;
		size_t octets = v4 ? 4 : 16;

		ike_write_u8(w, v4 ? TS_IPV4_RANGE : TS_IPV6_RANGE);
		ike_write_u8(w, ts[i].protocol);
		ike_write_u16(w,
			      (uint16_t)(sizeof(struct ts_hdr) + 2 * octets));
		ike_write_u16(w, ts[i].port[0]);
		ike_write_u16(w, ts[i].port[1]);
		ike_write_octets(w, ts[i].first.octets, octets);
		ike_write_octets(w, ts[i].last.octets, octets);
	}
	ike_write_close(w);
}

int
ike_cp_read(const struct ike_payload *p, struct ike_cp *cp)
{
	size_t at = 4;

	if (p->octets < at)
		return -EBADMSG;
	cp->type = p->body[0];
	cp->count = 0;
	while (at < p->octets) {
		struct ike_cp_attr *a = &cp->attrs[cp->count];
		struct be16 hdr[2];

		if (p->octets - at < sizeof(hdr))
			return -EBADMSG;
		if (cp->count == IKE_MSG_CP_MAX)
			return -E2BIG;
		memcpy(hdr, p->body + at, sizeof(hdr));
		at += sizeof(hdr);
		a->type = be16_get(hdr[0]) & 0x7fff;
		a->octets = be16_get(hdr[1]);
		a->value = p->body + at;
		if (a->octets > p->octets - at)
			return -EBADMSG;
		at += a->octets;
		cp->count++;
	}
	return 0;
}

void
ike_write_cp(struct ike_writer *w, const struct ike_cp *cp)
{
	static const uint8_t reserved[3];

	ike_write_open(w, IKE_P_CP);
	ike_write_u8(w, cp->type);
	ike_write_octets(w, reserved, sizeof(reserved));
	for (unsigned i = 0; i < cp->count; i++) {
		ike_write_u16(w, cp->attrs[i].type);
		ike_write_u16(w, cp->attrs[i].octets);
		ike_write_octets(w, cp->attrs[i].value, cp->attrs[i].octets);
	}
	ike_write_close(w);
}

int
ike_eap_read(const struct ike_payload *p, uint8_t *code, uint8_t *id)
{
	struct be16 length;

	if (p->octets < 4)
		return -EBADMSG;
	memcpy(&length, p->body + 2, sizeof(length));
	if (be16_get(length) != p->octets)
		return -EBADMSG;
	*code = p->body[0];
	*id = p->body[1];
	return 0;
}

int
ike_skf_read(const struct ike_payload *p, uint16_t *number, uint16_t *total)
{
	struct ike_skf_hdr hdr;

	if (p->octets < sizeof(hdr))
		return -EBADMSG;
	memcpy(&hdr, p->body, sizeof(hdr));
	*number = be16_get(hdr.number);
	*total = be16_get(hdr.total);
	return *number >= 1 && *number <= *total ? 0 : -EBADMSG;
}
