/*
 * Table rows between their arrival and the generation they belong to. Rows come
 * in any number of messages; nothing acts on them until the chassis, having
 * heard PREPARED from every card, which has rehearsed them by then, says
 * ACTIVATE: then the rows to be set are
 * given to the role in the order they came, and the role makes them act at
 * once. Rows to be deleted wait for RETIRE, when no packet classified under the
 * old generation is left. DISCARD forgets a generation that some card refused.
 *
 * Staged rows are copies, bounded by CARD_STAGED_OCTETS; those of SAs and IKE
 * policies hold keys
 * and rest in memory that is locked and wiped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "card_impl.h"
#include "log.h"
#include "secret.h"

/* A million routes are 16 MB. */
#define CARD_STAGED_OCTETS ((size_t)256 << 20)

struct card_batch {
	struct card_batch *next;
	enum ctl_type table;
	enum ctl_op op;
	uint32_t generation;
	size_t items;
	size_t octets;
	uint8_t *rows;
};

/* Rows that hold keys. */
static bool
card_batch_secret(enum ctl_type table)
{
	return table == CTL_SAS || table == CTL_IKE_POLICIES;
}

static void
card_batch_free(struct card_batch *batch)
{
	if (card_batch_secret(batch->table))
		secret_free(&batch->rows, batch->octets);
	else
		free(batch->rows);
	free(batch);
}

static struct card_batch *
card_batch_new(const struct ctl_in *in, enum ctl_op op, uint32_t generation)
{
	struct card_batch *batch = calloc(1, sizeof *batch);

	if (batch == NULL)
		return NULL;
	*batch = (struct card_batch){.table = in->type,
				     .op = op,
				     .generation = generation,
				     .items = in->tail_items,
				     .octets = in->tail_octets};
	batch->rows = card_batch_secret(in->type)
			  ? secret_alloc(in->tail_octets)
			  : malloc(in->tail_octets);
	if (batch->rows == NULL) {
		free(batch);
		return NULL;
	}
	memcpy(batch->rows, in->tail, in->tail_octets);
	return batch;
}

static void
card_rows_refuse(struct card *card, int err, const char *why)
{
	if (card->staged.error != 0)
		return;
	card->staged.error = -err;
	card->staged.why = why;
	log_warn("card: rows refused why=\"%s\"", why);
}

void
card_rows_take(struct card *card, const struct ctl_in *in)
{
	const struct ctl_rows *body = in->body;
	struct card_staged *staged = &card->staged;
	struct card_batch *batch;

	if (body->op != CTL_OP_SET && body->op != CTL_OP_DELETE) {
		card_rows_refuse(card, -EINVAL, "rows neither set nor deleted");
		return;
	}
	if (in->tail_items == 0)
		return;
	if (in->tail_octets > CARD_STAGED_OCTETS - staged->octets) {
		card_rows_refuse(card, -EFBIG, "more rows than a card stages");
		return;
	}
	batch = card_batch_new(in, (enum ctl_op)body->op,
			       be32_get(body->generation));
	if (batch == NULL) {
		card_rows_refuse(card, -ENOMEM, "no memory for table rows");
		return;
	}
	if (staged->last != NULL)
		staged->last->next = batch;
	else
		staged->first = batch;
	staged->last = batch;
	staged->octets += batch->octets;
}

/* Takes batch out of the list; link is what points at it. */
static void
card_rows_drop(struct card *card, struct card_batch **link)
{
	struct card_batch *batch = *link;

	*link = batch->next;
	card->staged.octets -= batch->octets;
	card_batch_free(batch);
}

/* What card_rows_drop() leaves open: which batch is the last. */
static void
card_rows_relink(struct card *card)
{
	struct card_batch *last = card->staged.first;

	while (last != NULL && last->next != NULL)
		last = last->next;
	card->staged.last = last;
}

/* Gives the role every batch of one generation and operation, and forgets it.
 * The first error; the rest is given nevertheless. */
static int
card_rows_apply(struct card *card, uint32_t generation, enum ctl_op op)
{
	struct card_batch **link = &card->staged.first;
	int first = 0;

	while (*link != NULL) {
		struct card_batch *b = *link;
		int err;

		if (b->generation != generation || b->op != op) {
			link = &b->next;
			continue;
		}
		if (b->table == CTL_CIRCUITS && op == CTL_OP_SET)
			card_tap_label(card, b->rows, b->items);
		err =
		    card->ops->rows(card->arg, b->table, op, b->rows, b->items);
		if (err != 0 && first == 0)
			first = err;
		card_rows_drop(card, link);
	}
	card_rows_relink(card);
	if (card->ops->activate != NULL) {
		int err = card->ops->activate(card->arg);

		first = first != 0 ? first : err;
	}
	return first;
}

static void
card_rows_answer(struct card *card, enum ctl_type type, uint32_t generation,
		 int error, const char *why)
{
	struct ctl_generation body = {.generation = be32_put(generation),
				      .error = be32_put((uint32_t)error)};

	(void)card_tell(card, type, &body, why, why != NULL ? strlen(why) : 0);
}

static int
card_rows_rehearse(struct card *card, uint32_t generation)
{
	const struct card_ops *ops = card->ops;
	void *rehearsal;
	int first = 0;
	int err;

	if (ops->rehearse_begin == NULL || card->staged.first == NULL)
		return 0;
	rehearsal = ops->rehearse_begin(card->arg);
	if (rehearsal == NULL)
		return -ENOMEM;
	for (const struct card_batch *b = card->staged.first; b != NULL;
	     b = b->next) {
		if (b->generation != generation || b->op != CTL_OP_SET)
			continue;
		err = ops->rehearse(rehearsal, b->table, b->rows, b->items);
		first = first != 0 ? first : err;
	}
	err = ops->rehearse_end(rehearsal);
	return first != 0 ? first : err;
}

void
card_rows_prepare(struct card *card, const struct ctl_in *in)
{
	const struct ctl_generation *body = in->body;
	struct card_staged *staged = &card->staged;
	int err = staged->error != 0
		      ? 0
		      : card_rows_rehearse(card, be32_get(body->generation));

	if (err != 0)
		card_rows_refuse(card, err,
				 "the card can not take a table row");
	card_rows_answer(card, CTL_PREPARED, be32_get(body->generation),
			 staged->error,
			 staged->error != 0 ? staged->why : NULL);
}

void
card_rows_activate(struct card *card, const struct ctl_in *in)
{
	const struct ctl_generation *body = in->body;
	uint32_t generation = be32_get(body->generation);
	int err = card_rows_apply(card, generation, CTL_OP_SET);

	card->generation = generation;
	bp_set_generation(card->bp, generation);
	if (err != 0)
		log_error("card: table rows refused generation=%u err=%d",
			  generation, -err);
	card_rows_answer(card, CTL_ACTIVATED, generation, -err,
			 err != 0 ? "the card could not take a table row"
				  : NULL);
}

void
card_rows_retire(struct card *card, const struct ctl_in *in)
{
	const struct ctl_generation *body = in->body;
	uint32_t generation = be32_get(body->generation);
	int err = card_rows_apply(card, generation, CTL_OP_DELETE);

	if (err != 0)
		log_error("card: table rows not deleted generation=%u err=%d",
			  generation, -err);
}

void
card_rows_discard(struct card *card, const struct ctl_in *in)
{
	const struct ctl_generation *body = in->body;
	uint32_t generation = be32_get(body->generation);
	struct card_batch **link = &card->staged.first;

	while (*link != NULL) {
		if ((*link)->generation == generation)
			card_rows_drop(card, link);
		else
			link = &(*link)->next;
	}
	card_rows_relink(card);
	card->staged.error = 0;
	card->staged.why = NULL;
}

void
card_rows_fini(struct card *card)
{
	while (card->staged.first != NULL)
		card_rows_drop(card, &card->staged.first);
	card->staged.last = NULL;
}
