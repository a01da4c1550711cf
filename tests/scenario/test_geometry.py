"""Packets that are too large for their tunnel, and fragments that come to its
end: cut before or after sealing, joined before opening, told to the source where
neither may be, and every buffer and every fragment accounted for."""

import random

import pytest
from scapy.all import (ICMP, IP, UDP, Ether, IPv6, IPv6ExtHdrFragment,
                       Raw, defragment, defragment6, fragment, fragment6)

import lab
import test_forms as forms

MODES = forms.MODES


def large(n, family, seed, sizes=(1500, 4000), df=False):
    frames = forms.inner(n, family, seed, sizes=sizes)
    for f in frames:
        if family == 4:
            f[IP].flags = "DF" if df else 0
            del f[IP].chksum
    out = []
    for f in frames:
        again = Ether(bytes(f))
        again.time = f.time
        out.append(again)
    return out


def joined(packets):
    """Whole packets of fragments, by scapy, in order of their last one."""
    if packets and packets[0][0] >> 4 == 6:
        groups = {}
        for p in map(IPv6, packets):
            groups.setdefault(p[IPv6ExtHdrFragment].id if IPv6ExtHdrFragment in p
                              else id(p), []).append(p)
        return [bytes(defragment6(g)) if len(g) > 1 else bytes(g[0])
                for g in groups.values()]
    whole, fragmented, missing = [], {}, []
    for raw in packets:
        # As octets: scapy reads a later fragment as what its random octets look
        # like, AH for one, and loses what it then takes for padding.
        head = (raw[0] & 15) * 4
        p = IP(raw[:head]) / Raw(raw[head:])
        if p.frag == 0 and "MF" not in p.flags:
            whole.append(raw)
            continue
        key = (p.src, p.dst, p.id, p.proto)
        fragmented.setdefault(key, []).append(p)
        if "MF" not in p.flags:
            done = [x for x in defragment(fragmented.pop(key))]
            assert len(done) == 1
            whole.append(bytes(done[0]))
    assert not fragmented and not missing
    return whole


def same(a, b):
    """Equal but for what cutting changes: header checksum, DF and identification."""
    if a[0] >> 4 == 6:
        return a == b
    return a[:4] == b[:4] and a[8:10] == b[8:10] and a[12:] == b[12:]


@pytest.mark.parametrize("transport", ["ipc", "inproc", "tcp"])
@pytest.mark.parametrize("mode", MODES)
def test_inner_packets_are_cut_before_sealing(router, mode, transport):
    frames = large(60, 4, seed=71)
    result, _ = router.replay(
        forms.config("esp", mode), "--in", f"1/1={router.capture('in.pcap', frames)}",
        "--out", "2/1=out.pcap", "--transport", transport)
    assert lab.balanced(result) and result["dropped"] == {}, result["dropped"]
    assert result["fragments_created"] > 60
    opener = forms.esp_sa(forms.OUT["esp"], 4)
    opened = []
    for frame in lab.read(router.path / "out.pcap"):
        assert frame[IP].len <= 1500
        opened.append(bytes(opener.decrypt(frame[IP])))
        assert len(opened[-1]) <= 1400
    assert result["transmitted"] == len(opened) == 60 + result["fragments_created"]
    whole = joined(opened)
    assert len(whole) == 60
    for got, was in zip(whole, frames):
        assert same(got, forms.lowered(forms.raw(was)))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("outer", [4, 6])
@pytest.mark.parametrize("form", ["esp", "ah", "ah-esp"])
def test_outer_packets_are_cut_after_sealing(router, form, outer, mode):
    frames = large(40, 4, seed=72)
    conf = forms.config(form, mode, outer, words=" fragmentation post\n ip mtu 8000\n")
    result, _ = router.replay(conf, "--in", f"1/1={router.capture('in.pcap', frames)}",
                              "--out", "2/1=out.pcap")
    assert lab.balanced(result) and result["dropped"] == {}, result["dropped"]
    pieces = [forms.raw(f) for f in lab.read(router.path / "out.pcap")]
    assert all(len(p) <= 1500 for p in pieces)
    assert len(pieces) == 40 + result["fragments_created"]
    sealed = joined(pieces)
    assert len(sealed) == 40
    for packet, was in zip(sealed, frames):
        p = IP(packet) if outer == 4 else IPv6(packet)
        assert forms.open_with_scapy(form, outer, p) == forms.lowered(forms.raw(was))


@pytest.mark.parametrize("mode", MODES)
def test_the_source_is_told_where_nothing_may_be_cut(router, mode):
    """RFC 1191: with the MTU that would do, overhead counted."""
    port = "port ethernet 2/1\n no shutdown\n"
    conf = forms.config("esp", mode).replace(port, port + " mtu 1400\n")
    # 1400 - 20 - 8 - 16 - 12 = 1344, whole blocks, less 2
    frames = large(1, 4, 73, sizes=(1380, 1380), df=True) + large(1, 6, 74, (1380, 1380))
    frames += large(1, 4, 75, sizes=(1342, 1342), df=True)
    result, _ = router.replay(conf, "--in", f"1/1={router.capture('in.pcap', frames)}",
                              "--out", "1/1=back.pcap", "--out", "2/1=out.pcap")
    assert result["dropped"] == {"mtu-exceeded": 2}
    told = lab.read(router.path / "back.pcap")
    assert [f[ICMP].nexthopmtu for f in told if ICMP in f] == [1342]
    assert len(lab.read(router.path / "out.pcap")) == 1


def test_clear_df_cuts_outside_what_must_not_be_cut_inside(router):
    frames = large(10, 4, 76, sizes=(1390, 1400), df=True)
    port = "port ethernet 2/1\n no shutdown\n"
    conf = forms.config("esp", words=" clear-df\n").replace(port, port + " mtu 1400\n")
    result, _ = router.replay(conf, "--in", f"1/1={router.capture('in.pcap', frames)}",
                              "--out", "2/1=out.pcap")
    assert result["dropped"] == {} and result["fragments_created"] == 10
    sealed = joined([forms.raw(f) for f in lab.read(router.path / "out.pcap")])
    for packet, was in zip(sealed, frames, strict=True):
        assert forms.open_with_scapy("esp", 4, IP(packet)) == forms.lowered(forms.raw(was))


def cut_with_scapy(packet, size):
    """Its fragments, as octets."""
    if packet[0] >> 4 == 4:
        return [bytes(f) for f in fragment(IP(packet), fragsize=size // 8 * 8)]
    p = IPv6(packet)
    head = IPv6(src=p.src, dst=p.dst, hlim=p.hlim) / IPv6ExtHdrFragment(id=hash(packet)
                                                                        & 0xffffffff)
    head = IPv6(bytes(head / Raw(packet[40:])))
    head[IPv6ExtHdrFragment].nh = p.nh
    return [bytes(f) for f in fragment6(head, size)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("outer", [4, 6])
@pytest.mark.parametrize("form", ["esp", "ah"])
def test_fragments_are_joined_before_opening(router, form, outer, mode):
    """RFC 4303 section 3.4.1; in any order, datagrams mixed."""
    clear = [forms.raw(f) for f in forms.inner(40, 4, 77, sizes=(900, 3000), src_net=2)]
    rnd = random.Random(78)
    pieces = []
    sealed = list(forms.seal_with_scapy(form, outer, clear))
    mixed = 4 if form == "esp" or outer == 6 else 1  # AH covers the identification
    for i in range(0, 40, mixed):
        group = [f for n, p in enumerate(sealed[i:i + mixed])
                 for f in cut_with_scapy(p[:4] + bytes([0, i + n]) + p[6:]
                                         if outer == 4 and form == "esp" else p, 600)]
        rnd.shuffle(group)
        pieces += group
    lan = "port ethernet 1/1\n no shutdown\n"
    conf = forms.config(form, mode, outer, sa_words="  anti-replay-window 512\n")
    result, _ = router.replay(
        conf.replace(lan, lan + " mtu 4000\n"), "--in",
        f"2/1={router.capture('in.pcap', forms.ethernet(pieces))}", "--out", "1/1=out.pcap")
    assert lab.balanced(result) and result["dropped"] == {}, result["dropped"]
    assert result["fragments_absorbed"] == len(pieces) - 40
    opened = sorted(forms.raw(f) for f in lab.read(router.path / "out.pcap"))
    assert opened == sorted(forms.lowered(p) for p in clear)


def test_two_routers_carry_packets_larger_than_every_mtu(router):
    frames = large(50, 4, seed=79, sizes=(3000, 8000))
    words = " fragmentation post\n ip mtu 9000\n"
    router.replay(forms.config("ah-esp", words=words), "--in",
                  f"1/1={router.capture('in.pcap', frames)}", "--out", "2/1=mid.pcap")
    far = forms.config("ah-esp", words=words)
    for a, b in (("10.1.", "10.X."), ("10.2.", "10.1."), ("10.X.", "10.2."),
                 ("192.0.2.1", "192.0.2.X"), ("192.0.2.2", "192.0.2.1"),
                 ("192.0.2.X", "192.0.2.2"), ("ipsec-sa out out", "ipsec-sa out IN"),
                 ("ipsec-sa in in", "ipsec-sa in out"), ("ipsec-sa out IN", "ipsec-sa out in")):
        far = far.replace(a, b)
    lan = "port ethernet 1/1\n no shutdown\n"
    result, _ = router.replay(far.replace(lan, lan + " mtu 9000\n"), "--in",
                              f"2/1={router.path / 'mid.pcap'}", "--out", "1/1=out.pcap")
    assert lab.balanced(result) and result["dropped"] == {}, result["dropped"]
    assert result["fragments_absorbed"] > 50
    got = [forms.raw(f) for f in lab.read(router.path / "out.pcap")]
    assert got == [forms.lowered(forms.lowered(forms.raw(f))) for f in frames]


def test_overlaps_and_fragments_that_wait_in_vain(router):
    """RFC 5722: nothing of a packet that overlaps; the rest is timed out at the end."""
    clear = [forms.raw(f) for f in forms.inner(3, 4, 80, sizes=(1000, 1000), src_net=2)]
    sealed = list(forms.seal_with_scapy("esp", 4, clear))
    a, b, c = (cut_with_scapy(p[:4] + bytes([0, n]) + p[6:], 400)
               for n, p in enumerate(sealed))
    evil = IP(a[1])
    evil.frag -= 1
    del evil.chksum
    pieces = [a[0], a[1], bytes(evil), a[2], b[0], b[2], c[0], c[0], c[1], c[2]]
    result, _ = router.replay(forms.config("esp"), "--in",
                              f"2/1={router.capture('in.pcap', forms.ethernet(pieces))}",
                              "--out", "1/1=out.pcap")
    assert lab.balanced(result)
    assert result["dropped"] == {"fragment-overlap": 4, "reassembly-timeout": 2,
                                 "fragment-duplicate": 1}
    assert result["fragments_absorbed"] == 2
    assert [forms.raw(f) for f in lab.read(router.path / "out.pcap")] == [
        forms.lowered(clear[2])]


def test_fragments_too_old_are_given_up(router):
    clear = [forms.raw(forms.inner(1, 4, 81, sizes=(1000, 1000), src_net=2)[0])]
    parts = cut_with_scapy(next(iter(forms.seal_with_scapy("esp", 4, clear))), 600)
    frames = forms.ethernet(parts)
    frames[1].time += 61
    result, _ = router.replay(forms.config("esp"), "--in",
                              f"2/1={router.capture('in.pcap', frames)}")
    assert result["dropped"] == {"reassembly-timeout": 2}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("form", ["esp", "ah-esp"])
def test_the_path_mtu_is_kept_as_heard_and_forgotten(router, form, mode):
    """RFC 4301 section 8.2.1: of an SA of ours, for ten minutes, not below 576."""
    frames = large(40, 4, 90, sizes=(1300, 1300), df=True)
    for n, f in enumerate(frames):
        f.time = 1700000000 + 10 * n + (400 if n >= 30 else 0)
    router.replay(forms.config(form, mode), "--in",
                  f"1/1={router.capture('first.pcap', frames[:1])}", "--out", "2/1=sealed.pcap")
    quote = forms.raw(lab.read(router.path / "sealed.pcap")[0])[:40]

    def heard(at, quoted, mtu):
        p = (Ether() / IP(src="192.0.2.9", dst="192.0.2.1")
             / ICMP(type=3, code=4, nexthopmtu=mtu) / Raw(quoted))
        p = Ether(bytes(p))
        p.time = at
        return p

    other = bytearray(quote)
    other[23 if form == "esp" else 27] ^= 1  # another SPI
    said = [heard(1700000005, bytes(other), 1000), heard(1700000055, quote, 1200),
            heard(1700000105, quote, 100)]
    result, _ = router.replay(
        forms.config(form, mode), "--in", f"1/1={router.capture('in.pcap', frames)}",
        "--in", f"2/1={router.capture('said.pcap', said)}", "--out", "2/1=out.pcap",
        "--out", "1/1=back.pcap", "--round-packets", "1", "--rounds-open", "1")
    # frames 6 to 10 against 1,200, and 11 to 30 against 576, until 600 s later;
    # word may come to the ASP a packet late
    told = [f[ICMP].nexthopmtu for f in lab.read(router.path / "back.pcap") if ICMP in f]
    outer = len(lab.read(router.path / "out.pcap"))
    assert result["dropped"] == {"mtu-exceeded": len(told)} and outer == 40 - len(told)
    assert len(told) in (24, 25) and told.count(told[0]) in (4, 5, 6)
    grown = 24 if form == "ah-esp" else 0
    assert told == sorted(told, reverse=True) and set(told) == {
        (mtu - 56 - grown) // 16 * 16 - 2 for mtu in (1200, 576)}


PLAIN = " ip route 198.51.100.0/24 192.0.2.254\n"
METERED = """qos policy shaped pq
 num-queues 1
 rate 1000
qos policy metered metering
 rate 4000 burst 100000
"""


def plain(frames, dst="198.51.100.7"):
    out = []
    for f in frames:
        again = f.copy()
        again[IP].dst = dst
        del again[IP].chksum
        again = Ether(bytes(again))
        again.time = f.time
        out.append(again)
    return out


@pytest.mark.parametrize("transport", ["ipc", "inproc", "tcp"])
def test_plain_packets_are_cut_to_the_way_out(router, transport):
    """RFC 791 section 3.2, RFC 1812 section 5.2.6: not into any tunnel."""
    frames = plain(large(60, 4, seed=83, sizes=(1400, 4000)))
    result, _ = router.replay(
        lab.config(extra_context=PLAIN), "--in",
        f"1/1={router.capture('in.pcap', frames)}", "--out", "2/1=out.pcap",
        "--capture", "2/eppa:tx=tx.pcap", "--transport", transport)
    assert lab.balanced(result) and result["dropped"] == {}
    pieces = [lab.ip_bytes(f) for f in lab.read(router.path / "out.pcap")]
    assert [lab.ip_bytes(f) for f in lab.read(router.path / "tx.pcap")] == pieces
    assert max(map(len, pieces)) <= 1500
    assert all(lab.lowered(p, 0) == p for p in pieces)  # checksums hold
    assert result["transmitted"] == len(pieces) == 60 + result["fragments_created"] > 100
    assert result["ports"]["2/1"]["tx_packets"] == len(pieces)
    whole = joined(pieces)
    assert len(whole) == 60
    for got, was in zip(whole, frames, strict=True):
        assert same(got, forms.lowered(forms.raw(was)))


def test_a_cut_packet_may_be_cut_again_and_keeps_its_options(router):
    """A fragment is cut where it exceeds the way out (RFC 791 section 3.2)."""
    whole = plain(large(1, 4, seed=84, sizes=(6000, 6000)))[0]
    options = [b"\x82\x0b" + bytes(9) + b"\x01"]  # security: copied; NOP
    ip = whole[IP].copy()
    ip.options = options[0]
    del ip.ihl, ip.len, ip.chksum
    pieces = fragment(IP(bytes(ip)), 3000)
    result, _ = router.replay(
        lab.config(extra_context=PLAIN), "--in",
        f"1/1={router.capture('in.pcap', forms.ethernet([bytes(p) for p in pieces]))}",
        "--out", "2/1=out.pcap")
    assert lab.balanced(result) and result["dropped"] == {}
    out = [IP(lab.ip_bytes(f)) for f in lab.read(router.path / "out.pcap")]
    assert len(out) > len(pieces) and max(p.len for p in out) <= 1500
    assert all(bytes(p)[20:31] == options[0][:11] for p in out)
    got = joined([bytes(p) for p in out])
    assert len(got) == 1 and bytes(IP(got[0]).payload) == bytes(IP(bytes(ip)).payload)


@pytest.mark.parametrize("kind", ["queuing", "metering"])
def test_what_a_port_holds_is_cut_when_it_leaves(router, kind):
    frames = plain(large(30, 4, seed=85, sizes=(1400, 4000)))
    name = "shaped" if kind == "queuing" else "metered"
    conf = lab.config(extra_context=PLAIN).replace(
        "port ethernet 2/1\n", f"port ethernet 2/1\n qos policy {kind} {name}\n")
    conf = conf.replace("!\ncard ge-10-port 1", f"!\n{METERED}card ge-10-port 1", 1)
    result, _ = router.replay(conf, "--in", f"1/1={router.capture('in.pcap', frames)}",
                              "--out", "2/1=out.pcap", "--capture", "2/eppa:tx=tx.pcap")
    assert lab.balanced(result) and result["dropped"] == {}
    pieces = [lab.ip_bytes(f) for f in lab.read(router.path / "out.pcap")]
    assert [lab.ip_bytes(f) for f in lab.read(router.path / "tx.pcap")] == pieces
    assert max(map(len, pieces)) <= 1500 and len(joined(pieces)) == 30
    assert result["transmitted"] == 30 + result["fragments_created"] == len(pieces)


def test_what_may_not_be_cut_is_told_to_its_source(router):
    """RFC 1191: DF set; the error names the MTU of the way out."""
    frames = plain(large(5, 4, seed=86, sizes=(1501, 3000), df=True))
    result, _ = router.replay(
        lab.config(extra_context=PLAIN), "--in",
        f"1/1={router.capture('in.pcap', frames)}", "--out", "1/1=back.pcap",
        "--out", "2/1=out.pcap")
    assert result["dropped"] == {"mtu-exceeded": 5} and lab.balanced(result)
    assert lab.read(router.path / "out.pcap") == []
    errors = lab.read(router.path / "back.pcap")
    assert [(e[ICMP].type, e[ICMP].code, e[ICMP].nexthopmtu, e[IP].src) for e in errors] == [
        (3, 4, 1500, "10.1.0.1")] * 5
