// The table of algorithm facts.
#include <gtest/gtest.h>

#include <cstring>

#include "alg_shim.h"

namespace
{

alg_shim_facts
facts(const char *name, int encryption)
{
	alg_shim_facts f = {};

	EXPECT_EQ(0, alg_shim_facts_get(alg_shim_find(name, encryption), &f))
	    << name;
	return f;
}

} // namespace

TEST(AlgFacts, KnowEveryNameThatConfigurationsUse)
{
	for (const char *name :
	     {"aes-128-cbc",   "aes-192-cbc",       "aes-256-cbc",
	      "aes-128-ctr",   "aes-192-ctr",       "aes-256-ctr",
	      "aes-128-gcm",   "aes-192-gcm",       "aes-256-gcm",
	      "aes-128-gcm-8", "aes-256-gcm-12",    "aes-128-gmac",
	      "aes-256-gmac",  "chacha20-poly1305", "3des-cbc",
	      "des-cbc",       "sm4-cbc",           "null",
	      "aes-128-ccm",   "aes-192-ccm-8",     "aes-256-ccm-12"})
		EXPECT_STREQ(name, facts(name, 1).name);
	for (const char *name :
	     {"hmac-md5-96", "hmac-sha1-96", "hmac-sha-256-128",
	      "hmac-sha-384-192", "hmac-sha-512-256", "hmac-sha-256-96",
	      "aes-xcbc-96", "aes-cmac-96", "hmac-sm3", "hmac-sm3-96",
	      "hmac-sm3-128", "none"})
		EXPECT_STREQ(name, facts(name, 0).name);
}

TEST(AlgFacts, FindNoNameOfTheOtherKindAndNoPart)
{
	EXPECT_EQ(0u, alg_shim_find("aes-128-cbc", 0));
	EXPECT_EQ(0u, alg_shim_find("hmac-sha1-96", 1));
	EXPECT_EQ(0u, alg_shim_find("aes-128", 1));
	EXPECT_EQ(0u, alg_shim_find("", 1));
}

TEST(AlgFacts, HaveNoHoles)
{
	alg_shim_facts f;

	EXPECT_EQ(-1, alg_shim_facts_get(0, &f));
	EXPECT_EQ(-1, alg_shim_facts_get(alg_shim_max(), &f));
	for (unsigned i = 1; i < alg_shim_max(); i++) {
		ASSERT_EQ(0, alg_shim_facts_get(i, &f)) << i;
		ASSERT_NE(nullptr, f.name) << i;
		EXPECT_EQ(i, alg_shim_find(f.name, f.encryption)) << f.name;
		EXPECT_NE(nullptr, f.verdict) << f.name;
		EXPECT_NE(0u, f.block) << f.name;
		EXPECT_EQ(f.rfc == 0, f.standard != nullptr) << f.name;
		EXPECT_LE(f.key + f.salt, 64u) << f.name;
	}
}

TEST(AlgFacts, GiveTheLengthsOfTheRfcs)
{
	// RFC 4106 section 8.1: the salt follows the key.
	EXPECT_EQ(16u, facts("aes-128-gcm", 1).key);
	EXPECT_EQ(4u, facts("aes-128-gcm", 1).salt);
	EXPECT_EQ(16u, facts("aes-128-gcm", 1).icv);
	EXPECT_EQ(8u, facts("aes-128-gcm-8", 1).icv);
	EXPECT_EQ(12u, facts("aes-128-gcm-12", 1).icv);
	// RFC 4309 sections 3 and 7.1
	EXPECT_EQ(3u, facts("aes-256-ccm-8", 1).salt);
	EXPECT_EQ(8u, facts("aes-256-ccm-8", 1).iv);
	EXPECT_EQ(8u, facts("aes-256-ccm-8", 1).icv);
	EXPECT_EQ(16u, facts("aes-256-ccm", 1).icv);
	// RFC 3602 section 2.4
	EXPECT_EQ(16u, facts("aes-256-cbc", 1).iv);
	// RFC 2404 section 3
	EXPECT_EQ(20u, facts("hmac-sha1-96", 0).key);
	EXPECT_EQ(12u, facts("hmac-sha1-96", 0).icv);
	// RFC 4868 section 2.1.1: the key is as long as the digest.
	EXPECT_EQ(64u, facts("hmac-sha-512-256", 0).key);
	EXPECT_EQ(32u, facts("hmac-sha-512-256", 0).icv);
}

TEST(AlgFacts, NameGcmAsWiresharkWantsIt)
{
	EXPECT_STREQ("AES-GCM with 16 octet ICV [RFC4106]",
		     facts("aes-256-gcm", 1).wireshark);
	EXPECT_STREQ("NULL", facts("none", 0).wireshark);
}

TEST(AlgFacts, SayWhichPairsAreEsp) // RFC 4303 section 3.2, RFC 3686 section 7
{
	EXPECT_TRUE(alg_shim_pair_valid("aes-128-cbc", "hmac-sha1-96"));
	EXPECT_TRUE(alg_shim_pair_valid("aes-128-cbc", "none"));
	EXPECT_TRUE(alg_shim_pair_valid("null", "hmac-sha1-96"));
	EXPECT_FALSE(alg_shim_pair_valid("null", "none"));
	EXPECT_TRUE(alg_shim_pair_valid("aes-128-gcm", "none"));
	EXPECT_FALSE(alg_shim_pair_valid("aes-128-gcm", "hmac-sha1-96"));
	EXPECT_FALSE(alg_shim_pair_valid("aes-128-ctr", "none"));
	EXPECT_FALSE(alg_shim_pair_valid("aes-128-ccm", "hmac-sha1-96"));
}

TEST(AlgFacts, SayWhichPairsOnlyEncrypt) // RFC 8221 section 4
{
	EXPECT_TRUE(alg_shim_pair_unauthenticated("aes-128-cbc", "none"));
	EXPECT_FALSE(alg_shim_pair_unauthenticated("aes-128-gcm", "none"));
	EXPECT_FALSE(alg_shim_pair_unauthenticated("null", "none"));
	EXPECT_FALSE(
	    alg_shim_pair_unauthenticated("aes-128-cbc", "hmac-sha1-96"));
}

TEST(AlgFacts, JudgeAsRfc8221Does) // sections 5 and 6
{
	EXPECT_STREQ("broken", facts("des-cbc", 1).verdict);
	EXPECT_STREQ("broken", facts("hmac-md5-96", 0).verdict);
	EXPECT_STREQ("legacy", facts("3des-cbc", 1).verdict);
	EXPECT_STREQ("legacy", facts("hmac-sha1-96", 0).verdict);
	EXPECT_STREQ("current", facts("aes-128-gcm", 1).verdict);
}

TEST(KeyArena, WipesASlotThatIsGivenBack)
{
	EXPECT_TRUE(alg_shim_arena_wipes());
}

TEST(KeyArena, HoldsASlotForEverySa)
{
	EXPECT_TRUE(alg_shim_arena_holds(65536));
	EXPECT_FALSE(alg_shim_arena_holds(65537));
}
