// Homings against a map, while tunnels come and go.
#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <random>
#include <tuple>

#include "homing_shim.h"

TEST(Homing, AgreesWithAMapWhileTunnelsComeAndGo)
{
	homing_shim *table = homing_shim_new();
	std::map<std::tuple<uint32_t, uint32_t, uint32_t>, uint32_t> map;
	std::mt19937 random(1);

	for (int i = 0; i < 50000; i++) {
		uint32_t context = random() % 3;
		uint32_t spi = 256 + random() % 100;
		uint32_t dst = random() % 4;

		if (random() % 5 < 3) {
			uint32_t circuit = 1 + random() % 65535;
			ASSERT_EQ(
			    homing_shim_set(table, context, spi, dst, circuit),
			    0);
			map[{context, spi, dst}] = circuit;
		} else {
			homing_shim_delete(table, context, spi, dst);
			map.erase({context, spi, dst});
		}
		spi = 256 + random() % 100;
		auto it = map.find({context, spi, dst});
		ASSERT_EQ(homing_shim_find(table, context, spi, dst),
			  it == map.end() ? 0 : it->second);
	}
	for (auto &[key, circuit] : map)
		EXPECT_EQ(homing_shim_find(table, std::get<0>(key),
					   std::get<1>(key), std::get<2>(key)),
			  circuit);
	homing_shim_free(table);
}

TEST(Homing, RefusesNoCircuit)
{
	homing_shim *table = homing_shim_new();

	EXPECT_EQ(homing_shim_set(table, 1, 256, 1, 0), -EINVAL);
	EXPECT_EQ(homing_shim_find(table, 1, 256, 1), 0u);
	homing_shim_delete(table, 1, 256, 1);
	homing_shim_free(table);
}
