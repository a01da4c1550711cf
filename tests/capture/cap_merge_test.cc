// Parts become one file; a file whose writer was killed becomes valid again.
#include "capture_writer.h"

#include <cerrno>

namespace
{

class CapMerge : public Folder
{
      protected:
	// A part with packets at these times; each packet is its time.
	std::string part(const std::string &name,
			 const std::vector<uint8_t> &times, uint16_t link = 1)
	{
		Writer w(path(name), link);

		for (uint8_t t : times)
			EXPECT_EQ(w.rec(t, packet(t)), 0);
		EXPECT_EQ(w.close(), 0);
		return path(name);
	}
	int merge(const std::string &name, const std::vector<shim_part> &parts)
	{
		char text[512];
		int answer = cap_merge_shim(path(name).c_str(), parts.data(),
					    static_cast<unsigned>(parts.size()),
					    cap_write_shim_is_ng(name.c_str()),
					    text, sizeof(text));

		why = text;
		return answer;
	}
	std::string why;
};

class CapRepair : public CapMerge
{
      protected:
	int repair(const std::string &name)
	{
		return cap_merge_shim_repair(path(name).c_str(),
					     cap_write_shim_is_ng(name.c_str()),
					     1, &records);
	}
	uint64_t records = 99;
};

} // namespace

TEST_F(CapMerge, RecordsComeByTimeAndInterfacesKeepTheirLinks)
{
	std::string a = part("a", {1, 4, 5});
	std::string b = part("b.pcapng", {2, 3, 6}, 32);

	ASSERT_EQ(merge("out.pcapng", {{a.c_str(), "1/1", 1},
				       {b.c_str(), "1/ippa..3/asp1", 32}}),
		  0)
	    << why;
	Read read = read_path(path("out.pcapng"), true);
	ASSERT_EQ(read.recs.size(), 6U);
	for (uint8_t i = 0; i < 6; i++) {
		bool from_b = i == 1 || i == 2 || i == 5;

		EXPECT_EQ(read.recs[i].time_ns, i + 1U);
		EXPECT_EQ(read.recs[i].iface, from_b ? 1U : 0U);
		EXPECT_EQ(read.recs[i].link, from_b ? 32U : 1U);
	}
}

TEST_F(CapMerge, EqualTimesComeInOrderOfTheParts)
{
	std::string a = part("a", {7, 7});
	std::string b = part("b", {7, 7});

	ASSERT_EQ(
	    merge("out.pcapng", {{a.c_str(), "a", 1}, {b.c_str(), "b", 1}}), 0);
	Read read = read_path(path("out.pcapng"));
	ASSERT_EQ(read.recs.size(), 4U);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQ(read.recs[i].iface, i / 2);
}

TEST_F(CapMerge, APartKeepsItsOrderThoughItsTimesStepBack)
{
	std::string a = part("a", {5, 2, 9});
	std::string b = part("b", {3, 6});
	Bytes order;

	ASSERT_EQ(
	    merge("out.pcapng", {{a.c_str(), "a", 1}, {b.c_str(), "b", 1}}), 0);
	for (const Rec &rec : read_path(path("out.pcapng")).recs)
		order.push_back(rec.data[0]);
	EXPECT_EQ(order, (Bytes{3, 5, 2, 6, 9}));
}

TEST_F(CapMerge, EmptyPartsHaveTheirInterfaceToo)
{
	std::string a = part("a", {});

	ASSERT_EQ(merge("out.pcapng", {{a.c_str(), "a", 1}}), 0);
	EXPECT_EQ(read_libpcap(path("out.pcapng")).ended, 0);
	EXPECT_EQ(read_libpcap(path("out.pcapng")).opened, 0);
}

TEST_F(CapMerge, OnePcapHoldsOneLinkType)
{
	std::string a = part("a", {1, 3});
	std::string b = part("b", {2});
	std::string c = part("c", {2}, 101);

	ASSERT_EQ(merge("out.pcap", {{a.c_str(), "a", 1}, {b.c_str(), "b", 1}}),
		  0);
	EXPECT_EQ(read_libpcap(path("out.pcap")).recs.size(), 3U);
	EXPECT_EQ(
	    merge("no.pcap", {{a.c_str(), "a", 1}, {c.c_str(), "c", 101}}),
	    -EINVAL);
	EXPECT_FALSE(std::filesystem::exists(path("no.pcap")));
}

TEST_F(CapMerge, MissingAndDamagedPartsAreSaidByName)
{
	std::string a = part("a", {1, 3});

	EXPECT_EQ(merge("out.pcapng", {{path("none").c_str(), "a", 1}}),
		  -ENOENT);
	EXPECT_NE(why.find("none"), std::string::npos);
	std::filesystem::resize_file(a, std::filesystem::file_size(a) - 1);
	EXPECT_EQ(merge("out.pcapng", {{a.c_str(), "a", 1}}), -EBADMSG);
	EXPECT_NE(why.find("truncated"), std::string::npos) << why;
	EXPECT_EQ(read_path(path("out.pcapng")).recs.size(), 1U);
}

TEST_F(CapRepair, AnyCutLeavesTheWholeRecordsBeforeIt)
{
	for (const char *name : {"x.pcap", "x.pcapng"}) {
		part(name, {1, 2});
		Bytes whole = octets_of(path(name));
		size_t header =
		    whole.size() -
		    2 * (60 + (cap_write_shim_is_ng(name) ? 32 : 16));

		for (size_t n = 0; n <= whole.size(); n++) {
			store(path(name),
			      Bytes(whole.begin(), whole.begin() + n));
			ASSERT_EQ(repair(name), 0) << n;
			Read read = read_path(path(name));
			size_t want = n < header ? 0
						 : (n - header) * 2 /
						       (whole.size() - header);

			ASSERT_EQ(read.opened, 0) << n << read.error;
			ASSERT_EQ(read.ended, 0) << n << read.error;
			ASSERT_EQ(read.recs.size(), want) << n;
			ASSERT_EQ(records, want) << n;
			ASSERT_EQ(read_libpcap(path(name)).opened, 0) << n;
		}
	}
}

TEST_F(CapRepair, WhatIsNoCaptureStaysAsItIs)
{
	Bytes text(100, 'x');

	store(path("x.pcap"), text);
	EXPECT_EQ(repair("x.pcap"), -EBADMSG);
	EXPECT_EQ(octets_of(path("x.pcap")), text);
	EXPECT_EQ(records, 99U);
	EXPECT_EQ(repair("none.pcap"), -ENOENT);
}
