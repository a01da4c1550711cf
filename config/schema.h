/*
 * The one table of what can be configured. From it come the commands, help,
 * completion, `no` and `default`, `show configuration`, the loader, the diff,
 * JSON and docs/commands.md. A new object is a kind, its fields and its rows;
 * nothing else lists them.
 *
 * A kind is a sort of object. A field belongs to one kind; its enumerator says
 * which. A row is a line an operator types in the mode of a kind: it makes and
 * enters an object, or sets fields of the object whose mode it is.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include "syntax.h"

struct cfg_tree;
struct cfg_path;

enum cfg_kind {
	CFG_ROOT,
	CFG_CONTEXT,
	CFG_INTERFACE,
	CFG_SECONDARY, /* a secondary address */
	CFG_ROUTE,
	CFG_ADDRESS6, /* an IPv6 address of an interface */
	CFG_ROUTE6,
	CFG_ARP,       /* a static neighbor of an interface */
	CFG_NEIGHBOR6, /* the same, IPv6 */
	CFG_SA,
	CFG_ADMIN,
	CFG_CARD,
	CFG_PORT,
	CFG_PVC,
	CFG_POOL,
	CFG_ASP, /* an ASP in a pool */
	CFG_GROUP,
	CFG_TUNNEL,
	CFG_ACL,
	CFG_ACL_ROW,
	/* Access groups: of what they are applied to; their fields are alike.
	 */
	CFG_INTERFACE_GROUP,
	CFG_PORT_GROUP,
	CFG_PVC_GROUP,
	CFG_TUNNEL_GROUP,
	CFG_ALIAS,
	CFG_MACRO,
	CFG_MACRO_STEP,    /* one command of a macro */
	CFG_LEVEL,         /* the privilege level of an exec command */
	CFG_IPSEC_ACL,     /* ipsec access-list */
	CFG_IPSEC_ACL_ROW, /* one set of selectors in it */
	CFG_SELECTION,     /* ipsec selection: a policy database */
	CFG_SELECTION_ROW, /* one entry of it */
	CFG_QOS,           /* a policing or metering policy */
	/* What is applied of them; their fields are alike. */
	CFG_PORT_QOS,
	CFG_PVC_QOS,
	CFG_TUNNEL_QOS,
	CFG_PQ,          /* a policy of priority queues */
	CFG_PQ_QUEUE,    /* one queue of it */
	CFG_PQ_MAP,      /* which queue a DSCP goes to */
	CFG_IPSEC_QOS,   /* a policy of priority towards the ASP */
	CFG_IPSEC_QUEUE, /* one queue of it */
	CFG_ACL6, /* ipv6 access-list, its rows, and where it is applied */
	CFG_ACL6_ROW,
	CFG_INTERFACE_GROUP6,
	CFG_PORT_GROUP6,
	CFG_PVC_GROUP6,
	CFG_TUNNEL_GROUP6,
	/* Automatic keys: schema_ike.c, in this order. */
	CFG_IKE_PROPOSAL,
	CFG_IKE_POLICY,
	CFG_IKE_POLICY_ROW, /* one proposal of it */
	CFG_IPSEC_PROPOSAL,
	CFG_IPSEC_POLICY,
	CFG_IPSEC_POLICY_ROW,
	CFG_SUBSCRIBER, /* a peer that may come on demand */
	CFG_KINDS
};

#define CFG_FIELD_KIND(field) ((enum cfg_kind)((unsigned)(field) >> 8))
#define CFG_FIELD_INDEX(field) ((unsigned)(field)&0xff)

/* Beside each: how it is read (tree.h), and its default where it has one. */
enum cfg_field {
	CFG_ROOT_MULTIPLE_CONTEXTS = CFG_ROOT << 8, /* bool, false */
	CFG_ROOT_INTER_CONTEXT,                     /* bool, false */
	CFG_ROOT_HOSTNAME,                          /* str, "Redback" */
	CFG_ROOT_LOCATION,                          /* str */
	CFG_ROOT_CONTACT,                           /* str */
	CFG_ROOT_RELEASE,        /* u32: enum cfg_release, wide */
	CFG_ROOT_BANNER_LOGIN,   /* str */
	CFG_ROOT_BANNER_MOTD,    /* str */
	CFG_ROOT_BANNER_EXEC,    /* str */
	CFG_ROOT_LOGGING_FILE,   /* str, of /flash */
	CFG_ROOT_LOGGING_SYSLOG, /* bool, false */

	CFG_CONTEXT_NAME = CFG_CONTEXT << 8, /* str, key */
	CFG_CONTEXT_VPN_RD,                  /* str */
	CFG_CONTEXT_ASP_GROUP,               /* str */
	CFG_CONTEXT_ENABLE_PASSWORD,         /* key: its hash */
	CFG_CONTEXT_DPD_INTERVAL,            /* u32, 60: seconds */
	CFG_CONTEXT_DPD_RETRIES,             /* u32, 3 */
	CFG_CONTEXT_DPD_OFF,                 /* bool, false */
	CFG_CONTEXT_AAA_IPSEC,               /* u32: enum cfg_aaa, local */

	CFG_INTERFACE_NAME = CFG_INTERFACE << 8, /* str, key */
	CFG_INTERFACE_LOOPBACK,                  /* bool, false */
	CFG_INTERFACE_DESCRIPTION,               /* str */
	CFG_INTERFACE_ADDRESS,                   /* prefix */
	CFG_INTERFACE_MTU,        /* u32; none: that of the port */
	CFG_INTERFACE_SHUTDOWN,   /* bool, false */
	CFG_INTERFACE_LINK_LOCAL, /* ipv6; none: from the port's MAC */
	CFG_INTERFACE_SELECTION,  /* str */
	CFG_INTERFACE_ICMP,       /* enum cfg_icmp, all */

	CFG_SECONDARY_ADDRESS = CFG_SECONDARY << 8, /* prefix, key */
	CFG_SECONDARY_WORD,                         /* the word itself */

	CFG_ROUTE_PREFIX = CFG_ROUTE << 8, /* prefix, key */
	CFG_ROUTE_NEXTHOP,                 /* ipv4, key; one of these four */
	CFG_ROUTE_INTERFACE,               /* str, key */
	CFG_ROUTE_NULL0,                   /* bool, key */
	CFG_ROUTE_CONTEXT,                 /* str, key */
	CFG_ROUTE_DISTANCE,                /* u32, 1 */

	CFG_ADDRESS6_ADDRESS = CFG_ADDRESS6 << 8, /* net, key */

	CFG_ROUTE6_PREFIX = CFG_ROUTE6 << 8, /* net, key */
	CFG_ROUTE6_NEXTHOP,                  /* ipv6, key; and interface: */
	CFG_ROUTE6_INTERFACE,                /* str, key */
	CFG_ROUTE6_NULL0,                    /* bool, key */
	CFG_ROUTE6_CONTEXT,                  /* str, key */
	CFG_ROUTE6_DISTANCE,                 /* u32, 1 */

	CFG_ARP_ADDRESS = CFG_ARP << 8, /* ipv4, key */
	CFG_ARP_MAC,                    /* mac */

	CFG_NEIGHBOR6_ADDRESS = CFG_NEIGHBOR6 << 8, /* ipv6, key */
	CFG_NEIGHBOR6_MAC,                          /* mac */

	CFG_SA_NAME = CFG_SA << 8, /* str, key */
	CFG_SA_WINDOW,             /* u32, 64: packets, where not off */
	CFG_SA_WINDOW_OFF,         /* bool, false */
	CFG_SA_ESN,                /* bool, false */
	CFG_SA_LIFE_SECONDS,       /* u32; none: no limit */
	CFG_SA_LIFE_KILOBYTES,     /* u32; none: no limit */
	CFG_SA_LIFE_SOFT,          /* u32, 80: percent of the two */
	CFG_SA_ESP_SPI,            /* u32; none: no ESP */
	CFG_SA_ENCRYPTION,         /* u32: enum ipsec_alg */
	CFG_SA_ENCRYPTION_KEY,     /* key, salt octets at its end */
	CFG_SA_AUTHENTICATION,     /* u32: enum ipsec_alg */
	CFG_SA_AUTHENTICATION_KEY, /* key */
	CFG_SA_AH_SPI,             /* u32 */
	CFG_SA_AH_AUTHENTICATION,  /* u32: enum ipsec_alg */
	CFG_SA_AH_KEY,             /* key */

	CFG_ADMIN_NAME = CFG_ADMIN << 8, /* str, key */
	CFG_ADMIN_PASSWORD,              /* key */
	CFG_ADMIN_START,                 /* u32, 6 */
	CFG_ADMIN_MAX,                   /* u32, 15 */
	CFG_ADMIN_FULL_NAME,             /* str */
	CFG_ADMIN_IDLE,                  /* u32, minutes; 0: for ever */
	CFG_ADMIN_PUBLIC_KEY,            /* str: as in authorized_keys */

	CFG_ALIAS_NAME = CFG_ALIAS << 8, /* str, key */
	CFG_ALIAS_TEXT,                  /* str */

	CFG_MACRO_NAME = CFG_MACRO << 8, /* str, key */

	CFG_MACRO_STEP_SEQ = CFG_MACRO_STEP << 8, /* u32, key */
	CFG_MACRO_STEP_TEXT,                      /* str */

	CFG_LEVEL_COMMAND = CFG_LEVEL << 8, /* str, key */
	CFG_LEVEL_LEVEL,                    /* u32 */

	CFG_CARD_TYPE = CFG_CARD << 8, /* u32: index for cfg_card() */
	CFG_CARD_SLOT,                 /* u32, key */
	CFG_CARD_SHUTDOWN,             /* bool, false */

	CFG_PORT_NUMBER = CFG_PORT << 8, /* slot/unit, key */
	CFG_PORT_DESCRIPTION,            /* str */
	CFG_PORT_SHUTDOWN,               /* bool, true */
	CFG_PORT_MTU,                    /* u32, 1500 */
	CFG_PORT_ENCAPSULATION,          /* u32: enum cfg_encapsulation */
	CFG_PORT_BIND_INTERFACE,         /* str */
	CFG_PORT_BIND_CONTEXT,           /* str */

	CFG_PVC_VLAN = CFG_PVC << 8, /* u32, key */
	CFG_PVC_DESCRIPTION,         /* str */
	CFG_PVC_SHUTDOWN,            /* bool, false */
	CFG_PVC_BIND_INTERFACE,      /* str */
	CFG_PVC_BIND_CONTEXT,        /* str */

	CFG_POOL_NAME = CFG_POOL << 8, /* str, key */
	CFG_POOL_SERVICE,              /* u32, 0: security */
	CFG_POOL_DESCRIPTION,          /* str */

	CFG_ASP_NUMBER = CFG_ASP << 8, /* slot/unit, key */

	CFG_GROUP_NAME = CFG_GROUP << 8, /* str, key */
	CFG_GROUP_POOL,                  /* str */
	CFG_GROUP_ASP_COUNT,             /* u32, 1 */
	CFG_GROUP_TRAFFIC_ACTION,        /* u32: enum cfg_traffic_action */
	CFG_GROUP_SHUTDOWN,              /* bool, false */

	CFG_TUNNEL_NAME = CFG_TUNNEL << 8, /* str, key */
	CFG_TUNNEL_KEYING,                 /* u32: enum cfg_keying */
	CFG_TUNNEL_DESCRIPTION,            /* str */
	CFG_TUNNEL_ASP_GROUP,              /* str */
	CFG_TUNNEL_MODE,                   /* u32: enum cfg_mode */
	CFG_TUNNEL_LOCAL,                  /* ip */
	CFG_TUNNEL_REMOTE,                 /* ip, of the family of local */
	CFG_TUNNEL_CONTEXT,                /* str: of the end points */
	CFG_TUNNEL_SA_IN,                  /* str */
	CFG_TUNNEL_SA_OUT,                 /* str */
	CFG_TUNNEL_MTU,                    /* u32, 1400 */
	CFG_TUNNEL_CLEAR_DF,               /* bool, false */
	CFG_TUNNEL_DSCP_COPY,              /* the word copy; not stored */
	CFG_TUNNEL_DSCP,                   /* u32; none: copied */
	CFG_TUNNEL_SHUTDOWN,               /* bool, true */
	CFG_TUNNEL_BIND_INTERFACE,         /* str */
	CFG_TUNNEL_BIND_CONTEXT,           /* str */
	CFG_TUNNEL_IPSEC_MODE,             /* u32: enum cfg_ipsec_mode */
	CFG_TUNNEL_DF,                     /* u32: enum cfg_df */
	CFG_TUNNEL_ECN,                    /* u32: enum cfg_ecn */
	CFG_TUNNEL_TTL,                    /* u32, 64 */
	CFG_TUNNEL_FLOW_LABEL,             /* u32; none: copied */
	CFG_TUNNEL_UDP,                    /* bool, false */
	CFG_TUNNEL_UDP_LOCAL,              /* u32, 4500 */
	CFG_TUNNEL_UDP_REMOTE,             /* u32, 4500 */
	CFG_TUNNEL_TFC_MTU,                /* bool, false: up to the MTU */
	CFG_TUNNEL_TFC,                    /* u32; none: no padding */
	CFG_TUNNEL_FRAGMENTATION,          /* u32: enum cfg_fragmentation */
	CFG_TUNNEL_ACCESS_LIST,            /* str; none: any to any */
	CFG_TUNNEL_CLEAR_FALLBACK,         /* u32: enum cfg_fallback */
	CFG_TUNNEL_IKE_POLICY,             /* str */
	CFG_TUNNEL_IPSEC_POLICY,           /* str */

	CFG_ACL_NAME = CFG_ACL << 8, /* str, key */
	CFG_ACL_DESCRIPTION,         /* str */
	CFG_ACL_START,               /* u32: of resequence; not stored */
	CFG_ACL_STEP,                /* u32: of resequence; not stored */

	CFG_ACL_ROW_SEQ = CFG_ACL_ROW << 8, /* u32, key; given when left out */
	CFG_ACL_ROW_ACTION,                 /* u32: enum cfg_acl_action */
	CFG_ACL_ROW_PROTOCOL,     /* u32, CFG_PROTOCOL_ANY; schema_names.h */
	CFG_ACL_ROW_SRC_ANY,      /* one of these: bool, */
	CFG_ACL_ROW_SRC_HOST,     /* ipv4, */
	CFG_ACL_ROW_SRC,          /* or ipv4 */
	CFG_ACL_ROW_SRC_WILDCARD, /* and ipv4 */
	CFG_ACL_ROW_SRC_OP,       /* u32: enum cfg_acl_op; none: any port */
	CFG_ACL_ROW_SRC_PORT,     /* u32 */
	CFG_ACL_ROW_SRC_LOW,      /* u32: or these two */
	CFG_ACL_ROW_SRC_HIGH,     /* u32 */
	CFG_ACL_ROW_DST_ANY,      /* the same of the destination */
	CFG_ACL_ROW_DST_HOST,
	CFG_ACL_ROW_DST,
	CFG_ACL_ROW_DST_WILDCARD,
	CFG_ACL_ROW_DST_OP,
	CFG_ACL_ROW_DST_PORT,
	CFG_ACL_ROW_DST_LOW,
	CFG_ACL_ROW_DST_HIGH,
	CFG_ACL_ROW_PRECEDENCE,  /* u32 */
	CFG_ACL_ROW_TOS,         /* u32 */
	CFG_ACL_ROW_DSCP,        /* u32 */
	CFG_ACL_ROW_ESTABLISHED, /* bool */
	CFG_ACL_ROW_FRAGMENTS,   /* bool */
	CFG_ACL_ROW_ICMP_TYPE,   /* u32 */
	CFG_ACL_ROW_ICMP_CODE,   /* u32 */

	/* The same of IPv6; from ACTION to PROTOCOL and from PRECEDENCE on the
	 * order is that of CFG_ACL_ROW. */
	CFG_ACL6_NAME = CFG_ACL6 << 8, /* str, key */
	CFG_ACL6_DESCRIPTION,          /* str */
	CFG_ACL6_START,                /* u32: of resequence; not stored */
	CFG_ACL6_STEP,                 /* u32: of resequence; not stored */

	CFG_ACL6_ROW_SEQ = CFG_ACL6_ROW << 8, /* u32, key */
	CFG_ACL6_ROW_ACTION,                  /* u32 */
	CFG_ACL6_ROW_PROTOCOL,                /* u32 */
	CFG_ACL6_ROW_SRC_ANY,                 /* one of these: bool, */
	CFG_ACL6_ROW_SRC_HOST,                /* ipv6, */
	CFG_ACL6_ROW_SRC,                     /* or prefix6 */
	CFG_ACL6_ROW_SRC_OP,                  /* u32 */
	CFG_ACL6_ROW_SRC_PORT,                /* u32 */
	CFG_ACL6_ROW_SRC_LOW,                 /* u32 */
	CFG_ACL6_ROW_SRC_HIGH,                /* u32 */
	CFG_ACL6_ROW_DST_ANY,                 /* the same of the destination */
	CFG_ACL6_ROW_DST_HOST,
	CFG_ACL6_ROW_DST,
	CFG_ACL6_ROW_DST_OP,
	CFG_ACL6_ROW_DST_PORT,
	CFG_ACL6_ROW_DST_LOW,
	CFG_ACL6_ROW_DST_HIGH,
	CFG_ACL6_ROW_PRECEDENCE,
	CFG_ACL6_ROW_TOS,
	CFG_ACL6_ROW_DSCP,
	CFG_ACL6_ROW_ESTABLISHED,
	CFG_ACL6_ROW_FRAGMENTS,
	CFG_ACL6_ROW_ICMP_TYPE,
	CFG_ACL6_ROW_ICMP_CODE,

	CFG_INTERFACE_GROUP_DIRECTION = CFG_INTERFACE_GROUP << 8, /* u32, key */
	CFG_INTERFACE_GROUP_NAME,                                 /* str */
	CFG_INTERFACE_GROUP_COUNT,                                /* bool */
	CFG_INTERFACE_GROUP_LOG,                                  /* bool */

	CFG_PORT_GROUP_DIRECTION = CFG_PORT_GROUP << 8,
	CFG_PVC_GROUP_DIRECTION = CFG_PVC_GROUP << 8,
	CFG_TUNNEL_GROUP_DIRECTION = CFG_TUNNEL_GROUP << 8,

	CFG_IPSEC_ACL_NAME = CFG_IPSEC_ACL << 8, /* str, key */
	CFG_IPSEC_ACL_DESCRIPTION,               /* str */

	/* Addresses, ports and codes are texts: config/selector.h reads them.
	 */
	CFG_IPSEC_ACL_ROW_SEQ = CFG_IPSEC_ACL_ROW << 8, /* u32, key */
	CFG_IPSEC_ACL_ROW_PROTOCOL,    /* u32; this or the number: IANA's, */
	CFG_IPSEC_ACL_ROW_NUMBER,      /* u32; or as selector.h has them */
	CFG_IPSEC_ACL_ROW_SOURCE,      /* str */
	CFG_IPSEC_ACL_ROW_SOURCE_PORT, /* str; none: any */
	CFG_IPSEC_ACL_ROW_DESTINATION, /* str */
	CFG_IPSEC_ACL_ROW_DESTINATION_PORT, /* str; none: any */
	CFG_IPSEC_ACL_ROW_TYPE,             /* u32; none: any */
	CFG_IPSEC_ACL_ROW_CODE,             /* str; none: any */
	CFG_IPSEC_ACL_ROW_DSCP,             /* u32; none: any */

	CFG_SELECTION_NAME = CFG_SELECTION << 8, /* str, key */
	CFG_SELECTION_DESCRIPTION,               /* str */

	CFG_SELECTION_ROW_SEQ = CFG_SELECTION_ROW << 8, /* u32, key */
	CFG_SELECTION_ROW_TUNNEL,      /* str: protect; this or the action */
	CFG_SELECTION_ROW_ACTION,      /* u32: enum cfg_selection_action */
	CFG_SELECTION_ROW_ACCESS_LIST, /* str */
	CFG_QOS_NAME = CFG_QOS << 8,   /* str, key */
	CFG_QOS_KIND,                  /* u32: enum cfg_qos_kind */
	CFG_QOS_RATE,                  /* u32: kbit/s */
	CFG_QOS_BURST,                 /* u32: octets */
	CFG_QOS_EXCESS,                /* u32: octets */
	CFG_QOS_CONFORM_ACTION,        /* u32: enum cfg_qos_action; or one of */
	CFG_QOS_CONFORM_DSCP,          /* u32 */
	CFG_QOS_CONFORM_PRECEDENCE,    /* u32 */
	CFG_QOS_EXCEED_ACTION,         /* the same for the others, in order */
	CFG_QOS_EXCEED_DSCP,
	CFG_QOS_EXCEED_PRECEDENCE,
	CFG_QOS_VIOLATE_ACTION,
	CFG_QOS_VIOLATE_DSCP,
	CFG_QOS_VIOLATE_PRECEDENCE,

	CFG_PORT_QOS_USE = CFG_PORT_QOS << 8, /* u32: enum cfg_qos_kind, key */
	CFG_PORT_QOS_POLICY,                  /* str */

	CFG_PQ_NAME = CFG_PQ << 8, /* str, key */
	CFG_PQ_QUEUES,             /* u32, 8 */
	CFG_PQ_RATE,               /* u32: kbit/s; none: no bound */

	CFG_PQ_QUEUE_NUMBER = CFG_PQ_QUEUE << 8, /* u32, key */
	CFG_PQ_QUEUE_RATE,                       /* u32: kbit/s */
	CFG_PQ_QUEUE_BURST,                      /* u32: octets */
	CFG_PQ_QUEUE_DEPTH,                      /* u32: packets, 512 */

	CFG_PQ_MAP_DSCP = CFG_PQ_MAP << 8, /* u32, key */
	CFG_PQ_MAP_QUEUE,                  /* u32 */

	CFG_IPSEC_QOS_NAME = CFG_IPSEC_QOS << 8, /* str, key */

	CFG_IPSEC_QUEUE_NUMBER = CFG_IPSEC_QUEUE << 8, /* u32, key */
	CFG_IPSEC_QUEUE_LIST,                          /* str */
	CFG_IPSEC_QUEUE_DSCP,                          /* u32 */

	CFG_IKE_PROPOSAL_NAME = CFG_IKE_PROPOSAL << 8, /* str, key */
	CFG_IKE_PROPOSAL_METHOD,   /* u32: enum cfg_ike_auth */
	CFG_IKE_PROPOSAL_INTEG,    /* u32: cfg_ike_alg(); none: SHA-1 */
	CFG_IKE_PROPOSAL_ENCR,     /* u32: the same; none: 3DES */
	CFG_IKE_PROPOSAL_PRF,      /* u32: the same; none: of INTEG */
	CFG_IKE_PROPOSAL_GROUP,    /* u32: the same; none: group 2 */
	CFG_IKE_PROPOSAL_LIFETIME, /* u32, 28800: seconds */

	CFG_IKE_POLICY_NAME = CFG_IKE_POLICY << 8, /* str, key */
	CFG_IKE_POLICY_VERSION,                    /* u32, 2 */
	CFG_IKE_POLICY_MODE,                       /* u32: enum cfg_ike_mode */
	CFG_IKE_POLICY_LOCAL_IP,      /* ip; at most one of these five */
	CFG_IKE_POLICY_LOCAL_FQDN,    /* str */
	CFG_IKE_POLICY_LOCAL_EMAIL,   /* str */
	CFG_IKE_POLICY_LOCAL_DN,      /* str */
	CFG_IKE_POLICY_LOCAL_KEY_ID,  /* str */
	CFG_IKE_POLICY_REMOTE_IP,     /* the same of the far end */
	CFG_IKE_POLICY_REMOTE_FQDN,   /* str */
	CFG_IKE_POLICY_REMOTE_EMAIL,  /* str */
	CFG_IKE_POLICY_REMOTE_DN,     /* str */
	CFG_IKE_POLICY_REMOTE_KEY_ID, /* str */
	CFG_IKE_POLICY_AUTH_LOCAL,    /* u32: enum cfg_ike_auth */
	CFG_IKE_POLICY_AUTH_REMOTE,   /* u32: enum cfg_ike_auth */
	CFG_IKE_POLICY_SECRET,        /* key */
	CFG_IKE_POLICY_CONNECTION,    /* u32: enum cfg_ike_connection */
	CFG_IKE_POLICY_NAT,           /* bool, false */

	CFG_IKE_POLICY_ROW_SEQ = CFG_IKE_POLICY_ROW << 8, /* u32, key */
	CFG_IKE_POLICY_ROW_PROPOSAL,                      /* str */

	CFG_IPSEC_PROPOSAL_NAME = CFG_IPSEC_PROPOSAL << 8, /* str, key */
	CFG_IPSEC_PROPOSAL_ENCRYPTION,     /* u32: enum ipsec_alg_id */
	CFG_IPSEC_PROPOSAL_AUTHENTICATION, /* u32; cfg_ipsec_proposal_auth() */
	CFG_IPSEC_PROPOSAL_AH,             /* u32: the same; none: no AH */
	CFG_IPSEC_PROPOSAL_SECONDS,        /* u32, 3600 */
	CFG_IPSEC_PROPOSAL_KILOBYTES,      /* u32; none: no limit */

	CFG_IPSEC_POLICY_NAME = CFG_IPSEC_POLICY << 8, /* str, key */
	CFG_IPSEC_POLICY_PFS,        /* u32: cfg_ike_alg(); none: off */
	CFG_IPSEC_POLICY_WINDOW,     /* u32, 64: packets, where not off */
	CFG_IPSEC_POLICY_WINDOW_OFF, /* bool, false */
	CFG_IPSEC_POLICY_MARGIN,     /* u32; none: a tenth of the lifetime */
	CFG_IPSEC_POLICY_ESN,        /* bool, false */

	CFG_IPSEC_POLICY_ROW_SEQ = CFG_IPSEC_POLICY_ROW << 8, /* u32, key */
	CFG_IPSEC_POLICY_ROW_PROPOSAL,                        /* str */

	CFG_SUBSCRIBER_NAME = CFG_SUBSCRIBER << 8, /* str, key */
	CFG_SUBSCRIBER_SECRET,                     /* key */
	CFG_SUBSCRIBER_POLICY,                     /* str */
	CFG_SUBSCRIBER_ADDRESS,                    /* ipv4 */
};

/* The field of a kind whose fields are those of the field's kind. */
#define CFG_FIELD_OF(kind, field)                                              \
	((enum cfg_field)((unsigned)(kind) << 8 | CFG_FIELD_INDEX(field)))

/* The access groups of IPv6 beside those of IPv4. */
#define CFG_GROUP6_OF(kind)                                                    \
	((enum cfg_kind)((unsigned)(kind) + CFG_INTERFACE_GROUP6 -             \
			 CFG_INTERFACE_GROUP))
#define CFG_ACL_ROWS_MAX 4096

enum cfg_acl_action { CFG_ACL_PERMIT, CFG_ACL_DENY };
enum cfg_acl_op { CFG_ACL_EQ, CFG_ACL_NEQ, CFG_ACL_LT, CFG_ACL_GT };
#define CFG_PQ_DEPTH 512

enum cfg_qos_kind { CFG_QOS_POLICING, CFG_QOS_METERING, CFG_QOS_QUEUING };
enum cfg_qos_action { CFG_QOS_NO_ACTION, CFG_QOS_DROP };
enum cfg_direction { CFG_IN, CFG_OUT };

enum cfg_encapsulation { CFG_ENCAPSULATION_ETHERNET, CFG_ENCAPSULATION_DOT1Q };
enum cfg_traffic_action { CFG_TRAFFIC_DROP, CFG_TRAFFIC_BYPASS };
enum cfg_keying { CFG_KEYING_AUTO, CFG_KEYING_ON_DEMAND, CFG_KEYING_MANUAL };
/* Everything there is, or what the SmartEdge release had. */
enum cfg_release { CFG_RELEASE_WIDE, CFG_RELEASE_SEOS };
enum cfg_ipsec_mode { CFG_IPSEC_TUNNEL, CFG_IPSEC_TRANSPORT };
/* What the router says: bits. */
enum cfg_icmp {
	CFG_ICMP_NONE = 0,
	CFG_ICMP_ECHO = 1,
	CFG_ICMP_ERRORS = 2,
	CFG_ICMP_ALL = 3
};
enum cfg_df { CFG_DF_COPY, CFG_DF_SET, CFG_DF_CLEAR };
enum cfg_ecn { CFG_ECN_NORMAL, CFG_ECN_COMPATIBILITY };
enum cfg_fragmentation { CFG_FRAGMENTATION_PRE, CFG_FRAGMENTATION_POST };
enum cfg_mode { CFG_MODE_CIRCUIT_BASED, CFG_MODE_ECONOMICAL };

enum cfg_ike_auth { CFG_IKE_PSK = 1, CFG_IKE_CERT };
enum cfg_ike_mode { CFG_IKE_MAIN, CFG_IKE_AGGRESSIVE };
enum cfg_ike_connection { CFG_IKE_BOTH, CFG_IKE_INITIATOR, CFG_IKE_RESPONDER };
enum cfg_aaa { CFG_AAA_LOCAL, CFG_AAA_NONE };
#define CFG_IKE_PROPOSALS_MAX 8 /* of a policy, of either kind */

enum cfg_fallback { CFG_FALLBACK_DISCARD, CFG_FALLBACK_ROUTE };
enum cfg_selection_action { CFG_SELECTION_BYPASS = 2, CFG_SELECTION_DISCARD };

/* What stands behind a rule of syntax: see docs/commands.md. */
enum cfg_mark { CFG_MARK_FOUND, CFG_MARK_NAME, CFG_MARK_KNOWN, CFG_MARK_OURS };

struct cfg_kind_def {
	const char *name;     /* "tunnel": in JSON and sentences */
	const char *prompt;   /* "config-tunnel"; NULL: no mode, one line */
	enum cfg_kind parent; /* the mode it is typed in */
	const struct syntax_arg *fields;
	unsigned n_fields;
	bool compact; /* there may be millions: no columns are kept */
	bool whole;   /* a line says all of the object: what it leaves out is
		       * not set */
};

struct cfg_row {
	enum cfg_kind mode;  /* where it is typed */
	enum cfg_kind makes; /* the kind it makes; CFG_ROOT: sets fields */
	const char *pattern;
	const char *no; /* enough after `no` and `default` */
	enum cfg_mark mark;
	/*
	 * NULL, or what the values of one line must fulfil among themselves:
	 * 0, or -EINVAL with a sentence and the column of the value at fault.
	 */
	int (*check)(const struct syntax_match *match, char *text,
		     size_t octets, size_t *column);
	/* cfg_print(): `!` before the first of these, and before each. */
	bool bang, bang_each;
};

/* What a card type is: its keyword, and what it brings. */
struct cfg_card {
	const char *name;
	const char *help;
	unsigned ports;  /* Ethernet ports on its front */
	unsigned asps;   /* ASPs */
	bool controller; /* lives in slots 7 and 8 only */
};

/* Which algorithm rules how long a key is. */
struct cfg_key_rule {
	enum cfg_field algorithm, key;
};
/* NULL from the end on. */
const struct cfg_key_rule *cfg_key_rule(unsigned i);
/*
 * Whether a key of have octets (given or not) suits the algorithm, an enum
 * ipsec_alg_id: 0, or -EINVAL and a sentence.
 */
int cfg_key_check(uint32_t id, bool given, size_t have, char *text,
		  size_t octets);

#define CFG_SLOT_MAX 14
struct ike_alg;
/* What a field of an IKE algorithm means; NULL: 0, which is not set. */
const struct ike_alg *cfg_ike_alg(uint32_t value);

/* Slots 7 and 8 are the controllers'. */
bool cfg_slot_is_controller(unsigned slot);

const struct cfg_kind_def *cfg_kind_get(enum cfg_kind kind);
const struct syntax_arg *cfg_field_get(enum cfg_field field);
/* Rows in the order in which they are printed; NULL from the end on. */
const struct cfg_row *cfg_row_get(unsigned i);
/*
 * NULL, or what a row does that changes objects in another way than to set what
 * it names, in the mode of the object at path mode: 0, or -EINVAL with a
 * sentence, or -ENOMEM. Such a row is never printed.
 */
typedef int cfg_act_fn(struct cfg_tree *tree, const struct cfg_path *mode,
		       const struct syntax_match *match, char *text,
		       size_t octets, size_t *column);
cfg_act_fn *cfg_row_act(const struct cfg_row *row);
/*
 * Whether the whole line may stand behind `no` and `default`: not where the row
 * does something else, nor where the number of a row says which it is.
 */
bool cfg_row_negates(const struct cfg_row *row);
/* The kind whose fields a row sets, and a bit for each field it names. */
const struct cfg_kind_def *cfg_row_kind(const struct cfg_row *row);
uint32_t cfg_row_fields(const struct cfg_row *row);
/* NULL from the end on. */
const struct cfg_card *cfg_card(unsigned type);
/* The help of a pattern's words. */
const struct syntax_word *cfg_words(void);

#endif
