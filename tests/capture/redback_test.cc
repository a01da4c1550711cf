// The SmartEdge header of link type 32.
#include <gtest/gtest.h>

#include <vector>

#include "redback_shim.h"

using Bytes = std::vector<uint8_t>;

TEST(Redback, HeaderOfAnIpPacket)
{
	Bytes wire(24, 0xee);

	redback_shim(0x40080001, 0x0100ffff78000075, 84, 1, 0, wire.data());
	EXPECT_EQ(wire, (Bytes{0x40, 0x08, 0x00, 0x01, 0,    0,    0,    0,
			       0x01, 0x00, 0xff, 0xff, 0x78, 0x00, 0x00, 0x75,
			       0,    108,  0,    1,    0,    24,   0,    24}));
}

TEST(Redback, HeaderOfAnEthernetFrame)
{
	Bytes wire(24, 0xee);

	redback_shim(1, 2, 98, 4, 14, wire.data());
	EXPECT_EQ(Bytes(wire.begin() + 16, wire.end()),
		  (Bytes{0, 122, 0, 4, 0, 24, 0, 38}));
}

TEST(Redback, LengthBeyondItsFieldStopsAtItsEnd)
{
	Bytes wire(24);

	redback_shim(1, 2, 65511, 1, 0, wire.data());
	EXPECT_EQ(wire[16] << 8 | wire[17], 65535);
	redback_shim(1, 2, 262144, 1, 0, wire.data());
	EXPECT_EQ(wire[16] << 8 | wire[17], 65535);
}
