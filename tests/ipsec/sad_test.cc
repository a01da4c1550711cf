// The SAD: what it takes, what it refuses, what it finds.
#include <gtest/gtest.h>

#include <cerrno>

#include "esp_lab.h"

namespace
{

int
install_changed(void (*change)(Sa &))
{
	EspLab lab;
	Sa sa = sa_make(1, false, "aes-128-cbc", "hmac-sha1-96");

	change(sa);
	return lab.install(sa);
}

} // namespace

TEST(Sad, RefusesParametersThatAreWrong)
{
	EXPECT_EQ(0, install_changed([](Sa &) {}));
	EXPECT_EQ(-EINVAL, install_changed([](Sa &s) { s.plain.spi = 0; }));
	EXPECT_EQ(-EINVAL, install_changed([](Sa &s) { s.plain.id = 65536; }));
	EXPECT_EQ(-EINVAL,
		  install_changed([](Sa &s) { s.plain.protocol = 51; }));
	EXPECT_EQ(-EINVAL,
		  install_changed([](Sa &s) { s.plain.window = 4097; }));
	EXPECT_EQ(-EINVAL, install_changed([](Sa &s) { s.plain.first = 0; }));
	EXPECT_EQ(-EINVAL, install_changed([](Sa &s) { s.plain.dscp = 64; }));
	EXPECT_EQ(-EINVAL, install_changed([](Sa &s) { s.plain.df = 3; }));
	EXPECT_EQ(-EINVAL,
		  install_changed([](Sa &s) { s.enc_key.pop_back(); }));
	EXPECT_EQ(-EINVAL,
		  install_changed([](Sa &s) { s.auth_key.push_back(0); }));
	EXPECT_EQ(-EINVAL, install_changed([](Sa &s) { s.enc = "rot13"; }));
}

TEST(Sad, RefusesPairsThatAreNoEsp) // RFC 4303 section 3.2
{
	EXPECT_EQ(-EINVAL, install_changed([](Sa &s) {
		s = sa_make(1, false, "null", "none");
	}));
	EXPECT_EQ(-EINVAL, install_changed([](Sa &s) {
		s = sa_make(1, false, "aes-128-gcm", "hmac-sha1-96");
	}));
}

TEST(Sad, RefusesAnIdOrAnInboundKeyThatIsTaken)
{
	EspLab lab;
	Sa sa = sa_make(1, false, "aes-128-gcm", "none");

	ASSERT_EQ(0, lab.install(sa));
	EXPECT_EQ(-EEXIST, lab.install(sa));
	sa.plain.id = 2;
	EXPECT_EQ(-EEXIST, lab.install(sa));
	sa.plain.context = 8;
	EXPECT_EQ(0, lab.install(sa));
	sa.plain.id = 3;
	sa.plain.dst++;
	EXPECT_EQ(0, lab.install(sa));
	EXPECT_EQ(3u, esp_shim_count(lab.s));
}

TEST(Sad, TakesOutboundSasOfTheSameSpi)
{
	EspLab lab;

	EXPECT_EQ(0, lab.install(sa_make(1, true, "aes-128-gcm", "none")));
	EXPECT_EQ(0, lab.install(sa_make(2, true, "aes-128-gcm", "none")));
}

TEST(Sad, FindsNothingThatWasDeleted)
{
	EspLab lab;

	ASSERT_EQ(0, lab.install(sa_make(1, false, "aes-128-gcm", "none")));
	EXPECT_TRUE(esp_shim_finds(lab.s, 7, 0x1001, 0xc0000202, 50, 1));
	ASSERT_EQ(0, esp_shim_delete(lab.s, 1));
	EXPECT_FALSE(esp_shim_finds(lab.s, 7, 0x1001, 0xc0000202, 50, 1));
	EXPECT_EQ(-ENOENT, esp_shim_delete(lab.s, 1));
	EXPECT_EQ(-ENOENT, esp_shim_delete(lab.s, 70000));
	EXPECT_EQ(0, lab.install(sa_make(1, false, "aes-128-gcm", "none")));
}

TEST(Sad, HoldsTenThousandTunnels)
{
	const uint32_t n = 10000;
	EspLab lab;
	Sa sa = sa_make(0, false, "aes-128-cbc", "hmac-sha1-96");

	for (uint32_t id = 0; id < n; id++) {
		sa.plain.id = id;
		sa.plain.spi = 256 + id / 2;
		sa.plain.context = id % 2;
		ASSERT_EQ(0, lab.install(sa)) << id;
	}
	for (uint32_t id = 0; id < n; id += 3)
		ASSERT_EQ(0, esp_shim_delete(lab.s, id));
	for (uint32_t id = 0; id < n; id++)
		ASSERT_EQ(id % 3 != 0,
			  esp_shim_finds(lab.s, id % 2, 256 + id / 2,
					 0xc0000202, 50, id) != 0)
		    << id;
	EXPECT_EQ(n - (n + 2) / 3, esp_shim_count(lab.s));
}
