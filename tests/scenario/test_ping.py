"""ping and traceroute from the command line of a router that is up."""

import json
import re
import select
import subprocess
import threading
import time

import pytest
from scapy.all import ICMP, IP, UDP, Ether, Raw

import lab
import test_ipv6
from test_wires import wires  # noqa: F401: a fixture

QUICK = "interval 0 timeout 50"


def lines(router, *commands, **kw):
    return router.cli(*commands, **kw).splitlines()


def counted(router):
    """Packets by link, and what the ASPs sealed."""
    links = {(x["from"], x["to"]): x["packets"]
             for x in router.show("backplane")["links"]}
    sealed = sum(s["packets"] for s in router.show("ipsec sa")["sas"]
                 if s["direction"] == "out")
    return links, sealed


def test_an_own_address_answers(router):
    router.up(lab.config())
    for address in ("10.1.0.1", "192.0.2.1", "10.255.0.1"):
        out = lines(router, f"ping {address} count 3 size 1000 interval 0")
        assert out[0] == f"PING {address}: source {address}, 1000 octets a packet"
        for i in range(3):
            assert re.fullmatch(rf"1000 bytes from {address}: icmp_seq={i + 1} ttl=64"
                                r" time=[0-9.]+ ms", out[1 + i])
        assert out[5] == f"----{address} PING Statistics----"
        assert out[6] == ("3 packets transmitted, 3 packets received,"
                          " 0.0% packet loss")
        assert out[7].startswith("round-trip min/avg/max = ")
    counters = router.show("counters")
    assert lab.balanced(counters)
    assert counters["originated"] == counters["punted"] == 18


@pytest.mark.parametrize("mode", ["economical", "circuit-based"])
def test_requests_into_a_tunnel_are_sealed(router, mode):
    """The SmartEdge documents' third use of tunnels: the router's own packets."""
    router.up(lab.config(mode=mode))
    out = lines(router, f"ping 10.2.0.7 count 4 {QUICK}")
    assert out.count("Request timeout for icmp_seq 4") == 1
    links, sealed = counted(router)
    asp = next(a for a in ("3/asp1", "3/asp2") if (a, "2/eppa") in links)
    assert sealed == 4 and links[(asp, "2/eppa")] == 4
    if mode == "economical":
        assert links[("xcrp", asp)] == 4 and len(links) == 2
    else:  # by the loop of the card that leads to the remote end point
        assert links == {("xcrp", "2/eppa"): 4, ("2/eppa", "2/ippa"): 4,
                         ("2/ippa", asp): 4, (asp, "2/eppa"): 4}
    assert lab.balanced(router.show("counters"))
    assert router.show("port 2/1")["ports"][0]["tx_packets"] == 4


def test_plain_requests_cross_once(router):
    router.up(lab.config())
    lines(router, f"ping 192.0.2.77 count 3 {QUICK}")
    links, sealed = counted(router)
    assert links == {("xcrp", "2/eppa"): 3} and sealed == 0


def test_what_the_router_itself_refuses_is_told(router):
    router.up(lab.config())
    told = {
        f"ping 203.0.113.1 count 1 {QUICK}": "no-route",
        "ping 192.0.2.9 count 1 size 2000 df": "packet-too-big (mtu 1500)",
        "ping 10.2.0.9 count 1 size 1401 df": "packet-too-big (mtu 1400)",
    }
    for command, what in told.items():
        out = lines(router, command)
        assert out[1] == f"From this router: icmp_seq=1 {what}", out


def test_mistakes_are_sentences(router):
    router.up(lab.config())
    wrong = {
        "ping 10.1.0.1 source 10.9.9.9": "the source is no address of an interface",
        "ping context nowhere 10.1.0.1": "there is no such context",
        "ping 10.1.0.1 size 9217": "Invalid input",
        "ping 10.1.0.1 count 0": "Invalid input",
        "ping nobody": "Invalid input",
        "ping": "Incomplete command",
        "ping 2001:db8::1 source 10.1.0.1": "the source is no address",
        "traceroute 10.1.0.1 hops 256": "Invalid input",
    }
    for command, what in wrong.items():
        done = router.sesim("cli", "r", "-c", command)
        assert what in done.stdout + done.stderr, command
        assert done.returncode != 0


def test_traceroute(router):
    router.up(lab.config())
    out = lines(router, "traceroute 192.0.2.1 timeout 50")
    assert out[0] == "traceroute to 192.0.2.1, 30 hops max, 60 byte packets"
    assert re.fullmatch(r" 1  192.0.2.1(  [0-9.]+ ms){3}", out[1]) and len(out) <= 3
    out = lines(router, "traceroute 10.2.0.7 timeout 20 hops 2")
    assert out[1:3] == [" 1  * * *", " 2  * * *"]


def test_json_has_every_event(router):
    router.up(lab.config())
    data = json.loads(router.cli("ping 10.1.0.1 count 2 interval 0 | json"))
    assert [e["event"] for e in data["events"]] == ["ping", "ping", "ping-done"]
    assert data["events"][2]["received"] == 2 and data["source"] == "10.1.0.1"


def test_ctrl_c_stops_and_tells(router):
    router.up(lab.config())
    socket = json.loads(router.sesim("status", "--json").stdout)["routers"][0]["cli"]
    script = f"""
import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect({socket["socket"]!r}); s.settimeout(60)
def until(what):
    got = b""
    while what not in got:
        part = s.recv(4096)
        assert part, got
        got += part
    return got
until(b"#")
s.sendall(b"ping 192.0.2.9 count 1000 interval 0 timeout 20\\r")
until(b"icmp_seq 3")
s.sendall(b"\\x03")
got = until(b"packet loss")
assert b"PING Statistics" in got, got
if b"#" not in got.split(b"packet loss")[1]:
    until(b"#")
s.sendall(b"exit\\r")
"""
    done = subprocess.run(["/usr/bin/python3", "-c", script], capture_output=True,
                          text=True, timeout=60 * lab.SLOW)
    assert done.returncode == 0, done.stderr


def test_counters_are_shown(router):
    router.up(lab.config())
    router.cli("ping 10.1.0.1 count 2 interval 0", "traceroute 10.1.0.1")
    icmp = router.show("ip icmp")
    assert icmp["echo_requests"] == icmp["echo_replies"] == 2
    assert icmp["errors_sent"]["port-unreachable"] == 3 == icmp["errors_received"]
    punt = router.show("punt")
    assert {row["kind"] for row in punt["punts"]} == {"icmp-echo", "icmp", "ike", "other"}
    assert "echo requests" in router.cli("show ip icmp")
    assert "icmp-echo" in router.cli("show punt")


# --- two routers, and the cable between them ----------------------------------

@pytest.fixture
def cable(router, wires):  # noqa: F811
    """pe1 and pe2, whose WANs this joins; what crossed is in .seen."""
    stop = threading.Event()
    threads = []

    class Cable:
        seen = []

        def up(self, mode, conf=test_ipv6.config):
            w = wires("l1", "n1", "l2", "n2")
            for name, near, far, lan, wan in (("pe1", 1, 2, w[0], w[1]),
                                              ("pe2", 2, 1, w[2], w[3])):
                router.up(conf(mode=mode, near=near, far=far), name,
                          "--wire", f"1/1={lan.path}", "--wire", f"2/1={wan.path}")
            x, y = w[1].connected(), w[3].connected()
            for a, b in ((x, y), (y, x)):
                a.settimeout(0.1)
                threads.append(threading.Thread(target=self.carry, args=(a, b)))
            for t in threads:
                t.start()
            return w

        def carry(self, a, b):
            while not stop.is_set():
                try:
                    frame = a.recv(65536)
                    self.seen.append(frame)
                    b.send(frame)
                except TimeoutError:
                    continue
                except OSError:
                    return

    yield Cable()
    stop.set()
    for t in threads:
        t.join()


@pytest.mark.parametrize("mode", ["economical", "circuit-based"])
def test_ping_and_traceroute_through_a_tunnel(router, cable, mode):
    """From one router to the other: plain, and sealed both ways."""
    cable.up(mode)
    ask = f"timeout {int(5000 * lab.SLOW)}"
    for address, ttl in (("192.0.2.2", 64), ("10.2.0.1", 64), ("10.255.0.2", 64),
                         ("2001:db8:2::1", 64), ("2001:db8:ffff::2", 64)):
        out = router.cli(f"ping {address} count 5 size 1000 interval 0 {ask}", name="pe1")
        assert "5 packets transmitted, 5 packets received" in out, out
        assert out.count(f"1000 bytes from {address}: icmp_seq=") == 5
        assert out.count(f" ttl={ttl} ") == 5
    out = router.cli(f"traceroute 10.2.0.1 {ask}", name="pe1").splitlines()
    assert re.fullmatch(r" 1  10.2.0.1(  [0-9.]+ ms){3}", out[1])
    clear = [p for p in map(Ether, cable.seen)
             if IP in p and (p[IP].dst.startswith("10.") or p[IP].src.startswith("10."))]
    assert clear == []
    for name in ("pe1", "pe2"):
        assert lab.balanced(router.show("counters", name=name))


@pytest.mark.parametrize("mode", ["economical", "circuit-based"])
def test_what_does_not_fit_the_far_router_is_told_through_the_tunnel(router, cable, mode):
    """pe2 says it, pe1 hears it: a destination behind pe2 that is not there."""
    cable.up(mode)
    ask = f"timeout {int(9000 * lab.SLOW)}"
    out = router.cli(f"ping 10.2.9.9 count 1 interval 0 {ask}", name="pe1")
    assert re.search(r"From 10.255.0.2: icmp_seq=1 host-unreachable", out), out
    out = router.cli(f"traceroute 10.2.9.9 hops 2 {ask}", name="pe1").splitlines()
    assert re.match(r" 1  10.255.0.2(  [0-9.]+ ms){3}", out[1]), out
    assert re.match(r" 2  10.255.0.2(  [0-9.]+ ms !H){3}", out[2]), out


def test_a_live_flood_is_held_to_its_rates(router, wires):  # noqa: F811
    """Faster than 1000 a second: what is beyond is dropped at the iPPA."""
    lan, = wires("l1")
    router.up(lab.config(), "r", "--wire", f"1/1={lan.path}")
    conn = lan.connected()
    mac = router.show("port 1/1")["ports"][0]["mac"]
    ping = bytes(Ether(src="02:00:00:00:00:0a", dst=mac)
                 / IP(src="10.1.0.5", dst="10.1.0.1") / ICMP() / Raw(b"x" * 20))
    lost = bytes(Ether(src="02:00:00:00:00:0a", dst=mac)
                 / IP(src="10.1.0.5", dst="203.0.113.1") / UDP() / Raw(b"x" * 20))
    conn.setblocking(False)
    flood = [ping, lost] * 12000
    while flood:
        select.select([], [conn], [], 20 * lab.SLOW)
        try:
            conn.send(flood[-1])
            flood.pop()
            conn.recv(65536)
        except BlockingIOError:
            pass
    deadline = time.monotonic() + 20 * lab.SLOW
    while router.show("port 1/1")["ports"][0]["rx_packets"] < 24000:
        assert time.monotonic() < deadline
    punt = {r["kind"]: r for r in router.show("punt")["punts"] if r["stage"] == "1/ippa"}
    assert punt["icmp-echo"]["punted"] >= 2000 and punt["icmp-echo"]["refused"] > 0
    assert router.show("ip icmp")["suppressed"]["rate"] > 0
    counters = router.show("counters")
    assert counters["dropped"]["punt-rate"] == punt["icmp-echo"]["refused"]
