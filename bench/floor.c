/*
 * The floor under a router that works on capture files: read a capture in
 * blocks, seal or open every packet with a crypto engine, write a capture in
 * blocks. One process, one thread, no router: no look-up, no check of a header,
 * no counter, no replay window. bench/run takes its CPU time and compares the
 * router's with it.
 *
 * What goes in are Ethernet frames with IPv4 without options; to be opened,
 * with ESP in tunnel mode. What comes out is as large as what the router writes
 * for it; the outer header of a sealed packet is a template without checksum.
 *
 * usage: floor seal|open ENGINE ENCRYPTION AUTHENTICATION IN OUT
 * The keys count up from 0: 00 01 02 ..., encryption and authentication each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alg.h"
#include "cap_link.h"
#include "cap_read.h"
#include "cap_write.h"

#define ROOM 16384
#define AT                                                                     \
	128 /* where a frame without its Ethernet header lies in its room      \
	     */
#define ETH 14
#define IP 20
#define ESP 8
#define SPI 0x1001

enum { ARG_WHAT = 1, ARG_ENGINE, ARG_ENC, ARG_AUTH, ARG_IN, ARG_OUT, ARGS };

struct packet {
	uint64_t time_ns;
	uint32_t octets; /* of the frame that is written, from start */
	uint8_t *start;
	uint8_t room[ROOM];
};

struct floor {
	enum alg_direction direction;
	struct alg *alg;
	struct alg_cipher *cipher;
	struct cap_read *in;
	struct cap_write *out;
	uint64_t seq;
	unsigned n;
	struct esp_op ops[ALG_VEC_MAX];
	struct packet packet[ALG_VEC_MAX];
};

static unsigned
icv_octets(const struct alg_cipher *c)
{
	return c->enc->aead ? c->enc->icv_octets : c->auth->icv_octets;
}

static void
op_aim(struct floor *f, unsigned i, uint8_t *esp, unsigned text_octets)
{
	const struct alg_cipher *c = f->cipher;
	struct esp_op *op = &f->ops[i];

	*op = (struct esp_op){.cipher = f->cipher,
			      .aad = esp,
			      .aad_octets = ESP,
			      .iv = esp + ESP,
			      .text = esp + ESP + c->enc->iv_octets,
			      .text_octets = text_octets};
	op->icv = op->text + text_octets;
}

/* Headers and padding around the inner packet that lies at AT. */
static void
seal_frame(struct floor *f, unsigned i, unsigned inner)
{
	static const uint8_t outer[ETH + IP] = {
	    2, 0, 0, 0,  0, 1, 2,  0,   0, 0, 0, 2, 8,   0, 0x45, 0, 0,
	    0, 0, 0, 64, 0, 0, 50, 192, 0, 0, 2, 1, 192, 0, 2,    2};
	const struct ipsec_alg *enc = f->cipher->enc;
	struct packet *p = &f->packet[i];
	unsigned align = enc->block_octets > 4 ? enc->block_octets : 4;
	unsigned text = (inner + 2 + align - 1) / align * align;
	uint8_t *esp = p->room + AT - enc->iv_octets - ESP;
	uint8_t *tail = p->room + AT + inner;

	for (unsigned pad = 1; pad <= text - inner - 2; pad++)
		*tail++ = (uint8_t)pad;
	tail[0] = (uint8_t)(text - inner - 2);
	tail[1] = 4;
	f->seq++;
	for (unsigned k = 0; k < ESP; k++)
		esp[k] =
		    (uint8_t)(((uint64_t)SPI << 32 | f->seq) >> (56 - 8 * k));
	memset(esp + ESP, 0, enc->iv_octets);
	if (enc->iv_octets >= ESP)
		memcpy(esp + enc->iv_octets, esp, ESP);
	p->start = esp - sizeof(outer);
	memcpy(p->start, outer, sizeof(outer));
	p->octets = (uint32_t)sizeof(outer) + ESP + enc->iv_octets + text +
		    icv_octets(f->cipher);
	p->start[ETH + 2] = (uint8_t)((p->octets - ETH) >> 8);
	p->start[ETH + 3] = (uint8_t)(p->octets - ETH);
	op_aim(f, i, esp, text);
}

/* The ESP packet lies at AT, its own Ethernet header goes before the inner. */
static int
open_frame(struct floor *f, unsigned i, unsigned octets)
{
	unsigned around =
	    IP + ESP + f->cipher->enc->iv_octets + icv_octets(f->cipher);
	struct packet *p = &f->packet[i];

	if (octets < around + 2)
		return -1;
	op_aim(f, i, p->room + AT + IP, octets - around);
	p->start = f->ops[i].text - ETH;
	return 0;
}

static int
opened_frame(struct floor *f, unsigned i)
{
	const struct esp_op *op = &f->ops[i];
	unsigned pad;

	if (op->result != 0)
		return -1;
	pad = op->text[op->text_octets - 2];
	if (pad + 2 > op->text_octets)
		return -1;
	f->packet[i].octets = ETH + op->text_octets - 2 - pad;
	memcpy(f->packet[i].start, f->packet[i].room + AT - ETH, ETH);
	return 0;
}

static int
take(struct floor *f, const struct cap_rec *rec)
{
	struct packet *p = &f->packet[f->n];
	unsigned octets;

	if (rec->caplen < ETH + IP || rec->caplen > ROOM - 2 * AT)
		return -1;
	p->time_ns = rec->time_ns;
	memcpy(p->room + AT - ETH, rec->data, rec->caplen);
	octets = (unsigned)rec->data[ETH + 2] << 8 | rec->data[ETH + 3];
	if (octets < IP || octets > rec->caplen - ETH)
		return -1;
	if (f->direction == ALG_SEAL)
		seal_frame(f, f->n, octets);
	else if (open_frame(f, f->n, octets) != 0)
		return -1;
	f->n++;
	return 0;
}

static int
vector_run(struct floor *f)
{
	if (f->direction == ALG_SEAL)
		alg_seal_vec(f->alg, f->ops, f->n);
	else
		alg_open_vec(f->alg, f->ops, f->n);
	for (unsigned i = 0; i < f->n; i++) {
		const struct packet *p = &f->packet[i];
		struct cap_out out;

		if (f->direction == ALG_OPEN && opened_frame(f, i) != 0)
			return -1;
		out = (struct cap_out){.time_ns = p->time_ns,
				       .data = p->start,
				       .octets = p->octets};
		if (cap_write_rec(f->out, &out) != 0)
			return -1;
	}
	f->n = 0;
	return 0;
}

static int
capture_run(struct floor *f)
{
	struct cap_rec rec;
	int more;

	while ((more = cap_read_next(f->in, &rec)) == 1) {
		if (take(f, &rec) != 0)
			return -1;
		if (f->n == ALG_VEC_MAX && vector_run(f) != 0)
			return -1;
	}
	return more != 0 ? -1 : vector_run(f);
}

static int
cipher_make(struct floor *f, char **argv)
{
	static uint8_t key[IPSEC_ALG_KEY_MAX];
	struct alg_keys keys = {
	    .direction = f->direction,
	    .enc = ipsec_alg_find(argv[ARG_ENC], IPSEC_ALG_ENCRYPTION),
	    .auth = ipsec_alg_find(argv[ARG_AUTH], IPSEC_ALG_AUTHENTICATION),
	    .enc_key = key,
	    .auth_key = key};
	enum alg_engine_id engine;

	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	if (alg_engine_parse(argv[ARG_ENGINE], &engine) != 0 ||
	    !ipsec_alg_pair_valid(keys.enc, keys.auth))
		return 2;
	keys.enc_key_octets = ipsec_alg_keymat_octets(ipsec_alg_get(keys.enc));
	keys.auth_key_octets = ipsec_alg_get(keys.auth)->key_octets;
	if (alg_new(&f->alg, engine) != 0 ||
	    alg_cipher_new(f->alg, &keys, &f->cipher) != 0)
		return 3;
	return 0;
}

static int
files_open(struct floor *f, char **argv)
{
	struct cap_error why;
	unsigned iface;

	if (cap_read_open(&f->in, argv[ARG_IN], &why) != 0 ||
	    cap_write_open(&f->out, argv[ARG_OUT], CAP_PCAP, &why) != 0) {
		(void)fprintf(stderr, "floor: %s\n", why.text);
		return 3;
	}
	return cap_write_iface(f->out, CAP_LINK_ETHERNET, NULL, &iface) != 0;
}

int
main(int argc, char **argv)
{
	struct floor *f = calloc(1, sizeof(*f));
	int status = 2;

	if (f == NULL)
		return 3;
	if (argc == ARGS && (strcmp(argv[ARG_WHAT], "seal") == 0 ||
			     strcmp(argv[ARG_WHAT], "open") == 0)) {
		f->direction = argv[ARG_WHAT][0] == 's' ? ALG_SEAL : ALG_OPEN;
		status = cipher_make(f, argv);
	}
	if (status == 0)
		status = files_open(f, argv);
	if (status == 0 && capture_run(f) != 0) {
		(void)fprintf(stderr, "floor: a packet or file is bad: %s\n",
			      cap_read_error(f->in));
		status = 1;
	}
	if (f->out != NULL && cap_write_close(&f->out) != 0)
		status = 3;
	cap_read_close(&f->in);
	alg_cipher_free(&f->cipher);
	alg_free(&f->alg);
	free(f);
	return status;
}
