"""Tunnels with automatic keys against strongSwan, which is not ours: its
daemon in a namespace, with its own ESP (kernel-libipsec, always in UDP), and a
real host behind our router."""

import pathlib
import shutil
import subprocess

import pytest

import keys
import lab
import live
from live import hosts  # noqa: F401

CHARON = """charon-systemd {{
  load = random nonce aes sha1 sha2 md5 gmp curve25519 openssl gcm ctr cmac chapoly xcbc hmac kdf pem pkcs1 pkcs8 x509 revocation constraints pubkey kernel-libipsec kernel-netlink socket-default vici updown
  install_routes = yes
  plugins {{ vici {{ socket = unix://{dir}/vici }}
    kernel-libipsec {{ load = yes }} }}
  filelog {{ f {{ path = {dir}/charon.log
    default = 1
    ike = 2
    flush_line = yes }} }}
}}
"""

SWAN = """connections {{ t {{
  version = {version}
  local_addrs = 192.0.2.2
  remote_addrs = 192.0.2.1
  proposals = {ike}
  local {{ auth = psk
    id = 192.0.2.2 }}
  remote {{ auth = psk
    id = 192.0.2.1 }}
  children {{ c {{
    local_ts = 10.2.0.0/16
    remote_ts = 10.1.0.0/16
    esp_proposals = {esp}
    mode = tunnel }} }} }} }}
secrets {{ ike-1 {{ secret = "a-secret" }} }}
"""


def lacks():
    path = "/usr/sbin:/sbin"
    for program in ("charon-systemd", "swanctl"):
        if shutil.which(program) is None and shutil.which(program, path=path) is None:
            return f"needs {program}"
    if not pathlib.Path("/dev/net/tun").exists():
        return "needs /dev/net/tun"
    return None


class Swan:
    """strongSwan at 192.0.2.2, with a host of its own at 10.2.0.1."""

    def __init__(self, hosts, path, version=2, ike="aes256-sha256-modp2048",
                 esp="aes128-sha256"):
        self.hosts, self.dir = hosts, path / "swan"
        self.dir.mkdir()
        self.ns, self.outer = hosts.host("swan", "192.0.2.2/24", "192.0.2.1")
        live.run("ip", "-n", self.ns, "addr", "add", "10.2.0.1/16", "dev", "lo")
        (self.dir / "strongswan.conf").write_text(CHARON.format(dir=self.dir))
        (self.dir / "swanctl.conf").write_text(
            SWAN.format(version=version, ike=ike, esp=esp))

    def begin(self):
        self.hosts.start(self.ns, "env", f"STRONGSWAN_CONF={self.dir}/strongswan.conf",
                         "PATH=/usr/sbin:/sbin:/usr/bin:/bin", "charon-systemd")
        lab.until(lambda: (self.dir / "vici").exists())
        self.control("--load-all", "--clear", "--file", self.dir / "swanctl.conf")

    def control(self, command, *args, ok=True):
        return self.hosts.inside(self.ns, "env", "PATH=/usr/sbin:/sbin:/usr/bin:/bin",
                                 "swanctl", command, *args, "-u",
                                 f"unix://{self.dir}/vici", ok=ok).stdout

    def log(self):
        return (self.dir / "charon.log").read_text()


@pytest.fixture
def swan(hosts, router):
    if why := lacks():
        pytest.skip(f"skipped: {why}")
    return Swan(hosts, router.path)


def begin(router, hosts, swan, **kw):
    """Our router between a host at 10.1.0.5 and strongSwan; the host."""
    host, lan = hosts.host("a", "10.1.0.5/16", "10.1.0.1")
    conf = keys.config(ike="  nat-traversal\n", **kw)
    router.up(conf, "r", "--wire", f"1/1=interface:{lan}",
              "--wire", f"2/1=interface:{swan.outer}")
    return host


def is_up(router):
    return router.show("ipsec tunnel")["tunnels"][0]["state"] == "Up"


def ping(hosts, host, to, *args):
    return " 0% packet loss" in hosts.inside(host, "ping", "-c3", "-i0.2", "-W5", *args,
                                             to, ok=False).stdout


def test_strongswan_answers_what_we_begin(router, hosts, swan):
    swan.begin()
    host = begin(router, hosts, swan, connection="initiator-only")
    lab.until(lambda: is_up(router))
    assert "ESTABLISHED" in swan.control("--list-sas")
    assert ping(hosts, host, "10.2.0.1"), swan.log()
    assert ping(hosts, swan.ns, "10.1.0.5", "-I", "10.2.0.1"), swan.log()


def test_strongswan_begins_and_we_answer(router, hosts, swan):
    swan.begin()
    host = begin(router, hosts, swan, connection="responder-only")
    swan.control("--initiate", "--child", "c")
    lab.until(lambda: is_up(router))
    assert ping(hosts, host, "10.2.0.1"), swan.log()
    assert ping(hosts, swan.ns, "10.1.0.5", "-I", "10.2.0.1"), swan.log()


def test_keys_are_replaced_under_traffic_and_nothing_is_lost(router, hosts, swan):
    swan.begin()
    host = begin(router, hosts, swan, connection="initiator-only")
    lab.until(lambda: is_up(router))
    assert ping(hosts, host, "10.2.0.1"), swan.log()
    flow = hosts.start(host, "ping", "-i0.02", "-c200", "-W10", "10.2.0.1")
    for what in ("--child", "--ike", "--child"):
        name = "c" if what == "--child" else "t"
        swan.control("--rekey", what, name)
    said, _ = flow.communicate(timeout=60 * lab.SLOW)
    assert "200 received" in said and " 0% packet loss" in said, said + swan.log()
    assert is_up(router)
    assert len([line for line in swan.log().splitlines()
                if "CHILD_SA c{" in line and "established" in line]) >= 3
