"""Real hosts for the scenario tests: network namespaces with the machine's own
TCP/IP stack, veth pairs whose outer ends are ports of routers."""

import array
import ctypes
import fcntl
import os
import pathlib
import shutil
import socket
import struct
import subprocess

import pytest

import lab

# linux/ethtool.h: sums and segments that a sender leaves to its hardware, which
# a veth pair has not: TX sums, scatter-gather, TSO, GSO; and GRO.
OFFLOADS = (0x17, 0x19, 0x1f, 0x24, 0x2c)
SIOCETHTOOL = 0x8946
CLONE_NEWNET = 0x40000000


def run(*args, ok=True, timeout=60, **kw):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True,
                          timeout=timeout * lab.SLOW, **kw)
    assert not ok or done.returncode == 0, (args, done.stdout, done.stderr)
    return done


def lacks():
    """What this machine lacks for real hosts, or None."""
    for program in ("ip", "ping"):
        if shutil.which(program) is None:
            return f"needs {program}"
    caps = next(int(line.split()[1], 16)
                for line in pathlib.Path("/proc/self/status").read_text().splitlines()
                if line.startswith("CapEff"))
    return None if caps >> 12 & 1 and caps >> 21 & 1 else "needs CAP_NET_ADMIN"


def setns(fd):
    if ctypes.CDLL(None, use_errno=True).setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Hosts:
    """Namespaces and interfaces whose names carry this process's number."""

    def __init__(self):
        self.tag = f"{os.getpid() % 100000}"
        self.names = []
        self.links = []
        self.started = []

    def host(self, name, address, gateway, address6=None, gateway6=None, mtu=1500):
        """A namespace with eth0; and its outer end, for a router's port."""
        ns, outer = f"se-{name}-{self.tag}", f"se{name}{self.tag}"
        run("ip", "netns", "add", ns)
        self.names.append(ns)
        run("ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", ns)
        self.links.append(outer)
        for what in (("lo", "up"), ("eth0", "mtu", mtu), ("eth0", "up")):
            run("ip", "-n", ns, "link", "set", *what)
        run("ip", "-n", ns, "addr", "add", address, "dev", "eth0")
        if address6:
            run("ip", "-n", ns, "addr", "add", address6, "dev", "eth0", "nodad")
        self.outer(outer)
        run("ip", "-n", ns, "route", "add", "default", "via", gateway)
        if address6:
            run("ip", "-n", ns, "route", "add", "default", "via", gateway6)
        self.plain("eth0", ns)
        return ns, outer

    def cable(self, name):
        """A veth pair between two routers; both ends."""
        ends = f"se{name}a{self.tag}", f"se{name}b{self.tag}"
        run("ip", "link", "add", ends[0], "type", "veth", "peer", "name", ends[1])
        self.links.append(ends[0])
        for end in ends:
            self.outer(end)
        return ends

    def outer(self, name):
        """An end that a router has: the machine itself says nothing there."""
        path = pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6")
        if path.exists():
            path.write_text("1")
        # else it would answer ARP for every address that the machine has
        run("ip", "link", "set", name, "arp", "off", "up")
        self.plain(name)

    def plain(self, name, ns=None):
        """`ethtool -K NAME tx off sg off tso off gso off gro off`."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        if ns:
            inside = os.open(f"/run/netns/{ns}", os.O_RDONLY)
            setns(inside)
            os.close(inside)
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                for command in OFFLOADS:
                    value = array.array("B", struct.pack("II", command, 0))
                    fcntl.ioctl(s, SIOCETHTOOL, struct.pack("16sP", name.encode(),
                                                            value.buffer_info()[0]))
        finally:
            setns(home)
            os.close(home)

    def inside(self, ns, *args, **kw):
        return run("ip", "netns", "exec", ns, *args, **kw)

    def start(self, ns, *args):
        p = subprocess.Popen(["ip", "netns", "exec", ns, *map(str, args)],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.started.append(p)
        return p

    def close(self):
        for p in self.started:
            p.kill()
            p.wait()
            p.stdout.close()
        for ns in self.names:
            run("ip", "netns", "del", ns, ok=False)
        for link in self.links:
            run("ip", "link", "del", link, ok=False)


@pytest.fixture
def hosts():
    if why := lacks():
        pytest.skip(f"skipped: {why}")
    h = Hosts()
    yield h
    h.close()
