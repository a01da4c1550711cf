/*
 * The files of a replay: what may not share a file, and how outputs come to
 * their places (docs/man/sesim.1).
 */
#include <gtest/gtest.h>

#include <unistd.h>
#include <vector>

#include "files_shim.h"
#include "temp_dir.h"

class Files
{
      public:
	explicit Files(const std::vector<std::string> &binds,
		       const TempDir &dir)
	{
		std::vector<const char *> list;

		for (auto &b : binds)
			list.push_back(b.c_str());
		f = files_shim_new(list.data(), (unsigned)list.size(),
				   dir.path.c_str());
	}
	~Files()
	{
		files_shim_free(f);
	}
	struct files_shim *f;
};

class ReplayFiles : public testing::Test
{
      protected:
	void SetUp() override
	{
		in = dir.at("in.pcap");
		ASSERT_EQ(files_shim_write(in.c_str(), "x", 0, 0), 0);
	}
	int status(const std::vector<std::string> &binds)
	{
		Files files(binds, dir);

		return files_shim_open(files.f);
	}
	/* Files in the directory whose name begins with a dot. */
	unsigned parts() const
	{
		unsigned n = 0;

		for (auto &e : std::filesystem::directory_iterator(dir.path))
			n += e.path().filename().string()[0] == '.';
		return n;
	}
	TempDir dir;
	std::string in;
};

TEST_F(ReplayFiles, OneFileIsNotInputAndOutput)
{
	EXPECT_EQ(status({"in 1/1 " + in, "out 2/1 " + in}), 2);
	ASSERT_EQ(link(in.c_str(), dir.at("hard").c_str()), 0);
	EXPECT_EQ(status({"in 1/1 " + in, "out 2/1 " + dir.at("hard")}), 2);
	ASSERT_EQ(symlink(in.c_str(), dir.at("soft").c_str()), 0);
	EXPECT_EQ(status({"in 1/1 " + in, "out 2/1 " + dir.at("soft")}), 2);
	EXPECT_EQ(parts(), 0u);
}

TEST_F(ReplayFiles, APcapHasOnePortOrPoint)
{
	std::string x = dir.at("x.pcap");
	std::string odd = dir.path + "/./x.pcap";

	EXPECT_EQ(status({"in 1/1 " + in, "out 2/1 " + x, "out 2/2 " + odd}),
		  2);
	EXPECT_EQ(
	    status({"in 1/1 " + in, "out 2/1 " + x, "point 3/asp1:clear " + x}),
	    2);
	EXPECT_EQ(
	    status({"in 1/1 " + in, "out 2/1 /dev/null", "out 2/2 /dev/null"}),
	    0)
	    << "what is no regular file is exempt";
}

TEST_F(ReplayFiles, APcapngHasAnInterfaceForEach)
{
	std::string x = dir.at("x.pcapng");
	Files files({"in 1/1 " + in, "out 2/1 " + x, "point 3/asp1:clear " + x},
		    dir);

	ASSERT_EQ(files_shim_open(files.f), 0);
	EXPECT_EQ(parts(), 2u);
	/* Whoever writes them was killed before it began. */
	EXPECT_EQ(files_shim_finish(files.f, 1), 0);
	EXPECT_EQ(parts(), 0u);
	std::string text = TempDir::read(x);
	EXPECT_NE(text.find("2/1"), std::string::npos);
	EXPECT_NE(text.find("3/asp1:clear"), std::string::npos);
}

TEST_F(ReplayFiles, ARunThatNeverBeganLeavesWhatStoodThere)
{
	std::string out = dir.file("out.pcap", "old");

	EXPECT_EQ(status({"in 1/1 " + in, "out 2/1 " + out}), 0);
	EXPECT_EQ(TempDir::read(out), "old");
	EXPECT_EQ(parts(), 0u);
}

TEST_F(ReplayFiles, WhatIsNoCaptureIsSaidAndTheRestGoesOn)
{
	std::string text = dir.file("text.pcap", "this is no capture at all");
	std::string empty = dir.file("nothing.pcap", "");

	for (auto &bad : {text, empty}) {
		Files files({"in 1/1 " + bad}, dir);

		ASSERT_EQ(files_shim_open(files.f), 0);
		std::string request = files_shim_request(files.f);
		EXPECT_NE(request.find("\"problems\":[\"" + bad),
			  std::string::npos)
		    << request;
	}
}

TEST_F(ReplayFiles, WhatCanNotBeOpenedIsTheMachinesFault)
{
	EXPECT_EQ(status({"in 1/1 " + dir.at("none")}), 3);
	EXPECT_EQ(status({"in 1/1 " + dir.path}), 3);
	EXPECT_EQ(status({"in 1/1 " + in, "out 2/1 " + dir.path}), 3);
	EXPECT_EQ(status({"in 1/1 " + in, "out 2/1 " + dir.at("no/out")}), 3);
	EXPECT_EQ(parts(), 0u);
}

TEST_F(ReplayFiles, StandardInputIsNamedSoThatOthersFindIt)
{
	Files files({"in 1/1 " + in, "out 2/1 /dev/stdout"}, dir);
	int status = files_shim_open(files.f);

	if (status != 0)
		GTEST_SKIP() << "standard output is not to be written";
	std::string request = files_shim_request(files.f);
	EXPECT_EQ(request.find("/dev/stdout"), std::string::npos) << request;
}
