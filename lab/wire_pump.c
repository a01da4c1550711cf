/*
 * The loop of links. A direction reads a batch from its near end and, while
 * its link is clear, hands the very same memory to the far end; else each
 * frame goes through the shaper and leaves when it is due. Directions that wait
 * for time stand in a list, and one timer serves them all.
 *
 * Sources (captures, generators) are patient: what the far end did not take is
 * given back to them and tried again, so that they lose nothing. Routers and
 * hosts are not: what their far end does not take is lost, as on a cable.
 */
#include "wire_pump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

#define EVENTS_MAX 64
#define TURNS 8 /* batches of one end before others have their turn */
#define RETRY_NS UINT64_C(200000)
#define DAY_NS (UINT64_C(86400) * CLOCK_SECOND_NS)

struct direction {
	struct pump_link *link;
	unsigned side;
	struct wire_end *from;
	struct wire_end *to;
	struct shape *shape;
	struct link_counts counts;
	uint64_t retry_ns;
	bool ended;     /* nothing comes from there any more */
	bool node_down; /* nobody takes frames at the far end */
	bool timed;     /* in the list */
	struct direction *next;
};

struct pump_link {
	unsigned number;
	struct direction dir[2];
};

struct wire_pump {
	bool timed;
	bool started;
	uint64_t offset_ns; /* lab's clock less the monotonic one */
	uint64_t armed_ns;  /* what the timer is set to; 0: not set */
	int epoll;
	int timer;
	struct pump_link **link;
	unsigned nlinks;
	struct direction *waiting; /* for time */
	struct shape_store *store;
	wire_tap *tap;
	void *tap_arg;
	struct wire_batch batch;
};

/* ---- Life ---- */

int
wire_pump_new(struct wire_pump **out, const struct wire_pump_conf *conf)
{
	struct wire_pump *pump = calloc(1, sizeof(*pump));
	struct epoll_event event = {.events = EPOLLIN};
	int err;

	if (pump == NULL)
		return -ENOMEM;
	pump->timed = conf->timed;
	pump->offset_ns =
	    (conf->timed ? WIRE_EPOCH_NS - DAY_NS : clock_wall()) -
	    clock_monotonic();
	pump->epoll = epoll_create1(EPOLL_CLOEXEC);
	pump->timer =
	    timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	err = pump->epoll < 0 || pump->timer < 0 ||
		      epoll_ctl(pump->epoll, EPOLL_CTL_ADD, pump->timer,
				&event) != 0
		  ? -errno
		  : shape_store_new(&pump->store);
	if (err != 0)
		wire_pump_free(&pump);
	else
		*out = pump;
	return err;
}

static void
free_link(struct pump_link *link)
{
	for (unsigned side = 0; side < 2; side++) {
		shape_free(&link->dir[side].shape);
		wire_end_close(&link->dir[side].from);
	}
	free(link);
}

void
wire_pump_free(struct wire_pump **out)
{
	struct wire_pump *pump = *out;

	if (pump == NULL)
		return;
	for (unsigned i = 0; i < pump->nlinks; i++)
		free_link(pump->link[i]);
	free(pump->link);
	shape_store_free(&pump->store);
	if (pump->timer >= 0)
		(void)close(pump->timer);
	if (pump->epoll >= 0)
		(void)close(pump->epoll);
	free(pump);
	*out = NULL;
}

static int
add_link(struct wire_pump *pump, struct pump_link *link)
{
	struct pump_link **list =
	    realloc(pump->link, (pump->nlinks + 1) * sizeof(*list));

	if (list == NULL)
		return -ENOMEM;
	pump->link = list;
	for (unsigned side = 0; side < 2; side++) {
		struct direction *d = &link->dir[side];
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = d};

		if (d->from->fd >= 0 && epoll_ctl(pump->epoll, EPOLL_CTL_ADD,
						  d->from->fd, &event) != 0)
			return -errno;
	}
	link->number = pump->nlinks;
	pump->link[pump->nlinks++] = link;
	return 0;
}

int
wire_pump_link(struct wire_pump *pump, const struct wire_link *conf,
	       unsigned *number)
{
	struct pump_link *link = calloc(1, sizeof(*link));
	int err = 0;

	if (link == NULL) {
		struct wire_end *end[2] = {conf->end[0], conf->end[1]};

		wire_end_close(&end[0]);
		wire_end_close(&end[1]);
		return -ENOMEM;
	}
	for (unsigned side = 0; side < 2; side++) {
		struct direction *d = &link->dir[side];

		d->link = link;
		d->side = side;
		d->from = conf->end[side];
		d->to = conf->end[1 - side];
		if (err == 0)
			err = shape_new(&d->shape, pump->store,
					conf->seed[side], &d->counts);
		if (err == 0)
			shape_set(d->shape, &conf->conf[side]);
	}
	if (err == 0)
		err = add_link(pump, link);
	if (err != 0)
		free_link(link);
	else
		*number = link->number;
	return err;
}

/* ---- Time ---- */

uint64_t
wire_pump_now(const struct wire_pump *pump)
{
	return clock_monotonic() + pump->offset_ns;
}

static bool
is_source(const struct wire_end *end)
{
	return end->ops->next_ns != NULL;
}

static uint64_t
direction_next(const struct direction *d)
{
	uint64_t next = shape_next_ns(d->shape);
	uint64_t source = WIRE_NEVER;

	if (is_source(d->from) && !d->ended && !d->node_down)
		source = d->from->ops->next_ns(d->from);
	if (source < d->retry_ns)
		source = d->retry_ns;
	return source < next ? source : next;
}

/* Into the list when it has something to wait for; it leaves it by itself. */
static void
await_time(struct wire_pump *pump, struct direction *d)
{
	if (d->timed || direction_next(d) == WIRE_NEVER)
		return;
	d->timed = true;
	d->next = pump->waiting;
	pump->waiting = d;
}

static void
arm(struct wire_pump *pump)
{
	uint64_t next = WIRE_NEVER;
	struct itimerspec when = {.it_value = {0}};

	for (struct direction *d = pump->waiting; d != NULL; d = d->next) {
		uint64_t ns = direction_next(d);

		if (ns < next)
			next = ns;
	}
	/* 0 stops the timer; what is due already is due at once. */
	if (next == WIRE_NEVER)
		next = 0;
	else if (next <= pump->offset_ns)
		next = 1;
	else
		next -= pump->offset_ns;
	if (next == pump->armed_ns)
		return;
	pump->armed_ns = next;
	when.it_value.tv_sec = (time_t)(next / CLOCK_SECOND_NS);
	when.it_value.tv_nsec = (long)(next % CLOCK_SECOND_NS);
	(void)timerfd_settime(pump->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* ---- Frames ---- */

static void
show(const struct wire_pump *pump, const struct direction *d,
     enum wire_seen_at at, enum link_count fate, const struct wire_frame *f)
{
	struct wire_seen seen = {d->link->number, d->side, at, fate, f};

	if (pump->tap != NULL)
		pump->tap(pump->tap_arg, &seen);
}

static void
show_all(const struct wire_pump *pump, const struct direction *d,
	 enum wire_seen_at at, enum link_count fate, const struct wire_frame *f,
	 unsigned n)
{
	for (unsigned i = 0; pump->tap != NULL && i < n; i++)
		show(pump, d, at, fate, &f[i]);
}

static uint64_t
octets_of(const struct wire_frame *f, unsigned n)
{
	uint64_t octets = 0;

	for (unsigned i = 0; i < n; i++)
		octets += f[i].octets;
	return octets;
}

/* How many the far end took; *rest: why it did not take the others. */
static unsigned
offer(struct wire_pump *pump, struct direction *d, struct wire_frame *f,
      unsigned n, enum link_count *rest)
{
	int rc;

	*rest = LINK_NODE_DOWN;
	if (d->node_down || n == 0)
		return 0;
	for (unsigned i = 0; i < n; i++)
		f[i].flags |= d->from->flags;
	rc = d->to->ops->write(d->to, f, n);
	*rest = rc < 0 ? LINK_END_FAILED : LINK_RECEIVER_FULL;
	if (rc <= 0)
		return 0;
	d->counts.n[LINK_DELIVERED] += (unsigned)rc;
	d->counts.n[LINK_DELIVERED_OCTETS] += octets_of(f, (unsigned)rc);
	show_all(pump, d, WIRE_ARRIVED, LINK_DELIVERED, f, (unsigned)rc);
	/* What was told to it may make it speak. */
	if (is_source(d->to))
		await_time(pump, &d->link->dir[1 - d->side]);
	return (unsigned)rc;
}

static void
deliver(struct wire_pump *pump, struct direction *d, struct wire_frame *f,
	unsigned n)
{
	enum link_count rest;
	unsigned took = offer(pump, d, f, n, &rest);

	d->counts.n[rest] += n - took;
	show_all(pump, d, WIRE_ARRIVED, rest, f + took, n - took);
}

static void
count_taken(struct wire_pump *pump, struct direction *d,
	    const struct wire_frame *f, unsigned n)
{
	d->counts.n[LINK_TAKEN] += n;
	d->counts.n[LINK_TAKEN_OCTETS] += octets_of(f, n);
	show_all(pump, d, WIRE_SENT, LINK_TAKEN, f, n);
}

/* A source's frames over a clear link: what is not taken goes back. */
static void
deliver_patiently(struct wire_pump *pump, struct direction *d,
		  struct wire_frame *f, unsigned n, uint64_t now_ns)
{
	enum link_count rest;
	unsigned took = offer(pump, d, f, n, &rest);

	if (rest == LINK_END_FAILED && took < n) {
		d->counts.n[rest] += n - took;
		took = n;
	}
	count_taken(pump, d, f, took);
	if (took == n)
		return;
	d->from->ops->unread(d->from, n - took);
	d->retry_ns = now_ns + RETRY_NS;
}

static void
shape_all(struct wire_pump *pump, struct direction *d, struct wire_frame *f,
	  unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct shape_frame in = {f[i].time_ns, f[i].trace, f[i].data,
					 f[i].octets};
		enum link_count fate = shape_push(d->shape, &in);

		d->counts.n[LINK_TAKEN]++;
		d->counts.n[LINK_TAKEN_OCTETS] += f[i].octets;
		show(pump, d, WIRE_SENT, fate, &f[i]);
	}
}

/* What has arrived by now. */
static void
arrive(struct wire_pump *pump, struct direction *d, uint64_t now_ns)
{
	struct shape_frame due[WIRE_BATCH];
	struct wire_frame f[WIRE_BATCH];
	unsigned n;

	do {
		n = shape_take(d->shape, now_ns, due, WIRE_BATCH);
		for (unsigned i = 0; i < n; i++)
			f[i] = (struct wire_frame){.data = due[i].data,
						   .octets = due[i].octets,
						   .flags = WIRE_F_TIMED,
						   .time_ns = due[i].time_ns,
						   .trace = due[i].trace};
		deliver(pump, d, f, n);
	} while (n == WIRE_BATCH);
}

static void
stamp(const struct wire_pump *pump, struct wire_frame *f, unsigned n,
      uint64_t now_ns)
{
	for (unsigned i = 0; i < n; i++) {
		if (!pump->timed || (f[i].flags & WIRE_F_TIMED) == 0)
			f[i].time_ns = now_ns;
		f[i].flags |= WIRE_F_TIMED;
	}
}

static void
end_direction(struct wire_pump *pump, struct direction *d, int rc)
{
	if (rc != -ENODATA)
		log_warn("pump: end failed link=%u side=%u error=%s",
			 d->link->number, d->side, strerror(-rc));
	d->ended = true;
	if (d->from->fd >= 0)
		(void)epoll_ctl(pump->epoll, EPOLL_CTL_DEL, d->from->fd, NULL);
}

/* A batch from the near end; false: there was none. */
static bool
move(struct wire_pump *pump, struct direction *d, uint64_t now_ns)
{
	struct wire_frame *f = pump->batch.frame;
	int rc = d->from->ops->read(d->from, &pump->batch, now_ns,
				    &d->counts.n[LINK_MALFORMED]);
	unsigned n = rc > 0 ? (unsigned)rc : 0;

	if (rc < 0)
		end_direction(pump, d, rc);
	if (n == 0)
		return false;
	stamp(pump, f, n, now_ns);
	if (!shape_is_clear(d->shape)) {
		shape_all(pump, d, f, n);
		arrive(pump, d, now_ns);
	} else if (is_source(d->from)) {
		deliver_patiently(pump, d, f, n, now_ns);
	} else {
		count_taken(pump, d, f, n);
		deliver(pump, d, f, n);
	}
	return d->retry_ns <= now_ns;
}

static void
move_some(struct wire_pump *pump, struct direction *d, uint64_t now_ns)
{
	for (unsigned i = 0; i < TURNS && !d->ended; i++) {
		if (!move(pump, d, now_ns))
			break;
	}
	await_time(pump, d);
}

/* ---- The loop ---- */

static void
run_waiting(struct wire_pump *pump, uint64_t now_ns)
{
	struct direction *d = pump->waiting;

	/* Whoever is put in meanwhile, or again, stands before those. */
	pump->waiting = NULL;
	while (d != NULL) {
		struct direction *next = d->next;

		d->timed = false;
		if (direction_next(d) <= now_ns) {
			arrive(pump, d, now_ns);
			if (is_source(d->from) && !d->node_down &&
			    d->retry_ns <= now_ns) {
				d->retry_ns = 0;
				move_some(pump, d, now_ns);
			}
		}
		await_time(pump, d);
		d = next;
	}
}

void
wire_pump_run(struct wire_pump *pump)
{
	struct epoll_event event[EVENTS_MAX];
	uint64_t expired;
	uint64_t now_ns;
	int n = epoll_wait(pump->epoll, event, EVENTS_MAX, 0);

	now_ns = wire_pump_now(pump);
	for (int i = 0; i < n; i++) {
		if (event[i].data.ptr != NULL) {
			move_some(pump, event[i].data.ptr, now_ns);
			continue;
		}
		if (read(pump->timer, &expired, sizeof(expired)) > 0)
			pump->armed_ns = 0;
	}
	run_waiting(pump, now_ns);
	arm(pump);
}

int
wire_pump_fd(const struct wire_pump *pump)
{
	return pump->epoll;
}

void
wire_pump_start(struct wire_pump *pump)
{
	if (pump->started)
		return;
	pump->started = true;
	if (pump->timed)
		pump->offset_ns = WIRE_EPOCH_NS - clock_monotonic();
	for (unsigned i = 0; i < pump->nlinks * 2; i++) {
		struct direction *d = &pump->link[i / 2]->dir[i % 2];

		if (d->from->ops->start != NULL)
			d->from->ops->start(d->from, pump->timed
							 ? WIRE_EPOCH_NS
							 : wire_pump_now(pump));
		await_time(pump, d);
	}
	arm(pump);
}

bool
wire_pump_idle(const struct wire_pump *pump)
{
	for (unsigned i = 0; i < pump->nlinks * 2; i++) {
		const struct direction *d = &pump->link[i / 2]->dir[i % 2];

		if (shape_next_ns(d->shape) != SHAPE_NEVER)
			return false;
		if (is_source(d->from) && !d->ended &&
		    d->from->ops->next_ns(d->from) != WIRE_NEVER)
			return false;
	}
	return true;
}

int
wire_pump_flush(struct wire_pump *pump)
{
	int first = 0;

	for (unsigned i = 0; i < pump->nlinks * 2; i++) {
		struct wire_end *end = pump->link[i / 2]->dir[i % 2].from;
		int rc = end->ops->flush != NULL ? end->ops->flush(end) : 0;

		if (first == 0)
			first = rc;
	}
	return first;
}

/* ---- Orders ---- */

static struct direction *
direction(const struct wire_pump *pump, unsigned link, unsigned side)
{
	return &pump->link[link]->dir[side];
}

void
wire_pump_shape(struct wire_pump *pump, unsigned link, unsigned side,
		const struct shape_conf *conf)
{
	shape_set(direction(pump, link, side)->shape, conf);
}

const struct shape_conf *
wire_pump_shaped(const struct wire_pump *pump, unsigned link, unsigned side)
{
	return shape_conf(direction(pump, link, side)->shape);
}

void
wire_pump_node(struct wire_pump *pump, unsigned link, unsigned side, bool up)
{
	struct direction *d = direction(pump, link, 1 - side);

	d->node_down = !up;
	await_time(pump, d);
	arm(pump);
}

const struct link_counts *
wire_pump_counts(const struct wire_pump *pump, unsigned link, unsigned side)
{
	return &direction(pump, link, side)->counts;
}

void
wire_pump_tap(struct wire_pump *pump, wire_tap *tap, void *arg)
{
	pump->tap = tap;
	pump->tap_arg = arg;
}
