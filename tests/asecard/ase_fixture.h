// An ASP in a thread, the tables of ase_shim.h, and packets for it.
#pragma once

#include <gtest/gtest.h>

#include <cstring>

#include "ase_shim.h"

class Ase : public ::testing::Test
{
      protected:
	void start(unsigned settings)
	{
		chassis = ase_shim_new(settings);
		ASSERT_NE(chassis, nullptr);
	}

	void TearDown() override
	{
		if (chassis != nullptr) {
			EXPECT_EQ(ase_shim_end(&chassis), 0);
		}
	}

	// A packet that an iPPA chose for the tunnel.
	fake_pkt clear(uint32_t dst = 0x0a020007, unsigned ttl = 63,
		       unsigned n = 100)
	{
		fake_pkt p{};

		ase_shim_ipv4(&p, 0x0a010005, dst, ttl, n);
		p.flags = ase_protect;
		p.circuit_in = 1;
		p.circuit_out = 5;
		p.handle = 5;
		p.round = 1;
		p.in_stage = fake_peer_stage(FAKE_IPPA);
		return p;
	}

	void put(const fake_pkt &p)
	{
		fake_put(chassis, FAKE_IPPA, &p);
		fake_flush(chassis, FAKE_IPPA);
	}

	// Seals a packet and makes of it one that came in from the WAN.
	fake_pkt sealed(const fake_pkt &p)
	{
		fake_pkt out{};

		put(p);
		EXPECT_TRUE(fake_take(chassis, FAKE_EPPA, &out));
		out.flags = 0;
		out.circuit_in = 2;
		out.circuit_out = 0;
		out.handle = 5;
		out.round = 2;
		out.in_stage = fake_peer_stage(FAKE_IPPA);
		return out;
	}

	// The packet is dropped for that reason and told in its round.
	void dropped(const fake_pkt &p, unsigned fate)
	{
		uint64_t was = fake_dropped(chassis, fate);

		put(p);
		ASSERT_TRUE(fake_fates(chassis, p.round, 1));
		EXPECT_EQ(fake_dropped(chassis, fate), was + 1);
	}

	struct fake *chassis = nullptr;
};
