/*
 * libpcap, loaded when it is first wanted. It brings a dozen libraries along
 * (D-Bus, systemd, compressors), which every process of every router would map
 * at its start, for filters and interfaces that few of them ever have.
 */
#ifndef PCAP_LIB_H
#define PCAP_LIB_H

#include <pcap/pcap.h>

#include "cap_error.h"

#define PCAP_CALLS(X)                                                          \
	X(activate)                                                            \
	X(close)                                                               \
	X(compile)                                                             \
	X(create)                                                              \
	X(datalink)                                                            \
	X(freecode)                                                            \
	X(get_selectable_fd)                                                   \
	X(geterr)                                                              \
	X(inject)                                                              \
	X(next_ex)                                                             \
	X(offline_filter)                                                      \
	X(open_dead)                                                           \
	X(set_immediate_mode)                                                  \
	X(set_promisc)                                                         \
	X(set_snaplen)                                                         \
	X(set_tstamp_precision)                                                \
	X(setdirection)                                                        \
	X(setnonblock)                                                         \
	X(statustostr)

struct pcap_lib {
	void *handle;
#define X(name) __typeof__(&pcap_##name) name;
	PCAP_CALLS(X)
#undef X
};

/* 0; -ENOENT: it is not installed, or lacks a call, with a sentence. */
int pcap_lib_open(struct pcap_lib *lib, struct cap_error *err);
/* Accepts what was never opened. */
void pcap_lib_close(struct pcap_lib *lib);

#endif
