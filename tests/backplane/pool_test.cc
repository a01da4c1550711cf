/* Pools: what is not a pool, and that untouched buffers cost no memory. */
#include <gtest/gtest.h>

#include <cerrno>

#include "bp_shim.h"

TEST(Pool, RefusesNoBuffersAndNumbersThatCanNotBe)
{
	EXPECT_EQ(-EINVAL, bp_shim_pool(1, 0));
	EXPECT_EQ(-EINVAL, bp_shim_pool(128, 1));
	EXPECT_EQ(0, bp_shim_pool(127, 1));
}

TEST(Pool, OfManyBuffersIsNotReserved)
{
	EXPECT_EQ(0, bp_shim_pool(1, 4000000)); // 38 GB of addresses
}
