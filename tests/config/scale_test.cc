// Many objects: counted, not timed.
#include "config_test.h"

class ConfigScale : public Config
{
};

static std::string
router(unsigned tunnels)
{
	std::string text = "context local\n";
	for (unsigned i = 0; i < tunnels; i++) {
		std::string n = std::to_string(i);
		for (const char *way : {"in", "out"}) {
			text += " ipsec sa " + std::string(way) + n +
				"\n  esp spi " +
				std::to_string(1000 + 2 * i + (way[0] == 'o')) +
				" encryption aes-128-gcm key ascii "
				"0123456789abcdefsalt\n";
		}
	}
	text += "card ase 3\nasp pool p service security\n asp 3/1\n"
		"asp group g\n pool p\n";
	for (unsigned i = 0; i < tunnels; i++) {
		std::string n = std::to_string(i);
		text +=
		    "tunnel ipsec t" + n +
		    " manual\n asp-group g\n peer-end-point local 192.0.2.1 "
		    "remote 192.0.2.2\n ipsec-sa in in" +
		    n + "\n ipsec-sa out out" + n + "\n no shutdown\n";
	}
	return text;
}

TEST_F(ConfigScale, TenThousandTunnels)
{
	ASSERT_EQ(load(1, router(10000)), 0) << error();
	EXPECT_EQ(config_shim_tunnels(s, 1), 10000u);
	EXPECT_EQ(config_shim_sas(s, 1), 20000u);
	EXPECT_EQ(config_shim_validate(s, 1), 0u);
	apply(1, 2, {"tunnel ipsec t77", "ip mtu 1300"});
	EXPECT_EQ(taken(config_shim_diff(s, 1, 2)),
		  " tunnel ipsec t77\n+ ip mtu 1300\n");
	// Output begins at once.
	EXPECT_LT(config_shim_print_first(s, 1), 4096u);
	EXPECT_GT(config_shim_print_first(s, 1), 0u);
}

TEST_F(ConfigScale, ManyRoutes)
{
	std::string text = "context local\n interface vpn\n";
	for (unsigned i = 0; i < 100000; i++)
		text += " ip route 10." + std::to_string(i >> 14) + "." +
			std::to_string(i >> 6 & 255) + "." +
			std::to_string((i & 63) << 2) + "/30 vpn\n";
	ASSERT_EQ(load(1, text), 0) << error();
	EXPECT_EQ(config_shim_routes(s, 1), 100000u);
	EXPECT_EQ(config_shim_validate(s, 1), 0u);
}
