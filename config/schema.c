/*
 * The kinds of objects and their fields: names, types, ranges, defaults. The
 * lines that set them are in schema_rows.c, and what objects must fulfil
 * together in validate.c. Keywords are those of the SmartEdge documents where
 * the row's mark says so, and else our own by analogy. Numbers follow RFC 4303
 * (SPI) and IEEE 802.1Q (VLAN ids).
 */
#include "schema.h"

#include "ipsec_alg.h"
#include "schema_impl.h"

/* clang-format off */
FLAG(loopback, "loopback");
FLAG(secondary, "secondary");
FLAG(null0, "null0");
FLAG(shutdown, "shutdown");
FLAG(syslog, "syslog");
FLAG(clear_df, "clear-df");
FLAG(copy, "copy");
FLAG(off, "off");
FLAG(esn, "extended-sequence-number");
FLAG(udp, "udp-encapsulation");
FLAG(tfc_mtu, "mtu");
FLAG(multiple, "multiple-contexts");
FLAG(inter_context, "inter-context");

static const struct syntax_choice encapsulation_choices[] = {
	{ "dot1q", CFG_ENCAPSULATION_DOT1Q, "IEEE 802.1Q" },
	{ NULL, 0, NULL } };
static const struct syntax_choice release_choices[] = {
	{ "seos", CFG_RELEASE_SEOS, "What the SmartEdge's release had" },
	{ NULL, 0, NULL } };
static const struct syntax_choice service_choices[] = {
	{ "security", 1, "Security Service: IPsec VPN" }, { NULL, 0, NULL } };
static const struct syntax_choice action_choices[] = {
	{ "drop", CFG_TRAFFIC_DROP, "Drop what no ASP can serve" },
	{ "bypass", CFG_TRAFFIC_BYPASS, "Forward it unprocessed" },
	{ NULL, 0, NULL } };
static const struct syntax_choice keying_choices[] = {
	{ "on-demand", CFG_KEYING_ON_DEMAND, "Made when the peer negotiates" },
	{ "manual", CFG_KEYING_MANUAL, "SAs are configured" },
	{ NULL, 0, NULL } };
static const struct syntax_choice mode_choices[] = {
	{ "circuit-based", CFG_MODE_CIRCUIT_BASED,
	  "Through the egress features of the tunnel circuit" },
	{ "economical", CFG_MODE_ECONOMICAL, "Straight to the ASP" },
	{ NULL, 0, NULL } };

static const struct syntax_choice aaa_choices[] = {
	{ "local", CFG_AAA_LOCAL, "The context's subscribers" },
	{ "none", CFG_AAA_NONE, "Nobody may come on demand" },
	{ NULL, 0, NULL } };
static const struct syntax_choice ipsec_mode_choices[] = {
	{ "tunnel", CFG_IPSEC_TUNNEL, "Packets of others, in an outer header" },
	{ "transport", CFG_IPSEC_TRANSPORT,
	  "The router's own packets to the far end" },
	{ NULL, 0, NULL } };
static const struct syntax_choice icmp_choices[] = {
	{ "all", CFG_ICMP_ALL, "Echo replies and errors" },
	{ "echo", CFG_ICMP_ECHO, "Echo replies alone" },
	{ "errors", CFG_ICMP_ERRORS, "Errors alone" },
	{ "none", CFG_ICMP_NONE, "Nothing" },
	{ NULL, 0, NULL } };
static const struct syntax_choice df_choices[] = {
	{ "copy", CFG_DF_COPY, "From the inner header" },
	{ "set", CFG_DF_SET, "Always" },
	{ "clear", CFG_DF_CLEAR, "Never" },
	{ NULL, 0, NULL } };
static const struct syntax_choice ecn_choices[] = {
	{ "normal", CFG_ECN_NORMAL, "Copied outwards (RFC 6040)" },
	{ "compatibility", CFG_ECN_COMPATIBILITY,
	  "Cleared outwards, for a far end without ECN" },
	{ NULL, 0, NULL } };
static const struct syntax_choice fragmentation_choices[] = {
	{ "pre", CFG_FRAGMENTATION_PRE, "Before sealing: of inner packets" },
	{ "post", CFG_FRAGMENTATION_POST, "After sealing: of outer packets" },
	{ NULL, 0, NULL } };

static const struct syntax_choice fallback_choices[] = {
	{ "discard", CFG_FALLBACK_DISCARD,
	  "Discard what would have gone through the tunnel" },
	{ "route", CFG_FALLBACK_ROUTE,
	  "Let other routes carry it, also in clear" },
	{ NULL, 0, NULL } };
static const struct cfg_card cards[] = {
	{ "ge-10-port", "10-port Gigabit Ethernet", 10, 0, false },
	{ "ge-5-port", "5-port Gigabit Ethernet", 5, 0, false },
	{ "ge4-20-port", "20-port Gigabit Ethernet", 20, 0, false },
	{ "ge3-4-port", "4-port Gigabit Ethernet with traffic management", 4,
	  0, false },
	{ "gigaether-4-port", "4-port Gigabit Ethernet", 4, 0, false },
	{ "10ge-1-port", "1-port 10 Gigabit Ethernet", 1, 0, false },
	{ "10ge-4-port", "4-port 10 Gigabit Ethernet", 4, 0, false },
	{ "ether-12-port", "12-port 10/100 Ethernet", 12, 0, false },
	{ "fege-60-2-port", "60-port 10/100, 2-port Gigabit Ethernet", 62, 0,
	  false },
	{ "ase", "Advanced Services Engine", 0, 2, false },
	{ "ase2", "Advanced Services Engine, second generation", 0, 2, false },
	{ "xcrp4-base", "Controller card", 1, 0, true },
};
/* clang-format on */

const struct cfg_card *
cfg_card(unsigned type)
{
	return type < NELEM(cards) ? &cards[type] : NULL;
}

bool
cfg_slot_is_controller(unsigned slot)
{
	return slot == 7 || slot == 8;
}

static bool
card_choice(unsigned i, struct syntax_choice *choice)
{
	if (i >= NELEM(cards))
		return false;
	*choice = (struct syntax_choice){cards[i].name, i, cards[i].help};
	return true;
}

/* The i-th algorithm of a kind. */
static bool
alg_choice(unsigned i, enum ipsec_alg_kind kind, struct syntax_choice *choice)
{
	for (unsigned id = IPSEC_ALG_INVALID + 1; id < IPSEC_ALG_MAX; id++) {
		const struct ipsec_alg *alg =
		    ipsec_alg_get((enum ipsec_alg_id)id);

		if (alg->kind != kind || i-- > 0)
			continue;
		*choice = (struct syntax_choice){alg->name, id, alg->verdict};
		return true;
	}
	return false;
}

static bool
encryption_choice(unsigned i, struct syntax_choice *choice)
{
	return alg_choice(i, IPSEC_ALG_ENCRYPTION, choice);
}

static bool
authentication_choice(unsigned i, struct syntax_choice *choice)
{
	return alg_choice(i, IPSEC_ALG_AUTHENTICATION, choice);
}

/* clang-format off */
#define ROUTE_CONTEXT \
	NAMED("context", 32, "Context that looks the packet up")

static const struct syntax_arg root_fields[] = {
	AT(CFG_ROOT_MULTIPLE_CONTEXTS) = { CHOICE("multiple-contexts",
	    multiple_choices, "Contexts beside local"), DEFAULT(0) },
	AT(CFG_ROOT_INTER_CONTEXT) = { CHOICE("inter-context",
	    inter_context_choices, "Routes between contexts"), DEFAULT(0) },
	AT(CFG_ROOT_HOSTNAME) = { NAMED("hostname", 63, "Name of the router"),
	    .has_default = true, .text = "Redback" },
	AT(CFG_ROOT_LOCATION) = { TEXT("location", 255, "Where it stands") },
	AT(CFG_ROOT_CONTACT) = { TEXT("contact", 255, "Who runs it") },
	AT(CFG_ROOT_RELEASE) = { CHOICE("release-compliance",
	    release_choices, "Refuse what a release does not have"),
	    DEFAULT(CFG_RELEASE_WIDE) },
	AT(CFG_ROOT_BANNER_LOGIN) = { TEXT("banner-login", 255,
	    "Shown before the login") },
	AT(CFG_ROOT_BANNER_MOTD) = { TEXT("banner-motd", 255,
	    "Message of the day") },
	AT(CFG_ROOT_BANNER_EXEC) = { TEXT("banner-exec", 255,
	    "Shown before the first prompt") },
	AT(CFG_ROOT_LOGGING_FILE) = { NAMED("logging-file", 63,
	    "File of /flash that the log is added to") },
	AT(CFG_ROOT_LOGGING_SYSLOG) = { CHOICE("syslog", syslog_choices,
	    "Hand the log to this machine's syslog"), DEFAULT(0) },
};
static const struct syntax_arg context_fields[] = {
	AT(CFG_CONTEXT_NAME) = { NAMED("context", 32, "Name of the context"),
	    .key = true },
	AT(CFG_CONTEXT_VPN_RD) = { VALUE("vpn-rd", SYNTAX_RD,
	    "Route distinguisher") },
	AT(CFG_CONTEXT_ASP_GROUP) = { NAMED("asp-group", 50,
	    "Name of the ASP group") },
	AT(CFG_CONTEXT_ENABLE_PASSWORD) = { SECRET("enable-password",
	    "Password"), .hashed = true },
	AT(CFG_CONTEXT_DPD_INTERVAL) = { NUMBER("interval", 10, 3600,
	    "Seconds without a sign of life before the peer is asked"),
	    DEFAULT(60) },
	AT(CFG_CONTEXT_DPD_RETRIES) = { NUMBER("retries", 1, 10,
	    "Questions without an answer after which it is gone"),
	    DEFAULT(3) },
	AT(CFG_CONTEXT_DPD_OFF) = { CHOICE("keepalive-off", off_choices,
	    "Never ask"), DEFAULT(0) },
	AT(CFG_CONTEXT_AAA_IPSEC) = { CHOICE("aaa-ipsec", aaa_choices,
	    "Where peers of on-demand tunnels are looked up"),
	    DEFAULT(CFG_AAA_LOCAL) },
};
static const struct syntax_arg interface_fields[] = {
	AT(CFG_INTERFACE_NAME) = { NAMED("interface", 127,
	    "Name of the interface"), .key = true },
	AT(CFG_INTERFACE_LOOPBACK) = { CHOICE("loopback", loopback_choices,
	    "Is up without a circuit"), DEFAULT(0) },
	AT(CFG_INTERFACE_DESCRIPTION) = { DESCRIPTION },
	AT(CFG_INTERFACE_ADDRESS) = { VALUE("address", SYNTAX_IFADDR,
	    "Address and prefix length") },
	AT(CFG_INTERFACE_MTU) = { NUMBER("mtu", 256, 16384, "Octets") },
	AT(CFG_INTERFACE_SHUTDOWN) = { CHOICE("shutdown", shutdown_choices,
	    "Take out of service"), DEFAULT(0) },
	AT(CFG_INTERFACE_LINK_LOCAL) = { VALUE("link-local", SYNTAX_IPV6,
	    "Address for this link alone") },
	AT(CFG_INTERFACE_ICMP) = { CHOICE("icmp", icmp_choices,
	    "What is said to whom is behind this interface"),
	    DEFAULT(CFG_ICMP_ALL) },
	AT(CFG_INTERFACE_SELECTION) = { NAMED("selection", 50,
	    "Name of the selection") },
};
static const struct syntax_arg secondary_fields[] = {
	AT(CFG_SECONDARY_ADDRESS) = { VALUE("address", SYNTAX_IFADDR,
	    "Address and prefix length"), .key = true },
	AT(CFG_SECONDARY_WORD) = { CHOICE("secondary", secondary_choices,
	    "One more address") },
};
static const struct syntax_arg route_fields[] = {
	AT(CFG_ROUTE_PREFIX) = { VALUE("prefix", SYNTAX_PREFIX,
	    "Destination network"), .key = true },
	AT(CFG_ROUTE_NEXTHOP) = { VALUE("next-hop", SYNTAX_IPV4,
	    "Address of the next router"), .min = 1, .key = true },
	AT(CFG_ROUTE_INTERFACE) = { NAMED("interface", 127,
	    "Interface it leaves by"), .key = true },
	AT(CFG_ROUTE_NULL0) = { CHOICE("null0", null0_choices,
	    "Discard"), .key = true },
	AT(CFG_ROUTE_CONTEXT) = { ROUTE_CONTEXT, .key = true },
	AT(CFG_ROUTE_DISTANCE) = { NUMBER("distance", 1, 255,
	    "Administrative distance"), DEFAULT(1) },
};
static const struct syntax_arg address6_fields[] = {
	AT(CFG_ADDRESS6_ADDRESS) = { VALUE("address", SYNTAX_IFADDR6,
	    "Address and prefix length"), .key = true },
};
static const struct syntax_arg route6_fields[] = {
	AT(CFG_ROUTE6_PREFIX) = { VALUE("prefix", SYNTAX_PREFIX6,
	    "Destination network"), .key = true },
	AT(CFG_ROUTE6_NEXTHOP) = { VALUE("next-hop", SYNTAX_IPV6,
	    "Address of the next router"), .key = true },
	AT(CFG_ROUTE6_INTERFACE) = { NAMED("interface", 127,
	    "Interface it leaves by"), .key = true },
	AT(CFG_ROUTE6_NULL0) = { CHOICE("null0", null0_choices,
	    "Discard"), .key = true },
	AT(CFG_ROUTE6_CONTEXT) = { ROUTE_CONTEXT, .key = true },
	AT(CFG_ROUTE6_DISTANCE) = { NUMBER("distance", 1, 255,
	    "Administrative distance"), DEFAULT(1) },
};
static const struct syntax_arg arp_fields[] = {
	AT(CFG_ARP_ADDRESS) = { VALUE("address", SYNTAX_IPV4,
	    "Address of the neighbor"), .min = 1, .key = true },
	AT(CFG_ARP_MAC) = { VALUE("mac", SYNTAX_MAC, "Its MAC address") },
};
static const struct syntax_arg neighbor6_fields[] = {
	AT(CFG_NEIGHBOR6_ADDRESS) = { VALUE("address", SYNTAX_IPV6,
	    "Address of the neighbor"), .key = true },
	AT(CFG_NEIGHBOR6_MAC) = { VALUE("mac", SYNTAX_MAC,
	    "Its MAC address") },
};
static const struct syntax_arg sa_fields[] = {
	AT(CFG_SA_NAME) = { NAMED("sa", 50, "Name of the SA"), .key = true },
	AT(CFG_SA_WINDOW) = { NUMBER("anti-replay-window", 1, 4096,
	    "Packets of the anti-replay window"), DEFAULT(64) },
	AT(CFG_SA_WINDOW_OFF) = { CHOICE("anti-replay-off", off_choices,
	    "Accept replayed packets"), DEFAULT(0) },
	AT(CFG_SA_ESN) = { CHOICE("extended-sequence-number", esn_choices,
	    "Sequence numbers of 64 bits"), DEFAULT(0) },
	AT(CFG_SA_LIFE_SECONDS) = { NUMBER("lifetime-seconds", 1, UINT32_MAX,
	    "Age at which it ends") },
	AT(CFG_SA_LIFE_KILOBYTES) = { NUMBER("lifetime-kilobytes", 1,
	    UINT32_MAX, "1,024 octets of clear packets at which it ends") },
	AT(CFG_SA_LIFE_SOFT) = { NUMBER("lifetime-soft-percent", 1, 100,
	    "Of both, when a successor is wanted"), DEFAULT(80) },
	AT(CFG_SA_ESP_SPI) = { .name = "esp-spi", .type = SYNTAX_SPI,
	    .min = 256, .max = UINT32_MAX, .help = "SPI of ESP" },
	AT(CFG_SA_ENCRYPTION) = { .name = "encryption", .type = SYNTAX_ENUM,
	    .choice_at = encryption_choice, .help = "Algorithm" },
	AT(CFG_SA_ENCRYPTION_KEY) = { SECRET("encryption-key",
	    "Key, salt octets at its end") },
	AT(CFG_SA_AUTHENTICATION) = { .name = "authentication",
	    .type = SYNTAX_ENUM, .choice_at = authentication_choice,
	    .help = "Algorithm", DEFAULT(IPSEC_ALG_NONE) },
	AT(CFG_SA_AUTHENTICATION_KEY) = { SECRET("authentication-key",
	    "Key") },
	AT(CFG_SA_AH_SPI) = { .name = "ah-spi", .type = SYNTAX_SPI,
	    .min = 256, .max = UINT32_MAX, .help = "SPI of AH" },
	AT(CFG_SA_AH_AUTHENTICATION) = { .name = "ah-authentication",
	    .type = SYNTAX_ENUM, .choice_at = authentication_choice,
	    .help = "Algorithm" },
	AT(CFG_SA_AH_KEY) = { SECRET("ah-key", "Key") },
};
static const struct syntax_arg admin_fields[] = {
	AT(CFG_ADMIN_NAME) = { NAMED("administrator", 50, "Login name"),
	    .key = true },
	AT(CFG_ADMIN_PASSWORD) = { SECRET("password", "Password"),
		.hashed = true },
	AT(CFG_ADMIN_START) = { NUMBER("privilege-start", 0, 15,
	    "Privilege at login"), DEFAULT(6) },
	AT(CFG_ADMIN_MAX) = { NUMBER("privilege-max", 0, 15,
	    "Highest privilege"), DEFAULT(15) },
	AT(CFG_ADMIN_FULL_NAME) = { TEXT("full-name", 255,
	    "Name of the person") },
	AT(CFG_ADMIN_IDLE) = { NUMBER("idle", 1, 99999,
	    "Minutes without a key after which a session ends") },
	AT(CFG_ADMIN_PUBLIC_KEY) = { TEXT("public-key", 1000,
	    "Key for SSH, as in authorized_keys: type and base64") },
};
static const struct syntax_arg alias_fields[] = {
	AT(CFG_ALIAS_NAME) = { NAMED("alias", 31, "The new word"),
	    .key = true },
	AT(CFG_ALIAS_TEXT) = { TEXT("command", 255,
	    "What it stands for, to the end of the line") },
};
static const struct syntax_arg macro_fields[] = {
	AT(CFG_MACRO_NAME) = { NAMED("macro", 31, "The new word"),
	    .key = true },
};
static const struct syntax_arg macro_step_fields[] = {
	AT(CFG_MACRO_STEP_SEQ) = { NUMBER("seq", 1, 65535, "Place"),
	    .key = true },
	AT(CFG_MACRO_STEP_TEXT) = { TEXT("command", 255,
	    "Command; $1 to $9 are what is typed behind the macro's name") },
};
static const struct syntax_arg level_fields[] = {
	AT(CFG_LEVEL_COMMAND) = { TEXT("command", 127,
	    "First words of the command, written out"), .key = true },
	AT(CFG_LEVEL_LEVEL) = { NUMBER("level", 0, 15, "Privilege level") },
};
static const struct syntax_arg card_fields[] = {
	AT(CFG_CARD_TYPE) = { .name = "type", .type = SYNTAX_ENUM,
	    .choice_at = card_choice, .help = "Type of card", .fixed = true },
	AT(CFG_CARD_SLOT) = { NUMBER("slot", 1, CFG_SLOT_MAX, "Slot"),
	    .key = true },
	AT(CFG_CARD_SHUTDOWN) = { CHOICE("shutdown", shutdown_choices,
	    "Take out of service"), DEFAULT(0) },
};
static const struct syntax_arg port_fields[] = {
	AT(CFG_PORT_NUMBER) = { .name = "port", .type = SYNTAX_SLOT_UNIT,
	    .min = 1, .max = 62, .help = "Slot and port", .key = true },
	AT(CFG_PORT_DESCRIPTION) = { DESCRIPTION },
	AT(CFG_PORT_SHUTDOWN) = { CHOICE("shutdown", shutdown_choices,
	    "Take out of service"), DEFAULT(1) },
	AT(CFG_PORT_MTU) = { NUMBER("mtu", 256, 9216, "Octets"),
	    DEFAULT(1500) },
	AT(CFG_PORT_ENCAPSULATION) = { CHOICE("encapsulation",
	    encapsulation_choices, "Encapsulation"),
	    DEFAULT(CFG_ENCAPSULATION_ETHERNET) },
	AT(CFG_PORT_BIND_INTERFACE) = { BIND_INTERFACE },
	AT(CFG_PORT_BIND_CONTEXT) = { BIND_CONTEXT },
};
static const struct syntax_arg pvc_fields[] = {
	AT(CFG_PVC_VLAN) = { NUMBER("vlan", 1, 4094, "VLAN id"), .key = true },
	AT(CFG_PVC_DESCRIPTION) = { DESCRIPTION },
	AT(CFG_PVC_SHUTDOWN) = { CHOICE("shutdown", shutdown_choices,
	    "Take out of service"), DEFAULT(0) },
	AT(CFG_PVC_BIND_INTERFACE) = { BIND_INTERFACE },
	AT(CFG_PVC_BIND_CONTEXT) = { BIND_CONTEXT },
};
static const struct syntax_arg pool_fields[] = {
	AT(CFG_POOL_NAME) = { NAMED("pool", 50, "Name of the pool"),
	    .key = true },
	AT(CFG_POOL_SERVICE) = { CHOICE("service", service_choices,
	    "Service of its ASPs") },
	AT(CFG_POOL_DESCRIPTION) = { DESCRIPTION },
};
static const struct syntax_arg asp_fields[] = {
	AT(CFG_ASP_NUMBER) = { .name = "asp", .type = SYNTAX_SLOT_UNIT,
	    .min = 1, .max = 2, .help = "Slot and ASP", .key = true },
};
static const struct syntax_arg group_fields[] = {
	AT(CFG_GROUP_NAME) = { NAMED("group", 50, "Name of the group"),
	    .key = true },
	AT(CFG_GROUP_POOL) = { NAMED("pool", 50, "Name of the pool") },
	AT(CFG_GROUP_ASP_COUNT) = { NUMBER("asp-count", 1, 24,
	    "Active ASPs"), DEFAULT(1) },
	AT(CFG_GROUP_TRAFFIC_ACTION) = { CHOICE("traffic-action",
	    action_choices, "What happens without an ASP"),
	    DEFAULT(CFG_TRAFFIC_DROP) },
	AT(CFG_GROUP_SHUTDOWN) = { CHOICE("shutdown", shutdown_choices,
	    "Take out of service"), DEFAULT(0) },
};
static const struct syntax_arg tunnel_fields[] = {
	AT(CFG_TUNNEL_NAME) = { NAMED("tunnel", 50, "Name of the tunnel"),
	    .key = true },
	AT(CFG_TUNNEL_KEYING) = { CHOICE("keying", keying_choices,
	    "Where keys come from"), DEFAULT(CFG_KEYING_AUTO) },
	AT(CFG_TUNNEL_DESCRIPTION) = { DESCRIPTION },
	AT(CFG_TUNNEL_ASP_GROUP) = { NAMED("asp-group", 50,
	    "Name of the ASP group") },
	AT(CFG_TUNNEL_MODE) = { CHOICE("mode", mode_choices,
	    "Forwarding mode"), DEFAULT(CFG_MODE_CIRCUIT_BASED) },
	AT(CFG_TUNNEL_LOCAL) = { VALUE("local", SYNTAX_IP,
	    "Address of this end"), .min = 1 },
	AT(CFG_TUNNEL_REMOTE) = { VALUE("remote", SYNTAX_IP,
	    "Address of the far end"), .min = 1 },
	AT(CFG_TUNNEL_CONTEXT) = { NAMED("context", 32,
	    "Context of the end points"), .filled = true, .text = "local" },
	AT(CFG_TUNNEL_SA_IN) = { NAMED("sa-in", 50, "Name of the SA") },
	AT(CFG_TUNNEL_SA_OUT) = { NAMED("sa-out", 50, "Name of the SA") },
	AT(CFG_TUNNEL_MTU) = { NUMBER("mtu", 256, 16384, "Octets"),
	    DEFAULT(1400) },
	AT(CFG_TUNNEL_CLEAR_DF) = { CHOICE("clear-df", clear_df_choices,
	    "Clear DF in the outer header"), DEFAULT(0) },
	AT(CFG_TUNNEL_DSCP_COPY) = { CHOICE("dscp-copy", copy_choices,
	    "From the inner header"), DEFAULT(1) },
	AT(CFG_TUNNEL_DSCP) = { NUMBER("dscp", 0, 63, "DSCP") },
	AT(CFG_TUNNEL_SHUTDOWN) = { CHOICE("shutdown", shutdown_choices,
	    "Take out of service"), DEFAULT(1) },
	AT(CFG_TUNNEL_BIND_INTERFACE) = { BIND_INTERFACE },
	AT(CFG_TUNNEL_BIND_CONTEXT) = { BIND_CONTEXT },
	AT(CFG_TUNNEL_IPSEC_MODE) = { CHOICE("ipsec-mode", ipsec_mode_choices,
	    "Mode of the SAs"), DEFAULT(CFG_IPSEC_TUNNEL) },
	AT(CFG_TUNNEL_DF) = { CHOICE("df", df_choices,
	    "DF in the outer header"), DEFAULT(CFG_DF_COPY) },
	AT(CFG_TUNNEL_ECN) = { CHOICE("ecn", ecn_choices,
	    "Congestion marks outwards"), DEFAULT(CFG_ECN_NORMAL) },
	AT(CFG_TUNNEL_TTL) = { NUMBER("ttl", 1, 255,
	    "TTL or hop limit of the outer header"), DEFAULT(64) },
	AT(CFG_TUNNEL_FLOW_LABEL) = { NUMBER("flow-label", 0, 0xfffff,
	    "Flow label of the outer IPv6 header") },
	AT(CFG_TUNNEL_UDP) = { CHOICE("udp-encapsulation", udp_choices,
	    "ESP in UDP (RFC 3948)"), DEFAULT(0) },
	AT(CFG_TUNNEL_UDP_LOCAL) = { NUMBER("local-port", 1, 65535,
	    "UDP port of this end"), DEFAULT(4500) },
	AT(CFG_TUNNEL_UDP_REMOTE) = { NUMBER("remote-port", 1, 65535,
	    "UDP port of the far end"), DEFAULT(4500) },
	AT(CFG_TUNNEL_TFC_MTU) = { CHOICE("tfc-mtu", tfc_mtu_choices,
	    "Up to the MTU of the tunnel"), DEFAULT(0) },
	AT(CFG_TUNNEL_TFC) = { NUMBER("tfc", 4, 9216,
	    "Octets that inner packets are padded to a multiple of") },
	AT(CFG_TUNNEL_FRAGMENTATION) = { CHOICE("fragmentation",
	    fragmentation_choices, "Where packets that are too large are cut"),
	    DEFAULT(CFG_FRAGMENTATION_PRE) },
	AT(CFG_TUNNEL_ACCESS_LIST) = { NAMED("access-list", 50,
	    "Name of the IPsec access list") },
	AT(CFG_TUNNEL_CLEAR_FALLBACK) = { CHOICE("clear-fallback",
	    fallback_choices, "What becomes of its traffic while it is down"),
	    DEFAULT(CFG_FALLBACK_DISCARD) },
	AT(CFG_TUNNEL_IKE_POLICY) = { NAMED("ike-policy", 50,
	    "Name of the IKE policy") },
	AT(CFG_TUNNEL_IPSEC_POLICY) = { NAMED("ipsec-policy", 50,
	    "Name of the IPsec policy") },
};
static const struct cfg_kind_def kinds[CFG_KINDS] = {
	[CFG_ROOT] = KIND("system", "config", CFG_ROOT, root_fields),
	[CFG_CONTEXT] = KIND("context", "config-ctx", CFG_ROOT,
	    context_fields),
	[CFG_INTERFACE] = KIND("interface", "config-if", CFG_CONTEXT,
	    interface_fields),
	[CFG_SECONDARY] = KIND("secondary", NULL, CFG_INTERFACE,
	    secondary_fields),
	[CFG_ROUTE] = { "route", NULL, CFG_CONTEXT, route_fields,
	    NELEM(route_fields), true, false },
	[CFG_ADDRESS6] = KIND("ipv6-address", NULL, CFG_INTERFACE,
	    address6_fields),
	[CFG_ROUTE6] = { "ipv6-route", NULL, CFG_CONTEXT, route6_fields,
	    NELEM(route6_fields), true, false },
	[CFG_ARP] = KIND("arp", NULL, CFG_INTERFACE, arp_fields),
	[CFG_NEIGHBOR6] = KIND("ipv6-neighbor", NULL, CFG_INTERFACE,
	    neighbor6_fields),
	[CFG_SA] = KIND("ipsec-sa", "config-ipsec-sa", CFG_CONTEXT, sa_fields),
	[CFG_ADMIN] = KIND("administrator", "config-administrator",
	    CFG_CONTEXT, admin_fields),
	[CFG_CARD] = KIND("card", "config-card", CFG_ROOT, card_fields),
	[CFG_PORT] = KIND("port", "config-port", CFG_ROOT, port_fields),
	[CFG_PVC] = KIND("pvc", "config-dot1q-pvc", CFG_PORT, pvc_fields),
	[CFG_POOL] = KIND("asp-pool", "config-asp-pool", CFG_ROOT,
	    pool_fields),
	[CFG_ASP] = KIND("asp", NULL, CFG_POOL, asp_fields),
	[CFG_GROUP] = KIND("asp-group", "config-asp-group", CFG_ROOT,
	    group_fields),
	[CFG_TUNNEL] = KIND("tunnel", "config-tunnel", CFG_ROOT,
	    tunnel_fields),
	[CFG_ALIAS] = KIND("alias", NULL, CFG_ROOT, alias_fields),
	[CFG_MACRO] = KIND("macro", "config-macro", CFG_ROOT, macro_fields),
	[CFG_MACRO_STEP] = KIND("macro-step", NULL, CFG_MACRO,
	    macro_step_fields),
	[CFG_LEVEL] = KIND("privilege", NULL, CFG_ROOT, level_fields),
};
/* clang-format on */

const struct cfg_kind_def *
cfg_kind_get(enum cfg_kind kind)
{
	if (kinds[kind].name != NULL)
		return &kinds[kind];
	if (kind >= CFG_IKE_PROPOSAL)
		return schema_ike_kind(kind);
	return kind >= CFG_IPSEC_ACL && kind <= CFG_SELECTION_ROW
		   ? schema_policy_kind(kind)
		   : schema_features_kind(kind);
}

const struct syntax_arg *
cfg_field_get(enum cfg_field field)
{
	return &cfg_kind_get(CFG_FIELD_KIND(field))
		    ->fields[CFG_FIELD_INDEX(field)];
}
