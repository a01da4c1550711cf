// Reading ahead, the port's clock, and the far ends.
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "port_shim.h"

namespace
{

class Port
{
      public:
	port_shim *shim;

	explicit Port(unsigned buffers = 16) : shim(port_shim_new(buffers))
	{
	}
	~Port()
	{
		port_shim_free(shim);
	}
	Port(const Port &) = delete;
	Port &operator=(const Port &) = delete;

	std::vector<port_shim_staged> take()
	{
		std::vector<port_shim_staged> all;
		port_shim_staged s;
		while (port_shim_first(shim, &s)) {
			all.push_back(s);
			port_shim_shift(shim);
		}
		return all;
	}
};

// A file name of its own, gone at the end.
struct File {
	std::string path =
	    testing::TempDir() + "port_test." + std::to_string(getpid()) + "." +
	    testing::UnitTest::GetInstance()->current_test_info()->name();

	~File()
	{
		unlink(path.c_str());
	}
};

} // namespace

TEST(Port, TheClockNeverGoesBackAndPacketsKeepTheirTime)
{
	Port port;
	for (uint64_t t : {50u, 40u, 60u, 10u})
		port_shim_frame(port.shim, t, 100);
	port_shim_receive(port.shim, 0);
	ASSERT_EQ(port_shim_fill(port.shim, 16), 0);
	auto all = port.take();
	ASSERT_EQ(all.size(), 4u);
	const uint64_t time[] = {50, 40, 60, 10};
	const uint64_t order[] = {50, 50, 60, 60};
	for (uint32_t i = 0; i < 4; i++) {
		EXPECT_EQ(all[i].time_ns, time[i]);
		EXPECT_EQ(all[i].order_ns, order[i]);
		EXPECT_EQ(all[i].index, i);
	}
}

TEST(Port, TheStageHoldsWhatItIsTold)
{
	Port port;
	for (uint64_t t = 1; t <= 7; t++)
		port_shim_frame(port.shim, t, 100);
	port_shim_receive(port.shim, 0);
	ASSERT_EQ(port_shim_fill(port.shim, 3), 0);
	EXPECT_EQ(port_shim_next_ns(port.shim), 1u);
	EXPECT_EQ(port_shim_limit_ns(port.shim), 3u);
	port_shim_shift(port.shim);
	ASSERT_EQ(port_shim_fill(port.shim, 5), 0); // the ring grows
	EXPECT_EQ(port_shim_limit_ns(port.shim), 6u);
	EXPECT_EQ(port.take().size(), 5u);
	EXPECT_FALSE(port_shim_ended(port.shim));
	ASSERT_EQ(port_shim_fill(port.shim, 5), 0);
	EXPECT_EQ(port_shim_next_ns(port.shim), 7u);
	EXPECT_EQ(port_shim_limit_ns(port.shim), PORT_SHIM_NO_TIME);
	EXPECT_EQ(port.take().size(), 1u);
	EXPECT_TRUE(port_shim_ended(port.shim));
}

TEST(Port, AnEmptyPoolStopsTheReaderAndLosesNothing)
{
	Port port(2);
	for (uint64_t t = 1; t <= 5; t++)
		port_shim_frame(port.shim, t, 100);
	port_shim_receive(port.shim, 0);
	uint32_t index = 0;
	while (!port_shim_ended(port.shim)) {
		ASSERT_EQ(port_shim_fill(port.shim, 5), 0);
		for (auto &s : port.take())
			EXPECT_EQ(s.index, index++);
	}
	EXPECT_EQ(index, 5u);
}

TEST(Port, AFrameBeyondABufferIsStagedWithoutOne)
{
	Port port(2);
	for (uint32_t len : {9238u, 9239u, 60u})
		port_shim_frame(port.shim, 1, len);
	port_shim_receive(port.shim, 0);
	ASSERT_EQ(port_shim_fill(port.shim, 3), 0);
	auto all = port.take();
	ASSERT_EQ(all.size(), 3u);
	EXPECT_FALSE(all[0].bare);
	EXPECT_EQ(all[0].len, 9238u);
	EXPECT_TRUE(all[1].bare);
	EXPECT_EQ(all[1].wire_len, 9239u);
	EXPECT_FALSE(all[2].bare);
}

TEST(Port, DamageIsToldAndWhatCameBeforeIsThere)
{
	Port port;
	port_shim_frame(port.shim, 1, 100);
	port_shim_receive(port.shim, -EBADMSG);
	ASSERT_EQ(port_shim_fill(port.shim, 4), 0);
	EXPECT_EQ(port_shim_error(port.shim), -EBADMSG);
	EXPECT_STREQ(port_shim_why(port.shim), "list: damaged");
	EXPECT_FALSE(port_shim_ended(port.shim));
	EXPECT_EQ(port.take().size(), 1u);
	EXPECT_TRUE(port_shim_ended(port.shim));
}

TEST(Port, WithoutFarEndsThereIsNothingToReceiveAndAllIsDiscarded)
{
	Port port;
	EXPECT_EQ(port_shim_fill(port.shim, 4), 0);
	EXPECT_TRUE(port_shim_ended(port.shim));
	EXPECT_EQ(port_shim_write(port.shim, 1, 1, 0, 1, 100), 0);
	EXPECT_EQ(port_shim_flush(port.shim, 1), 0);
	EXPECT_EQ(port_shim_close(port.shim), 0);
}

TEST(Port, AFileHasItsFramesInOrderOfArrival)
{
	for (int pcapng : {0, 1}) {
		File file;
		Port out;
		ASSERT_EQ(
		    port_shim_send_file(out.shim, file.path.c_str(), pcapng),
		    0);
		EXPECT_EQ(port_shim_write(out.shim, 2, 30, 3, 300, 60), 0);
		EXPECT_EQ(port_shim_write(out.shim, 1, 20, 2, 1, 61), 0);
		EXPECT_EQ(port_shim_write(out.shim, 1, 10, 1, 7, 62), 0);
		EXPECT_EQ(port_shim_flush(out.shim, 1), 0);
		EXPECT_EQ(port_shim_close(out.shim), 0);

		Port in;
		ASSERT_EQ(port_shim_receive_file(in.shim, file.path.c_str()),
			  0);
		ASSERT_EQ(port_shim_fill(in.shim, 8), 0);
		auto all = in.take();
		ASSERT_EQ(all.size(), 3u);
		const uint64_t time[] = {7, 1, 300};
		for (uint32_t i = 0; i < 3; i++) {
			EXPECT_EQ(all[i].time_ns, time[i]);
			EXPECT_EQ(all[i].len, 62 - i);
			EXPECT_EQ(all[i].octets[0], i + 1);
		}
	}
}

TEST(Port, AFullDiskIsTold)
{
	if (access("/dev/full", W_OK) != 0)
		GTEST_SKIP() << "no /dev/full here";
	Port port;
	ASSERT_EQ(port_shim_send_file(port.shim, "/dev/full", 0), 0);
	EXPECT_EQ(port_shim_write(port.shim, 1, 1, 0, 1, 100), 0);
	EXPECT_EQ(port_shim_flush(port.shim, 1), -ENOSPC);
	EXPECT_EQ(port_shim_write(port.shim, 2, 1, 0, 1, 100), -ENOSPC);
	EXPECT_EQ(port_shim_close(port.shim), -ENOSPC);
}

TEST(Port, FilesThatCanNotBeAreRefused)
{
	Port port;
	EXPECT_EQ(port_shim_receive_file(port.shim, "/nonexistent/in.pcap"),
		  -ENOENT);
	EXPECT_EQ(port_shim_receive_file(port.shim, "/dev/null"), -EBADMSG);
	EXPECT_EQ(port_shim_send_file(port.shim, "/nonexistent/out.pcap", 0),
		  -ENOENT);
}

// A wire of a lab, both ends in the test: closed at the end of a test.
class WireTest : public ::testing::TestWithParam<bool>
{
      protected:
	port_shim *shim = port_shim_new(4);
	int far = port_shim_wire(shim, GetParam());
	uint64_t trace = 0, time_ns = 0;
	const uint8_t *frame = nullptr;
	unsigned octets = 0;

	int read()
	{
		return port_shim_wire_read(shim, &trace, &time_ns, &frame,
					   &octets);
	}

	~WireTest() override
	{
		close(far);
		port_shim_free(shim);
	}
};

TEST_P(WireTest, WhatIsSentIsReadWithItsJourneyAndTime)
{
	uint8_t message[64];
	ssize_t n;

	ASSERT_EQ(port_shim_wire_write(shim, 77, 5000, 30), 0);
	n = recv(far, message, sizeof(message), MSG_DONTWAIT);
	ASSERT_EQ(n, GetParam() ? 54 : 30);
	ASSERT_EQ(send(far, message, static_cast<size_t>(n), 0), n);
	ASSERT_EQ(read(), 1);
	EXPECT_EQ(octets, 30u);
	EXPECT_EQ(frame[0], 0x5a);
	EXPECT_EQ(trace, GetParam() ? 77u : 0u);
	if (GetParam()) {
		EXPECT_EQ(time_ns, 5000u);
	} else {
		EXPECT_GT(time_ns, 1700000000000000000u);
	}
	EXPECT_EQ(read(), -EAGAIN);
}

TEST_P(WireTest, AMessageOfNoOctetsAndAClosedSocketAreTheEnd)
{
	ASSERT_EQ(send(far, "", 0, 0), 0);
	EXPECT_EQ(read(), 0);
	shutdown(far, SHUT_RDWR);
	EXPECT_EQ(read(), 0);
}

INSTANTIATE_TEST_SUITE_P(Wire, WireTest, ::testing::Bool());

TEST(Port, WhatHasNoHeaderOnALabsWireIsAFrameOfNoOctets)
{
	port_shim *shim = port_shim_new(4);
	int far = port_shim_wire(shim, 1);
	uint8_t horizon[24] = {0x53, 0x57, 1, 24, 2};
	uint64_t trace, time_ns;
	const uint8_t *frame;
	unsigned octets = 9;

	ASSERT_EQ(send(far, horizon, sizeof(horizon), 0), 24);
	ASSERT_EQ(send(far, "a bare frame, or nonsense at all", 32, 0), 32);
	ASSERT_EQ(port_shim_wire_read(shim, &trace, &time_ns, &frame, &octets),
		  1);
	EXPECT_EQ(octets, 0u); // and the horizon was no frame
	close(far);
	port_shim_free(shim);
}
