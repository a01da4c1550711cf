// Tables of an ASP by generation.
#include "ase_fixture.h"

TEST_F(Ase, KeepsADeletedSaUntilItIsRetired)
{
	start(0);
	fake_pkt out;
	fake_pkt first = sealed(clear());
	fake_pkt second = sealed(clear());

	ASSERT_EQ(ase_shim_sa_delete(chassis, 2, 2), 0);
	ASSERT_EQ(fake_activate(chassis, 2), 0);
	put(first);
	ASSERT_TRUE(fake_take(chassis, FAKE_IPPA, &out));
	ASSERT_EQ(fake_generation(chassis, msg_retire, 2), 0);
	uint64_t sent = 0;
	uint64_t received = 0;
	ASSERT_TRUE(fake_settled(chassis, &sent, &received));
	dropped(second, fate_no_sa);
}

TEST_F(Ase, NeverUsesASequenceNumberAgainWhenARowIsRepeated)
{
	start(0);
	fake_pkt out;

	for (unsigned i = 0; i < 3; i++) {
		put(clear());
		ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &out));
	}
	EXPECT_EQ(out.octets[27], 3);
	ASSERT_EQ(ase_shim_tables(chassis, 2, 0), 0);
	put(clear());
	ASSERT_TRUE(fake_take(chassis, FAKE_EPPA, &out));
	EXPECT_EQ(out.octets[27], 4);
}

TEST_F(Ase, SaysThatAnSaCouldNotBeInstalled)
{
	start(0);
	ASSERT_EQ(ase_shim_sa_bad(chassis, 2), 0);
	EXPECT_EQ(fake_activate(chassis, 2), -EINVAL);
}

TEST_F(Ase, TellsWhichEngineItUsesAndWhichRunsEachSa)
{
	start(0);
	EXPECT_STREQ("openssl", ase_shim_uses(chassis));
	EXPECT_STREQ("openssl", ase_shim_sa_runs(chassis, 1));
	EXPECT_STREQ("openssl", ase_shim_sa_runs(chassis, 2));
	ASSERT_EQ(ase_shim_sa_delete(chassis, 2, 2), 0);
	ASSERT_EQ(fake_activate(chassis, 2), 0);
	ASSERT_EQ(fake_generation(chassis, msg_retire, 2), 0);
	uint64_t sent = 0;
	uint64_t received = 0;
	ASSERT_TRUE(fake_settled(chassis, &sent, &received));
	EXPECT_STREQ("auto", ase_shim_sa_runs(chassis, 2));
}

TEST(AseEngine, RefusesAWordThatIsNoEngine)
{
	EXPECT_EQ(ase_shim_engine("rot13"), -EINVAL);
}
