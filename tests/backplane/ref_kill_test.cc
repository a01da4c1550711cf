/*
 * A process is killed a hundred times while packets pass through it: after each
 * death every buffer is home, once, and its successor carries on.
 */
#include <random>

#include <sys/wait.h>

#include "ref_fixture.h"

constexpr uint32_t DEATHS = 100;
constexpr uint32_t POOL = 300;
constexpr long DRAIN_MS = 20;

struct Order {
	uint32_t epoch; /* 0: reap the last */
	char to[160];   /* where the child's packets go */
};

struct Answer {
	pid_t pid;
	char at[160]; /* where the child takes packets */
};

/* An ASP: sends two of three packets on, ends the third, until it is killed. */
[[noreturn]] static void
relay(const char *dir, const Order &order, int pools_fd, int answer_fd)
{
	struct bus *bus = bp_shim_bus_new(BP_SHIM_IPC, dir, nullptr);
	struct bp_shim *bp = bp_shim_new_ref(bus, ASP, order.epoch, pools_fd);
	Answer answer = {};

	answer.pid = getpid();
	if (bp == nullptr || bp_shim_listen(bp, IPPA, 1, answer.at) != 0 ||
	    bp_shim_connect(bp, EPPA, order.to) != 0 ||
	    write(answer_fd, &answer, sizeof(answer)) != sizeof(answer))
		_exit(1);
	for (;;) {
		bool intact;
		int n = bp_shim_take(bp, IPPA);

		for (int i = 0; i < n; i++) {
			auto p = bp_shim_held(bp, (unsigned)i, &intact);

			if (!intact)
				_exit(2);
			if (p.index % 3 == 0)
				bp_shim_end(bp, (unsigned)i);
			else
				bp_shim_forward(bp, (unsigned)i, EPPA);
		}
		bp_shim_flush(bp);
		if (n == 0)
			(void)bp_shim_wait(bp, WAIT_MS);
	}
}

/* Forks relays as ordered; it has no threads, so that its children may. */
[[noreturn]] static void
forker(const char *dir, const std::vector<int> &pools, int order_fd,
       int answer_fd)
{
	Order order;
	pid_t child = 0;

	while (read(order_fd, &order, sizeof(order)) == sizeof(order)) {
		if (order.epoch == 0) {
			Answer answer = {};

			if (waitpid(child, nullptr, 0) != child ||
			    write(answer_fd, &answer, sizeof(answer)) !=
				sizeof(answer))
				_exit(1);
			continue;
		}
		child = fork();
		if (child == 0)
			relay(dir, order, pools[order.epoch], answer_fd);
	}
	_exit(0);
}

class RefKill : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		std::vector<int> pools;

		for (uint32_t i = 0; i <= DEATHS; i++)
			pools.push_back(memory.offered());
		ASSERT_EQ(0, pipe(order));
		ASSERT_EQ(0, pipe(answer));
		child = fork(); // before there is any thread of the bus
		if (child == 0) {
			close(order[1]);
			close(answer[0]);
			forker(dir.path.c_str(), pools, order[0], answer[1]);
		}
		close(order[0]);
		close(answer[1]);
		bus = bp_shim_bus_new(BP_SHIM_IPC, dir.path.c_str(), nullptr);
		a = bp_shim_new_ref(bus, IPPA, 1, memory.offered());
		b = bp_shim_new_ref(bus, EPPA, 1, memory.offered());
		ASSERT_NE(nullptr, a);
		ASSERT_NE(nullptr, b);
	}
	void TearDown() override
	{
		close(order[1]);
		close(answer[0]);
		(void)waitpid(child, nullptr, 0);
		bp_shim_free(&a);
		bp_shim_free(&b);
		bp_shim_bus_free(&bus);
		remove_sockets();
	}
	/* A killed relay leaves its socket files. */
	void remove_sockets()
	{
		std::string command = "rm -f " + dir.path + "/*";

		(void)!system(command.c_str());
	}
	Answer ask(const Order &o)
	{
		Answer got = {};

		EXPECT_EQ((ssize_t)sizeof(o), write(order[1], &o, sizeof(o)));
		EXPECT_EQ((ssize_t)sizeof(got),
			  read(answer[0], &got, sizeof(got)));
		return got;
	}
	/* All that has arrived from the relay. */
	void sink(long wait_ms)
	{
		bool intact;

		do {
			int n = bp_shim_take(b, ASP);

			ASSERT_GE(n, 0);
			for (int i = 0; i < n; i++) {
				(void)bp_shim_held(b, (unsigned)i, &intact);
				ASSERT_TRUE(intact);
				bp_shim_end(b, (unsigned)i);
				arrived++;
			}
			bp_shim_flush(b);
			if (n > 0)
				continue;
			if (wait_ms == 0 || !bp_shim_wait(b, wait_ms))
				return;
		} while (true);
	}
	/* As many packets as that through the relay, as it has buffers. */
	void feed(uint32_t packets)
	{
		struct bp_shim_pkt p = {};

		for (uint32_t n = 0; n < packets; p.index = ++n) {
			p.len = (uint16_t)(n * 37 % 1500);
			while (!bp_shim_put(a, ASP, &p)) {
				bp_shim_flush(a);
				sink(0);
				bp_shim_collect(a);
			}
		}
		bp_shim_flush(a);
	}
	Memory memory{POOL};
	RunDir dir;
	int order[2], answer[2];
	pid_t child = 0;
	struct bus *bus = nullptr;
	struct bp_shim *a = nullptr, *b = nullptr;
	uint64_t arrived = 0;
};

TEST_F(RefKill, AHundredDeathsUnderLoadLeakNoBuffer)
{
	std::mt19937 random(3);

	for (uint32_t epoch = 1; epoch <= DEATHS; epoch++) {
		Order start = {epoch, ""};
		Answer relay;

		ASSERT_EQ(0, bp_shim_listen(b, ASP, epoch, start.to));
		relay = ask(start);
		ASSERT_EQ(0, bp_shim_connect_to(a, ASP, epoch, relay.at));
		feed(1 + (uint32_t)random() % 3000);
		ASSERT_EQ(0, kill(relay.pid, SIGKILL));
		(void)ask({0, ""});
		sink(DRAIN_MS); // neighbours drain, then the owner reclaims
		bp_shim_close_in(b, ASP);
		(void)bp_shim_close_out(a, ASP);
		(void)bp_shim_reclaim(a, ASP, epoch);
		ASSERT_EQ(POOL, bp_shim_buffers_free(a)) << epoch;
	}
	EXPECT_GT(arrived, 10000u);
	EXPECT_EQ(0u, bp_shim_bad(a) + bp_shim_bad(b));
}
