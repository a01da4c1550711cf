// Filter expressions (pcap-filter(7)) on frames and on packets inside.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "cap_filter_shim.h"

namespace
{

using Bytes = std::vector<uint8_t>;

const Bytes packet = {0x45, 0,    0,    28,   0, 0, 0x40, 0, 64, 17,
		      0x26, 0xcf, 10,   0,    0, 1, 10,   0, 0,  2,
		      0,    53,   0x30, 0x39, 0, 8, 0,    0};

std::string why;

int
run(const char *expression, uint16_t link, const Bytes &data)
{
	char text[512];
	int answer = cap_filter_shim(expression, link, data.data(),
				     static_cast<uint32_t>(data.size()), text,
				     sizeof(text));

	why = text;
	return answer;
}

Bytes
framed()
{
	Bytes frame = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};

	for (uint8_t octet : packet)
		frame.push_back(octet);
	return frame;
}

} // namespace

TEST(CapFilter, MatchesFramesAndPackets)
{
	for (const char *expression : {"udp port 53", "host 10.0.0.2", ""}) {
		EXPECT_EQ(run(expression, 1, framed()), 1) << expression;
		EXPECT_EQ(run(expression, 101, packet), 1) << expression;
		EXPECT_EQ(run(expression, 228, packet), 1) << expression;
	}
	for (const char *expression : {"tcp", "host 10.0.0.3", "ip6"}) {
		EXPECT_EQ(run(expression, 1, framed()), 0) << expression;
		EXPECT_EQ(run(expression, 101, packet), 0) << expression;
	}
}

TEST(CapFilter, EthernetExpressionMatchesNoBarePacket)
{
	EXPECT_EQ(run("ether host 02:00:00:00:00:01", 1, framed()), 1);
	EXPECT_EQ(run("ether host 02:00:00:00:00:01", 101, packet), 0);
}

TEST(CapFilter, OtherLinkTypesDoNotMatch)
{
	EXPECT_EQ(run("udp", 32, packet), 0);
}

TEST(CapFilter, RefusalComesInTheWordsOfLibpcap)
{
	EXPECT_EQ(run("udp porrt 53", 1, framed()), -EINVAL);
	EXPECT_NE(why.find("udp porrt 53"), std::string::npos);
	EXPECT_NE(why.find("syntax error"), std::string::npos) << why;
}
