/*
 * SA payloads of both versions to structs and back. The two differ in what a
 * transform is (one algorithm, or a whole suite told by attributes) and agree
 * in how substructures follow one another: a mark whether more come, and a
 * length.
 */
#include "ike_sap.h"

#include <errno.h>
#include <string.h>

#define MORE_PROPOSALS 2
#define MORE_TRANSFORMS 3
#define ATTR_TV 0x8000
#define ATTR_KEY_LENGTH 14
#define V1_DOI_IPSEC 1
#define V1_SIT_IDENTITY_ONLY 1

struct proposal_hdr {
	uint8_t more;
	uint8_t reserved;
	struct be16 length;
	uint8_t number;
	uint8_t protocol;
	uint8_t spi_octets;
	uint8_t transforms;
};
static_assert(sizeof(struct proposal_hdr) == 8, "RFC 7296 section 3.3.1");

struct transform_hdr {
	uint8_t more;
	uint8_t reserved;
	struct be16 length;
	uint8_t type; /* IKEv1: number */
	uint8_t v1_id;
	struct be16 id; /* IKEv1: reserved */
};
static_assert(sizeof(struct transform_hdr) == 8, "RFC 7296 section 3.3.2");

/* Octets not yet read. */
struct span {
	const uint8_t *at;
	size_t n;
};

/* The next substructure of s, hdr of it copied; its rest becomes body. */
static int
substructure(struct span *s, void *hdr, size_t hdr_octets, uint8_t more_mark,
	     bool *more, struct span *body)
{
	struct be16 wire;
	size_t length;

	if (s->n < hdr_octets)
		return -EBADMSG;
	memcpy(hdr, s->at, hdr_octets);
	memcpy(&wire, s->at + 2, sizeof(wire));
	length = be16_get(wire);
	if (length < hdr_octets || length > s->n)
		return -EBADMSG;
	if (s->at[0] != 0 && s->at[0] != more_mark)
		return -EBADMSG;
	*more = s->at[0] == more_mark;
	body->at = s->at + hdr_octets;
	body->n = length - hdr_octets;
	s->at += length;
	s->n -= length;
	return 0;
}

/* One attribute: its type without the format bit, and its value as a number. */
static int
attribute(struct span *s, uint16_t *type, uint64_t *value, bool *tv)
{
	struct be16 wire[2];
	size_t n;

	if (s->n < sizeof(wire))
		return -EBADMSG;
	memcpy(wire, s->at, sizeof(wire));
	s->at += sizeof(wire);
	s->n -= sizeof(wire);
	*type = be16_get(wire[0]) & 0x7fff;
	*tv = (be16_get(wire[0]) & ATTR_TV) != 0;
	*value = be16_get(wire[1]);
	if (*tv)
		return 0;
	n = be16_get(wire[1]);
	if (n > s->n || n > sizeof(*value))
		return -EBADMSG;
	*value = 0;
	for (size_t i = 0; i < n; i++)
		*value = *value << 8 | s->at[i];
	s->at += n;
	s->n -= n;
	return 0;
}

/* A proposal without its transforms, which become body. */
static int
proposal(struct span *s, struct ike_sap_proposal *p, bool *more,
	 struct span *body)
{
	struct proposal_hdr hdr;
	int error =
	    substructure(s, &hdr, sizeof(hdr), MORE_PROPOSALS, more, body);

	if (error != 0)
		return error;
	if (hdr.spi_octets > body->n || hdr.spi_octets > sizeof(p->spi))
		return -EBADMSG;
	*p = (struct ike_sap_proposal){.number = hdr.number,
				       .protocol = hdr.protocol,
				       .spi_octets = hdr.spi_octets,
				       .count = hdr.transforms};
	if (hdr.spi_octets > 0)
		memcpy(p->spi, body->at, hdr.spi_octets);
	body->at += hdr.spi_octets;
	body->n -= hdr.spi_octets;
	return 0;
}

static int
transform(struct span *s, struct ike_sap_transform *t, bool *more)
{
	struct transform_hdr hdr;
	struct span body;
	int error =
	    substructure(s, &hdr, sizeof(hdr), MORE_TRANSFORMS, more, &body);

	if (error != 0)
		return error;
	*t = (struct ike_sap_transform){
	    .t = {.type = hdr.type, .id = be16_get(hdr.id)}};
	while (body.n > 0) {
		uint16_t type;
		uint64_t value;
		bool tv;

		if (attribute(&body, &type, &value, &tv) != 0)
			return -EBADMSG;
		if (type == ATTR_KEY_LENGTH && tv && t->t.key_bits == 0)
			t->t.key_bits = (uint16_t)value;
		else
			t->strange = true;
	}
	return 0;
}

static int
transforms(struct span *body, struct ike_sap *sap, struct ike_sap_proposal *p)
{
	bool more = p->count > 0;
	int error;

	p->from = (uint16_t)sap->transforms_count;
	for (unsigned i = 0; i < p->count; i++) {
		if (!more)
			return -EBADMSG;
		if (sap->transforms_count == IKE_SAP_TRANSFORMS_MAX)
			return -E2BIG;
		error = transform(
		    body, &sap->transforms[sap->transforms_count++], &more);
		if (error != 0)
			return error;
	}
	return more || body->n > 0 ? -EBADMSG : 0;
}

int
ike_sap_read(const struct ike_payload *p, struct ike_sap *sap)
{
	struct span s = {p->body, p->octets};
	struct span body;
	bool more = true;
	int error;

	sap->count = 0;
	sap->transforms_count = 0;
	while (more) {
		struct ike_sap_proposal *prop = &sap->proposals[sap->count];

		if (sap->count == IKE_SAP_PROPOSALS_MAX)
			return -E2BIG;
		error = proposal(&s, prop, &more, &body);
		if (error == 0)
			error = transforms(&body, sap, prop);
		if (error != 0)
			return error;
		sap->count++;
	}
	return s.n == 0 ? 0 : -EBADMSG;
}

static void
write_proposal_hdr(struct ike_writer *w, const struct ike_sap_proposal *p,
		   bool more)
{
	ike_write_u8(w, more ? MORE_PROPOSALS : 0);
	ike_write_u8(w, 0);
	ike_write_u16(w, 0);
	ike_write_u8(w, p->number);
	ike_write_u8(w, p->protocol);
	ike_write_u8(w, p->spi_octets);
	ike_write_u8(w, (uint8_t)p->count);
	ike_write_octets(w, p->spi, p->spi_octets);
}

/* The length of the substructure that began at from. */
static void
write_length(struct ike_writer *w, size_t from)
{
	struct be16 length = be16_put((uint16_t)(w->n - from));

	if (!w->full)
		memcpy(w->octets + from + 2, &length, sizeof(length));
}

static void
write_transform(struct ike_writer *w, const struct ike_transform *t, bool more)
{
	size_t from = w->n;

	ike_write_u8(w, more ? MORE_TRANSFORMS : 0);
	ike_write_u8(w, 0);
	ike_write_u16(w, 0);
	ike_write_u8(w, t->type);
	ike_write_u8(w, 0);
	ike_write_u16(w, t->id);
	if (t->key_bits != 0) {
		ike_write_u16(w, ATTR_TV | ATTR_KEY_LENGTH);
		ike_write_u16(w, t->key_bits);
	}
	write_length(w, from);
}

void
ike_write_sap(struct ike_writer *w, const struct ike_sap *sap)
{
	ike_write_open(w, IKE_P_SA);
	for (unsigned i = 0; i < sap->count; i++) {
		const struct ike_sap_proposal *p = &sap->proposals[i];
		size_t from = w->n;

		write_proposal_hdr(w, p, i + 1 < sap->count);
		for (unsigned k = 0; k < p->count; k++)
			write_transform(w, &sap->transforms[p->from + k].t,
					k + 1u < p->count);
		write_length(w, from);
	}
	ike_write_close(w);
}

bool
ike_sap_add(struct ike_sap *sap, uint8_t protocol, const void *spi,
	    uint8_t spi_octets)
{
	struct ike_sap_proposal *p = &sap->proposals[sap->count];

	if (sap->count == IKE_SAP_PROPOSALS_MAX || spi_octets > sizeof(p->spi))
		return false;
	*p = (struct ike_sap_proposal){
	    .number = (uint8_t)(sap->count + 1),
	    .protocol = protocol,
	    .spi_octets = spi_octets,
	    .from = (uint16_t)sap->transforms_count,
	};
	if (spi_octets > 0)
		memcpy(p->spi, spi, spi_octets);
	sap->count++;
	return true;
}

bool
ike_sap_add_transform(struct ike_sap *sap, const struct ike_transform *t)
{
	if (sap->count == 0 || sap->transforms_count == IKE_SAP_TRANSFORMS_MAX)
		return false;
	sap->transforms[sap->transforms_count++] =
	    (struct ike_sap_transform){.t = *t};
	sap->proposals[sap->count - 1].count++;
	return true;
}

static int
v1_transform(struct span *s, struct ike_v1_transform *t, bool *more)
{
	struct transform_hdr hdr;
	struct span body;
	int error =
	    substructure(s, &hdr, sizeof(hdr), MORE_TRANSFORMS, more, &body);

	if (error != 0)
		return error;
	t->number = hdr.type;
	t->id = hdr.v1_id;
	t->count = 0;
	while (body.n > 0) {
		struct ike_v1_attr *a = &t->attrs[t->count];
		bool tv;

		if (t->count == IKE_SAP_ATTRS_MAX)
			return -E2BIG;
		if (attribute(&body, &a->type, &a->value, &tv) != 0)
			return -EBADMSG;
		t->count++;
	}
	return 0;
}

static int
v1_transforms(struct span *body, struct ike_v1_sap *sap,
	      struct ike_sap_proposal *p)
{
	bool more = p->count > 0;
	int error;

	p->from = (uint16_t)sap->transforms_count;
	for (unsigned i = 0; i < p->count; i++) {
		if (!more)
			return -EBADMSG;
		if (sap->transforms_count == IKE_SAP_TRANSFORMS_MAX)
			return -E2BIG;
		error = v1_transform(
		    body, &sap->transforms[sap->transforms_count++], &more);
		if (error != 0)
			return error;
	}
	return more || body->n > 0 ? -EBADMSG : 0;
}

int
ike_v1_sap_read(const struct ike_payload *p, struct ike_v1_sap *sap)
{
	struct be32 head[2];
	struct span s = {p->body, p->octets};
	struct span body;
	bool more = true;
	int error;

	if (s.n < sizeof(head))
		return -EBADMSG;
	memcpy(head, s.at, sizeof(head));
	if (be32_get(head[0]) != V1_DOI_IPSEC ||
	    be32_get(head[1]) != V1_SIT_IDENTITY_ONLY)
		return -ENOTSUP;
	s.at += sizeof(head);
	s.n -= sizeof(head);
	sap->count = 0;
	sap->transforms_count = 0;
	while (more) {
		struct ike_sap_proposal *prop = &sap->proposals[sap->count];

		if (sap->count == IKE_SAP_PROPOSALS_MAX)
			return -E2BIG;
		error = proposal(&s, prop, &more, &body);
		if (error == 0)
			error = v1_transforms(&body, sap, prop);
		if (error != 0)
			return error;
		sap->count++;
	}
	return s.n == 0 ? 0 : -EBADMSG;
}

static void
write_v1_attr(struct ike_writer *w, const struct ike_v1_attr *a)
{
	if (a->value <= UINT16_MAX) {
		ike_write_u16(w, (uint16_t)(ATTR_TV | a->type));
		ike_write_u16(w, (uint16_t)a->value);
		return;
	}
	ike_write_u16(w, a->type);
	ike_write_u16(w, a->value > UINT32_MAX ? 8 : 4);
	if (a->value > UINT32_MAX)
		ike_write_u32(w, (uint32_t)(a->value >> 32));
	ike_write_u32(w, (uint32_t)a->value);
}

static void
write_v1_transform(struct ike_writer *w, const struct ike_v1_transform *t,
		   bool more)
{
	size_t from = w->n;

	ike_write_u8(w, more ? MORE_TRANSFORMS : 0);
	ike_write_u8(w, 0);
	ike_write_u16(w, 0);
	ike_write_u8(w, t->number);
	ike_write_u8(w, t->id);
	ike_write_u16(w, 0);
	for (unsigned i = 0; i < t->count; i++)
		write_v1_attr(w, &t->attrs[i]);
	write_length(w, from);
}

void
ike_write_v1_sap(struct ike_writer *w, const struct ike_v1_sap *sap)
{
	ike_write_open(w, IKE_P_V1_SA);
	ike_write_u32(w, V1_DOI_IPSEC);
	ike_write_u32(w, V1_SIT_IDENTITY_ONLY);
	for (unsigned i = 0; i < sap->count; i++) {
		const struct ike_sap_proposal *p = &sap->proposals[i];
		size_t from = w->n;

		write_proposal_hdr(w, p, i + 1 < sap->count);
		for (unsigned k = 0; k < p->count; k++)
			write_v1_transform(w, &sap->transforms[p->from + k],
					   k + 1u < p->count);
		write_length(w, from);
	}
	ike_write_close(w);
}
