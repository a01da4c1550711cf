// Packets through a card: order, fates by round, links that are not there, and
// neighbours that die.
#include "card_fixture.h"

TEST_F(Card, KeepsTheOrderOfALink)
{
	fake_pkt p;

	put(CARD_DEED_SEND, 700);
	for (unsigned i = 0; i < 700; i++) {
		ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &p));
		ASSERT_EQ(p.index, i);
		ASSERT_EQ(p.hop, 1U);
	}
}

TEST_F(Card, TellsTheFatesOfEachRound)
{
	put(CARD_DEED_END, 10, 1);
	put(CARD_DEED_DROP, 20, 2);
	put(CARD_DEED_END, 5, 0); // live: no round, told to nobody
	EXPECT_TRUE(fake_fates(chassis, 1, 10));
	EXPECT_TRUE(fake_fates(chassis, 2, 20));
	EXPECT_EQ(fake_dropped(chassis, fate_no_route), 20U);
}

TEST_F(Card, DropsWhereNoLinkLeads)
{
	put(CARD_DEED_NOWHERE, 3);
	EXPECT_TRUE(fake_fates(chassis, 1, 3));
	EXPECT_EQ(fake_dropped(chassis, fate_no_asp), 3U);
}

TEST_F(Card, AnswersAProbeWithWhatCameAndWent)
{
	uint64_t sent = 0;
	uint64_t received = 0;
	fake_pkt p;

	put(CARD_DEED_SEND, 300);
	for (unsigned i = 0; i < 300; i++)
		ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &p));
	put(CARD_DEED_END, 30);
	ASSERT_TRUE(fake_fates(chassis, 1, 30));
	ASSERT_TRUE(fake_settled(chassis, &sent, &received));
	EXPECT_EQ(sent, 300U);
	EXPECT_EQ(received, 330U);
}

TEST_F(Card, TakesWhatADeadNeighbourLeftAndSaysHowMuch)
{
	uint64_t packets = 0;

	put(CARD_DEED_END, 500, 1, FAKE_IPPA);
	fake_kill(chassis, FAKE_IPPA);
	ASSERT_EQ(card_shim_drain(card, card_shim_ippa_stage, &packets), 0);
	EXPECT_TRUE(fake_fates(chassis, 1, static_cast<uint32_t>(packets)));
	EXPECT_LE(packets, 500U);
}

TEST_F(Card, DropsWhatWasForADeadNeighbour)
{
	uint64_t packets = 0;

	fake_kill(chassis, FAKE_EPPA);
	ASSERT_EQ(card_shim_drain(card, fake_peer_stage(FAKE_EPPA), &packets),
		  0);
	EXPECT_EQ(packets, 0U);
	put(CARD_DEED_SEND, 4);
	EXPECT_TRUE(fake_fates(chassis, 1, 4));
	EXPECT_EQ(fake_dropped(chassis, fate_port_down), 4U);
}
