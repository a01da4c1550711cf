"""Capture points, keys for Wireshark, the journey of a packet."""

import json
import subprocess

import pytest

import lab
from scapy.all import IP


def tshark(path, *args, env=None):
    done = subprocess.run(["tshark", "-r", str(path), *args], capture_output=True,
                          text=True, env=env, timeout=60 * lab.SLOW)
    assert done.returncode == 0, done.stderr
    return done.stdout


POINTS = ["1/ippa:rx", "1/eppa:tunnel", "1/ippa..3/asp1", "3/asp1:clear",
          "3/asp1:sealed", "2/eppa:tx", "1/ippa->1/eppa", "3/asp1", "1/ippa"]


@pytest.mark.parametrize("point", POINTS)
def test_every_point_shows_the_packets_that_pass_it(router, point):
    frames = lab.packets(40, seed=60)
    router.replay(lab.config(), "--in", f"1/1={router.capture('in.pcap', frames)}",
                  "--capture", f"{point}=p.pcap")
    lines = tshark(router.path / "p.pcap", "-T", "fields", "-e", "frame.protocols",
                   "-e", "redback.context", "-e", "redback.circuit").splitlines()
    expected = 80 if point == "1/ippa" else 40
    assert len(lines) == expected
    if point.endswith((":rx", ":tx")):
        assert all(line.startswith("eth:") for line in lines)
    else:
        assert all("redback" in line and "ip" in line for line in lines), lines[:3]
        assert all("0x40080001" in line or "1074266113" in line for line in lines)


def test_the_controllers_point_shows_what_came_and_what_it_said(router):
    frames = lab.packets(12, seed=67)
    for f in frames[::3]:
        f[IP].dst = "10.1.0.1"
        del f[IP].chksum
    router.replay(lab.config(), "--in", f"1/1={router.capture('in.pcap', frames)}",
                  "--capture", "xcrp=p.pcap", "--capture", "1/ippa..xcrp=q.pcap")
    came = ["10.1.0.1", "0x40080001"]
    said = ["10.1.0.5,10.1.0.1", "0x40080001"]  # an error, and what it quotes
    for name, each in (("p.pcap", came + said), ("q.pcap", came)):
        out = tshark(router.path / name, "-T", "fields", "-e", "ip.dst",
                     "-e", "redback.context").split()
        assert out == each * 4, out


def test_many_points_in_one_pcapng_have_an_interface_each(router):
    frames = lab.packets(20, seed=61)
    points = ["1/ippa:rx", "3/asp1:clear", "2/eppa:tx"]
    args = [a for p in points for a in ("--capture", f"{p}=all.pcapng")]
    router.replay(lab.config(), "--in", f"1/1={router.capture('in.pcap', frames)}", *args)
    names = tshark(router.path / "all.pcapng", "-T", "fields", "-e",
                   "frame.interface_name").split()
    assert sorted(set(names)) == sorted(points) and len(names) == 60


@pytest.mark.parametrize("algorithm", sorted(lab.ALGORITHMS))
def test_wireshark_opens_every_output_with_the_exported_keys(router, algorithm):
    frames = lab.packets(30, seed=62)
    router.replay(lab.config(algorithm=algorithm), "--in",
                  f"1/1={router.capture('in.pcap', frames)}", "--out", "2/1=out.pcap",
                  "--keys-dir", "keys")
    env = dict(router.env, WIRESHARK_CONFIG_DIR=str(router.path / "keys"))
    out = tshark(router.path / "out.pcap", "-o", "esp.enable_encryption_decode:TRUE",
                 "-o", "esp.enable_authentication_check:TRUE", "-T", "fields",
                 "-e", "ip.src", "-e", "ip.ttl", "-e", "esp.icv_good", env=env)
    lines = out.splitlines()
    assert len(lines) == 30
    for line, was in zip(lines, frames):
        addresses, ttls, good = (line.split("\t") + [""])[:3]
        assert addresses == "192.0.2.1,10.1.0.5", line
        assert ttls == f"64,{was[IP].ttl - 1}"
        assert good in ("1", "True"), line
    assert (router.path / "keys").stat().st_mode & 0o777 == 0o700
    assert (router.path / "keys" / "esp_sa").stat().st_mode & 0o777 == 0o600


def test_a_journey_names_every_stage_in_order(router):
    frames = lab.packets(10, seed=63)
    _, done = router.replay(lab.config(), "--in",
                            f"1/1={router.capture('in.pcap', frames)}",
                            "--trace", "1")
    journey = done.stdout[done.stdout.index("\nPacket ") + 1:].splitlines()[1:]
    stages = [line.split()[0] for line in journey]
    visited = [s for i, s in enumerate(stages) if i == 0 or s != stages[i - 1]]
    assert visited == ["1/ippa", "1/eppa", "1/ippa", "3/asp1", "2/eppa"]


def test_a_filter_chooses_the_traced_packets(router):
    frames = lab.packets(10, seed=64) + lab.packets(1, seed=65, dst="203.0.113.9")
    frames[-1].time = frames[-2].time + 1
    _, done = router.replay(lab.config(), "--in",
                            f"1/1={router.capture('in.pcap', frames)}",
                            "--trace", "5:dst host 203.0.113.9")
    assert "no-route" in done.stdout and "10.2.0.7" not in done.stdout


def test_no_key_is_ever_printed(router):
    frames = lab.packets(5, seed=66)
    _, done = router.replay(lab.config(), "--in",
                            f"1/1={router.capture('in.pcap', frames)}", "--trace", "5")
    assert lab.CBC_KEY.hex() not in done.stdout + done.stderr
    assert lab.SHA1_KEY.hex() not in done.stdout + done.stderr
