"""ESP that other implementations sealed, with the keys given: strongSwan's captures
and tcpdump's, opened on each engine and compared with what scapy makes of them.

strongSwan was made to encapsulate in UDP (RFC 3948): its captures go in as they are,
and once more with the UDP header taken off, which tries the algorithms alone."""

import ipaddress
import json

import pytest
from scapy.all import ICMP, IP, UDP, PcapReader

import lab
import matrix

ENC = {"aes128": "aes-128-cbc", "aes192": "aes-192-cbc", "aes256": "aes-256-cbc",
       "3des": "3des-cbc", "des": "des-cbc", "null": "null",
       "aes128ccm12": "aes-128-ccm-12"}
AUTH = {"md5": "hmac-md5-96", "sha1": "hmac-sha1-96", "sha256": "hmac-sha-256-128",
        "sha384": "hmac-sha-384-192", "sha512": "hmac-sha-512-256"}
NAMES = """v1aggr-3des-sha1-modp1536-esp-aes128-sha1
v1main-aes128-sha1-modp1024-esp-3des-md5
v1main-aes128-sha256-modp2048-esp-aes128-sha256-pfs5
v1main-des-md5-modp768-esp-null-sha1
v1main-rsa-aes128-sha1-modp1024-esp-aes128-sha1
v2psk-3des-md5-modp768-esp-des-sha1
v2psk-3des-sha1-modp1536-esp-3des-sha1
v2psk-aes128-sha1-modp1024-esp-aes128-sha1
v2psk-aes128-sha256-modp2048-esp-null-sha256
v2psk-aes128ccm16-prfsha1-modp2048-esp-aes128ccm12
v2psk-aes192-sha384-modp3072-esp-aes192-sha1
v2psk-aes256-sha512-ecp521-esp-aes256-sha512
v2psk-aes256gcm16-prfsha384-ecp384-esp-aes256-sha384
v2rsa-3des-sha1-modp1024-esp-aes256-sha1
v2rsa-aes128-sha256-modp2048-esp-aes128-sha256
v6-v1main-aes128-sha1-modp1024-esp-aes128-sha1
v6-v2psk-aes256-sha256-modp2048-esp-aes256-sha256""".split()
OUTER = [ipaddress.ip_address(a).packed for a in
         ("192.0.2.1", "192.0.2.2", "2001:db8:1::1", "2001:db8:1::2")]
# The payloads of the pings, there and back; the longest went in two fragments of
# IPv6, the first of 1,400 octets.
PINGS = {4: [0, 1, 2, 7, 8, 14, 15, 16, 56, 100, 1000, 1372],
         6: [0, 1, 2, 7, 8, 14, 15, 16, 56, 100, 1000, 1352, 28]}
# The keys of FreeS/WAN's own tests, whose HMACs hold; tcpdump knows no other.
SUNRISE = [
    ("02-sunrise-sunset-esp", 0x12345678, "3des-cbc", "hmac-md5-96",
     "4043434545464649494a4a4c4c4f4f515152525454575758", "8765" * 8),
    ("08-sunrise-sunset-aes", 0xd1234567, "aes-256-cbc", "hmac-sha1-96",
     "aaaabbbbccccdddd4043434545464649494a4a4c4c4f4f515152525454575758", "8765" * 10),
]


class Sa:
    """One direction of what was captured."""

    def __init__(self, src, dst, spi, enc, key, auth, auth_key):
        self.src, self.dst, self.spi = src, dst, spi
        self.family = 6 if ":" in dst else 4
        self.line = f"encryption {enc}" + (f" key hex {key}" if key else "")
        if auth != "none":
            self.line += f" authentication {auth} key hex {auth_key}"
        self.judge = matrix.scapy_sa(enc, bytes.fromhex(key), auth,
                                     bytes.fromhex(auth_key), spi, src, dst)

    def config(self, mode, more=""):
        """The router this was sent to; all that it opens leaves by 1/1."""
        v4 = self.family == 4
        near = f"ip address {self.dst}/24" if v4 else f"ipv6 address {self.dst}/64"
        return f"""context local
 interface lan
  ip address 10.99.0.1/24
  ipv6 address 2001:db8:99::1/64
 interface wan
  {near}
 interface vpn
  ip address 10.98.0.1/30
  ipv6 address 2001:db8:98::1/64
 ip route 0.0.0.0/0 10.99.0.2
 ipv6 route ::/0 2001:db8:99::2
 ipsec sa in
  esp spi {self.spi} {self.line}
 ipsec sa out
  esp spi {self.spi ^ 1} {self.line}
 security asp-group grp
card ge-10-port 1
card ge-10-port 2
card ase 3
port ethernet 1/1
 no shutdown
 bind interface lan local
port ethernet 2/1
 no shutdown
 bind interface wan local
asp pool pool service security
 asp 3/1
asp group grp
 pool pool
tunnel ipsec peer manual
 asp-group grp
 mode {mode}
 peer-end-point local {self.dst} remote {self.src} context local
 ipsec-sa out out
 ipsec-sa in in
 ip mtu 9000
{more} bind interface vpn local
 no shutdown
end
"""


def esp_of(path, sa):
    """The ESP packets of an SA, each in an IP packet of its own."""
    out = []
    for p in PcapReader(str(path)):
        raw = bytes(p.payload)
        head = 20 if raw[0] >> 4 == 4 else 40
        proto = raw[9] if head == 20 else raw[6]
        esp = raw[head + 8:] if proto == 17 else raw[head:]
        if proto in (17, 50) and esp[:4] == sa.spi.to_bytes(4, "big"):
            out.append(matrix.packet(sa.family, sa.src, sa.dst, 50, esp, 64))
    return out


def opened(router, sa, sealed, engine, mode="circuit-based"):
    source = matrix.write(router.path / "esp.pcap", sealed)
    result, _ = router.replay(sa.config(mode), "--in", f"2/1={source}", "--out",
                              "1/1=clear.pcap", "--engine", engine)
    assert lab.balanced(result)
    return result, list(matrix.read(router.path / "clear.pcap"))


def multicast(raw):
    return raw[24] == 0xff if raw[0] >> 4 == 6 else raw[16] >> 4 == 14


def sas_of(folder, name):
    """Both directions of what strongSwan negotiated."""
    about = json.loads((folder / f"{name}.json").read_text())
    parts = about["esp"].split("-")
    enc, auth = ENC[parts[0]], AUTH.get(parts[1]) if len(parts) > 1 else None
    for row in about["esp_sa"]:
        _, src, dst, spi, _, key, _, auth_key = (f.strip('"') for f in row.split(","))
        yield Sa(src, dst, int(spi, 16), enc, key[2:], auth or "none", auth_key[2:])


def inner(raw):
    """Not one of the other direction, which is routed through."""
    return raw[12:16] not in OUTER and raw[8:24] not in OUTER


@pytest.mark.parametrize("engine", ["openssl", "auto"])
@pytest.mark.parametrize("name", NAMES)
def test_what_strongswan_seals_is_opened(router, vectors, name, engine):
    folder = vectors / "peer-captures"
    sizes = []
    for sa in sas_of(folder, name):
        sealed = esp_of(folder / f"{name}.pcap", sa)
        assert len(sealed) >= 12
        want = [bytes(sa.judge.decrypt(matrix.HEADER[sa.family](raw)))
                for raw in sealed]
        want = [raw for raw in want if not multicast(raw)]
        _, clear = opened(router, sa, sealed, engine)
        assert clear == [matrix.lowered(raw) for raw in want]
        head = 28 if sa.family == 4 else 48
        sizes.append([len(raw) - head for raw in clear])
    assert sizes == [PINGS[sa.family]] * 2


@pytest.mark.parametrize("mode", ["circuit-based", "economical"])
@pytest.mark.parametrize("name", NAMES)
def test_strongswans_capture_is_opened_as_it_is(router, vectors, name, mode):
    folder = vectors / "peer-captures"
    for sa in sas_of(folder, name):
        want = [bytes(sa.judge.decrypt(matrix.HEADER[sa.family](raw)))
                for raw in esp_of(folder / f"{name}.pcap", sa)]
        want = [raw for raw in want if not multicast(raw)]
        result, _ = router.replay(
            sa.config(mode, " nat-traversal udp-encapsulation\n"), "--in",
            f"2/1={folder / f'{name}.pcap'}", "--out", "1/1=clear.pcap")
        assert lab.balanced(result)
        clear = [raw for raw in matrix.read(router.path / "clear.pcap")
                 if inner(raw)]
        assert clear == [matrix.lowered(raw) for raw in want]


@pytest.mark.parametrize("engine", ["openssl", "auto"])
@pytest.mark.parametrize("mode", ["circuit-based", "economical"])
@pytest.mark.parametrize("sunrise", SUNRISE, ids=lambda s: s[0])
def test_what_freeswan_sealed_is_opened(router, vectors, sunrise, mode, engine):
    name, spi, enc, auth, key, auth_key = sunrise
    sa = Sa("192.1.2.23", "192.1.2.45", spi, enc, key, auth, auth_key)
    sealed = esp_of(vectors / "ipsec" / f"tcpdump__{name}.pcap", sa)
    result, clear = opened(router, sa, sealed, engine, mode)
    assert result["transmitted"] == len(sealed) == 8
    for i, raw in enumerate(clear):  # as tcpdump's own output says
        p = IP(raw)
        assert (p.src, p.dst, p[ICMP].type) == ("192.0.2.1", "192.0.1.1", 8)
        assert (p[ICMP].id, p[ICMP].seq, len(p[ICMP])) == (28416, 1280 + 256 * i, 64)
        assert raw == matrix.lowered(
            bytes(sa.judge.decrypt(IP(sealed[i]))))


def test_without_an_icv_the_checksum_of_udp_must_hold(router):
    sa = Sa("192.0.2.2", "192.0.2.1", 0x3001, "aes-128-cbc", "11" * 16, "none", "")
    clear = matrix.packet(4, "10.2.0.1", "10.1.0.1", 253, bytes(40), 64)
    esp = bytes(sa.judge.encrypt(IP(clear)).payload)
    sent = [bytes(IP(src=sa.src, dst=sa.dst) / UDP(sport=4500, dport=4500, **sum_)
                  / esp) for sum_ in ({}, {"chksum": 0}, {"chksum": 1})]
    result, _ = router.replay(
        sa.config("circuit-based", " nat-traversal udp-encapsulation\n").replace(
            " ipsec sa in\n", " ipsec sa in\n  anti-replay-window off\n"),
        "--in", f"2/1={matrix.write(router.path / 'in.pcap', sent)}")
    assert result["transmitted"] == 2 and result["dropped"] == {"bad-checksum": 1}
