"""IPv6 through the router: plain, between contexts, into tunnels of both modes;
and a named fate for everything that is not routed. Judged by scapy."""

import random

import pytest
from scapy.all import (ICMP, IP, UDP, CookedLinux, Ether,
                       ICMPv6ND_NS, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                       IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, Jumbo, PadN, Raw,
                       wrpcap)

import lab

E = dict(src="02:00:00:00:00:05", dst="02:00:00:00:00:01")
LAN, FAR = "2001:db8:1::5", "2001:db8:2::7"


def config(mode="circuit-based", near=1, far=2, extra="", algorithm="cbc-sha1",
           outer6=False):
    """lab.config() with IPv6 on every interface, and a route into the tunnel."""
    kw = dict(mode=mode, near=near, far=far, algorithm=algorithm)
    text = lab.config(**kw) if near == 1 else lab.peer(mode=mode, algorithm=algorithm)
    for name, line in (("lan", f"ipv6 address 2001:db8:{near}::1/64"),
                       ("wan", f"ipv6 address 2001:db8:ffff::{near}/64"),
                       ("vpn", f"ipv6 address 2001:db8:255::{near}/64")):
        text = text.replace(f" interface {name}\n", f" interface {name}\n  {line}\n")
    text = text.replace(" ip route ", f" ipv6 route 2001:db8:{far}::/64 vpn\n{extra}"
                        " ip route ", 1)
    if outer6:
        text = text.replace(f"local 192.0.2.{near} remote 192.0.2.{far}",
                            f"local 2001:db8:ffff::{near} remote 2001:db8:ffff::{far}")
    return text


def run(router, frames, conf=None, *args):
    result, done = router.replay(conf or config(), "--in",
                                 f"1/1={router.capture('in.pcap', frames)}",
                                 "--out", "2/1=out.pcap", *args)
    assert lab.balanced(result)
    return result


def lowered(frame):
    """The IPv6 packet of a frame with its hop limit one less, without padding."""
    ip = Ether(bytes(frame))[IPv6].copy()
    ip.hlim -= 1
    return bytes(ip)[:40 + ip.plen]


def v6(frame):
    ip = Ether(bytes(frame))[IPv6]
    return bytes(ip)[:40 + ip.plen]


def test_packets_of_both_families_leave_in_their_order(router):
    rnd = random.Random(61)
    frames = []
    for i in range(600):
        if rnd.random() < 0.5:
            p = IPv6(src=LAN, dst=f"2001:db8:ffff::{i + 256:x}", hlim=rnd.randint(2, 255),
                     tc=rnd.randint(0, 255), fl=rnd.randint(0, 0xfffff))
        else:
            p = IP(src="10.1.0.5", dst=f"192.0.2.{3 + i % 250}", ttl=rnd.randint(2, 255))
        frames.append(Ether(**E) / p / UDP(sport=40000, dport=40001) / Raw(rnd.randbytes(rnd.randint(18, 1400))))
    result = run(router, frames)
    out = lab.read(router.path / "out.pcap")
    assert result["transmitted"] == 600 and result["backplane"]["crossings"] == 600
    for i, (frame, was) in enumerate(zip(out, frames, strict=True)):
        if IPv6 in was:
            assert frame.type == 0x86dd and v6(frame) == lowered(was)
            # contract: 02:06 and the last four octets of the next hop
            assert frame.dst == f"02:06:00:00:{(i + 256) >> 8:02x}:{(i + 256) & 255:02x}"
        else:
            assert lab.ip_bytes(frame) == lab.lowered(lab.ip_bytes(Ether(bytes(was))))


def test_extension_headers_pass_unread(router):
    chains = [IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]),
              IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 12)]),
              IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / IPv6ExtHdrRouting(),
              IPv6ExtHdrFragment(id=7, m=1), IPv6ExtHdrFragment(id=7, offset=3)]
    frames = [Ether(**E) / IPv6(src=LAN, dst="2001:db8:ffff::9") / c / UDP(sport=40000, dport=40001)
              / Raw(b"x" * 24) for c in chains]
    result = run(router, frames)
    assert result["transmitted"] == len(chains)
    out = lab.read(router.path / "out.pcap")
    for frame, was in zip(out, frames, strict=True):
        assert v6(frame) == lowered(was)


def hop(dst, via):
    return f" ipv6 route {dst} {via}\n"


def test_next_hops_null_routes_and_links(router):
    extra = (hop("2001:db8:a::/48", "2001:db8:ffff::a0b")
             + hop("2001:db8:b::/48", "wan fe80::1234:5678")
             + hop("2001:db8:c::/48", "null0") + hop("2001:db8:d::/48", "wan"))
    frames = [Ether(**E) / IPv6(src=LAN, dst=f"2001:db8:{x}::dead:beef") / UDP(sport=40000, dport=40001)
              for x in "abcd"]
    result = run(router, frames, config(extra=extra))
    out = lab.read(router.path / "out.pcap")
    assert [f.dst for f in out] == ["02:06:00:00:0a:0b", "02:06:12:34:56:78",
                                    "02:06:de:ad:be:ef"]
    assert result["dropped"] == {"null-route": 1}


def raw6(change):
    p = bytearray(bytes(IPv6(src=LAN, dst=FAR) / UDP() / Raw(b"x" * 8)))
    change(p)
    return Ether(**E, type=0x86dd) / Raw(bytes(p))


def lie(at, value):
    def change(p):
        p[at] = value
    return raw6(change)


def to(dst, src=LAN, **kw):
    return Ether(**E) / IPv6(src=src, dst=dst, **kw) / UDP() / Raw(b"x" * 8)


def jumbo():
    return Ether(**E) / IPv6(src=LAN, dst=FAR, plen=0) / IPv6ExtHdrHopByHop(
        options=[Jumbo(jumboplen=70000)]) / Raw(b"x" * 64)


def chain(n):
    p = IPv6(src=LAN, dst=FAR)
    for _ in range(n):
        p = p / IPv6ExtHdrDestOpt()
    return Ether(**E) / p / UDP() / Raw(b"x" * 8)


FATES = {
    "bad-ip-header": [
        lie(0, 0x45), lie(0, 0x75), jumbo(), chain(9),
        # a header that is longer than the packet
        Ether(**E) / IPv6(src=LAN, dst=FAR, nh=60, plen=8) / Raw(b"\x11\x09" + b"\0" * 6),
        # hop-by-hop options that are not first, and ones that do not fit
        Ether(**E) / IPv6(src=LAN, dst=FAR) / IPv6ExtHdrDestOpt(nh=0)
        / Raw(b"\x11\x00\x01\x04\0\0\0\0"),
        Ether(**E) / IPv6(src=LAN, dst=FAR, nh=0, plen=8)
        / Raw(b"\x3b\x00\x01\x09\0\0\0\0"),
        Ether(**E) / IPv6(src=LAN, dst=FAR, nh=44, plen=4) / Raw(b"\x11\0\0\0")],
    "truncated": [
        Ether(**E) / IPv6(src=LAN, dst=FAR, plen=500) / UDP(),
        Ether(**E, type=0x86dd) / Raw(bytes(IPv6())[:39])],
    "martian-address": [
        to(FAR, src="ff02::1"), to(FAR, src="::1"), to(FAR, src="::"),
        to(FAR, src="::ffff:10.1.0.5"), to("::1"), to("::"), to("::ffff:10.2.0.7"),
        to("ff01::1"), to("ff0e::1", src="::")],
    "multicast": [to("ff02::5"), to("ff05::2"), to("ff0e::101")],
    "link-scope": [to(FAR, src="fe80::5"), to("fe80::9"), to("2001:db8:9::1", src="fe80::5")],
    "ttl-expired": [to(FAR, hlim=1), to("2001:db8:ffff::9", hlim=0)],
    "no-route": [to("2001:db8:9::1")],
    "neighbor-discovery": [
        Ether(**E) / IPv6(src=LAN, dst="ff02::1:ff00:1") / ICMPv6ND_NS(tgt="2001:db8:1::1")],
    "source-route": [
        Ether(**E) / IPv6(src=LAN, dst="2001:db8:1::1")
        / IPv6ExtHdrRouting(type=0, addresses=[FAR], segleft=1) / UDP()],
    "mtu-exceeded": [
        Ether(**E) / IPv6(src=LAN, dst="2001:db8:ffff::9") / UDP() / Raw(b"x" * 1453)],
    "link-broadcast": [Ether(src=E["src"], dst="33:33:00:00:00:01") / IPv6(src=LAN, dst=FAR)
                       / UDP()],
}


@pytest.mark.parametrize("reason", sorted(FATES))
def test_each_fate_has_its_name(router, reason):
    frames = FATES[reason]
    result = run(router, frames)
    assert result["dropped"] == {reason: len(frames)}, result["dropped"]
    # who sent it is told, where ICMPv6 has words for it (RFC 4443 section 3)
    said = len(frames) if reason in ("no-route", "ttl-expired", "mtu-exceeded") else 0
    assert result["originated"] == result["transmitted"] == said


def eui64(mac):
    o = [int(x, 16) for x in mac.split(":")]
    o = [o[0] ^ 2, o[1], o[2], 0xff, 0xfe, o[3], o[4], o[5]]
    return "fe80::" + ":".join(f"{o[i] << 8 | o[i + 1]:x}" for i in range(0, 8, 2))


def test_own_addresses_are_the_routers(router):
    """Its own, its link-local one, all nodes and all routers of the link, and
    the anycast address of a network's routers (RFC 4291 section 2.6.1)."""
    run(router, [to("2001:db8:ffff::9")])
    mac = lab.read(router.path / "out.pcap")[0].src
    assert mac.endswith("02:01")
    own = eui64(mac[:-5] + "01:01")
    frames = [to(dst, src=src) for dst, src in
              [("2001:db8:1::1", LAN), ("2001:db8:ffff::1", LAN), (own, "fe80::5"),
               ("ff02::1", "fe80::5"), ("ff02::2", LAN), ("2001:db8:1::", LAN),
               ("2001:db8:1::1", "fe80::5")]]
    result = run(router, frames)
    assert result["punted"] == len(frames), result["dropped"]
    conf = config().replace("  ipv6 address 2001:db8:1::1/64\n",
                            "  ipv6 address 2001:db8:1::1/64\n"
                            "  ipv6 address fe80::a link-local\n")
    result = run(router, [to("fe80::a", src="fe80::5"), to(own, src="fe80::5")], conf)
    assert result["punted"] == 1 and result["dropped"] == {"link-scope": 1}


def test_raw_and_cooked_captures_come_out_as_ethernet(router):
    inner = IPv6(src=LAN, dst="2001:db8:ffff::9", hlim=9) / UDP() / Raw(b"hello")
    for name, link, packet in (("raw", 101, inner), ("raw6", 229, inner),
                               ("sll", 113, CookedLinux(proto=0x86dd) / inner)):
        wrpcap(str(router.path / f"{name}.pcap"), [packet] * 3, linktype=link)
        router.replay(config(), "--in", f"1/1={router.path / name}.pcap",
                      "--out", "2/1=out.pcap")
        out = lab.read(router.path / "out.pcap")
        want = inner.copy()
        want.hlim = 8
        assert [v6(f) for f in out] == [bytes(want)] * 3, name


BETWEEN = """service inter-context routing
context red
 interface out
  ip address 203.0.113.1/24
  ipv6 address 2001:db8:cc::1/64
 ip route 10.77.0.0/16 context local
 ipv6 route 2001:db8:77::/48 context local
context local
 interface in
  ip address 10.1.0.1/16
  ipv6 address 2001:db8:1::1/64
 ip route 203.0.113.0/24 context red
 ip route 10.77.0.0/16 context red
 ipv6 route 2001:db8:cc::/64 context red
 ipv6 route 2001:db8:77::/48 context red
card ge-10-port 1
card ge-10-port 2
port ethernet 1/1
 no shutdown
 bind interface in local
port ethernet 2/1
 no shutdown
 bind interface out red
end
"""


def test_routes_lead_from_context_to_context_and_never_round(router):
    four = dict(src="10.1.0.5")
    frames = [Ether(**E) / IP(dst="203.0.113.9", **four) / UDP(), to("2001:db8:cc::9"),
              Ether(**E) / IP(dst="203.0.113.1", **four) / ICMP(), to("2001:db8:cc::1"),
              Ether(**E) / IP(dst="10.77.0.1", **four) / UDP(), to("2001:db8:77::1")]
    result = run(router, frames, BETWEEN)
    assert result["punted"] == 2
    out = [f for f in lab.read(router.path / "out.pcap") if UDP in f]
    assert len(out) == 2 and out[0][IP].ttl == 63 and out[1][IPv6].hlim == 63
    assert result["dropped"]["no-route"] >= 2


@pytest.mark.parametrize("mode", ["circuit-based", "economical"])
def test_through_a_tunnel_and_out_again(router, mode):
    rnd = random.Random(62)
    frames = [Ether(**E) / IPv6(src=LAN, dst=FAR, hlim=rnd.randint(5, 255)) / UDP(sport=40000, dport=40001)
              / Raw(rnd.randbytes(rnd.randint(0, 1300))) for _ in range(200)]
    for i, f in enumerate(frames):
        f.time = 1700000000 + i / 1000
    result = run(router, frames, config(mode))
    assert result["transmitted"] == 200, result["dropped"]
    sealed = lab.read(router.path / "out.pcap")
    sa = lab.sa()
    for frame, was in zip(sealed, frames, strict=True):
        inner = sa.decrypt(frame[IP])
        assert bytes(inner)[:40 + inner.plen] == lowered(was)
    result, _ = router.replay(config(mode, near=2, far=1), "--in",
                              f"2/1={router.path / 'out.pcap'}", "--out", "1/1=clear.pcap")
    assert result["transmitted"] == 200, result["dropped"]
    for frame, was in zip(lab.read(router.path / "clear.pcap"), frames, strict=True):
        ip = frame[IPv6].copy()
        ip.hlim += 2
        assert bytes(ip) == v6(was)


def test_a_trace_tells_addresses(router):
    _, done = router.replay(config(), "--in",
                            f"1/1={router.capture('in.pcap', [to('2001:db8:ffff::9')])}",
                            "--trace", "1")
    assert "2001:db8:ffff::9 in context local" in done.stdout
    assert "next hop 2001:db8:ffff::9" in done.stdout
