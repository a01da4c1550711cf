"""The router's own IPv6 packets in a replay, judged by scapy and tshark."""

import subprocess

import pytest
from scapy.all import (ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest,
                       ICMPv6PacketTooBig, ICMPv6ParamProblem, ICMPv6TimeExceeded,
                       IP, UDP, Ether, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                       Raw)

import lab
from test_ipv6 import config

HOST, FAR, US = "2001:db8:1::5", "2001:db8:2::7", "2001:db8:1::1"
BIG = Raw(b"b" * 1470)


def send(router, *pkts, conf=None, port="1/1"):
    frames = []
    for i, p in enumerate(pkts):
        f = Ether(bytes(Ether(src="02:00:00:00:00:05", dst="02:00:00:00:00:01") / p))
        f.time = 1700000000 + i / 1000
        frames.append(f)
    result, _ = router.replay(conf or config(), "--in",
                              f"{port}={router.capture('in.pcap', frames)}",
                              "--out", "1/1=lan.pcap", "--out", "2/1=wan.pcap")
    assert lab.balanced(result)
    for name in ("lan.pcap", "wan.pcap"):
        bad = subprocess.run(
            ["tshark", "-r", router.path / name, "-Y",
             "_ws.malformed || icmpv6.checksum.status == 0"],
            capture_output=True, text=True, check=True).stdout
        assert bad == ""
    return result, lab.read(router.path / "lan.pcap"), lab.read(router.path / "wan.pcap")


@pytest.mark.parametrize("options", [False, True])
def test_an_echo_request_is_answered(router, options):  # RFC 4443 4.2
    head = IPv6(src=HOST, dst=US, tc=0xb9, hlim=3)
    head = head / IPv6ExtHdrDestOpt() if options else head
    data = bytes(range(200))
    result, lan, _ = send(router, head / ICMPv6EchoRequest(id=7, seq=9, data=data))
    assert result["originated"] == result["punted"] == len(lan) == 1
    ip = lan[0][IPv6]
    assert (ip.src, ip.dst, ip.hlim, ip.tc) == (US, HOST, 64, 0xb8)
    reply = ip[ICMPv6EchoReply]
    assert (reply.id, reply.seq, reply.data) == (7, 9, data)


ERRORS = {
    "no route": (IPv6(src=HOST, dst="2001:db8:dead::1") / UDP(), ICMPv6DestUnreach, 0, {}),
    "hop limit": (IPv6(src=HOST, dst="2001:db8:ffff::9", hlim=1) / UDP(),
                  ICMPv6TimeExceeded, 0, {}),
    "port": (IPv6(src=HOST, dst=US) / UDP(dport=33434), ICMPv6DestUnreach, 4, {}),
    "next header": (IPv6(src=HOST, dst=US, nh=253) / Raw(b"z" * 8),
                    ICMPv6ParamProblem, 1, {"ptr": 6}),
    "next header behind options": (
        IPv6(src=HOST, dst=US) / IPv6ExtHdrDestOpt(nh=253) / Raw(b"z" * 8),
        ICMPv6ParamProblem, 1, {"ptr": 40}),
    "too big": (IPv6(src=HOST, dst="2001:db8:ffff::9") / UDP() / BIG,
                ICMPv6PacketTooBig, 0, {"mtu": 1500}),
    "too big for the tunnel": (IPv6(src=HOST, dst=FAR) / UDP() / BIG,
                               ICMPv6PacketTooBig, 0, {"mtu": 1400}),
}


@pytest.mark.parametrize("mode", ["economical", "circuit-based"])
@pytest.mark.parametrize("name", sorted(ERRORS))
def test_a_drop_is_told_to_its_sender(router, name, mode):  # RFC 4443 3
    packet, kind, code, fields = ERRORS[name]
    result, lan, wan = send(router, packet, conf=config(mode=mode))
    assert result["originated"] == len(lan) == 1 and wan == []
    ip = lan[0][IPv6]
    assert (ip.src, ip.dst) == (US, HOST)
    error = ip[kind]
    assert error.code == code
    assert {f: getattr(error, f) for f in fields} == fields
    # as much of it as the least MTU holds (2.4 c), hop limit lowered or not
    quoted = bytearray(bytes(error.payload))
    was = bytearray(bytes(packet)[:1232])
    quoted[7] = was[7] = 0
    assert quoted == was and ip.plen + 40 <= 1280


SILENT = {
    "about an error": IPv6(src=HOST, dst="2001:db8:dead::1")
    / ICMPv6DestUnreach() / IPv6() / UDP(),
    "about a fragment": IPv6(src=HOST, dst="2001:db8:dead::1")
    / IPv6ExtHdrFragment(offset=9, nh=17) / Raw(b"f" * 80),
    "from nobody": IPv6(src="::", dst="2001:db8:dead::1") / UDP(),
    "from a group": IPv6(src="ff02::1", dst="2001:db8:dead::1") / UDP(),
    "from us": IPv6(src=US, dst="2001:db8:dead::1") / UDP(),
    "an echo whose sum is wrong": IPv6(src=HOST, dst=US) / ICMPv6EchoRequest(cksum=1),
}


@pytest.mark.parametrize("name", sorted(SILENT))
def test_it_is_silent(router, name):  # RFC 4443 2.4 (e)
    result, lan, wan = send(router, SILENT[name])
    assert result["originated"] == 0 and lan == wan == []


@pytest.mark.parametrize("mode", ["economical", "circuit-based"])
def test_a_ping_through_the_tunnel_and_back(router, mode):
    far = lab.sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    pings = [far.encrypt(IPv6(src=FAR, dst=US) / ICMPv6EchoRequest(seq=i))
             for i in range(20)]
    result, _, wan = send(router, *pings, conf=config(mode=mode), port="2/1")
    assert result["originated"] == len(wan) == 20
    near = lab.sa()
    for i, frame in enumerate(wan):
        inner = near.decrypt(IP(bytes(frame[IP])))
        assert isinstance(inner, IPv6) and (inner.src, inner.dst) == (US, FAR)
        assert inner[ICMPv6EchoReply].seq == i


def test_a_router_that_is_up_pings_ipv6(router):
    router.up(config())
    out = router.cli("ping 2001:db8:1::1 count 2 interval 0")
    assert "2 packets transmitted, 2 packets received" in out
    assert "64 bytes" not in out and "100 bytes from 2001:db8:1::1" in out
    out = router.cli("ping 2001:db8:2::9 count 2 interval 0 timeout 20")
    assert "Request timeout for icmp_seq 2" in out
    sealed = sum(s["packets"] for s in router.show("ipsec sa")["sas"]
                 if s["direction"] == "out")
    assert sealed == 2


def test_what_is_heard_of_a_path_limits_its_sa(router):  # RFC 8201, RFC 4301 8.2.1
    outer = IPv6(src="2001:db8:ffff::1", dst="2001:db8:ffff::2", nh=50, plen=1420)
    outer = outer / Raw((0x1001).to_bytes(4, "big") + bytes(4))
    error = (IPv6(src="2001:db8:ffff::9", dst="2001:db8:ffff::1")
             / ICMPv6PacketTooBig(mtu=1300) / outer)
    frames = []
    for i, p in enumerate([IPv6(src=HOST, dst=FAR) / UDP() / Raw(b"b" * 1300)] * 2):
        frames.append(Ether(bytes(Ether(dst="02:00:00:00:00:01") / p)))
        frames[-1].time = 1700000000 + 10 * i
    heard = Ether(bytes(Ether(dst="02:00:00:00:00:01") / error))
    heard.time = 1700000001
    result, _ = router.replay(
        config(outer6=True), "--in", f"1/1={router.capture('a.pcap', frames)}",
        "--in", f"2/1={router.capture('b.pcap', [heard])}", "--out", "1/1=lan.pcap",
        "--round-packets", "1", "--rounds-open", "1")
    assert result["dropped"] == {"mtu-exceeded": 1}
    # never below what every path carries: then it is cut outside (RFC 4301 8.2.1)
    assert lab.read(router.path / "lan.pcap")[0][ICMPv6PacketTooBig].mtu == 1280
