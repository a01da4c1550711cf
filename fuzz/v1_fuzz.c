/*
 * A whole responder and a whole initiator of IKEv1. The first octet chooses
 * which of two ends is fed (0: the initiator) and the mode, the second how far
 * their negotiation went before: from nothing to an established child. Then
 * come messages, each behind two octets of length; 0xffff lets time pass.
 * Cookies of zeros are replaced by those of the negotiation, so that nobody has
 * to guess them.
 */
#include "v1_fuzz.h"

#include "ike_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECOND UINT64_C(1000000000)

static struct ike_crypto *shared_crypto;

static const struct ike_path paths[2] = {
    {.local = {.family = 4, .octets = {192, 0, 2, 1}},
     .remote = {.family = 4, .octets = {192, 0, 2, 2}},
     .local_port = IKE_PORT,
     .remote_port = IKE_PORT},
    {.local = {.family = 4, .octets = {192, 0, 2, 2}},
     .remote = {.family = 4, .octets = {192, 0, 2, 1}},
     .local_port = IKE_PORT,
     .remote_port = IKE_PORT}};

/* What one end said to the other, until neither says more. */
static void
talk(struct v1_fuzz *ends, unsigned rounds, uint64_t now)
{
	for (unsigned i = 0; i < rounds; i++) {
		struct v1_fuzz *from = &ends[i % 2];
		struct v1_fuzz *to = &ends[1 - i % 2];
		uint8_t copy[2048];
		size_t n = from->said_n;

		if (n == 0)
			return;
		memcpy(copy, from->said, n);
		from->said_n = 0;
		v1_input(to->v1, &paths[1 - i % 2], copy, n, now);
	}
}

static void
cookies_put(const uint8_t cookies[16], uint8_t *octets, size_t n)
{
	static const uint8_t zero[16];

	if (n >= sizeof(struct ike_hdr) &&
	    memcmp(octets, zero, sizeof(zero)) == 0)
		memcpy(octets, cookies, 16);
}

static void
feed(struct v1_fuzz *ends, unsigned victim, const uint8_t *data, size_t size)
{
	struct v1_fuzz *v = &ends[victim];
	uint8_t cookies[16] = {0};
	uint64_t now = 2 * SECOND;

	if (v->said_n >= sizeof(struct ike_hdr))
		memcpy(cookies, v->said, sizeof(cookies));
	for (unsigned i = 0; size >= 2 && i < 16; i++) {
		size_t n = (size_t)data[0] << 8 | data[1];
		uint8_t *octets;

		data += 2;
		size -= 2;
		if (n == 0xffff) {
			now += 30 * SECOND;
			v1_tick(v->v1, now);
			continue;
		}
		n = n < size ? n : size;
		octets = malloc(n + 1);
		if (octets == NULL)
			return;
		memcpy(octets, data, n);
		cookies_put(cookies, octets, n);
		v1_input(v->v1, &paths[victim], octets, n, now);
		free(octets);
		data += n;
		size -= n;
	}
	now += 400000 * SECOND;
	for (unsigned i = 0; i < 1000 && v1_next_ns(v->v1) <= now; i++)
		v1_tick(v->v1, v1_next_ns(v->v1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct v1_fuzz ends[2];
	unsigned victim;
	unsigned rounds;

	if (size < 3)
		return 0;
	if (shared_crypto == NULL && ike_crypto_new(&shared_crypto) != 0)
		return 0;
	victim = data[0] & 1;
	rounds = data[1] % 12;
	if (!fuzz_begin(&ends[0], shared_crypto, (data[0] & 2) != 0))
		return 0;
	if (!fuzz_begin(&ends[1], shared_crypto, (data[0] & 2) != 0)) {
		v1_free(&ends[0].v1);
		return 0;
	}
	ends[1].counter = 0x80;
	ends[1].tunnel.local = ends[0].tunnel.remote;
	ends[1].tunnel.remote = ends[0].tunnel.local;
	(void)v1_initiate(ends[0].v1, 1, SECOND);
	talk(ends, rounds, SECOND);
	feed(ends, victim, data + 2, size - 2);
	fuzz_end(&ends[0], 500000 * SECOND);
	fuzz_end(&ends[1], 500000 * SECOND);
	return 0;
}
