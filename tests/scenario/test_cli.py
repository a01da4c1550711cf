"""The command line against the real router: logins, files of commands, and two
sessions that meet."""

import json
import os
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
    assert 0 < router.show("memory")["total_octets"] < int(lab.SLOW) * 60 << 20
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


WORDS = """banner login "for students only"
banner motd hello
alias exec si show ip interface brief
privilege exec level 3 show configuration
macro exec look
 seq 10 show clock
 seq 20 show port $1
"""


def local(router):
    """The owner's own terminal."""
    return pexpect.spawn(os.path.join(os.environ["SE_BIN"], "sesim"), ["cli", "r"],
                         env=router.env, encoding="utf-8", timeout=20 * lab.SLOW)


def test_an_enable_password_is_asked_for_where_one_is_configured(router):
    router.up(lab.config(extra_context=ADMIN + " enable password open7sesame\n"), "r",
              "--telnet", "0")
    t = login(router)
    t.expect("pe1>")
    t.send("enable\r")
    t.expect("Password: ")
    t.send("wrong\r")
    t.expect("% Access denied")
    t.expect("pe1>")
    t.send("enable 15\r")
    t.expect("ssword")
    t.send("open7sesame\r")
    t.expect("pe1#")
    assert "open7sesame" not in t.before
    t.send("disable\r")
    t.expect("pe1>")
    t.close()
    assert "open7sesame" not in router.cli("show configuration")
    # who came by the router's own socket has level 15 already
    assert "pe1" in router.cli("enable 15", "show configuration | include hostname")


def test_aliases_macros_and_levels_come_from_the_configuration(router):
    router.up(WORDS + lab.config(extra_context=ADMIN), "r", "--telnet", "0")
    t = telnet(router)
    t.expect("for students only")
    t.expect("login: ")
    t.send("admin\r")
    t.expect("Password: ")
    t.send("secret99\r")
    t.expect("hello")
    t.expect("pe1>")
    t.send("si | include lan\r")
    t.expect(r"lan .*10\.1\.0\.1/16")
    t.expect("pe1>")
    t.send("show configuration | include hostname\r")
    t.expect("system hostname pe1")
    t.expect("pe1>")
    t.send("look 1/1\r")
    t.expect(r"20\d\d")
    t.expect("1/1")
    t.expect("pe1>")
    t.send("show alias\r")
    t.expect("si +show ip interface brief")
    t.expect("look +show clock")
    t.close()


def test_what_was_typed_is_there_in_the_next_session_but_no_secret(router):
    router.up(lab.config())
    t = local(router)
    t.expect("pe1#")
    for line in ("show clock", "show ipsec sa key hex 00112233", "show version"):
        t.send(line + "\r")
        t.expect("pe1#")
    t.send("exit\r")
    t.expect(pexpect.EOF)
    t = local(router)
    t.expect("pe1#")
    t.send("\x10\x10\r")  # Ctrl-P twice: past `exit`
    t.expect("SmartEdge OS Version")
    t.expect("pe1#")
    t.send("show history\r")
    t.expect("show clock")
    t.expect("pe1#")
    assert "00112233" not in t.before
    t.close()
    path = os.path.join(router.env["SESIM_RUN_DIR"], "r", "cli.history")
    assert "show clock" in open(path).read() and "0011" not in open(path).read()
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_output_is_saved_and_found_by_object(router):
    router.up(lab.config())
    joined = router.cli("show configuration | join-lines | include 192.0.2.1/24")
    assert len(joined.splitlines()) == 1 and "interface wan ip address 192.0.2.1/24" in joined
    router.cli("show version | save v.txt")
    assert "v.txt" in router.cli("directory")
