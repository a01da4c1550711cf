#ifndef SEQLOG_SHIM_H
#define SEQLOG_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct seqlog;

/* An SA of these properties; key: one octet, repeated. */
struct seqlog_sa {
	uint32_t spi;
	uint32_t dst;
	uint8_t key;
};

struct seqlog *seqlog_shim_open(const char *dir);
void seqlog_shim_close(struct seqlog *log);
/* The first number of the block granted, 0 on failure; *until the last. */
uint64_t seqlog_shim_grant(struct seqlog *log, struct seqlog_sa sa,
			   uint64_t *until);
uint64_t seqlog_shim_block(void);
/* The same up to a last number of the caller's. */
uint64_t seqlog_shim_grant_to(struct seqlog *log, struct seqlog_sa sa,
			      uint64_t last, uint64_t *until);
uint64_t seqlog_shim_born(struct seqlog *log, struct seqlog_sa sa,
			  uint64_t now);

void seqlog_shim_leave(struct seqlog *log, struct seqlog_sa sa,
		       uint64_t accepted, uint64_t octets);
void seqlog_shim_left(struct seqlog *log, struct seqlog_sa sa,
		      uint64_t *accepted, uint64_t *octets);

#ifdef __cplusplus
}
#endif

#endif
