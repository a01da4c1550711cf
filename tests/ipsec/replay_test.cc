// The anti-replay window.
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "replay_shim.h"

namespace
{

struct Replay {
	explicit Replay(unsigned window, bool esn = false, uint64_t top = 0)
	    : r(replay_shim_new(window, esn, top, &err))
	{
	}
	~Replay()
	{
		if (r != nullptr)
			replay_shim_free(r);
	}
	Replay(const Replay &) = delete;
	bool accept(uint64_t seq)
	{
		return replay_shim_accept(r, seq) != 0;
	}
	uint64_t check(uint32_t low)
	{
		return replay_shim_check(r, low);
	}
	int err = 0;
	replay_shim *r;
};

const uint64_t turn = UINT64_C(1) << 32;

} // namespace

TEST(EspReplay, RefusesWhatItAccepted) // RFC 4303 section 3.4.3
{
	Replay r(64);

	EXPECT_TRUE(r.accept(7));
	EXPECT_FALSE(r.accept(7));
	EXPECT_EQ(0u, r.check(7));
	EXPECT_EQ(8u, r.check(8));
}

TEST(EspReplay, RefusesNumberZero) // RFC 4303 section 2.2
{
	Replay r(64);

	EXPECT_EQ(0u, r.check(0));
	EXPECT_FALSE(r.accept(0));
}

TEST(EspReplay, AcceptsTheLeftEdgeAndNothingBeyond)
{
	for (unsigned window : {2u, 31u, 32u, 63u, 64u, 65u, 100u, 128u, 1000u,
				1024u, 4095u, 4096u}) {
		Replay r(window);

		EXPECT_TRUE(r.accept(10000)) << window;
		EXPECT_EQ(0u, r.check(10000 - window)) << window;
		EXPECT_FALSE(r.accept(10000 - window)) << window;
		EXPECT_EQ(10001 - window, r.check(10001 - window)) << window;
		EXPECT_TRUE(r.accept(10001 - window)) << window;
		EXPECT_FALSE(r.accept(10001 - window)) << window;
	}
}

TEST(EspReplay, CheckMovesNothing)
{
	Replay r(64);

	EXPECT_TRUE(r.accept(1));
	EXPECT_EQ(4000000000u, r.check(4000000000u));
	EXPECT_TRUE(r.accept(2));
}

TEST(EspReplay, ForgetsNothingAcrossLeapsOfEverySize)
{
	for (unsigned leap = 1; leap < 400; leap++) {
		Replay r(64);

		for (uint64_t seq = 1; seq < 200; seq++)
			ASSERT_TRUE(r.accept(seq));
		ASSERT_TRUE(r.accept(199 + leap));
		for (uint64_t seq = 1; seq < 200; seq++)
			ASSERT_FALSE(r.accept(seq)) << leap << " " << seq;
		for (uint64_t seq = 200; seq < 199 + leap; seq++)
			ASSERT_EQ(seq + 64 > 199 + leap, r.accept(seq))
			    << leap << " " << seq;
	}
}

TEST(EspReplay, AgreesWithASetOfNumbers)
{
	Replay r(128);
	std::set<uint64_t> seen;
	uint64_t top = 0, x = 88172645463325252u;

	for (unsigned i = 0; i < 100000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		uint64_t seq = top + 1 + x % 40 - (x >> 32) % 200;
		if (seq == 0 || seq > top + 1000)
			continue;
		bool fresh = seq + 128 > top && seen.count(seq) == 0;
		ASSERT_EQ(fresh, r.check(static_cast<uint32_t>(seq)) == seq);
		ASSERT_EQ(fresh, r.accept(seq)) << seq << " top " << top;
		if (fresh)
			seen.insert(seq);
		top = std::max(top, fresh ? seq : top);
	}
}

TEST(EspReplay, AcceptsEverythingWhenOff)
{
	Replay r(0);

	EXPECT_EQ(5u, r.check(5));
	EXPECT_TRUE(r.accept(5));
	EXPECT_TRUE(r.accept(5));
}

TEST(EspReplay, RefusesWindowsItCannotKeep)
{
	EXPECT_EQ(-EINVAL, Replay(4097).err);
	EXPECT_EQ(-EINVAL, Replay(0, true).err);
	EXPECT_EQ(0, Replay(4096).err);
}

TEST(EspReplay, TakesNumbersBelowAStartAsSeen)
{
	Replay r(64, false, 500);

	for (uint64_t seq = 1; seq <= 500; seq++)
		ASSERT_FALSE(r.accept(seq));
	EXPECT_TRUE(r.accept(501));
}

TEST(EspReplayEsn, InfersTheHighHalfAcrossATurn) // RFC 4303 appendix A2
{
	Replay r(64, true);

	EXPECT_TRUE(r.accept(turn - 2));
	EXPECT_EQ(turn - 1, r.check(0xffffffffu));
	EXPECT_EQ(turn, r.check(0));
	EXPECT_EQ(turn + 5, r.check(5));
	EXPECT_TRUE(r.accept(turn + 5));
	// Now the window spans the turn.
	EXPECT_EQ(turn - 1, r.check(0xffffffffu));
	EXPECT_EQ(0u, r.check(0xfffffffeu)); // seen
	EXPECT_EQ(turn + 6, r.check(6));
}

TEST(EspReplayEsn, TakesANumberLeftOfTheWindowAsTheNextTurns)
{
	Replay r(64, true);

	EXPECT_TRUE(r.accept(1000));
	EXPECT_EQ(turn + 900, r.check(900));
	EXPECT_EQ(937u, r.check(937));
}

TEST(EspReplayEsn, RefusesWhatLiesBeforeTheFirst)
{
	Replay r(64, true);

	EXPECT_EQ(0u, r.check(0xffffffffu));
	EXPECT_EQ(1u, r.check(1));
}

TEST(EspReplayEsn, NeverTurnsSixtyFourBits)
{
	Replay r(64, true, UINT64_MAX - 1);

	EXPECT_EQ(UINT64_MAX, r.check(0xffffffffu));
	EXPECT_EQ(0u, r.check(3));
}

// RFC 4303 appendix A2, read as arithmetic: of the two or three full numbers
// with that low half, the one in the window, else the next above it.
TEST(EspReplayEsn, InfersAsTheAppendixDoesForAnyWindow)
{
	for (unsigned window : {1u, 2u, 33u, 64u, 1000u, 4096u}) {
		for (int64_t top :
		     {-5000, -4095, -64, -2, -1, 0, 1, 63, 5000}) {
			uint64_t at = 3 * turn + static_cast<uint64_t>(top);
			Replay r(window, true, at);

			for (int64_t d = -6000; d < 6000; d += 7) {
				uint64_t seq = at + static_cast<uint64_t>(d);
				uint64_t want = seq;

				if (d <= 0 && d > -static_cast<int64_t>(window))
					want = 0; // in the window: seen
				else if (d <= 0)
					want = seq + turn; // left: next turn's
				ASSERT_EQ(want,
					  r.check(static_cast<uint32_t>(seq)))
				    << window << " " << top << " " << d;
			}
		}
	}
}
