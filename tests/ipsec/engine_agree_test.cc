// Engines: how one is chosen, what falls to another, and that all of them make
// the same octets of every algorithm.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "agree_shim.h"
#include "alg_shim.h"
#include "esp_lab.h"

TEST(AlgEngine, TellsItsName)
{
	EXPECT_STREQ(SHIM_ENGINE, alg_shim_engine(SHIM_ENGINE));
}

TEST(AlgEngine, AutoIsMultiBufferWhereItCanBeAndOpensslElse)
{
	EXPECT_STREQ(alg_shim_has("ipsec-mb") == 0 ? "ipsec-mb" : "openssl",
		     alg_shim_engine("auto"));
}

TEST(AlgEngine, RefusesAWordThatIsNone)
{
	EXPECT_EQ(-EINVAL, alg_shim_has("rot13"));
	EXPECT_EQ(-EINVAL, alg_shim_has(""));
}

// As the table of facts says, for show ipsec algorithms.
TEST(AlgEngine, LeavesToOpensslWhatItLacks)
{
	alg_shim_facts enc = {}, auth = {};

	for (const auto &pair : valid_pairs()) {
		std::string runs = SHIM_ENGINE;

		alg_shim_facts_get(alg_shim_find(pair.first.c_str(), 1), &enc);
		alg_shim_facts_get(alg_shim_find(pair.second.c_str(), 0),
				   &auth);
		if (!enc.ipsecmb || !auth.ipsecmb)
			runs = "openssl";
		EXPECT_EQ(runs, alg_shim_runs(pair.first.c_str(),
					      pair.second.c_str()))
		    << pair.first << " " << pair.second;
	}
}

class EngineAgree : public testing::TestWithParam<int>
{
};

TEST_P(EngineAgree, MakesTheOctetsThatOpensslMakes)
{
	for (unsigned n : {1u, 2u, 7u, 64u, 255u, 256u}) {
		EXPECT_EQ(0, agree_shim_vector(n, 0, GetParam())) << n;
		EXPECT_EQ(0, agree_shim_vector(n, 600, GetParam())) << n;
	}
}

// Multi-buffer lanes are shared: what rides along must not matter.
TEST_P(EngineAgree, MakesTheSameOfAVectorAndOfItsPacketsAlone)
{
	EXPECT_EQ(0, agree_shim_alone(256, GetParam()));
}

// Also when the first is one that waits in a lane while others overtake it.
TEST_P(EngineAgree, MakesTheSameWhicheverPairComesFirst)
{
	EXPECT_EQ(0, agree_shim_turns(16, GetParam()));
}

TEST_P(EngineAgree, RefusesTheForgedOnesOfAVectorAndNoOther)
{
	EXPECT_EQ(0, agree_shim_forged(256, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Esn, EngineAgree, testing::Values(0, 1));
