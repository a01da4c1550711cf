/*
 * What an engine costs: whole vectors of packets sealed and opened on one core,
 * every engine of this build in turn, so that ratios hold on a machine that is
 * not idle. Prints nanoseconds of CPU per packet, the median of the rounds, and
 * the ratio of OpenSSL to the engine. Crypto alone: no headers, no look-ups.
 *
 * usage: ipsec_bench [ROUNDS [PACKETS-A-VECTOR]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alg.h"

#define ROOM 2048
#define AT 64 /* where a packet's header lies in its room */
#define HEADER 8
#define ROUNDS_MAX 999
#define VECTORS 40 /* in a round */

static const struct {
	enum ipsec_alg_id enc;
	enum ipsec_alg_id auth;
} pairs[] = {
    {IPSEC_ALG_AES128_GCM16, IPSEC_ALG_NONE},
    {IPSEC_ALG_AES256_GCM16, IPSEC_ALG_NONE},
    {IPSEC_ALG_AES128_CBC, IPSEC_ALG_HMAC_SHA1_96},
    {IPSEC_ALG_AES256_CBC, IPSEC_ALG_HMAC_SHA256_128},
    {IPSEC_ALG_CHACHA20_POLY1305, IPSEC_ALG_NONE},
};

static const unsigned lengths[] = {64, 576, 1400};

static const enum alg_engine_id engines[] = {ALG_ENGINE_OPENSSL,
					     ALG_ENGINE_IPSECMB};

#define ENGINES (sizeof(engines) / sizeof(engines[0]))

struct bench {
	struct alg *alg[ENGINES]; /* NULL: not here */
	struct alg_cipher *cipher[ENGINES][2];
	unsigned rounds;
	unsigned n; /* packets in a vector */
	double ns[ENGINES][2][ROUNDS_MAX];
	struct esp_op ops[ALG_VEC_MAX];
	uint8_t room[ALG_VEC_MAX][ROOM];
};

static void
ciphers_make(struct bench *b, unsigned pair)
{
	static const uint8_t key[64] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
	struct alg_keys keys = {.enc = pairs[pair].enc,
				.auth = pairs[pair].auth,
				.enc_key = key,
				.auth_key = key};

	keys.enc_key_octets = ipsec_alg_keymat_octets(ipsec_alg_get(keys.enc));
	keys.auth_key_octets = ipsec_alg_get(keys.auth)->key_octets;
	for (unsigned e = 0; e < ENGINES; e++) {
		for (unsigned d = 0; b->alg[e] != NULL && d < 2; d++) {
			keys.direction = (enum alg_direction)d;
			alg_cipher_free(&b->cipher[e][d]);
			if (alg_cipher_new(b->alg[e], &keys,
					   &b->cipher[e][d]) != 0)
				exit(3);
		}
	}
}

/* The packets as they lie, for one cipher. */
static void
ops_aim(struct bench *b, struct alg_cipher *c, unsigned octets)
{
	unsigned text = (octets + 2 + 15) / 16 * 16;

	for (unsigned i = 0; i < b->n; i++) {
		uint8_t *at = b->room[i] + AT;

		b->ops[i] = (struct esp_op){
		    .cipher = c,
		    .aad = at,
		    .aad_octets = HEADER,
		    .iv = at + HEADER,
		    .text = at + HEADER + c->enc->iv_octets,
		    .text_octets = text,
		};
		b->ops[i].icv = b->ops[i].text + text;
	}
}

static double
cpu_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Seals and opens in turn, and takes the time of each. */
static void
round_run(struct bench *b, unsigned e, unsigned octets, unsigned round)
{
	double seal = 0, open = 0;

	for (unsigned i = 0; i < VECTORS; i++) {
		double start, middle;

		ops_aim(b, b->cipher[e][ALG_SEAL], octets);
		start = cpu_ns();
		alg_seal_vec(b->alg[e], b->ops, b->n);
		middle = cpu_ns();
		seal += middle - start;
		ops_aim(b, b->cipher[e][ALG_OPEN], octets);
		middle = cpu_ns();
		alg_open_vec(b->alg[e], b->ops, b->n);
		open += cpu_ns() - middle;
		for (unsigned k = 0; k < b->n; k++) {
			if (b->ops[k].result != 0)
				exit(1);
		}
	}
	b->ns[e][ALG_SEAL][round] = seal / VECTORS / b->n;
	b->ns[e][ALG_OPEN][round] = open / VECTORS / b->n;
}

static int
number_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), number_order);
	return values[n / 2];
}

static void
case_run(struct bench *b, unsigned pair, unsigned octets)
{
	static const char *const words[] = {"seal", "open"};
	double base[2];

	for (unsigned r = 0; r < b->rounds; r++) {
		for (unsigned e = 0; e < ENGINES; e++) {
			if (b->alg[e] != NULL)
				round_run(b, e, octets, r);
		}
	}
	for (unsigned e = 0; e < ENGINES; e++) {
		for (unsigned d = 0; b->alg[e] != NULL && d < 2; d++) {
			double ns = median(b->ns[e][d], b->rounds);

			if (e == 0)
				base[d] = ns;
			(void)printf("%-18s %-17s %5u %s %-8s %8.0f %6.2f\n",
				     ipsec_alg_get(pairs[pair].enc)->name,
				     ipsec_alg_get(pairs[pair].auth)->name,
				     octets, words[d],
				     alg_engine_word(engines[e]), ns,
				     base[d] / ns);
		}
	}
}

int
main(int argc, char **argv)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return 3;
	b->rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 25;
	b->n = argc > 2 ? (unsigned)atoi(argv[2]) : ALG_VEC_MAX;
	if (b->rounds - 1 >= ROUNDS_MAX || b->n - 1 >= ALG_VEC_MAX)
		return 2;
	for (unsigned e = 0; e < ENGINES; e++)
		(void)alg_new(&b->alg[e], engines[e]);
	if (b->alg[0] == NULL)
		return 3;
	(void)printf("encryption authentication octets what engine"
		     " ns-a-packet openssl-to-it\n");
	for (unsigned p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
		ciphers_make(b, p);
		for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]);
		     i++)
			case_run(b, p, lengths[i]);
	}
	for (unsigned e = 0; e < ENGINES; e++) {
		alg_cipher_free(&b->cipher[e][0]);
		alg_cipher_free(&b->cipher[e][1]);
		alg_free(&b->alg[e]);
	}
	free(b);
	return 0;
}
