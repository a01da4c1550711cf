/* A tally on the heap. */
#ifndef PKT_TALLY_SHIM_H
#define PKT_TALLY_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pkt_tally_shim;

struct pkt_tally_shim *pkt_tally_shim_new(void);
void pkt_tally_shim_free(struct pkt_tally_shim *s);
void pkt_tally_shim_add(struct pkt_tally_shim *s, uint32_t round);
unsigned pkt_tally_shim_rounds(const struct pkt_tally_shim *s);
uint32_t pkt_tally_shim_fates(const struct pkt_tally_shim *s, uint32_t round);

#ifdef __cplusplus
}
#endif
#endif
