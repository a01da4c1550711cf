// Captures that nobody here made: read to their end or their damage, and where
// libpcap reads them whole, packet by packet the same.
#include "capture_files.h"

#include <algorithm>
#include <cerrno>

#include "cap_link_shim.h"

namespace
{

namespace fs = std::filesystem;

std::vector<std::string>
files_of(const std::string &folder)
{
	std::vector<std::string> files;
	fs::path root = fs::path(SE_VECTORS) / folder;

	if (!fs::exists(root))
		return files;
	for (const auto &entry : fs::recursive_directory_iterator(root))
		if (entry.is_regular_file())
			files.push_back(entry.path().string());
	return files;
}

// libpcap cuts at the file's snapshot length, and its seconds and fractions
// are signed: what is beyond differs by a multiple of 2^32.
bool
same_time(uint64_t ours, uint64_t theirs)
{
	return (ours - theirs) % (UINT64_C(1) << 32) == 0;
}

void
expect_same(const Rec &ours, const Rec &theirs, const std::string &where)
{
	ASSERT_GE(ours.data.size(), theirs.data.size()) << where;
	EXPECT_TRUE(std::equal(theirs.data.begin(), theirs.data.end(),
			       ours.data.begin()))
	    << where;
	EXPECT_EQ(ours.len, theirs.len) << where;
	EXPECT_TRUE(same_time(ours.time_ns, theirs.time_ns)) << where;
}

void
compare_with_libpcap(const std::string &path)
{
	Read ours = read_path(path);
	Read theirs = read_libpcap(path);

	for (const Rec &rec : ours.recs) {
		shim_l2 l2;
		int error = cap_link_shim_parse(
		    static_cast<uint16_t>(rec.link), rec.data.data(),
		    static_cast<uint32_t>(rec.data.size()), &l2);

		if (error == 0) {
			EXPECT_LE(l2.offset, rec.data.size()) << path;
		}
	}
	if (ours.opened != 0 || ours.ended != 0) {
		EXPECT_EQ(ours.error.rfind(path, 0), 0U) << ours.error;
	}
	if (theirs.opened != 0 || theirs.ended != 0 ||
	    ours.opened == -EOPNOTSUPP || ours.ended == -EOPNOTSUPP)
		return;
	EXPECT_EQ(ours.opened, 0) << ours.error;
	EXPECT_EQ(ours.ended, 0) << ours.error;
	ASSERT_EQ(ours.recs.size(), theirs.recs.size()) << path;
	for (size_t i = 0; i < ours.recs.size(); i++)
		expect_same(ours.recs[i], theirs.recs[i],
			    path + " " + std::to_string(i));
}

class CapVectors : public ::testing::TestWithParam<const char *>
{
};

} // namespace

TEST_P(CapVectors, ReadAsLibpcapReadsThem)
{
	std::vector<std::string> files = files_of(GetParam());

	if (files.empty())
		GTEST_SKIP() << "skipped: no vectors beside the sources";
	for (const std::string &file : files)
		compare_with_libpcap(file);
}

INSTANTIATE_TEST_SUITE_P(
    Folders, CapVectors,
    ::testing::Values("traffic", "malformed", "big-frames", "fragments",
		      "tunnels", "peer-captures"),
    [](const auto &row) {
	    std::string name = row.param;

	    name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
	    return name;
    });
