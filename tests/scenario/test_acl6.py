"""IPv6 access lists, row by row, against packets that scapy made."""

import pytest
from scapy.all import (TCP, UDP, Ether, ICMPv6EchoReply, ICMPv6EchoRequest,
                       ICMPv6DestUnreach, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, Raw)

import lab

E = dict(src="02:00:00:00:00:05", dst="02:00:00:00:00:01")


def conf(rows, apply="ipv6 access-group test in", where="interface lan"):
    text = lab.config(extra_context=" ipv6 access-list test\n"
                      + "".join(f"  {r}\n" for r in rows))
    text = text.replace(" interface lan\n", " interface lan\n  ipv6 address 2001:db8:1::1/64\n")
    text = text.replace(" interface wan\n", " interface wan\n  ipv6 address 2001:db8:2::1/64\n")
    at = {"interface lan": " interface lan\n", "port": "port ethernet 2/1\n"}[where]
    return text.replace(at, f"{at}  {apply}\n")


def ip(dst="2001:db8:2::9", src="2001:db8:1::5", **kw):
    return Ether(**E) / IPv6(src=src, dst=dst, **kw)


PACKETS = {
    "tcp80": ip() / TCP(sport=1025, dport=80, flags="S"),
    "tcp80ack": ip() / TCP(sport=1025, dport=80, flags="A"),
    "udp53": ip() / UDP(sport=5353, dport=53) / Raw(b"x"),
    "udp-behind-options": ip() / IPv6ExtHdrDestOpt() / UDP(sport=1, dport=53) / Raw(b"x"),
    "echo": ip() / ICMPv6EchoRequest(),
    "reply": ip() / ICMPv6EchoReply(),
    "unreachable": ip() / ICMPv6DestUnreach(code=4) / Raw(b"x" * 40),
    "ef": ip(tc=0xb8) / UDP(sport=9, dport=9) / Raw(b"x"),
    "far-source": ip(src="2001:db8:1::1:5") / UDP(sport=9, dport=9) / Raw(b"x"),
    "first": ip() / IPv6ExtHdrFragment(m=1, id=7, nh=17) / UDP(sport=9, dport=53, len=80)
    / Raw(b"x" * 56),
    "later": ip() / IPv6ExtHdrFragment(offset=8, id=7, nh=17) / Raw(b"x" * 16),
}

ROWS = {
    "permit any any": set(PACKETS),
    "permit ip any any": set(PACKETS),
    "permit tcp any any eq www": {"tcp80", "tcp80ack"},
    "permit tcp any any established": {"tcp80ack"},
    "permit udp any any eq domain": {"udp53", "udp-behind-options", "first"},
    "permit udp any gt 1000 any": {"udp53"},
    "permit udp any any fragments": {"later"},
    "permit icmpv6 any any icmp-type echo": {"echo"},
    "permit icmpv6 any any icmp-type unreachable icmp-code 4": {"unreachable"},
    "permit ip any any dscp ef": {"ef"},
    "permit ip host 2001:db8:1::1:5 any": {"far-source"},
    "permit ip 2001:db8:1::/112 any": set(PACKETS) - {"far-source"},
    "permit ip 2001:db8:1::/109 2001:db8:2::/64": set(PACKETS),
    "permit ip any 2001:db8:3::/64": set(),
}


def run(router, text, frames):
    for i, f in enumerate(frames):
        f.time = 1700000000 + i / 1000
    result, _ = router.replay(text, "--in", f"1/1={router.capture('in.pcap', frames)}",
                              "--out", "2/1=out.pcap")
    assert lab.balanced(result)
    return result, [f for f in lab.read(router.path / "out.pcap") if IPv6 in f]


def body(frame):
    raw = bytearray(bytes(frame[IPv6])[:40 + frame[IPv6].plen])
    raw[7] = 0  # hop limit
    return bytes(raw)


@pytest.mark.parametrize("row", sorted(ROWS))
def test_a_row_fits_exactly_these(router, row):
    result, out = run(router, conf([row]), [f.copy() for f in PACKETS.values()])
    want = [body(Ether(bytes(PACKETS[n]))) for n in PACKETS if n in ROWS[row]]
    assert [body(f) for f in out] == want
    assert result["dropped"].get("acl-denied", 0) == len(PACKETS) - len(want)
    assert result["access_lists6"][0]["rows"][0]["hits"] == len(want)


def test_out_of_a_port_and_counted(router):
    text = conf(["deny udp any any", "permit any any"], "ipv6 access-group test out count",
                "port")
    result, out = run(router, text, [f.copy() for f in PACKETS.values()])
    # of the last fragment, too, the protocol is known
    assert result["dropped"]["acl-denied"] == 6
    group = result["access_groups"][0]
    assert (group["family"], group["direction"], group["permitted"], group["denied"]) == (
        "ipv6", "out", len(PACKETS) - 6, 6)


def test_lists_of_one_family_leave_the_other_alone(router):
    text = conf(["deny any any"]).replace(
        " ipv6 access-list test\n", " ip access-list test\n  permit any any\n"
        " ipv6 access-list test\n").replace(
        "  ipv6 access-group test in\n",
        "  ipv6 access-group test in\n  ip access-group test in\n")
    result, out = run(router, text, [PACKETS["udp53"].copy()] + lab.packets(5))
    assert result["dropped"]["acl-denied"] == 1
    assert result["ports"]["2/1"]["tx_packets"] >= 5


def test_what_is_typed_is_shown_and_resequenced(router):
    rows = ["permit tcp 2001:DB8:0:0::/64 range 1 9 host 2001:db8::1 eq 443 dscp ef established",
            "deny icmpv6 any any icmp-type 128"]
    router.up(conf(rows))
    router.cli("configure", "context local", "resequence ipv6 access-list test 7 3", "end")
    got = router.show("ipv6 access-list")["lists"][0]["rows"]
    assert [r["text"] for r in got] == [
        "seq 7 permit tcp 2001:db8::/64 range 1 9 host 2001:db8::1 eq https dscp ef established",
        "seq 10 deny icmpv6 any any icmp-type echo"]
    assert "ipv6 access-list test" in router.cli("show ipv6 access-list test")
    router.cli("clear ipv6 access-list counters")


@pytest.mark.parametrize("line,sentence", [
    ("permit icmp any any icmp-type echo", "expected permit icmpv6"),
    ("permit ip 10.0.0.0 0.0.0.255 any", "10.0.0.0"),
    ("permit ip 2001:db8::1/64 any", "2001:db8::1/64"),
])
def test_a_line_that_can_not_be_is_refused(router, line, sentence):
    done = router.sesim("replay", "--config", router.file("bad.conf", conf([line])),
                        "--in", "1/1=none.pcap")
    assert done.returncode == 2
    assert sentence in done.stderr, done.stderr


def test_an_economical_tunnel_refuses_it(router):
    text = conf(["permit any any"]).replace("mode circuit-based",
                                            "mode economical\n ipv6 access-group test out")
    done = router.sesim("replay", "--config", router.file("e.conf", text),
                        "--in", "1/1=none.pcap")
    assert done.returncode == 2
    assert "ipv6 access-group on an economical tunnel" in done.stderr
