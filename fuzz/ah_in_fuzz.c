/*
 * Everything that may come for an SA besides bare ESP: AH of both families and
 * modes, AH around ESP, ESP in UDP. The first octet says whether the rest is an
 * outer packet as it came, or what a holder of the key authenticated: then its
 * second octet is AH's next header, and what follows lies inside. Either must
 * end as a packet within its buffer or as a named drop.
 */
#include <stdlib.h>
#include <string.h>

#include "ah.h"
#include "ah_work.h"
#include "esp_in.h"
#include "esp_size.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CONTEXT 7
#define AH_SPI 0x2002
#define ESP_SPI 0x1001

enum { TUNNEL, TUNNEL6, TRANSPORT, BUNDLE, BUNDLED_ESP, UDP_ESP, SAS };

struct bench {
	struct pkt_mem mem;
	struct alg *alg;
	struct sad *sad;
	struct esp esp;
	uint32_t context[PKT_VEC_MAX];
	struct esp_sa *through[PKT_VEC_MAX];
	struct esp_sa *found[PKT_VEC_MAX];
	struct pkt_vec v;
};

static void
install(struct bench *b, unsigned kind, enum sa_direction direction)
{
	static const uint8_t key[SAD_KEY_OCTETS] = {1, 2, 3};
	static const uint8_t v6[16] = {0x20, 1, 0xd, 0xb8, [15] = 2};
	bool esp = kind == BUNDLED_ESP || kind == UDP_ESP;
	uint32_t id = kind * 2 + 1 + (direction == SA_OUT);
	struct sa_params p = {
	    .id = id,
	    .context = CONTEXT,
	    .spi = (esp ? ESP_SPI : AH_SPI) + kind,
	    .tunnel = {.src = ip_addr_v4(0xc0000201),
		       .dst = ip_addr_v4(0xc0000202),
		       .dscp = TUNNEL_DSCP_COPY,
		       .flow_label = TUNNEL_FLOW_COPY,
		       .udp = kind == UDP_ESP},
	    .direction = direction,
	    .protocol = esp ? IP_PROTO_ESP : IP_PROTO_AH,
	    .transport = kind == TRANSPORT,
	    .enc = IPSEC_ALG_NULL,
	    .auth = IPSEC_ALG_HMAC_SHA1_96,
	    .auth_key = key,
	    .auth_key_octets = 20,
	    .replay_window = REPLAY_WINDOW_DEFAULT,
	    .seq_first = 1,
	    .seq_granted = UINT64_MAX,
	    .seeded = true,
	};

	if (kind == BUNDLE)
		p.bundle = id + 2;
	if (kind == BUNDLED_ESP)
		p.bundle = id - 2;
	if (kind == TUNNEL6)
		p.tunnel.src = p.tunnel.dst = ip_addr_v6(v6);
	if (sad_install(b->sad, &p) != 0)
		abort();
}

static struct bench *
bench_new(void)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (b == NULL || alg_new(&b->alg, ALG_ENGINE_OPENSSL) != 0 ||
	    sad_new(&b->sad, b->alg) != 0 ||
	    esp_init(&b->esp, &b->mem, b->sad, b->alg) != 0)
		abort();
	b->mem.base[0] = calloc(1, PKT_BUF_OCTETS);
	b->mem.count[0] = 1;
	if (b->mem.base[0] == NULL)
		abort();
	for (unsigned i = 0; i < SAS; i++) {
		install(b, i, SA_IN);
		install(b, i, SA_OUT);
	}
	return b;
}

static void
bench_free(struct bench *b)
{
	esp_fini(&b->esp);
	sad_free(&b->sad);
	alg_free(&b->alg);
	free(b->mem.base[0]);
	free(b);
}

/* The packet that the peer of an AH SA makes around any octets. */
static void
authenticate(struct bench *b, unsigned kind, const uint8_t *data, size_t size,
	     struct pkt *p)
{
	const struct esp_sa *sa = sad_find(b->sad, kind * 2 + 2);
	const struct ipv4_hdr inner = {.version_ihl = 0x45};
	struct esp_job job = {.seq = 1};
	struct ip_parsed parsed;
	uint8_t *at = pkt_data(&b->mem, p);
	unsigned outer = tunnel_outer_octets(&sa->tunnel);
	struct ah_hdr *ah = (struct ah_hdr *)(at + outer);
	unsigned octets = ah_octets(sa) + (unsigned)size - 1;

	job.sa = sad_find(b->sad, kind * 2 + 2);
	tunnel_outer_put(&sa->tunnel, at, (const uint8_t *)&inner, IP_PROTO_AH,
			 octets, 1);
	memset(ah, 0, ah_octets(sa));
	*ah = (struct ah_hdr){.next_header = data[0],
			      .length = (uint8_t)(ah_octets(sa) / 4 - 2),
			      .spi = be32_put(sa->key.spi),
			      .seq = be32_put(1)};
	memcpy((uint8_t *)ah + ah_octets(sa), data + 1, size - 1);
	p->len = (uint16_t)(outer + octets);
	if (ip_parse(at, p->len, &parsed) != 0)
		abort();
	job.header = parsed.header;
	if (!ah_work_prepare(b->esp.work, 0, at, &parsed, &job))
		abort();
	alg_seal_vec(b->alg, b->esp.work->ops, 1);
	ah_work_restore(b->esp.work, 0, at, &job);
	memcpy(ah + 1, b->esp.work->icv[0], sa->icv_octets);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bench *b;
	struct pkt p = {.off = PKT_HEADROOM};

	if (size < 2 || size > 9000)
		return 0;
	b = bench_new();
	b->context[0] = CONTEXT;
	if (data[0] & 0x80) {
		authenticate(b, data[0] % (BUNDLE + 1), data + 1, size - 1, &p);
	} else {
		/* At the buffer's end, so that reading on is seen. */
		p.len = (uint16_t)(size - 1);
		p.off = (uint16_t)(PKT_BUF_OCTETS - AH_ESN_OCTETS - p.len);
		memcpy(pkt_data(&b->mem, &p), data + 1, size - 1);
	}
	pkt_vec_push(&b->v, &p);
	(void)ah_in_vec(&b->esp, &b->v, b->context, b->through);
	b->found[0] = b->through[0];
	(void)esp_in_vec(&b->esp, &b->v, b->context, b->through, b->found);
	if (b->v.fate[0] == PKT_GO) {
		if (!pkt_extent_valid(&b->mem, &b->v.pkt[0]) ||
		    !(b->v.pkt[0].flags & PKT_F_OPENED) || b->found[0] == NULL)
			abort();
	} else if (b->v.fate[0] < PKT_DROP_FIRST) {
		abort();
	}
	bench_free(b);
	return 0;
}
