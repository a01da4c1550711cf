/*
 * The table of an IKE SA's algorithms. Whoever needs a number, a length or a
 * name reads it here; nobody switches on an algorithm. No crypto library, no
 * key.
 *
 * IANA "IKEv2 Parameters" and "IPSEC registry (IKE)"; RFC 2407, 2409, 3526,
 * 3602, 4106, 4309, 4434, 4615, 4868, 5282, 5903, 5930, 7634, 8031, 8247.
 */
#include "ike_alg.h"

#include <stddef.h>
#include <string.h>

#define CURRENT .verdict = "current"
#define LEGACY .verdict = "legacy"
#define BROKEN .verdict = "broken"

/* clang-format off */
#define ENCR(n, number, bits, r, alg, key, iv, block) \
	.type = IKE_ALG_ENCR, .name = (n), .id = (number), .key_bits = (bits), \
	.rfc = (r), .ipsec = IPSEC_ALG_##alg, .key_octets = (key), \
	.iv_octets = (iv), .block_octets = (block)
#define CBC(bits) \
	{ ENCR("aes-" #bits "-cbc", IKE_ENCR_AES_CBC, bits, 3602, \
	  AES##bits##_CBC, bits / 8, 16, 16), CURRENT, .v1 = 7, .seos = true, \
	  .wireshark = "AES-CBC-" #bits " [RFC3602]" }
#define CTR(bits) \
	{ ENCR("aes-" #bits "-ctr", IKE_ENCR_AES_CTR, bits, 5930, \
	  AES##bits##_CTR, bits / 8, 8, 1), CURRENT, .salt_octets = 4, \
	  .wireshark = "AES-CTR-" #bits " [RFC5930]" }
#define GCM(bits, icv, suffix, alg) \
	{ ENCR("aes-" #bits "-gcm" suffix, IKE_ENCR_AES_GCM_##icv, bits, 5282, \
	  AES##bits##_##alg, bits / 8, 8, 1), CURRENT, .salt_octets = 4, \
	  .icv_octets = (icv), .aead = true, \
	  .wireshark = "AES-GCM-" #bits " with " #icv " octet ICV [RFC5282]" }
#define CCM(bits, icv, suffix, alg) \
	{ ENCR("aes-" #bits "-ccm" suffix, IKE_ENCR_AES_CCM_##icv, bits, 5282, \
	  AES##bits##_##alg, bits / 8, 8, 1), CURRENT, .salt_octets = 3, \
	  .icv_octets = (icv), .aead = true, \
	  .wireshark = "AES-CCM-" #bits " with " #icv " octet ICV [RFC5282]" }
#define PRF(n, number, hash, r, alg, size) \
	.type = IKE_ALG_PRF, .name = (n), .id = (number), .v1 = (hash), \
	.rfc = (r), .ipsec = IPSEC_ALG_##alg, .key_octets = (size), \
	.octets = (size)
#define INTEG(n, number, r, alg, key, icv) \
	.type = IKE_ALG_INTEG, .name = (n), .id = (number), .rfc = (r), \
	.ipsec = IPSEC_ALG_##alg, .key_octets = (key), .icv_octets = (icv)
#define MODP(n, r, bits, draw) \
	.type = IKE_ALG_DH, .name = #n, .title = "modp-" #bits, .id = (n), \
	.v1 = (n), .rfc = (r), .dh = IKE_DH_MODP, .octets = bits / 8, \
	.secret_octets = bits / 8, .private_octets = (draw)
#define ECP(n, bits, size) \
	{ .type = IKE_ALG_DH, .name = #n, .title = "ecp-" #bits, .id = (n), \
	  .v1 = (n), .rfc = 5903, .dh = IKE_DH_ECP, .octets = 2 * (size), \
	  .secret_octets = (size), .private_octets = (size), CURRENT }

static const struct ike_alg algs[] = {
	{ ENCR("des-cbc", IKE_ENCR_DES, 0, 2405, DES_CBC, 8, 8, 8), BROKEN,
	  .v1 = 1, .seos = true },
	{ ENCR("3des-cbc", IKE_ENCR_3DES, 0, 2451, 3DES_CBC, 24, 8, 8), LEGACY,
	  .v1 = 5, .seos = true, .wireshark = "3DES [RFC2451]" },
	CBC(128), CBC(192), CBC(256),
	CTR(128), CTR(192), CTR(256),
	GCM(128, 8, "-8", GCM8), GCM(192, 8, "-8", GCM8), GCM(256, 8, "-8", GCM8),
	GCM(128, 12, "-12", GCM12), GCM(192, 12, "-12", GCM12),
	GCM(256, 12, "-12", GCM12),
	GCM(128, 16, "", GCM16), GCM(192, 16, "", GCM16), GCM(256, 16, "", GCM16),
	CCM(128, 8, "-8", CCM8), CCM(192, 8, "-8", CCM8), CCM(256, 8, "-8", CCM8),
	CCM(128, 12, "-12", CCM12), CCM(192, 12, "-12", CCM12),
	CCM(256, 12, "-12", CCM12),
	CCM(128, 16, "", CCM16), CCM(192, 16, "", CCM16), CCM(256, 16, "", CCM16),
	{ ENCR("chacha20-poly1305", IKE_ENCR_CHACHA20_POLY1305, 0, 7634,
	  CHACHA20_POLY1305, 32, 8, 1), CURRENT, .salt_octets = 4,
	  .icv_octets = 16, .aead = true },

	/* The names of the SmartEdge have no "prf". Number 3 of IKEv1's hashes
	 * is Tiger. */
	{ PRF("hmac-md5", IKE_PRF_HMAC_MD5, 1, 2104, HMAC_MD5_96, 16), BROKEN,
	  .seos = true },
	{ PRF("hmac-sha1", IKE_PRF_HMAC_SHA1, 2, 2104, HMAC_SHA1_96, 20), LEGACY,
	  .seos = true },
	{ PRF("hmac-sha-256", IKE_PRF_HMAC_SHA256, 4, 4868, HMAC_SHA256_128, 32),
	  CURRENT },
	{ PRF("hmac-sha-384", IKE_PRF_HMAC_SHA384, 5, 4868, HMAC_SHA384_192, 48),
	  CURRENT },
	{ PRF("hmac-sha-512", IKE_PRF_HMAC_SHA512, 6, 4868, HMAC_SHA512_256, 64),
	  CURRENT },
	{ PRF("aes-xcbc", IKE_PRF_AES_XCBC, 0, 4434, AES_XCBC_96, 16), CURRENT },
	{ PRF("aes-cmac", IKE_PRF_AES_CMAC, 0, 4615, AES_CMAC_96, 16), CURRENT },

	{ INTEG("hmac-md5-96", IKE_INTEG_HMAC_MD5_96, 2403, HMAC_MD5_96, 16, 12),
	  BROKEN, .seos = true, .wireshark = "HMAC_MD5_96 [RFC2403]" },
	{ INTEG("hmac-sha1-96", IKE_INTEG_HMAC_SHA1_96, 2404, HMAC_SHA1_96, 20,
	  12), LEGACY, .seos = true, .wireshark = "HMAC_SHA1_96 [RFC2404]" },
	{ INTEG("hmac-sha-256-128", IKE_INTEG_HMAC_SHA256_128, 4868,
	  HMAC_SHA256_128, 32, 16), CURRENT,
	  .wireshark = "HMAC_SHA2_256_128 [RFC4868]" },
	{ INTEG("hmac-sha-384-192", IKE_INTEG_HMAC_SHA384_192, 4868,
	  HMAC_SHA384_192, 48, 24), CURRENT,
	  .wireshark = "HMAC_SHA2_384_192 [RFC4868]" },
	{ INTEG("hmac-sha-512-256", IKE_INTEG_HMAC_SHA512_256, 4868,
	  HMAC_SHA512_256, 64, 32), CURRENT,
	  .wireshark = "HMAC_SHA2_512_256 [RFC4868]" },
	{ INTEG("aes-xcbc-96", IKE_INTEG_AES_XCBC_96, 3566, AES_XCBC_96, 16, 12),
	  CURRENT },
	{ INTEG("aes-cmac-96", IKE_INTEG_AES_CMAC_96, 4494, AES_CMAC_96, 16, 12),
	  CURRENT },

	/* Private values are of twice the strength and more: RFC 3526, 8. */
	{ MODP(1, 2409, 768, 32), BROKEN, .seos = true },
	{ MODP(2, 2409, 1024, 32), LEGACY, .seos = true },
	{ MODP(5, 3526, 1536, 32), LEGACY, .seos = true },
	{ MODP(14, 3526, 2048, 32), CURRENT, .seos = true },
	{ MODP(15, 3526, 3072, 40), CURRENT },
	{ MODP(16, 3526, 4096, 48), CURRENT },
	{ MODP(17, 3526, 6144, 56), CURRENT },
	{ MODP(18, 3526, 8192, 64), CURRENT },
	ECP(19, 256, 32), ECP(20, 384, 48), ECP(21, 521, 66),
	{ .type = IKE_ALG_DH, .name = "31", .title = "curve25519", .id = 31,
	  .v1 = 31, .rfc = 8031, .dh = IKE_DH_MONTGOMERY, .octets = 32,
	  .secret_octets = 32, .private_octets = 32, CURRENT },
};

#define ESP_AES(alg, bits, number) \
	{ IPSEC_ALG_AES##bits##_##alg, number, bits, number, 0 }
#define ESP_AES_ALL(alg, number) \
	ESP_AES(alg, 128, number), ESP_AES(alg, 192, number), \
	ESP_AES(alg, 256, number)

/* RFC 4543 gave GMAC 21 in IKEv2 and 23 in IKEv1; the others kept theirs. */
static const struct ike_esp_alg esp_algs[] = {
	{ IPSEC_ALG_DES_CBC, 2, 0, 2, 0 },
	{ IPSEC_ALG_3DES_CBC, 3, 0, 3, 0 },
	{ IPSEC_ALG_NULL, 11, 0, 11, 0 },
	ESP_AES_ALL(CBC, 12),
	ESP_AES_ALL(CTR, 13),
	ESP_AES_ALL(CCM8, 14),
	ESP_AES_ALL(CCM12, 15),
	ESP_AES_ALL(CCM16, 16),
	ESP_AES_ALL(GCM8, 18),
	ESP_AES_ALL(GCM12, 19),
	ESP_AES_ALL(GCM16, 20),
	{ IPSEC_ALG_AES128_GMAC, 21, 128, 23, 0 },
	{ IPSEC_ALG_AES192_GMAC, 21, 192, 23, 0 },
	{ IPSEC_ALG_AES256_GMAC, 21, 256, 23, 0 },
	{ IPSEC_ALG_CHACHA20_POLY1305, 28, 0, 0, 0 },
	/* Authentication: INTEG, Authentication Algorithm, AH transform. */
	{ IPSEC_ALG_HMAC_MD5_96, 1, 0, 1, 2 },
	{ IPSEC_ALG_HMAC_SHA1_96, 2, 0, 2, 3 },
	{ IPSEC_ALG_AES_XCBC_96, 5, 0, 9, 9 },
	{ IPSEC_ALG_AES_CMAC_96, 8, 0, 0, 0 },
	{ IPSEC_ALG_HMAC_SHA256_128, 12, 0, 5, 5 },
	{ IPSEC_ALG_HMAC_SHA384_192, 13, 0, 6, 6 },
	{ IPSEC_ALG_HMAC_SHA512_256, 14, 0, 7, 7 },
};
/* clang-format on */

#define ALGS (sizeof(algs) / sizeof(algs[0]))
#define ESP_ALGS (sizeof(esp_algs) / sizeof(esp_algs[0]))

const struct ike_alg *
ike_alg_at(unsigned i)
{
	return i < ALGS ? &algs[i] : NULL;
}

const struct ike_alg *
ike_alg_get(enum ike_alg_type type, uint16_t id, uint16_t key_bits)
{
	for (unsigned i = 0; i < ALGS; i++) {
		if (algs[i].type == type && algs[i].id == id &&
		    algs[i].key_bits == key_bits)
			return &algs[i];
	}
	return NULL;
}

const struct ike_alg *
ike_alg_find(enum ike_alg_type type, const char *name)
{
	for (unsigned i = 0; i < ALGS; i++) {
		if (algs[i].type != type)
			continue;
		if (strcmp(algs[i].name, name) == 0 ||
		    (algs[i].title != NULL && strcmp(algs[i].title, name) == 0))
			return &algs[i];
	}
	return NULL;
}

const struct ike_alg *
ike_alg_v1(enum ike_alg_type type, uint16_t number, uint16_t key_bits)
{
	for (unsigned i = 0; i < ALGS; i++) {
		if (algs[i].type == type && algs[i].v1 == number &&
		    number != 0 && algs[i].key_bits == key_bits)
			return &algs[i];
	}
	return NULL;
}

/* The one that the same MAC makes. */
const struct ike_alg *
ike_alg_prf_of(const struct ike_alg *integ)
{
	for (unsigned i = 0; i < ALGS; i++) {
		if (algs[i].type == IKE_ALG_PRF &&
		    algs[i].ipsec == integ->ipsec)
			return &algs[i];
	}
	return NULL;
}

const struct ike_esp_alg *
ike_esp_alg_of(enum ipsec_alg_id alg)
{
	for (unsigned i = 0; i < ESP_ALGS; i++) {
		if (esp_algs[i].alg == alg)
			return &esp_algs[i];
	}
	return NULL;
}

static bool
of_kind(const struct ike_esp_alg *e, enum ipsec_alg_kind kind,
	uint16_t key_bits)
{
	return ipsec_alg_get(e->alg)->kind == kind && e->key_bits == key_bits;
}

enum ipsec_alg_id
ike_esp_alg_v2(enum ipsec_alg_kind kind, uint16_t id, uint16_t key_bits)
{
	for (unsigned i = 0; i < ESP_ALGS; i++) {
		if (esp_algs[i].v2 == id && id != 0 &&
		    of_kind(&esp_algs[i], kind, key_bits))
			return esp_algs[i].alg;
	}
	return IPSEC_ALG_INVALID;
}

enum ipsec_alg_id
ike_esp_alg_v1(enum ipsec_alg_kind kind, uint16_t number, uint16_t key_bits)
{
	for (unsigned i = 0; i < ESP_ALGS; i++) {
		if (esp_algs[i].v1 == number && number != 0 &&
		    of_kind(&esp_algs[i], kind, key_bits))
			return esp_algs[i].alg;
	}
	return IPSEC_ALG_INVALID;
}
