// Journeys: the first packets that match, numbered by slot, told in sentences.
#include "card_fixture.h"

TEST_F(Card, TracesTheFirstPacketsOnly)
{
	fake_msg msg;
	unsigned trace = 0;
	unsigned hop = 0;

	ASSERT_EQ(card_shim_trace(card, 2, ""), 0);
	put(CARD_DEED_TRACE, 5);
	ASSERT_TRUE(fake_fates(chassis, 1, 5));
	for (unsigned n = 1; n <= 2; n++) {
		ASSERT_TRUE(fake_expect(chassis, msg_traced, &msg));
		card_shim_traced(&msg, &trace, &hop);
		EXPECT_EQ(trace, 27U << 15 | n);
		EXPECT_EQ(hop, 1U);
		EXPECT_STREQ(reinterpret_cast<char *>(msg.tail),
			     "picked, 40 octets");
	}
	EXPECT_EQ(fake_waiting(chassis, msg_traced), 0U);
}

TEST_F(Card, TracesNothingThatTheFilterRefuses)
{
	ASSERT_EQ(card_shim_trace(card, 9, "ip[39] == 3"), 0);
	put(CARD_DEED_TRACE, 8);
	ASSERT_TRUE(fake_fates(chassis, 1, 8));
	EXPECT_EQ(fake_waiting(chassis, msg_traced), 1U);
}

TEST_F(Card, RefusesAFilterThatDoesNotCompile)
{
	EXPECT_EQ(card_shim_trace(card, 1, "no such thing"), -EINVAL);
}

TEST_F(Card, SaysWhereATracedPacketWasDropped)
{
	fake_pkt p{};
	fake_msg msg;

	p.handle = CARD_DEED_DROP;
	p.trace = 77;
	p.round = 1;
	p.len = 40;
	fake_put(chassis, FAKE_IPPA, &p);
	fake_flush(chassis, FAKE_IPPA);
	ASSERT_TRUE(fake_expect(chassis, msg_traced, &msg));
	EXPECT_STREQ(reinterpret_cast<char *>(msg.tail),
		     "dropped, no-route: no route leads to the destination");
}
