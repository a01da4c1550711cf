// The security policy database: ordered, by ranges (RFC 4301 section 4.4.1).
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "spd_shim.h"

namespace
{

using Rule = spd_shim_rule;
using Flow = spd_shim_flow;

// An entry for everything.
Rule
any(uint32_t id, unsigned action = SPD_SHIM_DISCARD)
{
	Rule r = {};

	r.id = r.order = id;
	r.action = action;
	for (auto &range : r.range)
		range[0] = 1;
	return r;
}

Rule
between(uint32_t id, const char *local, const char *local_last,
	const char *remote, const char *remote_last)
{
	Rule r = any(id);

	r.local[0] = local;
	r.local[1] = local_last;
	r.remote[0] = remote;
	r.remote[1] = remote_last;
	return r;
}

Rule
with(Rule r, unsigned field, uint32_t first, uint32_t last)
{
	r.range[field][0] = first;
	r.range[field][1] = last;
	return r;
}

Flow
udp(const char *src, const char *dst, unsigned src_port = 5000,
    unsigned dst_port = 53)
{
	Flow f = {};

	f.src = src;
	f.dst = dst;
	f.protocol = 17;
	f.ports = 1;
	f.src_port = src_port;
	f.dst_port = dst_port;
	return f;
}

Flow
icmp(const char *src, const char *dst, unsigned type, unsigned code)
{
	Flow f = {};

	f.src = src;
	f.dst = dst;
	f.protocol = 1;
	f.types = 1;
	f.type = type;
	f.code = code;
	return f;
}

class Spd
{
      public:
	explicit Spd(const std::vector<Rule> &rules)
	{
		EXPECT_EQ(spd_shim_new(&spd, rules.data(),
				       static_cast<unsigned>(rules.size())),
			  0);
	}
	~Spd()
	{
		spd_shim_free(spd);
	}
	Spd(const Spd &) = delete;
	Spd &operator=(const Spd &) = delete;
	uint32_t out(const Flow &f) const
	{
		return spd_shim_match(spd, 0, &f);
	}
	uint32_t in(const Flow &f) const
	{
		return spd_shim_match(spd, 1, &f);
	}
	struct spd *spd = nullptr;
};

constexpr uint32_t NONE = SPD_SHIM_NONE;

} // namespace

TEST(Spd, EmptyMatchesNothing) // RFC 4301 section 5: then it is discarded
{
	const Spd spd({});

	EXPECT_EQ(spd.out(udp("10.1.0.1", "10.2.0.1")), NONE);
	EXPECT_EQ(spd.in(udp("2001:db8::1", "2001:db8::2")), NONE);
}

TEST(Spd, FirstInOrderDecidesWhateverOrderTheyCameIn)
{
	Rule wide =
	    between(7, "10.1.0.0", "10.1.255.255", "10.2.0.0", "10.2.255.255");
	Rule narrow =
	    between(9, "10.1.0.1", "10.1.0.1", "10.2.0.0", "10.2.255.255");

	wide.order = 20;
	narrow.order = 10;
	EXPECT_EQ(Spd({wide, narrow}).out(udp("10.1.0.1", "10.2.0.1")), 9u);
	EXPECT_EQ(Spd({narrow, wide}).out(udp("10.1.0.2", "10.2.0.1")), 7u);
	narrow.order = 30;
	EXPECT_EQ(Spd({narrow, wide}).out(udp("10.1.0.1", "10.2.0.1")), 7u);
}

TEST(Spd, LocalIsTheSourceOutboundAndTheDestinationInbound)
{
	const Spd spd(
	    {between(1, "10.1.0.0", "10.1.0.255", "10.2.0.0", "10.2.0.255")});

	EXPECT_EQ(spd.out(udp("10.1.0.1", "10.2.0.1")), 1u);
	EXPECT_EQ(spd.out(udp("10.2.0.1", "10.1.0.1")), NONE);
	EXPECT_EQ(spd.in(udp("10.2.0.1", "10.1.0.1")), 1u);
	EXPECT_EQ(spd.in(udp("10.1.0.1", "10.2.0.1")), NONE);
}

TEST(Spd, AddressRangesIncludeBothEndsAndNeedNotBePrefixes)
{
	const Spd spd(
	    {between(1, "10.1.0.9", "10.1.3.7", "0.0.0.0", "255.255.255.255")});

	EXPECT_EQ(spd.out(udp("10.1.0.8", "192.0.2.1")), NONE);
	EXPECT_EQ(spd.out(udp("10.1.0.9", "192.0.2.1")), 1u);
	EXPECT_EQ(spd.out(udp("10.1.2.255", "192.0.2.1")), 1u);
	EXPECT_EQ(spd.out(udp("10.1.3.7", "255.255.255.255")), 1u);
	EXPECT_EQ(spd.out(udp("10.1.3.8", "192.0.2.1")), NONE);
}

TEST(Spd, FamiliesDoNotMeet)
{
	// 0a01::/16 has the octets of 10.1.0.0 at its front.
	const Spd four({between(1, "0.0.0.0", "255.255.255.255", "0.0.0.0",
				"255.255.255.255")});
	const Spd six({between(2, "a01::", "a01:ffff::", "::",
			       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")});
	const Spd both({any(3)});

	EXPECT_EQ(four.out(udp("a01::1", "a02::1")), NONE);
	EXPECT_EQ(six.out(udp("10.1.0.0", "10.2.0.0")), NONE);
	EXPECT_EQ(six.out(udp("a01:4::9", "a02::1")), 2u);
	EXPECT_EQ(both.out(udp("10.1.0.0", "10.2.0.0")), 3u);
	EXPECT_EQ(both.out(udp("a01::1", "a02::1")), 3u);
}

TEST(Spd, TheLowHalfOfIpv6AddressesCounts)
{
	const Spd spd(
	    {between(1, "2001:db8::10", "2001:db8::20",
		     "2001:db8:1::", "2001:db8:1::ffff:ffff:ffff:ffff")});

	EXPECT_EQ(spd.out(udp("2001:db8::f", "2001:db8:1::1")), NONE);
	EXPECT_EQ(spd.out(udp("2001:db8::10", "2001:db8:1::1")), 1u);
	EXPECT_EQ(spd.out(udp("2001:db8::20", "2001:db8:1::1")), 1u);
	EXPECT_EQ(spd.out(udp("2001:db8::21", "2001:db8:1::1")), NONE);
	EXPECT_EQ(spd.out(udp("2001:db8:0:1::15", "2001:db8:1::1")), NONE);
}

TEST(Spd, PortsFollowTheirEnd)
{
	const Spd spd({with(with(with(any(1), SPD_SHIM_PROTOCOL, 17, 17),
				 SPD_SHIM_LOCAL_PORT, 5000, 5009),
			    SPD_SHIM_REMOTE_PORT, 53, 53)});

	EXPECT_EQ(spd.out(udp("10.1.0.1", "10.2.0.1", 5009, 53)), 1u);
	EXPECT_EQ(spd.out(udp("10.1.0.1", "10.2.0.1", 5010, 53)), NONE);
	EXPECT_EQ(spd.out(udp("10.1.0.1", "10.2.0.1", 53, 5000)), NONE);
	EXPECT_EQ(spd.in(udp("10.2.0.1", "10.1.0.1", 53, 5000)), 1u);
}

TEST(Spd, AnyCoversOpaqueAndRangesDoNot) // RFC 4301 section 4.4.1.1
{
	const Rule some = with(any(1), SPD_SHIM_REMOTE_PORT, 0, 65535);
	const Rule opaque = with(any(2), SPD_SHIM_REMOTE_PORT, 65536, 65536);
	Flow later = udp("10.1.0.1", "10.2.0.1");

	later.ports = later.src_port = later.dst_port = 0;
	EXPECT_EQ(Spd({any(3)}).out(later), 3u);
	EXPECT_EQ(Spd({some}).out(later), NONE);
	EXPECT_EQ(Spd({opaque}).out(later), 2u);
	EXPECT_EQ(Spd({opaque}).out(udp("10.1.0.1", "10.2.0.1", 1, 0)), NONE);
	EXPECT_EQ(Spd({some}).out(udp("10.1.0.1", "10.2.0.1", 1, 0)), 1u);
}

TEST(Spd, AnSaForFragmentsAlone) // RFC 4301 section 7.2
{
	// UDP to port 53 in one entry, later fragments in another, by octets.
	const Spd spd({with(with(any(1), SPD_SHIM_PROTOCOL, 17, 17),
			    SPD_SHIM_REMOTE_PORT, 53, 53),
		       with(with(any(2), SPD_SHIM_PROTOCOL, 17, 17),
			    SPD_SHIM_REMOTE_PORT, 65536, 65536)});
	std::vector<uint8_t> ip = {0x45, 0,    0,  28, 0, 1, 0x20, 0, 64, 17,
				   0,    0,    10, 1,  0, 1, 10,   2, 0,  1,
				   0x13, 0x88, 0,  53, 0, 8, 0,    0};

	EXPECT_EQ(spd_shim_match_octets(spd.spd, 0, ip.data(), 28), 1u);
	ip[7] = 1; // offset 8
	EXPECT_EQ(spd_shim_match_octets(spd.spd, 0, ip.data(), 28), 2u);
	ip[6] = ip[7] = 0;
	ip[23] = 54;
	EXPECT_EQ(spd_shim_match_octets(spd.spd, 0, ip.data(), 28), NONE);
}

TEST(Spd, AnOpaqueProtocolBelongsToAnyAlone) // RFC 4301 section 4.4.1.1
{
	Flow hidden = udp("2001:db8::1", "2001:db8::2");

	hidden.opaque = 1;
	hidden.ports = 0;
	hidden.protocol = 0;
	EXPECT_EQ(Spd({any(1)}).out(hidden), 1u);
	EXPECT_EQ(Spd({with(any(1), SPD_SHIM_PROTOCOL, 0, 255)}).out(hidden),
		  NONE);
	EXPECT_EQ(Spd({with(any(1), SPD_SHIM_PROTOCOL, 256, 256)}).out(hidden),
		  1u);
}

TEST(Spd, IcmpByTypeAndCode) // RFC 4301 section 4.4.1.1
{
	const Rule echo = with(with(any(1), SPD_SHIM_PROTOCOL, 1, 1),
			       SPD_SHIM_TYPE, 8 << 8, 8 << 8 | 255);
	const Rule codes = with(with(any(2), SPD_SHIM_PROTOCOL, 1, 1),
				SPD_SHIM_TYPE, 3 << 8 | 2, 3 << 8 | 4);
	const Spd spd({echo, codes});
	Flow later = icmp("10.1.0.1", "10.2.0.1", 0, 0);

	later.types = 0;
	EXPECT_EQ(spd.out(icmp("10.1.0.1", "10.2.0.1", 8, 0)), 1u);
	EXPECT_EQ(spd.out(icmp("10.1.0.1", "10.2.0.1", 8, 255)), 1u);
	EXPECT_EQ(spd.out(icmp("10.1.0.1", "10.2.0.1", 0, 0)), NONE);
	EXPECT_EQ(spd.out(icmp("10.1.0.1", "10.2.0.1", 3, 1)), NONE);
	EXPECT_EQ(spd.out(icmp("10.1.0.1", "10.2.0.1", 3, 4)), 2u);
	EXPECT_EQ(spd.out(icmp("10.1.0.1", "10.2.0.1", 3, 5)), NONE);
	EXPECT_EQ(spd.out(later), NONE);
}

TEST(Spd, DscpChoosesAmongEqualSelectors) // RFC 4301 section 4.1
{
	const Spd spd({with(any(1), SPD_SHIM_DSCP, 46, 46), any(2)});
	Flow f = udp("10.1.0.1", "10.2.0.1");

	EXPECT_EQ(spd.out(f), 2u);
	f.dscp = 46;
	EXPECT_EQ(spd.out(f), 1u);
}

// RFC 4301 appendix E: host A with security gateway B before host C. Next
// layers ICMP and ESP of its second row are two entries here.
TEST(Spd, TheNestedExampleOfTheRfc)
{
	const char *a = "192.0.2.1", *b = "198.51.100.1", *c = "203.0.113.1";
	const Spd spd(
	    {with(between(1, c, c, a, a), SPD_SHIM_PROTOCOL, 50, 50),
	     with(between(2, a, a, c, c), SPD_SHIM_PROTOCOL, 1, 1),
	     with(between(3, a, a, c, c), SPD_SHIM_PROTOCOL, 50, 50),
	     between(4, a, a, c, c),
	     with(between(5, a, a, b, b), SPD_SHIM_PROTOCOL, 1, 1),
	     with(with(between(6, a, a, b, b), SPD_SHIM_PROTOCOL, 17, 17),
		  SPD_SHIM_REMOTE_PORT, 500, 500)});
	Flow esp = udp(a, c);

	esp.protocol = 50;
	esp.ports = 0;
	EXPECT_EQ(spd.out(icmp(a, c, 8, 0)), 2u);
	EXPECT_EQ(spd.out(esp), 3u);
	EXPECT_EQ(spd.out(udp(a, c)), 4u);
	EXPECT_EQ(spd.out(icmp(a, b, 8, 0)), 5u);
	EXPECT_EQ(spd.out(udp(a, b, 500, 500)), 6u);
	EXPECT_EQ(spd.out(udp(a, b, 500, 501)), NONE);
	std::swap(esp.src, esp.dst);
	EXPECT_EQ(spd.out(esp), 1u);
}

TEST(Spd, RefusesWhatIsNoSelector)
{
	struct spd *spd = nullptr;
	Rule r = any(1);

	r.action = 0;
	EXPECT_EQ(spd_shim_new(&spd, &r, 1), -EINVAL);
	r = with(any(1), SPD_SHIM_DSCP, 0, 64);
	EXPECT_EQ(spd_shim_new(&spd, &r, 1), -EINVAL);
	r = with(any(1), SPD_SHIM_PROTOCOL, 0, 257);
	EXPECT_EQ(spd_shim_new(&spd, &r, 1), -EINVAL);
	r = between(1, "10.1.0.2", "10.1.0.1", "10.2.0.0", "10.2.0.1");
	EXPECT_EQ(spd_shim_new(&spd, &r, 1), -EINVAL);
	r = between(1, "10.1.0.0", "10.1.0.1", "2001:db8::", "2001:db8::1");
	EXPECT_EQ(spd_shim_new(&spd, &r, 1), -EINVAL);
	EXPECT_EQ(spd, nullptr);
}

TEST(Spd, ComparesSelectorSets)
{
	const Rule wide =
	    between(1, "10.1.0.0", "10.1.255.255", "10.2.0.0", "10.2.255.255");
	const Rule narrow = with(
	    between(2, "10.1.0.0", "10.1.0.255", "10.2.0.0", "10.2.255.255"),
	    SPD_SHIM_PROTOCOL, 6, 6);
	const Rule aside =
	    between(3, "10.1.0.0", "10.1.255.255", "10.3.0.0", "10.3.255.255");
	const Rule all = any(4);
	const Rule six =
	    between(5, "2001:db8::", "2001:db8::1", "::", "ffff::");

	EXPECT_EQ(spd_shim_compare(&wide, &wide), 7u);
	EXPECT_EQ(spd_shim_compare(&wide, &narrow), 3u);
	EXPECT_EQ(spd_shim_compare(&narrow, &wide), 1u);
	EXPECT_EQ(spd_shim_compare(&wide, &aside), 0u);
	EXPECT_EQ(spd_shim_compare(&all, &six), 3u);
	EXPECT_EQ(spd_shim_compare(&six, &wide), 0u);
}

TEST(Spd, LastAddressOfAPrefix)
{
	char text[46];

	EXPECT_STREQ(spd_shim_prefix_last("10.1.128.0", 17, text),
		     "10.1.255.255");
	EXPECT_STREQ(spd_shim_prefix_last("0.0.0.0", 0, text),
		     "255.255.255.255");
	EXPECT_STREQ(spd_shim_prefix_last("10.1.2.3", 32, text), "10.1.2.3");
	EXPECT_STREQ(spd_shim_prefix_last("2001:db8:4000::", 35, text),
		     "2001:db8:5fff:ffff:ffff:ffff:ffff:ffff");
}

namespace
{

// Random entries over a small space, so that they overlap in all ways.
class Random
{
      public:
	explicit Random(unsigned seed) : rng(seed)
	{
	}
	unsigned below(unsigned n)
	{
		return std::uniform_int_distribution<unsigned>(0, n - 1)(rng);
	}
	const char *keep(const std::string &text)
	{
		texts.push_back(std::make_unique<std::string>(text));
		return texts.back()->c_str();
	}
	std::string address(unsigned host, bool six)
	{
		char text[46];

		if (six)
			snprintf(text, sizeof(text), "2001:db8::%x:0:%x",
				 host >> 4, host & 15);
		else
			snprintf(text, sizeof(text), "10.%u.%u.%u", host >> 6,
				 host >> 3 & 7, host & 7);
		return text;
	}
	void range(const char *out[2], bool six)
	{
		unsigned a = below(256), b = below(4) ? below(32) : below(256);

		b = a + b > 255 ? 255 : a + b;
		out[0] = keep(address(a, six));
		out[1] = keep(address(b, six));
	}
	Rule rule(uint32_t id)
	{
		Rule r = any(id, 1 + below(3));
		unsigned family = below(5);

		r.order = below(50);
		if (family > 0) {
			range(r.local, family == 1);
			range(r.remote, family == 1);
		}
		if (below(2)) {
			const unsigned p = below(3) ? 17 : 1;

			r = with(r, SPD_SHIM_PROTOCOL, p, p);
		}
		if (below(3) == 0)
			r = with(r, SPD_SHIM_LOCAL_PORT, below(8),
				 8 + below(8));
		if (below(3) == 0)
			r = with(r, SPD_SHIM_REMOTE_PORT, 65536, 65536);
		if (below(6) == 0)
			r = with(r, SPD_SHIM_TYPE, below(4) << 8, 4 << 8);
		if (below(6) == 0)
			r = with(r, SPD_SHIM_DSCP, below(2), 1);
		return r;
	}
	Flow flow()
	{
		const bool six = below(4) == 0;
		Flow f =
		    udp(keep(address(below(256), six)),
			keep(address(below(256), six)), below(18), below(18));

		f.protocol = below(3) ? 17 : 1;
		f.ports = f.protocol == 17 && below(4);
		f.types = f.protocol == 1 && below(4);
		f.type = f.types ? below(6) : 0;
		f.dscp = below(3);
		f.opaque = six && below(8) == 0;
		return f;
	}

      private:
	std::mt19937 rng;
	std::vector<std::unique_ptr<std::string>> texts;
};

uint32_t
plain_match(const std::vector<Rule> &rules, int in, const Flow &f)
{
	const Rule *best = nullptr;

	for (const Rule &r : rules) {
		if (spd_shim_holds(&r, in, &f) &&
		    (best == nullptr || r.order < best->order ||
		     (r.order == best->order && r.id < best->id)))
			best = &r;
	}
	return best == nullptr ? NONE : best->id;
}

} // namespace

TEST(Spd, FindsWhatALinearSearchFinds)
{
	for (unsigned seed = 1; seed <= 12; seed++) {
		Random random(seed);
		std::vector<Rule> rules;

		for (unsigned n = seed * seed * 2; n > 0; n--)
			rules.push_back(random.rule(n));
		const Spd spd(rules);

		for (unsigned i = 0; i < 400; i++) {
			const Flow f = random.flow();

			ASSERT_EQ(spd.out(f), plain_match(rules, 0, f))
			    << "seed " << seed << " packet " << i;
			ASSERT_EQ(spd.in(f), plain_match(rules, 1, f))
			    << "seed " << seed << " packet " << i;
		}
	}
}

namespace
{

// n branch networks behind one hub, and the rest bypassed: one tunnel each.
struct Branches {
	explicit Branches(unsigned n)
	{
		char text[46];

		for (unsigned i = 0; i < n; i++) {
			snprintf(text, sizeof(text), "10.%u.%u.0",
				 128 + (i >> 8), i & 255);
			firsts.push_back(text);
			snprintf(text, sizeof(text), "10.%u.%u.255",
				 128 + (i >> 8), i & 255);
			lasts.push_back(text);
		}
		for (unsigned i = 0; i < n; i++) {
			rules.push_back(
			    between(i + 1, "10.0.0.0", "10.0.255.255",
				    firsts[i].c_str(), lasts[i].c_str()));
			flows.push_back(udp("10.0.7.9", lasts[i].c_str()));
		}
		rules.push_back(any(n + 1, SPD_SHIM_BYPASS));
		flows.push_back(udp("10.0.7.9", "192.0.2.9"));
	}
	std::vector<std::string> firsts, lasts;
	std::vector<Rule> rules;
	std::vector<Flow> flows;
};

} // namespace

TEST(Spd, TenThousandEntriesCostATreesDepthNotTenThousand)
{
	const Branches one(1), many(10000);
	const Spd small(one.rules), large(many.rules);
	const double few =
	    spd_shim_time(small.spd, one.flows.data(), 2, 200000);
	const double all =
	    spd_shim_time(large.spd, many.flows.data(), 10001, 40);

	printf("1 entry %.1f ns, 10,000 entries %.1f ns, %zu octets\n", few,
	       all, spd_shim_octets(large.spd));
	EXPECT_EQ(large.out(many.flows[4321]), 4322u);
	EXPECT_EQ(large.out(many.flows[10000]), 10001u);
	// A linear search would be a thousand times as long.
	EXPECT_LT(all, 60 * few + 500);
	EXPECT_LT(spd_shim_octets(large.spd), 10000u * 600);
}

TEST(Spd, EntriesThatAllOverlapStayWithinTheBudget)
{
	Random random(7);
	std::vector<Rule> rules;

	for (unsigned i = 1; i <= 3000; i++) {
		Rule r = random.rule(i);

		r.range[SPD_SHIM_DSCP][0] = r.range[SPD_SHIM_DSCP][1] = i % 64;
		rules.push_back(r);
	}
	const Spd spd(rules);

	EXPECT_LT(spd_shim_octets(spd.spd), 3000u * 4000);
	for (unsigned i = 0; i < 200; i++) {
		const Flow f = random.flow();

		EXPECT_EQ(spd.out(f), plain_match(rules, 0, f));
	}
}

TEST(SpdSet, RulesActWhenTheyAreApplied)
{
	struct spd_set *set = spd_shim_set_new();
	const Flow f = udp("10.1.0.1", "10.2.0.1");
	Rule r = any(5, SPD_SHIM_BYPASS);

	ASSERT_NE(set, nullptr);
	EXPECT_TRUE(spd_shim_set_idle(set));
	EXPECT_EQ(spd_shim_set_of(set, 3), nullptr);
	EXPECT_EQ(spd_shim_set_bind(set, 3, 9), 0);
	EXPECT_FALSE(spd_shim_set_idle(set));
	// Bound to a list that has no rules: everything is discarded.
	EXPECT_EQ(spd_shim_match(spd_shim_set_of(set, 3), 0, &f), NONE);
	EXPECT_EQ(spd_shim_set_rule(set, 9, &r), 0);
	EXPECT_EQ(spd_shim_match(spd_shim_set_of(set, 3), 0, &f), NONE);
	EXPECT_EQ(spd_shim_set_apply(set), 0);
	EXPECT_EQ(spd_shim_match(spd_shim_set_of(set, 3), 0, &f), 5u);
	spd_shim_set_unrule(set, 9, 5);
	EXPECT_EQ(spd_shim_set_apply(set), 0);
	EXPECT_EQ(spd_shim_match(spd_shim_set_of(set, 3), 0, &f), NONE);
	EXPECT_EQ(spd_shim_set_bind(set, 3, 0), 0);
	EXPECT_TRUE(spd_shim_set_idle(set));
	spd_shim_set_free(set);
}

TEST(SpdSet, ARowOfTheSameIdReplaces)
{
	struct spd_set *set = spd_shim_set_new();
	const Flow f = udp("10.1.0.1", "10.2.0.1");
	Rule r[3] = {any(1), any(2), any(3)};

	ASSERT_NE(set, nullptr);
	EXPECT_EQ(spd_shim_set_bind(set, 3, 9), 0);
	for (const Rule &rule : r)
		EXPECT_EQ(spd_shim_set_rule(set, 9, &rule), 0);
	r[0].order = 7;
	EXPECT_EQ(spd_shim_set_rule(set, 9, &r[0]), 0);
	EXPECT_EQ(spd_shim_set_apply(set), 0);
	EXPECT_EQ(spd_shim_match(spd_shim_set_of(set, 3), 0, &f), 2u);
	spd_shim_set_unrule(set, 9, 2); // the last takes its place
	spd_shim_set_unrule(set, 9, 2);
	spd_shim_set_unrule(set, 9, 262144);
	spd_shim_set_unrule(set, 65536, 1);
	spd_shim_set_unrule(set, 9, 3);
	EXPECT_EQ(spd_shim_set_apply(set), 0);
	EXPECT_EQ(spd_shim_match(spd_shim_set_of(set, 3), 0, &f), 1u);
	spd_shim_set_free(set);
}

TEST(SpdSet, RefusesNumbersBeyondItsTables)
{
	struct spd_set *set = spd_shim_set_new();
	Rule r = any(1);

	ASSERT_NE(set, nullptr);
	EXPECT_EQ(spd_shim_set_rule(set, 0, &r), -EINVAL);
	EXPECT_EQ(spd_shim_set_rule(set, 65536, &r), -EINVAL);
	r.id = 262144;
	EXPECT_EQ(spd_shim_set_rule(set, 1, &r), -EINVAL);
	EXPECT_EQ(spd_shim_set_bind(set, 0, 1), -EINVAL);
	EXPECT_EQ(spd_shim_set_bind(set, 65536, 1), -EINVAL);
	EXPECT_EQ(spd_shim_set_bind(set, 1, 65536), -EINVAL);
	EXPECT_EQ(spd_shim_set_of(set, 4000000000u), nullptr);
	spd_shim_set_free(set);
}
