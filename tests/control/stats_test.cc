/* Counters lie in memory that nobody can pull away, and outlive their writer.
 */
#include <gtest/gtest.h>

#include <cerrno>

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stats_shim.h"

class Stats : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		ASSERT_EQ(0, stats_shim_new(&fd, &stats));
	}
	void TearDown() override
	{
		stats_shim_unmap(&stats);
		close(fd);
	}
	int fd = -1;
	struct stats *stats = nullptr;
};

TEST_F(Stats, AreSeenByTheOtherMapAndOutliveIt)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct stats *theirs = nullptr;

		if (stats_shim_map(fd, &theirs) != 0)
			_exit(1);
		stats_shim_count(theirs, 65535, 40);
		stats_shim_count(theirs, 65535, 2);
		_exit(0);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	ASSERT_EQ(0, status);
	EXPECT_EQ(42u, stats_shim_counted(stats, 65535));
	EXPECT_EQ(0u, stats_shim_counted(stats, 0));
}

TEST_F(Stats, CanNotBeShrunkOrGrown)
{
	EXPECT_EQ(-1, ftruncate(fd, 0));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, ftruncate(fd, (off_t)stats_shim_octets() * 2));
	EXPECT_EQ(EPERM, errno);
}

TEST_F(Stats, RowsNeverTouchedCostNoMemory)
{
	struct stat st;

	stats_shim_count(stats, 7, 1);
	ASSERT_EQ(0, fstat(fd, &st));
	EXPECT_LE(st.st_blocks * 512, 16384);
}

TEST(StatsMap, RefusesAnotherSize)
{
	struct stats *stats = nullptr;
	int fd = memfd_create("other", MFD_CLOEXEC);

	ASSERT_EQ(0, ftruncate(fd, 4096));
	EXPECT_EQ(-EINVAL, stats_shim_map(fd, &stats));
	EXPECT_EQ(nullptr, stats);
	close(fd);
}

TEST(StatsMap, RefusesAFileThatIsNotSealed)
{
	struct stats *stats = nullptr;
	int fd = memfd_create("other", MFD_CLOEXEC);

	ASSERT_EQ(0, ftruncate(fd, (off_t)stats_shim_octets()));
	EXPECT_EQ(-EINVAL, stats_shim_map(fd, &stats));
	close(fd);
	EXPECT_EQ(-EBADF, stats_shim_map(-1, &stats));
}
