"""Plain routing, and a named fate for everything that is not routed."""

import pytest
from scapy.all import (ARP, ICMP, IP, UDP, Dot1Q, Ether, Raw, CookedLinux,
                       wrpcap)

import lab

E = dict(src="02:00:00:00:00:05", dst="02:00:00:00:00:01")


def run(router, frames, conf=None, *args):
    result, done = router.replay(conf or lab.config(), "--in",
                                 f"1/1={router.capture('in.pcap', frames)}",
                                 "--out", "2/1=out.pcap", *args)
    assert lab.balanced(result)
    return result


def test_a_plain_packet_crosses_once_with_ttl_checksum_and_macs(router):
    frames = [Ether(**E) / IP(src="10.1.0.5", dst=f"192.0.2.{100 + i}", ttl=9)
              / UDP() / Raw(b"x" * i) for i in range(20)]
    result = run(router, frames)
    out = lab.read(router.path / "out.pcap")
    assert result["backplane"]["crossings"] == 20
    for i, (frame, was) in enumerate(zip(out, frames, strict=True)):
        assert lab.ip_bytes(frame) == lab.lowered(lab.ip_bytes(Ether(bytes(was))))
        # contract: an unresolved neighbour is 02:00 and the next hop's octets
        assert frame.dst == f"02:00:c0:00:02:{100 + i:02x}"
        assert frame.src.startswith("02:5e:") and frame.src.endswith(":02:01")


def bad_checksum():
    p = IP(src="10.1.0.5", dst="10.2.0.7") / UDP()
    return IP(bytes(p)[:10] + b"\x12\x34" + bytes(p)[12:])


FATES = {
    "ttl-expired": Ether(**E) / IP(src="10.1.0.5", dst="10.2.0.7", ttl=1) / UDP(),
    "no-route": Ether(**E) / IP(src="10.1.0.5", dst="203.0.113.1") / UDP(),
    "bad-checksum": Ether(**E) / bad_checksum(),
    "arp": Ether(**E) / ARP(),
    "unknown-protocol": Ether(**E, type=0x88b5) / Raw(b"local experiment"),
    "unknown-vlan": Ether(**E) / Dot1Q(vlan=9) / IP(dst="10.2.0.7") / UDP(),
    "bad-ip-header": Ether(**E) / IP(src="10.1.0.5", dst="10.2.0.7", len=19) / UDP(),
    "truncated": Ether(**E) / IP(src="10.1.0.5", dst="10.2.0.7", len=500) / UDP(),
    "martian-address": Ether(**E) / IP(src="127.0.0.1", dst="10.2.0.7") / UDP(),
    "mtu-exceeded": Ether(**E) / IP(src="10.1.0.5", dst="10.2.0.7", flags="DF") / UDP()
    / Raw(b"x" * 1473),
    "frame-too-long": Ether(**E) / IP(src="10.1.0.5", dst="10.2.0.7") / UDP()
    / Raw(b"x" * 12000),
}


@pytest.mark.parametrize("reason", sorted(FATES))
def test_each_fate_has_its_name(router, reason):
    result = run(router, [FATES[reason]] * 3)
    assert result["dropped"] == {reason: 3}, result["dropped"]
    # the router says so where RFC 1812 obliges it (test_own.py)
    said = 3 if reason in ("no-route", "ttl-expired", "mtu-exceeded") else 0
    assert result["originated"] == result["transmitted"] == said


def test_what_is_for_the_router_is_punted(router):
    frames = [Ether(**E) / IP(src="10.1.0.5", dst="10.1.0.1") / ICMP()] * 4
    result = run(router, frames)
    assert result["punted"] == 4 and result["dropped"] == {}
    assert result["originated"] == 4  # replies


def test_a_pvc_strips_and_adds_its_tag(router):
    conf = """context local
 interface a
  ip address 10.1.0.1/16
 interface b
  ip address 10.3.0.1/16
card ge-10-port 1
port ethernet 1/1
 no shutdown
 encapsulation dot1q
 dot1q pvc 100
  bind interface a local
port ethernet 1/2
 no shutdown
 encapsulation dot1q
 dot1q pvc 200
  bind interface b local
end
"""
    frames = [Ether(**E) / Dot1Q(vlan=100) / IP(src="10.1.0.5", dst="10.3.0.7") / UDP()
              / Raw(bytes(range(30))) for _ in range(5)]
    result, _ = router.replay(conf, "--in", f"1/1={router.capture('in.pcap', frames)}",
                              "--out", "1/2=out.pcap")
    out = lab.read(router.path / "out.pcap")
    assert len(out) == 5 and all(f[Dot1Q].vlan == 200 for f in out)
    # both ports on one card: no crossing, one card-local hop
    assert result["backplane"]["crossings"] == 0
    assert result["backplane"]["card_local"] == 5


def test_raw_ip_and_cooked_captures_come_out_as_ethernet(router):
    inner = IP(src="10.1.0.5", dst="192.0.2.9") / UDP() / Raw(b"hello")
    wrpcap(str(router.path / "raw.pcap"), [inner] * 3, linktype=101)
    wrpcap(str(router.path / "sll.pcap"), [CookedLinux(proto=0x800) / inner] * 3,
           linktype=113)
    for name in ("raw.pcap", "sll.pcap"):
        router.replay(lab.config(), "--in", f"1/1={router.path / name}",
                      "--out", "2/1=out.pcap")
        out = lab.read(router.path / "out.pcap")
        assert [lab.ip_bytes(f) for f in out] == [lab.lowered(bytes(inner))] * 3


def test_strict_mac_refuses_other_stations(router):
    frames = [Ether(**E) / IP(src="10.1.0.5", dst="192.0.2.9") / UDP()] * 2
    result, _ = router.replay(lab.config(), "--in",
                              f"1/1={router.capture('in.pcap', frames)}", "--strict-mac")
    assert result["dropped"] == {"bad-mac": 2}


def test_mixed_paths_leave_in_order_of_arrival(router):
    """Plain packets overtake sealed ones inside, and yet not at the port."""
    frames = lab.packets(1500, seed=31, sizes=(40, 200))
    for i, f in enumerate(frames):
        if i % 3 == 0:
            f[IP].dst = "192.0.2.77"
            del f[IP].chksum
            frames[i] = Ether(bytes(f))
            frames[i].time = f.time
    run(router, frames, None, "--round-packets", "64")
    times = [float(f.time) for f in lab.read(router.path / "out.pcap")]
    assert len(times) == 1500 and times == sorted(times)


def test_two_inputs_are_merged_by_capture_time(router):
    a = lab.packets(300, seed=32, dst="192.0.2.70")
    b = lab.packets(300, seed=33, src="10.3.0.5", dst="192.0.2.71")
    for i, f in enumerate(b):
        f.time = float(a[i].time) + 0.0005
    conf = lab.config(extra_context=" interface lan3\n  ip address 10.3.0.1/16\n",
                      extra="port ethernet 1/3\n no shutdown\n bind interface lan3 local\n")
    result, _ = router.replay(conf, "--in", f"1/1={router.capture('a.pcap', a)}",
                              "--in", f"1/3={router.capture('b.pcap', b)}",
                              "--out", "2/1=out.pcap")
    out = lab.read(router.path / "out.pcap")
    assert [f[IP].src for f in out] == ["10.1.0.5", "10.3.0.5"] * 300
