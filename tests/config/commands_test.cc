// The page of commands is what the schema says.
#include <fstream>
#include <sstream>

#include "config_test.h"

TEST(ConfigCommands, PageIsMadeFromTheSchema)
{
	std::ifstream file(SE_SOURCE "/docs/commands.md");
	std::stringstream page;
	page << file.rdbuf();
	std::string ours = taken(config_shim_commands());
	EXPECT_EQ(page.str().substr(0, ours.size()), ours)
	    << "run commands-page > docs/commands.md";
}
