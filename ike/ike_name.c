/*
 * The words of ike.h: identities, causes, reasons and counters as text. Tables
 * and printing only; nothing here decides.
 */
#include "ike.h"

#include <stdio.h>
#include <string.h>

#include "hex.h"

struct ike_id_kind {
	const char *prefix;
	bool text;
};

static const struct ike_id_kind id_kinds[] = {
    [IKE_ID_IPV4] = {"ipv4-", false},       [IKE_ID_FQDN] = {"fqdn-", true},
    [IKE_ID_EMAIL] = {"rfc822Addr-", true}, [IKE_ID_IPV6] = {"ipv6-", false},
    [IKE_ID_DN] = {"derAsn1Dn-", false},    [IKE_ID_GN] = {"derAsn1Gn-", false},
    [IKE_ID_KEY_ID] = {"keyId-", true},
};

static bool
printable(const struct ike_id *id)
{
	for (unsigned i = 0; i < id->octets; i++) {
		if (id->value[i] < 0x20 || id->value[i] > 0x7e)
			return false;
	}
	return true;
}

static void
id_value_text(const struct ike_id *id, char *at)
{
	char addr[IP_ADDR_TEXT_MAX];
	unsigned family = id->type == IKE_ID_IPV4 ? 4 : 6;
	struct ip_addr a;

	if ((id->type == IKE_ID_IPV4 && id->octets == 4) ||
	    (id->type == IKE_ID_IPV6 && id->octets == 16)) {
		a = ip_addr_get(family, id->value);
		strcpy(at, ip_addr_text(&a, addr));
		return;
	}
	if (id_kinds[id->type].text && printable(id)) {
		memcpy(at, id->value, id->octets);
		at[id->octets] = '\0';
		return;
	}
	hex_put(id->value, id->octets, at);
	at[2 * id->octets] = '\0';
}

const char *
ike_id_text(const struct ike_id *id, char text[IKE_ID_TEXT_MAX])
{
	size_t prefix;

	if (id->type >= sizeof(id_kinds) / sizeof(id_kinds[0]) ||
	    id_kinds[id->type].prefix == NULL) {
		strcpy(text, "-");
		return text;
	}
	prefix = strlen(id_kinds[id->type].prefix);
	memcpy(text, id_kinds[id->type].prefix, prefix);
	id_value_text(id, text + prefix);
	return text;
}

bool
ike_id_equal(const struct ike_id *a, const struct ike_id *b)
{
	return a->type == b->type && a->octets == b->octets &&
	       memcmp(a->value, b->value, a->octets) == 0;
}

const char *
ike_cause_name(enum ike_cause cause)
{
#define CAUSE_NAME(n, e, name) [n] = (name),
	static const char *const names[] = {IKE_CAUSES(CAUSE_NAME)};
#undef CAUSE_NAME

	if (cause >= sizeof(names) / sizeof(names[0]))
		return "indeterminate";
	return names[cause];
}

const char *
ike_reject_text(enum ike_reject reject)
{
#define REJECT_TEXT(e, text) [IKE_REJECT_##e] = (text),
	static const char *const texts[] = {IKE_REJECTS(REJECT_TEXT)};
#undef REJECT_TEXT

	return reject < IKE_REJECT_MAX ? texts[reject] : "unknown";
}

unsigned
ike_reject_version(enum ike_reject reject)
{
	return reject >= IKE_REJECT_V2_CRITICAL ? 2 : 1;
}

const char *
ike_stat_name(enum ike_stat stat)
{
#define STAT_NAME(e, name, sentence) [IKE_STAT_##e] = (name),
	static const char *const names[] = {IKE_STATS(STAT_NAME)};
#undef STAT_NAME

	return stat < IKE_STAT_MAX ? names[stat] : "unknown";
}

const char *
ike_stat_sentence(enum ike_stat stat)
{
#define STAT_SENTENCE(e, name, sentence) [IKE_STAT_##e] = (sentence),
	static const char *const texts[] = {IKE_STATS(STAT_SENTENCE)};
#undef STAT_SENTENCE

	return stat < IKE_STAT_MAX ? texts[stat] : "unknown";
}
