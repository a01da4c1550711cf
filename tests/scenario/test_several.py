"""Several cards whose packets meet in one SA: its sequence numbers are those of
the order of arrival at the router, whatever is chance inside, and what comes in by
several cards is opened in that order (RFC 4303 section 3.4.3)."""

import random
import struct

import pytest
from scapy.all import IP, UDP, Ether, Raw

import lab

E = dict(src="02:00:00:00:00:05", dst="02:00:00:00:00:01")
MODES = ("circuit-based", "economical")


def config(mode, two="lan"):
    """lab.config() with a second LAN, or a second WAN, on a card of its own."""
    net = "10.3.0.1/16" if two == "lan" else "198.51.100.1/24"
    return (lab.config(mode=mode)
            .replace(" interface wan\n", f" interface more\n  ip address {net}\n"
                     " interface wan\n")
            .replace("card ge-10-port 2\n", "card ge-10-port 2\ncard ge-10-port 4\n")
            .replace("port ethernet 2/1\n", "port ethernet 4/1\n no shutdown\n"
                     " bind interface more local\nport ethernet 2/1\n", 1))


def load(n, seed, src, first_us):
    rnd = random.Random(seed)
    out = []
    for i in range(n):
        f = Ether(bytes(Ether(**E) / IP(src=src, dst="10.2.0.7", id=i)
                        / UDP(sport=seed, dport=1) / Raw(rnd.randbytes(rnd.randint(8, 40)))))
        f.time = 1700000000 + (first_us + 1000 * i) / 10**6
        out.append(f)
    return out


def numbers(path):
    return [struct.unpack("!I", bytes(f[IP].payload)[4:8])[0] for f in lab.read(path)]


@pytest.mark.parametrize("mode", MODES)
def test_what_two_cards_bring_is_numbered_in_order_of_arrival(router, mode):
    one, two = load(600, 1, "10.1.0.5", 0), load(600, 2, "10.3.0.5", 500)
    args = ["--in", f"1/1={router.capture('one.pcap', one)}",
            "--in", f"4/1={router.capture('two.pcap', two)}", "--seed", "1"]
    for transport in ("ipc", "tcp", "inproc"):
        result, _ = router.replay(config(mode), *args, "--out", f"2/1={transport}.pcap",
                                  "--transport", transport)
        assert lab.balanced(result) and result["dropped"] == {}
    out = router.path / "ipc.pcap"
    assert numbers(out) == list(range(1, 1201))
    sa = lab.sa()
    opened = [IP(bytes(sa.decrypt(f[IP]))) for f in lab.read(out)]
    assert [(p.id, p[UDP].sport) for p in opened] == [
        (i, s) for i in range(600) for s in (1, 2)]
    for transport in ("tcp", "inproc"):  # and every run is the same
        assert (router.path / f"{transport}.pcap").read_bytes() == out.read_bytes()


@pytest.mark.parametrize("mode", MODES)
def test_what_comes_in_by_two_cards_is_opened_in_order_of_arrival(router, mode):
    """A window of 64 that packets by one card must not move past those by another."""
    sa = lab.sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    ways = ([], [])
    for i in range(1000):
        packet = IP(src="10.2.0.7", dst="10.1.0.5", id=i) / UDP(sport=1, dport=1)
        f = Ether(**E) / sa.encrypt(IP(bytes(packet)), seq_num=i + 1)
        f = Ether(bytes(f))
        f.time = 1700000000 + i / 1000
        ways[i % 2].append(f)
    result, _ = router.replay(
        config(mode, "wan"), "--in", f"2/1={router.capture('one.pcap', ways[0])}",
        "--in", f"4/1={router.capture('two.pcap', ways[1])}", "--out", "1/1=out.pcap")
    assert lab.balanced(result) and result["dropped"] == {}
    assert [f[IP].id for f in lab.read(router.path / "out.pcap")] == list(range(1000))
