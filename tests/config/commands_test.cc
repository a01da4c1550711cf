// The page of commands is what the schema says.
#include <fstream>
#include <sstream>

#include "config_test.h"

TEST(ConfigCommands, PageIsMadeFromTheSchema)
{
	std::ifstream file(SE_SOURCE "/docs/commands.md");
	std::stringstream page;
	page << file.rdbuf();
	EXPECT_EQ(page.str(), taken(config_shim_commands()))
	    << "run config-commands > docs/commands.md";
}
