#include "alg_shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alg.h"
#include "key_arena.h"

#define COPIES 3
#define ROOM 70000

/* Lays a copy out as in ESP: aad, iv, text, icv. */
static void
lay_out(const struct alg_shim_op *from, uint8_t *room, struct esp_op *op)
{
	unsigned iv =
	    ipsec_alg_get(ipsec_alg_find(from->enc, IPSEC_ALG_ENCRYPTION))
		->iv_octets;
	uint8_t *at = room;

	op->aad = at;
	if (from->aad_octets != 0)
		memcpy(at, from->aad, from->aad_octets);
	op->iv = at += from->aad_octets;
	if (iv != 0)
		memcpy(at, from->iv, iv);
	op->text = at += iv;
	if (from->text_octets != 0)
		memcpy(at, from->text, from->text_octets);
	op->icv = at + from->text_octets;
	memcpy(op->icv, from->icv, IPSEC_ALG_ICV_MAX);
	op->aad_octets = from->aad_octets;
	op->text_octets = from->text_octets;
	op->esn = from->esn != 0;
	op->seq_high = from->seq_high;
}

struct alg *
alg_shim_new(void)
{
	enum alg_engine_id id;
	struct alg *alg = NULL;

	if (alg_engine_parse(SHIM_ENGINE, &id) != 0 || alg_new(&alg, id) != 0)
		abort();
	return alg;
}

static int
run(const struct alg_shim_op *from, enum alg_direction direction)
{
	struct alg_keys keys = {
	    .direction = direction,
	    .enc = ipsec_alg_find(from->enc, IPSEC_ALG_ENCRYPTION),
	    .auth = ipsec_alg_find(from->auth, IPSEC_ALG_AUTHENTICATION),
	    .enc_key = from->enc_key,
	    .enc_key_octets = from->enc_key_octets,
	    .auth_key = from->auth_key,
	    .auth_key_octets = from->auth_key_octets};
	struct esp_op ops[COPIES] = {{0}};
	uint8_t *room = calloc(COPIES, ROOM);
	struct alg_cipher *cipher = NULL;
	struct alg *alg = alg_shim_new();
	int err;

	if (room == NULL || from->text_octets > ROOM - 256)
		abort();
	err = alg_cipher_new(alg, &keys, &cipher);
	for (unsigned i = 0; err == 0 && i < COPIES; i++) {
		lay_out(from, room + (size_t)i * ROOM, &ops[i]);
		ops[i].cipher = cipher;
	}
	if (err == 0) {
		if (direction == ALG_SEAL)
			alg_seal_vec(alg, ops, COPIES);
		else
			alg_open_vec(alg, ops, COPIES);
		err = ops[0].result;
	}
	for (unsigned i = 1; err == 0 && i < COPIES; i++) {
		if (ops[i].result != 0 ||
		    memcmp(room, room + (size_t)i * ROOM, ROOM) != 0)
			err = -EPROTO;
	}
	if (err == 0) {
		if (from->text_octets != 0)
			memcpy(from->text, ops[0].text, from->text_octets);
		memcpy(from->icv, ops[0].icv, IPSEC_ALG_ICV_MAX);
	}
	alg_cipher_free(&cipher);
	alg_free(&alg);
	free(room);
	return err;
}

int
alg_shim_seal(const struct alg_shim_op *op)
{
	return run(op, ALG_SEAL);
}

int
alg_shim_open(const struct alg_shim_op *op)
{
	return run(op, ALG_OPEN);
}

int
alg_shim_has(const char *engine)
{
	enum alg_engine_id id;
	struct alg *alg = NULL;
	int err = alg_engine_parse(engine, &id);

	if (err == 0)
		err = alg_new(&alg, id);
	alg_free(&alg);
	return err;
}

const char *
alg_shim_engine(const char *engine)
{
	enum alg_engine_id id;
	struct alg *alg = NULL;
	const char *name;

	if (alg_engine_parse(engine, &id) != 0 || alg_new(&alg, id) != 0)
		abort();
	name = alg_engine_name(alg);
	alg_free(&alg);
	return name;
}

const char *
alg_shim_runs(const char *enc, const char *auth)
{
	static const uint8_t key[64] = {1};
	struct alg_keys keys = {
	    .direction = ALG_SEAL,
	    .enc = ipsec_alg_find(enc, IPSEC_ALG_ENCRYPTION),
	    .auth = ipsec_alg_find(auth, IPSEC_ALG_AUTHENTICATION),
	    .enc_key = key,
	    .auth_key = key};
	struct alg *alg = alg_shim_new();
	struct alg_cipher *cipher = NULL;
	const char *word;

	keys.enc_key_octets = ipsec_alg_keymat_octets(ipsec_alg_get(keys.enc));
	keys.auth_key_octets = ipsec_alg_get(keys.auth)->key_octets;
	if (alg_cipher_new(alg, &keys, &cipher) != 0)
		abort();
	word = alg_engine_word(alg_cipher_engine(cipher));
	alg_cipher_free(&cipher);
	alg_free(&alg);
	return word;
}

int
alg_shim_facts_get(unsigned id, struct alg_shim_facts *facts)
{
	const struct ipsec_alg *a = ipsec_alg_get((enum ipsec_alg_id)id);

	if (a == NULL)
		return -1;
	*facts = (struct alg_shim_facts){.name = a->name,
					 .verdict = a->verdict,
					 .wireshark = a->wireshark,
					 .standard = a->standard,
					 .encryption =
					     a->kind == IPSEC_ALG_ENCRYPTION,
					 .aead = a->aead,
					 .ipsecmb = a->ipsecmb,
					 .key = a->key_octets,
					 .salt = a->salt_octets,
					 .iv = a->iv_octets,
					 .block = a->block_octets,
					 .icv = a->icv_octets,
					 .rfc = a->rfc};
	return 0;
}

unsigned
alg_shim_max(void)
{
	return IPSEC_ALG_MAX;
}

unsigned
alg_shim_find(const char *name, int encryption)
{
	return ipsec_alg_find(name, encryption ? IPSEC_ALG_ENCRYPTION
					       : IPSEC_ALG_AUTHENTICATION);
}

int
alg_shim_pair_valid(const char *enc, const char *auth)
{
	return ipsec_alg_pair_valid(
	    ipsec_alg_find(enc, IPSEC_ALG_ENCRYPTION),
	    ipsec_alg_find(auth, IPSEC_ALG_AUTHENTICATION));
}

int
alg_shim_pair_unauthenticated(const char *enc, const char *auth)
{
	return ipsec_alg_pair_unauthenticated(
	    ipsec_alg_find(enc, IPSEC_ALG_ENCRYPTION),
	    ipsec_alg_find(auth, IPSEC_ALG_AUTHENTICATION));
}

int
alg_shim_arena_wipes(void)
{
	struct key_arena arena;
	uint8_t *slot, *again;
	int ok;

	key_arena_init(&arena);
	slot = key_arena_take(&arena);
	memset(slot, 0xa5, KEY_ARENA_SLOT);
	key_arena_give(&arena, slot);
	again = key_arena_take(&arena);
	ok = again == slot;
	for (unsigned i = 0; i < KEY_ARENA_SLOT; i++)
		ok = ok && again[i] == 0;
	key_arena_fini(&arena);
	return ok;
}

int
alg_shim_arena_holds(unsigned n)
{
	struct key_arena arena;
	int ok = 1;

	key_arena_init(&arena);
	for (unsigned i = 0; i < n; i++)
		ok = ok && key_arena_take(&arena) != NULL;
	key_arena_fini(&arena);
	return ok;
}
