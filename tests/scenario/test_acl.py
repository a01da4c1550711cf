"""Access lists: each condition of a row against packets that scapy made, in and
out, on plain routing and on tunnels; every packet has its fate."""

import pytest
from scapy.all import ICMP, IP, TCP, UDP, Ether, Raw

import lab

E = dict(src="02:00:00:00:00:05", dst="02:00:00:00:00:01")


def conf(rows, apply="", mode="circuit-based", where="lan"):
    """lab.config() with one list and where it is applied: an interface's name,
    or "tunnel"."""
    text = lab.config(mode=mode, extra_context=" ip access-list test\n"
                      + "".join(f"  {r}\n" for r in rows))
    if where == "tunnel":
        return text.replace(" mode " + mode, f" mode {mode}\n {apply}")
    return text.replace(f" interface {where}\n", f" interface {where}\n  {apply}\n")


def run(router, frames, text, *args, port="1/1"):
    for i, f in enumerate(frames):
        f.time = 1700000000 + i / 1000
    result, _ = router.replay(text, "--in", f"{port}={router.capture('in.pcap', frames)}",
                              "--out", "2/1=out.pcap", *args)
    assert lab.balanced(result)
    return result


def ip(dst="192.0.2.9", src="10.1.0.5", **kw):
    return Ether(**E) / IP(src=src, dst=dst, **kw)


PACKETS = {
    "tcp80": ip() / TCP(sport=1025, dport=80, flags="S"),
    "tcp80ack": ip() / TCP(sport=1025, dport=80, flags="A"),
    "tcp80rst": ip() / TCP(sport=1025, dport=80, flags="R"),
    "tcp443": ip(dst="192.0.2.10") / TCP(sport=40000, dport=443, flags="S"),
    "udp53": ip() / UDP(sport=5353, dport=53),
    "udp1023": ip() / UDP(sport=1, dport=1023),
    "udp1024": ip() / UDP(sport=65535, dport=1024),
    "echo": ip() / ICMP(type=8),
    "reply": ip() / ICMP(type=0),
    "unreachable": ip() / ICMP(type=3, code=4),
    "ef": ip(tos=0xb8) / UDP(sport=9, dport=9),
    "ef-ecn": ip(tos=0xbb) / UDP(sport=9, dport=9),
    "precedence7": ip(tos=0xe0) / UDP(sport=9, dport=9),
    "proto253": ip(proto=253) / Raw(b"x" * 8),
    "far-source": ip(src="10.1.77.5") / UDP(sport=9, dport=9),
    "first": ip(flags="MF", id=7) / UDP(sport=9, dport=53, len=2000) / Raw(b"x" * 56),
    "later": ip(frag=8, id=7, proto=17) / Raw(b"\0\x09\0\x35" + b"x" * 60),
}

# row: what it fits of the packets above
ROWS = {
    "permit ip any any": set(PACKETS),
    "permit any any": set(PACKETS),
    "permit tcp any any": {"tcp80", "tcp80ack", "tcp80rst", "tcp443"},
    "permit 6 any any": {"tcp80", "tcp80ack", "tcp80rst", "tcp443"},
    "permit tcp any any eq www": {"tcp80", "tcp80ack", "tcp80rst"},
    "permit tcp any any neq 80": {"tcp443"},
    "permit tcp any eq 40000 any": {"tcp443"},
    "permit tcp any gt 1025 any range 442 443": {"tcp443"},
    "permit udp any any lt 1024": {"udp53", "udp1023", "ef", "ef-ecn", "precedence7",
                                   "far-source", "first"},
    "permit udp any any gt 1023": {"udp1024"},
    "permit udp any range 5353 65535 any": {"udp53", "udp1024"},
    "permit tcp any any established": {"tcp80ack", "tcp80rst"},
    "permit icmp any any": {"echo", "reply", "unreachable"},
    "permit icmp any any icmp-type echo": {"echo"},
    "permit icmp any any icmp-type 3 icmp-code 4": {"unreachable"},
    "permit icmp any any icmp-type 3 icmp-code 1": set(),
    "permit ip any any dscp ef": {"ef", "ef-ecn"},
    "permit ip any any precedence 7": {"precedence7"},
    "permit ip any any precedence critical": {"ef", "ef-ecn"},
    "permit ip any any tos 12": {"ef"},
    "permit 253 any any": {"proto253"},
    "permit ip any host 192.0.2.10": {"tcp443"},
    "permit ip 10.1.0.5 0.0.76.0 any": set(PACKETS) - {"far-source"},
    "permit ip 10.1.1.5 0.0.76.0 any": {"far-source"},
    "permit ip any any fragments": {"later"},
    "permit udp any any fragments": {"later"},
}

@pytest.mark.parametrize("row", sorted(ROWS))
def test_a_row_fits_exactly_these(router, row):
    frames = [f.copy() for f in PACKETS.values()]
    result = run(router, frames, conf([row], "ip access-group test in"))
    out = lab.read(router.path / "out.pcap")
    want = [lab.lowered(lab.ip_bytes(Ether(bytes(PACKETS[name]))))
            for name in PACKETS if name in ROWS[row]]
    assert [lab.ip_bytes(f) for f in out] == want
    assert result["dropped"] == ({} if len(want) == len(PACKETS) else
                                 {"acl-denied": len(PACKETS) - len(want)})


def test_the_first_row_that_fits_decides_and_rows_count(router):
    rows = ["seq 30 deny ip any any", "seq 10 deny tcp any any eq 80",
            "permit udp any any", "seq 20 permit icmp any any icmp-type echo"]
    text = conf(rows, "ip access-group test in count")
    result = run(router, [f.copy() for f in PACKETS.values()], text)
    tcp80, echo = 3, 1
    hits = {r["seq"]: r["hits"] for r in result["access_lists"][0]["rows"]}
    assert hits == {10: tcp80, 20: echo, 30: len(PACKETS) - tcp80 - echo, 40: 0}
    group = result["access_groups"][0]
    assert (group["permitted"], group["denied"]) == (1, len(PACKETS) - 1)
    assert result["dropped"] == {"acl-denied": len(PACKETS) - 1}


def test_a_list_without_a_row_denies_all(router):
    result = run(router, [PACKETS["udp53"].copy()], conf([], "ip access-group test in"))
    assert result["dropped"] == {"acl-denied": 1}


def test_out_stands_at_the_egress_card_and_sees_what_leaves(router):
    # the inner packets go to 10.2/16 sealed; the list at wan sees only ESP
    text = conf(["permit esp host 192.0.2.1 host 192.0.2.2"],
                "ip access-group test out count", where="wan")
    result = run(router, lab.packets(20) + [PACKETS["udp53"].copy()], text)
    assert result["dropped"] == {"acl-denied": 1}
    assert result["ports"]["2/1"]["tx_packets"] == 20


@pytest.mark.parametrize("where", ["tunnel", "vpn"])
def test_out_of_a_tunnel_it_sees_the_packet_before_it_is_sealed(router, where):
    rows = ["permit udp any any lt 11", "deny udp any any", "permit any any"]
    frames = lab.packets(40, sizes=(60, 200))
    text = conf(rows, "ip access-group test out", where=where)
    result = run(router, frames, text)
    udp = [f for f in frames if UDP in f]
    low = [f for f in udp if f[UDP].dport < 11]
    assert result["dropped"] == {"acl-denied": len(udp) - len(low)}
    want = [lab.lowered(lab.ip_bytes(f)) for f in frames if UDP not in f or f in low]
    sa = lab.sa()
    assert [lab.lowered(bytes(sa.decrypt(f[IP])), 0)
            for f in lab.read(router.path / "out.pcap")] == want
    # one link less for what was denied: it is dropped before the loop
    links = {(x["from"], x["to"]): x["packets"] for x in result["backplane"]["links"]}
    assert links["1/ippa", "1/eppa"] == len(frames)
    assert links["1/eppa", "1/ippa"] == len(want)


@pytest.mark.parametrize("where", ["tunnel", "vpn"])
def test_into_a_tunnel_it_sees_the_opened_packet_at_the_second_pass(router, where):
    frames = lab.packets(40, src="10.2.0.7", dst="10.1.0.5", sizes=(60, 200))
    sa = lab.sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    sealed = [Ether(**E) / sa.encrypt(IP(lab.ip_bytes(f)), seq_num=i + 1)
              for i, f in enumerate(frames)]
    for i, f in enumerate(sealed):
        f.time = 1700000000 + i / 1000
    text = conf(["deny 253 any any", "permit any any"], "ip access-group test in",
                where=where)
    result, _ = router.replay(text, "--in",
                              f"2/1={router.capture('in.pcap', sealed)}",
                              "--out", "1/1=out.pcap")
    assert lab.balanced(result)
    want = [lab.lowered(lab.ip_bytes(f)) for f in frames if f[IP].proto != 253]
    assert 0 < len(want) < len(frames)
    assert [lab.ip_bytes(f) for f in lab.read(router.path / "out.pcap")] == want
    assert result["dropped"] == {"acl-denied": len(frames) - len(want)}


@pytest.mark.parametrize("where", ["tunnel", "vpn"])
def test_an_economical_tunnel_refuses_it_and_says_why(router, where):
    text = conf(["permit any any"], "ip access-group test out", mode="economical",
                where=where)
    path = router.file("economical.conf", text)
    done = router.sesim("replay", "--config", path, "--in",
                        f"1/1={router.capture('in.pcap', lab.packets(1))}")
    assert done.returncode == 2
    assert "ePPA" in done.stderr or "interface vpn" in done.stderr
    assert "expected mode circuit-based" in done.stderr


def test_journeys_tell_the_row(router):
    text = conf(["seq 7 deny udp any any eq 53"], "ip access-group test in")
    _, done = router.replay(text, "--in",
                            f"1/1={router.capture('in.pcap', [PACKETS['udp53'].copy()])}",
                            "--trace", "1")
    assert "denied by row 7" in done.stdout
    assert "acl-denied" in done.stdout


def test_a_running_router_changes_lists_and_clears_counters(router):
    router.up(conf(["permit udp any any"], "ip access-group test in count"))
    router.cli("configure", "context local", "ip access-list test", "deny icmp any any",
               "seq 5 permit tcp any any established", "end")
    lists = router.show("ip access-list")["lists"]
    assert [r["text"] for r in lists[0]["rows"]] == [
        "seq 5 permit tcp any any established", "seq 10 permit udp any any",
        "seq 20 deny icmp any any"]
    router.cli("configure", "context local", "resequence ip access-list test 100 5", "end")
    rows = router.show("ip access-list test")["lists"][0]["rows"]
    assert [r["seq"] for r in rows] == [100, 105, 110]
    assert router.show("access-group")["groups"][0]["circuit"] == "ethernet 1/1"
    router.cli("clear access-group", "clear ip access-list counters",
               "clear ip access-list counters test")
    refused = router.sesim("cli", "r", "-c", "configure", "-c", "context local",
                           "-c", "no ip access-list test", "-c", "commit")
    assert "there is no ip access-list test" in refused.stdout + refused.stderr


BAD_LINES = {
    "permit tcp any eq 80": "ends too early",
    "permit tcp any any range 9 8": "lower port first",
    "permit icmp any any eq 80": "a port, and a protocol that has none",
    "permit udp any any established": "only TCP",
    "permit tcp any any icmp-type echo": "only ICMP",
    "permit tcp any any gt 65535": "no such port",
    "permit tcp any any lt 0": "no such port",
    "permit tcp any any eq 80 fragments": "shows no ports",
    "permit ip any 10.0.0.0": "ends too early",
    "permit 256 any any": "256",
    "permit ip any any dscp 64": "64",
    "seq 0 permit any any": "from 1",
    "seq 4294967296 permit any any": "4294967295",
    "seq 4294967295 permit any any\n  permit any any": "no seq is left",
}


@pytest.mark.parametrize("line", sorted(BAD_LINES))
def test_a_line_that_can_not_be_is_refused_in_words(router, line):
    path = router.file("bad.conf", conf([line], "ip access-group test in"))
    done = router.sesim("replay", "--config", path, "--in", "1/1=none.pcap")
    assert done.returncode == 2
    assert BAD_LINES[line] in done.stderr, done.stderr
