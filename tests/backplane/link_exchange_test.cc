/* Packets cross a link whole, in order and without loss. */
#include <random>

#include "link_fixture.h"

using LinkExchange = Link;

TEST_P(LinkExchange, CarriesADescriptorAndItsOctets)
{
	struct bp_shim_pkt p = {}, got;
	bool intact;

	open(4, 4);
	p.time_ns = 0x1112131415161718;
	p.order_ns = 0x2122232425262728;
	p.index = 0x31323334;
	p.circuit_in = 0x41424344;
	p.circuit_out = 0x51525354;
	p.handle = 0x61626364;
	p.flags = 0x8182;
	p.off = 300;
	p.len = 9238;
	p.hop = 7;
	ASSERT_TRUE(bp_shim_put(a, EPPA, &p));
	bp_shim_flush(a);
	ASSERT_EQ(1, take());
	got = bp_shim_held(b, 0, &intact);
	EXPECT_TRUE(intact);
	EXPECT_EQ(p.time_ns, got.time_ns);
	EXPECT_EQ(p.order_ns, got.order_ns);
	EXPECT_EQ(p.index, got.index);
	EXPECT_EQ(p.circuit_in, got.circuit_in);
	EXPECT_EQ(p.circuit_out, got.circuit_out);
	EXPECT_EQ(p.handle, got.handle);
	EXPECT_EQ(p.flags, got.flags);
	EXPECT_EQ(p.off, got.off); // the headroom stays what it was
	EXPECT_EQ(p.len, got.len);
	EXPECT_EQ(p.hop, got.hop);
	end(1);
}

TEST_P(LinkExchange, LosesNoneOfAHundredThousandOfAnySize)
{
	constexpr uint32_t packets = 100000;
	std::mt19937 random(1);
	uint32_t put_n = 0, got_n = 0;
	bool intact;

	open(700, 500);
	while (got_n < packets) {
		while (put_n < packets &&
		       put(put_n, (uint16_t)(random() % 1500)))
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
	}
	EXPECT_EQ(packets, bp_shim_sent(a, EPPA));
	EXPECT_EQ(packets, bp_shim_received(b, IPPA));
	EXPECT_EQ(bp_shim_sent_octets(a, EPPA),
		  bp_shim_received_octets(b, IPPA));
	EXPECT_EQ(700u, bp_shim_buffers_free(a));
	EXPECT_EQ(500u, bp_shim_buffers_free(b));
	EXPECT_EQ(0u, bp_shim_bad(b));
}

TEST_P(LinkExchange, SendsAFullVectorByItselfAndTheRestWhenFlushed)
{
	open(300, 300);
	for (uint32_t i = 0; i < 257; i++)
		ASSERT_TRUE(put(i, 60));
	EXPECT_EQ(256u, bp_shim_sent(a, EPPA));
	EXPECT_EQ(299u, bp_shim_buffers_free(a));
	bp_shim_flush(a);
	EXPECT_EQ(257u, bp_shim_sent(a, EPPA));
	EXPECT_EQ(2u, bp_shim_sent_frames(a, EPPA));
	int n = take();
	EXPECT_EQ(256, n);
	end(n);
	n = take();
	EXPECT_EQ(1, n);
	end(n);
}

TEST_P(LinkExchange, WhatThePoolLacksBuffersForWaits)
{
	bool intact;

	open(10, 3);
	for (uint32_t i = 0; i < 10; i++)
		ASSERT_TRUE(put(i, 1000));
	bp_shim_flush(a);
	ASSERT_EQ(3, take());
	EXPECT_EQ(0, bp_shim_take(b, IPPA)); // no buffer left
	EXPECT_FALSE(bp_shim_waiting(b));
	EXPECT_FALSE(bp_shim_wait(b, 1)); // and nothing to wake up for
	bp_shim_end(b, 1);
	EXPECT_TRUE(bp_shim_waiting(b));
	ASSERT_EQ(1, bp_shim_take(b, IPPA));
	EXPECT_EQ(3u, bp_shim_held(b, 0, &intact).index);
	EXPECT_TRUE(intact);
	EXPECT_EQ(4u, bp_shim_received(b, IPPA));
}

TEST_P(LinkExchange, APoolOfOneBufferIsSlowAndNotStuck)
{
	uint32_t got_n = 0;
	bool intact;

	open(300, 1);
	for (uint32_t i = 0; i < 300; i++)
		ASSERT_TRUE(put(i, 100));
	bp_shim_flush(a);
	while (got_n < 300) {
		ASSERT_EQ(1, take());
		ASSERT_EQ(got_n++, bp_shim_held(b, 0, &intact).index);
		ASSERT_TRUE(intact);
		end(1);
	}
	EXPECT_EQ(300u, bp_shim_received(b, IPPA));
}

TEST_P(LinkExchange, ANewGenerationSendsWhatWasPutUnderTheOld)
{
	open(4, 4);
	ASSERT_TRUE(put(0, 60));
	bp_shim_set_generation(a, 2);
	EXPECT_EQ(1u, bp_shim_sent(a, EPPA));
	EXPECT_EQ(1, take());
	end(1);
}

TEST_P(LinkExchange, ClosingGivesBackWhatWasNotSent)
{
	open(4, 4);
	ASSERT_TRUE(put(0, 60));
	ASSERT_TRUE(put(1, 60));
	EXPECT_EQ(2u, bp_shim_close_out(a, EPPA));
	EXPECT_FALSE(bp_shim_connected(a, EPPA));
	EXPECT_EQ(4u, bp_shim_buffers_free(a));
	EXPECT_EQ(0u, bp_shim_sent(a, EPPA));
}

TEST_P(LinkExchange, NobodyListensToAStageThatIsNone)
{
	open(4, 4);
	EXPECT_EQ(-EINVAL, bp_shim_listen(b, 7, 1, at));
	EXPECT_EQ(-EINVAL, bp_shim_listen(b, 0xffff, 1, at));
	EXPECT_EQ(-EINVAL, bp_shim_connect(a, 120, at));
	EXPECT_EQ(0, bp_shim_take(b, EPPA));
}

INSTANTIATE_TEST_SUITE_P(Transports, LinkExchange,
			 ::testing::Values(BP_SHIM_IPC, BP_SHIM_TCP,
					   BP_SHIM_INPROC));
