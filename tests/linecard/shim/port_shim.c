/* The C face of port.h and port_far.h for C++ tests. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cap_link.h"
#include "port.h"
#include "port_shim.h"

#define PORT_SHIM_FRAMES 64
#define PORT_SHIM_OCTETS 20000

/* The third implementation of a far end: frames in memory. */
struct port_shim_far {
	struct port_far far;
	struct cap_rec rec[PORT_SHIM_FRAMES];
	uint8_t octets[PORT_SHIM_OCTETS];
	unsigned n;
	unsigned next;
	int end;
};

struct port_shim {
	struct port port;
	struct pkt_pool pool;
	struct pkt_mem mem;
	struct port_shim_far *list;
};

static int
port_shim_far_read(struct port_far *far, struct cap_rec *rec)
{
	struct port_shim_far *list = (struct port_shim_far *)far;

	if (list->next == list->n)
		return list->end;
	*rec = list->rec[list->next++];
	memset(list->octets, (int)list->next, rec->caplen);
	rec->data = list->octets;
	return 1;
}

static const char *
port_shim_far_why(const struct port_far *far)
{
	(void)far;
	return "list: damaged";
}

static int
port_shim_far_close(struct port_far *far)
{
	free(far);
	return 0;
}

static const struct port_far_ops port_shim_far_ops = {
    .read = port_shim_far_read,
    .why = port_shim_far_why,
    .close = port_shim_far_close,
};

struct port_shim *
port_shim_new(unsigned buffers)
{
	struct port_shim *shim = calloc(1, sizeof(*shim));

	if (shim == NULL)
		return NULL;
	shim->mem.count[0] = buffers;
	shim->mem.base[0] = malloc((size_t)buffers * PKT_BUF_OCTETS);
	shim->list = calloc(1, sizeof(*shim->list));
	if (shim->mem.base[0] == NULL || shim->list == NULL ||
	    pkt_pool_init(&shim->pool, 0, buffers) < 0)
		abort();
	shim->list->far.ops = &port_shim_far_ops;
	return shim;
}

void
port_shim_free(struct port_shim *shim)
{
	port_fini(&shim->port);
	pkt_pool_fini(&shim->pool);
	free(shim->mem.base[0]);
	free(shim->list);
	free(shim);
}

void
port_shim_frame(struct port_shim *shim, uint64_t time_ns, uint32_t len)
{
	shim->list->rec[shim->list->n++] = (struct cap_rec){
	    .time_ns = time_ns,
	    .caplen = len,
	    .len = len,
	    .link = CAP_LINK_ETHERNET,
	};
}

void
port_shim_receive(struct port_shim *shim, int end)
{
	shim->list->end = end;
	port_receive(&shim->port, &shim->list->far, 9, 1, false);
	shim->list = NULL;
}

int
port_shim_receive_file(struct port_shim *shim, const char *path)
{
	struct port_far *far = NULL;
	int rc = port_file_in(&far, path, NULL);

	if (rc == 0)
		port_receive(&shim->port, far, 9, 1, false);
	return rc;
}

int
port_shim_fill(struct port_shim *shim, unsigned per_port)
{
	return port_fill(&shim->port, &shim->pool, &shim->mem, per_port);
}

int
port_shim_first(struct port_shim *shim, struct port_shim_staged *staged)
{
	const struct port_staged *s = port_first(&shim->port);

	if (s == NULL)
		return 0;
	*staged = (struct port_shim_staged){
	    .time_ns = s->pkt.time_ns,
	    .order_ns = s->pkt.order_ns,
	    .index = s->pkt.index,
	    .len = s->pkt.len,
	    .wire_len = s->frame.wire_len,
	    .bare = s->bare,
	    .octets = s->bare ? NULL : pkt_data(&shim->mem, &s->pkt),
	};
	return 1;
}

void
port_shim_shift(struct port_shim *shim)
{
	const struct port_staged *s = port_first(&shim->port);

	if (!s->bare)
		pkt_free(&shim->pool, &s->pkt);
	port_shift(&shim->port);
}

uint64_t
port_shim_next_ns(const struct port_shim *shim)
{
	return port_next_ns(&shim->port);
}

uint64_t
port_shim_limit_ns(const struct port_shim *shim)
{
	return port_limit_ns(&shim->port);
}

int
port_shim_ended(const struct port_shim *shim)
{
	return port_ended(&shim->port);
}

int
port_shim_error(const struct port_shim *shim)
{
	return shim->port.error;
}

const char *
port_shim_why(const struct port_shim *shim)
{
	return shim->port.why.text;
}

int
port_shim_send_file(struct port_shim *shim, const char *path, int pcapng)
{
	struct port_far *far = NULL;
	int rc = port_file_out(&far, path, pcapng ? CAP_PCAPNG : CAP_PCAP,
			       "1/1", NULL);

	if (rc == 0)
		port_send(&shim->port, far);
	return rc;
}

int
port_shim_write(struct port_shim *shim, uint32_t round, uint64_t order_ns,
		uint32_t index, uint64_t time_ns, unsigned len)
{
	struct pkt p = {
	    .time_ns = time_ns,
	    .order_ns = order_ns,
	    .index = index,
	    .round = round,
	    .len = (uint16_t)len,
	};
	uint8_t octets[PKT_OCTETS_MAX];

	memset(octets, (int)index, len);
	return port_write(&shim->port, &p, 0, octets);
}

int
port_shim_wire(struct port_shim *shim, int headers)
{
	enum port_wire_form form = headers ? PORT_WIRE_LAB : PORT_WIRE_BARE;
	struct port_far *in = NULL;
	struct port_far *out = NULL;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd) != 0 ||
	    port_wire(&in, fd[0], form, NULL) != 0 ||
	    port_wire(&out, fd[0], form, NULL) != 0)
		abort();
	port_receive(&shim->port, in, 9, 1, true);
	port_send(&shim->port, out);
	return fd[1];
}

int
port_shim_wire_read(struct port_shim *shim, uint64_t *trace, uint64_t *time_ns,
		    const uint8_t **frame, unsigned *octets)
{
	struct port_far *in = shim->port.in;
	struct cap_rec rec;
	int rc = in->ops->read(in, &rec);

	if (rc != 1)
		return rc;
	*trace = rec.trace;
	*time_ns = rec.time_ns;
	*frame = rec.data;
	*octets = rec.caplen;
	return rc;
}

int
port_shim_wire_write(struct port_shim *shim, uint64_t trace, uint64_t time_ns,
		     unsigned len)
{
	struct pkt p = {.time_ns = time_ns, .len = (uint16_t)len};
	uint8_t octets[PKT_OCTETS_MAX];

	memset(octets, 0x5a, len);
	return port_write(&shim->port, &p, trace, octets);
}

int
port_shim_flush(struct port_shim *shim, uint32_t round)
{
	return port_flush(&shim->port, round);
}

int
port_shim_close(struct port_shim *shim)
{
	return port_close_out(&shim->port);
}
