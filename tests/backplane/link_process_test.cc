/* Links between processes: a drain that is confirmed loses nothing. */
#include <sys/wait.h>

#include "link_fixture.h"

constexpr uint32_t PACKETS = 100000;

/* A sender in a process of its own: sends, waits for the word, ends. */
static int
sender(const char *dir, int endpoint_fd, int confirm_fd)
{
	struct bus *bus = bp_shim_bus_new(BP_SHIM_IPC, dir, nullptr);
	struct bp_shim *a = bp_shim_new(bus, IPPA, 1, 256);
	struct bp_shim_pkt p = {};
	char at[160], confirmed;

	if (a == nullptr || read(endpoint_fd, at, sizeof(at)) != sizeof(at) ||
	    bp_shim_connect(a, EPPA, at) != 0)
		return 1;
	for (p.index = 0; p.index < PACKETS; p.index++) {
		p.len = (uint16_t)(p.index * 131 % 1500);
		if (!bp_shim_put(a, EPPA, &p))
			return 2;
	}
	bp_shim_flush(a);
	if (read(confirm_fd, &confirmed, 1) != 1)
		return 3;
	bp_shim_free(&a);
	bp_shim_bus_free(&bus);
	return 0;
}

class LinkProcess : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		ASSERT_EQ(0, pipe(endpoint));
		ASSERT_EQ(0, pipe(confirm));
		child = fork(); // before there is any thread of the bus
		if (child == 0)
			_exit(
			    sender(dir.path.c_str(), endpoint[0], confirm[0]));
		bus = bp_shim_bus_new(BP_SHIM_IPC, dir.path.c_str(), nullptr);
		b = bp_shim_new(bus, EPPA, 1, 256);
		ASSERT_EQ(0, bp_shim_listen(b, IPPA, 1, at));
		ASSERT_EQ((ssize_t)sizeof(at),
			  write(endpoint[1], at, sizeof(at)));
	}
	void TearDown() override
	{
		bp_shim_free(&b);
		bp_shim_bus_free(&bus);
		for (int fd :
		     {endpoint[0], endpoint[1], confirm[0], confirm[1]})
			close(fd);
	}
	int status()
	{
		int s = -1;

		(void)waitpid(child, &s, 0);
		return s;
	}
	RunDir dir;
	int endpoint[2], confirm[2];
	pid_t child;
	struct bus *bus = nullptr;
	struct bp_shim *b = nullptr;
	char at[160] = "";
};

TEST_F(LinkProcess, ADrainThatIsConfirmedLosesNothing)
{
	uint32_t got_n = 0;
	bool intact;

	while (got_n < PACKETS) {
		int n = bp_shim_take(b, IPPA);

		ASSERT_GE(n, 0);
		if (n == 0) {
			ASSERT_TRUE(bp_shim_wait(b, WAIT_MS));
		}
		for (int i = 0; i < n; i++) {
			ASSERT_EQ(got_n++,
				  bp_shim_held(b, (unsigned)i, &intact).index);
			ASSERT_TRUE(intact);
			bp_shim_end(b, (unsigned)i);
		}
	}
	ASSERT_EQ(1, write(confirm[1], "", 1));
	EXPECT_EQ(0, status());
}

TEST_F(LinkProcess, ASenderThatIsKilledLeavesWholeFramesOnly)
{
	int n = 0;
	bool intact;

	while ((n = bp_shim_take(b, IPPA)) == 0)
		ASSERT_TRUE(bp_shim_wait(b, WAIT_MS));
	ASSERT_EQ(0, kill(child, SIGKILL));
	EXPECT_TRUE(WIFSIGNALED(status()));
	do {
		for (int i = 0; i < n; i++) {
			(void)bp_shim_held(b, (unsigned)i, &intact);
			ASSERT_TRUE(intact);
			bp_shim_end(b, (unsigned)i);
		}
		n = bp_shim_take(b, IPPA);
	} while (n > 0 || (n == 0 && bp_shim_wait(b, 100)));
	EXPECT_EQ(0, n);
	EXPECT_EQ(0u, bp_shim_bad(b));
	EXPECT_EQ(256u, bp_shim_buffers_free(b));
}
