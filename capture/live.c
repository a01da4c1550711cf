/*
 * Live interfaces through libpcap: immediate, promiscuous (the port decides on
 * stations itself), inbound only. Called by linecard/port_live.c, once by the
 * processor that receives and once by the one that sends.
 */
#include "live.h"

#include <errno.h>
#include <stdlib.h>

#include "cap_link.h"
#include "pcap_lib.h"

#define LIVE_OCTETS 16384

struct live {
	struct pcap_lib lib;
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

	live->pcap = live->lib.create(name, why);
	if (live->pcap == NULL)
		return cap_error_set(err, -EIO, "%s: %s", name, why);
	(void)live->lib.set_snaplen(live->pcap, LIVE_OCTETS);
	(void)live->lib.set_promisc(live->pcap, 1);
	(void)live->lib.set_immediate_mode(live->pcap, 1);
	(void)live->lib.set_tstamp_precision(live->pcap,
					     PCAP_TSTAMP_PRECISION_NANO);
	status = live->lib.activate(live->pcap);
	if (status < 0)
		return cap_error_set(err, live_errno(status), "%s: %s", name,
				     live->lib.geterr(live->pcap)[0] != '\0'
					 ? live->lib.geterr(live->pcap)
					 : live->lib.statustostr(status));
	if (live->lib.datalink(live->pcap) != DLT_EN10MB)
		return cap_error_set(err, -EOPNOTSUPP,
				     "%s: not an Ethernet interface", name);
	(void)live->lib.setdirection(live->pcap, PCAP_D_IN);
	live->fd = live->lib.get_selectable_fd(live->pcap);
	if (live->fd < 0 || live->lib.setnonblock(live->pcap, 1, why) != 0)
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
	rc = pcap_lib_open(&live->lib, err);
	if (rc == 0)
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
		(*live)->lib.close((*live)->pcap);
	pcap_lib_close(&(*live)->lib);
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
	int got = live->lib.next_ex(live->pcap, &header, &data);

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
	return live->lib.geterr(live->pcap);
}

int
live_write(struct live *live, const uint8_t *frame, unsigned octets)
{
	if (live->lib.inject(live->pcap, frame, octets) >= 0)
		return 0;
	return errno == ENOBUFS || errno == EAGAIN ? -EAGAIN : -EIO;
}
