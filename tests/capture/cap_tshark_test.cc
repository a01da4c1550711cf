// Stock Wireshark reads what we write: interfaces by name, nanoseconds,
// comments, and the SmartEdge header of link type 32.
#include "capture_writer.h"

#include <cstdio>

#include "redback_shim.h"

namespace
{

class CapTshark : public Folder
{
      protected:
	void SetUp() override
	{
		Folder::SetUp();
		if (std::system("tshark -v >/dev/null 2>&1") != 0)
			GTEST_SKIP() << "skipped: needs tshark";
	}
	std::string tshark(const std::string &file, const std::string &fields)
	{
		std::string command = "tshark -n -r '" + path(file) +
				      "' -T fields -E separator=, " + fields +
				      " 2>&1";
		FILE *from = popen(command.c_str(), "r");
		std::string text;
		char line[512];

		while (fgets(line, sizeof(line), from) != nullptr) {
			std::string one = line;

			// What tshark says when it runs as root.
			if (one.rfind("Running as user", 0) != 0)
				text += one;
		}
		EXPECT_EQ(pclose(from), 0) << text;
		return text;
	}
};

} // namespace

TEST_F(CapTshark, ShowsInterfacesTimesCommentsAndTheSmartEdgeHeader)
{
	const Bytes ip = {0x45, 0,    0,  20, 0, 0, 0x40, 0, 64, 59,
			  0x26, 0xad, 10, 0,  0, 1, 10,   0, 0,  2};
	Writer w(path("x.pcapng"), 0);
	Bytes header(24);
	shim_out o = out(1700000000 * SECOND + 123456789, ip, 1);

	redback_shim(0x40080001, 0x0102, 20, 1, 0, header.data());
	ASSERT_EQ(cap_write_shim_iface(w.w, 1, "1/1"), 0);
	ASSERT_EQ(cap_write_shim_iface(w.w, 32, "3/asp1:clear"), 1);
	o.prefix = header.data();
	o.prefix_octets = 24;
	o.comment = "to 3/asp1";
	ASSERT_EQ(cap_write_shim_rec(w.w, &o), 0);
	ASSERT_EQ(w.rec(1700000001 * SECOND, packet(2), 0), 0);
	ASSERT_EQ(w.close(), 0);
	EXPECT_EQ(tshark("x.pcapng",
			 "-e frame.interface_name -e frame.time_epoch"
			 " -e frame.len -e frame.comment -e redback.context"
			 " -e redback.circuit -e ip.dst"),
		  "3/asp1:clear,1700000000.123456789,44,to 3/asp1,"
		  "0x40080001,0x0000000000000102,10.0.0.2\n"
		  "1/1,1700000001.000000000,60,,,,\n");
}

TEST_F(CapTshark, ReadsNanosecondPcap)
{
	Writer w(path("x.pcap"));

	ASSERT_EQ(w.rec(1700000000 * SECOND + 1, packet(2)), 0);
	ASSERT_EQ(w.close(), 0);
	EXPECT_EQ(tshark("x.pcap", "-e frame.time_epoch -e frame.len"),
		  "1700000000.000000001,60\n");
}
