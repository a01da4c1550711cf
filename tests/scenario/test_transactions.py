"""Commits that are confirmed, taken back, remembered, and what a controller that
is killed goes on with."""

import os
import pathlib
import re
import signal
import time

import pexpect
import pytest

import lab


def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds * lab.SLOW
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def history(router):
    return router.show("configuration history")["commits"]


def test_history_says_who_committed_what_and_rollback_puts_it_back(router):
    router.up(lab.config())
    router.cli("configure", "system location here", "commit comment moved",
               "system location there", "end")
    commits = history(router)
    assert [c["comment"] for c in commits] == ["", "moved", ""]
    assert commits[2]["from"] == "boot" and commits[0]["from"] == "local"
    router.cli("configure", "rollback 1", "end")
    assert "system location here" in router.cli("show configuration")
    router.cli("configure", "rollback 3", "end")
    assert "system location" not in router.cli("show configuration")
    done = router.sesim("cli", "r", "-c", "configure", "-c", "rollback 49")
    assert done.returncode == 1 and "no such commit" in done.stdout + done.stderr


def test_a_commit_that_is_confirmed_stays(router):
    router.up(lab.config())
    out = router.cli("configure", "system location here", "commit confirmed 1")
    assert "it will be rolled back within 1 minutes" in out
    assert router.show("transaction")["rollback_s"] > 0
    router.cli("configure", "commit")
    assert router.show("transaction")["rollback_s"] == 0
    assert len(history(router)) == 2


def test_a_commit_that_nobody_confirms_is_taken_back(router):
    router.up(lab.config())
    out = router.cli("configure", "system location here", "commit confirmed seconds 2", "end")
    assert re.search("it will be rolled back within [12] seconds", out)
    wait_for(lambda: history(router)[0]["from"] == "timer", 20)
    assert "system location" not in router.cli("show configuration")


def test_a_controller_that_is_killed_goes_on_with_what_was_committed(router):
    router.up(lab.config())
    router.cli("configure", "system location here", "end")
    kept = pathlib.Path(router.env["SESIM_RUN_DIR"]) / "r" / "running.cfg"
    wait_for(lambda: kept.exists() and "location here" in kept.read_text(), 20)
    os.kill(router.children(["sesim-chassis"])[0], signal.SIGKILL)
    show = ("cli", "r", "-c", "show configuration | include location")
    wait_for(lambda: "location here" in router.sesim(*show).stdout, 20)
    # a router that is started anew begins with its own file
    router.down()
    router.up(lab.config())
    assert "system location" not in router.cli("show configuration")


def test_the_head_names_who_changed_the_configuration_last(router):
    router.up(lab.config())
    assert "last changed" not in router.cli("show configuration")
    router.cli("configure", "system location here", "end")
    assert "! Configuration last changed by user '" in router.cli("show configuration")


def test_a_saved_configuration_loads_again_as_one_transaction(router):
    router.up(lab.config())
    router.cli("configure", "system location here", "end")
    router.cli("save configuration a.cfg", "configure", "no system location", "end")
    router.cli("configure a.cfg")
    assert "system location here" in router.cli("show configuration")


def test_a_router_boots_from_what_it_saved(router):
    router.up(lab.config())
    router.cli("configure", "system location here", "end", "save configuration")
    router.down()
    done = router.sesim("up", "--name", "r")
    assert done.returncode == 0, done.stderr
    router.names.append("r")
    assert "system location here" in router.cli("show configuration")
    done = router.sesim("up", "--name", "nobody")
    assert done.returncode == 2 and "no saved configuration" in done.stderr


def test_exec_commands_run_inside_configuration_by_do(router):
    router.up(lab.config())
    out = router.cli("configure", "context local", "do show clock", "interface late", "do save conf",
                     "abort")
    assert "20" in out and "interface late" not in router.cli("show configuration")


def test_the_log_says_what_happened_in_the_form_of_the_machine(router):
    router.up("logging file messages\n" + lab.config())
    router.cli("configure", "card ase 3", "shutdown", "commit comment drill", "card ase 3",
               "no shutdown", "end")
    lines = router.cli("show log").splitlines()
    form = re.compile(r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d: %([A-Z]+)-(\d)-([A-Z]+): (.*)$")
    log = [form.match(line).groups() for line in lines]
    assert ("IPSEC", "5", "TUNNELUP", "tunnel branch is up") in log
    assert any(e[:3] == ("CFG", "6", "COMMIT") and "drill" in e[3] for e in log)
    assert any(e[2] == "TUNNELDOWN" and "aspHomingFailure" in e[3] for e in log)
    assert len(router.cli("show log tail 1").splitlines()) == 1
    path = os.path.join(router.env["SESIM_RUN_DIR"], "r", "flash", "messages")
    assert "TUNNELDOWN" in open(path).read()
    router.cli("clear log")
    assert router.show("log")["events"] == []


def test_a_terminal_that_monitors_sees_lines_as_they_come(router):
    router.up(lab.config())
    t = pexpect.spawn(os.path.join(os.environ["SE_BIN"], "sesim"), ["cli", "r"],
                      env=router.env, encoding="utf-8", timeout=20 * lab.SLOW)
    t.expect("pe1#")
    t.send("terminal monitor\r")
    t.expect("pe1#")
    t.send("show cl")
    router.cli("configure", "system location here", "end")
    t.expect(r"%CFG-6-COMMIT: .* committed by")
    t.expect("pe1#show cl")  # and what was being typed is still there
    t.send("ock\r")
    t.expect(r"20\d\d")
    t.close()


def test_a_killed_asp_is_an_alarm_and_two_lines(router):
    router.up(lab.config())
    os.kill(router.children(["--asp"])[0], signal.SIGKILL)
    wait_for(lambda: "%ASP-5-UP" in router.cli("show log"), 10)
    assert "%ASP-2-DOWN" in router.cli("show log")
