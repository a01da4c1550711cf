"""A command line with a fixed router behind it, and the ways into it."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile

import pexpect
import pexpect.fdpexpect

PROMPT = r"\[local\]Redback(\([a-z0-9-]+\))?[>#]"


class Router:
    """sesim-cli and the chassis that the tests give it."""

    def __init__(self, cli, fake):
        self.dir = tempfile.mkdtemp(prefix="se", dir="/tmp")
        self.socket = os.path.join(self.dir, "cli.sock")
        self.port_file = os.path.join(self.dir, "port")
        self.ssh_port_file = os.path.join(self.dir, "ssh-port")
        self.fake = subprocess.Popen([fake, self.dir], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE)
        self.endpoint = self.fake.stdout.readline().decode().strip()
        self.log = open(os.path.join(self.dir, "log"), "w+b")
        self.cli_program = cli
        self.cli = subprocess.Popen(
            [cli, "--endpoint", self.endpoint, "--run-dir", self.dir,
             "--socket", self.socket, "--telnet", "0",
             "--port-file", self.port_file, "--ssh", "0", "--ssh-port-file",
             self.ssh_port_file, "--login-timeout", "1"], stderr=self.log,
            stdin=subprocess.DEVNULL)
        self.wait_ready()

    def wait_ready(self):
        """The chassis is told when the command line listens."""
        line = self.fake.stdout.readline()
        assert line == b"listening\n", line
        with open(self.port_file, encoding="ascii") as f:
            self.port = int(f.read())
        with open(self.ssh_port_file, encoding="ascii") as f:
            self.ssh_port = int(f.read())

    def connect(self):
        s = socket.socket(socket.AF_UNIX)
        s.connect(self.socket)
        return s

    def telnet_socket(self):
        return socket.create_connection(("127.0.0.1", self.port))

    def terminal(self):
        s = self.connect()
        t = pexpect.fdpexpect.fdspawn(s, timeout=20, encoding="latin-1")
        t.sock = s
        t.expect(PROMPT)
        return t

    def close(self):
        """SIGTERM ends it within a second and it leaves nothing behind."""
        self.cli.send_signal(signal.SIGTERM)
        status = self.cli.wait(timeout=10)
        self.fake.stdin.close()
        self.fake.wait(timeout=10)
        self.fake.stdout.close()
        self.log.seek(0)
        log = self.log.read().decode(errors="replace")
        self.log.close()
        left = any(map(os.path.exists, (self.socket, self.port_file,
                                        self.ssh_port_file)))
        shutil.rmtree(self.dir)
        assert status == 0, (status, log)
        assert "Sanitizer" not in log, log
        assert "s3cret" not in log, "a password in the log"
        assert not left, "a socket or port file is left behind"
