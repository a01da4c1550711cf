/* Asks for nanoseconds, so that times can be compared whole. */
#include "libpcap_shim.h"

#include <stdlib.h>

#include <pcap/pcap.h>

struct libpcap_shim {
	pcap_t *pcap;
};

struct libpcap_shim *
libpcap_shim_open(const char *path)
{
	char text[PCAP_ERRBUF_SIZE];
	struct libpcap_shim *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->pcap = pcap_open_offline_with_tstamp_precision(
	    path, PCAP_TSTAMP_PRECISION_NANO, text);
	if (s->pcap == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

int
libpcap_shim_next(struct libpcap_shim *s, struct shim_rec *rec)
{
	struct pcap_pkthdr *header;
	const uint8_t *data;
	int answer = pcap_next_ex(s->pcap, &header, &data);

	if (answer == PCAP_ERROR_BREAK)
		return 0;
	if (answer != 1)
		return -1;
	*rec = (struct shim_rec){
	    .time_ns = (uint64_t)header->ts.tv_sec * 1000000000U +
		       (uint64_t)header->ts.tv_usec,
	    .data = data,
	    .caplen = header->caplen,
	    .len = header->len,
	    .link = (uint16_t)pcap_datalink(s->pcap),
	};
	return 1;
}

uint32_t
libpcap_shim_snaplen(const struct libpcap_shim *s)
{
	return (uint32_t)pcap_snapshot(s->pcap);
}

void
libpcap_shim_close(struct libpcap_shim *s)
{
	if (s == NULL)
		return;
	pcap_close(s->pcap);
	free(s);
}
