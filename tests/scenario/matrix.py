"""Every pair of algorithms against scapy: what the tests of the matrix share.

scapy's own algorithms judge where it has them; the others (GCM and CCM with short
ICVs, GMAC, SM4, SM3, XCBC) are made of its classes and of pyca/cryptography. One
router has a tunnel for every pair, so a pass is two captures each way. A share of
the packets goes through scapy's SecurityAssociation as a whole; all of them go
through its algorithms, around which the packet is taken apart here, for that is
twenty times as fast."""

import functools
import ipaddress
import random
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from scapy.all import ESP, IP, IPv6, SecurityAssociation
from scapy.layers import ipsec

ENDS = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}
NEXT_HEADER = {4: 4, 6: 41}
HEADER = {4: IP, 6: IPv6}
WHOLE = 25  # one packet of so many goes through scapy as a whole


class Xcbc:
    """RFC 3566 as a MAC of scapy's kind."""

    def __init__(self, key, digestmod, backend=None):
        enc = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        self.k1, self.k2, self.k3 = (enc.update(bytes([i]) * 16) for i in (1, 2, 3))
        self.data = b""

    def update(self, data):
        self.data += data

    def finalize(self):
        cut = max(len(self.data) - 1, 0) // 16 * 16
        last, key = self.data[cut:], self.k2
        if len(last) < 16:
            last, key = (last + b"\x80").ljust(16, b"\0"), self.k3
        last = bytes(a ^ b for a, b in zip(last, key))
        cbc = Cipher(algorithms.AES(self.k1), modes.CBC(bytes(16))).encryptor()
        return cbc.update(self.data[:cut] + last)[-16:]


def salted(sa, iv, **_):
    return sa.crypt_salt + iv


def more_algorithms():
    gcm = {t: ipsec.CryptAlgo(f"GCM-{t}", cipher=algorithms.AES, mode=modes.GCM,
                              block_size=1, iv_size=8, icv_size=t, salt_size=4,
                              format_mode_iv=salted) for t in (8, 12)}
    for t, algo in gcm.items():
        # cryptography refuses tags below 16 unless told that they are meant
        algo.mode = functools.partial(modes.GCM, min_tag_length=t)
        algo.key_size = (16, 24, 32)
    for algo in list(gcm.values()) + [
            *(ipsec.CryptAlgo(f"CCM-{t}", cipher=AESCCM, mode=None, block_size=1,
                              iv_size=8, icv_size=t, salt_size=3,
                              key_size=(16, 24, 32), format_mode_iv=salted)
              for t in (8, 12)),
            ipsec.CryptAlgo("SM4-CBC", cipher=algorithms.SM4, mode=modes.CBC)]:
        ipsec.CRYPT_ALGOS[algo.name] = algo
    for algo in [ipsec.AuthAlgo("SHA2-256-96", HMAC, hashes.SHA256, 12),
                 ipsec.AuthAlgo("XCBC", Xcbc, None, 12, (16,)),
                 *(ipsec.AuthAlgo(f"SM3-{n}", HMAC, hashes.SM3, n // 8)
                   for n in (96, 128, 160, 192, 224, 256))]:
        ipsec.AUTH_ALGOS[algo.name] = algo
    ipsec.AUTH_ALGOS["XCBC"].new_mac = lambda key: Xcbc(key, None)


more_algorithms()

AES = (128, 192, 256)
# name: scapy's name, octets of key and salt
ENCRYPTION = {
    "null": ("NULL", 0),
    **{f"aes-{n}-cbc": ("AES-CBC", n // 8) for n in AES},
    **{f"aes-{n}-ctr": ("AES-CTR", n // 8 + 4) for n in AES},
    "3des-cbc": ("3DES", 24), "des-cbc": ("DES", 8), "sm4-cbc": ("SM4-CBC", 16)}
AEAD = {
    **{f"aes-{n}-gcm": ("AES-GCM", n // 8 + 4) for n in AES},
    **{f"aes-{n}-gcm-{t}": (f"GCM-{t}", n // 8 + 4) for n in AES for t in (8, 12)},
    **{f"aes-{n}-ccm": ("AES-CCM", n // 8 + 3) for n in AES},
    **{f"aes-{n}-ccm-{t}": (f"CCM-{t}", n // 8 + 3) for n in AES for t in (8, 12)},
    **{f"aes-{n}-gmac": ("GMAC", n // 8 + 4) for n in AES},
    "chacha20-poly1305": ("CHACHA20-POLY1305", 36)}
AUTHENTICATION = {
    "none": ("NULL", 0), "hmac-md5-96": ("HMAC-MD5-96", 16),
    "hmac-sha1-96": ("HMAC-SHA1-96", 20), "hmac-sha-256-96": ("SHA2-256-96", 32),
    "hmac-sha-256-128": ("SHA2-256-128", 32),
    "hmac-sha-384-192": ("SHA2-384-192", 48),
    "hmac-sha-512-256": ("SHA2-512-256", 64), "aes-cmac-96": ("AES-CMAC-96", 16),
    "aes-xcbc-96": ("XCBC", 16),
    **{f"hmac-sm3-{n}": (f"SM3-{n}", 32) for n in (96, 128, 160, 192, 224)},
    "hmac-sm3": ("SM3-256", 32)}


def pairs():
    """What may stand together (RFC 4303 section 3.2, RFC 3686 section 7)."""
    for enc in ENCRYPTION:
        for auth in AUTHENTICATION:
            if auth != "none" or enc.endswith("cbc"):
                yield enc, auth
    yield from ((enc, "none") for enc in AEAD)


def scapy_sa(enc, key, auth, auth_key, spi, src, dst):
    """An SA as scapy has it; not for GMAC."""
    head = IPv6 if ":" in src else IP
    return SecurityAssociation(
        ESP, spi=spi, crypt_algo={**ENCRYPTION, **AEAD}[enc][0],
        crypt_key=key or None, auth_algo=AUTHENTICATION[auth][0],
        auth_key=auth_key or None, tunnel_header=head(src=src, dst=dst))


class Tunnel:
    """One pair: its lines for sesim, and its other end as scapy sees it."""

    def __init__(self, number, enc, auth, rnd, outer, inner):
        self.number, self.enc, self.auth = number, enc, auth
        self.spi_out, self.spi_in = 0x10000 + number, 0x20000 + number
        self.gmac = enc.endswith("gmac")
        # Its GCM of the old kind refuses short tags; GMAC it has not.
        self.scapy_lacks = self.gmac or "gcm-" in enc
        self.key = rnd.randbytes({**ENCRYPTION, **AEAD}[enc][1])
        self.auth_key = rnd.randbytes(AUTHENTICATION[auth][1])
        ends = ENDS[outer]
        self.outer, self.inner = outer, inner
        self.sa = {spi: scapy_sa("null" if self.gmac else enc,
                                 b"" if self.gmac else self.key, auth,
                                 self.auth_key, spi, *end)
                   for spi, end in ((self.spi_out, ends), (self.spi_in, ends[::-1]))}
        a, b = 64 + number // 256, number % 256
        self.net = f"10.{a}.{b}" if inner == 4 else f"2001:db8:{a:x}:{b:x}"

    def host(self):
        return f"{self.net}.7" if self.inner == 4 else f"{self.net}::7"

    def line(self):
        text = f"encryption {self.enc}"
        if self.key:
            text += f" key hex {self.key.hex()}"
        if self.auth != "none":
            text += f" authentication {self.auth} key hex {self.auth_key.hex()}"
        return text

    def align(self):
        block = {"AES-CBC": 16, "SM4-CBC": 16, "3DES": 8, "DES": 8}
        return block.get({**ENCRYPTION, **AEAD}[self.enc][0], 4)

    def open(self, spi, esp):
        """The inner packet of an ESP packet, every octet of it looked at."""
        sa = self.sa[spi]
        if self.gmac:
            iv, body, icv = esp[8:16], esp[16:-16], esp[-16:]
            AESGCM(self.key[:-4]).decrypt(self.key[-4:] + iv, icv, esp[:16] + body)
        else:
            if sa.auth_algo.icv_size:
                n = sa.auth_algo.icv_size
                mac = sa.auth_algo.new_mac(self.auth_key)
                mac.update(esp[:-n])
                assert mac.finalize()[:n] == esp[-n:], (self.enc, self.auth)
                esp = esp[:-n]
            body = self.crypt(sa, esp[:8], esp[8:], False)
        pad = body[-2]
        assert body[-1] == NEXT_HEADER[self.inner]
        assert body[-2 - pad:-2] == bytes(range(1, pad + 1)) and pad < self.align()
        return body[:-2 - pad]

    def crypt(self, sa, head, data, seal):
        """data: IV and text, and the ICV of an AEAD. Without its IV it returns."""
        algo = sa.crypt_algo
        iv, data = data[:algo.iv_size], data[algo.iv_size:]
        if not algo.cipher:
            return data
        nonce = algo._format_mode_iv(algo=algo, sa=sa, iv=iv)
        if algo.ciphers_aead_api:
            c = (algo.cipher(sa.crypt_key, tag_length=algo.icv_size)
                 if algo.cipher == AESCCM else algo.cipher(sa.crypt_key))
            return (c.encrypt if seal else c.decrypt)(nonce, data, head)
        if algo.icv_size and seal:
            c = Cipher(algo.cipher(sa.crypt_key), modes.GCM(nonce)).encryptor()
            c.authenticate_additional_data(head)
            return c.update(data) + c.finalize() + c.tag[:algo.icv_size]
        if algo.icv_size:
            tag, data = data[-algo.icv_size:], data[:-algo.icv_size]
            c = algo.new_cipher_of(sa.crypt_key, nonce, tag)
            c.authenticate_additional_data(head)
            return c.update(data) + c.finalize()
        c = algo.new_cipher(sa.crypt_key, nonce)
        c = c.encryptor() if seal else c.decryptor()
        return c.update(data) + c.finalize()

    def seal(self, spi, seq, clear, rnd):
        """ESP as a peer seals it."""
        sa = self.sa[spi]
        head = struct.pack("!II", spi, seq)
        pad = -(len(clear) + 2) % self.align()
        text = clear + bytes(range(1, pad + 1)) + bytes([pad, NEXT_HEADER[self.inner]])
        if self.gmac:
            iv = rnd.randbytes(8)
            return head + iv + text + AESGCM(self.key[:-4]).encrypt(
                self.key[-4:] + iv, b"", head + iv + text)
        iv = rnd.randbytes(sa.crypt_algo.iv_size)
        esp = head + iv + self.crypt(sa, head, iv + text, True)
        if sa.auth_algo.icv_size:
            mac = sa.auth_algo.new_mac(self.auth_key)
            mac.update(esp)
            esp += mac.finalize()[:sa.auth_algo.icv_size]
        return esp


def gcm_opener(tag_octets):
    def new(key, nonce, tag):
        return Cipher(algorithms.AES(key),
                      modes.GCM(nonce, tag, min_tag_length=tag_octets)).decryptor()
    return new


for t in (8, 12):
    ipsec.CRYPT_ALGOS[f"GCM-{t}"].new_cipher_of = gcm_opener(t)


def config(tunnels, mode):
    """A router with all of them."""
    outer, inner = tunnels[0].outer, tunnels[0].inner
    lan = {4: "ip address 10.1.0.1/16", 6: "ipv6 address 2001:db8:a::1/64"}[inner]
    wan = {4: "ip address 192.0.2.1/24", 6: "ipv6 address 2001:db8::1/64"}[outer]
    local, remote = ENDS[outer]
    out = ["context local", " interface lan", f"  {lan}", " interface wan", f"  {wan}"]
    for t in tunnels:
        base = ipaddress.ip_address("172.16.0.0") + 4 * t.number + 1
        out += [f" interface vpn{t.number}",
                f"  ip address {base}/30" if inner == 4 else
                f"  ipv6 address 2001:db8:ffff:{t.number:x}::1/64",
                f" ip route {t.net}.0/24 vpn{t.number}" if inner == 4 else
                f" ipv6 route {t.net}::/64 vpn{t.number}",
                f" ipsec sa out{t.number}", f"  esp spi {t.spi_out} {t.line()}",
                f" ipsec sa in{t.number}", f"  esp spi {t.spi_in} {t.line()}"]
    out += [" security asp-group grp", "card ge-10-port 1", "card ge-10-port 2",
            "card ase 3"]
    for port, name in (("1/1", "lan"), ("2/1", "wan")):
        out += [f"port ethernet {port}", " no shutdown", " mtu 9216",
                f" bind interface {name} local"]
    out += ["asp pool pool service security", " asp 3/1", " asp 3/2",
            "asp group grp", " pool pool", " asp-count 2"]
    for t in tunnels:
        out += [f"tunnel ipsec t{t.number} manual", " asp-group grp", f" mode {mode}",
                f" peer-end-point local {local} remote {remote} context local",
                f" ipsec-sa out out{t.number}", f" ipsec-sa in in{t.number}",
                " ip mtu 9100", f" bind interface vpn{t.number} local",
                " no shutdown"]
    return "\n".join(out) + "\nend\n"


# --- packets and captures, as octets --------------------------------------------

def cksum(head):
    total = sum(struct.unpack(f"!{len(head) // 2}H", head))
    total = (total & 0xffff) + (total >> 16)
    return ~((total & 0xffff) + (total >> 16)) & 0xffff


def ipv4(src, dst, proto, payload, ttl, ident, tos=0):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, tos, 20 + len(payload), ident, 0, ttl,
                       proto, 0, src, dst)
    return head[:10] + struct.pack("!H", cksum(head)) + head[12:] + payload


def ipv6(src, dst, proto, payload, hops):
    return struct.pack("!IHBB16s16s", 6 << 28, len(payload), proto, hops, src,
                       dst) + payload


def packet(family, src, dst, proto, payload, ttl, ident=0):
    src, dst = ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed
    if family == 4:
        return ipv4(src, dst, proto, payload, ttl, ident)
    return ipv6(src, dst, proto, payload, ttl)


def inner(rnd, family, src, dst, i):
    """Sizes from 20 (IPv6: 40) to 9,000 octets, small ones as often as large."""
    least = 20 if family == 4 else 40
    size = round(least * (9000 / least) ** rnd.random())
    return packet(family, src, dst, 253, rnd.randbytes(size - least),
                  rnd.randint(3, 255), i & 0xffff)


def lowered(raw):
    if raw[0] >> 4 == 6:
        return raw[:7] + bytes([raw[7] - 1]) + raw[8:]
    head = raw[:8] + bytes([raw[8] - 1]) + raw[9:10] + b"\0\0" + raw[12:20]
    return head[:10] + struct.pack("!H", cksum(head)) + head[12:] + raw[20:]


def frame(raw):
    kind = b"\x08\x00" if raw[0] >> 4 == 4 else b"\x86\xdd"
    return b"\x02\0\0\0\0\x01\x02\0\0\0\0\x05" + kind + raw


def write(path, packets):
    """A pcap of IP packets in Ethernet, a millisecond apart."""
    with open(path, "wb") as f:
        f.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i, raw in enumerate(packets):
            data = frame(raw)
            f.write(struct.pack("=IIII", 1700000000 + i // 1000, i % 1000 * 1000,
                                len(data), len(data)) + data)
    return path


def read(path):
    """The IP packets of a capture as sesim writes it, without link padding."""
    data = open(path, "rb").read()
    at = 24
    while at < len(data):
        n = struct.unpack_from("=I", data, at + 8)[0]
        raw = data[at + 30:at + 16 + n]
        total = (struct.unpack_from("!H", raw, 2)[0] if raw[0] >> 4 == 4
                 else 40 + struct.unpack_from("!H", raw, 4)[0])
        yield raw[:total]
        at += 16 + n


def tunnels_of(seed, outer, inner):
    rnd = random.Random(seed)
    return [Tunnel(i, enc, auth, rnd, outer, inner)
            for i, (enc, auth) in enumerate(pairs())]
