/* After a death the owner takes back what the dead one and its links held: all
 * of it, nothing else, each buffer once. */
#include "pool_fixture.h"

using PoolReclaim = SharedPool;

TEST_F(PoolReclaim, WhatTheDeadProcessHeld)
{
	(void)lend();
	(void)lend();
	EXPECT_EQ(2u, bp_shim_pool_reclaim(owner, SEALER, 1));
	EXPECT_EQ(0u, bp_shim_pool_reclaim(owner, SEALER, 1));
	EXPECT_EQ(BUFFERS, all().size());
}

TEST_F(PoolReclaim, WhatItsLinksHeldBothWays)
{
	bp_shim_pool_travel(loop, lend(), OWNER, 1, SEALER, 2);
	bp_shim_pool_travel(loop, lend(), SEALER, 2, LOOP, 1);
	bp_shim_pool_travel(loop, lend(), OWNER, 1, LOOP, 1); // not its own
	EXPECT_EQ(2u, bp_shim_pool_reclaim(owner, SEALER, 2));
	EXPECT_EQ(1u, bp_shim_pool_away(owner));
}

TEST_F(PoolReclaim, NothingOfASuccessor)
{
	(void)lend(2);
	bp_shim_pool_travel(loop, lend(), OWNER, 1, SEALER, 2);
	bp_shim_pool_travel(loop, lend(), SEALER, 2, OWNER, 1);
	EXPECT_EQ(0u, bp_shim_pool_reclaim(owner, SEALER, 1));
	EXPECT_EQ(3u, bp_shim_pool_reclaim(owner, SEALER, 2));
}

TEST_F(PoolReclaim, AlsoOfEarlierEpochs)
{
	(void)lend(1);
	(void)lend(2);
	EXPECT_EQ(2u, bp_shim_pool_reclaim(owner, SEALER, 3));
}

TEST_F(PoolReclaim, WhatItHadSentHomeComesOnce)
{
	uint32_t sent = lend();

	(void)lend();
	bp_shim_pool_return(sealer, sent);
	bp_shim_pool_publish(sealer);
	EXPECT_EQ(1u, bp_shim_pool_reclaim(owner, SEALER, 1)); // by its word
	EXPECT_EQ(0u, bp_shim_pool_collect(owner));
	EXPECT_EQ(BUFFERS, all().size());
}

TEST_F(PoolReclaim, WhatItWasAboutToSendHomeComesOnce)
{
	bp_shim_pool_return(sealer, lend()); // and dies before it publishes
	EXPECT_EQ(1u, bp_shim_pool_reclaim(owner, SEALER, 1));
	bp_shim_pool_free(&sealer);
	sealer = view(SEALER); // its successor
	bp_shim_pool_return(sealer, lend(2));
	bp_shim_pool_publish(sealer);
	EXPECT_EQ(1u, bp_shim_pool_collect(owner));
	EXPECT_EQ(BUFFERS, all().size());
}

TEST_F(PoolReclaim, ASuccessorsReturnsFollowThoseOfTheDead)
{
	bp_shim_pool_return(sealer, lend());
	bp_shim_pool_publish(sealer);
	bp_shim_pool_free(&sealer);
	sealer = view(SEALER);
	bp_shim_pool_return(sealer, lend(2));
	bp_shim_pool_publish(sealer);
	EXPECT_EQ(2u, bp_shim_pool_collect(owner));
	EXPECT_EQ(BUFFERS, all().size());
}

TEST_F(PoolReclaim, AnOwnersSuccessorHasWhatIsAtHome)
{
	uint32_t away = lend();

	(void)bp_shim_pool_alloc(owner); // in the owner's hands as it dies
	bp_shim_pool_free(&owner);
	owner = view(OWNER);
	EXPECT_EQ(BUFFERS - 1, bp_shim_pool_nfree(owner));
	bp_shim_pool_return(sealer, away);
	bp_shim_pool_publish(sealer);
	EXPECT_EQ(1u, bp_shim_pool_collect(owner));
	EXPECT_EQ(BUFFERS, all().size());
}

TEST_F(PoolReclaim, AnOwnersSuccessorTakesBackWhatItsLinksHeld)
{
	bp_shim_pool_travel(loop, lend(), OWNER, 1, SEALER, 1);
	bp_shim_pool_travel(loop, lend(), LOOP, 1, OWNER, 1);
	bp_shim_pool_free(&owner);
	owner = view(OWNER);
	EXPECT_EQ(BUFFERS - 2, bp_shim_pool_nfree(owner));
	EXPECT_EQ(2u, bp_shim_pool_reclaim(owner, OWNER, 1));
	EXPECT_EQ(BUFFERS, all().size());
}

TEST_F(PoolReclaim, AnOwnersSuccessorTakesReturnsOfItsAbsence)
{
	uint32_t away = lend();

	bp_shim_pool_free(&owner);
	bp_shim_pool_return(sealer, away);
	bp_shim_pool_publish(sealer);
	owner = view(OWNER);
	EXPECT_EQ(0u, bp_shim_pool_collect(owner));
	EXPECT_EQ(BUFFERS, all().size());
}
