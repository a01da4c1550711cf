/*
 * The table of what can be configured: kinds, their fields, and the rows that
 * an operator types. It decides names, ranges, defaults, order of printing and
 * what a line must fulfil by itself; what objects must fulfil together is in
 * validate.c. Keywords are those of the SmartEdge documents where the row's
 * mark says so, and else our own by analogy. Numbers follow RFC 4303 (SPI),
 * RFC 3686, 4106 (keys with salt) and IEEE 802.1Q (VLAN ids).
 */
#include "schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ipsec_alg.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))
#define KEY(name)                                                              \
	"{hex <" name ":hex>|ascii <" name ":ascii>|encrypted 1 <" name        \
	":sealed>}"

/* clang-format off */
#define FLAG(word, text) \
	static const struct syntax_choice word##_choices[] = { \
		{ text, 1, NULL }, { NULL, 0, NULL } }

FLAG(loopback, "loopback");
FLAG(secondary, "secondary");
FLAG(null0, "null0");
FLAG(shutdown, "shutdown");
FLAG(clear_df, "clear-df");
FLAG(copy, "copy");
FLAG(multiple, "multiple-contexts");

static const struct syntax_choice window_choices[] = {
	{ "off", 0, "Accept replayed packets" },
	{ "64", 64, "Packets" },
	{ "128", 128, "Packets" },
	{ "256", 256, "Packets" },
	{ "512", 512, "Packets" },
	{ "1024", 1024, "Packets" },
	{ "2048", 2048, "Packets" },
	{ "4096", 4096, "Packets" },
	{ NULL, 0, NULL } };
static const struct syntax_choice encapsulation_choices[] = {
	{ "dot1q", CFG_ENCAPSULATION_DOT1Q, "IEEE 802.1Q" },
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
#define NAMED(n, octets, h) \
	.name = n, .type = SYNTAX_NAME, .min = 1, .max = octets, .help = h
#define TEXT(n, octets, h) \
	.name = n, .type = SYNTAX_TEXT, .min = 1, .max = octets, .help = h
#define NUMBER(n, low, high, h) \
	.name = n, .type = SYNTAX_U32, .min = low, .max = high, .help = h
#define CHOICE(n, c, h) \
	.name = n, .type = SYNTAX_ENUM, .choices = c, .help = h
#define VALUE(n, t, h) .name = n, .type = t, .help = h
#define SECRET(n, h) \
	.name = n, .type = SYNTAX_SECRET, .min = 1, .max = SYNTAX_SECRET_MAX, \
	.help = h
#define DEFAULT(v) .has_default = true, .value = v
#define AT(field) [CFG_FIELD_INDEX(field)]

#define DESCRIPTION TEXT("description", 255, "Text, to the end of the line")
#define BIND_INTERFACE NAMED("bind-interface", 127, "Name of the interface")
#define BIND_CONTEXT \
	NAMED("bind-context", 32, "Context of the interface"), \
	.filled = true, .text = "local"

static const struct syntax_arg root_fields[] = {
	AT(CFG_ROOT_MULTIPLE_CONTEXTS) = { CHOICE("multiple-contexts",
	    multiple_choices, "Contexts beside local"), DEFAULT(0) },
	AT(CFG_ROOT_HOSTNAME) = { NAMED("hostname", 63, "Name of the router"),
	    .has_default = true, .text = "Redback" },
	AT(CFG_ROOT_LOCATION) = { TEXT("location", 255, "Where it stands") },
	AT(CFG_ROOT_CONTACT) = { TEXT("contact", 255, "Who runs it") },
};
static const struct syntax_arg context_fields[] = {
	AT(CFG_CONTEXT_NAME) = { NAMED("context", 32, "Name of the context"),
	    .key = true },
	AT(CFG_CONTEXT_VPN_RD) = { VALUE("vpn-rd", SYNTAX_RD,
	    "Route distinguisher") },
	AT(CFG_CONTEXT_ASP_GROUP) = { NAMED("asp-group", 50,
	    "Name of the ASP group") },
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
	AT(CFG_ROUTE_DISTANCE) = { NUMBER("distance", 1, 255,
	    "Administrative distance"), DEFAULT(1) },
};
static const struct syntax_arg sa_fields[] = {
	AT(CFG_SA_NAME) = { NAMED("sa", 50, "Name of the SA"), .key = true },
	AT(CFG_SA_WINDOW) = { CHOICE("anti-replay-window", window_choices,
	    "Packets of the anti-replay window"), DEFAULT(64) },
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
	AT(CFG_ADMIN_PASSWORD) = { SECRET("password", "Password") },
	AT(CFG_ADMIN_START) = { NUMBER("privilege-start", 0, 15,
	    "Privilege at login"), DEFAULT(6) },
	AT(CFG_ADMIN_MAX) = { NUMBER("privilege-max", 0, 15,
	    "Highest privilege"), DEFAULT(15) },
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
	AT(CFG_TUNNEL_LOCAL) = { VALUE("local", SYNTAX_IPV4,
	    "Address of this end"), .min = 1 },
	AT(CFG_TUNNEL_REMOTE) = { VALUE("remote", SYNTAX_IPV4,
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
};

#define KIND(n, mode, above, f) { n, mode, above, f, NELEM(f), false }
static const struct cfg_kind_def kinds[CFG_KINDS] = {
	[CFG_ROOT] = KIND("system", "config", CFG_ROOT, root_fields),
	[CFG_CONTEXT] = KIND("context", "config-ctx", CFG_ROOT,
	    context_fields),
	[CFG_INTERFACE] = KIND("interface", "config-if", CFG_CONTEXT,
	    interface_fields),
	[CFG_SECONDARY] = KIND("secondary", NULL, CFG_INTERFACE,
	    secondary_fields),
	[CFG_ROUTE] = { "route", NULL, CFG_CONTEXT, route_fields,
	    NELEM(route_fields), true },
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
};
/* clang-format on */

static const struct cfg_key_rule key_rules[] = {
    {CFG_SA_ENCRYPTION, CFG_SA_ENCRYPTION_KEY},
    {CFG_SA_AUTHENTICATION, CFG_SA_AUTHENTICATION_KEY},
    {CFG_SA_AH_AUTHENTICATION, CFG_SA_AH_KEY},
};

const struct cfg_key_rule *
cfg_key_rule(unsigned i)
{
	return i < NELEM(key_rules) ? &key_rules[i] : NULL;
}

/* Salt octets follow the key (RFC 4106 section 8.1, RFC 3686 section 5.1). */
int
cfg_key_check(uint32_t id, bool given, size_t have, char *text, size_t octets)
{
	const struct ipsec_alg *alg = ipsec_alg_get((enum ipsec_alg_id)id);
	unsigned need = ipsec_alg_keymat_octets(alg);
	char salt[64] = "";

	if (given ? have == need && need > 0 : need == 0)
		return 0;
	if (alg->salt_octets > 0)
		snprintf(salt, sizeof(salt), ": %u of key, then %u of salt",
			 alg->key_octets, alg->salt_octets);
	if (need == 0)
		snprintf(text, octets, "%s takes no key; expected none",
			 alg->name);
	else if (!given)
		snprintf(text, octets,
			 "%s without a key; expected a key of %u octets%s",
			 alg->name, need, salt);
	else
		snprintf(text, octets,
			 "%s with a key of %zu octets; expected %u octets%s",
			 alg->name, have, need, salt);
	return -EINVAL;
}

/* What may stand beside what (RFC 4303 section 3.2, RFC 3686 section 7). */
static int
esp_check(const struct syntax_match *match, char *text, size_t octets,
	  size_t *column)
{
	const struct syntax_value *v = match->values;
	const struct syntax_value *e = &v[CFG_FIELD_INDEX(CFG_SA_ENCRYPTION)];
	const struct syntax_value *a =
	    &v[CFG_FIELD_INDEX(CFG_SA_AUTHENTICATION)];
	enum ipsec_alg_id enc = (enum ipsec_alg_id)e->n;
	enum ipsec_alg_id auth =
	    a->set ? (enum ipsec_alg_id)a->n : IPSEC_ALG_NONE;
	const struct ipsec_alg *alg = ipsec_alg_get(enc);

	if (ipsec_alg_pair_valid(enc, auth))
		return 0;
	*column = a->set ? a->column : e->column;
	if (alg->aead)
		snprintf(text, octets,
			 "encryption %s authenticates too; expected no "
			 "authentication beside it",
			 alg->name);
	else
		snprintf(text, octets,
			 "encryption %s without an authentication protects "
			 "nothing (RFC 4303 section 3.2); expected an "
			 "authentication such as hmac-sha-256-128 with its key",
			 alg->name);
	return -EINVAL;
}

static int
ah_check(const struct syntax_match *match, char *text, size_t octets,
	 size_t *column)
{
	const struct syntax_value *a =
	    &match->values[CFG_FIELD_INDEX(CFG_SA_AH_AUTHENTICATION)];

	if (a->n != IPSEC_ALG_NONE)
		return 0;
	*column = a->column;
	snprintf(
	    text, octets,
	    "AH without an authentication (RFC 4302 section 2.6); expected one "
	    "such as hmac-sha1-96 with its key");
	return -EINVAL;
}

static int
slot_check(const struct syntax_match *match, char *text, size_t octets,
	   size_t *column)
{
	const struct syntax_value *slot =
	    &match->values[CFG_FIELD_INDEX(CFG_CARD_SLOT)];
	const struct syntax_value *type =
	    &match->values[CFG_FIELD_INDEX(CFG_CARD_TYPE)];
	const struct cfg_card *card = cfg_card((unsigned)type->n);

	if (!type->set ||
	    card->controller == cfg_slot_is_controller((unsigned)slot->n))
		return 0;
	*column = slot->column;
	snprintf(text, octets,
		 "card %s does not fit slot %u; expected a slot %s", card->name,
		 (unsigned)slot->n,
		 card->controller ? "for controllers: 7 or 8"
				  : "for line cards: 1 to 6 or 9 to 14");
	return -EINVAL;
}

/* clang-format off */
#define F CFG_MARK_FOUND
#define N CFG_MARK_NAME
#define G CFG_MARK_KNOWN
#define P CFG_MARK_OURS
#define SETS CFG_ROOT

/* In the order in which they are printed: fields before children. */
static const struct cfg_row rows[] = {
	{ CFG_ROOT, SETS, "service <multiple-contexts>", NULL, N, NULL, 0, 0 },
	{ CFG_ROOT, CFG_CONTEXT, "context <context> [vpn-rd <vpn-rd>]",
	  "context <context>", F, NULL, true, true },
	{ CFG_ROOT, CFG_CARD, "card <type> <slot>", "card <slot>", G,
	  slot_check, true, 0 },
	{ CFG_ROOT, CFG_PORT, "port ethernet <port>", NULL, F, NULL, true, 0 },
	{ CFG_ROOT, CFG_POOL, "asp pool <pool> service <service>",
	  "asp pool <pool>", P, NULL, true, 0 },
	{ CFG_ROOT, CFG_GROUP, "asp group <group>", NULL, P, NULL, true, 0 },
	{ CFG_ROOT, CFG_TUNNEL, "tunnel ipsec <tunnel> [<keying>]",
	  "tunnel ipsec <tunnel>", P, NULL, true, 0 },
	{ CFG_ROOT, SETS, "system hostname <hostname>", "system hostname", F,
	  NULL, true, 0 },
	{ CFG_ROOT, SETS, "system location <location>", "system location", F,
	  NULL, 0, 0 },
	{ CFG_ROOT, SETS, "system contact <contact>", "system contact", F,
	  NULL, 0, 0 },

	{ CFG_CONTEXT, SETS, "security asp-group <asp-group>",
	  "security asp-group", P, NULL, 0, 0 },
	{ CFG_CONTEXT, CFG_INTERFACE, "interface <interface> [<loopback>]",
	  "interface <interface>", F, NULL, true, 0 },
	{ CFG_CONTEXT, CFG_ADMIN, "administrator <administrator> "
	  "[{password <password:ascii>|"
	  "encrypted 1 password <password:sealed>}]",
	  "administrator <administrator>", G, NULL, true, 0 },
	{ CFG_CONTEXT, CFG_SA, "ipsec sa <sa>", NULL, P, NULL, true, 0 },
	{ CFG_CONTEXT, CFG_ROUTE,
	  "ip route <prefix> {<next-hop>|<interface>|<null0>} [<distance>]",
	  NULL, F, NULL, true, 0 },

	{ CFG_INTERFACE, SETS, "description <description>", "description", N,
	  NULL, 0, 0 },
	{ CFG_INTERFACE, SETS, "ip address <address>", "ip address", F, NULL,
	  0, 0 },
	{ CFG_INTERFACE, SETS, "ip mtu <mtu>", "ip mtu", N, NULL, 0, 0 },
	{ CFG_INTERFACE, SETS, "<shutdown>", NULL, P, NULL, 0, 0 },
	{ CFG_INTERFACE, CFG_SECONDARY, "ip address <address> <secondary>",
	  NULL, F, NULL, 0, 0 },

	{ CFG_SA, SETS, "anti-replay-window <anti-replay-window>",
	  "anti-replay-window", P, NULL, 0, 0 },
	{ CFG_SA, SETS, "esp spi <esp-spi> encryption <encryption> "
	  "[key " KEY("encryption-key") "] "
	  "[authentication <authentication> "
	  "[key " KEY("authentication-key") "]]", "esp", P, esp_check, 0, 0 },
	{ CFG_SA, SETS, "ah spi <ah-spi> authentication <ah-authentication> "
	  "key " KEY("ah-key"), "ah", P, ah_check, 0, 0 },

	{ CFG_ADMIN, SETS, "privilege start <privilege-start>",
	  "privilege start", F, NULL, 0, 0 },
	{ CFG_ADMIN, SETS, "privilege max <privilege-max>", "privilege max", F,
	  NULL, 0, 0 },

	{ CFG_CARD, SETS, "<shutdown>", NULL, N, NULL, 0, 0 },

	{ CFG_PORT, SETS, "description <description>", "description", N, NULL,
	  0, 0 },
	{ CFG_PORT, SETS, "<shutdown>", NULL, F, NULL, 0, 0 },
	{ CFG_PORT, SETS, "mtu <mtu>", "mtu", G, NULL, 0, 0 },
	{ CFG_PORT, SETS, "encapsulation <encapsulation>", "encapsulation", F,
	  NULL, 0, 0 },
	{ CFG_PORT, SETS, "bind interface <bind-interface> [<bind-context>]",
	  "bind", F, NULL, 0, 0 },
	{ CFG_PORT, CFG_PVC, "dot1q pvc <vlan>", NULL, F, NULL, 0, 0 },

	{ CFG_PVC, SETS, "description <description>", "description", F, NULL,
	  0, 0 },
	{ CFG_PVC, SETS, "<shutdown>", NULL, P, NULL, 0, 0 },
	{ CFG_PVC, SETS, "bind interface <bind-interface> [<bind-context>]",
	  "bind", F, NULL, 0, 0 },

	{ CFG_POOL, SETS, "description <description>", "description", P, NULL,
	  0, 0 },
	{ CFG_POOL, CFG_ASP, "asp <asp>", NULL, P, NULL, 0, 0 },

	{ CFG_GROUP, SETS, "pool <pool>", "pool", P, NULL, 0, 0 },
	{ CFG_GROUP, SETS, "asp-count <asp-count>", "asp-count", P, NULL, 0,
	  0 },
	{ CFG_GROUP, SETS, "traffic-action <traffic-action>",
	  "traffic-action", P, NULL, 0, 0 },
	{ CFG_GROUP, SETS, "<shutdown>", NULL, P, NULL, 0, 0 },

	{ CFG_TUNNEL, SETS, "description <description>", "description", N,
	  NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "asp-group <asp-group>", "asp-group", P, NULL, 0,
	  0 },
	{ CFG_TUNNEL, SETS, "mode <mode>", "mode", P, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "peer-end-point local <local> [remote <remote>] "
	  "[context <context>]", "peer-end-point", G, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "ipsec-sa in <sa-in>", "ipsec-sa in", P, NULL, 0,
	  0 },
	{ CFG_TUNNEL, SETS, "ipsec-sa out <sa-out>", "ipsec-sa out", P, NULL,
	  0, 0 },
	{ CFG_TUNNEL, SETS, "ip mtu <mtu>", "ip mtu", N, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "<clear-df>", NULL, P, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "dscp {<dscp-copy>|<dscp>}", "dscp", P, NULL, 0,
	  0 },
	{ CFG_TUNNEL, SETS, "bind interface <bind-interface> [<bind-context>]",
	  "bind", G, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "<shutdown>", NULL, N, NULL, 0, 0 },
};

static const struct syntax_word words[] = {
	{ "1", "Sealed under the operator's key" },
	{ "address", "IPv4 address" },
	{ "administrator", "Administrator of the context" },
	{ "ah", "Authentication Header" },
	{ "anti-replay-window", "Anti-replay window" },
	{ "ascii", "Key as text" },
	{ "asp", "Advanced Services Processor" },
	{ "asp-count", "Active ASPs" },
	{ "asp-group", "ASP group" },
	{ "authentication", "Authentication algorithm" },
	{ "bind", "Bind to an interface" },
	{ "card", "Card in a slot" },
	{ "contact", "Contact person" },
	{ "context", "Context" },
	{ "default", "Restore a default" },
	{ "description", "Description" },
	{ "dot1q", "IEEE 802.1Q" },
	{ "dscp", "DSCP of the outer header" },
	{ "encapsulation", "Encapsulation" },
	{ "encrypted", "Sealed secret" },
	{ "encryption", "Encryption algorithm" },
	{ "end", "Commit configuration changes and return to exec mode" },
	{ "esp", "Encapsulating Security Payload" },
	{ "ethernet", "Ethernet" },
	{ "exit", "Leave this mode" },
	{ "group", "Group" },
	{ "hex", "Key as hexadecimal digits" },
	{ "hostname", "Name of the router" },
	{ "in", "Inbound" },
	{ "interface", "Interface" },
	{ "ip", "IP" },
	{ "ipsec", "IPsec" },
	{ "ipsec-sa", "SA of the tunnel" },
	{ "key", "Key" },
	{ "local", "This end" },
	{ "location", "Location" },
	{ "max", "Highest privilege" },
	{ "mode", "Forwarding mode" },
	{ "mtu", "Maximum transmission unit" },
	{ "no", "Remove or negate" },
	{ "out", "Outbound" },
	{ "password", "Password" },
	{ "peer-end-point", "End points of the tunnel" },
	{ "pool", "Pool of ASPs" },
	{ "port", "Port" },
	{ "privilege", "Privilege" },
	{ "pvc", "Permanent virtual circuit" },
	{ "remote", "Far end" },
	{ "route", "Static route" },
	{ "sa", "Security association" },
	{ "security", "Security Service" },
	{ "service", "Service" },
	{ "spi", "Security parameters index" },
	{ "start", "Privilege at login" },
	{ "system", "System" },
	{ "traffic-action", "What happens without an ASP" },
	{ "tunnel", "Tunnel" },
	{ "vpn-rd", "VPN context" },
	{ NULL, NULL },
};
/* clang-format on */

const struct cfg_kind_def *
cfg_kind_get(enum cfg_kind kind)
{
	return &kinds[kind];
}

const struct syntax_arg *
cfg_field_get(enum cfg_field field)
{
	return &kinds[CFG_FIELD_KIND(field)].fields[CFG_FIELD_INDEX(field)];
}

const struct cfg_row *
cfg_row_get(unsigned i)
{
	return i < NELEM(rows) ? &rows[i] : NULL;
}

const struct syntax_word *
cfg_words(void)
{
	return words;
}

const struct cfg_kind_def *
cfg_row_kind(const struct cfg_row *row)
{
	return &kinds[row->makes == CFG_ROOT ? row->mode : row->makes];
}

uint32_t
cfg_row_fields(const struct cfg_row *row)
{
	const struct cfg_kind_def *def = cfg_row_kind(row);
	uint32_t fields = 0;

	for (const char *p = strchr(row->pattern, '<'); p != NULL;
	     p = strchr(p + 1, '<')) {
		size_t len = strcspn(p + 1, ":>");

		for (unsigned i = 0; i < def->n_fields; i++) {
			if (strlen(def->fields[i].name) == len &&
			    memcmp(def->fields[i].name, p + 1, len) == 0)
				fields |= UINT32_C(1) << i;
		}
	}
	return fields;
}
