/*
 * A negotiation of IKEv2 that others made, read with our parsers and, given the
 * Diffie-Hellman secret, opened with our keys.
 */
#ifndef CAPTURE_SHIM_H
#define CAPTURE_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAPTURE_KEYS 7

struct capture_result {
	int error;        /* -ENOTSUP: a suite that we have not */
	const char *what; /* where it happened */
	/* SK_d, ai, ar, ei, er, pi, pr and how long each is. */
	uint8_t keys[CAPTURE_KEYS][80];
	size_t octets[CAPTURE_KEYS];
	unsigned opened; /* sealed messages */
	bool psk_i;      /* AUTH by pre-shared key that is right */
	bool psk_r;
	bool rsa; /* AUTH by signature was there */
	/* ESP: encryption and integrity of the initiator, of the responder. */
	uint8_t esp[4][80];
	size_t esp_octets[4];
};

struct capture_shim;

struct capture_shim *capture_shim_new(void);
void capture_shim_free(struct capture_shim *c);
/* A message without marker, in the order of the capture. */
void capture_shim_add(struct capture_shim *c, const uint8_t *octets, size_t n);
void capture_shim_run(struct capture_shim *c, const uint8_t *dh, size_t dh_n,
		      const char *psk, struct capture_result *r);

#ifdef __cplusplus
}
#endif

#endif
