/* The run directory: whose it must be, and how a dead keeper is told. */
#include <gtest/gtest.h>

#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

#include "rundir_shim.h"
#include "temp_dir.h"

class Rundir : public testing::Test
{
      protected:
	void SetUp() override
	{
		setenv("SESIM_RUN_DIR", dir.at("run").c_str(), 1);
	}
	void TearDown() override
	{
		unsetenv("SESIM_RUN_DIR");
	}
	TempDir dir;
	char path[200];
	char why[512] = "";
};

TEST_F(Rundir, IsMadeClosedToOthers)
{
	struct stat st;

	ASSERT_EQ(rundir_shim_root(path, why), 0) << why;
	ASSERT_EQ(stat(path, &st), 0);
	EXPECT_EQ(st.st_mode & 07777, 0700u);
}

TEST_F(Rundir, RefusesOneThatIsOpenToOthers)
{
	ASSERT_EQ(mkdir(dir.at("run").c_str(), 0700), 0);
	ASSERT_EQ(chmod(dir.at("run").c_str(), 0755), 0);
	EXPECT_EQ(rundir_shim_root(path, why), -EPERM);
	EXPECT_NE(std::string(why).find("0700"), std::string::npos);
}

TEST_F(Rundir, RefusesALinkInItsPlace)
{
	ASSERT_EQ(mkdir(dir.at("other").c_str(), 0700), 0);
	ASSERT_EQ(symlink("other", dir.at("run").c_str()), 0);
	EXPECT_EQ(rundir_shim_root(path, why), -ENOTDIR);
}

TEST_F(Rundir, SaysThatASocketWouldNotFit) // 107 octets, unix(7)
{
	setenv("SESIM_RUN_DIR", dir.at(std::string(80, 'x')).c_str(), 1);
	EXPECT_EQ(rundir_shim_root(path, why), -ENAMETOOLONG);
	EXPECT_NE(std::string(why).find("107"), std::string::npos);
}

TEST_F(Rundir, IsHeldByOneKeeperAtATime)
{
	int first = rundir_shim_open("pe1", path, why);
	char root[200];

	ASSERT_GE(first, 0) << why;
	EXPECT_EQ(rundir_shim_open("pe1", path, why), -EBUSY);
	ASSERT_EQ(rundir_shim_sign(first, 4711), 0);
	ASSERT_EQ(rundir_shim_root(root, why), 0);
	EXPECT_EQ(rundir_shim_keeper(root, "pe1"), 4711);
	close(first);
	EXPECT_EQ(rundir_shim_keeper(root, "pe1"), 0)
	    << "the number counts only while the lock is held";
}

TEST_F(Rundir, SweepsReplaysOfDeadKeepersAndNoOthers)
{
	int dead = rundir_shim_open("r1", path, why);
	int live = rundir_shim_open("r2", path, why);
	int router = rundir_shim_open("pe1", path, why);
	char root[200];

	ASSERT_EQ(rundir_shim_root(root, why), 0);
	close(dead);
	close(router);
	rundir_shim_sweep(root);
	EXPECT_FALSE(std::filesystem::exists(dir.at("run/r1")));
	EXPECT_TRUE(std::filesystem::exists(dir.at("run/r2")));
	EXPECT_TRUE(std::filesystem::exists(dir.at("run/pe1")));
	close(live);
}

TEST_F(Rundir, TakesNamesThatAreNoPaths)
{
	EXPECT_TRUE(rundir_shim_valid("pe1"));
	EXPECT_TRUE(rundir_shim_valid("a.b_c-d"));
	EXPECT_FALSE(rundir_shim_valid(""));
	EXPECT_FALSE(rundir_shim_valid(".."));
	EXPECT_FALSE(rundir_shim_valid("a/b"));
	EXPECT_FALSE(rundir_shim_valid("-x"));
	EXPECT_FALSE(rundir_shim_valid("r17")) << "a replay's";
	EXPECT_FALSE(rundir_shim_valid(std::string(33, 'a').c_str()));
}
