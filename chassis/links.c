/*
 * Links of the backplane: the full mesh between the stages that packets pass,
 * one link per ordered pair (design: docs/architecture.md, "The path of a
 * packet"). The receiver opens its end and tells the endpoint, the chassis
 * hands that to the sender. After a death every neighbour takes what the dead
 * process had sent, closes both ends and says so; a new epoch gets new
 * endpoints.
 */
#include <string.h>

#include "chs.h"
#include "log.h"

static bool
is_asp(enum stage_role role)
{
	return role == STAGE_ASP1 || role == STAGE_ASP2;
}

bool
links_needed(uint16_t from, uint16_t to)
{
	enum stage_role a = stage_role(from);
	enum stage_role b = stage_role(to);

	if (from == to)
		return false;
	switch (a) {
	case STAGE_IPPA:
		return b == STAGE_EPPA || b == STAGE_XCRP || is_asp(b);
	case STAGE_EPPA: /* the loop of the circuit-based mode */
		return b == STAGE_IPPA && stage_slot(from) == stage_slot(to);
	case STAGE_ASP1:
	case STAGE_ASP2:
		return b == STAGE_EPPA || b == STAGE_IPPA;
	default: /* the controller, in the role of an iPPA */
		return b == STAGE_EPPA || is_asp(b);
	}
}

static struct link_pair *
pair_of(struct chs *chs, uint16_t from, uint16_t to)
{
	return &chs->pairs[from * STAGE_ID_MAX + to];
}

static void
ask_to_listen(struct chs *chs, struct proc *to, const struct proc *from)
{
	struct ctl_link body = {.peer = be16_put(from->stage),
				.epoch = be32_put(from->epoch)};

	chs_tell(chs, to, CTL_LINK_LISTEN, &body, NULL, 0);
}

static void
tell_to_connect(struct chs *chs, struct proc *from, const struct proc *to,
		const char *endpoint)
{
	struct ctl_link body = {.peer = be16_put(to->stage),
				.epoch = be32_put(to->epoch)};

	chs_tell(chs, from, CTL_LINK_CONNECT, &body, endpoint,
		 strlen(endpoint));
}

/* The inbound link of the controller itself. */
static void
listen_here(struct chs *chs, struct proc *from)
{
	char endpoint[BUS_ENDPOINT_MAX];
	int err = bp_listen(chs->bp, from->stage, from->epoch, endpoint);

	if (err != 0)
		log_error("links: no link from stage=%u error=%d", from->stage,
			  err);
	else
		tell_to_connect(chs, from, &chs->proc[0], endpoint);
}

/* The outbound link of the controller itself. */
static void
connect_here(struct chs *chs, const struct proc *to, const char *endpoint)
{
	int err = bp_connect(chs->bp, to->stage, to->epoch, endpoint);

	if (err != 0)
		log_error("links: no link to stage=%u error=%d", to->stage,
			  err);
	else
		pair_of(chs, 0, to->stage)->up = true;
}

static void
ask(struct chs *chs, struct proc *from, struct proc *to)
{
	struct link_pair *pair = pair_of(chs, from->stage, to->stage);

	if (pair->asked && pair->from_epoch == from->epoch &&
	    pair->to_epoch == to->epoch)
		return;
	*pair = (struct link_pair){
	    .from_epoch = from->epoch, .to_epoch = to->epoch, .asked = true};
	if (to->stage == 0)
		listen_here(chs, from);
	else
		ask_to_listen(chs, to, from);
}

/* The next pair of live stages that need a link, after *from, *to. */
static bool
each_pair(struct chs *chs, uint16_t *from, uint16_t *to)
{
	for (;;) {
		if (++*to >= STAGE_ID_MAX) {
			*to = 0;
			++*from;
		}
		if (*from >= STAGE_ID_MAX)
			return false;
		if (!chs_live(&chs->proc[*from]))
			*to = STAGE_ID_MAX - 1;
		else if (chs_live(&chs->proc[*to]) && links_needed(*from, *to))
			return true;
	}
}

static bool
all_up(struct chs *chs, void *arg)
{
	uint16_t from = 0;
	uint16_t to = 0;

	(void)arg;
	while (each_pair(chs, &from, &to)) {
		const struct link_pair *pair = pair_of(chs, from, to);

		if (!pair->up || pair->from_epoch != chs->proc[from].epoch ||
		    pair->to_epoch != chs->proc[to].epoch)
			return false;
	}
	return true;
}

int
links_up(struct chs *chs)
{
	uint16_t from = 0;
	uint16_t to = 0;

	while (each_pair(chs, &from, &to))
		ask(chs, &chs->proc[from], &chs->proc[to]);
	return chs_wait(chs, all_up, NULL);
}

void
links_ready(struct chs *chs, struct proc *proc, const struct ctl_in *in)
{
	const struct ctl_link *body = in->body;
	struct proc *from = chs_proc(chs, be16_get(body->peer));
	char endpoint[BUS_ENDPOINT_MAX];

	/* An empty name: it could not be opened; the wait for links tells. */
	if (from == NULL || !chs_live(from) || in->tail_octets == 0 ||
	    in->tail_octets >= sizeof(endpoint))
		return;
	memcpy(endpoint, in->tail, in->tail_octets);
	endpoint[in->tail_octets] = '\0';
	if (be32_get(body->epoch) != from->epoch)
		return;
	if (from->stage == 0)
		connect_here(chs, proc, endpoint);
	else
		tell_to_connect(chs, from, proc, endpoint);
}

void
links_is_up(struct chs *chs, struct proc *proc, const struct ctl_in *in)
{
	const struct ctl_link *body = in->body;
	uint16_t to = be16_get(body->peer);
	struct link_pair *pair;

	if (!stage_valid(to))
		return;
	pair = pair_of(chs, proc->stage, to);
	if (pair->to_epoch == be32_get(body->epoch))
		pair->up = true;
}

static bool
all_drained(struct chs *chs, void *arg)
{
	(void)arg;
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (chs_live(&chs->proc[i]) && chs->draining[i])
			return false;
	}
	return true;
}

int
links_drain(struct chs *chs, const struct proc *dead)
{
	struct ctl_link body = {.peer = be16_put(dead->stage),
				.epoch = be32_put(dead->epoch)};
	int err;

	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		struct proc *proc = &chs->proc[i];

		chs->draining[i] =
		    chs_live(proc) && (links_needed(i, dead->stage) ||
				       links_needed(dead->stage, i));
		if (chs->draining[i])
			chs_tell(chs, proc, CTL_LINK_DRAIN, &body, NULL, 0);
	}
	punt_take(chs);
	punt_unlink(chs, dead->stage);
	err = chs_wait(chs, all_drained, NULL);
	if (err != 0)
		log_warn("links: not every neighbour drained stage=%u",
			 dead->stage);
	return err;
}

void
links_drained(struct chs *chs, struct proc *proc, const struct ctl_in *in)
{
	(void)in;
	chs->draining[proc->stage] = false;
}
