/*
 * IKE SAs of an instance, of either version: entering and leaving the tables,
 * counting what is half open, telling when they come and go. No message is read
 * or written here.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike_impl.h"
#include "secret.h"

static int
draw_spi(struct ike *ike, struct ike_spi *spi)
{
	static const struct ike_spi zero;

	for (unsigned i = 0; i < 8; i++) {
		if (ike_random(ike, spi, sizeof(*spi)) != 0)
			return -EIO;
		if (memcmp(spi, &zero, sizeof(zero)) != 0 &&
		    ike_sa_find(ike, spi->octets) == NULL)
			return 0;
	}
	return -EIO;
}

int
ike_sa_enter(struct ike *ike, struct ike_sa *sa, uint64_t now)
{
	int error = draw_spi(ike, &sa->mine);

	if (error != 0)
		return error;
	if (ike->stats.sas >= ike->conf.sas_max ||
	    (!sa->initiator && ike->stats.half_open >= ike->conf.half_open_max))
		return -ENOSPC;
	sa->id = ++ike->next_sa;
	sa->born_ns = now;
	sa->heard_ns = now;
	sa->said_ns = now;
	sa->state = "NEW";
	TAILQ_INIT(&sa->children);
	HASH_ADD(hh_mine, ike->by_mine, mine, sizeof(sa->mine), sa);
	if (sa->hh_mine.tbl == NULL)
		return -ENOMEM;
	HASH_ADD(hh_id, ike->by_id, id, sizeof(sa->id), sa);
	if (sa->hh_id.tbl == NULL) {
		HASH_DELETE(hh_mine, ike->by_mine, sa);
		return -ENOMEM;
	}
	TAILQ_INSERT_TAIL(&ike->sas, sa, all);
	ike->stats.sas++;
	sa->half_open = true;
	ike->stats.half_open++;
	return 0;
}

struct ike_sa *
ike_sa_find(struct ike *ike, const uint8_t spi[8])
{
	struct ike_sa *sa = NULL;

	HASH_FIND(hh_mine, ike->by_mine, spi, sizeof(struct ike_spi), sa);
	return sa;
}

void
ike_sa_bind(struct ike_sa *sa, struct ike_tun *tun)
{
	if (sa->tun != NULL)
		TAILQ_REMOVE(&sa->tun->sas, sa, of_tun);
	sa->tun = tun;
	if (tun != NULL)
		TAILQ_INSERT_TAIL(&tun->sas, sa, of_tun);
}

void
ike_sa_row(const struct ike_sa *sa, struct ike_sa_info *info)
{
	*info = (struct ike_sa_info){
	    .id = sa->id,
	    .tunnel = sa->tun != NULL ? sa->tun->conf.id : 0,
	    .version = sa->version,
	    .initiator = sa->initiator,
	    .up = sa->up,
	    .state = sa->state,
	    .path = sa->path,
	    .local_id = sa->local_id,
	    .remote_id = sa->remote_id,
	    .born_ns = sa->born_ns,
	    .end_ns = sa->end_ns,
	    .children = sa->children_count,
	    .nat_local = sa->nat_local,
	    .nat_remote = sa->nat_remote,
	};
	if (sa->policy != NULL)
		memcpy(info->policy, sa->policy->p.name, sizeof(info->policy));
	memcpy(sa->initiator ? info->spi_i : info->spi_r, sa->mine.octets, 8);
	memcpy(sa->initiator ? info->spi_r : info->spi_i, sa->theirs.octets, 8);
	sa->ops->info(sa, info);
}

static void
tell_sa(struct ike *ike, const struct ike_sa *sa, enum ike_event_kind kind,
	uint64_t now)
{
	struct ike_sa_info info;
	struct ike_event event = {
	    .kind = kind, .at_ns = now, .path = &sa->path, .sa = &info};

	ike_sa_row(sa, &info);
	event.tunnel = info.tunnel;
	ike_tell(ike, &event);
}

static void
close_half_open(struct ike *ike, struct ike_sa *sa)
{
	if (sa->half_open)
		ike->stats.half_open--;
	sa->half_open = false;
}

void
ike_sa_up(struct ike *ike, struct ike_sa *sa, bool rekeyed, uint64_t now)
{
	close_half_open(ike, sa);
	sa->up = true;
	sa->counted = true;
	sa->state = "UP";
	ike->stats.count[IKE_STAT_IKE_UP]++;
	if (rekeyed)
		ike->stats.count[IKE_STAT_IKE_REKEYED]++;
	tell_sa(ike, sa, rekeyed ? IKE_EVENT_IKE_REKEYED : IKE_EVENT_IKE_UP,
		now);
	if (!rekeyed)
		ike_record_end(ike, sa->record, true, now, "established");
}

void
ike_sa_end(struct ike *ike, struct ike_sa *sa, enum ike_cause cause,
	   uint64_t now)
{
	struct ike_tun *tun = sa->tun;
	struct ike_child_sa *child;

	ike_record_end(ike, sa->record, false, now, ike_cause_name(cause));
	while ((child = TAILQ_FIRST(&sa->children)) != NULL)
		ike_child_end(ike, child, cause, now);
	if (sa->counted) {
		ike->stats.count[IKE_STAT_IKE_DOWN]++;
		tell_sa(ike, sa, IKE_EVENT_IKE_DOWN, now);
	}
	close_half_open(ike, sa);
	ike_sa_bind(sa, NULL);
	HASH_DELETE(hh_mine, ike->by_mine, sa);
	HASH_DELETE(hh_id, ike->by_id, sa);
	TAILQ_REMOVE(&ike->sas, sa, all);
	ike->stats.sas--;
	ike_policy_drop(&sa->policy);
	sa->ops->free(ike, sa);
	if (tun != NULL)
		ike_tun_settle(ike, tun, cause, now);
}

void
ike_sa_fail(struct ike *ike, struct ike_sa *sa, enum ike_cause cause,
	    uint64_t now, const char *text)
{
	struct ike_event event = {.kind = IKE_EVENT_FAILED,
				  .at_ns = now,
				  .cause = cause,
				  .path = &sa->path,
				  .text = text};

	if (sa->tun != NULL) {
		event.tunnel = sa->tun->conf.id;
		snprintf(sa->tun->failure, sizeof(sa->tun->failure), "%s",
			 text);
		if (!sa->tun->up)
			sa->tun->cause = cause;
	}
	ike->stats.count[IKE_STAT_FAILED]++;
	ike_record_end(ike, sa->record, false, now, text);
	ike_tell(ike, &event);
	ike_sa_end(ike, sa, cause, now);
}
