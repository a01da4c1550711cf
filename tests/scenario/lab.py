"""What the scenario tests share: running sesim, the configurations of two
routers with a tunnel between them, captures in and out, and judges that are not
ours (scapy's ESP)."""

import json
import os
import pathlib
import random
import signal
import subprocess
import time

from scapy.all import (ARP, ESP, ICMP, IP, TCP, UDP, Dot1Q, Ether, PcapReader,
                       Raw, SecurityAssociation, wrpcap)

BIN = pathlib.Path(os.environ.get("SE_BIN", "build/release/bin"))
SLOW = float(os.environ.get("SE_SLOW", "1"))  # sanitizers take longer

CBC_KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
SHA1_KEY = bytes.fromhex("000102030405060708090a0b0c0d0e0f10111213")
SHA256_KEY = bytes(range(32))
GCM_KEY = bytes.fromhex("00112233445566778899aabbccddeeff01020304")

# name: (encryption line, scapy's encryption, key, scapy's authentication, key)
ALGORITHMS = {
    "cbc-sha1": (
        f"encryption aes-128-cbc key hex {CBC_KEY.hex()}"
        f" authentication hmac-sha1-96 key hex {SHA1_KEY.hex()}",
        "AES-CBC", CBC_KEY, "HMAC-SHA1-96", SHA1_KEY),
    "cbc-sha256": (
        f"encryption aes-128-cbc key hex {CBC_KEY.hex()}"
        f" authentication hmac-sha-256-128 key hex {SHA256_KEY.hex()}",
        "AES-CBC", CBC_KEY, "SHA2-256-128", SHA256_KEY),
    "gcm": (f"encryption aes-128-gcm key hex {GCM_KEY.hex()}",
            "AES-GCM", GCM_KEY, "NULL", None),
    "null-sha1": (
        f"encryption null authentication hmac-sha1-96 key hex {SHA1_KEY.hex()}",
        "NULL", None, "HMAC-SHA1-96", SHA1_KEY),
}


def config(name="pe1", mode="circuit-based", algorithm="cbc-sha1", near=1, far=2,
           spi_out=0x1001, spi_in=0x2001, extra_context="", extra="",
           same_card=False):
    """A router whose LAN is 10.<near>.0.0/16 and whose tunnel leads to
    10.<far>.0.0/16; the SPIs are its own, so its peer has them swapped."""
    line = ALGORITHMS[algorithm][0]
    wan = "1/2" if same_card else "2/1"
    return f"""system hostname {name}
context local
 interface lan
  ip address 10.{near}.0.1/16
 interface wan
  ip address 192.0.2.{near}/24
 interface vpn
  ip address 10.255.0.{near}/30
 ip route 10.{far}.0.0/16 vpn
 ipsec sa out
  esp spi {spi_out} {line}
 ipsec sa in
  esp spi {spi_in} {line}
 security asp-group grp
{extra_context}!
card ge-10-port 1
card ge-10-port 2
card ase 3
port ethernet 1/1
 no shutdown
 bind interface lan local
port ethernet {wan}
 no shutdown
 bind interface wan local
asp pool pool service security
 asp 3/1
 asp 3/2
asp group grp
 pool pool
tunnel ipsec branch manual
 asp-group grp
 mode {mode}
 peer-end-point local 192.0.2.{near} remote 192.0.2.{far} context local
 ipsec-sa out out
 ipsec-sa in in
 bind interface vpn local
 no shutdown
{extra}end
"""


def peer(**kw):
    """The configuration of the other end of config(**kw)."""
    kw = dict(kw)
    kw["name"] = "pe2"
    kw["near"], kw["far"] = kw.get("far", 2), kw.get("near", 1)
    kw["spi_out"], kw["spi_in"] = kw.get("spi_in", 0x2001), kw.get("spi_out", 0x1001)
    return config(**kw)


def sa(algorithm="cbc-sha1", spi=0x1001, src="192.0.2.1", dst="192.0.2.2", **kw):
    _, enc, enc_key, auth, auth_key = ALGORITHMS[algorithm]
    return SecurityAssociation(ESP, spi=spi, crypt_algo=enc, crypt_key=enc_key,
                               auth_algo=auth, auth_key=auth_key,
                               tunnel_header=IP(src=src, dst=dst), **kw)


def packets(n, seed=1, src="10.1.0.5", dst="10.2.0.7", sizes=(20, 1400)):
    """n IPv4 packets of random protocols and sizes, and their capture times."""
    rnd = random.Random(seed)
    out = []
    for i in range(n):
        size = rnd.randint(*sizes)
        head = IP(src=src, dst=dst, ttl=rnd.randint(3, 255), id=i & 0xffff,
                  tos=rnd.choice([0, 0x28, 0xb8]))
        room = size - 20
        if room >= 8 and rnd.random() < 0.8:
            l4 = UDP(sport=rnd.randint(1, 65535), dport=i % 65535 + 1)
            pkt = head / l4 / Raw(rnd.randbytes(room - 8))
        else:
            head.proto = 253  # for experiments, RFC 3692
            pkt = head / Raw(rnd.randbytes(room)) if room else head
        frame = Ether(src="02:00:00:00:00:05", dst="02:00:00:00:00:01") / pkt
        frame = Ether(bytes(frame))
        frame.time = 1700000000 + i / 1000
        out.append(frame)
    return out


def read(path):
    with PcapReader(str(path)) as r:
        return list(r)


def ip_bytes(frame):
    """The IPv4 packet of a frame, without link padding."""
    ip = frame[IP]
    return bytes(ip)[:ip.len]


def lowered(raw, by=1):
    """The packet with its TTL lowered and its checksum right."""
    ip = IP(raw)
    ip.ttl -= by
    del ip.chksum
    return bytes(ip)


def until(condition, timeout=30):
    """What the condition says once it is true; waits without a fixed pause."""
    deadline = time.monotonic() + timeout * SLOW
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.005)
    return value


def processes_of(run):
    """Processes whose command line or environment names the run directory."""
    found = []
    needle = str(run).encode()
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
            if needle in line:
                found.append(line.replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            pass
    return found


class Router:
    """Runs sesim in a directory; remembers what it started."""

    def __init__(self, path, env):
        self.path = pathlib.Path(path)
        self.env = env
        self.started = []
        self.names = []

    def file(self, name, text):
        p = self.path / name
        p.write_text(text)
        return p

    def capture(self, name, frames):
        p = self.path / name
        wrpcap(str(p), frames)
        return p

    def sesim(self, *args, timeout=120, **kw):
        return subprocess.run([str(BIN / "sesim"), *map(str, args)], env=self.env,
                              capture_output=True, text=True, cwd=self.path,
                              timeout=timeout * SLOW, **kw)

    def start(self, *args):
        p = subprocess.Popen([str(BIN / "sesim"), *map(str, args)], env=self.env,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, cwd=self.path)
        self.started.append(p)
        return p

    def replay(self, conf, *args, ok=True, timeout=300, **kw):
        """A replay of a configuration text; its JSON result, and the process."""
        name = f"conf{len(list(self.path.glob('conf*')))}"
        path = self.file(name, conf)
        done = self.sesim("replay", "--config", path, "--json", self.path / "r.json",
                          *args, timeout=timeout, **kw)
        if ok:
            assert done.returncode == 0, done.stderr + done.stdout
        result = self.path / "r.json"
        return (json.loads(result.read_text()) if result.exists() else None), done

    def up(self, conf, name="r", *args):
        path = self.file(f"{name}.conf", conf)
        done = self.sesim("up", "--config", path, "--name", name, *args)
        assert done.returncode == 0, done.stderr
        self.names.append(name)
        return done

    def cli(self, *commands, name="r", ok=True):
        args = [a for c in commands for a in ("-c", c)]
        done = self.sesim("cli", name, *args)
        if ok:
            assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def show(self, topic, name="r"):
        return json.loads(self.cli(f"show {topic} | json", name=name))

    def down(self, name="r"):
        done = self.sesim("down", name)
        self.names.remove(name)
        return done

    def children(self, pattern, timeout=10):
        """Process ids whose command line holds all words of pattern."""
        deadline = time.monotonic() + timeout * SLOW
        while True:
            pids = []
            for entry in pathlib.Path("/proc").iterdir():
                if not entry.name.isdigit():
                    continue
                try:
                    line = (entry / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                if self.env["SESIM_RUN_DIR"].encode() not in b" ".join(line):
                    continue
                if all(w.encode() in line or any(w.encode() in x for x in line[:1])
                       for w in pattern):
                    pids.append(int(entry.name))
            if pids or time.monotonic() > deadline:
                return pids
            time.sleep(0.005)

    def close(self):
        for name in list(self.names):
            self.sesim("down", name)
        for p in self.started:
            if p.poll() is None:
                p.send_signal(signal.SIGTERM)
                try:
                    p.wait(10)
                except subprocess.TimeoutExpired:
                    p.kill()
            p.wait()
            for stream in (p.stdout, p.stderr):
                stream.close()


def balanced(result):
    """The accounting of a result closes (docs/architecture.md)."""
    came = result["received"] + result["originated"] + result["fragments_created"]
    went = (result["transmitted"] + result["punted"] + result["fragments_absorbed"]
            + sum(result["dropped"].values()) + result["in_flight"])
    assert came == went, result
    return result["in_flight"] == 0
