// Bad input is refused as a whole, with the line, the column, and what would
// be right. Line numbers are those of kRouter.
#include "config_test.h"

class ConfigBadInput : public Config
{
      protected:
	// kRouter with from changed to to is refused with a sentence that
	// begins and ends so.
	void refused(const std::string &from, const std::string &to,
		     const std::string &begin,
		     const std::string &part = "expected")
	{
		std::string text = wrong(replaced(kRouter, from, to));
		EXPECT_EQ(text.substr(0, begin.size()), begin) << text;
		EXPECT_NE(text.find(part), std::string::npos) << text;
		EXPECT_NE(text.find("expected"), std::string::npos) << text;
		// Never a key in a sentence.
		EXPECT_EQ(text.find("00112233"), std::string::npos) << text;
	}
};

TEST_F(ConfigBadInput, UnknownWord)
{
	refused("ip address 10.1", "ip adress 10.1",
		"5:6: unknown word \"adress\"; expected access-group, address, "
		"arp, icmp or mtu");
}

TEST_F(ConfigBadInput, KeyOfTheWrongLength) // RFC 3602 section 2.2
{
	refused(
	    "8899aabbccddeeff authentication", "8899aabbccddee authentication",
	    "12:49: aes-128-cbc with a key of 15 octets; expected 16 octets");
	refused("10111213", "101112",
		"12:118: hmac-sha1-96 with a key of 19 octets; expected 20");
}

TEST_F(ConfigBadInput, SaltIsPartOfTheKey) // RFC 4106 section 8.1
{
	refused(
	    "ccddeeff01020304", "ccddeeff",
	    "14:49: aes-128-gcm with a key of 16 octets; expected 20 octets: "
	    "16 of key, then 4 of salt");
}

TEST_F(ConfigBadInput, SpiBelow256) // RFC 4303 section 2.1
{
	refused("0x1001", "255",
		"12:11: \"255\" does not fit here; expected an "
		"SPI from 256",
		"RFC 4303 section 2.1");
	refused("0x1001", "0", "12:11: ");
}

TEST_F(ConfigBadInput, TunnelNamesAnSaThatIsNotThere)
{
	refused("ipsec-sa out to-pe2", "ipsec-sa out to-pe3",
		"38:15: tunnel ipsec to-branch: there is no ipsec sa to-pe3 in "
		"context local");
}

TEST_F(ConfigBadInput, NullWithoutAuthentication) // RFC 4303 section 3.2
{
	refused("encryption aes-128-gcm key hex "
		"00112233445566778899aabbccddeeff01020304",
		"encryption null", "14:29: encryption null without");
	refused("encryption aes-128-gcm key hex "
		"00112233445566778899aabbccddeeff01020304",
		"encryption null authentication none",
		"14:49: encryption null");
}

TEST_F(ConfigBadInput, NullTakesNoKey) // RFC 2410 section 2.2
{
	refused("aes-128-cbc key hex 00112233445566778899aabbccddeeff",
		"null key hex 00", "12:42: null takes no key");
}

TEST_F(ConfigBadInput, AeadTakesNoAuthentication) // RFC 4106 section 4
{
	refused("ff01020304",
		"ff01020304 authentication hmac-md5-96 key ascii "
		"0123456789abcdef",
		"14:105: encryption aes-128-gcm authenticates too");
}

TEST_F(ConfigBadInput, CounterModeNeedsAuthentication) // RFC 3686 section 7
{
	refused("aes-128-gcm key", "aes-128-ctr key",
		"14:29: encryption aes-128-ctr without an authentication");
}

TEST_F(ConfigBadInput, KeyIsMissing)
{
	refused(
	    " key hex 00112233445566778899aabbccddeeff01020304", "",
	    "14:29: aes-128-gcm without a key; expected a key of 20 octets");
}

TEST_F(ConfigBadInput, KeyIsNoHex)
{
	refused(
	    "00112233445566778899aabbccddeeff auth",
	    "00112233445566778899aabbccddeexx auth",
	    "12:49: this secret does not fit; expected an even number of hex");
}

TEST_F(ConfigBadInput, PortOnACardThatIsNotConfigured)
{
	refused("port ethernet 1/1", "port ethernet 4/1",
		"21:15: port ethernet 4/1: no card is configured in slot 4; "
		"expected card TYPE 4");
}

TEST_F(ConfigBadInput, PortBeyondTheCard)
{
	refused(
	    "port ethernet 1/1", "port ethernet 1/11",
	    "21:15: port ethernet 1/11: card ge-10-port in slot 1 has no port "
	    "11; expected a port from 1 to 10");
	refused("port ethernet 1/1", "port ethernet 3/1",
		"21:15: port ethernet 3/1: card ase in slot 3 has no ports");
}

static const std::string kSecond =
    "tunnel ipsec two manual\n asp-group vpn-group\n"
    " peer-end-point local 192.0.2.1 remote 192.0.2.3\n"
    " ipsec-sa out to-pe3\n ipsec-sa in from-pe3\n no shutdown\n!\nend\n";
static const std::string kSecondSas =
    " ipsec sa to-pe3\n  esp spi 0x1002 encryption aes-128-gcm key hex "
    "00112233445566778899aabbccddeeff01020304\n"
    " ipsec sa from-pe3\n  esp spi 0x2002 encryption aes-128-gcm key hex "
    "00112233445566778899aabbccddeeff01020304\n security";

TEST_F(ConfigBadInput, TwoTunnelsWithOneInboundSpi) // RFC 4301 section 4.1
{
	std::string text = replaced(kRouter, "!\nend\n", kSecond);
	text = replaced(text, " security", kSecondSas);
	EXPECT_EQ(wrong(text), "");
	std::string error = wrong(replaced(text, "0x2002", "0x2001"));
	EXPECT_EQ(error.find("50:14: tunnel ipsec two: inbound SPI 0x2001 to "
			     "the same local address in context local is that "
			     "of tunnel ipsec to-branch already"),
		  0u)
	    << error;
	// Another destination, another SA.
	EXPECT_EQ(wrong(replaced(replaced(text, "0x2002", "0x2001"),
				 "local 192.0.2.1 remote 192.0.2.3",
				 "local 10.1.0.1 remote 192.0.2.3")),
		  "");
}

TEST_F(ConfigBadInput, AnSaUsedByTwoTunnels)
{
	std::string text = replaced(kRouter, "!\nend\n", kSecond);
	text = replaced(text, " security", kSecondSas);
	std::string error = wrong(replaced(text, "out to-pe3", "out to-pe2"));
	EXPECT_EQ(error.find("49:15: tunnel ipsec two: ipsec sa to-pe2 of "
			     "context local is used already, by tunnel ipsec "
			     "to-branch; expected an SA of its own"),
		  0u)
	    << error;
	refused("in from-pe2", "in to-pe2",
		"39:14: tunnel ipsec to-branch: ", "is used already");
}

TEST_F(ConfigBadInput, GroupThatCanNeverHaveAnAsp)
{
	refused(" pool crypto\n", "",
		"34:12: tunnel ipsec to-branch: not shut "
		"down, and asp group vpn-group can never "
		"have an ASP (it has no pool)");
	refused(" asp 3/1\n asp 3/2\n", "", "33:12: ", "its pool is empty");
	EXPECT_EQ(wrong(replaced(replaced(kRouter, " pool crypto\n", ""),
				 " no shutdown\n!\nend", " shutdown\nend")),
		  "");
}

TEST_F(ConfigBadInput, ReferencesToWhatIsNotThere)
{
	refused("interface lan local", "interface lxn local",
		"23:17: port ethernet 1/1: there is no interface lxn");
	refused("interface lan local", "interface lan red",
		"23:21: port ethernet 1/1: there is no context red");
	refused("pool crypto\n!", "pool crypt\n!",
		"32:7: asp group vpn-group: "
		"there is no asp pool crypt");
	refused(" asp-group vpn-group\n mode", " asp-group vpn\n mode",
		"35:12: tunnel ipsec to-branch: there is no asp group vpn");
	refused("/16 vpn", "/16 vpm", "10:", "there is no interface vpm");
	refused("asp 3/2", "asp 2/2", "30:6: asp ",
		"card ge-10-port in slot 2 has no "
		"ASP");
	refused("asp 3/2", "asp 4/2", "30:6: asp ", "expected card ase 4");
}

TEST_F(ConfigBadInput, InterfaceBoundTwice)
{
	refused(
	    "bind interface vpn", "bind interface lan",
	    "40:17: tunnel ipsec to-branch: interface lan of context local is "
	    "bound already, to port ethernet 1/1");
}

TEST_F(ConfigBadInput, NetworksOverlap)
{
	refused(
	    "10.255.0.1/30", "10.1.255.1/30",
	    "9:14: interface vpn: the network of interface vpn overlaps that "
	    "of interface lan");
}

TEST_F(ConfigBadInput, PvcWithoutEncapsulation)
{
	refused(" bind interface lan local\n",
		" dot1q pvc 100\n  bind interface lan local\n",
		"23:12: dot1q pvc 100: the port is not encapsulation dot1q");
	EXPECT_EQ(wrong(replaced(kRouter, " bind interface lan local\n",
				 " encapsulation dot1q\n dot1q pvc 100\n"
				 "  bind interface lan local\n")),
		  "");
	refused(
	    " bind interface lan local\n",
	    " encapsulation dot1q\n bind interface lan local\n",
	    "24:17: port ethernet 1/1: bound, and with encapsulation dot1q");
}

TEST_F(ConfigBadInput, WhatIsNotSupportedYetSaysSo)
{
	// The rest of IKE's rules: ike_test.cc.
	std::string ike =
	    " ipsec sa to-pe2\n"; // before which the policies stand
	auto keyed = [&](const std::string &kind) {
		std::string text = replaced(
		    kRouter, ike,
		    " ike proposal p\n ike policy p\n  seq 1 proposal p\n"
		    "  pre-shared-key ascii s\n ipsec proposal p\n"
		    " ipsec policy p\n  seq 1 proposal p\n" +
			ike);
		text = replaced(text, "to-branch manual", "to-branch" + kind);
		text =
		    replaced(text, " ipsec-sa out to-pe2\n", " ike-policy p\n");
		return wrong(replaced(text, " ipsec-sa in from-pe2\n",
				      " ipsec-policy p\n"));
	};
	EXPECT_EQ(std::string::npos, keyed("").find("not supported")); // IKE
	EXPECT_NE(std::string::npos,
		  keyed(" on-demand").find("on-demand tunnels are not"));
	refused(" pool crypto\n!", " pool crypto\n traffic-action bypass\n!",
		"33:17: asp group vpn-group: bypass would send in clear");
}

TEST_F(ConfigBadInput, OuterHeaders)
{
	auto line = [](const char *text) {
		return std::string(" mode circuit-based\n ") + text;
	};

	refused(" mode circuit-based", line("df set\n clear-df").c_str(),
		"37:5: tunnel ipsec to-branch: clear-df says otherwise");
	refused(" mode circuit-based", line("flow-label 7").c_str(),
		"37:13: tunnel ipsec to-branch: IPv4 has no flow label");
	refused(" mode circuit-based",
		line("ipsec-mode transport\n tfc-padding 128").c_str(),
		"38:14: tunnel ipsec to-branch: tfc-padding needs tunnel mode");
	refused(" mode circuit-based", line("tfc-padding 3").c_str(),
		"37:14:", "a number from 4 to 9216");
	refused(" mode circuit-based", line("ttl 0").c_str(),
		"37:6:", "a number from 1 to 255");
	refused("local 192.0.2.1 remote 192.0.2.2",
		"local 192.0.2.1 remote 2001:db8::2",
		"37:", "the end points are of two families, IPv4 and IPv6");
	refused("local 192.0.2.1 remote 192.0.2.2",
		"local 2001:db8::1 remote 2001:DB8:0::1",
		"37:", "both end points are the same");
	refused("local 192.0.2.1 remote 192.0.2.2", "local :: remote ::1",
		"37:", "an IP address such as");
}

TEST_F(ConfigBadInput, ReplayWindowsAndLifetimes)
{
	for (const char *line :
	     {"anti-replay-window 4097", "anti-replay-window 0",
	      "anti-replay-window on", "lifetime seconds 0",
	      "lifetime kilobytes 4294967296", "lifetime soft percent 101"})
		refused(
		    ("  esp spi 0x2001"),
		    (std::string("  ") + line + "\n  esp spi 0x2001").c_str(),
		    "14:", "expected");
	refused("  esp spi 0x2001",
		"  anti-replay-window off\n  extended-sequence-number\n"
		"  esp spi 0x2001",
		"15:3: ipsec sa from-pe2: extended sequence numbers without an "
		"anti-replay window can not be told apart");
}

TEST_F(ConfigBadInput, CardsAndSlots)
{
	refused("card ge-10-port 2", "card ge-10-port 1\ncard ase 1",
		"19:6: there is a \"card ge-10-port 1\" already; expected \"no "
		"card ge-10-port 1\" first");
	refused("card ase 3", "card ase 7",
		"19:10: card ase does not fit slot 7; expected a slot for line "
		"cards");
	refused(
	    "card ase 3", "card ase 15",
	    "19:10: \"15\" does not fit here; expected a number from 1 to 14");
}

TEST_F(ConfigBadInput, AllErrorsAreListedFirstOneFirst)
{
	std::string text = replaced(kRouter, "out to-pe2", "out to-pe9");
	text = replaced(text, "interface lan local", "interface lxn local");
	ASSERT_EQ(load(1, text), 0);
	ASSERT_EQ(config_shim_validate(s, 1), 2u);
	EXPECT_EQ(error(0).substr(0, 3), "23:");
	EXPECT_EQ(error(1).substr(0, 3), "38:");
}

TEST_F(ConfigBadInput, AnAspIsInOnePool)
{
	refused("asp group vpn-group\n",
		"asp pool more service security\n asp 3/2\n"
		"asp group vpn-group\n",
		"", "this ASP is in another pool already");
}

TEST_F(ConfigBadInput, RoutesOfOneNetworkAndDistance)
{
	refused(" ip route 10.2.0.0/16 vpn\n",
		" ip route 10.2.0.0/16 vpn\n ip route 10.2.0.0/16 192.0.2.9\n",
		"", "several paths are not supported yet");
	EXPECT_EQ(wrong(replaced(kRouter, " ip route 10.2.0.0/16 vpn\n",
				 " ip route 10.2.0.0/16 vpn\n"
				 " ip route 10.2.0.0/16 192.0.2.9 20\n")),
		  "");
}

TEST_F(ConfigBadInput, SecondaryWithoutPrimary)
{
	refused("ip address 10.1.0.1/16", "ip address 10.1.0.1/16 secondary",
		"5:", "has no primary address");
}
