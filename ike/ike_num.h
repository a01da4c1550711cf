/*
 * Numbers of IKE's wire (IANA registries of RFC 2408, 2409, 7296 and
 * successors) with the names that ladders and logs show.
 */
#ifndef IKE_NUM_H
#define IKE_NUM_H

#include <stdint.h>

#define IKE_EXCHANGES(X)                                                       \
	X(2, V1_MAIN, "Main Mode")                                             \
	X(4, V1_AGGRESSIVE, "Aggressive Mode")                                 \
	X(5, V1_INFO, "Informational")                                         \
	X(6, V1_TRANSACTION, "Transaction")                                    \
	X(32, V1_QUICK, "Quick Mode")                                          \
	X(34, SA_INIT, "IKE_SA_INIT")                                          \
	X(35, AUTH, "IKE_AUTH")                                                \
	X(36, CREATE_CHILD, "CREATE_CHILD_SA")                                 \
	X(37, INFORMATIONAL, "INFORMATIONAL")

enum ike_exchange {
#define IKE_X_ENUM(n, e, name) IKE_X_##e = (n),
	IKE_EXCHANGES(IKE_X_ENUM)
#undef IKE_X_ENUM
};

#define IKE_PAYLOADS(X)                                                        \
	X(1, V1_SA, "SA")                                                      \
	X(2, V1_PROPOSAL, "P")                                                 \
	X(3, V1_TRANSFORM, "T")                                                \
	X(4, V1_KE, "KE")                                                      \
	X(5, V1_ID, "ID")                                                      \
	X(6, V1_CERT, "CERT")                                                  \
	X(7, V1_CERTREQ, "CERTREQ")                                            \
	X(8, V1_HASH, "HASH")                                                  \
	X(9, V1_SIG, "SIG")                                                    \
	X(10, V1_NONCE, "NONCE")                                               \
	X(11, V1_NOTIFY, "N")                                                  \
	X(12, V1_DELETE, "D")                                                  \
	X(13, V1_VENDOR, "VID")                                                \
	X(14, V1_ATTRIBUTES, "ATTR")                                           \
	X(20, V1_NAT_D, "NAT-D")                                               \
	X(21, V1_NAT_OA, "NAT-OA")                                             \
	X(33, SA, "SA")                                                        \
	X(34, KE, "KE")                                                        \
	X(35, IDI, "IDi")                                                      \
	X(36, IDR, "IDr")                                                      \
	X(37, CERT, "CERT")                                                    \
	X(38, CERTREQ, "CERTREQ")                                              \
	X(39, AUTH, "AUTH")                                                    \
	X(40, NONCE, "Nonce")                                                  \
	X(41, NOTIFY, "N")                                                     \
	X(42, DELETE, "D")                                                     \
	X(43, VENDOR, "VID")                                                   \
	X(44, TSI, "TSi")                                                      \
	X(45, TSR, "TSr")                                                      \
	X(46, SK, "SK")                                                        \
	X(47, CP, "CP")                                                        \
	X(48, EAP, "EAP")                                                      \
	X(53, SKF, "SKF")

enum ike_payload_type {
	IKE_P_NONE = 0,
#define IKE_P_ENUM(n, e, name) IKE_P_##e = (n),
	IKE_PAYLOADS(IKE_P_ENUM)
#undef IKE_P_ENUM
};

/* RFC 7296 section 3.10.1; IKEv1 has its own below. */
#define IKE_NOTIFIES(X)                                                        \
	X(1, UNSUPPORTED_CRITICAL_PAYLOAD)                                     \
	X(4, INVALID_IKE_SPI)                                                  \
	X(5, INVALID_MAJOR_VERSION)                                            \
	X(7, INVALID_SYNTAX)                                                   \
	X(9, INVALID_MESSAGE_ID)                                               \
	X(11, INVALID_SPI)                                                     \
	X(14, NO_PROPOSAL_CHOSEN)                                              \
	X(17, INVALID_KE_PAYLOAD)                                              \
	X(24, AUTHENTICATION_FAILED)                                           \
	X(34, SINGLE_PAIR_REQUIRED)                                            \
	X(35, NO_ADDITIONAL_SAS)                                               \
	X(36, INTERNAL_ADDRESS_FAILURE)                                        \
	X(37, FAILED_CP_REQUIRED)                                              \
	X(38, TS_UNACCEPTABLE)                                                 \
	X(39, INVALID_SELECTORS)                                               \
	X(43, TEMPORARY_FAILURE)                                               \
	X(44, CHILD_SA_NOT_FOUND)                                              \
	X(16384, INITIAL_CONTACT)                                              \
	X(16385, SET_WINDOW_SIZE)                                              \
	X(16386, ADDITIONAL_TS_POSSIBLE)                                       \
	X(16387, IPCOMP_SUPPORTED)                                             \
	X(16388, NAT_DETECTION_SOURCE_IP)                                      \
	X(16389, NAT_DETECTION_DESTINATION_IP)                                 \
	X(16390, COOKIE)                                                       \
	X(16391, USE_TRANSPORT_MODE)                                           \
	X(16392, HTTP_CERT_LOOKUP_SUPPORTED)                                   \
	X(16393, REKEY_SA)                                                     \
	X(16394, ESP_TFC_PADDING_NOT_SUPPORTED)                                \
	X(16395, NON_FIRST_FRAGMENTS_ALSO)                                     \
	X(16396, MOBIKE_SUPPORTED)                                             \
	X(16404, MULTIPLE_AUTH_SUPPORTED)                                      \
	X(16406, REDIRECT_SUPPORTED)                                           \
	X(16417, EAP_ONLY_AUTHENTICATION)                                      \
	X(16418, CHILDLESS_IKEV2_SUPPORTED)                                    \
	X(16430, IKEV2_FRAGMENTATION_SUPPORTED)                                \
	X(16431, SIGNATURE_HASH_ALGORITHMS)

enum ike_notify_type {
#define IKE_N_ENUM(n, e) IKE_N_##e = (n),
	IKE_NOTIFIES(IKE_N_ENUM)
#undef IKE_N_ENUM
};
#define IKE_N_STATUS 16384 /* from here on no error */

/* RFC 2408 section 3.14.1, RFC 2407 section 4.6.3, RFC 3706 section 5. */
#define IKE_V1_NOTIFIES(X)                                                     \
	X(1, INVALID_PAYLOAD_TYPE)                                             \
	X(2, DOI_NOT_SUPPORTED)                                                \
	X(3, SITUATION_NOT_SUPPORTED)                                          \
	X(4, INVALID_COOKIE)                                                   \
	X(5, INVALID_MAJOR_VERSION)                                            \
	X(6, INVALID_MINOR_VERSION)                                            \
	X(7, INVALID_EXCHANGE_TYPE)                                            \
	X(8, INVALID_FLAGS)                                                    \
	X(9, INVALID_MESSAGE_ID)                                               \
	X(10, INVALID_PROTOCOL_ID)                                             \
	X(11, INVALID_SPI)                                                     \
	X(12, INVALID_TRANSFORM_ID)                                            \
	X(13, ATTRIBUTES_NOT_SUPPORTED)                                        \
	X(14, NO_PROPOSAL_CHOSEN)                                              \
	X(15, BAD_PROPOSAL_SYNTAX)                                             \
	X(16, PAYLOAD_MALFORMED)                                               \
	X(17, INVALID_KEY_INFORMATION)                                         \
	X(18, INVALID_ID_INFORMATION)                                          \
	X(19, INVALID_CERT_ENCODING)                                           \
	X(20, INVALID_CERTIFICATE)                                             \
	X(21, CERT_TYPE_UNSUPPORTED)                                           \
	X(22, INVALID_CERT_AUTHORITY)                                          \
	X(23, INVALID_HASH_INFORMATION)                                        \
	X(24, AUTHENTICATION_FAILED)                                           \
	X(25, INVALID_SIGNATURE)                                               \
	X(26, ADDRESS_NOTIFICATION)                                            \
	X(27, NOTIFY_SA_LIFETIME)                                              \
	X(28, CERTIFICATE_UNAVAILABLE)                                         \
	X(29, UNSUPPORTED_EXCHANGE_TYPE)                                       \
	X(30, UNEQUAL_PAYLOAD_LENGTHS)                                         \
	X(16384, CONNECTED)                                                    \
	X(24576, RESPONDER_LIFETIME)                                           \
	X(24577, REPLAY_STATUS)                                                \
	X(24578, INITIAL_CONTACT)                                              \
	X(36136, R_U_THERE)                                                    \
	X(36137, R_U_THERE_ACK)

enum ike_v1_notify_type {
#define IKE_V1N_ENUM(n, e) IKE_V1N_##e = (n),
	IKE_V1_NOTIFIES(IKE_V1N_ENUM)
#undef IKE_V1N_ENUM
};

/* Of SA, DELETE and NOTIFY payloads. */
enum ike_protocol {
	IKE_PROTO_NONE = 0,
	IKE_PROTO_IKE = 1,
	IKE_PROTO_AH = 2,
	IKE_PROTO_ESP = 3
};

/* RFC 7296 section 3.8, RFC 7427 section 4. */
enum ike_auth_number {
	IKE_AUTHN_RSA = 1,
	IKE_AUTHN_PSK = 2,
	IKE_AUTHN_SIGNATURE = 14
};

/* Certificate encodings (RFC 7296 section 3.6). */
enum ike_cert_encoding { IKE_CERT_X509 = 4, IKE_CERT_CRL = 7 };

enum ike_cp_type {
	IKE_CP_REQUEST = 1,
	IKE_CP_REPLY = 2,
	IKE_CP_SET = 3,
	IKE_CP_ACK = 4
};

enum ike_cp_attr_type {
	IKE_CPA_IP4_ADDRESS = 1,
	IKE_CPA_IP4_NETMASK = 2,
	IKE_CPA_IP4_DNS = 3,
	IKE_CPA_IP6_ADDRESS = 8,
	IKE_CPA_IP6_DNS = 10
};

/* "?" for numbers that have none. */
const char *ike_exchange_name(uint8_t exchange);
const char *ike_payload_name(uint8_t type);
const char *ike_notify_name(uint16_t type);
const char *ike_v1_notify_name(uint16_t type);

#endif
