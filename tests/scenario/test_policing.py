"""Policing and metering against a token bucket written here: which packets pass,
which are marked, what is counted, on ports, PVCs and tunnels."""

import random
from fractions import Fraction

import pytest
from scapy.all import IP, UDP, Dot1Q, Ether, Raw

import lab

E = dict(src="02:00:00:00:00:05", dst="02:00:00:00:00:01")


class Bucket:
    """RFC 2697, colour-blind, in fractions of an octet."""

    def __init__(self, kbps, burst, excess=0):
        self.rate = Fraction(kbps * 1000, 8)
        self.full, self.full_excess = burst, excess
        self.c, self.e, self.last = Fraction(burst), Fraction(excess), None

    def take(self, t, octets):
        if self.last is not None and t > self.last:
            self.c += self.rate * (t - self.last)
            if self.c > self.full:
                self.e = min(Fraction(self.full_excess), self.e + self.c - self.full)
                self.c = Fraction(self.full)
        self.last = t if self.last is None else max(t, self.last)
        if self.c >= octets:
            self.c -= octets
            return "conform"
        if not self.full_excess:
            return "exceed"
        if self.e >= octets:
            self.e -= octets
            return "exceed"
        return "violate"


def load(n, seed=1, dst="192.0.2.9", src="10.1.0.5", mean_ms=1.0):
    """n packets of random sizes at random times, to the microsecond."""
    rnd = random.Random(seed)
    out, us = [], 1700000000 * 10**6
    for i in range(n):
        f = (Ether(**E) / IP(src=src, dst=dst, id=i, tos=rnd.choice([0, 0x28, 0xb9]))
             / UDP(sport=1, dport=i + 1) / Raw(rnd.randbytes(rnd.randint(10, 1200))))
        f = Ether(bytes(f))
        f.time = us / 10**6
        f.us = us
        out.append(f)
        us += int(rnd.expovariate(1) * mean_ms * 1000)
    return out


def ticks(frame):
    """The time scapy wrote: whole microseconds."""
    return Fraction(round(float(frame.time) * 10**6), 10**6)


def colours(frames, *bucket):
    b = Bucket(*bucket)
    return [b.take(ticks(f), f[IP].len) for f in frames]


POLICY = "qos policy limit {kind}\n rate 3000 burst 9000{excess}\n{actions}"


def conf(kind, where, actions="", excess="", mode="circuit-based"):
    policy = POLICY.format(kind=kind, excess=excess, actions=actions)
    text = lab.config(mode=mode).replace("!\ncard", "!\n" + policy + "card", 1)
    line = f" qos policy {kind} limit\n"
    mark = {"lan": "port ethernet 1/1\n", "wan": "port ethernet 2/1\n",
            "tunnel": f" mode {mode}\n"}[where]
    return text.replace(mark, mark + line)


def run(router, text, frames, *args, into="1/1", out="2/1"):
    result, done = router.replay(text, "--in", f"{into}={router.capture('in.pcap', frames)}",
                                 "--out", f"{out}=out.pcap", *args)
    assert lab.balanced(result)
    return result, lab.read(router.path / "out.pcap")


def counted(result, circuit, key):
    row = next(c for c in result["circuits"] if c["circuit"] == circuit)
    return {k: (v["packets"], v["octets"]) for k, v in row[key].items()}


def sums(frames, colour):
    return {c: (sum(x == c for x in colour),
                sum(f[IP].len for f, x in zip(frames, colour) if x == c))
            for c in ("conform", "exceed", "violate")}


@pytest.mark.parametrize("kind,where,circuit", [
    ("policing", "lan", "ethernet 1/1"), ("metering", "wan", "ethernet 2/1")])
def test_what_exceeds_is_dropped_to_the_packet(router, kind, where, circuit):
    frames = load(400)
    colour = colours(frames, 3000, 9000)
    result, out = run(router, conf(kind, where), frames)
    want = [lab.lowered(lab.ip_bytes(f)) for f, c in zip(frames, colour) if c == "conform"]
    assert 100 < len(want) < 350
    assert [lab.ip_bytes(f) for f in out] == want
    assert result["dropped"] == {"policer-exceeded": len(frames) - len(want)}
    assert counted(result, circuit, kind) == sums(frames, colour)


def test_three_colours_mark_and_drop(router):
    actions = (" conform mark dscp af11\n exceed mark precedence 2\n violate drop\n")
    frames = load(400, seed=2)
    colour = colours(frames, 3000, 9000, 6000)
    result, out = run(router, conf("policing", "lan", actions, " excess-burst 6000"), frames)
    assert {c: colour.count(c) > 4 for c in ("conform", "exceed", "violate")} == {
        "conform": True, "exceed": True, "violate": True}
    want = []
    for f, c in zip(frames, colour):
        if c != "violate":
            ip = IP(lab.ip_bytes(f))
            ip.tos = {"conform": 10, "exceed": 16}[c] << 2 | ip.tos & 3
            ip.ttl -= 1
            del ip.chksum
            want.append(bytes(ip))
    assert [lab.ip_bytes(f) for f in out] == want
    assert counted(result, "ethernet 1/1", "policing") == sums(frames, colour)


def test_no_action_counts_and_lets_through(router):
    frames = load(200, seed=3)
    result, out = run(router, conf("policing", "lan", " exceed no-action\n"), frames)
    assert len(out) == 200 and result["dropped"] == {}
    assert counted(result, "ethernet 1/1", "policing") == sums(
        frames, colours(frames, 3000, 9000))


def test_a_pvc_has_its_own_bucket(router):
    text = conf("policing", "lan").replace(
        "port ethernet 1/1\n qos policy policing limit\n no shutdown\n bind interface lan local\n",
        "port ethernet 1/1\n no shutdown\n encapsulation dot1q\n dot1q pvc 7\n"
        "  bind interface lan local\n  qos policy policing limit\n"
        " dot1q pvc 8\n  bind interface other local\n")
    text = text.replace(" interface wan\n",
                        " interface other\n  ip address 10.9.0.1/16\n interface wan\n")
    frames = []
    for f in load(300, seed=4):
        for vlan in (7, 8):
            g = Ether(**E) / Dot1Q(vlan=vlan) / f[IP].copy()
            g.time = f.time
            frames.append(g)
    result, out = run(router, text, frames)
    seven = [f for f in frames if f[Dot1Q].vlan == 7]
    colour = colours(seven, 3000, 9000)
    assert counted(result, "ethernet 1/1 vlan-id 7", "policing") == sums(seven, colour)
    assert len(out) == 300 + colour.count("conform")


def test_metering_a_tunnel_acts_before_it_is_sealed_and_marks_reach_the_outer_header(router):
    frames = load(300, dst="10.2.0.7", seed=5)
    colour = colours(frames, 3000, 9000)
    result, out = run(router, conf("metering", "tunnel", " conform mark dscp cs4\n"), frames)
    assert len(out) == colour.count("conform")
    assert {f[IP].tos >> 2 for f in out} == {32}
    sa = lab.sa()
    assert {bytes(sa.decrypt(f[IP]))[1] >> 2 for f in out} == {32}
    assert result["dropped"] == {"policer-exceeded": 300 - len(out)}
    assert counted(result, "ipsec branch", "metering") == sums(frames, colour)
    # what was dropped never went to the ASP
    links = {(x["from"], x["to"]): x["packets"] for x in result["backplane"]["links"]}
    assert links["1/ippa", "3/asp1"] == len(out)


def test_policing_a_tunnel_acts_on_what_was_opened(router):
    clear = load(300, src="10.2.0.7", dst="10.1.0.5", seed=6)
    sa = lab.sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    sealed = []
    for i, f in enumerate(clear):
        g = Ether(**E) / sa.encrypt(IP(lab.ip_bytes(f)), seq_num=i + 1)
        g.time = f.time
        sealed.append(g)
    colour = colours(clear, 3000, 9000)
    result, out = run(router, conf("policing", "tunnel"), sealed, into="2/1", out="1/1")
    want = [lab.lowered(lab.ip_bytes(f)) for f, c in zip(clear, colour) if c == "conform"]
    assert [lab.ip_bytes(f) for f in out] == want
    assert counted(result, "ipsec branch", "policing") == sums(clear, colour)


@pytest.mark.parametrize("kind", ["policing", "metering"])
def test_an_economical_tunnel_refuses_a_policy(router, kind):
    path = router.file("economical.conf", conf(kind, "tunnel", mode="economical"))
    done = router.sesim("replay", "--config", path, "--in",
                        f"1/1={router.capture('in.pcap', load(1))}")
    assert done.returncode == 2
    assert "qos policy on an economical tunnel" in done.stderr
    assert "expected mode circuit-based" in done.stderr


@pytest.mark.parametrize("edit,sentence", [
    (("qos policy policing limit\n", "qos policy metering limit\n"), "is not for metering"),
    (("qos policy policing limit\n", "qos policy policing lost\n"), "there is no qos policy lost"),
    ((" rate 3000 burst 9000\n", ""), "without a rate"),
    (("rate 3000 burst 9000", "rate 0 burst 9000"), "from 1 to"),
    (("qos policy limit policing", "qos policy p policing"), "would read p as policing"),
])
def test_a_policy_that_can_not_be_is_refused_in_words(router, edit, sentence):
    text = conf("policing", "lan").replace(*edit)
    done = router.sesim("replay", "--config", router.file("bad.conf", text),
                        "--in", "1/1=none.pcap")
    assert done.returncode == 2
    assert sentence in done.stderr


def test_runs_repeat_on_every_transport(router):
    frames = load(300, dst="10.2.0.7", seed=7)
    seen = set()
    for transport in ("ipc", "inproc", "tcp"):
        run(router, conf("metering", "tunnel"), frames, "--transport", transport, "--seed", "1")
        seen.add((router.path / "out.pcap").read_bytes())
    assert len(seen) == 1


def test_a_running_router_shows_circuits_and_clears_them(router):
    router.up(conf("policing", "lan"))
    rows = {c["circuit"]: c for c in router.show("circuit")["circuits"]}
    assert rows["ethernet 1/1"]["interface"] == "lan"
    assert rows["ipsec branch"]["encapsulation"] == "ipsec"
    assert rows["ipsec branch"]["mtu"] == 1400
    assert "ethernet 2/1" in router.cli("show bindings")
    counters = router.show("circuit counters 1/1")["circuits"]
    assert [c["circuit"] for c in counters] == ["ethernet 1/1"]
    assert counters[0]["policing"]["conform"] == {"packets": 0, "octets": 0}
    assert "Policing conform" in router.cli("show circuit counters detail")
    router.cli("clear circuit counters", "clear circuit counters tunnel branch")
