/*
 * Where an outbound SA's IVs come from. Never a stream that SAs share.
 *
 * Counter IVs (AEADs, CTR) must never repeat under a key (RFC 4106 section 3.1,
 * RFC 3686 section 3.1): a base of 64 bits plus the sequence number, which
 * never repeats. CBC IVs must not be foreseen (RFC 3602 section 3): random, or
 * with a seed AES(SPI, sequence number) under a key made from the seed.
 * Without a seed the base is random at every installation; with one it is the
 * first 8 octets of that AES of (SPI, 0).
 */
#ifndef ESP_IV_H
#define ESP_IV_H

#include <stdbool.h>
#include <stdint.h>

#include "alg.h"

struct esp_iv {
	uint64_t base;       /* of counter IVs */
	struct alg_prf *prf; /* under a seed, else NULL */
	uint32_t spi;
	uint16_t octets;
	bool counter;
};

/* -ENOMEM, -EIO when random octets or the crypto library failed. */
int esp_iv_init(struct esp_iv *iv, const struct ipsec_alg *enc, uint32_t spi,
		bool seeded, uint64_t seed);
void esp_iv_fini(struct esp_iv *iv);

/* Octets of randomness that esp_iv_put() wants for one packet. */
unsigned esp_iv_random_octets(const struct esp_iv *iv);

/*
 * The IV of the packet with that number. random: esp_iv_random_octets() fresh
 * ones. -EIO when the crypto library refused.
 */
int esp_iv_put(const struct esp_iv *iv, uint64_t seq, const uint8_t *random,
	       uint8_t *to);

#endif
