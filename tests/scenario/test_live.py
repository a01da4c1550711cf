"""Real hosts behind two routers and an IPsec tunnel: they ping, fetch pages, find
the MTU of the path and lose no data. LAN1 - pe1 - pe2 - LAN2, all of it veth
pairs; the hosts are the machine's own TCP/IP stack."""

import hashlib
import json
import os
import pathlib
import random
import re
import shutil

import pytest

import lab
from live import hosts, lacks, run  # noqa: F401

SERVER = """
import http.server, os, socket, sys
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
os.chdir(sys.argv[1])
server = Server(("::", 0), http.server.SimpleHTTPRequestHandler)
print(server.server_port, flush=True)
server.serve_forever()
"""

FETCH = """
import hashlib, sys, urllib.request
data = urllib.request.urlopen(sys.argv[1], timeout=120).read()
print(len(data), hashlib.sha256(data).hexdigest())
"""

NET6 = {1: "2001:db8:1::", 2: "2001:db8:2::"}


def conf(side, **kw):
    """lab.config() or lab.peer(), with IPv6 on the LAN and through the tunnel."""
    near, far = (1, 2) if side == 1 else (2, 1)
    text = (lab.config if side == 1 else lab.peer)(**kw)
    return text.replace(f"  ip address 10.{near}.0.1/16\n",
                        f"  ip address 10.{near}.0.1/16\n  ipv6 address {NET6[near]}1/64\n"
                        ).replace(f" ip route 10.{far}.0.0/16 vpn\n",
                                  f" ip route 10.{far}.0.0/16 vpn\n"
                                  f" ipv6 route {NET6[far]}/64 vpn\n")


class Sites:
    def __init__(self, router, hosts):
        self.router, self.hosts = router, hosts

    def up(self, **kw):
        make = self.hosts.host
        self.a, lan1 = make("a", "10.1.0.5/16", "10.1.0.1", NET6[1] + "5/64", NET6[1] + "1")
        self.b, lan2 = make("b", "10.2.0.7/16", "10.2.0.1", NET6[2] + "7/64", NET6[2] + "1")
        for side, lan, wan in zip((1, 2), (lan1, lan2), self.hosts.cable("w")):
            self.router.up(conf(side, **kw), f"pe{side}", "--wire", f"1/1=interface:{lan}",
                           "--wire", f"2/1=interface:{wan}")

    def ping(self, *args, ok=True):
        return self.hosts.inside(self.a, "ping", "-W", "5", *args, ok=ok).stdout

    def dropped(self, reason):
        return sum(s["dropped"].get(reason, {"packets": 0})["packets"]
                   for name in ("pe1", "pe2")
                   for s in self.router.show("counters", name=name)["stages"])

    def fetch(self, octets, host):
        """A page through the tunnel, compared by its sum."""
        folder = self.router.path / "www"
        data = random.Random(5).randbytes(octets)
        folder.mkdir(exist_ok=True)
        (folder / "page").write_bytes(data)
        server = self.hosts.start(self.b, "/usr/bin/python3", "-c", SERVER, folder)
        port = int(server.stdout.readline())
        done = self.hosts.inside(self.a, "/usr/bin/python3", "-c", FETCH,
                                 f"http://{host}:{port}/page", timeout=120)
        assert done.stdout.split() == [str(octets), hashlib.sha256(data).hexdigest()]


@pytest.fixture
def sites(router, hosts):
    return Sites(router, hosts)


@pytest.mark.parametrize("mode", ["circuit-based", "economical"])
def test_hosts_ping_and_fetch_a_page_through_the_tunnel(sites, mode):
    sites.up(mode=mode)
    for address in ("10.2.0.7", NET6[2] + "7"):
        said = sites.ping("-c", "5", "-i", "0.05", address)
        assert "5 received" in said, said
        assert "ttl=62" in said  # once at each router
    sites.fetch(3_000_000, "10.2.0.7")
    sites.fetch(300_000, f"[{NET6[2]}7]")
    assert sites.dropped("clear-leak") == 0 and sites.dropped("integrity") == 0


def test_a_host_learns_the_mtu_of_the_tunnel(sites):
    """RFC 1191 and RFC 8201 end to end: what does not fit the tunnel comes back as
    an ICMP error with the MTU, and the host believes it."""
    sites.up()
    inside = sites.hosts.inside
    for address, overhead, family in (("10.2.0.7", 28, "-4"), (NET6[2] + "7", 48, "-6")):
        sites.ping("-c", "1", address)
        said = sites.ping("-c", "1", "-M", "do", "-s", 1500 - overhead, address, ok=False)
        found = re.search(r"mtu ?= ?(\d+)", said)
        assert found and "0 received" in said, said
        mtu = int(found[1])
        assert 1280 <= mtu < 1500
        assert f"mtu {mtu}" in inside(sites.a, "ip", family, "route", "get", address).stdout
        assert "1 received" in sites.ping("-c", "1", "-M", "do", "-s", mtu - overhead, address)
    # TCP sets DF on every segment, so a page arrives only if it learnt too.
    inside(sites.a, "ip", "route", "flush", "cache")
    inside(sites.b, "ip", "route", "flush", "cache")
    sites.fetch(500_000, "10.2.0.7")


def test_iperf3_runs_through_the_tunnel(sites):
    if shutil.which("iperf3") is None:
        pytest.skip("skipped: needs iperf3")
    sites.up(mode="economical", algorithm="gcm")
    server = sites.hosts.start(sites.b, "iperf3", "-s", "-1", "--forceflush")
    while "listening" not in server.stdout.readline():
        assert server.poll() is None
    done = sites.hosts.inside(sites.a, "iperf3", "-c", "10.2.0.7", "-n", "4M", "-J")
    end = json.loads(done.stdout)["end"]
    assert end["sum_sent"]["bytes"] >= 4_000_000 and end["sum_received"]["bytes"] > 0
    assert sites.dropped("integrity") == 0 and sites.dropped("replay") == 0


def test_the_commands_of_the_documentation_work_as_they_stand(router):
    """docs/live.md, block by block, by a shell that stops at the first failure."""
    if why := lacks():
        pytest.skip(f"skipped: {why}")
    text = (pathlib.Path(__file__).parents[2] / "docs" / "live.md").read_text()
    *blocks, end = re.findall(r"```sh\n(.*?)```", text, re.S)
    assert len(blocks) >= 4
    env = dict(router.env, PATH=f"{lab.BIN.resolve()}:{os.environ['PATH']}")
    try:
        done = run("bash", "-e", "-c", "\n".join(blocks), ok=False, timeout=120, env=env,
                   cwd=router.path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert " 0% packet loss" in done.stdout and "mtu = " in done.stdout, done.stdout
    finally:
        run("bash", "-c", end, ok=False, env=env, cwd=router.path)
