"""The two modes side by side where tunnels have features: the economical run
does without, says so, and what differs is marked."""

import json

import pytest
from scapy.all import UDP, Ether, IPv6, Raw

import lab
import test_ipv6


def compare(router, conf, frames):
    done = router.sesim("compare", "--config", router.file("c.conf", conf), "--in",
                        f"1/1={router.capture('in.pcap', frames)}", "--json", "c.json")
    return done, json.loads((router.path / "c.json").read_text())


def test_features_are_given_up_and_listed(router):
    conf = lab.config(extra_context=" ip access-list few\n  deny 253 any any\n"
                      "  permit any any\n")
    conf = conf.replace(" mode circuit-based", " mode circuit-based\n"
                        " ip access-group few out count\n qos policy metering limit")
    conf = conf.replace(" interface vpn\n", " interface vpn\n  ip access-group few in\n")
    conf = conf.replace("!\ncard", "!\nqos policy limit metering\n"
                        " rate 100000 burst 100000\n!\ncard", 1)
    frames = lab.packets(60)
    done, found = compare(router, conf, frames)
    assert done.returncode == 0, done.stderr + done.stdout
    assert found["given_up"] == [
        {"tunnel": "branch", "feature": "qos policy metering limit"},
        {"tunnel": "branch", "feature": "ip access-group few out count"},
        {"tunnel": "branch", "feature": "ip access-group few in", "interface": "vpn",
         "context": "local"}]
    denied = sum(f["IP"].proto == 253 for f in frames)
    assert denied > 0
    assert {"router": "sealing", "reason": "acl-denied", "circuit-based": denied,
            "economical": 0} in found["differences"]
    assert "Given up by the economical mode" in done.stdout
    assert "ip access-group few out count" in done.stdout


def test_features_of_ports_are_kept_in_both(router):
    conf = lab.config(extra_context=" ip access-list few\n  deny 253 any any\n"
                      "  permit any any\n")
    conf = conf.replace(" interface lan\n", " interface lan\n  ip access-group few in\n")
    frames = lab.packets(60)
    done, found = compare(router, conf, frames)
    assert done.returncode == 0, done.stderr + done.stdout
    assert found["given_up"] == []
    denied = sum(f["IP"].proto == 253 for f in frames)
    for mode in found["modes"].values():
        assert mode["sealing"]["sums"]["dropped"] == {"acl-denied": denied}


def test_marks_are_no_fault(router):
    conf = lab.config().replace(" mode circuit-based", " mode circuit-based\n"
                                " qos policy metering mark")
    conf = conf.replace("!\ncard", "!\nqos policy mark metering\n rate 100000 burst 100000\n"
                        " conform mark dscp cs3\n!\ncard", 1)
    done, found = compare(router, conf, lab.packets(40))
    assert done.returncode == 0, done.stderr + done.stdout
    assert found["modes"]["circuit-based"]["opened"]["1/1"]["strange"] == 40
    assert found["modes"]["economical"]["opened"]["1/1"]["equal"] == 40


@pytest.mark.parametrize("outer6", [False, True])
def test_tunnels_of_ipv6_are_compared(router, outer6):
    """IPv6 inside, and outside: both ends, both modes, octet for octet."""
    conf = test_ipv6.config(outer6=outer6)
    frames = []
    for i, v4 in enumerate(lab.packets(40)):
        v6 = Ether(bytes(Ether(src=v4.src, dst=v4.dst)
                         / IPv6(src=test_ipv6.LAN, dst=test_ipv6.FAR, hlim=9)
                         / UDP(sport=1, dport=2) / Raw(bytes(i * 7))))
        v6.time = v4.time
        frames += [v4, v6]
    done, found = compare(router, conf, frames)
    assert done.returncode == 0, done.stderr + done.stdout
    assert found["given_up"] == []
    for mode in found["modes"].values():
        assert mode["sealing"]["sums"]["dropped"] == {}
        assert mode["opening"]["sums"]["dropped"] == {}
        assert mode["opening"]["sums"]["transmitted"] == 80
