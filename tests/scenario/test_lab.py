"""The life of labs: links that outlive what they connect, deaths that are mended,
and an end that leaves nothing behind."""

import os
import pathlib
import random
import signal
import time

import lab
from labs import Lab, whole


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


KILLS = int(os.environ.get("SE_KILLS", "4"))


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
