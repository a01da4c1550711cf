// Automatic keys: proposals and policies, what they must fulfil and what the
// SmartEdge release had of them.
#include "config_test.h"

static const char kIke[] = " ike proposal p1\n"
			   "  encryption algorithm aes-128-cbc\n"
			   "  dh-group 14\n"
			   " ike policy hq\n"
			   "  seq 10 proposal p1\n"
			   "  identity remote fqdn branch.example\n"
			   "  pre-shared-key ascii secret123\n"
			   "  nat-traversal\n"
			   " ipsec proposal i1\n"
			   "  esp encryption aes-128-gcm\n"
			   " ipsec policy hq\n"
			   "  seq 10 proposal i1\n"
			   "  perfect-forward-secrecy dh-group 19\n"
			   " subscriber name branch.example\n"
			   "  ipsec pre-shared-key ascii other\n"
			   "  ipsec policy hq\n";

static const char kTunnel[] =
    "tunnel ipsec auto\n ike-policy hq\n ipsec-policy hq\n"
    " peer-end-point local 192.0.2.1 remote 192.0.2.9\n";

class ConfigIke : public Config
{
      protected:
	std::string with(const std::string &from = "",
			 const std::string &to = "")
	{
		std::string text =
		    std::string("context local\n") + kIke + kTunnel;
		return from.empty() ? text : replaced(text, from, to);
	}
	void refused(const std::string &from, const std::string &to,
		     const std::string &part)
	{
		std::string text = wrong(with(from, to));
		EXPECT_NE(text.find(part), std::string::npos) << text;
		EXPECT_NE(text.find("expected"), std::string::npos) << text;
		EXPECT_EQ(text.find("secret123"), std::string::npos) << text;
	}
};

TEST_F(ConfigIke, IsTakenAndPrintedWithoutItsSecrets)
{
	ASSERT_EQ("", wrong(with()));
	std::string text = print(1);
	EXPECT_NE(text.find("  pre-shared-key encrypted 1 "), std::string::npos)
	    << text;
	EXPECT_EQ(text.find("secret123"), std::string::npos) << text;
	EXPECT_NE(text.find("  perfect-forward-secrecy dh-group 19\n"),
		  std::string::npos)
	    << text;
}

TEST_F(ConfigIke, OneIdentityTakesThePlaceOfAnother)
{
	ASSERT_EQ("", wrong(with("fqdn branch.example\n",
				 "fqdn branch.example\n"
				 "  identity remote ip 192.0.2.9\n")));
	std::string text = print(1);
	EXPECT_NE(text.find("identity remote ip 192.0.2.9"), std::string::npos);
	EXPECT_EQ(text.find("fqdn"), std::string::npos) << text;
}

TEST_F(ConfigIke, AnAeadAuthenticatesByItself) // RFC 5282 section 8
{
	refused("algorithm aes-128-cbc",
		"algorithm aes-128-gcm\n  authentication algorithm "
		"hmac-sha1-96\n  pseudo-random-function hmac-sha1",
		"expected no authentication algorithm beside it");
	refused("algorithm aes-128-cbc", "algorithm aes-128-gcm",
		"expected pseudo-random-function");
}

TEST_F(ConfigIke, VersionOneIsOfferedWhatItHasNumbersFor) // RFC 2409 app. A
{
	EXPECT_EQ("", wrong(with("policy hq\n  seq",
				 "policy hq\n  version 1\n  seq")));
	std::string aead =
	    with("algorithm aes-128-cbc", "algorithm chacha20-poly1305\n"
					  "  pseudo-random-function hmac-sha1");
	EXPECT_EQ("", wrong(aead));
	EXPECT_NE(std::string::npos,
		  wrong(replaced(aead, "policy hq\n  seq",
				 "policy hq\n  version 1\n  seq"))
		      .find("which IKEv1 can not speak of"));
}

TEST_F(ConfigIke, AggressiveModeIsOfVersionOne)
{
	refused("policy hq\n  seq", "policy hq\n  mode aggressive\n  seq",
		"IKEv2 has no aggressive mode");
	EXPECT_EQ("", wrong(with("policy hq\n  seq",
				 "policy hq\n  version 1\n  mode aggressive\n"
				 "  seq")));
}

TEST_F(ConfigIke, WhatIsNamedIsThere)
{
	refused("seq 10 proposal p1", "seq 10 proposal p2",
		"there is no ike proposal p2");
	refused("seq 10 proposal i1", "seq 10 proposal i2",
		"there is no ipsec proposal i2");
	refused("\n ike-policy hq", "\n ike-policy nobody",
		"there is no ike policy nobody in context local");
	refused("\n ipsec-policy hq", "\n ipsec-policy nobody",
		"there is no ipsec policy nobody in context local");
	refused("  ipsec policy hq\n", "  ipsec policy nobody\n",
		"there is no ipsec policy nobody in this context");
}

TEST_F(ConfigIke, KeysAreOfOneKind)
{
	refused("tunnel ipsec auto\n", "tunnel ipsec auto manual\n",
		"ike-policy is of tunnels with automatic keys");
	refused("tunnel ipsec auto\n", "tunnel ipsec auto\n ipsec-sa in x\n",
		"ipsec-sa in is of tunnels with manual keys");
}

TEST_F(ConfigIke, NothingIsProtectedByNothing) // RFC 4303 section 3.2
{
	refused("esp encryption aes-128-gcm",
		"esp encryption null\n  esp authentication none",
		"protects nothing");
	refused("esp encryption aes-128-gcm",
		"esp encryption aes-128-gcm\n  esp authentication "
		"hmac-sha1-96",
		"authenticates too");
}

TEST_F(ConfigIke, HoldsToTheReleaseWhoAsksForIt)
{
	std::string strict = "security release-compliance seos\n" + with();

	EXPECT_NE(std::string::npos,
		  wrong(strict).find("the SmartEdge release has no"));
	strict = replaced(strict, "esp encryption aes-128-gcm",
			  "esp encryption aes-128-cbc");
	strict = replaced(strict, "dh-group 19", "dh-group 2");
	EXPECT_EQ("", wrong(strict));
}
