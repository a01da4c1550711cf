/* The C face of lab/flow.h and lab/end_station.h for C++ tests. */
#include "station_shim.h"

#include <stdlib.h>
#include <string.h>

#include "end_station.h"
#include "flow.h"
#include "ip_cksum.h"
#include "ip_hdr.h"

struct flow_shim {
	struct flow flow;
};

struct station_shim {
	struct wire_end *end;
	struct wire_batch batch;
};

struct flow_shim *
flow_shim_new(const struct flow_shim_conf *conf)
{
	struct flow_conf c = {.src_mac = {2, 0, 0, 0, 0, 1},
			      .dst_mac = {2, 0, 0, 0, 0, 2},
			      .vlan = (uint16_t)conf->vlan,
			      .protocol = (uint8_t)conf->protocol,
			      .sizes = conf->imix ? FLOW_SIZES_IMIX
						  : FLOW_SIZES_RANGE,
			      .size_low = (uint16_t)conf->size_low,
			      .size_high = (uint16_t)conf->size_high,
			      .src_port_low = 1000,
			      .src_port_high = 1000,
			      .dst_port_low = (uint16_t)conf->port_low,
			      .dst_port_high = (uint16_t)conf->port_high,
			      .rate_pps = conf->rate_pps,
			      .rate_bps = conf->rate_bps,
			      .count = conf->count,
			      .start_ns = conf->start_ns,
			      .seed = conf->seed};
	struct flow_shim *shim = calloc(1, sizeof(*shim));

	if (shim == NULL || ip_addr_parse(conf->src, &c.src) != 0 ||
	    ip_addr_parse(conf->dst, &c.dst) != 0)
		abort();
	if (flow_init(&shim->flow, &c) == 0)
		return shim;
	free(shim);
	return NULL;
}

void
flow_shim_free(struct flow_shim *shim)
{
	free(shim);
}

uint64_t
flow_shim_next(const struct flow_shim *shim)
{
	return flow_next_ns(&shim->flow);
}

uint32_t
flow_shim_take(struct flow_shim *shim, uint8_t *frame)
{
	return flow_take(&shim->flow, frame);
}

unsigned
flow_shim_sum(const uint8_t *octets, unsigned len)
{
	return ip_cksum(octets, len);
}

unsigned
flow_shim_sum4(const uint8_t *ip)
{
	struct ipv4_hdr hdr;

	memcpy(&hdr, ip, sizeof(hdr));
	return ip_cksum_pseudo(&hdr.src, &hdr.dst, 4, hdr.protocol,
			       ip + sizeof(hdr),
			       be16_get(hdr.total_length) - sizeof(hdr));
}

unsigned
flow_shim_sum6(const uint8_t *ip)
{
	struct ipv6_hdr hdr;

	memcpy(&hdr, ip, sizeof(hdr));
	return ip_cksum_pseudo(hdr.src, hdr.dst, 16, hdr.next_header,
			       ip + sizeof(hdr), be16_get(hdr.payload_length));
}

struct station_shim *
station_shim_new(const char *source, uint64_t pps, const char *sink)
{
	struct station_shim *shim = calloc(1, sizeof(*shim));
	struct end_station_conf conf = {.sink = sink, .name = "station"};
	enum source_pace pace =
	    pps == 0 ? SOURCE_PACE_CAPTURE : SOURCE_PACE_PPS;

	if (shim == NULL)
		abort();
	if ((source == NULL ||
	     source_capture(&conf.source, source, pace, pps, NULL) == 0) &&
	    end_station(&shim->end, &conf, NULL) == 0)
		return shim;
	source_close(&conf.source);
	free(shim);
	return NULL;
}

void
station_shim_free(struct station_shim *shim)
{
	wire_end_close(&shim->end);
	free(shim);
}

void
station_shim_start(struct station_shim *shim, uint64_t now_ns)
{
	shim->end->ops->start(shim->end, now_ns);
}

uint64_t
station_shim_next(const struct station_shim *shim)
{
	return shim->end->ops->next_ns(shim->end);
}

int
station_shim_read(struct station_shim *shim, uint64_t now_ns)
{
	uint64_t malformed = 0;

	return shim->end->ops->read(shim->end, &shim->batch, now_ns,
				    &malformed);
}

uint32_t
station_shim_frame(const struct station_shim *shim, unsigned i,
		   const uint8_t **data, uint64_t *time_ns)
{
	const struct wire_frame *f = &shim->batch.frame[i];

	*data = f->data;
	*time_ns = f->time_ns;
	return f->octets;
}

void
station_shim_unread(struct station_shim *shim, unsigned n)
{
	shim->end->ops->unread(shim->end, n);
}

void
station_shim_write(struct station_shim *shim, uint64_t time_ns,
		   const uint8_t *data, uint32_t octets)
{
	struct wire_frame f = {
	    .data = data, .octets = octets, .time_ns = time_ns};

	if (shim->end->ops->write(shim->end, &f, 1) != 1)
		abort();
}
