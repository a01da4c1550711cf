// Selectors and selections: how they are written, what is refused, and what is
// told about overlaps (RFC 4301 section 4.4.1).
#include <vector>

#include "config_test.h"

namespace
{

// kRouter with more in context local, and in its tunnel.
std::string
router(const std::string &context, const std::string &tunnel = "")
{
	return replaced(replaced(kRouter, " security asp-group",
				 context + " security asp-group"),
			" bind interface vpn local\n",
			" bind interface vpn local\n" + tunnel);
}

const std::string kList = " ipsec access-list sites\n"
			  "  seq 10 permit ip 10.1.0.0/16 10.2.0.0/16\n";

class ConfigPolicy : public Config
{
      protected:
	// The warnings of a text that holds.
	std::vector<std::string> warnings(const std::string &text)
	{
		std::vector<std::string> all;

		EXPECT_EQ(wrong(text), "");
		for (unsigned i = 0, n = config_shim_warnings(s, 1); i < n; i++)
			all.push_back(error(i));
		return all;
	}

	void row_refused(const std::string &row, const std::string &part)
	{
		const std::string text =
		    wrong(router(" ipsec access-list sites\n  " + row + "\n"));

		EXPECT_NE(text.find(part), std::string::npos)
		    << row << ": " << text;
		EXPECT_NE(text.find("expected"), std::string::npos) << text;
	}
};

} // namespace

TEST_F(ConfigPolicy, EveryFormOfARowLoadsAndPrintsToItself)
{
	const char *rows[] = {
	    "seq 10 permit ip 10.1.0.0/16 10.2.0.0/16",
	    "seq 20 permit ip any any",
	    "seq 30 permit tcp 10.1.0.9-10.1.0.20 port 1024-65535 10.2.0.1 "
	    "port 443",
	    "seq 40 permit udp 10.1.0.0/16 port opaque any port opaque",
	    "seq 50 permit icmp any 10.2.0.0/16 icmp-type 3 icmp-code 0-4 "
	    "dscp 46",
	    "seq 60 permit icmpv6 2001:db8:1::/48 2001:db8:2::/48 icmp-type "
	    "128",
	    "seq 70 permit 253 10.1.0.1 10.2.0.1",
	    "seq 80 permit opaque any 2001:db8::/32",
	};
	std::string all = " ipsec access-list sites\n";

	for (const char *row : rows)
		all += "  " + std::string(row) + "\n";
	all += " ipsec access-list voice\n  description of calls\n"
	       "  seq 1 permit ip any any dscp 46\n"
	       " ipsec selection outside\n  description all of it\n"
	       "  seq 10 protect tunnel to-branch access-list sites\n"
	       "  seq 20 bypass access-list voice\n"
	       "  seq 30 discard access-list voice\n";
	ASSERT_EQ(load(1, router(all, " ipsec-access-list sites\n"
				      " clear-fallback route\n")),
		  0)
	    << error();
	const std::string text = print(1);

	for (const char *row : rows)
		EXPECT_NE(text.find("  " + std::string(row) + "\n"),
			  std::string::npos)
		    << row << "\n"
		    << text;
	for (const char *part :
	     {" ipsec selection outside\n  description all of it\n"
	      "  seq 10 protect tunnel to-branch access-list sites\n"
	      "  seq 20 bypass access-list voice\n"
	      "  seq 30 discard access-list voice\n",
	      " ipsec-access-list sites\n", " clear-fallback route\n"})
		EXPECT_NE(text.find(part), std::string::npos) << part << text;
	ASSERT_EQ(load(2, text), 0) << error();
	EXPECT_TRUE(config_shim_same(s, 1, 2));
}

TEST_F(ConfigPolicy, RowsThatSayNothingARouterCouldMatchAreRefused)
{
	row_refused("seq 10 permit ip 10.1.0.1/16 any", "no selector");
	row_refused("seq 10 permit ip 10.1.0.0/33 any", "no selector");
	row_refused("seq 10 permit ip 10.1.0.9-10.1.0.8 any", "no selector");
	row_refused("seq 10 permit ip 10.1.0.9-2001:db8::1 any", "no selector");
	row_refused("seq 10 permit ip nowhere any", "no selector");
	row_refused("seq 10 permit ip 10.1.0.0/16 2001:db8::/32", "families");
	row_refused("seq 10 permit ip any port 53 any", "without ports");
	row_refused("seq 10 permit esp any any port 53", "without ports");
	row_refused("seq 10 permit tcp any port 20-10 any", "range of ports");
	row_refused("seq 10 permit tcp any port 65536 any", "range of ports");
	row_refused("seq 10 permit tcp any any port +5", "range of ports");
	row_refused("seq 10 permit tcp any any icmp-type 8", "without one");
	row_refused("seq 10 permit icmp any any icmp-type 3 icmp-code 256",
		    "range of codes");
	row_refused("seq 10 permit ip any any dscp 64", "64");
	row_refused("seq 0 permit ip any any", "\"0\"");
}

TEST_F(ConfigPolicy, NamesThatDoNotExistAreRefused)
{
	EXPECT_NE(wrong(router("", " ipsec-access-list sites\n"))
		      .find("there is no ipsec access-list sites in context"),
		  std::string::npos);
	EXPECT_NE(wrong(router(" ipsec selection out\n"
			       "  seq 10 bypass access-list sites\n"))
		      .find("there is no ipsec access-list sites"),
		  std::string::npos);
	EXPECT_NE(wrong(router(kList +
			       " ipsec selection out\n"
			       "  seq 10 protect tunnel x access-list sites\n"))
		      .find("there is no tunnel ipsec x"),
		  std::string::npos);
	EXPECT_NE(wrong(replaced(router(kList), "  ip address 192.0.2.1/24\n",
				 "  ip address 192.0.2.1/24\n"
				 "  ipsec apply-selection out\n"))
		      .find("there is no ipsec selection out"),
		  std::string::npos);
}

TEST_F(ConfigPolicy, ASelectionStandsAtAPort)
{
	EXPECT_NE(wrong(replaced(router(" ipsec selection out\n"),
				 "  ip address 10.255.0.1/30\n",
				 "  ip address 10.255.0.1/30\n"
				 "  ipsec apply-selection out\n"))
		      .find("expected it on the interface of a port"),
		  std::string::npos);
}

TEST_F(ConfigPolicy, ASelectionThatNoInterfaceHasIsTold)
{
	const auto all = warnings(router(" ipsec selection out\n"));

	ASSERT_EQ(all.size(), 1u);
	EXPECT_NE(all[0].find("no interface has it"), std::string::npos)
	    << all[0];
}

namespace
{

// A selection at the outside, with these entries, in a router with list a, b
// and c.
std::string
selecting(const std::string &entries, const std::string &lists)
{
	return replaced(
	    router(lists + " ipsec selection out\n" + entries),
	    "  ip address 192.0.2.1/24\n",
	    "  ip address 192.0.2.1/24\n  ipsec apply-selection out\n");
}

std::string
list(const std::string &name, const std::string &row)
{
	return " ipsec access-list " + name + "\n  seq 5 permit " + row + "\n";
}

} // namespace

TEST_F(ConfigPolicy, AnEntryThatIsNeverReachedIsNamed)
{
	const auto all = warnings(
	    selecting("  seq 10 protect tunnel to-branch access-list a\n"
		      "  seq 20 bypass access-list b\n"
		      "  seq 30 discard access-list c\n",
		      list("a", "ip 10.1.0.0/16 10.2.0.0/16") +
			  list("b", "tcp 10.1.0.0/24 10.2.0.0/16 port 22") +
			  list("c", "ip any any")));

	ASSERT_EQ(all.size(), 1u);
	EXPECT_NE(all[0].find("seq 20"), std::string::npos) << all[0];
	EXPECT_NE(all[0].find("seq 5 of access list b is never reached: seq 5 "
			      "of a in entry 10"),
		  std::string::npos)
	    << all[0];
}

TEST_F(ConfigPolicy, TheUsualExceptionBeforeAWideEntryIsNotTold)
{
	EXPECT_TRUE(
	    warnings(
		selecting("  seq 10 bypass access-list b\n"
			  "  seq 20 protect tunnel to-branch access-list a\n",
			  list("a", "ip 10.1.0.0/16 10.2.0.0/16") +
			      list("b", "tcp 10.1.0.0/24 10.2.0.0/16 port 22")))
		.empty());
}

TEST_F(ConfigPolicy, TheSameSelectorsWithAnotherActionAreRefused)
{
	EXPECT_NE(wrong(selecting("  seq 10 bypass access-list a\n"
				  "  seq 20 discard access-list b\n",
				  list("a", "ip 10.1.0.0/16 10.2.0.0/16") +
				      list("b", "ip 10.1.0.0/16 "
						"10.2.0.0-10.2.255.255")))
		      .find("says the same as seq 5 of a in entry 10"),
		  std::string::npos);
}

namespace
{

// A second tunnel, with a list of its own.
std::string
second_tunnel(const std::string &lists, const std::string &name)
{
	std::string text =
	    router(lists + " interface vpn2\n  ip address 10.255.1.1/30\n"
			   " ipsec sa out2\n  esp spi 0x3001 encryption "
			   "aes-128-gcm key hex "
			   "00112233445566778899aabbccddeeff01020304\n"
			   " ipsec sa in2\n  esp spi 0x3002 encryption "
			   "aes-128-gcm key hex "
			   "00112233445566778899aabbccddeeff01020304\n",
		   " ipsec-access-list a\n");

	return replaced(text, "!\nend\n",
			"!\ntunnel ipsec second manual\n asp-group vpn-group\n"
			" peer-end-point local 192.0.2.1 remote 192.0.2.3 "
			"context local\n ipsec-sa out out2\n ipsec-sa in in2\n"
			" bind interface vpn2 local\n ipsec-access-list " +
			    name + "\n no shutdown\n!\nend\n");
}

} // namespace

TEST_F(ConfigPolicy, TwoTunnelsThatOverlapAreTold)
{
	const auto all = warnings(
	    second_tunnel(list("a", "ip 10.1.0.0/16 10.2.0.0/16") +
			      list("b", "ip 10.1.0.0/16 10.2.128.0/17"),
			  "b"));

	ASSERT_EQ(all.size(), 1u);
	EXPECT_NE(all[0].find("tunnel ipsec second: seq 5 of access list b "
			      "overlaps seq 5 of a, which tunnel to-branch "
			      "has"),
		  std::string::npos)
	    << all[0];
	EXPECT_TRUE(
	    warnings(second_tunnel(list("a", "ip 10.1.0.0/16 10.2.0.0/16") +
				       list("b", "ip 10.1.0.0/16 10.3.0.0/16"),
				   "b"))
		.empty());
}

TEST_F(ConfigPolicy, TwoTunnelsWithTheSameSelectorsAreRefused)
{
	EXPECT_NE(
	    wrong(second_tunnel(list("a", "ip 10.1.0.0/16 10.2.0.0/16"), "a"))
		.find("says the same as seq 5 of a, which tunnel to-branch"),
	    std::string::npos);
}

TEST_F(ConfigPolicy, ATunnelIsChosenByOneSelection)
{
	const std::string entry =
	    "  seq 10 protect tunnel to-branch access-list sites\n";

	EXPECT_NE(wrong(router(kList + " ipsec selection a\n" + entry +
			       " ipsec selection b\n" + entry))
		      .find("tunnel to-branch is chosen by selection a"),
		  std::string::npos);
}
