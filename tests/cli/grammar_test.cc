// Which commands stand in which mode, and for whom (reference, sections 2.1 and
// 2.2).
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include <cerrno>

#include "grammar_shim.h"

namespace
{

class Grammar : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		g = grammar_shim_new();
		ASSERT_NE(g, nullptr);
	}
	void TearDown() override
	{
		grammar_shim_free(g);
	}
	grammar *g = nullptr;
};

} // namespace

TEST_F(Grammar, HasCompleteRowsAndHelps)
{
	EXPECT_TRUE(grammar_shim_rows_complete());
	EXPECT_STREQ(grammar_shim_word_without_help(g), nullptr);
}

TEST_F(Grammar, TakesAbbreviationsInExec)
{
	for (const char *line :
	     {"show version", "sh ver", "conf", "config term", "ena 15",
	      "term len 0", "terminal width 512", "sh ip ro",
	      "show configuration", "show config", "exit", "logout"})
		EXPECT_EQ(grammar_shim_match(g, "", 15, line), 1) << line;
	EXPECT_EQ(grammar_shim_match(g, "", 15, "sh c"), -ENOTUNIQ);
	EXPECT_EQ(grammar_shim_match(g, "", 15, "show ip"), -ENODATA);
	EXPECT_EQ(grammar_shim_match(g, "", 15, "commit"), -EINVAL);
}

TEST_F(Grammar, KeepsConfigurationFromTheUnprivileged)
{
	EXPECT_EQ(grammar_shim_match(g, "", 6, "show version"), 1);
	EXPECT_NE(grammar_shim_match(g, "", 6, "configure"), 1);
	EXPECT_NE(grammar_shim_match(g, "", 6, "show configuration"), 1);
}

TEST_F(Grammar, HasBothLanguagesInConfigurationModes)
{
	EXPECT_EQ(grammar_shim_match(g, "config", 15, "context local"), 0);
	EXPECT_EQ(grammar_shim_match(g, "config", 15, "port ethernet 1/1"), 0);
	EXPECT_EQ(grammar_shim_match(g, "config", 15, "commit"), 1);
	EXPECT_EQ(
	    grammar_shim_match(g, "config-if", 15, "ip address 10.1.0.1/16"),
	    0);
	EXPECT_EQ(grammar_shim_match(g, "config-if", 15, "show card"), 1);
	EXPECT_EQ(grammar_shim_match(g, "config-if", 15, "end"), 1);
	EXPECT_EQ(grammar_shim_match(g, "config-port", 15, "no shutdown"), 0);
}

// docs/commands.md is what the tables say: its second half is of this folder.
TEST(CommandsPage, IsMadeFromTheTables)
{
	std::ifstream file(SE_SOURCE "/docs/commands.md");
	std::stringstream page;
	page << file.rdbuf();
	char *ours = grammar_shim_page();
	EXPECT_EQ(page.str(), ours) << "run commands-page > docs/commands.md";
	free(ours);
}
