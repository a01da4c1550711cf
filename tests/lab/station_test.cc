// A capture node: what it plays, what it records, and whom it answers.
#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "station_shim.h"

namespace
{

constexpr uint64_t MS = 1000000;

void
put32(std::string &to, uint32_t n)
{
	to.append(reinterpret_cast<const char *>(&n), sizeof(n));
}

// A file that goes with the test.
class File
{
      public:
	File()
	{
		char name[] = "/tmp/station_test.XXXXXX";

		close(mkstemp(name));
		path = name;
	}
	~File()
	{
		unlink(path.c_str());
	}

	std::string read() const
	{
		std::ifstream in(path, std::ios::binary);

		return {std::istreambuf_iterator<char>(in), {}};
	}

	std::string path;
};

// A nanosecond pcap of frames of 60 octets at these times (ms).
void
write_capture(const File &file, const std::vector<uint32_t> &ms)
{
	std::string pcap;

	for (uint32_t n : {0xa1b23c4du, 0x00040002u, 0u, 0u, 65535u, 1u})
		put32(pcap, n);
	for (size_t i = 0; i < ms.size(); i++) {
		for (uint32_t n : {1700000000u, ms[i] * 1000000, 60u, 60u})
			put32(pcap, n);
		pcap += std::string(60, static_cast<char>('a' + i));
	}
	std::ofstream(file.path, std::ios::binary) << pcap;
}

char
first_of(station_shim *s, unsigned i, uint64_t *time_ns)
{
	const uint8_t *data;

	return station_shim_frame(s, i, &data, time_ns) == 60
		   ? static_cast<char>(data[0])
		   : 0;
}

// ARP of RFC 826 in Ethernet.
std::string
arp(const char *sender, const char *target)
{
	return std::string("\xff\xff\xff\xff\xff\xff\x02\x5e\0\0\1\1\x08\x06"
			   "\0\1\x08\0\6\4\0\1\x02\x5e\0\0\1\1",
			   28) +
	       std::string(sender, 4) + std::string(6, 0) +
	       std::string(target, 4);
}

void
write(station_shim *s, const std::string &frame, uint64_t time_ns = 1)
{
	station_shim_write(s, time_ns,
			   reinterpret_cast<const uint8_t *>(frame.data()),
			   static_cast<uint32_t>(frame.size()));
}

} // namespace

TEST(Station, PlaysACaptureAtItsOwnPaceThatNeverStepsBack)
{
	File file;
	write_capture(file, {100, 150, 120, 400});
	station_shim *s = station_shim_new(file.path.c_str(), 0, nullptr);
	uint64_t time_ns;

	ASSERT_NE(s, nullptr);
	EXPECT_EQ(station_shim_next(s), STATION_SHIM_NEVER); // not started
	station_shim_start(s, 1000 * MS);
	EXPECT_EQ(station_shim_next(s), 1000 * MS);
	EXPECT_EQ(station_shim_read(s, 1049 * MS), 1);
	EXPECT_EQ(first_of(s, 0, &time_ns), 'a');
	EXPECT_EQ(time_ns, 1000 * MS);
	EXPECT_EQ(station_shim_next(s), 1050 * MS);
	EXPECT_EQ(station_shim_read(s, 1200 * MS), 2);
	EXPECT_EQ(first_of(s, 1, &time_ns), 'c');
	EXPECT_EQ(time_ns, 1050 * MS);
	EXPECT_EQ(station_shim_next(s), 1300 * MS);
	EXPECT_EQ(station_shim_read(s, 1300 * MS), 1);
	EXPECT_EQ(station_shim_next(s), STATION_SHIM_NEVER);
	EXPECT_EQ(station_shim_read(s, 9000 * MS), 0);
	station_shim_free(s);
}

TEST(Station, WhatWasNotTakenComesAgain)
{
	File file;
	write_capture(file, {0, 0, 0, 0});
	station_shim *s = station_shim_new(file.path.c_str(), 1000, nullptr);
	uint64_t time_ns;

	ASSERT_NE(s, nullptr);
	station_shim_start(s, 0);
	ASSERT_EQ(station_shim_read(s, 10 * MS), 4);
	station_shim_unread(s, 3);
	EXPECT_EQ(station_shim_next(s), 1 * MS);
	ASSERT_EQ(station_shim_read(s, 10 * MS), 3);
	EXPECT_EQ(first_of(s, 0, &time_ns), 'b');
	EXPECT_EQ(time_ns, 1 * MS); // 1,000 packets a second
	EXPECT_EQ(first_of(s, 2, &time_ns), 'd');
	EXPECT_EQ(station_shim_next(s), STATION_SHIM_NEVER);
	station_shim_free(s);
}

TEST(Station, RecordsWhatArrivesButNotQuestions)
{
	File sink;
	station_shim *s = station_shim_new(nullptr, 0, sink.path.c_str());
	const uint8_t *data;
	uint64_t time_ns;
	std::string frame(60, 'x');

	ASSERT_NE(s, nullptr);
	write(s, frame, 1500000000);
	write(s, arp("\x0a\1\0\1", "\x0a\1\0\5"));
	EXPECT_EQ(station_shim_next(s), 0u); // the answer is due at once
	ASSERT_EQ(station_shim_read(s, 5), 1);
	ASSERT_EQ(station_shim_frame(s, 0, &data, &time_ns), 42u);
	// to who asked, from the station that is not there (RFC 826)
	EXPECT_EQ(std::string(data, data + 42),
		  std::string("\x02\x5e\0\0\1\1\x02\0\x0a\1\0\5\x08\x06"
			      "\0\1\x08\0\6\4\0\2\x02\0\x0a\1\0\5\x0a\1\0\5"
			      "\x02\x5e\0\0\1\1\x0a\1\0\1",
			      42));
	EXPECT_EQ(station_shim_next(s), STATION_SHIM_NEVER);
	station_shim_free(s);
	std::string pcap = sink.read();
	ASSERT_EQ(pcap.size(), 24u + 16u + 60u);
	EXPECT_EQ(pcap.substr(40), frame);
}

TEST(Station, WhoTellsOrTriesItsOwnAddressGetsNoAnswer)
{
	station_shim *s = station_shim_new(nullptr, 0, nullptr);

	write(s, arp("\x0a\1\0\1", "\x0a\1\0\1")); // announcement
	write(s, arp("\0\0\0\0", "\x0a\1\0\1"));   // probe, RFC 5227
	write(s, arp("\x0a\1\0\1", "\x0a\1\0\5").substr(0, 30));
	EXPECT_EQ(station_shim_next(s), STATION_SHIM_NEVER);
	station_shim_free(s);
}

TEST(Station, FilesThatCanNotBeAreRefused)
{
	EXPECT_EQ(station_shim_new("/nowhere/x.pcap", 0, nullptr), nullptr);
	EXPECT_EQ(station_shim_new(nullptr, 0, "/nowhere/x.pcap"), nullptr);
}
