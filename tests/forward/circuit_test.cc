// Circuits by index, and what a frame's port and VLAN lead to.
#include <gtest/gtest.h>

#include <cerrno>

#include "circuit_shim.h"

namespace
{

struct Table {
	circuit_shim *shim;

	explicit Table(unsigned home = 0) : shim(circuit_shim_new(home))
	{
	}
	~Table()
	{
		circuit_shim_free(shim);
	}
};

} // namespace

TEST(Circuit, PortAndVlanLeadToTheCircuit)
{
	Table t;

	ASSERT_EQ(circuit_shim_set(t.shim, 3, 1, 1, 0), 0);
	ASSERT_EQ(circuit_shim_set(t.shim, 4, 1, 1, 100), 0);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 1, 0), 3u);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 1, 100), 4u);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 1, 101), 0u);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 2, 0), 0u);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 1, 4096), 0u);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 256, 0), 0u);
}

TEST(Circuit, FramesDoNotFindCircuitsOfOtherCards)
{
	Table t(1);

	ASSERT_EQ(circuit_shim_set(t.shim, 3, 1, 1, 0), 0);
	ASSERT_EQ(circuit_shim_set(t.shim, 4, 2, 1, 0), 0);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 1, 0), 3u);
	EXPECT_TRUE(circuit_shim_known(t.shim, 4));
}

TEST(Circuit, DeleteFreesThePortUnlessAnotherTookIt)
{
	Table t;

	ASSERT_EQ(circuit_shim_set(t.shim, 3, 1, 1, 0), 0);
	ASSERT_EQ(circuit_shim_set(t.shim, 4, 1, 1, 0), 0);
	circuit_shim_delete(t.shim, 3);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 1, 0), 4u);
	circuit_shim_delete(t.shim, 4);
	circuit_shim_delete(t.shim, 4);
	circuit_shim_delete(t.shim, 60000);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 1, 0), 0u);
	EXPECT_FALSE(circuit_shim_known(t.shim, 4));
}

TEST(Circuit, AChangedVlanMovesTheCircuit)
{
	Table t;

	ASSERT_EQ(circuit_shim_set(t.shim, 3, 1, 1, 10), 0);
	ASSERT_EQ(circuit_shim_set(t.shim, 3, 1, 1, 11), 0);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 1, 10), 0u);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 1, 11), 3u);
}

TEST(Circuit, TunnelsTakeNoFrames)
{
	Table t;

	ASSERT_EQ(circuit_shim_set_tunnel(t.shim, 5), 0);
	EXPECT_TRUE(circuit_shim_known(t.shim, 5));
	EXPECT_EQ(circuit_shim_by_port(t.shim, 255, 0), 0u);
	EXPECT_EQ(circuit_shim_by_port(t.shim, 0, 0), 0u);
}

TEST(Circuit, RefusesIdsOutOfRange)
{
	Table t;

	EXPECT_EQ(circuit_shim_set_tunnel(t.shim, 0), -EINVAL);
	EXPECT_EQ(circuit_shim_set_tunnel(t.shim, 65536), -EINVAL);
	EXPECT_EQ(circuit_shim_set_tunnel(t.shim, 65535), 0);
}
