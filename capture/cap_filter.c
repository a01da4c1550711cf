/*
 * Two programs of one expression: libpcap compiles for a link type, and packets
 * inside the machine have no link header.
 */
#include "cap_filter.h"

#include <errno.h>
#include <stdlib.h>

#include "cap_link.h"
#include "pcap_lib.h"

#define SNAPLEN 262144

struct cap_filter {
	struct pcap_lib lib;
	struct bpf_program ethernet;
	struct bpf_program raw;
	bool has_raw;
};

static int
compile(const struct pcap_lib *lib, struct bpf_program *program, int link,
	const char *expression, struct cap_error *err)
{
	pcap_t *pcap = lib->open_dead(link, SNAPLEN);
	int error = 0;

	if (pcap == NULL)
		return cap_error_set(err, -ENOMEM, "filter: no memory");
	if (lib->compile(pcap, program, expression, 1, PCAP_NETMASK_UNKNOWN) !=
	    0)
		error = cap_error_set(err, -EINVAL, "filter \"%s\": %s",
				      expression, lib->geterr(pcap));
	lib->close(pcap);
	return error;
}

int
cap_filter_new(struct cap_filter **f, const char *expression,
	       struct cap_error *err)
{
	struct cap_filter *made = calloc(1, sizeof(*made));
	int error;

	if (made == NULL)
		return cap_error_set(err, -ENOMEM, "filter: no memory");
	error = pcap_lib_open(&made->lib, err);
	if (error == 0)
		error = compile(&made->lib, &made->ethernet, DLT_EN10MB,
				expression, err);
	if (error != 0) {
		pcap_lib_close(&made->lib);
		free(made);
		return error;
	}
	made->has_raw =
	    compile(&made->lib, &made->raw, DLT_RAW, expression, NULL) == 0;
	*f = made;
	return 0;
}

static const struct bpf_program *
program_for(const struct cap_filter *f, uint16_t link)
{
	switch (link) {
	case CAP_LINK_ETHERNET:
		return &f->ethernet;
	case CAP_LINK_RAW:
	case CAP_LINK_RAW_DLT:
	case CAP_LINK_RAW_OPENBSD:
	case CAP_LINK_IPV4:
	case CAP_LINK_IPV6:
		return f->has_raw ? &f->raw : NULL;
	default:
		return NULL;
	}
}

bool
cap_filter_matches(const struct cap_filter *f, uint16_t link,
		   const uint8_t *data, uint32_t caplen, uint32_t len)
{
	const struct bpf_program *program = program_for(f, link);
	struct pcap_pkthdr header = {.caplen = caplen, .len = len};

	return program != NULL &&
	       f->lib.offline_filter(program, &header, data) != 0;
}

void
cap_filter_free(struct cap_filter **f)
{
	if (*f == NULL)
		return;
	(*f)->lib.freecode(&(*f)->ethernet);
	if ((*f)->has_raw)
		(*f)->lib.freecode(&(*f)->raw);
	pcap_lib_close(&(*f)->lib);
	free(*f);
	*f = NULL;
}
