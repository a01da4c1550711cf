// The configuration that must work, as it stands.
#include "config_test.h"

class ConfigContract : public Config
{
};

TEST_F(ConfigContract, LoadsAsItStands)
{
	EXPECT_EQ(wrong(kRouter), "");
}

TEST_F(ConfigContract, WhatIsPrintedLoadsToTheSame)
{
	ASSERT_EQ(load(1, kRouter), 0);
	std::string text = print(1);
	ASSERT_EQ(load(2, text), 0) << error() << "\n" << text;
	EXPECT_TRUE(config_shim_same(s, 1, 2));
	EXPECT_EQ(print(1, SHIM_HIDDEN), print(2, SHIM_HIDDEN));
}

TEST_F(ConfigContract, PrintsInTheOrderOfTheRouter)
{
	ASSERT_EQ(load(1, kRouter), 0);
	std::string text = print(1);
	EXPECT_EQ(text.find("Building configuration...\n\n"
			    "Current configuration:\n!\n"),
		  0u);
	size_t at = 0;
	for (const char *part :
	     {"\ncontext local\n",
	      "\n interface lan\n  ip address 10.1.0.1/16\n",
	      "\n! ** End Context **\n", "\ncard ge-10-port 1\n",
	      "\nport ethernet 1/1\n no shutdown\n bind interface lan local\n",
	      "\nasp pool crypto service security\n asp 3/1\n",
	      "\nasp group vpn-group\n pool crypto\n",
	      "\ntunnel ipsec to-branch manual\n", "\nsystem hostname pe1\n",
	      "\n!\nend\n"}) {
		size_t found = text.find(part);
		ASSERT_NE(found, std::string::npos) << part << text;
		EXPECT_GE(found, at) << part;
		at = found;
	}
	EXPECT_EQ(text.find("circuit-based"), std::string::npos)
	    << "a default is printed";
}

TEST_F(ConfigContract, ReadsValuesAndDefaults)
{
	unsigned char key[64] = {0};

	ASSERT_EQ(load(1, kRouter), 0);
	EXPECT_EQ(config_shim_tunnel_mtu(s, 1), 1400u);
	EXPECT_FALSE(config_shim_tunnel_shutdown(s, 1));
	EXPECT_EQ(config_shim_sa_window(s, 1, "from-pe2"), 64u);
	ASSERT_EQ(config_shim_sa_key(s, 1, "from-pe2", key, sizeof(key)), 20u);
	EXPECT_EQ(key[1], 0x11);
	EXPECT_EQ(key[19], 0x04);
}

TEST_F(ConfigContract, SectionPrintsOnlyThat)
{
	ASSERT_EQ(load(1, kRouter), 0);
	EXPECT_EQ(print(1, SHIM_HIDDEN, SHIM_KEY_NONE, "card"),
		  "!\ncard ge-10-port 1\ncard ge-10-port 2\ncard ase 3\n");
}

TEST_F(ConfigContract, TextOfTheReferenceReentersAContext)
{
	EXPECT_EQ(
	    wrong(replaced(kRouter, " security asp-group vpn-group\n", "") +
		  ""),
	    "");
	std::string text =
	    replaced(kRouter, "!\nend\n",
		     "context local\n security asp-group vpn-group\nend\n");
	EXPECT_EQ(wrong(text), "");
}
