/* The readers of ike_msg.h and ike_sap.h for tests in C++. */
#ifndef MSG_SHIM_H
#define MSG_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the reader of that payload's body says: 0 or -errno. */
int msg_shim_body(uint8_t type, const uint8_t *octets, size_t n);
/* Payloads of a chain, or -errno. */
int msg_shim_chain(uint8_t first, const uint8_t *octets, size_t n);
/* A message's header and chain, with nothing behind: payloads, or -errno. */
int msg_shim_message(const uint8_t *octets, size_t n);
/* Proposals and transforms that an SA payload of IKEv2 has. */
int msg_shim_sa(const uint8_t *octets, size_t n, unsigned *transforms);

#ifdef __cplusplus
}
#endif

#endif
