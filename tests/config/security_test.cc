// What is allowed and unwise is warned of; what the SmartEdge's release did not
// have is refused to who asked for that.
#include "config_test.h"

class ConfigSecurity : public Config
{
      protected:
	const std::string sha1 = " authentication hmac-sha1-96 key hex "
				 "000102030405060708090a0b0c0d0e0f10111213";
	const std::string gcm = "encryption aes-128-gcm key hex "
				"00112233445566778899aabbccddeeff01020304";
	const std::string cbc = "encryption aes-256-cbc key ascii "
				"0123456789abcdef0123456789abcdef";

	// Both SAs of kRouter with these algorithms.
	std::string with(const std::string &algorithms)
	{
		std::string text = replaced(kRouter,
					    "encryption aes-128-cbc key hex "
					    "00112233445566778899aabbccddeeff" +
						sha1,
					    algorithms);
		return replaced(text, gcm, algorithms);
	}
	std::string strict(const std::string &algorithms)
	{
		return wrong("security release-compliance seos\n" +
			     with(algorithms));
	}
};

TEST_F(ConfigSecurity, WarnsOfEncryptionAlone) // RFC 8221 section 4
{
	ASSERT_EQ("", wrong(with(cbc)));
	EXPECT_EQ(2u, config_shim_warnings(s, 1));
	EXPECT_EQ(0u, error().find("12:29: ipsec sa to-pe2: encryption alone"))
	    << error();
	ASSERT_EQ("", wrong(with(cbc + " authentication none")));
	EXPECT_EQ(2u, config_shim_warnings(s, 1));
}

TEST_F(ConfigSecurity, WarnsOfNothingThatAuthenticates)
{
	for (const std::string &algorithms :
	     {gcm, cbc + sha1, "encryption null" + sha1}) {
		ASSERT_EQ("", wrong(with(algorithms)));
		EXPECT_EQ(0u, config_shim_warnings(s, 1)) << error();
	}
}

TEST_F(ConfigSecurity, TakesEveryAlgorithmUnlessToldOtherwise)
{
	EXPECT_EQ("",
		  wrong(with("encryption sm4-cbc key ascii "
			     "0123456789abcdef authentication hmac-sm3-96 "
			     "key ascii 0123456789abcdef0123456789abcdef")));
	EXPECT_EQ("", wrong(with(gcm)));
}

TEST_F(ConfigSecurity, HoldsToTheReleaseWhoAsksForIt)
{
	const std::string md5 =
	    " authentication hmac-md5-96 key ascii 0123456789abcdef";

	for (const std::string &algorithms :
	     {cbc + sha1, cbc + md5, cbc, "encryption null" + sha1,
	      "encryption des-cbc key ascii 12345678" + md5,
	      "encryption 3des-cbc key ascii 0123456789abcdef01234567" + sha1})
		EXPECT_EQ("", strict(algorithms)) << algorithms;
	EXPECT_EQ(strict(gcm), "13:29: ipsec sa to-pe2: the SmartEdge release "
			       "has no aes-128-gcm (security "
			       "release-compliance seos); expected des-cbc, "
			       "3des-cbc, aes-*-cbc or null");
	EXPECT_NE(std::string::npos,
		  strict(cbc + " authentication aes-cmac-96 key ascii "
			       "0123456789abcdef")
		      .find("has no aes-cmac-96"));
}

TEST_F(ConfigSecurity, TakesAhForAnAuthentication) // RFC 4301 section 4.5
{
	const std::string ah = "\n  ah spi 0x3001 authentication hmac-sha1-96 "
			       "key ascii 0123456789abcdef0123";

	ASSERT_EQ("", wrong(with(cbc + ah)));
	EXPECT_EQ(0u, config_shim_warnings(s, 1)) << error();
}

TEST_F(ConfigSecurity, HoldsToTunnelMode)
{
	std::string text = replaced(with(cbc + sha1), " mode circuit-based",
				    " mode circuit-based\n"
				    " ipsec-mode transport");

	EXPECT_NE(std::string::npos,
		  wrong("security release-compliance seos\n" + text)
		      .find("tunnel ipsec to-branch: the SmartEdge release has "
			    "no transport mode"))
	    << error();
}
