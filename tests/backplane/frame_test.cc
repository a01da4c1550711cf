/* Frames as docs/wire.md has them, and everything else refused. */
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "bp_shim.h"

/* Offsets of docs/wire.md, "Frame". */
constexpr size_t MAGIC = 0, VERSION = 2, FLAGS = 3, FROM = 4, COUNT = 6;
constexpr size_t OFF = 16 + 40, LEN = 16 + 42, IN_STAGE = 16 + 46,
		 POOL = 16 + 49, L2 = 16 + 51;

class Frame : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		make({40, 0, 1400});
	}
	void make(const std::vector<uint16_t> &len)
	{
		octets.resize(16 + 256 * (56 + 9664));
		octets.resize(bp_shim_frame(9, 7, len.data(),
					    (unsigned)len.size(), octets.data(),
					    octets.size()));
	}
	int read()
	{
		return bp_shim_read(octets.data(), octets.size());
	}
	void put16(size_t at, unsigned value)
	{
		octets[at] = (uint8_t)(value >> 8);
		octets[at + 1] = (uint8_t)value;
	}
	std::vector<uint8_t> octets;
};

TEST_F(Frame, IsHeaderDescriptorsAndOctets)
{
	const uint8_t header[16] = {'S', 'B', 1, 1, 0, 9, 0, 3, 0, 0, 0, 7};

	EXPECT_EQ(16u + 3 * 56 + 1440, octets.size());
	EXPECT_EQ(0, memcmp(header, octets.data(), sizeof(header)));
	EXPECT_EQ(3, read());
	EXPECT_EQ(3u, bp_shim_claims(octets.data(), octets.size()));
}

TEST_F(Frame, HoldsUpTo256Packets)
{
	make(std::vector<uint16_t>(256, 20));
	EXPECT_EQ(256, read());
	put16(COUNT, 257);
	EXPECT_EQ(-EBADMSG, read());
	put16(COUNT, 0);
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Frame, RefusesEveryTruncatedLength)
{
	for (size_t n = 0; n < octets.size(); n++)
		ASSERT_EQ(-EBADMSG, bp_shim_read(octets.data(), n)) << n;
}

TEST_F(Frame, RefusesTrailingOctets)
{
	octets.push_back(0);
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Frame, RefusesAnotherMagic)
{
	put16(MAGIC, 0x5343);
	EXPECT_EQ(-EBADMSG, read());
	EXPECT_EQ(1u, bp_shim_claims(octets.data(), octets.size()));
}

TEST_F(Frame, RefusesAnotherVersion)
{
	octets[VERSION] = 2;
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Frame, RefusesUnknownFlags)
{
	octets[FLAGS] = 3; /* columns and octets */
	EXPECT_EQ(-EBADMSG, read());
	octets[FLAGS] = 4;
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Frame, WithoutOctetsEndsAtItsDescriptors)
{
	octets[FLAGS] = 0;
	EXPECT_EQ(-EBADMSG, read());
	octets.resize(16 + 3 * 56);
	EXPECT_EQ(3, read());
}

TEST_F(Frame, RefusesASenderThatIsNoStage)
{
	put16(FROM, 7);
	EXPECT_EQ(-EBADMSG, read());
	put16(FROM, 0xffff);
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Frame, RefusesAnAdmittingStageThatIsNone)
{
	put16(IN_STAGE, 120);
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Frame, RefusesAnExtentBeyondTheBuffer)
{
	put16(OFF, BP_SHIM_BUF_OCTETS - 40);
	EXPECT_EQ(3, read());
	put16(OFF, BP_SHIM_BUF_OCTETS - 39);
	EXPECT_EQ(-EBADMSG, read());
	put16(OFF, 0xffff);
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Frame, RefusesALengthThatTheOctetsDoNotHave)
{
	put16(LEN, 41);
	EXPECT_EQ(-EBADMSG, read());
	put16(LEN, 39);
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Frame, RefusesALinkHeaderLongerThanThePacket)
{
	octets[L2] = 40;
	EXPECT_EQ(3, read());
	octets[L2] = 41;
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Frame, RefusesAPoolThatCanNotBe)
{
	octets[POOL] = 128;
	EXPECT_EQ(-EBADMSG, read());
}

/* Without octets: what differs stands in columns behind the first. */
constexpr size_t VARYING = 16, FIRST = 20, COLUMNS = 20 + 56;
constexpr uint32_t LEN_COLUMN = 1u << 9, ORDER_COLUMN = 1u << 1,
		   ORDER_IS_TIME = 1u << 31;

class Columns : public Frame
{
      protected:
	void SetUp() override
	{
		make_ref({40, 0, 1400});
	}
	void make_ref(const std::vector<uint16_t> &len)
	{
		octets.resize(16 + 256 * 56);
		octets.resize(bp_shim_frame_columns(
		    9, 7, len.data(), (unsigned)len.size(), octets.data(),
		    octets.size()));
	}
	void put32(size_t at, uint32_t value)
	{
		put16(at, value >> 16);
		put16(at + 2, value & 0xffff);
	}
	uint32_t get32(size_t at)
	{
		return (uint32_t)octets[at] << 24 | octets[at + 1] << 16 |
		       octets[at + 2] << 8 | octets[at + 3];
	}
};

TEST_F(Columns, AreTheFirstDescriptorAndWhatDiffers)
{
	const uint8_t lengths[] = {0, 0, 1400 >> 8, 1400 & 0xff};

	EXPECT_EQ(2, octets[FLAGS]);
	EXPECT_EQ(LEN_COLUMN, get32(VARYING));
	ASSERT_EQ(COLUMNS + sizeof(lengths), octets.size());
	EXPECT_EQ(0, memcmp(lengths, &octets[COLUMNS], sizeof(lengths)));
	EXPECT_EQ(3, read());
}

TEST_F(Columns, OfOnePacketAreNoShorterAndNotUsed)
{
	make_ref({40});
	EXPECT_EQ(0, octets[FLAGS]);
	EXPECT_EQ(16u + 56, octets.size());
	EXPECT_EQ(1, read());
}

TEST_F(Columns, AreRefusedAtEveryOtherLength)
{
	for (size_t n = 0; n < octets.size(); n++)
		ASSERT_EQ(-EBADMSG, bp_shim_read(octets.data(), n)) << n;
	octets.push_back(0);
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Columns, OfNoFieldAreRefused)
{
	put32(VARYING, 1u << 17);
	EXPECT_EQ(-EBADMSG, read());
	put32(VARYING, 1u << 30 | LEN_COLUMN);
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Columns, SayOnceWhatTheOrderIs)
{
	put32(VARYING, LEN_COLUMN | ORDER_IS_TIME);
	EXPECT_EQ(3, read());
	put32(VARYING, ORDER_COLUMN | ORDER_IS_TIME);
	octets.resize(COLUMNS + 2 * 8);
	EXPECT_EQ(-EBADMSG, read());
	put32(VARYING, ORDER_COLUMN);
	EXPECT_EQ(3, read());
}

TEST_F(Columns, AreHeldAgainstBounds)
{
	put16(COLUMNS, BP_SHIM_BUF_OCTETS - 128);
	EXPECT_EQ(3, read());
	put16(COLUMNS, BP_SHIM_BUF_OCTETS - 127);
	EXPECT_EQ(-EBADMSG, read());
	make_ref({40, 40});
	EXPECT_EQ(0u, get32(VARYING));
	EXPECT_EQ(2, read());
	put16(FIRST + 40, 0xffff);
	EXPECT_EQ(-EBADMSG, read());
}

TEST_F(Columns, GiveEveryFieldBack)
{
	EXPECT_EQ(0u, bp_shim_columns_lost());
}
