/*
 * Two octets of link type, one of flags (1: strict MAC, 2: the packet comes
 * from an ASP instead of a port), one of octets that the capture cut off, then
 * the frame. It goes the whole way through an ingress processor, and where that
 * sends it to the egress processor of the card, through that too.
 */
#include <stdlib.h>
#include <string.h>

#include "eppa.h"
#include "ip_cksum.h"
#include "ip_hdr.h"
#include "ippa.h"
#include "stage.h"

#define FUZZ_CONTEXT UINT32_C(0x40080001)
#define FUZZ_SLOT 1

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Port 1 with PVC 100, circuit-based tunnel 3, economical tunnel 4. */
static int
fuzz_circuits(struct lc_table *t)
{
	struct circuit c = {
	    .up = true,
	    .bound = true,
	    .slot = FUZZ_SLOT,
	    .port = 1,
	    .mtu = 1500,
	    .context = FUZZ_CONTEXT,
	    .asp = stage_id(3, STAGE_ASP1),
	};
	int rc = 0;

	for (uint32_t id = 1; id <= 4; id++) {
		c.kind = id == 1   ? CIRCUIT_PORT
			 : id == 2 ? CIRCUIT_PVC
				   : CIRCUIT_TUNNEL;
		c.vlan = id == 2 ? 100 : 0;
		c.economical = id == 4;
		rc |= circuit_set(t->fwd.circuits, id, &c);
	}
	return rc;
}

/* A quarter of all addresses to each kind of adjacency, one to ourselves. */
/* A quarter of the addresses of either family leads to each adjacency. */
static int
fuzz_route(struct lc_table *t, uint32_t i)
{
	uint8_t octets[16] = {(uint8_t)(i << 6)};
	struct ip_addr v4 = ip_addr_v4(i << 30);
	struct ip_addr v6 = ip_addr_v6(octets);

	return fib_set_note(t->fwd.fibs, FUZZ_CONTEXT, &v4, 2, i + 1) |
	       fib_set_note(t->fwd.fibs, FUZZ_CONTEXT, &v6, 2, i + 1);
}

static int
fuzz_routes(struct lc_table *t)
{
	static const struct adj adjs[] = {
	    {.kind = ADJ_ATTACHED,
	     .circuit = 2,
	     .stage = FUZZ_SLOT * 8 + STAGE_EPPA},
	    {.kind = ADJ_TUNNEL, .circuit = 3},
	    {.kind = ADJ_TUNNEL, .circuit = 4},
	    {.kind = ADJ_LOCAL},
	};
	struct homing homing = {
	    .key = {FUZZ_CONTEXT, 0x1001, ip_addr_v4(0xc0000201), IP_PROTO_ESP},
	    .circuit = 3,
	    .asp = stage_id(3, STAGE_ASP1),
	};
	int rc = homing_set(t->homings, &homing);

	for (uint32_t i = 0; rc == 0 && i < 4; i++) {
		rc |= adj_set(t->fwd.adjs, i + 1, &adjs[i]);
		rc |= fuzz_route(t, i);
	}
	return rc == 0 ? fib_set_apply(t->fwd.fibs) : rc;
}

/* What every packet that goes on must be. */
static void
fuzz_check(const struct pkt_mem *mem, const struct pkt_vec *v,
	   const struct ippa_way *way)
{
	const struct pkt *p = &v->pkt[0];
	const uint8_t *ip = pkt_data(mem, p);

	if (!pkt_extent_valid(mem, p) || v->fate[0] >= PKT_FATES)
		abort();
	if (v->fate[0] != PKT_GO)
		return;
	if (way->to == STAGE_NONE || p->len < 20)
		abort();
	if (ip[0] >> 4 == 6 ? p->len < 40
			    : ip_cksum(ip, (ip[0] & 15U) * 4) != 0)
		abort();
}

static void
fuzz_run(const struct lc_table *t, const struct pkt_mem *mem,
	 struct ippa_frame *frame, struct pkt_vec *v)
{
	static const uint16_t eppa = FUZZ_SLOT * 8 + STAGE_EPPA;
	struct ippa_way way[1];
	struct eppa_way out[1];

	if (v->pkt[0].flags & PKT_F_OPENED) {
		ippa_recheck(mem, v);
	} else {
		ippa_locate(t, mem, frame, v);
		ippa_strip(v);
		ippa_check(mem, frame, v);
	}
	ippa_route(t, mem, eppa, v, way);
	fuzz_check(mem, v, way);
	if (v->fate[0] != PKT_GO || way[0].to != eppa)
		return;
	eppa_decide(t, mem, FUZZ_SLOT, v, out);
	eppa_rewrite(t, mem, out, v);
	if (!pkt_extent_valid(mem, &v->pkt[0]) ||
	    (v->fate[0] == PKT_GO && !out[0].loop &&
	     (v->pkt[0].flags & PKT_F_PROTECT)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pkt_vec *v = calloc(1, sizeof(*v));
	struct pkt_mem *mem = calloc(1, sizeof(*mem));
	uint8_t *buffer = malloc(PKT_BUF_OCTETS);
	struct pkt p = {.in_port = 1, .circuit_in = 3, .off = PKT_HEADROOM};
	struct lc_table t = {0};
	struct ippa_frame frame;

	if (size < 4 || size - 4 > PKT_OCTETS_MAX || v == NULL || mem == NULL ||
	    buffer == NULL || lc_table_init(&t, FUZZ_SLOT) < 0)
		goto done;
	if (fuzz_circuits(&t) != 0 || fuzz_routes(&t) != 0)
		goto done;
	mem->base[0] = buffer;
	mem->count[0] = 1;
	p.len = (uint16_t)(size - 4);
	p.flags = data[2] & 2 ? PKT_F_OPENED : 0;
	memcpy(buffer + PKT_HEADROOM, data + 4, p.len);
	frame = (struct ippa_frame){
	    .link = (uint16_t)(data[0] << 8 | data[1]),
	    .strict_mac = data[2] & 1,
	    .wire_len = (uint32_t)p.len + data[3],
	};
	pkt_vec_push(v, &p);
	fuzz_run(&t, mem, &frame, v);
done:
	lc_table_fini(&t);
	free(buffer);
	free(mem);
	free(v);
	return 0;
}
