"""Pools of a few buffers with every path in use do not lock up, and memory does
not grow with the capture."""

import os
import time

import pytest

import lab
from scapy.all import ARP, ICMP, IP, UDP, Ether, Raw
from test_open import sealed_frames

MORE = """ interface lan3
  ip address 10.3.0.1/16
 interface vpn2
  ip address 10.255.1.1/30
 ip route 10.4.0.0/16 vpn2
 ipsec sa out2
  esp spi 0x1003 %s
 ipsec sa in2
  esp spi 0x2003 %s
""" % (lab.ALGORITHMS["gcm"][0], lab.ALGORITHMS["gcm"][0])
MORE_PORTS = """port ethernet 1/3
 no shutdown
 bind interface lan3 local
tunnel ipsec branch2 manual
 asp-group grp
 mode economical
 peer-end-point local 192.0.2.1 remote 192.0.2.9 context local
 ipsec-sa out out2
 ipsec-sa in in2
 bind interface vpn2 local
 no shutdown
"""


def every_path(n):
    """Clear packets for both tunnels, for a port, for the router, and rubbish."""
    frames = []
    for i, f in enumerate(lab.packets(n, seed=50, sizes=(40, 1400))):
        f[IP].dst = ["10.2.0.7", "10.4.0.7", "192.0.2.50", "10.3.0.9", "10.1.0.1",
                     "203.0.113.5"][i % 6]
        del f[IP].chksum
        g = Ether(bytes(f))
        g.time = f.time
        frames.append(g)
    return frames


@pytest.mark.parametrize("transport", ["ipc", "inproc"])
@pytest.mark.parametrize("round_packets,rounds_open", [(1, 1), (3, 2), (7, 1)])
def test_tiny_pools_do_not_lock_up(router, transport, round_packets, rounds_open):
    sealed, _ = sealed_frames(200, seed=51)
    # the other end's packets come with this end's inbound SPI
    peer = lab.sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    sealed = []
    for was in lab.packets(200, seed=52, src="10.2.0.7", dst="10.1.0.5"):
        f = Ether(dst="02:00:00:00:00:02") / peer.encrypt(IP(lab.ip_bytes(was)))
        f.time = was.time
        sealed.append(f)
    result, _ = router.replay(
        lab.config(extra_context=MORE, extra=MORE_PORTS),
        "--in", f"1/1={router.capture('a.pcap', every_path(600))}",
        "--in", f"2/1={router.capture('b.pcap', sealed)}",
        "--out", "2/1=out.pcap", "--out", "1/1=back.pcap", "--out", "1/3=c.pcap",
        "--round-packets", str(round_packets), "--rounds-open", str(rounds_open),
        "--transport", transport, timeout=120)
    assert lab.balanced(result) and result["received"] == 800
    assert result["dropped"] == {"no-route": 100}
    # an ICMP error for each that has no route, and for each that nobody claims
    assert result["originated"] == 200
    assert result["punted"] == 100 and result["transmitted"] == 800
    assert len(lab.read(router.path / "back.pcap")) == 400


def test_one_seed_gives_one_capture_whatever_vectors_transports_and_engines(router):
    frames = every_path(500)
    path = router.capture("in.pcap", frames)
    seen = set()
    for transport, size, engine in (
            ("ipc", "1024", "auto"), ("ipc", "5", "openssl"),
            ("inproc", "64", "auto"), ("tcp", "200", "openssl"),
            ("ipc", "300", "auto")):
        router.replay(lab.config(extra_context=MORE, extra=MORE_PORTS),
                      "--in", f"1/1={path}", "--out", "2/1=out.pcap",
                      "--capture", "3/asp1:sealed=asp.pcap",
                      "--seed", "7", "--transport", transport,
                      "--engine", engine,
                      "--round-packets", size)
        seen.add(((router.path / "out.pcap").read_bytes(),
                  (router.path / "asp.pcap").read_bytes()))
    assert len(seen) == 1


def test_without_a_seed_two_runs_differ(router):
    path = router.capture("in.pcap", lab.packets(5))
    seen = set()
    for _ in range(2):
        router.replay(lab.config(), "--in", f"1/1={path}", "--out", "2/1=out.pcap")
        seen.add((router.path / "out.pcap").read_bytes())
    assert len(seen) == 2
