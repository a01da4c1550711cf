// The matcher: abbreviations, columns, help and completion.
#include "config_test.h"

class ConfigSyntax : public Config
{
      protected:
	void SetUp() override
	{
		config_shim_edit_begin(s, 0);
	}
	std::string follow(const char *line)
	{
		return taken(config_shim_follow(s, line));
	}
	std::string complete(const char *line)
	{
		return taken(config_shim_complete(s, line));
	}
};

TEST_F(ConfigSyntax, UniqueAbbreviations)
{
	ASSERT_EQ(edit("tun ips t man"), 0) << error();
	ASSERT_EQ(edit("mo econ"), 0) << error();
	ASSERT_EQ(edit("peer loc 192.0.2.1 rem 192.0.2.2"), 0) << error();
	ASSERT_EQ(edit("mode circuit"), 0) << error();
	ASSERT_EQ(edit("card xcrp4 7"), 0) << error();
	ASSERT_EQ(edit("card ge-1 2"), 0) << error();
}

TEST_F(ConfigSyntax, ExactWordBeatsALongerOne)
{
	ASSERT_EQ(edit("card ase 3"), 0) << error();
	ASSERT_EQ(edit("card ase2 4"), 0) << error();
}

TEST_F(ConfigSyntax, AmbiguousWord)
{
	EXPECT_EQ(edit("c local"), -ENOTUNIQ);
	EXPECT_EQ(error(),
		  "0:1: ambiguous word \"c\"; expected card or context");
	EXPECT_EQ(edit("card ge 1"), -ENOTUNIQ);
}

TEST_F(ConfigSyntax, IncompleteLine)
{
	EXPECT_EQ(edit("tunnel ipsec  "), -ENODATA);
	EXPECT_EQ(error(), "0:13: the line ends too early; expected tunnel of "
			   "at most 50 octets");
}

TEST_F(ConfigSyntax, ColumnIsThatOfTheFirstWordThatDoesNotFit)
{
	EXPECT_EQ(edit("  port ethernet 1/0"), -EINVAL);
	EXPECT_EQ(error().substr(0, 6), "0:17: ");
	EXPECT_EQ(edit("card ase 3 4"), -EINVAL);
	EXPECT_EQ(error(), "0:12: unknown word \"4\"; expected the end of the "
			   "line");
}

TEST_F(ConfigSyntax, NamesAreNotAbbreviations)
{
	ASSERT_EQ(edit("context local"), 0);
	ASSERT_EQ(edit("ip route 10.0.0.0/8 nu"), 0);
	config_shim_edit_take(s, 1);
	EXPECT_NE(print(1).find("ip route 10.0.0.0/8 nu\n"), std::string::npos);
}

TEST_F(ConfigSyntax, WordsWithBlanksStandInQuotes)
{
	ASSERT_EQ(edit("context \"two words\""), 0) << error();
	config_shim_edit_take(s, 1);
	EXPECT_NE(print(1).find("context \"two words\"\n"), std::string::npos);
	EXPECT_EQ(edit("context \"open"), -EINVAL);
	EXPECT_EQ(edit("context \"\""), -EINVAL);
	EXPECT_EQ(edit("\"context\" x"), -EINVAL) << "a quoted word is a value";
	EXPECT_EQ(edit("system location it's 5\" wide  "), 0) << error();
}

TEST_F(ConfigSyntax, AddressesAreNotGuessed)
{
	ASSERT_EQ(edit("context local"), 0);
	ASSERT_EQ(edit("interface a"), 0);
	for (const char *bad : {"10.1.0.1", "10.1.0.1/33", "10.1.0/16",
				"10.1.0.256/8", "010.1.0.1/16", "10.1.0.1/016",
				"10.1.0.1/", "10..0.1/8", "1.2.3.4.5/8"})
		EXPECT_EQ(edit(std::string("ip address ") + bad), -EINVAL)
		    << bad;
	EXPECT_EQ(edit("ip mtu 99999999999999999999"), -EINVAL);
	EXPECT_EQ(edit("ip mtu 0x200"), 0);
}

TEST_F(ConfigSyntax, WhatMayFollow)
{
	EXPECT_EQ(follow("tunnel "), "ipsec");
	EXPECT_EQ(follow("tunnel ipsec "), "TUNNEL");
	EXPECT_EQ(follow("tunnel ipsec t "), "manual on-demand <cr>");
	EXPECT_EQ(follow("c"), "card context");
	EXPECT_EQ(follow("card ase"), "ase ase2");
	EXPECT_EQ(follow("no sys"), "system");
	EXPECT_EQ(follow("bogus "), "");
}

TEST_F(ConfigSyntax, Completion)
{
	EXPECT_EQ(complete("tun"), "nel ");
	EXPECT_EQ(complete("tunnel ipsec t m"), "anual ");
	EXPECT_EQ(complete("c"), "(none)");
	EXPECT_EQ(complete("card ge"), "(none)");
	EXPECT_EQ(complete("card 10ge"), "-");
	EXPECT_EQ(complete("x"), "(none)");
}
