// sesim-asecard as a process: usage, SIGTERM, SHUTDOWN, no dumps.
#include <gtest/gtest.h>

#include "ase_shim.h"
#include "process_shim.h"

namespace
{
const unsigned asp_stage = 3 * 8 + 3; // 3/asp1
} // namespace

TEST(AseProcess, ExplainsItself)
{
	const char *const help[] = {"--help", nullptr};

	EXPECT_EQ(process_shim_status(SE_ASECARD, help), 0);
}

TEST(AseProcess, RefusesWrongUsage)
{
	const char *const none[] = {nullptr};
	const char *const asp3[] = {"--slot", "3", "--asp", "3", nullptr};
	const char *const word[] = {"--slot", "3x", nullptr};

	EXPECT_EQ(process_shim_status(SE_ASECARD, none), 2);
	EXPECT_EQ(process_shim_status(SE_ASECARD, asp3), 2);
	EXPECT_EQ(process_shim_status(SE_ASECARD, word), 2);
}

TEST(AseProcess, EndsOnSigtermWhileItSleeps)
{
	struct fake *f = fake_new(FAKE_IPC, asp_stage, nullptr, nullptr);
	ASSERT_NE(f, nullptr);
	int pid = process_shim_start(SE_ASECARD, f);

	EXPECT_EQ(fake_begin(f), 0);
	EXPECT_EQ(ase_shim_tables(f, 1, 0), 0);
	EXPECT_TRUE(process_shim_undumpable(pid));
	EXPECT_EQ(process_shim_term(pid), 0);
	(void)fake_end(&f);
}

TEST(AseProcess, SealsAcrossProcesses)
{
	struct fake *f = fake_new(FAKE_IPC, asp_stage, nullptr, nullptr);
	ASSERT_NE(f, nullptr);
	int pid = process_shim_start(SE_ASECARD, f);
	fake_pkt p{};

	EXPECT_EQ(fake_begin(f), 0);
	EXPECT_EQ(ase_shim_tables(f, 1, 0), 0);
	ase_shim_ipv4(&p, 0x0a010005, 0x0a020007, 63, 400);
	p.flags = ase_protect;
	p.circuit_in = 1;
	p.handle = 5;
	for (unsigned i = 0; i < 300; i++)
		fake_put(f, FAKE_IPPA, &p);
	fake_flush(f, FAKE_IPPA);
	for (unsigned i = 0; i < 300; i++)
		EXPECT_TRUE(fake_take(f, FAKE_EPPA, &p));
	EXPECT_EQ(p.octets[9], 50);
	EXPECT_EQ(ase_shim_sa_packets(f, 1), 300U);
	EXPECT_EQ(process_shim_term(pid), 0);
	(void)fake_end(&f);
}
