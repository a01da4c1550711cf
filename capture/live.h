/*
 * An interface of the machine, frames in and out, through libpcap. Reading
 * never waits; what we send is not read back. Needs CAP_NET_RAW.
 */
#ifndef LIVE_H
#define LIVE_H

#include "cap_error.h"
#include "cap_read.h"

struct live;

/*
 * -ENODEV: there is no such interface; -EPERM: not allowed; -EOPNOTSUPP: it is
 * not Ethernet; -EIO. err: a sentence that begins with the name. The caller
 * owns *live until live_close().
 */
int live_open(struct live **live, const char *name, struct cap_error *err);
void live_close(struct live **live);

/* To wait on for frames. */
int live_fd(const struct live *live);
/* 1: a frame, borrowed until the next call; -EAGAIN: none now; -EIO. */
int live_read(struct live *live, struct cap_rec *rec);
const char *live_why(const struct live *live);
/* 0; -EAGAIN: no room now; -EIO. */
int live_write(struct live *live, const uint8_t *frame, unsigned octets);

#endif
