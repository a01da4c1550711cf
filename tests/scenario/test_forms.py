"""Every form that IPsec packets take: AH, AH around ESP, UDP around ESP, IPv4
and IPv6 inside and outside. What sesim seals scapy opens, and what scapy seals
sesim opens, octet for octet, both modes."""

import hmac
import random
import struct

import pytest
from scapy.all import AH, ESP, IP, UDP, Ether, IPv6, Raw, SecurityAssociation

import lab

SHA1 = lab.SHA1_KEY.hex()
AH_LINE = f"  ah spi {{spi}} authentication hmac-sha1-96 key hex {SHA1}\n"
ESP_LINE = f"  esp spi {{spi}} {lab.ALGORITHMS['cbc-sha1'][0]}\n"
FORMS = {"esp": (True, False), "ah": (False, True), "ah-esp": (True, True)}
MODES = ["circuit-based", "economical"]
OUT = {"esp": 0x1001, "ah": 0x1002}
IN = {"esp": 0x2001, "ah": 0x2002}


def config(form="esp", mode="circuit-based", outer=4, words="", sa_words=""):
    """The router of lab.config() with both families and a tunnel of that form."""
    esp, ah = FORMS[form]
    ends = ("192.0.2.1", "192.0.2.2") if outer == 4 else ("2001:db8::1", "2001:db8::2")

    def lines(spis):
        return ((ESP_LINE.format(spi=spis["esp"]) if esp else "")
                + (AH_LINE.format(spi=spis["ah"]) if ah else ""))

    text = lab.config(mode=mode)
    for name, spis in (("out", OUT), ("in", IN)):
        old = ESP_LINE.format(spi=spis["esp"])
        assert old in text
        text = text.replace(old, sa_words + lines(spis))
    text = text.replace("192.0.2.1 remote 192.0.2.2", f"{ends[0]} remote {ends[1]}")
    text = text.replace(f" mode {mode}\n", f" mode {mode}\n{words}")
    return (text.replace("10.1.0.1/16\n", "10.1.0.1/16\n  ipv6 address 2001:db8:1::1/64\n")
                .replace("192.0.2.1/24\n", "192.0.2.1/24\n  ipv6 address 2001:db8::1/64\n")
                .replace(" ipsec sa out", " ipv6 route 2001:db8:2::/64 vpn\n ipsec sa out"))


def inner(n, family, seed, sizes=(48, 1300), src_net=1):
    """n packets of a family, with capture times."""
    rnd = random.Random(seed)
    frames = []
    for i in range(n):
        size = rnd.randint(*sizes)
        dst_net = 3 - src_net
        if family == 4:
            head = IP(src=f"10.{src_net}.0.5", dst=f"10.{dst_net}.0.7", id=i,
                      ttl=rnd.randint(3, 255), tos=rnd.choice([0, 0x28, 0xb8]))
        else:
            head = IPv6(src=f"2001:db8:{src_net}::5", dst=f"2001:db8:{dst_net}::7",
                        hlim=rnd.randint(3, 255), fl=rnd.randrange(1 << 20),
                        tc=rnd.choice([0, 0x28, 0xb8]))
        room = size - (28 if family == 4 else 48)
        pkt = head / UDP(sport=1 + i, dport=9) / Raw(rnd.randbytes(max(room, 0)))
        frame = Ether(src="02:00:00:00:00:05", dst="02:00:00:00:00:01") / pkt
        frame = Ether(bytes(frame))
        frame.time = 1700000000 + i / 1000
        frames.append(frame)
    return frames


def raw(frame):
    """The IP packet of a frame, of either family, without link padding."""
    if IPv6 in frame and frame.type == 0x86dd:
        return bytes(frame[IPv6])[:40 + frame[IPv6].plen]
    return lab.ip_bytes(frame)


def lowered(packet):
    if packet[0] >> 4 == 4:
        return lab.lowered(packet)
    return packet[:7] + bytes([packet[7] - 1]) + packet[8:]


def header(outer, back=False):
    ends = ("192.0.2.1", "192.0.2.2") if outer == 4 else ("2001:db8::1", "2001:db8::2")
    src, dst = reversed(ends) if back else ends
    return IP(src=src, dst=dst) if outer == 4 else IPv6(src=src, dst=dst)


def esp_sa(spi, outer, back=False, **kw):
    return SecurityAssociation(ESP, spi=spi, crypt_algo="AES-CBC",
                               crypt_key=lab.CBC_KEY, auth_algo="HMAC-SHA1-96",
                               auth_key=lab.SHA1_KEY,
                               tunnel_header=header(outer, back), **kw)


def ah_sa(spi, outer, back=False, tunnel=True):
    kw = {"tunnel_header": header(outer, back)} if tunnel else {}
    return SecurityAssociation(AH, spi=spi, auth_algo="HMAC-SHA1-96",
                               auth_key=lab.SHA1_KEY, **kw)


def outer_of(frame):
    return frame[IP] if frame.type == 0x0800 else frame[IPv6]


def open_with_scapy(form, outer, packet):
    """The clear packet: each header checked by scapy, AH first."""
    if form == "ah":
        return bytes(ah_sa(OUT["ah"], outer).decrypt(packet))
    if form == "ah-esp":
        packet = ah_sa(OUT["ah"], outer, tunnel=False).decrypt(packet)
        packet = packet.__class__(bytes(packet))
    return bytes(esp_sa(OUT["esp"], outer).decrypt(packet))


def ah_around(packet, spi, seq):
    """AH between the IP header and ESP, made by hand (RFC 4302): scapy checks
    such a packet, and does here, but signs the ESP in place of the AH."""
    v4 = packet[0] >> 4 == 4
    head, rest = bytearray(packet[:20 if v4 else 40]), packet[20 if v4 else 40:]
    ah = struct.pack("!BBHII", 50, 4, 0, spi, seq) + bytes(12)
    length = len(rest) + 24
    if v4:
        ip = IP(bytes(head))
        ip.proto, ip.len = 51, length + 20
        del ip.chksum
        head = bytearray(bytes(ip))
        zero = bytearray(head)
        zero[1] = zero[6] = zero[7] = zero[8] = zero[10] = zero[11] = 0
    else:
        head[6], head[4:6] = 51, struct.pack("!H", length)
        zero = bytearray(head)
        zero[0:4], zero[7] = b"\x60\0\0\0", 0
    icv = hmac.new(lab.SHA1_KEY, bytes(zero) + ah + rest, "sha1").digest()[:12]
    return bytes(head) + ah[:12] + icv + rest


def seal_with_scapy(form, outer, packets):
    """ESP, then AH around it: SAs of the other end, numbers from 1."""
    esp, around = esp_sa(IN["esp"], outer, True), ah_sa(
        IN["ah"], outer, True, tunnel=form == "ah")
    for n, packet in enumerate(packets):
        p = IP(packet) if packet[0] >> 4 == 4 else IPv6(packet)
        if FORMS[form][0]:
            p = esp.encrypt(p, seq_num=n + 1)
        if form == "ah":
            p = around.encrypt(p, seq_num=n + 1)
        elif form == "ah-esp":
            p = ah_around(bytes(p), IN["ah"], n + 1)
            around.decrypt((IP if outer == 4 else IPv6)(p))  # scapy agrees
        yield bytes(p)


def ethernet(packets, start=1700000000.0):
    frames = []
    for i, p in enumerate(packets):
        kind = 0x0800 if p[0] >> 4 == 4 else 0x86dd
        frame = Ether(src="02:00:00:00:00:09", dst="02:00:00:00:00:01",
                      type=kind) / Raw(p)
        frame.time = start + i / 1000
        frames.append(frame)
    return frames


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("within", [4, 6])
@pytest.mark.parametrize("outer", [4, 6])
@pytest.mark.parametrize("form", sorted(FORMS))
def test_scapy_opens_what_sesim_seals(router, form, outer, within, mode):
    frames = inner(30, within, seed=41)
    result, _ = router.replay(
        config(form, mode, outer), "--in", f"1/1={router.capture('in.pcap', frames)}",
        "--out", "2/1=out.pcap")
    assert lab.balanced(result) and result["dropped"] == {}, result["dropped"]
    assert result["tunnels"]["branch"]["out_packets"] == 30
    sealed = lab.read(router.path / "out.pcap")
    for frame, was in zip(sealed, frames, strict=True):
        packet = outer_of(frame)
        if outer == 6:
            assert packet.hlim == 64 and packet.tc == (raw(was)[1] if within == 4
                                                       else was[IPv6].tc)
        assert open_with_scapy(form, outer, packet) == lowered(raw(was))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("within", [4, 6])
@pytest.mark.parametrize("outer", [4, 6])
@pytest.mark.parametrize("form", sorted(FORMS))
def test_sesim_opens_what_scapy_seals(router, form, outer, within, mode):
    clear = [raw(f) for f in inner(30, within, seed=42, src_net=2)]
    frames = ethernet(seal_with_scapy(form, outer, clear))
    result, _ = router.replay(
        config(form, mode, outer), "--in", f"2/1={router.capture('in.pcap', frames)}",
        "--out", "1/1=out.pcap")
    assert lab.balanced(result) and result["dropped"] == {}, result["dropped"]
    assert result["tunnels"]["branch"]["in_packets"] == 30
    opened = [raw(f) for f in lab.read(router.path / "out.pcap")]
    assert opened == [lowered(p) for p in clear]


def test_esp_of_a_bundle_without_its_ah_is_refused(router):
    """RFC 4301 section 5.2: both must have been applied."""
    clear = [raw(f) for f in inner(5, 4, seed=43, src_net=2)]
    bare = list(seal_with_scapy("esp", 4, clear))
    frames = ethernet(bare)
    result, _ = router.replay(config("ah-esp"), "--in",
                              f"2/1={router.capture('in.pcap', frames)}")
    assert result["dropped"] == {"no-sa": 5}


def test_a_bit_of_ah_that_changed_is_told_and_replays_are_refused(router):
    clear = [raw(f) for f in inner(6, 4, seed=44, src_net=2, sizes=(60, 80))]
    sealed = list(seal_with_scapy("ah", 4, clear))
    bad = bytearray(sealed[2])
    bad[-1] ^= 1
    frames = ethernet(sealed[:2] + [bytes(bad)] + sealed[2:] + sealed)
    result, _ = router.replay(config("ah"), "--in",
                              f"2/1={router.capture('in.pcap', frames)}",
                              "--out", "1/1=out.pcap")
    assert result["dropped"] == {"integrity": 1, "replay": 6}
    assert [raw(f) for f in lab.read(router.path / "out.pcap")] == [
        lowered(p) for p in clear]
