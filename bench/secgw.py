"""DPDK's ipsec-secgw from capture to capture: one core that polls, ports of
net_pcap, no huge pages. It reads its input to the end and then polls on, so it is
watched, as sesim is beside it, between the first and the last octets written.

Nothing of it is kept here. Debian's source package of DPDK has it in
examples/ipsec-secgw, where `make shared` builds it against libdpdk-dev; its ports
want the checksums of received packets from the hardware, which net_pcap has not:
the line `.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM` must say 0 before that."""

import os
import shutil
import signal
import subprocess
import time

import measure

DEVICES = {"ipsec-mb": "crypto_aesni_mb0", "openssl": "crypto_openssl0"}
NAMES = ("dpdk-ipsec-secgw", "ipsec-secgw")
GIVE_UP_S = 120
KEY = ":".join(f"{n:x}" for n in range(20))  # as captures.py and floor.c have it
CONFIG = f"""\
sp ipv4 out esp protect 5 pri 1 dst 10.2.0.0/16 sport 0:65535 dport 0:65535
sp ipv4 in esp protect 6 pri 1 dst 10.1.0.0/16 sport 0:65535 dport 0:65535
sa out 5 aead_algo aes-128-gcm aead_key {KEY} mode ipv4-tunnel src 192.0.2.1 \
dst 192.0.2.2
sa in 6 aead_algo aes-128-gcm aead_key {KEY} mode ipv4-tunnel src 192.0.2.2 \
dst 192.0.2.1
rt ipv4 dst 192.0.2.2/32 port 1
rt ipv4 dst 10.1.0.0/16 port 0
neigh port 0 02:00:00:00:00:10
neigh port 1 02:00:00:00:00:11
"""


def find():
    """The program, or None."""
    named = os.environ.get("SESIM_BENCH_SECGW")
    if named:
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def command(program, engine, config, source, nothing, out):
    """nothing: a capture without packets, for the port that receives none."""
    return [program, "-l", "0", "--no-huge", "-m", "1024", "--no-pci", "--no-telemetry",
            "--file-prefix", f"sesim-bench-{os.getpid()}",
            "--vdev", f"net_pcap0,rx_pcap={source},tx_pcap=/dev/null",
            "--vdev", f"net_pcap1,rx_pcap={nothing},tx_pcap={out}",
            "--vdev", DEVICES[engine], "--", "-p", "0x3", "-P", "-u", "0x2",
            "--config", "(0,0,0),(1,0,0)", "-f", config, "-l",
            "--rxoffload", "0", "--txoffload", "0"]


def watch(argv, out, octets, every=0.01):
    """A run until so many octets are written, but for what is still buffered."""
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen = measure.Watch(child.pid)
    end = time.monotonic() + GIVE_UP_S
    try:
        while child.poll() is None and time.monotonic() < end:
            seen.sample(False)
            if os.path.exists(out):
                seen.mark(out)
                if seen.marks[-1][1] >= octets - 65536:
                    return {"marks": seen.marks}
            time.sleep(every)
        raise measure.Failed(f"{argv[0]}: not all was written: status {child.returncode}")
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
