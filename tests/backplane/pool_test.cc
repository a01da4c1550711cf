/* Pools: what is not a pool, and that untouched buffers cost no memory. */
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>

#include <unistd.h>

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

TEST(Pool, SharedMemoryIsSealedAndOfTheSizeThatWasSaid)
{
	int fd = bp_shim_pool_make(8), error = 0;
	struct bp_shim_view *pool;

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-1, ftruncate(fd, 4096)); // else a shrunk map is a SIGBUS
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(nullptr, bp_shim_pool_map(9, 900, fd, 9, &error));
	EXPECT_EQ(-EINVAL, error);
	pool = bp_shim_pool_map(9, 8, fd, 9, &error);
	ASSERT_NE(nullptr, pool);
	EXPECT_EQ(8u, bp_shim_pool_nfree(pool));
	bp_shim_pool_free(&pool);
	close(fd);
}

TEST(Pool, RefusesMemoryThatCouldShrink)
{
	FILE *file = tmpfile();
	int error = 0;

	ASSERT_NE(nullptr, file);
	ASSERT_EQ(0, ftruncate(fileno(file), 1 << 20));
	EXPECT_EQ(nullptr, bp_shim_pool_map(9, 8, fileno(file), 9, &error));
	EXPECT_EQ(-EINVAL, error);
	fclose(file);
}

TEST(Pool, OnlyTheOwnerHasBuffersToGive)
{
	int fd = bp_shim_pool_make(8), error = 0;
	struct bp_shim_view *pool = bp_shim_pool_map(9, 8, fd, 27, &error);

	ASSERT_NE(nullptr, pool);
	EXPECT_EQ(-1, bp_shim_pool_alloc(pool));
	bp_shim_pool_free(&pool);
	close(fd);
}

TEST(Pool, OfManySharedBuffersIsNotReserved)
{
	int fd = bp_shim_pool_make(4000000);

	EXPECT_GE(fd, 0);
	close(fd);
}
