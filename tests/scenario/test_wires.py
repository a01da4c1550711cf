"""Ports whose far end is a wire: ARP and neighbor discovery as RFC 826 and RFC
4861 have them, packets that wait for an answer, static entries, tunnels over
wires; and interfaces of the machine where the test may make them. The stations
at the far ends are scapy's."""

import os
import shutil
import socket
import subprocess
import threading

import pytest
from scapy.all import (ARP, ICMP, IP, UDP, Dot1Q, Ether, ICMPv6ND_NA, ICMPv6ND_NS,
                       ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr, IPv6, Raw)

import lab

UDPX = UDP(sport=40000, dport=40001)


class Wire:
    """The far end of a port: it listens, the router connects."""

    def __init__(self, router, name):
        self.path = router.path / name
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(self.path))
        self.listener.listen(1)
        self.conn = None

    def connected(self):
        if self.conn is None:
            self.listener.settimeout(20 * lab.SLOW)
            self.conn, _ = self.listener.accept()
            self.conn.settimeout(20 * lab.SLOW)
        return self.conn

    def send(self, frame):
        self.connected().send(bytes(frame))

    def take(self, timeout=20):
        self.connected().settimeout(timeout * lab.SLOW)
        try:
            return Ether(self.conn.recv(65536))
        except (TimeoutError, BlockingIOError):
            return None

    def quiet(self):
        """Nothing is there (for what was sent before has been worked on)."""
        self.connected().setblocking(False)
        try:
            return Ether(self.conn.recv(65536))
        except BlockingIOError:
            return None

    def close(self):
        if self.conn is not None:
            self.conn.close()
        self.listener.close()
        self.path.unlink(missing_ok=True)


class Station:
    """A host on a wire."""

    def __init__(self, wire, mac, ip, ip6, gate, gate6):
        self.wire, self.mac, self.ip, self.ip6 = wire, mac, ip, ip6
        self.gate, self.gate6 = gate, gate6

    def arp(self, **kw):
        self.wire.send(Ether(src=self.mac, dst="ff:ff:ff:ff:ff:ff")
                       / ARP(op=1, hwsrc=self.mac, psrc=self.ip, pdst=self.gate, **kw))

    def solicit(self, target):
        last = bytes(IPv6(dst=target))[37:40]
        group = "ff02::1:ff%02x:%02x%02x" % tuple(last)
        mac = "33:33:ff:%02x:%02x:%02x" % tuple(last)
        self.wire.send(Ether(src=self.mac, dst=mac)
                       / IPv6(src=self.ip6, dst=group, hlim=255)
                       / ICMPv6ND_NS(tgt=target) / ICMPv6NDOptSrcLLAddr(lladdr=self.mac))

    def answer(self, frame):
        """What a host answers to a question for its link address, sent."""
        if ARP in frame and frame[ARP].op == 1 and frame[ARP].pdst == self.ip:
            a = frame[ARP]
            self.wire.send(Ether(src=self.mac, dst=a.hwsrc)
                           / ARP(op=2, hwsrc=self.mac, psrc=self.ip, hwdst=a.hwsrc,
                                 pdst=a.psrc))
            return True
        if ICMPv6ND_NS in frame and frame[ICMPv6ND_NS].tgt == self.ip6:
            self.wire.send(Ether(src=self.mac, dst=frame.src)
                           / IPv6(src=self.ip6, dst=frame[IPv6].src, hlim=255)
                           / ICMPv6ND_NA(tgt=self.ip6, R=0, S=1, O=1)
                           / ICMPv6NDOptDstLLAddr(lladdr=self.mac))
            return True
        return False

    def receive(self):
        """The next packet that is not a question for us."""
        while (frame := self.wire.take()) is not None:
            if not self.answer(frame):
                return frame
        raise AssertionError("no packet came")


PLAIN = """system hostname r
context local
 interface a
  ip address 10.1.0.1/16
  ipv6 address 2001:db8:1::1/64
 interface b
  ip address 10.2.0.1/16
  ipv6 address 2001:db8:2::1/64
card ge-10-port 1
card ge-10-port 2
port ethernet 1/1
 no shutdown
 bind interface a local
port ethernet 2/1
 no shutdown
 bind interface b local
end
"""


@pytest.fixture
def wires(router):
    made = []

    def make(*names):
        made.extend(Wire(router, n) for n in names)
        return made[-len(names):]

    yield make
    for w in made:
        w.close()


def up(router, wires, conf=PLAIN, ports=("1/1", "2/1")):
    ends = wires(*(f"w{p.replace('/', '-')}" for p in ports))
    args = [x for p, w in zip(ports, ends) for x in ("--wire", f"{p}={w.path}")]
    router.up(conf, "r", *args)
    for w in ends:
        w.connected()
    return ends


def stations(a, b):
    return (Station(a, "02:00:00:00:00:0a", "10.1.0.5", "2001:db8:1::5", "10.1.0.1",
                    "2001:db8:1::1"),
            Station(b, "02:00:00:00:00:0b", "10.2.0.7", "2001:db8:2::7", "10.2.0.1",
                    "2001:db8:2::1"))


def gate_of(station):
    station.arp()
    reply = station.wire.take()
    assert reply[ARP].op == 2 and reply[ARP].psrc == station.gate
    assert reply[ARP].hwsrc == reply.src and reply[ARP].pdst == station.ip
    assert reply.dst == station.mac and reply[ARP].hwdst == station.mac
    return reply.src


def test_arp_is_answered_for_own_addresses_alone(router, wires):
    a, b = up(router, wires)
    host, _ = stations(a, b)
    mac = gate_of(host)
    assert mac.startswith("02:5e:") and mac.endswith(":01:01")
    a.send(Ether(src=host.mac, dst="ff:ff:ff:ff:ff:ff")
           / ARP(op=1, hwsrc=host.mac, psrc=host.ip, pdst="10.1.0.9"))
    gate_of(host)  # the answer to the question behind it comes first
    shown = router.show("arp-cache")
    assert [e["host"] for e in shown["entries"]] == [host.ip]
    assert shown["entries"][0]["mac"] == host.mac
    assert 3500 < shown["entries"][0]["ttl"] <= 3600


def link_local(mac):
    o = [int(x, 16) for x in mac.split(":")]
    o = [o[0] ^ 2, o[1], o[2], 0xff, 0xfe, o[3], o[4], o[5]]
    text = "fe80::" + ":".join(f"{o[i] << 8 | o[i + 1]:x}" for i in range(0, 8, 2))
    return IPv6(bytes(IPv6(dst=text))).dst


def test_neighbor_solicitations_are_answered(router, wires):
    a, b = up(router, wires)
    host, _ = stations(a, b)
    mac = gate_of(host)
    for target in (host.gate6, link_local(mac)):
        host.solicit(target)
        reply = a.take()
        na = reply[ICMPv6ND_NA]
        assert reply.src == mac and reply.dst == host.mac
        assert na.tgt == target and na.S == 1 and na.R == 1 and na.O == 1
        assert reply[IPv6].hlim == 255 and reply[IPv6].dst == host.ip6
        assert reply[ICMPv6NDOptDstLLAddr].lladdr == mac
        good = reply[IPv6].copy()
        del good[ICMPv6ND_NA].cksum
        assert IPv6(bytes(good))[ICMPv6ND_NA].cksum == na.cksum  # scapy's sum
    assert [e["host"] for e in router.show("ipv6 neighbor")["entries"]] == [host.ip6]
    # a station that checks its own address has none yet: the answer is for all
    a.send(Ether(src=host.mac, dst="33:33:ff:00:00:01")
           / IPv6(src="::", dst="ff02::1:ff00:1", hlim=255) / ICMPv6ND_NS(tgt=host.gate6))
    reply = a.take()
    assert reply[IPv6].dst == "ff02::1" and reply.dst == "33:33:00:00:00:01"
    assert reply[ICMPv6ND_NA].S == 0


def test_the_first_packets_wait_for_the_answer_and_keep_their_order(router, wires):
    a, b = up(router, wires)
    host, far = stations(a, b)
    mac = gate_of(host)
    for i in range(20):
        a.send(Ether(src=host.mac, dst=mac) / IP(src=host.ip, dst=far.ip, ttl=9)
               / UDPX / Raw(bytes([i]) * 20))
        a.send(Ether(src=host.mac, dst=mac) / IPv6(src=host.ip6, dst=far.ip6, hlim=9)
               / UDPX / Raw(bytes([i]) * 20))
    got4, got6, asked = [], [], []
    while len(got4) + len(got6) < 40:
        frame = b.take()
        assert frame is not None, (len(got4), len(got6))
        if far.answer(frame):
            asked.append(frame)
            assert not got4 or not got6
            continue
        assert frame.dst == far.mac and frame.src.endswith(":02:01")
        (got6 if IPv6 in frame else got4).append(frame)
    assert [f[Raw].load[0] for f in got4] == list(range(20))
    assert [f[Raw].load[0] for f in got6] == list(range(20))
    assert got4[0][IP].ttl == 8 and got6[0][IPv6].hlim == 8
    assert 2 <= len(asked) <= 6  # once each, and again each second that this takes
    q4 = next(f for f in asked if ARP in f)
    q6 = next(f for f in asked if IPv6 in f)
    assert q4.dst == "ff:ff:ff:ff:ff:ff" and q4[ARP].psrc == "10.2.0.1"
    assert q6.dst == "33:33:ff:00:00:07" and q6[IPv6].dst == "ff02::1:ff00:7"
    assert q6[ICMPv6NDOptSrcLLAddr].lladdr == q6.src
    text = router.cli("show arp-cache")
    assert "Context   :local" in text and "Context id  : 0x40080001" in text
    assert "Total number of arp entries in cache: 2" in text
    assert "Resolved entry   : 2" in text
    row = next(line for line in text.splitlines() if line.startswith(far.ip))
    assert row.split()[1:2] == [far.mac] and row.split()[3:] == ["ARPA", "2/1"]


def test_who_does_not_answer_is_asked_three_times(router, wires):
    a, b = up(router, wires)
    host, far = stations(a, b)
    mac = gate_of(host)
    for _ in range(3):
        a.send(Ether(src=host.mac, dst=mac) / IP(src=host.ip, dst="10.2.0.99") / UDPX)
    asked = [b.take() for _ in range(3)]
    assert all(f[ARP].op == 1 and f[ARP].pdst == "10.2.0.99" for f in asked)
    shown = router.show("arp-cache")
    assert shown["incomplete"] == 1 or dropped(router, "unresolved-neighbor") == 3
    lab.until(lambda: dropped(router, "unresolved-neighbor") == 3)
    assert b.quiet() is None
    assert router.show("arp-cache")["incomplete"] == 0


def dropped(router, reason):
    return sum(s["dropped"].get(reason, {"packets": 0})["packets"]
               for s in router.show("counters")["stages"])


def test_static_entries_win(router, wires):
    conf = PLAIN.replace("  ip address 10.2.0.1/16\n",
                         "  ip address 10.2.0.1/16\n  ip arp 10.2.0.7 02:00:00:00:00:77\n"
                         "  ipv6 neighbor 2001:db8:2::7 02:00:00:00:00:78\n")
    a, b = up(router, wires, conf)
    host, far = stations(a, b)
    mac = gate_of(host)
    gate_of(far)  # it tells another address of itself, which does not count
    a.send(Ether(src=host.mac, dst=mac) / IP(src=host.ip, dst=far.ip) / UDPX)
    assert b.take().dst == "02:00:00:00:00:77"
    a.send(Ether(src=host.mac, dst=mac) / IPv6(src=host.ip6, dst=far.ip6) / UDPX)
    assert b.take().dst == "02:00:00:00:00:78"
    row = next(e for e in router.show("arp-cache")["entries"] if e["host"] == far.ip)
    assert row["state"] == "static" and row["ttl"] is None
    router.cli("clear arp-cache")
    assert [e["host"] for e in router.show("arp-cache")["entries"]] == [far.ip]


def test_static_entries_count_on_capture_files_too(router):
    conf = lab.config().replace("  ip address 192.0.2.1/24\n", "  ip address 192.0.2.1/24\n"
                                "  ip arp 192.0.2.9 00:30:88:00:00:11\n")
    frames = [Ether(src="02:00:00:00:00:05", dst="02:00:00:00:00:01")
              / IP(src="10.1.0.5", dst=f"192.0.2.{x}") / UDPX for x in (9, 10)]
    router.replay(conf, "--in", f"1/1={router.capture('in.pcap', frames)}",
                  "--out", "2/1=out.pcap")
    assert [f.dst for f in lab.read(router.path / "out.pcap")] == [
        "00:30:88:00:00:11", "02:00:c0:00:02:0a"]


def test_malformed_messages_are_counted_and_nothing_is_learnt(router, wires):
    a, b = up(router, wires)
    host, _ = stations(a, b)
    bad = [ARP(op=1, hwsrc="01:00:00:00:00:01", psrc=host.ip, pdst=host.gate),
           ARP(op=7, hwsrc=host.mac, psrc=host.ip, pdst=host.gate),
           Raw(bytes(ARP(op=1, hwsrc=host.mac, psrc=host.ip, pdst=host.gate))[:20])]
    for x in bad:
        a.send(Ether(src=host.mac, dst="ff:ff:ff:ff:ff:ff", type=0x806) / x)
    ns = IPv6(src=host.ip6, dst="ff02::1:ff00:1", hlim=255) / ICMPv6ND_NS(tgt=host.gate6)
    bad6 = [ns / Raw(b"\1\0\2\0\0\0\0\1"),  # an option of length 0
            ns / Raw(b"\1\2\2\0\0\0\0\1"),  # and one that ends behind the packet
            ns / Raw(b"\1\1\3\0\0\0\0\1")]  # and a group's address
    wrong = ns.copy()
    wrong[ICMPv6ND_NS].cksum = 0x1234
    for x in bad6 + [wrong]:
        a.send(Ether(src=host.mac, dst="33:33:ff:00:00:01") / x)
    lab.until(lambda: dropped(router, "bad-neighbor-message") == 7)
    assert router.show("arp-cache")["total"] == 0
    assert router.show("ipv6 neighbor")["total"] == 0
    gate_of(host)


def test_a_pvc_is_a_link_of_its_own(router, wires):
    conf = PLAIN.replace("port ethernet 1/1\n no shutdown\n bind interface a local\n",
                         "port ethernet 1/1\n no shutdown\n encapsulation dot1q\n"
                         " dot1q pvc 100\n  bind interface a local\n")
    a, b = up(router, wires, conf)
    host, _ = stations(a, b)
    a.send(Ether(src=host.mac, dst="ff:ff:ff:ff:ff:ff") / Dot1Q(vlan=100)
           / ARP(op=1, hwsrc=host.mac, psrc=host.ip, pdst=host.gate))
    reply = a.take()
    assert reply[Dot1Q].vlan == 100 and reply[ARP].op == 2
    assert router.show("arp-cache")["entries"][0]["circuit"] == "1/1 vlan-id 100"


def test_a_restarted_card_finds_its_wires(router, wires):
    a, b = up(router, wires)
    host, far = stations(a, b)
    gate_of(host)
    os.kill(router.children(["sesim-linecard", "--slot", "1", "ingress"])[0], 9)

    def answers():
        host.arp()
        return a.take(0.2)
    assert lab.until(answers)[ARP].op == 2


@pytest.mark.parametrize("mode", ["circuit-based", "economical"])
def test_a_tunnel_between_two_routers_over_wires(router, wires, mode):
    """LAN - pe1 - pe2 - LAN: this test is the cable between the two."""
    lan1, wan1, lan2, wan2 = wires("l1", "n1", "l2", "n2")
    for name, conf, lan, wan in (("pe1", lab.config(mode=mode), lan1, wan1),
                                 ("pe2", lab.peer(mode=mode), lan2, wan2)):
        router.up(conf, name, "--wire", f"1/1={lan.path}", "--wire", f"2/1={wan.path}")
    x, y = wan1.connected(), wan2.connected()
    stop = threading.Event()

    def carry(source, target):
        source.settimeout(0.1)
        while not stop.is_set():
            try:
                target.send(source.recv(65536))
            except TimeoutError:
                continue
            except OSError:
                return
    cables = [threading.Thread(target=carry, args=p) for p in ((x, y), (y, x))]
    for c in cables:
        c.start()
    try:
        host = Station(lan1, "02:00:00:00:00:0a", "10.1.0.5", "::", "10.1.0.1", "::")
        far = Station(lan2, "02:00:00:00:00:0b", "10.2.0.7", "::", "10.2.0.1", "::")
        mac = gate_of(host)
        lan1.send(Ether(src=host.mac, dst=mac) / IP(src=host.ip, dst=far.ip, ttl=9)
                  / ICMP(id=7, seq=1) / Raw(b"ping" * 20))
        there = far.receive()
        assert there[ICMP].type == 8 and there[Raw].load == b"ping" * 20
        lan2.send(Ether(src=far.mac, dst=there.src) / IP(src=far.ip, dst=host.ip, ttl=9)
                  / ICMP(type=0, id=7, seq=1) / Raw(b"pong" * 20))
        back = host.receive()
        assert back[ICMP].type == 0 and back[Raw].load == b"pong" * 20
        assert back[IP].ttl == 7 and back.dst == host.mac
    finally:
        stop.set()
        for c in cables:
            c.join()


@pytest.mark.parametrize("text, part", [
    ("1/1", "expected SLOT/PORT="), ("1/1=", "expected SLOT/PORT="),
    ("1/1=nowhere", "No such file"), ("1/1=interface:no-such-if", "no-such-if"),
    ("9/1=w", "no line card in slot 9")])
def test_a_wire_that_can_not_be_is_refused(router, wires, text, part):
    wires("w")
    conf = router.file("c", PLAIN)
    done = router.sesim("up", "--config", conf, "--name", "r", "--wire", text)
    assert done.returncode in (2, 3) and part in done.stderr, done.stderr
    assert "is up" not in done.stdout


def can_make_interfaces():
    if shutil.which("ip") is None or os.geteuid() != 0:
        return False
    done = subprocess.run(["ip", "link", "add", "se-try", "type", "veth", "peer", "name",
                           "se-try2"], capture_output=True)
    subprocess.run(["ip", "link", "del", "se-try"], capture_output=True)
    return done.returncode == 0


def test_the_kernel_pings_through_interfaces(router):
    if not can_make_interfaces():
        pytest.skip("skipped: needs CAP_NET_ADMIN to make veth pairs")
    run = lambda *a, **kw: subprocess.run(list(a), capture_output=True, text=True, **kw)
    tag = f"{os.getpid() % 100000}"
    try:
        for side, net in (("a", 1), ("b", 2)):
            ns, inside, outside = f"se{side}{tag}", f"sei{side}{tag}", f"seo{side}{tag}"
            run("ip", "netns", "add", ns)
            run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside)
            run("ip", "link", "set", inside, "netns", ns)
            run("ip", "link", "set", outside, "up")
            run("ip", "-n", ns, "addr", "add", f"10.{net}.0.5/16", "dev", inside)
            run("ip", "-n", ns, "-6", "addr", "add", f"2001:db8:{net}::5/64", "dev", inside,
                "nodad")
            run("ip", "-n", ns, "link", "set", inside, "up")
            run("ip", "-n", ns, "route", "add", "default", "via", f"10.{net}.0.1")
            run("ip", "-n", ns, "-6", "route", "add", "default", "via", f"2001:db8:{net}::1")
        router.up(PLAIN, "r", "--wire", f"1/1=interface:seoa{tag}",
                  "--wire", f"2/1=interface:seob{tag}")
        for args in (["10.2.0.5"], ["-6", "2001:db8:2::5"]):
            done = run("ip", "netns", "exec", f"sea{tag}", "ping", "-c", "3", "-i", "0.2",
                       "-W", "5", *args)
            assert " 0% packet loss" in done.stdout, done.stdout + done.stderr
    finally:
        for side in "ab":
            run("ip", "netns", "del", f"se{side}{tag}")
            run("ip", "link", "del", f"seo{side}{tag}")
