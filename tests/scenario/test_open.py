"""What scapy seals, sesim opens; what is wrong has a named fate."""

import pytest
from scapy.all import IP, Ether

import lab


def sealed_frames(n, algorithm="cbc-sha1", seed=20, **kw):
    """n packets sealed by scapy towards pe2, with the clear packets."""
    sealer = lab.sa(algorithm)
    frames, clear = [], []
    for was in lab.packets(n, seed=seed, **kw):
        inner = IP(lab.ip_bytes(was))
        out = Ether(src="02:00:00:00:00:09", dst="02:00:00:00:00:02") / \
            sealer.encrypt(inner)
        out.time = was.time
        frames.append(out)
        clear.append(bytes(inner))
    return frames, clear


@pytest.mark.parametrize("algorithm", sorted(lab.ALGORITHMS))
@pytest.mark.parametrize("mode", ["circuit-based", "economical"])
def test_scapys_packets_are_opened_in_order(router, mode, algorithm):
    frames, clear = sealed_frames(80, algorithm)
    result, _ = router.replay(
        lab.peer(mode=mode, algorithm=algorithm),
        "--in", f"2/1={router.capture('in.pcap', frames)}", "--out", "1/1=out.pcap")
    assert lab.balanced(result) and result["transmitted"] == 80
    for frame, was in zip(lab.read(router.path / "out.pcap"), clear, strict=True):
        assert lab.ip_bytes(frame) == lab.lowered(was)
    crossings = 3 if mode == "circuit-based" else 2
    assert result["backplane"]["crossings"] == 80 * crossings
    assert result["backplane"]["card_local"] == 0


def test_a_replayed_packet_is_dropped_as_replay(router):  # RFC 4303 section 3.4.3
    frames, _ = sealed_frames(20)
    for i, f in enumerate(again := [f.copy() for f in frames]):
        f.time = frames[-1].time + 1 + i / 1000
    result, _ = router.replay(lab.peer(), "--in",
                              f"2/1={router.capture('in.pcap', frames + again)}",
                              "--out", "1/1=out.pcap")
    assert result["dropped"] == {"replay": 20} and result["transmitted"] == 20


def test_a_changed_octet_is_dropped_as_integrity(router):
    frames, _ = sealed_frames(30)
    for i, f in enumerate(frames):
        raw = bytearray(bytes(f))
        raw[14 + 20 + 8 + i] ^= 1  # in IV or text
        changed = Ether(bytes(raw))
        changed.time = f.time
        frames[i] = changed
    result, _ = router.replay(lab.peer(), "--in",
                              f"2/1={router.capture('in.pcap', frames)}",
                              "--out", "1/1=out.pcap")
    assert result["dropped"] == {"integrity": 30}


def test_an_unknown_spi_is_no_sa(router):
    sealer = lab.sa(spi=0x9999)
    frames = [Ether(dst="02:00:00:00:00:02") / sealer.encrypt(IP(lab.ip_bytes(p)))
              for p in lab.packets(5)]
    result, _ = router.replay(lab.peer(), "--in",
                              f"2/1={router.capture('in.pcap', frames)}")
    assert result["dropped"] == {"no-sa": 5}


@pytest.mark.parametrize("mode", ["circuit-based", "economical"])
def test_there_and_back_equals_the_input(router, mode):
    frames = lab.packets(200, seed=22)
    router.replay(lab.config(mode=mode), "--in",
                  f"1/1={router.capture('in.pcap', frames)}", "--out", "2/1=wan.pcap")
    router.replay(lab.peer(mode=mode), "--in", "2/1=wan.pcap", "--out", "1/1=out.pcap")
    for frame, was in zip(lab.read(router.path / "out.pcap"), frames, strict=True):
        assert lab.ip_bytes(frame) == lab.lowered(lab.ip_bytes(was), 2)
