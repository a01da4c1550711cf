/*
 * Control messages of an ASP: table rows into tables, and sequence numbers.
 * Rows come from the card library at ACTIVATE (to be set) and RETIRE (to be
 * deleted); this file alone changes the tables, between vectors. Keys pass
 * through here into the SAD and leave no copy.
 */
#include <errno.h>

#include "ase.h"
#include "log.h"

static_assert((int)ADJ_NULL == (int)CTL_ADJ_NULL &&
		  (int)ADJ_LOCAL == (int)CTL_ADJ_LOCAL &&
		  (int)ADJ_FORWARD == (int)CTL_ADJ_FORWARD &&
		  (int)ADJ_ATTACHED == (int)CTL_ADJ_ATTACHED &&
		  (int)ADJ_TUNNEL == (int)CTL_ADJ_TUNNEL &&
		  (int)ADJ_DOWN == (int)CTL_ADJ_DOWN,
	      "kinds of adjacency travel as they are");
static_assert((int)CIRCUIT_PORT == (int)CTL_CIRCUIT_PORT &&
		  (int)CIRCUIT_PVC == (int)CTL_CIRCUIT_PVC &&
		  (int)CIRCUIT_TUNNEL == (int)CTL_CIRCUIT_TUNNEL,
	      "kinds of circuit travel as they are");
static_assert((int)SA_IN == (int)CTL_SA_IN && (int)SA_OUT == (int)CTL_SA_OUT,
	      "directions travel as they are");
static_assert((int)TUNNEL_DF_COPY == (int)CTL_DF_COPY &&
		  (int)TUNNEL_DF_SET == (int)CTL_DF_SET &&
		  (int)TUNNEL_DF_CLEAR == (int)CTL_DF_CLEAR &&
		  TUNNEL_DSCP_COPY == CTL_DSCP_COPY,
	      "policies of the outer header travel as they are");
static_assert(sizeof(struct sa_counters) ==
		  sizeof(struct counter[STATS_SA_COUNTERS]),
	      "stats.h keeps a row per SA counter");

static int
ase_circuit(struct ase *ase, enum ctl_op op, const uint8_t *item)
{
	const struct ctl_circuit *row = (const void *)item;
	uint32_t id = be32_get(row->id);
	struct circuit circuit = {
	    .kind = row->kind,
	    .up = (row->flags & CTL_CIRCUIT_UP) != 0,
	    .bound = (row->flags & CTL_CIRCUIT_BOUND) != 0,
	    .economical = (row->flags & CTL_CIRCUIT_ECONOMICAL) != 0,
	    .slot = row->slot,
	    .port = row->port,
	    .vlan = be16_get(row->vlan),
	    .mtu = be16_get(row->mtu),
	    .asp = be16_get(row->asp),
	    .context = be32_get(row->context),
	    .sa_out = be32_get(row->sa_out),
	    .outer_context = be32_get(row->outer_context),
	    .remote = be32_get(row->remote),
	    .handle = be64_get(row->handle),
	};

	if (op == CTL_OP_SET)
		return circuit_set(ase->circuits, id, &circuit);
	circuit_delete(ase->circuits, id);
	return 0;
}

static int
ase_adjacency(struct ase *ase, enum ctl_op op, const uint8_t *item)
{
	const struct ctl_adj *row = (const void *)item;
	uint32_t id = be32_get(row->id);
	struct adj adj = {
	    .circuit = be32_get(row->circuit),
	    .next_hop = be32_get(row->next_hop),
	    .stage = be16_get(row->stage),
	    .kind = row->kind,
	};

	if (op == CTL_OP_SET)
		return adj_set(ase->adjs, id, &adj);
	adj_delete(ase->adjs, id);
	return 0;
}

static int
ase_route(struct ase *ase, enum ctl_op op, const uint8_t *item)
{
	const struct ctl_route *row = (const void *)item;
	uint32_t context = be32_get(row->context);
	uint32_t prefix = be32_get(row->prefix);
	struct fib *fib;

	if (op == CTL_OP_SET) {
		fib = fib_make(ase->fibs, context);
		return fib == NULL
			   ? -ENOMEM
			   : fib_set(fib, prefix, row->len, be32_get(row->adj));
	}
	fib = fib_of(ase->fibs, context);
	return fib == NULL ? 0 : fib_delete(fib, prefix, row->len);
}

/* An ASP homes nothing: the iPPAs do. */
static int
ase_homing(struct ase *ase, enum ctl_op op, const uint8_t *item)
{
	(void)ase;
	(void)op;
	(void)item;
	return 0;
}

/*
 * Makes room for an SA: the one of its id, and, inbound, another of its key,
 * which the same change will delete later. An outbound successor goes on where
 * its predecessor stopped: the controller may repeat a row, and no number may
 * be used twice (RFC 4303 section 3.3.3).
 */
static void
ase_sa_replace(struct ase *ase, struct sa_params *params)
{
	const struct esp_sa *old = sad_find(ase->sad, params->id);
	struct sad_key key = sad_key_ipv4(params->context, params->spi,
					  params->tunnel.dst, params->protocol);

	if (old != NULL) {
		if (old->direction == SA_OUT && params->direction == SA_OUT &&
		    old->seq_next > params->seq_first)
			params->seq_first = old->seq_next;
		(void)sad_delete(ase->sad, params->id);
	}
	if (params->direction != SA_IN)
		return;
	old = sad_find_in(ase->sad, &key);
	if (old != NULL)
		(void)sad_delete(ase->sad, old->id);
}

static int
ase_sa_set(struct ase *ase, const struct ctl_sa *row, uint32_t id)
{
	struct stats *stats = card_stats(ase->card);
	struct sa_params params = {
	    .id = id,
	    .context = be32_get(row->context),
	    .spi = be32_get(row->spi),
	    .circuit = be32_get(row->circuit),
	    .tunnel =
		{
		    .src = be32_get(row->src),
		    .dst = be32_get(row->dst),
		    .df = (enum tunnel_df)row->df,
		    .dscp = row->dscp,
		    .ttl = row->ttl,
		},
	    .direction = (enum sa_direction)row->direction,
	    .protocol = row->protocol,
	    .enc = (enum ipsec_alg_id)row->encryption,
	    .auth = (enum ipsec_alg_id)row->authentication,
	    .enc_key = row->encryption_key,
	    .enc_key_octets = row->encryption_octets,
	    .auth_key = row->authentication_key,
	    .auth_key_octets = row->authentication_octets,
	    .replay_window = be16_get(row->replay_window),
	    .seq_first = be64_get(row->seq_first),
	    .seq_granted = be64_get(row->seq_granted),
	    .seeded = row->seeded == 1,
	    .seed = be64_get(row->seed),
	    .counters = (struct sa_counters *)stats->sa[id],
	};
	int err;

	if (row->encryption_octets > CTL_KEY_MAX ||
	    row->authentication_octets > CTL_KEY_MAX)
		return -EINVAL;
	ase_sa_replace(ase, &params);
	err = sad_install(ase->sad, &params);
	if (err != 0)
		log_error("ase: SA refused id=%u spi=0x%x err=%d", id,
			  params.spi, -err);
	else
		log_info("ase: SA installed id=%u spi=0x%x circuit=%u alg=%s",
			 id, params.spi, params.circuit,
			 ipsec_alg_get(params.enc)->name);
	return err;
}

static int
ase_sa(struct ase *ase, enum ctl_op op, const uint8_t *item)
{
	const struct ctl_sa *row = (const void *)item;
	uint32_t id = be32_get(row->id);

	if (id == 0 || id >= STATS_SAS)
		return -EINVAL;
	if (op == CTL_OP_SET)
		return ase_sa_set(ase, row, id);
	if (sad_delete(ase->sad, id) == 0)
		log_info("ase: SA deleted id=%u", id);
	return 0;
}

static const struct ase_row {
	size_t octets;
	int (*row)(struct ase *ase, enum ctl_op op, const uint8_t *item);
} tables[] = {
    [CTL_CIRCUITS] = {sizeof(struct ctl_circuit), ase_circuit},
    [CTL_ADJACENCIES] = {sizeof(struct ctl_adj), ase_adjacency},
    [CTL_ROUTES] = {sizeof(struct ctl_route), ase_route},
    [CTL_HOMINGS] = {sizeof(struct ctl_homing), ase_homing},
    [CTL_SAS] = {sizeof(struct ctl_sa), ase_sa},
};

/* The first error; the rows behind it are taken nevertheless. */
int
ase_rows(void *arg, enum ctl_type table, enum ctl_op op, const uint8_t *items,
	 size_t n)
{
	const struct ase_row *row;
	int first = 0;

	if ((size_t)table >= sizeof tables / sizeof tables[0] ||
	    tables[table].row == NULL)
		return -EINVAL;
	row = &tables[table];
	for (size_t i = 0; i < n; i++) {
		int err = row->row(arg, op, items + i * row->octets);

		if (err != 0 && first == 0)
			first = err;
	}
	return first;
}

int
ase_activate(void *arg)
{
	struct ase *ase = arg;

	return fib_set_apply(ase->fibs);
}

void
ase_message(void *arg, const struct ctl_in *in)
{
	struct ase *ase = arg;
	const struct ctl_seq *body = in->body;
	int err;

	if (in->type != CTL_SEQ_GRANT)
		return;
	err = sad_grant(ase->sad, be32_get(body->sa), be64_get(body->until));
	if (err != 0)
		log_warn("ase: grant refused sa=%u err=%d", be32_get(body->sa),
			 -err);
}

/* SAs that will need more numbers ask before they run out. */
void
ase_pass(void *arg)
{
	struct ase *ase = arg;
	const struct esp_sa *sa;

	while ((sa = sad_want_next(ase->sad)) != NULL)
		(void)card_tell(ase->card, CTL_SEQ_REQUEST,
				&(struct ctl_seq){.sa = be32_put(sa->id)}, NULL,
				0);
}
