/*
 * The kinds of automatic keying and their fields: proposals and policies of IKE
 * and of IPsec, and the records of peers that may come on demand. The lines
 * that set them are in schema_rows.c, what they must fulfil together in
 * validate_ike.c. Words and defaults follow the reference, section 4.3; what
 * the SmartEdge release had is a part of what may be typed (RFC 8247 and 8221
 * say what should be), and `security release-compliance seos` holds to it.
 */
#include "ike_alg.h"
#include "ipsec_alg.h"
#include "schema_impl.h"

/* clang-format off */
FLAG(nat_traversal, "nat-traversal");
FLAG(off, "off");
FLAG(esn, "extended-sequence-number");

static const struct syntax_choice method_choices[] = {
	{ "pre-shared-key", CFG_IKE_PSK, "A secret that both ends have" },
	{ "rsa-signature", CFG_IKE_CERT, "Certificates" },
	{ NULL, 0, NULL } };
static const struct syntax_choice auth_choices[] = {
	{ "pre-shared-key", CFG_IKE_PSK, "A secret that both ends have" },
	{ "rsa", CFG_IKE_CERT, "A certificate" },
	{ NULL, 0, NULL } };
static const struct syntax_choice mode_choices[] = {
	{ "main", CFG_IKE_MAIN, "Six messages, identities protected" },
	{ "aggressive", CFG_IKE_AGGRESSIVE,
	  "Three messages, identities in clear" },
	{ NULL, 0, NULL } };
static const struct syntax_choice connection_choices[] = {
	{ "initiator-only", CFG_IKE_INITIATOR, "Never answers" },
	{ "responder-only", CFG_IKE_RESPONDER, "Never begins" },
	{ "both", CFG_IKE_BOTH, "Begins and answers" },
	{ NULL, 0, NULL } };
/* clang-format on */

/* The i-th of the algorithms of a type, as cfg_ike_alg() reads it. */
static bool
ike_choice(unsigned i, enum ike_alg_type type, struct syntax_choice *choice)
{
	const struct ike_alg *alg;

	for (unsigned row = 0; (alg = ike_alg_at(row)) != NULL; row++) {
		if (alg->type != type || i-- > 0)
			continue;
		*choice = (struct syntax_choice){
		    alg->name, row + 1,
		    alg->title != NULL ? alg->title : alg->verdict};
		return true;
	}
	return false;
}

const struct ike_alg *
cfg_ike_alg(uint32_t value)
{
	return value == 0 ? NULL : ike_alg_at(value - 1);
}

static bool
encr_choice(unsigned i, struct syntax_choice *choice)
{
	return ike_choice(i, IKE_ALG_ENCR, choice);
}

static bool
integ_choice(unsigned i, struct syntax_choice *choice)
{
	return ike_choice(i, IKE_ALG_INTEG, choice);
}

static bool
prf_choice(unsigned i, struct syntax_choice *choice)
{
	return ike_choice(i, IKE_ALG_PRF, choice);
}

static bool
group_choice(unsigned i, struct syntax_choice *choice)
{
	return ike_choice(i, IKE_ALG_DH, choice);
}

/* The i-th algorithm of ESP or AH that IKE has a number for. */
static bool
child_choice(unsigned i, enum ipsec_alg_kind kind, struct syntax_choice *choice)
{
	for (unsigned id = IPSEC_ALG_INVALID + 1; id < IPSEC_ALG_MAX; id++) {
		const struct ipsec_alg *alg =
		    ipsec_alg_get((enum ipsec_alg_id)id);
		bool none = id == IPSEC_ALG_NONE;

		if (alg->kind != kind ||
		    (!none && ike_esp_alg_of((enum ipsec_alg_id)id) == NULL) ||
		    i-- > 0)
			continue;
		*choice = (struct syntax_choice){alg->name, id, alg->verdict};
		return true;
	}
	return false;
}

static bool
esp_encryption_choice(unsigned i, struct syntax_choice *choice)
{
	return child_choice(i, IPSEC_ALG_ENCRYPTION, choice);
}

static bool
esp_authentication_choice(unsigned i, struct syntax_choice *choice)
{
	return child_choice(i, IPSEC_ALG_AUTHENTICATION, choice);
}

/* clang-format off */
#define ROW(n, fn, h) \
	.name = (n), .type = SYNTAX_ENUM, .choice_at = (fn), .help = (h)

static const struct syntax_arg ike_proposal_fields[] = {
	AT(CFG_IKE_PROPOSAL_NAME) = { NAMED("proposal", 50,
	    "Name of the IKE proposal"), .key = true },
	AT(CFG_IKE_PROPOSAL_METHOD) = { CHOICE("method", method_choices,
	    "How IKEv1 peers prove who they are"), DEFAULT(CFG_IKE_PSK) },
	AT(CFG_IKE_PROPOSAL_INTEG) = { ROW("integrity", integ_choice,
	    "Algorithm; hmac-sha1-96 where none is given") },
	AT(CFG_IKE_PROPOSAL_ENCR) = { ROW("encryption", encr_choice,
	    "Algorithm; 3des-cbc where none is given") },
	AT(CFG_IKE_PROPOSAL_PRF) = { ROW("prf", prf_choice,
	    "Function; that of the authentication where none is given") },
	AT(CFG_IKE_PROPOSAL_GROUP) = { ROW("dh-group", group_choice,
	    "Diffie-Hellman group; 2 where none is given") },
	AT(CFG_IKE_PROPOSAL_LIFETIME) = { NUMBER("lifetime-seconds", 180, 86400,
	    "Seconds"), DEFAULT(28800) },
};
static const struct syntax_arg ike_policy_fields[] = {
	AT(CFG_IKE_POLICY_NAME) = { NAMED("policy", 50,
	    "Name of the IKE policy"), .key = true },
	AT(CFG_IKE_POLICY_VERSION) = { NUMBER("version", 1, 2, "IKE version"),
	    DEFAULT(2) },
	AT(CFG_IKE_POLICY_MODE) = { CHOICE("mode", mode_choices,
	    "Exchange of IKEv1"), DEFAULT(CFG_IKE_MAIN) },
	AT(CFG_IKE_POLICY_LOCAL_IP) = { VALUE("local-ip", SYNTAX_IP,
	    "Address"), .min = 1 },
	AT(CFG_IKE_POLICY_LOCAL_FQDN) = { NAMED("local-fqdn", 255,
	    "Domain name") },
	AT(CFG_IKE_POLICY_LOCAL_EMAIL) = { NAMED("local-email", 255,
	    "Mail address") },
	AT(CFG_IKE_POLICY_LOCAL_DN) = { TEXT("local-dn", 255,
	    "Distinguished name, to the end of the line") },
	AT(CFG_IKE_POLICY_LOCAL_KEY_ID) = { NAMED("local-key-id", 255,
	    "Any text") },
	AT(CFG_IKE_POLICY_REMOTE_IP) = { VALUE("remote-ip", SYNTAX_IP,
	    "Address"), .min = 1 },
	AT(CFG_IKE_POLICY_REMOTE_FQDN) = { NAMED("remote-fqdn", 255,
	    "Domain name") },
	AT(CFG_IKE_POLICY_REMOTE_EMAIL) = { NAMED("remote-email", 255,
	    "Mail address") },
	AT(CFG_IKE_POLICY_REMOTE_DN) = { TEXT("remote-dn", 255,
	    "Distinguished name, to the end of the line") },
	AT(CFG_IKE_POLICY_REMOTE_KEY_ID) = { NAMED("remote-key-id", 255,
	    "Any text") },
	AT(CFG_IKE_POLICY_AUTH_LOCAL) = { CHOICE("auth-local", auth_choices,
	    "How this end proves who it is"), DEFAULT(CFG_IKE_PSK) },
	AT(CFG_IKE_POLICY_AUTH_REMOTE) = { CHOICE("auth-remote", auth_choices,
	    "How the far end must"), DEFAULT(CFG_IKE_PSK) },
	AT(CFG_IKE_POLICY_SECRET) = { SECRET("pre-shared-key", "The secret") },
	AT(CFG_IKE_POLICY_CONNECTION) = { CHOICE("connection-type",
	    connection_choices, "Who may begin"), DEFAULT(CFG_IKE_BOTH) },
	AT(CFG_IKE_POLICY_NAT) = { CHOICE("nat-traversal",
	    nat_traversal_choices, "Find translators, put ESP into UDP"),
	    DEFAULT(0) },
};
static const struct syntax_arg ike_policy_row_fields[] = {
	AT(CFG_IKE_POLICY_ROW_SEQ) = { NUMBER("seq", 1, 255,
	    "Place: lowest first"), .key = true },
	AT(CFG_IKE_POLICY_ROW_PROPOSAL) = { NAMED("proposal", 50,
	    "Name of the IKE proposal") },
};
static const struct syntax_arg ipsec_proposal_fields[] = {
	AT(CFG_IPSEC_PROPOSAL_NAME) = { NAMED("proposal", 50,
	    "Name of the IPsec proposal"), .key = true },
	AT(CFG_IPSEC_PROPOSAL_ENCRYPTION) = { ROW("esp-encryption",
	    esp_encryption_choice, "Algorithm"),
	    DEFAULT(IPSEC_ALG_AES128_CBC) },
	AT(CFG_IPSEC_PROPOSAL_AUTHENTICATION) = { ROW("esp-authentication",
	    esp_authentication_choice,
	    "Algorithm; hmac-sha1-96 where none is given, but beside what "
	    "authenticates by itself") },
	AT(CFG_IPSEC_PROPOSAL_AH) = { ROW("ah-authentication",
	    esp_authentication_choice, "Algorithm") },
	AT(CFG_IPSEC_PROPOSAL_SECONDS) = { NUMBER("lifetime-seconds", 180,
	    86400, "Seconds"), DEFAULT(3600) },
	AT(CFG_IPSEC_PROPOSAL_KILOBYTES) = { NUMBER("lifetime-kilobytes", 2560,
	    UINT32_MAX, "1,024 octets of clear packets") },
};
static const struct syntax_arg ipsec_policy_fields[] = {
	AT(CFG_IPSEC_POLICY_NAME) = { NAMED("policy", 50,
	    "Name of the IPsec policy"), .key = true },
	AT(CFG_IPSEC_POLICY_PFS) = { ROW("pfs-group", group_choice,
	    "Diffie-Hellman group") },
	AT(CFG_IPSEC_POLICY_WINDOW) = { NUMBER("anti-replay-window", 1, 4096,
	    "Packets of the anti-replay window"), DEFAULT(64) },
	AT(CFG_IPSEC_POLICY_WINDOW_OFF) = { CHOICE("anti-replay-off",
	    off_choices, "Accept replayed packets"), DEFAULT(0) },
	AT(CFG_IPSEC_POLICY_MARGIN) = { NUMBER("rekey-margin", 1, 43200,
	    "Seconds before the end at which SAs are replaced") },
	AT(CFG_IPSEC_POLICY_ESN) = { CHOICE("extended-sequence-number",
	    esn_choices, "Offer sequence numbers of 64 bits"), DEFAULT(0) },
};
static const struct syntax_arg ipsec_policy_row_fields[] = {
	AT(CFG_IPSEC_POLICY_ROW_SEQ) = { NUMBER("seq", 1, 255,
	    "Place: lowest first"), .key = true },
	AT(CFG_IPSEC_POLICY_ROW_PROPOSAL) = { NAMED("proposal", 50,
	    "Name of the IPsec proposal") },
};
static const struct syntax_arg subscriber_fields[] = {
	AT(CFG_SUBSCRIBER_NAME) = { NAMED("subscriber", 255,
	    "Identity of the peer"), .key = true },
	AT(CFG_SUBSCRIBER_SECRET) = { SECRET("pre-shared-key", "The secret") },
	AT(CFG_SUBSCRIBER_POLICY) = { NAMED("policy", 50,
	    "Name of the IPsec policy") },
	AT(CFG_SUBSCRIBER_ADDRESS) = { VALUE("address", SYNTAX_IPV4,
	    "Address that the peer is given"), .min = 1 },
};

static const struct cfg_kind_def kinds[] = {
	[CFG_IKE_PROPOSAL - CFG_IKE_PROPOSAL] = KIND("ike-proposal",
	    "config-ike-proposal", CFG_CONTEXT, ike_proposal_fields),
	[CFG_IKE_POLICY - CFG_IKE_PROPOSAL] = KIND("ike-policy",
	    "config-ike-policy", CFG_CONTEXT, ike_policy_fields),
	[CFG_IKE_POLICY_ROW - CFG_IKE_PROPOSAL] = KIND("seq", NULL,
	    CFG_IKE_POLICY, ike_policy_row_fields),
	[CFG_IPSEC_PROPOSAL - CFG_IKE_PROPOSAL] = KIND("ipsec-proposal",
	    "config-ipsec-proposal", CFG_CONTEXT, ipsec_proposal_fields),
	[CFG_IPSEC_POLICY - CFG_IKE_PROPOSAL] = KIND("ipsec-policy",
	    "config-ipsec-policy", CFG_CONTEXT, ipsec_policy_fields),
	[CFG_IPSEC_POLICY_ROW - CFG_IKE_PROPOSAL] = KIND("seq", NULL,
	    CFG_IPSEC_POLICY, ipsec_policy_row_fields),
	[CFG_SUBSCRIBER - CFG_IKE_PROPOSAL] = KIND("subscriber",
	    "config-sub", CFG_CONTEXT, subscriber_fields),
};
/* clang-format on */

const struct cfg_kind_def *
schema_ike_kind(enum cfg_kind kind)
{
	return &kinds[kind - CFG_IKE_PROPOSAL];
}
