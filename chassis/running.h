/*
 * The running configuration and what it becomes: which processors the machine
 * has, and the rows of their tables. The tree is the only truth; tables are
 * derived from the whole of it at each commit and compared with those before,
 * so only what changed goes to the cards. Ids (circuits, adjacencies, SAs,
 * contexts) are given here, keep to their object over commits, and come back
 * into use only after the cards have let go of them.
 */
#ifndef RUNNING_H
#define RUNNING_H

#include "chs.h"
#include "spd.h"
#include "tree.h"

#define RUNNING_LOCAL UINT32_C(0x40080001) /* context local */

struct running_port {
	unsigned slot;
	unsigned port;
	bool up; /* not shut down, and its card is there */
	const struct cfg_obj *obj;
};

struct running_tunnel {
	const char *name;
	bool economical;
	bool automatic; /* keys by IKE */
	bool up;
	const char *cause; /* why it is down, as the MIB says; "-" */
	uint16_t asp;      /* home, or STAGE_NONE */
	uint32_t circuit;
	uint32_t sa_in; /* of ESP, 0: none */
	uint32_t sa_out;
	uint32_t ah_in; /* of AH, 0: none */
	uint32_t ah_out;
	struct ip_addr local;
	struct ip_addr remote;
	const struct cfg_obj *obj;
	const struct cfg_obj *in; /* ipsec sa objects, or NULL */
	const struct cfg_obj *out;
};

/* A seat of an ASP group; those of a group follow one another. */
struct running_seat {
	const struct cfg_obj *group;
	unsigned index; /* 0 to asp-count - 1 */
	uint16_t asp;   /* who has it, or STAGE_NONE */
	bool shared;    /* with another group: the pool has too few ASPs */
};

/* One SA as a card gets it, but for its keys: those stay in the tree. */
struct running_sa {
	struct ctl_sa row; /* keys zero, sequence zero */
	uint8_t print[SECRET_PRINT_OCTETS];
	uint16_t asp;
	const struct cfg_obj *obj;
	size_t tunnel; /* index */
};

/* One set of selectors of a policy list; see policy.c. */
struct running_policy {
	struct ctl_policy row;
	struct spd_selector selector;
	uint16_t asp;                /* that alone has it, or STAGE_NONE */
	const char *tunnel;          /* PROTECT; else NULL */
	const struct cfg_obj *owner; /* a selection, or a tunnel */
	const struct cfg_obj *acl;
	const struct cfg_obj *obj; /* the row of the access list */
};

struct running_bind {
	struct ctl_policy_bind row;
	uint16_t asp; /* as above */
};

/* Where a route of the configuration or an interface leads, for show. */
struct running_route {
	struct ctl_route row;
	struct ip_addr next_hop; /* none: the interface tells */
	uint16_t distance;
	char type; /* 'C' connected, 'S' static, 'L' own address */
	bool active;
	bool held;             /* active to drop: its tunnel is down */
	const char *interface; /* "" for null0 and another context */
	const char *into;      /* the context that looks up, or NULL */
};

struct running_interface {
	const char *context;
	uint32_t context_id;
	const char *name;
	const struct cfg_obj *obj;
	uint32_t circuit; /* bound to, 0: none */
	bool up;          /* bound, and the circuit is up; or a loopback */
	bool held;        /* a tunnel's that is down, and its routes stay */
	bool loopback;
	uint32_t addr;
	unsigned len; /* 0 and addr 0: no address */
	unsigned mtu; /* of the circuit it is bound to, else its own */
	char binding[80];
};

/* An access list that stands somewhere. */
struct running_acl {
	const struct cfg_obj *obj;
	uint32_t id; /* its rows': tables.acl_rows */
};

/* An IKE policy as cards get it, but for its secret. */
struct running_ike_policy {
	struct ctl_ike_policy row; /* secret zero */
	uint8_t print[SECRET_PRINT_OCTETS];
	bool at[STAGE_ID_MAX]; /* ASPs that get it */
	const struct cfg_obj *obj;
};

struct running_ike_child {
	struct ctl_ike_child_policy row;
	bool at[STAGE_ID_MAX];
};

struct running_ike_tunnel {
	struct ctl_ike_tunnel row;
	uint16_t asp;
};

/* Everything derived from one tree. Rows are sorted by id or key. */
struct tables {
	struct cfg_tree *tree; /* a snapshot: the objects below point into it */
	struct ctl_circuit *circuits;
	struct ctl_adj *adjs;
	struct running_route *routes;
	struct ctl_homing *homings;
	struct ctl_neighbor *neighbors;
	size_t nneighbors;
	struct running_sa *sas;
	struct running_port *ports;
	struct running_seat *seats;
	struct running_tunnel *tunnels;
	struct running_interface *interfaces;
	struct ctl_feature *features;
	struct ctl_acl_row *acl_rows;
	struct running_acl *acls;
	struct ctl_policer *policers;
	struct ctl_pq *pqs;
	struct ctl_ipsec_queues *ipsec_queues;
	struct running_ike_policy *ike_policies;
	struct running_ike_child *ike_children;
	struct running_ike_tunnel *ike_tunnels;
	size_t nike_policies, nike_children, nike_tunnels;
	size_t ncircuits, nadjs, nroutes, nhomings, nsas, nports, nseats,
	    ntunnels, ninterfaces, nfeatures, nacl_rows, nacls, npolicies,
	    nbinds, npolicers, npqs, nipsec_queues;
	struct running_policy *policies;
	struct running_bind *binds;
};

struct running;

/* Loads and checks the file; -EINVAL and a sentence FILE:LINE:COLUMN: ... */
int running_load(struct chs *chs, char *why, size_t why_octets);
void running_free(struct running **running);

const struct cfg_tree *running_tree(const struct running *running);
/* NULL, or the key that opens and seals secrets. */
const uint8_t *running_key(const struct running *running);
/* The tables that cards run. */
const struct tables *running_tables(const struct running *running);

/* The row of a circuit, NULL when there is none. */
const struct ctl_circuit *running_circuit(const struct tables *t, uint32_t id);

/*
 * "ethernet 1/1", "ethernet 1/1 vlan-id 100", "ipsec to-branch"; "circuit N"
 * where there is none. Returns text.
 */
const char *running_circuit_text(const struct tables *t, uint32_t id,
				 char *text, size_t octets);

bool running_has_stage(const struct running *running, uint16_t stage);
bool running_port(const struct running *running, size_t i,
		  struct running_port *port);
bool running_tunnel(const struct running *running, size_t i,
		    struct running_tunnel *tunnel);

/*
 * The tables of another tree (which this takes a snapshot of); then either they
 * become the running ones (the old ones come back, to be freed once no card
 * uses them), or they are freed.
 */
int running_derive(struct chs *chs, const struct cfg_tree *tree,
		   struct tables **tables);
struct tables *running_replace(struct running *running, struct tables *tables);
void tables_free(struct tables **tables);

/* Ids by name; made when new. 0 when there are none left. */
enum id_space {
	ID_CIRCUIT,
	ID_ADJ,
	ID_SA,
	ID_CONTEXT,
	ID_ACL,     /* a list with all that its rows say */
	ID_ACL_ROW, /* counters */
	ID_POLICY_LIST,
	ID_POLICY,
	ID_POLICER,
	ID_PQ,
	ID_IPSEC_QUEUES,
	ID_IKE_POLICY,
	ID_IKE_CHILD, /* policies of IPsec, by mode */
	ID_SPACES
};
uint32_t running_id(struct running *running, enum id_space space,
		    const char *name);

/* NULL: the list stands nowhere. */
const struct running_acl *running_acl(const struct tables *t,
				      const struct cfg_obj *obj);

/*
 * link_local.c: the lower half of the link-local address of an interface
 * (NULL: none) whose circuit has this MAC; zero where no IPv6 is configured.
 */
void running_link_local(const struct cfg_obj *interface, const uint8_t mac[6],
			uint8_t id[8]);

/*
 * derive.c, derive_features.c, derive_ipsec.c, derive_sa.c, policy.c, routes.c:
 * parts of running_derive().
 */
int derive_circuits(struct chs *chs, struct tables *t);
int derive_sas(struct chs *chs, struct tables *t);
/* The number of a context, "local" for NULL; 0: there are too many. */
uint32_t derive_context_id(struct chs *chs, const char *name);
/* Whether the slot has a card that is not shut down. */
bool derive_card_serves(const struct tables *t, unsigned slot);
/* The keys of an SA's row: fields of the ipsec sa that it is of. */
enum cfg_field running_sa_key(const struct ctl_sa *row, bool encryption);
/* After circuits: gives tunnels that a selection chooses their context. */
int derive_policies(struct chs *chs, struct tables *t);
/*
 * What iPPAs hold packets against, for the controller in the role of one: the
 * caller's; NULL while no interface has a selection. -ENOMEM.
 */
struct spd_set;
int policy_selections(const struct tables *t, struct spd_set **spds);
int derive_routes(struct chs *chs, struct tables *t);
/* neighbors.c; after derive_routes(). */
int derive_neighbors(struct tables *t);
/* derive_ike.c: within derive_sas(): tunnels with automatic keys. */
int derive_ike(struct chs *chs, struct tables *t);
/* What a tunnel says of the outer header, and of lengths. */
void derive_outer(const struct cfg_obj *tunnel, struct ctl_sa *row);
/* What an ipsec sa object says of its numbers and its life. */
void derive_sa_facts(const struct cfg_obj *sa, struct ctl_sa *row);
int derive_features(struct chs *chs, struct tables *t);
/*
 * Copies a row to the end of an array, which grows by doubling; array_at: the
 * address of its pointer. -ENOMEM changes nothing.
 */
int derive_push(void *array_at, size_t *n, size_t octets, const void *row);
#define DERIVE_PUSH(array, n, row)                                             \
	derive_push(&(array), &(n), sizeof(*(array)), (row))

#endif
