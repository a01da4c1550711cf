/*
 * The commit at the cards. What goes to which card says push_table.c.
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
#include "journey.h"
#include "log.h"
#include "path_mtu.h"
#include "push_table.h"
#include "running.h"
#include "slot.h"
#include "wires.h"

#define ROWS_PER_MESSAGE 500
#define BATCH_OCTETS (ROWS_PER_MESSAGE * sizeof(struct ctl_sa))

/* Rows of one table and operation on their way to one card. */
struct batch {
	struct chs *chs;
	struct proc *proc;
	uint32_t generation;
	enum ctl_type type;
	enum ctl_op op;
	size_t row_octets;
	size_t n;
	uint8_t *rows; /* BATCH_OCTETS, secret memory */
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
	if (++b->n == ROWS_PER_MESSAGE ||
	    (b->n + 1) * b->row_octets > BATCH_OCTETS)
		batch_send(b);
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

/* An IKE policy as an ASP gets it: with its secret. */
static void
add_ike_policy_row(struct batch *b, const struct running_ike_policy *policy)
{
	struct ctl_ike_policy row = policy->row;
	size_t n;
	const uint8_t *secret = cfg_key(policy->obj, CFG_IKE_POLICY_SECRET, &n);

	if (secret != NULL && n <= sizeof(row.secret))
		memcpy(row.secret, secret, n);
	batch_add(b, &row);
	secret_wipe(&row, sizeof(row));
}

static void
set_row(struct batch *b, enum ctl_type type, const void *row)
{
	if (type == CTL_SAS)
		add_sa_row(b, row);
	else if (type == CTL_IKE_POLICIES)
		add_ike_policy_row(b, row);
	else
		batch_add(b, row);
}

static bool
same_row(const struct push_view *v, enum ctl_type type, const void *a,
	 const void *b)
{
	const struct running_sa *x = a;
	const struct running_sa *y = b;
	const struct running_ike_policy *p = a;
	const struct running_ike_policy *q = b;

	if (memcmp(a, b, v->octets) != 0)
		return false;
	if (type == CTL_IKE_POLICIES)
		return memcmp(p->print, q->print, sizeof(p->print)) == 0;
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
	struct push_view x = push_view(was, type);
	struct push_view y = push_view(now, type);
	uint16_t stage = b->proc->stage;
	size_t i = 0;
	size_t j = 0;

	if (!push_goes_to(type, stage) || push_same(&x, &y))
		return;
	batch_begin(b, type, op, y.octets);
	for (;;) {
		const void *a = push_row(&x, &i, stage);
		const void *c = push_row(&y, &j, stage);
		int order = a == NULL ? 1 : c == NULL ? -1 : x.compare(a, c);

		if (a == NULL && c == NULL)
			break;
		if (order < 0 && op == CTL_OP_DELETE)
			delete_row(b, type, a);
		if (op == CTL_OP_SET &&
		    (order > 0 || (order == 0 && !same_row(&y, type, a, c))))
			set_row(b, type, c);
		i += order <= 0;
		j += order >= 0;
	}
	batch_send(b);
}

static const enum ctl_type tables_in_order[] = {
#define X(table) CTL_##table,
    CTL_TABLES(X)
#undef X
};

static int
send_tables(struct chs *chs, struct proc *proc, const struct tables *was,
	    const struct tables *now, uint32_t generation)
{
	struct batch b = {.chs = chs, .proc = proc, .generation = generation};
	size_t n = sizeof(tables_in_order) / sizeof(tables_in_order[0]);

	b.rows = secret_alloc(BATCH_OCTETS);
	if (b.rows == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		send_table(&b, was, now, tables_in_order[i], CTL_OP_SET);
	/*
	 * In the other direction: first what leads there, then what is there.
	 */
	for (size_t i = n; i-- > 0;)
		send_table(&b, was, now, tables_in_order[i], CTL_OP_DELETE);
	secret_free(&b.rows, BATCH_OCTETS);
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
		if (proc->generation == 0) {
			wires_tell(chs, proc);
			journey_tell(chs, proc);
		}
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

		if (be32_get(sa->row.id) != be32_get(ask->sa) ||
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
