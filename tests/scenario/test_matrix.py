"""Every pair of algorithms, both forwarding modes, both engines, both directions,
all mixes of families: what sesim seals scapy opens, and what scapy seals sesim
opens, octet for octet.

Packets of each pair: SE_MATRIX_PACKETS (200), where inner and outer are of one
family; a quarter of that where they are not. The long form, half an hour or so:

    SE_BIN=build/release/bin SE_MATRIX_PACKETS=10000 \\
        python3 -m pytest -s tests/scenario/test_matrix.py

The seed is printed (with -s, or when a test fails); SE_MATRIX_SEED repeats one."""

import os
import random
import struct

import pytest

import lab
import matrix

PACKETS = int(os.environ.get("SE_MATRIX_PACKETS", "200"))
ROUND = 200  # of each pair in one capture
FAMILIES = pytest.mark.parametrize("outer,inner", [(4, 4), (6, 6), (4, 6), (6, 4)])
LAN_HOST = {4: "10.1.0.5", 6: "2001:db8:a::5"}
WAYS = [("circuit-based", "auto"), ("economical", "openssl")]


def rounds(outer, inner):
    packets = PACKETS if outer == inner else max(PACKETS // 4, 1)
    seed = int(os.environ.get("SE_MATRIX_SEED", random.SystemRandom().getrandbits(32)))
    for first in range(0, packets, ROUND):
        n = min(ROUND, packets - first)
        print(f"seed {seed + first}: {n} packets a pair, IPv{inner} in IPv{outer}")
        yield seed + first, n


def replay(router, conf, engine, source, into, *args):
    result, _ = router.replay(conf, "--in", source, "--out", into, "--engine", engine,
                              *args, timeout=600)
    assert lab.balanced(result) and result["dropped"] == {}, result["dropped"]
    return result


def shuffled(rnd, tunnels, n):
    order = tunnels * n
    rnd.shuffle(order)
    return order


def whole(tunnel, spi, raw):
    """The same by scapy alone."""
    return bytes(tunnel.sa[spi].decrypt(matrix.HEADER[tunnel.outer](raw)))


def judge(tunnels, clear, order, sealed):
    count = {t.number: 0 for t in tunnels}
    for i, (tunnel, was, raw) in enumerate(zip(order, clear, sealed, strict=True)):
        esp = raw[20 if tunnel.outer == 4 else 40:]
        spi, seq = struct.unpack_from("!II", esp)
        count[tunnel.number] += 1
        assert (spi, seq) == (tunnel.spi_out, count[tunnel.number])
        want = matrix.lowered(was)
        assert tunnel.open(spi, esp) == want, (tunnel.enc, tunnel.auth, len(was))
        if i % matrix.WHOLE == 0 and not tunnel.scapy_lacks:
            assert whole(tunnel, spi, raw) == want, (tunnel.enc, tunnel.auth)


@FAMILIES
def test_what_sesim_seals_scapy_opens(router, outer, inner):
    for seed, n in rounds(outer, inner):
        rnd = random.Random(seed)
        tunnels = matrix.tunnels_of(seed, outer, inner)
        order = shuffled(rnd, tunnels, n)
        clear = [matrix.inner(rnd, inner, LAN_HOST[inner], t.host(), i)
                 for i, t in enumerate(order)]
        source = matrix.write(router.path / "in.pcap", clear)
        for mode, engine in WAYS:
            replay(router, matrix.config(tunnels, mode), engine,
                   f"1/1={source}", f"2/1={mode}.pcap", "--seed", 7)
        one, other = (router.path / f"{mode}.pcap" for mode, _ in WAYS)
        assert one.read_bytes() == other.read_bytes()
        judge(tunnels, clear, order, matrix.read(one))


@FAMILIES
def test_what_scapy_seals_sesim_opens(router, outer, inner):
    near, far = matrix.ENDS[outer]
    for seed, n in rounds(outer, inner):
        rnd = random.Random(seed)
        tunnels = matrix.tunnels_of(seed, outer, inner)
        order = shuffled(rnd, tunnels, n)
        count = {t.number: 0 for t in tunnels}
        clear, sealed = [], []
        for i, t in enumerate(order):
            count[t.number] += 1
            clear.append(matrix.inner(rnd, inner, t.host(), LAN_HOST[inner], i))
            if i % matrix.WHOLE == 0 and not t.scapy_lacks:
                sealed.append(bytes(t.sa[t.spi_in].encrypt(
                    matrix.HEADER[inner](clear[-1]), seq_num=count[t.number])))
                continue
            esp = t.seal(t.spi_in, count[t.number], clear[-1], rnd)
            sealed.append(matrix.packet(outer, far, near, 50, esp, 64))
        source = matrix.write(router.path / "in.pcap", sealed)
        for mode, engine in WAYS:
            replay(router, matrix.config(tunnels, mode), engine,
                   f"2/1={source}", f"1/1={mode}.pcap")
            for t, was, raw in zip(order, clear,
                                   matrix.read(router.path / f"{mode}.pcap"),
                                   strict=True):
                assert raw == matrix.lowered(was), (mode, t.enc, t.auth, len(was))
