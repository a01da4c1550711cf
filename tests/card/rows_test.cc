// Table rows act at ACTIVATE, deletions at RETIRE, refused ones never.
#include <vector>

#include "card_fixture.h"

namespace
{
const uint8_t routes[3 * 32] = {};
} // namespace

TEST_F(Card, RowsActAtActivateInTheOrderTheyCame)
{
	fake_msg msg;

	ASSERT_EQ(fake_rows(chassis, msg_routes, 4, card_op_set, routes, 64),
		  0);
	ASSERT_EQ(fake_rows(chassis, msg_circuits, 4, card_op_set,
			    std::string(68, '\0').data(), 68),
		  0);
	ASSERT_EQ(fake_generation(chassis, msg_prepare, 4), 0);
	ASSERT_TRUE(fake_expect(chassis, msg_prepared, &msg));
	EXPECT_STREQ(card_shim_log(card), "");
	ASSERT_EQ(fake_activate(chassis, 4), 0);
	EXPECT_STREQ(card_shim_log(card), "S12:2 S10:1 A ");
}

TEST_F(Card, DeletionsWaitForRetire)
{
	uint64_t sent = 0;
	uint64_t received = 0;

	ASSERT_EQ(fake_rows(chassis, msg_routes, 5, card_op_delete, routes, 32),
		  0);
	ASSERT_EQ(fake_rows(chassis, msg_routes, 5, card_op_set, routes, 96),
		  0);
	ASSERT_EQ(fake_activate(chassis, 5), 0);
	EXPECT_STREQ(card_shim_log(card), "S12:3 A ");
	ASSERT_EQ(fake_generation(chassis, msg_retire, 5), 0);
	ASSERT_TRUE(fake_settled(chassis, &sent, &received));
	EXPECT_STREQ(card_shim_log(card), "S12:3 A D12:1 A ");
}

TEST_F(Card, DiscardForgetsWhatWasStaged)
{
	const std::vector<uint8_t> sa(fake_sa_octets());

	ASSERT_EQ(
	    fake_rows(chassis, msg_sas, 6, card_op_set, sa.data(), sa.size()),
	    0);
	ASSERT_EQ(fake_generation(chassis, msg_discard, 6), 0);
	ASSERT_EQ(fake_rows(chassis, msg_routes, 7, card_op_set, routes, 32),
		  0);
	ASSERT_EQ(fake_activate(chassis, 7), 0);
	EXPECT_STREQ(card_shim_log(card), "S12:1 A ");
}

TEST_F(Card, RefusesRowsWithoutAnOperationAtPrepare)
{
	ASSERT_EQ(fake_rows(chassis, msg_routes, 8, 9, routes, 32), 0);
	EXPECT_EQ(fake_activate(chassis, 8), -EINVAL);
	ASSERT_EQ(fake_generation(chassis, msg_discard, 8), 0);
	EXPECT_EQ(fake_activate(chassis, 9), 0);
}

TEST_F(Card, TellsThatTheRoleRefusedARow)
{
	card_shim_rows_fail(card, -ENOMEM);
	ASSERT_EQ(fake_rows(chassis, msg_routes, 3, card_op_set, routes, 32),
		  0);
	EXPECT_EQ(fake_activate(chassis, 3), -ENOMEM);
}

// What can not act is refused while nobody acts yet, and the next generation,
// which can, is not held responsible for it.
TEST_F(Card, RowsThatCanNotActAreRefusedAtPrepare)
{
	card_shim_rehearse_fails(card, -EINVAL);
	ASSERT_EQ(fake_rows(chassis, msg_routes, 3, card_op_set, routes, 32),
		  0);
	EXPECT_EQ(fake_activate(chassis, 3), -EINVAL);
	EXPECT_STREQ(card_shim_log(card), "");
	ASSERT_EQ(fake_generation(chassis, msg_discard, 3), 0);
	card_shim_rehearse_fails(card, 0);
	ASSERT_EQ(fake_rows(chassis, msg_routes, 4, card_op_set, routes, 64),
		  0);
	ASSERT_EQ(fake_activate(chassis, 4), 0);
	EXPECT_STREQ(card_shim_log(card), "S12:2 A ");
}
