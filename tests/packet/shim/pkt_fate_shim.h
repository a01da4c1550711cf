/* The table of fates. */
#ifndef PKT_FATE_SHIM_H
#define PKT_FATE_SHIM_H

#ifdef __cplusplus
extern "C" {
#endif

unsigned pkt_fate_shim_first_drop(void);
unsigned pkt_fate_shim_end(void);
const char *pkt_fate_shim_name(unsigned fate);
const char *pkt_fate_shim_sentence(unsigned fate);

#ifdef __cplusplus
}
#endif
#endif
