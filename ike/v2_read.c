/*
 * What all exchanges read of a message that was opened: nonces, notifications,
 * and its payloads as text for the ladder, which shows types and lengths and
 * never what is secret.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "v2_impl.h"

static size_t
describe_one(const struct ike_payload *p, char *text, size_t room)
{
	const char *name = ike_payload_name(p->type);
	struct ike_notify n;
	struct ike_delete d;
	uint16_t group;
	const uint8_t *at;
	size_t octets;
	int printed;

	if (p->type == IKE_P_NOTIFY && ike_notify_read(p, &n) == 0) {
		const char *word = ike_notify_name(n.type);

		if (word[0] == '?')
			printed = snprintf(text, room, "N(%u) ", n.type);
		else
			printed = snprintf(text, room, "N(%s) ", word);
	} else if (p->type == IKE_P_KE &&
		   ike_ke_read(p, &group, &at, &octets) == 0) {
		printed = snprintf(text, room, "KE(%u) ", group);
	} else if (p->type == IKE_P_DELETE && ike_delete_read(p, &d) == 0) {
		printed = snprintf(text, room, "D(%s*%u) ",
				   d.protocol == IKE_PROTO_IKE   ? "IKE"
				   : d.protocol == IKE_PROTO_ESP ? "ESP"
								 : "AH",
				   d.count);
	} else if (name[0] == '?') {
		printed = snprintf(text, room, "%u(%u) ", p->type, p->octets);
	} else {
		printed = snprintf(text, room, "%s(%u) ", name, p->octets);
	}
	return printed > 0 && (size_t)printed < room ? (size_t)printed : 0;
}

void
v2_describe(const struct ike_chain *chain, char text[V2_TEXT_MAX])
{
	size_t at = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < chain->count; i++)
		at += describe_one(&chain->p[i], text + at, V2_TEXT_MAX - at);
	if (at > 0)
		text[at - 1] = '\0';
}

int
v2_nonce_of(const struct ike_chain *chain, struct v2_nonce *nonce)
{
	const struct ike_payload *p = ike_chain_find(chain, IKE_P_NONCE, 0);
	const uint8_t *at;
	size_t n;

	if (p == NULL || ike_nonce_read(p, &at, &n) != 0)
		return -EBADMSG;
	memcpy(nonce->octets, at, n);
	nonce->n = (uint16_t)n;
	return 0;
}

bool
v2_notified(const struct ike_chain *chain, uint16_t type, struct ike_notify *n)
{
	const struct ike_payload *p;

	for (unsigned i = 0;
	     (p = ike_chain_find(chain, IKE_P_NOTIFY, i)) != NULL; i++) {
		if (ike_notify_read(p, n) == 0 && n->type == type)
			return true;
	}
	return false;
}

uint16_t
v2_error_of(const struct ike_chain *chain, struct ike_notify *n)
{
	const struct ike_payload *p;

	for (unsigned i = 0;
	     (p = ike_chain_find(chain, IKE_P_NOTIFY, i)) != NULL; i++) {
		if (ike_notify_read(p, n) == 0 && n->type < IKE_N_STATUS)
			return n->type;
	}
	return 0;
}
