/*
 * What is remembered of negotiations: a ring of records, each a ladder and how
 * proposals compared. The oldest gives way; a number that is not in the ring
 * any more is ignored by all functions, so that nobody needs to know. Texts
 * come from describers that never show secrets.
 */
#include "ike_impl.h"

#include <stdlib.h>
#include <string.h>

#define LADDER_MAX 48
#define COMPARE_MAX 160

struct ike_record_box {
	uint64_t number; /* 0: empty */
	struct ike_record r;
	struct ike_ladder *ladder;
	struct ike_compare *compare;
	unsigned ladder_room;
	unsigned compare_room;
	char *outcome;
};

static void
clear_compare(struct ike_record_box *box)
{
	for (unsigned i = 0; i < box->r.compare_count; i++) {
		free((char *)box->compare[i].our_text);
		free((char *)box->compare[i].their_text);
	}
	box->r.compare_count = 0;
}

static void
clear(struct ike_record_box *box)
{
	clear_compare(box);
	for (unsigned i = 0; i < box->r.ladder_count; i++)
		free((char *)box->ladder[i].payloads);
	free(box->ladder);
	free(box->compare);
	free(box->outcome);
	*box = (struct ike_record_box){0};
}

static struct ike_record_box *
find(const struct ike *ike, uint64_t record)
{
	struct ike_record_box *box;

	if (record == 0 || ike->records == NULL)
		return NULL;
	box = &ike->records[record % ike->conf.records_max];
	return box->number == record ? box : NULL;
}

uint64_t
ike_record_begin(struct ike *ike, const struct ike_path *path, unsigned version,
		 bool initiator, uint64_t now)
{
	uint64_t number = ike->records_made + 1;
	struct ike_record_box *box;

	if (ike->records == NULL)
		ike->records =
		    calloc(ike->conf.records_max, sizeof(*ike->records));
	if (ike->records == NULL)
		return 0;
	ike->records_made = number;
	box = &ike->records[number % ike->conf.records_max];
	clear(box);
	box->number = number;
	box->r = (struct ike_record){.version = (uint8_t)version,
				     .initiator = initiator,
				     .path = *path,
				     .begun_ns = now};
	return number;
}

void
ike_record_tunnel(struct ike *ike, uint64_t record, struct ike_tun *tun)
{
	struct ike_record_box *box = find(ike, record);

	if (box == NULL)
		return;
	box->r.tunnel = tun->conf.id;
	tun->record = record;
}

/* Room for one more; false: there is none, or enough. */
static bool
grow(void **array, unsigned *room, unsigned count, unsigned max, size_t each)
{
	unsigned want = *room == 0 ? 8 : *room * 2;
	void *more;

	if (count < *room)
		return true;
	if (count >= max)
		return false;
	more = realloc(*array, want * each);
	if (more == NULL)
		return false;
	*array = more;
	*room = want;
	return true;
}

void
ike_record_line(struct ike *ike, uint64_t record, const struct ike_ladder *line)
{
	struct ike_record_box *box = find(ike, record);
	struct ike_ladder *to;

	if (box == NULL ||
	    !grow((void **)&box->ladder, &box->ladder_room, box->r.ladder_count,
		  LADDER_MAX, sizeof(*box->ladder)))
		return;
	to = &box->ladder[box->r.ladder_count];
	*to = *line;
	to->payloads = strdup(line->payloads != NULL ? line->payloads : "");
	if (to->payloads != NULL)
		box->r.ladder_count++;
}

void
ike_record_compare(struct ike *ike, uint64_t record,
		   const struct ike_compare *row)
{
	struct ike_record_box *box = find(ike, record);
	struct ike_compare *to;

	if (box == NULL ||
	    !grow((void **)&box->compare, &box->compare_room,
		  box->r.compare_count, COMPARE_MAX, sizeof(*box->compare)))
		return;
	to = &box->compare[box->r.compare_count];
	*to = *row;
	to->our_text = strdup(row->our_text);
	to->their_text = strdup(row->their_text);
	if (to->our_text != NULL && to->their_text != NULL) {
		box->r.compare_count++;
		return;
	}
	free((char *)to->our_text);
	free((char *)to->their_text);
}

void
ike_record_compare_reset(struct ike *ike, uint64_t record)
{
	struct ike_record_box *box = find(ike, record);

	if (box != NULL)
		clear_compare(box);
}

void
ike_record_end(struct ike *ike, uint64_t record, bool good, uint64_t now,
	       const char *outcome)
{
	struct ike_record_box *box = find(ike, record);

	if (box == NULL || box->r.done)
		return;
	box->r.done = true;
	box->r.good = good;
	box->r.ended_ns = now;
	box->outcome = strdup(outcome);
}

void
ike_records_fini(struct ike *ike)
{
	for (unsigned i = 0; ike->records != NULL && i < ike->conf.records_max;
	     i++)
		clear(&ike->records[i]);
	free(ike->records);
	ike->records = NULL;
}

static bool
show(const struct ike_record_box *box, struct ike_record *record)
{
	if (box == NULL)
		return false;
	*record = box->r;
	record->ladder = box->ladder;
	record->compare = box->compare;
	record->outcome = box->outcome;
	return true;
}

bool
ike_record_of(const struct ike *ike, uint32_t tunnel, struct ike_record *record)
{
	const struct ike_tun *tun = ike_tun_find(ike, tunnel);

	return tun != NULL && show(find(ike, tun->record), record);
}

bool
ike_record_at(const struct ike *ike, unsigned index, struct ike_record *record)
{
	return index < ike->records_made &&
	       show(find(ike, ike->records_made - index), record);
}
