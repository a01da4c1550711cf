/* By reference: descriptors cross, octets stay, buffers come home. */
#include <atomic>
#include <memory>
#include <thread>

#include "ref_fixture.h"

class RefExchange : public Link
{
      protected:
	void open_ref(uint32_t buffers)
	{
		memory = std::make_unique<Memory>(buffers);
		a = bp_shim_new_ref(bus, IPPA, 1, memory->offered());
		b = bp_shim_new_ref(bus, EPPA, 1, memory->offered());
		join();
	}
	void join()
	{
		ASSERT_NE(nullptr, a);
		ASSERT_NE(nullptr, b);
		ASSERT_EQ(0, bp_shim_listen(b, IPPA, 1, at));
		ASSERT_EQ(0, bp_shim_connect(a, EPPA, at));
	}
	/* What b says to a frame of one descriptor. */
	int takes(unsigned pool, uint32_t buf)
	{
		uint8_t frame[128];
		size_t n = bp_shim_frame_ref(IPPA, 1, pool, buf, 40, frame,
					     sizeof(frame));
		struct bus_sock *raw = bp_shim_raw_open(bus, at);
		int got;

		EXPECT_EQ(0, bp_shim_raw_send(raw, frame, n));
		got = take();
		bp_shim_raw_close(&raw);
		return got;
	}
	std::unique_ptr<Memory> memory;
};

TEST_P(RefExchange, LeavesTheOctetsWhereTheyAre)
{
	bool intact;
	int n;

	open_ref(4);
	ASSERT_EQ(0, bp_shim_listen(a, EPPA, 1, at));
	ASSERT_EQ(0, bp_shim_connect(b, IPPA, at));
	ASSERT_TRUE(put(1, 9238)); // a jumbo frame
	bp_shim_flush(a);
	ASSERT_EQ(1, take());
	(void)bp_shim_held(b, 0, &intact);
	EXPECT_TRUE(intact);
	EXPECT_EQ(3u, bp_shim_buffers_free(a)); // it is lent, not copied
	bp_shim_invert(b, 0);
	bp_shim_forward(b, 0, IPPA);
	bp_shim_flush(b);
	while ((n = bp_shim_take(a, EPPA)) == 0)
		ASSERT_TRUE(bp_shim_wait(a, WAIT_MS));
	ASSERT_EQ(1, n);
	(void)bp_shim_held(a, 0, &intact);
	EXPECT_FALSE(intact);
	bp_shim_invert(a, 0);
	(void)bp_shim_held(a, 0, &intact);
	EXPECT_TRUE(intact);
	bp_shim_end(a, 0); // at home: free at once
	EXPECT_EQ(4u, bp_shim_buffers_free(a));
	EXPECT_EQ(9238u, bp_shim_sent_octets(a, EPPA));
	EXPECT_EQ(9238u, bp_shim_received_octets(b, IPPA));
}

TEST_P(RefExchange, LosesNoneOfAHundredThousand)
{
	constexpr uint32_t packets = 100000;
	uint32_t put_n = 0, got_n = 0;
	bool intact;

	open_ref(700);
	while (got_n < packets) {
		bp_shim_collect(a);
		while (put_n < packets &&
		       put(put_n, (uint16_t)(put_n * 37 % 1500)))
			put_n++;
		bp_shim_flush(a);
		int n = take();
		ASSERT_GT(n, 0);
		for (int i = 0; i < n; i++) {
			auto p = bp_shim_held(b, (unsigned)i, &intact);
			ASSERT_EQ(got_n, p.index);
			ASSERT_TRUE(intact);
			got_n++;
		}
		end(n);
		bp_shim_flush(b);
	}
	bp_shim_collect(a);
	EXPECT_EQ(packets, bp_shim_received(b, IPPA));
	EXPECT_EQ(700u, bp_shim_buffers_free(a));
	EXPECT_EQ(0u, bp_shim_bad(b));
}

TEST_P(RefExchange, AnExhaustedPoolHoldsTheEdgeBackAndLosesNothing)
{
	open_ref(3);
	for (uint32_t i = 0; i < 3; i++)
		ASSERT_TRUE(put(i, 60));
	EXPECT_FALSE(put(3, 60)); // the port waits
	bp_shim_flush(a);
	bp_shim_collect(a);
	EXPECT_FALSE(put(3, 60));
	ASSERT_EQ(3, take());
	end(3);
	EXPECT_FALSE(put(3, 60));
	bp_shim_flush(b);
	bp_shim_collect(a);
	EXPECT_TRUE(put(3, 60));
}

TEST_P(RefExchange, RefusesABufferThatThePoolHasNot)
{
	open_ref(4);
	EXPECT_EQ(1, takes(IPPA, 3));
	EXPECT_EQ(-EBADMSG, takes(IPPA, 4));
	EXPECT_EQ(-EBADMSG, takes(IPPA, UINT32_MAX));
	EXPECT_EQ(2u, bp_shim_bad(b));
}

TEST_P(RefExchange, RefusesAPoolThatNobodyOffered)
{
	open_ref(4);
	EXPECT_EQ(-EBADMSG, takes(ASP, 0));
	EXPECT_EQ(-EBADMSG, takes(127, 0));
	EXPECT_EQ(2u, bp_shim_bad(b));
	EXPECT_EQ(1, takes(IPPA, 0)); // and the link goes on
}

TEST_P(RefExchange, RefusesOctetsInTheFrame)
{
	const uint16_t len = 40;
	uint8_t frame[512];
	struct bus_sock *raw;
	size_t n = bp_shim_frame(IPPA, 1, &len, 1, frame, sizeof(frame));

	open_ref(4);
	raw = bp_shim_raw_open(bus, at);
	ASSERT_EQ(0, bp_shim_raw_send(raw, frame, n));
	EXPECT_EQ(-EBADMSG, take());
	EXPECT_EQ(1u, bp_shim_bad(b));
	bp_shim_raw_close(&raw);
}

TEST_P(RefExchange, TakesTheFramesOfAMessageOneAfterTheOther)
{
	uint8_t message[256];
	struct bus_sock *raw;
	size_t n = 0;

	open_ref(8);
	for (uint32_t buf = 0; buf < 2; buf++)
		n += bp_shim_frame_ref(IPPA, 1, IPPA, buf, 40, message + n,
				       sizeof(message) - n);
	raw = bp_shim_raw_open(bus, at);
	ASSERT_EQ(0, bp_shim_raw_send(raw, message, n));
	EXPECT_EQ(1, take());
	EXPECT_TRUE(bp_shim_waiting(b)); // nobody would wake it for the second
	EXPECT_EQ(1, bp_shim_take(b, IPPA));
	EXPECT_FALSE(bp_shim_waiting(b));
	EXPECT_EQ(2u, bp_shim_received(b, IPPA));
	bp_shim_raw_close(&raw);
}

TEST_P(RefExchange, RefusesWhatIsNoFrameBehindAFrame)
{
	uint8_t message[256] = {};
	struct bus_sock *raw;
	size_t n;

	open_ref(8);
	n = bp_shim_frame_ref(IPPA, 1, IPPA, 0, 40, message, sizeof(message));
	raw = bp_shim_raw_open(bus, at);
	ASSERT_EQ(0, bp_shim_raw_send(raw, message, n + 5));
	EXPECT_EQ(1, take());
	EXPECT_EQ(-EBADMSG, bp_shim_take(b, IPPA));
	EXPECT_FALSE(bp_shim_waiting(b));
	bp_shim_raw_close(&raw);
}

TEST_P(RefExchange, ByValueRefusesDescriptorsAlone)
{
	open(4, 4);
	EXPECT_EQ(-EBADMSG, takes(IPPA, 0));
	EXPECT_EQ(1u, bp_shim_bad(b));
}

TEST_P(RefExchange, APoolMayBeOfferedLater)
{
	memory = std::make_unique<Memory>(4);
	a = bp_shim_new_ref(bus, IPPA, 1, memory->offered());
	b = bp_shim_new_ref(bus, EPPA, 1, memory->socket());
	join();
	ASSERT_TRUE(put(1, 60));
	memory->offer();
	bp_shim_flush(a);
	ASSERT_EQ(1, take());
	end(1);
}

TEST_P(RefExchange, ClosingGivesBackWhatWasNotSent)
{
	open_ref(4);
	ASSERT_TRUE(put(0, 60));
	EXPECT_EQ(1u, bp_shim_close_out(a, EPPA));
	EXPECT_EQ(4u, bp_shim_buffers_free(a));
}

TEST_P(RefExchange, AnOwnersSuccessorGoesOnWithAllBuffers)
{
	open_ref(8);
	for (uint32_t i = 0; i < 6; i++)
		ASSERT_TRUE(put(i, 60));
	bp_shim_flush(a);
	ASSERT_EQ(6, take()); // in b's hands
	ASSERT_TRUE(put(6, 60));
	ASSERT_TRUE(put(7, 60));
	bp_shim_flush(a); // on the link
	bp_shim_free(&a);
	end(6);
	bp_shim_close_in(b, IPPA);
	a = bp_shim_new_ref(bus, IPPA, 2, memory->offered());
	EXPECT_EQ(2u, bp_shim_reclaim(a, IPPA, 1));
	EXPECT_EQ(2u, bp_shim_buffers_free(a));
	bp_shim_flush(b);
	bp_shim_collect(a);
	EXPECT_EQ(8u, bp_shim_buffers_free(a));
}

/* Sender and receiver at once: what one writes the other reads. */
TEST_P(RefExchange, TwoThreadsShareAPoolOfAFewBuffers)
{
	constexpr uint32_t packets = 20000;
	std::atomic<bool> failed{false};
	struct bus *other;
	uint32_t put_n = 0;

	memory = std::make_unique<Memory>(5);
	other = bp_shim_bus_new(GetParam(), dir.path.c_str(), bus);
	a = bp_shim_new_ref(bus, IPPA, 1, memory->offered());
	b = bp_shim_new_ref(other, EPPA, 1, memory->offered());
	join();
	std::thread receiver([&] {
		uint32_t got_n = 0;
		bool intact;

		while (got_n < packets && !failed) {
			int n = take();

			for (int i = 0; i < n; i++) {
				auto p = bp_shim_held(b, (unsigned)i, &intact);
				failed = failed || !intact || p.index != got_n;
				got_n++;
			}
			failed = failed || n <= 0;
			end(n);
			bp_shim_flush(b);
		}
	});
	while (put_n < packets && !failed) {
		bp_shim_collect(a);
		while (put_n < packets && put(put_n, 100))
			put_n++;
		bp_shim_flush(a);
		std::this_thread::yield();
	}
	receiver.join();
	bp_shim_collect(a);
	EXPECT_FALSE(failed);
	EXPECT_EQ(5u, bp_shim_buffers_free(a));
	bp_shim_free(&b);
	bp_shim_bus_free(&other);
}

INSTANTIATE_TEST_SUITE_P(Transports, RefExchange,
			 ::testing::Values(BP_SHIM_IPC, BP_SHIM_INPROC));
