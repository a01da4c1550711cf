/*
 * The control channel: whole messages in and out, checked. A struct ctl_in is a
 * message that passed every check: known type, right sender, exact length. It
 * is not to be copied: short bodies lie inside it.
 */
#ifndef CTL_CHAN_H
#define CTL_CHAN_H

#include "bus.h"
#include "ctl_msg.h"

enum ctl_party { CTL_CARD = 1, CTL_CHASSIS = 2, CTL_CLIENT = 4 };

struct ctl_in {
	enum ctl_type type;
	uint16_t from;       /* stage id as the sender says, 0xffff: client */
	const void *body;    /* struct of the type's row */
	const uint8_t *tail; /* items */
	size_t tail_octets;  /* a multiple of the item's size */
	size_t tail_items;
	struct bus_peer peer; /* at the chassis */
	struct bus_msg msg;   /* owns body and tail */
};

/*
 * Checks a message: -EBADMSG (magic, version, type, length), -EPERM (this type
 * does not go from that party to us: the chassis says 0, a client 0xffff, a
 * card its stage id). to: who reads it. Fills in but for peer and msg.
 */
int ctl_check(const void *octets, size_t n, enum ctl_party to,
	      struct ctl_in *in);

/* Name of a type ("LINK_READY"), "?" for none. */
const char *ctl_name(unsigned type);

/*
 * The next message of a control socket: 1, 0 when there is none, -EBADMSG or
 * -EPERM for one that was refused (already let go). End with ctl_in_done().
 */
int ctl_recv(struct bus_sock *sock, enum ctl_party me, struct ctl_in *in);
void ctl_in_done(struct ctl_in *in);

/*
 * Sends one message; peer NULL on a DEALER. tail may be NULL with 0 octets.
 * from must fit the type's row. SAS, IKE_POLICIES and REQUEST are secrets:
 * wiped when let go. Returns what bus_send() or bus_send_to() does, or -ENOMEM.
 */
int ctl_send(struct bus_sock *sock, const struct bus_peer *peer, uint16_t from,
	     enum ctl_type type, const void *body, const void *tail,
	     size_t tail_octets);

#endif
