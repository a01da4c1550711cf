// The header of a lab's wires: octets as docs/wire.md has them, and every way
// to be malformed is refused.
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "wire_hdr_shim.h"

static const std::vector<uint8_t> octets = {
    0x53, 0x57, 1,    24,   1,    1,    0,    0,    0,    0,    0,    0,
    0xde, 0xad, 0xbe, 0xef, 0x17, 0x97, 0x9c, 0xfe, 0x36, 0x2a, 0x00, 0x00};

static std::vector<uint8_t>
message(size_t frame)
{
	std::vector<uint8_t> m = octets;

	m.resize(m.size() + frame, 0x5a);
	return m;
}

static int
take(const std::vector<uint8_t> &m, wire_shim_msg *msg)
{
	return wire_shim_take(m.data(), m.size(), msg);
}

TEST(WireHdr, IsWrittenAsDocumented)
{
	wire_shim_msg msg = {1, 1, 0xdeadbeef, 1700000000000000000, 0, 0};
	std::vector<uint8_t> to(24);

	wire_shim_put(to.data(), &msg);
	EXPECT_EQ(to, octets);
}

TEST(WireHdr, IsTakenWithItsFrame)
{
	wire_shim_msg msg = {};

	ASSERT_EQ(take(message(60), &msg), 0);
	EXPECT_EQ(msg.kind, 1);
	EXPECT_EQ(msg.flags, 1u);
	EXPECT_EQ(msg.trace, 0xdeadbeefu);
	EXPECT_EQ(msg.time_ns, 1700000000000000000u);
	EXPECT_EQ(msg.at, 24u);
	EXPECT_EQ(msg.octets, 60u);
}

TEST(WireHdr, ALongerHeaderIsPassedOver)
{
	std::vector<uint8_t> m = message(68);
	wire_shim_msg msg = {};

	m[3] = 32;
	ASSERT_EQ(take(m, &msg), 0);
	EXPECT_EQ(msg.at, 32u);
	EXPECT_EQ(msg.octets, 60u);
}

TEST(WireHdr, AHorizonStandsAlone)
{
	std::vector<uint8_t> m = message(0);
	wire_shim_msg msg = {};

	m[4] = 2;
	ASSERT_EQ(take(m, &msg), 0);
	EXPECT_EQ(msg.kind, 2);
	EXPECT_EQ(msg.octets, 0u);
	m.push_back(0);
	EXPECT_EQ(take(m, &msg), -EBADMSG);
}

TEST(WireHdr, EveryOtherOctetIsRefused)
{
	wire_shim_msg msg = {};
	// offset and a value that it must not have
	const std::vector<std::pair<size_t, uint8_t>> bad = {
	    {0, 0x54}, {1, 0}, {2, 2},    {2, 0}, {3, 23}, {3, 85},   {4, 0},
	    {4, 3},    {5, 4}, {5, 0x81}, {6, 1}, {7, 1},  {16, 0x80}};

	for (const auto &[at, value] : bad) {
		std::vector<uint8_t> m = message(60);

		m[at] = value;
		EXPECT_EQ(take(m, &msg), -EBADMSG) << at << '=' << +value;
	}
	EXPECT_EQ(take(message(0), &msg), -EBADMSG); // a frame of no octets
	for (size_t n = 0; n < 24; n++)
		EXPECT_EQ(wire_shim_take(octets.data(), n, &msg), -EBADMSG);
	EXPECT_EQ(msg.kind, 0); // untouched
}
