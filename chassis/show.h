/*
 * The topics of `show`, one function each: JSON whose keys docs/man/cli.1
 * lists. The caller owns what they return; NULL without memory.
 */
#ifndef SHOW_H
#define SHOW_H

#include <jansson.h>

#include "chs.h"

json_t *show_ip_route(struct chs *chs, const json_t *args);
json_t *show_ip_interface(struct chs *chs, const json_t *args);
json_t *show_ipv6_route(struct chs *chs, const json_t *args);
json_t *show_ipv6_interface(struct chs *chs, const json_t *args);
json_t *show_ipsec_tunnel(struct chs *chs, const json_t *args);
json_t *show_ipsec_algorithms(struct chs *chs, const json_t *args);
json_t *show_ip_icmp(struct chs *chs, const json_t *args);
json_t *show_punt(struct chs *chs, const json_t *args);
json_t *show_ipsec_sa(struct chs *chs, const json_t *args);
json_t *show_ip_access_list(struct chs *chs, const json_t *args);
json_t *show_ipv6_access_list(struct chs *chs, const json_t *args);
json_t *show_access_group(struct chs *chs, const json_t *args);
json_t *show_qos_policy(struct chs *chs, const json_t *args);
json_t *show_circuit(struct chs *chs, const json_t *args);
json_t *show_circuit_counters(struct chs *chs, const json_t *args);

/* The topics of `clear`: 0 or -ENOMEM. */
int clear_ip_access_list(struct chs *chs, const json_t *args);
int clear_ipv6_access_list(struct chs *chs, const json_t *args);
int clear_access_group(struct chs *chs, const json_t *args);
int clear_circuit_counters(struct chs *chs, const json_t *args);

/* show_port.c */
json_t *show_port(struct chs *chs, const json_t *args);
json_t *show_port_counters(struct chs *chs, const json_t *args);
json_t *show_port_transceiver(struct chs *chs, const json_t *args);
int clear_port_counters(struct chs *chs, const json_t *args);

/* show_ipsec.c */
json_t *show_ipsec_statistics(struct chs *chs, const json_t *args);
int clear_ipsec_counters(struct chs *chs, const json_t *args);

/* show_asp.c */
json_t *show_asp(struct chs *chs, const json_t *args);
json_t *show_asp_pool(struct chs *chs, const json_t *args);
json_t *show_asp_group(struct chs *chs, const json_t *args);
/* Of a process: booting, up, failed, shutdown. */
const char *show_state_name(const struct proc *proc);

/* show_machine.c */
json_t *show_hardware(struct chs *chs, const json_t *args);
json_t *show_process(struct chs *chs, const json_t *args);
json_t *show_memory(struct chs *chs, const json_t *args);
json_t *show_context(struct chs *chs, const json_t *args);
json_t *show_alarm(struct chs *chs, const json_t *args);
json_t *show_ipsec_access_list(struct chs *chs, const json_t *args);
json_t *show_policy_database(struct chs *chs, const json_t *args);

#endif
