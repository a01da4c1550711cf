/*
 * The wires of a lab. A wire is two socket pairs, one for each router at its
 * ends, and this loop between them. The keeper holds the routers' ends too:
 * they are inherited by each next chassis, never seen to close, and what a dead
 * router left unread is taken out and counted.
 *
 * Frames are taken and passed on many at a time, through memory that is made
 * once. Nothing waits: where the far end takes no more, a frame is lost and
 * counted, as on a cable whose receiver is too slow.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "lab_keep.h"
#include "log.h"
#include "wire_hdr.h"

#define BATCH 64
#define TURNS 8 /* batches of one end before others have their turn */
#define SOCKET_OCTETS (1 << 20)

struct lab_frames {
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	uint8_t octets[BATCH][WIRE_MESSAGE_MAX];
};

static const char *
lab_loss_name(enum lab_loss loss)
{
	static const char *const names[] = {
#define X(id, name, sentence) [LAB_LOSS_##id] = name,
	    LAB_LOSSES(X)
#undef X
	};

	return names[loss];
}

static struct lab_end *
other(struct lab_end *end)
{
	return &end->wire->end[1 - end->side];
}

/* How many messages lie in f now: 0 when there are none, or the end is gone. */
static unsigned
take(int fd, struct lab_frames *f)
{
	int n;

	for (unsigned i = 0; i < BATCH; i++) {
		f->iov[i] = (struct iovec){f->octets[i], WIRE_MESSAGE_MAX};
		f->msg[i].msg_hdr =
		    (struct msghdr){.msg_iov = &f->iov[i], .msg_iovlen = 1};
	}
	do
		n = recvmmsg(fd, f->msg, BATCH, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	return n > 0 ? (unsigned)n : 0;
}

static void
send_all(struct lab_end *from, struct lab_frames *f, unsigned n)
{
	struct lab_tally *tally = &from->tally;
	unsigned sent = 0;

	while (sent < n) {
		int rc = sendmmsg(other(from)->near.fd, f->msg + sent, n - sent,
				  MSG_DONTWAIT | MSG_NOSIGNAL);

		if (rc < 0 && errno == EINTR)
			continue;
		if (rc <= 0)
			break;
		for (int i = 0; i < rc; i++, sent++)
			tally->out_octets +=
			    f->iov[sent].iov_len - sizeof(struct wire_hdr);
		tally->out += (unsigned)rc;
	}
	tally->lost[LAB_LOSS_FULL] += n - sent;
}

/*
 * Takes the good ones of a batch to its front, each with the lab's time in
 * place of its router's; how many.
 */
static unsigned
sift(struct lab_end *from, struct lab_frames *f, unsigned n)
{
	uint64_t now = clock_wall();
	unsigned good = 0;

	for (unsigned i = 0; i < n; i++) {
		struct wire_msg msg;
		uint8_t *at;

		if (wire_hdr_take(f->octets[i], f->msg[i].msg_len, &msg) != 0 ||
		    msg.kind != WIRE_FRAME) {
			from->tally.lost[LAB_LOSS_MALFORMED]++;
			continue;
		}
		msg.flags = WIRE_F_TIMED;
		msg.time_ns = now;
		/* A header may be longer than ours, never shorter. */
		at = f->octets[i] + f->msg[i].msg_len - msg.octets -
		     sizeof(struct wire_hdr);
		wire_hdr_put((struct wire_hdr *)(void *)at, &msg);
		f->iov[good].iov_base = at;
		f->iov[good].iov_len = sizeof(struct wire_hdr) + msg.octets;
		from->tally.in_octets += msg.octets;
		good++;
	}
	from->tally.in += good;
	return good;
}

static void
woken(struct lab *lab, struct lab_watch *watch)
{
	struct lab_end *from = (struct lab_end *)watch;
	struct lab_frames *f = lab->frames;

	for (unsigned i = 0; i < TURNS; i++) {
		unsigned n = take(watch->fd, f);
		unsigned good = sift(from, f, n);

		if (from->wire->down)
			from->tally.lost[LAB_LOSS_DOWN] += good;
		else if (other(from)->node->state != LAB_NODE_UP)
			from->tally.lost[LAB_LOSS_NODE_DOWN] += good;
		else
			send_all(from, f, good);
		if (n < BATCH)
			return;
	}
}

void
lab_wires_drain(struct lab *lab, const struct lab_node *node)
{
	for (unsigned i = 0; i < lab->topology->nlinks; i++) {
		for (unsigned s = 0; s < 2; s++) {
			struct lab_end *end = &lab->wire[i].end[s];
			unsigned n;

			if (end->node != node || end->far < 0)
				continue;
			while ((n = take(end->far, lab->frames)) > 0)
				other(end)->tally.unread += n;
		}
	}
}

static void
widen(int fd)
{
	int octets = SOCKET_OCTETS;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &octets,
		       sizeof(octets)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &octets,
				 sizeof(octets));
}

static int
open_end(struct lab *lab, struct lab_end *end)
{
	int pair[2];

	if (end->node->node->kind != TOPOLOGY_SMARTEDGE)
		return -EOPNOTSUPP;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, pair) != 0)
		return -errno;
	widen(pair[0]);
	widen(pair[1]);
	end->near = (struct lab_watch){.woken = woken, .fd = pair[0]};
	end->far = pair[1];
	return lab_watch(lab, &end->near);
}

static void
prepare(struct lab *lab)
{
	for (unsigned i = 0; i < lab->topology->nlinks; i++) {
		const struct topology_link *link = &lab->topology->link[i];
		struct lab_wire *w = &lab->wire[i];

		w->link = link;
		w->down = link->set[0].at[TOPOLOGY_LINK_STATE].text != NULL &&
			  link->set[0].at[TOPOLOGY_LINK_STATE].n == 0;
		for (unsigned s = 0; s < 2; s++)
			w->end[s] = (struct lab_end){
			    .near = {.fd = -1},
			    .far = -1,
			    .node = &lab->node[link->end[s].node],
			    .wire = w,
			    .side = s};
	}
}

int
lab_wires_new(struct lab *lab, char why[LAB_WHY_MAX])
{
	unsigned n = lab->topology->nlinks;

	lab->wire = calloc(n + 1, sizeof(*lab->wire));
	lab->frames = calloc(1, sizeof(*lab->frames));
	if (lab->wire == NULL || lab->frames == NULL)
		return -ENOMEM;
	prepare(lab);
	for (unsigned i = 0; i < n * 2; i++) {
		int err = open_end(lab, &lab->wire[i / 2].end[i % 2]);

		if (err == 0)
			continue;
		(void)snprintf(why, LAB_WHY_MAX, "link end %s: %s",
			       lab->topology->link[i / 2].end[i % 2].text,
			       strerror(-err));
		return err;
	}
	return 0;
}

void
lab_wires_free(struct lab *lab)
{
	unsigned n = lab->wire != NULL ? lab->topology->nlinks : 0;

	for (unsigned i = 0; i < n * 2; i++) {
		struct lab_end *end = &lab->wire[i / 2].end[i % 2];

		lab_unwatch(lab, &end->near);
		if (end->far >= 0)
			(void)close(end->far);
	}
	free(lab->wire);
	free(lab->frames);
	lab->wire = NULL;
	lab->frames = NULL;
}

unsigned
lab_wires_args(const struct lab *lab, const struct lab_node *node,
	       char (*text)[32], int *fds, unsigned max)
{
	unsigned n = 0;

	for (unsigned i = 0; i < lab->topology->nlinks * 2 && n < max; i++) {
		const struct lab_end *end = &lab->wire[i / 2].end[i % 2];
		const struct topology_end *at =
		    &end->wire->link->end[end->side];

		if (end->node != node)
			continue;
		(void)snprintf(text[n], sizeof(text[n]), "%u/%u=lab:%d",
			       at->slot, at->port, end->far);
		fds[n++] = end->far;
	}
	return n;
}

/* ---- In words ---- */

static json_t *
direction_json(const struct lab_end *from)
{
	const struct lab_wire *w = from->wire;
	const struct lab_tally *t = &from->tally;
	json_t *lost = json_object();

	for (unsigned i = 0; i < LAB_LOSS_KINDS; i++) {
		if (t->lost[i] > 0)
			(void)json_object_set_new(
			    lost, lab_loss_name(i),
			    json_integer((json_int_t)t->lost[i]));
	}
	return json_pack(
	    "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "from",
	    w->link->end[from->side].text, "to",
	    w->link->end[1 - from->side].text, "taken", (json_int_t)t->in,
	    "taken_octets", (json_int_t)t->in_octets, "delivered",
	    (json_int_t)t->out, "delivered_octets", (json_int_t)t->out_octets,
	    "unread", (json_int_t)t->unread, "lost", lost);
}

json_t *
lab_wires_json(const struct lab *lab)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < lab->topology->nlinks; i++) {
		const struct lab_wire *w = &lab->wire[i];

		(void)json_array_append_new(
		    list, json_pack("{s:[s, s], s:s, s:[o, o]}", "endpoints",
				    w->link->end[0].text, w->link->end[1].text,
				    "state", w->down ? "down" : "up",
				    "directions", direction_json(&w->end[0]),
				    direction_json(&w->end[1])));
	}
	return list;
}
