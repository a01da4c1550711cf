// The selectors of a packet (RFC 4301 sections 4.4.1.1 and 7).
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "ip_flow_shim.h"

namespace
{

using Octets = std::vector<uint8_t>;

// 192.0.2.1 to 198.51.100.2, DSCP 46, ECT(1); options: words of header beyond
// five.
Octets
ipv4(uint8_t protocol, const Octets &payload, unsigned fragment = 0,
     unsigned options = 0)
{
	Octets ip = {static_cast<uint8_t>(0x45 + options),
		     46 << 2 | 1,
		     0,
		     0,
		     0,
		     0,
		     static_cast<uint8_t>(fragment >> 8),
		     static_cast<uint8_t>(fragment),
		     64,
		     protocol,
		     0,
		     0,
		     192,
		     0,
		     2,
		     1,
		     198,
		     51,
		     100,
		     2};

	ip.insert(ip.end(), options * 4, 1);
	ip.insert(ip.end(), payload.begin(), payload.end());
	return ip;
}

// 2001:db8::1 to 2001:db8::2, traffic class 0xb8.
Octets
ipv6(uint8_t next, const Octets &payload)
{
	Octets ip(40);

	ip[0] = 0x6b;
	ip[1] = 0x80;
	ip[6] = next;
	ip[7] = 64;
	ip[8] = ip[24] = 0x20;
	ip[9] = ip[25] = 0x01;
	ip[10] = ip[26] = 0x0d;
	ip[11] = ip[27] = 0xb8;
	ip[23] = 1;
	ip[39] = 2;
	ip.insert(ip.end(), payload.begin(), payload.end());
	return ip;
}

const Octets udp = {0x13, 0x88, 0x00, 0x35, 0, 8, 0, 0};
const Octets tcp = {0x13, 0x88, 0x00, 0x50, 0, 0,    0, 0, 0, 0,
		    0,    0,    0x50, 0x12, 0, 0xff, 0, 0, 0, 0};

Octets
behind(const Octets &header, const Octets &rest)
{
	Octets all = header;

	all.insert(all.end(), rest.begin(), rest.end());
	return all;
}

// An IPv6 fragment header; offset in octets.
Octets
fragment(uint8_t next, unsigned offset, bool more)
{
	return {next,
		0,
		static_cast<uint8_t>(offset >> 8),
		static_cast<uint8_t>(offset | (more ? 1U : 0U)),
		0,
		0,
		0,
		7};
}

ip_flow_shim
parsed(const Octets &ip)
{
	ip_flow_shim f = {};

	EXPECT_EQ(
	    ip_flow_shim_parse(ip.data(), static_cast<unsigned>(ip.size()), &f),
	    0);
	return f;
}

int
refused(const Octets &ip)
{
	ip_flow_shim f;

	return ip_flow_shim_parse(ip.data(), static_cast<unsigned>(ip.size()),
				  &f);
}

} // namespace

TEST(IpFlow, ReadsIpv4WithPorts)
{
	const ip_flow_shim f = parsed(ipv4(17, udp));

	EXPECT_STREQ(f.src, "192.0.2.1");
	EXPECT_STREQ(f.dst, "198.51.100.2");
	EXPECT_EQ(f.family, 4u);
	EXPECT_EQ(f.protocol, 17u);
	EXPECT_EQ(f.tos, 46u << 2 | 1);
	EXPECT_EQ(f.src_port, 5000u);
	EXPECT_EQ(f.dst_port, 53u);
	EXPECT_EQ(f.payload, 20u);
	EXPECT_EQ(f.flags, static_cast<unsigned>(FLOW_PORTS));
}

TEST(IpFlow, LooksBehindIpv4Options)
{
	const ip_flow_shim f = parsed(ipv4(6, tcp, 0, 10));

	EXPECT_EQ(f.payload, 60u);
	EXPECT_EQ(f.dst_port, 80u);
	EXPECT_EQ(f.tcp_flags, 0x12u);
	EXPECT_EQ(f.flags, static_cast<unsigned>(FLOW_PORTS | FLOW_TCP_FLAGS));
}

TEST(IpFlow, TakesPortsFromAllProtocolsThatHaveThem)
{
	for (uint8_t protocol : {6, 17, 33, 132, 136})
		EXPECT_EQ(parsed(ipv4(protocol, tcp)).dst_port, 80u)
		    << static_cast<int>(protocol);
	for (uint8_t protocol : {0, 4, 47, 50, 51, 89})
		EXPECT_EQ(parsed(ipv4(protocol, tcp)).flags, 0u)
		    << static_cast<int>(protocol);
}

TEST(IpFlow, ReadsTypeAndCode)
{
	const ip_flow_shim icmp = parsed(ipv4(1, {3, 4, 0, 0}));
	const ip_flow_shim icmp6 = parsed(ipv6(58, {2, 0, 0, 0}));
	const ip_flow_shim mobility = parsed(ipv6(135, {59, 0, 5, 0}));

	EXPECT_EQ(icmp.type, 3u);
	EXPECT_EQ(icmp.code, 4u);
	EXPECT_EQ(icmp.flags, static_cast<unsigned>(FLOW_TYPE));
	EXPECT_EQ(icmp6.type, 2u);
	EXPECT_EQ(mobility.type, 5u); // RFC 6275 section 6.1.1
	EXPECT_EQ(mobility.flags, static_cast<unsigned>(FLOW_TYPE));
}

TEST(IpFlow, PortsOfLaterFragmentsAreOpaque) // RFC 4301 section 7
{
	const ip_flow_shim first = parsed(ipv4(17, udp, 0x2000));
	const ip_flow_shim later = parsed(ipv4(17, udp, 0x2001));
	const ip_flow_shim last = parsed(ipv4(1, {8, 0}, 0x0003));

	EXPECT_EQ(first.flags,
		  static_cast<unsigned>(FLOW_PORTS | FLOW_FRAGMENT));
	EXPECT_EQ(first.dst_port, 53u);
	EXPECT_EQ(later.flags,
		  static_cast<unsigned>(FLOW_FRAGMENT | FLOW_LATER));
	EXPECT_EQ(later.dst_port, 0u);
	EXPECT_EQ(later.protocol, 17u);
	EXPECT_EQ(last.flags,
		  static_cast<unsigned>(FLOW_FRAGMENT | FLOW_LATER));
	EXPECT_EQ(parsed(ipv4(17, udp, 0x4000)).flags, // don't fragment
		  static_cast<unsigned>(FLOW_PORTS));
}

TEST(IpFlow, SaysWhatATinyFirstFragmentHides) // RFC 1858 section 3
{
	const Octets three(tcp.begin(), tcp.begin() + 3);
	const Octets eight(tcp.begin(), tcp.begin() + 8);

	EXPECT_EQ(parsed(ipv4(6, three, 0x2000)).flags,
		  static_cast<unsigned>(FLOW_FRAGMENT | FLOW_SHORT));
	EXPECT_EQ(
	    parsed(ipv4(6, eight, 0x2000)).flags,
	    static_cast<unsigned>(FLOW_FRAGMENT | FLOW_PORTS | FLOW_SHORT));
	EXPECT_EQ(parsed(ipv4(1, {8})).flags,
		  static_cast<unsigned>(FLOW_SHORT));
	EXPECT_EQ(parsed(ipv4(17, {})).flags,
		  static_cast<unsigned>(FLOW_SHORT));
}

TEST(IpFlow, SkipsTheExtensionHeadersOfTheDefaultList) // RFC 4301, 4.4.1.1
{
	const Octets hop = {43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	const Octets routing = {60, 0, 0, 0, 0, 0, 0, 0};
	const Octets options = {17, 0, 1, 4, 0, 0, 0, 0};
	const ip_flow_shim f =
	    parsed(ipv6(0, behind(hop, behind(routing, behind(options, udp)))));

	EXPECT_STREQ(f.src, "2001:db8::1");
	EXPECT_STREQ(f.dst, "2001:db8::2");
	EXPECT_EQ(f.tos, 0xb8u);
	EXPECT_EQ(f.protocol, 17u);
	EXPECT_EQ(f.payload, 72u);
	EXPECT_EQ(f.dst_port, 53u);
}

TEST(IpFlow, AhAndEspAreNextLayers) // RFC 4301 section 4.4.1.1
{
	EXPECT_EQ(parsed(ipv6(51, {17, 4, 0, 0})).protocol, 51u);
	EXPECT_EQ(parsed(ipv6(50, {0, 0, 0, 1})).protocol, 50u);
	EXPECT_EQ(parsed(ipv6(59, {})).protocol, 59u);
}

TEST(IpFlow, FragmentsOfIpv6)
{
	const ip_flow_shim first =
	    parsed(ipv6(44, behind(fragment(17, 0, true), udp)));
	const ip_flow_shim later =
	    parsed(ipv6(44, behind(fragment(17, 8, true), udp)));
	const ip_flow_shim hidden =
	    parsed(ipv6(44, behind(fragment(60, 1400, false), udp)));
	const ip_flow_shim whole =
	    parsed(ipv6(44, behind(fragment(17, 0, false), udp)));

	EXPECT_EQ(first.flags,
		  static_cast<unsigned>(FLOW_PORTS | FLOW_FRAGMENT));
	EXPECT_EQ(later.flags,
		  static_cast<unsigned>(FLOW_FRAGMENT | FLOW_LATER));
	EXPECT_EQ(later.protocol, 17u);
	EXPECT_EQ(hidden.flags, static_cast<unsigned>(
				    FLOW_FRAGMENT | FLOW_LATER | FLOW_OPAQUE));
	EXPECT_EQ(hidden.protocol, 0u);
	EXPECT_EQ(whole.flags, // RFC 6946
		  static_cast<unsigned>(FLOW_PORTS));
}

TEST(IpFlow, RefusesWhatEndsWithinItsHeaders)
{
	const Octets good =
	    ipv6(0, behind({60, 0, 1, 4, 0, 0, 0, 0},
			   behind({44, 0, 1, 4, 0, 0, 0, 0},
				  behind(fragment(17, 0, false), udp))));

	EXPECT_EQ(parsed(good).dst_port, 53u);
	for (size_t n = 0; n < 64; n++)
		EXPECT_EQ(refused(Octets(good.begin(),
					 good.begin() + static_cast<long>(n))),
			  -EINVAL)
		    << n;
	EXPECT_EQ(refused(Octets(19, 0x45)), -EINVAL);
	EXPECT_EQ(refused(Octets(20, 0x46)), -EINVAL); // six words in five
	EXPECT_EQ(refused(Octets(40, 0x44)), -EINVAL);
	EXPECT_EQ(refused(Octets(40, 0x55)), -EINVAL);
	EXPECT_EQ(refused(ipv6(60, {17, 1, 1, 4, 0, 0, 0, 0})), -EINVAL);
}

TEST(IpFlow, RefusesAnEndlessChainOfHeaders)
{
	Octets chain;

	for (unsigned i = 0; i + 1 < FLOW_EXTENSIONS; i++)
		chain = behind(chain, {60, 0, 1, 4, 0, 0, 0, 0});
	chain = behind(chain, {17, 0, 1, 4, 0, 0, 0, 0});
	EXPECT_EQ(parsed(ipv6(60, behind(chain, udp))).dst_port, 53u);
	EXPECT_EQ(refused(ipv6(60, behind({60, 0, 1, 4, 0, 0, 0, 0},
					  behind(chain, udp)))),
		  -EINVAL);
}

// RFC 4301 section 6.2: ends and ports exchanged, of what is quoted.
TEST(IpFlow, TellsTheReturnTrafficOfWhatAnErrorQuotes)
{
	const Octets icmp = {11, 0, 0, 0, 0, 0, 0, 0};
	const Octets quoted = ipv4(17, udp);
	struct ip_flow_shim back;
	Octets error = ipv4(1, behind(icmp, quoted));

	ASSERT_EQ(ip_flow_shim_quoted(
		      error.data(), static_cast<unsigned>(error.size()), &back),
		  1);
	EXPECT_STREQ(back.src, "198.51.100.2");
	EXPECT_STREQ(back.dst, "192.0.2.1");
	EXPECT_EQ(back.protocol, 17u);
	EXPECT_EQ(back.src_port, parsed(quoted).dst_port);
	EXPECT_EQ(back.dst_port, parsed(quoted).src_port);
	// Cut behind the quoted IP header: no ports, but who it was.
	error.resize(error.size() - udp.size());
	ASSERT_EQ(ip_flow_shim_quoted(
		      error.data(), static_cast<unsigned>(error.size()), &back),
		  1);
	EXPECT_EQ(back.flags & FLOW_PORTS, 0u);
}

TEST(IpFlow, TellsItOfNothingElse)
{
	const Octets quoted = ipv4(17, udp);
	struct ip_flow_shim back;
	const std::vector<Octets> others = {
	    ipv4(17, udp),
	    ipv4(1, behind({8, 0, 0, 0, 0, 0, 0, 0}, quoted)), // echo
	    ipv4(1, behind({5, 0, 0, 0, 0, 0, 0, 0}, quoted)), // redirect
	    ipv4(1, {3, 1, 0, 0, 0, 0, 0, 0}),                 // no quote
	    ipv4(1, behind({3, 1, 0, 0, 0, 0, 0, 0}, {0x45, 0, 0})),
	    ipv4(1, behind({3, 1, 0, 0, 0, 0, 0, 0}, ipv6(17, udp))),
	    ipv4(1, behind({3, 1, 0, 0, 0, 0, 0, 0}, quoted), 0x2000),
	    ipv6(58, behind({128, 0, 0, 0, 0, 0, 0, 0}, ipv6(17, udp)))};

	for (const Octets &o : others)
		EXPECT_EQ(ip_flow_shim_quoted(
			      o.data(), static_cast<unsigned>(o.size()), &back),
			  0);
}
