// Joining fragments: every order, overlaps, bounds, time (RFC 8200 section 4.5,
// RFC 5722).
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ip_reass_shim.h"

namespace
{

using Octets = std::vector<uint8_t>;

// A fragment of a packet whose payload counts up by three.
Octets
v4(unsigned id, unsigned from, unsigned octets, bool more, uint8_t tos = 0)
{
	unsigned total = 20 + octets;
	Octets o = {0x45,
		    tos,
		    uint8_t(total >> 8),
		    uint8_t(total),
		    uint8_t(id >> 8),
		    uint8_t(id),
		    uint8_t((more ? 0x20 : 0) | from / 8 >> 8),
		    uint8_t(from / 8),
		    64,
		    50,
		    0,
		    0,
		    192,
		    0,
		    2,
		    2,
		    192,
		    0,
		    2,
		    1};

	for (unsigned i = 0; i < octets; i++)
		o.push_back(uint8_t((from + i) * 3));
	return o;
}

Octets
v6(unsigned id, unsigned from, unsigned octets, bool more)
{
	Octets o(40, 0x20);
	Octets frag = {50, 0, uint8_t(from >> 8), uint8_t((from & 0xf8) | more),
		       0,  0, uint8_t(id >> 8),   uint8_t(id)};

	o[0] = 0x60;
	o[4] = uint8_t((octets + 8) >> 8);
	o[5] = uint8_t(octets + 8);
	o[6] = 44;
	o.insert(o.end(), frag.begin(), frag.end());
	for (unsigned i = 0; i < octets; i++)
		o.push_back(uint8_t((from + i) * 3));
	return o;
}

class Reass : public ::testing::Test
{
      protected:
	~Reass() override
	{
		ip_reass_shim_free(s);
	}
	std::string take(const Octets &fragment, uint64_t now = 1,
			 uint32_t context = 7)
	{
		unsigned octets = unsigned(fragment.size());

		packet = fragment;
		packet.resize(9600);
		std::string fate = ip_reass_shim_take(
		    s, now, context, packet.data(), 9600, &octets);
		packet.resize(octets);
		return fate;
	}
	unsigned dropped(const char *fate)
	{
		return ip_reass_shim_dropped(s, fate);
	}

	ip_reass_shim *s = ip_reass_shim_new();
	Octets packet;
};

} // namespace

TEST_F(Reass, JoinsInEveryOrder)
{
	std::vector<int> order = {0, 1, 2, 3};
	const std::vector<Octets> four = {
	    v4(1, 0, 24, true), v4(1, 24, 40, true), v4(1, 64, 8, true),
	    v4(1, 72, 13, false)};
	Octets whole = v4(1, 0, 85, false);

	do {
		for (int i = 0; i < 3; i++)
			EXPECT_EQ("absorbed",
				  take(four[size_t(order[size_t(i)])]));
		ASSERT_EQ("go", take(four[size_t(order[3])]));
		whole[10] = packet[10]; // the checksum is made anew
		whole[11] = packet[11];
		EXPECT_EQ(whole, packet);
	} while (std::next_permutation(order.begin(), order.end()));
	EXPECT_EQ(0u, dropped("reassembly-timeout"));
}

TEST_F(Reass, JoinsIpv6)
{
	EXPECT_EQ("absorbed", take(v6(9, 64, 30, false)));
	ASSERT_EQ("go", take(v6(9, 0, 64, true)));
	ASSERT_EQ(40u + 94, packet.size());
	EXPECT_EQ(50, packet[6]);
	EXPECT_EQ(94, packet[5]);
	for (unsigned i = 0; i < 94; i++)
		EXPECT_EQ(uint8_t(i * 3), packet[40 + i]);
}

TEST_F(Reass, TellsDatagramsApart)
{
	EXPECT_EQ("absorbed", take(v4(1, 0, 24, true)));
	EXPECT_EQ("absorbed", take(v4(2, 24, 9, false))); // identification
	EXPECT_EQ("absorbed", take(v4(1, 24, 9, false), 1, 8)); // context
	Octets other = v4(1, 24, 9, false);
	other[15] = 99; // source
	EXPECT_EQ("absorbed", take(other));
	other[15] = 2;
	other[9] = 17; // protocol
	EXPECT_EQ("absorbed", take(other));
	EXPECT_EQ("go", take(v4(1, 24, 9, false)));
}

TEST_F(Reass, GivesUpWhatOverlapsAndWhatComesOfIt) // RFC 5722
{
	EXPECT_EQ("absorbed", take(v4(1, 0, 24, true)));
	EXPECT_EQ("absorbed", take(v4(1, 48, 24, true)));
	EXPECT_EQ("fragment-overlap", take(v4(1, 16, 16, true)));
	EXPECT_EQ(2u, dropped("fragment-overlap"));
	EXPECT_EQ("fragment-overlap", take(v4(1, 24, 24, true)));
	EXPECT_EQ("fragment-overlap", take(v4(1, 72, 8, false)));
	// until its time is over
	EXPECT_EQ("absorbed", take(v4(1, 0, 24, true), 61000000000));
}

TEST_F(Reass, DropsTheSameFragmentAlone) // RFC 8200 section 4.5
{
	EXPECT_EQ("absorbed", take(v4(1, 0, 24, true)));
	EXPECT_EQ("fragment-duplicate", take(v4(1, 0, 24, true)));
	EXPECT_EQ("go", take(v4(1, 24, 9, false)));
}

TEST_F(Reass, RefusesOctetsBehindTheLast)
{
	EXPECT_EQ("absorbed", take(v4(1, 24, 8, false)));
	EXPECT_EQ("fragment-overlap", take(v4(1, 40, 8, true)));
	EXPECT_EQ("absorbed", take(v4(2, 40, 8, true)));
	EXPECT_EQ("fragment-overlap", take(v4(2, 24, 8, false)));
	EXPECT_EQ("absorbed", take(v4(3, 24, 8, false)));
	EXPECT_EQ("fragment-overlap", take(v4(3, 48, 8, false)));
}

TEST_F(Reass, RefusesFragmentsThatAreNone)
{
	EXPECT_EQ("bad-fragment", take(v4(1, 0, 0, true)));
	EXPECT_EQ("bad-fragment", take(v4(1, 8, 12, true)));
	EXPECT_EQ("bad-fragment", take(v6(1, 8, 12, true)));
	EXPECT_EQ("frame-too-long", take(v4(1, 9200, 16, false)));
	EXPECT_EQ("frame-too-long", take(v4(1, 65528, 16, false)));
	EXPECT_EQ("bad-ip-header", take(v4(1, 0, 16, false))); // no fragment
	EXPECT_EQ("bad-ip-header", take(Octets(7, 0x45)));
}

TEST_F(Reass, GivesUpInTime)
{
	EXPECT_EQ("absorbed", take(v4(1, 0, 24, true), 1));
	EXPECT_EQ("absorbed", take(v4(2, 0, 24, true), 30000000000));
	ip_reass_shim_expire(s, 60000000000);
	EXPECT_EQ(0u, dropped("reassembly-timeout"));
	ip_reass_shim_expire(s, 60000000001);
	EXPECT_EQ(1u, dropped("reassembly-timeout"));
	EXPECT_EQ("absorbed", take(v4(1, 24, 8, false), 60000000001));
	EXPECT_EQ("go", take(v4(2, 24, 8, false), 60000000001));
	ip_reass_shim_expire(s, UINT64_MAX);
	EXPECT_EQ(2u, dropped("reassembly-timeout"));
}

TEST_F(Reass, IsBoundedAndTheOldestGivesWay)
{
	unsigned n = ip_reass_shim_datagrams();

	for (unsigned i = 0; i < n; i++)
		EXPECT_EQ("absorbed", take(v4(i, 0, 24, true), i + 1));
	EXPECT_EQ("absorbed", take(v4(n, 0, 24, true), n + 1));
	EXPECT_EQ(1u, dropped("reassembly-full"));
	EXPECT_EQ("absorbed",
		  take(v4(0, 24, 8, false), n + 2)); // was the oldest
	EXPECT_EQ("go", take(v4(2, 24, 8, false), n + 2));
}

TEST_F(Reass, HoldsSoManyFragmentsOfADatagram)
{
	for (unsigned i = 0; i < 128; i++)
		EXPECT_EQ("absorbed", take(v4(1, i * 16, 8, true)));
	EXPECT_EQ("reassembly-full", take(v4(1, 8, 8, true)));
	EXPECT_EQ(128u, dropped("reassembly-full"));
}

TEST_F(Reass, KeepsACongestionMark) // RFC 3168 section 5.3
{
	EXPECT_EQ("absorbed", take(v4(1, 24, 8, false, 3)));
	ASSERT_EQ("go", take(v4(1, 0, 24, true, 2)));
	EXPECT_EQ(3, packet[1] & 3);
}
