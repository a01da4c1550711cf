/* What is sent arrives, in order, over each transport, or there is an error. */
#include "bus_fixture.h"

class BusExchange : public ::testing::TestWithParam<int>
{
      protected:
	void SetUp() override
	{
		ASSERT_EQ(0, bus_shim_new(&bus, GetParam(), dir.path.c_str(),
					  GetParam() == SHIM_TCP ? 1 : 0));
	}
	void TearDown() override
	{
		bus_shim_close(&near);
		bus_shim_close(&far);
		bus_shim_free(&bus);
	}
	void open(int listener, int connector, const char *identity)
	{
		ASSERT_EQ(0, bus_shim_listen(bus, listener, "a", &near, at));
		ASSERT_EQ(0,
			  bus_shim_connect(bus, connector, at, identity, &far));
	}
	RunDir dir;
	struct bus *bus = nullptr;
	struct bus_sock *near = nullptr, *far = nullptr;
	char at[160], from[33];
};

TEST_P(BusExchange, KeepsOrderAndLosesNothing)
{
	uint32_t n = 0;

	open(SHIM_PULL, SHIM_PUSH, nullptr);
	for (uint32_t i = 0; i < 10000; i++)
		ASSERT_EQ(0, bus_shim_send(far, nullptr, &i, sizeof(i), false));
	for (uint32_t i = 0; i < 10000; i++) {
		ASSERT_EQ(4, bus_shim_recv(near, nullptr, &n, sizeof(n),
					   WAIT_MS, false));
		ASSERT_EQ(i, n);
	}
}

TEST_P(BusExchange, CarriesEmptyAndLargeMessages)
{
	std::string large(3 << 20, 'x'), got(3 << 20, ' ');

	open(SHIM_PULL, SHIM_PUSH, nullptr);
	ASSERT_EQ(
	    0, bus_shim_send(far, nullptr, large.data(), large.size(), false));
	ASSERT_EQ(0, bus_shim_send(far, nullptr, nullptr, 0, false));
	ASSERT_EQ((int)large.size(), bus_shim_recv(near, nullptr, got.data(),
						   got.size(), WAIT_MS, false));
	EXPECT_EQ(large, got);
	EXPECT_EQ(0, bus_shim_recv(near, nullptr, got.data(), got.size(),
				   WAIT_MS, false));
}

TEST_P(BusExchange, RouterSeesWhoSentAndAnswers)
{
	char text[8] = "";

	open(SHIM_ROUTER, SHIM_DEALER, "3/asp1");
	ASSERT_EQ(0, bus_shim_send(far, nullptr, "hello", 5, false));
	ASSERT_EQ(5, bus_shim_recv(near, from, text, 5, WAIT_MS, false));
	EXPECT_STREQ("3/asp1", from);
	ASSERT_EQ(0, bus_shim_send(near, from, "back", 4, false));
	EXPECT_EQ(4, bus_shim_recv(far, nullptr, text, 4, WAIT_MS, false));
}

TEST_P(BusExchange, SendingToAPeerThatNeverWasIsAnError)
{
	open(SHIM_ROUTER, SHIM_DEALER, "1/ippa");
	EXPECT_EQ(-EHOSTUNREACH, bus_shim_send(near, "2/ippa", "x", 1, false));
}

TEST_P(BusExchange, SendingToAPeerThatIsGoneIsAnError)
{
	char text[8];
	int error = 0;

	open(SHIM_ROUTER, SHIM_DEALER, "1/ippa");
	ASSERT_EQ(0, bus_shim_send(far, nullptr, "x", 1, false));
	ASSERT_EQ(1, bus_shim_recv(near, from, text, 1, WAIT_MS, false));
	bus_shim_close(&far);
	/* The end of the connection takes a moment to be seen. */
	for (int i = 0; i < WAIT_MS && error == 0; i++) {
		(void)bus_shim_recv(near, from, text, 1, 1, false);
		error = bus_shim_send(near, "1/ippa", "x", 1, false);
	}
	EXPECT_EQ(-EHOSTUNREACH, error);
}

TEST_P(BusExchange, ASuccessorTakesOverAnIdentity)
{
	struct bus_sock *next = nullptr;
	char text[8];

	open(SHIM_ROUTER, SHIM_DEALER, "1/ippa");
	ASSERT_EQ(0, bus_shim_send(far, nullptr, "a", 1, false));
	ASSERT_EQ(1, bus_shim_recv(near, from, text, 1, WAIT_MS, false));
	ASSERT_EQ(0, bus_shim_connect(bus, SHIM_DEALER, at, "1/ippa", &next));
	ASSERT_EQ(0, bus_shim_send(next, nullptr, "bb", 2, false));
	ASSERT_EQ(2, bus_shim_recv(near, from, text, 2, WAIT_MS, false));
	ASSERT_EQ(0, bus_shim_send(near, from, "ccc", 3, false));
	EXPECT_EQ(3, bus_shim_recv(next, nullptr, text, 3, WAIT_MS, false));
	bus_shim_close(&next);
}

INSTANTIATE_TEST_SUITE_P(Transports, BusExchange,
			 ::testing::Values(SHIM_IPC, SHIM_TCP, SHIM_INPROC));
