// IKEv1 through ike.h: whole instances, in virtual time, packets through what
// they install. What v1_lab_test.cc holds of the engine, this holds of all.
#include <gtest/gtest.h>

#include <string>

#include "ike_sim.h"

namespace
{

ike_sim_conf
plain()
{
	ike_sim_conf c{};

	c.seed = 1;
	c.a.version = c.b.version = 1;
	c.b.connection = 2; // one initiator, so that there is one negotiation
	return c;
}

struct Sim {
	explicit Sim(const ike_sim_conf &c) : sim(ike_sim_new(&c))
	{
	}
	~Sim()
	{
		if (sim != nullptr)
			ike_sim_free(sim);
	}
	Sim(const Sim &) = delete;
	Sim &operator=(const Sim &) = delete;
	operator ike_sim *() const
	{
		return sim;
	}
	ike_sim *sim;
};

TEST(IkeV1, ComesUpAndGoesDown)
{
	for (bool aggressive : {false, true}) {
		ike_sim_conf c = plain();

		c.a.aggressive = c.b.aggressive = aggressive;
		Sim s(c);
		ASSERT_NE(s.sim, nullptr);
		EXPECT_TRUE(ike_sim_run_up(s, 5000));
		EXPECT_EQ(ike_sim_pairs(s), 2);
		EXPECT_EQ(ike_sim_sas(s, IKE_SIM_A), 1u);
		EXPECT_EQ(ike_sim_half_open(s, IKE_SIM_B), 0u);
		EXPECT_EQ(ike_sim_terminate(s, IKE_SIM_B, 1), 0);
		ike_sim_run(s, 1000);
		EXPECT_EQ(ike_sim_downs(s, IKE_SIM_A, "downByPeer"), 1u);
		// It is tried again, and told that there is nothing now.
		ike_sim_run(s, 60000);
		EXPECT_GE(ike_sim_reject(s, IKE_SIM_B, "no policy for peer"),
			  2u);
		EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), 0u);
		EXPECT_EQ(ike_sim_spis(s, IKE_SIM_A), 0u);
		EXPECT_EQ(ike_sim_spis(s, IKE_SIM_B), 0u);
	}
}

TEST(IkeV1, ComesUpWithCertificates)
{
	ike_sim_conf c = plain();

	c.a.cert_local = c.a.cert_remote = true;
	c.b.cert_local = c.b.cert_remote = true;
	Sim s(c);
	ASSERT_NE(s.sim, nullptr);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_EQ(ike_sim_pairs(s), 2);
}

TEST(IkeV1, RekeyingLosesNoPacket)
{
	ike_sim_conf c = plain();

	c.packets_ms = 100;
	c.a.esp_life_s = c.b.esp_life_s = 300;
	c.a.ike_life_s = c.b.ike_life_s = 700;
	c.a.pfs = c.b.pfs = 19;
	Sim s(c);
	ASSERT_NE(s.sim, nullptr);
	ASSERT_TRUE(ike_sim_run_up(s, 5000));
	uint64_t before = ike_sim_lost(s);
	ike_sim_run(s, 3000000);
	EXPECT_EQ(ike_sim_lost(s), before);
	EXPECT_GT(ike_sim_sent(s), 50000u);
	EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "child-rekeyed"), 8u);
	EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "ike-rekeyed"), 3u);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_A), 1u);
}

TEST(IkeV1, OperatorsRekey)
{
	Sim s(plain());

	ASSERT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_A, 1, false), 0);
	EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_A, 1, true), 0);
	ike_sim_run(s, 20000);
	EXPECT_EQ(ike_sim_pairs(s), 2);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), 1u);
	EXPECT_EQ(ike_sim_inbound(s, IKE_SIM_B), 1u);
}

TEST(IkeV1, DeadPeer)
{
	ike_sim_conf c = plain();

	c.a.dpd_s = 30;
	Sim s(c);
	ASSERT_TRUE(ike_sim_run_up(s, 5000));
	ike_sim_cut(s, true);
	ike_sim_run(s, 120000);
	EXPECT_EQ(ike_sim_downs(s, IKE_SIM_A, "keepaliveFailure"), 1u);
	EXPECT_FALSE(ike_sim_up(s, IKE_SIM_A, 1));
	ike_sim_cut(s, false);
	EXPECT_TRUE(ike_sim_run_up(s, 120000));
}

TEST(IkeV1, NatTraversal)
{
	ike_sim_conf c = plain();

	c.nat = true;
	c.a.nat_traversal = c.b.nat_traversal = true;
	Sim s(c);
	ASSERT_NE(s.sim, nullptr);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_EQ(ike_sim_pairs(s), 2);
	ike_sim_run(s, 60000);
	EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "keepalives"), 2u);
}

TEST(IkeV1, OnDemandGoesWithItsPeer)
{
	ike_sim_conf c = plain();

	c.b.on_demand = true;
	Sim s(c);
	ASSERT_NE(s.sim, nullptr);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_EQ(ike_sim_terminate(s, IKE_SIM_A, 1), 0);
	ike_sim_run(s, 1000);
	EXPECT_EQ(ike_sim_downs(s, IKE_SIM_B, "downByPeer"), 1u);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), 0u);
	EXPECT_EQ(ike_sim_spis(s, IKE_SIM_B), 0u);
}

TEST(IkeV1, RefusesWithItsReasons)
{
	ike_sim_conf c = plain();

	c.b.encr = "aes-256-cbc";
	Sim s(c);
	EXPECT_FALSE(ike_sim_run_up(s, 2000));
	EXPECT_GE(ike_sim_reject(s, IKE_SIM_B, "no proposal chosen"), 1u);
	EXPECT_EQ(std::string(ike_sim_failure(s, IKE_SIM_A)),
		  "NO_PROPOSAL_CHOSEN");
	std::string rows = ike_sim_compare(s, IKE_SIM_B);
	EXPECT_NE(rows.find("aes-256-cbc"), std::string::npos) << rows;
	EXPECT_NE(rows.find("aes-128-cbc"), std::string::npos) << rows;
}

TEST(IkeV1, LadderShowsPayloadsInClear)
{
	Sim s(plain());

	ASSERT_TRUE(ike_sim_run_up(s, 5000));
	for (ike_sim_side side : {IKE_SIM_A, IKE_SIM_B}) {
		std::string ladder = ike_sim_ladder(s, side);

		for (const char *part :
		     {"Main Mode", "SA(", "KE(64) NONCE(32)", "ID(8) HASH(20)",
		      "N(INITIAL_CONTACT)", "Quick Mode", "established"})
			EXPECT_NE(ladder.find(part), std::string::npos)
			    << part << "\n"
			    << ladder;
	}
}

TEST(IkeV1, LossyWireEndsUp)
{
	ike_sim_conf c = plain();

	c.tunnels = 300;
	c.loss = 20;
	c.twice = 10;
	c.late = 20;
	c.a.group = c.b.group = "31";
	c.b.connection = 0;
	Sim s(c);
	ASSERT_NE(s.sim, nullptr);
	EXPECT_TRUE(ike_sim_run_up(s, 3600000));
}

} // namespace
