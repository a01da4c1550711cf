// What a journey shows of a packet: headers and never what they carry, and how
// they changed, in words.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hdr_view_shim.h"

using octets = std::vector<uint8_t>;

static octets
operator+(octets a, const octets &b)
{
	a.insert(a.end(), b.begin(), b.end());
	return a;
}

static octets
v4(uint8_t ttl, uint8_t protocol, unsigned total, uint16_t fragment = 0)
{
	return {0x45,
		0,
		static_cast<uint8_t>(total >> 8),
		static_cast<uint8_t>(total),
		0,
		7,
		static_cast<uint8_t>(fragment >> 8),
		static_cast<uint8_t>(fragment),
		ttl,
		protocol,
		0x12,
		0x34,
		10,
		1,
		0,
		5,
		10,
		2,
		0,
		7};
}

static const octets udp = {0x13, 0x88, 0, 53, 0, 100, 0, 0};
static const octets esp = {0, 0, 0x10, 1, 0, 0, 0, 9};
static const octets eth = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
static const octets tagged = {2, 0, 0, 0,    0, 1, 2,   0, 0,
			      0, 0, 2, 0x81, 0, 0, 100, 8, 0};

static std::string
diff(const octets &was, size_t was_link, const octets &now, size_t now_link)
{
	char text[1024];

	hdr_shim_diff(was.data(), was.size(), was_link, now.data(), now.size(),
		      now_link, text, sizeof text);
	return text;
}

TEST(PktHead, EndsWhereThePayloadBegins)
{
	octets packet = eth + v4(64, 17, 128) + udp + octets(100, 0xaa);

	EXPECT_EQ(head_shim(packet.data(), packet.size(), 14), 14U + 20 + 8);
}

TEST(PktHead, ShowsOfEspNeitherIvNorText) // RFC 4303 section 2
{
	octets packet = v4(64, 50, 128) + esp + octets(100, 0xaa);

	EXPECT_EQ(head_shim(packet.data(), packet.size(), 0), 28U);
}

TEST(PktHead, OfALaterFragmentShowsTheIpHeaderAlone)
{
	octets packet = v4(64, 17, 128, 0x00b9) + octets(108, 0xaa);

	EXPECT_EQ(head_shim(packet.data(), packet.size(), 0), 20U);
}

TEST(PktHead, ShowsNoMoreThanIsThere)
{
	octets packet = v4(64, 6, 24) + octets(4, 0xaa);

	for (size_t n = 0; n <= packet.size(); n++)
		EXPECT_LE(head_shim(packet.data(), n, 0), n);
	EXPECT_EQ(head_shim(packet.data(), 10, 14), 10U);
}

TEST(PktHead, BelievesNoTcpHeaderLongerThanItsPacket)
{
	octets tcp(20, 0);

	tcp[12] = 0xf0; /* 60 octets, says it */
	octets packet = v4(64, 6, 40) + tcp + octets(40, 0xaa);

	EXPECT_EQ(head_shim(packet.data(), packet.size(), 0), 40U);
}

TEST(HdrView, SaysThatTheTtlFell)
{
	EXPECT_EQ(diff(v4(64, 17, 128) + udp, 0, v4(63, 17, 128) + udp, 0),
		  "TTL 64 -> 63");
}

TEST(HdrView, SaysNothingOfWhatStayed)
{
	EXPECT_EQ(diff(v4(64, 17, 128) + udp, 0, v4(64, 17, 128) + udp, 0), "");
}

TEST(HdrView, SaysWhatLinkHeadersCameAndWent)
{
	EXPECT_EQ(
	    diff(eth + v4(64, 17, 128) + udp, 14, v4(64, 17, 128) + udp, 0),
	    "Ethernet header taken off");
	EXPECT_EQ(
	    diff(v4(64, 17, 128) + udp, 0, tagged + v4(64, 17, 128) + udp, 18),
	    "Ethernet header 02:00:00:00:00:02 > 02:00:00:00:00:01 added;"
	    " 802.1Q tag 100 added");
}

TEST(HdrView, SaysThatAPacketWasSealedAndOpened)
{
	EXPECT_EQ(diff(v4(64, 17, 128) + udp, 0, v4(64, 50, 200) + esp, 0),
		  "sealed: ESP SPI 0x1001 seq 9; outer header IPv4 10.1.0.5 >"
		  " 10.2.0.7 ESP SPI 0x1001 seq 9, TTL 64, 200 octets");
	EXPECT_EQ(diff(v4(64, 50, 200) + esp, 0, v4(64, 17, 128) + udp, 0),
		  "opened: ESP SPI 0x1001 seq 9 taken off; inner header IPv4"
		  " 10.1.0.5 > 10.2.0.7 UDP 5000 > 53, TTL 64, 128 octets");
}

TEST(HdrView, SaysThatAPacketWasCut)
{
	EXPECT_EQ(
	    diff(v4(64, 17, 128) + udp, 0, v4(64, 17, 76, 0x2000) + udp, 0),
	    "length 128 -> 76; fragment, offset 0, more fragments follow");
}

TEST(HdrView, TellsAPacketInALine)
{
	char text[256];
	octets packet = v4(64, 17, 128) + udp;

	hdr_shim_text(packet.data(), packet.size(), 0, text, sizeof text);
	EXPECT_STREQ(text, "IPv4 10.1.0.5 > 10.2.0.7 UDP 5000 > 53, TTL 64,"
			   " 128 octets");
}

TEST(HdrView, ReadsNothingBehindTheEnd)
{
	octets packet = tagged + v4(64, 50, 200) + esp;
	char text[1024];

	for (size_t n = 0; n <= packet.size(); n++)
		for (size_t link : {0U, 14U, 18U}) {
			octets cut(packet.begin(), packet.begin() + (long)n);

			hdr_shim_text(cut.data(), n, link, text, sizeof text);
		}
}
