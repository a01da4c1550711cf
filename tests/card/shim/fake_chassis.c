/*
 * The chassis that tests play: real bus, real links, real messages; only the
 * decisions are the test's. Waiting has a deadline of ten seconds.
 */
#include "fake_chassis.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bp_link.h"
#include "ctl_chan.h"
#include "stats.h"

#define FAKE_DEADLINE_MS 10000
#define FAKE_BUFFERS 1024
#define FAKE_STASH 512
#define FAKE_PEER_EPOCH 7
#define FAKE_DIR "/tmp/fake-XXXXXX"

struct fake_end {
	struct bp *bp;
	struct bp_link_counters sent[STAGE_ID_MAX];
	struct bp_link_counters received[STAGE_ID_MAX];
	struct counter bad;
	struct pkt_vec in;
	unsigned at; /* next of in */
};

struct fake {
	enum fake_transport transport;
	uint16_t stage;
	char dir[sizeof FAKE_DIR];
	char endpoint[BUS_ENDPOINT_MAX];
	struct bus *bus;
	struct bus *card_bus;
	struct bus_sock *router;
	struct bus_peer card;
	int stats_fd;
	struct stats *stats;
	fake_run *run;
	void *arg;
	int result;
	bool running;
	uint8_t engine; /* of its HELLO */
	pthread_t thread;
	struct fake_end end[FAKE_PEERS];
	struct fake_msg stash[FAKE_STASH];
	unsigned stashed;
	uint32_t fates[64]; /* by round */
};

unsigned
fake_peer_stage(enum fake_peer peer)
{
	return peer == FAKE_IPPA ? stage_id(1, STAGE_IPPA)
				 : stage_id(2, STAGE_EPPA);
}

static void *
fake_thread(void *arg)
{
	struct fake *f = arg;

	f->result = f->run(f->arg, f->card_bus, f->endpoint, f->stats);
	return NULL;
}

static int
fake_open(struct fake *f)
{
	enum bus_transport transport =
	    f->transport == FAKE_IPC ? BUS_IPC : BUS_INPROC;

	strcpy(f->dir, FAKE_DIR);
	if (mkdtemp(f->dir) == NULL)
		return -errno;
	if (bus_new(&f->bus, transport, f->dir, NULL) != 0 ||
	    bus_new_sharing(&f->card_bus, f->bus) != 0 ||
	    bus_listen(f->bus, BUS_ROUTER, "ctl", &f->router, f->endpoint) !=
		0 ||
	    stats_new(&f->stats_fd, &f->stats) != 0)
		return -EIO;
	for (unsigned i = 0; i < FAKE_PEERS; i++) {
		struct fake_end *end = &f->end[i];
		struct bp_args args = {
		    .bus = f->bus,
		    .stage = (uint16_t)fake_peer_stage((enum fake_peer)i),
		    .epoch = FAKE_PEER_EPOCH,
		    .buffers = FAKE_BUFFERS,
		    .sent = end->sent,
		    .received = end->received,
		    .bad_frames = &end->bad,
		};

		if (bp_new(&end->bp, &args) != 0)
			return -EIO;
	}
	return 0;
}

static int
fake_link(struct fake *f, unsigned peer, uint32_t card_epoch)
{
	struct ctl_link body = {
	    .peer = be16_put((uint16_t)fake_peer_stage((enum fake_peer)peer)),
	    .epoch = be32_put(FAKE_PEER_EPOCH),
	};
	char endpoint[BUS_ENDPOINT_MAX] = "";
	struct fake_msg msg;

	if (fake_send(f, CTL_LINK_LISTEN, &body, NULL, 0) != 0 ||
	    !fake_expect(f, CTL_LINK_READY, &msg))
		return -EIO;
	if (bp_connect(f->end[peer].bp, f->stage, card_epoch,
		       (const char *)msg.tail) != 0 ||
	    bp_listen(f->end[peer].bp, f->stage, card_epoch, endpoint) != 0)
		return -EIO;
	if (fake_send(f, CTL_LINK_CONNECT, &body, endpoint, strlen(endpoint)) !=
		0 ||
	    !fake_expect(f, CTL_LINK_UP, &msg))
		return -EIO;
	return 0;
}

int
fake_begin(struct fake *f)
{
	struct fake_msg msg;
	struct ctl_hello hello;

	if (!fake_expect(f, CTL_HELLO, &msg))
		return -ETIMEDOUT;
	memcpy(&hello, msg.body, sizeof hello);
	f->engine = hello.engine;
	for (unsigned i = 0; i < FAKE_PEERS; i++) {
		if (fake_link(f, i, be32_get(hello.epoch)) != 0)
			return -EIO;
	}
	return 0;
}

struct fake *
fake_new(enum fake_transport transport, unsigned stage, fake_run *run,
	 void *arg)
{
	struct fake *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->transport = transport;
	f->stage = (uint16_t)stage;
	f->run = run;
	f->arg = arg;
	f->stats_fd = -1;
	if (fake_open(f) != 0)
		goto fail;
	if (run == NULL)
		return f;
	if (pthread_create(&f->thread, NULL, fake_thread, f) != 0)
		goto fail;
	f->running = true;
	if (fake_begin(f) == 0)
		return f;
fail:
	(void)fake_end(&f);
	return NULL;
}

int
fake_end(struct fake **out)
{
	struct fake *f = *out;
	int result;

	if (f->running) {
		(void)fake_send(f, CTL_SHUTDOWN, &(struct ctl_none){0}, NULL,
				0);
		(void)pthread_join(f->thread, NULL);
	}
	result = f->result;
	for (unsigned i = 0; i < FAKE_PEERS; i++)
		fake_kill(f, (enum fake_peer)i);
	bus_close(&f->router);
	bus_free(&f->card_bus);
	bus_free(&f->bus);
	stats_unmap(&f->stats);
	if (f->stats_fd >= 0)
		(void)close(f->stats_fd);
	(void)rmdir(f->dir);
	free(f);
	*out = NULL;
	return result;
}

int
fake_stats_fd(const struct fake *f)
{
	return f->stats_fd;
}

const char *
fake_endpoint(const struct fake *f)
{
	return f->endpoint;
}

const char *
fake_dir(const struct fake *f)
{
	return f->dir;
}

unsigned
fake_engine(const struct fake *f)
{
	return f->engine;
}

struct stats *
fake_stats(const struct fake *f)
{
	return f->stats;
}

int
fake_send_wrong(struct fake *f, unsigned type, const void *body, size_t octets)
{
	struct ctl_hdr hdr = {.magic = be16_put(CTL_MAGIC),
			      .version = CTL_VERSION,
			      .type = be16_put((uint16_t)type),
			      .from = be16_put(stage_id(0, STAGE_XCRP))};
	struct bus_msg msg = {0};
	int err = bus_msg_new(&msg, sizeof(hdr) + octets, false);

	if (err != 0)
		return err;
	memcpy(bus_msg_data(&msg), &hdr, sizeof(hdr));
	memcpy((uint8_t *)bus_msg_data(&msg) + sizeof(hdr), body, octets);
	err = bus_send_to(f->router, &f->card, &msg);
	bus_msg_done(&msg);
	return err;
}

int
fake_send(struct fake *f, unsigned type, const void *body, const void *tail,
	  size_t tail_octets)
{
	return ctl_send(f->router, &f->card, stage_id(0, STAGE_XCRP),
			(enum ctl_type)type, body, tail, tail_octets);
}

static void
fake_count_fates(struct fake *f, const struct ctl_in *in)
{
	const struct ctl_fates *items = (const void *)in->tail;

	for (size_t i = 0; i < in->tail_items; i++)
		f->fates[be32_get(items[i].round) % 64] +=
		    be32_get(items[i].fates);
}

static size_t
fake_body_octets(const struct ctl_in *in)
{
	size_t octets = bus_msg_octets((struct bus_msg *)&in->msg) -
			sizeof(struct ctl_hdr) - in->tail_octets;

	return octets < FAKE_BODY ? octets : FAKE_BODY;
}

/* Reads all that has come into the stash. */
static void
fake_hear(struct fake *f)
{
	struct ctl_in in;

	while (f->stashed < FAKE_STASH &&
	       ctl_recv(f->router, CTL_CHASSIS, &in) == 1) {
		struct fake_msg *msg = &f->stash[f->stashed];
		size_t tail =
		    in.tail_octets < FAKE_TAIL ? in.tail_octets : FAKE_TAIL;

		f->card = in.peer;
		if (in.type == CTL_FATES) {
			fake_count_fates(f, &in);
		} else {
			memset(msg, 0, sizeof *msg);
			msg->type = in.type;
			memcpy(msg->body, in.body, fake_body_octets(&in));
			if (tail != 0)
				memcpy(msg->tail, in.tail, tail);
			msg->tail_octets = in.tail_octets;
			f->stashed++;
		}
		ctl_in_done(&in);
	}
}

static bool
fake_wait(struct fake *f)
{
	struct bus_poll item = {.sock = f->router, .fd = -1};

	if (bus_poll(&item, 1, FAKE_DEADLINE_MS) <= 0)
		return false;
	fake_hear(f);
	return true;
}

static bool
fake_unstash(struct fake *f, unsigned type, struct fake_msg *msg)
{
	for (unsigned i = 0; i < f->stashed; i++) {
		if (f->stash[i].type != type)
			continue;
		*msg = f->stash[i];
		f->stashed--;
		memmove(&f->stash[i], &f->stash[i + 1],
			(f->stashed - i) * sizeof f->stash[0]);
		return true;
	}
	return false;
}

bool
fake_expect(struct fake *f, unsigned type, struct fake_msg *msg)
{
	fake_hear(f);
	while (!fake_unstash(f, type, msg)) {
		if (!fake_wait(f))
			return false;
	}
	return true;
}

unsigned
fake_waiting(struct fake *f, unsigned type)
{
	unsigned n = 0;

	fake_hear(f);
	for (unsigned i = 0; i < f->stashed; i++)
		n += f->stash[i].type == type ? 1U : 0U;
	return n;
}

void
fake_put(struct fake *f, enum fake_peer from, const struct fake_pkt *in)
{
	struct bp *bp = f->end[from].bp;
	struct pkt p = {0};

	if (!pkt_alloc(bp_pool(bp), &p))
		abort();
	p.order_ns = in->order_ns;
	p.time_ns = in->order_ns;
	p.index = in->index;
	p.round = in->round;
	p.circuit_in = in->circuit_in;
	p.circuit_out = in->circuit_out;
	p.handle = in->handle;
	p.flags = (uint16_t)in->flags;
	p.trace = in->trace;
	p.in_stage = (uint16_t)in->in_stage;
	p.len = (uint16_t)in->len;
	memcpy(pkt_data(bp_mem(bp), &p), in->octets, in->len);
	bp_put(bp, f->stage, &p);
}

void
fake_flush(struct fake *f, enum fake_peer from)
{
	bp_flush(f->end[from].bp);
}

static bool
fake_fill(struct fake *f, struct fake_end *end)
{
	struct bus_poll item;

	end->at = 0;
	end->in.n = 0;
	while (bp_take(end->bp, f->stage, &end->in) != 1) {
		if (bp_poll_items(end->bp, &item, 1) != 1 ||
		    bus_poll(&item, 1, FAKE_DEADLINE_MS) <= 0)
			return false;
	}
	return true;
}

bool
fake_take(struct fake *f, enum fake_peer at, struct fake_pkt *out)
{
	struct fake_end *end = &f->end[at];
	const struct pkt *p;

	if (end->at == end->in.n && !fake_fill(f, end))
		return false;
	p = &end->in.pkt[end->at++];
	memset(out, 0, sizeof *out);
	out->order_ns = p->order_ns;
	out->index = p->index;
	out->round = p->round;
	out->circuit_in = p->circuit_in;
	out->circuit_out = p->circuit_out;
	out->handle = p->handle;
	out->flags = p->flags;
	out->trace = p->trace;
	out->hop = p->hop;
	out->in_stage = p->in_stage;
	out->len = p->len < FAKE_OCTETS ? p->len : FAKE_OCTETS;
	memcpy(out->octets, pkt_data(bp_mem(end->bp), p), out->len);
	pkt_free(bp_pool(end->bp), p);
	return true;
}

void
fake_kill(struct fake *f, enum fake_peer peer)
{
	bp_free(&f->end[peer].bp);
}

int
fake_generation(struct fake *f, unsigned type, uint32_t generation)
{
	return fake_send(
	    f, type,
	    &(struct ctl_generation){.generation = be32_put(generation)}, NULL,
	    0);
}

size_t
fake_sa_octets(void)
{
	return sizeof(struct ctl_sa);
}

int
fake_rows(struct fake *f, unsigned table, uint32_t generation, unsigned op,
	  const void *items, size_t octets)
{
	return fake_send(f, table,
			 &(struct ctl_rows){.generation = be32_put(generation),
					    .op = (uint8_t)op},
			 items, octets);
}

int
fake_activate(struct fake *f, uint32_t generation)
{
	static const unsigned steps[][2] = {
	    {CTL_PREPARE, CTL_PREPARED},
	    {CTL_ACTIVATE, CTL_ACTIVATED},
	};
	struct fake_msg msg;
	struct ctl_generation body;

	for (unsigned i = 0; i < 2; i++) {
		if (fake_generation(f, steps[i][0], generation) != 0 ||
		    !fake_expect(f, steps[i][1], &msg))
			return -ETIMEDOUT;
		memcpy(&body, msg.body, sizeof body);
		if (be32_get(body.generation) != generation)
			return -EBADMSG;
		if (be32_get(body.error) != 0)
			return -(int)be32_get(body.error);
	}
	return 0;
}

bool
fake_fates(struct fake *f, uint32_t round, uint32_t n)
{
	fake_hear(f);
	while (f->fates[round % 64] < n) {
		if (!fake_wait(f))
			return false;
	}
	return f->fates[round % 64] == n;
}

bool
fake_settled(struct fake *f, uint64_t *sent, uint64_t *received)
{
	struct ctl_probe body = {.nonce = be32_put(99)};
	struct fake_msg msg;

	if (fake_send(f, CTL_PROBE, &body, NULL, 0) != 0 ||
	    !fake_expect(f, CTL_PROBED, &msg))
		return false;
	memcpy(&body, msg.body, sizeof body);
	*sent = be64_get(body.sent);
	*received = be64_get(body.received);
	return be32_get(body.nonce) == 99;
}

int
fake_point(struct fake *f, unsigned stage, unsigned tap, unsigned to,
	   const char *path)
{
	struct ctl_point body = {
	    .stage = be16_put((uint16_t)stage),
	    .to = be16_put((uint16_t)to),
	    .tap = (uint8_t)tap,
	};
	struct ctl_opened opened;
	struct fake_msg msg;

	if (fake_send(f, CTL_POINT_OPEN, &body, path, strlen(path)) != 0 ||
	    !fake_expect(f, CTL_OPENED, &msg))
		return -ETIMEDOUT;
	memcpy(&opened, msg.body, sizeof opened);
	return -(int)be32_get(opened.error);
}

uint64_t
fake_dropped(const struct fake *f, unsigned fate)
{
	return counter_get(&f->stats->dropped[fate]);
}
