"""What sesim seals, scapy opens: packet by packet, in order, both modes."""

import pytest
from scapy.all import ESP, IP, Ether

import lab

CROSSINGS = {"circuit-based": (2, 2), "economical": (2, 0)}


@pytest.mark.parametrize("transport", ["ipc", "inproc", "tcp"])
@pytest.mark.parametrize("mode", ["circuit-based", "economical"])
def test_sealed_packets_open_with_scapy_in_order(router, mode, transport):
    frames = lab.packets(300, seed=7)
    result, _ = router.replay(
        lab.config(mode=mode), "--in", f"1/1={router.capture('in.pcap', frames)}",
        "--out", "2/1=out.pcap", "--transport", transport)
    assert lab.balanced(result)
    assert result["transmitted"] == 300 and result["dropped"] == {}
    sealed = lab.read(router.path / "out.pcap")
    opener = lab.sa()
    assert len(sealed) == 300
    for i, (frame, was) in enumerate(zip(sealed, frames)):
        assert frame[IP].src == "192.0.2.1" and frame[IP].dst == "192.0.2.2"
        assert frame[IP].ttl == 64
        assert frame[ESP].spi == 0x1001 and frame[ESP].seq == i + 1
        assert abs(float(frame.time) - float(was.time)) < 1e-6
        clear = opener.decrypt(frame[IP])
        assert bytes(clear) == lab.lowered(lab.ip_bytes(was))


@pytest.mark.parametrize("algorithm", sorted(lab.ALGORITHMS))
def test_every_algorithm_opens_with_scapy(router, algorithm):
    frames = lab.packets(60, seed=8)
    router.replay(lab.config(algorithm=algorithm), "--in",
                  f"1/1={router.capture('in.pcap', frames)}", "--out", "2/1=out.pcap")
    opener = lab.sa(algorithm)
    for frame, was in zip(lab.read(router.path / "out.pcap"), frames, strict=True):
        assert bytes(opener.decrypt(frame[IP])) == lab.lowered(lab.ip_bytes(was))


@pytest.mark.parametrize("mode", ["circuit-based", "economical"])
def test_crossings_are_those_of_the_documents(router, mode):
    frames = lab.packets(50, seed=9)
    result, _ = router.replay(lab.config(mode=mode), "--in",
                              f"1/1={router.capture('in.pcap', frames)}",
                              "--out", "2/1=out.pcap")
    crossings, local = CROSSINGS[mode]
    assert result["backplane"]["crossings"] == 50 * crossings
    assert result["backplane"]["card_local"] == 50 * local
    assert result["tunnels"]["branch"]["mode"] == mode
    assert result["tunnels"]["branch"]["out_packets"] == 50


def test_no_iv_and_no_sequence_number_repeats(router):
    frames = lab.packets(400, seed=10, sizes=(20, 60))
    router.replay(lab.config(algorithm="gcm"), "--in",
                  f"1/1={router.capture('in.pcap', frames)}", "--out", "2/1=out.pcap")
    sealed = lab.read(router.path / "out.pcap")
    assert len({f[ESP].seq for f in sealed}) == 400
    assert len({bytes(f[ESP].data[:8]) for f in sealed}) == 400
