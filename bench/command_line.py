#!/usr/bin/env python3
"""What the command line costs among many tunnels.

    bench/command_line.py [--bin build/release/bin] [--tunnels 10000] [--commits 20]

Starts one router with so many tunnels, each with an interface, a route and two SAs, and prints as JSON
how long it took to load, when the first and the last octet of `show configuration` came, and what a
commit of one changed tunnel cost: wall clock at the socket, and CPU of the controller. The limits are
those that operators were promised: load 5 s, first octet 200 ms, commit 100 ms.
"""
import argparse
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

LIMITS = {"load_s": 5.0, "first_octet_ms": 200.0, "commit_ms": 100.0}


def configuration(tunnels):
    lines = ["system hostname big", "context local", " interface lan", "  ip address 172.16.0.1/16",
             " interface wan", "  ip address 192.0.2.1/24"]
    for i in range(tunnels):
        lines += [f" interface vpn{i}", f"  ip address 10.{i >> 14}.{i >> 6 & 255}.{(i & 63) << 2 | 1}/30",
                  f" ip route 20.{i >> 8}.{i & 255}.0/24 vpn{i}",
                  f" ipsec sa in{i}", f"  esp spi {0x10000 + i} encryption aes-128-gcm key hex {i:040x}",
                  f" ipsec sa out{i}", f"  esp spi {0x20000 + i} encryption aes-128-gcm key hex f{i:039x}"]
    lines += ["card ge-10-port 1", "card ge-10-port 2", "card ase 3",
              "port ethernet 1/1", " no shutdown", " bind interface lan local",
              "port ethernet 2/1", " no shutdown", " bind interface wan local",
              "asp pool p service security", " asp 3/1", " asp 3/2", "asp group g", " pool p"]
    for i in range(tunnels):
        lines += [f"tunnel ipsec t{i} manual", " asp-group g",
                  f" peer-end-point local 192.0.2.1 remote 192.0.2.{2 + i % 200} context local",
                  f" ipsec-sa out out{i}", f" ipsec-sa in in{i}", f" bind interface vpn{i} local", " no shutdown"]
    return "\n".join(lines + ["end", ""])


class Batch:
    """A local client (cli.1): lines in, counted answers out; when the first octet of each came."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(path)
        self.file = self.sock.makefile("rb")
        self.sock.sendall(b"\0batch\n")
        while self.file.read(1) != b"\0":
            pass

    def run(self, line):
        began = time.monotonic()
        first = None
        octets = 0
        self.sock.sendall(line.encode() + b"\n")
        while True:
            status, count = map(int, self.file.readline().split())
            first = first or time.monotonic()
            octets += len(self.file.read(count))
            if status != 2:
                break
        if status != 0:
            sys.exit(f"refused: {line}")
        return first - began, time.monotonic() - began, octets


def controller(run):
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"sesim-chassis" in line and run.encode() in line:
                return entry
    sys.exit("no controller")


def cpu_ms(proc):
    fields = (proc / "stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def measure(args, run):
    env = dict(os.environ, SESIM_RUN_DIR=run)
    config = pathlib.Path(run) / "big.cfg"
    config.write_text(configuration(args.tunnels))
    sesim = str(pathlib.Path(args.bin) / "sesim")
    began = time.monotonic()
    subprocess.run([sesim, "up", "--config", str(config)], env=env, check=True, stdout=subprocess.DEVNULL)
    found = {"tunnels": args.tunnels, "load_s": time.monotonic() - began}
    try:
        status = json.loads(subprocess.run([sesim, "status", "--json"], env=env, check=True,
                                           capture_output=True).stdout)
        batch = Batch(status["routers"][0]["cli"]["socket"])
        first, last, octets = batch.run("show configuration")
        found |= {"first_octet_ms": first * 1e3, "last_octet_ms": last * 1e3, "octets": octets}
        proc, walls = controller(run), []
        batch.run("configure")
        before = cpu_ms(proc)
        for i in range(args.commits):
            for line in (f"tunnel ipsec t{i * 37 % args.tunnels}", f"ip mtu {1300 + i}", "exit"):
                batch.run(line)
            walls.append(batch.run("commit")[1] * 1e3)
        found |= {"commit_ms": statistics.median(walls), "commit_worst_ms": max(walls),
                  "commit_cpu_ms": (cpu_ms(proc) - before) / args.commits}
    finally:
        subprocess.run([sesim, "down"], env=env, check=False, stdout=subprocess.DEVNULL)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--tunnels", type=int, default=10000)
    parser.add_argument("--commits", type=int, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sesim-bench") as run:
        found = measure(args, run)
    print(json.dumps({key: round(value, 1) for key, value in found.items()}))
    return 1 if any(found[key] > limit for key, limit in LIMITS.items()) else 0


if __name__ == "__main__":
    sys.exit(main())
