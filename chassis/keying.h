/*
 * Tunnels whose keys are negotiated: which of them their ASPs say are up. What
 * an ASP says becomes a new generation of the same configuration, in which the
 * tunnel's circuit and routes are up or down; what many say at a time becomes
 * one.
 */
#ifndef KEYING_H
#define KEYING_H

#include "chs.h"

struct keying;

/* Accepts NULL, leaves NULL. */
void keying_free(struct keying **keying);

/* An ASP said something: IKE_EVENT. */
void keying_event(struct chs *chs, const struct proc *proc,
		  const struct ctl_in *in);
/* A process is dead, and with it every SA that it had negotiated. */
void keying_died(struct chs *chs, const struct proc *proc);
/* From the outer loop: acts on what was said since. */
void keying_step(struct chs *chs);

/* An ASP has a negotiated SA, or has it no more: IKE_SA. */
void keying_sa(struct chs *chs, const struct proc *proc,
	       const struct ctl_in *in);
/* Those there are, in the order they came: the i-th and its ASP; NULL: none. */
const struct ctl_ike_sa *keying_sa_at(const struct chs *chs, size_t i,
				      uint16_t *asp);
/* Ids from here on are negotiated SAs', and each names a row of its ASP. */
#define KEYING_SA_FIRST 32768

/* Whether the ASP has SAs of the tunnel; else *cause, as the MIB says. */
bool keying_up(const struct chs *chs, uint32_t circuit, uint16_t asp,
	       const char **cause);

#endif
