"""Captures and configurations that the measurements use, made here: nothing is
recorded, nothing comes from elsewhere. One seed, so that every run has the same."""

import random
import struct

PCAP = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)
ETH = bytes.fromhex("020000000001" "020000000002" "0800")
IMIX = (64,) * 7 + (576,) * 4 + (1400,)
FRAMES = 4096  # different frames in a capture; they repeat
# Counting up from 0, as floor.c has them.
KEY20 = bytes(range(20)).hex()
KEY16 = bytes(range(16)).hex()
ALGORITHMS = {
    "gcm": (f"encryption aes-128-gcm key hex {KEY20}", "aes-128-gcm", "none"),
    "cbc": (f"encryption aes-128-cbc key hex {KEY16}"
            f" authentication hmac-sha1-96 key hex {KEY20}",
            "aes-128-cbc", "hmac-sha1-96"),
}


def checksum(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def frame(octets, source, destination, number):
    head = struct.pack(">BBHHHBBHII", 0x45, 0, octets, number & 0xFFFF, 0, 64, 17, 0,
                       source, destination)
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    udp = struct.pack(">HHHH", 4000, 4000, octets - 20, 0)
    return ETH + head + udp + bytes(octets - 28)


def address(text):
    return int.from_bytes(bytes(int(part) for part in text.split(".")), "big")


def dotted(number):
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def capture(paths, packets, lengths, destinations):
    """packets, dealt to the paths in turn, a microsecond apart; lengths are IPv4
    total lengths, destinations addresses, both used in turn."""
    source = address("10.1.1.1")
    count = max(FRAMES, len(destinations))
    frames = [frame(lengths[i % len(lengths)], source,
                    destinations[i % len(destinations)], i) for i in range(count)]
    heads = [struct.pack("<II", len(f), len(f)) + f for f in frames]
    files = [open(path, "wb", 1 << 20) for path in paths]
    for file in files:
        file.write(PCAP)
    time = struct.Struct("<II").pack
    writes = [file.write for file in files]
    for i in range(packets):
        writes[i % len(writes)](time(1700000000 + i // 1000000, i % 1000000 * 1000)
                                + heads[i % count])
    for file in files:
        file.close()


def ports(slots):
    lines = []
    for slot, port, name in slots:
        lines += [f"port ethernet {slot}/{port}", " no shutdown",
                  f" bind interface {name} local"]
    return lines


def asps(slot):
    return [f"card ase {slot}", "asp pool crypto service security", f" asp {slot}/1",
            f" asp {slot}/2", "asp group vpn-group", " pool crypto"]


def tunnel(name, mode, sides, sa_out, sa_in, interface):
    return [f"tunnel ipsec {name} manual", " asp-group vpn-group", f" mode {mode}",
            f" peer-end-point local {sides[0]} remote {sides[1]} context local",
            f" ipsec-sa out {sa_out}", f" ipsec-sa in {sa_in}",
            f" bind interface {interface} local", " no shutdown"]


def config_tunnels(algorithm, mode, count=1, ports_in=1, peer=False):
    """A router that sends everything for 10.2.0.0/16, or for the /24s of many
    tunnels, from the first cards to the last through tunnels. peer: the router at
    their other end, with the same ports."""
    words = ALGORITHMS[algorithm][0]
    sides = ("192.0.2.2", "192.0.2.1") if peer else ("192.0.2.1", "192.0.2.2")
    spis = (0x800001, 0x1001) if peer else (0x1001, 0x800001)
    lan, far = ("10.2.0.1/16", "10.1.0.0/16") if peer else ("10.1.0.1/16",
                                                              "10.2.0.0/16")
    cards = (ports_in + 9) // 10
    lines = ["system hostname bench", "context local", " interface wan",
             f"  ip address {sides[0]}/24", " interface lan", f"  ip address {lan}"]
    for i in range(1, ports_in):
        lines += [f" interface lan{i}", f"  ip address 10.1{i:02}.0.1/24"]
    for i in range(count):
        lines += [f" interface vpn{i}",
                  f"  ip address {dotted(address('172.16.0.1') + 4 * i)}/30"]
    routes = [far] if count == 1 else [f"{dotted(n)}/24" for n in networks(count)]
    lines += [f" ip route {route} vpn{i}" for i, route in enumerate(routes)]
    for i in range(count):
        lines += [f" ipsec sa out{i}", f"  esp spi {spis[0] + i:#x} {words}",
                  f" ipsec sa in{i}", f"  esp spi {spis[1] + i:#x} {words}"]
    lines += [" security asp-group vpn-group"]
    lines += [f"card ge-10-port {slot}" for slot in range(1, cards + 2)]
    lines += ports([(i // 10 + 1, i % 10 + 1, f"lan{i}" if i else "lan")
                    for i in range(ports_in)] + [(cards + 1, 1, "wan")])
    lines += asps(cards + 2)
    for i in range(count):
        lines += tunnel(f"t{i}", mode, sides, f"out{i}", f"in{i}", f"vpn{i}")
    return "\n".join(lines) + "\nend\n"


def networks(count):
    """Different /24s at random, none of them one of our own."""
    return [n << 8 for n in random.Random(count).sample(range(0x140000, 0x7E0000),
                                                        count)]


def config_routes(count):
    """Plain routing by count static routes."""
    lines = ["system hostname bench", "context local", " interface wan",
             "  ip address 192.0.2.1/24", " interface lan", "  ip address 10.1.0.1/16"]
    lines += [f" ip route {dotted(n)}/24 192.0.2.2" for n in networks(count)]
    lines += ["card ge-10-port 1", "card ge-10-port 2"]
    lines += ports([(1, 1, "lan"), (2, 1, "wan")])
    return "\n".join(lines) + "\nend\n"


def spread(count, most=200000):
    """Destinations at random over the networks of count tunnels or routes."""
    dice = random.Random(7)
    pool = networks(count)
    if count == 1:
        return [pool[0] + i for i in range(1, 255)]
    picks = pool if count <= most else dice.sample(pool, most)
    picks = picks * max(1, FRAMES // len(picks))
    dice.shuffle(picks)
    return [n + dice.randrange(1, 255) for n in picks]
