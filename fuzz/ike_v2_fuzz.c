/*
 * A whole responder of IKEv2, or with FUZZ_INITIATOR a whole initiator, against
 * a peer that knows the keys and says what it likes. The first octet chooses
 * how far the negotiation has come and what the rest is: datagrams as they
 * came, or what is sealed in the exchange that is due, with or without a proof
 * of identity that holds before it. Messages are prefixed by their length in
 * two octets; several may follow one another.
 *
 * Whatever comes, nothing is leaked, and what the end installed it removes.
 */
#include <stdlib.h>
#include <string.h>

#include "ike_sim.h"
#include "v2_impl.h"

#ifdef FUZZ_INITIATOR
#define VICTIM IKE_SIM_A
#define PEER IKE_SIM_B
#else
#define VICTIM IKE_SIM_B
#define PEER IKE_SIM_A
#endif

#define KEYS_MS 25 /* IKE_SA_INIT is over, IKE_AUTH has not arrived */
#define UP_MS 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at;
	size_t n;
};

static uint8_t
take_octet(struct input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->at++;
}

static struct input
take_message(struct input *in)
{
	struct input m = {in->at, in->n};

	if (in->n < 2)
		return (struct input){in->at, in->n = 0};
	m.n = (size_t)in->at[0] << 8 | in->at[1];
	m.at += 2;
	if (m.n > in->n - 2)
		m.n = in->n - 2;
	in->at = m.at + m.n;
	in->n -= 2 + m.n;
	return m;
}

/* The newest SA that has keys; NULL. */
static struct v2_sa *
newest(struct ike *ike)
{
	struct ike_sa *sa;

	TAILQ_FOREACH_REVERSE(sa, &ike->sas, ike_sa_all, all)
	{
		if (v2_of(sa)->seal != NULL)
			return v2_of(sa);
	}
	return NULL;
}

/* Payloads as they are, the first of that type. */
static void
rest(struct ike_writer *w, uint8_t type, const struct input *m)
{
	*w->next = type;
	ike_write_octets(w, m->at, m->n);
}

static void
say(struct ike_sim *sim, uint8_t exchange, bool proof, struct input m)
{
	struct ike *ike = ike_sim_ike(sim, PEER);
	struct v2_sa *v = newest(ike);
	struct v2_task task = {.kind = V2_LIVENESS};
	struct ike_writer w;

	if (v == NULL)
		return;
	v2_inner(ike, &w);
	if (proof && v->init_i.there) {
		struct ike_tun *tun = ike_tun_find(ike, 1);

		ike_tun_local_id(tun, &v->sa.path, &v->sa.local_id);
		ike_write_id(&w, v->sa.initiator ? IKE_P_IDI : IKE_P_IDR,
			     &v->sa.local_id, 0, 0);
		(void)v2_prove_write(ike, v, tun, &w);
	}
	rest(&w, take_octet(&m), &m);
#ifdef FUZZ_INITIATOR
	struct v2_sa *victim = newest(ike_sim_ike(sim, VICTIM));
	struct v2_msg answered = {.hdr = {.exchange = exchange}};

	(void)task;
	if (victim == NULL)
		return;
	answered.hdr.exchange = victim->request.exchange;
	answered.id = victim->request.packets.id;
	(void)v2_answer(ike, v, &answered, &w, ike_sim_now_ns(sim));
#else
	v2_request_done(ike, v);
	if (exchange == IKE_X_AUTH)
		v->next_id = 1;
	(void)v2_ask(ike, v, exchange, &w, &task, ike_sim_now_ns(sim));
#endif
}

/* Something for the peer to answer. */
static void
provoke(struct ike_sim *sim, uint8_t how)
{
#ifdef FUZZ_INITIATOR
	struct v2_task task = {.kind = V2_LIVENESS};
	struct v2_sa *v = newest(ike_sim_ike(sim, VICTIM));

	if (how % 3 < 2)
		(void)ike_sim_rekey(sim, VICTIM, 1, how % 3 == 1);
	else if (v != NULL)
		(void)v2_task_add(ike_sim_ike(sim, VICTIM), v, &task,
				  ike_sim_now_ns(sim));
#else
	(void)sim;
	(void)how;
#endif
}

static void
play(struct ike_sim *sim, struct input *in)
{
	uint8_t mode = take_octet(in);

	ike_sim_run(sim, mode % 4 == 3   ? UP_MS
			 : mode % 4 != 0 ? KEYS_MS
					 : mode >> 2 & 0x1f);
	for (unsigned i = 0; i < 8 && in->n > 0; i++) {
		struct input m = take_message(in);

		if (mode % 4 == 0) {
			ike_sim_inject(sim, VICTIM,
				       mode >> 7 ? IKE_PORT_NAT : IKE_PORT,
				       m.at, m.n);
		} else if (mode % 4 < 3) {
			say(sim, IKE_X_AUTH, mode % 4 == 2, m);
		} else {
			uint8_t how = take_octet(&m);

			provoke(sim, how);
			say(sim,
			    how >> 7 ? IKE_X_CREATE_CHILD : IKE_X_INFORMATIONAL,
			    false, m);
		}
		ike_sim_run(sim, 15);
	}
	ike_sim_run(sim, 3000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ike_sim_conf conf = {
	    .seed = 1,
	    .fragment = true,
	    .a = {.group = "31",
		  .nat_traversal = true,
		  .request_address = true},
	    .b = {.group = "31",
		  .nat_traversal = true,
		  .assign = "10.9.0.1",
		  .connection = IKE_CONNECTION_RESPONDER},
	};
	struct input in = {data, size};
	struct ike_sim *sim;

	if (size > 8192)
		return 0;
	sim = ike_sim_new(&conf);
	if (sim == NULL)
		abort();
	play(sim, &in);
	(void)ike_sim_terminate(sim, VICTIM, 1);
	if (ike_sim_spis(sim, VICTIM) != 0)
		abort();
	ike_sim_free(sim);
	return 0;
}
