"""Signals and deaths in the middle of a run: outputs stay valid, what was lost is
said, nothing stays behind."""

import json
import os
import signal
import time

import pytest

import lab


def begin(router, n=40000, pace="x20", *args):
    """A replay that takes some seconds, once it has begun to move packets."""
    frames = lab.packets(200, seed=40, sizes=(60, 300))
    many = []
    for i in range(n // 200):
        for f in frames:
            g = f.copy()
            g.time = float(f.time) + i * 0.2
            many.append(g)
    conf = router.file("c.conf", lab.config())
    p = router.start("replay", "--config", conf, "--in",
                     f"1/1={router.capture('in.pcap', many)}", "--out",
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


def test_sigint_leaves_a_valid_capture(router):
    p = begin(router)
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=30 * lab.SLOW)
    assert p.returncode == 1, err
    result = json.loads((router.path / "r.json").read_text())
    assert lab.balanced(result) and 0 < result["transmitted"] < 40000
    assert len(lab.read(router.path / "out.pcap")) == result["transmitted"]


@pytest.mark.parametrize("stage,words", [
    ("3/asp1", ["sesim-asecard", "--asp", "1"]),
    ("1/ippa", ["sesim-linecard", "--slot", "1", "ingress"]),
    ("1/eppa", ["sesim-linecard", "--slot", "1", "egress"]),
    ("2/eppa", ["sesim-linecard", "--slot", "2", "egress"]),
])
def test_sigkill_of_a_card_ends_the_replay_with_its_account(router, stage, words):
    p = begin(router)
    pids = [pid for pid in router.children(words[:1])
            if all(w in open(f"/proc/{pid}/cmdline").read().split("\0")
                   for w in words[1:])]
    if words[0] == "sesim-linecard":
        pids = [pid for pid in pids if f"--slot\0{words[2]}\0" in
                open(f"/proc/{pid}/cmdline").read()]
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
def test_the_death_of_a_parent_leaves_no_process(router, victim):
    p = begin(router)
    for pid in router.children([victim]):
        os.kill(pid, signal.SIGKILL)
    out, err = p.communicate(timeout=30 * lab.SLOW)
    assert p.returncode in (1, 3) and err.strip()
    deadline = time.monotonic() + 5 * lab.SLOW
    while lab.processes_of(router.env["SESIM_RUN_DIR"]):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_sigkill_of_sesim_itself_leaves_no_process(router):
    p = begin(router)
    p.kill()
    p.wait()
    deadline = time.monotonic() + 5 * lab.SLOW
    while lab.processes_of(router.env["SESIM_RUN_DIR"]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    for f in os.scandir(router.env["SESIM_RUN_DIR"]):
        assert not f.is_dir() or not os.listdir(f.path), os.listdir(f.path)
