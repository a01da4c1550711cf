// No sequence number is granted twice under one key (RFC 4303 section 3.3.3),
// whatever dies in between.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "seqlog_shim.h"

namespace
{

class SeqLog : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		char name[] = "/tmp/seqlog.XXXXXX";
		dir_ = mkdtemp(name);
		log_ = seqlog_shim_open(dir_.c_str());
		ASSERT_NE(log_, nullptr);
	}
	void TearDown() override
	{
		seqlog_shim_close(log_);
		std::filesystem::remove_all(dir_);
	}
	void Reopen()
	{
		seqlog_shim_close(log_);
		log_ = seqlog_shim_open(dir_.c_str());
		ASSERT_NE(log_, nullptr);
	}
	uint64_t First(seqlog_sa sa)
	{
		return seqlog_shim_grant(log_, sa, &until_);
	}

	std::string dir_;
	seqlog *log_ = nullptr;
	uint64_t until_ = 0;
	const seqlog_sa sa_ = {0x1001, 0xc0000202, 7};
};

TEST_F(SeqLog, BlocksFollowOneAnother)
{
	EXPECT_EQ(First(sa_), 1u);
	EXPECT_EQ(until_, seqlog_shim_block());
	EXPECT_EQ(First(sa_), seqlog_shim_block() + 1);
}

TEST_F(SeqLog, OutlivesItsProcess)
{
	First(sa_);
	First(sa_);
	Reopen();
	EXPECT_EQ(First(sa_), 2 * seqlog_shim_block() + 1);
}

TEST_F(SeqLog, AnotherKeyStartsAtOne)
{
	First(sa_);
	EXPECT_EQ(First({0x1001, 0xc0000202, 8}), 1u);
	EXPECT_EQ(First({0x1002, 0xc0000202, 7}), 1u);
	EXPECT_EQ(First({0x1001, 0xc0000203, 7}), 1u);
}

TEST_F(SeqLog, EndsAndDoesNotWrap)
{
	uint64_t first = 0;

	for (unsigned i = 0; i < 20000 && until_ != 0xffffffff; i++)
		first = First(sa_);
	EXPECT_EQ(until_, 0xffffffffu);
	EXPECT_LE(first, until_);
	EXPECT_GT(First(sa_), until_); // an empty block: nothing may be sent
	EXPECT_EQ(until_, 0xffffffffu);
}

TEST_F(SeqLog, ATornLastLineWasNotGivenOut)
{
	First(sa_);
	std::ofstream(dir_ + "/seq.log", std::ios::app) << "0123abcd 99";
	Reopen();
	EXPECT_EQ(First(sa_), seqlog_shim_block() + 1);
}

TEST_F(SeqLog, TellsNothingOfTheKeys)
{
	First({0x1001, 0xc0000202, 0x41});
	std::ifstream file(dir_ + "/seq.log");
	std::string text((std::istreambuf_iterator<char>(file)),
			 std::istreambuf_iterator<char>());
	EXPECT_EQ(text.find("41414141"), std::string::npos);
	EXPECT_EQ(text.find("AAAA"), std::string::npos);
}

TEST(SeqLogOfAReplay, GrantsEverythingFromOne)
{
	seqlog *log = seqlog_shim_open(nullptr);
	uint64_t until = 0;

	EXPECT_EQ(seqlog_shim_grant(log, {1, 2, 3}, &until), 1u);
	EXPECT_EQ(until, 0xffffffffu);
	seqlog_shim_close(log);
}

TEST_F(SeqLog, EndsAtTheLastNumberAndGoesBeyondItForExtendedOnesOnly)
{
	const uint64_t last = 2 * seqlog_shim_block() + 5;

	for (unsigned i = 0; i < 2; i++)
		seqlog_shim_grant_to(log_, sa_, last, &until_);
	EXPECT_EQ(seqlog_shim_grant_to(log_, sa_, last, &until_),
		  2 * seqlog_shim_block() + 1);
	EXPECT_EQ(until_, last);
	// Nothing is left: the first is behind the last.
	EXPECT_EQ(seqlog_shim_grant_to(log_, sa_, last, &until_), last + 1);
	EXPECT_EQ(until_, last);
	EXPECT_EQ(seqlog_shim_grant_to(log_, sa_, UINT64_MAX, &until_),
		  last + 1);
	EXPECT_EQ(until_, last + seqlog_shim_block());
}

TEST_F(SeqLog, KnowsWhenALifeBegan)
{
	const seqlog_sa other = {0x1001, 0xc0000202, 8};

	EXPECT_EQ(seqlog_shim_born(log_, sa_, 1000), 1000u);
	EXPECT_EQ(seqlog_shim_born(log_, sa_, 2000), 1000u);
	EXPECT_EQ(seqlog_shim_born(log_, other, 3000), 3000u);
}

// RFC 4303 section 3.4.3: the next ASP refuses what the one before accepted.
TEST_F(SeqLog, RemembersWhatAnAspHadAccepted)
{
	const seqlog_sa other = {0x1001, 0xc0000202, 8};
	uint64_t accepted = 9, octets = 9;

	seqlog_shim_left(log_, sa_, &accepted, &octets);
	EXPECT_EQ(accepted, 0u);
	EXPECT_EQ(octets, 0u);
	seqlog_shim_leave(log_, sa_, 700, 1400);
	seqlog_shim_leave(log_, sa_, 20, 1500); // an ASP that came to little
	seqlog_shim_left(log_, sa_, &accepted, &octets);
	EXPECT_EQ(accepted, 700u);
	EXPECT_EQ(octets, 1500u);
	seqlog_shim_left(log_, other, &accepted, &octets); // other keys
	EXPECT_EQ(accepted, 0u);
	EXPECT_EQ(First(sa_), 1u); // and grants go on as they were
}

} // namespace
