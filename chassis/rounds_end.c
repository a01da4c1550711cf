/*
 * The end of a replay: everything is flushed and closed, the sums are drawn and
 * must close, and the client is told.
 *
 * After a death packets may still be inside that no round will ever account
 * for; then the chassis asks every processor for its sums of sent and received
 * until two rounds of answers are equal: nothing moves any more.
 */
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "client.h"
#include "journey.h"
#include "log.h"
#include "rounds_impl.h"

void
rounds_quiesce(struct chs *chs)
{
	uint64_t before = UINT64_MAX;
	uint64_t sent;
	uint64_t received;

	for (unsigned i = 0; i < 1000; i++) {
		if (chs_probe(chs, &sent, &received) != 0)
			return;
		punt_take(chs);
		if (sent + received == before)
			return;
		before = sent + received;
	}
}

static bool
all_closed(struct chs *chs, void *arg)
{
	(void)arg;
	return chs->rounds->closing == 0 || chs->deaths;
}

static void
close_outputs(struct chs *chs)
{
	struct ctl_none none = {{{0}}};
	struct rounds *r = chs->rounds;

	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (!chs_live(&chs->proc[i]))
			continue;
		r->closing++;
		chs_tell(chs, &chs->proc[i], CTL_CLOSE, &none, NULL, 0);
	}
	if (punt_capture_close(chs) != 0)
		rounds_problem(r, "the capture of xcrp can not be written");
	if (chs_wait(chs, all_closed, NULL) != 0)
		rounds_problem(r, "a card did not close its outputs");
}

void
rounds_closed(struct chs *chs, struct proc *proc, const struct ctl_in *in)
{
	const struct ctl_opened *body = in->body;
	struct rounds *r = chs->rounds;

	(void)proc;
	if (r == NULL)
		return;
	if (r->closing > 0)
		r->closing--;
	if (be32_get(body->error) != 0) {
		r->error = -(int)be32_get(body->error);
		rounds_problem(r, "%.*s", (int)in->tail_octets,
			       (const char *)in->tail);
	}
}

void
rounds_end(struct chs *chs)
{
	struct rounds *r = chs->rounds;
	json_t *result;
	int status;

	if (r->number != 0)
		rounds_flush(chs, r->number);
	close_outputs(chs);
	result = account_result(chs, r->lost, r->problems);
	status = json_array_size(r->problems) == 0 ? 0 : 1;
	if (r->error != 0)
		status = 3;
	r->phase = ROUNDS_DONE;
	client_event(chs, &r->client,
		     json_pack("{s:s, s:i, s:o, s:O, s:o}", "event", "done",
			       "exit", status, "result", result, "problems",
			       r->problems, "journeys", journeys_json(chs, 0)));
}
