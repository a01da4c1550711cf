"""The router's own packets in a replay: echo replies and ICMP errors, out of
ports and through tunnels, judged by scapy and tshark."""

import subprocess

import pytest
from scapy.all import (ESP, ICMP, IP, TCP, UDP, Ether, ICMPerror, IPerror, Raw,
                       UDPerror, fragment, rdpcap)

import lab
from lab import balanced, config, packets, read, sa

LAN, WAN = "1/1", "2/1"
HOST = "10.1.0.5"  # a station on the LAN


def frames(*pkts, gap=0.001):
    out = []
    for i, p in enumerate(pkts):
        f = Ether(bytes(Ether(src="02:00:00:00:00:05", dst="02:00:00:00:00:01") / p))
        f.time = 1700000000 + i * gap
        out.append(f)
    return out


def send(router, *pkts, conf=None, port=LAN, extra=(), gap=0.001):
    """Replays into one port; the result, and what left by LAN and WAN."""
    cap = router.capture("in.pcap", frames(*pkts, gap=gap))
    result, _ = router.replay(conf or config(), "--in", f"{port}={cap}",
                              "--out", "1/1=lan.pcap", "--out", "2/1=wan.pcap", *extra)
    assert balanced(result)
    return result, read(router.path / "lan.pcap"), read(router.path / "wan.pcap")


def sound(frame):
    """The IP packet of a frame, its checksums right in scapy's eyes."""
    ip = IP(bytes(frame[IP]))
    again = ip.copy()
    del again[IP].chksum
    if ICMP in again:
        del again[ICMP].chksum
    again = IP(bytes(again))
    assert ip.chksum == again.chksum
    if ICMP in ip:
        assert ip[ICMP].chksum == again[ICMP].chksum
    return ip


def quiet(router, pcap):
    """tshark finds nothing wrong with any packet of it."""
    done = subprocess.run(
        ["tshark", "-r", router.path / pcap, "-o", "ip.check_checksum:TRUE", "-Y",
         "_ws.malformed || icmp.checksum.status == 0 || ip.checksum.status == 0"
         " || icmpv6.checksum.status == 0"],
        capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_an_echo_request_is_answered(router):  # RFC 792, RFC 1122 3.2.2.6
    data = bytes(range(256)) * 3
    result, lan, _ = send(router, IP(src=HOST, dst="10.1.0.1", tos=0xb9, ttl=3)
                          / ICMP(id=7, seq=9) / Raw(data))
    assert result["punted"] == result["originated"] == result["transmitted"] == 1
    assert {(x["from"], x["to"]): x["packets"] for x in result["backplane"]["links"]
            } == {("1/ippa", "xcrp"): 1, ("xcrp", "1/eppa"): 1}
    ip = sound(lan[0])
    assert (ip.src, ip.dst, ip.tos, ip.ttl) == ("10.1.0.1", HOST, 0xb8, 64)
    assert (ip[ICMP].type, ip[ICMP].code, ip[ICMP].id, ip[ICMP].seq) == (0, 0, 7, 9)
    assert bytes(ip[Raw]) == data
    assert lan[0].time == 1700000000
    quiet(router, "lan.pcap")


def test_every_own_address_answers_and_broadcasts_do_not(router):  # RFC 2644
    asked = ["10.1.0.1", "192.0.2.1", "10.255.0.1"]
    silent = ["10.1.255.255", "255.255.255.255"]
    result, lan, _ = send(router, *[IP(src=HOST, dst=a) / ICMP() for a in asked + silent])
    assert result["punted"] == 5 and result["originated"] == 3
    assert [f[IP].src for f in lan] == asked


def test_replies_take_the_place_of_their_requests(router):
    transit = [IP(src="192.0.2.9", dst=HOST, id=i) / UDP(dport=i + 1) for i in range(300)]
    pings = [IP(src=HOST, dst="192.0.2.1", id=i) / ICMP(seq=i) for i in range(300)]
    mixed = [p for pair in zip(transit, pings) for p in pair]
    _, lan, _ = send(router, *mixed, port=WAN)
    assert len(lan) == 600
    assert [f[UDP].dport - 1 if UDP in f else f[ICMP].seq for f in lan] == [
        i // 2 for i in range(600)]
    assert [f.time for f in lan] == sorted(f.time for f in lan)


@pytest.mark.parametrize("mode,crossings,local", [
    ("economical", 2, 0), ("circuit-based", 3, 1)])
def test_a_reply_into_a_tunnel_is_sealed(router, mode, crossings, local):
    """Asked from the far network, by the port of the near one: the reply's route
    leads into the tunnel."""
    pings = [IP(src="10.2.0.7", dst="10.1.0.1") / ICMP(seq=i) / Raw(b"x" * i)
             for i in range(20)]
    result, lan, wan = send(router, *pings, conf=config(mode=mode))
    assert result["originated"] == 20 and lan == []
    assert result["backplane"]["crossings"] == 20 * (1 + crossings)
    assert result["backplane"]["card_local"] == 20 * local
    far = sa()
    for i, frame in enumerate(wan):
        assert frame[ESP].seq == i + 1
        inner = far.decrypt(IP(bytes(frame[IP])))
        assert (inner.src, inner.dst, inner[ICMP].type, inner[ICMP].seq) == (
            "10.1.0.1", "10.2.0.7", 0, i)


@pytest.mark.parametrize("mode", ["economical", "circuit-based"])
def test_a_ping_through_the_tunnel_and_back(router, mode):
    far = sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    pings = [far.encrypt(IP(src="10.2.0.7", dst="10.1.0.1") / ICMP(seq=i))
             for i in range(50)]
    transit = [far.encrypt(IP(src="10.2.0.7", dst=HOST, id=i) / UDP(dport=9))
               for i in range(50)]
    result, lan, wan = send(router, *[p for pair in zip(pings, transit) for p in pair],
                            conf=config(mode=mode), port=WAN)
    assert result["originated"] == 50 and len(lan) == 50
    near = sa()
    inner = [near.decrypt(IP(bytes(f[IP]))) for f in wan]
    assert [p[ICMP].seq for p in inner] == list(range(50))


# --- errors -------------------------------------------------------------------

MORE_ROUTES = " ip route 198.51.100.0/24 null0\n"
BIG = Raw(b"b" * 1473)
# name: (packet, conf changes, ICMP type and code)
ERRORS = {
    "no route": (IP(src=HOST, dst="203.0.113.1") / UDP(dport=5), (3, 0)),
    "ttl": (IP(src=HOST, dst="192.0.2.77", ttl=1) / UDP(dport=5) / Raw(b"y" * 900), (11, 0)),
    "ttl of an echo": (IP(src=HOST, dst="10.2.0.7", ttl=1) / ICMP(), (11, 0)),
    "port": (IP(src=HOST, dst="10.1.0.1") / UDP(dport=33434), (3, 3)),
    "protocol": (IP(src=HOST, dst="10.1.0.1", proto=253) / Raw(b"z" * 9), (3, 2)),
    "too big": (IP(src=HOST, dst="192.0.2.77", flags="DF") / UDP() / BIG, (3, 4)),
    "too big for the tunnel": (IP(src=HOST, dst="10.2.0.7", flags="DF") / UDP() / BIG,
                               (3, 4)),
}


@pytest.mark.parametrize("mode", ["economical", "circuit-based"])
@pytest.mark.parametrize("name", sorted(ERRORS))
def test_a_drop_is_told_to_its_sender(router, name, mode):
    packet, (kind, code) = ERRORS[name]
    packet = IP(bytes(packet))
    result, lan, wan = send(router, packet, conf=config(mode=mode))
    assert result["originated"] == result["transmitted"] == len(lan) == 1 and wan == []
    ip = sound(lan[0])
    # from the interface that it came by (RFC 1812 4.3.2.4), with precedence
    # (4.3.2.5), and as much of it as 576 octets hold (4.3.2.3)
    assert (ip.src, ip.dst, ip.tos) == ("10.1.0.1", HOST, 0xc0)
    assert (ip[ICMP].type, ip[ICMP].code) == (kind, code)
    assert ip.len == min(576, 28 + len(packet))
    quoted = bytes(ip[ICMP].payload)
    if "too big" in name:  # the TTL had fallen, and need not rise (4.3.2.3)
        packet = IP(lab.lowered(bytes(packet)))
    assert quoted == bytes(packet)[:548]
    if kind == 3 and code == 4:  # RFC 1191 section 4
        assert ip[ICMP].nexthopmtu == (1400 if "tunnel" in name else 1500)
    quiet(router, "lan.pcap")


SILENT = {
    "about an error": IP(src=HOST, dst="203.0.113.1")
    / ICMP(type=3, code=1) / IP(src="1.2.3.4", dst=HOST) / UDP(),
    "about a fragment": IP(src=HOST, dst="203.0.113.1", frag=10) / Raw(b"f" * 80),
    "to a broadcast": IP(src=HOST, dst="10.1.255.255") / UDP(dport=5),
    "to everybody": IP(src=HOST, dst="255.255.255.255") / UDP(dport=5),
    "to a group": IP(src=HOST, dst="224.0.0.5") / UDP(dport=5),
    "from nobody": IP(src="0.0.0.0", dst="203.0.113.1") / UDP(),
    "from a group": IP(src="224.1.1.1", dst="203.0.113.1") / UDP(),
    "from loopback": IP(src="127.0.0.1", dst="203.0.113.1") / UDP(),
    "from us": IP(src="192.0.2.1", dst="203.0.113.1") / UDP(),
    "null0": IP(src=HOST, dst="198.51.100.4") / UDP(),
    "no tcp here": IP(src=HOST, dst="10.1.0.1") / TCP(dport=22),
    "ike": IP(src=HOST, dst="10.1.0.1") / UDP(sport=500, dport=500),
    "an error for us": IP(src=HOST, dst="10.1.0.1")
    / ICMP(type=3, code=3) / IP(src="10.1.0.1", dst=HOST) / UDP(),
    "an echo whose sum is wrong": IP(src=HOST, dst="10.1.0.1") / ICMP(chksum=1),
    "an echo of four octets": IP(src=HOST, dst="10.1.0.1", proto=1) / Raw(b"\x08\0\xf7\xff"),
    "an echo from a group": IP(src="10.1.255.255", dst="10.1.0.1") / ICMP(),
}


@pytest.mark.parametrize("name", sorted(SILENT))
def test_it_is_silent(router, name):  # RFC 1812 4.3.2.7, RFC 1122 3.2.2
    result, lan, wan = send(router, SILENT[name], conf=config(extra_context=MORE_ROUTES))
    assert result["originated"] == 0 and lan == wan == []


@pytest.mark.parametrize("word,said", [
    ("all", [0, 3]), ("echo", [0]), ("errors", [3]), ("none", [])])
def test_an_interface_says_what_it_is_to_say(router, word, said):
    conf = config().replace(" interface lan\n", f" interface lan\n  ip icmp {word}\n")
    _, lan, _ = send(router, IP(src=HOST, dst="10.1.0.1") / ICMP(),
                     IP(src=HOST, dst="203.0.113.1") / UDP(), conf=conf)
    assert [f[ICMP].type for f in lan] == said


def test_a_journey_goes_on_with_the_answer(router):
    cap = router.capture("in.pcap", frames(IP(src="10.2.0.7", dst="10.1.0.1") / ICMP(),
                                           IP(src=HOST, dst="203.0.113.1") / UDP()))
    _, done = router.replay(config(), "--in", f"1/1={cap}", "--trace", "2")
    first, second = done.stdout.split("Packet 1")[1].split("Packet 2")
    assert "xcrp     echo request answered" in first and "sealed for tunnel" in first
    assert "xcrp     says net-unreachable to 10.1.0.5" in second
    assert second.index("dropped, no-route") < second.index("xcrp     says")
    assert "1/eppa   sent on port 1/1" in second


def test_a_silent_replay_has_nothing_of_its_own(router):
    result, lan, _ = send(router, IP(src=HOST, dst="10.1.0.1") / ICMP(),
                          IP(src=HOST, dst="203.0.113.1") / UDP(), extra=["--silent"])
    assert result["originated"] == 0 and lan == []


def test_modes_are_compared_without_what_the_router_says(router):
    cap = router.capture("in.pcap", frames(
        *[IP(src="10.2.0.7", dst="10.1.0.1") / ICMP(seq=i) for i in range(9)],
        *[IP(src=HOST, dst="10.2.0.7", id=i) / UDP() for i in range(9)]))
    done = router.sesim("compare", "--config", router.file("c.conf", config()),
                        "--in", f"1/1={cap}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 of 9 packets equal" in done.stdout


def test_an_error_about_what_came_through_a_tunnel_goes_back_through_it(router):
    """RFC 4301 section 6: as routing says, sealed."""
    far = sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    lost = IP(src="10.2.0.7", dst="203.0.113.9") / UDP(dport=7) / Raw(b"private")
    for mode in ("economical", "circuit-based"):
        result, _, wan = send(router, far.encrypt(lost.copy()), conf=config(mode=mode),
                              port=WAN)
        assert result["originated"] == 1 and len(wan) == 1
        assert b"private" not in bytes(wan[0])
        inner = sa().decrypt(IP(bytes(wan[0][IP])))
        assert (inner.src, inner.dst) == ("10.255.0.1", "10.2.0.7")
        assert (inner[ICMP].type, inner[ICMP].code) == (3, 0)
        assert inner[UDPerror].dport == 7


def test_floods_are_held_to_their_rates(router):
    """At one instant: 2000 echo requests are taken, 100 errors of a kind said."""
    echo = IP(src=HOST, dst="10.1.0.1") / ICMP()
    lost = IP(src=HOST, dst="203.0.113.1") / UDP()
    old = IP(src=HOST, dst="10.2.0.7", ttl=1) / UDP()
    result, lan, _ = send(router, *[echo] * 2500, *[lost] * 300, *[old] * 300, gap=0)
    assert result["dropped"] == {"punt-rate": 500, "no-route": 300, "ttl-expired": 300}
    assert result["punted"] == 2000 and result["originated"] == 2200
    assert [f[ICMP].type for f in lan] == [0] * 2000 + [3] * 100 + [11] * 100


def test_what_it_says_repeats(router):
    """One input port: octet for octet, whatever runs and transports."""
    far = sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")
    mixed = []
    for i in range(120):
        mixed.append(far.encrypt(IP(src="10.2.0.7", dst="10.1.0.1") / ICMP(seq=i)))
        mixed.append(far.encrypt(IP(src="10.2.0.7", dst="203.0.113.1", id=i) / UDP()))
        mixed.append(IP(src="192.0.2.9", dst="10.2.0.7", id=i) / UDP())  # into it
        mixed.append(IP(src="192.0.2.9", dst="192.0.2.1") / ICMP(seq=i))
    for size in ("1024", "7"):
        seen = set()
        for transport in ("ipc", "ipc", "inproc", "tcp"):
            result, lan, wan = send(router, *mixed, port=WAN, extra=(
                "--seed", "3", "--transport", transport, "--round-packets", size))
            assert result["originated"] == 360 and lan == []
            # in the order of the file, so that no replay window is left behind
            seqs = [f[ESP].seq for f in wan if ESP in f]
            assert seqs == list(range(1, 361))
            seen.add((router.path / "wan.pcap").read_bytes())
        assert len(seen) == 1


# --- path MTU -----------------------------------------------------------------

def outer(spi=0x1001, src="192.0.2.1", dst="192.0.2.2", length=1480, proto=50):
    """The head of one of our sealed packets, as an error quotes it."""
    return IP(src=src, dst=dst, proto=proto, len=length, flags="DF") / Raw(
        spi.to_bytes(4, "big") + bytes(4))


def too_big(mtu, quoted):
    return (IP(src="198.51.100.1", dst="192.0.2.1")
            / ICMP(type=3, code=4, nexthopmtu=mtu) / quoted)


def path(router, error, conf=None):
    """A packet, the error about it when it was sealed, and one more: what of the
    two was sealed, and what the LAN heard."""
    big = frames(*[IP(src=HOST, dst="10.2.0.7", flags="DF", id=i) / UDP(dport=9)
                   / Raw(b"b" * 1300) for i in range(2)], gap=10)
    heard = frames(error)
    heard[0].time = big[0].time + 1
    result, _ = router.replay(
        conf or config(), "--in", f"1/1={router.capture('lan-in.pcap', big)}",
        "--in", f"2/1={router.capture('wan-in.pcap', heard)}",
        "--out", "1/1=lan.pcap", "--out", "2/1=wan.pcap",
        "--round-packets", "1", "--rounds-open", "1")
    assert balanced(result)
    sealed = [f for f in read(router.path / "wan.pcap") if ESP in f]
    return result, sealed, read(router.path / "lan.pcap")


@pytest.mark.parametrize("mode", ["economical", "circuit-based"])
def test_what_is_heard_of_a_path_limits_its_sa(router, mode):  # RFC 4301 8.2.1
    """The next packet that would not fit is refused, and its sender told the size
    that does fit; which then does."""
    conf = config(mode=mode)
    result, sealed, lan = path(router, too_big(1200, outer()), conf)
    assert result["dropped"] == {"mtu-exceeded": 1} and len(sealed) == 1
    ip = sound(lan[0])
    assert (ip[ICMP].type, ip[ICMP].code) == (3, 4)
    inner = ip[ICMP].nexthopmtu
    assert 1100 < inner < 1200
    fits = IP(src=HOST, dst="10.2.0.7", flags="DF") / UDP() / Raw(b"b" * (inner - 28))
    _, _, wan = send(router, fits, conf=conf)
    assert wan[0][IP].len <= 1200 < wan[0][IP].len + 16


@pytest.mark.parametrize("name,error", [
    ("another SPI", too_big(1200, outer(spi=0x9999))),
    ("the SA in", too_big(1200, outer(spi=0x2001))),
    ("another end", too_big(1200, outer(dst="192.0.2.3"))),
    ("not from us", too_big(1200, outer(src="192.0.2.7"))),
    ("another protocol", too_big(1200, outer(proto=51))),
    ("it did fit", too_big(1200, outer(length=1000))),
    ("no SPI", too_big(1200, Raw(bytes(outer())[:22]))),
    ("no header", too_big(1200, Raw(bytes(outer())[:19]))),
    ("nothing", IP(src="198.51.100.1", dst="192.0.2.1") / ICMP(type=3, code=4,
                                                            nexthopmtu=1200)),
])
def test_what_can_not_be_is_not_believed(router, name, error):  # RFC 5927
    result, sealed, lan = path(router, error)
    assert result["dropped"] == {} and len(sealed) == 2 and lan == []


def test_a_path_of_too_few_octets_is_not_believed_whole(router):
    _, sealed, lan = path(router, too_big(68, outer()))
    assert len(sealed) == 1
    assert 480 < lan[0][ICMP].nexthopmtu < 576


def test_a_router_of_old_tells_no_mtu(router):  # RFC 1191 sections 5 and 7
    _, sealed, lan = path(router, too_big(0, outer(length=1400)))
    assert len(sealed) == 1
    assert 900 < lan[0][ICMP].nexthopmtu < 1006
