// Congestion marks through a tunnel (RFC 6040).
#include <gtest/gtest.h>

#include "replay_shim.h"

TEST(TunnelEcn, FollowsTheTableOfRfc6040) // section 4.2, figure 4
{
	// Codepoints: 0 not-ECT, 1 ECT(1), 2 ECT(0), 3 CE; -1 drop.
	const int out[4][4] = {// by inner, then by outer
			       {0, 0, 0, -1},
			       {1, 1, 1, 3},
			       {2, 1, 2, 3},
			       {3, 3, 3, 3}};

	for (int inner = 0; inner < 4; inner++) {
		for (int outer = 0; outer < 4; outer++) {
			int sum_ok = 0, want = out[inner][outer];
			int got = replay_shim_ecn(
			    static_cast<uint8_t>(0xb8 | outer),
			    static_cast<uint8_t>(0x48 | inner), &sum_ok);

			EXPECT_EQ(want == -1 ? -1 : (0x48 | want), got)
			    << inner << " " << outer;
			if (want != -1) {
				EXPECT_TRUE(sum_ok) << inner << " " << outer;
			}
		}
	}
}

TEST(TunnelEcn, LeavesTheInnerDscpAlone) // RFC 4301 section 5.1.2.1
{
	int sum_ok = 0;

	EXPECT_EQ(0x48, replay_shim_ecn(0xb8, 0x48, &sum_ok));
}
