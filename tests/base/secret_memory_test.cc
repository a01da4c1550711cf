// Keys in memory: zeroed, out of core dumps, wiped; compared, derived, random.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "secret_shim.h"

namespace
{

// The VmFlags line of the mapping that begins at p.
std::string
vm_flags(const void *p)
{
	std::ifstream maps("/proc/self/smaps");
	std::ostringstream start;
	std::string line;
	bool inside = false;

	start << std::hex << reinterpret_cast<uintptr_t>(p) << '-';
	while (std::getline(maps, line)) {
		if (line.find('-') != std::string::npos &&
		    line.find(' ') > line.find('-'))
			inside = line.find(start.str()) != std::string::npos;
		if (inside && line.rfind("VmFlags:", 0) == 0)
			return line + " ";
	}
	return "";
}

} // namespace

TEST(SecretMemory, IsZeroedAndFreed)
{
	auto *p = static_cast<uint8_t *>(secret_shim_alloc(100));

	ASSERT_NE(p, nullptr);
	EXPECT_EQ(std::vector<uint8_t>(p, p + 100), std::vector<uint8_t>(100));
	memset(p, 0xaa, 100);
	EXPECT_TRUE(secret_shim_free(p, 100));
	EXPECT_TRUE(secret_shim_free(nullptr, 100));
}

TEST(SecretMemory, StaysOutOfCoreDumps)
{
	void *p = secret_shim_alloc(100);
	std::string flags = vm_flags(p);

	if (flags.empty())
		GTEST_SKIP() << "this kernel shows no VmFlags";
	EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
	secret_shim_free(p, 100);
}

TEST(SecretMemory, WipesEveryOctet)
{
	std::vector<uint8_t> v(33, 0x5a);

	secret_shim_wipe(v.data(), v.size());
	EXPECT_EQ(v, std::vector<uint8_t>(33));
}

TEST(SecretMemory, EqualLooksAtEveryOctet)
{
	std::vector<uint8_t> a(32, 7);

	for (size_t i = 0; i < a.size(); i++) {
		std::vector<uint8_t> b = a;

		EXPECT_TRUE(secret_shim_equal(a.data(), b.data(), a.size()));
		b[i] ^= 0x80;
		EXPECT_FALSE(secret_shim_equal(a.data(), b.data(), a.size()));
	}
	EXPECT_TRUE(secret_shim_equal(nullptr, nullptr, 0));
}

TEST(SecretRandom, GivesOtherOctetsEachTime)
{
	uint8_t a[32] = {0};
	uint8_t b[32] = {0};

	ASSERT_EQ(secret_shim_random(a, sizeof(a)), 0);
	ASSERT_EQ(secret_shim_random(b, sizeof(b)), 0);
	EXPECT_NE(memcmp(a, b, sizeof(a)), 0);
}

TEST(SecretPrint, IsHmacSha256) // RFC 4231 section 4.3, test case 2
{
	static const uint8_t want[32] = {
	    0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
	    0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27,
	    0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
	const std::string data = "what do ya want for nothing?";
	uint8_t got[32];

	ASSERT_EQ(secret_shim_print("Jefe", 4, data.data(), data.size(), got),
		  0);
	EXPECT_EQ(memcmp(got, want, sizeof(want)), 0);
}

TEST(SecretPrf, RepeatsOnPurposeAndDependsOnEachInput)
{
	uint8_t base[16];
	uint8_t other[16];

	ASSERT_EQ(secret_shim_prf(1, "iv", 2, 3, base, sizeof(base)), 0);
	ASSERT_EQ(secret_shim_prf(1, "iv", 2, 3, other, sizeof(other)), 0);
	EXPECT_EQ(memcmp(base, other, sizeof(base)), 0);
	ASSERT_EQ(secret_shim_prf(9, "iv", 2, 3, other, sizeof(other)), 0);
	EXPECT_NE(memcmp(base, other, sizeof(base)), 0);
	ASSERT_EQ(secret_shim_prf(1, "vi", 2, 3, other, sizeof(other)), 0);
	EXPECT_NE(memcmp(base, other, sizeof(base)), 0);
	ASSERT_EQ(secret_shim_prf(1, "iv", 3, 2, other, sizeof(other)), 0);
	EXPECT_NE(memcmp(base, other, sizeof(base)), 0);
	EXPECT_EQ(secret_shim_prf(1, "iv", 2, 3, nullptr, 33), -EINVAL);
}
