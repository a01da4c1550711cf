/* The names of ike_num.h. */
#include "ike_num.h"

const char *
ike_exchange_name(uint8_t exchange)
{
#define X_CASE(n, e, name)                                                     \
	case n:                                                                \
		return name;
	switch (exchange) {
		IKE_EXCHANGES(X_CASE)
	default:
		return "?";
	}
}

const char *
ike_payload_name(uint8_t type)
{
	switch (type) {
		IKE_PAYLOADS(X_CASE)
	default:
		return "?";
	}
#undef X_CASE
}

const char *
ike_notify_name(uint16_t type)
{
#define N_CASE(n, e)                                                           \
	case n:                                                                \
		return #e;
	switch (type) {
		IKE_NOTIFIES(N_CASE)
	default:
		return "?";
	}
}

const char *
ike_v1_notify_name(uint16_t type)
{
	switch (type) {
		IKE_V1_NOTIFIES(N_CASE)
	default:
		return "?";
	}
#undef N_CASE
}
