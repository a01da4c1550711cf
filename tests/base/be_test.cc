// Integers in wire order: most significant octet first (RFC 791 appendix B).
#include <gtest/gtest.h>

#include <vector>

#include "be_shim.h"

TEST(Be, PutsTheMostSignificantOctetFirst)
{
	uint8_t w[8];

	be_shim_put16(0x0102, w);
	EXPECT_EQ(std::vector<uint8_t>(w, w + 2), (std::vector<uint8_t>{1, 2}));
	be_shim_put32(0x01020304, w);
	EXPECT_EQ(std::vector<uint8_t>(w, w + 4),
		  (std::vector<uint8_t>{1, 2, 3, 4}));
	be_shim_put64(0x0102030405060708, w);
	EXPECT_EQ(std::vector<uint8_t>(w, w + 8),
		  (std::vector<uint8_t>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Be, ReadsAtAnyAlignment)
{
	const uint8_t w[9] = {0,    0xff, 0xfe, 0xfd, 0xfc,
			      0xfb, 0xfa, 0xf9, 0xf8};

	EXPECT_EQ(be_shim_get16(w + 1), 0xfffe);
	EXPECT_EQ(be_shim_get32(w + 1), 0xfffefdfcU);
	EXPECT_EQ(be_shim_get64(w + 1), 0xfffefdfcfbfaf9f8U);
}
