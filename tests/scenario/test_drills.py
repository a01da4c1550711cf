"""Attack drills: what somebody on the way does to sealed packets. Every drill is
one run of the router; whatever is not genuine is dropped for a reason, what is
genuine still arrives, in order (RFC 4303 section 3.4)."""

import itertools
import random

import pytest
from scapy.all import IP, UDP, Ether, Raw

import lab

# Every suite, and both modes twice.
SUITES = list(zip(sorted(lab.ALGORITHMS), itertools.cycle(("circuit-based", "economical"))))
suites = pytest.mark.parametrize("algorithm,mode", SUITES)
WINDOW = 64  # the default


def sealed(algorithm, n, first=1):
    """n clear packets from the far side, and each as its router seals it."""
    sa = lab.sa(algorithm, spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    out = []
    for i in range(n):
        clear = (IP(src="10.2.0.7", dst="10.1.0.5", id=i) / UDP(sport=i + 1, dport=9)
                 / Raw(bytes([i & 255]) * 24))
        out.append((bytes(clear), sa.encrypt(IP(bytes(clear)), seq_num=first + i)))
    return out


def octets(packet):
    return bytearray(bytes(packet))


def fixed(raw):
    """The packet with its outer length and checksum right again."""
    raw = bytearray(raw)
    raw[2:4] = len(raw).to_bytes(2, "big")
    raw[10:12] = b"\0\0"
    total = sum(int.from_bytes(raw[i:i + 2], "big") for i in range(0, 20, 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    raw[10:12] = (total ^ 0xffff).to_bytes(2, "big")
    return bytes(raw)


def frames_of(packets):
    out = []
    for n, raw in enumerate(packets):
        f = Ether(src="02:00:00:00:00:02", dst="02:00:00:00:00:01",
                  type=0x0800) / Raw(bytes(raw))
        f.time = 1700000000 + n / 1000
        out.append(f)
    return out


def attack(router, algorithm, mode, packets):
    """Sends octets of outer packets in at the outside; what came out inside."""
    result, _ = router.replay(
        lab.config(mode=mode, algorithm=algorithm), "--in",
        f"2/1={router.capture('in.pcap', frames_of(packets))}", "--out", "1/1=out.pcap",
        "--out", "2/1=back.pcap")
    assert lab.balanced(result), result
    inside = [lab.ip_bytes(f) for f in lab.read(router.path / "out.pcap") if IP in f]
    return result["dropped"], inside


def arrived(clear):
    return [lab.lowered(c) for c in clear]


@suites
def test_every_packet_replayed(router, algorithm, mode):
    genuine = sealed(algorithm, 80)
    # At once, twice in a row, and all of them again at the end.
    packets = [p for _, s in genuine for p in (s, s, s)] + [s for _, s in genuine]
    dropped, inside = attack(router, algorithm, mode, packets)
    assert dropped == {"replay": 3 * len(genuine)}
    assert inside == arrived(c for c, _ in genuine)


@suites
def test_reordered_inside_the_window(router, algorithm, mode):
    genuine = sealed(algorithm, 4 * WINDOW)
    rnd = random.Random(7)
    mixed = []
    for at in range(0, len(genuine), WINDOW // 2):
        block = genuine[at:at + WINDOW // 2]
        rnd.shuffle(block)
        mixed += block
    dropped, inside = attack(router, algorithm, mode, [s for _, s in mixed])
    assert dropped == {}
    assert inside == arrived(c for c, _ in mixed)


@suites
def test_reordered_beyond_the_window(router, algorithm, mode):
    genuine = sealed(algorithm, 2 * WINDOW + 10)
    # The last comes first: everything that it leaves behind the window is late.
    mixed = [genuine[-1]] + genuine[:-1]
    dropped, inside = attack(router, algorithm, mode, [s for _, s in mixed])
    late = len(genuine) - WINDOW
    assert dropped == {"replay": late}
    assert inside == arrived(c for c, _ in [mixed[0]] + mixed[1 + late:])


@suites
def test_a_bit_flipped_in_every_octet(router, algorithm, mode):
    (clear, whole), (after, last) = sealed(algorithm, 2)
    raw = octets(whole)
    forged = []
    for at in range(len(raw)):
        bad = raw.copy()
        bad[at] ^= 1 << at % 8
        forged.append(bytes(bad))
    # The same behind an outer header whose length and checksum are right.
    forged += [fixed(bad) for bad in forged[20:]]
    dropped, inside = attack(router, algorithm, mode, forged + [whole, last])
    assert inside == arrived([clear, after])
    assert sum(dropped.values()) == len(forged), dropped
    # Behind the outer header the ICV says it, or SPI and number before it.
    assert dropped["integrity"] >= 2 * (len(raw) - 20 - 8)
    assert dropped["no-sa"] == 8


@suites
def test_cut_wrong_and_forged_packets(router, algorithm, mode):
    genuine = sealed(algorithm, 20)
    raw = octets(genuine[0][1])
    forged = {
        # Every length down to the bare outer header.
        "cut": [fixed(raw[:n]) for n in range(20, len(raw))],
        "longer": [fixed(raw + bytes(n)) for n in (1, 2, 3, 4, 8, 16, 64)],
        "wrong SPI": [fixed(raw[:20] + spi.to_bytes(4, "big") + raw[24:])
                      for spi in (0, 1, 255, 0x1001, 0x2000, 0x2002, 0xffffffff)],
        # Numbers that would move the window to its end, if they counted.
        "high number": [fixed(raw[:24] + seq.to_bytes(4, "big") + raw[28:])
                        for seq in (21, 100, 1 << 31, (1 << 32) - 1)],
        "number zero": [fixed(raw[:24] + bytes(4) + raw[28:])],
        "ICV of zeros": [fixed(raw[:-16] + bytes(16))],
        "another's ICV": [fixed(raw[:-12] + octets(genuine[1][1])[-12:])],
    }
    packets, n = [], 0
    for (_, s), lot in itertools.zip_longest(genuine, forged.values(), fillvalue=()):
        packets += list(lot) + [s]
        n += len(lot)
    dropped, inside = attack(router, algorithm, mode, packets)
    assert inside == arrived(c for c, _ in genuine), dropped
    assert sum(dropped.values()) == n, dropped
    assert dropped["no-sa"] == len(forged["wrong SPI"])
    assert set(dropped) <= {"integrity", "no-sa", "replay", "bad-esp-length"}, dropped
    assert dropped["integrity"] >= len(forged["high number"]) + 2


def test_the_numbers_of_a_drill_are_on_the_sa(router):
    """Counted for the SA, and neither window nor count moved by a forged packet."""
    genuine = sealed("gcm", 3)
    raw = octets(genuine[0][1])
    forged = fixed(raw[:24] + b"\xff" * 4 + raw[28:])
    packets = [forged] + [s for _, s in genuine] + [genuine[0][1]]
    result, _ = router.replay(
        lab.config(algorithm="gcm"), "--in",
        f"2/1={router.capture('in.pcap', frames_of(packets))}", "--out", "1/1=out.pcap")
    assert result["dropped"] == {"integrity": 1, "replay": 1}
    assert result["tunnels"]["branch"]["in_packets"] == 3
