// IKEv1 between two instances: modes, proofs, rekeying, death, NAT, loss.
#include <gtest/gtest.h>

#include <memory>

#include "v1_lab.h"

namespace
{

v1_lab_conf
conf()
{
	v1_lab_conf c = {};

	c.seed = 1;
	c.tunnels = 1;
	c.delay_ms = 5;
	c.group = 2;
	c.encr = "aes-128-cbc";
	c.integ = "hmac-sha1-96";
	c.esp_enc = "aes-128-cbc";
	c.esp_auth = "hmac-sha1-96";
	c.ike_life_s[0] = c.ike_life_s[1] = 86400;
	c.child_life_s[0] = c.child_life_s[1] = 3600;
	c.jitter = 10;
	return c;
}

struct Lab {
	explicit Lab(const v1_lab_conf &c) : p(v1_lab_new(&c), v1_lab_free)
	{
		v1_lab_start(p.get());
	}
	v1_lab_state at(int end) const
	{
		v1_lab_state s = {};

		v1_lab_get(p.get(), end, &s);
		return s;
	}
	int settle(unsigned s = 60)
	{
		return v1_lab_settle(p.get(), s * 1000ull);
	}
	void run(unsigned s)
	{
		v1_lab_run(p.get(), s * 1000ull);
	}
	unsigned rejects(int end, const char *text) const
	{
		return v1_lab_rejects(p.get(), end, text);
	}
	unsigned holes() const
	{
		return v1_lab_black_holes(p.get());
	}
	unsigned ever() const
	{
		return v1_lab_black_holes_ever(p.get());
	}
	void gone() // nothing is left at either end
	{
		for (int end : {LAB_A, LAB_B}) {
			v1_lab_state s = at(end);
			EXPECT_EQ(0u, s.sas);
			EXPECT_EQ(0u, s.half_open);
			EXPECT_EQ(0u, s.children);
			EXPECT_EQ(0u, s.installed);
			EXPECT_EQ(0u, s.spis);
		}
	}
	std::unique_ptr<v1_lab, void (*)(v1_lab *)> p;
};

void
comes_up(const v1_lab_conf &c)
{
	Lab lab(c);

	ASSERT_EQ(0, lab.settle());
	EXPECT_EQ(0u, lab.holes());
	EXPECT_EQ(0u, lab.ever());
	EXPECT_EQ(1u, lab.at(LAB_A).sas);
	EXPECT_EQ(1u, lab.at(LAB_B).sas);
	EXPECT_EQ(0u, lab.at(LAB_B).half_open);
	v1_lab_drop(lab.p.get(), LAB_A);
	lab.run(200);
	lab.gone();
	EXPECT_EQ(6u, lab.at(LAB_B).cause); // downByPeer
}

TEST(V1Lab, MainMode)
{
	comes_up(conf());
}

TEST(V1Lab, AggressiveMode)
{
	v1_lab_conf c = conf();

	c.aggressive = 1;
	comes_up(c);
}

TEST(V1Lab, RsaSignatures)
{
	v1_lab_conf c = conf();

	c.certificates = 1;
	comes_up(c);
	c.aggressive = 1;
	comes_up(c);
}

TEST(V1Lab, EverySuiteOfPhase1)
{
	for (const char *encr :
	     {"des-cbc", "3des-cbc", "aes-192-cbc", "aes-256-cbc"}) {
		for (const char *integ :
		     {"hmac-md5-96", "hmac-sha-256-128", "hmac-sha-512-256"}) {
			v1_lab_conf c = conf();

			c.encr = encr;
			c.integ = integ;
			c.group = 1;
			comes_up(c);
		}
	}
	for (unsigned group : {5u, 14u, 19u, 21u, 31u}) {
		v1_lab_conf c = conf();

		c.group = group;
		comes_up(c);
	}
}

TEST(V1Lab, PfsAndEveryKindOfChild)
{
	const char *const kinds[][3] = {
	    {"des-cbc", "hmac-md5-96", nullptr},
	    {"3des-cbc", "hmac-sha1-96", nullptr},
	    {"null", "hmac-sha-256-128", nullptr},
	    {"aes-256-cbc", "hmac-sha-512-256", nullptr},
	    {"aes-128-ctr", "aes-xcbc-96", nullptr},
	    {"aes-256-gcm", "none", nullptr},
	    {"aes-128-cbc", "none", nullptr},
	    {nullptr, nullptr, "hmac-sha1-96"},
	    {"aes-128-cbc", "hmac-sha1-96", "hmac-md5-96"}};

	for (auto &k : kinds) {
		v1_lab_conf c = conf();

		c.pfs = 2;
		c.esp_enc = k[0];
		c.esp_auth = k[1];
		c.ah = k[2];
		comes_up(c);
	}
}

TEST(V1Lab, ManySelectorsManyChildren)
{
	v1_lab_conf c = conf();

	c.selectors = 5;
	Lab lab(c);
	ASSERT_EQ(0, lab.settle());
	lab.run(5);
	EXPECT_EQ(5u, lab.at(LAB_A).children);
	EXPECT_EQ(5u, lab.at(LAB_B).children);
	EXPECT_EQ(1u, lab.at(LAB_A).sas);
}

TEST(V1Lab, ShorterLifetimesHold) // RFC 2407 section 4.6.3.1
{
	v1_lab_conf c = conf();

	c.child_life_s[LAB_B] = 1200;
	c.child_life_kb[LAB_A] = 100000;
	c.child_life_kb[LAB_B] = 5000;
	Lab lab(c);
	ASSERT_EQ(0, lab.settle());
	EXPECT_EQ(1200u, lab.at(LAB_A).life_s);
	EXPECT_EQ(1200u, lab.at(LAB_B).life_s);
	EXPECT_EQ(5000u, lab.at(LAB_B).life_kb);
}

TEST(V1Lab, NatMovesToPort4500) // RFC 3947 section 4
{
	for (int aggressive : {0, 1}) {
		v1_lab_conf c = conf();

		c.nat = 1;
		c.aggressive = aggressive;
		Lab lab(c);
		ASSERT_EQ(0, lab.settle());
		EXPECT_EQ(4500u, lab.at(LAB_A).port);
		EXPECT_EQ(24500u, lab.at(LAB_B).port);
		EXPECT_EQ(1, lab.at(LAB_A).udp);
		EXPECT_EQ(1, lab.at(LAB_B).udp);
		lab.run(100);
		EXPECT_GE(lab.at(LAB_A).keepalives, 4u);
		EXPECT_EQ(0u, lab.at(LAB_B).keepalives);
	}
}

TEST(V1Lab, NatOfBothEnds)
{
	v1_lab_conf c = conf();

	c.nat = c.nat_b = 1;
	Lab lab(c);
	ASSERT_EQ(0, lab.settle());
	EXPECT_EQ(1, lab.at(LAB_A).udp);
	lab.run(100);
	EXPECT_GE(lab.at(LAB_B).keepalives, 4u);
}

TEST(V1Lab, RekeysChildrenWithoutABlackHole)
{
	v1_lab_conf c = conf();

	c.child_life_s[0] = c.child_life_s[1] = 180;
	c.pfs = 2;
	Lab lab(c);
	ASSERT_EQ(0, lab.settle());
	lab.run(3600);
	EXPECT_EQ(1u, lab.at(LAB_A).up);
	EXPECT_EQ(1u, lab.at(LAB_B).up);
	EXPECT_EQ(0u, lab.ever());
	EXPECT_LE(lab.at(LAB_A).children, 2u);
	EXPECT_EQ(0u, lab.at(LAB_A).failed);
	EXPECT_GE(lab.at(LAB_A).sent, 2u * 3600 / 180);
}

TEST(V1Lab, RekeysPhase1AndKeepsChildren)
{
	v1_lab_conf c = conf();

	c.ike_life_s[0] = c.ike_life_s[1] = 300;
	Lab lab(c);
	ASSERT_EQ(0, lab.settle());
	lab.run(3000);
	EXPECT_EQ(1u, lab.at(LAB_A).up);
	EXPECT_EQ(1u, lab.at(LAB_B).up);
	EXPECT_EQ(0u, lab.ever());
	EXPECT_EQ(1u, lab.at(LAB_A).sas);
	EXPECT_EQ(1u, lab.at(LAB_B).sas);
	EXPECT_EQ(0u, lab.at(LAB_A).failed);
}

TEST(V1Lab, BothBeginAtOnce)
{
	v1_lab_conf c = conf();

	c.both = 1;
	c.child_life_s[0] = c.child_life_s[1] = 300;
	for (c.seed = 1; c.seed < 30; c.seed++) {
		Lab lab(c);
		ASSERT_EQ(0, lab.settle());
		lab.run(20);
		EXPECT_EQ(1u, lab.at(LAB_A).children) << c.seed;
		EXPECT_EQ(1u, lab.at(LAB_B).children) << c.seed;
		EXPECT_EQ(0u, lab.holes());
		lab.run(1200);
		EXPECT_EQ(0u, lab.holes());
		EXPECT_EQ(1u, lab.at(LAB_A).up);
	}
}

TEST(V1Lab, BothRekeyAtOnce)
{
	v1_lab_conf c = conf();

	for (c.seed = 1; c.seed < 30; c.seed++) {
		Lab lab(c);
		ASSERT_EQ(0, lab.settle());
		v1_lab_rekey(lab.p.get(), LAB_A, 0);
		v1_lab_rekey(lab.p.get(), LAB_B, 0);
		lab.run(30);
		EXPECT_EQ(1u, lab.at(LAB_A).children) << c.seed;
		EXPECT_EQ(1u, lab.at(LAB_B).children) << c.seed;
		EXPECT_EQ(0u, lab.ever()) << c.seed;
	}
}

TEST(V1Lab, DeadPeerIsSeenAndTheTunnelComesBack) // RFC 3706
{
	v1_lab_conf c = conf();

	c.dpd_s = 30;
	Lab lab(c);
	ASSERT_EQ(0, lab.settle());
	lab.run(300);
	EXPECT_EQ(1u, lab.at(LAB_A).up);
	v1_lab_mute(lab.p.get(), LAB_B, 1);
	lab.run(60);
	EXPECT_EQ(0u, lab.at(LAB_A).up);
	EXPECT_EQ(1u, lab.at(LAB_A).dead);
	EXPECT_EQ(5u, lab.at(LAB_A).cause); // keepaliveFailure
	v1_lab_mute(lab.p.get(), LAB_B, 0);
	lab.run(300);
	EXPECT_EQ(1u, lab.at(LAB_A).up);
	EXPECT_EQ(0u, lab.holes());
}

TEST(V1Lab, RestartedInitiatorMeansInitialContact) // RFC 2407, 4.6.3.3
{
	v1_lab_conf c = conf();
	Lab lab(c);

	ASSERT_EQ(0, lab.settle());
	v1_lab_restart(lab.p.get(), LAB_A);
	v1_lab_start(lab.p.get());
	lab.run(10);
	EXPECT_EQ(1u, lab.at(LAB_B).children);
	EXPECT_EQ(1u, lab.at(LAB_B).sas);
	EXPECT_EQ(0u, lab.holes());
}

TEST(V1Lab, WrongSecretInMainModeCanNotBeDeciphered)
{
	v1_lab_conf c = conf();

	c.wrong_secret = 1;
	Lab lab(c);
	EXPECT_NE(0, lab.settle(30));
	EXPECT_GT(lab.rejects(LAB_B, "decrypt failure"), 0u);
	EXPECT_EQ(0u, lab.at(LAB_B).children);
}

TEST(V1Lab, WrongSecretInAggressiveMode)
{
	v1_lab_conf c = conf();

	c.wrong_secret = c.aggressive = 1;
	Lab lab(c);
	EXPECT_NE(0, lab.settle(30));
	EXPECT_GT(lab.rejects(LAB_A, "authentication failed (hash)"), 0u);
	EXPECT_GT(lab.at(LAB_A).failed, 0u);
}

TEST(V1Lab, WrongIdentity)
{
	v1_lab_conf c = conf();

	c.wrong_identity = 1;
	Lab lab(c);
	EXPECT_NE(0, lab.settle(30));
	EXPECT_GT(lab.rejects(LAB_B, "identity mismatch"), 0u);
	EXPECT_EQ(0u, lab.at(LAB_B).up);
}

TEST(V1Lab, NoProposalInCommon)
{
	for (int aggressive : {0, 1}) {
		v1_lab_conf c = conf();

		c.other_proposal = 1;
		c.aggressive = aggressive;
		Lab lab(c);
		EXPECT_NE(0, lab.settle(5));
		EXPECT_GT(lab.rejects(LAB_B, "no proposal chosen"), 0u);
		// Told at once, by the notification.
		EXPECT_GT(lab.at(LAB_A).failed, 0u);
	}
}

TEST(V1Lab, SelectorsOfSomeoneElse)
{
	v1_lab_conf c = conf();

	c.selectors = 1;
	c.other_selectors = 1;
	Lab lab(c);
	EXPECT_NE(0, lab.settle(5));
	EXPECT_GT(lab.rejects(LAB_B, "identity mismatch"), 0u);
	EXPECT_GT(lab.at(LAB_A).failed, 0u);
	EXPECT_EQ(0u, lab.at(LAB_A).spis);
	EXPECT_EQ(0u, lab.at(LAB_B).spis);
}

TEST(V1Lab, OnDemandPeersGetTunnelsOfTheirOwn)
{
	v1_lab_conf c = conf();

	c.on_demand = 1;
	c.tunnels = 3;
	Lab lab(c);
	ASSERT_EQ(0, lab.settle());
	EXPECT_EQ(3u, lab.at(LAB_B).spawned);
	EXPECT_EQ(0u, lab.holes());
}

TEST(V1Lab, HalfOpenAreBounded)
{
	v1_lab_conf c = conf();

	c.half_open_max = 20;
	c.tunnels = 100;
	Lab lab(c);
	v1_lab_mute(lab.p.get(), LAB_B, 1);
	lab.run(1);
	EXPECT_LE(lab.at(LAB_B).half_open, 20u);
	v1_lab_mute(lab.p.get(), LAB_A, 1);
	lab.run(600);
	EXPECT_EQ(0u, lab.at(LAB_B).half_open);
	EXPECT_EQ(0u, lab.at(LAB_B).sas);
}

// A wire that loses a fifth, doubles and overtakes: all come up in the end,
// and what is up at one end is at the other.
void
lossy(v1_lab_conf c)
{
	c.loss = 20;
	c.twice = 10;
	c.delay_ms = 400;
	Lab lab(c);
	EXPECT_EQ(0, lab.settle(1200)) << lab.at(LAB_A).up;
	v1_lab_wire(lab.p.get(), 0, 0);
	EXPECT_EQ(0, lab.settle(300));
	lab.run(300);
	EXPECT_EQ(0u, lab.holes());
	EXPECT_EQ(c.tunnels, lab.at(LAB_A).up);
	EXPECT_EQ(c.tunnels, lab.at(LAB_B).up);
	EXPECT_EQ(0u, lab.at(LAB_A).half_open);
	EXPECT_EQ(0u, lab.at(LAB_B).half_open);
	v1_lab_drop(lab.p.get(), LAB_A);
	if (c.both)
		v1_lab_drop(lab.p.get(), LAB_B);
	lab.run(600);
	lab.gone();
}

TEST(V1Lab, LossyMainMode)
{
	v1_lab_conf c = conf();

	c.tunnels = 1000;
	c.group = 19;
	lossy(c);
}

TEST(V1Lab, LossyAggressiveMode)
{
	v1_lab_conf c = conf();

	c.tunnels = 1000;
	c.group = 31;
	c.aggressive = 1;
	c.seed = 2;
	lossy(c);
}

TEST(V1Lab, LossyBothBegin)
{
	v1_lab_conf c = conf();

	c.tunnels = 300;
	c.group = 31;
	c.both = 1;
	c.seed = 3;
	lossy(c);
}

TEST(V1Lab, RepeatsBySeed)
{
	v1_lab_conf c = conf();
	unsigned sent[2];

	c.tunnels = 50;
	c.loss = 20;
	c.delay_ms = 300;
	c.group = 31;
	for (unsigned &n : sent) {
		Lab lab(c);
		EXPECT_EQ(0, lab.settle(600));
		n = lab.at(LAB_A).sent * 10000 + lab.at(LAB_B).sent;
	}
	EXPECT_EQ(sent[0], sent[1]);
}

} // namespace
