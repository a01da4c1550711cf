/* A shared pool as its owner (stage 9) and two others see it. */
#ifndef POOL_FIXTURE_H
#define POOL_FIXTURE_H

#include <gtest/gtest.h>

#include <set>

#include <unistd.h>

#include "bp_shim.h"

constexpr unsigned OWNER = 9, LOOP = 10, SEALER = 27;
constexpr uint32_t BUFFERS = 6; // no power of two: rings have 8 places

class SharedPool : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		fd = bp_shim_pool_make(BUFFERS);
		ASSERT_GE(fd, 0);
		owner = view(OWNER);
		sealer = view(SEALER);
		loop = view(LOOP);
	}
	void TearDown() override
	{
		bp_shim_pool_free(&owner);
		bp_shim_pool_free(&sealer);
		bp_shim_pool_free(&loop);
		close(fd);
	}
	struct bp_shim_view *view(unsigned stage)
	{
		int error = 0;
		struct bp_shim_view *pool =
		    bp_shim_pool_map(OWNER, BUFFERS, fd, stage, &error);

		EXPECT_NE(nullptr, pool) << error;
		return pool;
	}
	/* A buffer that the sealer (of that epoch) has taken. */
	uint32_t lend(uint32_t epoch = 1)
	{
		int64_t buf = bp_shim_pool_alloc(owner);

		EXPECT_GE(buf, 0);
		bp_shim_pool_hold(sealer, (uint32_t)buf, SEALER, epoch);
		return (uint32_t)buf;
	}
	/* All that can be taken now, each once; they stay taken. */
	std::set<int64_t> all()
	{
		std::set<int64_t> got;
		int64_t buf;

		while ((buf = bp_shim_pool_alloc(owner)) >= 0)
			EXPECT_TRUE(got.insert(buf).second) << buf;
		return got;
	}
	int fd = -1;
	struct bp_shim_view *owner = nullptr, *sealer = nullptr,
			    *loop = nullptr;
};

#endif
