"""Counters that operators read: since they cleared them, and rates."""

import json
import re

from scapy.all import IP, UDP, Ether, Raw

import lab
from test_asps import kill, roles, sa_out
from test_wires import UDPX, Station, gate_of, up, wires  # noqa: F401: a fixture

SEALED = "ping 10.2.0.7 count {} size 100 interval 0 timeout 1"


def ports(router):
    return {p["port"]: p for p in router.show("port counters")["ports"]}


def test_clearing_begins_anew_and_leaves_the_accounts(router):
    router.up(lab.config())
    router.cli(SEALED.format(4))
    before = router.show("counters")
    assert ports(router)["2/1"]["tx_packets"] == 4
    octets = ports(router)["2/1"]["tx_octets"]
    router.cli("clear port counters 1/1")
    assert ports(router)["2/1"]["tx_octets"] == octets
    router.cli("clear port counters", "clear ipsec counters")
    assert ports(router)["2/1"]["tx_packets"] == 0
    assert router.show("port 2/1 detail")["ports"][0]["tx_octets"] == 0
    sa = sa_out(router)
    assert (sa["packets"], sa["octets"], sa["sequence"]) == (0, 0, 4)
    assert sa["counters"]["packets"] == 0
    tunnel = router.show("ipsec tunnel branch")["tunnels"][0]
    assert tunnel["out_packets"] == 0
    after = router.show("counters")
    assert after["transmitted"] == before["transmitted"]
    assert lab.balanced(after)
    router.cli(SEALED.format(2))
    assert ports(router)["2/1"]["tx_packets"] == 2
    assert sa_out(router)["packets"] == 2


def test_clearing_one_tunnel(router):
    router.up(lab.config())
    router.cli(SEALED.format(3))
    router.cli("clear ipsec counters tunnel other")
    assert sa_out(router)["packets"] == 3
    router.cli("clear ipsec counters tunnel branch")
    assert sa_out(router)["packets"] == 0


def test_statistics_are_of_the_asp_that_has_the_tunnels(router):
    router.up(lab.config())
    router.cli(SEALED.format(3))
    one, two = router.show("ipsec statistics")["asps"]
    assert (one["asp"], one["tunnels"], one["out"]["sas"], one["in"]["sas"]) == \
        ("3/1", 1, 1, 1)
    assert (one["out"]["packets"], one["out"]["octets"]) == (3, 300)
    assert two["tunnels"] == two["out"]["packets"] == 0
    text = router.cli("show ipsec statistics 3/1")
    assert "ASP 3/1, tunnels 1" in text and "ASP 3/2" not in text
    assert re.search(r"replay-drops +: 0", text)


def test_tunnels_in_every_form(router):
    router.up(lab.config())
    router.cli(SEALED.format(3))
    brief = router.cli("show tunnel ipsec").splitlines()
    assert brief[0].split() == ["Tunnel", "Type", "State", "Local", "Remote", "MTU",
                                "Interface", "Cause"]
    assert brief[1].split() == ["branch", "ipsec", "manual", "Up", "192.0.2.1",
                                "192.0.2.2", "1400", "vpn", "-"]
    detail = router.cli("show ipsec tunnel branch detail")
    assert "Tunnel branch, ipsec manual, state is Up" in detail
    assert "  ASP group, ASP       : grp, 3/1" in detail
    assert "  Sent                 : 3 packets, 300 bytes" in detail
    assert "  Sent                 : 3 packets, 300 bytes" in \
        router.cli("show ipsec tunnel branch counters")
    done = router.sesim("cli", "r", "-c", "show tunnel ipsec nothing")
    assert done.returncode == 1 and 'No tunnel "nothing"' in done.stdout + done.stderr


def test_monitor_shows_again_and_again(router):
    router.up(lab.config())
    out = router.cli("monitor interval 1 count 3 show asp")
    assert len(re.findall(r"show asp, every 1 s", out)) == 3
    assert out.count("3/1   ase   security") == 3
    out = router.cli("monitor interval 1 count 2 show asp | include 3/2")
    assert len(out.splitlines()) == 2
    done = router.sesim("cli", "r", "-c", "monitor count 2 show nothing")
    assert done.returncode == 1
    assert (done.stdout + done.stderr).count("Invalid input") == 1


def test_rates_are_those_of_the_last_interval(router, wires):  # noqa: F811
    """Frames of 1000 octets come until a whole interval was full of them."""
    a, b = up(router, wires)
    host = Station(a, "02:00:00:00:00:0a", "10.1.0.5", "::", "10.1.0.1", "::")
    mac = gate_of(host)
    frame = bytes(Ether(src=host.mac, dst=mac) / IP(src=host.ip, dst="203.0.113.9")
                  / UDP() / Raw(bytes(958)))
    assert len(frame) == 1000

    def rates():
        for _ in range(20):
            a.conn.send(frame)
        p = router.show("port counters 1/1")
        p = p["ports"][0] | {"interval_ms": p["interval_ms"]}
        return p if p["rx_packets_per_s"] > 0 else None

    p = lab.until(rates)
    assert p["interval_ms"] >= 5000
    # The question for the gate's address is among the packets, and shorter.
    assert 7900 * p["rx_packets_per_s"] <= p["rx_bits_per_s"] <= \
        8000 * (p["rx_packets_per_s"] + 1)
    assert p["tx_packets_per_s"] <= 1
    text = router.cli("show port counters")
    assert re.search(r"Rates are those of the last \d+\.\d seconds\.", text)


def test_what_was_accepted_is_refused_by_the_next_asp(router, wires):  # noqa: F811
    """RFC 4303 section 3.4.3, over the death of an ASP and its seat's move."""
    lan, wan = up(router, wires, lab.config())
    peer = Station(wan, "02:00:00:00:00:0b", "192.0.2.2", "::", "192.0.2.1", "::")
    host = Station(lan, "02:00:00:00:00:0a", "10.1.0.5", "::", "10.1.0.1", "::")
    gate = gate_of(peer)
    sa = lab.sa(spi=0x2001, src="192.0.2.2", dst="192.0.2.1")

    def sealed(seq):
        inner = IP(src="10.2.0.7", dst=host.ip, ttl=9) / UDPX / Raw(b"%d" % seq)
        return Ether(src=peer.mac, dst=gate) / sa.encrypt(inner, seq_num=seq)

    sent = {seq: sealed(seq) for seq in range(1, 12)}
    for seq in range(1, 9):
        wan.send(sent[seq])
        assert host.receive()[Raw].load == b"%d" % seq
    for asp, other in (("3/1", "3/2"), ("3/2", "3/1")):
        kill(router, asp)
        lab.until(lambda: roles(router)[other][:2] == ("active", "ready") and
                  roles(router)[asp][:2] == ("spare", "ready"))
        for seq in (1, 5, 8):
            wan.send(sent[seq])
        new = 9 if asp == "3/1" else 10
        wan.send(sent[new])
        assert host.receive()[Raw].load == b"%d" % new
    sas = {s["direction"]: s for s in router.show("ipsec sa")["sas"]}
    assert sas["in"]["replay_drops"] == 6 and sas["in"]["packets"] == 10
    assert lab.balanced(router.show("counters"))


def said(router, mnemonic):
    return [e["text"] for e in router.show("log")["events"]
            if e["severity"] == 7 and e["mnemonic"] == mnemonic]


def test_debugging_says_what_was_asked_for(router):
    router.up(lab.config())
    assert "No debugging is on." in router.cli("show debugging")
    router.cli("ping 10.1.0.1 count 1", "debug ip packet", "ping 10.1.0.1 count 1 size 100")
    packets = said(router, "PACKET")
    # The request, and the answer: both are for an own address.
    assert [p.split(":")[0] for p in packets] == ["icmp-echo", "icmp"], packets
    assert "10.1.0.1 > 10.1.0.1 protocol 1 octets 100" in packets[0]
    assert "debug ip packet" in router.cli("show debugging")
    router.cli("no debug all", "ping 10.1.0.1 count 1")
    assert len(said(router, "PACKET")) == 2
    assert not any(t["on"] for t in router.show("debugging")["debugging"])


def test_debugging_counts_what_sas_seal(router):
    router.up(lab.config())
    router.cli("debug ipsec packet", "ping 10.2.0.9 count 3 timeout 100")
    wait = lab.until(lambda: said(router, "PACKET"))
    assert wait[0].startswith("tunnel branch: 3 packets, "), wait
    assert wait[0].endswith("sealed with SPI 0x00001001")


def test_a_card_and_a_transceiver_are_shown_by_their_place(router):
    router.up(lab.config())
    assert [c["slot"] for c in router.show("card 3")["cards"]] == [3]
    text = router.cli("show port transceiver 1/1")
    assert "Port                  : 1/1 (SFP 1000Base-LX)" in text
    assert all(p["simulated"] for p in router.show("port transceiver")["ports"])


def test_debugging_follows_sas_from_asp_to_asp(router):
    router.up(lab.config())
    router.cli("debug ipsec sa", "debug asp", "asp shutdown 3/1")
    assert sorted(said(router, "SA")) == [
        "3/asp2 gets SA in, in, SPI 0x00002001, generation 2",
        "3/asp2 gets SA out, out, SPI 0x00001001, generation 2"]
    router.cli("no asp shutdown 3/1", "undebug asp")
    assert said(router, "EVENT") == ["3/asp1 has its tables, generation 2"]
    router.cli("configure", "tunnel ipsec branch manual", "shutdown", "end")
    assert {x.split(",")[0] for x in said(router, "SA")[2:]} == \
        {"3/asp2 loses SA in", "3/asp2 loses SA out"}
    # Never a key.
    log = json.dumps(router.show("log"))
    assert lab.CBC_KEY.hex() not in log and lab.SHA1_KEY.hex() not in log


def test_debugging_is_held_to_its_rate(router):
    router.up(lab.config())
    router.cli("debug ip packet", "ping 10.1.0.1 count 400 interval 0")
    lines = len(said(router, "PACKET"))
    unsaid = {t["topic"]: t["unsaid"] for t in router.show("debugging")["debugging"]}
    assert 100 <= lines < 800 and unsaid["ip packet"] > 0


def test_debugging_tells_what_is_dropped(router, wires):  # noqa: F811
    a, _ = up(router, wires)
    host = Station(a, "02:00:00:00:00:0a", "10.1.0.5", "::", "10.1.0.1", "::")
    mac = gate_of(host)
    router.cli("debug ip drop")
    a.send(Ether(src=host.mac, dst=mac) / IP(src=host.ip, dst="203.0.113.9", ttl=9)
           / UDPX / Raw(b"secret"))
    assert host.receive()[IP].proto == 1  # destination unreachable
    assert said(router, "DROP") == [
        "no-route: 10.1.0.5 > 203.0.113.9 protocol 17 octets 34 ttl 9 from"
        " ethernet 1/1"]
