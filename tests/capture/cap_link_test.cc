// Where the network header begins, by link type.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "cap_link_shim.h"

namespace
{

using Bytes = std::vector<uint8_t>;

const Bytes unicast = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};

Bytes
frame(const Bytes &rest, Bytes macs = unicast)
{
	macs.insert(macs.end(), rest.begin(), rest.end());
	return macs;
}

// Parsed from memory that ends where the packet ends.
int
parse(uint16_t link, const Bytes &data, shim_l2 *l2)
{
	Bytes copy(data);

	copy.shrink_to_fit();
	return cap_link_shim_parse(link, copy.data(),
				   static_cast<uint32_t>(copy.size()), l2);
}

} // namespace

TEST(CapLink, Ethernet) // IEEE 802.3 clause 3.2
{
	shim_l2 l2;

	ASSERT_EQ(parse(1, frame({8, 0, 0x45}), &l2), 0);
	EXPECT_EQ(l2.ethertype, 0x0800U);
	EXPECT_EQ(l2.offset, 14U);
	EXPECT_EQ(l2.tags, 0U);
	EXPECT_TRUE(l2.has_dst);
	EXPECT_EQ(l2.cast, SHIM_UNICAST);
}

TEST(CapLink, OneAndTwoTags) // IEEE 802.1Q clause 9
{
	shim_l2 l2;

	ASSERT_EQ(parse(1, frame({0x81, 0, 0xe0, 5, 8, 0}), &l2), 0);
	EXPECT_EQ(l2.tags, 1U);
	EXPECT_EQ(l2.vlan[0], 5U);
	EXPECT_EQ(l2.offset, 18U);
	ASSERT_EQ(
	    parse(1, frame({0x88, 0xa8, 0xf, 0xff, 0x81, 0, 0, 7, 8, 6}), &l2),
	    0);
	EXPECT_EQ(l2.tags, 2U);
	EXPECT_EQ(l2.vlan[0], 4095U);
	EXPECT_EQ(l2.vlan[1], 7U);
	EXPECT_EQ(l2.ethertype, 0x0806U);
	EXPECT_EQ(l2.offset, 22U);
}

TEST(CapLink, AThirdTagIsTheEthertype)
{
	shim_l2 l2;

	ASSERT_EQ(
	    parse(1, frame({0x81, 0, 0, 1, 0x81, 0, 0, 2, 0x81, 0, 0, 3, 8, 0}),
		  &l2),
	    0);
	EXPECT_EQ(l2.tags, 2U);
	EXPECT_EQ(l2.ethertype, 0x8100U);
	EXPECT_EQ(l2.offset, 22U);
}

TEST(CapLink, SnapCarriesAnEthertype) // RFC 1042, RFC 1122 section 2.3.3
{
	shim_l2 l2;

	ASSERT_EQ(
	    parse(1, frame({0, 28, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, 0x45}), &l2),
	    0);
	EXPECT_EQ(l2.ethertype, 0x0800U);
	EXPECT_EQ(l2.offset, 22U);
}

TEST(CapLink, OtherLlcHasNoEthertype)
{
	shim_l2 l2;

	ASSERT_EQ(parse(1, frame({0, 3, 0x42, 0x42, 3}), &l2), 0);
	EXPECT_EQ(l2.ethertype, 0U);
	ASSERT_EQ(parse(1, frame({0, 0}), &l2), 0);
	EXPECT_EQ(l2.ethertype, 0U);
}

TEST(CapLink, DestinationTellsBroadcastAndMulticast)
{
	shim_l2 l2;
	Bytes macs = unicast;

	macs[0] = 1;
	ASSERT_EQ(parse(1, frame({8, 0}, macs), &l2), 0);
	EXPECT_EQ(l2.cast, SHIM_MULTICAST);
	std::fill(macs.begin(), macs.begin() + 6, 0xff);
	ASSERT_EQ(parse(1, frame({8, 0}, macs), &l2), 0);
	EXPECT_EQ(l2.cast, SHIM_BROADCAST);
}

TEST(CapLink, RawIpTellsItsVersion)
{
	shim_l2 l2;

	for (uint16_t link : {12, 14, 101}) {
		ASSERT_EQ(parse(link, {0x45}, &l2), 0);
		EXPECT_EQ(l2.ethertype, 0x0800U);
		EXPECT_EQ(l2.offset, 0U);
		EXPECT_FALSE(l2.has_dst);
		ASSERT_EQ(parse(link, {0x60}, &l2), 0);
		EXPECT_EQ(l2.ethertype, 0x86ddU);
		ASSERT_EQ(parse(link, {0x50}, &l2), 0);
		EXPECT_EQ(l2.ethertype, 0U);
	}
	ASSERT_EQ(parse(228, {0x45}, &l2), 0);
	EXPECT_EQ(l2.ethertype, 0x0800U);
	ASSERT_EQ(parse(229, {0x60}, &l2), 0);
	EXPECT_EQ(l2.ethertype, 0x86ddU);
}

TEST(CapLink, LinuxCooked) // LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2
{
	Bytes sll = {0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0};
	Bytes sll2 = {8, 0, 0, 0, 0, 0, 0, 3, 0, 1,
		      2, 6, 2, 0, 0, 0, 0, 1, 0, 0};
	shim_l2 l2;

	ASSERT_EQ(parse(113, sll, &l2), 0);
	EXPECT_EQ(l2.ethertype, 0x0800U);
	EXPECT_EQ(l2.offset, 16U);
	EXPECT_EQ(l2.cast, SHIM_BROADCAST);
	ASSERT_EQ(parse(276, sll2, &l2), 0);
	EXPECT_EQ(l2.ethertype, 0x0800U);
	EXPECT_EQ(l2.offset, 20U);
	EXPECT_EQ(l2.cast, SHIM_MULTICAST);
	sll[1] = 4; // sent by the capturing host
	ASSERT_EQ(parse(113, sll, &l2), 0);
	EXPECT_EQ(l2.cast, SHIM_UNICAST);
}

TEST(CapLink, TooShortForItsLinkHeaderIsRefused)
{
	shim_l2 l2;

	for (size_t n = 0; n < 14; n++)
		EXPECT_EQ(parse(1, Bytes(n), &l2), -EBADMSG) << n;
	for (size_t n = 2; n < 6; n++) {
		Bytes cut = {0x81, 0, 0, 5, 8, 0};

		cut.resize(n);
		EXPECT_EQ(parse(1, frame(cut), &l2), -EBADMSG) << n;
	}
	EXPECT_EQ(parse(113, Bytes(15), &l2), -EBADMSG);
	EXPECT_EQ(parse(276, Bytes(19), &l2), -EBADMSG);
	for (uint16_t link : {12, 14, 101, 228, 229})
		EXPECT_EQ(parse(link, {}, &l2), -EBADMSG) << link;
}

TEST(CapLink, UnknownTypesAreRefusedAndKnownOnesListed)
{
	char text[200];
	char cut[12];
	shim_l2 l2;

	EXPECT_EQ(parse(147, Bytes(64), &l2), -EOPNOTSUPP);
	EXPECT_EQ(parse(32, Bytes(64), &l2), -EOPNOTSUPP);
	EXPECT_EQ(cap_link_shim_name(147), nullptr);
	EXPECT_EQ(cap_link_shim_name(65537), nullptr);
	EXPECT_STREQ(cap_link_shim_known(text, sizeof(text)),
		     "Ethernet (1), raw IP (12), raw IP (14), raw IP (101), "
		     "Linux cooked (113), raw IPv4 (228), raw IPv6 (229), "
		     "Linux cooked v2 (276)");
	EXPECT_LT(std::string(cap_link_shim_known(cut, sizeof(cut))).size(),
		  sizeof(cut));
}
