/*
 * What the fuzz targets of IKEv1 share: an instance with one tunnel, whose wire
 * is the fuzzer's octets. Randomness counts, so that cookies and keys repeat
 * and a corpus can hold whole negotiations.
 */
#ifndef V1_FUZZ_H
#define V1_FUZZ_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "v1.h"

struct v1_fuzz {
	struct ike_conf conf;
	struct ike_ops ops;
	struct v1_host host;
	struct ike_policy policy;
	struct ike_child_policy child_policy;
	struct ike_tunnel tunnel;
	struct v1 *v1;
	uint8_t counter;
	uint32_t spi;
	uint32_t id;
	int spis;
	uint8_t said[2048];
	size_t said_n;
};

static void
fuzz_send(void *arg, const struct ike_path *path, const uint8_t *octets,
	  size_t n)
{
	struct v1_fuzz *f = arg;

	(void)path;
	f->said_n = n < sizeof(f->said) ? n : sizeof(f->said);
	memcpy(f->said, octets, f->said_n);
}

static int
fuzz_random(void *arg, void *p, size_t octets)
{
	struct v1_fuzz *f = arg;
	uint8_t *to = p;

	for (size_t i = 0; i < octets; i++)
		to[i] = ++f->counter;
	return 0;
}

static uint64_t
fuzz_wall(void *arg)
{
	(void)arg;
	return 1700000000;
}

static int
fuzz_alloc(void *arg, uint32_t tunnel, uint8_t protocol, uint32_t *spi)
{
	struct v1_fuzz *f = arg;

	(void)tunnel;
	(void)protocol;
	*spi = ++f->spi + 0x1000;
	f->spis++;
	return 0;
}

static void
fuzz_free_spi(void *arg, uint32_t tunnel, uint8_t protocol, uint32_t spi)
{
	struct v1_fuzz *f = arg;

	(void)tunnel;
	(void)protocol;
	(void)spi;
	f->spis--;
}

static int
fuzz_install(void *arg, const struct ike_child *child,
	     enum ike_direction direction)
{
	(void)arg;
	(void)child;
	(void)direction;
	return 0;
}

static void
fuzz_remove(void *arg, const struct ike_child *child,
	    enum ike_direction direction)
{
	struct v1_fuzz *f = arg;

	if (direction == IKE_IN)
		f->spis -= child->count;
}

static const struct ike_tunnel *
fuzz_tunnel(void *arg, uint32_t id)
{
	struct v1_fuzz *f = arg;

	return id == f->tunnel.id ? &f->tunnel : NULL;
}

static const struct ike_policy *
fuzz_policy(void *arg, uint32_t id)
{
	struct v1_fuzz *f = arg;

	return id == f->policy.id ? &f->policy : NULL;
}

static const struct ike_child_policy *
fuzz_child_policy(void *arg, uint32_t id)
{
	struct v1_fuzz *f = arg;

	return id == f->child_policy.id ? &f->child_policy : NULL;
}

static const struct ike_tunnel *
fuzz_match(void *arg, const struct ike_path *path, uint32_t after)
{
	struct v1_fuzz *f = arg;

	(void)path;
	return after == 0 ? &f->tunnel : NULL;
}

static struct alg_piece
fuzz_secret(void *arg, uint32_t tunnel)
{
	const struct v1_fuzz *f = arg;

	(void)tunnel;
	return (struct alg_piece){f->policy.secret, f->policy.secret_octets};
}

static uint32_t
fuzz_id(void *arg)
{
	struct v1_fuzz *f = arg;

	return ++f->id;
}

static void
fuzz_count(void *arg, enum ike_stat stat)
{
	(void)arg;
	(void)stat;
}

static void
fuzz_reject(void *arg, enum ike_reject reject, const struct ike_path *path,
	    uint32_t tunnel, const char *text, uint64_t now)
{
	(void)arg;
	(void)reject;
	(void)path;
	(void)tunnel;
	(void)now;
	if (text != NULL && strlen(text) > 1000)
		abort();
}

static void
fuzz_state(void *arg, enum ike_event_kind kind, const struct ike_sa_info *info,
	   uint64_t now)
{
	(void)arg;
	(void)kind;
	(void)info;
	(void)now;
}

static void
fuzz_up(void *arg, const struct ike_child *child, uint64_t now)
{
	(void)arg;
	(void)child;
	(void)now;
}

static void
fuzz_down(void *arg, const struct ike_child *child, enum ike_cause cause,
	  uint64_t now)
{
	(void)arg;
	(void)child;
	(void)cause;
	(void)now;
}

static void
fuzz_failed(void *arg, uint32_t tunnel, enum ike_cause cause, const char *text,
	    uint64_t now)
{
	(void)arg;
	(void)tunnel;
	(void)cause;
	(void)text;
	(void)now;
}

static void
fuzz_policies(struct v1_fuzz *f, bool aggressive)
{
	static const struct ike_transform transforms[] = {
	    {IKE_T_ENCR, IKE_ENCR_AES_CBC, 128},
	    {IKE_T_ENCR, IKE_ENCR_3DES, 0},
	    {IKE_T_INTEG, IKE_INTEG_HMAC_SHA1_96, 0},
	    {IKE_T_INTEG, IKE_INTEG_HMAC_SHA256_128, 0},
	    {IKE_T_DH, IKE_DH_CURVE25519, 0}};

	f->policy.id = f->child_policy.id = f->tunnel.id = 1;
	f->policy.version = 1;
	f->policy.mode = aggressive ? IKE_MODE_AGGRESSIVE : IKE_MODE_MAIN;
	f->policy.auth_local = IKE_AUTH_PSK;
	f->policy.nat_traversal = true;
	f->policy.dpd_interval_s = 30;
	f->policy.dpd_retries = 2;
	f->policy.count = 1;
	f->policy.proposals[0].count = 5;
	memcpy(f->policy.proposals[0].transforms, transforms,
	       sizeof(transforms));
	f->policy.secret_octets = 6;
	memcpy(f->policy.secret, "secret", 6);
	f->child_policy.count = 1;
	f->child_policy.proposals[0].esp_count = 1;
	f->child_policy.proposals[0].esp[0].enc = IPSEC_ALG_AES128_CBC;
	f->child_policy.proposals[0].esp[0].auth = IPSEC_ALG_HMAC_SHA1_96;
	f->tunnel.policy = f->tunnel.child_policy = 1;
	f->tunnel.local = ip_addr_v4(0xc0000201);
	f->tunnel.remote = ip_addr_v4(0xc0000202);
}

static bool
fuzz_begin(struct v1_fuzz *f, struct ike_crypto *crypto, bool aggressive)
{
	memset(f, 0, sizeof(*f));
	f->conf = (struct ike_conf){.sas_max = 32,
				    .half_open_max = 16,
				    .aggressive_per_s = 100,
				    .retransmit_ms = 2000,
				    .retransmit_max = 3,
				    .keepalive_s = 20,
				    .retry_s = 10,
				    .grace_ms = 5000,
				    .jitter_percent = 10};
	f->ops = (struct ike_ops){.send = fuzz_send,
				  .random = fuzz_random,
				  .wall_s = fuzz_wall,
				  .alloc_spi = fuzz_alloc,
				  .free_spi = fuzz_free_spi,
				  .install = fuzz_install,
				  .remove = fuzz_remove};
	f->host = (struct v1_host){.arg = f,
				   .conf = &f->conf,
				   .ops = &f->ops,
				   .ops_arg = f,
				   .crypto = crypto,
				   .tunnel = fuzz_tunnel,
				   .policy = fuzz_policy,
				   .child_policy = fuzz_child_policy,
				   .match = fuzz_match,
				   .secret = fuzz_secret,
				   .sa_id = fuzz_id,
				   .child_id = fuzz_id,
				   .count = fuzz_count,
				   .reject = fuzz_reject,
				   .ike_state = fuzz_state,
				   .child_up = fuzz_up,
				   .child_down = fuzz_down,
				   .failed = fuzz_failed};
	fuzz_policies(f, aggressive);
	return v1_new(&f->v1, &f->host) == 0;
}

/* Everything that was begun ends, and nothing is left allocated. */
static void
fuzz_end(struct v1_fuzz *f, uint64_t now)
{
	struct ike_stats stats = {.sas = 0};

	v1_drop(f->v1, f->tunnel.id, IKE_CAUSE_GENERAL, now);
	v1_stats_add(f->v1, &stats);
	if (stats.sas != 0 || stats.half_open != 0 || stats.children != 0 ||
	    f->spis != 0)
		abort();
	v1_free(&f->v1);
}

#endif
