"""Security policy for IPv6: selectors behind extension headers, fragments that
hide their next layer, ICMPv6 types (RFC 4301 sections 4.4.1.1 and 7)."""

import pytest
from scapy.all import (ESP, IP, TCP, UDP, ICMPv6EchoRequest, ICMPv6PacketTooBig, IPv6,
                       IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                       PadN, Raw)

import lab
import test_ipv6
from test_policy import MODES, frames

LAN, FAR = "2001:db8:1::5", "2001:db8:2::7"
SITES = """ ipsec access-list sites
  seq 10 permit udp 2001:db8:1::/64 2001:db8:2::/64 port 53
  seq 20 permit icmpv6 2001:db8:1::/64 2001:db8:2::/64 icmp-type 128
  seq 30 permit udp 2001:db8:1::/64 2001:db8:2::100-2001:db8:2::1ff
  seq 40 permit opaque 2001:db8:1::/64 2001:db8:2::/64
  seq 50 permit ip 10.1.0.0/16 10.2.0.0/16
"""
PAD = PadN(optdata=b"\0" * 4)


def to(layer, dst=FAR, src=LAN):
    return IPv6(src=src, dst=dst) / layer


def dns():
    return UDP(sport=4000, dport=53) / Raw(b"d" * 20)


INSIDE = [
    to(dns()),
    to(IPv6ExtHdrHopByHop(options=[PAD]) / IPv6ExtHdrDestOpt(options=[PAD]) / dns()),
    to(ICMPv6EchoRequest(data=b"ping")),
    to(UDP(dport=9) / Raw(b"r"), dst="2001:db8:2::1ff"),
    # The first fragment shows its port; a later one behind further headers hides
    # even its protocol, and only the row for that takes it.
    to(IPv6ExtHdrFragment(m=1, id=3) / dns()),
    to(IPv6ExtHdrFragment(offset=5, id=3, nh=60) / Raw(b"z" * 16)),
    IP(src="10.1.0.5", dst="10.2.0.7") / TCP(dport=80),
]
OUTSIDE = [
    to(UDP(dport=54) / Raw(b"d")),
    to(IPv6ExtHdrDestOpt(options=[PAD]) / UDP(dport=54) / Raw(b"d")),
    to(ICMPv6PacketTooBig(mtu=1280) / Raw(b"p" * 40)),
    to(UDP(dport=9) / Raw(b"r"), dst="2001:db8:2::200"),
    to(TCP(dport=53)),
    # A later fragment of UDP: no row takes UDP without its port.
    to(IPv6ExtHdrFragment(offset=5, id=4, nh=17) / Raw(b"z" * 16)),
    IP(src="10.1.0.5", dst="10.3.0.7") / TCP(dport=80),
]


def config(mode):
    text = test_ipv6.config(mode, extra=SITES + " ip route 10.3.0.0/16 vpn\n")
    return text.replace(" bind interface vpn local\n",
                        " bind interface vpn local\n ipsec-access-list sites\n")


def inner(packet):
    octets = bytes(packet)
    return octets[:40 + packet.plen] if IPv6 in packet else octets


def whole(packet):
    """As it arrives: lengths and checksums written."""
    return packet.__class__(bytes(packet))


def lowered(packet):
    packet = whole(packet)
    if IP in packet:
        return lab.lowered(bytes(packet))
    packet.hlim -= 1
    return bytes(packet)


@pytest.mark.parametrize("mode", MODES)
def test_selectors_of_both_families_outbound(router, mode):
    ips = [p for pair in zip(OUTSIDE, INSIDE) for p in pair]
    result, _ = router.replay(
        config(mode), "--in", f"1/1={router.capture('in.pcap', frames(ips))}",
        "--out", "2/1=out.pcap", "--seed", "1")
    assert lab.balanced(result)
    assert result["dropped"] == {"selector-mismatch": len(OUTSIDE)}
    sa = lab.sa()
    out = [sa.decrypt(f[IP]) for f in lab.read(router.path / "out.pcap") if ESP in f]
    assert [inner(p) for p in out] == [lowered(p) for p in INSIDE]


def turned(packet):
    packet = whole(packet)
    packet.src, packet.dst = packet.dst, packet.src
    for layer in (UDP, TCP):
        if layer in packet:
            packet[layer].sport, packet[layer].dport = packet[layer].dport, packet[layer].sport
    return whole(packet)


@pytest.mark.parametrize("mode", MODES)
def test_selectors_of_both_families_inbound(router, mode):
    sa = lab.sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    good = [turned(p) for p in INSIDE]
    # And what is ours to send, or nobody's, however well it was sealed.
    bad = [turned(p) for p in OUTSIDE] + [
        whole(INSIDE[0]), whole(to(dns(), src="2001:db8:9::1", dst=LAN))]
    ips = [p for pair in zip(bad, good) for p in pair] + bad[len(good):]
    result, _ = router.replay(
        config(mode), "--in",
        f"2/1={router.capture('in.pcap', frames(sa.encrypt(p) for p in ips))}",
        "--out", "1/1=out.pcap", "--out", "2/1=back.pcap")
    assert lab.balanced(result)
    assert result["dropped"] == {"selector-mismatch": len(bad)}
    assert result["ports"]["1/1"]["tx_packets"] == len(good)


def test_a_selection_of_both_families(router):
    conf = test_ipv6.config("circuit-based", extra=(
        SITES + " ipsec access-list sites6\n"
        "  seq 10 permit ip 2001:db8:1::/64 2001:db8:7::/48\n"
        " ipsec access-list bypass6\n  seq 10 permit icmpv6 any any\n"
        " ipsec selection outside\n  seq 10 protect tunnel branch access-list sites6\n"
        "  seq 20 bypass access-list bypass6\n"
        " ipv6 route ::/0 2001:db8:ffff::fe\n"))
    conf = conf.replace("  ip address 192.0.2.1/24\n",
                        "  ip address 192.0.2.1/24\n  ipsec apply-selection outside\n")
    protected = to(dns(), dst="2001:db8:7::9")
    bypassed = to(ICMPv6EchoRequest(), dst="2001:db8:8::9")
    ips = [protected, bypassed, to(dns(), dst="2001:db8:8::9"),
           IP(src="10.1.0.5", dst="192.0.2.9") / UDP(dport=53)]
    result, _ = router.replay(
        conf, "--in", f"1/1={router.capture('in.pcap', frames(ips))}",
        "--out", "2/1=out.pcap", "--seed", "1")
    assert lab.balanced(result)
    assert result["dropped"] == {"spd-discard": 2}
    out = lab.read(router.path / "out.pcap")
    assert [inner(lab.sa().decrypt(f[IP])) for f in out if ESP in f] == [lowered(protected)]
    assert [inner(f[IPv6]) for f in out if IPv6 in f] == [lowered(bypassed)]
