/* spd.h and spd_set.h with addresses as text and packets as octets. */
#ifndef SPD_SHIM_H
#define SPD_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SPD_SHIM_NONE 0xffffffffU /* no entry matched */
enum { SPD_SHIM_PROTECT = 1, SPD_SHIM_BYPASS = 2, SPD_SHIM_DISCARD = 3 };
enum {
	SPD_SHIM_PROTOCOL,
	SPD_SHIM_LOCAL_PORT,
	SPD_SHIM_REMOTE_PORT,
	SPD_SHIM_TYPE,
	SPD_SHIM_DSCP,
	SPD_SHIM_FIELDS
};

/* Texts NULL: any. range: first and last, first above last: any. */
struct spd_shim_rule {
	uint32_t id, order, circuit;
	unsigned action;
	const char *local[2];
	const char *remote[2];
	uint32_t range[SPD_SHIM_FIELDS][2];
};

/* A packet, as the parser would have it. */
struct spd_shim_flow {
	const char *src, *dst;
	unsigned protocol;
	unsigned ports, src_port, dst_port; /* ports 0: opaque */
	unsigned types, type, code;         /* types 0: opaque */
	unsigned dscp, opaque;              /* opaque 1: the protocol */
};

struct spd;
struct spd_set;

int spd_shim_new(struct spd **spd, const struct spd_shim_rule *rules,
		 unsigned n);
void spd_shim_free(struct spd *spd);
size_t spd_shim_octets(const struct spd *spd);
/* The id of the rule. */
uint32_t spd_shim_match(const struct spd *spd, int in,
			const struct spd_shim_flow *flow);
uint32_t spd_shim_match_octets(const struct spd *spd, int in, const uint8_t *ip,
			       unsigned octets);
/* Whether the rule alone holds the packet, by comparing field by field. */
int spd_shim_holds(const struct spd_shim_rule *rule, int in,
		   const struct spd_shim_flow *flow);
/* Nanoseconds a match, over n flows many times. */
double spd_shim_time(const struct spd *spd, const struct spd_shim_flow *flows,
		     unsigned n, unsigned rounds);

/* 1: a overlaps b; 2: a covers b; 4: both hold the same. */
unsigned spd_shim_compare(const struct spd_shim_rule *a,
			  const struct spd_shim_rule *b);
/* The last address of a prefix. */
const char *spd_shim_prefix_last(const char *addr, unsigned len, char text[46]);

struct spd_set *spd_shim_set_new(void);
void spd_shim_set_free(struct spd_set *set);
int spd_shim_set_rule(struct spd_set *set, uint32_t list,
		      const struct spd_shim_rule *rule);
void spd_shim_set_unrule(struct spd_set *set, uint32_t list, uint32_t id);
int spd_shim_set_bind(struct spd_set *set, uint32_t circuit, uint32_t list);
int spd_shim_set_apply(struct spd_set *set);
int spd_shim_set_idle(const struct spd_set *set);
/* NULL: not bound. */
const struct spd *spd_shim_set_of(const struct spd_set *set, uint32_t circuit);

#ifdef __cplusplus
}
#endif
#endif
