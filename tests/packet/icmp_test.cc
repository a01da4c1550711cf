/* What the router says about packets, and how it reads what others say. */
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "icmp_shim.h"

using Octets = std::vector<uint8_t>;

/* RFC 1071, in its plainest form: a judge beside packet/ip_cksum.c. */
static unsigned
sum(const Octets &o, size_t from, size_t to, unsigned start = 0)
{
	unsigned long s = start;

	for (size_t i = from; i < to; i += 2)
		s += o[i] << 8 | (i + 1 < to ? o[i + 1] : 0);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (unsigned)s;
}

static Octets
ipv4(unsigned protocol, const Octets &payload, uint32_t src = 0x0a000005,
     uint32_t dst = 0xc0000207, unsigned fragment = 0, unsigned options = 0)
{
	Octets o(20 + options, 1);
	size_t total = o.size() + payload.size();
	uint8_t head[20] = {(uint8_t)(0x45 + options / 4),
			    0xb9,
			    (uint8_t)(total >> 8),
			    (uint8_t)total,
			    0,
			    9,
			    (uint8_t)(fragment >> 8),
			    (uint8_t)fragment,
			    3,
			    (uint8_t)protocol};

	for (int i = 0; i < 4; i++) {
		head[12 + i] = (uint8_t)(src >> (24 - 8 * i));
		head[16 + i] = (uint8_t)(dst >> (24 - 8 * i));
	}
	memcpy(o.data(), head, 20);
	unsigned c = 0xffff & ~sum(o, 0, o.size());
	o[10] = (uint8_t)(c >> 8);
	o[11] = (uint8_t)c;
	o.insert(o.end(), payload.begin(), payload.end());
	return o;
}

static Octets
ipv6(unsigned next, const Octets &payload, uint8_t src = 0x20,
     uint8_t dst = 0x20)
{
	Octets o(40);

	o[0] = 0x6b;
	o[1] = 0x93; /* class 0xb9, flow label beginning with 3 */
	o[4] = (uint8_t)(payload.size() >> 8);
	o[5] = (uint8_t)payload.size();
	o[6] = (uint8_t)next;
	o[7] = 3;
	o[8] = src;
	o[23] = 5;
	o[24] = dst;
	o[39] = 7;
	o.insert(o.end(), payload.begin(), payload.end());
	return o;
}

/* Over pseudo header and message (RFC 8200 section 8.1). */
static unsigned
sum6(const Octets &o, size_t at = 40)
{
	unsigned pseudo = sum(o, 8, 40) + (unsigned)(o.size() - at) + 58;

	return sum(o, at, o.size(), pseudo);
}

static Octets
icmp(uint8_t type, uint8_t code, Octets rest, bool v4 = true)
{
	Octets o = {type, code, 0, 0};

	o.insert(o.end(), rest.begin(), rest.end());
	if (v4) {
		unsigned c = 0xffff & ~sum(o, 0, o.size());

		o[2] = (uint8_t)(c >> 8);
		o[3] = (uint8_t)c;
	}
	return o;
}

static Octets
seal6(Octets o, size_t at = 40)
{
	unsigned c = 0xffff & ~sum6(o, at);

	o[at + 2] = (uint8_t)(c >> 8);
	o[at + 3] = (uint8_t)c;
	return o;
}

static const Octets udp = {0, 1, 0, 2, 0, 12, 0, 0, 'd', 'a', 't', 'a'};

static Octets
error(int kind, const Octets &about, uint32_t value = 0)
{
	Octets out(1280);
	bool v4 = about[0] >> 4 == 4;

	out.resize(icmp_shim_error(out.data(), out.size(), kind,
				   v4 ? "192.0.2.1" : "2001:db8::1",
				   about.data(), about.size(), value));
	return out;
}

TEST(IcmpError, QuotesThePacketInAMessageWhoseSumsAreRight)
{
	Octets about = ipv4(17, udp);
	Octets out = error(ICMP_SHIM_TTL, about);

	ASSERT_EQ(28 + about.size(), out.size());
	EXPECT_EQ(0xffffU, sum(out, 0, 20));
	EXPECT_EQ(0xffffU, sum(out, 20, out.size()));
	EXPECT_EQ(0xc0, out[1]); // RFC 1812 4.3.2.5
	EXPECT_EQ(11, out[20]);
	EXPECT_EQ(0, out[21]);
	EXPECT_EQ(about, Octets(out.begin() + 28, out.end()));
	EXPECT_EQ(Octets(about.begin() + 12, about.begin() + 16),
		  Octets(out.begin() + 16, out.begin() + 20));
}

TEST(IcmpError, QuotesNoMoreThan576Octets) // RFC 1812 4.3.2.3
{
	Octets out = error(ICMP_SHIM_NO_ROUTE, ipv4(17, Octets(1400, 5)));

	EXPECT_EQ(576U, out.size());
	EXPECT_EQ(0xffffU, sum(out, 20, out.size()));
}

TEST(IcmpError, TellsTheNextHopsMtu) // RFC 1191 section 4
{
	Octets out = error(ICMP_SHIM_TOO_BIG, ipv4(17, udp), 1400);

	EXPECT_EQ((Octets{3, 4}), Octets(out.begin() + 20, out.begin() + 22));
	EXPECT_EQ((Octets{0, 0, 5, 120}),
		  Octets(out.begin() + 24, out.begin() + 28));
}

TEST(IcmpError, OfIpv6FillsTheLeastMtu) // RFC 4443 2.4 (c), 3.2
{
	Octets out = error(ICMP_SHIM_TOO_BIG, ipv6(17, Octets(1400, 5)), 70000);

	ASSERT_EQ(1280U, out.size());
	EXPECT_EQ(0xffffU, sum6(out));
	EXPECT_EQ((Octets{2, 0}), Octets(out.begin() + 40, out.begin() + 42));
	EXPECT_EQ((Octets{0, 1, 0x11, 0x70}),
		  Octets(out.begin() + 44, out.begin() + 48));
	EXPECT_EQ(58, out[6]);
	EXPECT_EQ(1240, out[4] << 8 | out[5]);
}

TEST(IcmpError, HasTheCodesOfBothFamilies)
{
	struct {
		int kind;
		uint8_t t4, c4, t6, c6;
	} rows[] = {{ICMP_SHIM_NO_ROUTE, 3, 0, 1, 0},
		    {ICMP_SHIM_NO_HOST, 3, 1, 1, 3},
		    {ICMP_SHIM_PROTOCOL, 3, 2, 4, 1},
		    {ICMP_SHIM_PORT, 3, 3, 1, 4},
		    {ICMP_SHIM_TOO_BIG, 3, 4, 2, 0},
		    {ICMP_SHIM_PROHIBITED, 3, 13, 1, 1},
		    {ICMP_SHIM_TTL, 11, 0, 3, 0},
		    {ICMP_SHIM_REASSEMBLY, 11, 1, 3, 1},
		    {ICMP_SHIM_PARAMETER, 12, 0, 4, 0}};

	for (auto &row : rows) {
		Octets v4 = error(row.kind, ipv4(17, udp), 6);
		Octets v6 = error(row.kind, ipv6(17, udp), 6);

		EXPECT_EQ((Octets{row.t4, row.c4}),
			  Octets(v4.begin() + 20, v4.begin() + 22));
		EXPECT_EQ((Octets{row.t6, row.c6}),
			  Octets(v6.begin() + 40, v6.begin() + 42));
	}
	EXPECT_EQ(0U, error(0, ipv4(17, udp)).size());
	EXPECT_EQ(0U, error(ICMP_SHIM_PARAMETER + 1, ipv4(17, udp)).size());
}

static std::string
silence(const Octets &o, int kind = ICMP_SHIM_NO_ROUTE)
{
	return icmp_shim_silence(kind, o.data(), o.size());
}

TEST(IcmpSilence, IsNeededWhereRfc1812SaysSo) // 4.3.2.7
{
	Octets rest(20, 0);

	EXPECT_EQ("may", silence(ipv4(17, udp)));
	for (uint8_t type : {0, 8, 9, 10, 13, 14, 15, 16, 17, 18})
		EXPECT_EQ("may", silence(ipv4(1, icmp(type, 0, rest))));
	for (uint8_t type : {3, 4, 5, 11, 12, 40, 255})
		EXPECT_EQ("error", silence(ipv4(1, icmp(type, 0, rest))));
	EXPECT_EQ("short", silence(ipv4(1, {})));
	EXPECT_EQ("may", silence(ipv4(17, udp, 0x0a000005, 1, 0x2000)));
	EXPECT_EQ("fragment", silence(ipv4(17, udp, 0x0a000005, 1, 1)));
	for (uint32_t dst : {0xe0000001U, 0xefffffffU, 0xffffffffU})
		EXPECT_EQ("destination", silence(ipv4(17, udp, 5 << 24, dst)));
	for (uint32_t src :
	     {0U, 5U, 0x7f000001U, 0xe0000001U, 0xf0000001U, 0xffffffffU})
		EXPECT_EQ("source", silence(ipv4(17, udp, src)));
	EXPECT_EQ("df", silence(ipv4(17, udp), ICMP_SHIM_TOO_BIG));
	EXPECT_EQ("may", silence(ipv4(17, udp, 0x0a000005, 1, 0x4000),
				 ICMP_SHIM_TOO_BIG));
}

TEST(IcmpSilence, IsNeededWhereRfc4443SaysSo) // 2.4 (e)
{
	Octets rest(20, 0);
	Octets later = {17, 0, 0, 8, 0, 0, 0, 1, 1, 2, 3, 4};

	EXPECT_EQ("may", silence(ipv6(17, udp)));
	for (uint8_t type : {0, 1, 2, 3, 4, 100, 127, 137})
		EXPECT_EQ("error", silence(ipv6(58, icmp(type, 0, rest))));
	for (uint8_t type : {128, 129, 135, 136, 255})
		EXPECT_EQ("may", silence(ipv6(58, icmp(type, 0, rest))));
	EXPECT_EQ("fragment", silence(ipv6(44, later)));
	EXPECT_EQ("source", silence(ipv6(17, udp, 0xff)));
	EXPECT_EQ("source", silence([] {
			  Octets o = ipv6(17, udp, 0);
			  o[23] = 0;
			  return o;
		  }()));
	EXPECT_EQ("destination", silence(ipv6(17, udp, 0x20, 0xff)));
	EXPECT_EQ("may", silence(ipv6(17, udp, 0x20, 0xff), ICMP_SHIM_TOO_BIG));
}

TEST(IcmpSilence, IsKeptAboutHeadersThatAreCut)
{
	for (const Octets &whole :
	     {ipv4(17, udp), ipv4(1, icmp(8, 0, Octets(4))), ipv6(17, udp)}) {
		size_t header = whole[0] >> 4 == 4 ? 20 : 40;

		for (size_t n = 0; n < header; n++)
			EXPECT_EQ("short", silence(Octets(whole.begin(),
							  whole.begin() + n)));
	}
}

TEST(IcmpEcho, IsAnsweredWithItsData) // RFC 792, RFC 1122 3.2.2.6
{
	Octets data = {0, 7, 0, 9, 'p', 'i', 'n', 'g', '!'};

	for (unsigned options : {0U, 8U, 40U}) {
		Octets o = ipv4(1, icmp(8, 0, data), 0x0a000005, 0xc0000207, 0,
				options);
		size_t skip;
		size_t n = icmp_shim_answer(o.data(), o.size(), &skip);

		ASSERT_EQ(29U + 4, n);
		EXPECT_EQ(options, skip);
		Octets out(o.begin() + (long)skip, o.end());
		EXPECT_EQ(0xffffU, sum(out, 0, 20));
		EXPECT_EQ(0xffffU, sum(out, 20, out.size()));
		EXPECT_EQ(0xb8, out[1]); // its DSCP, and no congestion mark
		EXPECT_EQ(64, out[8]);
		EXPECT_EQ(0, out[20]);
		EXPECT_EQ((Octets{192, 0, 2, 7, 10, 0, 0, 5}),
			  Octets(out.begin() + 12, out.begin() + 20));
		EXPECT_EQ(data, Octets(out.begin() + 24, out.end()));
	}
}

// All zeros but the sum: what is left of it is 0xffff, not 0 (RFC 1071).
TEST(IcmpEcho, OfZerosIsAnsweredWithASumThatHolds)
{
	Octets o = ipv4(1, icmp(8, 0, Octets(4)), 0x0a000005, 0xc0000207);
	size_t skip;

	ASSERT_EQ(28U, icmp_shim_answer(o.data(), o.size(), &skip));
	EXPECT_EQ((Octets{0, 0, 0xff, 0xff, 0, 0, 0, 0}),
		  Octets(o.begin() + 20, o.end()));
}

TEST(IcmpEcho, OfIpv6IsAnsweredWithoutItsOptions) // RFC 4443 4.2
{
	Octets message = icmp(128, 0, {0, 7, 0, 9, 'x'}, false);
	Octets options = {58, 0, 1, 4, 0, 0, 0, 0}; // PadN
	Octets plain = seal6(ipv6(58, message));
	Octets with = options;

	with.insert(with.end(), message.begin(), message.end());
	with = ipv6(60, with);
	with[50] = plain[42]; // the same sum: options are not under it
	with[51] = plain[43];
	for (Octets o : {plain, with}) {
		size_t skip;
		size_t n = icmp_shim_answer(o.data(), o.size(), &skip);

		ASSERT_EQ(49U, n);
		Octets out(o.begin() + (long)skip, o.end());
		EXPECT_EQ(0xffffU, sum6(out));
		EXPECT_EQ(129, out[40]);
		EXPECT_EQ(58, out[6]);
		EXPECT_EQ(64, out[7]);
		EXPECT_EQ(0x6b, out[0]);
		EXPECT_EQ(0x80, out[1]);
		EXPECT_EQ(9, out[4] << 8 | out[5]);
		EXPECT_EQ(7, out[23]);
		EXPECT_EQ(5, out[39]);
	}
}

TEST(IcmpEcho, IsNotAnsweredWhenItIsNone)
{
	Octets data = {0, 7, 0, 9};
	size_t skip;
	Octets bad[] = {ipv4(1, icmp(0, 0, data)),
			ipv4(1, icmp(8, 1, data)),
			ipv4(17, icmp(8, 0, data)),
			ipv4(1, icmp(8, 0, data), 1, 2, 0x2000),
			ipv4(1, icmp(8, 0, {1, 2, 3})),
			ipv6(58, icmp(128, 0, data, false)) /* no sum */};

	for (Octets &o : bad)
		EXPECT_EQ(0U, icmp_shim_answer(o.data(), o.size(), &skip));
	Octets o = ipv4(1, icmp(8, 0, data));
	o[22] ^= 1;
	EXPECT_EQ(0U, icmp_shim_answer(o.data(), o.size(), &skip));
}

TEST(IcmpRead, TellsWhatAnErrorQuotes)
{
	Octets about = ipv4(50, {0, 0, 0x10, 1, 0, 0, 0, 9});
	Octets message = error(ICMP_SHIM_TOO_BIG, about, 1300);
	auto seen = icmp_shim_read(message.data(), message.size());

	ASSERT_EQ(0, seen.rc);
	EXPECT_TRUE(seen.error);
	EXPECT_EQ(1300U, seen.mtu);
	EXPECT_EQ(50U, seen.protocol);
	EXPECT_STREQ("10.0.0.5", seen.quoted_src);
	EXPECT_STREQ("192.0.2.7", seen.quoted_dst);
	EXPECT_EQ(8U, seen.upper_octets);
	message = error(ICMP_SHIM_TOO_BIG, ipv6(50, Octets(8)), 1280);
	seen = icmp_shim_read(message.data(), message.size());
	ASSERT_EQ(0, seen.rc);
	EXPECT_EQ(1280U, seen.mtu);
	EXPECT_STREQ("2000::5", seen.quoted_src);
}

TEST(IcmpRead, BelievesNoQuoteBeyondWhatArrived)
{
	Octets about = ipv4(17, udp);

	for (size_t n = 0; n < about.size(); n++) {
		Octets quote = {0, 0, 0, 0};

		quote.insert(quote.end(), about.begin(),
			     about.begin() + (long)n);
		Octets o = ipv4(1, icmp(3, 4, quote));
		auto seen = icmp_shim_read(o.data(), o.size());

		ASSERT_EQ(0, seen.rc);
		EXPECT_EQ(n < 20 ? 0U : 17U, seen.protocol) << n;
		EXPECT_EQ(n < 20 ? 0U : n - 20, seen.upper_octets) << n;
	}
	for (size_t n = 0; n < 28; n++) {
		Octets o = ipv4(1, icmp(8, 0, {0, 0, 0, 0}));

		EXPECT_NE(0, icmp_shim_read(o.data(), n).rc);
	}
}

TEST(IcmpProbe, IsWhatItsReaderExpects)
{
	Octets out(2000);

	out.resize(icmp_shim_probe(out.data(), out.size(), "10.0.0.1",
				   "10.0.0.2", 7, 9, 1000, 0, 1, 5));
	ASSERT_EQ(1000U, out.size());
	EXPECT_EQ(0xffffU, sum(out, 0, 20));
	EXPECT_EQ(0x40, out[6]);
	EXPECT_EQ(5, out[8]);
	auto seen = icmp_shim_read(out.data(), out.size());
	EXPECT_TRUE(seen.request);
	EXPECT_EQ(7U << 16 | 9U, seen.rest);
	out.resize(2000);
	out.resize(icmp_shim_probe(out.data(), out.size(), "2001:db8::1",
				   "2001:db8::2", 7, 9, 100, 0, 0, 64));
	ASSERT_EQ(100U, out.size());
	EXPECT_TRUE(icmp_shim_read(out.data(), out.size()).request);
	EXPECT_EQ(0U, icmp_shim_probe(out.data(), 100, "10.0.0.1", "10.0.0.2",
				      1, 1, 27, 0, 0, 1));
	EXPECT_EQ(0U, icmp_shim_probe(out.data(), 100, "10.0.0.1", "10.0.0.2",
				      1, 1, 101, 0, 0, 1));
	EXPECT_EQ(0U, icmp_shim_probe(out.data(), 100, "10.0.0.1",
				      "2001:db8::2", 1, 1, 60, 0, 0, 1));
}

TEST(PuntKind, IsToldFromTheHeaders)
{
	auto kind = [](const Octets &o) {
		return std::string(icmp_shim_punt(o.data(), o.size()));
	};
	Octets ike = {1, 244, 1, 244, 0, 8, 0, 0};
	Octets nat = {4, 0, 17, 148, 0, 8, 0, 0};

	EXPECT_EQ("icmp-echo", kind(ipv4(1, icmp(8, 0, Octets(4)))));
	EXPECT_EQ("icmp-echo", kind(ipv6(58, icmp(128, 0, Octets(4)))));
	EXPECT_EQ("icmp", kind(ipv4(1, icmp(3, 0, Octets(4)))));
	EXPECT_EQ("ike", kind(ipv4(17, ike)));
	EXPECT_EQ("ike", kind(ipv4(17, nat)));
	EXPECT_EQ("other", kind(ipv4(17, udp)));
	EXPECT_EQ("other", kind(ipv4(17, ike, 1, 2, 5))); // a later fragment
	EXPECT_EQ("other", kind(ipv4(6, ike)));
	EXPECT_EQ("other", kind({}));
}

TEST(Bucket, GivesABurstAndThenItsRate)
{
	EXPECT_EQ(5U, icmp_shim_bucket(0, 0, 9, 10, 5));
	EXPECT_EQ(0U, icmp_shim_bucket(5, 99999999, 9, 10, 5));
	EXPECT_EQ(1U, icmp_shim_bucket(5, 100000000, 9, 10, 5));
	EXPECT_EQ(3U, icmp_shim_bucket(9, 300000000, 9, 10, 5));
	EXPECT_EQ(5U, icmp_shim_bucket(5, 60000000000, 9, 10, 5));
	EXPECT_EQ(1U, icmp_shim_bucket(0, 0, 9, 10, 1));
}
