"""Priority queues against a simulation written here: who leaves in which order,
who finds the queue full, on ports, PVCs and tunnels; and priority towards the
ASP by traffic selector."""

import random
import time
from fractions import Fraction

import pytest
from scapy.all import ESP, IP, UDP, Ether, Raw

import lab
from test_wires import up, wires  # noqa: F401: a fixture

E = dict(src="02:00:00:00:00:05", dst="02:00:00:00:00:01")
T0 = 1700000000
DSCPS = [0, 10, 26, 46, 48, 56]


def load(n, seed=1, dst="192.0.2.9", src="10.1.0.5", mean_us=400, burst=1):
    rnd = random.Random(seed)
    out, us = [], 0
    for i in range(n):
        dscp = rnd.choice(DSCPS)
        f = (Ether(**E) / IP(src=src, dst=dst, id=i, tos=dscp << 2)
             / UDP(sport=1, dport=i + 1) / Raw(rnd.randbytes(rnd.randint(40, 1300))))
        f = Ether(bytes(f))
        f.time = T0 + us / 10**6
        out.append(f)
        if i % burst == burst - 1:
            us += int(rnd.expovariate(1) * mean_us * burst)
    return out


def ticks(f):
    return Fraction(round((float(f.time) - T0) * 10**6), 10**6)


def simulate(frames, kbps, queues=8, depth=512, depths=None):
    """Strict priority, not preemptive: the order of departure, and the dropped."""
    wait = [[] for _ in range(queues)]
    free, order, dropped = Fraction(0), [], []

    def leave(until):
        nonlocal free
        while any(wait):
            q = min((max(free, w[0][0]), i) for i, w in enumerate(wait) if w)
            if until is not None and q[0] > until:
                return
            _, i = wait[q[1]].pop(0)
            order.append(i)
            free = q[0] + Fraction(frames[i][IP].len * 8, kbps * 1000)

    for i, f in enumerate(frames):
        now = ticks(f)
        leave(now)
        queue = (7 - (f[IP].tos >> 5)) * queues // 8
        if len(wait[queue]) >= (depths or {}).get(queue, depth):
            dropped.append(i)
        else:
            wait[queue].append((now, i))
    leave(None)
    return order, dropped


def conf(where, body, mode="circuit-based"):
    policy = "qos policy prio pq\n" + body
    text = lab.config(mode=mode).replace("!\ncard", "!\n" + policy + "card", 1)
    mark = {"wan": "port ethernet 2/1\n", "tunnel": f" mode {mode}\n"}[where]
    return text.replace(mark, mark + " qos policy queuing prio\n")


def run(router, text, frames, *args):
    result, _ = router.replay(text, "--in", f"1/1={router.capture('in.pcap', frames)}",
                              "--out", "2/1=out.pcap", *args)
    assert lab.balanced(result)
    return result, lab.read(router.path / "out.pcap")


def queues(result, circuit, key="queuing"):
    return next(c for c in result["circuits"] if c["circuit"] == circuit)[key]


def test_without_a_rate_nothing_changes(router):
    frames = load(500, burst=20)
    result, out = run(router, conf("wan", ""), frames)
    assert [f[IP].id for f in out] == list(range(500))
    assert result["dropped"] == {}
    want = [0] * 8
    for f in frames:
        want[7 - (f[IP].tos >> 5)] += 1
    assert [q["packets"] for q in queues(result, "ethernet 2/1")] == want


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_strict_priority_packet_by_packet(router, count):
    frames = load(900, seed=count)
    order, dropped = simulate(frames, 12000, count)
    assert not dropped and order != sorted(order) or count == 1
    result, out = run(router, conf("wan", f" num-queues {count}\n rate 12000\n"), frames,
                      "--round-packets", "64")
    assert [f[IP].id for f in out] == order
    assert result["dropped"] == {}
    # an output's times are those of the packets that caused it
    assert [ticks(f) for f in out] == [ticks(frames[i]) for i in order]


def test_full_queues_drop_their_own_packets_and_no_others(router):
    frames = load(900, seed=9, mean_us=300)
    body = " rate 10000\n queue 7 depth 12\n queue 6 depth 5\n"
    order, dropped = simulate(frames, 10000, depths={7: 12, 6: 5})
    assert len(dropped) > 30
    result, out = run(router, conf("wan", body), frames)
    assert [f[IP].id for f in out] == order
    assert result["dropped"] == {"queue-full": len(dropped)}
    rows = queues(result, "ethernet 2/1")
    for q in range(8):
        mine = [i for i in dropped if 7 - (frames[i][IP].tos >> 5) == q]
        assert rows[q]["dropped"] == len(mine)
        assert rows[q]["dropped_octets"] == sum(frames[i][IP].len for i in mine)
        assert rows[q]["depth"] == 0


def test_the_map_is_the_operators(router):
    frames = load(300, seed=4, mean_us=100)
    body = " num-queues 2\n rate 8000\n queue-map dscp 10 0\n queue-map dscp ef 1\n"
    result, out = run(router, conf("wan", body), frames)
    rows = queues(result, "ethernet 2/1")
    first = sum(f[IP].tos >> 2 in (10, 48, 56) for f in frames)
    assert [q["packets"] for q in rows[:2]] == [first, 300 - first]
    assert len(out) == 300


def test_a_queue_with_a_rate_lets_lower_ones_go(router):
    # two packets of 1,000 octets in the highest queue, at 8 kbit/s with a burst
    # of one of them; the others pass meanwhile
    def packet(i, us, dscp):
        f = Ether(**E) / IP(src="10.1.0.5", dst="192.0.2.9", id=i, tos=dscp << 2) \
            / UDP() / Raw(b"x" * 972)
        f.time = T0 + us / 10**6
        return f
    frames = [packet(0, 0, 56), packet(1, 10, 56)] + \
             [packet(i, i * 1000, 0) for i in range(2, 12)] + [packet(12, 1500000, 0)]
    _, out = run(router, conf("wan", " queue 0 rate 8 burst 1000\n"), frames)
    assert [f[IP].id for f in out] == [0] + list(range(2, 12)) + [1, 12]


def test_round_sizes_transports_and_paths_do_not_matter(router):
    """Half of the packets come through the tunnel, which takes longer."""
    frames = load(600, seed=6)
    for i, f in enumerate(frames):
        if i % 2:
            f[IP].dst = "10.2.0.7"
            del f[IP].chksum
    frames = [Ether(bytes(f)) for f in frames]
    for f, g in zip(frames, load(600, seed=6)):
        f.time = g.time
    text = conf("wan", " rate 14000\n queue 7 depth 10\n")
    seen = set()
    for args in (("--transport", "ipc"), ("--transport", "tcp"), ("--transport", "inproc"),
                 ("--round-packets", "16"), ("--round-packets", "4096")):
        result, out = run(router, text, frames, "--seed", "1", *args)
        assert len(out) == 600 - result["dropped"]["queue-full"] - 0
        seen.add((router.path / "out.pcap").read_bytes())
    assert len(seen) == 1


def test_captures_at_the_port_show_what_leaves(router):
    frames = load(300, seed=8, mean_us=300)
    text = conf("wan", " rate 9000\n queue 7 depth 4\n")
    result, out = run(router, text, frames, "--capture", "2/eppa:tx=tx.pcap", "--trace", "40")
    assert result["dropped"]["queue-full"] > 0
    assert [bytes(f) for f in lab.read(router.path / "tx.pcap")] == [bytes(f) for f in out]


def test_a_tunnel_drops_by_the_clock_and_orders_what_is_there(router):
    frames = load(900, seed=3, dst="10.2.0.7", mean_us=300, burst=30)
    body = " rate 10000\n queue 7 depth 12\n queue 6 depth 6\n"
    _, dropped = simulate(frames, 10000, depths={7: 12, 6: 6})
    assert len(dropped) > 30
    result, out = run(router, conf("tunnel", body), frames)
    assert result["dropped"] == {"queue-full": len(dropped)}
    # sealed in the order in which they leave
    assert [f[ESP].seq for f in out] == list(range(1, len(out) + 1))
    sa = lab.sa()
    ids = [sa.decrypt(f[IP]).id for f in out]
    assert sorted(ids) == sorted(set(range(900)) - set(dropped))
    assert ids != sorted(ids)
    # within a queue nobody overtakes
    for dscp in DSCPS:
        mine = [i for i in ids if frames[i][IP].tos >> 2 == dscp]
        assert mine == sorted(mine)


LISTS = {
    "ip": " ip access-list voice\n  permit udp any any range 100 199\n"
          " ip access-list rest\n  permit udp any any lt 300\n",
    "ipsec": " ipsec access-list voice\n  seq 1 permit udp 10.1.0.0/16 10.2.0.0-10.2.0.200"
             " port 100-199\n ipsec access-list rest\n  seq 1 permit udp any any port 1-299\n",
}


@pytest.mark.parametrize("kind", sorted(LISTS))
def test_selectors_go_to_the_asp_by_priority(router, kind):
    frames = []
    for i, f in enumerate(load(400, seed=5, dst="10.2.0.7", mean_us=1)):
        f[IP].dst = f"10.2.0.{190 + i % 21}"
        del f[IP].chksum
        del f[UDP].chksum
        g = Ether(bytes(f))
        g.time = f.time
        frames.append(g)
    text = lab.config(extra_context=LISTS[kind]
                      + " ipsec qos policy first\n  queue 0 access-list voice\n"
                        "  queue 3 access-list rest dscp ef\n")
    text = text.replace(" mode circuit-based\n",
                        " mode circuit-based\n qos policy queuing first\n")
    result, out = run(router, text, frames)
    sa = lab.sa()
    ids = [sa.decrypt(f[IP]).id for f in out]
    assert sorted(ids) == list(range(400))

    def queue(f):
        port = f[UDP].dport
        near = kind == "ip" or int(f[IP].dst.split(".")[3]) <= 200
        if 100 <= port <= 199 and near:
            return 0
        return 3 if port < 300 and f[IP].tos >> 2 == 46 else 7
    # what was there together went in order of its queues: the packets between
    # two places where all that came before have left
    top, begin, pieces = -1, 0, 0
    for end, i in enumerate(ids, 1):
        top = max(top, i)
        if top != end - 1:
            continue
        piece = ids[begin:end]
        assert piece == sorted(piece, key=lambda i: (queue(frames[i]), i))
        pieces += len(piece) > 50
        begin = end
    assert pieces > 0
    first = (router.path / "out.pcap").read_bytes()
    for transport in ("tcp", "inproc"):
        run(router, text, frames, "--transport", transport)
        assert len(lab.read(router.path / "out.pcap")) == 400
    run(router, text, frames, "--seed", "1")
    seeded = (router.path / "out.pcap").read_bytes()
    run(router, text, frames, "--seed", "1", "--transport", "tcp")
    assert (router.path / "out.pcap").read_bytes() == seeded != first
    rows = queues(result, "ipsec branch", "ipsec_queuing")
    for q in range(8):
        assert rows[q]["packets"] == sum(queue(f) == q for f in frames)


@pytest.mark.parametrize("edit,sentence", [
    (("num-queues 2", "num-queues 3"), "1, 2, 4 or 8"),
    (("queue 1 depth 9", "queue 2 depth 9"), "expected a queue from 0 to 1"),
    (("queue-map dscp ef 0", "queue-map dscp ef 5"), "expected a queue from 0 to 1"),
    (("queuing prio", "queuing lost"), "there is no qos policy lost pq"),
    (("depth 9", "depth 0"), "from 1 to 65535"),
])
def test_what_can_not_be_is_refused_in_words(router, edit, sentence):
    body = " num-queues 2\n queue 1 depth 9\n queue-map dscp ef 0\n"
    text = conf("wan", body).replace(*edit)
    done = router.sesim("replay", "--config", router.file("bad.conf", text),
                        "--in", "1/1=none.pcap")
    assert done.returncode == 2
    assert sentence in done.stderr, done.stderr


def test_an_economical_tunnel_refuses_queues(router):
    done = router.sesim("replay", "--config",
                        router.file("e.conf", conf("tunnel", "", mode="economical")),
                        "--in", f"1/1={router.capture('in.pcap', load(1))}")
    assert done.returncode == 2
    assert "qos policy on an economical tunnel" in done.stderr


def test_a_running_router_shows_queues(router):
    router.up(conf("wan", " rate 1000\n"))
    row = router.show("circuit counters 2/1")["circuits"][0]
    assert [q["queue"] for q in row["queuing"]] == list(range(8))
    assert "Priority queue 0" in router.cli("show circuit counters 2/1 detail")
    assert router.show("qos policy")["policies"] == [
        {"name": "prio", "kind": "pq", "rate": 1000, "queues": 8,
         "circuits": ["ethernet 2/1"]}]
    assert "ethernet 2/1" in router.cli("show qos policy")


# --- live ports ---------------------------------------------------------------

LIVE = """context local
 interface lan
  ip address 10.1.0.1/16
 interface wan
  ip address 10.2.0.1/16
  ip arp 10.2.0.7 02:00:00:00:00:0b
card ge-10-port 1
card ge-10-port 2
qos policy prio pq
 rate 800
 queue 7 depth {depth}
port ethernet 1/1
 no shutdown
 bind interface lan local
port ethernet 2/1
 no shutdown
 qos policy queuing prio
 bind interface wan local
end
"""


def live(router, wires, depth, rate):  # noqa: F811
    """The two wires, and a function that sends n packets of 1,000 octets."""
    lan, wan = up(router, wires, LIVE.format(depth=depth).replace("rate 800", f"rate {rate}"))
    mac = router.show("port 1/1")["ports"][0]["mac"]

    def send(ids, tos=0):
        for i in ids:
            lan.send(Ether(src=E["src"], dst=mac)
                     / IP(src="10.1.0.5", dst="10.2.0.7", id=i, tos=tos)
                     / UDP(sport=1, dport=2) / Raw(bytes(972)))
    return send, wan


def waiting(router):
    return sum(q["depth"] for c in router.show("circuit counters")["circuits"]
               for q in c.get("queuing", []))


def test_a_live_port_holds_packets_at_its_rate(router, wires):  # noqa: F811
    """1,000 octets at 20 kbit/s are 400 ms: priority overtakes what waits."""
    begin = time.monotonic()
    send, wan = live(router, wires, 512, 20)
    send(range(20))
    lab.until(lambda: waiting(router) >= 10)
    send(range(100, 103), 0xe0)
    out = []
    while 102 not in out:
        out.append(wan.take()[IP].id)
    low = [i for i in out if i < 100]
    assert low == list(range(len(low))) and len(low) < 20  # the rest still waits
    assert [i for i in out if i >= 100] == [100, 101, 102]
    assert time.monotonic() - begin > 0.4 * (len(out) - 2)


def test_a_live_ports_queue_is_bounded(router, wires):  # noqa: F811
    begin = time.monotonic()
    send, wan = live(router, wires, 4, 20)
    send(range(60))
    lost = lambda: router.show("counters")["dropped"].get("queue-full", 0)  # noqa: E731
    gone = lambda: router.show("port 2/1")["ports"][0]["tx_packets"]  # noqa: E731
    lab.until(lambda: lost() + gone() >= 56)
    assert wan.take()[IP].id == 0
    assert lost() >= 60 - 5 - (time.monotonic() - begin) / 0.4


def test_queues_that_go_let_go_what_waits(router, wires):  # noqa: F811
    """A commit takes the policy away: what waited leaves, in its order."""
    send, wan = live(router, wires, 512, 1)
    send(range(8))
    lab.until(lambda: waiting(router) == 7)
    router.cli("configure", "port ethernet 2/1", "no qos policy queuing", "commit")
    assert [wan.take()[IP].id for _ in range(8)] == list(range(8))
    lab.until(lambda: lab.balanced(router.show("counters")))
