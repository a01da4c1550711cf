/* A link takes frames of the stage and the epoch that it was opened for. */
#include "link_fixture.h"

class LinkEpoch : public Link
{
      protected:
	/* What b says to a frame that says it is from there. */
	int takes(unsigned from, uint32_t epoch)
	{
		const uint16_t len[2] = {40, 60};
		uint8_t frame[512];
		size_t n =
		    bp_shim_frame(from, epoch, len, 2, frame, sizeof(frame));
		struct bus_sock *raw = bp_shim_raw_open(bus, at);
		int got;

		EXPECT_EQ(0, bp_shim_raw_send(raw, frame, n));
		got = take();
		end(got);
		bp_shim_raw_close(&raw);
		return got;
	}
};

TEST_P(LinkEpoch, TakesTheAnnouncedEpoch)
{
	open(4, 4);
	EXPECT_EQ(2, takes(IPPA, 1));
	EXPECT_EQ(0u, bp_shim_bad(b));
}

TEST_P(LinkEpoch, RefusesAnotherEpochAndGoesOn)
{
	open(4, 4);
	EXPECT_EQ(-EBADMSG, takes(IPPA, 2));
	EXPECT_EQ(2u, bp_shim_bad(b)); // packets, not frames
	EXPECT_EQ(0u, bp_shim_received(b, IPPA));
	EXPECT_EQ(2, takes(IPPA, 1));
}

TEST_P(LinkEpoch, RefusesAnotherStage)
{
	open(4, 4);
	EXPECT_EQ(-EBADMSG, takes(ASP, 1));
	EXPECT_EQ(2u, bp_shim_bad(b));
}

TEST_P(LinkEpoch, RefusesWhatIsNoFrame)
{
	struct bus_sock *raw;

	open(4, 4);
	raw = bp_shim_raw_open(bus, at);
	ASSERT_EQ(0, bp_shim_raw_send(raw, "no frame", 8));
	ASSERT_EQ(0, bp_shim_raw_send(raw, nullptr, 0));
	EXPECT_EQ(-EBADMSG, take());
	EXPECT_EQ(-EBADMSG, take());
	EXPECT_EQ(2u, bp_shim_bad(b));
	EXPECT_EQ(4u, bp_shim_buffers_free(b));
	bp_shim_raw_close(&raw);
}

TEST_P(LinkEpoch, ASuccessorGetsAnEndpointOfItsOwn)
{
	std::string first;
	int n;

	open(8, 8);
	first = at;
	ASSERT_TRUE(put(1, 60));
	bp_shim_flush(a); // for the link that is closed now
	ASSERT_EQ(0, bp_shim_listen(b, IPPA, 2, at));
	EXPECT_NE(first, at);
	bp_shim_free(&a);
	a = bp_shim_new(bus, IPPA, 2, 8);
	ASSERT_EQ(0, bp_shim_connect(a, EPPA, at));
	ASSERT_TRUE(put(2, 60));
	bp_shim_flush(a);
	n = take();
	ASSERT_EQ(1, n);
	bool intact;
	EXPECT_EQ(2u, bp_shim_held(b, 0, &intact).index);
	end(n);
	EXPECT_EQ(0, bp_shim_take(b, IPPA));
	EXPECT_EQ(0u, bp_shim_bad(b));
}

TEST_P(LinkEpoch, PacketsPutBeforeALinkIsMadeAnewGoOverIt)
{
	open(8, 8);
	ASSERT_TRUE(put(5, 60));
	ASSERT_EQ(0, bp_shim_listen(b, IPPA, 1, at));
	ASSERT_EQ(0, bp_shim_connect(a, EPPA, at));
	bp_shim_flush(a);
	EXPECT_EQ(1, take());
	end(1);
}

INSTANTIATE_TEST_SUITE_P(Transports, LinkEpoch,
			 ::testing::Values(BP_SHIM_IPC, BP_SHIM_TCP,
					   BP_SHIM_INPROC));
