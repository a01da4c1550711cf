/* Hands the table through. */
#include "pkt_fate_shim.h"

#include "pkt_fate.h"

unsigned
pkt_fate_shim_first_drop(void)
{
	return PKT_DROP_FIRST;
}

unsigned
pkt_fate_shim_end(void)
{
	return PKT_FATES;
}

const char *
pkt_fate_shim_name(unsigned fate)
{
	return pkt_fate_name(fate);
}

const char *
pkt_fate_shim_sentence(unsigned fate)
{
	return pkt_fate_sentence(fate);
}
