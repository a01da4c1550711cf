/* The C face of forward/acl.h for C++ tests. */
#ifndef ACL_SHIM_H
#define ACL_SHIM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum acl_shim_asks {
	ACL_SHIM_PROTOCOL = 1,
	ACL_SHIM_TOS = 2,
	ACL_SHIM_SRC_PORT = 4,
	ACL_SHIM_DST_PORT = 8,
	ACL_SHIM_SRC_NOT = 16,
	ACL_SHIM_DST_NOT = 32,
	ACL_SHIM_TYPE = 64,
	ACL_SHIM_CODE = 128,
	ACL_SHIM_ESTABLISHED = 256,
	ACL_SHIM_FRAGMENTS = 512
};

enum acl_shim_shows {
	ACL_SHIM_HAS_PORTS = 1,
	ACL_SHIM_HAS_TYPE = 2,
	ACL_SHIM_HAS_FLAGS = 4,
	ACL_SHIM_FRAGMENT = 8,
	ACL_SHIM_LATER = 16,
	ACL_SHIM_OPAQUE = 32
};

struct acl_shim_row {
	uint32_t seq;
	uint16_t asks;
	bool permit;
	uint8_t protocol, tos, tos_mask, type, code;
	uint16_t src_low, src_high, dst_low, dst_high;
	uint8_t src[16], src_wild[16], dst[16], dst_wild[16];
};

struct acl_shim_flow {
	uint8_t src[16], dst[16];
	uint16_t src_port, dst_port;
	uint8_t protocol, tos, shows, type, code, tcp_flags;
};

struct acl_shim; /* a set of lists, as a line card has it */

struct acl_shim *acl_shim_new(void);
void acl_shim_free(struct acl_shim *shim);
int acl_shim_put(struct acl_shim *shim, uint32_t id, unsigned family,
		 const struct acl_shim_row *row);
void acl_shim_delete(struct acl_shim *shim, uint32_t id, uint32_t seq);
int acl_shim_apply(struct acl_shim *shim);
bool acl_shim_there(const struct acl_shim *shim, uint32_t id);
/* The seq of the row, 0: none. */
uint32_t acl_shim_match(const struct acl_shim *shim, uint32_t id,
			unsigned family, const struct acl_shim_flow *flow);
unsigned acl_shim_rows_max(void);

#ifdef __cplusplus
}
#endif

#endif
