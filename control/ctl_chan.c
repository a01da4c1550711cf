/*
 * The control channel. Decides which octets are a message for whom: the table
 * in ctl_msg.h gives number, body, tail, sender and receiver, and everything
 * here is expanded from it, so a new message is a new row and nothing else.
 * What does not fit is refused and logged by number and length, never by
 * content. Called by chassis, cards and clients alike. Keys travel in SAS and
 * REQUEST; their memory is wiped at both ends.
 */
#include "ctl_chan.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "log.h"

#define FROM_CHASSIS 0 /* stage id of the controller */
#define FROM_CLIENT 0xffff
#define FROM_CARD_MAX 120 /* stage ids are less */

static_assert(sizeof(struct ctl_none) == 4, "control version 1");
static_assert(sizeof(struct ctl_hello) == 12, "control version 1");
static_assert(sizeof(struct ctl_generation) == 8, "control version 1");
static_assert(sizeof(struct ctl_reclaim) == 8, "control version 1");
static_assert(sizeof(struct ctl_seq) == 16, "control version 1");
static_assert(sizeof(struct ctl_port) == 4, "control version 1");
static_assert(sizeof(struct ctl_point) == 8, "control version 1");
static_assert(sizeof(struct ctl_opened) == 8, "control version 1");
static_assert(sizeof(struct ctl_admit) == 16, "control version 1");
static_assert(sizeof(struct ctl_admitted) == 32, "control version 1");
static_assert(sizeof(struct ctl_fates) == 8, "control version 1");
static_assert(sizeof(struct ctl_round) == 8, "control version 1");
static_assert(sizeof(struct ctl_probe) == 24, "control version 1");
static_assert(sizeof(struct ctl_request) == 8, "control version 1");
static_assert(offsetof(struct ctl_circuit, kind) == 16, "control version 1");
static_assert(offsetof(struct ctl_sa, seq_first) == 16, "control version 1");
static_assert(offsetof(struct ctl_sa, encryption_key) == 110,
	      "control version 1");

/* Integers in wire order have no alignment, so a body may lie anywhere. */
#define X(id, name, body, tail, from, to)                                      \
	static_assert(_Alignof(body) == 1, "a body lies over octets");
CTL_MSGS(X)
#undef X

struct row {
	const char *name; /* NULL: no such message */
	size_t body_octets;
	size_t item_octets; /* 0: no tail */
	enum ctl_party from, to;
};

static const struct row rows[] = {
#define X(id, n, body, tail, f, t)                                             \
	[id] = {.name = #n,                                                    \
		.body_octets = sizeof(body),                                   \
		.item_octets = (tail),                                         \
		.from = CTL_##f,                                               \
		.to = CTL_##t},
    CTL_MSGS(X)
#undef X
};

static const struct row *
row_find(unsigned type)
{
	if (type >= sizeof(rows) / sizeof(rows[0]) || rows[type].name == NULL)
		return NULL;
	return &rows[type];
}

const char *
ctl_name(unsigned type)
{
	const struct row *row = row_find(type);

	return row != NULL ? row->name : "?";
}

/* Configurations come in REQUEST, with the keys that an operator typed. */
static bool
is_secret(enum ctl_type type)
{
	return type == CTL_SAS || type == CTL_IKE_POLICIES ||
	       type == CTL_REQUEST;
}

/* Who the sender says it is must be somebody that the message may come from. */
static bool
from_fits(enum ctl_party party, uint16_t from)
{
	switch (party) {
	case CTL_CHASSIS:
		return from == FROM_CHASSIS;
	case CTL_CLIENT:
		return from == FROM_CLIENT;
	default:
		return from != FROM_CHASSIS && from < FROM_CARD_MAX;
	}
}

int
ctl_check(const void *octets, size_t n, enum ctl_party to, struct ctl_in *in)
{
	const struct ctl_hdr *hdr = octets;
	const struct row *row;
	size_t tail;

	if (n < sizeof(*hdr) || be16_get(hdr->magic) != CTL_MAGIC ||
	    hdr->version != CTL_VERSION || hdr->reserved != 0)
		return -EBADMSG;
	row = row_find(be16_get(hdr->type));
	if (row == NULL || n - sizeof(*hdr) < row->body_octets)
		return -EBADMSG;
	tail = n - sizeof(*hdr) - row->body_octets;
	if (row->item_octets == 0 ? tail != 0 : tail % row->item_octets != 0)
		return -EBADMSG;
	if (row->to != to || !from_fits(row->from, be16_get(hdr->from)))
		return -EPERM;
	in->type = (enum ctl_type)be16_get(hdr->type);
	in->from = be16_get(hdr->from);
	in->body = hdr + 1;
	in->tail = (const uint8_t *)(hdr + 1) + row->body_octets;
	in->tail_octets = tail;
	in->tail_items = tail == 0 ? 0 : tail / row->item_octets;
	return 0;
}

int
ctl_recv(struct bus_sock *sock, enum ctl_party me, struct ctl_in *in)
{
	const struct ctl_hdr *hdr;
	size_t octets;
	int got, error;

	*in = (struct ctl_in){0};
	got = me == CTL_CHASSIS ? bus_recv_from(sock, &in->peer, &in->msg)
				: bus_recv(sock, &in->msg);
	if (got <= 0)
		return got;
	hdr = bus_msg_data(&in->msg);
	octets = bus_msg_octets(&in->msg);
	/* Before the check: a refused message may hold keys all the same. */
	in->msg.secret = octets >= sizeof(*hdr) &&
			 is_secret((enum ctl_type)be16_get(hdr->type));
	error = ctl_check(hdr, octets, me, in);
	if (error == 0)
		return 1;
	log_warn("control: message refused type=%u octets=%zu reason=%s",
		 octets >= sizeof(*hdr) ? be16_get(hdr->type) : 0, octets,
		 error == -EPERM ? "sender" : "format");
	ctl_in_done(in);
	return error;
}

void
ctl_in_done(struct ctl_in *in)
{
	bus_msg_done(&in->msg);
	in->body = NULL;
	in->tail = NULL;
}

int
ctl_send(struct bus_sock *sock, const struct bus_peer *peer, uint16_t from,
	 enum ctl_type type, const void *body, const void *tail,
	 size_t tail_octets)
{
	const struct row *row = row_find(type);
	struct ctl_hdr *hdr;
	struct bus_msg msg;
	uint8_t *at;
	int error;

	assert(row != NULL && (row->item_octets != 0 || tail_octets == 0) &&
	       (tail_octets == 0 || tail_octets % row->item_octets == 0) &&
	       from_fits(row->from, from));
	error = bus_msg_new(&msg, sizeof(*hdr) + row->body_octets + tail_octets,
			    is_secret(type));
	if (error != 0)
		return error;
	hdr = bus_msg_data(&msg);
	*hdr = (struct ctl_hdr){
	    .magic = be16_put(CTL_MAGIC),
	    .version = CTL_VERSION,
	    .type = be16_put((uint16_t)type),
	    .from = be16_put(from),
	};
	at = (uint8_t *)(hdr + 1);
	memcpy(at, body, row->body_octets);
	if (tail_octets > 0)
		memcpy(at + row->body_octets, tail, tail_octets);
	error =
	    peer != NULL ? bus_send_to(sock, peer, &msg) : bus_send(sock, &msg);
	bus_msg_done(&msg);
	return error;
}
