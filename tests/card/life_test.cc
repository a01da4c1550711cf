// A card says hello, answers, survives bad messages and leaves when told.
#include "card_fixture.h"

TEST_F(Card, SaysHelloLinksAndLeavesWhenTold)
{
	EXPECT_EQ(card_shim_end(&card), 0);
}

TEST_F(Card, AnswersTheHeartbeat)
{
	const uint8_t none[4] = {};
	fake_msg msg;

	ASSERT_EQ(fake_send(chassis, msg_heartbeat, none, nullptr, 0), 0);
	EXPECT_TRUE(fake_expect(chassis, msg_alive, &msg));
}

TEST_F(Card, LivesOnAfterAMessageThatIsNotForIt)
{
	const uint8_t hello[12] = {};
	const uint8_t none[4] = {};
	fake_msg msg;

	ASSERT_EQ(fake_send_wrong(chassis, msg_hello, hello, sizeof(hello)), 0);
	ASSERT_EQ(fake_send(chassis, msg_heartbeat, none, nullptr, 0), 0);
	EXPECT_TRUE(fake_expect(chassis, msg_alive, &msg));
}

TEST_F(Card, AnswersCloseOnceWithTheRolesError)
{
	const uint8_t none[4] = {};
	fake_msg msg;

	card_shim_close_fails(card, "out.pcap: no space left");
	ASSERT_EQ(fake_send(chassis, msg_close, none, nullptr, 0), 0);
	ASSERT_TRUE(fake_expect(chassis, msg_closed, &msg));
	EXPECT_EQ(card_shim_error_of(&msg), static_cast<unsigned>(ENOSPC));
	EXPECT_STREQ(reinterpret_cast<char *>(msg.tail),
		     "out.pcap: no space left");
	EXPECT_EQ(fake_waiting(chassis, msg_closed), 0U);
}

TEST(CardIpc, RunsOverIpcAsOverInproc)
{
	card_shim *card = card_shim_new(FAKE_IPC);

	ASSERT_NE(card, nullptr);
	EXPECT_EQ(card_shim_end(&card), 0);
}
