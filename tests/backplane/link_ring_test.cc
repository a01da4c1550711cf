/*
 * Admission at the edge: three stages, each linked to both others, so that
 * packets go round both ways; pools hold what is in circulation and no more.
 * Nothing may lock up, and nothing may be lost.
 */
#include <atomic>
#include <cstring>
#include <thread>

#include "link_fixture.h"

constexpr unsigned STAGES[3] = {9, 17, 25};
constexpr unsigned LAPS = 4;

class LinkRing : public ::testing::TestWithParam<int>
{
      protected:
	struct Node {
		struct bus *bus = nullptr;
		struct bp_shim *bp = nullptr;
	};

	void SetUp() override
	{
		for (Node &n : node)
			n.bus = nullptr;
		node[0].bus =
		    bp_shim_bus_new(GetParam(), dir.path.c_str(), nullptr);
		for (unsigned i = 1; i < 3; i++)
			node[i].bus = bp_shim_bus_new(
			    GetParam(), dir.path.c_str(), node[0].bus);
	}
	void TearDown() override
	{
		for (Node &n : node)
			bp_shim_free(&n.bp);
		for (Node &n : node)
			bp_shim_bus_free(&n.bus);
	}
	void open(uint32_t buffers)
	{
		char at[160];

		for (unsigned i = 0; i < 3; i++)
			node[i].bp =
			    bp_shim_new(node[i].bus, STAGES[i], 1, buffers);
		for (unsigned i = 0; i < 3; i++) {
			for (unsigned d = 1; d < 3; d++) {
				unsigned j = (i + d) % 3;
				ASSERT_EQ(0, bp_shim_listen(node[j].bp,
							    STAGES[i], 1, at));
				ASSERT_EQ(0, bp_shim_connect(node[i].bp,
							     STAGES[j], at));
			}
		}
	}
	/* Takes all there is; packets that have gone their way end at node 0.
	 */
	unsigned pass(unsigned me)
	{
		struct bp_shim *bp = node[me].bp;
		unsigned ended = 0;
		bool intact;

		for (unsigned d = 1; d < 3; d++) {
			int n = bp_shim_take(bp, STAGES[(me + d) % 3]);

			if (n < 0)
				failed = true;
			for (int i = 0; i < n; i++) {
				auto p = bp_shim_held(bp, (unsigned)i, &intact);

				if (!intact)
					failed = true;
				if (me == 0 && p.hop >= 3 * LAPS) {
					bp_shim_end(bp, (unsigned)i);
					ended++;
				} else {
					bp_shim_forward(bp, (unsigned)i,
							next(me, p.index));
				}
			}
		}
		bp_shim_flush(bp);
		return ended;
	}
	static unsigned next(unsigned me, uint32_t index)
	{
		return STAGES[(me + 1 + index % 2) % 3];
	}
	void inside(unsigned me)
	{
		while (!done) {
			(void)pass(me);
			(void)bp_shim_wait(node[me].bp, 20);
		}
	}
	/* Admits while a buffer is free: what is out is at most the pools. */
	void edge(uint32_t packets, uint32_t circulating)
	{
		uint32_t admitted = 0, ended = 0;
		int idle = 0;

		while (ended < packets && !failed && idle < 100) {
			while (admitted < packets &&
			       admitted - ended < circulating) {
				struct bp_shim_pkt p = {};

				p.index = admitted;
				p.len = (uint16_t)(admitted * 37 % 1500);
				if (!bp_shim_put(node[0].bp, next(0, p.index),
						 &p))
					break;
				admitted++;
			}
			uint32_t before = ended;
			ended += pass(0);
			if (ended == before && !bp_shim_wait(node[0].bp, 200))
				idle++;
		}
		EXPECT_EQ(packets, ended);
		EXPECT_FALSE(failed);
		done = true;
	}
	void run(uint32_t buffers, uint32_t circulating, uint32_t packets)
	{
		open(buffers);
		std::thread one(&LinkRing::inside, this, 1);
		std::thread two(&LinkRing::inside, this, 2);

		edge(packets, circulating);
		one.join();
		two.join();
		for (Node &n : node) {
			EXPECT_EQ(buffers, bp_shim_buffers_free(n.bp));
			EXPECT_EQ(0u, bp_shim_bad(n.bp));
		}
	}
	RunDir dir;
	Node node[3];
	std::atomic<bool> done{false}, failed{false};
};

TEST_P(LinkRing, PoolsOfAFewBuffersDoNotLockUp)
{
	run(4, 4, 3000);
}

TEST_P(LinkRing, NorDoPoolsSmallerThanWhatCirculates)
{
	run(3, 12, 3000); // each stage's sends free its buffers at once
}

TEST_P(LinkRing, FullVectorsGoRound)
{
	run(1024, 1000, 30000);
}

INSTANTIATE_TEST_SUITE_P(Transports, LinkRing,
			 ::testing::Values(BP_SHIM_IPC, BP_SHIM_TCP,
					   BP_SHIM_INPROC));
