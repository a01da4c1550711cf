// Writing captures: libpcap reads back what was written, and a failure leaves
// whole records.
#include "capture_writer.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

using CapWrite = Folder;

namespace
{

void
expect_same(const Read &a, const Read &b)
{
	ASSERT_EQ(a.recs.size(), b.recs.size());
	for (size_t i = 0; i < a.recs.size(); i++) {
		EXPECT_EQ(a.recs[i].time_ns, b.recs[i].time_ns);
		EXPECT_EQ(a.recs[i].data, b.recs[i].data);
		EXPECT_EQ(a.recs[i].len, b.recs[i].len);
	}
}

} // namespace

TEST_F(CapWrite, NameTellsTheFormat)
{
	EXPECT_TRUE(cap_write_shim_is_ng("a/b.pcapng"));
	for (const char *name : {"a.pcap", "pcapng", "x.pcapng.pcap", "", "a"})
		EXPECT_FALSE(cap_write_shim_is_ng(name)) << name;
}

TEST_F(CapWrite, LibpcapReadsBackTheSamePackets)
{
	for (const char *name : {"x.pcap", "x.pcapng"}) {
		Writer w(path(name));

		ASSERT_EQ(w.opened, 0);
		for (uint32_t i = 0; i < 3000; i++)
			ASSERT_EQ(
			    w.rec(1700000000 * SECOND + i * 1001,
				  packet(static_cast<uint8_t>(i), i % 1515)),
			    0);
		ASSERT_EQ(w.close(), 0);
		Read theirs = read_libpcap(path(name));
		Read ours = read_path(path(name));

		EXPECT_EQ(theirs.ended, 0);
		ASSERT_EQ(theirs.recs.size(), 3000U);
		EXPECT_EQ(theirs.recs[2999].time_ns,
			  1700000000 * SECOND + 2999 * 1001);
		expect_same(ours, theirs);
	}
}

TEST_F(CapWrite, PcapHeaderIsNanosecondsVersion2Dot4)
{
	Writer w(path("x.pcap"));

	ASSERT_EQ(w.close(), 0);
	EXPECT_EQ(octets_of(path("x.pcap")),
		  (Bytes{0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
			 0,    0,    0,    0,    0, 0, 4, 0, 1, 0, 0, 0}));
}

TEST_F(CapWrite, PrefixAndDataAreOnePacket)
{
	for (const char *name : {"x.pcap", "x.pcapng"}) {
		Writer w(path(name));
		Bytes prefix = {1, 2, 3};
		Bytes data = {4, 5};
		shim_out o = out(5, data);

		o.prefix = prefix.data();
		o.prefix_octets = 3;
		o.orig_octets = 100;
		o.comment = "why"; // pcap has no place for it
		ASSERT_EQ(cap_write_shim_rec(w.w, &o), 0);
		ASSERT_EQ(w.close(), 0);
		Read read = read_path(path(name));

		ASSERT_EQ(read.recs.size(), 1U);
		EXPECT_EQ(read.recs[0].data, (Bytes{1, 2, 3, 4, 5}));
		EXPECT_EQ(read.recs[0].len, 103U);
	}
}

TEST_F(CapWrite, PcapngKeepsInterfacesAndComments)
{
	Writer w(path("x.pcapng"), 0);
	Bytes v = packet(1);
	shim_out o = out(7, v, 1);
	std::string long_comment(5000, 'c');

	ASSERT_EQ(cap_write_shim_iface(w.w, 1, "1/1"), 0);
	ASSERT_EQ(cap_write_shim_iface(w.w, 32, "1/ippa..3/asp1"), 1);
	o.comment = long_comment.c_str();
	ASSERT_EQ(cap_write_shim_rec(w.w, &o), 0);
	o.iface = 2;
	EXPECT_EQ(cap_write_shim_rec(w.w, &o), -EINVAL);
	ASSERT_EQ(w.close(), 0);
	Read read = read_path(path("x.pcapng"), true);

	ASSERT_EQ(read.recs.size(), 1U) << read.error;
	EXPECT_EQ(read.recs[0].iface, 1U);
	EXPECT_EQ(read.recs[0].link, 32U);
	EXPECT_EQ(read.ended, 0);
}

TEST_F(CapWrite, PcapHasOneInterface)
{
	Writer w(path("x.pcap"));

	EXPECT_EQ(cap_write_shim_iface(w.w, 1, "two"), -EEXIST);
}

TEST_F(CapWrite, InterfaceNameHasItsMost)
{
	Writer w(path("x.pcapng"), 0);

	EXPECT_EQ(cap_write_shim_iface(w.w, 1, std::string(129, 'n').c_str()),
		  -EINVAL);
	EXPECT_EQ(cap_write_shim_iface(w.w, 1, std::string(128, 'n').c_str()),
		  0);
	EXPECT_EQ(w.close(), 0);
	EXPECT_EQ(read_libpcap(path("x.pcapng")).opened, 0);
}

TEST_F(CapWrite, LargestPacketIsWrittenAndALargerOneRefused)
{
	for (const char *name : {"x.pcap", "x.pcapng"}) {
		Writer w(path(name));

		for (uint8_t i = 0; i < 9; i++)
			ASSERT_EQ(w.rec(1, packet(i, 262144)), 0);
		EXPECT_EQ(w.rec(1, packet(1, 262145)), -EMSGSIZE);
		ASSERT_EQ(w.close(), 0);
		EXPECT_EQ(read_path(path(name)).recs.size(), 9U);
	}
}

TEST_F(CapWrite, FlushShowsWholeRecordsToAReaderOfTheGrowingFile)
{
	Writer w(path("x.pcap"));

	for (uint8_t i = 1; i < 5; i++) {
		ASSERT_EQ(w.rec(i, packet(i)), 0);
		ASSERT_EQ(cap_write_shim_flush(w.w), 0);
		Read read = read_path(path("x.pcap"));
		EXPECT_EQ(read.recs.size(), i);
		EXPECT_EQ(read.ended, 0);
	}
	EXPECT_EQ(cap_write_shim_octets(w.w),
		  std::filesystem::file_size(path("x.pcap")));
}

TEST_F(CapWrite, UnwritablePathIsSaidByName)
{
	Writer w(path("none/x.pcap"));

	EXPECT_EQ(w.opened, -ENOENT);
	EXPECT_EQ(w.error,
		  path("none/x.pcap") +
		      ": can not be written: No such file or directory");
}

TEST_F(CapWrite, FullDeviceIsToldAndStays)
{
	Writer w("/dev/full");

	ASSERT_EQ(w.opened, 0);
	EXPECT_EQ(w.rec(1, packet(1)), 0);
	EXPECT_EQ(cap_write_shim_flush(w.w), -ENOSPC);
	EXPECT_EQ(w.rec(1, packet(1)), -ENOSPC);
	EXPECT_EQ(w.close(), -ENOSPC);
}

TEST_F(CapWrite, ClosedPipeIsTold)
{
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	ASSERT_EQ(pipe(fds), 0);
	Writer w(fds[1], false);
	close(fds[0]);
	EXPECT_EQ(w.close(), -EPIPE);
}

// A full disk cuts a write anywhere; what stays is a valid capture.
TEST_F(CapWrite, FullDiskLeavesWholeRecords)
{
	for (const char *name : {"x.pcap", "x.pcapng"}) {
		Writer w(path(name));
		rlimit was;
		rlimit small;
		int answers[2];

		signal(SIGXFSZ, SIG_IGN);
		ASSERT_EQ(w.rec(1, packet(1)), 0);
		ASSERT_EQ(cap_write_shim_flush(w.w), 0);
		ASSERT_EQ(w.rec(2, packet(2, 5000)), 0);
		ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &was), 0);
		small = was;
		small.rlim_cur = 1000;
		ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
		answers[0] = cap_write_shim_flush(w.w);
		answers[1] = w.close();
		ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &was), 0);
		EXPECT_EQ(answers[0], -EFBIG);
		EXPECT_EQ(answers[1], -EFBIG);
		Read read = read_path(path(name));
		EXPECT_EQ(read.ended, 0) << read.error;
		EXPECT_EQ(read.recs.size(), 1U);
	}
}
