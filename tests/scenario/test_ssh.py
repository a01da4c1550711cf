"""The command line by SSH, with clients that are not ours: OpenSSH's, and
paramiko as automation uses it."""

import concurrent.futures
import json
import os
import re
import socket
import stat
import subprocess

import paramiko
import pexpect
import pytest

import lab

ADMIN = """ administrator admin password secret99
 administrator boss password bigger99
  privilege start 15
"""
PROMPT = r"\[local\]pe1(\([a-z-]+\))?[>#]"


def key_line(key):
    return f"  public-key {key.read_text().strip()}\n"


@pytest.fixture
def keys(tmp_path):
    """Private keys; beside each its public half."""
    made = {}
    for name, kind in (("mine", "ed25519"), ("rsa", "rsa"), ("ec", "ecdsa"),
                       ("other", "ed25519")):
        made[name] = tmp_path / name
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", made[name]],
                       check=True)
    return made


class Ssh:
    """OpenSSH's client for a router that is up."""

    def __init__(self, router, name="r"):
        self.router = router
        status = json.loads(router.sesim("status", "--json").stdout)
        cli = [r["cli"] for r in status["routers"] if r["name"] == name][0]
        self.port = int(cli["ssh"].rsplit(":", 1)[1])
        self.hosts = router.path / "known_hosts"

    def args(self, *more, user="boss"):
        return ["-F", "none", *map(str, more), "-o", f"UserKnownHostsFile={self.hosts}",
                "-o", "StrictHostKeyChecking=accept-new", "-o", "IdentitiesOnly=yes",
                "-o", "IdentityAgent=none", "-o", "LogLevel=ERROR",
                "-p", str(self.port), f"{user}@127.0.0.1"]

    def spawn(self, *more, user="boss", command=(), **kw):
        return pexpect.spawn("ssh", self.args(*more, user=user) + list(command),
                             encoding="utf-8", timeout=20 * lab.SLOW, **kw)

    def login(self, user="boss", password="bigger99", **kw):
        t = self.spawn("-o", "PreferredAuthentications=password", user=user, **kw)
        t.expect("password: ")
        t.send(password + "\n")
        return t

    def run(self, key, *command, user="boss", more=(), **kw):
        """A command by public key, as scripts do."""
        done = subprocess.run(
            ["ssh", *self.args("-o", "BatchMode=yes", "-i", key, *more, user=user),
             *command], capture_output=True, timeout=60 * lab.SLOW,
            stdin=kw.pop("stdin", subprocess.DEVNULL), **kw)
        # as it is: line ends are looked at
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done

    def automation(self, user="boss", password="bigger99", **kw):
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect("127.0.0.1", self.port, user, password, allow_agent=False,
                       look_for_keys=False, timeout=20 * lab.SLOW,
                       banner_timeout=60 * lab.SLOW, auth_timeout=60 * lab.SLOW, **kw)
        return client


def up(router, extra=ADMIN, words=""):
    router.up(words + lab.config(extra_context=extra), "r", "--ssh", "0")
    return Ssh(router)


def users(router):
    return [u["user"] for u in router.show("users")["users"]]


def log(router):
    return router.cli("show log")


def test_a_password_lets_in_and_the_session_is_the_one_of_telnet(router):
    ssh = up(router, words='banner login students\nbanner motd hello\nbanner exec welcome\n')
    t = ssh.login(user="admin", password="secret99")
    t.expect("hello")
    t.expect("welcome")
    t.expect(r"\[local\]pe1>")
    t.send("configure\r")
    t.expect("%")
    t.expect("pe1>")
    t.send("enable\r")
    t.expect("pe1#")
    t.send("show card\r")
    t.expect("ge-10-port")
    t.expect("pe1#")
    assert "admin" in users(router)
    row = [u for u in router.show("users")["users"] if u["user"] == "admin"][0]
    assert row["from"] == "ssh 127.0.0.1"
    t.send("exit\r")
    t.expect(pexpect.EOF)
    t.close()
    assert t.exitstatus == 0
    assert "LOGIN: admin from ssh 127.0.0.1: logged in" in log(router)
    lab.until(lambda: "admin" not in users(router))
    assert "secret99" not in router.cli("show configuration", "show log")


def test_a_prompt_of_ours_lets_in_too(router):
    """RFC 4256: many automation clients know keyboard-interactive alone."""
    ssh = up(router)
    t = ssh.spawn("-o", "PreferredAuthentications=keyboard-interactive", user="admin")
    t.expect("Password: ")
    t.send("wrong\n")
    t.expect("Password: ")
    t.send("secret99\n")
    t.expect(PROMPT)
    t.close(force=True)
    transport = paramiko.Transport(("127.0.0.1", ssh.port))
    try:
        transport.start_client(timeout=20 * lab.SLOW)
        asked = []
        transport.auth_interactive("boss", lambda title, text, prompts: [
            asked.append(prompts) or "bigger99"])
        assert transport.is_authenticated() and asked[0] == [("Password: ", False)]
    finally:
        transport.close()
    log = router.cli("show log")
    assert "admin from ssh" in log and "login refused" in log


def test_the_login_banner_comes_before_the_password(router):
    ssh = up(router, words="banner login students\n")
    t = ssh.spawn("-o", "LogLevel=INFO", "-o", "PreferredAuthentications=password")
    t.expect("students\r\n")
    t.expect("password: ")
    t.close()


def test_up_says_where_and_wants_an_administrator(router):
    path = router.file("nobody.conf", lab.config())
    done = router.sesim("up", "--config", path, "--name", "r", "--ssh", "0")
    assert done.returncode == 2 and "--ssh" in done.stderr
    assert "administrator" in done.stderr
    path = router.file("r.conf", lab.config(extra_context=ADMIN))
    done = router.sesim("up", "--config", path, "--name", "r", "--ssh", "99999")
    assert done.returncode == 2 and "65535" in done.stderr
    done = router.up(lab.config(extra_context=ADMIN), "r", "--ssh", "0")
    ssh = Ssh(router)
    assert f"ssh 127.0.0.1:{ssh.port}" in done.stdout
    assert f"ssh 127.0.0.1:{ssh.port}" in router.sesim("status").stdout
    # loopback and nothing else
    with open("/proc/net/tcp", encoding="ascii") as f:
        at = [line.split()[1] for line in f if line.split()[3] == "0A"]
    assert f"0100007F:{ssh.port:04X}" in at and f"00000000:{ssh.port:04X}" not in at


def test_three_wrong_passwords_end_the_connection_and_are_logged(router):
    ssh = up(router)
    t = ssh.login(password="wrong")
    for _ in range(2):
        t.expect("Permission denied")
        t.expect("password: ")
        t.send("wrong again\n")
    t.expect(pexpect.EOF)
    t.close()
    assert t.exitstatus == 255
    assert log(router).count("LOGINFAIL: boss from ssh 127.0.0.1: login refused") == 3
    for name in ("nobody", "boss@nowhere", "x" * 200, "\u00fcbung", "a b"):
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        with pytest.raises(paramiko.SSHException):
            client.connect("127.0.0.1", ssh.port, name, "bigger99", allow_agent=False,
                           look_for_keys=False)
        client.close()
    assert "wrong again" not in log(router)


@pytest.mark.parametrize("kind", ["mine", "rsa", "ec"])
def test_a_public_key_lets_in_who_holds_its_other_half(router, keys, kind):
    ssh = up(router, ADMIN + key_line(keys[kind].with_suffix(".pub")))
    done = ssh.run(keys[kind], "show", "version")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Redback Networks SmartEdge OS Version")
    assert "\r" not in done.stdout and done.stderr == ""
    # another key, and the right key under another name
    assert ssh.run(keys["other"], "show", "version").returncode == 255
    assert ssh.run(keys[kind], "show", "version", user="admin").returncode == 255
    assert "LOGIN: boss from ssh" in log(router)


def test_a_public_key_without_its_other_half_is_worth_nothing(router, keys):
    ssh = up(router, ADMIN + key_line(keys["mine"].with_suffix(".pub")))

    class Thief(paramiko.Ed25519Key):
        """Offers one key and signs with another."""

        def asbytes(self):
            text = keys["mine"].with_suffix(".pub").read_text().split()[1]
            return paramiko.py3compat.decodebytes(text.encode())

    transport = paramiko.Transport(("127.0.0.1", ssh.port))
    transport.start_client(timeout=20 * lab.SLOW)
    transport.auth_timeout = 2 * lab.SLOW  # the library answers that with silence
    with pytest.raises(paramiko.SSHException):
        transport.auth_publickey("boss", Thief(filename=str(keys["other"])))
    assert not transport.is_authenticated()
    with pytest.raises((paramiko.SSHException, EOFError)):
        transport.open_session(timeout=2 * lab.SLOW)
    transport.close()
    assert "LOGIN:" not in log(router)


def test_many_keys_are_asked_about_but_not_without_end(router, keys):
    ssh = up(router, ADMIN + key_line(keys["mine"].with_suffix(".pub")))
    transport = paramiko.Transport(("127.0.0.1", ssh.port))
    transport.start_client(timeout=20 * lab.SLOW)
    strangers = [paramiko.ECDSAKey.generate() for _ in range(4)]
    with pytest.raises((paramiko.SSHException, EOFError, OSError)):
        for key in strangers:
            try:
                transport.auth_publickey("boss", key)
            except paramiko.AuthenticationException:
                if not transport.is_active():
                    raise EOFError from None
        raise AssertionError("a guesser is not stopped")
    transport.close()


def unsealed(text):
    """Without secrets, which are sealed anew each time they are shown."""
    return re.sub(r"(encrypted 1|password) .*|key encrypted.*", "", text)


def test_a_command_ends_with_its_status(router, keys):
    ssh = up(router, ADMIN + key_line(keys["mine"].with_suffix(".pub")))
    key = keys["mine"]
    # more than a page, and nobody is asked to turn it
    done = ssh.run(key, "show configuration")
    assert done.returncode == 0 and "more" not in done.stdout
    assert unsealed(done.stdout) == unsealed(router.cli("show configuration"))
    assert json.loads(ssh.run(key, "show card | json").stdout)["cards"]
    done = ssh.run(key, "show nonsense")
    assert done.returncode == 1 and "% Invalid input" in done.stdout
    done = ssh.run(key, "configure\nsystem hostname pe1\nport ethernet 1/1\nmtu 1400\nend")
    assert done.returncode == 0, done.stdout
    assert [p["mtu"] for p in router.show("port")["ports"] if p["port"] == "1/1"] == [1400]
    # stops at the first that is refused; nothing of it acts
    done = ssh.run(key, "configure\nport ethernet 1/1\nmtu 1300\nnonsense\nend")
    assert done.returncode == 1
    assert [p["mtu"] for p in router.show("port")["ports"] if p["port"] == "1/1"] == [1400]
    # what would ask is refused instead of waiting for ever
    done = ssh.run(key, "enable 15", user="boss", stdin=subprocess.PIPE)
    assert done.returncode in (0, 1)
    # a terminal gets line ends of a terminal
    done = ssh.run(key, "show clock", more=("-tt",))
    assert done.stdout.endswith("\r\n") and done.returncode == 0
    assert "COMMIT" in log(router)


def test_a_script_on_standard_input_needs_no_terminal(router, keys):
    ssh = up(router, ADMIN + key_line(keys["mine"].with_suffix(".pub")))
    script = router.file("script", "show configuration\n" * 20 + "show clock | json\n")
    with open(script, encoding="ascii") as f:
        done = ssh.run(keys["mine"], more=("-T",), stdin=f)
    assert done.returncode == 0, done.stderr
    assert "---(more)---" not in done.stdout
    assert done.stdout.count("system hostname pe1") == 20


def test_the_window_turns_pages_and_may_change(router):
    ssh = up(router)
    t = ssh.login(dimensions=(10, 80))
    t.expect(r"pe1#")
    t.send("show configuration\r")
    t.expect(re.escape("---(more)---"))
    assert t.before.count("\r\n") <= 11
    t.send("q")
    t.expect("pe1#")
    t.setwinsize(500, 80)
    t.send("\r")
    t.expect("pe1#")

    def whole():
        t.send("show configuration\r")
        if t.expect([re.escape("---(more)---"), r"\r\nend\r\n.*pe1#"]) == 1:
            return True
        t.send("q")
        t.expect("pe1#")
        return False

    lab.until(whole)
    t.close()


def test_automation_logs_in_reads_configures_commits_and_saves(router):
    ssh = up(router)
    client = ssh.automation()
    channel = client.invoke_shell(width=511, height=1000)
    channel.settimeout(20 * lab.SLOW)
    seen = []

    def say(line, until=PROMPT + r"$"):
        text = ""
        if line is not None:
            channel.sendall((line + "\n").encode())
            while line not in text:
                text += channel.recv(65536).decode()
        while not re.search(until, text):
            got = channel.recv(65536).decode()
            assert got, text
            text += got
        seen.append(text)
        return text

    say(None)
    say("terminal length 0")
    say("terminal width 511")
    assert "Redback Networks SmartEdge OS Version" in say("show version")
    assert re.search(r"\r\nend\r\n", say("show configuration"))
    assert "Current platform is SE800" in say("show chassis")
    assert "(config)#" in say("configure")
    assert "(config-port)#" in say("port ethernet 1/1")
    say("mtu 1444")
    assert "Transaction committed" in say("commit")
    assert say("end").endswith("[local]pe1#")
    assert "%" not in say("save configuration", PROMPT + r"$|\?")
    channel.close()
    client.close()
    assert [p["mtu"] for p in router.show("port")["ports"] if p["port"] == "1/1"] == [1444]
    assert "mtu 1444" in router.cli("show configuration")
    assert not any("---(more)---" in t for t in seen)


def test_many_at_once_each_with_its_own_mode_and_none_waits_for_a_stuck_one(router):
    ssh = up(router, words="system hostname pe1\n")
    stuck = ssh.automation()
    channel = stuck.invoke_shell()
    channel.sendall(b"terminal length 0\n" + b"show configuration\n" * 2000)
    mute = [socket.create_connection(("127.0.0.1", ssh.port)) for _ in range(8)]

    def one(i):
        client = ssh.automation()
        shell = client.invoke_shell()
        shell.settimeout(60 * lab.SLOW)
        shell.sendall(b"configure\ncontext local\nabort\nshow history\n")
        shell.shutdown_write()
        text = b""
        while (got := shell.recv(65536)):
            text += got
        status = shell.recv_exit_status()
        client.close()
        return i, status, text.decode()

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        for _, status, text in pool.map(one, range(20)):
            assert status == 0 and "(config-ctx)#" in text, text
    for s in mute:
        s.close()
    channel.close()
    stuck.close()


def test_no_more_than_the_house_holds(router):
    """64 connections; more are turned away, and there is room when they left."""
    ssh = up(router)
    held = [socket.create_connection(("127.0.0.1", ssh.port)) for _ in range(64)]
    for s in held:
        s.settimeout(30 * lab.SLOW)
        assert s.recv(4).startswith(b"SSH-")
    with socket.create_connection(("127.0.0.1", ssh.port)) as s:
        s.settimeout(30 * lab.SLOW)
        assert s.recv(64) == b""
    assert "pe1" in router.cli("show configuration")
    for s in held:
        s.close()

    def again():
        try:
            ssh.automation().close()
            return True
        except (paramiko.SSHException, EOFError, OSError):
            return False

    lab.until(again)


GARBAGE = [b"", b"\0" * 5000, os.urandom(20000), b"GET / HTTP/1.0\r\n\r\n",
           b"SSH-1.5-old\r\n", b"SSH-2.0-x" + b"y" * 100000, b"SSH-2.0-x\r\n" + b"\xff" * 5000,
           b"SSH-2.0-x\r\n" + os.urandom(50000),
           b"SSH-2.0-x\r\n\0\0\0\x0c\x0a\x14" + b"\0" * 10]


def test_garbage_on_the_port_hurts_nobody(router):
    ssh = up(router)
    other = ssh.login()
    other.expect("pe1#")
    for octets in GARBAGE:
        for hold in (False, True):
            with socket.create_connection(("127.0.0.1", ssh.port)) as s:
                try:
                    s.sendall(octets)
                    if hold:
                        s.shutdown(socket.SHUT_WR)
                        s.settimeout(30 * lab.SLOW)
                        while s.recv(65536):
                            pass
                except OSError:
                    pass  # it may well hang up on that
    other.send("show version\r")
    other.expect("SmartEdge")
    other.expect("pe1#")
    other.close()


def descriptors(router):
    pid = router.children(["sesim-cli"])[0]
    return len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task"))


def test_dropped_connections_leave_nothing(router, keys):
    ssh = up(router, ADMIN + key_line(keys["mine"].with_suffix(".pub")))
    assert ssh.run(keys["mine"], "show clock").returncode == 0
    router.cli("show clock")
    before = lab.until(lambda: (lambda a, b: a if a == b else None)(
        descriptors(router), descriptors(router)))
    for what in (b"", b"show conf", b"configure\rcontext local\r", b"\0batch\n",
                 bytes(range(256)) * 20, b"x" * 100000):
        client = ssh.automation()
        channel = client.invoke_shell()
        channel.sendall(what)
        client.get_transport().sock.close()
        client.close()
    lab.until(lambda: users(router) in ([], ["root"]) or "boss" not in users(router))
    assert router.show("transaction")["transactions"] == []
    lab.until(lambda: descriptors(router) <= before)


def test_only_a_session_can_be_had(router):
    ssh = up(router)
    client = ssh.automation()
    transport = client.get_transport()
    with pytest.raises(paramiko.SSHException):
        transport.open_channel("direct-tcpip", ("127.0.0.1", ssh.port), ("127.0.0.1", 1))
    with pytest.raises(paramiko.SSHException):
        transport.open_channel("x11", None, ("127.0.0.1", 1))
    with pytest.raises(paramiko.SSHException):
        transport.request_port_forward("127.0.0.1", 0)
    with pytest.raises(paramiko.SSHException):
        client.open_sftp()
    client.close()
    client = ssh.automation()
    channel = client.invoke_shell()
    with pytest.raises(paramiko.SSHException):
        client.get_transport().open_session()
    channel.sendall(b"show clock\n")
    channel.settimeout(20 * lab.SLOW)
    assert channel.recv(10)
    client.close()


def test_the_host_key_stays(router):
    ssh = up(router)
    path = router.env["SESIM_RUN_DIR"] + "/r/ssh_host_ed25519_key"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    ssh.automation().close()

    def scan():
        text = subprocess.run(["ssh-keyscan", "-p", str(Ssh(router).port), "127.0.0.1"],
                              capture_output=True, text=True, timeout=60).stdout
        return {line.split()[1:][0]: line.split()[2] for line in text.splitlines()
                if not line.startswith("#")}

    was = scan()
    assert list(was) == ["ssh-ed25519"]
    router.down()
    with open(path, "rb") as f:
        octets = f.read()
    up(router)
    assert scan() == was
    router.down()
    # a damaged one is no reason for a new one
    with open(path, "wb") as f:
        f.write(octets[:100])
    done = router.sesim("up", "--config", router.path / "r.conf", "--name", "r", "--ssh", "0")
    assert done.returncode != 0 and "ssh_host_ed25519_key" in done.stderr
    with open(path, "wb") as f:
        f.write(octets)
    os.chmod(path, 0o644)
    done = router.sesim("up", "--config", router.path / "r.conf", "--name", "r", "--ssh", "0")
    assert done.returncode != 0 and "0600" in done.stderr


def test_a_command_line_that_died_comes_back_with_the_same_key(router):
    ssh = up(router)
    ssh.automation().close()
    pid = router.children(["sesim-cli"])[0]
    t = ssh.login()
    t.expect("pe1#")
    os.kill(pid, 9)
    t.expect(pexpect.EOF)
    t.close()

    def again():
        try:
            return Ssh(router).automation()
        except (paramiko.SSHException, EOFError, OSError, KeyError):
            return None

    lab.until(again).close()
