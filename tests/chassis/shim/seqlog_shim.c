#include "seqlog_shim.h"

#include <string.h>

#include "seqlog.h"

struct seqlog *
seqlog_shim_open(const char *dir)
{
	struct seqlog *log = NULL;

	return seqlog_open(&log, dir) == 0 ? log : NULL;
}

void
seqlog_shim_close(struct seqlog *log)
{
	seqlog_close(&log);
}

static int
print_of(struct seqlog *log, struct seqlog_sa sa,
	 uint8_t print[SECRET_PRINT_OCTETS])
{
	struct ctl_sa row = {.spi = be32_put(sa.spi),
			     .dst = ip_addr_v4(sa.dst),
			     .encryption = 1};

	memset(row.encryption_key, sa.key, sizeof(row.encryption_key));
	return seqlog_print(log, &row, print);
}

uint64_t
seqlog_shim_grant_to(struct seqlog *log, struct seqlog_sa sa, uint64_t last,
		     uint64_t *until)
{
	uint8_t print[SECRET_PRINT_OCTETS];
	uint64_t first;

	if (print_of(log, sa, print) != 0 ||
	    seqlog_grant(log, print, last, &first, until) != 0)
		return 0;
	return first;
}

uint64_t
seqlog_shim_grant(struct seqlog *log, struct seqlog_sa sa, uint64_t *until)
{
	return seqlog_shim_grant_to(log, sa, SEQLOG_LAST, until);
}

uint64_t
seqlog_shim_born(struct seqlog *log, struct seqlog_sa sa, uint64_t now)
{
	uint8_t print[SECRET_PRINT_OCTETS];

	return print_of(log, sa, print) == 0 ? seqlog_born(log, print, now) : 0;
}

uint64_t
seqlog_shim_block(void)
{
	return SEQLOG_BLOCK;
}

void
seqlog_shim_leave(struct seqlog *log, struct seqlog_sa sa, uint64_t accepted,
		  uint64_t octets)
{
	uint8_t print[SECRET_PRINT_OCTETS];

	if (print_of(log, sa, print) == 0)
		seqlog_leave(log, print, accepted, octets);
}

void
seqlog_shim_left(struct seqlog *log, struct seqlog_sa sa, uint64_t *accepted,
		 uint64_t *octets)
{
	uint8_t print[SECRET_PRINT_OCTETS];

	if (print_of(log, sa, print) == 0)
		seqlog_left(log, print, accepted, octets);
}
