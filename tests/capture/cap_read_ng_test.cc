// Reading pcapng (draft-ietf-opsawg-pcapng).
#include <cerrno>

#include "capture_files.h"

namespace
{

// if_tsresol and if_tsoffset of one interface, a packet with these ticks.
uint64_t
time_of(uint8_t resolution, int64_t offset, uint64_t ticks, bool big = false)
{
	Octets options(big);
	Octets offset_octets(big);
	Octets o(big);

	offset_octets.u(static_cast<uint64_t>(offset), 8);
	options.option(9, {resolution})
	    .option(14, offset_octets.v8)
	    .option(0, {});
	Read read =
	    read_octets(o.shb().idb(1, options.v8).epb(0, ticks, {1}, 1).v8);

	EXPECT_EQ(read.recs.size(), 1U) << read.error;
	return read.recs.empty() ? 0 : read.recs[0].time_ns;
}

} // namespace

TEST(CapReadNg, ReadsBothOrders)
{
	for (bool big : {false, true}) {
		Octets o(big);
		Read read = read_octets(
		    o.shb().idb(1).epb(0, 1000001, {1, 2, 3}, 60).v8);

		ASSERT_EQ(read.recs.size(), 1U) << read.error;
		EXPECT_EQ(read.ended, 0);
		EXPECT_EQ(read.recs[0].data, (Bytes{1, 2, 3}));
		EXPECT_EQ(read.recs[0].len, 60U);
		// Without if_tsresol: microseconds (section 4.2).
		EXPECT_EQ(read.recs[0].time_ns, SECOND + 1000);
	}
}

TEST(CapReadNg, TimeResolutionsAndOffsets) // section 4.2
{
	EXPECT_EQ(time_of(9, 0, 5), 5U);
	EXPECT_EQ(time_of(6, 0, 5), 5000U);
	EXPECT_EQ(time_of(3, 0, 5), 5000000U);
	EXPECT_EQ(time_of(0, 0, 5), 5 * SECOND);
	EXPECT_EQ(time_of(12, 0, 5999), 5U);
	EXPECT_EQ(time_of(0x80 | 1, 0, 3), 3 * SECOND / 2);
	EXPECT_EQ(time_of(0x80 | 20, 0, 1 << 20), SECOND);
	EXPECT_EQ(time_of(9, 2, 5), 2 * SECOND + 5);
	EXPECT_EQ(time_of(9, 2, 5, true), 2 * SECOND + 5);
	EXPECT_EQ(time_of(9, -1, SECOND + 7), 7U);
}

TEST(CapReadNg, TimesOutOfRangeStopAtItsEnds)
{
	const auto end = static_cast<uint64_t>(INT64_MAX);

	EXPECT_EQ(time_of(0, 0, UINT64_MAX), end);
	EXPECT_EQ(time_of(9, 0, UINT64_MAX), end);
	EXPECT_EQ(time_of(6, 0, UINT64_MAX), end);
	EXPECT_EQ(time_of(9, INT64_MAX, 0), end);
	EXPECT_EQ(time_of(9, INT64_MIN, 5), 0U);
	EXPECT_EQ(time_of(0x7f, 0, UINT64_MAX), 0U);
	EXPECT_EQ(time_of(0xff, 0, UINT64_MAX), 0U);
}

TEST(CapReadNg, InterfacesHaveEachTheirLinkType)
{
	Octets o(false);
	Read read = read_octets(
	    o.shb().idb(1).idb(101).epb(1, 1, {0x45}, 1).epb(0, 2, {2}, 1).v8);

	ASSERT_EQ(read.recs.size(), 2U);
	EXPECT_EQ(read.recs[0].link, 101U);
	EXPECT_EQ(read.recs[0].iface, 1U);
	EXPECT_EQ(read.recs[1].link, 1U);
}

TEST(CapReadNg, ASectionForgetsTheInterfacesBefore) // section 4.1
{
	Octets first(false);
	Octets second(true);

	first.shb().idb(1).epb(0, 1, {1}, 1);
	second.shb().idb(113).epb(0, 2, {2}, 1);
	Bytes both = first.v8;
	both.insert(both.end(), second.v8.begin(), second.v8.end());
	Read read = read_octets(both);

	ASSERT_EQ(read.recs.size(), 2U);
	EXPECT_EQ(read.recs[1].link, 113U);
	second = Octets(true);
	second.shb().epb(0, 2, {2}, 1);
	both = first.v8;
	both.insert(both.end(), second.v8.begin(), second.v8.end());
	read = read_octets(both);
	EXPECT_EQ(read.recs.size(), 1U);
	EXPECT_EQ(read.ended, -EBADMSG);
}

TEST(CapReadNg, SimpleBlockIsCutAtTheSnapshotLength) // section 4.4
{
	Octets o(false);

	o.shb().idb(1, {}, 4);
	o.block(3, Octets(false).u32(60).raw({1, 2, 3, 4}));
	o.block(3, Octets(false).u32(2).raw({5, 6}));
	Read read = read_octets(o.v8);

	ASSERT_EQ(read.recs.size(), 2U) << read.error;
	EXPECT_EQ(read.recs[0].data, (Bytes{1, 2, 3, 4}));
	EXPECT_EQ(read.recs[0].len, 60U);
	EXPECT_EQ(read.recs[1].data, (Bytes{5, 6}));
}

TEST(CapReadNg, ObsoletePacketBlockIsRead) // appendix A
{
	for (bool big : {false, true}) {
		Octets o(big);
		Octets body(big);

		body.u16(1).u16(7).u32(0).u32(5).u32(3).u32(9).raw({1, 2, 3});
		Read read =
		    read_octets(o.shb().idb(1).idb(101).block(2, body).v8);

		ASSERT_EQ(read.recs.size(), 1U) << read.error;
		EXPECT_EQ(read.recs[0].link, 101U);
		EXPECT_EQ(read.recs[0].time_ns, 5000U);
		EXPECT_EQ(read.recs[0].len, 9U);
	}
}

TEST(CapReadNg, OtherBlocksArePassedOverWhateverTheirSize)
{
	Octets o(false);

	o.shb().block(5, Octets(false).u32(0)).idb(1);
	o.block(0x80000001, Octets(false).raw(Bytes(3 << 20)));
	Read read = read_octets(o.epb(0, 1, {1}, 1).v8);

	EXPECT_EQ(read.recs.size(), 1U) << read.error;
	EXPECT_EQ(read.ended, 0);
}

TEST(CapReadNg, UnknownLinkTypeIsRefusedAtItsFirstPacket)
{
	Octets o(false);
	Read read = read_octets(
	    o.shb().idb(147).idb(1).epb(1, 1, {1}, 1).epb(0, 1, {1}, 1).v8);

	EXPECT_EQ(read.opened, 0);
	EXPECT_EQ(read.recs.size(), 1U);
	EXPECT_EQ(read.ended, -EOPNOTSUPP);
	EXPECT_NE(read.error.find("link type 147"), std::string::npos);
}

TEST(CapReadNg, TruncationAnywhereIsTold)
{
	Octets o(false);
	Bytes whole = o.shb().idb(1).epb(0, 1, {1, 2}, 2).v8;

	for (size_t n = 4; n < whole.size(); n++) {
		Read read =
		    read_octets(Bytes(whole.begin(), whole.begin() + n));
		bool clean = n == 28 || n == 48;

		EXPECT_EQ(n < 28 ? read.opened : read.ended,
			  clean ? 0 : -EBADMSG)
		    << n;
		EXPECT_TRUE(read.recs.empty());
	}
	EXPECT_EQ(read_octets(whole).recs.size(), 1U);
}

TEST(CapReadNg, SectionHeaderWithoutByteOrderMagicIsDamage)
{
	Bytes v = Octets(false).shb().v8;

	v[8] ^= 1;
	EXPECT_EQ(read_octets(v).opened, -EBADMSG);
}

TEST(CapReadNg, AnotherVersionIsRefused)
{
	Bytes v = Octets(false).shb().v8;

	v[12] = 2;
	Read read = read_octets(v);
	EXPECT_EQ(read.opened, -EOPNOTSUPP);
	EXPECT_NE(read.error.find("version 2.0"), std::string::npos);
}

TEST(CapReadNg, LengthsOfABlockMustAgree) // section 3.1
{
	Octets o(false);
	Bytes v = o.shb().idb(1).epb(0, 1, {1}, 1).v8;

	v[v.size() - 4] ^= 4;
	Read read = read_octets(v);
	EXPECT_EQ(read.ended, -EBADMSG);
	EXPECT_EQ(read.offset, 48U);
}

TEST(CapReadNg, BlockTooShortOrNoMultipleOfFourIsDamage)
{
	for (uint32_t octets : {0, 8, 13, 30}) {
		Octets o(false);
		Read read = read_octets(
		    o.shb().idb(1).u32(6).u32(octets).raw(Bytes(64)).v8);

		EXPECT_EQ(read.ended, -EBADMSG) << octets;
	}
}

TEST(CapReadNg, PacketLargerThanItsBlockIsDamage)
{
	Octets body(false);
	Octets o(false);

	body.u32(0).u32(0).u32(1).u32(400).u32(400).raw({1, 2, 3, 4});
	EXPECT_EQ(read_octets(o.shb().idb(1).block(6, body).v8).ended,
		  -EBADMSG);
}

TEST(CapReadNg, PacketBlockOfHalfAGigabyteIsDamageNotMemory)
{
	Octets o(false);
	Read read = read_octets(
	    o.shb().idb(1).u32(6).u32(0x20000000).raw(Bytes(64)).v8);

	EXPECT_EQ(read.ended, -EBADMSG);
	EXPECT_NE(read.error.find("536870912 octets"), std::string::npos);
}

TEST(CapReadNg, PacketOfAnUndescribedInterfaceIsDamage)
{
	EXPECT_EQ(read_octets(Octets(false).shb().epb(0, 1, {1}, 1).v8).ended,
		  -EBADMSG);
}

TEST(CapReadNg, OptionBeyondItsBlockIsDamage)
{
	Bytes options = {9, 0, 200, 0, 6, 0, 0, 0};
	Octets o(false);

	EXPECT_EQ(read_octets(o.shb().idb(1, options).v8).ended, -EBADMSG);
}
