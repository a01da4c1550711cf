#include "ase_shim.h"

#include <errno.h>
#include <string.h>

#include "alg_engine_id.h"
#include "asecard.h"
#include "ctl_msg.h"
#include "ip_cksum.h"
#include "ip_hdr.h"
#include "ipsec_alg.h"
#include "pkt.h"
#include "pkt_fate.h"
#include "sa_counter.h"
#include "stage.h"
#include "stats.h"

#define LAN 0x40080001U
#define WAN 0x40080002U
#define LOCAL_END 0xc0000201U
#define REMOTE_END 0xc0000202U

const unsigned ase_protect = PKT_F_PROTECT, ase_sealed = PKT_F_SEALED,
	       ase_opened = PKT_F_OPENED, ase_economical = PKT_F_ECONOMICAL;
const unsigned fate_no_sa = PKT_DROP_NO_SA, fate_no_route = PKT_DROP_NO_ROUTE,
	       fate_null_route = PKT_DROP_NULL_ROUTE,
	       fate_bad_handle = PKT_DROP_BAD_HANDLE,
	       fate_tunnel_down = PKT_DROP_TUNNEL_DOWN,
	       fate_recursive_tunnel = PKT_DROP_RECURSIVE_TUNNEL,
	       fate_ttl_expired = PKT_DROP_TTL_EXPIRED,
	       fate_bad_checksum = PKT_DROP_BAD_CHECKSUM,
	       fate_replay = PKT_DROP_REPLAY,
	       fate_integrity = PKT_DROP_INTEGRITY,
	       fate_no_number = PKT_DROP_SEQUENCE_NOT_GRANTED;
const unsigned msg_seq_request = CTL_SEQ_REQUEST, msg_retire = CTL_RETIRE,
	       msg_sas = CTL_SAS, msg_prepare = CTL_PREPARE;

static int
shim_run(void *arg, struct bus *bus, const char *endpoint, struct stats *stats)
{
	struct asecard_args args = {
	    .slot = 3,
	    .asp = 1,
	    .epoch = 2,
	    .buffers = 1024,
	    .engine = "openssl",
	    .bus = bus,
	    .endpoint = endpoint,
	    .stats = stats,
	};

	(void)arg;
	return asecard_run(&args);
}

struct fake *
ase_shim_new(unsigned settings)
{
	struct fake *f =
	    fake_new(FAKE_INPROC, stage_id(3, STAGE_ASP1), shim_run, NULL);

	if (f != NULL && ase_shim_tables(f, 1, settings) != 0)
		(void)fake_end(&f);
	return f;
}

int
ase_shim_end(struct fake **f)
{
	return *f == NULL ? -ENOENT : fake_end(f);
}

static int
shim_circuits(struct fake *f, uint32_t generation, unsigned settings)
{
	uint8_t up = CTL_CIRCUIT_UP | CTL_CIRCUIT_BOUND;
	uint8_t tunnel = settings & ASE_SHIM_DOWN ? CTL_CIRCUIT_BOUND : up;
	struct ctl_circuit rows[] = {
	    {.id = be32_put(1),
	     .context = be32_put(LAN),
	     .flags = up,
	     .kind = CTL_CIRCUIT_PORT,
	     .slot = 1,
	     .port = 1,
	     .mtu = be16_put(1500)},
	    {.id = be32_put(2),
	     .context = be32_put(WAN),
	     .flags = up,
	     .kind = CTL_CIRCUIT_PORT,
	     .slot = 2,
	     .port = 1,
	     .mtu = be16_put(1500)},
	    {.id = be32_put(5),
	     .context = be32_put(LAN),
	     .flags = tunnel,
	     .kind = CTL_CIRCUIT_TUNNEL,
	     .slot = 255,
	     .mtu = be16_put(1400),
	     .asp = be16_put(stage_id(3, STAGE_ASP1)),
	     .sa_out = be32_put(settings & ASE_SHIM_NO_SA_OUT ? 0 : 1),
	     .outer_context = be32_put(WAN),
	     .remote = ip_addr_v4(REMOTE_END)},
	};

	if (settings & ASE_SHIM_ECONOMICAL)
		rows[2].flags |= CTL_CIRCUIT_ECONOMICAL;
	return fake_rows(f, CTL_CIRCUITS, generation, CTL_OP_SET, rows,
			 sizeof rows);
}

static struct ctl_adj
shim_adj(uint32_t id, enum ctl_adj_kind kind, uint32_t circuit, unsigned slot,
	 uint32_t next_hop)
{
	return (struct ctl_adj){.id = be32_put(id),
				.circuit = be32_put(circuit),
				.next_hop = ip_addr_v4(next_hop),
				.stage = be16_put(stage_id(slot, STAGE_EPPA)),
				.kind = (uint8_t)kind};
}

static int
shim_adjacencies(struct fake *f, uint32_t generation)
{
	const struct ctl_adj rows[] = {
	    shim_adj(1, CTL_ADJ_ATTACHED, 1, 2, 0), /* linked: 2/eppa alone */
	    shim_adj(2, CTL_ADJ_ATTACHED, 2, 2, 0),
	    shim_adj(3, CTL_ADJ_TUNNEL, 5, 0, 0),
	    shim_adj(4, CTL_ADJ_NULL, 0, 0, 0),
	    shim_adj(5, CTL_ADJ_LOCAL, 0, 0, 0),
	    shim_adj(6, CTL_ADJ_FORWARD, 2, 2, 0xc0000207),
	};

	return fake_rows(f, CTL_ADJACENCIES, generation, CTL_OP_SET, rows,
			 sizeof rows);
}

static struct ctl_route
shim_route(uint32_t context, uint32_t prefix, unsigned len, uint32_t adj)
{
	return (struct ctl_route){.context = be32_put(context),
				  .prefix = ip_addr_v4(prefix),
				  .adj = be32_put(adj),
				  .len = (uint8_t)len};
}

static int
shim_routes(struct fake *f, uint32_t generation, unsigned settings)
{
	const struct ctl_route lan[] = {
	    shim_route(LAN, 0x0a010000, 16, 1),
	    shim_route(LAN, 0x0a020000, 16, 3),
	    shim_route(LAN, 0x0a030000, 16, 4),
	    shim_route(LAN, 0x0aff0001, 32, 5),
	    shim_route(LAN, 0x0a090000, 16, 6),
	};
	const struct ctl_route wan[] = {shim_route(
	    WAN, 0xc0000200, 24, settings & ASE_SHIM_RECURSIVE ? 3 : 2)};
	int err =
	    fake_rows(f, CTL_ROUTES, generation, CTL_OP_SET, lan, sizeof lan);

	if (err != 0 || settings & ASE_SHIM_UNROUTED)
		return err;
	return fake_rows(f, CTL_ROUTES, generation, CTL_OP_SET, wan,
			 sizeof wan);
}

static struct ctl_sa
shim_sa(uint32_t id, enum ctl_sa_direction direction)
{
	struct ctl_sa sa = {
	    .id = be32_put(id),
	    .context = be32_put(WAN),
	    .spi = be32_put(0x1001),
	    .src = ip_addr_v4(LOCAL_END),
	    .dst = ip_addr_v4(REMOTE_END),
	    .flow_label = be32_put(CTL_FLOW_COPY),
	    .circuit = be32_put(5),
	    .seq_first = be64_put(1),
	    .seq_granted = be64_put(1000000),
	    .direction = (uint8_t)direction,
	    .protocol = IP_PROTO_ESP,
	    .encryption = IPSEC_ALG_AES128_GCM16,
	    .authentication = IPSEC_ALG_NONE,
	    .dscp = CTL_DSCP_COPY,
	    .ttl = 64,
	    .replay_window = be16_put(64),
	    .encryption_octets = 20,
	};

	for (unsigned i = 0; i < 20; i++)
		sa.encryption_key[i] = (uint8_t)(i * 7);
	return sa;
}

static int
shim_sas(struct fake *f, uint32_t generation, unsigned settings)
{
	struct ctl_sa rows[] = {shim_sa(1, CTL_SA_OUT), shim_sa(2, CTL_SA_IN)};

	if (settings & ASE_SHIM_SCARCE)
		rows[0].seq_granted = be64_put(4);
	return fake_rows(f, CTL_SAS, generation, CTL_OP_SET, rows, sizeof rows);
}

int
ase_shim_tables(struct fake *f, uint32_t generation, unsigned settings)
{
	if (shim_circuits(f, generation, settings) != 0 ||
	    shim_adjacencies(f, generation) != 0 ||
	    shim_routes(f, generation, settings) != 0 ||
	    shim_sas(f, generation, settings) != 0)
		return -EIO;
	return fake_activate(f, generation);
}

int
ase_shim_sa_delete(struct fake *f, uint32_t generation, uint32_t id)
{
	struct ctl_sa row = shim_sa(id, CTL_SA_IN);

	return fake_rows(f, CTL_SAS, generation, CTL_OP_DELETE, &row,
			 sizeof row);
}

int
ase_shim_sa_bad(struct fake *f, uint32_t generation)
{
	struct ctl_sa row = shim_sa(9, CTL_SA_OUT);

	row.encryption_octets = 19;
	return fake_rows(f, CTL_SAS, generation, CTL_OP_SET, &row, sizeof row);
}

int
ase_shim_grant(struct fake *f, uint32_t sa, uint64_t until)
{
	struct ctl_seq body = {.sa = be32_put(sa), .until = be64_put(until)};

	return fake_send(f, CTL_SEQ_GRANT, &body, NULL, 0);
}

uint32_t
ase_shim_seq_sa(const struct fake_msg *msg)
{
	struct ctl_seq body;

	memcpy(&body, msg->body, sizeof body);
	return be32_get(body.sa);
}

void
ase_shim_ipv4(struct fake_pkt *p, uint32_t src, uint32_t dst, unsigned ttl,
	      unsigned n)
{
	struct ipv4_hdr ip = {
	    .version_ihl = 0x45,
	    .total_length = be16_put((uint16_t)(sizeof ip + n)),
	    .ttl = (uint8_t)ttl,
	    .protocol = IP_PROTO_UDP,
	    .src = be32_put(src),
	    .dst = be32_put(dst),
	};

	ip.checksum = be16_put(ip_cksum(&ip, sizeof ip));
	p->len = (unsigned)sizeof ip + n;
	memcpy(p->octets, &ip, sizeof ip);
	for (unsigned i = 0; i < n; i++)
		p->octets[sizeof ip + i] = (uint8_t)(i * 3);
}

bool
ase_shim_cksum_right(const struct fake_pkt *p)
{
	return ip_cksum(p->octets, sizeof(struct ipv4_hdr)) == 0;
}

uint64_t
ase_shim_circuit_in(const struct fake *f, uint32_t id)
{
	return counter_get(&fake_stats(f)->circuit[id].in_packets);
}

uint64_t
ase_shim_circuit_out(const struct fake *f, uint32_t id)
{
	return counter_get(&fake_stats(f)->circuit[id].out_packets);
}

uint64_t
ase_shim_sa_packets(const struct fake *f, uint32_t id)
{
	return counter_get(&fake_stats(f)->sa[id][SA_COUNTER_PACKETS]);
}

const char *
ase_shim_uses(const struct fake *f)
{
	return alg_engine_word(fake_engine(f));
}

const char *
ase_shim_sa_runs(const struct fake *f, uint32_t id)
{
	return alg_engine_word(
	    (unsigned)counter_get(&fake_stats(f)->sa_engine[id]));
}

int
ase_shim_engine(const char *engine)
{
	struct asecard_args args = {.slot = 3,
				    .asp = 1,
				    .epoch = 1,
				    .buffers = 16,
				    .engine = engine,
				    .endpoint = "inproc://none"};

	return asecard_run(&args);
}
