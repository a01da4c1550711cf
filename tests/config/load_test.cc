// A file is one transaction: all of it or nothing.
#include "config_test.h"

class ConfigLoad : public Config
{
};

TEST_F(ConfigLoad, AfterEndOnlyBlanksAndComments)
{
	EXPECT_EQ(wrong("end\n\n! fine\n \t\n"), "");
	EXPECT_EQ(wrong("end\n\n system hostname x\n").substr(0, 27),
		  "3:2: a command after end; e");
}

TEST_F(ConfigLoad, ControlOctetsAreRefusedByName)
{
	EXPECT_EQ(wrong(std::string("system hostname a\0b\n", 20)),
		  "1:18: a NUL octet; expected printing characters in UTF-8");
	EXPECT_EQ(wrong("!\nsystem hostname \a\n").substr(0, 29),
		  "2:17: a control octet 0x07; e");
	EXPECT_EQ(wrong("system hostname \xff\n").substr(0, 31),
		  "1:17: octet 0xff, which is not ");
	EXPECT_EQ(wrong("system hostname caf\xc3\xa9\r\n"), "");
}

TEST_F(ConfigLoad, LinesUpTo64KiB)
{
	std::string pad(65500, ' ');
	EXPECT_EQ(wrong(pad + "card ase 3\n"), "");
	EXPECT_NE(wrong(pad + pad + "card ase 3\n")
		      .find("octets; expected at "
			    "most 65535"),
		  std::string::npos);
}

TEST_F(ConfigLoad, NothingOfARefusedFileStays)
{
	ASSERT_EQ(load(1, "system hostname old\n"), 0);
	EXPECT_NE(load(1, "system hostname new\nbad\n"), 0);
	EXPECT_EQ(error().substr(0, 4), "2:1:");
	EXPECT_NE(print(1).find("system hostname old"), std::string::npos);
}

TEST_F(ConfigLoad, LastLineNeedsNoNewline)
{
	EXPECT_EQ(wrong("card ase 3"), "");
	EXPECT_EQ(wrong(""), "");
}

TEST_F(ConfigLoad, FileThatIsNotThere)
{
	EXPECT_EQ(config_shim_load_file(s, 1, "/nonexistent/x"), -ENOENT);
	EXPECT_NE(error().find("No such file"), std::string::npos);
	EXPECT_LT(config_shim_load_file(s, 1, "/"), 0);
}

TEST_F(ConfigLoad, ExitOutsideOfEveryModeIsRefused)
{
	EXPECT_EQ(wrong("context local\n exit\ncard ase 3\n exit\n"), "");
	EXPECT_EQ(wrong("exit\n").substr(0, 4), "1:1:");
}

TEST_F(ConfigLoad, ATextTypedIntoACandidateIsAllOfItOrNothing)
{
	std::string good = "context local\n interface lan\nend\n";
	std::string bad = "context local\n interface wan\n ip address bad\n";

	ASSERT_EQ(load(0, "system hostname old\n"), 0);
	config_shim_edit_begin(s, 0);
	ASSERT_EQ(edit("context local"), 0);
	EXPECT_NE(config_shim_edit_text(s, bad.data(), bad.size()), 0);
	EXPECT_EQ(error().substr(0, 2), "3:");
	config_shim_edit_take(s, 1);
	EXPECT_EQ(print(1).find("wan"), std::string::npos);
	config_shim_edit_begin(s, 1);
	EXPECT_EQ(config_shim_edit_text(s, good.data(), good.size()), 0);
	EXPECT_GT(config_shim_edits(s), 0u);
	EXPECT_STREQ(config_shim_prompt(s), "config");
	config_shim_edit_take(s, 1);
	EXPECT_NE(print(1).find("interface lan"), std::string::npos);
	EXPECT_NE(print(1).find("hostname old"), std::string::npos);
}

TEST_F(ConfigLoad, AnEarlierTreeInTheCandidatesPlaceIsOneEdit)
{
	ASSERT_EQ(load(1, "system hostname new\n"), 0);
	ASSERT_EQ(load(2, "system hostname old\n"), 0);
	config_shim_edit_begin(s, 1);
	ASSERT_EQ(edit("context local"), 0);
	EXPECT_EQ(config_shim_edit_replace(s, 2), 0);
	EXPECT_EQ(config_shim_edits(s), 1u);
	EXPECT_STREQ(config_shim_prompt(s), "config");
	config_shim_edit_take(s, 1);
	EXPECT_EQ(config_shim_same(s, 1, 2), 1);
}
