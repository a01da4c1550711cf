/*
 * Packet memory. Each stage that takes buffers for packets (the iPPAs, and the
 * controller for its own) has a pool, made here at its first start and kept for
 * the life of the chassis, so that what others hold of it outlives its process.
 * Every process is offered every pool before it is told of any link that could
 * bring a packet of it: those there are when it starts, later ones as they are
 * made. Over tcp there are none: packets travel by value.
 *
 * The chassis is a stage too: it offers itself the pools over a socket pair of
 * its own.
 */
#include <string.h>
#include <unistd.h>

#include "bp_pools.h"
#include "chs.h"
#include "log.h"

bool
pools_shared(const struct chs *chs)
{
	return bus_transport_of(chs->args->bus) != BUS_TCP;
}

uint32_t
pools_buffers(const struct chs *chs)
{
	uint32_t card =
	    (chs->rounds_open + 2) * (chs->round_packets + STATS_PORTS);

	/* By value packets of every card may wait in one process. */
	return pools_shared(chs) ? card : card * STAGE_SLOT_MAX;
}

static void
offer(struct chs *chs, struct proc *proc, uint16_t number)
{
	const struct pool_memory *pool = &chs->pool[number];
	int err;

	if (proc->pools_fd < 0)
		return;
	err = bp_pools_offer(proc->pools_fd, number, pool->buffers, pool->fd);
	if (err != 0 && chs_live(proc))
		log_error("pools: not offered stage=%u pool=%u error=%s",
			  proc->stage, number, strerror(-err));
}

/* iPPAs read them, ASPs cut them, the controller has its own. */
static bool
makes_packets(uint16_t stage)
{
	enum stage_role role = stage_role(stage);

	return stage == 0 || role == STAGE_IPPA || role == STAGE_ASP1 ||
	       role == STAGE_ASP2;
}

static int
make(struct chs *chs, uint16_t stage)
{
	struct pool_memory *pool = &chs->pool[stage];
	int err;

	if (!makes_packets(stage) || pool->fd >= 0)
		return 0;
	err = bp_pool_make(chs->common.buffers, &pool->fd);
	if (err != 0)
		return err;
	pool->buffers = chs->common.buffers;
	for (uint16_t i = 0; i < STAGE_ID_MAX; i++)
		offer(chs, &chs->proc[i], stage);
	return 0;
}

int
pools_join(struct chs *chs, struct proc *proc)
{
	int err;

	if (!pools_shared(chs))
		return 0;
	pools_leave(proc);
	err = make(chs, proc->stage);
	if (err == 0)
		err = bp_pools_pair(&proc->pools_fd, &proc->pools_end_fd);
	for (uint16_t i = 0; err == 0 && i < STAGE_ID_MAX; i++) {
		if (chs->pool[i].fd >= 0)
			offer(chs, proc, i);
	}
	return err;
}

void
pools_started(struct proc *proc)
{
	if (proc->pools_end_fd >= 0)
		(void)close(proc->pools_end_fd);
	proc->pools_end_fd = -1;
}

void
pools_leave(struct proc *proc)
{
	pools_started(proc);
	if (proc->pools_fd >= 0)
		(void)close(proc->pools_fd);
	proc->pools_fd = -1;
}

static void
tell_reclaim(struct chs *chs, struct proc *owner, uint16_t stage)
{
	struct ctl_reclaim body = {.stage = be16_put(stage),
				   .epoch =
				       be32_put(chs->pool[stage].gone_epoch)};

	if (chs->pool[owner->stage].fd >= 0)
		chs_tell(chs, owner, CTL_RECLAIM, &body, NULL, 0);
}

/*
 * An owner that was started after others died, or after itself: what they held
 * of its pool stands in the holder words still.
 */
void
pools_hello(struct chs *chs, struct proc *proc)
{
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (chs->pool[i].gone_epoch != 0)
			tell_reclaim(chs, proc, i);
	}
}

void
pools_reclaim(struct chs *chs, const struct proc *dead)
{
	chs->pool[dead->stage].gone_epoch = dead->epoch;
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (chs_live(&chs->proc[i]))
			tell_reclaim(chs, &chs->proc[i], dead->stage);
	}
	if (pools_shared(chs))
		(void)bp_reclaim(chs->bp, dead->stage, dead->epoch);
}

void
pools_close(struct chs *chs)
{
	for (uint16_t i = 0; i < STAGE_ID_MAX; i++) {
		if (chs->pool[i].fd >= 0)
			(void)close(chs->pool[i].fd);
		chs->pool[i].fd = -1;
	}
}
