// The pump between two ends: what comes out is what went in, and whatever does
// not is counted by its cause.
#include <gtest/gtest.h>

#include <sys/socket.h>

#include <string>
#include <vector>

#include "pump_shim.h"

namespace
{

constexpr uint64_t MS = 1000000;

class Pump
{
      public:
	explicit Pump(shape_shim_conf conf = {}, int headers = 0, int timed = 0)
	    : shim(pump_shim_new(headers, timed, &conf))
	{
	}
	~Pump()
	{
		pump_shim_free(shim);
	}
	Pump(const Pump &) = delete;
	Pump &operator=(const Pump &) = delete;

	bool send(unsigned side, const std::string &frame)
	{
		return ::send(pump_shim_fd(shim, side), frame.data(),
			      frame.size(), MSG_DONTWAIT) ==
		       static_cast<ssize_t>(frame.size());
	}

	// "" when there is none now.
	std::string take(unsigned side)
	{
		std::string frame(10000, 0);
		ssize_t n = recv(pump_shim_fd(shim, side), frame.data(),
				 frame.size(), MSG_DONTWAIT);

		frame.resize(n > 0 ? static_cast<size_t>(n) : 0);
		return frame;
	}

	uint64_t count(unsigned side, const char *name) const
	{
		return pump_shim_count(shim, side, name);
	}

	// taken + duplicated = delivered and every loss, as link_count.h says.
	bool balanced(unsigned side) const
	{
		uint64_t went = 0;

		for (const char *name :
		     {"delivered", "lost", "too-long", "queue-full",
		      "link-down", "node-down", "receiver-full", "end-failed"})
			went += count(side, name);
		return count(side, "taken") + count(side, "duplicated") == went;
	}

	pump_shim *shim;
};

std::string
message(const std::string &frame, uint8_t trace, uint8_t time)
{
	std::string m(24, 0);

	m[0] = 0x53;
	m[1] = 0x57;
	m[2] = 1;
	m[3] = 24;
	m[4] = 1;
	m[5] = 1;
	m[15] = static_cast<char>(trace);
	m[16] = 0x18; // 2025
	m[23] = static_cast<char>(time);
	return m + frame;
}

} // namespace

TEST(Pump, BothDirectionsKeepOctetsAndOrder)
{
	Pump pump;

	for (int i = 0; i < 200; i++) {
		ASSERT_TRUE(pump.send(0, "there " + std::to_string(i)));
		ASSERT_TRUE(pump.send(1, "back " + std::to_string(i)));
	}
	while (pump_shim_run(pump.shim, 0))
		continue;
	for (int i = 0; i < 200; i++) {
		ASSERT_EQ(pump.take(1), "there " + std::to_string(i));
		ASSERT_EQ(pump.take(0), "back " + std::to_string(i));
	}
	EXPECT_EQ(pump.count(0, "taken"), 200u);
	EXPECT_EQ(pump.count(0, "delivered"), 200u);
	EXPECT_EQ(pump.count(0, "taken-octets"),
		  pump.count(0, "delivered-octets"));
	EXPECT_EQ(pump_shim_run(pump.shim, 0), 0); // and then it sleeps
}

TEST(Pump, AFullReceiverCostsItselfFramesAndNobodyTime)
{
	Pump pump;
	uint64_t sent = 0, got = 0;

	for (int turn = 0; turn < 100; turn++) {
		while (pump.send(0, std::string(1400, 'x')))
			sent++;
		while (pump_shim_run(pump.shim, 0))
			continue;
	}
	EXPECT_EQ(pump.count(0, "taken"), sent);
	EXPECT_GT(pump.count(0, "receiver-full"), 0u);
	EXPECT_TRUE(pump.balanced(0));
	while (!pump.take(1).empty())
		got++;
	EXPECT_EQ(got, pump.count(0, "delivered"));
}

TEST(Pump, DelayedFramesLeaveByTheTimer)
{
	shape_shim_conf conf = {};
	conf.delay_ns = 30 * MS;
	Pump pump(conf);

	ASSERT_TRUE(pump.send(0, "slow"));
	ASSERT_EQ(pump_shim_run(pump.shim, 5000), 1);
	EXPECT_EQ(pump.take(1), "");
	ASSERT_EQ(pump_shim_run(pump.shim, 5000), 1); // the timer, alone
	EXPECT_EQ(pump.take(1), "slow");
	EXPECT_TRUE(pump.balanced(0));
	EXPECT_EQ(pump_shim_run(pump.shim, 0), 0);
}

TEST(Pump, JourneysAndTimesGoOnWhereTheLabHasItsOwnClock)
{
	shape_shim_conf conf = {};
	conf.delay_ns = 5; // of the frame's time, whatever the machine's says
	Pump pump(conf, 1, 1);

	ASSERT_TRUE(pump.send(0, message("frame", 77, 10)));
	while (pump.count(0, "delivered") == 0)
		ASSERT_EQ(pump_shim_run(pump.shim, 5000), 1);
	EXPECT_EQ(pump.take(1), message("frame", 77, 15));
}

TEST(Pump, WhatIsNoMessageOfAWireIsCounted)
{
	Pump pump({}, 1);

	ASSERT_TRUE(pump.send(0, "a frame without its header, or less"));
	ASSERT_TRUE(pump.send(0, message("frame", 77, 10)));
	while (pump_shim_run(pump.shim, 0))
		continue;
	std::string got = pump.take(1);
	EXPECT_EQ(got.substr(24), "frame");
	EXPECT_EQ(got[15], 77);
	EXPECT_EQ(pump.count(0, "malformed"), 1u);
	EXPECT_EQ(pump.count(0, "taken"), 1u);
}

TEST(Pump, ANodeThatIsNotUpTakesNothing)
{
	Pump pump;

	pump_shim_node(pump.shim, 1, 0);
	ASSERT_TRUE(pump.send(0, "lost"));
	ASSERT_TRUE(pump.send(1, "its own last words arrive"));
	while (pump_shim_run(pump.shim, 0))
		continue;
	EXPECT_EQ(pump.take(1), "");
	EXPECT_EQ(pump.take(0), "its own last words arrive");
	EXPECT_EQ(pump.count(0, "node-down"), 1u);
	pump_shim_node(pump.shim, 1, 1);
	ASSERT_TRUE(pump.send(0, "here"));
	while (pump_shim_run(pump.shim, 0))
		continue;
	EXPECT_EQ(pump.take(1), "here");
	EXPECT_TRUE(pump.balanced(0));
}

TEST(Pump, PropertiesChangeWhileItRuns)
{
	Pump pump;
	shape_shim_conf down = {};
	down.down = 1;
	shape_shim_conf up = {};

	pump_shim_shape(pump.shim, 0, &down);
	ASSERT_TRUE(pump.send(0, "lost"));
	ASSERT_TRUE(pump.send(1, "the other way is open"));
	while (pump_shim_run(pump.shim, 0))
		continue;
	EXPECT_EQ(pump.take(1), "");
	EXPECT_EQ(pump.take(0), "the other way is open");
	EXPECT_EQ(pump.count(0, "link-down"), 1u);
	pump_shim_shape(pump.shim, 0, &up);
	ASSERT_TRUE(pump.send(0, "here"));
	while (pump_shim_run(pump.shim, 0))
		continue;
	EXPECT_EQ(pump.take(1), "here");
}

TEST(Pump, ATapSeesEveryFrameAtBothEnds)
{
	shape_shim_conf conf = {};
	conf.loss = 500000000;
	Pump pump(conf);
	unsigned seen[2] = {0, 0};

	pump_shim_tap(pump.shim, seen);
	for (int i = 0; i < 100; i++)
		ASSERT_TRUE(pump.send(0, "frame"));
	while (pump_shim_run(pump.shim, 0))
		continue;
	EXPECT_EQ(seen[0], 100u);
	EXPECT_EQ(seen[1], pump.count(0, "delivered"));
	EXPECT_EQ(seen[1] + pump.count(0, "lost"), 100u);
}
