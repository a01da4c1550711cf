// Reading pcap: both orders, both resolutions, and every way to be no capture.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "capture_files.h"

using CapReadFile = Folder;

TEST(CapRead, ReadsBothOrdersAndResolutions)
{
	for (bool big : {false, true})
		for (uint32_t magic : {PCAP_US, PCAP_NS}) {
			Octets o(big);
			Read read = read_octets(
			    o.pcap(magic, 1).rec(7, 9, {1, 2, 3}, 60).v8);

			ASSERT_EQ(read.opened, 0) << read.error;
			EXPECT_EQ(read.ended, 0);
			ASSERT_EQ(read.recs.size(), 1U);
			EXPECT_EQ(read.recs[0].time_ns,
				  7 * SECOND + (magic == PCAP_US ? 9000 : 9));
			EXPECT_EQ(read.recs[0].data, (Bytes{1, 2, 3}));
			EXPECT_EQ(read.recs[0].len, 60U);
			EXPECT_EQ(read.recs[0].link, 1U);
		}
}

TEST(CapRead, SecondsEndIn2106)
{
	Read read = read_octets(
	    Octets(false).pcap(PCAP_NS, 1).rec(UINT32_MAX, 5, {1}, 1).v8);

	ASSERT_EQ(read.recs.size(), 1U);
	EXPECT_EQ(read.recs[0].time_ns, UINT32_MAX * SECOND + 5);
}

TEST(CapRead, HeaderWithoutPacketsIsACapture)
{
	Read read = read_octets(Octets(false).pcap(PCAP_US, 1).v8);

	EXPECT_EQ(read.opened, 0);
	EXPECT_EQ(read.ended, 0);
	EXPECT_TRUE(read.recs.empty());
}

TEST(CapRead, PacketOfNoOctetsIsARecord)
{
	Read read =
	    read_octets(Octets(false).pcap(PCAP_US, 1).rec(1, 1, {}, 60).v8);

	EXPECT_EQ(read.recs.size(), 1U);
	EXPECT_EQ(read.ended, 0);
}

// Before version 2.3 the two lengths stood the other way round.
TEST(CapRead, OldVersionsHaveTheirLengthsSwapped)
{
	for (unsigned minor : {2, 3}) {
		Octets o(false);

		o.pcap(PCAP_US, 1, 2, minor);
		o.u32(1).u32(2).u32(60).u32(3).raw({1, 2, 3});
		Read read = read_octets(o.v8);

		ASSERT_EQ(read.recs.size(), 1U);
		EXPECT_EQ(read.recs[0].data.size(), 3U);
		EXPECT_EQ(read.recs[0].len, 60U);
	}
}

TEST(CapRead, FcsBitsAreNoPartOfTheLinkType)
{
	Read read = read_octets(
	    Octets(false).pcap(PCAP_US, 0x24000001).rec(1, 1, {1}, 1).v8);

	ASSERT_EQ(read.recs.size(), 1U);
	EXPECT_EQ(read.recs[0].link, 1U);
}

TEST(CapRead, EmptyFileIsSaidByName)
{
	Read read = read_octets({});

	EXPECT_EQ(read.opened, -EBADMSG);
	EXPECT_EQ(read.error, "memory: empty file, no capture");
}

TEST(CapRead, WhatIsNoCaptureIsSaidWithItsFirstOctets)
{
	Read read = read_octets({'#', '!', '/', 'b', 'i', 'n'});

	EXPECT_EQ(read.opened, -EBADMSG);
	EXPECT_EQ(read.error,
		  "memory: not a capture file: first octets 23 21 2f 62");
}

TEST(CapRead, ForeignKindsAreRefusedByName)
{
	const std::vector<std::pair<Bytes, std::string>> kinds = {
	    {{0x34, 0xcd, 0xb2, 0xa1}, "modified pcap"},
	    {{0xa1, 0xb2, 0xcd, 0x34}, "modified pcap"},
	    {{0x1f, 0x8b, 8, 0}, "gzip"},
	    {{'s', 'n', 'o', 'o', 'p'}, "snoop"},
	};

	for (const auto &kind : kinds) {
		Read read = read_octets(kind.first);

		EXPECT_EQ(read.opened, -EOPNOTSUPP);
		EXPECT_NE(read.error.find(kind.second), std::string::npos)
		    << read.error;
	}
}

TEST(CapRead, UnknownLinkTypeIsRefusedAtOpenWithTheKnownOnes)
{
	Read read = read_octets(Octets(false).pcap(PCAP_US, 147).v8);

	EXPECT_EQ(read.opened, -EOPNOTSUPP);
	EXPECT_NE(read.error.find("link type 147"), std::string::npos);
	EXPECT_NE(read.error.find("Ethernet (1)"), std::string::npos);
	EXPECT_NE(read.error.find("Linux cooked v2 (276)"), std::string::npos);
}

TEST(CapRead, AnotherVersionIsRefused)
{
	Read read = read_octets(Octets(false).pcap(PCAP_US, 1, 543, 0).v8);

	EXPECT_EQ(read.opened, -EOPNOTSUPP);
	EXPECT_NE(read.error.find("version 543.0"), std::string::npos);
}

TEST(CapRead, TruncationAnywhereIsToldAfterWhatCameBefore)
{
	Octets o(false);
	Bytes whole =
	    o.pcap(PCAP_US, 1).rec(1, 1, {1, 2}, 2).rec(2, 2, {3, 4}, 2).v8;

	for (size_t n = 1; n < whole.size(); n++) {
		Read read =
		    read_octets(Bytes(whole.begin(), whole.begin() + n));
		bool clean = n == 24 || n == 42;

		EXPECT_EQ(n < 24 ? read.opened : read.ended,
			  clean ? 0 : -EBADMSG)
		    << n;
		EXPECT_EQ(read.recs.size(), n < 42 ? 0U : 1U) << n;
		if (!clean) {
			EXPECT_NE(read.error.find("truncated at octet " +
						  std::to_string(n)),
				  std::string::npos)
			    << read.error;
		}
	}
}

TEST(CapRead, AbsurdLengthIsDamage)
{
	Octets o(false);

	o.pcap(PCAP_US, 1).rec(1, 1, {1}, 1);
	o.u32(0).u32(0).u32(0x7fffffff).u32(60).raw(Bytes(100));
	Read read = read_octets(o.v8);

	EXPECT_EQ(read.recs.size(), 1U);
	EXPECT_EQ(read.ended, -EBADMSG);
	EXPECT_NE(read.error.find("damaged at octet 41"), std::string::npos)
	    << read.error;
	EXPECT_EQ(read.offset, 41U);
}

TEST(CapRead, RecordsOf256KiBStraddlingBlocksAreWhole)
{
	Octets o(false);
	Bytes big(262144);

	for (size_t i = 0; i < big.size(); i++)
		big[i] = static_cast<uint8_t>(i * 7);
	o.pcap(PCAP_NS, 101);
	for (uint32_t i = 0; i < 12; i++)
		o.rec(i, i, big, 300000);
	Read read = read_octets(o.v8);

	EXPECT_EQ(read.ended, 0);
	ASSERT_EQ(read.recs.size(), 12U);
	for (const Rec &rec : read.recs) {
		EXPECT_EQ(rec.data, big);
		EXPECT_EQ(rec.len, 300000U);
	}
}

TEST_F(CapReadFile, MissingFileIsSaidByName)
{
	Read read = read_path(path("none.pcap"));

	EXPECT_EQ(read.opened, -ENOENT);
	EXPECT_EQ(read.error,
		  path("none.pcap") +
		      ": can not be opened: No such file or directory");
}

TEST_F(CapReadFile, FolderIsNoCapture)
{
	EXPECT_EQ(read_path(dir).opened, -EISDIR);
}

// Only forward reads: a pipe gives as little at a time as it likes.
TEST_F(CapReadFile, PipeIsReadAsItComes)
{
	Octets o(true);
	Read read;

	o.pcap(PCAP_US, 1);
	for (uint32_t i = 0; i < 50; i++)
		o.rec(i, 0, Bytes(i, 9), i);
	ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
	std::thread writer([&] {
		int fd = open(path("fifo").c_str(), O_WRONLY);

		for (size_t i = 0; i < o.v8.size(); i += 7)
			EXPECT_GT(write(fd, &o.v8[i],
					std::min<size_t>(7, o.v8.size() - i)),
				  0);
		close(fd);
	});
	read = read_path(path("fifo"));
	writer.join();
	EXPECT_EQ(read.opened, 0);
	EXPECT_EQ(read.ended, 0);
	EXPECT_EQ(read.recs.size(), 50U);
}
