// IKEv2 between two instances, whole negotiations in virtual time (RFC 7296).
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

bool
has(const std::string &text, const std::string &part)
{
	return text.find(part) != std::string::npos;
}

TEST(IkeV2, ComesUpWithPsk)
{
	Sim s(plain());

	ASSERT_NE(s.sim, nullptr);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_EQ(ike_sim_pairs(s), 2) << ike_sim_ladder(s, IKE_SIM_A);
	EXPECT_LT(ike_sim_now_ms(s), 1100u);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_A), 1u);
	EXPECT_EQ(ike_sim_half_open(s, IKE_SIM_B), 0u);
	std::string ladder = ike_sim_ladder(s, IKE_SIM_A);
	EXPECT_TRUE(has(ladder, "> IKE_SA_INIT req 0 SA(")) << ladder;
	EXPECT_TRUE(has(ladder, "KE(19)")) << ladder;
	EXPECT_TRUE(has(ladder, "< IKE_AUTH res 1 IDr(")) << ladder;
	EXPECT_TRUE(has(ladder, "N(INITIAL_CONTACT)")) << ladder;
	EXPECT_TRUE(has(ladder, "established")) << ladder;
}

TEST(IkeV2, RefusesAnotherSecret)
{
	ike_sim_conf c = plain();

	c.b.secret = "other";
	Sim s(c);
	EXPECT_FALSE(ike_sim_run_up(s, 2000));
	EXPECT_GE(ike_sim_reject(s, IKE_SIM_B, "authentication failed"), 1u);
	EXPECT_EQ(std::string(ike_sim_failure(s, IKE_SIM_A)),
		  "AUTHENTICATION_FAILED");
	EXPECT_EQ(ike_sim_spis(s, IKE_SIM_A), 0u);
	EXPECT_EQ(ike_sim_spis(s, IKE_SIM_B), 0u);
}

// ---- algorithms ---------------------------------------------------------

struct Suite {
	const char *encr, *integ, *prf, *group;
};

class IkeV2Suite : public ::testing::TestWithParam<Suite>
{
};

TEST_P(IkeV2Suite, ComesUp)
{
	ike_sim_conf c = plain();

	for (ike_sim_end *e : {&c.a, &c.b}) {
		e->encr = GetParam().encr;
		e->integ = GetParam().integ;
		e->prf = GetParam().prf;
		e->group = GetParam().group;
	}
	Sim s(c);
	ASSERT_NE(s.sim, nullptr);
	EXPECT_TRUE(ike_sim_run_up(s, 5000)) << ike_sim_ladder(s, IKE_SIM_A);
	EXPECT_EQ(ike_sim_pairs(s), 2);
	EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_A, 1, true), 0);
	ike_sim_run(s, 20000);
	EXPECT_EQ(ike_sim_stat(s, IKE_SIM_B, "ike-rekeyed"), 1u);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_A), 1u);
	EXPECT_EQ(ike_sim_pairs(s), 2);
}

const Suite suites[] = {
    {"des-cbc", "hmac-md5-96", nullptr, "1"},
    {"3des-cbc", "hmac-sha1-96", nullptr, "2"},
    {"aes-128-cbc", "hmac-sha1-96", "hmac-md5", "5"},
    {"aes-192-cbc", "hmac-sha-384-192", nullptr, "14"},
    {"aes-256-cbc", "hmac-sha-512-256", nullptr, "15"},
    {"aes-256-cbc", "hmac-sha-256-128", nullptr, "16"},
    {"aes-128-ctr", "hmac-sha-256-128", nullptr, "19"},
    {"aes-256-ctr", "aes-cmac-96", "aes-cmac", "20"},
    {"aes-192-ctr", "aes-xcbc-96", "aes-xcbc", "21"},
    {"aes-128-gcm", "", "hmac-sha-256", "31"},
    {"aes-256-gcm-8", "", "hmac-sha-384", "19"},
    {"aes-128-gcm-12", "", "hmac-sha-512", "31"},
    {"aes-128-ccm", "", "hmac-sha1", "31"},
    {"chacha20-poly1305", "", "hmac-sha-256", "31"},
};

INSTANTIATE_TEST_SUITE_P(All, IkeV2Suite, ::testing::ValuesIn(suites));

TEST(IkeV2, KnowsLargeGroups) // RFC 3526
{
	for (const char *group : {"17", "18"}) {
		ike_sim_conf c = plain();

		c.a.group = c.b.group = group;
		Sim s(c);
		EXPECT_TRUE(ike_sim_run_up(s, 5000)) << group;
	}
}

struct EspSuite {
	const char *enc, *auth;
};

class IkeV2Esp : public ::testing::TestWithParam<EspSuite>
{
};

TEST_P(IkeV2Esp, ComesUp)
{
	ike_sim_conf c = plain();

	for (ike_sim_end *e : {&c.a, &c.b}) {
		e->esp_encr = GetParam().enc;
		e->esp_auth = GetParam().auth;
	}
	Sim s(c);
	ASSERT_NE(s.sim, nullptr);
	EXPECT_TRUE(ike_sim_run_up(s, 5000)) << ike_sim_ladder(s, IKE_SIM_B);
	EXPECT_EQ(ike_sim_pairs(s), 2);
}

const EspSuite esp_suites[] = {
    {"des-cbc", "hmac-md5-96"},
    {"3des-cbc", "hmac-sha1-96"},
    {"aes-192-cbc", "hmac-sha-256-128"},
    {"aes-256-cbc", "hmac-sha-512-256"},
    {"aes-128-ctr", "aes-xcbc-96"},
    {"aes-256-gcm", "none"},
    {"aes-128-ccm", "none"},
    {"chacha20-poly1305", "none"},
    {"null", "hmac-sha1-96"},
    {"aes-128-cbc", "none"},
};

INSTANTIATE_TEST_SUITE_P(All, IkeV2Esp, ::testing::ValuesIn(esp_suites));

TEST(IkeV2, NegotiatesAh) // RFC 4302
{
	ike_sim_conf c = plain();

	c.a.ah = c.b.ah = "hmac-sha1-96";
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_TRUE(has(ike_sim_child(s, IKE_SIM_A), "AH"));
	EXPECT_EQ(ike_sim_pairs(s), 2);
}

TEST(IkeV2, TakesTheFirstThatBothHave) // RFC 7296 section 2.7
{
	ike_sim_conf c = plain();

	c.a.encr = "3des-cbc,aes-128-cbc,aes-256-cbc";
	c.b.encr = "aes-256-cbc,aes-128-cbc";
	c.a.integ = "hmac-md5-96,hmac-sha1-96";
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_TRUE(has(ike_sim_sa(s, IKE_SIM_A), "encr 12/256"))
	    << ike_sim_sa(s, IKE_SIM_A);
	EXPECT_TRUE(has(ike_sim_sa(s, IKE_SIM_A), "integ 2 "));
}

TEST(IkeV2, OffersAeadsApart) // RFC 5282 section 8
{
	ike_sim_conf c = plain();

	c.a.encr = "aes-128-gcm,aes-128-cbc";
	c.a.prf = "hmac-sha1";
	c.b.encr = "aes-128-cbc";
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_TRUE(has(ike_sim_sa(s, IKE_SIM_A), "encr 12/128"));
}

TEST(IkeV2, TellsWhichTransformDiffers)
{
	ike_sim_conf c = plain();

	c.a.encr = "3des-cbc";
	c.a.integ = "hmac-md5-96";
	Sim s(c);
	EXPECT_FALSE(ike_sim_run_up(s, 2000));
	EXPECT_GE(ike_sim_reject(s, IKE_SIM_B, "no proposal chosen"), 1u);
	std::string rows = ike_sim_compare(s, IKE_SIM_B);
	EXPECT_TRUE(has(rows, "1/1 encryption: aes-128-cbc | 3des-cbc differs "
			      "FIRST\n"))
	    << rows;
	EXPECT_TRUE(
	    has(rows, "integrity: hmac-sha1-96 | hmac-md5-96 differs\n"))
	    << rows;
	EXPECT_TRUE(has(rows, "dh-group: 19 | 19 same\n")) << rows;
	EXPECT_EQ(std::string(ike_sim_failure(s, IKE_SIM_A)),
		  "NO_PROPOSAL_CHOSEN");
}

TEST(IkeV2, TriesTheOtherGroup) // RFC 7296 section 1.3
{
	ike_sim_conf c = plain();

	c.a.group = "14,19";
	c.b.group = "19";
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_EQ(ike_sim_reject(s, IKE_SIM_B, "invalid KE payload (group)"),
		  1u);
	EXPECT_TRUE(has(ike_sim_ladder(s, IKE_SIM_A), "N(INVALID_KE_PAYLOAD)"));
	EXPECT_TRUE(has(ike_sim_sa(s, IKE_SIM_A), "dh 19 "));
}

TEST(IkeV2, StrictRefusesWhatTheReleaseHadNot)
{
	ike_sim_conf c = plain();

	c.strict = true;
	c.a.group = c.b.group = "2";
	{
		Sim s(c);
		ASSERT_NE(s.sim, nullptr);
		EXPECT_TRUE(ike_sim_run_up(s, 5000));
		EXPECT_FALSE(
		    has(ike_sim_ladder(s, IKE_SIM_A), "SIGNATURE_HASH"));
	}
	c.a.group = "19";
	testing::internal::CaptureStderr();
	ike_sim *none = ike_sim_new(&c);
	EXPECT_TRUE(has(testing::internal::GetCapturedStderr(), "policy"));
	EXPECT_EQ(none, nullptr);
}

// ---- identities, authentication -----------------------------------------

TEST(IkeV2, FindsTheTunnelByIdentity)
{
	ike_sim_conf c = plain();

	c.a.local_id = "a.example";
	c.a.remote_id = "b.example";
	c.b.local_id = "b.example";
	c.b.remote_id = "a.example";
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_TRUE(
	    has(ike_sim_sa(s, IKE_SIM_A), "ids fqdn-a.example fqdn-b.example"));
}

TEST(IkeV2, RefusesAnotherIdentity)
{
	ike_sim_conf c = plain();

	c.a.local_id = "a.example";
	c.b.remote_id = "c.example";
	Sim s(c);
	EXPECT_FALSE(ike_sim_run_up(s, 2000));
	EXPECT_GE(ike_sim_reject(s, IKE_SIM_B, "no policy for peer"), 1u);
}

TEST(IkeV2, InitiatorChecksTheResponder)
{
	ike_sim_conf c = plain();

	c.b.local_id = "b.example";
	c.a.remote_id = "x.example";
	Sim s(c);
	EXPECT_FALSE(ike_sim_run_up(s, 2000));
	EXPECT_FALSE(ike_sim_up(s, IKE_SIM_A, 1));
}

class IkeV2Cert : public ::testing::TestWithParam<int>
{
};

TEST_P(IkeV2Cert, ComesUpWithSignatures) // RFC 7427
{
	ike_sim_conf c = plain();

	for (ike_sim_end *e : {&c.a, &c.b}) {
		e->cert_local = e->cert_remote = true;
		e->key_kind = GetParam();
	}
	c.a.local_id = c.b.remote_id = "a.example";
	c.b.local_id = c.a.remote_id = "b.example";
	Sim s(c);
	ASSERT_NE(s.sim, nullptr);
	EXPECT_TRUE(ike_sim_run_up(s, 5000)) << ike_sim_ladder(s, IKE_SIM_B);
	EXPECT_EQ(ike_sim_pairs(s), 2);
	EXPECT_TRUE(has(ike_sim_ladder(s, IKE_SIM_A), "CERT("));
	EXPECT_TRUE(has(ike_sim_ladder(s, IKE_SIM_A), "CERTREQ("));
}

INSTANTIATE_TEST_SUITE_P(Kinds, IkeV2Cert, ::testing::Values(1, 2));

TEST(IkeV2, EachSideByItsOwnMethod) // RFC 7296 section 2.15
{
	ike_sim_conf c = plain();

	c.a.cert_local = true; // A signs, B knows the secret
	c.b.cert_remote = true;
	c.a.local_id = c.b.remote_id = "a.example";
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000)) << ike_sim_ladder(s, IKE_SIM_B);
}

TEST(IkeV2, StrictSignsBySha1) // RFC 7296 section 2.15, method 1
{
	ike_sim_conf c = plain();

	c.strict = true;
	for (ike_sim_end *e : {&c.a, &c.b}) {
		e->cert_local = e->cert_remote = true;
		e->group = "14";
	}
	c.a.local_id = c.b.remote_id = "a.example";
	c.b.local_id = c.a.remote_id = "b.example";
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000)) << ike_sim_ladder(s, IKE_SIM_B);
}

TEST(IkeV2, RefusesAMethodThatIsNotThePolicys)
{
	ike_sim_conf c = plain();

	c.b.cert_remote = true;
	c.b.cert_local = true;
	c.a.cert_remote = true;
	c.a.local_id = c.b.remote_id = "a.example";
	c.b.local_id = c.a.remote_id = "b.example";
	Sim s(c);
	EXPECT_FALSE(ike_sim_run_up(s, 2000));
	EXPECT_GE(ike_sim_reject(s, IKE_SIM_B, "authentication failed"), 1u);
}

TEST(IkeV2, MakesTunnelsOnDemand)
{
	ike_sim_conf c = plain();

	c.b.on_demand = true;
	c.b.connection = 0;
	c.a.local_id = "a.example";
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000)) << ike_sim_ladder(s, IKE_SIM_B);
	EXPECT_EQ(ike_sim_pairs(s), 2);
	EXPECT_EQ(ike_sim_terminate(s, IKE_SIM_A, 1), 0);
	ike_sim_run(s, 20000);
	EXPECT_EQ(ike_sim_downs(s, IKE_SIM_B, "downByPeer"), 1u);
	EXPECT_EQ(ike_sim_spis(s, IKE_SIM_B), 0u);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), 0u);
}

TEST(IkeV2, RefusesWhoHasNoRecord)
{
	ike_sim_conf c = plain();

	c.b.on_demand = true;
	c.a.local_id = "x.example";
	Sim s(c);
	ike_sim_run(s, 2000);
	EXPECT_GE(ike_sim_reject(s, IKE_SIM_B, "authentication failed"), 1u);
	EXPECT_EQ(ike_sim_inbound(s, IKE_SIM_B), 0u);
}

// ---- selectors ----------------------------------------------------------

TEST(IkeV2, NarrowsSelectors) // RFC 7296 section 2.9
{
	ike_sim_conf c = plain();

	c.a.selectors[0] = "10.1.0.0/16=10.2.0.0/16";
	c.b.selectors[0] = "10.2.3.0/24=10.1.0.0/16";
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_TRUE(has(ike_sim_child(s, IKE_SIM_A),
			"0 10.1.0.0-10.1.255.255:0-65535="
			"10.2.3.0-10.2.3.255:0-65535"))
	    << ike_sim_child(s, IKE_SIM_A);
	EXPECT_TRUE(has(ike_sim_child(s, IKE_SIM_B),
			"0 10.2.3.0-10.2.3.255:0-65535="
			"10.1.0.0-10.1.255.255:0-65535"))
	    << ike_sim_child(s, IKE_SIM_B);
}

TEST(IkeV2, RefusesSelectorsOfNobody)
{
	ike_sim_conf c = plain();

	c.a.selectors[0] = "10.1.0.0/16=10.2.0.0/16";
	c.b.selectors[0] = "10.3.0.0/16=10.1.0.0/16";
	Sim s(c);
	EXPECT_FALSE(ike_sim_run_up(s, 2000));
	EXPECT_GE(
	    ike_sim_reject(s, IKE_SIM_B, "traffic selectors unacceptable"), 1u);
	EXPECT_EQ(std::string(ike_sim_failure(s, IKE_SIM_A)),
		  "TS_UNACCEPTABLE");
	EXPECT_EQ(ike_sim_spis(s, IKE_SIM_B), 0u);
}

TEST(IkeV2, CarriesSeveralSelectorsInOneChild)
{
	ike_sim_conf c = plain();

	c.a.selectors[0] = "6 10.1.0.0/16:80=10.2.0.0/16";
	c.a.selectors[1] = "10.3.0.0/16=10.4.0.0/16";
	c.b.selectors[0] = "10.2.0.0/16=10.1.0.0/16";
	c.b.selectors[1] = "10.4.0.0/16=10.3.0.0/16";
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_EQ(ike_sim_pairs(s), 2);
	std::string child = ike_sim_child(s, IKE_SIM_B);
	EXPECT_TRUE(has(child, "=10.1.0.0-10.1.255.255:80-80")) << child;
	EXPECT_TRUE(has(child, "10.4.0.0-10.4.255.255")) << child;
}

TEST(IkeV2, MakesAChildForEachSelector) // RFC 7296 section 1.3.1
{
	ike_sim_conf c = plain();

	for (int i = 0; i < 2; i++) {
		ike_sim_end *e = i == 0 ? &c.a : &c.b;

		e->child_per_selector = true;
		e->selectors[0] = i == 0 ? "10.1.0.0/16=10.2.0.0/16"
					 : "10.2.0.0/16=10.1.0.0/16";
		e->selectors[1] = i == 0 ? "10.3.0.0/16=10.4.0.0/16"
					 : "10.4.0.0/16=10.3.0.0/16";
		e->selectors[2] = i == 0 ? "10.5.0.0/16=10.6.0.0/16"
					 : "10.6.0.0/16=10.5.0.0/16";
	}
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	ike_sim_run(s, 2000);
	EXPECT_EQ(ike_sim_pairs(s), 6);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_A), 1u);
}

// ---- the configuration payload ------------------------------------------

TEST(IkeV2, AssignsAnAddress) // RFC 7296 section 2.19
{
	ike_sim_conf c = plain();

	c.a.request_address = true;
	c.a.local_id = "a.example";
	c.b.on_demand = true;
	c.b.connection = 0;
	c.b.assign = "10.9.0.1";
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000)) << ike_sim_ladder(s, IKE_SIM_B);
	EXPECT_EQ(std::string(ike_sim_address(s)), "10.9.0.1 dns 8.8.8.8");
	EXPECT_TRUE(has(ike_sim_child(s, IKE_SIM_A), "0 10.9.0.1-10.9.0.1:"))
	    << ike_sim_child(s, IKE_SIM_A);
}

// ---- NAT, fragments, cookies --------------------------------------------

TEST(IkeV2, CrossesANat) // RFC 7296 section 2.23, RFC 3948
{
	ike_sim_conf c = plain();

	c.nat = true;
	c.a.nat_traversal = c.b.nat_traversal = true;
	c.packets_ms = 1000;
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000)) << ike_sim_ladder(s, IKE_SIM_B);
	EXPECT_TRUE(has(ike_sim_sa(s, IKE_SIM_A), "port 4500 nat 10"))
	    << ike_sim_sa(s, IKE_SIM_A);
	EXPECT_TRUE(has(ike_sim_sa(s, IKE_SIM_B), "port 4500 nat 01"))
	    << ike_sim_sa(s, IKE_SIM_B);
	EXPECT_TRUE(has(ike_sim_child(s, IKE_SIM_A), "ESP udp"));
	ike_sim_run(s, 100000);
	EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "keepalives"), 3u);
	EXPECT_EQ(ike_sim_stat(s, IKE_SIM_B, "keepalives"), 0u);
}

TEST(IkeV2, FindsNoNatWhereThereIsNone)
{
	ike_sim_conf c = plain();

	c.a.nat_traversal = c.b.nat_traversal = true;
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_TRUE(has(ike_sim_sa(s, IKE_SIM_A), "port 500 nat 00"));
}

TEST(IkeV2, FollowsThePeerToPort4500) // RFC 7296 section 2.23
{
	ike_sim_conf c = plain();

	c.floats = true;
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000)) << ike_sim_ladder(s, IKE_SIM_B);
	EXPECT_TRUE(has(ike_sim_sa(s, IKE_SIM_B), "port 4500 nat 00"))
	    << ike_sim_sa(s, IKE_SIM_B);
	EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_B, 1, false), 0);
	ike_sim_run(s, 1000);
	EXPECT_EQ(ike_sim_stat(s, IKE_SIM_A, "child-rekeyed"), 1u);
}

struct Largest {
	size_t n = 0;
};

TEST(IkeV2, SendsFragments) // RFC 7383
{
	ike_sim_conf c = plain();
	Largest largest;

	c.fragment = true;
	for (ike_sim_end *e : {&c.a, &c.b})
		e->cert_local = e->cert_remote = true;
	c.a.local_id = c.b.remote_id = "a.example";
	c.b.local_id = c.a.remote_id = "b.example";
	Sim s(c);
	ike_sim_watch(
	    s,
	    [](void *arg, ike_sim_side, const uint8_t *, size_t n) {
		    Largest *l = static_cast<Largest *>(arg);

		    l->n = n > l->n ? n : l->n;
	    },
	    &largest);
	EXPECT_TRUE(ike_sim_run_up(s, 5000)) << ike_sim_ladder(s, IKE_SIM_B);
	EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "fragments-out"), 3u);
	EXPECT_EQ(ike_sim_stat(s, IKE_SIM_B, "fragments-in"),
		  ike_sim_stat(s, IKE_SIM_A, "fragments-out"));
	EXPECT_LE(largest.n, 572u);
	EXPECT_EQ(ike_sim_pairs(s), 2);
}

TEST(IkeV2, AsksForCookies) // RFC 7296 section 2.6
{
	ike_sim_conf c = plain();

	c.cookies = 1;
	c.tunnels = 5;
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_GE(ike_sim_stat(s, IKE_SIM_B, "cookies"), 3u);
	EXPECT_EQ(ike_sim_pairs(s), 10);
}

// ---- life ---------------------------------------------------------------

ike_sim_conf
busy()
{
	ike_sim_conf c = plain();

	c.packets_ms = 5;
	return c;
}

TEST(IkeV2, RekeysChildrenWithoutLoss) // RFC 7296 section 2.8
{
	ike_sim_conf c = busy();

	c.a.esp_life_s = c.b.esp_life_s = 60;
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	ike_sim_run(s, 600000);
	EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "child-rekeyed"), 10u);
	EXPECT_GT(ike_sim_sent(s), 200000u);
	EXPECT_EQ(ike_sim_lost(s), 0u);
	EXPECT_EQ(ike_sim_pairs(s), 2);
	EXPECT_EQ(ike_sim_downs(s, IKE_SIM_A, "rekeyFailure"), 0u);
	EXPECT_LE(ike_sim_spis(s, IKE_SIM_A), 3u);
}

TEST(IkeV2, RekeysWithPfs) // RFC 7296 section 1.3.3
{
	ike_sim_conf c = busy();

	c.a.pfs = c.b.pfs = 31;
	c.a.esn = c.b.esn = true;
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_TRUE(has(ike_sim_child(s, IKE_SIM_A), "esn"));
	EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_B, 1, false), 0);
	ike_sim_run(s, 10000);
	EXPECT_EQ(ike_sim_stat(s, IKE_SIM_A, "child-rekeyed"), 1u);
	EXPECT_TRUE(has(ike_sim_ladder(s, IKE_SIM_A), "KE(31)"))
	    << ike_sim_ladder(s, IKE_SIM_A);
	EXPECT_EQ(ike_sim_lost(s), 0u);
	EXPECT_EQ(ike_sim_pairs(s), 2);
}

TEST(IkeV2, RekeysTheIkeSaWithoutLoss) // RFC 7296 section 2.18
{
	ike_sim_conf c = busy();

	c.a.ike_life_s = c.b.ike_life_s = 200;
	c.a.esp_life_s = c.b.esp_life_s = 120;
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	ike_sim_run(s, 3000000);
	EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "ike-rekeyed"), 14u);
	EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "child-rekeyed"), 20u);
	EXPECT_EQ(ike_sim_lost(s), 0u);
	EXPECT_EQ(ike_sim_pairs(s), 2);
	EXPECT_LE(ike_sim_sas(s, IKE_SIM_A), 2u);
	EXPECT_EQ(ike_sim_stat(s, IKE_SIM_A, "failed"), 0u);
	EXPECT_EQ(ike_sim_stat(s, IKE_SIM_B, "failed"), 0u);
}

TEST(IkeV2, BothRekeyTheSameChild) // RFC 7296 section 2.8.1
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		ike_sim_conf c = busy();

		c.seed = seed;
		Sim s(c);
		EXPECT_TRUE(ike_sim_run_up(s, 5000));
		ike_sim_run(s, 1000);
		EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_A, 1, false), 0);
		EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_B, 1, false), 0);
		ike_sim_run(s, 30000);
		EXPECT_EQ(ike_sim_pairs(s), 2) << seed;
		EXPECT_EQ(ike_sim_lost(s), 0u) << seed;
		EXPECT_EQ(ike_sim_inbound(s, IKE_SIM_A), 1u) << seed;
		EXPECT_EQ(ike_sim_inbound(s, IKE_SIM_B), 1u) << seed;
		EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "collisions"), 1u);
	}
}

TEST(IkeV2, BothRekeyTheIkeSa) // RFC 7296 section 2.8.1
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		ike_sim_conf c = busy();

		c.seed = seed;
		Sim s(c);
		EXPECT_TRUE(ike_sim_run_up(s, 5000));
		ike_sim_run(s, 1000);
		EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_A, 1, true), 0);
		EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_B, 1, true), 0);
		ike_sim_run(s, 30000);
		EXPECT_EQ(ike_sim_sas(s, IKE_SIM_A), 1u) << seed;
		EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), 1u) << seed;
		EXPECT_EQ(ike_sim_pairs(s), 2) << seed;
		// What is left must work.
		EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_B, 1, false), 0);
		ike_sim_run(s, 10000);
		EXPECT_EQ(ike_sim_stat(s, IKE_SIM_A, "child-rekeyed"), 1u)
		    << seed;
		EXPECT_EQ(ike_sim_lost(s), 0u) << seed;
	}
}

TEST(IkeV2, ChildAndIkeSaAreRekeyedAtOnce) // RFC 7296 section 2.25
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		ike_sim_conf c = busy();

		c.seed = seed;
		Sim s(c);
		EXPECT_TRUE(ike_sim_run_up(s, 5000));
		EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_A, 1, false), 0);
		EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_B, 1, true), 0);
		EXPECT_EQ(ike_sim_rekey(s, IKE_SIM_A, 1, true), 0);
		ike_sim_run(s, 60000);
		EXPECT_EQ(ike_sim_sas(s, IKE_SIM_A), 1u) << seed;
		EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), 1u) << seed;
		EXPECT_EQ(ike_sim_pairs(s), 2) << seed;
		EXPECT_EQ(ike_sim_lost(s), 0u) << seed;
		EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "child-rekeyed"), 1u);
		EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "ike-rekeyed"), 1u);
	}
}

TEST(IkeV2, BothEndsBegin)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		ike_sim_conf c = busy();

		c.seed = seed;
		c.b.connection = 0;
		Sim s(c);
		EXPECT_TRUE(ike_sim_run_up(s, 5000));
		ike_sim_run(s, 60000);
		EXPECT_EQ(ike_sim_sas(s, IKE_SIM_A), 1u) << seed;
		EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), 1u) << seed;
		EXPECT_EQ(ike_sim_pairs(s), 2) << seed;
		EXPECT_TRUE(ike_sim_up(s, IKE_SIM_A, 1));
		EXPECT_TRUE(ike_sim_up(s, IKE_SIM_B, 1));
	}
}

TEST(IkeV2, DeletesWhatIsConfiguredAway)
{
	Sim s(plain());

	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_EQ(ike_sim_terminate(s, IKE_SIM_A, 1), 0);
	EXPECT_EQ(ike_sim_downs(s, IKE_SIM_A, "configuredDown"), 1u);
	ike_sim_run(s, 2000);
	EXPECT_EQ(ike_sim_downs(s, IKE_SIM_B, "downByPeer"), 1u);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_A), 0u);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), 0u);
	EXPECT_EQ(ike_sim_spis(s, IKE_SIM_A), 0u);
	EXPECT_EQ(ike_sim_spis(s, IKE_SIM_B), 0u);
}

TEST(IkeV2, NoticesADeadPeer) // RFC 7296 section 2.4
{
	ike_sim_conf c = plain();

	c.a.dpd_s = 10;
	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	ike_sim_run(s, 60000);
	EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "dpd-sent"), 4u);
	EXPECT_TRUE(ike_sim_up(s, IKE_SIM_A, 1));
	ike_sim_cut(s, true);
	ike_sim_run(s, 60000);
	EXPECT_EQ(ike_sim_downs(s, IKE_SIM_A, "keepaliveFailure"), 1u);
	ike_sim_cut(s, false);
	EXPECT_TRUE(ike_sim_run_up(s, 120000));
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), 1u) << "INITIAL_CONTACT";
}

TEST(IkeV2, ComesBackAfterARestart)
{
	ike_sim_conf c = plain();

	Sim s(c);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	ike_sim_restart(s, IKE_SIM_A);
	EXPECT_FALSE(ike_sim_up(s, IKE_SIM_A, 1));
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	ike_sim_run(s, 1000);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), 1u);
	EXPECT_EQ(ike_sim_pairs(s), 2);
}

TEST(IkeV2, WaitsForTraffic)
{
	ike_sim_conf c = plain();

	c.a.traffic_only = true;
	Sim s(c);
	ike_sim_run(s, 60000);
	EXPECT_EQ(ike_sim_stat(s, IKE_SIM_A, "messages-sent"), 0u);
	EXPECT_EQ(ike_sim_traffic(s, IKE_SIM_A, 1), 0);
	EXPECT_TRUE(ike_sim_run_up(s, 5000));
	EXPECT_LT(ike_sim_traffic(s, IKE_SIM_A, 1), 0);
}

TEST(IkeV2, RepeatsBySeed)
{
	uint64_t traces[3];

	for (int i = 0; i < 3; i++) {
		ike_sim_conf c = plain();

		c.seed = i < 2 ? 7 : 8;
		c.loss = c.twice = c.late = 20;
		c.a.esp_life_s = 60;
		Sim s(c);
		ike_sim_run(s, 300000);
		traces[i] = ike_sim_trace(s);
	}
	EXPECT_EQ(traces[0], traces[1]);
	EXPECT_NE(traces[0], traces[2]);
}

// ---- a bad wire ---------------------------------------------------------

TEST(IkeV2Lossy, EveryNegotiationEndsUpOrDown)
{
	for (uint64_t seed = 1; seed <= 300; seed++) {
		ike_sim_conf c = plain();

		c.seed = seed;
		c.loss = c.twice = c.late = 20;
		c.b.connection = seed % 2 == 0 ? 2 : 0;
		c.a.group = c.b.group = "31";
		Sim s(c);
		EXPECT_TRUE(ike_sim_run_up(s, 600000)) << seed;
		ike_sim_run(s, 400000);
		EXPECT_GE(ike_sim_pairs(s), 2) << seed;
		EXPECT_EQ(ike_sim_half_open(s, IKE_SIM_A), 0u) << seed;
		EXPECT_EQ(ike_sim_half_open(s, IKE_SIM_B), 0u) << seed;
		EXPECT_EQ(ike_sim_inbound(s, IKE_SIM_A),
			  ike_sim_inbound(s, IKE_SIM_B))
		    << seed;
		(void)ike_sim_terminate(s, IKE_SIM_A, 1);
		(void)ike_sim_terminate(s, IKE_SIM_B, 1);
		ike_sim_run(s, 1000000);
		EXPECT_EQ(ike_sim_sas(s, IKE_SIM_A), 0u) << seed;
		EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), 0u) << seed;
		EXPECT_EQ(ike_sim_spis(s, IKE_SIM_A), 0u) << seed;
		EXPECT_EQ(ike_sim_spis(s, IKE_SIM_B), 0u) << seed;
	}
}

TEST(IkeV2Lossy, RekeysLoseNothing)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		ike_sim_conf c = plain();

		c.seed = seed;
		c.loss = 10;
		c.twice = c.late = 20;
		c.packets_ms = 50;
		c.a.esp_life_s = c.b.esp_life_s = 300;
		c.a.ike_life_s = c.b.ike_life_s = 1000;
		c.a.group = c.b.group = "31";
		Sim s(c);
		EXPECT_TRUE(ike_sim_run_up(s, 600000)) << seed;
		// What B sends before A has its answer finds nothing there.
		ike_sim_run(s, 1000);
		uint64_t before = ike_sim_lost(s);
		ike_sim_run(s, 5000000);
		EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "child-rekeyed"), 10u);
		EXPECT_GE(ike_sim_stat(s, IKE_SIM_A, "ike-rekeyed"), 3u);
		// Seven losses in a row end an SA; then packets are lost too.
		unsigned downs = 0;
		for (ike_sim_side side : {IKE_SIM_A, IKE_SIM_B}) {
			downs += ike_sim_downs(s, side, "rekeyFailure") +
				 ike_sim_downs(s, side, "keepaliveFailure") +
				 ike_sim_downs(s, side, "downByPeer");
		}
		if (downs == 0) {
			EXPECT_EQ(ike_sim_lost(s), before) << seed;
		}
	}
}

// 10,000 tunnels at once over a wire that loses a fifth: every negotiation ends
// up, nothing is left over. (A tenth of it where a sanitizer looks on.)
TEST(IkeV2Lossy, TenThousandTunnelsComeUp)
{
	ike_sim_conf c = plain();

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	c.tunnels = 1000;
#else
	c.tunnels = 10000;
#endif
	c.loss = c.twice = c.late = 20;
	c.a.group = c.b.group = "31";
	Sim s(c);
	ASSERT_NE(s.sim, nullptr);
	EXPECT_TRUE(ike_sim_run_up(s, 1000000));
	ike_sim_run(s, 200000);
	EXPECT_EQ(ike_sim_pairs(s), static_cast<int>(2 * c.tunnels));
	EXPECT_EQ(ike_sim_half_open(s, IKE_SIM_A), 0u);
	EXPECT_EQ(ike_sim_half_open(s, IKE_SIM_B), 0u);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_A), c.tunnels);
	EXPECT_EQ(ike_sim_sas(s, IKE_SIM_B), c.tunnels);
	EXPECT_GE(ike_sim_stat(s, IKE_SIM_B, "cookies"), 1u);
}

} // namespace
