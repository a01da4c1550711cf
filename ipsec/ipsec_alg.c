/*
 * The table of algorithm facts. Whoever needs a length, a name or an RFC reads
 * it here; nobody switches on an algorithm. This file knows no crypto library
 * and no key.
 *
 * The names with -N count the bits of the ICV, as the RFCs do. HMAC-SM3 has no
 * RFC and no fixed cut: its ICV is chosen by name, whole words of 32 bits from
 * 96 to all 256, and hmac-sm3 alone is all of them, as Linux has it (our
 * reading of GM/T 0022, which says SM3 and no length).
 */
#include "ipsec_alg.h"

#include <string.h>

#define ENC .kind = IPSEC_ALG_ENCRYPTION
#define AUTH .kind = IPSEC_ALG_AUTHENTICATION, .block_octets = 1

/* clang-format off */
#define CBC(n, key) \
	{ ENC, .name = (n), .verdict = "current", .rfc = 3602, .key_octets = (key), \
	  .iv_octets = 16, .block_octets = 16, .ipsecmb = true, .seos = true, \
	  .wireshark = "AES-CBC [RFC3602]" }
#define CTR(n, key) \
	{ ENC, .name = (n), .verdict = "current", .rfc = 3686, .key_octets = (key), \
	  .salt_octets = 4, .iv_octets = 8, .block_octets = 1, \
	  .counter_iv = true, .ipsecmb = true, \
	  .wireshark = "AES-CTR [RFC3686]" }
#define AEAD(n, r, key, salt, icv) \
	ENC, .name = (n), .rfc = (r), .key_octets = (key), .salt_octets = (salt), \
	.iv_octets = 8, .block_octets = 1, .icv_octets = (icv), .aead = true, \
	.counter_iv = true
#define GCM(n, key, icv, shark) \
	{ AEAD(n, 4106, key, 4, icv), .verdict = "current", .ipsecmb = true, \
	  .wireshark = (shark) }
#define GMAC(n, key) \
	{ AEAD(n, 4543, key, 4, 16), .verdict = "current", .ipsecmb = true }
#define CCM(n, key, icv, mb) \
	{ AEAD(n, 4309, key, 3, icv), .verdict = "current", .ipsecmb = (mb) }
#define HMAC(n, v, r, key, icv, shark) \
	AUTH, .name = (n), .verdict = (v), .rfc = (r), .key_octets = (key), \
	.icv_octets = (icv), .ipsecmb = true, .wireshark = (shark)
#define SM3(n, icv, shark) \
	{ AUTH, .name = (n), .verdict = "current", \
	  .standard = "GM/T 0022", .key_octets = 32, .icv_octets = (icv), \
	  .wireshark = (shark) }

#define SHARK_GCM8 "AES-GCM with 8 octet ICV [RFC4106]"
#define SHARK_GCM12 "AES-GCM with 12 octet ICV [RFC4106]"
#define SHARK_GCM16 "AES-GCM with 16 octet ICV [RFC4106]"
#define SHARK_ANY96 "ANY 96 bit authentication [no checking]"

static const struct ipsec_alg algs[IPSEC_ALG_MAX] = {
	[IPSEC_ALG_NULL] = { ENC, .name = "null", .verdict = "current",
	    .rfc = 2410, .block_octets = 1, .ipsecmb = true, .seos = true,
	    .wireshark = "NULL" },
	[IPSEC_ALG_AES128_CBC] = CBC("aes-128-cbc", 16),
	[IPSEC_ALG_AES192_CBC] = CBC("aes-192-cbc", 24),
	[IPSEC_ALG_AES256_CBC] = CBC("aes-256-cbc", 32),
	[IPSEC_ALG_AES128_CTR] = CTR("aes-128-ctr", 16),
	[IPSEC_ALG_AES192_CTR] = CTR("aes-192-ctr", 24),
	[IPSEC_ALG_AES256_CTR] = CTR("aes-256-ctr", 32),
	[IPSEC_ALG_AES128_GCM8] = GCM("aes-128-gcm-8", 16, 8, SHARK_GCM8),
	[IPSEC_ALG_AES192_GCM8] = GCM("aes-192-gcm-8", 24, 8, SHARK_GCM8),
	[IPSEC_ALG_AES256_GCM8] = GCM("aes-256-gcm-8", 32, 8, SHARK_GCM8),
	[IPSEC_ALG_AES128_GCM12] = GCM("aes-128-gcm-12", 16, 12, SHARK_GCM12),
	[IPSEC_ALG_AES192_GCM12] = GCM("aes-192-gcm-12", 24, 12, SHARK_GCM12),
	[IPSEC_ALG_AES256_GCM12] = GCM("aes-256-gcm-12", 32, 12, SHARK_GCM12),
	[IPSEC_ALG_AES128_GCM16] = GCM("aes-128-gcm", 16, 16, SHARK_GCM16),
	[IPSEC_ALG_AES192_GCM16] = GCM("aes-192-gcm", 24, 16, SHARK_GCM16),
	[IPSEC_ALG_AES256_GCM16] = GCM("aes-256-gcm", 32, 16, SHARK_GCM16),
	[IPSEC_ALG_AES128_GMAC] = GMAC("aes-128-gmac", 16),
	[IPSEC_ALG_AES192_GMAC] = GMAC("aes-192-gmac", 24),
	[IPSEC_ALG_AES256_GMAC] = GMAC("aes-256-gmac", 32),
	[IPSEC_ALG_AES128_CCM8] = CCM("aes-128-ccm-8", 16, 8, true),
	[IPSEC_ALG_AES192_CCM8] = CCM("aes-192-ccm-8", 24, 8, false),
	[IPSEC_ALG_AES256_CCM8] = CCM("aes-256-ccm-8", 32, 8, true),
	[IPSEC_ALG_AES128_CCM12] = CCM("aes-128-ccm-12", 16, 12, true),
	[IPSEC_ALG_AES192_CCM12] = CCM("aes-192-ccm-12", 24, 12, false),
	[IPSEC_ALG_AES256_CCM12] = CCM("aes-256-ccm-12", 32, 12, true),
	[IPSEC_ALG_AES128_CCM16] = CCM("aes-128-ccm", 16, 16, true),
	[IPSEC_ALG_AES192_CCM16] = CCM("aes-192-ccm", 24, 16, false),
	[IPSEC_ALG_AES256_CCM16] = CCM("aes-256-ccm", 32, 16, true),
	[IPSEC_ALG_CHACHA20_POLY1305] = { AEAD("chacha20-poly1305", 7634, 32, 4,
	    16), .verdict = "current", .ipsecmb = true },
	[IPSEC_ALG_3DES_CBC] = { ENC, .name = "3des-cbc", .verdict = "legacy",
	    .rfc = 2451, .key_octets = 24, .iv_octets = 8, .block_octets = 8,
	    .ipsecmb = true, .seos = true, .wireshark = "TripleDES-CBC [RFC2451]" },
	[IPSEC_ALG_DES_CBC] = { ENC, .name = "des-cbc", .verdict = "broken",
	    .rfc = 2405, .key_octets = 8, .iv_octets = 8, .block_octets = 8,
	    .ipsecmb = true, .seos = true, .wireshark = "DES-CBC [RFC2405]" },
	[IPSEC_ALG_SM4_CBC] = { ENC, .name = "sm4-cbc", .verdict = "current",
	    .standard = "GM/T 0022",
	    .key_octets = 16, .iv_octets = 16, .block_octets = 16 },
	[IPSEC_ALG_NONE] = { AUTH, .name = "none", .verdict = "current",
	    .rfc = 4303, .ipsecmb = true, .seos = true, .wireshark = "NULL" },
	[IPSEC_ALG_HMAC_MD5_96] = { HMAC("hmac-md5-96", "broken", 2403, 16, 12,
	    "HMAC-MD5-96 [RFC2403]"), .seos = true },
	[IPSEC_ALG_HMAC_SHA1_96] = { HMAC("hmac-sha1-96", "legacy", 2404, 20,
	    12, "HMAC-SHA-1-96 [RFC2404]"), .seos = true },
	/* The draft's cut of SHA-256 that old peers speak; the RFC has 128. */
	[IPSEC_ALG_HMAC_SHA256_96] = { AUTH,
	    .name = "hmac-sha-256-96", .verdict = "legacy",
	    .standard = "draft-ietf-ipsec-ciph-sha-256", .key_octets = 32,
	    .icv_octets = 12, .ipsecmb = true,
	    .wireshark = "HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]" },
	[IPSEC_ALG_HMAC_SHA256_128] = { HMAC("hmac-sha-256-128", "current", 4868,
	    32, 16, "HMAC-SHA-256-128 [RFC4868]") },
	[IPSEC_ALG_HMAC_SHA384_192] = { HMAC("hmac-sha-384-192", "current", 4868,
	    48, 24, "HMAC-SHA-384-192 [RFC4868]") },
	[IPSEC_ALG_HMAC_SHA512_256] = { HMAC("hmac-sha-512-256", "current", 4868,
	    64, 32, "HMAC-SHA-512-256 [RFC4868]") },
	[IPSEC_ALG_AES_XCBC_96] = { AUTH, .name = "aes-xcbc-96",
	    .verdict = "current", .rfc = 3566, .key_octets = 16,
	    .icv_octets = 12, .ipsecmb = true, .wireshark = SHARK_ANY96 },
	[IPSEC_ALG_AES_CMAC_96] = { AUTH, .name = "aes-cmac-96",
	    .verdict = "current", .rfc = 4494, .key_octets = 16,
	    .icv_octets = 12, .ipsecmb = true, .wireshark = SHARK_ANY96 },
	[IPSEC_ALG_HMAC_SM3_96] = SM3("hmac-sm3-96", 12, SHARK_ANY96),
	[IPSEC_ALG_HMAC_SM3_128] = SM3("hmac-sm3-128", 16,
	    "ANY 128 bit authentication [no checking]"),
	[IPSEC_ALG_HMAC_SM3_160] = SM3("hmac-sm3-160", 20, NULL),
	[IPSEC_ALG_HMAC_SM3_192] = SM3("hmac-sm3-192", 24,
	    "ANY 192 bit authentication [no checking]"),
	[IPSEC_ALG_HMAC_SM3_224] = SM3("hmac-sm3-224", 28, NULL),
	[IPSEC_ALG_HMAC_SM3] = SM3("hmac-sm3", 32,
	    "ANY 256 bit authentication [no checking]"),
};
/* clang-format on */

const struct ipsec_alg *
ipsec_alg_get(enum ipsec_alg_id id)
{
	if (id == IPSEC_ALG_INVALID || id >= IPSEC_ALG_MAX)
		return NULL;
	return &algs[id];
}

enum ipsec_alg_id
ipsec_alg_find(const char *name, enum ipsec_alg_kind kind)
{
	for (unsigned i = IPSEC_ALG_INVALID + 1; i < IPSEC_ALG_MAX; i++) {
		if (algs[i].kind == kind && strcmp(algs[i].name, name) == 0)
			return (enum ipsec_alg_id)i;
	}
	return IPSEC_ALG_INVALID;
}

unsigned
ipsec_alg_keymat_octets(const struct ipsec_alg *alg)
{
	return alg->key_octets + alg->salt_octets;
}

bool
ipsec_alg_pair_valid(enum ipsec_alg_id enc, enum ipsec_alg_id auth)
{
	const struct ipsec_alg *e = ipsec_alg_get(enc);
	const struct ipsec_alg *a = ipsec_alg_get(auth);

	if (e == NULL || a == NULL || e->kind != IPSEC_ALG_ENCRYPTION ||
	    a->kind != IPSEC_ALG_AUTHENTICATION)
		return false;
	if (e->aead)
		return auth == IPSEC_ALG_NONE;
	if (enc == IPSEC_ALG_NULL || e->counter_iv)
		return auth != IPSEC_ALG_NONE;
	return true;
}

bool
ipsec_alg_pair_unauthenticated(enum ipsec_alg_id enc, enum ipsec_alg_id auth)
{
	return ipsec_alg_pair_valid(enc, auth) && auth == IPSEC_ALG_NONE &&
	       !algs[enc].aead;
}
