/* A line card's processor in a thread, for C++ tests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cap_link.h"
#include "cap_write.h"
#include "ctl_msg.h"
#include "linecard.h"
#include "pkt_fate.h"
#include "run_shim.h"
#include "stage.h"
#include "stats.h"

#define RUN_SHIM_CONTEXT UINT32_C(0x40080001)

struct run_shim {
	struct linecard_args args;
	struct fake *fake;
};

static int
run_shim_run(void *arg, struct bus *bus, const char *endpoint,
	     struct stats *stats)
{
	struct run_shim *shim = arg;

	shim->args.bus = bus;
	shim->args.endpoint = endpoint;
	shim->args.stats = stats;
	return linecard_run(&shim->args);
}

static int
run_shim_tables(struct run_shim *shim)
{
	struct ctl_circuit circuits[3] = {0};
	struct ctl_adj adj = {
	    .id = be32_put(1),
	    .circuit = be32_put(2),
	    .stage = be16_put(stage_id(2, STAGE_EPPA)),
	    .kind = CTL_ADJ_ATTACHED,
	};
	struct ctl_route route = {
	    .context = be32_put(RUN_SHIM_CONTEXT),
	    .prefix = ip_addr_v4(UINT32_C(10) << 24),
	    .adj = be32_put(1),
	    .len = 8,
	};

	for (unsigned i = 0; i < 3; i++) {
		circuits[i].id = be32_put(i + 1);
		circuits[i].context = be32_put(RUN_SHIM_CONTEXT);
		circuits[i].kind =
		    i == 2 ? CTL_CIRCUIT_TUNNEL : CTL_CIRCUIT_PORT;
		circuits[i].flags = CTL_CIRCUIT_UP | CTL_CIRCUIT_BOUND;
		circuits[i].slot = (uint8_t)shim->args.slot;
		circuits[i].port = (uint8_t)(i + 1);
		circuits[i].mtu = be16_put(1500);
		circuits[i].asp = be16_put(stage_id(3, STAGE_ASP1));
	}
	if (fake_rows(shim->fake, CTL_CIRCUITS, 1, CTL_OP_SET, circuits,
		      sizeof(circuits)) != 0 ||
	    fake_rows(shim->fake, CTL_ADJACENCIES, 1, CTL_OP_SET, &adj,
		      sizeof(adj)) != 0 ||
	    fake_rows(shim->fake, CTL_ROUTES, 1, CTL_OP_SET, &route,
		      sizeof(route)) != 0)
		return -EIO;
	return fake_activate(shim->fake, 1);
}

struct run_shim *
run_shim_new(int egress)
{
	struct run_shim *shim = calloc(1, sizeof(*shim));

	if (shim == NULL)
		return NULL;
	shim->args.slot = egress ? 1 : 2;
	shim->args.egress = egress != 0;
	shim->args.epoch = 4;
	shim->args.buffers = 1024;
	shim->fake = fake_new(
	    FAKE_INPROC,
	    stage_id(shim->args.slot, egress ? STAGE_EPPA : STAGE_IPPA),
	    run_shim_run, shim);
	if (shim->fake != NULL && run_shim_tables(shim) == 0)
		return shim;
	if (shim->fake != NULL)
		(void)fake_end(&shim->fake);
	free(shim);
	return NULL;
}

int
run_shim_end(struct run_shim **shim)
{
	int rc = fake_end(&(*shim)->fake);

	free(*shim);
	*shim = NULL;
	return rc;
}

struct fake *
run_shim_fake(struct run_shim *shim)
{
	return shim->fake;
}

/* The answer of OPENED or CLOSED. */
static int
run_shim_answer(struct run_shim *shim, unsigned type, char *sentence)
{
	struct ctl_opened body;
	struct fake_msg msg;

	if (!fake_expect(shim->fake, type, &msg))
		return -ETIMEDOUT;
	memcpy(&body, msg.body, sizeof(body));
	if (sentence != NULL)
		memcpy(sentence, msg.tail, sizeof(msg.tail));
	return -(int)be32_get(body.error);
}

int
run_shim_open(struct run_shim *shim, unsigned port, int transmit,
	      const char *path, char *sentence)
{
	struct ctl_port body = {
	    .slot = (uint8_t)shim->args.slot,
	    .port = (uint8_t)port,
	    .direction = transmit ? CTL_PORT_TX : CTL_PORT_RX,
	};

	if (fake_send(shim->fake, CTL_PORT_OPEN, &body, path, strlen(path)) !=
	    0)
		return -EIO;
	return run_shim_answer(shim, CTL_OPENED, sentence);
}

int
run_shim_admit(struct run_shim *shim, uint32_t round, uint32_t per_card,
	       uint64_t until_ns, struct run_shim_ahead *ahead)
{
	struct ctl_admit body = {
	    .round = be32_put(round),
	    .per_card = be32_put(per_card),
	    .until_ns = be64_put(until_ns),
	};
	struct ctl_admitted answer;
	struct fake_msg msg;

	if (fake_send(shim->fake, CTL_ADMIT, &body, NULL, 0) != 0 ||
	    !fake_expect(shim->fake, CTL_ADMITTED, &msg))
		return 0;
	memcpy(&answer, msg.body, sizeof(answer));
	ahead->packets = be32_get(answer.packets);
	ahead->next_ns = be64_get(answer.next_ns);
	ahead->limit_ns = be64_get(answer.limit_ns);
	ahead->error = -(int)be32_get(answer.error);
	ahead->ended = (int)be32_get(answer.ended);
	memcpy(ahead->sentence, msg.tail, sizeof(ahead->sentence));
	return be32_get(answer.round) == round;
}

int
run_shim_flush(struct run_shim *shim, uint32_t round)
{
	struct ctl_round body = {.round = be32_put(round)};

	return fake_send(shim->fake, CTL_FLUSH, &body, NULL, 0);
}

int
run_shim_close(struct run_shim *shim)
{
	if (fake_send(shim->fake, CTL_CLOSE, &(struct ctl_none){0}, NULL, 0) !=
	    0)
		return -EIO;
	return run_shim_answer(shim, CTL_CLOSED, NULL);
}

int
run_shim_capture(const char *path, const uint64_t *time_ns, unsigned n,
		 const uint8_t *ip, unsigned len)
{
	struct cap_write *writer = NULL;
	struct cap_out out = {.data = ip, .octets = len};
	int rc = cap_write_open(&writer, path, CAP_PCAP, NULL);

	if (rc == 0)
		rc = cap_write_iface(writer, CAP_LINK_RAW, NULL, &out.iface);
	for (unsigned i = 0; rc == 0 && i < n; i++) {
		out.time_ns = time_ns[i];
		rc = cap_write_rec(writer, &out);
	}
	(void)cap_write_close(&writer);
	return rc;
}

uint64_t
run_shim_received(struct run_shim *shim)
{
	return counter_get(&fake_stats(shim->fake)->received);
}

uint64_t
run_shim_transmitted(struct run_shim *shim)
{
	return counter_get(&fake_stats(shim->fake)->transmitted);
}

uint64_t
run_shim_port_rx(struct run_shim *shim, unsigned port)
{
	return counter_get(&fake_stats(shim->fake)->port[port].rx_packets);
}

uint64_t
run_shim_port_tx(struct run_shim *shim, unsigned port)
{
	return counter_get(&fake_stats(shim->fake)->port[port].tx_packets);
}

uint64_t
run_shim_circuit_out(struct run_shim *shim, unsigned circuit)
{
	return counter_get(
	    &fake_stats(shim->fake)->circuit[circuit].out_packets);
}

uint64_t
run_shim_no_route(struct run_shim *shim)
{
	return fake_dropped(shim->fake, PKT_DROP_NO_ROUTE);
}

uint64_t
run_shim_clear_leak(struct run_shim *shim)
{
	return fake_dropped(shim->fake, PKT_DROP_CLEAR_LEAK);
}
