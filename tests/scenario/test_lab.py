"""Labs: many routers from one topology file, links that outlive what they
connect, and an end that leaves nothing behind."""

import json
import os
import pathlib
import random
import signal
import time

import lab

TWO = """name: {name}
topology:
  nodes:
    pe1: {{kind: smartedge, startup-config: pe1.conf}}
    pe2: {{kind: smartedge, startup-config: pe2.conf}}
  links:
    - endpoints: ["pe1:2/1", "pe2:2/1"]
"""


class Lab:
    """A lab in the directory of a lab.Router."""

    def __init__(self, router, text=TWO, name="two"):
        self.router = router
        self.name = name
        router.file("pe1.conf", lab.config())
        router.file("pe2.conf", lab.peer())
        self.path = router.file(f"{name}.yaml", text.format(name=name))

    def run(self, command, *args, ok=True):
        done = self.router.sesim("lab", command, self.path, *args)
        if ok:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def status(self):
        return json.loads(self.run("status", "--json").stdout)

    def ping(self, node="pe1", to="10.2.0.1"):
        done = self.run("exec", node, "-c", f"ping {to}", ok=False)
        return "5 packets received" in done.stdout

    def stage(self, node, stage):
        return next((p for p in self.status()["processes"]
                     if (p["node"], p["stage"]) == (node, stage)), None)

    def down(self):
        done = self.run("down")
        assert not lab.processes_of(self.router.env["SESIM_RUN_DIR"])
        return done


def whole(two):
    """Every process of every node is up, and so is every tunnel."""
    s = two.status()
    return (all(n["state"] == "up" for n in s["nodes"])
            and all(p["state"] == "up" for p in s["processes"])
            and all(t["state"] == "Up" for t in s["tunnels"])
            and len(s["tunnels"]) == len(s["nodes"]))


def test_up_is_ready_when_it_returns_and_down_leaves_nothing(router):
    two = Lab(router)
    assert "2 nodes, 1 link" in two.run("up").stdout
    s = two.status()
    assert s["name"] == "two" and s["state"] == "up"
    assert [n["state"] for n in s["nodes"]] == ["up", "up"]
    assert {p["state"] for p in s["processes"]} == {"up"}
    assert [t["state"] for t in s["tunnels"]] == ["Up", "Up"]
    assert {(c["node"], c["state"]) for c in s["cards"]} == {("pe1", "up"), ("pe2", "up")}
    assert two.ping()
    there, back = two.status()["links"][0]["directions"]
    assert there["from"] == "pe1:2/1" and there["to"] == "pe2:2/1"
    for way in (there, back):  # five echoes and what resolved the neighbors
        assert 5 <= way["taken"] == way["delivered"] <= 12 and way["lost"] == {}
    assert "two is down" in two.down().stdout
    done = two.run("down")
    assert "not up" in done.stdout


def test_a_link_outlives_its_routers_and_their_cards(router):
    two = Lab(router)
    two.run("up")
    assert two.ping()
    before = two.status()["links"][0]["directions"][0]["delivered"]
    two.run("restart", "pe2")
    assert two.ping()
    ippa = two.stage("pe2", "2/ippa")
    os.kill(ippa["pid"], signal.SIGKILL)
    lab.until(lambda: (p := two.stage("pe2", "2/ippa")) and
                   p["epoch"] > ippa["epoch"] and p["state"] == "up")
    assert two.ping()
    assert two.status()["links"][0]["directions"][0]["delivered"] > before
    two.down()


def test_a_killed_chassis_comes_back_with_what_was_configured(router):
    two = Lab(router)
    two.run("up")
    two.run("exec", "pe2", "-c", "configure", "-c", "context local",
            "-c", "ip route 203.0.113.0/24 10.2.0.9", "-c", "end")
    pid = next(n["pid"] for n in two.status()["nodes"] if n["name"] == "pe2")
    os.kill(pid, signal.SIGKILL)
    lab.until(lambda: [n["state"] for n in two.status()["nodes"]] == ["up", "up"]
                   and two.status()["nodes"][1]["killed"] == 1, 20)
    assert "203.0.113.0/24" in two.run("exec", "pe2", "-c", "show ip route").stdout
    assert two.ping()
    two.run("restart", "pe2")  # by order: it begins with its file
    assert "203.0.113.0/24" not in two.run("exec", "pe2", "-c", "show ip route").stdout
    two.down()


def test_two_labs_side_by_side_do_not_meet(router):
    one, two = Lab(router, name="one"), Lab(router, name="two")
    one.run("up")
    two.run("up")
    assert one.ping() and two.ping()
    again = one.run("up", ok=False)
    assert again.returncode == 2 and "up already" in again.stderr
    one.run("down")
    assert two.ping()
    assert router.sesim("lab", "status", "two").returncode == 0  # by its name
    gone = one.run("status", ok=False)
    assert gone.returncode == 2 and "not up" in gone.stderr
    two.down()


def test_the_keepers_death_ends_the_lab_and_the_next_up_clears_the_rest(router):
    two = Lab(router)
    two.run("up")
    run = router.env["SESIM_RUN_DIR"]
    s = two.status()
    # One that can not end by itself is ended by who comes next.
    stopped = two.stage("pe1", "3/asp1")["pid"]
    os.kill(stopped, signal.SIGSTOP)
    os.kill(s["keeper"], signal.SIGKILL)
    lab.until(lambda: len(lab.processes_of(run)) <= 1, 20)
    two.run("up")
    assert two.ping()
    os.kill(two.status()["keeper"], signal.SIGKILL)
    assert "not up" in two.run("down").stdout
    assert not lab.processes_of(run)
    assert not [p for p in pathlib.Path(run).rglob("*") if p.is_socket()]


def test_a_lab_with_mistakes_is_explained_and_not_started(router):
    two = Lab(router, TWO.replace("2/1\"]", "5/1\"]").replace("kind: smartedge, ", "", 1)
              + "      delay: soon\n")
    for command in ("validate", "up"):
        done = two.run(command, ok=False)
        assert done.returncode == 2
        lines = done.stderr.splitlines()
        assert lines[0].startswith(f"{two.path}:4:10: node pe1 has no kind;")
        assert f"{two.path}:8:14: delay is soon; expected a duration" in done.stderr
    good = Lab(router, TWO.replace("pe2:2/1", "pe2:5/1"))
    done = good.run("validate", ok=False)
    assert done.returncode == 2
    assert f"{good.path}:7:30: pe2:5/1: pe2.conf has no card in slot 5" in done.stderr
    router.file("pe1.conf", "context local\n interfoo lan\nend\n")
    router.file("pe2.conf", "system hostname pe2\nnonsense\nend\n")
    done = good.run("validate", ok=False)
    assert "pe1.conf:2:2" in done.stderr and "pe2.conf:2:1" in done.stderr
    assert not lab.processes_of(router.env["SESIM_RUN_DIR"])


def test_what_is_no_topology_is_refused_at_once(router):
    for i, octets in enumerate((b"", b"\x00\xff\xfe garbage" * 99, b"[" * 100000,
                                b"a: " + b"x" * (1 << 20), b"a: &a [*a]\n",
                                os.urandom(65536))):
        path = router.path / f"bad{i}.yaml"
        path.write_bytes(octets)
        done = router.sesim("lab", "validate", path)
        assert done.returncode == 2 and str(path) in done.stderr, octets[:20]
    assert router.sesim("lab", "up", router.path / "none.yaml").returncode == 2


KILLS = int(os.environ.get("SE_KILLS", "6"))


def test_any_process_may_be_killed_at_any_moment(router):
    """SE_KILLS=100 kills a hundred times; each with a seed of its own."""
    two = Lab(router)
    two.run("up")
    keeper = two.status()["keeper"]
    for seed in range(KILLS):
        rnd = random.Random(seed)
        s = two.status()
        pids = [p["pid"] for p in s["processes"]] + [n["pid"] for n in s["nodes"]]
        # Waits for a moment, not for an event: the moment is what is random.
        time.sleep(rnd.random() * 0.2)
        try:
            os.kill(rnd.choice(sorted(pids)), signal.SIGKILL)
        except ProcessLookupError:
            pass  # died with the chassis of the kill before
        lab.until(lambda: whole(two), 30)
        assert two.ping(), f"seed {seed}"
        assert two.status()["keeper"] == keeper
    two.down()
