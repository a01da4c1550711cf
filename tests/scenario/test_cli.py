"""The command line against the real router: logins, files of commands, and two
sessions that meet."""

import json
import re

import pexpect
import pytest

import lab

ADMIN = " administrator admin password secret99\n"


def telnet(router):
    status = json.loads(router.sesim("status", "--json").stdout)
    port = status["routers"][0]["cli"]["telnet"].rsplit(":", 1)[1]
    return pexpect.spawn("telnet", ["127.0.0.1", port], encoding="utf-8",
                         timeout=20 * lab.SLOW)


def login(router, password="secret99"):
    t = telnet(router)
    t.expect("login: ")
    t.send("admin\r")
    t.expect("Password: ")
    t.send(password + "\r")
    return t


def test_telnet_asks_for_a_login_and_starts_at_privilege_6(router):
    router.up(lab.config(extra_context=ADMIN), "r", "--telnet", "0")
    t = login(router, "wrong")
    t.expect("login: ")
    t.close()
    t = login(router)
    t.expect(r"\[local\]pe1>")
    t.send("configure\r")
    t.expect("%")
    t.expect(r"\[local\]pe1>")
    t.send("enable\r")
    t.expect(r"\[local\]pe1#")
    t.send("show card\r")
    t.expect("ge-10-port")
    t.expect(r"\[local\]pe1#")
    t.send("exit\r")
    t.expect(pexpect.EOF)
    assert "secret99" not in router.cli("show configuration")


def test_a_caret_stands_under_the_word_that_does_not_fit(router):
    router.up(lab.config(extra_context=ADMIN), "r", "--telnet", "0")
    t = login(router)
    t.expect(r"\[local\]pe1>")
    t.send("show nonsense\r")
    t.expect(r"\r\n( *)\^")
    assert len(t.match.group(1)) == len("[local]pe1>show ")
    t.expect("% Invalid input at")
    t.close()


def test_a_file_of_commands_stops_at_its_first_error(router):
    router.up(lab.config())
    path = router.file("cmds", "configure\ncontext local\n ip route 203.0.113.0/24 vpn\n"
                               " interfoo x\nend\n")
    done = router.sesim("cli", "r", "-f", path)
    assert done.returncode == 1
    assert re.search(r"\b4\b", done.stderr), done.stderr
    # what was typed before was never committed
    assert "203.0.113.0" not in router.cli("show ip route")


def test_nothing_acts_before_commit_and_abort_forgets(router):
    router.up(lab.config())
    router.cli("configure", "context local", "ip route 203.0.113.0/24 vpn", "abort")
    assert "203.0.113.0" not in router.cli("show configuration")


def test_two_sessions_that_change_one_object_are_told(router):
    router.up(lab.config(extra_context=ADMIN), "r", "--telnet", "0")
    t = login(router)
    t.expect("pe1>")
    t.send("enable\r")
    t.expect("pe1#")
    for line in ("configure", "port ethernet 1/1", "mtu 1300"):
        t.send(line + "\r")
        t.expect(r"\)#")
    router.cli("configure", "port ethernet 1/1", "mtu 1200", "end")
    t.send("commit\r")
    t.expect("(?i)changed")
    t.expect(r"\)#")
    t.close()
    assert [p["mtu"] for p in router.show("port")["ports"] if p["port"] == "1/1"] == [1200]


def test_a_commit_that_does_not_hold_changes_nothing(router):
    router.up(lab.config())
    before = router.show("card")
    done = router.sesim("cli", "r", "-c", "configure", "-c", "context local", "-c",
                        "no ipsec sa out", "-c", "end")
    assert done.returncode == 1 and "branch" in done.stdout + done.stderr
    assert router.show("ipsec sa")["sas"] and router.show("card") is not None
    assert [c["processes"][0]["generation"] for c in before["cards"]] == \
        [c["processes"][0]["generation"] for c in router.show("card")["cards"]]


def test_inventory_in_the_layouts_that_collectors_read(router):
    router.up(lab.config())
    # slot, type, serial, revision, version, date: as collectors of SEOS match it
    row = re.compile(r"^(\d+|N/A) +(.+?) {2,}(\S+) +(\S+) +(\S+) +(\d\d-[A-Z]{3}-\d{4})", re.M)
    found = {m.group(1): m.group(2) for m in row.finditer(router.cli("show hardware"))}
    assert found["1"] == "ge-10-port" and found["3"] == "ase" and found["7"] == "xcrp4-base"
    assert all(c["simulated"] for c in router.show("hardware")["cards"])
    assert "Temperature     :" in router.cli("show hardware card 3 detail")
    assert router.cli("show chassis").startswith("Current platform is SE800")
    names = [p["name"] for p in router.show("process")["processes"]]
    assert names == ["xcrp", "1/ippa", "1/eppa", "2/ippa", "2/eppa", "3/asp1", "3/asp2", "cli"]
    assert 0 < router.show("memory")["total_octets"] < 60 << 20
    assert router.show("context")["contexts"][0]["id"] == "0x40080001"
    text = router.cli("show tech-support")
    for part in ("version", "hardware", "ipsec-sa", "counters"):
        assert f"==== {part} ====" in text


def test_an_alarm_stands_as_long_as_its_cause(router):
    router.up(lab.config())
    assert router.show("system alarm")["alarms"] == []
    router.cli("configure", "card ase 3", "shutdown", "end")
    alarms = router.show("system alarm")["alarms"]
    assert [a["source"] for a in alarms] == ["branch"] and "aspHomingFailure" in alarms[0]["description"]
    router.cli("configure", "card ase 3", "no shutdown", "end")
    assert router.show("system alarm")["alarms"] == []
