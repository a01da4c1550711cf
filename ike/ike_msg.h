/*
 * IKE messages on the wire: header, chain of payloads, and what is in each, of
 * both versions. Readers borrow: what they give points into the message. They
 * demand exact lengths, bound every count, and never read beyond n; whatever is
 * wrong is -EBADMSG (IKEv2: INVALID_SYNTAX), what is too much is -E2BIG.
 * Writers stand beside them and know no version but that of the bodies.
 *
 * SA payloads are in ike_sap.h.
 */
#ifndef IKE_MSG_H
#define IKE_MSG_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "be.h"
#include "ike.h"
#include "ike_num.h"

#define IKE_MSG_MAX 65535   /* octets: a UDP payload has no more */
#define IKE_PAYLOADS_MAX 64 /* of a message */
#define IKE_NONCE_MIN 16    /* RFC 7296 section 2.10; IKEv1: 8 */
#define IKE_NONCE_MAX 256
#define IKE_MARKER_OCTETS 4 /* RFC 3948 section 2.2 */
#define IKE_MSG_TS_MAX 64   /* selectors of a TS payload */
#define IKE_MSG_CP_MAX 32   /* attributes of a CP payload */

#define IKE_FLAG_V1_ENCRYPTED 0x01
#define IKE_FLAG_V1_COMMIT 0x02
#define IKE_FLAG_INITIATOR 0x08
#define IKE_FLAG_RESPONSE 0x20

#define IKE_CRITICAL 0x80

struct ike_hdr {
	uint8_t spi_i[8];
	uint8_t spi_r[8];
	uint8_t next;
	uint8_t version; /* major << 4 | minor */
	uint8_t exchange;
	uint8_t flags;
	struct be32 message_id;
	struct be32 length; /* of the message, header included */
};
static_assert(sizeof(struct ike_hdr) == 28, "RFC 7296 section 3.1");

struct ike_payload_hdr {
	uint8_t next;
	uint8_t flags; /* IKEv1: reserved */
	struct be16 length;
};
static_assert(sizeof(struct ike_payload_hdr) == 4, "RFC 7296 section 3.2");

/* RFC 7383 section 2.5, behind the payload header. */
struct ike_skf_hdr {
	struct be16 number;
	struct be16 total;
};
static_assert(sizeof(struct ike_skf_hdr) == 4, "RFC 7383 section 2.5");

/* ---- header and chain ---------------------------------------------- */

/*
 * The header of n octets without marker, copied. -EBADMSG: shorter than a
 * header, or the length is not n.
 */
int ike_hdr_read(const uint8_t *octets, size_t n, struct ike_hdr *hdr);

struct ike_payload {
	uint8_t type;
	bool critical;
	uint16_t octets;
	const uint8_t *body; /* behind the payload header */
};

struct ike_chain {
	unsigned count;
	/* Of SK or SKF, the last one: type of the first payload within. */
	uint8_t inner;
	size_t used; /* octets read; IKEv1 has padding behind */
	struct ike_payload p[IKE_PAYLOADS_MAX];
};

/*
 * The payloads of n octets, the first of type first. An SK or SKF payload ends
 * the chain. -EBADMSG, -E2BIG. Whether chain->used must be n the caller knows.
 */
int ike_chain_read(uint8_t first, const uint8_t *octets, size_t n,
		   struct ike_chain *chain);

/* The i-th (from 0) payload of a type; NULL. */
const struct ike_payload *ike_chain_find(const struct ike_chain *chain,
					 uint8_t type, unsigned i);
unsigned ike_chain_count(const struct ike_chain *chain, uint8_t type);

/* ---- bodies -------------------------------------------------------- */

/* KE of IKEv2: group and public value. (IKEv1's body is the value.) */
int ike_ke_read(const struct ike_payload *p, uint16_t *group,
		const uint8_t **value, size_t *octets);

/* ID of either version; v1_protocol and v1_port (may be NULL) are what
 * IKEv1 has where IKEv2 has reserved octets. Types of subnets and ranges, which
 * struct ike_id does not know, are read as they are. */
int ike_id_read(const struct ike_payload *p, struct ike_id *id,
		uint8_t *v1_protocol, uint16_t *v1_port);

/* CERT and CERTREQ: encoding and what follows. AUTH: method and data. */
int ike_cert_read(const struct ike_payload *p, uint8_t *encoding,
		  const uint8_t **data, size_t *octets);
int ike_auth_read(const struct ike_payload *p, uint8_t *method,
		  const uint8_t **data, size_t *octets);

/* Nonce: 16 to 256 octets in IKEv2, 8 to 256 in IKEv1 (RFC 2409 section 5). */
int ike_nonce_read(const struct ike_payload *p, const uint8_t **nonce,
		   size_t *octets);

struct ike_notify {
	uint8_t protocol;
	uint8_t spi_octets;
	uint16_t type;
	const uint8_t *spi;
	const uint8_t *data;
	size_t octets; /* of data */
};

/* Of IKEv1 the DOI comes first and must be 0 or 1. */
int ike_notify_read(const struct ike_payload *p, struct ike_notify *n);

struct ike_delete {
	uint8_t protocol;
	uint8_t spi_octets;
	uint16_t count;
	const uint8_t *spis;
};

int ike_delete_read(const struct ike_payload *p, struct ike_delete *d);

/*
 * TSi or TSr. Selectors of unknown type are skipped (RFC 7296 section 3.13.1)
 * but count: *count of ts are given, of *offered. Of max at most
 * IKE_MSG_TS_MAX.
 */
int ike_ts_read(const struct ike_payload *p, struct ike_ts *ts, unsigned max,
		unsigned *count, unsigned *offered);

struct ike_cp_attr {
	uint16_t type;
	uint16_t octets;
	const uint8_t *value;
};

struct ike_cp {
	uint8_t type; /* enum ike_cp_type */
	unsigned count;
	struct ike_cp_attr attrs[IKE_MSG_CP_MAX];
};

int ike_cp_read(const struct ike_payload *p, struct ike_cp *cp);

/* EAP: only its header, which must fit its payload (RFC 3748 section 4). */
int ike_eap_read(const struct ike_payload *p, uint8_t *code, uint8_t *id);

/* SKF: which fragment of how many; the rest is as SK. */
int ike_skf_read(const struct ike_payload *p, uint16_t *number,
		 uint16_t *total);

/* ---- writing ------------------------------------------------------- */

/*
 * Writes into memory of the caller. Overflow is remembered, so that a body is
 * written without asking after each line; ike_write_ok() at the end tells.
 */
struct ike_writer {
	uint8_t *octets;
	size_t max;
	size_t n;
	bool full;
	uint8_t first;  /* type of the first payload, where no header was */
	uint8_t *next;  /* where the next payload's type goes */
	size_t payload; /* where the open payload begins */
};

void ike_write_begin(struct ike_writer *w, uint8_t *octets, size_t max);
/* The header; its length is set by ike_write_end(). */
void ike_write_hdr(struct ike_writer *w, const struct ike_hdr *hdr);
/* False when it did not fit; sets the length of a header that was written. */
bool ike_write_end(struct ike_writer *w);

void ike_write_u8(struct ike_writer *w, uint8_t v);
void ike_write_u16(struct ike_writer *w, uint16_t v);
void ike_write_u32(struct ike_writer *w, uint32_t v);
void ike_write_octets(struct ike_writer *w, const void *octets, size_t n);

/* A payload, with its body written in between. */
void ike_write_open(struct ike_writer *w, uint8_t type);
void ike_write_close(struct ike_writer *w);

/* Whole payloads. */
void ike_write_plain(struct ike_writer *w, uint8_t type, const void *body,
		     size_t octets);
void ike_write_ke(struct ike_writer *w, uint16_t group, const void *value,
		  size_t octets);
void ike_write_id(struct ike_writer *w, uint8_t type, const struct ike_id *id,
		  uint8_t v1_protocol, uint16_t v1_port);
/* CERT, CERTREQ, AUTH. */
void ike_write_cert(struct ike_writer *w, uint8_t type, uint8_t encoding,
		    const void *data, size_t octets);
void ike_write_auth(struct ike_writer *w, uint8_t method, const void *data,
		    size_t octets);
/* type: IKE_P_NOTIFY or IKE_P_V1_NOTIFY, with its DOI. */
void ike_write_notify(struct ike_writer *w, uint8_t type,
		      const struct ike_notify *n);
void ike_write_delete(struct ike_writer *w, uint8_t type,
		      const struct ike_delete *d);
void ike_write_ts(struct ike_writer *w, uint8_t type, const struct ike_ts *ts,
		  unsigned count);
void ike_write_cp(struct ike_writer *w, const struct ike_cp *cp);

#endif
