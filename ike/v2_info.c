/*
 * INFORMATIONAL (RFC 7296 section 1.4, 1.5, 2.4): DELETE of children and of the
 * SA, whether the peer lives, and INVALID_SPI.
 */
#include <errno.h>
#include <string.h>

#include "v2_impl.h"

#define SPIS_MAX 64

static int
write_delete_child(struct ike *ike, struct ike_writer *w,
		   const struct v2_task *task)
{
	struct ike_child_sa *child = v2_child_find(ike, task->child);
	struct ike_delete d = {.spi_octets = 4, .count = 1};
	struct be32 spi;

	/* Gone already, or never whole. */
	if (child == NULL || child->installed == 0 ||
	    child->c.keys[0].spi_out == 0)
		return -ENOENT;
	child->deleting = true;
	spi = be32_put(child->c.keys[0].spi_in);
	d.protocol = v2_protocol_of(child->c.keys[0].protocol);
	d.spis = spi.b;
	ike_write_delete(w, IKE_P_DELETE, &d);
	return 0;
}

int
v2_info_ask(struct ike *ike, struct v2_sa *v, const struct v2_task *task,
	    uint64_t now)
{
	struct ike_delete all = {.protocol = IKE_PROTO_IKE};
	struct be32 spi = be32_put(task->spi);
	struct ike_writer w;
	int error = 0;

	v2_inner(ike, &w);
	switch (task->kind) {
	case V2_DELETE_IKE:
		v->state = V2_DELETING;
		ike_write_delete(&w, IKE_P_DELETE, &all);
		break;
	case V2_DELETE_CHILD:
		error = write_delete_child(ike, &w, task);
		break;
	case V2_INVALID_SPI:
		v2_say(&w, IKE_N_INVALID_SPI, &spi, sizeof(spi));
		break;
	default:
		ike->stats.count[IKE_STAT_DPD_SENT]++;
		break;
	}
	if (error != 0)
		return error;
	return v2_ask(ike, v, IKE_X_INFORMATIONAL, &w, task, now);
}

void
v2_info_response(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		 uint64_t now)
{
	struct v2_task task = v->request.task;
	struct ike_child_sa *child = v2_child_find(ike, task.child);

	(void)m;
	v2_request_done(ike, v);
	if (task.kind == V2_DELETE_IKE) {
		v2_end(ike, v, IKE_CAUSE_CONFIGURED_DOWN, now);
		return;
	}
	if (task.kind == V2_DELETE_CHILD && child != NULL)
		v2_child_gone(ike, child, IKE_CAUSE_REKEY_FAILURE, now);
	v2_task_run(ike, v, now);
}

/* ---- answering ------------------------------------------------------- */

struct gone {
	unsigned count;
	uint8_t protocol;
	struct be32 spis[SPIS_MAX];
};

static void
add(struct gone *gone, const struct ike_child_sa *child)
{
	if (gone->count == SPIS_MAX)
		return;
	gone->protocol = v2_protocol_of(child->c.keys[0].protocol);
	gone->spis[gone->count++] = be32_put(child->c.keys[0].spi_in);
}

/* Theirs are named by their inbound SPIs; in answer we name ours, but not of
 * those that we are deleting ourselves (section 1.4.1). */
static void
delete_children(struct ike *ike, struct v2_sa *v, const struct ike_delete *d,
		struct gone *gone, uint64_t now)
{
	for (unsigned i = 0; i < d->count; i++) {
		struct ike_child_sa *child;
		struct be32 spi;

		memcpy(&spi, d->spis + (size_t)i * sizeof(spi), sizeof(spi));
		child = ike_child_by_out(
		    &v->sa, v2_protocol_number(d->protocol), be32_get(spi));
		if (child == NULL || child->retired)
			continue;
		if (!child->deleting)
			add(gone, child);
		v2_child_gone(ike, child, IKE_CAUSE_DOWN_BY_PEER, now);
	}
}

/* The peer has not what we send through: a new child takes its place. */
static void
invalid_spi(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	    uint64_t now)
{
	struct v2_task task = {.kind = V2_NEW_CHILD,
			       .selector = IKE_SELECTORS_MAX};
	struct ike_child_sa *child;
	struct ike_notify n;
	struct be32 spi;

	if (!v2_notified(&m->chain, IKE_N_INVALID_SPI, &n) ||
	    n.octets != sizeof(spi))
		return;
	memcpy(&spi, n.data, sizeof(spi));
	child = ike_child_by_out(&v->sa, 50, be32_get(spi));
	if (child == NULL)
		child = ike_child_by_out(&v->sa, 51, be32_get(spi));
	if (child == NULL || !child->alive)
		return;
	ike_child_end(ike, child, IKE_CAUSE_DOWN_BY_PEER, now);
	(void)v2_task_add(ike, v, &task, now);
}

/* What the DELETE payloads say; true: the SA itself. */
static bool
read_deletes(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
	     struct gone *gone, uint64_t now)
{
	const struct ike_payload *p;
	struct ike_delete d;
	bool all = false;

	for (unsigned i = 0;
	     (p = ike_chain_find(&m->chain, IKE_P_DELETE, i)) != NULL; i++) {
		if (ike_delete_read(p, &d) != 0)
			continue;
		if (d.protocol == IKE_PROTO_IKE) {
			all = true;
		} else if (d.spi_octets == 4) {
			v2_inherit(v);
			delete_children(ike, v, &d, gone, now);
		}
	}
	return all;
}

void
v2_info_request(struct ike *ike, struct v2_sa *v, const struct v2_msg *m,
		uint64_t now)
{
	struct gone gone = {0};
	struct ike_delete d = {.spi_octets = 4};
	bool all = read_deletes(ike, v, m, &gone, now);
	struct ike_writer w;

	if (!all)
		invalid_spi(ike, v, m, now);
	v2_inner(ike, &w);
	d.protocol = gone.protocol;
	d.count = (uint16_t)gone.count;
	d.spis = (const uint8_t *)gone.spis;
	if (gone.count > 0)
		ike_write_delete(&w, IKE_P_DELETE, &d);
	(void)v2_answer(ike, v, m, &w, now);
	if (!all) {
		v2_task_run(ike, v, now);
		return;
	}
	/* The peer deletes what our rekeying and its own have replaced. */
	if (v->successor == NULL && v->create.peer_ike_sa != NULL) {
		v->successor = v->create.peer_ike_sa;
		v->successor->predecessor = v;
	}
	v2_end(ike, v, IKE_CAUSE_DOWN_BY_PEER, now);
}
