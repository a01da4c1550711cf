// Whatever configuration random lines make, what is printed of it loads to the
// same, and validation says something or nothing but never falls.
#include "config_test.h"

class ConfigProperty : public Config, public ::testing::WithParamInterface<int>
{
};

TEST_P(ConfigProperty, PrintLoadPrint)
{
	unsigned long long seed = (unsigned long long)GetParam() * 1000000;
	unsigned accepted = 0;

	config_shim_edit_begin(s, 0);
	for (int i = 0; i < 4000; i++) {
		std::string line = taken(config_shim_random_line(&seed));
		if (line.empty())
			continue;
		accepted += edit(line) == 0 ? 1 : 0;
	}
	EXPECT_GT(accepted, 100u);
	config_shim_edit_take(s, 1);
	std::string text = print(1);
	ASSERT_EQ(load(2, text), 0) << error() << "\n" << text;
	EXPECT_TRUE(config_shim_same(s, 1, 2))
	    << taken(config_shim_diff(s, 1, 2));
	EXPECT_EQ(print(1, SHIM_HIDDEN), print(2, SHIM_HIDDEN));
	EXPECT_EQ(print(1, SHIM_JSON), print(2, SHIM_JSON));
	EXPECT_EQ(taken(config_shim_diff(s, 1, 2)), "");
	(void)config_shim_validate(s, 1);

	// And onto an empty router, through the diff.
	ASSERT_EQ(load(3, "service multiple-contexts\n"), 0);
	int rc = config_shim_rebase(s, 0, 1, 3, 4);
	EXPECT_TRUE(rc == 0 || rc == -EBUSY);
}

// What a commit checks of a change is what the whole would have told: from one
// configuration that holds to the next, through many that do not.
TEST_P(ConfigProperty, AChangeIsJudgedAsTheWholeIs)
{
	unsigned long long seed = (unsigned long long)GetParam() * 7000000;
	unsigned held = 0;
	unsigned refused = 0;

	ASSERT_EQ(load(1, "service multiple-contexts\n"), 0);
	for (int step = 0; step < 400; step++) {
		config_shim_edit_begin(s, 1);
		for (int i = 0; i < 1 + step % 12; i++)
			if (std::string line =
				taken(config_shim_random_line(&seed));
			    !line.empty())
				(void)edit(line);
		config_shim_edit_take(s, 2);
		unsigned whole = config_shim_validate(s, 2);
		std::string why = whole > 0 ? error() : "";
		unsigned change = config_shim_validate_change(s, 1, 2);
		ASSERT_EQ(whole > 0, change > 0)
		    << (whole > 0 ? why : error()) << "\n"
		    << taken(config_shim_diff(s, 1, 2));
		held += whole == 0;
		refused += whole > 0;
		if (whole == 0)
			config_shim_edit_take(s, 1);
	}
	EXPECT_GT(held, 20u);
	EXPECT_GT(refused, 4u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ConfigProperty, ::testing::Range(1, 41));
