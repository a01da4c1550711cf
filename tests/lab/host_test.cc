// Hosts: namespaces that are made, set up and removed, whatever is inside.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "host_shim.h"

namespace
{

class Host : public ::testing::Test
{
      protected:
	void SetUp() override
	{
		if (const char *why = host_shim_lacks())
			GTEST_SKIP() << "skipped: " << why;
		ASSERT_EQ(host_shim_new(name.c_str()), 0);
	}
	void TearDown() override
	{
		EXPECT_EQ(host_shim_remove(name.c_str()), 0);
		EXPECT_NE(access(("/run/netns/" + name).c_str(), F_OK), 0);
	}

	// Whether a file of the host's /proc has a line with this in it.
	bool has(const std::string &file, const std::string &text)
	{
		return host_shim_sh(
			   name.c_str(),
			   ("grep -q '" + text + "' " + file).c_str()) == 0;
	}

	std::string name = "h1@host-test-" + std::to_string(getpid());
};

} // namespace

TEST_F(Host, HasTheInterfaceItIsGivenAndNoOther)
{
	int fd = host_shim_port(name.c_str(), "10.1.0.1");

	ASSERT_GE(fd, 0);
	EXPECT_EQ(
	    host_shim_sh(name.c_str(), "test $(grep -c : /proc/net/dev) = 2"),
	    0); // lo and eth1
	EXPECT_TRUE(has("/proc/net/dev", "eth1"));
	// destination 0, gateway 10.1.0.1, up and by a gateway
	EXPECT_TRUE(has("/proc/net/route", "^eth1.00000000.0100010A.0003"));
	EXPECT_TRUE(has("/proc/net/if_inet6",
			"20010db8000100000000000000000005 .. 40 "));
	EXPECT_NE(access("/sys/class/net/eth1", F_OK), 0); // not out here
	close(fd);
	EXPECT_FALSE(has("/proc/net/dev", "eth1")); // it was the TAP's
}

TEST_F(Host, WhatItSendsComesOutOfTheTap)
{
	int fd = host_shim_port(name.c_str(), "10.1.0.1");
	bool arp = false;
	unsigned char frame[2000];

	ASSERT_GE(fd, 0);
	if (host_shim_sh(name.c_str(), "command -v ping >/dev/null") != 0)
		GTEST_SKIP() << "skipped: needs ping";
	(void)host_shim_sh(name.c_str(),
			   "ping -c 1 -W 0.01 10.1.0.1 >/dev/null 2>&1");
	for (ssize_t n; !arp && (n = read(fd, frame, sizeof(frame))) > 0;)
		arp = n >= 42 && frame[12] == 8 && frame[13] == 6;
	EXPECT_TRUE(arp); // who has the gateway
	close(fd);
}

TEST_F(Host, IsNotMadeTwice)
{
	EXPECT_EQ(host_shim_new(name.c_str()), -EEXIST);
}

TEST_F(Host, AGatewayThatIsNotThereIsTold)
{
	EXPECT_EQ(host_shim_port(name.c_str(), "192.0.2.1"), -ENETUNREACH);
}

TEST_F(Host, ProcessesInsideEndWithIt)
{
	int go[2];
	char c = 0;
	int status = 0;
	pid_t pid;

	ASSERT_EQ(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		std::string say = "echo x >&" + std::to_string(go[1]) +
				  "; while :; do sleep 1; done";

		_exit(host_shim_sh(name.c_str(), say.c_str()) == -SIGKILL ? 0
									  : 1);
	}
	ASSERT_EQ(read(go[0], &c, 1), 1); // it is inside
	EXPECT_EQ(host_shim_remove(name.c_str()), 0);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	close(go[0]);
	close(go[1]);
}

TEST(HostName, ThatIsNoneIsRefused)
{
	EXPECT_EQ(host_shim_new(""), -EINVAL);
	EXPECT_EQ(host_shim_new("a/b"), -EINVAL);
	EXPECT_EQ(host_shim_new(".."), -EINVAL);
	EXPECT_EQ(host_shim_remove("no-such-host"), 0);
}
