/*
 * Which ASP opens ESP and AH that are addressed to the router: by context, SPI,
 * destination and protocol (RFC 4301 section 4.1: the SPI alone does not tell
 * for sure). Protocol 17 is a UDP port of ours, in place of the SPI, that takes
 * encapsulated ESP (RFC 3948).
 */
#ifndef HOMING_H
#define HOMING_H

#include <stdint.h>

#include "ip_addr.h"

struct homing_key {
	uint32_t context; /* of the receiving circuit */
	uint32_t spi;
	struct ip_addr dst;
	uint8_t protocol; /* 50, 51; 17 */
};

struct homing {
	struct homing_key key;
	uint32_t circuit; /* the tunnel's; 0: a free place */
	uint16_t asp;     /* stage id, or STAGE_NONE */
};

struct homing_table;

/* NULL without memory. */
struct homing_table *homing_table_new(void);
void homing_table_free(struct homing_table **table);

/* Replaces what stood under the key. -EINVAL: circuit 0; -ENOMEM. */
int homing_set(struct homing_table *table, const struct homing *homing);
void homing_delete(struct homing_table *table, const struct homing_key *key);

/* NULL when there is none. Borrowed until the next set or delete. */
const struct homing *homing_find(const struct homing_table *table,
				 const struct homing_key *key);

#endif
