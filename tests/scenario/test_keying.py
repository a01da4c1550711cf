"""Tunnels with automatic keys between two routers of a lab: they come up, carry
traffic, go down with their peer and come up again."""

import json
import os
import signal

import keys
import lab

TWO = """name: {name}
topology:
  nodes:
    pe1: {{kind: smartedge, startup-config: pe1.conf}}
    pe2: {{kind: smartedge, startup-config: pe2.conf}}
  links:
    - endpoints: ["pe1:2/1", "pe2:2/1"]
"""


class Pair:
    """Two routers with one tunnel, as processes of a lab."""

    def __init__(self, router, one, two, name="keying"):
        self.router, self.name = router, name
        router.file("pe1.conf", one)
        router.file("pe2.conf", two)
        self.path = router.file(f"{name}.yaml", TWO.format(name=name))
        self.run("up")

    def run(self, command, *args, ok=True):
        done = self.router.sesim("lab", command, self.path, *args)
        if ok:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def cli(self, node, *commands):
        args = [a for c in commands for a in ("-c", c)]
        return self.run("exec", node, *args, ok=False).stdout

    def tunnel(self, node):
        text = self.cli(node, "show ipsec tunnel | json")
        return json.loads(text)["tunnels"][0]

    def is_up(self):
        return all(self.tunnel(n)["state"] == "Up" for n in ("pe1", "pe2"))

    def ping(self, node="pe1", to="10.2.0.1"):
        return "5 packets received" in self.cli(node, f"ping {to}")

    def close(self):
        self.run("down")


def test_a_tunnel_negotiates_its_keys_and_carries_traffic(router):
    pair = Pair(router, keys.config(), keys.peer())
    lab.until(pair.is_up)
    row = pair.tunnel("pe1")
    assert row["type"] == "static" and row["cause"] == "-"
    assert pair.ping() and pair.ping("pe2", "10.1.0.1")
    sas = json.loads(pair.cli("pe1", "show ipsec sa | json"))["sas"]
    assert {s["direction"] for s in sas} == {"in", "out"}
    assert all(s["tunnel"] == "branch" and s["encryption"] == "aes-128-cbc" for s in sas)
    assert sum(s["packets"] for s in sas if s["direction"] == "in") >= 10
    assert "TUNNELUP" in pair.cli("pe1", "show log")
    pair.close()


def test_an_asp_that_dies_leaves_its_tunnels_to_a_spare(router):
    pair = Pair(router, keys.config(), keys.peer())
    lab.until(pair.is_up)
    status = json.loads(pair.run("status", "--json").stdout)
    asp = pair.tunnel("pe1")["asp"]
    stage = next(p for p in status["processes"]
                 if p["node"] == "pe1" and p["stage"] == asp.replace("/", "/asp"))
    os.kill(stage["pid"], signal.SIGKILL)
    lab.until(lambda: pair.tunnel("pe1")["asp"] != asp)
    lab.until(lambda: pair.is_up() and pair.ping())
    pair.close()


def test_secrets_that_differ_keep_it_down_and_are_logged(router):
    pair = Pair(router, keys.config(connection="initiator-only"),
                keys.peer(connection="responder-only", secret="another"))
    lab.until(lambda: "IKE-4-V2REJ" in pair.cli("pe2", "show log"))
    log = pair.cli("pe2", "show log")
    assert "authentication failed" in log and "secret" not in log
    assert pair.tunnel("pe1")["state"] == "Down"
    pair.close()
