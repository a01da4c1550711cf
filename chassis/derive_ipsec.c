/*
 * From tunnels to their SAs, and to what leads packets to the ASP that opens
 * them. An `ipsec sa` becomes one SA or two: ESP, AH, or a bundle of both, each
 * with an SPI, keys and sequence numbers of its own, applied to the same packet
 * (RFC 4301 section 4.5).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipsec_alg.h"
#include "running.h"

#define ESP 50
#define AH 51
#define UDP 17

enum cfg_field
running_sa_key(const struct ctl_sa *row, bool encryption)
{
	if (row->protocol == AH)
		return CFG_SA_AH_KEY;
	return encryption ? CFG_SA_ENCRYPTION_KEY : CFG_SA_AUTHENTICATION_KEY;
}

static int
take_key(const struct running_sa *sa, bool encryption, uint8_t *to,
	 uint8_t *octets)
{
	size_t n;
	const uint8_t *key =
	    cfg_key(sa->obj, running_sa_key(&sa->row, encryption), &n);

	if (n > CTL_KEY_MAX)
		return -EINVAL;
	if (key != NULL)
		memcpy(to, key, n);
	*octets = (uint8_t)n;
	return 0;
}

static int
sa_id_compare(const void *key, const void *row)
{
	return memcmp(key, &((const struct running_sa *)row)->row.id,
		      sizeof(struct be32));
}

/* The SA that runs under this id, where it is made of the same object. */
static const struct running_sa *
running_before(const struct chs *chs, const struct running_sa *sa)
{
	const struct tables *t = running_tables(chs->running);
	const struct running_sa *was =
	    t == NULL || t->nsas == 0 ? NULL
				      : bsearch(&sa->row.id, t->sas, t->nsas,
						sizeof(*t->sas), sa_id_compare);

	return was != NULL && was->obj == sa->obj &&
		       was->row.protocol == sa->row.protocol &&
		       ip_addr_equal(&was->row.dst, &sa->row.dst)
		   ? was
		   : NULL;
}

/*
 * The fingerprint needs the keys; the row that is kept has none. Of an SA that
 * a commit leaves as it is, it is known: objects do not change, so the same one
 * has the same SPI, algorithms and keys.
 */
static int
print_sa(struct chs *chs, struct running_sa *sa)
{
	const struct running_sa *was = running_before(chs, sa);
	struct ctl_sa row = sa->row;
	int err = 0;

	if (was != NULL) {
		sa->row.encryption_octets = was->row.encryption_octets;
		sa->row.authentication_octets = was->row.authentication_octets;
		memcpy(sa->print, was->print, sizeof(sa->print));
		return 0;
	}
	if (row.protocol == ESP)
		err = take_key(sa, true, row.encryption_key,
			       &sa->row.encryption_octets);
	if (err == 0)
		err = take_key(sa, false, row.authentication_key,
			       &sa->row.authentication_octets);
	if (err == 0)
		err = seqlog_print(chs->seqlog, &row, sa->print);
	secret_wipe(&row, sizeof(row));
	return err;
}

static uint8_t
df_of(const struct cfg_obj *tunnel)
{
	static const uint8_t df[] = {[CFG_DF_COPY] = CTL_DF_COPY,
				     [CFG_DF_SET] = CTL_DF_SET,
				     [CFG_DF_CLEAR] = CTL_DF_CLEAR};

	return cfg_bool(tunnel, CFG_TUNNEL_CLEAR_DF)
		   ? CTL_DF_CLEAR
		   : df[cfg_u32(tunnel, CFG_TUNNEL_DF)];
}

void
derive_outer(const struct cfg_obj *t, struct ctl_sa *row)
{
	row->df = df_of(t);
	row->dscp = cfg_has(t, CFG_TUNNEL_DSCP)
			? (uint8_t)cfg_u32(t, CFG_TUNNEL_DSCP)
			: CTL_DSCP_COPY;
	row->ttl = (uint8_t)cfg_u32(t, CFG_TUNNEL_TTL);
	row->flow_label = be32_put(cfg_has(t, CFG_TUNNEL_FLOW_LABEL)
				       ? cfg_u32(t, CFG_TUNNEL_FLOW_LABEL)
				       : CTL_FLOW_COPY);
	row->mtu = be16_put((uint16_t)cfg_u32(t, CFG_TUNNEL_MTU));
	if (cfg_u32(t, CFG_TUNNEL_IPSEC_MODE) == CFG_IPSEC_TRANSPORT)
		row->mode = CTL_SA_TRANSPORT;
	if (cfg_u32(t, CFG_TUNNEL_ECN) == CFG_ECN_COMPATIBILITY)
		row->flags |= CTL_SA_ECN_COMPAT;
	if (cfg_u32(t, CFG_TUNNEL_FRAGMENTATION) == CFG_FRAGMENTATION_POST)
		row->flags |= CTL_SA_FRAGMENT_POST;
	if (row->protocol != ESP)
		return;
	row->tfc = be16_put(cfg_bool(t, CFG_TUNNEL_TFC_MTU)
				? CTL_TFC_MTU
				: (uint16_t)cfg_u32(t, CFG_TUNNEL_TFC));
	if (!cfg_bool(t, CFG_TUNNEL_UDP))
		return;
	row->flags |= CTL_SA_UDP;
	row->udp_local = be16_put((uint16_t)cfg_u32(t, CFG_TUNNEL_UDP_LOCAL));
	row->udp_remote = be16_put((uint16_t)cfg_u32(t, CFG_TUNNEL_UDP_REMOTE));
}

static void
put_algorithms(const struct cfg_obj *sa, struct ctl_sa *row)
{
	if (row->protocol == ESP) {
		row->spi = be32_put(cfg_u32(sa, CFG_SA_ESP_SPI));
		row->encryption = (uint8_t)cfg_u32(sa, CFG_SA_ENCRYPTION);
		row->authentication =
		    (uint8_t)cfg_u32(sa, CFG_SA_AUTHENTICATION);
		return;
	}
	row->spi = be32_put(cfg_u32(sa, CFG_SA_AH_SPI));
	row->encryption = IPSEC_ALG_NULL;
	row->authentication = (uint8_t)cfg_u32(sa, CFG_SA_AH_AUTHENTICATION);
}

/* One SA of the two that an ipsec sa may be; bundle: the other, or 0. */
static int
add_sa(struct chs *chs, struct tables *t, size_t index, bool out,
       uint8_t protocol)
{
	const struct running_tunnel *tunnel = &t->tunnels[index];
	const struct cfg_obj *o = tunnel->obj;
	struct running_sa sa = {.asp = tunnel->asp,
				.obj = out ? tunnel->out : tunnel->in,
				.tunnel = index};
	uint32_t esp = out ? tunnel->sa_out : tunnel->sa_in;
	uint32_t ah = out ? tunnel->ah_out : tunnel->ah_in;
	uint32_t id = protocol == ESP ? esp : ah;
	int err;

	if (sa.obj == NULL ||
	    !cfg_has(sa.obj, protocol == ESP ? CFG_SA_ESP_SPI : CFG_SA_AH_SPI))
		return 0;
	if (id == 0)
		return -ENOSPC;
	sa.row = (struct ctl_sa){.id = be32_put(id),
				 .context = be32_put(derive_context_id(
				     chs, cfg_str(o, CFG_TUNNEL_CONTEXT))),
				 .src = out ? tunnel->local : tunnel->remote,
				 .dst = out ? tunnel->remote : tunnel->local,
				 .bundle = be32_put(protocol == ESP ? ah : esp),
				 .circuit = be32_put(tunnel->circuit),
				 .seed = be64_put(chs->args->seed),
				 .seeded = chs->args->seeded,
				 .direction = out ? CTL_SA_OUT : CTL_SA_IN,
				 .protocol = protocol};
	derive_sa_facts(sa.obj, &sa.row);
	put_algorithms(sa.obj, &sa.row);
	derive_outer(o, &sa.row);
	err = print_sa(chs, &sa);
	if (err != 0)
		return err;
	return DERIVE_PUSH(t->sas, t->nsas, &sa) != 0 ? -ENOMEM : 0;
}

static int
add_homing(struct tables *t, const struct running_tunnel *tunnel,
	   struct be32 context, uint8_t protocol, uint32_t spi)
{
	struct ctl_homing row = {
	    .context = context,
	    .spi = be32_put(spi),
	    .dst = tunnel->local,
	    .circuit = be32_put(tunnel->circuit),
	    .asp = be16_put(protocol == UDP ? STAGE_NONE : tunnel->asp),
	    .protocol = protocol};

	return DERIVE_PUSH(t->homings, t->nhomings, &row) != 0 ? -ENOMEM : 0;
}

/* What leads here: AH where there is AH, for ESP of a bundle is inside it. */
static int
add_homings(struct chs *chs, struct tables *t,
	    const struct running_tunnel *tunnel)
{
	const struct cfg_obj *o = tunnel->obj;
	struct be32 context =
	    be32_put(derive_context_id(chs, cfg_str(o, CFG_TUNNEL_CONTEXT)));
	int err;

	if (tunnel->in == NULL)
		return 0;
	if (cfg_has(tunnel->in, CFG_SA_AH_SPI))
		return add_homing(t, tunnel, context, AH,
				  cfg_u32(tunnel->in, CFG_SA_AH_SPI));
	err = add_homing(t, tunnel, context, ESP,
			 cfg_u32(tunnel->in, CFG_SA_ESP_SPI));
	if (err == 0 && cfg_bool(o, CFG_TUNNEL_UDP))
		err = add_homing(t, tunnel, context, UDP,
				 cfg_u32(o, CFG_TUNNEL_UDP_LOCAL));
	return err;
}

static int
sa_compare(const void *a, const void *b)
{
	const struct running_sa *x = a;
	const struct running_sa *y = b;

	return memcmp(&x->row.id, &y->row.id, sizeof(x->row.id));
}

static int
homing_compare(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct ctl_homing, circuit));
}

/* Tunnels may share a UDP port: one row will do. */
static void
homings_unique(struct tables *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nhomings; i++) {
		if (n == 0 ||
		    homing_compare(&t->homings[n - 1], &t->homings[i]) != 0)
			t->homings[n++] = t->homings[i];
	}
	t->nhomings = n;
}

int
derive_sas(struct chs *chs, struct tables *t)
{
	int err = derive_ike(chs, t);

	for (size_t i = 0; i < t->ntunnels && err == 0; i++) {
		if (!t->tunnels[i].up)
			continue;
		for (unsigned out = 0; out < 2 && err == 0; out++) {
			err = add_sa(chs, t, i, out != 0, ESP);
			if (err == 0)
				err = add_sa(chs, t, i, out != 0, AH);
		}
		if (err == 0)
			err = add_homings(chs, t, &t->tunnels[i]);
	}
	if (t->nsas > 1)
		qsort(t->sas, t->nsas, sizeof(*t->sas), sa_compare);
	if (t->nhomings > 1)
		qsort(t->homings, t->nhomings, sizeof(*t->homings),
		      homing_compare);
	homings_unique(t);
	return err;
}
