/* Over tcp the run's key holder gets in and nobody else (RFC 26/CurveZMQ, RFC
 * 27/ZAP of the ZeroMQ community). */
#include <cerrno>

#include "bus_fixture.h"

class BusAdmission : public ::testing::Test
{
      protected:
	/* What a peer of another process, with those keys, gets across. */
	int received_from(int keys)
	{
		char from[33], text[8], at[160];
		int got;

		EXPECT_EQ(0, bus_shim_new(&ours, SHIM_TCP, "", 1));
		EXPECT_EQ(0, bus_shim_new(&theirs, SHIM_TCP, "", keys));
		EXPECT_EQ(0,
			  bus_shim_listen(ours, SHIM_ROUTER, "c", &near, at));
		EXPECT_EQ(
		    0, bus_shim_connect(theirs, SHIM_DEALER, at, "far", &far));
		EXPECT_EQ(
		    0, bus_shim_connect(ours, SHIM_DEALER, at, "ours", &mine));
		int sent = bus_shim_send(far, nullptr, "far", 3, false);
		/* A stranger may have been turned away already. */
		EXPECT_TRUE(sent == 0 || (keys != 1 && sent == -EAGAIN))
		    << sent;
		/* Ours comes second, so a stranger has had its time. */
		got = bus_shim_recv(near, from, text, 3,
				    keys == 1 ? WAIT_MS : 500, false);
		EXPECT_EQ(0, bus_shim_send(mine, nullptr, "ours!", 5, false));
		EXPECT_EQ(5,
			  bus_shim_recv(near, from, text, 5, WAIT_MS, false));
		bus_shim_close(&near);
		bus_shim_close(&far);
		bus_shim_close(&mine);
		bus_shim_free(&theirs);
		bus_shim_free(&ours);
		return got;
	}
	struct bus *ours = nullptr, *theirs = nullptr;
	struct bus_sock *near = nullptr, *far = nullptr, *mine = nullptr;
};

TEST_F(BusAdmission, AdmitsTheHolderOfTheKey)
{
	EXPECT_EQ(3, received_from(1));
}

TEST_F(BusAdmission, RefusesAPeerWithoutKeys)
{
	EXPECT_EQ(0, received_from(0));
}

TEST_F(BusAdmission, RefusesAPeerOfAnotherRun)
{
	EXPECT_EQ(0, received_from(2));
}
