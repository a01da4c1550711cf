/*
 * An ASP, 3/asp1, between 1/ippa and 2/eppa, and the tables of a small router:
 *
 *   circuit 1: port 1/1, context LAN      circuit 2: port 2/1, context WAN
 *   circuit 5: tunnel in context LAN, 192.0.2.1 to 192.0.2.2 in context WAN
 *   LAN: 10.1/16 out of circuit 1, 10.2/16 into the tunnel, 10.3/16 null,
 *        10.255.0.1 the router itself, 10.9/16 out of circuit 2 via 192.0.2.7
 *   WAN: 192.0.2/24 attached to circuit 2
 *
 * SA 1 seals for the tunnel; SA 2 opens what SA 1 sealed, so that a test can
 * send round what it got.
 */
#ifndef ASE_SHIM_H
#define ASE_SHIM_H

#include "fake_chassis.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ase_shim_setting {
	ASE_SHIM_ECONOMICAL = 1 << 0,
	ASE_SHIM_DOWN = 1 << 1,      /* the tunnel is shut down */
	ASE_SHIM_RECURSIVE = 1 << 2, /* its remote end is routed into itself */
	ASE_SHIM_UNROUTED = 1 << 3,  /* its remote end has no route */
	ASE_SHIM_SCARCE = 1 << 4,    /* four sequence numbers granted */
	ASE_SHIM_NO_SA_OUT = 1 << 5
};

extern const unsigned ase_protect, ase_sealed, ase_opened, ase_economical;
extern const unsigned fate_no_sa, fate_no_route, fate_null_route,
    fate_bad_handle, fate_tunnel_down, fate_recursive_tunnel, fate_ttl_expired,
    fate_bad_checksum, fate_replay, fate_integrity, fate_no_number;
extern const unsigned msg_seq_request, msg_retire, msg_sas, msg_prepare;

struct fake *ase_shim_new(unsigned settings);
int ase_shim_end(struct fake **f);

/* Stages the tables above as a generation and activates it. */
int ase_shim_tables(struct fake *f, uint32_t generation, unsigned settings);
/* Stages the deletion of SA id, or routes back into being. */
int ase_shim_sa_delete(struct fake *f, uint32_t generation, uint32_t id);
/* An SA whose key is one octet short. */
int ase_shim_sa_bad(struct fake *f, uint32_t generation);
int ase_shim_grant(struct fake *f, uint32_t sa, uint64_t until);
uint32_t ase_shim_seq_sa(const struct fake_msg *msg);

/* An IPv4 packet with n octets of UDP behind it, checksum right. */
void ase_shim_ipv4(struct fake_pkt *p, uint32_t src, uint32_t dst, unsigned ttl,
		   unsigned n);
/* Whether the header at the start of octets has the right checksum. */
bool ase_shim_cksum_right(const struct fake_pkt *p);

uint64_t ase_shim_circuit_in(const struct fake *f, uint32_t id);
uint64_t ase_shim_circuit_out(const struct fake *f, uint32_t id);
uint64_t ase_shim_sa_packets(const struct fake *f, uint32_t id);
/* The word of the engine that the ASP uses, and of the one that runs an SA:
 * "auto" while there is none. */
const char *ase_shim_uses(const struct fake *f);
const char *ase_shim_sa_runs(const struct fake *f, uint32_t id);

/* asecard_run() with that engine: what it returns before any chassis. */
int ase_shim_engine(const char *engine);

#ifdef __cplusplus
}
#endif

#endif
