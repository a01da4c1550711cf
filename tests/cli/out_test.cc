// What stands behind a pipe, and how errors are printed (reference, section 2.4
// and 2.5).
#include <gtest/gtest.h>

#include <string>

#include "out_shim.h"

namespace
{

class Out
{
      public:
	Out() : s_(out_shim_new())
	{
	}
	~Out()
	{
		out_shim_free(s_);
	}
	Out(const Out &) = delete;
	int pipes(const std::string &p)
	{
		return out_shim_pipes(s_, p.c_str());
	}
	std::string all(std::initializer_list<const char *> lines)
	{
		for (const char *line : lines)
			out_shim_line(s_, line);
		return out_shim_end(s_);
	}
	out_shim *get()
	{
		return s_;
	}

      private:
	out_shim *s_;
};

} // namespace

TEST(OutPipe, IncludesAndExcludes)
{
	Out o;

	ASSERT_EQ(o.pipes(" include a.b | exclude z"), 0);
	EXPECT_EQ(o.all({"a.b", "axb", "a.bz", "x a.b"}), "a.b\nx a.b\n")
	    << "a text, not an expression";
}

TEST(OutPipe, JoinsWhatIsIndentedToTheLineBefore)
{
	Out o;

	ASSERT_EQ(o.pipes("join-lines | include b"), 0);
	EXPECT_EQ(o.all({"a", " b", "  c", "d", " e"}), "a b c\n")
	    << "an object is found by what is in it";
}

TEST(OutPipe, SavesAtTheEndOnly)
{
	Out o;

	ASSERT_EQ(o.pipes("include a | save f"), 0);
	EXPECT_EQ(o.all({"a", "b", "aa"}), "");
	EXPECT_STREQ(out_shim_saved(o.get()), "f:a\naa\n");
	Out p;
	EXPECT_NE(p.pipes("save f | include a"), 0);
}

TEST(OutPipe, BeginsAtTheFirstLineThatHoldsTheText)
{
	Out o;

	ASSERT_EQ(o.pipes("beg \"b b\""), 0);
	EXPECT_EQ(o.all({"a", "b b", "c"}), "b b\nc\n");
}

TEST(OutPipe, GrepsWithOptions)
{
	Out o;

	ASSERT_EQ(o.pipes("grep -i -v \"^A[0-9]\""), 0);
	EXPECT_EQ(o.all({"a1", "A2", "b1 a1"}), "b1 a1\n");
}

TEST(OutPipe, CountsWhatComesSoFar)
{
	Out o;

	ASSERT_EQ(o.pipes("include a | count"), 0);
	EXPECT_EQ(o.all({"a", "b", "ab"}), "Count: 2 lines\n");
}

TEST(OutPipe, KnowsJson)
{
	Out o;

	ASSERT_EQ(o.pipes("json"), 0);
	EXPECT_TRUE(out_shim_is_json(o.get()));
	out_shim_error(o.get(), "no");
	EXPECT_EQ(o.all({}),
		  "{\n  \"error\": {\n    \"text\": \"no\"\n  }\n}\n");
}

TEST(OutPipe, RefusesWhatItDoesNotKnow)
{
	for (const char *pipes : {"", "nonsense x", "include", "grep [",
				  "grep -x y", "a|", "include x | ",
				  "count | count | count | count | count |"
				  "count | count | count | count"}) {
		Out o;

		EXPECT_NE(o.pipes(pipes), 0) << pipes;
		EXPECT_STRNE(out_shim_why(o.get()), "") << pipes;
	}
}

TEST(OutError, BeginsWithPercentAndPassesNoFilter)
{
	Out o;

	ASSERT_EQ(o.pipes("include never"), 0);
	EXPECT_FALSE(out_shim_failed(o.get()));
	out_shim_error(o.get(), "Incomplete command");
	EXPECT_TRUE(out_shim_failed(o.get()));
	EXPECT_EQ(o.all({}), "% Incomplete command\n");
}

TEST(OutLine, ShowsNoControlOctets)
{
	Out o;

	EXPECT_EQ(o.all({"a\x1b[2Jb\tc\nd"}), "a.[2Jb c\nd\n");
}
