// Adjacencies by index.
#include <gtest/gtest.h>

#include <cerrno>

#include "adj_shim.h"

TEST(Adj, AnUnknownIdIsARowOfKindNone)
{
	adj_shim *table = adj_shim_new();

	EXPECT_EQ(adj_shim_get(table, 0), 0u);
	EXPECT_EQ(adj_shim_get(table, 0xffffffff), 0u);
	ASSERT_EQ(adj_shim_set(table, 1000, 3, 9), 0);
	EXPECT_EQ(adj_shim_get(table, 999), 0u);
	EXPECT_EQ(adj_shim_get(table, 1000), 3u << 24 | 9);
	EXPECT_EQ(adj_shim_get(table, 1001), 0u);
	adj_shim_free(table);
}

TEST(Adj, SetReplacesAndDeleteRemoves)
{
	adj_shim *table = adj_shim_new();

	ASSERT_EQ(adj_shim_set(table, 1, 3, 9), 0);
	ASSERT_EQ(adj_shim_set(table, 1, 5, 2), 0);
	EXPECT_EQ(adj_shim_get(table, 1), 5u << 24 | 2);
	adj_shim_delete(table, 1);
	adj_shim_delete(table, 70000);
	EXPECT_EQ(adj_shim_get(table, 1), 0u);
	adj_shim_free(table);
}

TEST(Adj, RefusesIdsThatNoRouteCanHold)
{
	adj_shim *table = adj_shim_new();

	EXPECT_EQ(adj_shim_set(table, 0, 3, 9), -EINVAL);
	EXPECT_EQ(adj_shim_set(table, 1u << 24, 3, 9), -EINVAL);
	adj_shim_free(table);
}
