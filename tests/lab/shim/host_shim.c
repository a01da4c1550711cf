/* The C face of lab/host.h for C++ tests. */
#include "host_shim.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

const char *
host_shim_lacks(void)
{
	return host_lacks();
}

int
host_shim_new(const char *name)
{
	return host_new(name, NULL);
}

int
host_shim_remove(const char *name)
{
	return host_remove(name, NULL);
}

int
host_shim_port(const char *name, const char *gateway)
{
	struct host_port port = {
	    .name = "eth1", .mtu = 1400, .length = 16, .length6 = 64};
	int fd = -1;
	int rc;

	if (ip_addr_parse("10.1.0.5", &port.address) != 0 ||
	    ip_addr_parse("2001:db8:1::5", &port.address6) != 0 ||
	    ip_addr_parse(gateway, &port.gateway) != 0 ||
	    ip_addr_parse("2001:db8:1::1", &port.gateway6) != 0)
		abort();
	rc = host_port(name, &port, &fd, NULL);
	return rc == 0 ? fd : rc;
}

int
host_shim_sh(const char *name, const char *command)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		if (host_enter(name, NULL) == 0)
			(void)execl("/bin/sh", "sh", "-c", command,
				    (char *)NULL);
		_exit(126);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
