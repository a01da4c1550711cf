// A card in a thread, with a chassis and two neighbours around it.
#pragma once

#include <gtest/gtest.h>

#include <cstring>

#include "card_shim.h"

class Card : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		card = card_shim_new(FAKE_INPROC);
		ASSERT_NE(card, nullptr);
		chassis = card_shim_fake(card);
	}

	void TearDown() override
	{
		if (card != nullptr) {
			EXPECT_EQ(card_shim_end(&card), 0);
		}
	}

	// Puts n packets of a round on the link from 1/ippa, numbered.
	void put(card_deed deed, unsigned n, uint32_t round = 1,
		 fake_peer from = FAKE_IPPA)
	{
		for (unsigned i = 0; i < n; i++) {
			fake_pkt p{};

			p.handle = deed;
			p.round = round;
			p.index = i;
			p.order_ns = 1000;
			p.in_stage = card_shim_ippa_stage;
			p.circuit_out = 5;
			p.len = 40;
			memset(p.octets, 0x45, p.len);
			p.octets[p.len - 1] = static_cast<uint8_t>(i);
			fake_put(chassis, from, &p);
		}
		fake_flush(chassis, from);
	}

	struct card_shim *card = nullptr;
	struct fake *chassis = nullptr;
};
