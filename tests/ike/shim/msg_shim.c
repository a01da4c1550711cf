#include "msg_shim.h"

#include <errno.h>

#include "ike_sap.h"

int
msg_shim_body(uint8_t type, const uint8_t *octets, size_t n)
{
	static struct ike_v1_sap v1_sap;
	struct ike_payload p = {
	    .type = type, .octets = (uint16_t)n, .body = octets};
	struct ike_ts ts[IKE_MSG_TS_MAX];
	struct ike_delete d;
	struct ike_notify notify;
	struct ike_cp cp;
	struct ike_id id;
	const uint8_t *at;
	unsigned count[2];
	uint16_t two[2];
	uint8_t one[2];
	size_t octets_n;

	switch (type) {
	case IKE_P_SA:
		return msg_shim_sa(octets, n, count) < 0 ? -EBADMSG : 0;
	case IKE_P_V1_SA:
		return ike_v1_sap_read(&p, &v1_sap);
	case IKE_P_KE:
		return ike_ke_read(&p, two, &at, &octets_n);
	case IKE_P_IDI:
		return ike_id_read(&p, &id, one, two);
	case IKE_P_AUTH:
		return ike_auth_read(&p, one, &at, &octets_n);
	case IKE_P_CERT:
		return ike_cert_read(&p, one, &at, &octets_n);
	case IKE_P_NONCE:
	case IKE_P_V1_NONCE:
		return ike_nonce_read(&p, &at, &octets_n);
	case IKE_P_NOTIFY:
	case IKE_P_V1_NOTIFY:
		return ike_notify_read(&p, &notify);
	case IKE_P_DELETE:
	case IKE_P_V1_DELETE:
		return ike_delete_read(&p, &d);
	case IKE_P_TSI:
		return ike_ts_read(&p, ts, IKE_MSG_TS_MAX, &count[0],
				   &count[1]);
	case IKE_P_CP:
		return ike_cp_read(&p, &cp);
	case IKE_P_EAP:
		return ike_eap_read(&p, &one[0], &one[1]);
	case IKE_P_SKF:
		return ike_skf_read(&p, &two[0], &two[1]);
	default:
		return -EINVAL;
	}
}

int
msg_shim_chain(uint8_t first, const uint8_t *octets, size_t n)
{
	struct ike_chain chain;
	int error = ike_chain_read(first, octets, n, &chain);

	return error != 0 ? error : (int)chain.count;
}

int
msg_shim_message(const uint8_t *octets, size_t n)
{
	struct ike_chain chain;
	struct ike_hdr hdr;
	int error = ike_hdr_read(octets, n, &hdr);

	if (error == 0)
		error = ike_chain_read(hdr.next, octets + sizeof(hdr),
				       n - sizeof(hdr), &chain);
	if (error == 0 && chain.used != n - sizeof(hdr))
		error = -EBADMSG;
	return error != 0 ? error : (int)chain.count;
}

int
msg_shim_sa(const uint8_t *octets, size_t n, unsigned *transforms)
{
	static struct ike_sap sap;
	struct ike_payload p = {
	    .type = IKE_P_SA, .octets = (uint16_t)n, .body = octets};
	int error = ike_sap_read(&p, &sap);

	*transforms = sap.transforms_count;
	return error != 0 ? error : (int)sap.count;
}
