/* IKEv1 as the instance has it; for ike/ alone. */
#ifndef V1_IKE_H
#define V1_IKE_H

struct ike;
struct ike_version;

extern const struct ike_version v1_version;

/* Sets ike->v1. -ENOMEM. */
int v1_ike_new(struct ike *ike);

#endif
