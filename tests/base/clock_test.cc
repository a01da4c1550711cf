// Time is a parameter, and a held clock never goes back.
#include <gtest/gtest.h>

#include "clock_shim.h"

TEST(Clock, HeldClockSaysWhatItWasGiven)
{
	clock_shim *c = clock_shim_held(5);

	EXPECT_EQ(clock_shim_now(c), 5U);
	clock_shim_advance(c, 9);
	EXPECT_EQ(clock_shim_now(c), 9U);
	clock_shim_free(c);
}

TEST(Clock, HeldClockIgnoresATimeBeforeThePresent)
{
	clock_shim *c = clock_shim_held(100);

	clock_shim_advance(c, 99);
	EXPECT_EQ(clock_shim_now(c), 100U);
	clock_shim_free(c);
}

TEST(Clock, MonotonicClockIsTheMachines)
{
	clock_shim *c = clock_shim_monotonic();
	uint64_t before = clock_shim_machine();
	uint64_t now = clock_shim_now(c);

	EXPECT_LE(before, now);
	EXPECT_LE(now, clock_shim_machine());
	clock_shim_free(c);
}
