"""What the packet path must not do, counted and not timed: allocate, call the
kernel, copy a packet more than once on its way in and once on its way out. Two
replays that differ by 10,000 packets are compared, process by process, so that
what is done once does not count (count.c is loaded into all of them)."""

import os
import struct

import pytest

import lab

PACKETS = 10000
FRAME = 1414


@pytest.fixture
def counter():
    path = os.environ.get("SE_COUNT", "")
    if not os.path.exists(path):
        pytest.skip("skipped: sanitizers have an allocator of their own")
    return path


def capture(path, n):
    """n equal frames of 1,400 octets, a microsecond apart."""
    frame = bytes(lab.packets(1, sizes=(1400, 1400))[0])
    assert len(frame) == FRAME
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for i in range(n):
            file.write(struct.pack("<IIII", 1700000000, i * 1000, FRAME, FRAME) + frame)
    return path


def stage(words):
    option = {w: words[i + 1] for i, w in enumerate(words[:-1]) if w.startswith("--")}
    if "--slot" not in option:
        return os.path.basename(words[0])
    role = option.get("--ppa", "asp" + option.get("--asp", ""))
    return f"{option['--slot']}/{role}"


def counts(router, counter, n, mode):
    where = router.path / f"counts{n}"
    where.mkdir()
    source = capture(router.path / f"in{n}.pcap", n)
    router.env["SE_COUNT_DIR"] = str(where)
    router.env["LD_PRELOAD"] = counter
    result, _ = router.replay(lab.config(mode=mode), "--in", f"1/1={source}", "--out",
                              "2/1=out.pcap")
    del router.env["LD_PRELOAD"]
    assert result["transmitted"] == n
    seen = {}
    for file in where.iterdir():
        line, _, words = file.read_bytes().partition(b"\n")
        name = stage(words.decode().split("\0"))
        seen[name] = dict(zip(("allocations", "calls", "copies", "sent"),
                              map(int, line.split())))
    return seen


@pytest.mark.parametrize("mode", ["circuit-based", "economical"])
def test_a_packet_costs_no_allocation_no_call_and_two_copies(router, counter, mode):
    few = counts(router, counter, PACKETS, mode)
    many = counts(router, counter, 2 * PACKETS, mode)
    assert {"1/ingress", "2/egress", "3/asp1", "sesim-chassis"} <= set(few)
    more = {name: {key: (many[name][key] - few[name][key]) / PACKETS for key in few[name]}
            for name in few}
    print(more)
    cards = {name: per for name, per in more.items() if "/" in name}
    # Messages of many vectors are allocated, packets are not.
    assert all(per["allocations"] < 0.05 for per in cards.values()), more
    # With vectors of 256 there are four hops for each, some calls a hop.
    assert sum(per["calls"] for per in more.values()) < 1, more
    # By reference: one copy out of what was read, one into what is written.
    for name, per in cards.items():
        once = 1 if name in ("1/ingress", "2/egress") else 0
        assert per["copies"] == pytest.approx(once, abs=0.01), (name, more)
    # What crosses are descriptors, over each of the links out of a card.
    assert all(per["sent"] < 150 for per in cards.values()), more
