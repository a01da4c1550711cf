/*
 * Two instances of ike.h and the wire between them, in one thread and on a
 * clock of its own: everything follows from the seed. The wire loses, doubles
 * and reorders as told. Each end has a SAD that holds what was installed, and
 * packets are sent through it all the while, so that a rekeying that loses one
 * is seen.
 */
#ifndef IKE_SIM_H
#define IKE_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IKE_SIM_LIST 8

/* One end: names of algorithms as configured, lists separated by commas. */
struct ike_sim_end {
	unsigned version; /* 0: 2 */
	bool aggressive;
	const char *encr;     /* "aes-128-cbc,3des-cbc"; NULL: aes-128-cbc */
	const char *integ;    /* NULL: hmac-sha1-96; "": none (AEAD) */
	const char *prf;      /* NULL: that of integ */
	const char *group;    /* "14,19"; NULL: 19 */
	const char *esp_encr; /* NULL: aes-128-cbc */
	const char *esp_auth; /* NULL: hmac-sha1-96 */
	const char *ah;       /* NULL: ESP */
	unsigned pfs;
	const char *secret;   /* NULL: "secret" */
	const char *local_id; /* FQDN; NULL: the address */
	const char *remote_id;
	int connection; /* enum ike_connection */
	bool nat_traversal;
	bool esn;
	bool cert_local; /* certificates of the lab's CA */
	bool cert_remote;
	int key_kind; /* enum ike_key_kind; 0: RSA */
	unsigned dpd_s;
	unsigned ike_life_s;                 /* 0: 28800 */
	unsigned esp_life_s;                 /* 0: 3600 */
	const char *selectors[IKE_SIM_LIST]; /* "10.1.0.0/16=10.2.0.0/16" */
	bool child_per_selector;
	bool on_demand; /* a template; the peer's record has secret */
	bool request_address;
	const char *assign; /* address for the peer */
	bool traffic_only;
};

struct ike_sim_conf {
	uint64_t seed;
	unsigned loss; /* percent of datagrams */
	unsigned twice;
	unsigned late; /* delayed by up to a second */
	bool nat;      /* B sees A from another address and port */
	bool floats;   /* A's sealed messages go by port 4500, without NAT */
	bool strict;
	bool fragment;       /* RFC 7383 on both, datagrams of 600 octets */
	unsigned cookies;    /* threshold at B; 0: default */
	unsigned tunnels;    /* 0: 1; ids from 1, identities a1, b1, ... */
	unsigned packets_ms; /* a packet each way every so often; 0: none */
	struct ike_sim_end a;
	struct ike_sim_end b;
};

struct ike_sim;

/* NULL: a policy was refused; why on stderr. Tunnels are set, nothing sent. */
struct ike_sim *ike_sim_new(const struct ike_sim_conf *conf);
void ike_sim_free(struct ike_sim *sim);
uint64_t ike_sim_now_ms(const struct ike_sim *sim);

/* Until ms have gone by, or nothing is left to happen. */
void ike_sim_run(struct ike_sim *sim, uint64_t ms);
/* Until both ends say that all tunnels are up; false after ms. */
bool ike_sim_run_up(struct ike_sim *sim, uint64_t ms);

enum ike_sim_side { IKE_SIM_A, IKE_SIM_B };

bool ike_sim_up(const struct ike_sim *sim, enum ike_sim_side side,
		unsigned tunnel);
/* Inbound SAs of one end that are another's outbound with the same keys; -1:
 * some outbound SA has no inbound one, or other keys. */
int ike_sim_pairs(const struct ike_sim *sim);
unsigned ike_sim_inbound(const struct ike_sim *sim, enum ike_sim_side side);
uint64_t ike_sim_stat(const struct ike_sim *sim, enum ike_sim_side side,
		      const char *name);
uint64_t ike_sim_reject(const struct ike_sim *sim, enum ike_sim_side side,
			const char *text);
unsigned ike_sim_sas(const struct ike_sim *sim, enum ike_sim_side side);
unsigned ike_sim_half_open(const struct ike_sim *sim, enum ike_sim_side side);
uint64_t ike_sim_sent(const struct ike_sim *sim); /* packets, */
uint64_t ike_sim_lost(const struct ike_sim *sim); /* that met no SA */
/* Down causes told, by name; how often. */
unsigned ike_sim_downs(const struct ike_sim *sim, enum ike_sim_side side,
		       const char *cause);
/* SPIs drawn and given back: what is not in use any more must be free. */
unsigned ike_sim_spis(const struct ike_sim *sim, enum ike_sim_side side);
/* Of the newest child: its selectors, "10.1.0.0-10.1.255.255=..." per line,
 * mode and ESN. Borrowed until the next call. */
const char *ike_sim_child(struct ike_sim *sim, enum ike_sim_side side);
/* Text of show ike sa's columns of the newest SA. */
const char *ike_sim_sa(struct ike_sim *sim, enum ike_sim_side side);
/* The ladder of the newest negotiation, a line each. */
const char *ike_sim_ladder(struct ike_sim *sim, enum ike_sim_side side);
const char *ike_sim_compare(struct ike_sim *sim, enum ike_sim_side side);
const char *ike_sim_failure(struct ike_sim *sim, enum ike_sim_side side);
const char *ike_sim_address(struct ike_sim *sim);

int ike_sim_initiate(struct ike_sim *sim, enum ike_sim_side side, unsigned t);
int ike_sim_terminate(struct ike_sim *sim, enum ike_sim_side side, unsigned t);
int ike_sim_rekey(struct ike_sim *sim, enum ike_sim_side side, unsigned t,
		  bool ike_sa);
int ike_sim_traffic(struct ike_sim *sim, enum ike_sim_side side, unsigned t);
/* The wire is cut, or mended. */
void ike_sim_cut(struct ike_sim *sim, bool cut);
/* The end forgets everything, as a process that died and came back. */
void ike_sim_restart(struct ike_sim *sim, enum ike_sim_side side);
/* An octet string to an end, as from the other; answers are counted. */
void ike_sim_inject(struct ike_sim *sim, enum ike_sim_side side, uint16_t port,
		    const uint8_t *octets, size_t n);
/* For who looks into the instance itself: ike_impl.h. */
struct ike *ike_sim_ike(struct ike_sim *sim, enum ike_sim_side side);
uint64_t ike_sim_now_ns(const struct ike_sim *sim);
/* The last datagram that an end sent, NULL: none. */
const uint8_t *ike_sim_last(const struct ike_sim *sim, enum ike_sim_side side,
			    size_t *n);
/* A sum over everything that was sent, to compare runs. */
uint64_t ike_sim_trace(const struct ike_sim *sim);
/* Hands every datagram to what watches, before the wire has its way. */
void ike_sim_watch(struct ike_sim *sim,
		   void (*watch)(void *arg, enum ike_sim_side from,
				 const uint8_t *octets, size_t n),
		   void *arg);

#ifdef __cplusplus
}
#endif

#endif
