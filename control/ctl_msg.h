/*
 * Every control message: the one place they are defined (docs/wire.md,
 * "Control"). A message is a header, a body of fixed size, and a tail: an array
 * of items of one size, or of octets (item size 1), of the length that remains.
 * A receiver demands the exact length and the right sender; else it refuses,
 * counts, and lives on. Numbers are never reused.
 *
 * The chassis is in the middle: CARD is an iPPA, ePPA or ASP; CLIENT is a
 * command line or the hand of the operator.
 */
#ifndef CTL_MSG_H
#define CTL_MSG_H

#include <assert.h>
#include <stddef.h>

#include "be.h"
#include "ip_addr.h"

#define CTL_MAGIC 0x5343 /* "SC" */
#define CTL_VERSION 1
#define CTL_PATH_MAX 1024
#define CTL_KEY_MAX 68

/* clang-format off */
/*        id  name            body                        tail item            from     to      */
#define CTL_MSGS(X)                                                                       \
	X(1, HELLO, struct ctl_hello, 0, CARD, CHASSIS)                                   \
	X(2, LINK_LISTEN, struct ctl_link, 0, CHASSIS, CARD)                              \
	X(3, LINK_READY, struct ctl_link, 1, CARD, CHASSIS)                               \
	X(4, LINK_CONNECT, struct ctl_link, 1, CHASSIS, CARD)                             \
	X(5, LINK_UP, struct ctl_link, 0, CARD, CHASSIS)                                  \
	X(6, LINK_DRAIN, struct ctl_link, 0, CHASSIS, CARD)                               \
	X(7, LINK_DRAINED, struct ctl_link, 0, CARD, CHASSIS)                             \
	X(10, CIRCUITS, struct ctl_rows, sizeof(struct ctl_circuit), CHASSIS, CARD)       \
	X(11, ADJACENCIES, struct ctl_rows, sizeof(struct ctl_adj), CHASSIS, CARD)        \
	X(12, ROUTES, struct ctl_rows, sizeof(struct ctl_route), CHASSIS, CARD)           \
	X(13, HOMINGS, struct ctl_rows, sizeof(struct ctl_homing), CHASSIS, CARD)         \
	X(14, SAS, struct ctl_rows, sizeof(struct ctl_sa), CHASSIS, CARD)                 \
	X(15, NEIGHBORS, struct ctl_rows, sizeof(struct ctl_neighbor), CHASSIS, CARD)     \
	X(16, ACL_ROWS, struct ctl_rows, sizeof(struct ctl_acl_row), CHASSIS, CARD)       \
	X(18, POLICIES, struct ctl_rows, sizeof(struct ctl_policy), CHASSIS, CARD)        \
	X(17, POLICERS, struct ctl_rows, sizeof(struct ctl_policer), CHASSIS, CARD)       \
	X(20, PREPARE, struct ctl_generation, 0, CHASSIS, CARD)                           \
	X(21, PREPARED, struct ctl_generation, 1, CARD, CHASSIS)                          \
	X(22, ACTIVATE, struct ctl_generation, 0, CHASSIS, CARD)                          \
	X(23, ACTIVATED, struct ctl_generation, 1, CARD, CHASSIS)                         \
	X(24, RETIRE, struct ctl_generation, 0, CHASSIS, CARD)                            \
	X(25, DISCARD, struct ctl_generation, 0, CHASSIS, CARD)                           \
	X(26, RECLAIM, struct ctl_reclaim, 0, CHASSIS, CARD)                              \
	X(30, SEQ_REQUEST, struct ctl_seq, 0, CARD, CHASSIS)                              \
	X(31, SEQ_GRANT, struct ctl_seq, 0, CHASSIS, CARD)                                \
	X(40, PORT_OPEN, struct ctl_port, 1, CHASSIS, CARD)                               \
	X(41, POINT_OPEN, struct ctl_point, 1, CHASSIS, CARD)                             \
	X(42, TRACE_SET, struct ctl_trace_set, 1, CHASSIS, CARD)                          \
	X(43, OPENED, struct ctl_opened, 1, CARD, CHASSIS)                                \
	X(44, ADMIT, struct ctl_admit, 0, CHASSIS, CARD)                                  \
	X(45, ADMITTED, struct ctl_admitted, 1, CARD, CHASSIS)                            \
	X(46, FATES, struct ctl_none, sizeof(struct ctl_fates), CARD, CHASSIS)            \
	X(47, FLUSH, struct ctl_round, 0, CHASSIS, CARD)                                  \
	X(48, PROBE, struct ctl_probe, 0, CHASSIS, CARD)                                  \
	X(49, PROBED, struct ctl_probe, 0, CARD, CHASSIS)                                 \
	X(50, CLOSE, struct ctl_none, 0, CHASSIS, CARD)                                   \
	X(51, CLOSED, struct ctl_opened, 1, CARD, CHASSIS)                                \
	X(52, TRACED, struct ctl_traced, 1, CARD, CHASSIS)                                \
	X(60, HEARTBEAT, struct ctl_none, 0, CHASSIS, CARD)                               \
	X(61, ALIVE, struct ctl_none, 0, CARD, CHASSIS)                                   \
	X(62, SHUTDOWN, struct ctl_none, 0, CHASSIS, CARD)                                \
	X(63, NOTICES, struct ctl_none, 1, CARD, CHASSIS)                                 \
	X(64, PATH_MTU, struct ctl_path_mtu, 0, CHASSIS, CARD)                            \
	X(65, GATHER, struct ctl_round, 0, CHASSIS, CARD)                                 \
	X(66, GATHERED, struct ctl_none, sizeof(struct ctl_fates), CARD, CHASSIS)         \
	X(70, REQUEST, struct ctl_request, 1, CLIENT, CHASSIS)                            \
	X(71, REPLY, struct ctl_request, 1, CHASSIS, CLIENT)                              \
	X(72, EVENT, struct ctl_request, 1, CHASSIS, CLIENT)                              \
	X(80, FEATURES, struct ctl_rows, sizeof(struct ctl_feature), CHASSIS, CARD)         \
	X(81, PQS, struct ctl_rows, sizeof(struct ctl_pq), CHASSIS, CARD)                   \
	X(82, IPSEC_QUEUES, struct ctl_rows, sizeof(struct ctl_ipsec_queues), CHASSIS, CARD) \
	X(85, POLICY_BINDS, struct ctl_rows, sizeof(struct ctl_policy_bind), CHASSIS, CARD)  \
	X(90, NEIGHBOR_ASK, struct ctl_neighbor_ask, 0, CHASSIS, CARD)                    \
	X(91, NEIGHBOR_LIST, struct ctl_neighbor_ask, sizeof(struct ctl_neighbor_entry), CARD, CHASSIS) \
	X(92, IKE_POLICIES, struct ctl_rows, sizeof(struct ctl_ike_policy), CHASSIS, CARD) \
	X(93, IKE_CHILD_POLICIES, struct ctl_rows, sizeof(struct ctl_ike_child_policy), CHASSIS, CARD) \
	X(94, IKE_TUNNELS, struct ctl_rows, sizeof(struct ctl_ike_tunnel), CHASSIS, CARD) \
	X(95, IKE_EVENT, struct ctl_ike_event, 1, CARD, CHASSIS)                          \
	X(96, IKE_SA, struct ctl_ike_sa, 0, CARD, CHASSIS)                                \
	X(97, IKE_ASK, struct ctl_ike_ask, 1, CHASSIS, CARD)                              \
	X(98, IKE_ANSWER, struct ctl_ike_ask, 1, CARD, CHASSIS)

/*
 * The messages that carry rows of tables, in the order in which a generation
 * sets them: what is there comes before what leads there. Deletions go the
 * other way. Who sends rows and who takes them expand this list.
 */
#define CTL_TABLES(X)                                                          \
	X(ACL_ROWS)                                                            \
	X(POLICERS)                                                            \
	X(PQS)                                                                 \
	X(IPSEC_QUEUES)                                                        \
	X(FEATURES)                                                            \
	X(CIRCUITS)                                                            \
	X(NEIGHBORS)                                                           \
	X(POLICIES)                                                            \
	X(POLICY_BINDS)                                                        \
	X(ADJACENCIES)                                                         \
	X(SAS)                                                                 \
	X(IKE_POLICIES)                                                        \
	X(IKE_CHILD_POLICIES)                                                  \
	X(IKE_TUNNELS)                                                         \
	X(HOMINGS)                                                             \
	X(ROUTES)

/* clang-format on */

struct ctl_hdr {
	struct be16 magic;
	uint8_t version;
	uint8_t reserved;
	struct be16 type;
	struct be16 from; /* stage id; STAGE_NONE (0xffff) for a client */
};
static_assert(sizeof(struct ctl_hdr) == 8, "control version 1");

struct ctl_none {
	struct be32 zero;
};

struct ctl_hello {
	struct be32 pid;
	struct be32 epoch;
	uint8_t engine; /* ASP: enum alg_engine_id, the one it uses; else 0 */
	uint8_t reserved[3];
};

/* LINK_READY, LINK_CONNECT: the endpoint follows. DRAINED: what was received.
 */
struct ctl_link {
	struct be16 peer; /* the other end */
	struct be16 reserved;
	struct be32 epoch; /* of the other end */
	struct be64 packets;
};
static_assert(sizeof(struct ctl_link) == 16, "control version 1");

enum ctl_op { CTL_OP_SET = 1, CTL_OP_DELETE = 2 };

/* Rows of one table: staged until ACTIVATE; deletions act at RETIRE. */
struct ctl_rows {
	struct be32 generation;
	uint8_t op; /* enum ctl_op */
	uint8_t reserved[3];
};
static_assert(sizeof(struct ctl_rows) == 8, "control version 1");

enum ctl_circuit_kind {
	CTL_CIRCUIT_PORT = 1,
	CTL_CIRCUIT_PVC = 2,
	CTL_CIRCUIT_TUNNEL = 3
};

enum ctl_circuit_flag {
	CTL_CIRCUIT_UP = 1 << 0, /* not shut down, and what carries it is up */
	CTL_CIRCUIT_BOUND = 1 << 1, /* to an interface: context is valid */
	CTL_CIRCUIT_ECONOMICAL = 1 << 2
};

struct ctl_circuit {
	struct be32 id;      /* index, 1 .. 65535 */
	struct be32 context; /* SmartEdge id: 0x40080001 is local */
	struct be64 handle;  /* as in captures and logs */
	uint8_t kind;        /* enum ctl_circuit_kind */
	uint8_t flags;       /* enum ctl_circuit_flag */
	uint8_t slot;        /* of port or PVC; tunnels: 255 */
	uint8_t port;
	struct be16 vlan;   /* PVC: 1 .. 4094 */
	struct be16 mtu;    /* largest IP packet */
	uint8_t mac[6];     /* ours, of the port */
	struct be16 asp;    /* tunnel: home ASP's stage id, or 0xffff */
	struct be32 sa_out; /* tunnel: id of the outbound SA, 0: none */
	struct be32
	    outer_context;     /* tunnel: where the outer packet is routed */
	struct ip_addr remote; /* tunnel: remote end point */
	uint8_t link_local[8]; /* lower half of our address; 0: no IPv6 */
};
static_assert(sizeof(struct ctl_circuit) == 68, "control version 1");

enum ctl_adj_kind {
	CTL_ADJ_NULL = 1,    /* null0 */
	CTL_ADJ_LOCAL = 2,   /* for the router itself */
	CTL_ADJ_FORWARD = 3, /* out of a circuit, to next_hop */
	CTL_ADJ_ATTACHED =
	    4, /* out of a circuit, the next hop is the destination */
	CTL_ADJ_TUNNEL = 5, /* into a tunnel circuit */
	CTL_ADJ_DOWN = 6,   /* the circuit is down or unbound */
	CTL_ADJ_CONTEXT = 7 /* another context looks up: circuit is its id */
};

struct ctl_adj {
	struct be32 id;          /* index, 1 .. */
	struct be32 circuit;     /* out */
	struct ip_addr next_hop; /* FORWARD */
	struct be16 stage; /* FORWARD, ATTACHED: the ePPA; TUNNEL: unused */
	uint8_t kind;      /* enum ctl_adj_kind */
	uint8_t reserved;
};
static_assert(sizeof(struct ctl_adj) == 32, "control version 1");

struct ctl_route {
	struct be32 context;
	struct ip_addr prefix;
	struct be32 adj;
	uint8_t len; /* 0 .. 32, IPv6: 0 .. 128 */
	uint8_t reserved[3];
};
static_assert(sizeof(struct ctl_route) == 32, "control version 1");

/*
 * Which ASP opens what is addressed to us with this SPI. Protocol 17 is no SA:
 * spi is then a UDP port of ours that takes encapsulated ESP (RFC 3948), and
 * circuit one of the tunnels that asked for it. CTL_HOMING_IKE is no SA either:
 * IKE with a peer, of whom spi is the IPv4 address, or the four words of the
 * IPv6 address, one XOR the other; 0: any peer.
 *
 * An SPI that an ASP has negotiated has no row: it says whose it is.
 */
#define CTL_HOMING_IKE 255 /* reserved by IANA: on no wire */

#define CTL_SPI_TAG 0x8U /* of 4 bits, then 7 of the stage, then 21 */
#define CTL_SPI_TAG_SHIFT 28
#define CTL_SPI_STAGE_SHIFT 21
#define CTL_SPI_STAGE_MASK 0x7fU

struct ctl_homing {
	struct be32 context;
	struct be32 spi;
	struct ip_addr dst;
	uint8_t protocol; /* 50, 51; 17 */
	uint8_t reserved[3];
	struct be32 circuit; /* the tunnel's */
	struct be16 asp;     /* stage id */
	struct be16 reserved2;
};
static_assert(sizeof(struct ctl_homing) == 40, "control version 1");
/* The key is what stands before it. */
static_assert(offsetof(struct ctl_homing, circuit) == 32, "control version 1");

enum ctl_acl_asks { /* forward/acl.h; asserted where both are known */
		    CTL_ACL_PROTOCOL = 1 << 0,
		    CTL_ACL_TOS = 1 << 1,
		    CTL_ACL_SRC_PORT = 1 << 2,
		    CTL_ACL_DST_PORT = 1 << 3,
		    CTL_ACL_SRC_NOT = 1 << 4,
		    CTL_ACL_DST_NOT = 1 << 5,
		    CTL_ACL_TYPE = 1 << 6,
		    CTL_ACL_CODE = 1 << 7,
		    CTL_ACL_ESTABLISHED = 1 << 8,
		    CTL_ACL_FRAGMENTS = 1 << 9
};

/*
 * One row of an access list. A list that changes gets another id, so that its
 * users change from one list to the other whole.
 */
struct ctl_acl_row {
	struct be32 acl;     /* index, 1 .. */
	struct be32 seq;     /* rows are tried in this order */
	struct be32 counter; /* row of the hit counters, 0: none */
	struct be16 asks;    /* enum ctl_acl_asks */
	uint8_t family;      /* 4 or 6 */
	uint8_t permit;      /* 1: permit, 0: deny */
	uint8_t protocol;
	uint8_t tos;
	uint8_t tos_mask;
	uint8_t type;
	uint8_t code;
	uint8_t reserved[3];
	struct be16 src_low;
	struct be16 src_high;
	struct be16 dst_low;
	struct be16 dst_high;
	uint8_t src[16]; /* IPv4: the first four, rest 0 */
	uint8_t src_wild[16];
	uint8_t dst[16];
	uint8_t dst_wild[16];
};
static_assert(sizeof(struct ctl_acl_row) == 96, "control version 1");

enum ctl_feature_flag {
	CTL_FEATURE_COUNT_IN = 1 << 0, /* what access lists permit and deny */
	CTL_FEATURE_COUNT_OUT = 1 << 1,
	CTL_FEATURE_LOG_IN = 1 << 2, /* what they deny */
	CTL_FEATURE_LOG_OUT = 1 << 3
};

/* The features of a circuit; one without any has no row. Ids; 0: none. */
struct ctl_feature {
	struct be32 circuit;
	struct be32 acl_in; /* IPv4 */
	struct be32 acl_out;
	struct be32 acl6_in;
	struct be32 acl6_out;
	uint8_t flags; /* enum ctl_feature_flag */
	uint8_t reserved[3];
	struct be32 policing;      /* a policer: of packets that come in */
	struct be32 metering;      /* of packets that go out */
	struct be32 queuing;       /* priority queues: of packets that go out */
	struct be32 ipsec_queuing; /* tunnel: priority towards the ASP */
};
static_assert(sizeof(struct ctl_feature) == 40, "control version 1");

#define CTL_QUEUES 8
#define CTL_DSCPS 64
#define CTL_DSCP_ANY 0xff

/* Priority queues; 0 goes first. */
struct ctl_pq {
	struct be32 id;   /* index, 1 .. 65535 */
	struct be32 rate; /* kbit/s that the circuit takes; 0: any */
	uint8_t queues;   /* 1, 2, 4 or 8 */
	uint8_t reserved[3];
	uint8_t map[CTL_DSCPS]; /* DSCP to queue */
	struct {
		struct be32 rate;  /* kbit/s; 0: none of its own */
		struct be32 burst; /* octets */
		struct be32 depth; /* packets that may wait */
	} queue[CTL_QUEUES];
};
static_assert(sizeof(struct ctl_pq) == 172, "control version 1");

/*
 * Priority towards the ASP: a packet goes to the first queue whose access list
 * permits it and whose DSCP it has, else to the last.
 */
struct ctl_ipsec_queues {
	struct be32 id;               /* index, 1 .. 65535 */
	struct be32 acl[CTL_QUEUES];  /* of IPv4; 0: no packet */
	struct be32 acl6[CTL_QUEUES]; /* of IPv6 */
	uint8_t dscp[CTL_QUEUES];     /* or CTL_DSCP_ANY */
};
static_assert(sizeof(struct ctl_ipsec_queues) == 76, "control version 1");

enum ctl_policer_action {
	CTL_POLICER_PASS = 0,
	CTL_POLICER_DROP = 1,
	CTL_POLICER_MARK = 2
};

struct ctl_policer {
	struct be32 id;     /* index, 1 .. 65535 */
	struct be32 rate;   /* kbit/s of IP packets */
	struct be32 burst;  /* octets */
	struct be32 excess; /* octets; 0: nothing violates */
	uint8_t action[3];  /* conform, exceed, violate */
	uint8_t dscp[3];    /* CTL_POLICER_MARK */
	uint8_t reserved[2];
};
static_assert(sizeof(struct ctl_policer) == 24, "control version 1");

enum ctl_neighbor_kind {
	CTL_NEIGHBOR_OWN = 1,   /* an address of ours: answered for */
	CTL_NEIGHBOR_STATIC = 2 /* of somebody else, configured */
};

struct ctl_neighbor {
	struct be32 circuit;
	struct ip_addr addr;
	uint8_t kind; /* enum ctl_neighbor_kind */
	uint8_t reserved;
	uint8_t mac[6]; /* STATIC */
};
static_assert(sizeof(struct ctl_neighbor) == 32, "control version 1");
/* The key is what stands before it. */
static_assert(offsetof(struct ctl_neighbor, reserved) == 25,
	      "control version 1");

/* LIST: what the ePPA knows, in answer to the ASK of this number. */
struct ctl_neighbor_ask {
	struct be32 number;
	uint8_t clear; /* 1: forget what was learnt, then answer */
	uint8_t reserved[3];
};

struct ctl_neighbor_entry {
	struct be32 circuit;
	struct ip_addr addr;
	uint8_t mac[6];
	uint8_t state; /* 1 incomplete, 2 resolved, 3 probed, 4 static */
	uint8_t reserved;
	struct be32 left_s; /* until it is asked again; static: 0xffffffff */
};
static_assert(sizeof(struct ctl_neighbor_entry) == 36, "control version 1");

enum ctl_sa_direction { CTL_SA_IN = 1, CTL_SA_OUT = 2 };
enum ctl_df { CTL_DF_COPY = 0, CTL_DF_SET = 1, CTL_DF_CLEAR = 2 };

enum ctl_sa_mode { CTL_SA_TUNNEL = 0, CTL_SA_TRANSPORT = 1 };
enum ctl_sa_flag {
	CTL_SA_UDP = 1 << 0,        /* ESP in UDP (RFC 3948) */
	CTL_SA_ECN_COMPAT = 1 << 1, /* RFC 6040 compatibility mode, outbound */
	CTL_SA_FRAGMENT_POST = 1 << 2 /* fragments are made of sealed packets */
};

#define CTL_DSCP_COPY 0xff
#define CTL_FLOW_COPY 0xffffffff
#define CTL_TFC_MTU 0xffff

struct ctl_sa {
	struct be32 id; /* index, 1 .. 65535: row of the SA counters too */
	struct be32 context;
	struct be32 spi;
	struct be32 circuit;     /* the tunnel's */
	struct be64 seq_first;   /* next number to use */
	struct be64 seq_granted; /* last number that may be used */
	struct be64 seed;
	struct ip_addr src; /* outer */
	struct ip_addr dst;
	struct be32 bundle;     /* id of the SA beside it: ESP's AH, AH's ESP */
	uint8_t direction;      /* enum ctl_sa_direction */
	uint8_t protocol;       /* 50 ESP, 51 AH */
	uint8_t encryption;     /* enum ipsec_alg_id */
	uint8_t authentication; /* enum ipsec_alg_id */
	uint8_t df;             /* enum ctl_df */
	uint8_t dscp;           /* CTL_DSCP_COPY or a value */
	uint8_t ttl;
	uint8_t seeded;            /* 1: seed counts */
	struct be16 replay_window; /* packets, 0: off */
	uint8_t mode;              /* enum ctl_sa_mode */
	uint8_t flags;             /* enum ctl_sa_flag */
	struct be32 flow_label;    /* of an IPv6 outer header; CTL_FLOW_COPY */
	struct be16 udp_local;     /* port */
	struct be16 udp_remote;
	struct be16 tfc; /* octets of a bucket, CTL_TFC_MTU, 0: no padding */
	struct be16 mtu; /* largest inner packet, 0: no limit */
	uint8_t encryption_octets;
	uint8_t authentication_octets;
	uint8_t encryption_key[CTL_KEY_MAX];
	uint8_t authentication_key[CTL_KEY_MAX];
	struct be64 soft_ns; /* limits of its life, 0: none; ages */
	struct be64 hard_ns;
	struct be64 soft_octets;
	struct be64 hard_octets;
	struct be64 born_ns;     /* monotonic clock; 0: its first packet's */
	struct be64 used_octets; /* of its life, before the ASP restarted */
	uint8_t esn;             /* 1: extended sequence numbers */
	uint8_t reserved;
};
static_assert(sizeof(struct ctl_sa) == 296, "control version 1");

/*
 * Automatic keys: what an ASP negotiates with (ike/ike.h, whose numbers these
 * are). Names end with NUL.
 */
#define CTL_IKE_NAME 52
#define CTL_IKE_PROPOSALS 8
#define CTL_IKE_SELECTORS 16

struct ctl_ike_id {
	uint8_t type; /* enum ike_id_type */
	uint8_t reserved;
	struct be16 octets;
	uint8_t value[256];
};

struct ctl_ike_proposal {
	char name[CTL_IKE_NAME];
	struct {
		struct be16 id; /* IANA's, of IKEv2; 0: none */
		struct be16 key_bits;
	} transform[4]; /* ENCR, PRF, INTEG, DH */
	struct be32 lifetime_s;
	uint8_t auth; /* enum ike_auth, IKEv1 */
	uint8_t reserved[3];
};
static_assert(sizeof(struct ctl_ike_proposal) == 76, "control version 1");

enum ctl_ike_policy_flag {
	CTL_IKE_NAT = 1 << 0,          /* translators are found */
	CTL_IKE_FRAGMENTATION = 1 << 1 /* RFC 7383 */
};

struct ctl_ike_policy {
	struct be32 id;
	char name[CTL_IKE_NAME];
	uint8_t version;     /* 1 or 2 */
	uint8_t mode;        /* enum ike_mode */
	uint8_t auth_local;  /* enum ike_auth */
	uint8_t auth_remote; /* the same */
	uint8_t connection;  /* enum ike_connection */
	uint8_t flags;       /* enum ctl_ike_policy_flag */
	uint8_t count;       /* of proposals */
	uint8_t reserved;
	struct ctl_ike_proposal proposal[CTL_IKE_PROPOSALS];
	struct ctl_ike_id local;
	struct ctl_ike_id remote;
	struct be32 dpd_interval_s; /* 0: off */
	struct be32 dpd_retries;
	struct be16 secret_octets;
	struct be16 reserved2;
	uint8_t secret[128];
};
static_assert(sizeof(struct ctl_ike_policy) == 1332, "control version 1");

struct ctl_ike_child_proposal {
	char name[CTL_IKE_NAME];
	uint8_t encryption;     /* enum ipsec_alg_id; INVALID: no ESP */
	uint8_t authentication; /* of ESP */
	uint8_t ah;             /* INVALID: no AH */
	uint8_t reserved;
	struct be32 lifetime_s;
	struct be32 lifetime_kilobytes; /* 0: none */
};
static_assert(sizeof(struct ctl_ike_child_proposal) == 64, "control version 1");

enum ctl_ike_child_flag { CTL_IKE_ESN = 1 << 0, CTL_IKE_TRANSPORT = 1 << 1 };

struct ctl_ike_child_policy {
	struct be32 id;
	char name[CTL_IKE_NAME];
	uint8_t count;
	uint8_t flags;         /* enum ctl_ike_child_flag */
	struct be16 pfs_group; /* 0: off */
	struct be32 replay_window;
	struct be32 rekey_margin_s; /* 0: a tenth of the lifetime */
	struct ctl_ike_child_proposal proposal[CTL_IKE_PROPOSALS];
};
static_assert(sizeof(struct ctl_ike_child_policy) == 580, "control version 1");

struct ctl_ike_ts { /* of one end, first to last */
	uint8_t protocol;
	uint8_t reserved[3];
	struct be16 port[2];
	struct ip_addr first;
	struct ip_addr last;
};

/* The rest is what the SAs of a manual tunnel say of their outer headers. */
struct ctl_ike_tunnel {
	struct be32 circuit; /* the tunnel's: its number everywhere */
	struct be32 context; /* of the outer packets */
	struct be32 policy;
	struct be32 child_policy;
	char name[CTL_IKE_NAME];
	struct ip_addr local;
	struct ip_addr remote;
	uint8_t type;    /* enum ike_tunnel_type */
	uint8_t traffic; /* 1: negotiates when a packet wants it */
	uint8_t count;   /* of selectors; 0: any to any */
	uint8_t df;      /* enum ctl_df */
	uint8_t dscp;    /* CTL_DSCP_COPY or a value */
	uint8_t ttl;
	uint8_t sa_flags; /* enum ctl_sa_flag, but for UDP */
	uint8_t reserved;
	struct be32 flow_label; /* or CTL_FLOW_COPY */
	struct be16 tfc;
	struct be16 mtu;
	struct {
		struct ctl_ike_ts local;
		struct ctl_ike_ts remote;
	} selector[CTL_IKE_SELECTORS];
};
static_assert(sizeof(struct ctl_ike_tunnel) == 1660, "control version 1");

enum ctl_ike_event_kind {
	CTL_IKE_UP = 1,      /* the first child SA of the tunnel is there */
	CTL_IKE_DOWN = 2,    /* the last is gone: cause */
	CTL_IKE_REJECTED = 3 /* what, and from whom; a sentence may follow */
};

struct ctl_ike_event {
	struct be32 circuit; /* REJECTED: may be 0 */
	uint8_t kind;        /* enum ctl_ike_event_kind */
	uint8_t cause;       /* enum ike_cause */
	uint8_t version;     /* REJECTED: of IKE */
	uint8_t reserved;
	struct be64 outage_ns; /* UP */
	struct ip_addr local;
	struct ip_addr remote;
};
static_assert(sizeof(struct ctl_ike_event) == 56, "control version 1");

/* A negotiated SA came (op 1) or went; no keys. */
struct ctl_ike_sa {
	struct be32 id; /* row of the SA counters of this ASP */
	struct be32 circuit;
	struct be32 spi;
	struct be32 bundle; /* id of the SA beside it, 0: alone */
	struct ip_addr src;
	struct ip_addr dst;
	uint8_t op;             /* enum ctl_op */
	uint8_t direction;      /* enum ctl_sa_direction */
	uint8_t protocol;       /* 50, 51 */
	uint8_t encryption;     /* enum ipsec_alg_id */
	uint8_t authentication; /* enum ipsec_alg_id */
	uint8_t mode;           /* enum ctl_sa_mode */
	uint8_t flags;          /* enum ctl_sa_flag */
	uint8_t esn;
	struct be16 replay_window;
	struct be16 udp_local;
	struct be16 udp_remote;
	struct be16 reserved;
	struct be64 born_ns; /* monotonic clock */
	struct be64 hard_ns; /* limits of its life, 0: none */
	struct be64 hard_octets;
};
static_assert(sizeof(struct ctl_ike_sa) == 96, "control version 1");

/* JSON follows. Numbered by the chassis; the answer bears the same number. */
struct ctl_ike_ask {
	struct be32 number;
	struct be32 reserved;
};

enum ctl_policy_action {
	CTL_POLICY_PROTECT = 1,
	CTL_POLICY_BYPASS = 2,
	CTL_POLICY_DISCARD = 3
};

#define CTL_POLICY_FIELDS 5

struct ctl_range { /* both included */
	struct be32 first;
	struct be32 last;
};

/*
 * One set of selectors of a policy list (RFC 4301 section 4.4.1): what it says
 * of the packets that it describes. Local is the source outbound and the
 * destination inbound.
 */
struct ctl_policy {
	struct be32 id;    /* index, 1 .. 262143: row of the counters too */
	struct be32 list;  /* it belongs to, 1 .. 65535 */
	struct be32 entry; /* order in the list: by entry, then by row */
	struct be32 row;
	struct be32 circuit; /* PROTECT: the tunnel's */
	uint8_t action;      /* enum ctl_policy_action */
	uint8_t family;      /* 4, 6; 0: either, with any address */
	uint8_t reserved[2];
	uint8_t local[2][16]; /* first and last; IPv4: four octets, then 0 in */
	uint8_t remote[2][16]; /* the first and 0xff in the last */
	/* protocol 0 .. 255, 256 opaque; local and remote port 0 .. 65535,
	 * 65536 opaque; ICMP type << 8 | code, 65536 opaque; DSCP 0 .. 63 */
	struct ctl_range field[CTL_POLICY_FIELDS];
};
static_assert(sizeof(struct ctl_policy) == 128, "control version 1");

/* Packets of this circuit are held against that list. */
struct ctl_policy_bind {
	struct be32 circuit;
	struct be32 list;
};
static_assert(sizeof(struct ctl_policy_bind) == 8, "control version 1");

/* PREPARED, ACTIVATED: error 0, or an errno and a sentence. */
struct ctl_generation {
	struct be32 generation;
	struct be32 error;
};

/*
 * A process died and its neighbours have drained: whoever owns a pool takes
 * back what it and its links held, also what an earlier epoch of it did.
 */
struct ctl_reclaim {
	struct be16 stage;
	struct be16 reserved;
	struct be32 epoch;
};

struct ctl_seq {
	struct be32 sa;
	struct be32 reserved;
	struct be64 until; /* GRANT: the last number that may be used */
};

enum ctl_port_dir { CTL_PORT_RX = 1, CTL_PORT_TX = 2 };
enum ctl_port_flag {
	CTL_PORT_STRICT_MAC = 1 << 0,
	CTL_PORT_PCAPNG = 1 << 1,    /* TX: this format instead of pcap */
	CTL_PORT_DISCARD = 1 << 2,   /* TX: count and discard; no path */
	CTL_PORT_WIRE = 1 << 3,      /* a SEQPACKET socket; "fd:N" or "lab:N"
				      (packet/wire_hdr.h) follows */
	CTL_PORT_INTERFACE = 1 << 4, /* an interface; its name follows */
	CTL_PORT_FEED = 1 << 5 /* a point: a listener's socket (cap_feed.h) */
};

/* The path of a capture file follows. */
struct ctl_port {
	uint8_t slot;
	uint8_t port;
	uint8_t direction; /* enum ctl_port_dir */
	uint8_t flags;     /* enum ctl_port_flag */
};

/*
 * A capture point (capture/point.h): the path follows; of a feed, behind a NUL,
 * a filter. OPENED answers, of a feed only where it can not be opened: its
 * listener sees that it is.
 */
struct ctl_point {
	struct be16 stage;
	struct be16 to;     /* the other end for a link, else 0xffff */
	uint8_t tap;        /* enum point_tap */
	uint8_t flags;      /* CTL_PORT_PCAPNG, CTL_PORT_FEED */
	struct be16 number; /* of a feed: what the listener calls it */
};

enum ctl_trace_flag {
	CTL_TRACE_NUMBER = 1 << 0, /* the router's number, and nothing else */
	CTL_TRACE_QUIET = 1 << 1   /* OPENED only where it fails */
};

/*
 * The first count packets that match the filter (libpcap's; it follows), of
 * those one in every; so many stations a second are told that telling never
 * costs traffic.
 */
struct ctl_trace_set {
	struct be32 count;      /* 0: stop */
	struct be32 every;      /* 0 and 1: each */
	struct be16 router;     /* its number in the lab, 0: none */
	uint8_t port;           /* 0: every port */
	uint8_t flags;          /* enum ctl_trace_flag */
	struct be32 per_second; /* stations told; 0: no limit */
};
static_assert(sizeof(struct ctl_trace_set) == 16, "control version 1");

/* error 0, or an errno and a sentence. what: slot << 8 | port, or 0. */
struct ctl_opened {
	struct be32 what;
	struct be32 error;
};

/*
 * A round: each iPPA with receiving ports admits, of what it has read, the
 * packets whose port clock is at most until_ns, and says how many. It answers a
 * round 0 (which admits nothing) with what lies ahead.
 */
struct ctl_admit {
	struct be32 round;
	struct be32 per_card; /* it holds at most this many ready, and one a
				 port where there are more ports */
	struct be64 until_ns;
};

struct ctl_admitted {
	struct be32 round;
	struct be32 packets;
	struct be64 next_ns;  /* port clock of the first packet ahead, or ~0 */
	struct be64 limit_ns; /* least port clock that a port with a full stage
				 ends at; ~0: every port's rest is staged */
	struct be32
	    error; /* errno when an input is damaged; sentence follows */
	struct be32 ended; /* 1: every port has reached its end */
};

struct ctl_fates {
	struct be32 round;
	struct be32 fates;
};

struct ctl_round {
	struct be32 round;
	struct be32 reserved;
};

/* Sums over all links of this process, once it has nothing left to take. */
struct ctl_probe {
	struct be32 nonce;
	struct be32 reserved;
	struct be64 sent;
	struct be64 received;
};

enum ctl_said { /* what a station of a journey tells */
		CTL_SAID_NOTE = 0,
		CTL_SAID_RECEIVED = 1, /* from outside; port */
		CTL_SAID_ROUTE = 2,    /* addr was looked up in context */
		CTL_SAID_POLICY = 3,   /* entry, row of a selection */
		CTL_SAID_ACL = 4,      /* list and row; 0: none fits */
		CTL_SAID_METER = 5,    /* colour in row */
		CTL_SAID_QUEUE = 6,
		CTL_SAID_SEAL = 7, /* sa, spi, seq */
		CTL_SAID_OPEN = 8,
		CTL_SAID_NEIGHBOR = 9, /* addr and mac */
		CTL_SAID_LOOP = 10,
		CTL_SAID_SENT = 11,  /* out of a port */
		CTL_SAID_CUT = 12,   /* row: pieces */
		CTL_SAID_PIECE = 13, /* a journey of its own begins: parent */
		CTL_SAID_JOIN = 14,
		CTL_SAID_DROP = 15, /* fate */
		CTL_SAID_WAIT = 16,
		CTL_SAID_OWN = 17 /* the router's own answer */
};

/*
 * One station of a journey. A sentence follows, then the headers of the packet
 * as they are now (packet/pkt_head.h). Ids are those of table rows; 0: none.
 */
struct ctl_traced {
	struct be32 trace;
	struct be32 parent; /* PIECE: the journey it is cut from */
	struct be16 stage;
	struct be16 to;       /* stage it goes to, or 0xffff */
	struct be32 hop;      /* stages visited before */
	struct be64 time_ns;  /* of the packet */
	struct be64 clock_ns; /* of the machine, when this was said */
	struct be32 unsaid;   /* stations not told since the last one */
	struct be32 context;
	struct be32 circuit;
	struct be32 adj;
	struct be32 list;
	struct be32 row;
	struct be32 entry;
	struct be32 sa;
	struct be32 spi;
	struct be32 seq; /* low half */
	struct ip_addr addr;
	struct ip_addr next_hop;
	struct be16 mtu;
	struct be16 octets; /* of the packet, link header included */
	struct be16 head;   /* octets of headers that follow the sentence */
	uint8_t kind;       /* enum ctl_said */
	uint8_t fate;       /* enum pkt_fate; of one build only */
	uint8_t l2;         /* of head: link header */
	uint8_t port;
	uint8_t queue;
	uint8_t direction; /* of features: 1 in, 2 out */
	uint8_t mac[6];
	uint8_t reserved[2];
};
static_assert(sizeof(struct ctl_traced) == 132, "control version 1");

/*
 * NOTICES: packets that a card dropped and somebody must hear of, each the
 * place of the packet and, of the octets it had, as many as follow.
 */
struct ctl_notice {
	struct be64 time_ns;
	struct be64 order_ns;
	struct be32 index;
	struct be32 round;
	struct be32 circuit_in;
	struct be32 circuit_out;
	struct be32 trace;
	struct be16 in_stage;
	struct be16 flags;
	struct be16 mtu;    /* it exceeded, 0: circuit_out's */
	struct be16 octets; /* that follow: from the IP header on */
	uint8_t in_port;
	uint8_t hop;
	uint8_t fate; /* enum pkt_fate */
	uint8_t reserved;
};
static_assert(sizeof(struct ctl_notice) == 48, "control version 1");

/* Heard of the path of an SA's outer packets. */
struct ctl_path_mtu {
	struct be32 sa;
	struct be16 mtu;
	struct be16 reserved;
	struct be64 until_ns; /* order_ns of the first packet to forget it */
};
static_assert(sizeof(struct ctl_path_mtu) == 16, "control version 1");

/* JSON follows. Numbered by the client; the answer bears the same number. */
struct ctl_request {
	struct be32 number;
	struct be32 reserved;
};

enum ctl_type {
#define X(id, name, body, tail, from, to) CTL_##name = (id),
	CTL_MSGS(X)
#undef X
};

#endif
