/*
 * What `ip address`, `ip link` and `ip route` would do. IPv6 addresses are not
 * tried for duplicates and no router is solicited, so that a host is ready when
 * its lab is, and sends nothing by itself that differs from run to run.
 */
#include "host_if.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/in.h>
#include <linux/ipv6.h>
#include <linux/ipv6_route.h>
#include <linux/route.h>

#include "be.h"
#include "lot.h"

struct host_if {
	int fd;  /* to ask by, IPv4 */
	int fd6; /* -1: the machine has no IPv6 */
	const char *host;
	const struct host_port *port;
};

static struct ifreq
request(const char *name)
{
	struct ifreq r = {.ifr_ifindex = 0};

	(void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	return r;
}

static int
ask(int fd, unsigned long what, void *r)
{
	return ioctl(fd, what, r) == 0 ? 0 : -errno;
}

static int
bring_up(int fd, const char *name)
{
	struct ifreq r = request(name);
	int rc = ask(fd, SIOCGIFFLAGS, &r);

	r.ifr_flags |= IFF_UP;
	return rc == 0 ? ask(fd, SIOCSIFFLAGS, &r) : rc;
}

int
host_if_up(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = fd < 0 ? -errno : bring_up(fd, name);

	if (fd >= 0)
		(void)close(fd);
	return rc;
}

int
host_if_loopback(void)
{
	return host_if_up("lo");
}

/* 02:5f and four octets that follow from the names. */
static int
set_mac(const struct host_if *h)
{
	struct ifreq r = request(h->port->name);
	uint64_t sum = 0;

	for (const char *c = h->host; *c != '\0'; c++)
		sum = lot_draw(sum, (uint8_t)*c, 1);
	for (const char *c = h->port->name; *c != '\0'; c++)
		sum = lot_draw(sum, (uint8_t)*c, 2);
	r.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	r.ifr_hwaddr.sa_data[0] = 0x02;
	r.ifr_hwaddr.sa_data[1] = 0x5f;
	memcpy(r.ifr_hwaddr.sa_data + 2, &sum, 4);
	return ask(h->fd, SIOCSIFHWADDR, &r);
}

static int
set_mtu(const struct host_if *h)
{
	struct ifreq r = request(h->port->name);

	if (h->port->mtu == 0)
		return 0;
	r.ifr_mtu = (int)h->port->mtu;
	return ask(h->fd, SIOCSIFMTU, &r);
}

/* octets: four, as they stand in a header. */
static void
put_v4(struct sockaddr *to, const void *octets)
{
	struct sockaddr_in in = {.sin_family = AF_INET};

	memcpy(&in.sin_addr, octets, sizeof(in.sin_addr));
	memcpy(to, &in, sizeof(in));
}

static int
add_v4(const struct host_if *h)
{
	const struct host_port *port = h->port;
	struct be32 mask =
	    be32_put(port->length == 0 ? 0 : UINT32_MAX << (32 - port->length));
	struct ifreq r = request(port->name);
	int rc;

	if (port->address.family == 0)
		return 0;
	put_v4(&r.ifr_addr, port->address.octets);
	rc = ask(h->fd, SIOCSIFADDR, &r);
	put_v4(&r.ifr_netmask, &mask);
	return rc == 0 ? ask(h->fd, SIOCSIFNETMASK, &r) : rc;
}

static int
route_v4(const struct host_if *h)
{
	struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
	const struct be32 any = be32_put(0);
	char name[IFNAMSIZ];

	if (h->port->gateway.family == 0)
		return 0;
	(void)snprintf(name, sizeof(name), "%s", h->port->name);
	put_v4(&route.rt_dst, &any);
	put_v4(&route.rt_genmask, &any);
	put_v4(&route.rt_gateway, h->port->gateway.octets);
	route.rt_dev = name;
	return ask(h->fd, SIOCADDRT, &route);
}

/* Of the interface alone; where there is no IPv6 there is no such file. */
static void
set_v6(const struct host_if *h, const char *what)
{
	char path[96];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s",
		       h->port->name, what);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "0", 1) < 0)
		errno = 0; /* the kernel's own default, then */
	(void)close(fd);
}

static int
index_of(const struct host_if *h)
{
	struct ifreq r = request(h->port->name);
	int rc = ask(h->fd, SIOCGIFINDEX, &r);

	return rc == 0 ? r.ifr_ifindex : rc;
}

static int
add_v6(const struct host_if *h)
{
	struct in6_ifreq r = {.ifr6_prefixlen = h->port->length6};

	if (h->port->address6.family == 0)
		return 0;
	r.ifr6_ifindex = index_of(h);
	memcpy(&r.ifr6_addr, h->port->address6.octets, sizeof(r.ifr6_addr));
	return ask(h->fd6, SIOCSIFADDR, &r);
}

static int
route_v6(const struct host_if *h)
{
	struct in6_rtmsg r = {.rtmsg_flags = RTF_UP | RTF_GATEWAY,
			      .rtmsg_metric = 1024};

	if (h->port->gateway6.family == 0)
		return 0;
	r.rtmsg_ifindex = index_of(h);
	memcpy(&r.rtmsg_gateway, h->port->gateway6.octets,
	       sizeof(r.rtmsg_gateway));
	return ask(h->fd6, SIOCADDRT, &r);
}

static int
raise(const struct host_if *h)
{
	set_v6(h, "accept_dad");
	set_v6(h, "accept_ra");
	set_v6(h, "router_solicitations");
	return bring_up(h->fd, h->port->name);
}

int
host_if_set(const char *host, const struct host_port *port,
	    struct cap_error *err)
{
	static const struct {
		const char *what;
		int (*set)(const struct host_if *h);
	} step[] = {{"MAC address", set_mac},
		    {"MTU", set_mtu},
		    {"up", raise},
		    {"address", add_v4},
		    {"address6", add_v6},
		    {"gateway", route_v4},
		    {"gateway6", route_v6}};
	struct host_if h = {.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
			    .fd6 =
				socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0),
			    .host = host,
			    .port = port};
	const char *what = "socket";
	int rc = h.fd < 0 ? -errno : 0;

	for (unsigned i = 0; rc == 0 && i < sizeof(step) / sizeof(*step); i++) {
		what = step[i].what;
		rc = step[i].set(&h);
	}
	if (h.fd >= 0)
		(void)close(h.fd);
	if (h.fd6 >= 0)
		(void)close(h.fd6);
	if (rc < 0)
		return cap_error_set(err, rc, "host %s: %s: %s: %s", host,
				     port->name, what, strerror(-rc));
	return 0;
}
