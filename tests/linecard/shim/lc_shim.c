/* The C face of ippa.h, eppa.h and lc_table.h for C++ tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cap_read.h"
#include "eppa.h"
#include "ip_cksum.h"
#include "ippa.h"
#include "lc_shim.h"
#include "stage.h"

struct lc_shim {
	unsigned slot;
	struct lc_table table;
	struct pkt_pool pool;
	struct pkt_mem mem;
	struct pkt_vec vec;
	struct ippa_frame frame[PKT_VEC_MAX];
	struct ippa_way in_way[PKT_VEC_MAX];
	struct eppa_way out_way[PKT_VEC_MAX];
};

static_assert((int)LC_SHIM_PROTECT == (int)PKT_F_PROTECT &&
		  (int)LC_SHIM_ECONOMICAL == (int)PKT_F_ECONOMICAL &&
		  (int)LC_SHIM_DOWN == (int)CTL_ADJ_DOWN &&
		  (int)LC_SHIM_TUNNEL == (int)CTL_CIRCUIT_TUNNEL,
	      "the shim numbers as the program does");

struct lc_shim *
lc_shim_new(unsigned slot)
{
	struct lc_shim *shim = calloc(1, sizeof(*shim));

	if (shim == NULL)
		return NULL;
	shim->slot = slot;
	shim->mem.count[0] = PKT_VEC_MAX;
	shim->mem.base[0] = malloc((size_t)PKT_VEC_MAX * PKT_BUF_OCTETS);
	if (shim->mem.base[0] == NULL ||
	    pkt_pool_init(&shim->pool, 0, PKT_VEC_MAX) < 0 ||
	    lc_table_init(&shim->table, slot) < 0)
		abort();
	return shim;
}

void
lc_shim_free(struct lc_shim *shim)
{
	lc_table_fini(&shim->table);
	pkt_pool_fini(&shim->pool);
	free(shim->mem.base[0]);
	free(shim);
}

static int
lc_shim_row(struct lc_shim *shim, enum ctl_type table, const void *row)
{
	return lc_table_rows(&shim->table, table, CTL_OP_SET, row, 1);
}

int
lc_shim_put_circuit(struct lc_shim *shim, const struct lc_shim_circuit *c)
{
	struct ctl_circuit row = {
	    .id = be32_put(c->id),
	    .context = be32_put(c->context),
	    .kind = (uint8_t)c->kind,
	    .flags = (uint8_t)((c->up ? CTL_CIRCUIT_UP : 0) |
			       (c->bound ? CTL_CIRCUIT_BOUND : 0) |
			       (c->economical ? CTL_CIRCUIT_ECONOMICAL : 0)),
	    .slot = (uint8_t)c->slot,
	    .port = (uint8_t)c->port,
	    .vlan = be16_put((uint16_t)c->vlan),
	    .mtu = be16_put((uint16_t)c->mtu),
	    .asp = be16_put((uint16_t)c->asp),
	};

	memcpy(row.mac, c->mac, sizeof(row.mac));
	return lc_shim_row(shim, CTL_CIRCUITS, &row);
}

int
lc_shim_circuit_delete(struct lc_shim *shim, uint32_t id)
{
	struct ctl_circuit row = {.id = be32_put(id)};

	return lc_table_rows(&shim->table, CTL_CIRCUITS, CTL_OP_DELETE,
			     (const uint8_t *)&row, 1);
}

int
lc_shim_adj(struct lc_shim *shim, uint32_t id, int kind, uint32_t circuit,
	    uint32_t next_hop, unsigned stage)
{
	struct ctl_adj row = {
	    .id = be32_put(id),
	    .kind = (uint8_t)kind,
	    .circuit = be32_put(circuit),
	    .next_hop = kind == LC_SHIM_FORWARD ? ip_addr_v4(next_hop)
						: (struct ip_addr){0},
	    .stage = be16_put((uint16_t)stage),
	};

	return lc_shim_row(shim, CTL_ADJACENCIES, &row);
}

int
lc_shim_route(struct lc_shim *shim, uint32_t context, uint32_t prefix,
	      unsigned len, uint32_t adj)
{
	struct ctl_route row = {
	    .context = be32_put(context),
	    .prefix = ip_addr_v4(prefix),
	    .len = (uint8_t)len,
	    .adj = be32_put(adj),
	};
	int rc = lc_shim_row(shim, CTL_ROUTES, &row);

	return rc < 0 ? rc : fib_set_apply(shim->table.fwd.fibs);
}

int
lc_shim_homing(struct lc_shim *shim, uint32_t context, uint32_t spi,
	       uint32_t dst, uint32_t circuit, unsigned asp)
{
	struct ctl_homing row = {
	    .context = be32_put(context),
	    .spi = be32_put(spi),
	    .dst = ip_addr_v4(dst),
	    .circuit = be32_put(circuit),
	    .asp = be16_put((uint16_t)asp),
	    .protocol = 50,
	};

	return lc_shim_row(shim, CTL_HOMINGS, &row);
}

int
lc_shim_sa(struct lc_shim *shim)
{
	struct ctl_sa row = {.id = be32_put(1)};

	return lc_shim_row(shim, CTL_SAS, &row);
}

void
lc_shim_clear(struct lc_shim *shim)
{
	for (unsigned i = 0; i < shim->vec.n; i++)
		pkt_free(&shim->pool, &shim->vec.pkt[i]);
	shim->vec.n = 0;
}

static struct pkt *
lc_shim_push(struct lc_shim *shim, const uint8_t *octets, unsigned len)
{
	struct pkt p = {.in_port = 1};

	if (shim->vec.n == PKT_VEC_MAX || !pkt_alloc(&shim->pool, &p))
		abort();
	p.len = (uint16_t)len;
	if (len > 0)
		memcpy(pkt_data(&shim->mem, &p), octets, len);
	return pkt_vec_push(&shim->vec, &p);
}

void
lc_shim_frame(struct lc_shim *shim, unsigned link, const uint8_t *octets,
	      unsigned caplen, unsigned len, int strict_mac)
{
	shim->frame[shim->vec.n] = (struct ippa_frame){
	    .wire_len = len,
	    .link = (uint16_t)link,
	    .strict_mac = strict_mac != 0,
	};
	(void)lc_shim_push(shim, octets, caplen);
}

void
lc_shim_put_packet(struct lc_shim *shim, const uint8_t *octets, unsigned len,
		   const struct lc_shim_packet *packet)
{
	struct pkt *p = lc_shim_push(shim, octets, len);

	p->circuit_in = packet->circuit_in;
	p->circuit_out = packet->circuit_out;
	p->handle = packet->handle;
	p->flags = (uint16_t)packet->flags;
}

void
lc_shim_headroom(struct lc_shim *shim, unsigned octets)
{
	shim->vec.pkt[shim->vec.n - 1].off = (uint16_t)octets;
}

void
lc_shim_receive(struct lc_shim *shim)
{
	ippa_locate(&shim->table, &shim->mem, shim->frame, &shim->vec);
	ippa_strip(&shim->vec);
	ippa_check(&shim->mem, shim->frame, &shim->vec);
	ippa_route(&shim->table, &shim->mem, stage_id(shim->slot, STAGE_EPPA),
		   &shim->vec, shim->in_way);
}

void
lc_shim_opened(struct lc_shim *shim)
{
	ippa_recheck(&shim->mem, &shim->vec);
	ippa_route(&shim->table, &shim->mem, stage_id(shim->slot, STAGE_EPPA),
		   &shim->vec, shim->in_way);
}

void
lc_shim_looped(struct lc_shim *shim)
{
	ippa_loop(&shim->table, &shim->vec, shim->in_way);
}

void
lc_shim_egress(struct lc_shim *shim)
{
	eppa_decide(&shim->table, &shim->mem, shim->slot, &shim->vec,
		    shim->out_way);
	eppa_rewrite(&shim->table, &shim->mem, shim->out_way, &shim->vec);
}

void
lc_shim_get_result(const struct lc_shim *shim, unsigned i,
		   struct lc_shim_result *result)
{
	const struct pkt *p = &shim->vec.pkt[i];

	*result = (struct lc_shim_result){
	    .fate = shim->vec.fate[i] == PKT_GO
			? "go"
			: pkt_fate_name(shim->vec.fate[i]),
	    .to = shim->in_way[i].to,
	    .loop = shim->out_way[i].loop,
	    .packet =
		{
		    .circuit_in = p->circuit_in,
		    .circuit_out = p->circuit_out,
		    .handle = p->handle,
		    .flags = p->flags,
		},
	    .octets = pkt_data(&shim->mem, p),
	    .len = p->len,
	};
}

unsigned
lc_shim_stage(unsigned slot, const char *role)
{
	char text[STAGE_NAME_MAX];

	if (slot == 0)
		return stage_id(0, STAGE_XCRP);
	(void)snprintf(text, sizeof(text), "%u/%s", slot, role);
	return stage_parse(text, strlen(text));
}

uint16_t
lc_shim_cksum(const uint8_t *octets, size_t n)
{
	return ip_cksum(octets, n);
}

int
lc_shim_capture(const char *path,
		void (*f)(void *arg, unsigned link, const uint8_t *octets,
			  unsigned caplen, unsigned len),
		void *arg)
{
	struct cap_read *reader = NULL;
	struct cap_rec rec;

	if (cap_read_open(&reader, path, NULL) < 0)
		return -1;
	while (cap_read_next(reader, &rec) == 1) {
		if (rec.caplen <= PKT_OCTETS_MAX)
			f(arg, rec.link, rec.data, rec.caplen, rec.len);
	}
	cap_read_close(&reader);
	return 0;
}
