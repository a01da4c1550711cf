/* The C face of packet/wire_hdr.h for C++ tests. */
#ifndef WIRE_HDR_SHIM_H
#define WIRE_HDR_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wire_shim_msg {
	int kind;
	unsigned flags;
	uint64_t trace;
	uint64_t time_ns;
	size_t at; /* where the frame begins in the message */
	size_t octets;
};

/* Writes 24 octets. */
void wire_shim_put(uint8_t *to, const struct wire_shim_msg *msg);
int wire_shim_take(const uint8_t *message, size_t octets,
		   struct wire_shim_msg *msg);

#ifdef __cplusplus
}
#endif

#endif
