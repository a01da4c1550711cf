// IPv6 addresses, networks and routes, static neighbors, and routes between
// contexts: taken, printed in one form, and refused with the place.
#include "config_test.h"

class ConfigIpv6 : public Config
{
      protected:
	std::string in_interface(const std::string &line)
	{
		return wrong("context local\n interface lan\n  " + line + "\n");
	}
	std::string in_context(const std::string &line)
	{
		return wrong("context local\n interface lan\n " + line + "\n");
	}
	void refused(const std::string &got, const std::string &begin)
	{
		EXPECT_EQ(got.substr(0, begin.size()), begin) << got;
		EXPECT_NE(got.find("expected"), std::string::npos) << got;
	}
};

TEST_F(ConfigIpv6, PrintsEachAddressInOneForm) // RFC 5952 section 4
{
	EXPECT_EQ(wrong("service inter-context routing\n"
			"context red\n"
			"context local\n"
			" interface lan\n"
			"  ipv6 address FE80:0::0:A link-local\n"
			"  ipv6 address 2001:0DB8:0:0::0001/64\n"
			"  ipv6 address 2001:db8:1::1/64\n"
			"  ip arp 10.1.0.9 00:30:88:AB:00:11\n"
			"  ipv6 neighbor FE80::9 00:30:88:00:00:12\n"
			" ipv6 route 2001:DB8:20::/48 2001:db8::2\n"
			" ipv6 route 2001:DB8:9::/48 lan fe80:0::2 10\n"
			" ipv6 route ::/0 lan\n"
			" ipv6 route 2001:db8:ffff::/48 null0\n"
			" ipv6 route 2001:db8:eeee::/48 context red 5\n"
			" ip route 10.9.0.0/16 context red\n"),
		  "");
	std::string text = print(1);
	for (const char *line :
	     {"service inter-context routing\n",
	      "  ipv6 address fe80::a link-local\n",
	      "  ipv6 address 2001:db8::1/64\n"
	      "  ipv6 address 2001:db8:1::1/64\n",
	      "  ip arp 10.1.0.9 00:30:88:ab:00:11\n",
	      "  ipv6 neighbor fe80::9 00:30:88:00:00:12\n",
	      // By value: 9 stands before 20.
	      " ipv6 route ::/0 lan\n"
	      " ipv6 route 2001:db8:9::/48 lan fe80::2 10\n"
	      " ipv6 route 2001:db8:20::/48 2001:db8::2\n"
	      " ipv6 route 2001:db8:eeee::/48 context red 5\n"
	      " ipv6 route 2001:db8:ffff::/48 null0\n",
	      " ip route 10.9.0.0/16 context red\n"})
		EXPECT_NE(text.find(line), std::string::npos) << line << text;
	ASSERT_EQ(load(2, text), 0) << error();
	EXPECT_EQ(print(2), text);
}

TEST_F(ConfigIpv6, RefusesWhatIsNoAddressOfAnInterface)
{
	refused(in_interface("ipv6 address 2001:db8::1"),
		"3:27: the line ends too early");
	refused(in_interface("ipv6 address 2001:db8::g/64"),
		"3:16: \"2001:db8::g/64\" does not fit here; expected");
	refused(in_interface("ipv6 address 2001:db8::1/129"), "3:16: ");
	refused(in_interface("ipv6 address 10.1.0.1/16"), "3:16: ");
	refused(in_interface("ipv6 address ::1/128"),
		"3:16: the loopback address");
	refused(in_interface("ipv6 address ff02::1/64"),
		"3:16: a multicast address");
	refused(in_interface("ipv6 address fe80::1/64"),
		"3:16: a link-local address; expected ipv6 "
		"address ADDRESS link-local");
	refused(in_interface("ipv6 address 2001:db8::1 link-local"),
		"3:16: not in fe80::/64");
}

TEST_F(ConfigIpv6, RefusesWhatIsNoRoute)
{
	refused(in_context("ipv6 route 2001:db8::1/64 null0"), "3:13: ");
	refused(in_context("ipv6 route fe80::/64 null0"),
		"3:13: a link-local address");
	refused(in_context("ipv6 route 2001:db8::/32 fe80::1"),
		"3:27: a link-local address is of one link; "
		"expected the interface");
	refused(in_context("ipv6 route 2001:db8::/32 ff02::1"), "3:27: ");
	refused(in_context("ipv6 route 2001:db8::/32 wan"),
		"3:0: ipv6 route 2001:db8::/32 wan: there is no interface "
		"wan");
	refused(wrong("context local\n ipv6 route 2001:db8::/32 null0\n"
		      " ipv6 route 2001:db8::/32 2001:db8::1\n"),
		"3:0: ");
}

TEST_F(ConfigIpv6, RefusesNetworksOnTwoInterfaces)
{
	refused(wrong("context local\n interface a\n"
		      "  ipv6 address 2001:db8::1/32\n interface b\n"
		      "  ipv6 address 2001:db8:7::1/64\n"),
		"5:");
	EXPECT_EQ(wrong("context local\n interface a\n"
			"  ipv6 address 2001:db8::1/64\n"
			"  ipv6 address 2001:db8::2/64\n interface b\n"
			"  ipv6 address 2001:db8:0:1::1/64\n"
			"context red\n interface a\n"
			"  ipv6 address 2001:db8::1/64\n"),
		  "");
}

TEST_F(ConfigIpv6, RoutesBetweenContextsAreAskedFor)
{
	refused(wrong("context red\ncontext local\n"
		      " ip route 10.0.0.0/8 context red\n"),
		"3:");
	refused(wrong("service inter-context routing\ncontext local\n"
		      " ip route 10.0.0.0/8 context red\n"),
		"3:");
	refused(wrong("service inter-context routing\ncontext local\n"
		      " ipv6 route ::/0 context local\n"),
		"3:");
}

TEST_F(ConfigIpv6, RefusesStationsThatAreNone)
{
	refused(in_interface("ip arp 224.0.0.5 00:30:88:00:00:11"), "3:10: ");
	refused(in_interface("ip arp 10.1.0.9 01:30:88:00:00:11"), "3:19: ");
	refused(in_interface("ip arp 10.1.0.9 00:30:88:00:00"), "3:19: ");
	refused(in_interface("ip arp 10.1.0.9 00:00:00:00:00:00"), "3:19: ");
	refused(in_interface("ipv6 neighbor ff02::1 00:30:88:00:00:11"),
		"3:17: ");
}

TEST_F(ConfigIpv6, AnInterfaceMayNotBeNamedLikeAnAddress)
{
	refused(wrong("context local\n interface 2001:db8::1\n"), "2:");
	refused(wrong("context local\n interface context\n"), "2:");
}
