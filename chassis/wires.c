/*
 * Far ends of ports in live operation. A card gets PORT_OPEN for both
 * directions once it runs tables, also after a restart. Called by chs_run.c,
 * push.c and chs_ctl.c.
 */
#include "wires.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "stage.h"

struct wire {
	unsigned slot;
	unsigned port;
	int fd;                  /* of a wire; -1: an interface */
	bool ours;               /* we connected it */
	char what[CTL_PATH_MAX]; /* "fd:7", "lab:7", or an interface */
};

struct wires {
	struct wire *at;
	size_t n;
	unsigned asked; /* ports that cards have not answered for */
	int error;      /* the first */
	char why[256];
};

static int
refuse(char *why, size_t octets, int error, const char *text,
       const char *sentence)
{
	(void)snprintf(why, octets, "--wire %s: %s", text, sentence);
	return error;
}

static int
connect_wire(const char *path, int *out)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
		int err = -errno;

		(void)close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

/* What stands behind the "=". */
static int
read_far(struct wire *w, const char *far)
{
	static const char interface[] = "interface:";
	int err = 0;

	w->fd = -1;
	if (strncmp(far, interface, sizeof(interface) - 1) == 0) {
		(void)snprintf(w->what, sizeof(w->what), "%s",
			       far + sizeof(interface) - 1);
		return w->what[0] == '\0' ? -EINVAL : 0;
	}
	if (sscanf(far, "fd:%d", &w->fd) != 1 &&
	    sscanf(far, "lab:%d", &w->fd) != 1) {
		err = connect_wire(far, &w->fd);
		w->ours = err == 0;
	} else if (fcntl(w->fd, F_GETFD) < 0) {
		err = -EBADF;
	}
	(void)snprintf(w->what, sizeof(w->what), "%s:%d",
		       strncmp(far, "lab:", 4) == 0 && !w->ours ? "lab" : "fd",
		       w->fd);
	return err;
}

static int
add(struct wires *wires, const char *text, char *why, size_t octets)
{
	struct wire w = {.fd = -1};
	struct wire *at;
	int used = 0;
	int err;

	if (sscanf(text, "%u/%u=%n", &w.slot, &w.port, &used) != 2 ||
	    used == 0 || text[used] == '\0' || w.slot < 1 ||
	    w.slot > STAGE_SLOT_MAX || w.port < 1 || w.port > 255)
		return refuse(why, octets, -EINVAL, text,
			      "expected SLOT/PORT=PATH or "
			      "SLOT/PORT=interface:NAME");
	for (size_t i = 0; i < wires->n; i++) {
		if (wires->at[i].slot == w.slot && wires->at[i].port == w.port)
			return refuse(why, octets, -EINVAL, text,
				      "the port has a wire already");
	}
	err = read_far(&w, text + used);
	if (err != 0)
		return refuse(why, octets, err, text, strerror(-err));
	at = realloc(wires->at, (wires->n + 1) * sizeof(*at));
	if (at == NULL) {
		if (w.ours)
			(void)close(w.fd);
		return -ENOMEM;
	}
	wires->at = at;
	at[wires->n++] = w;
	return 0;
}

int
wires_open(struct chs *chs, char *why, size_t why_octets)
{
	int err = 0;

	chs->wires = calloc(1, sizeof(*chs->wires));
	if (chs->wires == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < chs->args->nwires && err == 0; i++)
		err = add(chs->wires, chs->args->wires[i], why, why_octets);
	return err;
}

void
wires_close(struct chs *chs)
{
	struct wires *w = chs->wires;

	if (w == NULL)
		return;
	for (size_t i = 0; i < w->n; i++) {
		if (w->at[i].ours)
			(void)close(w->at[i].fd);
	}
	free(w->at);
	free(w);
	chs->wires = NULL;
}

void
wires_tell(struct chs *chs, const struct proc *proc)
{
	enum stage_role role = stage_role(proc->stage);
	struct wires *wires = chs->wires;

	if (wires == NULL || (role != STAGE_IPPA && role != STAGE_EPPA))
		return;
	for (size_t i = 0; i < wires->n; i++) {
		const struct wire *w = &wires->at[i];
		struct ctl_port body = {
		    .slot = (uint8_t)w->slot,
		    .port = (uint8_t)w->port,
		    .direction = role == STAGE_IPPA ? CTL_PORT_RX : CTL_PORT_TX,
		    .flags = w->fd < 0 ? CTL_PORT_INTERFACE : CTL_PORT_WIRE};

		if (w->slot != stage_slot(proc->stage))
			continue;
		wires->asked++;
		chs_tell(chs, &chs->proc[proc->stage], CTL_PORT_OPEN, &body,
			 w->what, strlen(w->what));
	}
}

void
wires_opened(struct chs *chs, const struct ctl_in *in)
{
	const struct ctl_opened *body = in->body;
	struct wires *wires = chs->wires;
	int error = (int)be32_get(body->error);
	uint32_t what = be32_get(body->what);

	if (wires == NULL)
		return;
	if (wires->asked > 0)
		wires->asked--;
	if (error == 0)
		return;
	log_error("wires: port %u/%u can not be opened: %.*s", what >> 8,
		  what & 255, (int)in->tail_octets, (const char *)in->tail);
	if (wires->error != 0)
		return;
	wires->error = -error;
	(void)snprintf(wires->why, sizeof(wires->why), "--wire %u/%u: %.*s",
		       what >> 8, what & 255, (int)in->tail_octets,
		       (const char *)in->tail);
}

static bool
all_open(struct chs *chs, void *arg)
{
	(void)arg;
	return chs->wires->asked == 0;
}

int
wires_await(struct chs *chs, char *why, size_t why_octets)
{
	struct wires *wires = chs->wires;
	int err = 0;

	for (size_t i = 0; i < wires->n; i++) {
		const struct wire *w = &wires->at[i];

		if (chs_proc(chs, stage_id(w->slot, STAGE_IPPA)) != NULL)
			continue;
		(void)snprintf(why, why_octets,
			       "--wire %u/%u: no line card in slot %u", w->slot,
			       w->port, w->slot);
		return -EINVAL;
	}
	err = chs_wait(chs, all_open, NULL);
	if (err == 0 && wires->error != 0) {
		err = wires->error;
		(void)snprintf(why, why_octets, "%s", wires->why);
	}
	return err;
}

size_t
wires_fds(const struct chs *chs, int *fds, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; chs->wires != NULL && i < chs->wires->n; i++) {
		if (chs->wires->at[i].fd >= 0 && n < max)
			fds[n++] = chs->wires->at[i].fd;
	}
	return n;
}
