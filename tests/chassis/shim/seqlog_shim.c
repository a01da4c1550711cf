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

uint64_t
seqlog_shim_grant(struct seqlog *log, struct seqlog_sa sa, uint64_t *until)
{
	struct ctl_sa row = {.spi = be32_put(sa.spi),
			     .dst = ip_addr_v4(sa.dst),
			     .encryption = 1};
	uint8_t print[SECRET_PRINT_OCTETS];
	uint64_t first;

	memset(row.encryption_key, sa.key, sizeof(row.encryption_key));
	if (seqlog_print(log, &row, print) != 0 ||
	    seqlog_grant(log, print, &first, until) != 0)
		return 0;
	return first;
}

uint64_t
seqlog_shim_block(void)
{
	return SEQLOG_BLOCK;
}
