"""Sessions as people and scripts have them, over the UNIX socket and telnet.

usage: session_test.py SESIM_CLI FAKE_CHASSIS [TEST]
"""

import json
import os
import re
import socket
import subprocess
import sys
import threading

import pexpect
import pexpect.fdpexpect

from fixture import PROMPT, Router


def command(t, line, end="\r"):
    """What a command prints, without its echo."""
    t.send(line + end)
    t.expect(PROMPT)
    lines = t.before.split("\r\n")
    assert lines[0] == line, ("echo", lines[0], line)
    return "\n".join(lines[1:])


def telnet_login(r):
    """An administrator at level 6."""
    s = r.telnet_socket()
    t = pexpect.fdpexpect.fdspawn(s, timeout=20, encoding="latin-1")
    t.sock = s
    t.expect("login: ")
    t.send("admin\r")
    t.expect("Password: ")
    t.send("s3cret\r")
    t.expect(PROMPT)
    return t


def test_show_layouts(r):
    t = r.terminal()
    command(t, "terminal length 0")
    text = command(t, "show version")
    assert text.startswith("Redback Networks SmartEdge OS Version"), text
    assert "1 days, 2 hours 3 minutes 4 secs" in text, text
    assert "Current platform is SE800" in command(t, "show chassis")
    text = command(t, "show ip route")
    assert "> C     10.1.0.0/16" in text and "02:11:09" in text, text
    assert "MAC address            : 02:5e:00:00:01:01" in \
        command(t, "show port 1/1 detail")
    assert "2/1" not in command(t, "show port 1/1 detail")
    assert "Port 9/9 does not exist" in command(t, "show port 9/9")
    for what in ("card", "ip interface brief", "ipsec tunnel", "ipsec sa",
                 "ipsec sa tunnel to-branch detail", "counters", "backplane",
                 "asp", "transaction"):
        text = command(t, "show " + what)
        assert "%" not in text and text.strip(), (what, text)
    assert "no route leads there" in command(t, "show counters")
    assert 'No tunnel "x"' in command(t, "show ipsec tunnel x")


def test_pipes(r):
    t = r.terminal()
    data = json.loads(command(t, "show card | json"))
    assert data["cards"][0]["slot"] == 1
    assert command(t, "show configuration | include if7").split() == \
        ["interface", "if7"]
    assert "Count: 60 lines" in \
        command(t, "show configuration | include interface | count")
    assert command(t, "show configuration | begin if60").split() == \
        ["interface", "if60", "end"]
    text = command(t, 'show configuration | grep -i "IF5[0-3]$"')
    assert len(text.split()) == 8, text
    assert "% after |" in command(t, "show card | nonsense")
    assert "% grep" in command(t, "show card | grep [")


def test_monitor(r):
    t = r.terminal()
    command(t, "terminal length 0")
    for key in ("x", "q", "\x03"):
        t.send("monitor interval 1 show card\r")
        for _ in range(2):  # the second comes by itself
            t.expect(r"\x1b\[H\x1b\[J")
            t.expect("show card, every 1 s")
            t.expect("ge-10-port")
        t.send(key)
        t.expect(PROMPT)
    text = command(t, "monitor count 1 show card | include ge-10")
    assert "ge-10-port" in text and "every" not in text, text
    assert "% Invalid input" in command(t, "monitor show nothing")
    assert "% Incomplete command" in command(t, "monitor show")
    assert "Redback" in command(t, "show version"), "the session goes on"


def test_errors(r):
    """Section 2.4 of the reference: the caret is counted with the prompt."""
    t = r.terminal()
    text = command(t, "show fo")
    lines = text.split("\n")
    assert lines[0] == " " * len("[local]Redback#show ") + "^", lines
    assert lines[1] == "% Invalid input at '^' marker", lines
    assert "% Incomplete command" in command(t, "show ip")
    assert '% Ambiguous command: "sh c"' in command(t, "sh c")
    assert "% Privilege" not in command(t, "")
    t.sendline("disable")
    t.expect(r"\[local\]Redback>")
    assert "% Invalid input" in command(t, "configure")
    t.sendline("enable 15")
    t.expect(r"\[local\]Redback#")


def test_configuration(r):
    t = r.terminal()
    t.send("config term\r")
    t.expect(r"\[local\]Redback\(config\)#")
    t.send("context local\r")
    t.expect(r"Redback\(config-ctx\)#")
    t.send("interface lan\r")
    t.expect(r"Redback\(config-if\)#")
    text = command(t, "ip address bad")
    lines = text.split("\n")
    assert lines[0].index("^") == len("[local]Redback(config-if)#ip address "), \
        lines
    assert "% Invalid input at '^' marker" in lines[1]
    assert "ge-10-port" in command(t, "show card"), "show works here too"
    text = command(t, "show fo")
    assert text.split("\n")[0].index("^") == \
        len("[local]Redback(config-if)#show "), text
    assert "Transaction committed." in command(t, "commit")
    t.send("exit\r")
    t.expect(r"\(config-ctx\)#")
    t.send("exit\r")
    t.expect(r"\(config\)#")
    t.send("abort\r")
    t.expect(r"\(config\)#")
    t.send("exit\r")
    t.expect(r"Redback#")
    t.send("configure\r")
    t.expect(r"\(config\)#")
    t.send("context local\r")
    t.expect(r"\(config-ctx\)#")
    t.send("\x1a")  # Ctrl-Z is end
    t.expect(r"Transaction committed\.\r\n\[local\]Redback#")


def test_help_and_completion(r):
    t = r.terminal()
    t.send("terminal length 0\r")  # the topics are more than a page
    t.expect(PROMPT)
    t.send("show ?")
    t.expect(r"show \?\r\n")
    t.expect(r"  card  ")
    t.expect(r"  version  ")
    t.expect(PROMPT + "show ")
    t.send("ver")
    t.send("\t")
    t.expect("version ")
    t.send("\r")
    t.expect("SmartEdge OS")
    t.expect(PROMPT)
    t.send("sh?")
    t.expect(r"sh\?\r\n  show  ")
    t.expect(PROMPT + "sh")
    t.send("\x15")
    t.send("show c\t")
    t.expect("  card ")
    t.expect("  chassis ")
    t.expect(PROMPT + "show c")
    t.send("\x15")
    t.send("show xyz ?")
    t.expect(r"\^")
    t.expect("% Invalid input at")
    t.expect(PROMPT + "show xyz ")
    t.send("\x15show | ?")
    t.expect("include")
    t.expect(PROMPT)


def test_editing(r):
    """libcli's editing and history, through the proxy."""
    t = r.terminal()
    command(t, "show version")
    t.send("\x1b[A")
    t.expect("show version")
    t.send("\r")
    t.expect("SmartEdge OS")
    t.expect(PROMPT)
    t.send("ow card\x01sh\x05 | count\r")
    t.expect("Count: 4 lines")
    t.expect(PROMPT)
    t.send("garbage\x03")
    t.expect(r"\^C\r\n" + PROMPT)
    t.send("show | \x15show card | include \"ge-10\"\r")
    t.expect("ge-10-port")
    t.expect(PROMPT)


def test_pager(r):
    t = r.terminal()
    t.send("show configuration\r")
    t.expect(r"---\(more\)---")
    assert t.before.count("\r\n") == 24, t.before  # 23 lines and the echo
    t.send("\n")
    t.expect(r"---\(more\)---")
    assert t.before.strip().count("interface") == 1, t.before
    t.send(" ")
    t.expect(r"---\(more\)---")
    t.send("q")
    t.expect(PROMPT)
    assert "end" not in t.before
    command(t, "terminal length 0")
    assert "if60\n" in command(t, "show configuration")
    assert command(t, "show configuration").rstrip().endswith("\nend")


def test_slow_typist(r):
    t = r.terminal()
    for c in "sh ver":
        t.send(c)
        t.expect_exact(c)
    t.send("\r")
    t.expect("SmartEdge OS")
    t.expect(PROMPT)


def test_paste_of_a_thousand_lines(r):
    """No line is lost, and the last answer comes last."""
    t = r.terminal()
    paste = "configure\ncontext local\n" + "".join(
        "interface if%d\n" % i for i in range(1000)) + "show card | count\nend\n"
    writer = threading.Thread(target=t.sock.sendall, args=(paste.encode(),))
    writer.start()
    t.expect("Count: 4 lines", timeout=60)
    seen = t.before.count("interface if")
    writer.join()
    assert seen == 1000, seen
    t.expect(r"Transaction committed")
    t.expect(PROMPT)


def test_line_ends_only_lf(r):
    s = r.connect()
    s.sendall(b"show version\nshow card | count\n")
    s.shutdown(socket.SHUT_WR)
    text = b""
    while True:
        got = s.recv(4096)
        if not got:
            break
        text += got
    assert b"SmartEdge OS" in text and b"Count: 4 lines" in text, text


def test_line_of_100000_characters(r):
    t = r.terminal()
    line = "x" * 100000
    writer = threading.Thread(target=t.sock.sendall,
                              args=(line.encode() + b"\r",))
    writer.start()
    t.expect("% A line holds 3072 characters at most")
    t.expect(PROMPT)
    writer.join()
    assert "% Invalid" not in t.before
    assert "SmartEdge" in command(t, "show version")


def test_dropped_connections(r):
    for octets in (b"", b"show conf", b"show configuration\r",
                   b"configure\rinterface slow\r", b"\0batch\nshow card\n",
                   bytes(range(256)) * 20):
        for connect in (r.connect, r.telnet_socket):
            s = connect()
            s.sendall(octets)
            s.close()
    t = r.terminal()
    assert "SmartEdge" in command(t, "show version")


def test_interrupt(r):
    """Ctrl-C ends a wait for the controller; other sessions go on."""
    t = r.terminal()
    other = r.terminal()
    t.send("configure\r")
    t.expect(r"\(config\)#")
    t.send("interface slow\r")
    t.expect("interface slow\r\n")
    assert "SmartEdge" in command(other, "show version")
    t.send("\x03")
    t.expect("% interrupted")
    t.expect(PROMPT)


def test_telnet_login(r):
    s = r.telnet_socket()
    t = pexpect.fdpexpect.fdspawn(s, timeout=20, encoding="latin-1")
    t.expect("login: ")
    t.send("admin\r\n")
    t.expect("Password: ")
    t.send("wrong\r\n")
    t.expect("% Authentication failed")
    t.expect("login: ")
    t.send("admin\r\0")
    t.expect("Password: ")
    t.send("s3cret\n")
    t.expect(r"\[local\]Redback>")
    assert "s3cret" not in t.before, "a password is not echoed"
    t.send("enable 15\r\n")
    t.expect(r"\[local\]Redback#")
    t.send("exit\r\n")
    t.expect(pexpect.EOF)
    s.close()


def test_telnet_three_failures(r):
    s = r.telnet_socket()
    t = pexpect.fdpexpect.fdspawn(s, timeout=20, encoding="latin-1")
    for _ in range(3):
        t.expect("login: ")
        t.send("nobody\r")
        t.expect("Password: ")
        t.send("guess\r")
        t.expect("% Authentication failed")
    t.expect(pexpect.EOF)
    s.close()


def test_telnet_option_flood(r):
    s = r.telnet_socket()
    t = pexpect.fdpexpect.fdspawn(s, timeout=20, encoding="latin-1")
    t.expect("login: ")
    flood = b"".join(bytes((255, verb, option)) for verb in range(251, 255)
                     for option in range(255)) * 50
    s.sendall(flood + b"\xff\xfa" + b"y" * 100000 + b"\xff\xf0")
    t.send("admin\r")
    t.expect("Password: ")
    assert len(t.before) < 8 * 255, "an option is answered once"
    s.close()


def test_ssh_clients_that_do_not_log_in(r):
    """Who only connects is shown the door, and nobody waits for it."""
    held = [socket.create_connection(("127.0.0.1", r.ssh_port)) for _ in range(4)]
    held[1].sendall(b"SSH-2.0-slow\r\n")
    held[2].sendall(b"SSH-2.0-")
    t = r.terminal()
    assert "SmartEdge" in command(t, "show version")
    for s in held:
        s.settimeout(60)
        try:
            while s.recv(65536):
                pass
        except ConnectionResetError:
            pass
        s.close()


def test_batch(r):
    s = r.connect()
    f = s.makefile("rwb")
    f.write(b"\0batch\n")
    f.flush()
    while f.read(1) != b"\0":
        pass

    def run(line):
        f.write(line.encode() + b"\n")
        f.flush()
        status, octets = f.readline().split()
        return int(status), f.read(int(octets)).decode()

    assert run("show version")[0] == 0
    status, text = run("show configuration")
    assert status == 0 and text.endswith("end\n") and "more" not in text
    status, text = run("show fo")
    assert status == 1 and "% Invalid input" in text
    assert run("! a comment") == (0, "")
    status, text = run("show card | json")
    assert json.loads(text)["cards"]
    status, text = run("x" * 4000)
    assert status == 1
    f.close()
    s.close()


def test_configure_file(r):
    """All or nothing, with file, line and column of the first error."""
    t = r.terminal()
    path = r.dir + "/lines"
    with open(path, "w", encoding="ascii") as f:
        f.write("! comment\ncontext local\n interface lan\nend\n")
    assert "Transaction committed." in command(t, "configure " + path)
    with open(path, "a", encoding="ascii") as f:
        f.seek(0)
        f.truncate()
        f.write("context local\n interface lan\n  ip address bad\n")
    assert "lines:3:12: expected" in command(t, "configure " + path)
    assert "Can't open" in command(t, "configure /no/such/file")


def test_save_asks_before_it_writes_over_a_file(r):
    """Automation clients answer "yes"; a person may think again."""
    t = r.terminal()
    path = r.dir + "/flash/redback.cfg"
    command(t, "save configuration")
    with open(path, encoding="ascii") as f:
        assert f.read().endswith("end\n")
    with open(path, "w", encoding="ascii") as f:
        f.write("old")
    t.send("save config\r")
    t.expect("overwrite")
    t.send("n\r")
    t.expect(PROMPT)
    assert open(path, encoding="ascii").read() == "old"
    t.send("save config\r")
    t.expect("overwrite")
    t.send("yes\r")
    t.expect(PROMPT)
    assert open(path, encoding="ascii").read() != "old"
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_flash_holds_files_and_nothing_outside_of_it(r):
    t = r.terminal()
    command(t, "save configuration a.cfg")
    command(t, "mkdir /flash/old")
    command(t, "copy a.cfg old/b.cfg")
    command(t, "rename /flash/a.cfg c.cfg")
    assert re.search(r"Contents of /flash/\n.*c\.cfg\n.*old/", command(t, "directory"))
    assert "b.cfg" in command(t, "dir /flash/old")
    command(t, "delete old/b.cfg")
    assert "b.cfg" not in command(t, "dir /flash/old")
    for name in ("/pcmcia0", "/etc/passwd", "../port", "/flash/../port", "/flashy"):
        assert "is not a valid path on a local file system" in command(t, "dir " + name), name
        assert "is not a valid path" in command(t, "copy c.cfg " + name), name
        assert "is not a valid path" in command(t, "delete " + name), name
    assert "Can't open" in command(t, "copy nothing.cfg d.cfg")


def test_an_administrator_saves_into_flash_only(r):
    """Any file of the machine is for the router's owner alone."""
    t = telnet_login(r)
    t.send("enable 15\r")
    t.expect("#")
    assert "is not a valid path" in command(t, "save configuration " + r.dir + "/x")
    assert "is not a valid path" in command(t, "configure " + r.dir + "/x")
    assert not os.path.exists(r.dir + "/x")


def test_context(r):
    t = r.terminal()
    assert "%" in command(t, "context nowhere")
    t.send("context vpn1\r")
    t.expect(r"\[vpn1\]Redback#")


def test_stdin(r):
    run = subprocess.run([r.cli_program, "--endpoint", r.endpoint,
                          "--run-dir", r.dir, "--stdin"],
                         input=b"show version\nshow card | count\n",
                         capture_output=True, timeout=20, check=True)
    assert b"Count: 4 lines" in run.stdout, run.stdout


def test_many_sessions(r):
    terminals = [r.terminal() for _ in range(20)]
    for i, t in enumerate(terminals):
        t.send("configure\r" if i % 2 else "show version\r")
    for i, t in enumerate(terminals):
        t.expect(r"\(config\)#" if i % 2 else "SmartEdge OS")


def main():
    cli, fake = sys.argv[1:3]
    tests = {name[5:]: test for name, test in globals().items()
             if name.startswith("test_")}
    for name in sys.argv[3:] or tests:
        router = Router(cli, fake)
        try:
            tests[name](router)
            print("passed:", name, flush=True)
        finally:
            router.close()


if __name__ == "__main__":
    main()
