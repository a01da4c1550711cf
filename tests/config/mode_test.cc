// Lines find their mode: the current one, else each enclosing one, innermost
// first.
#include "config_test.h"

class ConfigMode : public Config
{
      protected:
	void SetUp() override
	{
		config_shim_edit_begin(s, 0);
	}
	std::string prompt()
	{
		return config_shim_prompt(s);
	}
};

TEST_F(ConfigMode, PromptsAreThoseOfTheRouter)
{
	EXPECT_EQ(prompt(), "config");
	for (auto [line, word] :
	     {std::pair("context local", "config-ctx"),
	      {"interface a", "config-if"},
	      {"ipsec sa x", "config-ipsec-sa"},
	      {"card ase 3", "config-card"},
	      {"port ethernet 1/1", "config-port"},
	      {"dot1q pvc 7", "config-dot1q-pvc"},
	      {"asp pool p service security", "config-asp-pool"},
	      {"asp group g", "config-asp-group"},
	      {"tunnel ipsec t manual", "config-tunnel"}}) {
		EXPECT_EQ(edit(line), 0) << line << error();
		EXPECT_EQ(prompt(), word);
	}
}

TEST_F(ConfigMode, ALineLeavesTheModesItDoesNotBelongTo)
{
	ASSERT_EQ(edit("context local"), 0);
	ASSERT_EQ(edit("interface a"), 0);
	ASSERT_EQ(edit("ip route 10.0.0.0/8 192.0.2.2"), 0);
	EXPECT_EQ(prompt(), "config-ctx");
	ASSERT_EQ(edit("interface b"), 0);
	ASSERT_EQ(edit("system hostname x"), 0);
	EXPECT_EQ(prompt(), "config");
}

TEST_F(ConfigMode, InnermostModeWins)
{
	ASSERT_EQ(edit("port ethernet 1/1"), 0);
	ASSERT_EQ(edit("dot1q pvc 7"), 0);
	ASSERT_EQ(edit("description of the pvc"), 0);
	EXPECT_EQ(prompt(), "config-dot1q-pvc");
	ASSERT_EQ(edit("mtu 1400"), 0);
	EXPECT_EQ(prompt(), "config-port");
}

TEST_F(ConfigMode, ErrorIsThatOfTheFurthestMode)
{
	ASSERT_EQ(edit("context local"), 0);
	ASSERT_EQ(edit("interface a"), 0);
	// In the interface's mode `route` is wrong already; in the context's
	// the prefix is.
	EXPECT_EQ(edit("ip route 10.0.0.1/8 192.0.2.2"), -EINVAL);
	EXPECT_EQ(
	    error().substr(0, 60),
	    "0:10: \"10.0.0.1/8\" does not fit here; expected an IPv4 prefi");
	EXPECT_EQ(prompt(), "config-if") << "the mode stays";
}

TEST_F(ConfigMode, ExitAndEnd)
{
	ASSERT_EQ(edit("context local"), 0);
	ASSERT_EQ(edit("exit"), 0);
	EXPECT_EQ(prompt(), "config");
	ASSERT_EQ(edit("exit"), 0);
	EXPECT_EQ(outcome, 2);
	ASSERT_EQ(edit("context local"), 0);
	ASSERT_EQ(edit("end"), 0);
	EXPECT_EQ(outcome, 3);
}

TEST_F(ConfigMode, NoAndDefault)
{
	for (const char *line : {"port ethernet 1/1", "no shutdown", "mtu 9000",
				 "description a b", "bind interface x"})
		ASSERT_EQ(edit(line), 0) << error();
	config_shim_edit_take(s, 1);
	EXPECT_EQ(
	    print(1, SHIM_HIDDEN, 0, "port"),
	    "!\nport ethernet 1/1\n description a b\n no shutdown\n mtu 9000\n"
	    " bind interface x local\n");
	for (const char *line :
	     {"default shutdown", "no mtu", "no description", "no bind"})
		ASSERT_EQ(edit(line), 0) << error();
	config_shim_edit_take(s, 1);
	EXPECT_EQ(print(1, SHIM_HIDDEN, 0, "port"), "!\nport ethernet 1/1\n");
	ASSERT_EQ(edit("no port ethernet 1/1"), 0);
	EXPECT_EQ(prompt(), "config");
	EXPECT_EQ(edit("no port ethernet 1/1"), -EINVAL);
	EXPECT_NE(error().find("no such port to remove"), std::string::npos);
}

TEST_F(ConfigMode, SettingTheDefaultIsNotPrinted)
{
	ASSERT_EQ(edit("tunnel ipsec t manual"), 0);
	for (const char *line :
	     {"dscp 10", "dscp copy", "mode circ", "ip mtu 1400", "shutdown"})
		ASSERT_EQ(edit(line), 0) << error();
	config_shim_edit_take(s, 1);
	EXPECT_EQ(print(1, SHIM_HIDDEN, 0, "tunnel"),
		  "!\ntunnel ipsec t manual\n");
}

TEST_F(ConfigMode, DefaultRouteAndItsTargets)
{
	for (const char *line :
	     {"context local", "ip route 0.0.0.0/0 null0",
	      "ip route 0.0.0.0/0 192.0.2.2 5", "ip route 0.0.0.0/0 vpn"})
		ASSERT_EQ(edit(line), 0) << error();
	config_shim_edit_take(s, 1);
	EXPECT_EQ(config_shim_routes(s, 1), 3u);
	std::string text = print(1, SHIM_HIDDEN, 0, "context");
	EXPECT_NE(text.find(" ip route 0.0.0.0/0 null0\n"), std::string::npos)
	    << text;
	EXPECT_NE(text.find(" ip route 0.0.0.0/0 192.0.2.2 5\n"),
		  std::string::npos)
	    << text;
	ASSERT_EQ(edit("no ip route 0.0.0.0/0 192.0.2.2"), 0);
	config_shim_edit_take(s, 1);
	EXPECT_EQ(config_shim_routes(s, 1), 2u);
}
