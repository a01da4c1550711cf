"""Every form that IPsec packets take: AH, AH around ESP, UDP around ESP, IPv4
and IPv6 inside and outside. What sesim seals scapy opens, and what scapy seals
sesim opens, octet for octet, both modes."""

import hmac
import random
import struct
import subprocess

import pytest
from scapy.all import AH, ESP, ICMP, IP, UDP, Ether, IPv6, Raw, SecurityAssociation

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


def ah_around(packet, spi, seq, inside=50):
    """AH between the IP header and ESP, made by hand (RFC 4302): scapy checks
    such a packet, and does here, but signs the ESP in place of the AH."""
    v4 = packet[0] >> 4 == 4
    head, rest = bytearray(packet[:20 if v4 else 40]), packet[20 if v4 else 40:]
    ah = struct.pack("!BBHII", inside, 4, 0, spi, seq) + bytes(12)
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


NAT = " nat-traversal udp-encapsulation\n"


def nat_sa(spi, back=False, outer=4, sport=4500, dport=4500):
    return esp_sa(spi, outer, back, nat_t_header=UDP(sport=sport, dport=dport))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("words,ports", [
    (NAT, (4500, 4500)),
    (" nat-traversal udp-encapsulation local-port 5000 remote-port 6000\n",
     (5000, 6000))])
def test_esp_in_udp_both_ways(router, mode, words, ports):
    """RFC 3948: scapy's nat_t_header seals and opens."""
    frames = inner(30, 4, seed=45)
    conf = config("esp", mode, words=words)
    router.replay(conf, "--in", f"1/1={router.capture('in.pcap', frames)}",
                  "--out", "2/1=out.pcap")
    opener = esp_sa(OUT["esp"], 4)
    for frame, was in zip(lab.read(router.path / "out.pcap"), frames, strict=True):
        udp = frame[UDP]
        assert (udp.sport, udp.dport, udp.chksum) == (*ports, 0)
        assert udp.len == len(raw(frame)) - 20
        bare = IP(bytes(IP(src=frame[IP].src, dst=frame[IP].dst, proto=50)
                        / Raw(raw(frame)[28:])))
        assert bytes(opener.decrypt(bare)) == lowered(raw(was))
    clear = [raw(f) for f in inner(30, 4, seed=46, src_net=2)]
    # behind a translator the source port may be any
    sealer = nat_sa(IN["esp"], True, sport=33333, dport=ports[0])
    sealed = [bytes(sealer.encrypt(IP(p))) for p in clear]
    # scapy leaves the length of an empty datagram in the UDP header
    sealed = [p[:24] + struct.pack("!H", len(p) - 20) + p[26:] for p in sealed]
    result, _ = router.replay(conf, "--in",
                              f"2/1={router.capture('in2.pcap', ethernet(sealed))}",
                              "--out", "1/1=out2.pcap")
    assert result["dropped"] == {}
    assert [raw(f) for f in lab.read(router.path / "out2.pcap")] == [
        lowered(p) for p in clear]


def test_udp_over_ipv6_has_a_checksum(router):
    """RFC 8200 section 8.1: outwards always, inwards there must be one. Whether it
    is right is of no account where an ICV says more."""
    frames = inner(20, 6, seed=47)
    conf = config("esp", outer=6, words=NAT)
    router.replay(conf, "--in", f"1/1={router.capture('in.pcap', frames)}",
                  "--out", "2/1=out.pcap")
    sealed = lab.read(router.path / "out.pcap")
    assert len(sealed) == 20
    for frame in sealed:
        again = IPv6(raw(frame))
        del again[UDP].chksum
        assert IPv6(bytes(again))[UDP].chksum == frame[UDP].chksum != 0
    clear = [raw(f) for f in inner(3, 6, seed=48, src_net=2)]
    esp = esp_sa(IN["esp"], 6, True)
    packets = []
    for n, p in enumerate(clear):
        e = esp.encrypt(IPv6(p), seq_num=n + 1)
        udp = UDP(sport=4500, dport=4500) / Raw(bytes(e[ESP]))
        if n == 1:
            udp.chksum = 0
        packets.append(bytes(IPv6(src=e.src, dst=e.dst) / udp))
    wrong = bytearray(packets[2])
    wrong[46] ^= 1
    packets.append(bytes(wrong))
    result, _ = router.replay(conf, "--in",
                              f"2/1={router.capture('in2.pcap', ethernet(packets))}",
                              "--out", "1/1=out2.pcap")
    assert result["dropped"] == {"bad-checksum": 1, "replay": 1}
    assert [raw(f) for f in lab.read(router.path / "out2.pcap")] == [
        lowered(clear[0]), lowered(clear[2])]


def test_keepalives_markers_and_ports_of_udp(router):
    """RFC 3948 sections 2.2 and 2.3."""
    def udp(payload, dport=4500):
        return bytes(IP(src="192.0.2.2", dst="192.0.2.1") / UDP(sport=4500, dport=dport)
                     / Raw(payload))

    bare = next(iter(seal_with_scapy("esp", 4, [raw(inner(1, 4, 49, src_net=2)[0])])))
    packets = [udp(b"\xff"), udp(b"\xff"), udp(bytes(4) + b"ike"), udp(b"\0\0\0\1"),
               udp(b"\0\0\x12\x34" + bytes(40)), udp(b"\xff\xff"), bare]
    result, _ = router.replay(config("esp", words=NAT), "--in",
                              f"2/1={router.capture('in.pcap', ethernet(packets))}")
    assert result["dropped"] == {"nat-keepalive": 2, "bad-esp-length": 2, "no-sa": 1,
                                 "wrong-encapsulation": 1}
    assert result["punted"] == 1
    # without the word the port is nobody's
    result, _ = router.replay(config("esp"), "--in",
                              f"2/1={router.capture('in2.pcap', ethernet(packets[:6]))}")
    assert "nat-keepalive" not in result["dropped"]


@pytest.mark.parametrize("words,df,tos,ttl", [
    ("", (0, 1), 0xb9, 64), (" df set\n", (1, 1), 0xb9, 64),
    (" df clear\n", (0, 0), 0xb9, 64), (" clear-df\n", (0, 0), 0xb9, 64),
    (" dscp 10\n", (0, 1), 10 << 2 | 1, 64), (" ttl 7\n", (0, 1), 0xb9, 7),
    (" ecn compatibility\n", (0, 1), 0xb8, 64)])
def test_the_outer_header_is_as_configured(router, words, df, tos, ttl):
    frames = []
    for flags in (0, 2):
        frame = Ether() / IP(src="10.1.0.5", dst="10.2.0.7", tos=0xb9, flags=flags) / UDP()
        frame = Ether(bytes(frame))
        frame.time = 1700000000
        frames.append(frame)
    router.replay(config("esp", words=words), "--in",
                  f"1/1={router.capture('in.pcap', frames)}", "--out", "2/1=out.pcap")
    out = [f[IP] for f in lab.read(router.path / "out.pcap")]
    assert [int("DF" in p.flags) for p in out] == list(df)
    assert [(p.tos, p.ttl) for p in out] == [(tos, ttl)] * 2


def test_the_flow_label_is_copied_or_set(router):
    frames = inner(3, 6, seed=50)
    for words, want in (("", None), (" flow-label 0x12345\n", 0x12345)):
        router.replay(config("esp", outer=6, words=words), "--in",
                      f"1/1={router.capture('in.pcap', frames)}", "--out", "2/1=out.pcap")
        for frame, was in zip(lab.read(router.path / "out.pcap"), frames, strict=True):
            assert frame[IPv6].fl == (was[IPv6].fl if want is None else want)


@pytest.mark.parametrize("bucket,want", [("256", lambda n: min(-n % 256, 1400 - n)), ("mtu", lambda n: 1400 - n)])
def test_padding_hides_lengths_and_opens(router, bucket, want):
    """RFC 4303 section 2.7: behind the inner packet's own length."""
    frames = inner(40, 4, seed=51)
    conf = config("esp", words=f" tfc-padding {bucket}\n")
    router.replay(conf, "--in", f"1/1={router.capture('in.pcap', frames)}",
                  "--out", "2/1=out.pcap")
    opener = esp_sa(OUT["esp"], 4)
    for frame, was in zip(lab.read(router.path / "out.pcap"), frames, strict=True):
        octets = frame[IP].len
        text = bytes(opener.decrypt(frame[IP]))
        clear = lowered(raw(was))
        assert text[:len(clear)] == clear
        extra = want(len(clear))
        assert octets == 20 + 8 + 16 + (len(clear) + extra + 2 + 15) // 16 * 16 + 12


def test_dummies_and_padding_are_taken_in(router):
    """RFC 4303 sections 2.6 and 2.7, as another implementation sends them."""
    clear = [raw(f) for f in inner(4, 4, seed=52, src_net=2)]
    esp = SecurityAssociation(ESP, spi=IN["esp"], crypt_algo="AES-CBC",
                              crypt_key=lab.CBC_KEY, auth_algo="HMAC-SHA1-96",
                              auth_key=lab.SHA1_KEY)  # no tunnel: any next header
    packets = [bytes(esp.encrypt(IP(src="192.0.2.2", dst="192.0.2.1",
                                    proto=4 if n % 2 == 0 else 59)
                                 / Raw(p + bytes(100 + n))))
               for n, p in enumerate(clear)]
    result, _ = router.replay(config("esp"), "--in",
                              f"2/1={router.capture('in.pcap', ethernet(packets))}",
                              "--out", "1/1=out.pcap")
    assert result["dropped"] == {"dummy": 2}
    assert [raw(f) for f in lab.read(router.path / "out.pcap")] == [
        lowered(clear[0]), lowered(clear[2])]


@pytest.mark.parametrize("form,outer,words", [
    ("esp", 6, ""), ("ah", 4, ""), ("ah", 6, ""), ("ah-esp", 4, ""), ("ah-esp", 6, ""),
    ("esp", 4, NAT)])
def test_tshark_reads_every_form(router, form, outer, words):
    frames = inner(4, 6, seed=53)
    router.replay(config(form, outer=outer, words=words), "--in",
                  f"1/1={router.capture('in.pcap', frames)}", "--out", "2/1=out.pcap",
                  "--keys-dir", "keys")
    done = subprocess.run(
        ["tshark", "-r", router.path / "out.pcap", "-o", "esp.enable_encryption_decode:TRUE",
         "-o", "esp.enable_authentication_check:TRUE", "-T", "fields", "-E", "occurrence=a",
         "-e", "frame.protocols", "-e", "ah.spi", "-e", "ipv6.dst", "-e", "udp.srcport"],
        env=dict(router.env, WIRESHARK_CONFIG_DIR=str(router.path / "keys")),
        capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(rows) == 4
    for i, (protocols, spi, dst, port) in enumerate(rows):
        want = ["ip" if outer == 4 else "ipv6"]
        want += ["udp", "udpencap"] if words else []
        want += (["ah"] if FORMS[form][1] else []) + (["esp"] if FORMS[form][0] else [])
        assert ":".join(want + ["ipv6", "udp"]) in protocols, protocols
        assert spi == ("0x00001002" if FORMS[form][1] else "")
        assert dst.split(",")[-1] == "2001:db8:2::7"
        assert port.split(",")[-1] == str(1 + i)


def transport_config(form):
    """Transport mode SAs whose packets are looked up in a context of their own, as
    the packets of a tunnel in them will be."""
    text = config(form, words=" ipsec-mode transport\n")
    sas = text[text.index(" ipsec sa out"):text.index(" security asp-group")]
    wan = text[text.index(" interface wan"):text.index(" interface vpn")]
    text = text.replace(sas, "").replace(wan, "").replace("10.2.0.0/16 vpn", "192.0.2.2/32 vpn")
    text = text.replace("card ge-10-port 1", f"context outer\n{wan}{sas}!\ncard ge-10-port 1", 1)
    text = text.replace("bind interface wan local", "bind interface wan outer")
    text = text.replace("remote 192.0.2.2 context local", "remote 192.0.2.2 context outer")
    return "service multiple-contexts\n" + text


@pytest.mark.parametrize("form", ["esp", "ah"])
def test_transport_mode_keeps_the_ip_header(router, form):
    """RFC 4303 section 3.1.1, RFC 4302 section 3.1.1; scapy judges both ways."""
    def sa(kind, spi):
        kw = dict(auth_algo="HMAC-SHA1-96", auth_key=lab.SHA1_KEY)
        if kind is ESP:
            kw.update(crypt_algo="AES-CBC", crypt_key=lab.CBC_KEY)
        return SecurityAssociation(kind, spi=spi, **kw)

    kind = ESP if form == "esp" else AH
    frames = inner(20, 4, seed=54)
    for f in frames:
        f[IP].dst = "192.0.2.2"
        del f[IP].chksum, f[UDP].chksum
    frames = [Ether(bytes(f)) for f in frames]
    result, _ = router.replay(transport_config(form), "--in",
                              f"1/1={router.capture('in.pcap', frames)}", "--out", "2/1=out.pcap")
    assert lab.balanced(result) and result["dropped"] == {}, result["dropped"]
    opener = sa(kind, OUT[form])
    for frame, was in zip(lab.read(router.path / "out.pcap"), frames, strict=True):
        assert (frame[IP].src, frame[IP].dst, frame[IP].ttl) == (
            was[IP].src, "192.0.2.2", was[IP].ttl - 1)
        assert bytes(opener.decrypt(frame[IP])) == lowered(raw(was))
    # opened, it is the router's own: an echo request is answered, as it came
    ask = IP(src="192.0.2.2", dst="192.0.2.1") / ICMP(id=7, seq=1) / Raw(b"hello")
    sealed = bytes(sa(kind, IN[form]).encrypt(ask))
    result, _ = router.replay(transport_config(form), "--in",
                              f"2/1={router.capture('in2.pcap', ethernet([sealed]))}",
                              "--out", "2/1=out2.pcap")
    assert result["dropped"] == {} and result["tunnels"]["branch"]["in_packets"] == 1
    answer = lab.read(router.path / "out2.pcap")
    opener = sa(kind, OUT[form])
    assert [(f[IP].dst, p[ICMP].type, bytes(p[Raw])[:5])
            for f in answer for p in [IP(bytes(opener.decrypt(f[IP])))]] == [("192.0.2.2", 0, b"hello")]
