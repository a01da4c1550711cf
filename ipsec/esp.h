/*
 * What esp_in and esp_out share: the ESP of one ASP, with the room they work
 * in, allocated once.
 */
#ifndef ESP_H
#define ESP_H

#include "alg.h"
#include "pkt_vec.h"
#include "sad.h"

static_assert(PKT_VEC_MAX <= ALG_VEC_MAX, "an engine takes a whole vector");

/* Longest IP headers that AH covers: options, extension headers. */
#define AH_HEADERS_MAX 128

/* One packet between the phases. */
struct esp_job {
	struct esp_sa *sa;
	uint64_t seq;
	uint32_t packet; /* index in the vector */
	uint32_t inner;  /* octets of the clear packet */
	uint32_t text;   /* outbound: octets to be sealed, without trailer */
	uint16_t header; /* octets of IP headers that ESP comes behind */
	uint8_t next;    /* outbound: next header of the trailer */
	uint8_t tos;     /* inbound: of the outer header */
	bool udp;        /* inbound: ESP was in UDP */
};

struct esp_work {
	struct esp_op ops[PKT_VEC_MAX];
	struct esp_job jobs[PKT_VEC_MAX];
	uint8_t random[PKT_VEC_MAX * IPSEC_ALG_IV_MAX];
	/* AH: ICVs while the packet's own is zero, headers as they were. */
	uint8_t icv[PKT_VEC_MAX][IPSEC_ALG_ICV_MAX];
	uint8_t header[PKT_VEC_MAX][AH_HEADERS_MAX];
	unsigned n;             /* ops and jobs */
	unsigned random_octets; /* wanted by this vector */
};

struct esp {
	const struct pkt_mem *mem;
	struct sad *sad;
	struct alg *alg;
	struct esp_work *work;
};

/* -ENOMEM. mem, sad and alg are borrowed and must outlive it. */
int esp_init(struct esp *esp, const struct pkt_mem *mem, struct sad *sad,
	     struct alg *alg);
void esp_fini(struct esp *esp);

/* Decides a packet's fate, and counts it for its SA (NULL: there is none). */
void esp_drop(struct pkt_vec *v, unsigned packet, struct esp_sa *sa,
	      enum pkt_fate fate);

/*
 * The inner packet of tunnel mode: of the family that next (a next header) says
 * and not longer than the octets that were opened; what follows it is TFC
 * padding (RFC 4303 section 2.7). The outer header's congestion mark is carried
 * in (RFC 6040). PKT_GO and its length, or why not.
 */
enum pkt_fate esp_inner_take(uint8_t *at, unsigned octets, uint8_t next,
			     uint8_t outer_tos, uint32_t *inner);

/* The next number of an outbound SA: PKT_GO, or why there is none. */
enum pkt_fate esp_seq_take(struct esp *esp, struct esp_sa *sa, uint64_t *seq);

/* How many packets of a vector still go on. */
unsigned esp_going(const struct pkt_vec *v);

/* A replay's clock begins with the first packet. */
static inline void
esp_clock(const struct esp *esp, const struct pkt_vec *v)
{
	if (v->n != 0)
		(void)sad_now(esp->sad, v->pkt[0].order_ns);
}

/*
 * Whether the SA's life is over for a packet: sa-expired (RFC 4301 section
 * 4.4.2.1). Costs one test for an SA without limits.
 */
static inline bool
esp_expired(const struct esp *esp, struct esp_sa *sa, const struct pkt *p)
{
	return sa->life.limited &&
	       sad_life_over(esp->sad, sa, sad_now(esp->sad, p->order_ns));
}

/* Ages the SA by the octets of a clear packet. */
static inline void
esp_age(const struct esp *esp, struct esp_sa *sa, const struct pkt *p,
	uint32_t octets)
{
	if (sa->life.limited)
		sad_life_add(esp->sad, sa, octets,
			     sad_now(esp->sad, p->order_ns));
}

/* Decided, but not sealed: a drop, and it has not aged its SA after all. */
void esp_out_fail(const struct esp *esp, struct pkt_vec *v,
		  const struct esp_job *job, enum pkt_fate fate);

/*
 * The last word on an opened packet, once its selectors and its tunnel took it:
 * ages its SA, or says false where a packet before it, in this vector too, was
 * the SA's last (sa-expired, counted here). Of AH and ESP in a bundle the inner
 * one is asked for.
 */
bool esp_in_settle(const struct esp *esp, struct esp_sa *sa,
		   const struct pkt *p);

/* Counts a packet sealed or opened: octets of the clear packet. */
void esp_count(struct esp_sa *sa, uint32_t octets);

#endif
