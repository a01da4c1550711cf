/*
 * ESP from outside. The first octet chooses: which SA, and whether the rest is
 * an outer packet as it came (headers, lengths and look-up are what is tested)
 * or the text of a packet that a holder of the key sealed (padding, next header
 * and inner packet are). Either must end as a packet within its buffer or as a
 * named drop, and on every engine as the same.
 */
#include <stdlib.h>
#include <string.h>

#include "esp_in.h"
#include "esp_iv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SAS 12
#define CONTEXT 7
#define SPI 0x1001
#define DST 0xc0000202

static const struct {
	enum ipsec_alg_id enc;
	enum ipsec_alg_id auth;
} kinds[SAS] = {
    {IPSEC_ALG_AES128_CBC, IPSEC_ALG_HMAC_SHA1_96},
    {IPSEC_ALG_AES128_CTR, IPSEC_ALG_HMAC_SHA256_128},
    {IPSEC_ALG_AES128_GCM16, IPSEC_ALG_NONE},
    {IPSEC_ALG_NULL, IPSEC_ALG_HMAC_SHA1_96},
    {IPSEC_ALG_AES128_GMAC, IPSEC_ALG_NONE},
    {IPSEC_ALG_AES256_CBC, IPSEC_ALG_NONE},
    {IPSEC_ALG_AES128_CCM16, IPSEC_ALG_NONE},
    {IPSEC_ALG_AES192_CCM8, IPSEC_ALG_NONE},
    {IPSEC_ALG_DES_CBC, IPSEC_ALG_AES_XCBC_96},
    {IPSEC_ALG_3DES_CBC, IPSEC_ALG_HMAC_MD5_96},
    {IPSEC_ALG_SM4_CBC, IPSEC_ALG_HMAC_SM3},
    {IPSEC_ALG_CHACHA20_POLY1305, IPSEC_ALG_NONE},
};

struct bench {
	struct pkt_mem mem;
	struct alg *alg;
	struct sad *sad;
	struct esp esp;
	uint32_t context[PKT_VEC_MAX];
	struct esp_sa *found[PKT_VEC_MAX];
	struct pkt_vec v;
};

static void
install(struct bench *b, unsigned kind, enum sa_direction direction)
{
	static const uint8_t key[SAD_KEY_OCTETS] = {1, 2, 3};
	struct sa_params p = {
	    .id = kind * 2 + (direction == SA_OUT),
	    .context = CONTEXT,
	    .spi = SPI + kind,
	    .tunnel = {.src = {.family = 4, .octets = {192, 0, 2, 1}},
		       .dst = ip_addr_v4(DST),
		       .dscp = TUNNEL_DSCP_COPY,
		       .flow_label = TUNNEL_FLOW_COPY},
	    .direction = direction,
	    .protocol = IP_PROTO_ESP,
	    .enc = kinds[kind].enc,
	    .auth = kinds[kind].auth,
	    .enc_key = key,
	    .auth_key = key,
	    .replay_window = REPLAY_WINDOW_DEFAULT,
	    .seq_first = 1,
	    .seq_granted = UINT64_MAX,
	    .seeded = true,
	};

	p.enc_key_octets = ipsec_alg_keymat_octets(ipsec_alg_get(p.enc));
	p.auth_key_octets = ipsec_alg_get(p.auth)->key_octets;
	if (sad_install(b->sad, &p) != 0)
		abort();
}

/*
 * Engine, SAD and room are kept from input to input: to make them takes a
 * hundred times as long as to open a packet. SAs and buffer are an input's own.
 */
static struct bench *
bench_begin(enum alg_engine_id engine, unsigned kind)
{
	static struct bench *kept[ALG_ENGINE_MAX];
	struct bench *b = kept[engine];

	if (b == NULL) {
		b = calloc(1, sizeof(*b));
		if (b == NULL || alg_new(&b->alg, engine) != 0 ||
		    sad_new(&b->sad, b->alg) != 0 ||
		    esp_init(&b->esp, &b->mem, b->sad, b->alg) != 0)
			abort();
		kept[engine] = b;
	}
	b->v.n = 0;
	/* On its own, so that a sanitizer sees both its ends. */
	b->mem.base[0] = calloc(1, PKT_BUF_OCTETS);
	b->mem.count[0] = 1;
	if (b->mem.base[0] == NULL)
		abort();
	install(b, kind, SA_IN);
	install(b, kind, SA_OUT);
	return b;
}

static void
bench_end(struct bench *b, unsigned kind)
{
	(void)sad_delete(b->sad, kind * 2);
	(void)sad_delete(b->sad, kind * 2 + 1);
	free(b->mem.base[0]);
	b->mem.base[0] = NULL;
}

/* The packet that SA's peer makes of a text; the text is cut to its block. */
static void
seal(struct bench *b, const struct esp_sa *sa, const uint8_t *text, size_t len,
     struct pkt *p)
{
	struct ipv4_hdr inner = {.tos = len != 0 ? text[0] & 3 : 0};
	struct ipv4_hdr *outer = (struct ipv4_hdr *)pkt_data(&b->mem, p);
	struct esp_hdr *hdr = (struct esp_hdr *)(outer + 1);
	uint8_t *iv = (uint8_t *)(hdr + 1);
	struct esp_op op = {.cipher = sa->cipher,
			    .aad = (uint8_t *)hdr,
			    .aad_octets = sizeof(*hdr),
			    .iv = iv,
			    .text = iv + sa->iv_octets};

	op.text_octets = (uint32_t)(len - len % sa->align);
	op.icv = op.text + op.text_octets;
	p->len = (uint16_t)(op.icv + sa->icv_octets - (uint8_t *)outer);
	tunnel_outer_put(&sa->tunnel, (uint8_t *)outer, (uint8_t *)&inner,
			 IP_PROTO_ESP, p->len - (unsigned)sizeof(*outer), 1);
	hdr->spi = be32_put(sa->key.spi);
	hdr->seq = be32_put(1);
	if (esp_iv_put(&sa->iv, 1, NULL, iv) != 0)
		abort();
	if (op.text_octets != 0)
		memcpy(op.text, text, op.text_octets);
	alg_seal_vec(b->alg, &op, 1);
	if (op.result != 0)
		abort();
}

/* Its fate on one engine; *octets: of the packet that goes on. */
static uint8_t
open_one(enum alg_engine_id engine, const uint8_t *data, size_t size,
	 uint16_t *octets)
{
	unsigned kind = data[0] % SAS;
	struct bench *b = bench_begin(engine, kind);
	struct pkt p = {.off = PKT_HEADROOM};
	uint8_t fate;

	b->context[0] = CONTEXT;
	if (data[0] & 0x80) {
		seal(b, sad_find(b->sad, kind * 2 + 1), data + 1, size - 1, &p);
	} else {
		/* At the buffer's end, so that reading on is seen. */
		p.len = (uint16_t)(size - 1);
		p.off = (uint16_t)(PKT_BUF_OCTETS - p.len);
		memcpy(pkt_data(&b->mem, &p), data + 1, size - 1);
	}
	pkt_vec_push(&b->v, &p);
	if (esp_in_vec(&b->esp, &b->v, b->context, NULL, b->found) == 1) {
		if (!pkt_extent_valid(&b->mem, &b->v.pkt[0]) ||
		    b->found[0] == NULL || b->v.fate[0] != PKT_GO)
			abort();
	} else if (b->v.fate[0] < PKT_DROP_FIRST) {
		abort();
	}
	fate = b->v.fate[0];
	*octets = b->v.pkt[0].len;
	bench_end(b, kind);
	return fate;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint16_t one, other;

	if (size == 0 || size > 9000)
		return 0;
	if (open_one(ALG_ENGINE_OPENSSL, data, size, &one) !=
		open_one(ALG_ENGINE_AUTO, data, size, &other) ||
	    one != other)
		abort();
	return 0;
}
