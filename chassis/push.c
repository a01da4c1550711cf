/*
 * What goes to which card: circuits and adjacencies to all, routes and policies
 * to iPPAs and ASPs, homings to iPPAs, an SA and the selectors of a tunnel to
 * the ASP it is homed on, and to no other.
 * Rows are compared with those the cards run; both arrays are sorted, so one
 * walk finds what is new, changed and gone.
 *
 * Keys are put into an SA's row only here, in memory that is wiped, and travel
 * in messages that are wiped.
 */
#include "push.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asps.h"
#include "clock.h"
#include "debug.h"
#include "events.h"
#include "inject.h"
#include "log.h"
#include "path_mtu.h"
#include "running.h"
#include "slot.h"
#include "wires.h"

#define ROWS_PER_MESSAGE 500
#define ROW_OCTETS_MAX sizeof(struct ctl_sa)

/* Rows of one table and operation on their way to one card. */
struct batch {
	struct chs *chs;
	struct proc *proc;
	uint32_t generation;
	enum ctl_type type;
	enum ctl_op op;
	size_t row_octets;
	size_t n;
	uint8_t *rows; /* ROWS_PER_MESSAGE of ROW_OCTETS_MAX, secret memory */
};

static void
batch_send(struct batch *b)
{
	struct ctl_rows head = {.generation = be32_put(b->generation),
				.op = (uint8_t)b->op};

	if (b->n == 0)
		return;
	chs_tell(b->chs, b->proc, b->type, &head, b->rows,
		 b->n * b->row_octets);
	secret_wipe(b->rows, b->n * b->row_octets);
	b->n = 0;
}

static void
batch_begin(struct batch *b, enum ctl_type type, enum ctl_op op,
	    size_t row_octets)
{
	batch_send(b);
	b->type = type;
	b->op = op;
	b->row_octets = row_octets;
}

static void
batch_add(struct batch *b, const void *row)
{
	memcpy(b->rows + b->n * b->row_octets, row, b->row_octets);
	if (++b->n == ROWS_PER_MESSAGE)
		batch_send(b);
}

/* One table of the tables, seen as sorted rows. */
struct view {
	const uint8_t *rows;
	size_t n;
	size_t stride; /* from row to row in memory */
	size_t octets; /* of a row on the wire */
	int (*compare)(const void *a, const void *b); /* by key */
	bool (*skip)(const void *row, uint16_t stage);
};

static int
compare_id(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct be32));
}

static int
compare_acl_row(const void *a, const void *b)
{
	return memcmp(a, b, 2 * sizeof(struct be32));
}

static int
compare_homing(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct ctl_homing, circuit));
}

static int
compare_neighbor(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct ctl_neighbor, reserved));
}

static int
compare_route(const void *a, const void *b)
{
	const struct ctl_route *x = a;
	const struct ctl_route *y = b;
	int c = memcmp(&x->context, &y->context, sizeof(x->context));

	if (c == 0)
		c = memcmp(&x->prefix, &y->prefix, sizeof(x->prefix));
	return c != 0 ? c : (int)x->len - (int)y->len;
}

static bool
skip_route(const void *row, uint16_t stage)
{
	const struct running_route *route = row;

	(void)stage;
	return !route->active;
}

static bool
skip_sa(const void *row, uint16_t stage)
{
	const struct running_sa *sa = row;

	return sa->asp != stage;
}

static bool
skip_policy(const void *row, uint16_t stage)
{
	const struct running_policy *policy = row;

	return policy->asp != STAGE_NONE && policy->asp != stage;
}

static bool
skip_bind(const void *row, uint16_t stage)
{
	const struct running_bind *bind = row;

	return bind->asp != STAGE_NONE && bind->asp != stage;
}

static bool
is_asp(uint16_t stage)
{
	return stage_role(stage) == STAGE_ASP1 ||
	       stage_role(stage) == STAGE_ASP2;
}

static bool
table_goes_to(enum ctl_type type, uint16_t stage)
{
	switch (type) {
	case CTL_ROUTES:
	case CTL_POLICIES:
	case CTL_POLICY_BINDS:
		return stage_role(stage) != STAGE_EPPA;
	case CTL_HOMINGS:
		return stage_role(stage) == STAGE_IPPA;
	case CTL_ACL_ROWS:
	case CTL_POLICERS:
	case CTL_PQS:
	case CTL_IPSEC_QUEUES:
	case CTL_FEATURES:
		return !is_asp(stage);
	case CTL_SAS:
		return is_asp(stage);
	case CTL_NEIGHBORS:
		return stage_role(stage) == STAGE_EPPA;
	default:
		return true;
	}
}

/* A table whose rows go to cards as they are, or whose rows begin with such. */
#define VIEW(array, n, octets, compare, skip)                                  \
	((struct view){(const uint8_t *)(array), (n), sizeof(*(array)),        \
		       (octets), (compare), (skip)})
#define VIEW_WHOLE(array, n, compare)                                          \
	VIEW(array, n, sizeof(*(array)), compare, NULL)

static struct view
view_of(const struct tables *t, enum ctl_type type)
{
	static const struct tables none;

	if (t == NULL)
		t = &none;
	switch (type) {
	case CTL_CIRCUITS:
		return VIEW_WHOLE(t->circuits, t->ncircuits, compare_id);
	case CTL_ADJACENCIES:
		return VIEW_WHOLE(t->adjs, t->nadjs, compare_id);
	case CTL_ROUTES:
		return VIEW(t->routes, t->nroutes, sizeof(t->routes->row),
			    compare_route, skip_route);
	case CTL_NEIGHBORS:
		return VIEW_WHOLE(t->neighbors, t->nneighbors,
				  compare_neighbor);
	case CTL_HOMINGS:
		return VIEW_WHOLE(t->homings, t->nhomings, compare_homing);
	case CTL_ACL_ROWS:
		return VIEW_WHOLE(t->acl_rows, t->nacl_rows, compare_acl_row);
	case CTL_PQS:
		return VIEW_WHOLE(t->pqs, t->npqs, compare_id);
	case CTL_IPSEC_QUEUES:
		return VIEW_WHOLE(t->ipsec_queues, t->nipsec_queues,
				  compare_id);
	case CTL_POLICERS:
		return VIEW_WHOLE(t->policers, t->npolicers, compare_id);
	case CTL_FEATURES:
		return VIEW_WHOLE(t->features, t->nfeatures, compare_id);
	case CTL_POLICIES:
		return VIEW(t->policies, t->npolicies, sizeof(t->policies->row),
			    compare_id, skip_policy);
	case CTL_POLICY_BINDS:
		return VIEW(t->binds, t->nbinds, sizeof(t->binds->row),
			    compare_id, skip_bind);
	default:
		return VIEW(t->sas, t->nsas, sizeof(t->sas->row), compare_id,
			    skip_sa);
	}
}

static const void *
next_row(const struct view *v, size_t *i, uint16_t stage)
{
	for (; *i < v->n; ++*i) {
		const void *row = v->rows + *i * v->stride;

		if (v->skip == NULL || !v->skip(row, stage))
			return row;
	}
	return NULL;
}

static void
add_key(const struct cfg_obj *sa, enum cfg_field field, uint8_t *to)
{
	size_t n;
	const uint8_t *key = cfg_key(sa, field, &n);

	if (key != NULL && n <= CTL_KEY_MAX)
		memcpy(to, key, n);
}

static uint64_t
sa_seq_last(const struct running_sa *sa)
{
	return sa->row.esn == 1 ? SEQLOG_LAST_ESN : SEQLOG_LAST;
}

static void
debug_sa(const struct batch *b, const struct running_sa *sa, const char *what)
{
	char name[STAGE_NAME_MAX];

	if (debug_on(b->chs, DEBUG_IPSEC_SA))
		debug_say(b->chs, DEBUG_IPSEC_SA,
			  "%s %s SA %s, %s, SPI 0x%08x, generation %u",
			  stage_name(b->proc->stage, name), what,
			  cfg_str(sa->obj, CFG_SA_NAME),
			  sa->row.direction == CTL_SA_IN ? "in" : "out",
			  be32_get(sa->row.spi), b->generation);
}

/* An SA as its ASP gets it: with keys, and numbers to use. */
static void
add_sa_row(struct batch *b, const struct running_sa *sa)
{
	struct ctl_sa row = sa->row;
	uint64_t until = sa_seq_last(sa);
	uint64_t first, octets;
	int err;

	/* What the ASP before had accepted is refused, and it is as old. */
	seqlog_left(b->chs->seqlog, sa->print, &first, &octets);
	first = row.direction == CTL_SA_IN ? first + 1 : 1;
	row.used_octets = be64_put(octets);
	row.born_ns =
	    be64_put(seqlog_born(b->chs->seqlog, sa->print, clock_monotonic()));
	if (row.encryption_octets != 0)
		add_key(sa->obj, running_sa_key(&row, true),
			row.encryption_key);
	add_key(sa->obj, running_sa_key(&row, false), row.authentication_key);
	if (row.direction == CTL_SA_OUT) {
		err = seqlog_grant(b->chs->seqlog, sa->print, sa_seq_last(sa),
				   &first, &until);
		if (err != 0) {
			log_error("push: sequence numbers not recorded: %s",
				  strerror(-err));
			first = 1;
			until = 0; /* none: packets are dropped, never reused */
		}
	}
	row.seq_first = be64_put(first);
	row.seq_granted = be64_put(until);
	batch_add(b, &row);
	debug_sa(b, sa, "gets");
	secret_wipe(&row, sizeof(row));
}

static bool
same_row(const struct view *v, enum ctl_type type, const void *a, const void *b)
{
	const struct running_sa *x = a;
	const struct running_sa *y = b;

	if (memcmp(a, b, v->octets) != 0)
		return false;
	return type != CTL_SAS ||
	       memcmp(x->print, y->print, sizeof(x->print)) == 0;
}

static void
delete_row(struct batch *b, enum ctl_type type, const void *row)
{
	if (type == CTL_SAS)
		debug_sa(b, row, "loses");
	batch_add(b, row);
}

/* Walks both; SET rows that are new or changed, or DELETE rows that went. */
static void
send_table(struct batch *b, const struct tables *was, const struct tables *now,
	   enum ctl_type type, enum ctl_op op)
{
	struct view x = view_of(was, type);
	struct view y = view_of(now, type);
	uint16_t stage = b->proc->stage;
	size_t i = 0;
	size_t j = 0;

	if (!table_goes_to(type, stage))
		return;
	batch_begin(b, type, op, y.octets);
	for (;;) {
		const void *a = next_row(&x, &i, stage);
		const void *c = next_row(&y, &j, stage);
		int order = a == NULL ? 1 : c == NULL ? -1 : x.compare(a, c);

		if (a == NULL && c == NULL)
			break;
		if (order < 0 && op == CTL_OP_DELETE)
			delete_row(b, type, a);
		if (op == CTL_OP_SET &&
		    (order > 0 || (order == 0 && !same_row(&y, type, a, c)))) {
			if (type == CTL_SAS)
				add_sa_row(b, c);
			else
				batch_add(b, c);
		}
		i += order <= 0;
		j += order >= 0;
	}
	batch_send(b);
}

static const enum ctl_type tables_in_order[] = {
    CTL_ACL_ROWS,     CTL_POLICERS,    CTL_PQS,       CTL_IPSEC_QUEUES,
    CTL_FEATURES,     CTL_CIRCUITS,    CTL_NEIGHBORS, CTL_POLICIES,
    CTL_POLICY_BINDS, CTL_ADJACENCIES, CTL_SAS,       CTL_HOMINGS,
    CTL_ROUTES};

static int
send_tables(struct chs *chs, struct proc *proc, const struct tables *was,
	    const struct tables *now, uint32_t generation)
{
	struct batch b = {.chs = chs, .proc = proc, .generation = generation};
	size_t n = sizeof(tables_in_order) / sizeof(tables_in_order[0]);

	b.rows = secret_alloc(ROWS_PER_MESSAGE * ROW_OCTETS_MAX);
	if (b.rows == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		send_table(&b, was, now, tables_in_order[i], CTL_OP_SET);
	/*
	 * In the other direction: first what leads there, then what is there.
	 */
	for (size_t i = n; i-- > 0;)
		send_table(&b, was, now, tables_in_order[i], CTL_OP_DELETE);
	secret_free(&b.rows, ROWS_PER_MESSAGE * ROW_OCTETS_MAX);
	return 0;
}

/* What a wait in the commit waits for. */
struct phase {
	uint32_t generation;
	bool asked[STAGE_ID_MAX];
};

void
push_answer(struct chs *chs, struct proc *proc, const struct ctl_in *in)
{
	const struct ctl_generation *body = in->body;

	if (be32_get(body->error) != 0) {
		chs->push_error = -(int)be32_get(body->error);
		(void)snprintf(chs->push_why, sizeof(chs->push_why), "%.*s",
			       (int)in->tail_octets, (const char *)in->tail);
	} else if (in->type == CTL_ACTIVATED) {
		if (proc->generation == 0)
			wires_tell(chs, proc);
		proc->generation = be32_get(body->generation);
	}
	chs->answered[proc->stage] = true;
}

static bool
phase_done(struct chs *chs, void *arg)
{
	const struct phase *phase = arg;

	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if (phase->asked[i] && chs_live(&chs->proc[i]) &&
		    !chs->answered[i])
			return false;
	}
	return true;
}

/* Tells the cards that match the role mask, and waits for their answers. */
static int
run_phase(struct chs *chs, enum ctl_type type, uint32_t generation,
	  unsigned roles, const struct proc *only)
{
	struct ctl_generation body = {.generation = be32_put(generation)};
	struct phase phase = {.generation = generation};
	int err;

	chs->push_error = 0;
	memset(chs->answered, 0, sizeof(chs->answered));
	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		struct proc *proc = &chs->proc[i];

		if (!chs_live(proc) || (roles & 1U << stage_role(i)) == 0 ||
		    (only != NULL && only != proc))
			continue;
		phase.asked[i] = true;
		chs_tell(chs, proc, type, &body, NULL, 0);
	}
	err = chs_wait(chs, phase_done, &phase);
	return err != 0 ? err : chs->push_error;
}

#define ROLES_ASP (1U << STAGE_ASP1 | 1U << STAGE_ASP2)
#define ROLES_EPPA (1U << STAGE_EPPA)
#define ROLES_IPPA (1U << STAGE_IPPA)
#define ROLES_ALL (ROLES_ASP | ROLES_EPPA | ROLES_IPPA)

static int
activate(struct chs *chs, uint32_t generation, const struct proc *only)
{
	static const unsigned order[] = {ROLES_ASP, ROLES_EPPA, ROLES_IPPA};
	int err = 0;

	for (unsigned i = 0; i < 3 && err == 0; i++)
		err = run_phase(chs, CTL_ACTIVATE, generation, order[i], only);
	return err;
}

static void
tell_roles(struct chs *chs, enum ctl_type type, uint32_t generation,
	   unsigned roles, const struct proc *only)
{
	struct ctl_generation body = {.generation = be32_put(generation)};

	for (uint16_t i = 1; i < STAGE_ID_MAX; i++) {
		if ((roles & 1U << stage_role(i)) != 0 &&
		    (only == NULL || only == &chs->proc[i]))
			chs_tell(chs, &chs->proc[i], type, &body, NULL, 0);
	}
}

/* iPPAs let go first; what they had sent has arrived before the others do. */
static void
retire(struct chs *chs, uint32_t generation)
{
	tell_roles(chs, CTL_RETIRE, generation, ROLES_IPPA, NULL);
	(void)chs_probe(chs, NULL, NULL);
	tell_roles(chs, CTL_RETIRE, generation, ROLES_ASP | ROLES_EPPA, NULL);
}

int
push_all_to(struct chs *chs, struct proc *proc)
{
	char name[STAGE_NAME_MAX];
	int err = send_tables(chs, proc, NULL, running_tables(chs->running),
			      chs->generation);

	if (err == 0)
		err = run_phase(chs, CTL_PREPARE, chs->generation, ROLES_ALL,
				proc);
	if (err == 0)
		err = activate(chs, chs->generation, proc);
	if (err == 0)
		tell_roles(chs, CTL_RETIRE, chs->generation, ROLES_ALL, proc);
	if (err == 0)
		path_mtu_again(chs);
	debug_say(chs, DEBUG_ASP, "%s has its tables, generation %u",
		  stage_name(proc->stage, name), chs->generation);
	return err;
}

static int
prepare_all(struct chs *chs, const struct tables *was, const struct tables *now,
	    uint32_t generation)
{
	int err = 0;

	for (uint16_t i = 1; i < STAGE_ID_MAX && err == 0; i++) {
		struct proc *proc = &chs->proc[i];

		/* A card that runs nothing yet gets everything. */
		if (chs_live(proc))
			err = send_tables(chs, proc,
					  proc->generation == 0 ? NULL : was,
					  now, generation);
	}
	if (err == 0)
		err = run_phase(chs, CTL_PREPARE, generation, ROLES_ALL, NULL);
	if (err != 0)
		tell_roles(chs, CTL_DISCARD, generation, ROLES_ALL, NULL);
	return err;
}

static int
push_tables(struct chs *chs, const struct tables *was, const struct tables *now,
	    char *why, size_t why_octets)
{
	uint32_t generation = chs->generation + 1;
	int err = prepare_all(chs, was, now, generation);

	if (err != 0) {
		(void)snprintf(why, why_octets, "%s",
			       chs->push_error != 0 ? chs->push_why
						    : strerror(-err));
		return err;
	}
	/* From here on it holds: a card that dies is started with it. */
	chs->generation = generation;
	err = activate(chs, generation, NULL);
	if (err != 0)
		log_error("push: generation=%u not active everywhere: %s",
			  generation, strerror(-err));
	inject_changed(chs);
	bp_set_generation(chs->bp, generation);
	retire(chs, generation);
	return 0;
}

int
push_commit(struct chs *chs, const struct cfg_tree *tree, char *why,
	    size_t why_octets)
{
	struct tables *now = NULL;
	struct tables *old;
	int err;

	if (tree == NULL)
		return push_tables(chs, NULL, running_tables(chs->running), why,
				   why_octets);
	err = running_derive(chs, tree, &now);
	if (err != 0)
		return err;
	asps_note_moves(chs, now);
	old = running_replace(chs->running, now);
	/* Cards that the new configuration adds must be there to be told. */
	err = slot_match(chs);
	if (err == 0)
		err = links_up(chs);
	if (err == 0)
		err = push_tables(chs, old, now, why, why_octets);
	if (err != 0) {
		old = running_replace(chs->running, old);
		(void)slot_match(chs);
	} else {
		events_tunnels(chs, old, now);
	}
	tables_free(&old);
	return err;
}

void
push_grant(struct chs *chs, struct proc *proc, const struct ctl_in *in)
{
	const struct ctl_seq *ask = in->body;
	const struct tables *t = running_tables(chs->running);
	struct ctl_seq body = {.sa = ask->sa};
	char name[STAGE_NAME_MAX];
	uint64_t first;
	uint64_t until;

	for (size_t i = 0; i < t->nsas; i++) {
		const struct running_sa *sa = &t->sas[i];

		if (compare_id(&sa->row.id, &ask->sa) != 0 ||
		    sa->asp != proc->stage)
			continue;
		if (seqlog_grant(chs->seqlog, sa->print, sa_seq_last(sa),
				 &first, &until) != 0)
			return;
		body.until = be64_put(until);
		debug_say(chs, DEBUG_ASP, "%s: numbers of SPI 0x%08x up to %lu",
			  stage_name(proc->stage, name), be32_get(sa->row.spi),
			  (unsigned long)until);
		chs_tell(chs, proc, CTL_SEQ_GRANT, &body, NULL, 0);
		return;
	}
}
