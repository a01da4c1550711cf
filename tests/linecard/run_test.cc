// A whole processor, with a chassis and neighbours around it: rounds, ports,
// counters, the loop, and how runs end.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cerrno>

#include "lc_card.h"
#include "port_shim.h"
#include "run_shim.h"

namespace
{

class Processor
{
      public:
	run_shim *shim;
	fake *chassis = nullptr;

	explicit Processor(bool egress) : shim(run_shim_new(egress))
	{
		if (shim != nullptr)
			chassis = run_shim_fake(shim);
	}
	~Processor()
	{
		if (shim != nullptr) {
			EXPECT_EQ(run_shim_end(&shim), 0);
		}
		for (auto &path : files)
			unlink(path.c_str());
	}
	Processor(const Processor &) = delete;
	Processor &operator=(const Processor &) = delete;

	std::string file(const std::string &name)
	{
		files.push_back(testing::TempDir() + "run_test." +
				std::to_string(getpid()) + "." + name);
		return files.back();
	}

	// A capture of packets for dst at these times, opened at a port.
	void input(unsigned port, const std::vector<uint64_t> &times,
		   uint32_t dst = addr(10, 2, 0, 7), size_t cut = 0)
	{
		Ip ip;
		ip.dst = dst;
		Octets o = ip.octets();
		std::string path = file("in" + std::to_string(port));
		ASSERT_EQ(run_shim_capture(path.c_str(), times.data(),
					   static_cast<unsigned>(times.size()),
					   o.data(),
					   static_cast<unsigned>(o.size())),
			  0);
		if (cut != 0) {
			ASSERT_EQ(
			    truncate(
				path.c_str(),
				static_cast<off_t>(
				    24 + times.size() * (16 + o.size()) - cut)),
			    0);
		}
		ASSERT_EQ(run_shim_open(shim, port, 0, path.c_str(), nullptr),
			  0);
	}

	run_shim_ahead admit(uint32_t round, uint64_t until = UINT64_MAX,
			     uint32_t most = 4)
	{
		run_shim_ahead ahead = {};
		EXPECT_TRUE(run_shim_admit(shim, round, most, until, &ahead));
		return ahead;
	}

      private:
	std::vector<std::string> files;
};

} // namespace

TEST(Run, RoundsAdmitWhatIsDueAndSayWhatLiesAhead)
{
	Processor run(false);
	ASSERT_NE(run.shim, nullptr);
	run.input(1, {10, 20, 30, 40, 50, 60});
	auto ahead = run.admit(0);
	EXPECT_EQ(ahead.packets, 0u);
	EXPECT_EQ(ahead.next_ns, 10u);
	EXPECT_EQ(ahead.limit_ns, 40u);
	EXPECT_FALSE(ahead.ended);

	ahead = run.admit(1, 30);
	EXPECT_EQ(ahead.packets, 3u);
	EXPECT_EQ(ahead.next_ns, 40u);
	EXPECT_EQ(ahead.limit_ns, UINT64_MAX); // the rest is staged
	ahead = run.admit(2);
	EXPECT_EQ(ahead.packets, 3u);
	EXPECT_TRUE(ahead.ended);
	EXPECT_EQ(ahead.limit_ns, UINT64_MAX);

	for (uint32_t i = 0; i < 6; i++) {
		fake_pkt p;
		ASSERT_TRUE(fake_take(run.chassis, FAKE_EPPA, &p));
		EXPECT_EQ(p.index, i);
		EXPECT_EQ(p.round, i < 3 ? 1u : 2u);
		EXPECT_EQ(p.order_ns, 10 * (i + 1));
		EXPECT_EQ(p.circuit_out, 2u);
		EXPECT_EQ(p.in_stage, lc_shim_stage(2, "ippa"));
		EXPECT_EQ(p.octets[8], 63);
	}
	EXPECT_EQ(run_shim_received(run.shim), 6u);
	EXPECT_EQ(run_shim_port_rx(run.shim, 1), 6u);
}

TEST(Run, PortsAreMergedByTheirClocks)
{
	Processor run(false);
	ASSERT_NE(run.shim, nullptr);
	run.input(1, {10, 30, 30, 20});
	run.input(2, {5, 30, 40});
	run.admit(0, UINT64_MAX, 8);
	EXPECT_EQ(run.admit(1).packets, 7u);
	const uint64_t order[] = {5, 10, 30, 30, 30, 30, 40};
	const uint32_t port[] = {2, 1, 1, 1, 1, 2, 2};
	for (unsigned i = 0; i < 7; i++) {
		fake_pkt p;
		ASSERT_TRUE(fake_take(run.chassis, FAKE_EPPA, &p));
		EXPECT_EQ(p.order_ns, order[i]);
		EXPECT_EQ(p.circuit_in, port[i]);
	}
}

TEST(Run, DropsAreCountedAndTalliedByRound)
{
	Processor run(false);
	ASSERT_NE(run.shim, nullptr);
	run.input(1, {1, 2, 3}, addr(172, 16, 0, 1));
	run.admit(0);
	EXPECT_EQ(run.admit(7).packets, 3u);
	EXPECT_TRUE(fake_fates(run.chassis, 7, 3));
	EXPECT_EQ(run_shim_no_route(run.shim), 3u);
}

TEST(Run, DamageIsToldOnceAndWhatCameBeforeGoesOn)
{
	Processor run(false);
	ASSERT_NE(run.shim, nullptr);
	run.input(1, {1, 2, 3}, addr(10, 2, 0, 7), 5);
	auto ahead = run.admit(0);
	EXPECT_EQ(ahead.error, -EBADMSG);
	EXPECT_NE(std::string(ahead.sentence).find("in1"), std::string::npos);
	EXPECT_FALSE(ahead.ended);
	ahead = run.admit(1);
	EXPECT_EQ(ahead.packets, 2u);
	EXPECT_EQ(ahead.error, 0);
	EXPECT_TRUE(ahead.ended);
}

TEST(Run, AnInputThatIsNoCaptureIsRefusedByName)
{
	Processor run(false);
	ASSERT_NE(run.shim, nullptr);
	char why[FAKE_TAIL + 1] = "";
	EXPECT_EQ(run_shim_open(run.shim, 1, 0, "/dev/null", why), -EBADMSG);
	EXPECT_NE(std::string(why).find("/dev/null"), std::string::npos);
	EXPECT_EQ(run_shim_open(run.shim, 64, 0, "/dev/null", why), -ENODEV);
	EXPECT_EQ(run_shim_open(run.shim, 1, 1, "/dev/null", why), -EINVAL);
}

TEST(Run, AnEgressProcessorWritesInOrderOfArrival)
{
	Processor run(true);
	ASSERT_NE(run.shim, nullptr);
	std::string path = run.file("out");
	ASSERT_EQ(run_shim_open(run.shim, 2, 1, path.c_str(), nullptr), 0);
	Octets ip = Ip().octets();
	for (uint32_t i : {2u, 0u, 1u}) {
		fake_pkt p = {};
		p.order_ns = 100 + i;
		p.index = i;
		p.round = 1;
		p.circuit_out = 2;
		p.handle = 1;
		p.len = static_cast<unsigned>(ip.size());
		std::copy(ip.begin(), ip.end(), p.octets);
		fake_put(run.chassis, FAKE_IPPA, &p);
	}
	fake_flush(run.chassis, FAKE_IPPA);
	EXPECT_TRUE(fake_fates(run.chassis, 1, 3));
	EXPECT_EQ(run_shim_flush(run.shim, 1), 0);
	EXPECT_EQ(run_shim_close(run.shim), 0);
	EXPECT_EQ(run_shim_transmitted(run.shim), 3u);
	EXPECT_EQ(run_shim_port_tx(run.shim, 2), 3u);
	EXPECT_EQ(run_shim_circuit_out(run.shim, 2), 3u);

	port_shim *file = port_shim_new(8);
	port_shim_staged s;
	ASSERT_EQ(port_shim_receive_file(file, path.c_str()), 0);
	ASSERT_EQ(port_shim_fill(file, 8), 0);
	for (uint64_t i = 0; i < 3; i++) {
		ASSERT_TRUE(port_shim_first(file, &s));
		EXPECT_EQ(s.time_ns, 100 + i);
		EXPECT_EQ(s.len, 14 + ip.size());
		port_shim_shift(file);
	}
	EXPECT_TRUE(port_shim_ended(file));
	port_shim_free(file);
}

TEST(Run, AFullDiskIsToldWhenTheRunEnds)
{
	if (access("/dev/full", W_OK) != 0)
		GTEST_SKIP() << "no /dev/full here";
	Processor run(true);
	ASSERT_NE(run.shim, nullptr);
	ASSERT_EQ(run_shim_open(run.shim, 2, 1, "/dev/full", nullptr), 0);
	EXPECT_EQ(run_shim_close(run.shim), -ENOSPC);
}

TEST(Run, AClearPacketForATunnelComesBackFromTheLoop)
{
	Processor run(true);
	ASSERT_NE(run.shim, nullptr);
	Octets ip = Ip().octets();
	fake_pkt p = {};
	p.circuit_out = p.handle = 3;
	p.flags = LC_SHIM_PROTECT;
	p.round = 1;
	p.len = static_cast<unsigned>(ip.size());
	std::copy(ip.begin(), ip.end(), p.octets);
	fake_put(run.chassis, FAKE_IPPA, &p);
	p.circuit_out = 2; // and one that tables led astray
	fake_put(run.chassis, FAKE_IPPA, &p);
	fake_flush(run.chassis, FAKE_IPPA);

	fake_pkt back;
	ASSERT_TRUE(fake_take(run.chassis, FAKE_IPPA, &back));
	EXPECT_EQ(back.flags, unsigned{LC_SHIM_PROTECT | LC_SHIM_LOOPED});
	EXPECT_EQ(back.handle, 3u);
	EXPECT_TRUE(fake_fates(run.chassis, 1, 1));
	EXPECT_EQ(run_shim_circuit_out(run.shim, 3), 1u);
	EXPECT_EQ(run_shim_clear_leak(run.shim), 1u);
	EXPECT_EQ(run_shim_transmitted(run.shim), 0u);
}
