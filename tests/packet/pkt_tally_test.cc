// How many packets of which round met their fate.
#include <gtest/gtest.h>

#include "pkt_tally_shim.h"

TEST(PktTally, CountsByRound)
{
	pkt_tally_shim *t = pkt_tally_shim_new();

	for (uint32_t round : {7, 8, 7, 7, 9, 8})
		pkt_tally_shim_add(t, round);
	EXPECT_EQ(pkt_tally_shim_rounds(t), 3U);
	EXPECT_EQ(pkt_tally_shim_fates(t, 7), 3U);
	EXPECT_EQ(pkt_tally_shim_fates(t, 8), 2U);
	EXPECT_EQ(pkt_tally_shim_fates(t, 9), 1U);
	pkt_tally_shim_free(t);
}

TEST(PktTally, LivePacketsBelongToNoRound)
{
	pkt_tally_shim *t = pkt_tally_shim_new();

	pkt_tally_shim_add(t, 0);
	EXPECT_EQ(pkt_tally_shim_rounds(t), 0U);
	pkt_tally_shim_free(t);
}

TEST(PktTally, HoldsAllRoundsThatMayBeOpenAndNoMore)
{
	pkt_tally_shim *t = pkt_tally_shim_new();

	for (uint32_t round = 1; round <= 20; round++)
		pkt_tally_shim_add(t, round);
	EXPECT_EQ(pkt_tally_shim_rounds(t), 16U);
	pkt_tally_shim_free(t);
}
