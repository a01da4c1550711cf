/* Messages with keys are wiped when they are let go, at both ends. */
#include "bus_fixture.h"

class BusWipe : public ::testing::TestWithParam<int>
{
};

TEST_P(BusWipe, SentAndReceivedSecretsAreWiped)
{
	RunDir dir;
	struct bus *bus = nullptr;
	struct bus_sock *near = nullptr, *far = nullptr;
	std::string key(20000, 'k'), got(20000, ' ');
	unsigned before = bus_shim_wipes();
	char at[160];

	ASSERT_EQ(0, bus_shim_new(&bus, GetParam(), dir.path.c_str(), 0));
	ASSERT_EQ(0, bus_shim_listen(bus, SHIM_PULL, "a", &near, at));
	ASSERT_EQ(0, bus_shim_connect(bus, SHIM_PUSH, at, nullptr, &far));
	ASSERT_EQ(0, bus_shim_send(far, nullptr, key.data(), key.size(), true));
	ASSERT_EQ((int)key.size(), bus_shim_recv(near, nullptr, got.data(),
						 got.size(), WAIT_MS, true));
	EXPECT_EQ(key, got);
	bus_shim_close(&near);
	bus_shim_close(&far);
	bus_shim_free(&bus);
	EXPECT_EQ(before + 2, bus_shim_wipes());
	EXPECT_TRUE(bus_shim_wiped_clean());
}

TEST_P(BusWipe, AnUnsentSecretIsWiped)
{
	RunDir dir;
	struct bus *bus = nullptr;
	struct bus_sock *near = nullptr;
	std::string key(20000, 'k');
	unsigned before = bus_shim_wipes();
	char at[160];

	ASSERT_EQ(0, bus_shim_new(&bus, GetParam(), dir.path.c_str(), 0));
	ASSERT_EQ(0, bus_shim_listen(bus, SHIM_ROUTER, "a", &near, at));
	ASSERT_EQ(-EHOSTUNREACH,
		  bus_shim_send(near, "nobody", key.data(), key.size(), true));
	EXPECT_EQ(before + 1, bus_shim_wipes());
	EXPECT_TRUE(bus_shim_wiped_clean());
	bus_shim_close(&near);
	bus_shim_free(&bus);
}

INSTANTIATE_TEST_SUITE_P(Transports, BusWipe,
			 ::testing::Values(SHIM_IPC, SHIM_TCP, SHIM_INPROC));
