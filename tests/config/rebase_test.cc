// What a candidate changed since its base goes onto the running configuration;
// the same object changed on both sides is a conflict.
#include "config_test.h"

class ConfigRebase : public Config
{
      protected:
	void SetUp() override
	{
		ASSERT_EQ(load(1, kRouter), 0);
	}
};

TEST_F(ConfigRebase, ChangesOfDifferentObjectsMeet)
{
	apply(1, 2, {"port ethernet 1/1", "mtu 9000"});
	apply(1, 3, {"port ethernet 2/1", "mtu 8000", "card ase2 4"});
	ASSERT_EQ(config_shim_rebase(s, 1, 2, 3, 4), 0);
	apply(1, 5,
	      {"port ethernet 1/1", "mtu 9000", "port ethernet 2/1", "mtu 8000",
	       "card ase2 4"});
	EXPECT_TRUE(config_shim_same(s, 4, 5));
	EXPECT_EQ(config_shim_validate(s, 4), 0u);
}

TEST_F(ConfigRebase, SameObjectIsAConflict)
{
	apply(1, 2, {"port ethernet 1/1", "mtu 9000"});
	apply(1, 3, {"port ethernet 1/1", "description x"});
	EXPECT_EQ(config_shim_rebase(s, 1, 2, 3, 4), -EBUSY);
	EXPECT_NE(error().find("port ethernet 1/1: changed by another"),
		  std::string::npos)
	    << error();
}

TEST_F(ConfigRebase, SameChangeIsNone)
{
	apply(1, 2, {"port ethernet 1/1", "mtu 9000", "card ase2 4"});
	apply(1, 3, {"port ethernet 1/1", "mtu 9000", "card ase2 4"});
	ASSERT_EQ(config_shim_rebase(s, 1, 2, 3, 4), 0);
	EXPECT_TRUE(config_shim_same(s, 3, 4));
}

TEST_F(ConfigRebase, RemovedAndChangedConflict)
{
	apply(1, 2, {"no tunnel ipsec to-branch"});
	apply(1, 3, {"tunnel ipsec to-branch", "ip mtu 1300"});
	EXPECT_EQ(config_shim_rebase(s, 1, 2, 3, 4), -EBUSY);
	EXPECT_EQ(config_shim_rebase(s, 1, 3, 2, 4), -EBUSY);
	EXPECT_EQ(config_shim_rebase(s, 1, 2, 2, 4), 0);
}

TEST_F(ConfigRebase, AChildOfWhatIsGoneIsAConflict)
{
	apply(1, 2, {"context local", "interface new"});
	apply(1, 3, {"no context local"});
	EXPECT_EQ(config_shim_rebase(s, 1, 2, 3, 4), -EBUSY);
}

TEST_F(ConfigRebase, AChangedKeyIsAChange)
{
	const char *key = "esp spi 0x2001 encryption aes-128-gcm key hex "
			  "00112233445566778899aabbccddeeff01020305";
	apply(1, 2, {"context local", "ipsec sa from-pe2", key});
	std::string diff = taken(config_shim_diff(s, 1, 2));
	EXPECT_EQ(diff.find(" context local\n  ipsec sa from-pe2\n-  esp spi "
			    "0x2001 encryption aes-128-gcm key encrypted 1 <"),
		  0u)
	    << diff;
	EXPECT_EQ(diff.find("00112233"), std::string::npos);
}

TEST_F(ConfigRebase, DiffReadsLikeAList)
{
	apply(1, 2,
	      {"port ethernet 1/1", "mtu 9000", "shutdown", "no card ase 3",
	       "context red", "interface x"});
	EXPECT_EQ(taken(config_shim_diff(s, 1, 2)),
		  "+context red\n+ interface x\n"
		  "-card ase 3\n"
		  " port ethernet 1/1\n- no shutdown\n+ mtu 9000\n");
}

TEST_F(ConfigRebase, SnapshotsStay)
{
	std::string before = print(1, SHIM_HIDDEN);
	apply(1, 2,
	      {"no tunnel ipsec to-branch", "context local", "interface lan",
	       "ip address 10.9.0.1/16"});
	EXPECT_EQ(print(1, SHIM_HIDDEN), before);
	EXPECT_NE(print(2, SHIM_HIDDEN), before);
}
