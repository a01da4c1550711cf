// Sequence numbers: granted, spent, never twice (RFC 4303 section 3.3.3).
#include <gtest/gtest.h>

#include <cerrno>

#include "esp_lab.h"

namespace
{

Sa
sa_with(uint64_t first, uint64_t granted, bool esn = false)
{
	Sa sa = sa_make(1, true, "aes-128-gcm", "none");

	sa.plain.first = first;
	sa.plain.granted = granted;
	sa.plain.esn = esn;
	return sa;
}

} // namespace

TEST(EspSequence, BeginsWhereItIsTold)
{
	EspLab lab;

	ASSERT_EQ(0, lab.install(sa_with(0x1234, 0x2000)));
	EXPECT_EQ(hex("00001234"), [&] {
		Octets out = lab.seal(ipv4(40));
		return Octets(out.begin() + 24, out.begin() + 28);
	}());
}

TEST(EspSequence, StopsAtTheGrantAndGoesOnAfterTheNext)
{
	EspLab lab;

	ASSERT_EQ(0, lab.install(sa_with(1, 3)));
	for (unsigned i = 0; i < 3; i++)
		ASSERT_FALSE(lab.seal(ipv4(40)).empty());
	EXPECT_TRUE(lab.seal(ipv4(40)).empty());
	EXPECT_EQ("sequence-not-granted", lab.fate());
	EXPECT_EQ(1u, lab.counter(1, "sequence-exhausted"));
	ASSERT_EQ(0, esp_shim_grant(lab.s, 1, 4));
	EXPECT_EQ(4, lab.seal(ipv4(40))[27]);
	EXPECT_TRUE(lab.seal(ipv4(40)).empty());
}

TEST(EspSequence, WantsAGrantOnceAtHalfOfItsBlock)
{
	EspLab lab;

	ASSERT_EQ(0, lab.install(sa_with(1, 100)));
	for (unsigned i = 0; i < 49; i++)
		lab.seal(ipv4(40));
	EXPECT_EQ(-1, esp_shim_want(lab.s));
	for (unsigned i = 0; i < 3; i++)
		lab.seal(ipv4(40));
	EXPECT_EQ(1, esp_shim_want(lab.s));
	EXPECT_EQ(-1, esp_shim_want(lab.s));
	for (unsigned i = 0; i < 60; i++)
		lab.seal(ipv4(40));
	EXPECT_EQ(-1, esp_shim_want(lab.s));
	ASSERT_EQ(0, esp_shim_grant(lab.s, 1, 200));
	for (unsigned i = 0; i < 60; i++)
		lab.seal(ipv4(40));
	EXPECT_EQ(1, esp_shim_want(lab.s));
}

TEST(EspSequence, WantsAGrantAtOnceWhenInstalledWithoutNumbers)
{
	EspLab lab;

	ASSERT_EQ(0, lab.install(sa_with(1, 0)));
	EXPECT_EQ(1, esp_shim_want(lab.s));
	EXPECT_TRUE(lab.seal(ipv4(40)).empty());
	EXPECT_EQ("sequence-not-granted", lab.fate());
}

TEST(EspSequence, TellsEverySaThatWantsAndNoneThatWent)
{
	EspLab lab;

	for (uint32_t id : {1u, 5u, 9u}) {
		Sa sa = sa_with(1, 0);

		sa.plain.id = id;
		ASSERT_EQ(0, lab.install(sa));
	}
	ASSERT_EQ(0, esp_shim_delete(lab.s, 9));
	ASSERT_EQ(0, esp_shim_delete(lab.s, 5));
	Sa sa = sa_with(1, 0);
	sa.plain.id = 20;
	ASSERT_EQ(0, lab.install(sa));
	EXPECT_EQ(1, esp_shim_want(lab.s));
	EXPECT_EQ(20, esp_shim_want(lab.s));
	EXPECT_EQ(-1, esp_shim_want(lab.s));
}

TEST(EspSequence, RefusesGrantsThatTakeBack)
{
	EspLab lab;

	ASSERT_EQ(0, lab.install(sa_with(1, 100)));
	EXPECT_EQ(-EINVAL, esp_shim_grant(lab.s, 1, 99));
	EXPECT_EQ(-ENOENT, esp_shim_grant(lab.s, 2, 200));
	ASSERT_EQ(0, lab.install(sa_make(2, false, "aes-128-gcm", "none")));
	EXPECT_EQ(-EINVAL, esp_shim_grant(lab.s, 2, 2000000));
}

TEST(EspSequence, EndsAtTheLastNumberAndNeverTurns)
{
	EspLab lab;

	ASSERT_EQ(0, lab.install(sa_with(0xffffffff, UINT64_MAX)));
	EXPECT_EQ(0xff, lab.seal(ipv4(40))[24]);
	for (unsigned i = 0; i < 3; i++) {
		EXPECT_TRUE(lab.seal(ipv4(40)).empty());
		EXPECT_EQ("sequence-exhausted", lab.fate());
	}
	EXPECT_EQ(3u, lab.counter(1, "sequence-exhausted"));
	EXPECT_EQ(-1, esp_shim_want(lab.s));
}

TEST(EspSequence, PassesTheTurnWithExtendedNumbers) // RFC 4303 2.2.1
{
	for (const auto &pair : valid_pairs()) {
		EspLab lab;
		Sa out = sa_make(1, true, pair.first, pair.second);
		Sa in = sa_make(2, false, pair.first, pair.second);

		out.plain.esn = in.plain.esn = 1;
		out.plain.first = in.plain.first = 0xfffffff0;
		out.plain.granted = 0x200000000;
		ASSERT_EQ(0, lab.install(out));
		ASSERT_EQ(0, lab.install(in));
		for (unsigned i = 0; i < 32; i++)
			ASSERT_EQ(ipv4(60), lab.open(lab.seal(ipv4(60))))
			    << pair.first << i << lab.fate();
		EXPECT_EQ(0x10000000fu, lab.counter(2, "sequence"));
	}
}

TEST(EspSequence, EndsExtendedNumbersToo)
{
	EspLab lab;

	ASSERT_EQ(0, lab.install(sa_with(UINT64_MAX, UINT64_MAX, true)));
	EXPECT_FALSE(lab.seal(ipv4(40)).empty());
	EXPECT_TRUE(lab.seal(ipv4(40)).empty());
	EXPECT_EQ("sequence-exhausted", lab.fate());
}

TEST(EspSequence, TakesInboundNumbersBelowTheFirstAsSeen)
{
	EspLab lab;
	Sa in = sa_make(2, false, "aes-128-gcm", "none");

	in.plain.first = 3;
	ASSERT_EQ(0, lab.install(sa_with(1, 100)));
	ASSERT_EQ(0, lab.install(in));
	EXPECT_TRUE(lab.open(lab.seal(ipv4(40))).empty());
	EXPECT_TRUE(lab.open(lab.seal(ipv4(40))).empty());
	EXPECT_EQ("replay", lab.fate());
	EXPECT_FALSE(lab.open(lab.seal(ipv4(40))).empty());
}
