/*
 * The Configuration payload (RFC 7296 section 2.19, 3.15): an address and DNS
 * servers, asked for by an initiator, answered out of the subscriber record or
 * the template's pool.
 */
#include <string.h>

#include "v2_impl.h"

void
v2_cp_ask(const struct ike_tun *tun, struct ike_writer *w)
{
	struct ike_cp cp = {.type = IKE_CP_REQUEST, .count = 4};
	static const uint16_t types[] = {IKE_CPA_IP4_ADDRESS, IKE_CPA_IP4_DNS,
					 IKE_CPA_IP6_ADDRESS, IKE_CPA_IP6_DNS};

	(void)tun;
	for (unsigned i = 0; i < cp.count; i++)
		cp.attrs[i].type = types[i];
	ike_write_cp(w, &cp);
}

static const struct ike_payload *
cp_of(const struct ike_chain *chain, uint8_t type, struct ike_cp *cp)
{
	const struct ike_payload *p = ike_chain_find(chain, IKE_P_CP, 0);

	return p != NULL && ike_cp_read(p, cp) == 0 && cp->type == type ? p
									: NULL;
}

static bool
taken(const struct ike *ike, const struct ip_addr *addr)
{
	const struct ike_tun *tun;

	for (tun = ike->tuns; tun != NULL; tun = tun->hh.next) {
		if (ip_addr_equal(&tun->address, addr))
			return true;
	}
	return false;
}

static void
step(struct ip_addr *addr)
{
	unsigned n = addr->family == 4 ? 4 : 16;

	for (unsigned i = n; i-- > 0;) {
		if (++addr->octets[i] != 0)
			return;
	}
}

/* An address of the pool that no peer has; none when there is none. */
static struct ip_addr
from_pool(const struct ike *ike, const struct ike_tunnel *conf)
{
	struct ip_addr at = conf->pool[0];

	for (unsigned i = 0; i < 65536 && at.family != 0; i++) {
		if (memcmp(at.octets, conf->pool[1].octets, 16) > 0)
			break;
		if (!taken(ike, &at))
			return at;
		step(&at);
	}
	return (struct ip_addr){0};
}

static void
add(struct ike_cp *cp, uint16_t type, const struct ip_addr *addr, uint8_t *room)
{
	struct ike_cp_attr *a = &cp->attrs[cp->count++];

	a->type = type;
	a->value = room;
	a->octets = addr->family == 4 ? 4 : 16;
	memcpy(room, addr->octets, a->octets);
	/* An IPv6 address carries its prefix length. */
	if (type == IKE_CPA_IP6_ADDRESS)
		room[a->octets++] = 128;
}

bool
v2_cp_answer(struct ike *ike, struct v2_sa *v, const struct ike_chain *chain,
	     struct ike_writer *w)
{
	struct ike_tun *tun = v->sa.tun;
	struct ike_cp reply = {.type = IKE_CP_REPLY};
	uint8_t room[1 + IKE_DNS_MAX][20];
	struct ike_cp cp;

	if (cp_of(chain, IKE_CP_REQUEST, &cp) == NULL ||
	    !tun->conf.assign_address)
		return true;
	if (tun->address.family == 0)
		tun->address = from_pool(ike, &tun->conf);
	if (tun->address.family == 0)
		return false;
	add(&reply,
	    tun->address.family == 4 ? IKE_CPA_IP4_ADDRESS
				     : IKE_CPA_IP6_ADDRESS,
	    &tun->address, room[0]);
	for (unsigned i = 0; i < IKE_DNS_MAX; i++) {
		const struct ip_addr *dns = &tun->conf.dns[i];

		if (dns->family != 0)
			add(&reply,
			    dns->family == 4 ? IKE_CPA_IP4_DNS
					     : IKE_CPA_IP6_DNS,
			    dns, room[1 + i]);
	}
	ike_write_cp(w, &reply);
	return true;
}

static void
take(const struct ike_cp_attr *a, struct ike_event *event, unsigned *dns)
{
	bool v4 = a->type == IKE_CPA_IP4_ADDRESS || a->type == IKE_CPA_IP4_DNS;
	struct ip_addr addr;

	if (a->octets < (v4 ? 4 : 16))
		return;
	addr = ip_addr_get(v4 ? 4 : 6, a->value);
	if (a->type == IKE_CPA_IP4_ADDRESS)
		event->address[0] = addr;
	else if (a->type == IKE_CPA_IP6_ADDRESS)
		event->address[1] = addr;
	else if ((a->type == IKE_CPA_IP4_DNS || a->type == IKE_CPA_IP6_DNS) &&
		 *dns < IKE_DNS_MAX)
		event->dns[(*dns)++] = addr;
}

void
v2_cp_answered(struct ike *ike, struct v2_sa *v, const struct ike_chain *chain,
	       uint64_t now)
{
	struct ike_event event = {.kind = IKE_EVENT_ADDRESS,
				  .at_ns = now,
				  .tunnel = v->sa.tun->conf.id,
				  .path = &v->sa.path};
	struct ike_cp cp;
	unsigned dns = 0;

	if (!v->sa.tun->conf.request_address ||
	    cp_of(chain, IKE_CP_REPLY, &cp) == NULL)
		return;
	for (unsigned i = 0; i < cp.count; i++)
		take(&cp.attrs[i], &event, &dns);
	ike_tell(ike, &event);
}
