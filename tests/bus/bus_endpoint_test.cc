/* What endpoints are called, and what is left of them. */
#include "bus_fixture.h"

TEST(BusEndpoint, RefusesARunDirectoryThatASocketPathCannotHold) // unix(7)
{
	std::string deep = "/tmp/" + std::string(95, 'd');
	struct bus *bus = nullptr;

	EXPECT_EQ(-ENAMETOOLONG, bus_shim_new(&bus, SHIM_IPC, deep.c_str(), 0));
	EXPECT_EQ(nullptr, bus);
}

TEST(BusEndpoint, RefusesANameThatASocketPathCannotHold) // unix(7)
{
	RunDir dir;
	struct bus *bus = nullptr;
	struct bus_sock *sock = nullptr;
	char at[160];

	ASSERT_EQ(0, bus_shim_new(&bus, SHIM_IPC, dir.path.c_str(), 0));
	EXPECT_EQ(-ENAMETOOLONG,
		  bus_shim_listen(bus, SHIM_PULL, std::string(100, 'n').c_str(),
				  &sock, at));
	bus_shim_free(&bus);
}

TEST(BusEndpoint, SocketFileGoesWithTheSocket)
{
	RunDir dir;
	struct bus *bus = nullptr;
	struct bus_sock *sock = nullptr;
	char at[160];

	ASSERT_EQ(0, bus_shim_new(&bus, SHIM_IPC, dir.path.c_str(), 0));
	ASSERT_EQ(0, bus_shim_listen(bus, SHIM_PULL, "a", &sock, at));
	EXPECT_EQ("ipc://" + dir.path + "/a", at);
	EXPECT_EQ(1, dir.entries());
	bus_shim_close(&sock);
	EXPECT_EQ(0, dir.entries());
	bus_shim_free(&bus);
}

TEST(BusEndpoint, TcpListensOnLoopbackAtAFreePort)
{
	struct bus *bus = nullptr;
	struct bus_sock *sock = nullptr;
	char at[160];

	ASSERT_EQ(0, bus_shim_new(&bus, SHIM_TCP, "", 1));
	ASSERT_EQ(0, bus_shim_listen(bus, SHIM_PULL, "a", &sock, at));
	EXPECT_EQ(0u, std::string(at).find("tcp://127.0.0.1:"));
	EXPECT_EQ(std::string::npos, std::string(at).find('*'));
	bus_shim_close(&sock);
	bus_shim_free(&bus);
}

TEST(BusEndpoint, TransportsHaveNames)
{
	EXPECT_EQ(SHIM_IPC, bus_shim_parse("ipc"));
	EXPECT_EQ(SHIM_TCP, bus_shim_parse("tcp"));
	EXPECT_EQ(SHIM_INPROC, bus_shim_parse("inproc"));
	EXPECT_EQ(-EINVAL, bus_shim_parse("udp"));
}

TEST(BusEndpoint, TheEndOfADescriptorsPeerIsReady)
{
	int fd[2];
	bool ready;

	ASSERT_EQ(0, pipe(fd));
	EXPECT_EQ(0, bus_shim_poll_fd(fd[0], 0, &ready));
	EXPECT_FALSE(ready);
	close(fd[1]);
	EXPECT_EQ(1, bus_shim_poll_fd(fd[0], WAIT_MS, &ready));
	EXPECT_TRUE(ready);
	close(fd[0]);
}

TEST(BusEndpoint, ADescriptorBelowZeroIsNeverReady)
{
	bool ready;

	EXPECT_EQ(0, bus_shim_poll_fd(-1, 1, &ready));
	EXPECT_FALSE(ready);
}
