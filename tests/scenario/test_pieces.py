"""A long configuration comes in pieces: it begins at once, it is whole, pipes and the pager
work over it. And command lines that are killed leave nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess

import pexpect
import pytest

import lab

MANY = 3000
PROMPT = r"\[local\]pe1(\([a-z-]+\))?[>#]"


@pytest.fixture
def long(router):
    """A router whose configuration is of many pieces."""
    text = lab.config().replace("context local\n", "context local\n" + "".join(
        f" interface if{i}\n  description \"number {i}\"\n" for i in range(MANY)), 1)
    router.up(text)
    return router


def local(router):
    status = json.loads(router.sesim("status", "--json").stdout)
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(60 * lab.SLOW)
    client.connect(status["routers"][0]["cli"]["socket"])
    return client


def sealed(text):
    """Each time a secret is sealed anew."""
    return re.sub(r"encrypted 1 \S+", "encrypted 1 X", text)


def answers(client, line):
    """The pieces of an answer to a local client, as cli.1 has them."""
    file = client.makefile("rb")
    client.sendall(b"\0batch\n")
    while file.read(1) != b"\0":
        pass
    client.sendall(line + b"\n")
    found = []
    while not found or found[-1][0] == 2:
        status, octets = map(int, file.readline().split())
        found.append((status, file.read(octets)))
    return found


def test_a_long_configuration_is_whole_in_pieces(long):
    whole = json.loads(long.cli("show configuration | json"))["text"]
    pieces = answers(local(long), b"show configuration")
    assert len(pieces) > 3 and pieces[-1][0] == 0
    assert sealed(b"".join(text for _, text in pieces).decode()) == sealed(whole)
    assert sealed(long.cli("show configuration")) == sealed(whole)


def firsts(text):
    """The first words of the lines that stand in no mode."""
    return {line.split()[0] for line in text.splitlines() if line[:1].islower()} - {"end"}


def test_a_section_is_what_begins_so(router):
    router.up(lab.config())
    for first in firsts(router.cli("show configuration")):
        assert firsts(router.cli(f"show configuration {first}")) == {first}


def test_pipes_work_over_the_pieces(long):
    assert long.cli("show configuration | include description | count") == f"Count: {MANY} lines\n"
    assert "interface if2999 " in long.cli("show configuration | join-lines | include \"number 2999\"")
    assert long.cli("show configuration | begin \"interface if999\" | exclude description"
                    ).startswith(" interface if999\n")
    candidate = ("configure", "context local", "interface if1", "ip mtu 1300")
    assert "ip mtu 1300" in long.cli(*candidate, "show configuration candidate | include mtu", "abort")
    assert "+  ip mtu 1300" in long.cli(*candidate, "show configuration changes", "abort")


def test_who_leaves_the_pager_gets_the_prompt_and_nothing_late(long):
    client = pexpect.spawn(str(lab.BIN / "sesim"), ["cli", "r"], env=long.env, encoding="utf-8",
                           timeout=20 * lab.SLOW, dimensions=(24, 80))
    client.expect(PROMPT)
    for key in ("q", " q", "\x03"):
        client.send("show configuration\r")
        client.expect_exact("---(more)---")
        client.send(key)
        client.expect(PROMPT)
        client.send("show transaction\r")
        client.expect(PROMPT)
        assert "interface if" not in client.before
    client.close(force=True)


def test_a_command_line_that_is_killed_leaves_no_candidate(router):
    router.up(lab.config())
    serving = router.children(["sesim-cli"])[0]
    args = open(f"/proc/{serving}/cmdline", "rb").read().decode().split("\0")[:-1]
    endpoint = args[args.index("--endpoint") + 1]
    path = str(router.path / "other")
    other = subprocess.Popen([str(lab.BIN / "sesim-cli"), "--endpoint", endpoint, "--run-dir",
                              args[args.index("--run-dir") + 1], "--socket", path], env=router.env)
    try:
        lab.until(lambda: os.path.exists(path))
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.connect(path)
        client.sendall(b"configure\rsystem location nowhere\r")
        lab.until(lambda: len(router.show("transaction")["transactions"]) == 1)
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        lab.until(lambda: router.show("transaction")["transactions"] == [])
    finally:
        other.kill()
        other.wait()
