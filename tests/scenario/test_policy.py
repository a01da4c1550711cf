"""Security policy: the selectors of tunnels and selections by access list, judged
by packets that scapy makes and seals (RFC 4301 sections 4.4.1, 5.1, 5.2, 7)."""

import json

import pytest
from scapy.all import ESP, ICMP, IP, TCP, UDP, Ether, Raw, fragment

import lab

MODES = ("circuit-based", "economical")

SITES = """ ipsec access-list sites
  seq 10 permit udp 10.1.0.0/24 10.2.0.0/24 port 5000-5009
  seq 20 permit icmp 10.1.0.0/24 10.2.0.0/24 icmp-type 8
  seq 30 permit icmp 10.1.0.0/24 10.2.0.0/24 icmp-type 0
  seq 40 permit udp 10.1.0.9-10.1.0.11 10.2.9.0/24
  seq 50 permit tcp any any dscp 46
  seq 60 permit udp 10.1.0.0/24 10.2.0.0/24 port opaque
"""


def frame(ip, n=0, dst="02:00:00:00:00:01"):
    f = Ether(src="02:00:00:00:00:05", dst=dst) / ip
    f = Ether(bytes(f))
    f.time = 1700000000 + n / 1000
    return f


def frames(ips):
    return [frame(ip, n) for n, ip in enumerate(ips)]


def udp(src, dst, dport=5000, sport=4000, **kw):
    return IP(src=src, dst=dst, **kw) / UDP(sport=sport, dport=dport) / Raw(b"x" * 20)


def clear(router, name):
    return [lab.ip_bytes(f) for f in lab.read(router.path / name)
            if IP in f and ESP not in f]


def sealed(router, name):
    return [IP(lab.ip_bytes(f)) for f in lab.read(router.path / name)
            if IP in f and f[IP].proto == 50]


def opened(router, name, **kw):
    sa = lab.sa(**kw)
    return [bytes(sa.decrypt(p)) for p in sealed(router, name)]


INSIDE = [
    udp("10.1.0.5", "10.2.0.7", 5000),
    udp("10.1.0.5", "10.2.0.7", 5009),
    IP(src="10.1.0.5", dst="10.2.0.7") / ICMP(type=8) / Raw(b"ping"),
    udp("10.1.0.9", "10.2.9.1", 9),
    udp("10.1.0.11", "10.2.9.255", 9),
    IP(src="10.1.9.9", dst="10.2.77.1", tos=46 << 2) / TCP(dport=80),
    # A later fragment shows no port: the row for opaque ports takes it.
    IP(src="10.1.0.5", dst="10.2.0.7", proto=17, frag=4, id=7) / Raw(b"y" * 16),
]
OUTSIDE = [
    udp("10.1.0.5", "10.2.0.7", 5010),
    udp("10.1.0.5", "10.2.0.7", 4999),
    udp("10.1.1.5", "10.2.0.7", 5000),
    udp("10.1.0.5", "10.2.1.7", 5000),
    IP(src="10.1.0.5", dst="10.2.0.7") / ICMP(type=13),
    udp("10.1.0.8", "10.2.9.1", 9),
    udp("10.1.0.12", "10.2.9.1", 9),
    IP(src="10.1.9.9", dst="10.2.77.1", tos=46 << 2 | 1, proto=47) / Raw(b"z" * 8),
    IP(src="10.1.9.9", dst="10.2.77.1", tos=10 << 2) / TCP(dport=80),
    # A later fragment of what no row with opaque ports describes.
    IP(src="10.1.0.5", dst="10.2.0.7", proto=6, frag=4, id=8) / Raw(b"y" * 16),
]


def selectors(mode):
    return lab.config(mode=mode, extra_context=SITES, extra=" ipsec-access-list sites\n")


@pytest.mark.parametrize("mode", MODES)
def test_what_the_selectors_of_a_tunnel_do_not_describe_is_not_sent(router, mode):
    ips = [p for pair in zip(INSIDE, OUTSIDE) for p in pair] + OUTSIDE[len(INSIDE):]
    result, _ = router.replay(
        selectors(mode), "--in", f"1/1={router.capture('in.pcap', frames(ips))}",
        "--out", "2/1=out.pcap", "--seed", "1")
    assert lab.balanced(result)
    assert result["dropped"] == {"selector-mismatch": len(OUTSIDE)}
    assert clear(router, "out.pcap") == []
    assert opened(router, "out.pcap") == [lab.lowered(bytes(p)) for p in INSIDE]


def turned(p):
    """The same packet from the other end: ends and ports change places."""
    q = p.copy()
    q.src, q.dst = p.dst, p.src
    if UDP in q or TCP in q:
        layer = q[UDP] if UDP in q else q[TCP]
        layer.sport, layer.dport = layer.dport, layer.sport
        del layer.chksum
    del q.chksum
    return IP(bytes(q))


def test_what_is_refused_does_not_age_its_sa(router):
    """Octets of packets outside the selectors are given back (RFC 4301 section
    4.4.2.1)."""
    sa = lab.sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    good = [turned(INSIDE[0]) for _ in range(30)]  # of 48 octets: 22 reach 1,024
    bad = [turned(OUTSIDE[0]) for _ in range(15)]
    conf = selectors("circuit-based").replace(
        " ipsec sa in\n", " ipsec sa in\n  lifetime kilobytes 1\n")
    result, _ = router.replay(
        conf, "--in",
        f"2/1={router.capture('in.pcap', frames(sa.encrypt(p) for p in bad + good))}",
        "--out", "1/1=out.pcap")
    assert lab.balanced(result)
    assert result["dropped"] == {"selector-mismatch": 15, "sa-expired": 8}


@pytest.mark.parametrize("mode", MODES)
def test_what_comes_out_of_an_sa_must_belong_to_it(router, mode):
    """RFC 4301 section 5.2 step 4: sealed with the right keys, and refused."""
    sa = lab.sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    inside = [turned(p) for p in INSIDE]
    outside = [turned(p) for p in OUTSIDE]
    # Addresses of a third party, and the clear networks the wrong way round.
    outside += [udp("203.0.113.5", "10.1.0.5", 4000, 5000), INSIDE[0]]
    ips = [p for pair in zip(outside, inside) for p in pair] + outside[len(inside):]
    result, _ = router.replay(
        selectors(mode), "--in",
        f"2/1={router.capture('in.pcap', frames(sa.encrypt(p) for p in ips))}",
        "--out", "1/1=out.pcap", "--out", "2/1=back.pcap")
    assert lab.balanced(result)
    assert result["dropped"] == {"selector-mismatch": len(outside)}
    assert clear(router, "out.pcap") == [lab.lowered(bytes(p)) for p in inside]


def error(src, about, kind=3, code=1):
    """An ICMP error from a router on the way, about a packet."""
    return IP(bytes(IP(src=src, dst=about.src) / ICMP(type=kind, code=code)
                    / Raw(bytes(about)[:28])))


# Rows for UDP and echo alone: an error fits none by its own headers.
QUOTES_IN = [error("10.9.9.9", INSIDE[0]), error("10.2.0.254", INSIDE[1], 11, 0)]
QUOTES_OUT = [error("10.9.9.9", OUTSIDE[0]), error("10.9.9.9", turned(INSIDE[0])),
              IP(bytes(IP(src="10.9.9.9", dst="10.1.0.5") / ICMP(type=3, code=1)))]


@pytest.mark.parametrize("mode", MODES)
def test_errors_out_of_an_sa_are_judged_by_what_they_quote(router, mode):
    """RFC 4301 section 6.2: about a packet that went out through the tunnel."""
    sa = lab.sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    ips = QUOTES_IN + QUOTES_OUT
    result, _ = router.replay(
        selectors(mode), "--in",
        f"2/1={router.capture('in.pcap', frames(sa.encrypt(p) for p in ips))}",
        "--out", "1/1=out.pcap", "--out", "2/1=back.pcap")
    assert lab.balanced(result)
    assert result["dropped"] == {"selector-mismatch": len(QUOTES_OUT)}
    assert clear(router, "out.pcap") == [lab.lowered(bytes(p)) for p in QUOTES_IN]


@pytest.mark.parametrize("mode", MODES)
def test_errors_go_the_way_of_the_return_traffic(router, mode):
    """RFC 4301 section 6.2: into the SA that carries what answers the packet they
    quote, and nowhere else."""
    good = [error("10.1.0.77", turned(INSIDE[0])), error("10.1.9.9", turned(INSIDE[1]))]
    bad = [error("10.1.0.77", turned(OUTSIDE[0]))]
    result, _ = router.replay(
        selectors(mode), "--in", f"1/1={router.capture('in.pcap', frames(bad + good))}",
        "--out", "2/1=out.pcap", "--seed", "1")
    assert lab.balanced(result) and result["dropped"] == {"selector-mismatch": len(bad)}
    assert opened(router, "out.pcap") == [lab.lowered(bytes(p)) for p in good]


@pytest.mark.parametrize("mode", MODES)
def test_a_selection_sends_errors_after_what_they_quote(router, mode):
    """No entry is about ICMP errors: one about a protected packet is protected, one
    about a bypassed packet leaves in clear, any other is discarded."""
    protected = error("10.1.0.77", turned(PROTECTED[0]))
    bypassed = error("10.1.0.77", turned(BYPASSED[2]))
    stray = error("10.1.0.77", turned(DISCARDED[0]))
    conf = selection(mode)
    result, _ = router.replay(
        conf, "--in",
        f"1/1={router.capture('in.pcap', frames([stray, protected, bypassed]))}",
        "--out", "2/1=out.pcap", "--seed", "1")
    assert lab.balanced(result) and result["dropped"] == {"spd-discard": 1}
    assert opened(router, "out.pcap") == [lab.lowered(bytes(protected))]
    assert clear(router, "out.pcap") == [lab.lowered(bytes(bypassed))]


def test_refusals_and_matches_are_counted(router):
    router.up(selectors("economical"))
    entries = router.show("ipsec policy-database")["policies"]
    assert [(e["row"], e["action"], e["tunnel"], e["hits"]) for e in entries] == [
        (s, "protect", "branch", 0) for s in (10, 20, 30, 40, 50, 60)]
    assert entries[0]["selectors"] == ("udp 10.1.0.0/24 10.2.0.0/24 port 5000-5009")
    lists = router.show("ipsec access-list")["access_lists"]
    assert [row["seq"] for row in lists[0]["rows"]] == [10, 20, 30, 40, 50, 60]
    text = router.cli("show ipsec access-list", "show ipsec policy-database", "show spd")
    assert "seq 40 permit udp 10.1.0.9-10.1.0.11 10.2.9.0/24" in text


SELECTION = """system hostname pe1
context local
 interface lan
  ip address 10.1.0.1/16
 interface wan
  ip address 192.0.2.1/24
  ipsec apply-selection outside
 ip route 0.0.0.0/0 192.0.2.254
 ipsec sa out
  esp spi 0x1001 {line}
 ipsec sa in
  esp spi 0x2001 {line}
 ipsec access-list exceptions
  seq 10 permit tcp 10.1.0.0/16 10.2.0.0/16 port 22
 ipsec access-list sites
  seq 10 permit ip 10.1.0.0/16 10.2.0.0/16
 ipsec access-list forbidden
  seq 10 permit udp any any port 137-139
 ipsec access-list internet
  seq 10 permit tcp 10.1.0.0/16 198.51.100.0/24
  seq 20 permit udp 10.1.0.0/16 any port 53
  seq 30 permit udp any any port 130-150
 ipsec selection outside
  seq 10 bypass access-list exceptions
  seq 20 protect tunnel branch access-list sites
  seq 30 discard access-list forbidden
  seq 40 bypass access-list internet
 security asp-group grp
card ge-10-port 1
card ge-10-port 2
card ase 3
port ethernet 1/1
 no shutdown
 bind interface lan local
port ethernet 2/1
 no shutdown
 bind interface wan local
asp pool pool service security
 asp 3/1
asp group grp
 pool pool
tunnel ipsec branch manual
 asp-group grp
 mode {mode}
 peer-end-point local 192.0.2.1 remote 192.0.2.2 context local
 ipsec-sa out out
 ipsec-sa in in
 {state}
end
"""


def selection(mode="circuit-based", state="no shutdown"):
    return SELECTION.format(mode=mode, state=state, line=lab.ALGORITHMS["cbc-sha1"][0])


def tcp(src, dst, dport=443, sport=4000):
    return IP(src=src, dst=dst) / TCP(sport=sport, dport=dport) / Raw(b"t" * 9)


PROTECTED = [udp("10.1.0.5", "10.2.0.7", 137), tcp("10.1.7.7", "10.2.1.1", 443),
             IP(src="10.1.0.5", dst="10.2.0.9") / ICMP()]
BYPASSED = [tcp("10.1.0.5", "10.2.0.7", 22), tcp("10.1.0.5", "198.51.100.9", 22),
            udp("10.1.0.5", "203.0.113.1", 53)]
DISCARDED = [udp("10.1.0.5", "203.0.113.1", 138), udp("10.1.0.5", "203.0.113.1", 54),
             tcp("10.1.0.5", "203.0.113.1", 53),
             IP(src="10.1.0.5", dst="198.51.100.9") / ICMP()]


@pytest.mark.parametrize("mode", MODES)
def test_a_selection_protects_bypasses_and_discards(router, mode):
    ips = PROTECTED + DISCARDED + BYPASSED + PROTECTED
    result, _ = router.replay(
        selection(mode), "--in", f"1/1={router.capture('in.pcap', frames(ips))}",
        "--out", "2/1=out.pcap", "--seed", "1")
    assert lab.balanced(result)
    assert result["dropped"] == {"spd-discard": len(DISCARDED)}
    assert opened(router, "out.pcap") == [lab.lowered(bytes(p))
                                          for p in PROTECTED + PROTECTED]
    assert clear(router, "out.pcap") == [lab.lowered(bytes(p)) for p in BYPASSED]
    # Circuit-based: by the loop of the ingress card; economical: without it.
    local = result["backplane"]["card_local"]
    assert local == (4 * len(PROTECTED) if mode == "circuit-based" else 0)


@pytest.mark.parametrize("mode", MODES)
def test_what_should_have_been_protected_is_refused_in_clear(router, mode):
    """RFC 4301 section 5.2: and what no entry describes is discarded."""
    sa = lab.sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    good = [turned(p) for p in PROTECTED]
    unprotected = [turned(p) for p in PROTECTED]
    bypassed = [turned(p) for p in BYPASSED]
    discarded = [turned(p) for p in DISCARDED]
    # Came sealed, and an entry before says that it goes in clear.
    wrong_way = [turned(BYPASSED[0])]
    stray = [IP(src="192.0.2.2", dst="192.0.2.1") / ICMP(),  # to the router
             IP(src="203.0.113.9", dst="10.1.0.5", proto=50) / Raw(b"\0" * 40)]
    ips = ([sa.encrypt(p) for p in good] + unprotected + bypassed + discarded
           + [sa.encrypt(p) for p in wrong_way] + stray)
    result, _ = router.replay(
        selection(mode), "--in", f"2/1={router.capture('in.pcap', frames(ips))}",
        "--out", "1/1=out.pcap", "--out", "2/1=back.pcap")
    assert lab.balanced(result)
    assert result["dropped"] == {"unprotected": len(unprotected),
                                 "spd-discard": len(discarded) + len(stray),
                                 "selector-mismatch": len(wrong_way)}
    # The two paths differ in length: order holds within each.
    out = clear(router, "out.pcap")
    assert sorted(out) == sorted(lab.lowered(bytes(p)) for p in good + bypassed)


@pytest.mark.parametrize("mode", MODES)
def test_what_a_selection_protects_waits_for_no_other_way(router, mode):
    """The tunnel is shut down, and a default route leads out in clear."""
    ips = PROTECTED + BYPASSED
    result, _ = router.replay(
        selection(mode, "shutdown"), "--in",
        f"1/1={router.capture('in.pcap', frames(ips))}", "--out", "2/1=out.pcap")
    assert lab.balanced(result)
    assert result["dropped"] == {"tunnel-down": len(PROTECTED)}
    assert clear(router, "out.pcap") == [lab.lowered(bytes(p)) for p in BYPASSED]


def test_a_selection_says_so_in_a_journey(router):
    _, done = router.replay(
        selection(), "--in", f"1/1={router.capture('in.pcap', frames(PROTECTED[:1]))}",
        "--out", "2/1=out.pcap", "--trace", "1")
    assert "security policy: entry 20 row 10 says protect" in done.stdout + done.stderr


def test_fragments_of_a_protected_packet_are_protected(router):
    """A selection by addresses takes every piece (RFC 4301 section 7)."""
    whole = IP(src="10.1.0.5", dst="10.2.0.7", id=99) / UDP(dport=9) / Raw(b"f" * 3000)
    pieces = fragment(whole, 1000)
    result, _ = router.replay(
        selection(), "--in", f"1/1={router.capture('in.pcap', frames(pieces))}",
        "--out", "2/1=out.pcap", "--seed", "1")
    assert result["dropped"] == {} and lab.balanced(result)
    assert opened(router, "out.pcap") == [lab.lowered(bytes(IP(bytes(p))))
                                          for p in pieces]


DEFAULT = " ip route 0.0.0.0/0 192.0.2.254\n"


def down(mode, extra="", routes=DEFAULT):
    """The site-to-site router with its tunnel shut, and another way out."""
    return lab.config(mode=mode, extra_context=routes, extra=" shutdown\n" + extra)


@pytest.mark.parametrize("mode", MODES)
def test_a_tunnel_that_is_down_leaves_nothing_to_a_default_route(router, mode):
    ips = [udp("10.1.0.5", "10.2.0.7"), udp("10.1.0.5", "10.255.0.2"),
           udp("10.1.0.5", "10.3.0.7")]
    result, _ = router.replay(
        down(mode), "--in", f"1/1={router.capture('in.pcap', frames(ips))}",
        "--out", "2/1=out.pcap")
    assert lab.balanced(result)
    assert result["dropped"] == {"tunnel-down": 2}
    assert clear(router, "out.pcap") == [lab.lowered(bytes(ips[2]))]


def test_only_who_asks_for_it_gets_the_clear_way(router):
    ips = [udp("10.1.0.5", "10.2.0.7")]
    result, _ = router.replay(
        down("economical", " clear-fallback route\n"), "--in",
        f"1/1={router.capture('in.pcap', frames(ips))}", "--out", "2/1=out.pcap")
    assert result["dropped"] == {} and lab.balanced(result)
    assert clear(router, "out.pcap") == [lab.lowered(bytes(ips[0]))]


def test_a_backup_of_the_same_network_comes_before_a_held_route(router):
    ips = [udp("10.1.0.5", "10.2.0.7")]
    result, _ = router.replay(
        down("circuit-based", "", " ip route 10.2.0.0/16 192.0.2.254 250\n"), "--in",
        f"1/1={router.capture('in.pcap', frames(ips))}", "--out", "2/1=out.pcap")
    assert result["dropped"] == {} and lab.balanced(result)
    assert clear(router, "out.pcap") == [lab.lowered(bytes(ips[0]))]


def test_a_route_is_held_and_let_go_by_commits(router):
    router.up(lab.config(extra_context=DEFAULT))
    route = [r for r in router.show("ip route")["routes"] if r["prefix"] == "10.2.0.0/16"]
    assert [(r["active"], r["held"]) for r in route] == [(True, False)]
    router.cli("configure", "tunnel ipsec branch", "shutdown", "end")
    route = [r for r in router.show("ip route")["routes"] if r["prefix"] == "10.2.0.0/16"]
    assert [(r["active"], r["held"]) for r in route] == [(True, True)]
    router.cli("configure", "tunnel ipsec branch", "clear-fallback route", "end")
    route = [r for r in router.show("ip route")["routes"] if r["prefix"] == "10.2.0.0/16"]
    assert [(r["active"], r["held"]) for r in route] == [(False, False)]


def test_overlaps_are_told_at_a_commit(router):
    router.up(selection())
    text = router.cli(
        "configure", "context local", "ipsec access-list late",
        "seq 10 permit tcp 10.1.0.0/24 10.2.0.0/24", "exit", "ipsec selection outside",
        "seq 50 discard access-list late", "end")
    assert "% Warning: " in text and "is never reached" in text, text
    assert "Transaction committed" in text
    done = router.sesim("cli", "r", *[a for line in (
        "configure", "context local", "ipsec selection outside",
        "seq 60 bypass access-list sites", "end") for a in ("-c", line)])
    assert "says the same as" in done.stdout + done.stderr


def test_the_routers_own_packets_are_no_exception(router):
    """An echo request to the router in clear: no entry lets it in or out."""
    conf = selection().replace(
        "  seq 30 permit udp any any port 130-150\n",
        "  seq 30 permit udp any any port 130-150\n"
        "  seq 40 permit icmp any 192.0.2.9 icmp-type 8\n", 1)
    echo = IP(src="192.0.2.9", dst="192.0.2.1", id=1) / ICMP(type=8, id=5) / Raw(b"e" * 8)
    result, _ = router.replay(
        conf, "--in", f"2/1={router.capture('in.pcap', frames([echo]))}",
        "--out", "2/1=out.pcap")
    # The request comes in by the entry; the answer is a type that none has.
    assert lab.balanced(result) and result["originated"] == 1
    assert result["dropped"] == {"spd-discard": 1}
    assert clear(router, "out.pcap") == []


def test_the_other_end_of_a_policy_is_its_mirror(router):
    for conf, ips, what in ((selectors("economical"), INSIDE + OUTSIDE, "7 of 7"),
                            (selection(), PROTECTED + DISCARDED, "3 of 3")):
        path = router.file("c.conf", conf)
        done = router.sesim("compare", "--config", path, "--in",
                            f"1/1={router.capture('in.pcap', frames(ips))}")
        assert done.returncode == 0, done.stderr
        assert f"{what} packets equal, octet by octet" in done.stdout, done.stdout
