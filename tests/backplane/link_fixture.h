/* Two stages and a bus between them, over one transport. */
#ifndef LINK_FIXTURE_H
#define LINK_FIXTURE_H

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include <unistd.h>

#include "bp_shim.h"

constexpr long WAIT_MS = 20000;
constexpr unsigned IPPA = 9, EPPA = 10, ASP = 27;

class RunDir
{
      public:
	RunDir()
	{
		char name[] = "/tmp/sesim-bp-XXXXXX";

		path = mkdtemp(name);
	}
	~RunDir()
	{
		(void)rmdir(path.c_str());
	}
	std::string path;
};

class Link : public ::testing::TestWithParam<int>
{
      protected:
	void SetUp() override
	{
		bus = bp_shim_bus_new(GetParam(), dir.path.c_str(), nullptr);
		ASSERT_NE(nullptr, bus);
	}
	void TearDown() override
	{
		bp_shim_free(&a);
		bp_shim_free(&b);
		bp_shim_bus_free(&bus);
	}
	/* a -> b, pools of so many buffers */
	void open(uint32_t a_buffers, uint32_t b_buffers)
	{
		a = bp_shim_new(bus, IPPA, 1, a_buffers);
		b = bp_shim_new(bus, EPPA, 1, b_buffers);
		ASSERT_NE(nullptr, a);
		ASSERT_NE(nullptr, b);
		ASSERT_EQ(0, bp_shim_listen(b, IPPA, 1, at));
		ASSERT_EQ(0, bp_shim_connect(a, EPPA, at));
	}
	bool put(uint32_t index, uint16_t len)
	{
		struct bp_shim_pkt p = {};

		p.index = index;
		p.len = len;
		return bp_shim_put(a, EPPA, &p);
	}
	/* The next vector at b, waiting for it; its packets stay held. */
	int take()
	{
		int got;

		while ((got = bp_shim_take(b, IPPA)) == 0) {
			if (!bp_shim_wait(b, WAIT_MS))
				return 0;
		}
		return got;
	}
	void end(int n)
	{
		for (int i = 0; i < n; i++)
			bp_shim_end(b, (unsigned)i);
	}
	RunDir dir;
	struct bus *bus = nullptr;
	struct bp_shim *a = nullptr, *b = nullptr;
	char at[160];
};

#endif
