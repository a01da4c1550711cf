// One table of drop reasons: each has a name of its own and a sentence.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "pkt_fate_shim.h"

namespace
{

std::set<std::string>
all_names()
{
	std::set<std::string> names;

	for (unsigned f = pkt_fate_shim_first_drop(); f < pkt_fate_shim_end();
	     f++)
		names.insert(pkt_fate_shim_name(f));
	return names;
}

} // namespace

TEST(PktFate, EveryDropHasANameOfItsOwnAndASentence)
{
	for (unsigned f = pkt_fate_shim_first_drop(); f < pkt_fate_shim_end();
	     f++) {
		std::string name = pkt_fate_shim_name(f);

		EXPECT_EQ(name.find_first_not_of(
			      "abcdefghijklmnopqrstuvwxyz0123456789-"),
			  std::string::npos)
		    << name;
		EXPECT_GT(std::string(pkt_fate_shim_sentence(f)).size(), 5U);
	}
	EXPECT_EQ(all_names().size(),
		  pkt_fate_shim_end() - pkt_fate_shim_first_drop());
}

TEST(PktFate, WhatIsNoDropHasNoName)
{
	for (unsigned f = 0; f < pkt_fate_shim_first_drop(); f++)
		EXPECT_STREQ(pkt_fate_shim_name(f), "?");
	EXPECT_STREQ(pkt_fate_shim_name(pkt_fate_shim_end()), "?");
	EXPECT_STREQ(pkt_fate_shim_sentence(pkt_fate_shim_end()), "?");
}

TEST(PktFate, NamesThatScriptsRelyOnAreThere)
{
	std::set<std::string> names = all_names();

	for (const char *name : {"no-route",
				 "ttl-expired",
				 "bad-ip-header",
				 "bad-checksum",
				 "acl-denied",
				 "policer-exceeded",
				 "port-down",
				 "no-asp",
				 "no-sa",
				 "replay",
				 "integrity",
				 "bad-padding",
				 "selector-mismatch",
				 "sa-expired",
				 "sequence-exhausted",
				 "mtu-exceeded",
				 "frame-too-long",
				 "truncated",
				 "neighbor-queue-full",
				 "no-buffer",
				 "dummy",
				 "clear-leak",
				 "unresolved-neighbor",
				 "unknown-protocol",
				 "reassembly-timeout"})
		EXPECT_EQ(names.count(name), 1U) << name;
}
