"""The journey of one packet: what each stage found, what it changed, and, where
a packet is dropped, the object of the configuration that caused it and the
commands that change it. Scapy says what the packet was; a second run with the
commands typed says whether they were the right ones."""

import json

import pytest
from scapy.all import IP, UDP, Dot1Q, Ether, Raw

import lab
from test_wires import gate_of, stations, up, wires  # noqa: F401: a fixture


def frame(dst="10.2.0.7", size=100, df=False, vlan=None, ttl=64, dport=53):
    ip = IP(src="10.1.0.5", dst=dst, ttl=ttl, flags="DF" if df else 0)
    link = Ether(src="02:00:00:00:00:05", dst="02:00:00:00:00:01")
    if vlan:
        link = link / Dot1Q(vlan=vlan)
    f = Ether(bytes(link / ip / UDP(sport=5000, dport=dport) / Raw(b"S" * (size - 28))))
    f.time = 1700000000
    return f


def journey(router, conf, f, *args):
    result, _ = router.replay(conf, "--in", f"1/1={router.capture('in.pcap', [f])}",
                              "--out", "2/1=out.pcap", "--trace", "1", *args)
    return result["journeys"][0]


def station(j, kind, nth=0):
    return [s for s in j["stations"] if s["kind"] == kind][nth]


def test_each_stage_says_what_it_found_and_changed(router):
    f = frame()
    j = journey(router, lab.config(), f)
    route = station(j, "route")
    assert route["found"] == {"context": "local", "circuit": "ipsec branch",
                              "looked_up": "10.2.0.7", "prefix": "10.2.0.0/16",
                              "route": "ip route 10.2.0.0/16 vpn"}
    assert "TTL 64 -> 63" in route["changes"]
    assert route["before"] == bytes(f)[:42].hex()
    after = IP(bytes(f)[14:])
    after.ttl, after.chksum = 63, None
    assert route["after"] == bytes(IP(bytes(after)))[:28].hex()
    seal = station(j, "seal")
    assert seal["found"]["ipsec_sa"] == "out" and seal["found"]["spi"] == "0x1001"
    assert seal["changes"][0] == "sealed: ESP SPI 0x1001 seq 1"
    out = lab.read(router.path / "out.pcap")[0]
    sent = station(j, "sent")
    assert sent["after"] == bytes(out)[:42].hex()
    assert sent["changes"] == [f"Ethernet header {out.src} > {out.dst} added"]
    text = json.dumps(j)
    assert b"SSSS".hex() not in text and bytes(out)[42:50].hex() not in text
    assert lab.CBC_KEY.hex() not in text


def test_pieces_are_children_of_their_packet(router):
    j = journey(router, lab.config(), frame(size=1480))
    assert station(j, "cut") and len(j["pieces"]) == 2
    for i, piece in enumerate(j["pieces"]):
        kinds = [s["kind"] for s in piece["stations"]]
        assert kinds[0] == "piece" and kinds[-1] == "sent" and "seal" in kinds
        assert f"sealed: ESP SPI 0x1001 seq {i + 1}" in station(piece, "seal")["changes"]
    assert any("fragment" in c for c in j["pieces"][0]["stations"][0]["changes"])


ACL = """ ip access-list web
  seq 10 permit udp any any eq 80
  seq 20 deny udp any any
"""
LAN_ACL = "interface lan\n  ip access-group web in\n"

DROPS = {  # name: (configuration, frame, reason, object, commands)
    "acl": (lab.config(extra_context=ACL).replace("interface lan\n", LAN_ACL, 1), frame(),
            "acl-denied",
            "ip access-list web seq 20 deny udp any any (in on port ethernet 1/1)",
            ["context local", "ip access-list web",
             "seq 19 permit ip host 10.1.0.5 host 10.2.0.7"]),
    "no-route": (lab.config(), frame(dst="203.0.113.9"), "no-route",
                 "context local: no ip route covers 203.0.113.9",
                 ["context local", "ip route 203.0.113.9/32 <next-hop>"]),
    "null0": (lab.config(extra_context=" ip route 10.9.0.0/16 null0\n"),
              frame(dst="10.9.1.1"), "null-route",
              "context local ip route 10.9.0.0/16 null0",
              ["context local", "no ip route 10.9.0.0/16 null0"]),
    "shutdown": (lab.config(extra=" shutdown\n"), frame(), "tunnel-down",
                 "tunnel ipsec branch shutdown", ["tunnel ipsec branch", "no shutdown"]),
    "vlan": (lab.config(), frame(vlan=100), "unknown-vlan",
             "port ethernet 1/1: no dot1q pvc 100",
             ["port ethernet 1/1", "encapsulation dot1q", "dot1q pvc 100",
              "bind interface <interface> <context>"]),
    "mtu": (lab.config(), frame(size=1480, df=True), "mtu-exceeded",
            "tunnel ipsec branch: mtu 1400, and the packet has 1480 octets and DF",
            ["tunnel ipsec branch", "ip mtu 1480", "df clear"]),
    "port": (lab.config(extra="port ethernet 2/1\n shutdown\n"),
             frame(dst="192.0.2.8"), "no-route",
             "port ethernet 2/1: shutdown, and interface wan has the network",
             ["port ethernet 2/1", "no shutdown"]),
}


@pytest.mark.parametrize("name", sorted(DROPS))
def test_a_drop_names_its_object_and_the_command(router, name):
    conf, f, reason, obj, commands = DROPS[name]
    j = journey(router, conf, f)
    drop = station(j, "drop")
    assert drop["reason"] == reason, j
    assert drop["cause"] == {"object": obj, "commands": commands}


@pytest.mark.parametrize("name", ["acl", "shutdown", "mtu", "port"])
def test_the_commands_of_a_drop_change_it(router, name):
    conf, f, _, _, commands = DROPS[name]
    typed = "\n".join(commands) + "\n"
    j = journey(router, conf.replace("end\n", typed + "end\n"), f)
    text = json.dumps(j)
    assert '"drop"' not in text and '"sent"' in text


def test_a_running_router_traces_what_is_asked_for(router, wires):  # noqa: F811
    a, b = up(router, wires)
    host, far = stations(a, b)
    mac = gate_of(host)
    gate_of(far)

    def send(dport):
        a.send(Ether(src=host.mac, dst=mac) / IP(src=host.ip, dst=far.ip)
               / UDP(sport=9, dport=dport) / Raw(b"x" * 30))
        got = far.receive()
        assert got[UDP].dport == dport

    send(1000)
    assert router.show("packet-trace")["journeys"] == []
    router.cli('trace packet count 2 filter "udp dst port 2000"')
    for dport in (1000, 2000, 1001, 2000, 2000):
        send(dport)
    shown = router.show("packet-trace")["journeys"]
    assert len(shown) == 2
    for j in shown:
        assert [s["stage"] for s in j["stations"]] == ["1/ippa", "1/ippa", "2/eppa"]
        assert "UDP 9 > 2000" in j["stations"][0]["headers"]
        assert j["stations"][-1]["found"]["neighbor"] == far.mac
    text = router.cli(f"show packet-trace {shown[0]['trace']} detail")
    assert "changed: Ethernet header taken off; TTL 64 -> 63" in text
    assert str(shown[1]["trace"]) not in text
    router.cli("clear packet-trace")
    assert router.show("packet-trace")["journeys"] == []
    router.cli("trace packet count 3 one-in 2 port 1/1")
    for dport in (1, 2, 3, 4):
        send(dport)
    assert ["> 1," in j["stations"][0]["headers"] or "> 3," in j["stations"][0]["headers"]
            for j in router.show("packet-trace")["journeys"]] == [True, True]
    router.cli("no trace packet")
    send(5)
    assert len(router.show("packet-trace")["journeys"]) == 2
    done = router.sesim("cli", "r", "-c", "trace packet filter no such thing")
    assert done.returncode != 0


def test_a_flood_of_journeys_endangers_no_traffic(router, wires):  # noqa: F811
    a, b = up(router, wires)
    host, far = stations(a, b)
    mac = gate_of(host)
    gate_of(far)
    router.cli("trace packet count 1000000")
    f = bytes(Ether(src=host.mac, dst=mac) / IP(src=host.ip, dst=far.ip)
              / UDP(sport=9, dport=9) / Raw(b"x" * 30))
    sent = 2000
    for i in range(sent):
        a.conn.send(f)
        if i % 50 == 49:  # the wire's own queue is short
            for _ in range(50):
                far.receive()
    shown = router.show("packet-trace")
    assert 0 < len(shown["journeys"]) <= 4096
    told = sum(len(j["stations"]) for j in shown["journeys"])
    assert shown["unsaid"] > 0 or told + 3 * shown["let_go"] >= 3 * sent
