/*
 * Control messages of an ASP: table rows into tables, and sequence numbers.
 * Rows come from the card library at ACTIVATE (to be set) and RETIRE (to be
 * deleted); this file alone changes the tables, between vectors. Keys pass
 * through here into the SAD and leave no copy.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

#include "ase_ike.h"
#include "clock.h"
#include "log.h"

static_assert((int)SA_IN == (int)CTL_SA_IN && (int)SA_OUT == (int)CTL_SA_OUT,
	      "directions travel as they are");
static_assert((int)TUNNEL_DF_COPY == (int)CTL_DF_COPY &&
		  (int)TUNNEL_DF_SET == (int)CTL_DF_SET &&
		  (int)TUNNEL_DF_CLEAR == (int)CTL_DF_CLEAR &&
		  TUNNEL_DSCP_COPY == CTL_DSCP_COPY &&
		  TUNNEL_FLOW_COPY == CTL_FLOW_COPY &&
		  SAD_TFC_MTU == CTL_TFC_MTU,
	      "policies of the outer header travel as they are");
static_assert(sizeof(struct sa_counters) ==
		  sizeof(struct counter[STATS_SA_COUNTERS]),
	      "stats.h keeps a row per SA counter");

/*
 * A row that was changed and is the same SA still (another window, another
 * lifetime): what was accepted is refused, and it is as old as it was.
 */
static void
ase_sa_go_on(const struct esp_sa *old, struct sa_params *params)
{
	if (!sad_same(old, params))
		return;
	if (params->direction == SA_IN && old->replay.top >= params->seq_first)
		params->seq_first = old->replay.top + 1;
	if (old->life.octets > params->used_octets)
		params->used_octets = old->life.octets;
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
	struct sad_key key = {.context = params->context,
			      .spi = params->spi,
			      .dst = params->tunnel.dst,
			      .protocol = params->protocol};

	if (old != NULL) {
		if (old->direction == SA_OUT && params->direction == SA_OUT &&
		    old->seq_next > params->seq_first)
			params->seq_first = old->seq_next;
		ase_sa_go_on(old, params);
		(void)sad_delete(ase->sad, params->id);
	}
	if (params->direction != SA_IN)
		return;
	old = sad_find_in(ase->sad, &key);
	if (old != NULL)
		(void)sad_delete(ase->sad, old->id);
}

/* Says which engine runs it: another than the ASP's where that one can not. */
static void
ase_sa_installed(struct ase *ase, const struct sa_params *params)
{
	const struct esp_sa *sa = sad_find(ase->sad, params->id);
	enum alg_engine_id engine = alg_cipher_engine(sa->cipher);

	counter_set(&card_stats(ase->card)->sa_engine[sa->id], engine);
	log_info("ase: SA installed id=%u protocol=%u spi=0x%x circuit=%u "
		 "alg=%s/%s engine=%s",
		 sa->id, params->protocol, params->spi, sa->circuit,
		 sa->enc->name, sa->auth->name, alg_engine_word(engine));
}

static struct tunnel
ase_tunnel(const struct ctl_sa *row)
{
	return (struct tunnel){
	    .src = row->src,
	    .dst = row->dst,
	    .df = (enum tunnel_df)row->df,
	    .dscp = row->dscp,
	    .ttl = row->ttl,
	    .ecn_compat = (row->flags & CTL_SA_ECN_COMPAT) != 0,
	    .udp = (row->flags & CTL_SA_UDP) != 0,
	    .udp_local = be16_get(row->udp_local),
	    .udp_remote = be16_get(row->udp_remote),
	    .flow_label = be32_get(row->flow_label),
	};
}

/* Without counters: the SAD keeps its own then. */
static struct sa_params
ase_sa_params(const struct ctl_sa *row, uint32_t id)
{
	return (struct sa_params){
	    .tunnel = ase_tunnel(row),
	    .id = id,
	    .context = be32_get(row->context),
	    .spi = be32_get(row->spi),
	    .circuit = be32_get(row->circuit),
	    .transport = row->mode == CTL_SA_TRANSPORT,
	    .bundle = be32_get(row->bundle),
	    .tfc = be16_get(row->tfc),
	    .mtu = be16_get(row->mtu),
	    .fragment_post = (row->flags & CTL_SA_FRAGMENT_POST) != 0,
	    .direction = (enum sa_direction)row->direction,
	    .protocol = row->protocol,
	    .enc = (enum ipsec_alg_id)row->encryption,
	    .auth = (enum ipsec_alg_id)row->authentication,
	    .enc_key = row->encryption_key,
	    .enc_key_octets = row->encryption_octets,
	    .auth_key = row->authentication_key,
	    .auth_key_octets = row->authentication_octets,
	    .esn = row->esn == 1,
	    .replay_window = be16_get(row->replay_window),
	    .seq_first = be64_get(row->seq_first),
	    .seq_granted = be64_get(row->seq_granted),
	    .life =
		{
		    .soft_ns = be64_get(row->soft_ns),
		    .hard_ns = be64_get(row->hard_ns),
		    .soft_octets = be64_get(row->soft_octets),
		    .hard_octets = be64_get(row->hard_octets),
		},
	    .born_ns = be64_get(row->born_ns),
	    .used_octets = be64_get(row->used_octets),
	    .seeded = row->seeded == 1,
	    .seed = be64_get(row->seed),
	};
}

static bool
ase_sa_fits(const struct ctl_sa *row)
{
	uint32_t id = be32_get(row->id);

	return id != 0 && id < STATS_SAS &&
	       row->encryption_octets <= CTL_KEY_MAX &&
	       row->authentication_octets <= CTL_KEY_MAX;
}

static int
ase_sa_set(struct ase *ase, const struct ctl_sa *row, uint32_t id)
{
	struct stats *stats = card_stats(ase->card);
	struct sa_params params = ase_sa_params(row, id);
	int err;

	params.counters = (struct sa_counters *)stats->sa[id];
	ase_sa_replace(ase, &params);
	err = sad_install(ase->sad, &params);
	if (err != 0)
		log_error("ase: SA refused id=%u spi=0x%x err=%d", id,
			  params.spi, -err);
	else
		ase_sa_installed(ase, &params);
	return err;
}

static int
ase_sa(void *arg, enum ctl_op op, const void *item)
{
	struct ase *ase = arg;
	const struct ctl_sa *row = item;
	uint32_t id = be32_get(row->id);

	if (id == 0 || id >= STATS_SAS ||
	    (op == CTL_OP_SET && !ase_sa_fits(row)))
		return -EINVAL;
	if (op == CTL_OP_SET)
		return ase_sa_set(ase, row, id);
	if (sad_delete(ase->sad, id) == 0) {
		counter_set(&card_stats(ase->card)->sa_engine[id],
			    ALG_ENGINE_AUTO);
		log_info("ase: SA deleted id=%u", id);
	}
	return 0;
}

int
ase_rows(void *arg, enum ctl_type table, enum ctl_op op, const uint8_t *items,
	 size_t n)
{
	struct ase *ase = arg;

	switch (table) {
	case CTL_SAS:
		return card_tables_each(ase, ase_sa, sizeof(struct ctl_sa), op,
					items, n);
	case CTL_HOMINGS:
		return 0; /* an ASP homes nothing: the iPPAs do */
	case CTL_IKE_POLICIES:
	case CTL_IKE_CHILD_POLICIES:
	case CTL_IKE_TUNNELS:
		return ase_ike_rows(ase, table, op, items, n);
	default:
		return card_tables_rows(&ase->fwd, table, op, items, n);
	}
}

int
ase_activate(void *arg)
{
	struct ase *ase = arg;
	int err = card_tables_activate(&ase->fwd);

	ase_limits(ase);
	ase_ike_activated(ase);
	return err;
}

/*
 * --- rehearsal: what would act, in tables that nothing uses ----------------
 *
 * An SA is made whole, keys and cipher included, for that is what may fail.
 */
struct ase_rehearsal {
	struct card_tables fwd;
	struct sad *sad;
	struct ike *ike; /* NULL: no rows of it came */
};

void *
ase_rehearse_begin(void *arg)
{
	struct ase *ase = arg;
	struct ase_rehearsal *r = calloc(1, sizeof(*r));
	int err = r == NULL ? -ENOMEM : card_tables_init(&r->fwd);

	if (err == 0) {
		err = sad_new(&r->sad, ase->alg);
		if (err != 0)
			card_tables_fini(&r->fwd);
	}
	if (err == 0)
		return r;
	free(r);
	return NULL;
}

static int
ase_rehearse_sa(void *arg, enum ctl_op op, const void *item)
{
	struct ase_rehearsal *r = arg;
	const struct ctl_sa *row = item;
	struct sa_params params;

	(void)op;
	if (!ase_sa_fits(row))
		return -EINVAL;
	params = ase_sa_params(row, be32_get(row->id));
	return sad_install(r->sad, &params);
}

int
ase_rehearse(void *rehearsal, enum ctl_type table, const uint8_t *items,
	     size_t n)
{
	struct ase_rehearsal *r = rehearsal;
	int err;

	switch (table) {
	case CTL_SAS:
		return card_tables_each(r, ase_rehearse_sa,
					sizeof(struct ctl_sa), CTL_OP_SET,
					items, n);
	case CTL_HOMINGS:
		return 0;
	case CTL_IKE_POLICIES:
	case CTL_IKE_CHILD_POLICIES:
	case CTL_IKE_TUNNELS:
		err = r->ike != NULL ? 0 : ase_ike_new_bare(&r->ike);
		return err != 0 ? err
				: ase_ike_rehearse(r->ike, table, items, n);
	default:
		return card_tables_rows(&r->fwd, table, CTL_OP_SET, items, n);
	}
}

int
ase_rehearse_end(void *rehearsal)
{
	struct ase_rehearsal *r = rehearsal;
	int err = card_tables_activate(&r->fwd);

	ike_free(&r->ike);
	sad_free(&r->sad);
	card_tables_fini(&r->fwd);
	free(r);
	return err;
}

static void
ase_grant(struct ase *ase, const struct ctl_seq *body)
{
	int err =
	    sad_grant(ase->sad, be32_get(body->sa), be64_get(body->until));

	if (err != 0)
		log_warn("ase: grant refused sa=%u err=%d", be32_get(body->sa),
			 -err);
}

/* What the controller heard of the path of an SA's outer packets. */
static void
ase_path_mtu(struct ase *ase, const struct ctl_path_mtu *body)
{
	struct esp_sa *sa = sad_find(ase->sad, be32_get(body->sa));

	/* A bundle is told of by its AH, outermost, and measured at its ESP. */
	if (sa != NULL && sa->key.protocol == IP_PROTO_AH && sa->bundle != 0)
		sa = sad_find(ase->sad, sa->bundle);
	if (sa == NULL)
		return;
	sa->path_mtu = be16_get(body->mtu);
	sa->path_mtu_until_ns = be64_get(body->until_ns);
	ase_limit_sa(ase, sa);
}

void
ase_message(void *arg, const struct ctl_in *in)
{
	if (in->type == CTL_SEQ_GRANT)
		ase_grant(arg, in->body);
	else if (in->type == CTL_PATH_MTU)
		ase_path_mtu(arg, in->body);
	else if (in->type == CTL_GATHER)
		ase_gather_round(
		    arg, be32_get(((const struct ctl_round *)in->body)->round));
}

/* What befell an SA, once each; IKE replaces its own. */
static void
ase_events(struct ase *ase)
{
	static const struct {
		unsigned event;
		const char *what;
	} said[] = {
	    {SA_EVENT_SOFT, "lifetime soft limit"},
	    {SA_EVENT_HARD, "lifetime hard limit, SA ended"},
	    {SA_EVENT_SEQUENCE_LAST, "sequence numbers exhausted, SA ended"},
	};
	const struct esp_sa *sa;
	unsigned events;

	while ((sa = sad_event_next(ase->sad, &events)) != NULL) {
		if (ase_ike_sa_event(ase, sa, events))
			continue;
		for (unsigned i = 0; i < sizeof said / sizeof said[0]; i++) {
			if (events & said[i].event)
				log_warn("ase: %s id=%u spi=0x%x circuit=%u "
					 "octets=%" PRIu64,
					 said[i].what, sa->id, sa->key.spi,
					 sa->circuit, sa->life.octets);
		}
	}
}

/*
 * SAs that will need more numbers ask before they run out. Live, the heartbeat
 * brings a pass every few seconds, so that time ends an SA without traffic too.
 */
void
ase_pass(void *arg)
{
	struct ase *ase = arg;
	const struct esp_sa *sa;

	if (sad_clock_live(ase->sad))
		sad_clock_set(ase->sad, clock_monotonic());
	ase_gather_tell(ase);
	ase_events(ase);
	ase_ike_pass(ase);
	while ((sa = sad_want_next(ase->sad)) != NULL)
		(void)card_tell(ase->card, CTL_SEQ_REQUEST,
				&(struct ctl_seq){.sa = be32_put(sa->id)}, NULL,
				0);
}

size_t
ase_wait(void *arg, struct bus_poll *items, long *wait_ms)
{
	uint64_t due = ase_ike_due_ns(arg);
	uint64_t now = clock_monotonic();
	uint64_t ms;

	(void)items;
	if (due == UINT64_MAX)
		return 0;
	ms = due <= now ? 0 : (due - now + CLOCK_MS_NS - 1) / CLOCK_MS_NS;
	if (*wait_ms < 0 || (uint64_t)*wait_ms > ms)
		*wait_ms = ms > INT_MAX ? INT_MAX : (long)ms;
	return 0;
}
