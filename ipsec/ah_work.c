/*
 * One packet before and after the engine. The number's high half is laid behind
 * the packet rather than told to the engine, whose way with it is ESP's (RFC
 * 4302 section 2.5.1, RFC 4303 section 2.2.1).
 */
#include "ah_work.h"

#include <string.h>

#include "ah_mutable.h"

bool
ah_work_prepare(struct esp_work *w, unsigned n, uint8_t *at,
		const struct ip_parsed *parsed, const struct esp_job *job)
{
	struct be32 high = be32_put((uint32_t)(job->seq >> 32));
	const unsigned first = sizeof(struct esp_hdr);
	unsigned octets = parsed->total;

	memcpy(w->header[n], at, parsed->header);
	if (!ah_mutable_zero(at, parsed)) {
		memcpy(at, w->header[n], parsed->header);
		return false;
	}
	if (job->sa->esn) {
		memcpy(at + octets, high.b, sizeof(high.b));
		octets += (unsigned)sizeof(high.b);
	}
	w->ops[n] = (struct esp_op){
	    .cipher = job->sa->cipher,
	    .aad = at,
	    .aad_octets = first,
	    .iv = at + first,
	    .text = at + first,
	    .text_octets = octets - first,
	    .icv = w->icv[n],
	};
	return true;
}

void
ah_work_restore(const struct esp_work *w, unsigned n, uint8_t *at,
		const struct esp_job *job)
{
	memcpy(at, w->header[n], job->header);
}
