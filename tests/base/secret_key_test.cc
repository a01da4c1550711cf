// The operator's key file: made at first need, mode 0600, refused when others
// may read it.
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "secret_shim.h"

namespace
{

class SecretKey : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		std::string name =
		    (std::filesystem::temp_directory_path() / "keyXXXXXX")
			.string();

		ASSERT_NE(mkdtemp(name.data()), nullptr);
		dir = name;
	}
	void TearDown() override
	{
		std::filesystem::remove_all(dir);
	}
	std::string file(const std::string &text, mode_t mode)
	{
		std::string path = dir + "/given";

		std::ofstream(path) << text;
		EXPECT_EQ(chmod(path.c_str(), mode), 0);
		return path;
	}
	std::string dir;
	uint8_t key[SECRET_SHIM_KEY] = {0};
};

const std::string digits = "000102030405060708090a0b0c0d0e0f"
			   "101112131415161718191a1b1c1d1e1F";

} // namespace

TEST_F(SecretKey, IsMadeAtFirstNeedWithItsFolders)
{
	std::string path = dir + "/a/b/key";
	uint8_t again[SECRET_SHIM_KEY];
	struct stat st;

	ASSERT_EQ(secret_shim_key_load(path.c_str(), key), 0);
	ASSERT_EQ(stat(path.c_str(), &st), 0);
	EXPECT_EQ(st.st_mode & 07777, 0600U);
	ASSERT_EQ(secret_shim_key_load(path.c_str(), again), 0);
	EXPECT_EQ(memcmp(key, again, sizeof(key)), 0);
	// Nothing but the key stays in the folder.
	EXPECT_EQ(
	    std::distance(std::filesystem::directory_iterator(dir + "/a/b"),
			  std::filesystem::directory_iterator()),
	    1);
}

TEST_F(SecretKey, IsOneKeyWhenManyMakeItAtOnce)
{
	std::string path = dir + "/key";
	std::vector<std::vector<uint8_t>> keys(
	    8, std::vector<uint8_t>(SECRET_SHIM_KEY));
	std::vector<std::thread> threads;

	for (auto &k : keys)
		threads.emplace_back([&path, &k] {
			EXPECT_EQ(secret_shim_key_load(path.c_str(), k.data()),
				  0);
		});
	for (auto &t : threads)
		t.join();
	for (auto &k : keys)
		EXPECT_EQ(k, keys[0]);
}

TEST_F(SecretKey, ReadsDigitsWithAndWithoutALineEnd)
{
	for (const char *end : {"", "\n"}) {
		std::string path = file(digits + end, 0600);

		ASSERT_EQ(secret_shim_key_load(path.c_str(), key), 0);
		for (unsigned i = 0; i < sizeof(key); i++)
			EXPECT_EQ(key[i], i);
	}
}

TEST_F(SecretKey, IsRefusedWhenOthersMayReadIt)
{
	EXPECT_EQ(secret_shim_key_load(file(digits, 0640).c_str(), key),
		  -EACCES);
	EXPECT_EQ(secret_shim_key_load(file(digits, 0604).c_str(), key),
		  -EACCES);
}

TEST_F(SecretKey, IsRefusedWhenTheFileHoldsNone)
{
	for (const std::string &text :
	     {std::string(), std::string("key"), digits + "0", digits.substr(1),
	      digits.substr(1) + "g", digits + "\n\n"})
		EXPECT_EQ(secret_shim_key_load(file(text, 0600).c_str(), key),
			  -EINVAL)
		    << text;
	EXPECT_LT(secret_shim_key_load(dir.c_str(), key), 0);
}

TEST_F(SecretKey, HasAPathFromTheEnvironment)
{
	char path[64];

	ASSERT_EQ(setenv("XDG_CONFIG_HOME", "/x", 1), 0);
	ASSERT_EQ(secret_shim_key_path(path, sizeof(path)), 0);
	EXPECT_STREQ(path, "/x/sesim/key");
	EXPECT_EQ(secret_shim_key_path(path, 5), -ENAMETOOLONG);
	ASSERT_EQ(unsetenv("XDG_CONFIG_HOME"), 0);
	ASSERT_EQ(setenv("HOME", "/h", 1), 0);
	ASSERT_EQ(secret_shim_key_path(path, sizeof(path)), 0);
	EXPECT_STREQ(path, "/h/.config/sesim/key");
	ASSERT_EQ(unsetenv("HOME"), 0);
	EXPECT_EQ(secret_shim_key_path(path, sizeof(path)), -ENOENT);
}
