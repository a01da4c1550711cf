/* Buffers come home by rings: each once, after it was published. */
#include "pool_fixture.h"

using PoolRing = SharedPool;

TEST_F(PoolRing, ABufferIsHomeOnceItsReturnWasPublished)
{
	uint32_t buf = lend();

	bp_shim_pool_return(sealer, buf);
	EXPECT_EQ(0u, bp_shim_pool_collect(owner));
	bp_shim_pool_publish(sealer);
	EXPECT_EQ(1u, bp_shim_pool_away(owner));
	EXPECT_EQ(1u, bp_shim_pool_collect(owner));
	EXPECT_EQ(0u, bp_shim_pool_away(owner));
	EXPECT_EQ(BUFFERS, bp_shim_pool_nfree(owner));
	EXPECT_EQ(0u, bp_shim_pool_collect(owner));
}

TEST_F(PoolRing, EveryReturnerHasARingOfItsOwn)
{
	uint32_t one = lend(), two = lend();

	bp_shim_pool_return(sealer, one);
	bp_shim_pool_return(loop, two);
	bp_shim_pool_publish(loop);
	EXPECT_EQ(1u, bp_shim_pool_collect(owner));
	bp_shim_pool_publish(sealer);
	EXPECT_EQ(1u, bp_shim_pool_collect(owner));
}

TEST_F(PoolRing, GoesRoundManyTimes)
{
	for (unsigned lap = 0; lap < 1000; lap++) {
		unsigned n = 1 + lap % BUFFERS;

		for (unsigned i = 0; i < n; i++)
			bp_shim_pool_return(sealer, lend());
		bp_shim_pool_publish(sealer);
		ASSERT_EQ(n, bp_shim_pool_collect(owner));
	}
	EXPECT_EQ(BUFFERS, all().size());
}

TEST_F(PoolRing, LastInFirstOut)
{
	uint32_t buf = lend();

	bp_shim_pool_return(sealer, buf);
	bp_shim_pool_publish(sealer);
	(void)bp_shim_pool_collect(owner);
	EXPECT_EQ(buf, bp_shim_pool_alloc(owner)); // warm, and no new page
}

TEST_F(PoolRing, AnEmptyPoolIsRefilledByReturns)
{
	std::set<int64_t> taken = all();

	EXPECT_EQ(-1, bp_shim_pool_alloc(owner));
	for (int64_t buf : taken) {
		bp_shim_pool_hold(owner, (uint32_t)buf, SEALER, 1);
		bp_shim_pool_return(sealer, (uint32_t)buf);
	}
	bp_shim_pool_publish(sealer);
	EXPECT_EQ(BUFFERS, bp_shim_pool_collect(owner));
	EXPECT_EQ(taken, all());
}

TEST_F(PoolRing, AMadReturnOfWhatIsAtHomeIsLetGo)
{
	uint32_t buf = lend();

	bp_shim_pool_return(sealer, buf);
	bp_shim_pool_return(sealer, buf);
	bp_shim_pool_return(sealer, BUFFERS);
	bp_shim_pool_return(sealer, UINT32_MAX);
	bp_shim_pool_publish(sealer);
	EXPECT_EQ(1u, bp_shim_pool_collect(owner));
	EXPECT_EQ(BUFFERS, all().size());
}

TEST_F(PoolRing, AMadCountIsNotBelieved)
{
	uint32_t buf = lend();

	bp_shim_pool_return(sealer, buf);
	bp_shim_pool_lie(sealer, 4000000000);
	bp_shim_pool_publish(sealer);
	EXPECT_LE(bp_shim_pool_collect(owner), 1u);
	bp_shim_pool_return(sealer, buf); // and the ring works on
	bp_shim_pool_publish(sealer);
	(void)bp_shim_pool_collect(owner);
	EXPECT_EQ(BUFFERS, all().size());
}
