/* Messages between chassis, card and client arrive as they were sent. */
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "ctl_shim.h"

constexpr unsigned HELLO = 1, ROUTES = 12, SAS = 14, HEARTBEAT = 60,
		   REQUEST = 70, REPLY = 71;

class CtlExchange : public ::testing::Test
{
      protected:
	void open(const char *identity)
	{
		shim = ctl_shim_new(identity);
		ASSERT_NE(nullptr, shim);
	}
	void TearDown() override
	{
		ctl_shim_free(&shim);
	}
	struct ctl_shim *shim = nullptr;
	struct ctl_shim_in in = {};
};

TEST_F(CtlExchange, ACardSaysHelloAndGetsItsTables)
{
	std::vector<uint8_t> sas(296 * 3, 0x5a), routes(32 * 50000, 0x33);

	open("1/ippa");
	ASSERT_EQ(0, ctl_shim_to_chassis(shim, 9, HELLO, nullptr, 0));
	ASSERT_EQ(1, ctl_shim_at_chassis(shim, &in));
	EXPECT_EQ(HELLO, in.type);
	EXPECT_EQ(9u, in.from);
	EXPECT_STREQ("1/ippa", in.peer);
	ASSERT_EQ(
	    0, ctl_shim_from_chassis(shim, SAS, sas.data(), sas.size(), false));
	ASSERT_EQ(0, ctl_shim_from_chassis(shim, ROUTES, routes.data(),
					   routes.size(), false));
	ASSERT_EQ(1, ctl_shim_at_peer(shim, CTL_SHIM_CARD, &in));
	EXPECT_EQ(SAS, in.type);
	EXPECT_EQ(3u, in.tail_items);
	EXPECT_EQ(0x5a, in.first_tail_octet);
	ASSERT_EQ(1, ctl_shim_at_peer(shim, CTL_SHIM_CARD, &in));
	EXPECT_EQ(50000u, in.tail_items);
}

TEST_F(CtlExchange, AClientAsksAndIsAnswered)
{
	open(nullptr);
	ASSERT_EQ(0, ctl_shim_to_chassis(shim, 0xffff, REQUEST, "{}", 2));
	ASSERT_EQ(1, ctl_shim_at_chassis(shim, &in));
	EXPECT_EQ(2u, in.tail_octets);
	ASSERT_EQ(0, ctl_shim_from_chassis(shim, REPLY, "[]", 2, false));
	EXPECT_EQ(1, ctl_shim_at_peer(shim, CTL_SHIM_CLIENT, &in));
	EXPECT_EQ('[', in.first_tail_octet);
}

TEST_F(CtlExchange, AMessageForAPeerThatIsGoneIsAnError)
{
	open("1/ippa");
	EXPECT_EQ(-EHOSTUNREACH,
		  ctl_shim_from_chassis(shim, HEARTBEAT, nullptr, 0, true));
}

TEST_F(CtlExchange, WhatIsRefusedIsLetGoAndTheNextIsTaken)
{
	open("1/ippa");
	ASSERT_EQ(0, ctl_shim_raw_to_chassis(shim, "SC", 2));
	ASSERT_EQ(0, ctl_shim_raw_to_chassis(shim, nullptr, 0));
	ASSERT_EQ(0, ctl_shim_to_chassis(shim, 0xffff, REQUEST, "{}", 2));
	EXPECT_EQ(-EBADMSG, ctl_shim_at_chassis(shim, &in));
	EXPECT_EQ(-EBADMSG, ctl_shim_at_chassis(shim, &in));
	EXPECT_EQ(1, ctl_shim_at_chassis(shim, &in));
}

TEST_F(CtlExchange, AMessageToTheWrongPartyIsRefused)
{
	open("1/ippa");
	ASSERT_EQ(0, ctl_shim_to_chassis(shim, 9, HELLO, nullptr, 0));
	ASSERT_EQ(1, ctl_shim_at_chassis(shim, &in));
	ASSERT_EQ(0, ctl_shim_from_chassis(shim, REPLY, nullptr, 0, false));
	EXPECT_EQ(-EPERM, ctl_shim_at_peer(shim, CTL_SHIM_CARD, &in));
}
