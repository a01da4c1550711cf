"""Signals and deaths in the middle of a run: outputs stay valid, what was lost is
said, nothing stays behind."""

import json
import os
import signal
import struct
import time

import pytest
from scapy.all import ICMP, IP, UDP, Ether

import lab


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    """40,000 packets over 40 seconds of capture time, made from 200; what the
    router says to some of them leads into the tunnel."""
    frames = lab.packets(200, seed=40, sizes=(60, 300))
    far = {"src": "10.2.0.7"}
    for i in range(0, 200, 8):
        frames[i] = Ether() / IP(**far, dst="10.1.0.1") / ICMP(seq=i)
    for i in range(1, 200, 12):
        frames[i] = Ether() / IP(**far, dst="203.0.113.1") / UDP()
    path = tmp_path_factory.mktemp("death") / "in.pcap"
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i in range(200):
            for k, frame in enumerate(frames):
                raw = bytes(frame)
                f.write(struct.pack("<IIII", 1700000000 + (i * 200 + k) // 1000,
                                    (i * 200 + k) % 1000 * 1000, len(raw), len(raw)))
                f.write(raw)
    return path


def begin(router, capture, pace="x20", *args):
    """A replay that takes two seconds, once it has begun to move packets."""
    conf = router.file("c.conf", lab.config())
    p = router.start("replay", "--config", conf, "--in",
                     f"1/1={capture}", "--out",
                     "2/1=out.pcap", "--json", router.path / "r.json", "--pace", pace,
                     "--round-packets", "32", *args)
    deadline = time.monotonic() + 20 * lab.SLOW
    while time.monotonic() < deadline:
        parts = [f for f in router.path.iterdir() if "out.pcap" in f.name]
        if any(f.stat().st_size > 2000 for f in parts):
            return p
        assert p.poll() is None, p.communicate()
        time.sleep(0.01)
    raise AssertionError("the replay did not begin to write")


def test_sigint_leaves_a_valid_capture(router, capture):
    p = begin(router, capture)
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=30 * lab.SLOW)
    assert p.returncode == 1, err
    result = json.loads((router.path / "r.json").read_text())
    assert lab.balanced(result) and 0 < result["transmitted"] < 40000
    assert len(lab.read(router.path / "out.pcap")) == result["transmitted"]


@pytest.mark.parametrize("stage,words", [
    ("3/asp1", ["sesim-asecard", "--asp\0001\0"]),
    ("1/ippa", ["sesim-linecard", "--slot\0001\0", "ingress"]),
    ("1/eppa", ["sesim-linecard", "--slot\0001\0", "egress"]),
    ("2/eppa", ["sesim-linecard", "--slot\0002\0", "egress"]),
])
def test_sigkill_of_a_card_ends_the_replay_with_its_account(router, capture, stage, words):
    p = begin(router, capture)
    pids = [pid for pid in router.children(words[:1])
            if all(w in open(f"/proc/{pid}/cmdline").read() for w in words[1:])]
    assert len(pids) == 1
    os.kill(pids[0], signal.SIGKILL)
    out, err = p.communicate(timeout=60 * lab.SLOW)
    assert p.returncode == 1, (p.returncode, err)
    assert stage in err
    result = json.loads((router.path / "r.json").read_text())
    assert result["in_flight"] == 0, result
    lab.balanced(result)
    assert f"lost-in-{stage}" in result["dropped"]
    assert len(lab.read(router.path / "out.pcap")) == result["transmitted"]


@pytest.mark.parametrize("victim", ["sesim-keeper", "sesim-chassis"])
def test_the_death_of_a_parent_leaves_no_process(router, capture, victim):
    p = begin(router, capture)
    for pid in router.children([victim]):
        os.kill(pid, signal.SIGKILL)
    out, err = p.communicate(timeout=30 * lab.SLOW)
    assert p.returncode in (1, 3) and err.strip()
    deadline = time.monotonic() + 5 * lab.SLOW
    while lab.processes_of(router.env["SESIM_RUN_DIR"]):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_sigkill_of_sesim_itself_leaves_no_process(router, capture):
    p = begin(router, capture)
    p.kill()
    p.wait()
    deadline = time.monotonic() + 5 * lab.SLOW
    while lab.processes_of(router.env["SESIM_RUN_DIR"]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    for f in os.scandir(router.env["SESIM_RUN_DIR"]):
        assert not f.is_dir() or not os.listdir(f.path), os.listdir(f.path)
