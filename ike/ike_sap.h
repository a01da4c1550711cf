/*
 * SA payloads: proposals and their transforms, of IKEv2 (RFC 7296 section 3.3)
 * and of IKEv1 (RFC 2408 section 3.4 to 3.6, RFC 2407 section 4.5). Readers
 * bound every count and demand exact lengths, as all of ike_msg.h.
 */
#ifndef IKE_SAP_H
#define IKE_SAP_H

#include "ike_msg.h"

#define IKE_SAP_PROPOSALS_MAX 64
#define IKE_SAP_TRANSFORMS_MAX 160 /* of a payload */
#define IKE_SAP_ATTRS_MAX 12       /* of an IKEv1 transform */

struct ike_sap_proposal {
	uint8_t number;
	uint8_t protocol; /* enum ike_protocol */
	uint8_t spi_octets;
	uint8_t spi[16];
	uint16_t from; /* first of its transforms */
	uint16_t count;
};

/* ---- IKEv2 ---- */

struct ike_sap_transform {
	struct ike_transform t;
	bool strange; /* an attribute that is not known: not to be chosen */
};

struct ike_sap {
	unsigned count;
	unsigned transforms_count;
	struct ike_sap_proposal proposals[IKE_SAP_PROPOSALS_MAX];
	struct ike_sap_transform transforms[IKE_SAP_TRANSFORMS_MAX];
};

int ike_sap_read(const struct ike_payload *p, struct ike_sap *sap);
void ike_write_sap(struct ike_writer *w, const struct ike_sap *sap);

/* Building one; false when it is full. */
bool ike_sap_add(struct ike_sap *sap, uint8_t protocol, const void *spi,
		 uint8_t spi_octets);
bool ike_sap_add_transform(struct ike_sap *sap, const struct ike_transform *t);

/* ---- IKEv1 ---- */

/* Values of more than 8 octets are refused. */
struct ike_v1_attr {
	uint16_t type;
	uint64_t value;
};

struct ike_v1_transform {
	uint8_t number;
	uint8_t id;
	uint8_t count;
	struct ike_v1_attr attrs[IKE_SAP_ATTRS_MAX];
};

struct ike_v1_sap {
	unsigned count;
	unsigned transforms_count;
	struct ike_sap_proposal proposals[IKE_SAP_PROPOSALS_MAX];
	struct ike_v1_transform transforms[IKE_SAP_TRANSFORMS_MAX];
};

/* DOI and situation must be IPsec's, identity only (RFC 2407 section 4.2.1):
 * else -ENOTSUP. */
int ike_v1_sap_read(const struct ike_payload *p, struct ike_v1_sap *sap);
/* Values above 65535 are written in four octets, larger ones in eight. */
void ike_write_v1_sap(struct ike_writer *w, const struct ike_v1_sap *sap);

#endif
