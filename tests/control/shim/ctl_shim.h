/* Control messages for C++ tests: octets in, what they are out. */
#ifndef CTL_SHIM_H
#define CTL_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CTL_SHIM_CARD = 1, CTL_SHIM_CHASSIS = 2, CTL_SHIM_CLIENT = 4 };

/* The table, row by row; NULL beyond its end. */
struct ctl_shim_row {
	unsigned type;
	const char *name;
	const char *body_name;
	size_t body_octets;
	const char *item_name;
	size_t item_octets;
	int from;
	int to;
};
const struct ctl_shim_row *ctl_shim_row_at(size_t i);
const char *ctl_shim_name(unsigned type);

/* A structure of wire.md with its size; NULL beyond the end. */
struct ctl_shim_size {
	const char *name;
	size_t octets;
};
const struct ctl_shim_size *ctl_shim_size_at(size_t i);

struct ctl_shim_in {
	unsigned type;
	unsigned from;
	size_t tail_octets;
	size_t tail_items;
	char peer[33];
	uint8_t first_tail_octet;
};

/* The octets stand at the end of their memory. 0 or a negative errno. */
int ctl_shim_check(const uint8_t *octets, size_t n, int to,
		   struct ctl_shim_in *in);

/* A chassis (ROUTER) and a card or client (DEALER) on one inproc bus. */
struct ctl_shim;
struct ctl_shim *ctl_shim_new(const char *identity);
void ctl_shim_free(struct ctl_shim **shim);
int ctl_shim_to_chassis(struct ctl_shim *shim, unsigned from, unsigned type,
			const void *tail, size_t tail_octets);
/* Answers the sender of the last message, or with gone somebody else. */
int ctl_shim_from_chassis(struct ctl_shim *shim, unsigned type,
			  const void *tail, size_t tail_octets, bool gone);
int ctl_shim_raw_to_chassis(struct ctl_shim *shim, const void *octets,
			    size_t n);
/* At the chassis, or at the other end as that party. */
int ctl_shim_at_chassis(struct ctl_shim *shim, struct ctl_shim_in *in);
int ctl_shim_at_peer(struct ctl_shim *shim, int party, struct ctl_shim_in *in);

#ifdef __cplusplus
}
#endif

#endif
