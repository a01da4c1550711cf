/*
 * IKEv1 in an instance: what v1.h asks of its host, answered by the instance's
 * tunnels, policies and events. The instance counts children and decides when a
 * tunnel is up and when it is tried again, for both versions alike.
 */
#include "v1_ike.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ike_impl.h"
#include "secret.h"
#include "v1.h"

static const struct ike_tunnel *
host_tunnel(void *arg, uint32_t id)
{
	const struct ike_tun *tun = ike_tun_find(arg, id);

	return tun == NULL ? NULL : &tun->conf;
}

static const struct ike_policy *
host_policy(void *arg, uint32_t id)
{
	const struct ike *ike = arg;
	struct ike_policy_box *box = NULL;

	HASH_FIND(hh, ike->policies, &id, sizeof(id), box);
	return box == NULL ? NULL : &box->p;
}

static const struct ike_child_policy *
host_child_policy(void *arg, uint32_t id)
{
	const struct ike *ike = arg;
	struct ike_child_policy_box *box = NULL;

	HASH_FIND(hh, ike->child_policies, &id, sizeof(id), box);
	return box == NULL ? NULL : &box->p;
}

static const struct ike_tunnel *
host_match(void *arg, const struct ike_path *path, uint32_t after)
{
	const struct ike_tun *before =
	    after == 0 ? NULL : ike_tun_find(arg, after);
	const struct ike_tun *tun;

	if (after != 0 && before == NULL)
		return NULL;
	tun = ike_tun_next(arg, path, before);
	return tun == NULL ? NULL : &tun->conf;
}

static struct alg_piece
host_secret(void *arg, uint32_t id)
{
	const struct ike_tun *tun = ike_tun_find(arg, id);

	return tun == NULL ? (struct alg_piece){NULL, 0} : ike_tun_secret(tun);
}

/* The record is asked for again: between secret and proof it may have gone. */
static int
host_spawn(void *arg, uint32_t template, const struct ike_id *remote,
	   const struct ike_path *path, uint32_t *tunnel)
{
	struct ike *ike = arg;
	struct ike_tun *tun = ike_tun_find(ike, template);
	struct ike_subscriber record;
	struct ike_tun *spawned = NULL;
	int err;

	if (tun == NULL || ike->ops.subscriber == NULL)
		return -ENOENT;
	memset(&record, 0, sizeof(record));
	err = ike->ops.subscriber(ike->arg, template, remote, &record);
	if (err == 0)
		err = ike_tun_spawn(ike, tun, path, remote, &record, &spawned);
	if (err == 0)
		*tunnel = spawned->conf.id;
	secret_wipe(&record, sizeof(record));
	return err;
}

static uint32_t
host_sa_id(void *arg)
{
	struct ike *ike = arg;

	return ++ike->next_sa;
}

static uint32_t
host_child_id(void *arg)
{
	struct ike *ike = arg;

	return ++ike->next_child;
}

static void
host_count(void *arg, enum ike_stat stat)
{
	struct ike *ike = arg;

	ike->stats.count[stat]++;
}

static void
host_reject(void *arg, enum ike_reject reject, const struct ike_path *path,
	    uint32_t tunnel, const char *text, uint64_t now)
{
	ike_rejected(arg, reject, path, ike_tun_find(arg, tunnel), now, text);
}

static void
host_state(void *arg, enum ike_event_kind kind, const struct ike_sa_info *info,
	   uint64_t now)
{
	struct ike_event event = {.kind = kind,
				  .at_ns = now,
				  .tunnel = info->tunnel,
				  .path = &info->path,
				  .sa = info};

	ike_tell(arg, &event);
}

static void
host_keys(void *arg, const struct ike_keys *keys, uint64_t now)
{
	struct ike_event event = {
	    .kind = IKE_EVENT_KEYS, .at_ns = now, .keys = keys};

	ike_tell(arg, &event);
}

static void
host_up(void *arg, const struct ike_child *child, uint64_t now)
{
	struct ike *ike = arg;
	struct ike_tun *tun = ike_tun_find(ike, child->tunnel);
	struct ike_event event = {.kind = IKE_EVENT_CHILD_REKEYED,
				  .at_ns = now,
				  .tunnel = child->tunnel,
				  .child = child->id,
				  .path = &child->path};

	if (tun == NULL)
		return;
	tun->children++;
	if (child->replaces != 0)
		ike_tell(ike, &event);
	ike_tun_settle(ike, tun, IKE_CAUSE_GENERAL, now);
}

static void
host_down(void *arg, const struct ike_child *child, enum ike_cause cause,
	  uint64_t now)
{
	struct ike *ike = arg;
	struct ike_tun *tun = ike_tun_find(ike, child->tunnel);

	if (tun == NULL)
		return;
	tun->children--;
	ike_tun_settle(ike, tun, cause, now);
}

static void
host_failed(void *arg, uint32_t tunnel, enum ike_cause cause, const char *text,
	    uint64_t now)
{
	struct ike *ike = arg;
	struct ike_tun *tun = ike_tun_find(ike, tunnel);
	struct ike_event event = {.kind = IKE_EVENT_FAILED,
				  .at_ns = now,
				  .tunnel = tunnel,
				  .cause = cause,
				  .text = text};

	if (tun == NULL)
		return;
	(void)snprintf(tun->failure, sizeof(tun->failure), "%s",
		       text == NULL ? "" : text);
	ike_tell(ike, &event);
	ike_tun_settle(ike, tun, cause, now);
}

/* ---- what is remembered ------------------------------------------------ */

static uint64_t
host_record(void *arg, const struct ike_path *path, bool initiator,
	    uint64_t now)
{
	return ike_record_begin(arg, path, 1, initiator, now);
}

static size_t
describe_one(const struct ike_payload *p, char *text, size_t room)
{
	struct ike_notify n;
	struct ike_delete d;
	int printed;

	if (p->type == IKE_P_V1_NOTIFY && ike_notify_read(p, &n) == 0)
		printed =
		    snprintf(text, room, "N(%s) ", ike_v1_notify_name(n.type));
	else if (p->type == IKE_P_V1_DELETE && ike_delete_read(p, &d) == 0)
		printed = snprintf(text, room, "D(%s*%u) ",
				   d.protocol == IKE_PROTO_IKE   ? "IKE"
				   : d.protocol == IKE_PROTO_ESP ? "ESP"
								 : "AH",
				   d.count);
	else
		printed = snprintf(text, room, "%s(%u) ",
				   ike_payload_name(p->type), p->octets);
	return printed > 0 && (size_t)printed < room ? (size_t)printed : 0;
}

static void
host_line(void *arg, uint64_t record, const struct v1_line *line)
{
	struct ike_ladder row = {
	    .at_ns = line->now_ns,
	    .sent = line->sent,
	    .again = line->again,
	    .message_id = be32_get(line->hdr->message_id),
	    .octets = (uint32_t)line->octets,
	};
	char text[512];
	size_t at = 0;

	text[0] = '\0';
	for (unsigned i = 0; line->chain != NULL && i < line->chain->count; i++)
		at += describe_one(&line->chain->p[i], text + at,
				   sizeof(text) - at);
	if (at > 0)
		text[at - 1] = '\0';
	(void)snprintf(row.exchange, sizeof(row.exchange), "%s",
		       ike_exchange_name(line->hdr->exchange));
	row.payloads = text;
	ike_record_line(arg, record, &row);
}

static void
host_compare(void *arg, uint64_t record, const struct ike_compare *row)
{
	ike_record_compare(arg, record, row);
}

static void
host_record_end(void *arg, uint64_t record, uint32_t tunnel, bool good,
		const char *outcome, uint64_t now)
{
	struct ike_tun *tun = ike_tun_find(arg, tunnel);

	if (tun != NULL)
		ike_record_tunnel(arg, record, tun);
	ike_record_end(arg, record, good, now, outcome == NULL ? "" : outcome);
}

/* A spawned tunnel goes with the last that there was of it. */
static void
host_gone(void *arg, uint32_t tunnel, uint64_t now)
{
	struct ike *ike = arg;
	struct ike_tun *tun = ike_tun_find(ike, tunnel);

	if (tun != NULL)
		ike_tun_settle(ike, tun, IKE_CAUSE_GENERAL, now);
}

int
v1_ike_new(struct ike *ike)
{
	struct v1_host host = {.arg = ike,
			       .conf = &ike->conf,
			       .ops = &ike->ops,
			       .ops_arg = ike->arg,
			       .crypto = ike->crypto,
			       .tunnel = host_tunnel,
			       .policy = host_policy,
			       .child_policy = host_child_policy,
			       .match = host_match,
			       .secret = host_secret,
			       .spawn = host_spawn,
			       .sa_id = host_sa_id,
			       .child_id = host_child_id,
			       .count = host_count,
			       .reject = host_reject,
			       .ike_state = host_state,
			       .keys = host_keys,
			       .child_up = host_up,
			       .child_down = host_down,
			       .failed = host_failed,
			       .record = host_record,
			       .line = host_line,
			       .compare = host_compare,
			       .record_end = host_record_end,
			       .gone = host_gone};

	return v1_new(&ike->v1, &host);
}

static void
version_input(struct ike *ike, struct ike_sa *sa, const struct ike_path *path,
	      const struct ike_hdr *hdr, uint8_t *octets, size_t n,
	      uint64_t now)
{
	(void)sa;
	(void)hdr;
	v1_input(ike->v1, path, octets, n, now);
}

static int
version_initiate(struct ike *ike, struct ike_tun *tun, uint64_t now)
{
	return v1_initiate(ike->v1, tun->conf.id, now);
}

/* Its SAs are v1.c's and not in the instance's tables: the rest is never
 * called. */
const struct ike_version v1_version = {.input = version_input,
				       .initiate = version_initiate};
