/*
 * What ah_out and ah_in do alike around the engine: the ICV is made over a
 * packet whose mutable fields are zero, and these are put back after it.
 */
#ifndef AH_WORK_H
#define AH_WORK_H

#include "esp.h"
#include "ip_parse.h"

#define AH_ESN_OCTETS 4 /* high half of the number, behind the packet */

/*
 * Operation n of the work: over the whole packet at, whose AH is job->sa's and
 * lies behind parsed.header with ICV zero; w->icv[n] is where the engine writes
 * the ICV or finds the one to compare with. The IP headers are kept in
 * w->header[n] and then lose their mutable fields. False: they can not be read;
 * nothing was changed.
 */
bool ah_work_prepare(struct esp_work *w, unsigned n, uint8_t *at,
		     const struct ip_parsed *parsed, const struct esp_job *job);

/* Puts the IP headers back. */
void ah_work_restore(const struct esp_work *w, unsigned n, uint8_t *at,
		     const struct esp_job *job);

#endif
