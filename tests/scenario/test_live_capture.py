"""`sesim capture`: points of a running router, live, in one pcapng. Tshark reads
what was written; the stations at the wires know what passed."""

import os
import signal

from scapy.all import IP, UDP, Ether, Raw

import lab
from test_seeing import tshark
from test_wires import gate_of, stations, up, wires  # noqa: F401: a fixture


def until_recording(p):
    line = p.stderr.readline()
    assert "recording" in line, line + p.stderr.read()


def fields(path, *names, env=None, options=()):
    args = [x for n in names for x in ("-e", n)]
    out = tshark(path, *options, "-T", "fields", *args, env=env)
    return [line.split("\t") for line in out.splitlines()]


def linked(router, wires):  # noqa: F811
    a, b = up(router, wires)
    host, far = stations(a, b)
    mac = gate_of(host)
    gate_of(far)

    def send(dport):
        a.send(Ether(src=host.mac, dst=mac) / IP(src=host.ip, dst=far.ip)
               / UDP(sport=9, dport=dport) / Raw(b"x" * 30))
        got = far.receive()
        assert got[UDP].dport == dport
        return got
    return send


def test_points_of_one_router_in_one_file_with_comments(router, wires):  # noqa: F811
    send = linked(router, wires)
    send(1)
    points = ["1/ippa:rx", "1/ippa..2/eppa", "2/eppa:tx"]
    p = router.start("capture", "r", *points, "--write", "c.pcapng", "--filter", "udp")
    until_recording(p)
    router.cli('trace packet count 1 filter "udp dst port 3"')
    for dport in (2, 3):
        send(dport)
    lab.until(lambda: (router.path / "c.pcapng").exists() and
              len(fields(router.path / "c.pcapng", "frame.number")) == 6)
    p.send_signal(signal.SIGTERM)
    assert p.wait(20) == 0
    assert "6 packets written, 0 dropped" in p.stderr.read()
    rows = fields(router.path / "c.pcapng", "frame.interface_name", "udp.dstport",
                  "frame.comment")
    assert sorted(r[0] for r in rows) == sorted(points * 2)
    number = router.show("packet-trace")["journeys"][0]["trace"]
    for name, dport, comment in rows:
        assert comment == (f"{name} trace {number}" if dport == "3" else name)
    send(4)  # nobody looks any more, and nobody minds


def test_a_pipe_is_written_as_packets_come_and_its_end_ends_the_capture(
        router, wires):  # noqa: F811
    send = linked(router, wires)
    p = router.start("capture", "r", "2/eppa:tx", "--write", "-")
    until_recording(p)
    head = os.read(p.stdout.fileno(), 65536)
    assert head[:4] == b"\x0a\x0d\x0d\x0a"  # a section header, before any packet
    sent = bytes(send(7))
    got = b""
    while sent not in got:
        got += os.read(p.stdout.fileno(), 65536)
    p.stdout.close()
    assert p.wait(20) == 0


def test_count_ends_a_capture(router, wires):  # noqa: F811
    send = linked(router, wires)
    p = router.start("capture", "r", "1/ippa:rx", "--write", "n.pcapng", "--count", "2")
    until_recording(p)
    for dport in (1, 2, 3):
        send(dport)
    assert p.wait(20) == 0
    assert [r[0] for r in fields(router.path / "n.pcapng", "udp.dstport")] == ["1", "2"]


def test_a_capture_that_nobody_reads_blocks_no_traffic(router, wires):  # noqa: F811
    send = linked(router, wires)
    p = router.start("capture", "r", "1/ippa:rx", "2/eppa:tx", "--write", "s.pcapng",
                     "--filter", "udp")
    until_recording(p)
    p.send_signal(signal.SIGSTOP)
    for i in range(400):
        send(i + 1)
    p.send_signal(signal.SIGCONT)
    p.send_signal(signal.SIGTERM)
    assert p.wait(30) == 0
    written, dropped = [int(w) for w in p.stderr.read().split() if w.isdigit()]
    assert written + dropped == 800  # what is not there was counted


def test_what_can_not_be_captured_is_said(router, wires):  # noqa: F811
    linked(router, wires)
    for point, word in (("9/ippa:rx", "no such stage"), ("1/ippa:tx", "tap of an ePPA"),
                        ("2/eppa..3/asp1", "no packets go")):
        done = router.sesim("capture", "r", point, "--write", "x.pcapng")
        assert done.returncode == 2 and word in done.stderr, done.stderr
    done = router.sesim("capture", "nobody", "1/ippa:rx", "--write", "x.pcapng")
    assert done.returncode == 2


def test_keys_open_what_was_sealed(router, wires):  # noqa: F811
    a, b = up(router, wires, lab.config())
    host = stations(a, b)[0]
    mac = gate_of(host)
    p = router.start("capture", "r", "3/asp1:sealed", "3/asp2:sealed", "--write",
                     "k.pcapng", "--count", "1", "--keys-dir", "keys")
    until_recording(p)
    a.send(Ether(src=host.mac, dst=mac) / IP(src=host.ip, dst="10.2.0.7")
           / UDP(sport=9, dport=77) / Raw(b"x" * 30))
    assert p.wait(20) == 0, p.stderr.read()
    env = dict(router.env, WIRESHARK_CONFIG_DIR=str(router.path / "keys"))
    assert fields(router.path / "k.pcapng", "udp.dstport", env=env, options=(
        "-o", "esp.enable_encryption_decode:TRUE")) == [["77"]]
