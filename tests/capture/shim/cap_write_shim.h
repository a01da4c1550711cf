/* cap_write.h, cap_order.h and cap_merge.h with plain types. */
#ifndef CAP_WRITE_SHIM_H
#define CAP_WRITE_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct shim_out {
	uint64_t time_ns;
	const void *prefix;
	uint32_t prefix_octets;
	const void *data;
	uint32_t octets;
	uint32_t orig_octets;
	unsigned iface;
	const char *comment;
};

struct cap_write_shim;
struct cap_order_shim;

int cap_write_shim_is_ng(const char *path);
struct cap_write_shim *cap_write_shim_open(const char *path, int ng, int *error,
					   char *why, size_t why_octets);
struct cap_write_shim *cap_write_shim_fd(int fd, int ng);
/* The interface's number or a negative errno. */
int cap_write_shim_iface(struct cap_write_shim *s, uint16_t link,
			 const char *name);
int cap_write_shim_rec(struct cap_write_shim *s, const struct shim_out *out);
int cap_write_shim_flush(struct cap_write_shim *s);
uint64_t cap_write_shim_octets(const struct cap_write_shim *s);
int cap_write_shim_close(struct cap_write_shim *s);

/* Takes the writer. */
struct cap_order_shim *cap_order_shim_new(struct cap_write_shim *w);
int cap_order_shim_add(struct cap_order_shim *s, uint32_t round,
		       uint64_t order_ns, uint64_t tie,
		       const struct shim_out *out);
int cap_order_shim_flush(struct cap_order_shim *s, uint32_t round);
int cap_order_shim_close(struct cap_order_shim *s);

struct shim_part {
	const char *path;
	const char *name;
	uint16_t link;
};

int cap_merge_shim(const char *out, const struct shim_part *parts, unsigned n,
		   int ng, char *why, size_t why_octets);
int cap_merge_shim_repair(const char *path, int ng, uint16_t link,
			  uint64_t *records);

#ifdef __cplusplus
}
#endif
#endif
