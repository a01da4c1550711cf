/* docs/wire.md says the numbers and sizes that the headers have. */
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "ctl_shim.h"

static std::string
wire_doc()
{
	std::ifstream file(SE_SOURCE "/docs/wire.md");
	std::stringstream text;

	text << file.rdbuf();
	return text.str();
}

static std::string
party(int p)
{
	if (p == CTL_SHIM_CARD)
		return "card";
	return p == CTL_SHIM_CHASSIS ? "chassis" : "client";
}

/* "struct ctl_hello" and "sizeof(struct ctl_sa)" to "ctl_hello", "ctl_sa". */
static std::string
bare(const std::string &name)
{
	size_t at = name.find("struct ");

	if (at == std::string::npos)
		return name == "0" ? "none" : "octets";
	at += 7;
	return name.substr(at, name.find(')') - at);
}

TEST(WireDoc, HasARowForEveryMessage)
{
	std::string doc = wire_doc();
	const struct ctl_shim_row *row;

	for (size_t i = 0; (row = ctl_shim_row_at(i)) != nullptr; i++) {
		std::string line = "| " + std::to_string(row->type) + " | " +
				   row->name + " | " + bare(row->body_name) +
				   " | " + bare(row->item_name) + " | " +
				   party(row->from) + " | " + party(row->to) +
				   " |";

		EXPECT_NE(std::string::npos, doc.find(line)) << line;
	}
}

TEST(WireDoc, HasTheSizeOfEveryStructure)
{
	std::string doc = wire_doc();
	const struct ctl_shim_size *size;

	for (size_t i = 0; (size = ctl_shim_size_at(i)) != nullptr; i++) {
		std::string line = "### " + std::string(size->name) + ", " +
				   std::to_string(size->octets) + " octets";

		EXPECT_NE(std::string::npos, doc.find(line)) << line;
	}
}
