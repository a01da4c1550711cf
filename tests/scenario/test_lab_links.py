"""Links of a lab that lose, reorder and delay: real hosts lose no data by them, and
the same seed does the same to the same frames."""

import hashlib
import os
import random
import subprocess

import pytest

import lab
from labs import Lab
from live import lacks, run
from test_live import FETCH, SERVER

SITES = """name: {{name}}
seed: 5
topology:
  nodes:
    pe1: {{{{kind: smartedge, startup-config: pe1.conf}}}}
    pe2: {{{{kind: smartedge, startup-config: pe2.conf}}}}
{nodes}  links:
    - endpoints: ["pe1:2/1", "pe2:2/1"]
{wan}    - endpoints: ["{one}", "pe1:1/1"]
    - endpoints: ["pe2:1/1", "{two}"]
"""
HOSTS = ("    h1: {{kind: host, address: 10.1.0.5/16, gateway: 10.1.0.1}}\n"
         "    h2: {{kind: host, address: 10.2.0.7/16, gateway: 10.2.0.1}}\n")


def ways(sites):
    """The direction from the first end, of each link."""
    return [link["directions"][0] for link in sites.status()["links"]]


def test_tcp_loses_no_data_through_a_link_that_loses_and_reorders(router):
    if why := lacks():
        pytest.skip(f"skipped: {why}")
    name = f"links{os.getpid()}"
    sites = Lab(router, SITES.format(
        nodes=HOSTS, one="h1:eth1", two="h2:eth1",
        wan="      loss: 1%\n      reordering: 1%\n      delay: 1ms\n"), name)
    sites.run("up")
    folder = router.path / "www"
    folder.mkdir()
    data = random.Random(9).randbytes(3_000_000)
    (folder / "page").write_bytes(data)
    with subprocess.Popen(["ip", "netns", "exec", f"{name}-h2", "/usr/bin/python3", "-c", SERVER,
                           str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as server:
        try:
            url = f"http://10.2.0.7:{int(server.stdout.readline())}/page"
            done = run("ip", "netns", "exec", f"{name}-h1", "/usr/bin/python3", "-c", FETCH, url,
                       timeout=120)
        finally:
            server.kill()
    assert done.stdout.split() == [str(len(data)), hashlib.sha256(data).hexdigest()]
    for way in sites.status()["links"][0]["directions"]:
        assert way["lost"]["lost"] > 0
    sites.down()


def test_the_same_seed_records_the_same_octets(router):
    frames = lab.packets(200, seed=3)
    router.capture("lan.pcap", frames)
    taken = []
    for out in ("a.pcap", "b.pcap"):
        sites = Lab(router, SITES.format(
            nodes="    lan1: {{kind: capture, source: lan.pcap, rate: 2000pps}}\n"
                  f"    lan2: {{{{kind: capture, sink: {out}}}}}\n", one="lan1", two="lan2",
            wan="      delay: 5ms\n      jitter: 1ms\n      loss: 5%\n"), "seeded")
        sites.run("up")

        def through():
            """On each of both links is, besides, a question for an address."""
            wan, _, lan = ways(sites)
            return (wan["taken"] > 200 and lan["delivered"] == wan["delivered"]
                    and wan["taken"] == wan["delivered"] + sum(wan["lost"].values()))
        lab.until(through)
        assert ways(sites)[0]["lost"]["lost"] > 0
        sites.down()
        taken.append((router.path / out).read_bytes())
    sent = [lab.lowered(lab.ip_bytes(f), 2) for f in frames if f[lab.IP].ttl > 2]
    came = [lab.ip_bytes(f) for f in lab.read(router.path / "a.pcap")]
    assert 150 < len(came) < 200 and [p for p in sent if p in came] == came
    assert taken[0] == taken[1]


def test_a_tap_is_the_machines_own_end_of_a_link(router):
    if why := lacks():
        pytest.skip(f"skipped: {why}")
    device = f"sel{os.getpid() % 1000000}"
    sites = Lab(router, SITES.format(
        nodes=f"    tap: {{{{kind: tap, device: {device}}}}}\n    lan2: {{{{kind: capture, sink: t.pcap}}}}\n",
        one="tap", two="lan2", wan=""), "tapped")
    sites.run("up")
    shown = run("ip", "-br", "link", "show", device).stdout
    assert "UP" in shown.split("<")[1]
    sites.down()
    assert run("ip", "link", "show", device, ok=False).returncode != 0
