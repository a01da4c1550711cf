/*
 * Messages of cards: who may say what when, and who in the chassis hears it.
 */
#include "chs.h"
#include "client.h"
#include "clock.h"
#include "journey.h"
#include "keying.h"
#include "log.h"
#include "neighbors.h"
#include "own.h"
#include "push.h"
#include "rounds.h"
#include "wires.h"

#include <string.h>

static void
hello(struct chs *chs, const struct ctl_in *in)
{
	const struct ctl_hello *body = in->body;
	struct proc *proc = chs_proc(chs, in->from);

	if (proc == NULL || proc->state != PROC_STARTING ||
	    be32_get(body->epoch) != proc->epoch) {
		log_warn("ctl: hello from nobody we started stage=%u",
			 in->from);
		return;
	}
	proc->peer = in->peer;
	proc->engine = body->engine;
	proc->state = PROC_UP;
	proc->heard_ns = clock_monotonic();
	pools_hello(chs, proc);
}

/* The process that sent it: an earlier epoch's last words are not heard. */
static struct proc *
sender(struct chs *chs, const struct ctl_in *in)
{
	struct proc *proc = chs_proc(chs, in->from);

	if (proc == NULL || in->from == 0 || proc->state == PROC_STARTING ||
	    proc->peer.len != in->peer.len ||
	    memcmp(proc->peer.octets, in->peer.octets, in->peer.len) != 0)
		return NULL;
	return proc;
}

static bool
probes_answered(struct chs *chs, void *arg)
{
	(void)arg;
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (chs->probing[i] && chs_live(&chs->proc[i]))
			return false;
	}
	return true;
}

int
chs_probe(struct chs *chs, uint64_t *sent, uint64_t *received)
{
	struct ctl_probe body = {.nonce = be32_put(++chs->probe_nonce)};
	int err;

	chs->probe_sent = chs->probe_received = 0;
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		chs->probing[i] = chs_live(&chs->proc[i]);
		chs_tell(chs, &chs->proc[i], CTL_PROBE, &body, NULL, 0);
	}
	err = chs_wait(chs, probes_answered, NULL);
	if (sent != NULL)
		*sent = chs->probe_sent;
	if (received != NULL)
		*received = chs->probe_received;
	return err;
}

static void
probed(struct chs *chs, struct proc *proc, const struct ctl_in *in)
{
	const struct ctl_probe *body = in->body;

	if (be32_get(body->nonce) != chs->probe_nonce ||
	    !chs->probing[proc->stage])
		return;
	chs->probing[proc->stage] = false;
	chs->probe_sent += be64_get(body->sent);
	chs->probe_received += be64_get(body->received);
}

void
chs_card_message(struct chs *chs, struct ctl_in *in)
{
	struct proc *proc;

	if (in->type == CTL_HELLO) {
		hello(chs, in);
		return;
	}
	proc = sender(chs, in);
	if (proc == NULL)
		return;
	proc->heard_ns = clock_monotonic();
	proc->unanswered = 0;
	switch (in->type) {
	case CTL_LINK_READY:
		links_ready(chs, proc, in);
		break;
	case CTL_LINK_UP:
		links_is_up(chs, proc, in);
		break;
	case CTL_LINK_DRAINED:
		links_drained(chs, proc, in);
		break;
	case CTL_PREPARED:
	case CTL_ACTIVATED:
		push_answer(chs, proc, in);
		break;
	case CTL_SEQ_REQUEST:
		push_grant(chs, proc, in);
		break;
	case CTL_OPENED:
		if (chs->rounds == NULL)
			wires_opened(chs, in);
		else
			rounds_opened(chs, proc, in);
		break;
	case CTL_NEIGHBOR_LIST:
		neighbors_answer(chs, in);
		break;
	case CTL_ADMITTED:
		rounds_admitted(chs, proc, in);
		break;
	case CTL_FATES:
		rounds_fates(chs, (const struct ctl_fates *)in->tail,
			     in->tail_items);
		break;
	case CTL_IKE_EVENT:
		keying_event(chs, proc, in);
		break;
	case CTL_IKE_SA:
		keying_sa(chs, proc, in);
		break;
	case CTL_GATHERED:
		rounds_gathered(chs, (const struct ctl_fates *)in->tail,
				in->tail_items);
		break;
	case CTL_NOTICES:
		own_notices(chs, in);
		break;
	case CTL_PROBED:
		probed(chs, proc, in);
		break;
	case CTL_CLOSED:
		rounds_closed(chs, proc, in);
		break;
	case CTL_TRACED:
		journey_take(chs, proc, in);
		break;
	default: /* ALIVE: having spoken is all it says */
		break;
	}
}
