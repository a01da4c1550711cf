/*
 * Automatic keys of one ASP: struct ike (ike/ike.h) with what it needs of the
 * ASP around it. It is made with the first tunnel that wants it, and lives as
 * long as the ASP.
 *
 *	ase_ike.c      datagrams in and out, time, what is told to the chassis
 *	ase_ike_row.c  rows of tables to policies and tunnels
 *	ase_ike_sa.c   negotiated SAs into the SAD and out of it
 *
 * Callbacks of the library come from within ase_ike_take(), ase_ike_pass() and
 * the rows: never while a vector is worked on, for they change the SAD. What
 * they send waits until then.
 *
 * Ids of negotiated SAs are the upper half of those there are; the chassis
 * gives its own from below. Each names a row of counters of this ASP alone.
 */
#ifndef ASE_IKE_H
#define ASE_IKE_H

#include "ase.h"
#include "ike.h"

#define ASE_IKE_ID_FIRST 32768
#define ASE_IKE_IDS (STATS_SAS - ASE_IKE_ID_FIRST)
#define ASE_IKE_SPIS (1U << CTL_SPI_STAGE_SHIFT)

/* A child SA of a tunnel, by its ids in the SAD; 0: not installed. */
struct ase_ike_child {
	struct ase_ike_child *next; /* installed outbound before this one */
	uint32_t child;
	uint32_t spi_in;
	uint32_t in[2]; /* as keys of struct ike_child */
	uint32_t out[2];
};

struct ase_ike_tunnel {
	struct ctl_ike_tunnel row;
	struct ase_ike_child *children; /* newest first */
};

struct ase_ike {
	struct ase *ase;
	struct ike *ike;
	struct pkt_vec out;             /* datagrams that wait to be sent */
	struct ase_ike_tunnel **tunnel; /* by circuit, STATS_CIRCUITS */
	uint8_t *spis;                  /* taken: a bit each, ASE_IKE_SPIS */
	uint8_t ids[ASE_IKE_IDS / 8];   /* taken: a bit each */
	uint32_t id_next;
	uint16_t ip_id;
	unsigned holding; /* generations not retired: see ase_ike_activated() */
};

/* The instance, made where there is none: 0 or -ENOMEM. */
int ase_ike_need(struct ase *ase);
void ase_ike_free(struct ase *ase);
/* One that nothing uses, to rehearse rows in: the caller's. -ENOMEM. */
int ase_ike_new_bare(struct ike **ike);

/* ase_ike_row.c: rows of CTL_IKE_POLICIES, _CHILD_POLICIES and _TUNNELS. */
int ase_ike_rows(struct ase *ase, enum ctl_type table, enum ctl_op op,
		 const uint8_t *items, size_t n);
/* Whether the SET rows can act: ike is an instance that nothing uses. */
int ase_ike_rehearse(struct ike *ike, enum ctl_type table, const uint8_t *items,
		     size_t n);
/*
 * After the rows of a generation, and again when it is retired: until then the
 * other cards do not lead here what a peer would answer, so nothing begins.
 */
void ase_ike_activated(struct ase *ase);

/* IKE messages of a vector are taken, and consumed as PKT_PUNT. */
void ase_ike_take(struct ase *ase, struct pkt_vec *v);
/* After each pass: what time asks for, and what waits to be sent. */
void ase_ike_pass(struct ase *ase);
/* When ase_ike_pass() has something to do; IKE_NEVER. */
uint64_t ase_ike_due_ns(const struct ase *ase);
/* A limit of an SA was reached: whether it is one of IKE's. */
bool ase_ike_sa_event(struct ase *ase, const struct esp_sa *sa,
		      unsigned events);
/* The SA that seals for a tunnel with automatic keys; 0: none. */
uint32_t ase_ike_sa_out(const struct ase *ase, uint32_t circuit);

/* ase_ike_sa.c: callbacks of struct ike_ops; arg is the struct ase_ike. */
int ase_ike_alloc_spi(void *arg, uint32_t tunnel, uint8_t protocol,
		      uint32_t *spi);
void ase_ike_free_spi(void *arg, uint32_t tunnel, uint8_t protocol,
		      uint32_t spi);
int ase_ike_install(void *arg, const struct ike_child *child,
		    enum ike_direction direction);
void ase_ike_remove(void *arg, const struct ike_child *child,
		    enum ike_direction direction);
/* The tunnel of a circuit and what is kept of its children. */
void ase_ike_forget(struct ase_ike *a, uint32_t circuit);
/* The child that an id of the SAD is of; NULL: none. */
const struct ase_ike_child *ase_ike_child_of(const struct ase_ike *a,
					     const struct esp_sa *sa);

#endif
