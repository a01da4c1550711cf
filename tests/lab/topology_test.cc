/* Topology files: docs/man/topology.5. */
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "topology_shim.h"

namespace
{

class Topology : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		char name[] = "/tmp/topologyXXXXXX";

		ASSERT_NE(mkdtemp(name), nullptr);
		dir = name;
		std::ofstream(dir + "/a.conf") << "end\n";
	}

	void TearDown() override
	{
		(void)std::remove((dir + "/a.conf").c_str());
		(void)std::remove(dir.c_str());
	}

	std::string faults(const std::string &text)
	{
		char *lines = topology_shim_faults(dir.c_str(), text.data(),
						   text.size(), &rc, &found);
		std::string all = lines;

		std::free(lines);
		return all;
	}

	std::string dir;
	int rc = 0;
	unsigned found = 0;
};

const char two[] = "name: two\n"
		   "seed: 7\n"
		   "topology:\n"
		   "  nodes:\n"
		   "    a:\n"
		   "      kind: smartedge\n"
		   "      startup-config: a.conf\n"
		   "    b: {kind: smartedge, startup-config: a.conf}\n"
		   "  links:\n"
		   "    - endpoints: [\"a:1/1\", \"b:1/1\"]\n"
		   "      delay: 10ms\n"
		   "      loss: 0.5%\n"
		   "      rate: 10mbit\n"
		   "      backward: {delay: 1.5s}\n";

TEST_F(Topology, SaysWhatStandsInIt)
{
	struct topology_shim_sum s;

	ASSERT_EQ(topology_shim_read(dir.c_str(), two, &s), 0);
	EXPECT_STREQ(s.name, "two");
	EXPECT_EQ(s.seed, 7u);
	EXPECT_EQ(s.nodes, 2u);
	ASSERT_EQ(s.links, 1u);
	EXPECT_STREQ(s.first.end[0], "a:1/1");
	EXPECT_STREQ(s.first.end[1], "b:1/1");
	EXPECT_EQ(s.first.delay_ns[0], 10'000'000u);
	EXPECT_EQ(s.first.delay_ns[1], 1'500'000'000u);
	EXPECT_EQ(s.first.loss[0], 5'000'000u);
	EXPECT_EQ(s.first.loss[1], 5'000'000u);
	EXPECT_EQ(s.first.rate[1], 10'000'000u);
	EXPECT_EQ(s.first.down, 0);
}

TEST_F(Topology, TellsAllMistakesOfAFileInOrderOfPlace)
{
	std::string said = faults("name: bad name\n"
				  "colour: red\n"
				  "topology:\n"
				  "  nodes:\n"
				  "    a: {kind: switch}\n"
				  "    b: {kind: smartedge}\n"
				  "    c:\n"
				  "      kind: smartedge\n"
				  "      startup-config: none.conf\n"
				  "      startup: x\n"
				  "    c: {kind: host}\n"
				  "  links:\n"
				  "    - endpoints: [\"c:1/1\", \"d:1/1\"]\n"
				  "    - endpoints: [\"c:eth0\"]\n"
				  "    - endpoints: [\"c:x\", \"c:1/1\"]\n"
				  "      delay: soon\n"
				  "      loss: 101%\n"
				  "    - delay: 1ms\n");
	EXPECT_EQ(rc, -EINVAL);
	const char *expected[] = {
	    "1:7: name is bad name; expected 1 to 32 letters",
	    "2:1: colour is no property of a topology; expected topology, name,"
	    " seed",
	    "5:15: switch is no kind of node; expected one of smartedge,"
	    " capture, generator, host, tap, interface",
	    "6:8: a smartedge without startup-config",
	    "9:23: startup-config none.conf: No such file or directory",
	    "10:7: startup is no property of a smartedge; expected kind,"
	    " startup-config, type",
	    "11:5: c stands in line 7 already; expected it once",
	    "13:28: endpoint d:1/1 is of no node; the nodes are a, b, c",
	    "14:18: 1 endpoints; expected two",
	    "15:19: endpoint c:x of a smartedge; expected c:SLOT/PORT",
	    "16:14: delay is soon; expected a duration",
	    "17:13: loss is 101%; expected a share from 0% to 100%",
	    "18:7: a link without endpoints"};
	size_t at = 0;
	for (const char *line : expected) {
		size_t where = said.find(line, at);

		EXPECT_NE(where, std::string::npos) << line << "\nin\n" << said;
		if (where != std::string::npos)
			at = where;
	}
	EXPECT_EQ(found, sizeof(expected) / sizeof(expected[0])) << said;
}

TEST_F(Topology, APortHasOneLink)
{
	std::string said = faults(std::string(two) +
				  "    - endpoints: [\"b:2/1\", \"a:1/1\"]\n");

	EXPECT_NE(
	    said.find("15:28: a:1/1 is an end of the link in line 10 too"),
	    std::string::npos)
	    << said;
	EXPECT_EQ(found, 1u) << said;
}

TEST_F(Topology, WhatIsNoYamlIsToldWithItsPlace)
{
	EXPECT_NE(faults("name: x\ntopology: [\n").find("3:1: "),
		  std::string::npos);
	EXPECT_EQ(rc, -EINVAL);
	(void)faults("");
	EXPECT_EQ(rc, -EINVAL);
	(void)faults("- a\n- b\n");
	EXPECT_EQ(rc, -EINVAL);
	(void)faults(std::string("name: \"a\\0b\"\ntopology: {nodes: {}}\n"));
	EXPECT_EQ(rc, -EINVAL);
	(void)faults(std::string("\xff\xfe\x00\x01\x80\x81", 6));
	EXPECT_EQ(rc, -EINVAL);
	(void)faults("a: b\n---\nc: d\n");
	EXPECT_NE(faults(std::string(two) + "---\nname: x\n")
		      .find("a second document"),
		  std::string::npos);
}

TEST_F(Topology, ACycleOfAliasesEndsWhereSomethingElseWasExpected)
{
	(void)faults("&a\nname: *a\ntopology: *a\n");
	EXPECT_EQ(rc, -EINVAL);
	(void)faults("name: x\ntopology:\n  nodes: &n\n    a: *n\n"
		     "  links: &l [*l, *l]\n");
	EXPECT_EQ(rc, -EINVAL);
}

TEST_F(Topology, ABombOfAliasesIsRefusedAndCostsLittle)
{
	std::string bomb = "name: x\ntopology:\n  nodes:\n"
			   "    g: {kind: generator, flows: &f [";

	for (int i = 0; i < 64; i++)
		bomb += "{from: 10.0.0.1, to: 10.0.0.2, bad: 1},";
	bomb += "]}\n";
	for (int i = 0; i < 1000; i++)
		bomb += "    g" + std::to_string(i) +
			": {kind: generator, flows: *f}\n";
	(void)faults(bomb);
	EXPECT_EQ(rc, -EINVAL);

	std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
	for (int i = 1; i < 12; i++) {
		std::string was = "*a" + std::to_string(i - 1);

		laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) +
			  " [" + was;
		for (int k = 0; k < 9; k++)
			laughs += "," + was;
		laughs += "]\n";
	}
	(void)faults(laughs);
	EXPECT_EQ(rc, -EINVAL);
}

TEST_F(Topology, DeepNestsAndWideMappingsAreRefused)
{
	(void)faults("name: x\ntopology: " + std::string(100000, '['));
	EXPECT_EQ(rc, -EINVAL);
	(void)faults("name: x\ntopology: " + std::string(100000, '{'));
	EXPECT_EQ(rc, -EINVAL);

	std::string dashes = "name: x\ntopology:\n  ";
	for (int i = 0; i < 50000; i++)
		dashes += "- ";
	(void)faults(dashes);
	EXPECT_EQ(rc, -EINVAL);

	std::string steps = "name: x\n";
	for (size_t i = 0; i < 1200; i++)
		steps += std::string(i, ' ') + "k:\n";
	(void)faults(steps);
	EXPECT_EQ(rc, -EINVAL);

	std::string anchors = "name: x\n";
	for (int i = 0; i < 50000; i++)
		anchors += "k" + std::to_string(i) + ": &a" +
			   std::to_string(i) + " v\n";
	(void)faults(anchors);
	EXPECT_EQ(rc, -EINVAL);

	std::string wide = "name: x\n";
	for (int i = 0; i < 20000; i++)
		wide += "k" + std::to_string(i) + ": 1\n";
	(void)faults(wide);
	EXPECT_EQ(rc, -EINVAL);
	EXPECT_LT(found, 10u);
}

TEST_F(Topology, ListsOfMistakesAreBounded)
{
	std::string text = "name: x\ntopology:\n  nodes: {a: {kind: host}}\n"
			   "  links:\n";

	for (int i = 0; i < 5000; i++)
		text += "    - {endpoints: [q, r]}\n";
	std::string said = faults(text);
	EXPECT_EQ(rc, -EINVAL);
	EXPECT_GE(found, 10000u);
	EXPECT_LT(said.size(), 256u * 400u);
}

TEST_F(Topology, CapturesAndGeneratorsAreHeldToTheirOwnRules)
{
	std::string said = faults(
	    "name: x\ntopology:\n  nodes:\n"
	    "    c: {kind: capture}\n"
	    "    d: {kind: capture, source: a.conf, sink: a.conf}\n"
	    "    g:\n      kind: generator\n      flows:\n"
	    "        - {from: 10.0.0.1, to: 2001:db8::1}\n"
	    "        - {from: 10.0.0.1, to: 10.0.0.2, dscp: 64, rate: x2}\n"
	    "        - {from: 10.0.0.300, to: 10.0.0.2, size: 1-2}\n"
	    "    r: {kind: smartedge, startup-config: a.conf}\n"
	    "  links:\n"
	    "    - endpoints: [c, \"r:1/1\"]\n"
	    "    - endpoints: [g, \"r:1/2\"]\n"
	    "    - endpoints: [\"c\", \"r:1/3\"]\n");
	const char *expected[] = {
	    "4:5: capture c neither sends nor records",
	    "5:5: capture d has no link",
	    "5:46: sink is the source",
	    "9:32: to is 2001:db8::1 and from is 10.0.0.1",
	    "10:48: dscp is 64; expected a number from 0 to 63",
	    "10:58: rate is x2, and a flow has no capture",
	    "11:18: from is 10.0.0.300",
	    "11:50: size is 1-2",
	    "16:19: c is an end of the link in line 14 too"};
	for (const char *line : expected)
		EXPECT_NE(said.find(line), std::string::npos)
		    << line << "\nin\n"
		    << said;
	EXPECT_EQ(found, sizeof(expected) / sizeof(expected[0])) << said;
}

} // namespace
