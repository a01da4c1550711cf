/* The router at the other end, for `sesim compare`. */
#include <gtest/gtest.h>

#include <cerrno>
#include <sstream>

#include "conf_shim.h"
#include "temp_dir.h"

static const std::string pe1 =
    std::string(SE_SOURCE) + "/topologies/site-to-site/pe1.conf";

static std::string
mirror(const std::string &path, unsigned slot = 1)
{
	static char text[65536];
	char why[768] = "";
	int err =
	    conf_shim_mirror(path.c_str(), slot, 1, text, sizeof(text), why);

	return err == 0 ? std::string(text)
			: "refused " + std::to_string(err) + ": " + why;
}

static testing::AssertionResult
has(const std::string &text, const std::string &line)
{
	if (text.find(line) != std::string::npos)
		return testing::AssertionSuccess();
	return testing::AssertionFailure() << "no " << line << " in\n" << text;
}

static std::string
replaced(std::string text, const std::string &a, const std::string &b)
{
	size_t at = text.find(a);

	EXPECT_NE(at, std::string::npos) << a;
	return text.replace(at, a.size(), b);
}

TEST(Mirror, EndPointsAndSasChangePlaces)
{
	std::string m = mirror(pe1);

	EXPECT_TRUE(has(m, "peer-end-point local 192.0.2.2 remote 192.0.2.1"));
	EXPECT_TRUE(has(m, "ipsec-sa in to-pe2"));
	EXPECT_TRUE(has(m, "ipsec-sa out from-pe2"));
	EXPECT_TRUE(has(m, "ip address 192.0.2.2/24"));
	EXPECT_TRUE(has(m, "ip address 10.255.0.2/30"));
}

TEST(Mirror, NetworksBehindTheTunnelLieOnTheInputPort)
{
	std::string m = mirror(pe1);

	EXPECT_TRUE(has(m, "ip route 10.2.0.0/16 lan"));
	EXPECT_TRUE(has(m, "ip route 10.1.0.0/16 vpn"));
	EXPECT_EQ(m.find("10.1.0.1"), std::string::npos) << m;
	EXPECT_TRUE(has(m, "bind interface lan local"));
}

TEST(Mirror, ARouteThroughThePeerLeadsThroughThisEnd)
{
	TempDir dir;
	std::string path = dir.file(
	    "c", replaced(TempDir::read(pe1), " ip route 10.2.0.0/16 vpn\n",
			  " ip route 10.2.0.0/16 10.255.0.2\n"
			  " ip route 203.0.113.0/24 192.0.2.2\n"));
	std::string m = mirror(path);

	EXPECT_TRUE(has(m, "ip route 10.2.0.0/16 lan"));
	EXPECT_TRUE(has(m, "ip route 203.0.113.0/24 192.0.2.1"));
}

TEST(Mirror, Ipv6ChangesPlacesToo)
{
	TempDir dir;
	std::string text = TempDir::read(pe1);

	text = replaced(text, "  ip address 10.1.0.1/16\n",
			"  ip address 10.1.0.1/16\n"
			"  ipv6 address 2001:db8:1::1/64\n");
	text = replaced(text, "  ip address 192.0.2.1/24\n",
			"  ip address 192.0.2.1/24\n"
			"  ipv6 address 2001:db8::1/64\n");
	text = replaced(text, "  ip address 10.255.0.1/30\n",
			"  ip address 10.255.0.1/30\n"
			"  ipv6 address 2001:db8:255::1/64\n");
	text = replaced(text, " ip route 10.2.0.0/16 vpn\n",
			" ip route 10.2.0.0/16 vpn\n"
			" ipv6 route 2001:db8:2::/64 vpn\n"
			" ipv6 route 2001:db8:3::/64 2001:db8:255::2\n"
			" ipv6 route 2001:db8:4::/64 2001:db8::2\n");
	text = replaced(text, "local 192.0.2.1 remote 192.0.2.2",
			"local 2001:db8::1 remote 2001:db8::2");
	std::string m = mirror(dir.file("c", text));

	EXPECT_TRUE(
	    has(m, "peer-end-point local 2001:db8::2 remote 2001:db8::1"));
	EXPECT_TRUE(has(m, "ipv6 address 2001:db8::2/64"));
	EXPECT_EQ(m.find("2001:db8::1/64"), std::string::npos) << m;
	EXPECT_TRUE(has(m, "ipv6 address 2001:db8:255::2/64"));
	EXPECT_TRUE(has(m, "ipv6 route 2001:db8:2::/64 lan"));
	EXPECT_TRUE(has(m, "ipv6 route 2001:db8:3::/64 lan"));
	EXPECT_TRUE(has(m, "ipv6 route 2001:db8:4::/64 2001:db8::1"));
	EXPECT_TRUE(has(m, "ipv6 route 2001:db8:1::/64 vpn"));
	EXPECT_TRUE(has(m, "ip route 10.1.0.0/16 vpn"));
	EXPECT_EQ(m.find("2001:db8:1::1"), std::string::npos) << m;
}

TEST(Mirror, SaysThatTheInputIsTheSealedSide)
{
	EXPECT_TRUE(has(mirror(pe1, 2), "refused"));
	EXPECT_TRUE(has(mirror(pe1, 2), "clear side"));
}

TEST(Mirror, SaysThatThereIsNoTunnel)
{
	TempDir dir;

	EXPECT_TRUE(has(mirror(dir.file("c", "system hostname x\nend\n")),
			"it has no tunnel"));
}

TEST(Modes, ArePutOnEveryTunnel)
{
	EXPECT_EQ(conf_shim_mode(pe1.c_str(), 1), 1);
	EXPECT_EQ(conf_shim_mode(pe1.c_str(), 0), 1);
}

TEST(ConfigurationInMemory, LoadsAgainAndShowsNoKey)
{
	EXPECT_EQ(conf_shim_file(pe1.c_str(), "00112233445566778899aabbccdd"),
		  0);
}

TEST(Mirror, SelectorsAreTurned)
{
	TempDir dir;
	std::string m = mirror(dir.file(
	    "c",
	    replaced(
		replaced(TempDir::read(pe1), " ip route 10.2.0.0/16 vpn\n",
			 " ip route 10.2.0.0/16 vpn\n"
			 " ipsec access-list sites\n"
			 "  seq 10 permit tcp 10.1.0.0/16 port 1024-65535 "
			 "10.2.0.0/16 port 443 dscp 10\n"
			 "  seq 20 permit icmp any 10.2.0.0/16 icmp-type 8\n"),
		" bind interface vpn local\n",
		" bind interface vpn local\n ipsec-access-list sites\n")));

	EXPECT_TRUE(has(m, "seq 10 permit tcp 10.2.0.0/16 port 443 10.1.0.0/16 "
			   "port 1024-65535 dscp 10\n"));
	EXPECT_TRUE(has(m, "seq 20 permit icmp 10.2.0.0/16 any icmp-type 8\n"));
	EXPECT_TRUE(has(m, "ipsec-access-list sites\n"));
}
