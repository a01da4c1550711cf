/*
 * The body of one IKE payload, of the type FUZZ_TYPE that the build names; the
 * chain of payloads where it names none. What a reader takes, its writer must
 * write such that the reader takes it again, and the second writing must be
 * like the first.
 */
#include <stdlib.h>
#include <string.h>

#include "ike_sap.h"

#ifndef FUZZ_TYPE
#define FUZZ_TYPE 0
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct parsed {
	struct ike_sap sap;
	struct ike_v1_sap v1_sap;
	struct ike_ts ts[IKE_MSG_TS_MAX];
	struct ike_cp cp;
};

static int
sap(const struct ike_payload *p, struct ike_writer *w, struct parsed *s)
{
	int error = p->type == IKE_P_SA ? ike_sap_read(p, &s->sap)
					: ike_v1_sap_read(p, &s->v1_sap);

	if (error != 0)
		return error;
	for (unsigned i = 0; i < s->sap.transforms_count; i++)
		s->sap.transforms[i].strange = false;
	if (p->type == IKE_P_SA)
		ike_write_sap(w, &s->sap);
	else
		ike_write_v1_sap(w, &s->v1_sap);
	return 0;
}

static int
id(const struct ike_payload *p, struct ike_writer *w)
{
	char text[IKE_ID_TEXT_MAX];
	struct ike_id id;
	uint8_t protocol;
	uint16_t port;
	int error = ike_id_read(p, &id, &protocol, &port);

	if (error != 0)
		return error;
	if (strlen(ike_id_text(&id, text)) >= sizeof(text))
		abort();
	ike_write_id(w, p->type, &id, protocol, port);
	return 0;
}

static int
notify(const struct ike_payload *p, struct ike_writer *w)
{
	struct ike_notify n;
	int error = ike_notify_read(p, &n);

	if (error == 0)
		ike_write_notify(w, p->type, &n);
	return error;
}

static int delete (const struct ike_payload *p, struct ike_writer *w)
{
	struct ike_delete d;
	int error = ike_delete_read(p, &d);

	if (error == 0)
		ike_write_delete(w, p->type, &d);
	return error;
}

static int
ts(const struct ike_payload *p, struct ike_writer *w, struct parsed *s)
{
	unsigned count;
	unsigned offered;
	int error = ike_ts_read(p, s->ts, IKE_MSG_TS_MAX, &count, &offered);

	if (error != 0 || count == 0)
		return -1;
	ike_write_ts(w, p->type, s->ts, count);
	return 0;
}

static int
cp(const struct ike_payload *p, struct ike_writer *w, struct parsed *s)
{
	int error = ike_cp_read(p, &s->cp);

	if (error == 0)
		ike_write_cp(w, &s->cp);
	return error;
}

static int
data(const struct ike_payload *p, struct ike_writer *w)
{
	const uint8_t *at;
	size_t n;
	uint16_t group;
	uint8_t one;
	int error;

	switch (p->type) {
	case IKE_P_KE:
		error = ike_ke_read(p, &group, &at, &n);
		if (error == 0)
			ike_write_ke(w, group, at, n);
		return error;
	case IKE_P_AUTH:
		error = ike_auth_read(p, &one, &at, &n);
		if (error == 0)
			ike_write_auth(w, one, at, n);
		return error;
	case IKE_P_CERT:
		error = ike_cert_read(p, &one, &at, &n);
		if (error == 0)
			ike_write_cert(w, p->type, one, at, n);
		return error;
	default:
		error = ike_nonce_read(p, &at, &n);
		if (error == 0)
			ike_write_plain(w, p->type, at, n);
		return error;
	}
}

static int
body(const struct ike_payload *p, struct ike_writer *w, struct parsed *s)
{
	uint8_t one[2];
	uint16_t two[2];

	switch (p->type) {
	case IKE_P_SA:
	case IKE_P_V1_SA:
		return sap(p, w, s);
	case IKE_P_IDI:
	case IKE_P_V1_ID:
		return id(p, w);
	case IKE_P_NOTIFY:
	case IKE_P_V1_NOTIFY:
		return notify(p, w);
	case IKE_P_DELETE:
	case IKE_P_V1_DELETE:
		return delete (p, w);
	case IKE_P_TSI:
		return ts(p, w, s);
	case IKE_P_CP:
		return cp(p, w, s);
	case IKE_P_EAP:
		(void)ike_eap_read(p, &one[0], &one[1]);
		return -1;
	case IKE_P_SKF:
		(void)ike_skf_read(p, &two[0], &two[1]);
		return -1;
	default:
		return data(p, w);
	}
}

static void
chain(const uint8_t *octets, size_t n)
{
	struct ike_chain c;
	struct ike_hdr hdr;

	if (n == 0 || ike_hdr_read(octets, n, &hdr) == 0)
		return;
	if (ike_chain_read(octets[0], octets + 1, n - 1, &c) == 0 &&
	    c.used > n - 1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	static uint8_t out[2][2 * IKE_MSG_MAX];
	static struct parsed parsed;
	struct ike_payload p = {.type = FUZZ_TYPE, .body = octets};
	struct ike_writer w[2];

	if (size > UINT16_MAX - sizeof(struct ike_payload_hdr))
		return 0;
	p.octets = (uint16_t)size;
	if (FUZZ_TYPE == 0) {
		chain(octets, size);
		return 0;
	}
	ike_write_begin(&w[0], out[0], sizeof(out[0]));
	if (body(&p, &w[0], &parsed) != 0 || !ike_write_end(&w[0]))
		return 0;
	p.body = out[0] + sizeof(struct ike_payload_hdr);
	p.octets = (uint16_t)(w[0].n - sizeof(struct ike_payload_hdr));
	ike_write_begin(&w[1], out[1], sizeof(out[1]));
	if (body(&p, &w[1], &parsed) != 0 || !ike_write_end(&w[1]) ||
	    w[0].n != w[1].n || memcmp(out[0], out[1], w[0].n) != 0)
		abort();
	return 0;
}
