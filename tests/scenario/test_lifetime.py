"""How long an SA lives, and which numbers it takes: anti-replay windows, extended
sequence numbers, lifetimes by time and by octets."""

import copy
import hmac
import json

import pytest
from scapy.all import ESP, IP, Ether

import lab


def with_sa(conf, name, *lines):
    """The configuration with lines in the mode of an ipsec sa."""
    head = f" ipsec sa {name}\n"
    assert head in conf
    return conf.replace(head, head + "".join(f"  {line}\n" for line in lines))


def to_pe2(sealer, frames, seqs=None):
    """The frames sealed by scapy; seqs: the sequence number of each."""
    out = []
    for i, was in enumerate(frames):
        esp = sealer.encrypt(IP(lab.ip_bytes(was)),
                             seq_num=None if seqs is None else seqs[i])
        frame = Ether(src="02:00:00:00:00:09", dst="02:00:00:00:00:02") / esp
        frame.time = was.time
        out.append(frame)
    return out


@pytest.mark.parametrize("window", [1, 32, 64, 77, 1000, 4096])
def test_a_window_takes_what_it_holds_and_nothing_beyond(router, window):
    # RFC 4303 section 3.4.3
    frames = lab.packets(4, seed=60)
    top = 10000
    seqs = [top, top - window + 1, top - window, top]
    sent = to_pe2(lab.sa(), frames, seqs)
    result, _ = router.replay(
        with_sa(lab.peer(), "in", f"anti-replay-window {window}"),
        "--in", f"2/1={router.capture('in.pcap', sent)}")
    gone = 3 if window == 1 else 2  # the left edge of a window of 1 is the top
    assert result["transmitted"] == 4 - gone
    assert result["dropped"] == {"replay": gone}


def test_without_a_window_a_replay_passes(router):
    sent = to_pe2(lab.sa(), lab.packets(5, seed=61))
    again = copy.deepcopy(sent)
    for frame in again:
        frame.time += 1
    result, _ = router.replay(
        with_sa(lab.peer(), "in", "anti-replay-window off"),
        "--in", f"2/1={router.capture('in.pcap', sent + again)}")
    assert result["transmitted"] == 10 and result["dropped"] == {}


def with_icv(frame, behind):
    """The frame with HMAC-SHA1-96 made anew, octets behind the text: scapy
    leaves the high half of ESP's number out (RFC 4303 section 2.2.1)."""
    esp = bytes(frame[ESP])[:-12]
    icv = hmac.new(lab.SHA1_KEY, esp + behind, "sha1").digest()[:12]
    out = Ether(bytes(frame)[:34] + esp + icv)
    out.time = frame.time
    return out


HIGH = bytes(4)


def opened(opener, frame, algorithm):
    if algorithm == "cbc-sha1":
        assert bytes(with_icv(frame, HIGH)) == bytes(frame)
        frame = with_icv(frame, b"")
    return bytes(opener.decrypt(frame[IP]))


@pytest.mark.parametrize("algorithm", ["cbc-sha1", "gcm"])
def test_extended_numbers_open_with_scapy_and_back(router, algorithm):
    # RFC 4303 section 2.2.1: implicit in the ICV; RFC 4106 section 5: in the AAD
    frames = lab.packets(60, seed=62)
    esn = dict(esn_en=True, esn=0)
    router.replay(with_sa(lab.config(algorithm=algorithm), "out",
                          "extended-sequence-number"),
                  "--in", f"1/1={router.capture('in.pcap', frames)}",
                  "--out", "2/1=wan.pcap")
    opener = lab.sa(algorithm, **esn)
    sealed = lab.read(router.path / "wan.pcap")
    for frame, was in zip(sealed, frames, strict=True):
        assert opened(opener, frame, algorithm) == lab.lowered(lab.ip_bytes(was))
    # Without them the same octets do not open: the high half counts.
    sent = to_pe2(lab.sa(algorithm, **esn), frames)
    if algorithm == "cbc-sha1":
        sent = [with_icv(f, HIGH) for f in sent]
    result, _ = router.replay(lab.peer(algorithm=algorithm),
                              "--in", f"2/1={router.capture('sent.pcap', sent)}")
    assert result["dropped"] == {"integrity": 60}
    result, _ = router.replay(
        with_sa(lab.peer(algorithm=algorithm), "in", "extended-sequence-number"),
        "--in", "2/1=sent.pcap", "--out", "1/1=out.pcap")
    assert result["transmitted"] == 60
    for frame, was in zip(lab.read(router.path / "out.pcap"), frames, strict=True):
        assert lab.ip_bytes(frame) == lab.lowered(lab.ip_bytes(was))


def test_octets_end_an_sa_and_only_what_passes_counts(router):
    frames = lab.packets(40, seed=63, sizes=(1024, 1024))
    sent = to_pe2(lab.sa(), frames)
    forged = []
    for frame in sent:
        raw = bytearray(bytes(frame))
        raw[-1] ^= 1
        bad = Ether(bytes(raw))
        bad.time = frame.time - 0.0005
        forged.append(bad)
    both = [f for pair in zip(forged, sent) for f in pair]
    result, _ = router.replay(
        with_sa(lab.peer(), "in", "lifetime kilobytes 10"),
        "--in", f"2/1={router.capture('in.pcap', both)}")
    assert result["transmitted"] == 10
    # Why one is refused that came with the last good ones is left open.
    dropped = result["dropped"]
    assert set(dropped) <= {"integrity", "sa-expired"} and sum(dropped.values()) == 70
    assert dropped["integrity"] >= 10 and dropped["sa-expired"] >= 30
    assert lab.balanced(result)


@pytest.mark.parametrize("mode", ["circuit-based", "economical"])
def test_time_ends_an_sa_by_the_clock_of_the_capture(router, mode):
    frames = lab.packets(100, seed=64)
    for i, frame in enumerate(frames):
        frame.time = 1700000000 + i
    result, done = router.replay(
        with_sa(lab.config(mode=mode), "out", "lifetime seconds 60",
                "lifetime soft percent 50"),
        "--in", f"1/1={router.capture('in.pcap', frames)}", "--out", "2/1=wan.pcap")
    assert result["transmitted"] == 60 and result["dropped"] == {"sa-expired": 40}
    assert "lifetime soft limit" in done.stderr
    assert "lifetime hard limit, SA ended" in done.stderr
    assert [f[ESP].seq for f in lab.read(router.path / "wan.pcap")] == \
        list(range(1, 61))


def test_a_live_sa_ends_without_traffic_and_shows_it(router):
    router.up(with_sa(lab.config(), "out", "lifetime seconds 1",
                      "extended-sequence-number", "anti-replay-window 100"))
    out = lab.until(lambda: next(
        (s for s in router.show("ipsec sa")["sas"]
         if s["direction"] == "out" and s["life"] == "ended"), None))
    assert out["left_s"] == 0 and out["extended_sequence_number"]
    assert out["replay_window"] == 100 and out["counters"]["life-reached"] == 3
    assert out["left_octets"] is None and out["age_s"] >= 1


def test_a_changed_lifetime_keeps_age_and_window(router):
    conf = with_sa(lab.config(), "in", "lifetime kilobytes 100")
    router.up(conf)
    router.cli("configure", "context local", "ipsec sa in",
               "lifetime kilobytes 50", "end")
    sas = json.loads(router.cli("show ipsec sa | json"))["sas"]
    assert [s["left_octets"] for s in sas if s["name"] == "in"] == [51200]
