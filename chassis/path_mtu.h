/*
 * Path MTUs of SAs (RFC 1191, RFC 8201, RFC 4301 section 8.2): an ICMP error
 * that says that one of our outer packets was too big finds the SA by what it
 * quotes, and the SA's ASP is told. What an error claims is held against what
 * can be (RFC 5927): it quotes an SPI in use between our ends, a length above
 * the MTU that it tells, and no MTU below what every path carries.
 */
#ifndef PATH_MTU_H
#define PATH_MTU_H

#include "chs.h"
#include "icmp.h"

/* How long what was heard holds (RFC 1191 section 6.3). */
#define PATH_MTU_NS (UINT64_C(600) * 1000000000)

struct path_mtus;

int path_mtus_new(struct path_mtus **mtus);
void path_mtus_free(struct path_mtus **mtus);

/*
 * A packet-too-big came for us in a context; place: of the packet that bore
 * it. Live the ASP is told at once; in a replay by path_mtu_tell(), when
 * nothing is inside. True: something waits for that.
 */
bool path_mtu_heard(struct chs *chs, const struct pkt *place, uint32_t context,
		    const struct icmp_seen *seen);

/* Tells ASPs what waits; and waits until they know. */
void path_mtu_tell(struct chs *chs);
/* An ASP was restarted with its tables: what was heard is told again. */
void path_mtu_again(struct chs *chs);

/* What was heard for an SA, 0: nothing. */
unsigned path_mtu_of(const struct chs *chs, uint32_t sa);

#endif
