/*
 * The lines an operator types, in the order in which show configuration prints
 * them, and what one line must fulfil by itself: keys that suit their
 * algorithms (RFC 3602, 3686, 4106, 2404, 4868), algorithms that suit each
 * other (RFC 4303 section 3.2), cards that suit their slots. What objects must
 * fulfil together is in validate.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "acl_edit.h"
#include "ipsec_alg.h"
#include "schema_impl.h"
#include "selector.h"

#define KEY(name)                                                              \
	"{hex <" name ":hex>|ascii <" name ":ascii>|encrypted 1 <" name        \
	":sealed>}"

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
		(void)snprintf(salt, sizeof(salt),
			       ": %u of key, then %u of salt", alg->key_octets,
			       alg->salt_octets);
	if (need == 0)
		(void)snprintf(text, octets, "%s takes no key; expected none",
			       alg->name);
	else if (!given)
		(void)snprintf(
		    text, octets,
		    "%s without a key; expected a key of %u octets%s",
		    alg->name, need, salt);
	else
		(void)snprintf(
		    text, octets,
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
		(void)snprintf(text, octets,
			       "encryption %s authenticates too; expected no "
			       "authentication beside it",
			       alg->name);
	else
		(void)snprintf(
		    text, octets,
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
	(void)snprintf(
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
	(void)snprintf(text, octets,
		       "card %s does not fit slot %u; expected a slot %s",
		       card->name, (unsigned)slot->n,
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
/* An access list, applied to what the mode is of. */
#define GROUP6 "ipv6 access-group <access-list> <direction> [<count>] [<log>]"
#define GROUP "ip access-group <access-list> <direction> [<count>] [<log>]"
/* Parts of a line of an access list. */
#define END(e) \
	"{<" e "-any>|host <" e "-host>|<" e "> <" e "-wildcard>}"
#define END6(e) "{<" e "-any>|host <" e "-host>|<" e ">}"
#define PORT(e) \
	"{<" e "-op> <" e "-port>|range <" e "-low> <" e "-high>}"
/* What happens to a packet of a colour. */
#define MARKS(c) \
	"{<" c "-action>|mark {dscp <" c "-dscp>|precedence <" c "-precedence>}}"
/* Who an end of IKE says it is. */
#define ID(e) \
	"{ip <" e "-ip>|fqdn <" e "-fqdn>|email <" e "-email>|" \
	"dn <" e "-dn>|key-id <" e "-key-id>}"
#define TOS "{precedence <precedence>|tos <tos>|dscp <dscp>}"

/* In the order in which they are printed: fields before children. */
static const struct cfg_row rows[] = {
	{ CFG_ROOT, SETS, "service <multiple-contexts>", NULL, N, NULL, 0, 0 },
	{ CFG_ROOT, SETS, "service <inter-context> routing",
	  "service inter-context", N, NULL, 0, 0 },
	{ CFG_ROOT, CFG_CONTEXT, "context <context> [vpn-rd <vpn-rd>]",
	  "context <context>", F, NULL, true, true },
	/* Before whatever applies them: see schema_qos_name_check(). */
	{ CFG_ROOT, CFG_QOS, "qos policy <policy> <kind>", NULL, G,
	  schema_qos_name_check, true, 0 },
	{ CFG_ROOT, CFG_PQ, "qos policy <policy> pq", NULL, G,
	  schema_qos_name_check, true, 0 },
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
	{ CFG_ROOT, SETS, "security release-compliance <release-compliance>",
	  "security release-compliance", P, NULL, 0, 0 },
	{ CFG_ROOT, SETS, "banner login <banner-login>", "banner login", N,
	  NULL, true, 0 },
	{ CFG_ROOT, SETS, "banner motd <banner-motd>", "banner motd", N, NULL,
	  0, 0 },
	{ CFG_ROOT, SETS, "banner exec <banner-exec>", "banner exec", N, NULL,
	  0, 0 },
	{ CFG_ROOT, SETS, "logging file <logging-file>", "logging file", P,
	  NULL, true, 0 },
	{ CFG_ROOT, SETS, "logging <syslog>", NULL, P, NULL, 0, 0 },
	{ CFG_ROOT, CFG_ALIAS, "alias exec <alias> <command>",
	  "alias exec <alias>", N, NULL, true, 0 },
	{ CFG_ROOT, CFG_LEVEL, "privilege exec level <level> <command>",
	  "privilege exec <command>", N, NULL, true, 0 },
	{ CFG_ROOT, CFG_MACRO, "macro exec <macro>", NULL, N, NULL, true, 0 },

	{ CFG_CONTEXT, SETS, "security asp-group <asp-group>",
	  "security asp-group", P, NULL, 0, 0 },
	{ CFG_CONTEXT, SETS, "enable {password <enable-password:ascii>|"
	  "encrypted 1 password <enable-password:sealed>}", "enable password",
	  N, NULL, 0, 0 },
	{ CFG_CONTEXT, SETS, "aaa authentication ipsec <aaa-ipsec>",
	  "aaa authentication ipsec", P, NULL, 0, 0 },
	{ CFG_CONTEXT, SETS, "ike keepalive "
	  "{<keepalive-off>|[interval <interval>] [retries <retries>]}",
	  "ike keepalive", P, NULL, 0, 0 },
	{ CFG_CONTEXT, CFG_INTERFACE, "interface <interface> [<loopback>]",
	  "interface <interface>", F, NULL, true, 0 },
	{ CFG_CONTEXT, CFG_ADMIN, "administrator <administrator> "
	  "[{password <password:ascii>|"
	  "encrypted 1 password <password:sealed>}]",
	  "administrator <administrator>", G, NULL, true, 0 },
	{ CFG_CONTEXT, CFG_SA, "ipsec sa <sa>", NULL, P, NULL, true, 0 },
	{ CFG_CONTEXT, CFG_IKE_PROPOSAL, "ike proposal <proposal>", NULL, P,
	  NULL, true, 0 },
	{ CFG_CONTEXT, CFG_IKE_POLICY, "ike policy <policy>", NULL, P, NULL,
	  true, 0 },
	{ CFG_CONTEXT, CFG_IPSEC_PROPOSAL, "ipsec proposal <proposal>", NULL,
	  P, NULL, true, 0 },
	{ CFG_CONTEXT, CFG_IPSEC_POLICY, "ipsec policy <policy>", NULL, P,
	  NULL, true, 0 },
	{ CFG_CONTEXT, CFG_SUBSCRIBER, "subscriber name <subscriber>",
	  NULL, G, NULL, true, 0 },
	{ CFG_CONTEXT, CFG_IPSEC_QOS, "ipsec qos policy <policy>", NULL, P,
	  NULL, true, 0 },
	{ CFG_CONTEXT, CFG_ACL, "ip access-list <access-list>", NULL, F, NULL,
	  true, true },
	{ CFG_CONTEXT, CFG_ACL6, "ipv6 access-list <access-list>", NULL, P,
	  NULL, true, true },
	{ CFG_CONTEXT, CFG_ACL6, "resequence ipv6 access-list <access-list> "
	  "[<start> <step>]", NULL, P, NULL, 0, 0 },
	{ CFG_CONTEXT, CFG_ACL, "resequence ip access-list <access-list> "
	  "[<start> <step>]", NULL, G, NULL, 0, 0 },
	{ CFG_CONTEXT, CFG_IPSEC_ACL, "ipsec access-list <access-list>", NULL, P,
	  NULL, true, 0 },
	{ CFG_CONTEXT, CFG_SELECTION, "ipsec selection <selection>", NULL, P,
	  NULL, true, 0 },
	{ CFG_CONTEXT, CFG_ROUTE,
	  "ip route <prefix> {<next-hop>|<interface>|<null0>|"
	  "context <context>} [<distance>]", NULL, F, NULL, true, 0 },
	{ CFG_CONTEXT, CFG_ROUTE6,
	  "ipv6 route <prefix> {<interface> [<next-hop>]|<next-hop>|<null0>|"
	  "context <context>} [<distance>]", NULL, P, schema_route6_check, true, 0 },

	{ CFG_INTERFACE, SETS, "description <description>", "description", N,
	  NULL, 0, 0 },
	{ CFG_INTERFACE, SETS, "ip address <address>", "ip address", F, NULL,
	  0, 0 },
	{ CFG_INTERFACE, SETS, "ip icmp <icmp>", "ip icmp", N, NULL, 0, 0 },
	{ CFG_INTERFACE, SETS, "ip mtu <mtu>", "ip mtu", N, NULL, 0, 0 },
	/* Another word than the context's: else its line would be read here. */
	{ CFG_INTERFACE, SETS, "ipsec apply-selection <selection>",
	  "ipsec apply-selection", P, NULL, 0, 0 },
	{ CFG_INTERFACE, SETS, "<shutdown>", NULL, P, NULL, 0, 0 },
	{ CFG_INTERFACE, CFG_SECONDARY, "ip address <address> <secondary>",
	  NULL, F, NULL, 0, 0 },
	{ CFG_INTERFACE, SETS, "ipv6 address <link-local> link-local",
	  "ipv6 address link-local", P, schema_link_local_check, 0, 0 },
	{ CFG_INTERFACE, CFG_ADDRESS6, "ipv6 address <address>", NULL, P,
	  schema_address6_check, 0, 0 },
	{ CFG_INTERFACE, CFG_ARP, "ip arp <address> <mac>",
	  "ip arp <address>", P, schema_arp_check, 0, 0 },
	{ CFG_INTERFACE, CFG_NEIGHBOR6, "ipv6 neighbor <address> <mac>",
	  "ipv6 neighbor <address>", P, schema_neighbor6_check, 0, 0 },

	{ CFG_INTERFACE, CFG_INTERFACE_GROUP, GROUP, NULL, N, NULL, 0, 0 },
	{ CFG_INTERFACE, CFG_INTERFACE_GROUP6, GROUP6, NULL, P, NULL, 0, 0 },

	{ CFG_ACL, SETS, "description <description>", "description", F, NULL,
	  0, 0 },
	{ CFG_ACL, CFG_ACL_ROW, "[seq <seq>] <action> "
	  "{<protocol> " END("src") " [" PORT("src") "] "
	  END("dst") " [" PORT("dst") "] [" TOS "] "
	  "[{<established>|<fragments>|"
	  "icmp-type <icmp-type> [icmp-code <icmp-code>]}]|"
	  END("src") " " END("dst") " [" TOS "] [<fragments>]}",
	  "seq <seq>", F, schema_acl_check, 0, 0 },

	{ CFG_ACL6, SETS, "description <description>", "description", P, NULL,
	  0, 0 },
	{ CFG_ACL6, CFG_ACL6_ROW, "[seq <seq>] <action> "
	  "{<protocol> " END6("src") " [" PORT("src") "] "
	  END6("dst") " [" PORT("dst") "] [" TOS "] "
	  "[{<established>|<fragments>|"
	  "icmp-type <icmp-type> [icmp-code <icmp-code>]}]|"
	  END6("src") " " END6("dst") " [" TOS "] [<fragments>]}",
	  "seq <seq>", P, schema_acl6_check, 0, 0 },

	{ CFG_PQ, SETS, "num-queues <num-queues>", "num-queues", G, NULL, 0,
	  0 },
	{ CFG_PQ, SETS, "rate <rate>", "rate", P, NULL, 0, 0 },
	{ CFG_PQ, CFG_PQ_QUEUE,
	  "queue <queue> [rate <rate> burst <burst>] [depth <depth>]",
	  "queue <queue>", G, NULL, 0, 0 },
	{ CFG_PQ, CFG_PQ_MAP, "queue-map dscp <dscp> <queue>",
	  "queue-map dscp <dscp>", P, NULL, 0, 0 },

	{ CFG_IPSEC_QOS, CFG_IPSEC_QUEUE,
	  "queue <queue> access-list <access-list> [dscp <dscp>]",
	  "queue <queue>", P, NULL, 0, 0 },

	{ CFG_QOS, SETS,
	  "rate <rate> burst <burst> [excess-burst <excess-burst>]", "rate", G,
	  NULL, 0, 0 },
	{ CFG_QOS, SETS, "conform " MARKS("conform"), "conform", N, NULL, 0,
	  0 },
	{ CFG_QOS, SETS, "exceed " MARKS("exceed"), "exceed", N, NULL, 0, 0 },
	{ CFG_QOS, SETS, "violate " MARKS("violate"), "violate", N, NULL, 0,
	  0 },

	{ CFG_SA, SETS, "anti-replay-window "
	  "{<anti-replay-off>|<anti-replay-window>}", "anti-replay-window", P,
	  NULL, 0, 0 },
	{ CFG_SA, SETS, "<extended-sequence-number>", NULL, P, NULL, 0, 0 },
	{ CFG_SA, SETS, "lifetime seconds <lifetime-seconds>",
	  "lifetime seconds", P, NULL, 0, 0 },
	{ CFG_SA, SETS, "lifetime kilobytes <lifetime-kilobytes>",
	  "lifetime kilobytes", P, NULL, 0, 0 },
	{ CFG_SA, SETS, "lifetime soft percent <lifetime-soft-percent>",
	  "lifetime soft percent", P, NULL, 0, 0 },
	{ CFG_SA, SETS, "esp spi <esp-spi> encryption <encryption> "
	  "[key " KEY("encryption-key") "] "
	  "[authentication <authentication> "
	  "[key " KEY("authentication-key") "]]", "esp", P, esp_check, 0, 0 },
	{ CFG_SA, SETS, "ah spi <ah-spi> authentication <ah-authentication> "
	  "key " KEY("ah-key"), "ah", P, ah_check, 0, 0 },

	{ CFG_IKE_PROPOSAL, SETS, "authentication method <method>",
	  "authentication method", P, NULL, 0, 0 },
	{ CFG_IKE_PROPOSAL, SETS, "authentication algorithm <integrity>",
	  "authentication algorithm", P, NULL, 0, 0 },
	{ CFG_IKE_PROPOSAL, SETS, "encryption algorithm <encryption>",
	  "encryption algorithm", P, NULL, 0, 0 },
	{ CFG_IKE_PROPOSAL, SETS, "pseudo-random-function <prf>",
	  "pseudo-random-function", P, NULL, 0, 0 },
	{ CFG_IKE_PROPOSAL, SETS, "dh-group <dh-group>", "dh-group", P, NULL,
	  0, 0 },
	{ CFG_IKE_PROPOSAL, SETS, "lifetime seconds <lifetime-seconds>",
	  "lifetime seconds", P, NULL, 0, 0 },

	{ CFG_IKE_POLICY, SETS, "version <version>", "version", P, NULL, 0,
	  0 },
	{ CFG_IKE_POLICY, SETS, "mode <mode>", "mode", P, NULL, 0, 0 },
	{ CFG_IKE_POLICY, CFG_IKE_POLICY_ROW, "seq <seq> proposal <proposal>",
	  "seq <seq>", P, NULL, 0, 0 },
	{ CFG_IKE_POLICY, SETS, "identity local " ID("local"),
	  "identity local", P, NULL, 0, 0 },
	{ CFG_IKE_POLICY, SETS, "identity remote " ID("remote"),
	  "identity remote", P, NULL, 0, 0 },
	{ CFG_IKE_POLICY, SETS, "authentication local <auth-local>",
	  "authentication local", P, NULL, 0, 0 },
	{ CFG_IKE_POLICY, SETS, "authentication remote <auth-remote>",
	  "authentication remote", P, NULL, 0, 0 },
	{ CFG_IKE_POLICY, SETS, "pre-shared-key " KEY("pre-shared-key"),
	  "pre-shared-key", P, NULL, 0, 0 },
	{ CFG_IKE_POLICY, SETS, "connection-type <connection-type>",
	  "connection-type", P, NULL, 0, 0 },
	{ CFG_IKE_POLICY, SETS, "<nat-traversal>", NULL, P, NULL, 0, 0 },

	{ CFG_IPSEC_PROPOSAL, SETS, "esp encryption <esp-encryption>",
	  "esp encryption", P, NULL, 0, 0 },
	{ CFG_IPSEC_PROPOSAL, SETS, "esp authentication <esp-authentication>",
	  "esp authentication", P, NULL, 0, 0 },
	{ CFG_IPSEC_PROPOSAL, SETS, "ah authentication <ah-authentication>",
	  "ah authentication", P, NULL, 0, 0 },
	{ CFG_IPSEC_PROPOSAL, SETS, "lifetime seconds <lifetime-seconds>",
	  "lifetime seconds", P, NULL, 0, 0 },
	{ CFG_IPSEC_PROPOSAL, SETS, "lifetime kilobytes <lifetime-kilobytes>",
	  "lifetime kilobytes", P, NULL, 0, 0 },

	{ CFG_IPSEC_POLICY, CFG_IPSEC_POLICY_ROW,
	  "seq <seq> proposal <proposal>", "seq <seq>", P, NULL, 0, 0 },
	{ CFG_IPSEC_POLICY, SETS, "perfect-forward-secrecy dh-group "
	  "<pfs-group>", "perfect-forward-secrecy", P, NULL, 0, 0 },
	{ CFG_IPSEC_POLICY, SETS, "anti-replay-window "
	  "{<anti-replay-off>|<anti-replay-window>}", "anti-replay-window", P,
	  NULL, 0, 0 },
	{ CFG_IPSEC_POLICY, SETS, "rekey-margin <rekey-margin>",
	  "rekey-margin", P, NULL, 0, 0 },
	{ CFG_IPSEC_POLICY, SETS, "<extended-sequence-number>", NULL, P, NULL,
	  0, 0 },

	{ CFG_SUBSCRIBER, SETS, "ipsec pre-shared-key " KEY("pre-shared-key"),
	  "ipsec pre-shared-key", P, NULL, 0, 0 },
	{ CFG_SUBSCRIBER, SETS, "ipsec policy <policy>", "ipsec policy", P,
	  NULL, 0, 0 },
	{ CFG_SUBSCRIBER, SETS, "ip address <address>", "ip address", G, NULL,
	  0, 0 },

	{ CFG_IPSEC_ACL, SETS, "description <description>", "description", P, NULL,
	  0, 0 },
	{ CFG_IPSEC_ACL, CFG_IPSEC_ACL_ROW, "seq <seq> permit "
	  "{<protocol>|<protocol-number>} <source> [port <source-port>] "
	  "<destination> [port <destination-port>] "
	  "[icmp-type <icmp-type> [icmp-code <icmp-code>]] [dscp <dscp>]",
	  "seq <seq>", P, cfg_selector_check, 0, 0 },

	{ CFG_SELECTION, SETS, "description <description>", "description", P,
	  NULL, 0, 0 },
	{ CFG_SELECTION, CFG_SELECTION_ROW,
	  "seq <seq> {protect tunnel <tunnel>|<action>} "
	  "access-list <access-list>", "seq <seq>", P, NULL, 0, 0 },

	{ CFG_ADMIN, SETS, "privilege start <privilege-start>",
	  "privilege start", F, NULL, 0, 0 },
	{ CFG_ADMIN, SETS, "privilege max <privilege-max>", "privilege max", F,
	  NULL, 0, 0 },
	{ CFG_ADMIN, SETS, "full-name <full-name>", "full-name", N, NULL, 0,
	  0 },
	{ CFG_ADMIN, SETS, "timeout session idle <idle>",
	  "timeout session idle", N, NULL, 0, 0 },
	{ CFG_ADMIN, SETS, "public-key <public-key>", "public-key", N, NULL, 0,
	  0 },

	{ CFG_MACRO, CFG_MACRO_STEP, "seq <seq> <command>", "seq <seq>", N,
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
	{ CFG_PORT, CFG_PORT_QOS, "qos policy <use> <policy>",
	  "qos policy <use>", G, NULL, 0, 0 },
	{ CFG_PORT, CFG_PORT_GROUP, GROUP, NULL, P, NULL, 0, 0 },
	{ CFG_PORT, CFG_PORT_GROUP6, GROUP6, NULL, P, NULL, 0, 0 },
	{ CFG_PORT, CFG_PVC, "dot1q pvc <vlan>", NULL, F, NULL, 0, 0 },

	{ CFG_PVC, SETS, "description <description>", "description", F, NULL,
	  0, 0 },
	{ CFG_PVC, SETS, "<shutdown>", NULL, P, NULL, 0, 0 },
	{ CFG_PVC, SETS, "bind interface <bind-interface> [<bind-context>]",
	  "bind", F, NULL, 0, 0 },
	{ CFG_PVC, CFG_PVC_QOS, "qos policy <use> <policy>",
	  "qos policy <use>", G, NULL, 0, 0 },
	{ CFG_PVC, CFG_PVC_GROUP, GROUP, NULL, P, NULL, 0, 0 },
	{ CFG_PVC, CFG_PVC_GROUP6, GROUP6, NULL, P, NULL, 0, 0 },

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
	{ CFG_TUNNEL, SETS, "ike-policy <ike-policy>", "ike-policy", P, NULL,
	  0, 0 },
	{ CFG_TUNNEL, SETS, "ipsec-policy <ipsec-policy>", "ipsec-policy", P,
	  NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "ipsec-sa in <sa-in>", "ipsec-sa in", P, NULL, 0,
	  0 },
	{ CFG_TUNNEL, SETS, "ipsec-sa out <sa-out>", "ipsec-sa out", P, NULL,
	  0, 0 },
	{ CFG_TUNNEL, SETS, "ipsec-access-list <access-list>",
	  "ipsec-access-list", P, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "clear-fallback <clear-fallback>",
	  "clear-fallback", P, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "ip mtu <mtu>", "ip mtu", N, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "<clear-df>", NULL, P, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "dscp {<dscp-copy>|<dscp>}", "dscp", P, NULL, 0,
	  0 },
	{ CFG_TUNNEL, SETS, "ipsec-mode <ipsec-mode>", "ipsec-mode", P, NULL,
	  0, 0 },
	{ CFG_TUNNEL, SETS, "df <df>", "df", P, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "ecn <ecn>", "ecn", P, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "ttl <ttl>", "ttl", P, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "flow-label <flow-label>", "flow-label", P, NULL,
	  0, 0 },
	{ CFG_TUNNEL, SETS, "nat-traversal <udp-encapsulation> "
	  "[local-port <local-port>] [remote-port <remote-port>]",
	  "nat-traversal", P, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "tfc-padding {<tfc-mtu>|<tfc>}", "tfc-padding", P,
	  NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "fragmentation <fragmentation>", "fragmentation",
	  P, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "bind interface <bind-interface> [<bind-context>]",
	  "bind", G, NULL, 0, 0 },
	{ CFG_TUNNEL, SETS, "<shutdown>", NULL, N, NULL, 0, 0 },
	{ CFG_TUNNEL, CFG_TUNNEL_QOS, "qos policy <use> <policy>",
	  "qos policy <use>", P, NULL, 0, 0 },
	{ CFG_TUNNEL, CFG_TUNNEL_GROUP, GROUP, NULL, P, NULL, 0, 0 },
	{ CFG_TUNNEL, CFG_TUNNEL_GROUP6, GROUP6, NULL, P, NULL, 0, 0 },
};

static const struct syntax_word words[] = {
	{ "1", "Sealed under the operator's key" },
	{ "aaa", "Who may come" },
	{ "access-group", "Apply an access list" },
	{ "access-list", "Access list" },
	{ "address", "Address" },
	{ "administrator", "Administrator of the context" },
	{ "ah", "Authentication Header" },
	{ "algorithm", "Algorithm" },
	{ "alias", "Another word for a command" },
	{ "anti-replay-window", "Anti-replay window" },
	{ "ascii", "Key as text" },
	{ "apply-selection", "Policy for what leaves and arrives here" },
	{ "asp", "Advanced Services Processor" },
	{ "asp-count", "Active ASPs" },
	{ "asp-group", "ASP group" },
	{ "authentication", "Authentication algorithm" },
	{ "arp", "Static ARP entry" },
	{ "banner", "Text shown to who comes" },
	{ "bind", "Bind to an interface" },
	{ "burst", "Burst" },
	{ "card", "Card in a slot" },
	{ "clear-fallback", "Traffic of a tunnel that is down" },
	{ "conform", "Of packets within the rate" },
	{ "connection-type", "Who may begin a negotiation" },
	{ "contact", "Contact person" },
	{ "context", "Context" },
	{ "default", "Restore a default" },
	{ "depth", "Packets that may wait" },
	{ "description", "Description" },
	{ "df", "DF of the outer header" },
	{ "dh-group", "Diffie-Hellman group" },
	{ "dn", "Distinguished name" },
	{ "dot1q", "IEEE 802.1Q" },
	{ "dscp", "DSCP" },
	{ "ecn", "Congestion marks of the outer header" },
	{ "email", "Mail address" },
	{ "enable", "Password for higher privilege" },
	{ "encapsulation", "Encapsulation" },
	{ "encrypted", "Sealed secret" },
	{ "encryption", "Encryption algorithm" },
	{ "end", "Commit configuration changes and return to exec mode" },
	{ "esp", "Encapsulating Security Payload" },
	{ "ethernet", "Ethernet" },
	{ "exec", "Exec mode" },
	{ "exceed", "Of packets beyond the burst" },
	{ "excess-burst", "Excess burst" },
	{ "exit", "Leave this mode" },
	{ "file", "File of /flash" },
	{ "flow-label", "Flow label of the outer header" },
	{ "fqdn", "Domain name" },
	{ "fragmentation", "Where packets that are too large are cut" },
	{ "full-name", "Name of the person" },
	{ "group", "Group" },
	{ "host", "One address" },
	{ "icmp", "Internet Control Message Protocol" },
	{ "icmp-code", "ICMP code" },
	{ "icmp-type", "ICMP type" },
	{ "hex", "Key as hexadecimal digits" },
	{ "hostname", "Name of the router" },
	{ "identity", "Who an end says it is" },
	{ "idle", "Without a key" },
	{ "ike", "Internet Key Exchange" },
	{ "ike-policy", "IKE policy" },
	{ "in", "Inbound" },
	{ "interface", "Interface" },
	{ "interval", "Time between questions" },
	{ "ip", "IP" },
	{ "ipsec", "IPsec" },
	{ "ipsec-access-list", "Selectors of the tunnel" },
	{ "ipsec-mode", "Mode of the SAs" },
	{ "ipsec-policy", "IPsec policy" },
	{ "ipsec-sa", "SA of the tunnel" },
	{ "ipv6", "IPv6" },
	{ "keepalive", "Whether the peer is still there" },
	{ "key", "Key" },
	{ "key-id", "Any text" },
	{ "kilobytes", "By octets" },
	{ "level", "Privilege level" },
	{ "lifetime", "Limits of the SA's life" },
	{ "link-local", "Address for this link alone" },
	{ "local", "This end" },
	{ "local-port", "UDP port of this end" },
	{ "location", "Location" },
	{ "logging", "Where the log goes besides" },
	{ "login", "Before the login" },
	{ "macro", "Several commands in one word" },
	{ "mark", "Mark it" },
	{ "max", "Highest privilege" },
	{ "method", "How peers prove who they are" },
	{ "mode", "Forwarding mode" },
	{ "motd", "Message of the day" },
	{ "mtu", "Maximum transmission unit" },
	{ "name", "Name" },
	{ "neighbor", "Static neighbor" },
	{ "nat-traversal", "Through a translator of addresses" },
	{ "no", "Remove or negate" },
	{ "num-queues", "Number of queues" },
	{ "out", "Outbound" },
	{ "password", "Password" },
	{ "peer-end-point", "End points of the tunnel" },
	{ "percent", "Percent" },
	{ "perfect-forward-secrecy", "Fresh keys for each SA" },
	{ "permit", "Packets that belong to it" },
	{ "policy", "Policy" },
	{ "pool", "Pool of ASPs" },
	{ "port", "Port" },
	{ "pre-shared-key", "Secret that both ends have" },
	{ "precedence", "IP precedence" },
	{ "pq", "Priority queues" },
	{ "privilege", "Privilege" },
	{ "proposal", "Proposal" },
	{ "pseudo-random-function", "Function that keys are derived by" },
	{ "public-key", "Key for SSH" },
	{ "protect", "Seal for a tunnel" },
	{ "pvc", "Permanent virtual circuit" },
	{ "qos", "Quality of service" },
	{ "queue", "A queue" },
	{ "queue-map", "Which queue a packet goes to" },
	{ "range", "From one port to another" },
	{ "rekey-margin", "When SAs are replaced" },
	{ "release-compliance", "Be as strict as a release" },
	{ "rate", "Rate" },
	{ "remote", "Far end" },
	{ "remote-port", "UDP port of the far end" },
	{ "resequence", "Number the rows of an access list anew" },
	{ "retries", "Questions without an answer" },
	{ "route", "Static route" },
	{ "routing", "Routing" },
	{ "sa", "Security association" },
	{ "seconds", "By time" },
	{ "security", "Security Service" },
	{ "selection", "Which packets are protected, pass or are discarded" },
	{ "seq", "Sequence number" },
	{ "service", "Service" },
	{ "session", "Session" },
	{ "soft", "Warning before the end" },
	{ "spi", "Security parameters index" },
	{ "start", "Privilege at login" },
	{ "subscriber", "Peer that may come on demand" },
	{ "system", "System" },
	{ "tfc-padding", "Padding that hides lengths (RFC 4303, 2.7)" },
	{ "tos", "Type of service" },
	{ "timeout", "Time after which something ends" },
	{ "traffic-action", "What happens without an ASP" },
	{ "ttl", "TTL of the outer header" },
	{ "tunnel", "Tunnel" },
	{ "version", "Version" },
	{ "violate", "Of packets beyond the excess burst" },
	{ "vpn-rd", "VPN context" },
	{ NULL, NULL },
};
/* clang-format on */

const struct cfg_row *
cfg_row_get(unsigned i)
{
	return i < NELEM(rows) ? &rows[i] : NULL;
}

/* Rows that do something else than to set fields. */
static const struct {
	enum cfg_kind mode;
	const char *word; /* the pattern's first */
	cfg_act_fn *act;
} acts[] = {
    {CFG_CONTEXT, "resequence ip ", acl_resequence},
    {CFG_CONTEXT, "resequence ipv6 ", acl6_resequence},
};

cfg_act_fn *
cfg_row_act(const struct cfg_row *row)
{
	for (size_t i = 0; i < NELEM(acts); i++) {
		if (acts[i].mode == row->mode &&
		    strncmp(acts[i].word, row->pattern, strlen(acts[i].word)) ==
			0)
			return acts[i].act;
	}
	return NULL;
}

bool
cfg_row_negates(const struct cfg_row *row)
{
	const struct cfg_kind_def *def = cfg_row_kind(row);
	bool counted = false;

	for (unsigned i = 0; i < def->n_fields; i++)
		counted = counted || def->fields[i].counted != 0;
	return cfg_row_act(row) == NULL && (row->no == NULL || !counted);
}

const struct syntax_word *
cfg_words(void)
{
	return words;
}

const struct cfg_kind_def *
cfg_row_kind(const struct cfg_row *row)
{
	return cfg_kind_get(row->makes == CFG_ROOT ? row->mode : row->makes);
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
			if (syntax_arg_is(&def->fields[i], p + 1, len))
				fields |= UINT32_C(1) << i;
		}
	}
	return fields;
}
