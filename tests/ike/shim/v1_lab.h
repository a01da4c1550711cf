/* Two ends that speak IKEv1 over a wire that loses, doubles and delays, by the
 * clock of the lab and the numbers of its seed. For C++ tests. */
#ifndef V1_LAB_H
#define V1_LAB_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { LAB_A, LAB_B };

struct v1_lab_conf {
	uint64_t seed;
	unsigned tunnels;
	unsigned loss;     /* percent */
	unsigned twice;    /* percent */
	unsigned delay_ms; /* at most; packets overtake one another */
	int aggressive;
	int certificates;
	int nat;      /* A is behind one */
	int nat_b;    /* and B */
	int both;     /* both ends begin */
	unsigned pfs; /* group, 0: off */
	unsigned group;
	const char *encr, *integ;
	const char *esp_enc, *esp_auth;
	const char *ah; /* NULL: none */
	unsigned ike_life_s[2];
	unsigned child_life_s[2];
	unsigned child_life_kb[2];
	unsigned dpd_s;
	int wrong_secret; /* of B */
	int wrong_identity;
	int other_proposal; /* B has another cipher */
	int other_selectors;
	unsigned selectors;
	unsigned half_open_max;
	unsigned jitter;
	int on_demand; /* B has a template */
};

struct v1_lab;

struct v1_lab *v1_lab_new(const struct v1_lab_conf *conf);
void v1_lab_free(struct v1_lab *lab);
/* A (or both) begins all tunnels. */
void v1_lab_start(struct v1_lab *lab);
void v1_lab_run(struct v1_lab *lab, uint64_t ms);
/* Until nothing is on the wire and all tunnels are up at both ends, or ms. */
int v1_lab_settle(struct v1_lab *lab, uint64_t ms);
void v1_lab_wire(struct v1_lab *lab, unsigned loss, unsigned twice);
/* Everything that an end sends is lost: 1. */
void v1_lab_mute(struct v1_lab *lab, int end, int mute);
void v1_lab_drop(struct v1_lab *lab, int end);
void v1_lab_rekey(struct v1_lab *lab, int end, int ike);
/* A new instance in the place of the old one, without a word. */
void v1_lab_restart(struct v1_lab *lab, int end);

/* A message of the peer's to an end, at port 500. */
void v1_lab_inject(struct v1_lab *lab, int end, const void *octets, size_t n);
/* What an end said last, as a UDP payload; octets of it. */
size_t v1_lab_said(struct v1_lab *lab, int end, uint8_t *octets, size_t room);

struct v1_lab_state {
	unsigned up; /* tunnels with a child that sends */
	unsigned children;
	unsigned sas;
	unsigned half_open;
	unsigned installed; /* SAs in the SAD, both directions */
	unsigned spis;      /* allocated and not given back */
	unsigned failed;
	unsigned sent;
	unsigned keepalives;
	unsigned dead;
	unsigned collisions;
	unsigned port; /* of the first SA */
	int udp;       /* the first child is encapsulated */
	unsigned life_s;
	unsigned long long life_kb;
	unsigned cause; /* of the last child that went */
	unsigned spawned;
};
void v1_lab_get(const struct v1_lab *lab, int end, struct v1_lab_state *state);
/* text NULL: for any reason. */
unsigned v1_lab_rejects(const struct v1_lab *lab, int end, const char *text);
/* Tunnels whose outbound SA at one end the other end can not open. */
unsigned v1_lab_black_holes(const struct v1_lab *lab);
/* Of these, those seen at any moment since the start. */
unsigned v1_lab_black_holes_ever(const struct v1_lab *lab);
uint64_t v1_lab_now_ms(const struct v1_lab *lab);

#ifdef __cplusplus
}
#endif

#endif
