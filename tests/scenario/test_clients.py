"""Collectors and automation that are not ours, against the command line."""

import json
import os
import subprocess

import pytest

import lab

ADMIN = " administrator admin password secret99\n"
RANCID = "/usr/lib/rancid/bin/rancid"


def telnet_port(router):
    router.up(lab.config(extra_context=ADMIN), "r", "--telnet", "0")
    status = json.loads(router.sesim("status", "--json").stdout)
    return int(status["routers"][0]["cli"]["telnet"].rsplit(":", 1)[1])


@pytest.mark.skipif(not os.path.exists(RANCID), reason="skipped: no rancid on this machine")
def test_rancid_collects_a_redback_and_ends_clean(router, tmp_path):
    port = telnet_port(router)
    rc = tmp_path / ".cloginrc"
    rc.write_text("add user 127.0.0.1 admin\nadd password 127.0.0.1 secret99 secret99\n"
                  f"add method 127.0.0.1 {{telnet:{port}}}\n")
    rc.chmod(0o600)
    env = dict(os.environ, HOME=str(tmp_path), CLOGINRC=str(rc), TERM="vt100",
               PATH=os.path.dirname(RANCID) + ":" + os.environ["PATH"])
    done = subprocess.run([RANCID, "-l", "-t", "redback", "127.0.0.1"], cwd=tmp_path, env=env,
                          capture_output=True, text=True, timeout=120 * lab.SLOW)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tmp_path / "127.0.0.1.new").read_text()
    assert text.startswith("!RANCID-CONTENT-TYPE: redback")
    assert "!Image: Redback Networks SmartEdge OS Version" in text
    assert "Current platform is SE800" in text and "ge-10-port" in text
    assert "system hostname pe1" in text and text.rstrip().endswith("end")
    assert "missed cmd" not in done.stdout + done.stderr
    assert "secret99" not in text


NETMIKO = """
import sys
from netmiko import ConnectHandler
c = ConnectHandler(device_type="cisco_ios_telnet", host="127.0.0.1", port=int(sys.argv[1]),
                   username="admin", password="secret99", secret="x")
c.enable()
print(c.find_prompt())
print(c.send_command("show version"))
print(c.send_config_set(["system location lab", "context local", "interface lan",
                         "description uplink"]))
print(c.send_command("show configuration | include location"))
c.disconnect()
"""


def test_netmiko_configures_and_reads_back(router):
    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", "import netmiko"], capture_output=True).returncode != 0:
        pytest.skip("skipped: no netmiko on this machine")
    done = subprocess.run([python, "-c", NETMIKO, str(telnet_port(router))],
                          capture_output=True, text=True, timeout=120 * lab.SLOW)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("[local]pe1#") and "SmartEdge OS Version" in done.stdout
    assert "Transaction committed." in done.stdout
    assert "system location lab" in done.stdout.splitlines()[-1]
    assert "description uplink" in router.cli("show configuration")
