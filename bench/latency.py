"""How long one packet takes that comes alone, through all stages of a router that is
up and else idle: its ports' far ends are sockets, a frame goes in at one and comes
out sealed at the other, and the next goes in long after that, when everybody sleeps
again. What this process needs to send and to wake up is in the figure."""

import os
import socket
import time

import captures
import measure

PEER = "192.0.2.2"
PEER_MAC = "02:00:00:00:00:16"
OUR_MAC = bytes.fromhex("020000000010")
PAUSE_S = 0.004
WARM = 20
GIVE_UP_S = 10


def config(mode):
    """As the captures' router has it, and it need not ask who the next hop is."""
    address = "  ip address 192.0.2.1/24\n"
    return captures.config_tunnels("gcm", mode).replace(
        address, address + f"  ip arp {PEER} {PEER_MAC}\n")


def listen(path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen(1)
    listener.settimeout(GIVE_UP_S)
    return listener


def gate(wire):
    """The router's own address on a wire: it answers who asks."""
    ask = (b"\xff" * 6 + OUR_MAC + bytes.fromhex("0806" "0001080006040001") + OUR_MAC
           + captures.address("10.1.1.1").to_bytes(4, "big") + bytes(6)
           + captures.address("10.1.0.1").to_bytes(4, "big"))
    wire.send(ask)
    while True:
        answer = wire.recv(65536)
        if answer[12:14] == b"\x08\x06" and answer[20:22] == b"\0\2":
            return answer[6:12]


def sealed(wire):
    """The next frame that is ESP; what else a router says is let go."""
    while True:
        frame = wire.recv(65536)
        if frame[12:14] == b"\x08\0" and frame[23] == 50:
            return time.monotonic_ns()


def passes(near, far, octets, count):
    head = gate(near) + OUR_MAC + b"\x08\0"
    took = []
    for i in range(WARM + count):
        frame = head + captures.frame(octets, captures.address("10.1.1.1"),
                                      captures.address("10.2.1.1"), i)[14:]
        time.sleep(PAUSE_S)
        begin = time.monotonic_ns()
        near.send(frame)
        took.append(sealed(far) - begin)
    return sorted(took[WARM:])


def percentiles(took):
    return {"p50_us": took[len(took) // 2] / 1e3, "p99_us": took[len(took) * 99 // 100]
            / 1e3, "max_us": took[-1] / 1e3}


def lone(sesim, env, work, mode, octets, count, rounds):
    """p50, p99 and greatest of each round, in microseconds."""
    conf, ends = work / f"lone-{mode}.conf", [str(work / n) for n in ("near", "far")]
    conf.write_text(config(mode))
    listeners = [listen(path) for path in ends]
    wires = []
    try:
        measure.run([sesim, "up", "--config", str(conf), "--name", "lone", "--wire",
                     f"1/1={ends[0]}", "--wire", f"2/1={ends[1]}"], env=env)
        wires = [listener.accept()[0] for listener in listeners]
        for wire in wires:
            wire.settimeout(GIVE_UP_S)
        seen = [percentiles(passes(*wires, octets, count)) for _ in range(rounds)]
    except OSError as why:
        raise measure.Failed(f"a lone packet did not come out: {why}") from why
    finally:
        measure.run([sesim, "down", "lone"], env=env)
        for end in wires + listeners:
            end.close()
        for path in ends:
            os.unlink(path)
    return {"mode": mode, "octets": octets, "packets": count,
            **{key: measure.spread([s[key] for s in seen]) for key in seen[0]}}
