// The Internet checksum (RFC 1071) and its update (RFC 1624).
#include <gtest/gtest.h>

#include <vector>

#include "ip_cksum_shim.h"

namespace
{

// What the RFC says, word by word, with nothing to go wrong in it.
uint16_t
plain_sum(const std::vector<uint8_t> &v)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < v.size(); i += 2) {
		sum += static_cast<uint32_t>(v[i] << 8) |
		       (i + 1 < v.size() ? v[i + 1] : 0);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return static_cast<uint16_t>(~sum);
}

} // namespace

TEST(IpCksum, NumericalExample) // RFC 1071 section 3: the sum is ddf2
{
	const uint8_t v[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	EXPECT_EQ(ip_cksum_shim(v, sizeof(v)), 0xffff & ~0xddf2);
}

TEST(IpCksum, OddLastOctetIsPaddedWithZero) // RFC 1071 section 1
{
	const uint8_t v[] = {0x12, 0x34, 0x56};

	EXPECT_EQ(ip_cksum_shim(v, 3), 0xffff & ~(0x1234 + 0x5600));
	EXPECT_EQ(ip_cksum_shim(v, 1), 0xffff & ~0x1200);
	EXPECT_EQ(ip_cksum_shim(v, 0), 0xffff);
}

TEST(IpCksum, IsZeroOverWhatHoldsIt) // RFC 1071 section 1 (3)
{
	std::vector<uint8_t> v(20, 0xc3);
	uint16_t sum;

	v[10] = v[11] = 0;
	sum = ip_cksum_shim(v.data(), v.size());
	v[10] = static_cast<uint8_t>(sum >> 8);
	v[11] = static_cast<uint8_t>(sum);
	EXPECT_EQ(ip_cksum_shim(v.data(), v.size()), 0);
}

TEST(IpCksum, AgreesWithThePlainSumAtEveryLengthAndAlignment)
{
	std::vector<uint8_t> all(80);

	for (size_t i = 0; i < all.size(); i++)
		all[i] = static_cast<uint8_t>(i * 37 + (i % 3 == 0 ? 255 : 0));
	for (size_t from = 0; from < 4; from++)
		for (size_t n = 0; n + from <= all.size(); n++) {
			std::vector<uint8_t> v(all.begin() + from,
					       all.begin() + from + n);

			ASSERT_EQ(ip_cksum_shim(all.data() + from, n),
				  plain_sum(v));
		}
}

TEST(IpCksum, CarriesOfAFullSizePacketAreFolded)
{
	std::vector<uint8_t> v(65535, 0xff);

	EXPECT_EQ(ip_cksum_shim(v.data(), v.size()), plain_sum(v));
}

TEST(IpCksumUpdate, ExampleOfTheRfc) // RFC 1624 section 4
{
	EXPECT_EQ(ip_cksum_shim_update(0xdd2f, 0x5555, 0x3285), 0x0000);
}

// RFC 1624 section 3: equation 2 gives 0xffff here; equation 3 must not.
TEST(IpCksumUpdate, NeverTurnsZeroIntoAllOnes)
{
	for (unsigned was = 0; was < 0x10000; was += 0x11) {
		uint16_t now = static_cast<uint16_t>(was ^ 0x0100);
		std::vector<uint8_t> v = {0x45,
					  0x00,
					  0,
					  0,
					  static_cast<uint8_t>(was >> 8),
					  static_cast<uint8_t>(was)};
		uint16_t sum = plain_sum(v);

		v[4] = static_cast<uint8_t>(now >> 8);
		v[5] = static_cast<uint8_t>(now);
		ASSERT_EQ(
		    ip_cksum_shim_update(sum, static_cast<uint16_t>(was), now),
		    plain_sum(v))
		    << was;
	}
}

TEST(IpCksumUpdate, OneLessTtlForEveryTtlAndSum)
{
	for (unsigned ttl = 1; ttl < 256; ttl++)
		for (unsigned rest = 0; rest < 0x10000; rest += 0xff) {
			std::vector<uint8_t> v = {
			    static_cast<uint8_t>(ttl), 50,
			    static_cast<uint8_t>(rest >> 8),
			    static_cast<uint8_t>(rest)};
			uint16_t sum = plain_sum(v);
			uint16_t was = static_cast<uint16_t>(ttl << 8 | 50);

			v[0]--;
			ASSERT_EQ(
			    ip_cksum_shim_update(
				sum, was, static_cast<uint16_t>(was - 0x100)),
			    plain_sum(v));
		}
}
