/*
 * What an SA is to begin, one at a time, the most urgent first: the window is
 * one request (RFC 7296 section 2.3).
 */
#include <errno.h>
#include <string.h>

#include "v2_impl.h"

#define LATER_MS 2000

static bool
same(const struct v2_task *a, const struct v2_task *b)
{
	return a->kind == b->kind && a->child == b->child &&
	       a->selector == b->selector;
}

int
v2_task_add(struct ike *ike, struct v2_sa *v, const struct v2_task *task,
	    uint64_t now)
{
	struct ike_child_sa *child;

	/* What an SA that was rekeyed had to do for its children goes on. */
	if (v->sa.replaced && v->successor != NULL &&
	    task->kind != V2_DELETE_IKE) {
		v2_inherit(v->successor);
		v = v->successor;
	}
	if (v->state == V2_DELETING && task->kind != V2_DELETE_IKE)
		return -EPERM;
	if (v->request.packets.there && same(&v->request.task, task))
		return 0;
	for (unsigned i = 0; i < v->tasks_count; i++) {
		if (same(&v->tasks[i], task))
			return 0;
	}
	if (v->tasks_count == V2_TASKS_MAX)
		return -EAGAIN;
	v->tasks[v->tasks_count++] = *task;
	child = v2_child_find(ike, task->child);
	if (child != NULL && task->kind == V2_REKEY_CHILD)
		child->rekeying = true;
	if (child != NULL && task->kind == V2_DELETE_CHILD)
		child->deleting = true;
	v2_task_run(ike, v, now);
	return 0;
}

static int
begin(struct ike *ike, struct v2_sa *v, const struct v2_task *task,
      uint64_t now)
{
	switch (task->kind) {
	case V2_REKEY_CHILD:
	case V2_NEW_CHILD:
		return v2_create_ask(ike, v, task, now);
	case V2_REKEY_IKE:
		return v2_rekey_ask(ike, v, task, now);
	default:
		return v2_info_ask(ike, v, task, now);
	}
}

/* The most urgent one; the time of the next where all have to wait. */
static unsigned
most_urgent(const struct v2_sa *v, uint64_t now, uint64_t *next)
{
	unsigned best = V2_TASKS_MAX;

	*next = IKE_NEVER;
	for (unsigned i = 0; i < v->tasks_count; i++) {
		const struct v2_task *t = &v->tasks[i];

		if (t->not_before_ns > now) {
			*next =
			    t->not_before_ns < *next ? t->not_before_ns : *next;
			continue;
		}
		if (best == V2_TASKS_MAX || t->kind < v->tasks[best].kind)
			best = i;
	}
	return best;
}

void
v2_task_run(struct ike *ike, struct v2_sa *v, uint64_t now)
{
	while (!v->request.packets.there && v->tasks_count > 0) {
		struct v2_task task;
		uint64_t next;
		unsigned i = most_urgent(v, now, &next);

		if (i == V2_TASKS_MAX) {
			ike_timer_set(&ike->timers, &v->wait, next);
			return;
		}
		task = v->tasks[i];
		v->tasks[i] = v->tasks[--v->tasks_count];
		/* What can not be begun any more is over. */
		(void)begin(ike, v, &task, now);
	}
}

void
v2_task_fired(struct ike *ike, struct ike_timer *t, uint64_t now)
{
	v2_task_run(ike,
		    (struct v2_sa *)((char *)t - offsetof(struct v2_sa, wait)),
		    now);
}

void
v2_task_later(struct ike *ike, struct v2_sa *v, struct v2_task task,
	      uint64_t now)
{
	task.tries++;
	task.not_before_ns =
	    now + (LATER_MS + ike_random_below(ike, LATER_MS)) * IKE_MS_NS;
	(void)v2_task_add(ike, v, &task, now);
}
