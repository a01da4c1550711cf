"""Transport mode for the router's own packets to the far end and back (RFC 4301
sections 4.1 and 5, RFC 4303 section 3.1.1): chosen by the tunnel's end points, no
interface and no route needed. Scapy judges both ways."""

import re

import pytest
from scapy.all import (AH, ESP, ICMP, IP, UDP, Ether, ICMPv6EchoReply,
                       ICMPv6EchoRequest, IPv6, Raw, SecurityAssociation)

import lab
import test_forms as forms
from test_ping import cable  # noqa: F401: a fixture
from test_wires import wires  # noqa: F401: a fixture

MODES = forms.MODES
KEYS = dict(auth_algo="HMAC-SHA1-96", auth_key=lab.SHA1_KEY)
ENDS = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}


def config(form="esp", mode="circuit-based", outer=4, near=1, far=2, extra=""):
    """A tunnel in transport mode, bound to nothing, with no route into it."""
    text = forms.config(form, mode, outer, " ipsec-mode transport\n")
    for line in (" interface vpn\n  ip address 10.255.0.1/30\n", " ip route 10.2.0.0/16 vpn\n",
                 " ipv6 route 2001:db8:2::/64 vpn\n", " bind interface vpn local\n"):
        assert line in text
        text = text.replace(line, "")
    if near == 2:  # the other end: addresses and SPIs change places
        for a, b in (("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2"),
                     ("spi 4097", "spi 8193"), ("spi 4098", "spi 8194"),
                     ("10.1.0.1", "10.2.0.1"), ("2001:db8:1::1", "2001:db8:2::1")):
            text = text.replace(a, "@").replace(b, a).replace("@", b)
        text = text.replace("hostname pe1", "hostname pe2")
    return text + extra


def sa(kind, spi):
    kw = dict(KEYS, crypt_algo="AES-CBC", crypt_key=lab.CBC_KEY) if kind is ESP else KEYS
    return SecurityAssociation(kind, spi=spi, **kw)


class Far:
    """The other end: seals what it asks and opens what it is answered."""

    def __init__(self, form):
        kinds = {"esp": [ESP], "ah": [AH], "ah-esp": [ESP, AH]}[form]
        name = {ESP: "esp", AH: "ah"}
        self.out = [sa(k, forms.IN[name[k]]) for k in kinds]
        self.numbers = 0
        self.back = [sa(k, forms.OUT[name[k]]) for k in reversed(kinds)]

    def seal(self, packet):
        for each in self.out:
            inside = packet.nh if packet.version == 6 else packet.proto
            if each.proto is AH and (packet.version == 6 or inside == 50):
                # Scapy checks such a packet, but signs another (test_forms.py).
                self.numbers += 1
                raw = forms.ah_around(bytes(packet), each.spi, self.numbers, inside)
                packet = type(packet)(raw)
                sa(AH, each.spi).decrypt(packet.copy())
            else:
                packet = each.encrypt(packet)
        return bytes(packet)

    def open(self, packet):
        for each in self.back:
            packet = type(packet)(bytes(each.decrypt(packet)))
        return packet


def echo(outer, n=0, size=5, src=None):
    near, far = ENDS[outer]
    if outer == 4:
        return (IP(src=src or far, dst=near, id=n) / ICMP(id=7, seq=n)
                / Raw(bytes([n % 256]) * size))
    return (IPv6(src=src or far, dst=near) / ICMPv6EchoRequest(id=7, seq=n)
            / Raw(bytes([n % 256]) * size))


def ether(packets):
    return forms.ethernet([bytes(p) for p in packets])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("outer", [4, 6])
@pytest.mark.parametrize("form", ["esp", "ah", "ah-esp"])
def test_an_answer_to_the_far_end_goes_as_the_question_came(router, form, outer, mode):
    asks = [echo(outer, n, size) for n, size in enumerate((1, 17, 600, 1300))]
    far = Far(form)
    source = router.capture("in.pcap", ether(far.seal(a) for a in asks))
    result, _ = router.replay(config(form, mode, outer), "--in", f"2/1={source}",
                              "--out", "2/1=out.pcap")
    assert lab.balanced(result) and result["dropped"] == {}
    counts = result["tunnels"]["branch"]
    assert (counts["in_packets"], counts["out_packets"]) == (4, 4)
    layer, reply = (IP, ICMP) if outer == 4 else (IPv6, ICMPv6EchoReply)
    out = lab.read(router.path / "out.pcap")
    assert len(out) == 4
    for frame, ask in zip(out, asks, strict=True):
        sealed = frame[layer]
        assert (sealed.src, sealed.dst) == ENDS[outer]  # its own header, and no other
        answer = far.open(sealed)[reply]
        assert answer.type == (0 if outer == 4 else 129) and answer.seq == ask.seq
        data = answer.data if outer == 6 else bytes(answer[Raw])
        assert data == (ask.data if outer == 6 and not Raw in ask else bytes(ask[Raw]))


@pytest.mark.parametrize("mode", MODES)
def test_in_clear_the_far_end_is_not_heard_and_others_are(router, mode):
    """RFC 4301 section 5.2, and section 4.4.1: IKE goes beside the SA."""
    ike = IP(src="192.0.2.2", dst="192.0.2.1") / UDP(sport=500, dport=500) / Raw(bytes(28))
    packets = [echo(4, 1), echo(4, 2, src="192.0.2.9"), ike]
    source = router.capture("in.pcap", ether(packets))
    result, _ = router.replay(config(mode=mode), "--in", f"2/1={source}",
                              "--out", "2/1=out.pcap")
    assert lab.balanced(result) and result["dropped"] == {"unprotected": 1}
    out = [f[IP] for f in lab.read(router.path / "out.pcap")]
    assert [(p.dst, p[ICMP].seq) for p in out if ICMP in p] == [("192.0.2.9", 2)]


def test_a_tunnel_that_is_down_lets_nothing_out_in_clear(router):
    conf = config().replace(" ipsec-sa in in\n no shutdown", " ipsec-sa in in\n shutdown")
    assert conf != config()
    router.up(conf)
    out = router.cli("ping 192.0.2.2 count 1 interval 0 timeout 50")
    assert "tunnel-down" in out or "host-unreachable" in out, out
    assert router.show("counters")["dropped"] == {"tunnel-down": 1}


@pytest.mark.parametrize("mode", MODES)
def test_ping_from_end_to_end(router, cable, mode):  # noqa: F811
    """Two routers; what crossed is all sealed, and scapy opens it."""
    cable.up(mode, lambda mode, near, far: config("esp", mode, 4, near, far))
    ask = f"timeout {int(5000 * lab.SLOW)}"
    out = router.cli(f"ping 192.0.2.2 count 5 size 1000 interval 0 {ask}",
                     f"ping 192.0.2.2 count 2 size 3000 interval 0 {ask}", name="pe1")
    assert "5 packets transmitted, 5 packets received" in out, out
    assert "2 packets transmitted, 2 packets received" in out, out
    out = router.cli(f"traceroute 192.0.2.2 {ask}", name="pe1").splitlines()
    assert re.fullmatch(r" 1  192.0.2.2(  [0-9.]+ ms){3}", out[1])
    crossed = [p[IP] for p in map(Ether, cable.seen) if IP in p]
    assert all(p.proto == 50 for p in crossed), [p.summary() for p in crossed if p.proto != 50]
    whole = [p for p in crossed if p.flags & 1 == 0 and p.frag == 0]
    asks = [sa(ESP, 0x1001).decrypt(p) for p in whole if p.src == "192.0.2.1"]
    assert sum(ICMP in p and p[ICMP].type == 8 for p in asks) == 5
    for name in ("pe1", "pe2"):
        counters = router.show("counters", name=name)
        assert lab.balanced(counters) and counters["dropped"] == {}
