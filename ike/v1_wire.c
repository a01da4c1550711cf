/*
 * Messages of IKEv1 out and in: header, cipher, marker, what is kept to be sent
 * again. RFC 2408 section 3.1, RFC 2409 appendix B, RFC 3947 section 4.
 */
#include "v1_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

#define VERSION_1_0 0x10
#define NOTICES_PER_S 10

void
v1_kept_free(struct v1_kept *kept)
{
	free(kept->octets);
	kept->octets = NULL;
	kept->n = 0;
}

/* Octets begin with room for the marker, which port 4500 wants. */
static void
send_octets(struct v1 *v1, const struct ike_path *path, uint8_t *octets,
	    size_t n)
{
	size_t marker = path->local_port == IKE_PORT ? 0 : IKE_MARKER_OCTETS;

	memset(octets, 0, IKE_MARKER_OCTETS);
	v1->host.ops->send(v1->host.ops_arg, path,
			   octets + IKE_MARKER_OCTETS - marker, n + marker);
	v1->host.count(v1->host.arg, IKE_STAT_SENT);
}

void
v1_send_kept(struct v1 *v1, const struct v1_sa *sa, const struct v1_kept *kept)
{
	struct v1_line line = {.sent = true,
			       .again = true,
			       .octets = kept->n,
			       .now_ns = v1->now_ns};
	struct ike_hdr hdr;

	if (kept->octets == NULL)
		return;
	memcpy(&hdr, kept->octets + IKE_MARKER_OCTETS, sizeof(hdr));
	line.hdr = &hdr;
	if (sa->record != 0)
		v1->host.line(v1->host.arg, sa->record, &line);
	send_octets(v1, &sa->path, kept->octets, kept->n);
}

void
v1_write_begin(struct v1 *v1, struct ike_writer *w, const struct v1_sa *sa,
	       uint8_t exchange, uint32_t message_id)
{
	struct ike_hdr hdr = {.version = VERSION_1_0,
			      .exchange = exchange,
			      .message_id = be32_put(message_id)};

	memcpy(hdr.spi_i, sa->cookie_i, sizeof(hdr.spi_i));
	memcpy(hdr.spi_r, sa->cookie_r, sizeof(hdr.spi_r));
	ike_write_begin(w, v1->buf + IKE_MARKER_OCTETS, IKE_MSG_MAX);
	ike_write_hdr(w, &hdr);
}

/* Padding is zeros; who opens it reads the chain and no further. */
static int
seal(struct v1_sa *sa, struct ike_writer *w, uint8_t *iv)
{
	struct ike_hdr *hdr = (struct ike_hdr *)w->octets;
	size_t text = w->n - sizeof(*hdr);
	size_t block = sa->suite.encr->block_octets;
	size_t whole = (text + block - 1) / block * block;

	while (w->n < sizeof(*hdr) + whole)
		ike_write_u8(w, 0);
	if (!ike_write_end(w))
		return -EMSGSIZE;
	hdr->flags |= IKE_FLAG_V1_ENCRYPTED;
	return ike_cbc(sa->seal, iv, w->octets + sizeof(*hdr), whole);
}

/* As it is before it is sealed. */
static void
line_out(struct v1 *v1, const struct v1_sa *sa, const struct ike_writer *w)
{
	struct v1_line line = {
	    .sent = true, .octets = w->n, .now_ns = v1->now_ns};
	struct ike_chain chain;
	struct ike_hdr hdr;

	if (sa->record == 0)
		return;
	memcpy(&hdr, w->octets, sizeof(hdr));
	if (ike_chain_read(hdr.next, w->octets + sizeof(hdr),
			   w->n - sizeof(hdr), &chain) != 0)
		return;
	line.hdr = &hdr;
	line.chain = &chain;
	v1->host.line(v1->host.arg, sa->record, &line);
}

void
v1_line_in(struct v1 *v1, uint64_t record, const struct v1_in *in)
{
	struct v1_line line = {.hdr = &in->hdr,
			       .chain = &in->chain,
			       .octets = in->n,
			       .now_ns = in->now};

	if (record != 0)
		v1->host.line(v1->host.arg, record, &line);
}

int
v1_write_send(struct v1 *v1, struct ike_writer *w, struct v1_sa *sa,
	      uint8_t *iv, struct v1_kept *keep)
{
	int err = 0;

	if (!ike_write_end(w))
		return -EMSGSIZE;
	line_out(v1, sa, w);
	if (iv != NULL)
		err = seal(sa, w, iv);
	if (err != 0)
		return err;
	if (keep != NULL) {
		uint8_t *copy = malloc(IKE_MARKER_OCTETS + w->n);

		if (copy == NULL)
			return -ENOMEM;
		memcpy(copy + IKE_MARKER_OCTETS, w->octets, w->n);
		v1_kept_free(keep);
		keep->octets = copy;
		keep->n = w->n;
	}
	send_octets(v1, &sa->path, v1->buf, w->n);
	return 0;
}

void
v1_notice(struct v1 *v1, const struct v1_in *in, uint16_t type)
{
	struct ike_notify notify = {.protocol = IKE_PROTO_IKE, .type = type};
	struct v1_sa sa = {.path = *in->path};
	struct ike_writer w;
	uint32_t id = 0;

	if (!bucket_take(&v1->notices, in->now, NOTICES_PER_S, NOTICES_PER_S) ||
	    v1_random(v1, &id, sizeof(id)) != 0)
		return;
	memcpy(sa.cookie_i, in->hdr.spi_i, sizeof(sa.cookie_i));
	memcpy(sa.cookie_r, in->hdr.spi_r, sizeof(sa.cookie_r));
	v1_write_begin(v1, &w, &sa, IKE_X_V1_INFO, id);
	ike_write_notify(&w, IKE_P_V1_NOTIFY, &notify);
	(void)v1_write_send(v1, &w, &sa, NULL, NULL);
}

/* What follows the chain may only be padding, of less than a block. */
int
v1_chain(struct v1_in *in, const uint8_t *payloads, size_t n)
{
	in->payloads = payloads;
	return ike_chain_read(in->hdr.next, payloads, n, &in->chain);
}

int
v1_open(struct v1 *v1, struct v1_sa *sa, struct v1_in *in, uint8_t *iv)
{
	size_t text = in->n - sizeof(in->hdr);
	uint8_t next[IPSEC_ALG_IV_MAX];

	if ((in->hdr.flags & IKE_FLAG_V1_ENCRYPTED) == 0 || sa->open == NULL)
		return -EBADMSG;
	memcpy(next, iv, sizeof(next));
	memcpy(v1->clear, in->octets + sizeof(in->hdr), text);
	if (ike_cbc(sa->open, next, v1->clear, text) != 0 ||
	    v1_chain(in, v1->clear, text) != 0)
		return -EBADMSG;
	memcpy(iv, next, sizeof(next));
	return 0;
}

void
v1_heard(struct v1_sa *sa, const struct v1_in *in)
{
	sa->heard_ns = in->now;
	if (sa->nat_remote)
		sa->path = *in->path;
}

struct alg_piece
v1_body(const struct v1_in *in, uint8_t type)
{
	const struct ike_payload *p = ike_chain_find(&in->chain, type, 0);

	return p == NULL ? (struct alg_piece){NULL, 0}
			 : (struct alg_piece){p->body, p->octets};
}
