#include "agree_shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alg.h"
#include "alg_shim.h"

#define ROOM 2048
#define PAIRS_MAX 256
#define AAD_OCTETS 8

/* One engine with the ciphers of every pair, and a vector's packets. */
struct side {
	struct alg *alg;
	struct alg_cipher *ciphers[PAIRS_MAX][2]; /* by enum alg_direction */
	unsigned pairs;
	unsigned turn; /* the pair of the first packet */
	struct esp_op ops[ALG_VEC_MAX];
	uint8_t room[ALG_VEC_MAX][ROOM];
};

static const uint8_t key[64] = {0x4b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

static void
cipher_make(struct side *s, unsigned enc, unsigned auth)
{
	for (unsigned d = ALG_SEAL; d <= ALG_OPEN; d++) {
		struct alg_keys keys = {.direction = (enum alg_direction)d,
					.enc = enc,
					.auth = auth,
					.enc_key = key,
					.auth_key = key};

		keys.enc_key_octets =
		    ipsec_alg_keymat_octets(ipsec_alg_get(enc));
		keys.auth_key_octets = ipsec_alg_get(auth)->key_octets;
		if (alg_cipher_new(s->alg, &keys, &s->ciphers[s->pairs][d]) !=
		    0)
			abort();
	}
	s->pairs++;
}

/* Takes the engine over. */
static struct side *
side_new(struct alg *alg)
{
	struct side *s = calloc(1, sizeof(*s));

	if (s == NULL || alg == NULL)
		abort();
	s->alg = alg;
	for (unsigned i = 1; i < IPSEC_ALG_MAX; i++) {
		for (unsigned k = 1; k < IPSEC_ALG_MAX; k++) {
			if (ipsec_alg_pair_valid(i, k))
				cipher_make(s, i, k);
		}
	}
	return s;
}

static struct side *
side_openssl(void)
{
	struct alg *alg = NULL;

	if (alg_new(&alg, ALG_ENGINE_OPENSSL) != 0)
		abort();
	return side_new(alg);
}

static void
side_free(struct side *s)
{
	for (unsigned i = 0; i < s->pairs; i++) {
		alg_cipher_free(&s->ciphers[i][ALG_SEAL]);
		alg_cipher_free(&s->ciphers[i][ALG_OPEN]);
	}
	alg_free(&s->alg);
	free(s);
}

/* Points at the packets as they lie, for one direction. */
static void
side_aim(struct side *s, unsigned n, unsigned shortest, int esn,
	 enum alg_direction direction)
{
	for (unsigned i = 0; i < n; i++) {
		struct alg_cipher *c =
		    s->ciphers[(i + s->turn) % s->pairs][direction];
		unsigned align =
		    c->enc->block_octets > 4 ? c->enc->block_octets : 4;
		uint8_t *at = s->room[i];

		s->ops[i] = (struct esp_op){
		    .cipher = c,
		    .aad = at,
		    .aad_octets = AAD_OCTETS,
		    .iv = at + AAD_OCTETS,
		    .text = at + AAD_OCTETS + c->enc->iv_octets,
		    .text_octets = (shortest + i * 5) / align * align + align,
		    .seq_high = 0x01020304u + i,
		    .esn = esn != 0,
		    .result = 1,
		};
		s->ops[i].icv = s->ops[i].text + s->ops[i].text_octets;
	}
}

static void
side_fill(struct side *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = 0; k < ROOM; k++)
			s->room[i][k] = (uint8_t)(k * 7 + i);
	}
}

static int
all_are(const struct side *s, unsigned n, int result)
{
	for (unsigned i = 0; i < n; i++) {
		if (s->ops[i].result != result)
			return 0;
	}
	return 1;
}

static int
vector(struct side *a, struct side *b, const struct side *clear, unsigned n,
       unsigned shortest, int esn)
{
	int line = 0;

	side_fill(a, n);
	side_fill(b, n);
	side_aim(a, n, shortest, esn, ALG_SEAL);
	side_aim(b, n, shortest, esn, ALG_SEAL);
	alg_seal_vec(a->alg, a->ops, n);
	alg_seal_vec(b->alg, b->ops, n);
	if (!all_are(a, n, 0) || !all_are(b, n, 0))
		line = __LINE__;
	/* All there is, also behind the ICV: nothing may be written there. */
	else if (memcmp(a->room, b->room, sizeof(a->room)) != 0)
		line = __LINE__;
	side_aim(a, n, shortest, esn, ALG_OPEN);
	side_aim(b, n, shortest, esn, ALG_OPEN);
	alg_open_vec(a->alg, a->ops, n);
	alg_open_vec(b->alg, b->ops, n);
	if (line == 0 && (!all_are(a, n, 0) || !all_are(b, n, 0)))
		line = __LINE__;
	for (unsigned i = 0; line == 0 && i < n; i++) {
		const struct esp_op *op = &a->ops[i];

		if (memcmp(op->text, clear->room[i] + (op->text - a->room[i]),
			   op->text_octets) != 0)
			line = __LINE__;
	}
	if (line == 0 && memcmp(a->room, b->room, sizeof(a->room)) != 0)
		line = __LINE__;
	return line;
}

int
agree_shim_vector(unsigned n, unsigned shortest, int esn)
{
	struct side *a = side_new(alg_shim_new());
	struct side *b = side_openssl();
	struct side *clear = side_openssl();
	int line;

	side_fill(clear, n);
	line = vector(a, b, clear, n, shortest, esn);
	side_free(a);
	side_free(b);
	side_free(clear);
	return line;
}

int
agree_shim_turns(unsigned n, int esn)
{
	struct side *a = side_new(alg_shim_new());
	struct side *b = side_openssl();
	struct side *clear = side_openssl();
	int line = 0;

	side_fill(clear, n);
	for (unsigned t = 0; line == 0 && t < a->pairs; t++) {
		a->turn = b->turn = t;
		line = vector(a, b, clear, n, 40, esn);
	}
	side_free(a);
	side_free(b);
	side_free(clear);
	return line;
}

/* What one packet became, where it was to be refused and where not. */
static int
judge(const struct side *s, const struct side *clear, unsigned i, int forged)
{
	const struct esp_op *op = &s->ops[i];

	if (forged &&
	    (op->cipher->enc->aead || op->cipher->auth->icv_octets != 0))
		return op->result == -EBADMSG;
	return op->result == 0 &&
	       memcmp(op->text, clear->room[i] + (op->text - s->room[i]),
		      op->text_octets) == 0;
}

int
agree_shim_forged(unsigned n, int esn)
{
	struct side *s = side_new(alg_shim_new());
	struct side *clear = side_openssl();
	int line = 0;

	side_fill(s, n);
	side_fill(clear, n);
	side_aim(s, n, 40, esn, ALG_SEAL);
	alg_seal_vec(s->alg, s->ops, n);
	for (unsigned i = 0; i < n; i += 3)
		s->ops[i].icv[i % 8] ^= 0x10;
	side_aim(s, n, 40, esn, ALG_OPEN);
	alg_open_vec(s->alg, s->ops, n);
	for (unsigned i = 0; line == 0 && i < n; i++) {
		if (!judge(s, clear, i, i % 3 == 0))
			line = __LINE__;
	}
	side_free(s);
	side_free(clear);
	return line;
}

int
agree_shim_alone(unsigned n, int esn)
{
	struct side *s = side_new(alg_shim_new());
	struct side *alone = side_new(alg_shim_new());
	int line = 0;

	side_fill(s, n);
	side_fill(alone, n);
	side_aim(s, n, 0, esn, ALG_SEAL);
	side_aim(alone, n, 0, esn, ALG_SEAL);
	alg_seal_vec(s->alg, s->ops, n);
	for (unsigned i = 0; i < n; i++)
		alg_seal_vec(alone->alg, &alone->ops[i], 1);
	if (!all_are(s, n, 0) || !all_are(alone, n, 0) ||
	    memcmp(s->room, alone->room, sizeof(s->room)) != 0)
		line = __LINE__;
	side_free(s);
	side_free(alone);
	return line;
}
