/*
 * An interface of the machine as the far end of a port: capture/live.h under
 * the face of port_far.h.
 */
#include <errno.h>
#include <stdlib.h>

#include "live.h"
#include "port_far.h"

struct port_live {
	struct port_far far;
	struct live *live;
};

static int
port_live_read(struct port_far *far, struct cap_rec *rec)
{
	return live_read(((struct port_live *)far)->live, rec);
}

static const char *
port_live_why(const struct port_far *far)
{
	return live_why(((const struct port_live *)far)->live);
}

static int
port_live_write(struct port_far *far, const struct pkt *p, uint64_t trace,
		const uint8_t *frame)
{
	(void)trace; /* nor has an interface of the machine */
	return live_write(((struct port_live *)far)->live, frame, p->len);
}

static int
port_live_close(struct port_far *far)
{
	live_close(&((struct port_live *)far)->live);
	free(far);
	return 0;
}

static int
port_live_fd(const struct port_far *far)
{
	return live_fd(((const struct port_live *)far)->live);
}

static const struct port_far_ops port_live_ops = {
    .read = port_live_read,
    .why = port_live_why,
    .write = port_live_write,
    .close = port_live_close,
    .fd = port_live_fd,
};

int
port_live(struct port_far **far, const char *name, struct cap_error *err)
{
	struct port_live *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return cap_error_set(err, -ENOMEM, "%s: no memory", name);
	rc = live_open(&p->live, name, err);
	if (rc < 0) {
		free(p);
		return rc;
	}
	p->far.ops = &port_live_ops;
	*far = &p->far;
	return 0;
}
