/*
 * Sequence numbers that were granted, recorded before they are used, so that no
 * SA uses one twice under one key: not after its ASP was killed, not after a
 * new configuration that names the same keys again, and, since the record stays
 * in the run directory, not after `down` and a new `up` (RFC 4303
 * section 3.3.3).
 *
 * An SA is known by a fingerprint of SPI, destination and key material under a
 * random salt of the run directory; the record tells nothing of the keys.
 */
#ifndef SEQLOG_H
#define SEQLOG_H

#include <stdint.h>

#include "ctl_msg.h"
#include "secret.h"

#define SEQLOG_BLOCK (UINT64_C(1) << 18)
#define SEQLOG_LAST UINT64_C(0xffffffff) /* without ESN */
#define SEQLOG_LAST_ESN UINT64_MAX

struct seqlog;

/* dir NULL: nothing is recorded (a replay). 0 or -errno. */
int seqlog_open(struct seqlog **log, const char *dir);
void seqlog_close(struct seqlog **log);

int seqlog_print(const struct seqlog *log, const struct ctl_sa *sa,
		 uint8_t print[SECRET_PRINT_OCTETS]);

/*
 * Grants the next block for the SA: *until is the last number that may be used,
 * the numbers begin after the last block granted before. It is on record when
 * this returns. last: the end of the SA's space; there *until is last again,
 * and *first above it when nothing is left. 0, -errno.
 */
int seqlog_grant(struct seqlog *log, const uint8_t print[SECRET_PRINT_OCTETS],
		 uint64_t last, uint64_t *first, uint64_t *until);

/*
 * When the life of these keys began: now_ns when they are first asked after in
 * this run, which is kept. 0 where nothing is recorded, and without memory.
 */
uint64_t seqlog_born(struct seqlog *log,
		     const uint8_t print[SECRET_PRINT_OCTETS], uint64_t now_ns);

/*
 * What the ASP that had an inbound SA had accepted and used of its life, when
 * the SA left it: whoever has it next refuses what was accepted (RFC 4303
 * section 3.4.3). The greatest that was said counts; 0 where nothing was.
 * Within one run only.
 */
void seqlog_leave(struct seqlog *log, const uint8_t print[SECRET_PRINT_OCTETS],
		  uint64_t accepted, uint64_t octets);
void seqlog_left(const struct seqlog *log,
		 const uint8_t print[SECRET_PRINT_OCTETS], uint64_t *accepted,
		 uint64_t *octets);

#endif
