"""A router that stays up: ready in time, cards come back, idle costs nothing,
down leaves nothing."""

import json
import os
import re
import signal
import socket
import time

import lab


def processes(router, name="r"):
    done = router.sesim("status", "--json")
    assert done.returncode == 0, done.stderr
    for r in json.loads(done.stdout)["routers"]:
        if r["name"] == name:
            return {p["stage"]: p for p in r["processes"]}
    return {}


def wait_for(condition, what, seconds=10):
    deadline = time.monotonic() + seconds * lab.SLOW
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def test_up_is_ready_when_it_returns_and_down_leaves_nothing(router):
    router.up(lab.config())
    assert {p["state"] for p in processes(router).values()} == {"up"}
    cards = router.show("card")["cards"]
    assert [c["state"] for c in cards] == ["up", "up", "up"]
    done = router.down()
    assert done.returncode == 0, done.stderr
    assert not lab.processes_of(router.env["SESIM_RUN_DIR"])


def test_a_killed_card_comes_back_with_its_full_tables(router):
    router.up(lab.config())
    routes = router.cli("show ip route")
    sas = router.show("ipsec sa")["sas"]
    for stage in ("3/asp1", "1/ippa", "1/eppa"):
        before = processes(router)[stage]
        os.kill(before["pid"], signal.SIGKILL)
        wait_for(lambda: processes(router)[stage]["epoch"] > before["epoch"] and
                 processes(router)[stage]["state"] == "up" and
                 processes(router)[stage]["generation"] >= before["generation"],
                 f"{stage} came back")
    assert [c["state"] for c in router.show("card")["cards"]] == ["up"] * 3
    assert [s["spi"] for s in router.show("ipsec sa")["sas"]] == [s["spi"] for s in sas]
    assert router.cli("show ip route").splitlines()[-1].split()[1:3] == \
        routes.splitlines()[-1].split()[1:3]


def test_a_killed_command_line_and_a_killed_chassis_come_back(router):
    router.up(lab.config())
    os.kill(processes(router)["cli"]["pid"], signal.SIGKILL)
    wait_for(lambda: router.sesim("cli", "r", "-c", "show card").returncode == 0,
             "the command line came back")
    os.kill(router.children(["sesim-chassis"])[0], signal.SIGKILL)
    wait_for(lambda: router.sesim("cli", "r", "-c", "show card").returncode == 0 and
             {p["state"] for p in processes(router).values()} == {"up"},
             "the chassis came back")


def cpu_ticks(pids):
    total = 0
    for pid in pids:
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total


def test_an_idle_router_uses_next_to_nothing(router):
    router.up(lab.config())
    pids = router.children([""])
    before = cpu_ticks(pids)
    begun = time.monotonic()
    # Waits for time to pass, not for an event: what is measured is the absence
    # of work. One tick is 10 ms.
    while time.monotonic() - begun < 3:
        time.sleep(0.5)
    assert cpu_ticks(pids) - before <= 3 * lab.SLOW


def test_a_second_router_of_the_same_name_is_refused(router):
    router.up(lab.config())
    conf = router.file("b.conf", lab.config())
    done = router.sesim("up", "--config", conf, "--name", "r")
    assert done.returncode == 2 and "r" in done.stderr


def test_a_bad_configuration_does_not_come_up(router):
    conf = router.file("b.conf", "context local\n interfoo lan\nend\n")
    done = router.sesim("up", "--config", conf, "--name", "r")
    assert done.returncode == 2 and "b.conf:2:2" in done.stderr, done.stderr
    assert not lab.processes_of(router.env["SESIM_RUN_DIR"])


def test_a_port_in_use_is_3_with_the_cause(router):
    conf = router.file("t.conf", lab.config(
        extra_context=" administrator admin password secret99\n"))
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        done = router.sesim("up", "--config", conf, "--name", "r", "--telnet", port)
    assert done.returncode == 3, done.stderr
    assert "Address already in use" in done.stderr and str(port) in done.stderr
    assert not lab.processes_of(router.env["SESIM_RUN_DIR"])


def test_a_commit_reaches_the_cards_and_shows_again(router):
    router.up(lab.config())
    before = {s: p["generation"] for s, p in processes(router).items() if s != "cli"}
    router.cli("configure", "context local", "ip route 203.0.113.0/24 192.0.2.77",
               "end")
    after = {s: p["generation"] for s, p in processes(router).items() if s != "cli"}
    assert all(after[s] == before[s] + 1 for s in before)
    rows = router.show("ip route")["routes"]
    assert {"203.0.113.0/24"} <= {r["prefix"] for r in rows if r["active"]}


def test_show_configuration_loads_again_to_the_same(router):
    router.up(lab.config())
    text = router.cli("show configuration")
    router.up(text, name="s")
    again = router.cli("show configuration", name="s")

    def without_secrets(t):  # each time under a nonce of its own
        return [re.sub(r"encrypted 1 \S+", "encrypted", x) for x in t.splitlines()[3:]]
    assert without_secrets(again) == without_secrets(text)
    assert [s["spi"] for s in router.show("ipsec sa", name="s")["sas"]]
    assert lab.CBC_KEY.hex() not in text
