// Cutting packets (RFC 791 section 3.2, RFC 8200 section 4.5).
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "ip_cksum_shim.h"
#include "ip_frag_shim.h"

namespace
{

using Octets = std::vector<uint8_t>;

Octets
counting(size_t n)
{
	Octets o(n);

	for (size_t i = 0; i < n; i++)
		o[i] = static_cast<uint8_t>(i * 7);
	return o;
}

Octets
v4(size_t payload, const Octets &options = {}, unsigned fragment = 0)
{
	size_t head = 20 + options.size(), total = head + payload;
	Octets o(20, 0);
	Octets body = counting(payload);

	o[0] = static_cast<uint8_t>(0x40 | head / 4);
	o[2] = static_cast<uint8_t>(total >> 8);
	o[3] = static_cast<uint8_t>(total);
	o[6] = static_cast<uint8_t>(fragment >> 8);
	o[7] = static_cast<uint8_t>(fragment);
	o[8] = 64;
	o[9] = 17;
	o.insert(o.end(), options.begin(), options.end());
	o.insert(o.end(), body.begin(), body.end());
	return o;
}

Octets
v6(size_t payload)
{
	Octets o(40, 0x22), body = counting(payload);

	o[0] = 0x60;
	o[4] = static_cast<uint8_t>(payload >> 8);
	o[5] = static_cast<uint8_t>(payload);
	o[6] = 50;
	o[7] = 64;
	o.insert(o.end(), body.begin(), body.end());
	return o;
}

unsigned
at16(const Octets &o, size_t at)
{
	return o[at] << 8 | o[at + 1];
}

std::vector<Octets>
cut(const Octets &packet, unsigned mtu)
{
	std::vector<Octets> pieces;
	int n = ip_frag_shim_plan(packet.data(),
				  static_cast<unsigned>(packet.size()), mtu);

	for (int i = 0; i < n; i++) {
		Octets o(10000);

		o.resize(
		    ip_frag_shim_piece(static_cast<unsigned>(i), o.data()));
		EXPECT_LE(o.size(), mtu);
		pieces.push_back(o);
	}
	return pieces;
}

} // namespace

TEST(IpFrag, CoversThePayloadOnceAndInOrder)
{
	for (size_t payload = 77; payload < 400; payload += 7) {
		Octets whole = v4(payload), again;
		auto pieces = cut(whole, 96);

		ASSERT_EQ((payload + 71) / 72, pieces.size());
		for (size_t i = 0; i < pieces.size(); i++) {
			const Octets &p = pieces[i];
			unsigned fragment = at16(p, 6);

			EXPECT_EQ(again.size(), (fragment & 0x1fff) * 8);
			EXPECT_EQ(i + 1 < pieces.size(),
				  (fragment & 0x2000) != 0);
			EXPECT_EQ(p.size(), at16(p, 2));
			EXPECT_EQ(0, ip_cksum_shim(p.data(), 20));
			again.insert(again.end(), p.begin() + 20, p.end());
		}
		EXPECT_EQ(Octets(whole.begin() + 20, whole.end()), again);
	}
}

TEST(IpFrag, LeavesWhatFitsAlone)
{
	EXPECT_EQ(std::vector<Octets>{v4(76)}, cut(v4(76), 96));
	EXPECT_EQ(std::vector<Octets>{v6(56)}, cut(v6(56), 96));
}

TEST(IpFrag, CutsAFragmentAgain)
{
	auto pieces = cut(v4(160, {}, 0x2000 | 10), 100);

	ASSERT_EQ(2u, pieces.size());
	EXPECT_EQ(0x2000u | 10, at16(pieces[0], 6));
	EXPECT_EQ(0x2000u | 20, at16(pieces[1], 6)); // more come after it
}

TEST(IpFrag, CopiesTheOptionsThatWantIt) // RFC 791 section 3.1
{
	// router alert is copied, record route is not
	auto pieces =
	    cut(v4(160, {0x07, 0x03, 0x04, 0x01, 0x94, 4, 0, 0}), 100);

	ASSERT_EQ(3u, pieces.size());
	EXPECT_EQ(0x47, pieces[0][0]);
	for (size_t i = 1; i < 3; i++) {
		EXPECT_EQ(0x46, pieces[i][0]);
		EXPECT_EQ(0x94, pieces[i][20]);
		EXPECT_EQ(0, ip_cksum_shim(pieces[i].data(), 24));
	}
}

TEST(IpFrag, PutsAFragmentHeaderIntoIpv6)
{
	Octets whole = v6(200), again;
	auto pieces = cut(whole, 120);

	ASSERT_EQ(3u, pieces.size());
	for (size_t i = 0; i < 3; i++) {
		const Octets &p = pieces[i];

		EXPECT_EQ(44, p[6]);
		EXPECT_EQ(50, p[40]);
		EXPECT_EQ(p.size() - 40, at16(p, 4));
		EXPECT_EQ(again.size() | (i < 2), at16(p, 42));
		EXPECT_EQ(0x000du, at16(p, 44));
		EXPECT_EQ(0xecafu, at16(p, 46));
		again.insert(again.end(), p.begin() + 48, p.end());
	}
	EXPECT_EQ(Octets(whole.begin() + 40, whole.end()), again);
}

TEST(IpFrag, SaysWhereItCanNot)
{
	Octets packet = v4(100), lie = v4(100);

	EXPECT_EQ(-EMSGSIZE, ip_frag_shim_plan(packet.data(), 120, 27));
	EXPECT_LT(0, ip_frag_shim_plan(packet.data(), 120, 28));
	lie[3] = 200;
	EXPECT_EQ(-EINVAL, ip_frag_shim_plan(lie.data(), 120, 60));
	EXPECT_EQ(-EINVAL, ip_frag_shim_plan(packet.data(), 0, 60));
	// an option whose length lies ends the options
	EXPECT_EQ(2u, cut(v4(100, {0x94, 60, 0, 0}), 100).size());
}
