// Secrets are printed sealed, or as fingerprints, or not at all.
#include "config_test.h"

class ConfigSecret : public Config
{
};

TEST_F(ConfigSecret, NeverInClear)
{
	ASSERT_EQ(load(1, kRouter), 0);
	for (int form : {SHIM_SEALED, SHIM_HIDDEN, SHIM_JSON})
		EXPECT_EQ(print(1, form).find("0011223344"), std::string::npos);
	EXPECT_NE(print(1).find("key encrypted 1 "), std::string::npos);
}

TEST_F(ConfigSecret, WithoutAKeyNothingIsSealed)
{
	ASSERT_EQ(load(1, kRouter), 0);
	EXPECT_EQ(print(1, SHIM_SEALED, SHIM_KEY_NONE), "(none)");
}

TEST_F(ConfigSecret, SealedOnesOpenUnderTheirKeyOnly)
{
	ASSERT_EQ(load(1, kRouter), 0);
	std::string text = print(1);
	EXPECT_EQ(load(2, text, SHIM_KEY_RIGHT), 0);
	EXPECT_NE(load(2, text, SHIM_KEY_WRONG), 0);
	EXPECT_NE(error().find("the operator's key does not open"),
		  std::string::npos);
	EXPECT_NE(load(2, text, SHIM_KEY_NONE), 0);
	EXPECT_NE(error().find("no operator's key"), std::string::npos);
}

TEST_F(ConfigSecret, KeysInAsciiAndHexAreTheSame)
{
	std::string head = "context local\n ipsec sa a\n  esp spi 300 "
			   "encryption aes-128-gcm key ";
	ASSERT_EQ(load(1, head + "ascii \"0123456789 bcdefsalt\"\n"), 0)
	    << error();
	ASSERT_EQ(load(2, head + "hex 30313233343536373839206263646566"
				 "73616c74\n"),
		  0);
	EXPECT_TRUE(config_shim_same(s, 1, 2));
}

TEST_F(ConfigSecret, Passwords)
{
	ASSERT_EQ(wrong("context local\n administrator ops password se,cret\n"
			"  privilege start 10\n"),
		  "");
	std::string text = print(1);
	EXPECT_EQ(text.find("se,cret"), std::string::npos);
	EXPECT_NE(text.find(" administrator ops encrypted 1 password "),
		  std::string::npos)
	    << text;
	ASSERT_EQ(load(2, text), 0) << error();
	EXPECT_TRUE(config_shim_same(s, 1, 2));
	EXPECT_NE(wrong("context local\n administrator ops\n"), "");
}
