"""What stands at the ends of links beside routers: captures that are played and
recorded, generators, hosts with the machine's own TCP/IP stack."""

import os
import pathlib
import signal

import pytest

import lab
from labs import Lab

SITES = """name: {{name}}
seed: 5
topology:
  nodes:
    pe1: {{{{kind: smartedge, startup-config: pe1.conf}}}}
    pe2: {{{{kind: smartedge, startup-config: pe2.conf}}}}
{nodes}  links:
    - endpoints: ["{one}", "pe1:1/1"]
    - endpoints: ["pe1:2/1", "pe2:2/1"]
{wan}    - endpoints: ["pe2:1/1", "{two}"]
"""


def delivered(sites, link):
    return sites.status()["links"][link]["directions"][0]["delivered"]


def test_a_capture_is_played_through_two_routers_and_recorded(router):
    frames = lab.packets(200, sizes=(28, 1300))
    router.capture("lan.pcap", frames)
    sites = Lab(router, SITES.format(
        nodes="    lan1: {{kind: capture, source: lan.pcap, rate: 2000pps}}\n"
              "    lan2: {{kind: capture, sink: out.pcap}}\n",
        one="lan1", two="lan2", wan=""), "played")
    sites.run("up")
    lab.until(lambda: delivered(sites, 0) >= 200 and
              delivered(sites, 2) >= 200)  # with what asks for the neighbor
    sites.down()
    sent = [lab.lowered(lab.ip_bytes(f), 2) for f in frames if f[lab.IP].ttl > 2]
    assert [lab.ip_bytes(f) for f in lab.read(router.path / "out.pcap")
            if lab.IP in f] == sent


def test_a_generator_sends_what_is_described_and_a_killed_router_comes_back(router):
    sites = Lab(router, SITES.format(
        nodes="    gen:\n      kind: generator\n      flows:\n"
              "        - {{from: 10.1.0.5, to: 10.2.0.7, rate: 500pps, size: 64-900}}\n"
              "    lan2: {{kind: capture, sink: out.pcapng}}\n",
        one="gen", two="lan2", wan=""), "made")
    sites.run("up")
    lab.until(lambda: delivered(sites, 2) > 50)
    os.kill(next(n["pid"] for n in sites.status()["nodes"] if n["name"] == "pe2"),
            signal.SIGKILL)
    lab.until(lambda: sites.status()["nodes"][1]["killed"] == 1 and
              sites.status()["nodes"][1]["state"] == "up")
    then = delivered(sites, 2)
    lab.until(lambda: delivered(sites, 2) > then + 50)
    wan = sites.status()["links"][1]["directions"][0]
    assert wan["lost"]["node-down"] > 0  # and nothing is lost without a reason
    assert wan["taken"] == wan["delivered"] + sum(wan["lost"].values())
    sites.down()
    got = [f for f in lab.read(router.path / "out.pcapng") if lab.UDP in f]
    assert len(got) > 100 and all(64 <= f[lab.IP].len <= 900 for f in got)


def test_hosts_reach_one_another_through_the_tunnel_and_nothing_stays(router):
    name = f"lab{os.getpid()}"
    sites = Lab(router, SITES.format(
        nodes="    h1: {{kind: host, address: 10.1.0.5/16, gateway: 10.1.0.1}}\n"
              "    h2: {{kind: host, address: 10.2.0.7/16, gateway: 10.2.0.1}}\n",
        one="h1:eth1", two="h2:eth1", wan="      delay: 1ms\n"), name)
    out = sites.run("up").stdout
    if "skipped: needs" in out:
        pytest.skip(out.strip())
    done = sites.run("exec", "h1", "-c", "ping -c 3 -W 5 10.2.0.7")
    assert " 0% packet loss" in done.stdout
    assert sites.run("exec", "h1", "-c", "exit 1", ok=False).returncode == 1
    assert pathlib.Path(f"/run/netns/{name}-h1").exists()
    os.kill(sites.status()["keeper"], signal.SIGKILL)
    sites.run("down")
    assert not pathlib.Path(f"/run/netns/{name}-h1").exists()
    assert not pathlib.Path(f"/run/netns/{name}-h2").exists()
