/*
 * Live interfaces through libpcap: immediate, promiscuous (the port decides on
 * stations itself), inbound only. Called by linecard/port_live.c, once by the
 * processor that receives and once by the one that sends.
 */
#include "live.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#include "cap_link.h"

#define LIVE_OCTETS 16384

struct live {
	pcap_t *pcap;
	int fd;
};

static int
live_errno(int status)
{
	switch (status) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
	case PCAP_ERROR_IFACE_NOT_UP:
		return -ENODEV;
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return -EPERM;
	default:
		return -EIO;
	}
}

static int
live_start(struct live *live, const char *name, struct cap_error *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	int status;

	live->pcap = pcap_create(name, why);
	if (live->pcap == NULL)
		return cap_error_set(err, -EIO, "%s: %s", name, why);
	(void)pcap_set_snaplen(live->pcap, LIVE_OCTETS);
	(void)pcap_set_promisc(live->pcap, 1);
	(void)pcap_set_immediate_mode(live->pcap, 1);
	(void)pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(live->pcap);
	if (status < 0)
		return cap_error_set(err, live_errno(status), "%s: %s", name,
				     pcap_geterr(live->pcap)[0] != '\0'
					 ? pcap_geterr(live->pcap)
					 : pcap_statustostr(status));
	if (pcap_datalink(live->pcap) != DLT_EN10MB)
		return cap_error_set(err, -EOPNOTSUPP,
				     "%s: not an Ethernet interface", name);
	(void)pcap_setdirection(live->pcap, PCAP_D_IN);
	live->fd = pcap_get_selectable_fd(live->pcap);
	if (live->fd < 0 || pcap_setnonblock(live->pcap, 1, why) != 0)
		return cap_error_set(err, -EIO, "%s: it can not be waited on",
				     name);
	return 0;
}

int
live_open(struct live **out, const char *name, struct cap_error *err)
{
	struct live *live = calloc(1, sizeof(*live));
	int rc;

	if (live == NULL)
		return cap_error_set(err, -ENOMEM, "%s: no memory", name);
	rc = live_start(live, name, err);
	if (rc < 0)
		live_close(&live);
	else
		*out = live;
	return rc;
}

void
live_close(struct live **live)
{
	if (*live == NULL)
		return;
	if ((*live)->pcap != NULL)
		pcap_close((*live)->pcap);
	free(*live);
	*live = NULL;
}

int
live_fd(const struct live *live)
{
	return live->fd;
}

int
live_read(struct live *live, struct cap_rec *rec)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int got = pcap_next_ex(live->pcap, &header, &data);

	if (got == 0)
		return -EAGAIN;
	if (got < 0)
		return -EIO;
	*rec = (struct cap_rec){.time_ns =
				    (uint64_t)header->ts.tv_sec * 1000000000U +
				    (uint64_t)header->ts.tv_usec,
				.data = data,
				.caplen = header->caplen,
				.len = header->len,
				.link = CAP_LINK_ETHERNET};
	return 1;
}

const char *
live_why(const struct live *live)
{
	return pcap_geterr(live->pcap);
}

int
live_write(struct live *live, const uint8_t *frame, unsigned octets)
{
	if (pcap_inject(live->pcap, frame, octets) >= 0)
		return 0;
	return errno == ENOBUFS || errno == EAGAIN ? -EAGAIN : -EIO;
}
